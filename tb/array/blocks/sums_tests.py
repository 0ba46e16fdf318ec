"""lac_array_sums (banks and bias buffer inside) against sums in numpy."""

from __future__ import annotations

from typing import Any

import numpy as np
from cocotb.triggers import RisingEdge

from models.fixed import limits
from tb.array.blocks.schedule import TimeLine, extreme, lanes, packed
from tb.common.bfm.block import Pins, bring_up, config, for_profiles, leaf_test, reset, rng
from tb.common.bfm.block_parts import EdgeMonitor, clear_after_start, cycle

CONFIG = config()
ROWS, COLS = CONFIG.get("Rows", 16), CONFIG.get("Cols", 16)
PSUM, ACC = CONFIG.get("PsumWidth", 36), CONFIG.get("AccWidth", 48)
DEPTH, BIAS_DEPTH = CONFIG.get("AccDepth", 4096), CONFIG.get("BiasDepth", 64)
BIAS = CONFIG.get("BiasWidth", 32)
LOW, HIGH = limits(ACC)
#: Cycles from one tile's start to the next at least.
INTERVAL = max(ROWS, COLS + 1)


class SumsBench:
    """Plays tiles of sums; truth in ``acc`` [DEPTH, COLS]."""

    DRIVEN = ("valid_i", "first_i", "init_i", "last_i", "addr_i", "psum_i")
    READ = ("err_o", "err_pos_o", "done_o", "ev_sum_o", "ev_read_o")

    def __init__(self, dut):
        self.dut = dut
        extra: tuple[str, ...] = ("clr_i", "start_i", "use_bias_i", "bias_base_i", "bias_wr_en_i")
        extra += ("bias_wr_addr_i", "bias_wr_data_i", "out_rd_en_i", "out_rd_addr_i", "acc_o")
        self.pins = Pins(dut, dut.clk_i, *self.DRIVEN, *extra)
        self.acc = np.zeros((DEPTH, COLS), dtype=object)
        self.bias = np.zeros((BIAS_DEPTH, COLS), dtype=np.int64)
        self.zero, self.errors, self.done, self.events = 0, [], [], [0, 0]
        self.monitor = EdgeMonitor(dut, self.READ, self._sample)

    def _sample(self, seen: EdgeMonitor) -> None:
        now = cycle() - self.zero
        if seen["err_o"]:
            self.errors.append((now, seen["err_pos_o"]))
        if seen["done_o"]:
            self.done.append(now)
        self.events[0] += seen["ev_sum_o"]
        self.events[1] += seen["ev_read_o"]

    async def load_bias(self, values) -> None:
        """Fill the bias buffer."""
        self.bias = np.asarray(values)
        for address, word in enumerate(self.bias):
            self.pins.drive(bias_wr_addr_i=address, bias_wr_data_i=packed(word, BIAS))
            await self.pins.pulse("bias_wr_en_i")

    async def run(self, tiles: list[tuple[bool, np.ndarray]], *, bias: int | None = None) -> None:
        """Tiles of (new sums, psums [n, COLS]); a new one moves on behind the sums before it."""
        line, start, base, want = TimeLine(), 0, 0, []
        added, reads, word, size = 0, 0, 0 if bias is None else bias, 0
        for index, (new, psums) in enumerate(tiles):
            if new:
                base += size
                size = len(psums)
            for n, row in enumerate(psums):
                when, address = start + n, base + n
                line.add(when, "valid_i", 1)
                line.add(when, "first_i", int(n == 0))
                line.add(when, "init_i", int(new))
                line.add(when, "last_i", int(index + 1 == len(tiles) and n + 1 == len(psums)))
                line.add(when, "addr_i", address)
                for j, value in enumerate(row):
                    line.add(when + ROWS + 1 + j, "psum_i", packed([value], PSUM) << (PSUM * j))
                    begin = int(self.bias[word, j]) if new and bias is not None else 0
                    total = (begin if new else self.acc[address, j]) + int(value)
                    if LOW <= total <= HIGH:
                        self.acc[address, j] = total
                    else:
                        want.append((when + ROWS + j + 2, j, address))
                added, reads = added + 1, reads + (not new)
            word += new and bias is not None
            start += max(len(psums), INTERVAL)
        last = line.end - 1
        self.pins.drive(use_bias_i=bias is not None, bias_base_i=bias or 0)
        await self.pins.pulse("start_i")
        self.zero, self.events = cycle() + 1, [0, 0]  # what is driven now is seen at the next edge
        self.errors.clear()
        self.done.clear()
        await line.play(self.pins, self.DRIVEN, 4)
        assert self.done == [last + 1], f"{self.done}, last psum in {last}"
        assert self.events == [added, reads]
        first: dict[int, int] = {}
        for when, column, address in sorted(want):
            first.setdefault(when, column << 24 | address)
        assert self.errors == sorted(first.items()), f"{self.errors}, expected {first}"

    async def compare(self, count: int) -> None:
        """Read sums back."""
        for address in range(count):
            self.pins.drive(out_rd_en_i=1, out_rd_addr_i=address)
            await RisingEdge(self.dut.clk_i)
            self.pins.drive(out_rd_en_i=0)
            await RisingEdge(self.dut.clk_i)
            found = lanes(self.pins.read("acc_o")[0], ACC, COLS)
            assert found == self.acc[address].tolist(), f"address {address}"


