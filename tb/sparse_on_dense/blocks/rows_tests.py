"""lac_sod_rows: which weight of which row is written when, beat by beat."""

from __future__ import annotations

from cocotb.triggers import RisingEdge

from tb.array.blocks.schedule import lanes, packed, signed
from tb.common.bfm.block import Checker, Pins, bring_up, config, for_profiles, leaf_test, reset, rng
from tb.common.bfm.block_parts import EdgeMonitor

CONFIG = config()
ROWS, COLS = CONFIG.get("NumRows", 4), CONFIG.get("Cols", 16)
WIDTH, LANES = CONFIG.get("WgtWidth", 16), CONFIG.get("NumLanes", 1)
ROW_BITS, COL_BITS = max(1, (ROWS - 1).bit_length()), max(1, (COLS - 1).bit_length())
Beat = list[tuple[int, int, int]]  # (row, column, value) of the lanes in use


class RowsBench:
    """Drives beats; a write is (row enables, {column: value})."""

    def __init__(self, dut):
        self.dut, self.rng = dut, rng()
        inputs = ("clear_i", "in_valid_i", "in_keep_i", "in_value_i", "in_row_i", "in_col_i")
        self.pins = Pins(dut, dut.clk_i, *inputs, "in_ready_o")
        self.check = Checker("writes")
        self.monitor = EdgeMonitor(dut, ["row_o", "col_o"], self._sample, self.check)

    def _sample(self, seen: EdgeMonitor) -> None:
        if seen["row_o"]:
            values = lanes(int(str(self.dut.wgt_o.value), 2), WIDTH, COLS)
            written = {j: values[j] for j in range(COLS) if seen["col_o"] >> j & 1}
            seen.report((seen["row_o"], written))

    async def clear(self) -> None:
        """Zeros into all rows."""
        self.check.expect(((1 << ROWS) - 1, dict.fromkeys(range(COLS), 0)))
        await self.pins.pulse("clear_i")

    async def beat(self, beat: Beat) -> int:
        """One beat; returns its cycles."""
        rows = list(dict.fromkeys(row for row, _, _ in beat))
        for row in rows:
            self.check.expect((1 << row, {c: signed(v, WIDTH) for r, c, v in beat if r == row}))
        self.pins.drive(
            in_valid_i=1,
            in_keep_i=(1 << len(beat)) - 1,
            in_row_i=packed([row for row, _, _ in beat], ROW_BITS),
            in_col_i=packed([col for _, col, _ in beat], COL_BITS),
            in_value_i=packed([value for _, _, value in beat], WIDTH),
        )
        cycles = 0
        while True:
            await RisingEdge(self.dut.clk_i)
            cycles += 1
            if self.pins.read("in_ready_o")[0]:
                break
            assert cycles <= LANES, "the beat never leaves"
        self.pins.drive(in_valid_i=0)
        return cycles

    def any_beat(self) -> Beat:
        """A beat as decoders make them: places rise."""
        count = int(self.rng.integers(0, min(LANES, ROWS * COLS) + 1))
        first = int(self.rng.integers(0, ROWS * COLS - count + 1))
        spread = int(self.rng.integers(1, 4))
        places = sorted({min(first + spread * n, ROWS * COLS - 1) for n in range(count)})
        return [(*divmod(p, COLS), int(self.rng.integers(1, 1 << WIDTH))) for p in places]


@leaf_test
async def smoke(dut):
    """Goal: a clear and single non-zeros. Stimulus: the four corners. Check: every write."""
    await bring_up(dut)
    bench = RowsBench(dut)
    await bench.clear()
    for row in (0, ROWS - 1):
        for col in (0, COLS - 1):
            assert await bench.beat([(row, col, 5 + row + col)]) == 1
    await RisingEdge(dut.clk_i)
    bench.check.done()


@leaf_test
async def throughput(dut):
    """Goal: a cycle per row. Stimulus: beats without non-zeros, of one row, of as many rows as
    there are lanes. Check: 1 cycle, or as many as rows; every write, in the order of the rows."""
    await bring_up(dut)
    bench = RowsBench(dut)
    assert await bench.beat([]) == 1
    for rows in range(1, min(LANES, ROWS) + 1):
        beat = [(row, (3 * row) % COLS, 7) for row in range(rows)]
        assert await bench.beat(beat) == rows
        assert await bench.beat(beat) == rows
    await RisingEdge(dut.clk_i)
    bench.check.done()


@leaf_test
async def reset_mid(dut):
    """Goal: reset within a beat of several rows. Stimulus: after its first row. Check: the next
    beat begins with its first row."""
    await bring_up(dut)
    bench = RowsBench(dut)
    beat = [(row, 0, 3) for row in range(min(LANES, ROWS))]
    bench.pins.drive(
        in_valid_i=1,
        in_keep_i=(1 << len(beat)) - 1,
        in_row_i=packed([row for row, _, _ in beat], ROW_BITS),
        in_col_i=0,
        in_value_i=packed([3] * len(beat), WIDTH),
    )
    bench.check.expect((1, {0: 3}))
    await RisingEdge(dut.clk_i)
    bench.pins.drive(in_valid_i=0)
    await reset(dut)
    bench.check.forget()
    assert await bench.beat(beat) == len(beat)
    await RisingEdge(dut.clk_i)
    bench.check.done()


@for_profiles(globals(), ("none",))
async def random(dut, profile):
    """Goal: any beats. Stimulus: 200, some clears. Check: every write; cycles equal rows."""
    await bring_up(dut)
    bench = RowsBench(dut)
    for turn in range(200):
        if turn % 20 == 0:
            await bench.clear()
        beat = bench.any_beat()
        assert await bench.beat(beat) == max(1, len({row for row, _, _ in beat}))
    await RisingEdge(dut.clk_i)
    bench.check.done()
