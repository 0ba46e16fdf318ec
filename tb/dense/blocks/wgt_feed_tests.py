"""lac_dense_wgt_feed: which row comes when, with which weights."""

from __future__ import annotations

from cocotb.triggers import ClockCycles

from tb.array.blocks.schedule import TimeLine, extreme, lanes, packed
from tb.common.bfm.block import Checker, Pins, bring_up, config, for_profiles, leaf_test, reset, rng
from tb.common.bfm.block_parts import EdgeMonitor, clear_after_start, cycle

CONFIG = config()
ROWS, COLS = CONFIG.get("Rows", 16), CONFIG.get("Cols", 16)
WIDTH, DEPTH = CONFIG.get("WgtWidth", 16), CONFIG.get("WgtDepth", 8192)


class WgtFeedBench:
    """Takes tiles as soon as they are ready, or later, and knows when each row must come."""

    INPUTS = ("clr_i", "start_i", "wgt_base_i", "tiles_i", "tile_i")
    WRITE = ("wr_en_i", "wr_addr_i", "wr_data_i")

    def __init__(self, dut):
        self.dut, self.rng = dut, rng()
        self.pins = Pins(dut, dut.clk_i, *self.INPUTS, *self.WRITE)
        self.check = Checker("rows")
        self.zero, self.reads, self.levels = 0, 0, set()
        watched = ["we_o", "rd_en_o", "ready_o"]
        self.monitor = EdgeMonitor(dut, watched, self._sample, self.check)

    def _sample(self, seen: EdgeMonitor) -> None:
        self.reads += seen["rd_en_o"]
        if seen["ready_o"]:
            self.levels.add(cycle() - self.zero)
        if enables := seen["we_o"]:
            weights = lanes(int(str(self.dut.wgt_o.value), 2), WIDTH, COLS)
            seen.report((cycle() - self.zero, enables, weights))

    async def load(self) -> None:
        """Fill the buffer."""
        self.words = extreme(self.rng, (DEPTH, COLS), WIDTH)
        for address, word in enumerate(self.words):
            self.pins.drive(wr_addr_i=address, wr_data_i=packed(word, WIDTH))
            await self.pins.pulse("wr_en_i")

    async def run(self, tiles: int, base: int, waits: list[int]) -> None:
        """``waits``: cycles after which each tile is taken once it is ready."""
        # The truth: row 0 is read Cols after the tile before was taken, behind its last row.
        line, levels, taken = TimeLine(), set(), None
        line.add(0, "start_i", 1)
        read = 1
        for index in range(tiles):
            if taken is not None:
                read = max(taken + COLS, read + ROWS)
            for i in range(ROWS):
                word = self.words[base + index * ROWS + i].tolist()
                self.check.expect((read + 1 + i, 1 << i, word))
            taken = read + 1 + waits[index]
            line.add(taken, "tile_i", 1)
            levels |= set(range(read + 1, taken + 1))
        self.reads, self.levels = 0, set()
        self.pins.drive(wgt_base_i=base, tiles_i=tiles)
        self.zero = cycle() + 1
        await line.play(self.pins, ("start_i", "tile_i"), COLS + 2 * ROWS + 3)
        self.check.done()
        assert self.levels == levels, "ready_o at other times"
        assert self.reads == tiles * ROWS


@leaf_test
async def smoke(dut):
    """Goal: one tile. Stimulus: at base 0 and at the last that fits. Check: rows in order, the
    first written 2 cycles after start, ready with it."""
    await bring_up(dut)
    bench = WgtFeedBench(dut)
    await bench.load()
    for base in (0, DEPTH - ROWS):
        await bench.run(1, base, [0])


@leaf_test
async def throughput(dut):
    """Goal: weights never wait longer than they must. Stimulus: tiles taken in the cycle in which
    they are ready. Check: a tile every max(Rows, Cols + 1) cycles, each row in its cycle."""
    await bring_up(dut)
    bench = WgtFeedBench(dut)
    await bench.load()
    await bench.run(DEPTH // ROWS, 0, [0] * (DEPTH // ROWS))
    assert max(bench.levels) - min(bench.levels) == (DEPTH // ROWS - 1) * max(ROWS, COLS + 1)


@leaf_test
async def reset_mid(dut):
    """Goal: reset and clear while rows are read and while a tile waits. Stimulus: each at several
    times; a clear behind a tile that was taken, with the next start at once. Check: no row comes
    any more, not ready; the next run is exact."""
    await bring_up(dut)
    bench = WgtFeedBench(dut)
    await bench.load()
    for way in ("reset", "clear"):
        for wait in (1, 2, ROWS + 3):
            bench.pins.drive(wgt_base_i=0, tiles_i=2)
            for i in range(ROWS):
                bench.check.expect((2 + i, 1 << i, bench.words[i].tolist()))
            bench.zero = cycle() + 1
            await bench.pins.pulse("start_i")
            await ClockCycles(dut.clk_i, wait)
            await (reset(dut) if way == "reset" else bench.pins.pulse("clr_i"))
            await ClockCycles(dut.clk_i, 2)
            bench.check.forget()
            bench.levels.clear()
            await ClockCycles(dut.clk_i, COLS + ROWS + 3)
            assert not bench.levels
            await bench.run(2, 0, [0, 3])
    for wait in range(1, COLS):  # while the switch to a tile passes
        bench.pins.drive(wgt_base_i=0, tiles_i=1)
        for i in range(ROWS):
            bench.check.expect((2 + i, 1 << i, bench.words[i].tolist()))
        bench.zero = cycle() + 1
        await bench.pins.pulse("start_i")
        await ClockCycles(dut.clk_i, ROWS + 2)
        await bench.pins.pulse("tile_i")
        await ClockCycles(dut.clk_i, wait - 1)
        await bench.pins.pulse("clr_i")
        await bench.run(2, 0, [0, 3])


@leaf_test
async def directed_clear_after_start(dut):
    """Goal: a clear right after a start. Stimulus: a clear 0 to 7 cycles after it. Check: no read,
    no row, not ready in any cycle behind; the next run is exact."""
    await bring_up(dut)
    bench = WgtFeedBench(dut)
    await bench.load()

    def arm() -> None:
        bench.pins.drive(wgt_base_i=0, tiles_i=2)
        for i in range(ROWS):
            bench.check.expect((2 + i, 1 << i, bench.words[i].tolist()))
        bench.zero = cycle() + 1

    async def good() -> None:
        bench.check.forget()
        await bench.run(2, 0, [0, 3])

    quiet = {"rd_en_o": 0, "we_o": 0, "ready_o": 0}
    await clear_after_start(dut, arm, good, quiet, cycles=COLS + ROWS + 3)


@for_profiles(globals(), ("none",))
async def random(dut, profile):
    """Goal: any waits. Stimulus: 8 runs of random length and base, tiles taken 0 to 20 cycles late.
    Check: each row in its cycle, ready while it should be, no read too many."""
    await bring_up(dut)
    bench = WgtFeedBench(dut)
    await bench.load()
    for _ in range(8):
        tiles = int(bench.rng.integers(1, DEPTH // ROWS + 1))
        base = int(bench.rng.integers(0, DEPTH - tiles * ROWS + 1))
        late = bench.rng.integers(0, 21, tiles) * bench.rng.integers(0, 2, tiles)
        await bench.run(tiles, base, late.tolist())