def psums(draw, count: int, share: float = 1.0) -> np.ndarray:
    """Random sums of the array, scaled down by ``share``."""
    values = extreme(draw, (count, COLS), PSUM, 0.1)
    return (values * share).astype(np.int64)


SMALL = min(1.0, 2.0 ** (ACC - PSUM - 5))


@leaf_test
async def smoke(dut):
    """Goal: sums over tiles. Stimulus: two outputs tiles of 3 tiles, without bias. Check: sums,
    done in the cycle of the last write, events."""
    await bring_up(dut)
    bench, draw = SumsBench(dut), rng()
    tiles = [(k % 3 == 0, psums(draw, 5, SMALL)) for k in range(6)]
    await bench.run(tiles)
    await bench.compare(10)


@leaf_test
async def directed_bias(dut):
    """Goal: biases begin sums. Stimulus: new sums in successive tiles of one and more pixels, from
    base 0 and from the last that fits; then kept sums. Check: sums."""
    await bring_up(dut)
    bench, draw = SumsBench(dut), rng()
    top = min(1 << (BIAS - 1), 1 << (ACC - 3))
    await bench.load_bias(draw.integers(-top, top, (BIAS_DEPTH, COLS)))
    for count in (1, 2, COLS + 2):
        for base in (0, BIAS_DEPTH - 2):
            tiles = [(True, psums(draw, count, SMALL)), (True, psums(draw, count, SMALL))]
            await bench.run(tiles, bias=base)
            await bench.compare(2 * count)
            await bench.run([(False, psums(draw, count, SMALL))])
            await bench.compare(2 * count)


@leaf_test
async def extremes(dut):
    """Goal: both rails and the step past them. Stimulus: sums exactly at the lowest and highest
    accumulator, then one further, in several columns. Check: sums at the rails stay, errors at
    {column, address} of the lowest column, in their cycle."""
    await bring_up(dut)
    bench = SumsBench(dut)
    low, high = limits(PSUM)
    for rail, step, one in ((HIGH, high, 1), (LOW, low, -1)):
        tiles: list[Any] = []
        left = rail
        while left and len(tiles) < 5000:
            part = min(left, step) if rail > 0 else max(left, step)
            tiles.append((not tiles, np.full((2, COLS), part)))
            left -= part
        if len(tiles) > 40:
            continue  # a build whose accumulator is far wider than its sums
        await bench.run(tiles)
        await bench.compare(2)
        assert bench.acc[0, 0] == rail
        nudge = np.zeros((2, COLS), dtype=np.int64)
        nudge[0, COLS - 1] = nudge[1, 0] = nudge[1, COLS - 2] = one
        await bench.run([(False, nudge)])
        assert len(bench.errors) == 2  # two of the three come at once
        await bench.compare(2)
    await bench.run([(True, psums(rng(), 3, SMALL))])
    await bench.compare(3)


@leaf_test
async def throughput(dut):
    """Goal: a sum per cycle and column, no gap. Stimulus: 4 tiles of the shortest interval, each on
    the sums of the one before. Check: sums and the cycle of the end."""
    await bring_up(dut)
    bench, draw = SumsBench(dut), rng()
    await bench.run([(k == 0, psums(draw, min(INTERVAL, DEPTH), SMALL)) for k in range(4)])
    await bench.compare(min(INTERVAL, DEPTH))


@leaf_test
async def reset_mid(dut):
    """Goal: reset and clear with sums on their way. Stimulus: each while pixels are in the delay
    and in the banks. Check: nothing is written, no end comes; then exact."""
    await bring_up(dut)
    bench, draw = SumsBench(dut), rng()
    await bench.run([(True, psums(draw, 4, SMALL))])
    for way in ("reset", "clear"):
        for wait in (1, ROWS - 1, ROWS + 1):
            bench.done.clear()
            bench.pins.drive(valid_i=1, init_i=1, first_i=1, last_i=1, addr_i=DEPTH - 1)
            await RisingEdge(dut.clk_i)
            bench.pins.drive(valid_i=0)
            for _ in range(wait):
                await RisingEdge(dut.clk_i)
            await (reset(dut) if way == "reset" else bench.pins.pulse("clr_i"))
            for _ in range(ROWS + COLS + 4):
                await RisingEdge(dut.clk_i)
            if wait < ROWS:
                assert not bench.done
    await bench.compare(4)
    await bench.run([(True, psums(draw, 4, SMALL)), (False, psums(draw, 4, SMALL))])
    await bench.compare(4)


@leaf_test
async def directed_clear_after_start(dut):
    """Goal: a clear before the first sum is made. Stimulus: one pixel, a clear 0 to Rows - 1 cycles
    after it. Check: no sum, end or error in any cycle behind, nothing is written; then exact."""
    await bring_up(dut)
    bench, draw = SumsBench(dut), rng()
    await bench.run([(True, psums(draw, 4, SMALL))])

    def arm() -> None:
        bench.pins.drive(init_i=1, first_i=1, last_i=1, addr_i=0)
        bench.pins.drive(psum_i=packed(np.ones(COLS, dtype=np.int64), PSUM))

    async def good() -> None:
        await bench.compare(4)
        await bench.run([(True, psums(draw, 4, SMALL)), (False, psums(draw, 4, SMALL))])
        await bench.compare(4)

    quiet = {"ev_sum_o": 0, "ev_read_o": 0, "done_o": 0, "err_o": 0}
    await clear_after_start(
        dut, arm, good, quiet, start="valid_i", offsets=range(ROWS), cycles=ROWS + COLS + 4
    )


@for_profiles(globals(), ("none",))
async def random(dut, profile):
    """Goal: any sums. Stimulus: 10 runs of random tiles that begin and go on, with and without
    bias, sums that leave a narrow accumulator among them. Check: sums, errors, end, events."""
    await bring_up(dut)
    bench, draw = SumsBench(dut), rng()
    top = min(1 << (BIAS - 1), 1 << (ACC - 1))
    await bench.load_bias(draw.integers(-top, top, (BIAS_DEPTH, COLS)))
    # A new sum that overflows leaves what was there, and that must be known.
    await bench.run([(True, np.zeros((24, COLS), dtype=np.int64))])
    for _ in range(10):
        count = int(draw.integers(1, 9))
        groups = int(draw.integers(1, min(3, BIAS_DEPTH) + 1))
        tiles = []
        for _ in range(groups):
            for k in range(int(draw.integers(1, 4))):
                tiles.append((k == 0, psums(draw, count, float(draw.choice((1.0, SMALL))))))
        await bench.run(tiles, bias=0 if draw.integers(2) else None)
        await bench.compare(count * groups)
