"""lac_eie_ptr_read against the pointers it was loaded with."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from cocotb.triggers import ClockCycles, RisingEdge

from tb.common.bfm.block import Checker, Pins, bring_up, config, for_profiles, leaf_test, reset, rng
from tb.common.bfm.block_parts import cycle
from tb.common.bfm.streams import PROFILES, StreamDriver, StreamMonitor, StreamSink

ACT_WIDTH = config().get("ActWidth", 16)
COL_WIDTH = config().get("ColWidth", 17)
PTR_WIDTH = config().get("PtrWidth", 18)
PTR_DEPTH = config().get("PtrDepth", 16384)
ENTRIES = config().get("NumEntries", 131072)
DESC_DEPTH = config().get("DescDepth", 2)
TOP = min(ENTRIES, (1 << PTR_WIDTH) - 1)  # largest good pointer
LATENCY = 2
IN_FIELDS, OUT_FIELDS = ("act", "col"), ("act", "start", "end")


class PtrReadBench:
    """Columns in, descriptors out, pointers in between."""

    def __init__(self, dut, pause_in: str = "none", pause_out: str = "none"):
        self.dut = dut
        self.rng = rng()
        self.pointers = np.zeros(PTR_DEPTH, dtype=np.int64)
        self.base, self.skip = 0, False
        self.check = Checker("ptr_descriptors")
        self.in_times: list[int] = []
        self.out_times: list[int] = []
        self.pins = Pins(
            dut,
            dut.clk_i,
            *("clr_i", "ptr_base_i", "skip_empty_i", "wr_en_i", "wr_addr_i", "wr_data_i"),
            *("idle_o", "err_order_o", "err_range_o", "err_col_o"),
        )
        self.driver = StreamDriver(dut, "in", dut.clk_i, pause=pause_in, fields=IN_FIELDS)
        self.sink = StreamSink(dut, "out", dut.clk_i, pause=pause_out)
        self.into = StreamMonitor(
            dut, "in", dut.clk_i, into=True, fields=IN_FIELDS, callback=self._on_column
        )
        self.out = StreamMonitor(
            dut,
            "out",
            dut.clk_i,
            fields=OUT_FIELDS,
            reset_n=dut.rst_ni,
            callback=self._on_descriptor,
        )

    def _on_column(self, _) -> None:
        self.in_times.append(cycle())

    def _on_descriptor(self, beat) -> None:
        self.out_times.append(cycle())
        self.check(tuple(beat))

    async def load(self, pointers: Sequence[int] | np.ndarray) -> None:
        """Write pointers from index 0 on, two at a time."""
        self.pointers[: len(pointers)] = pointers
        for pair in range(-(-len(pointers) // 2)):
            low, high = (int(self.pointers[2 * pair + k]) for k in (0, 1))
            self.pins.drive(wr_en_i=1, wr_addr_i=pair, wr_data_i=low | high << PTR_WIDTH)
            await RisingEdge(self.dut.clk_i)
        self.pins.drive(wr_en_i=0)

    async def mode(self, base: int, skip: bool) -> None:
        """Choose the even PTR_BASE and SKIP_EMPTY while idle."""
        self.base, self.skip = base, skip
        self.pins.drive(ptr_base_i=base, skip_empty_i=skip)
        await RisingEdge(self.dut.clk_i)

    def send(self, columns: Sequence[int]) -> None:
        """Queue columns and the descriptors they must give."""
        for col in columns:
            act = int(self.rng.integers(1 << ACT_WIDTH))
            start, end = (int(self.pointers[self.base + col + k]) for k in (0, 1))
            if not (self.skip and start == end):
                self.check.expect((act, start, end))
            self.driver.append((act, col))

    async def drain(self) -> None:
        """All descriptors out, then idle."""
        await self.driver.drain()
        self.sink.set_pause("none")
        await ClockCycles(self.dut.clk_i, DESC_DEPTH + LATENCY + 4)
        self.check.done(0)
        assert self.pins.read("idle_o", "err_order_o", "err_range_o") == [1, 0, 0]


def rising(draw: np.random.Generator, count: int, empty: float) -> np.ndarray:
    """Random good pointers; ``empty``: share of empty slices."""
    steps = draw.integers(1, max(2, TOP // count), count)
    steps[draw.random(count) < empty] = 0
    steps[0] = draw.integers(0, 2)
    return np.minimum(np.cumsum(steps), TOP)


@leaf_test
async def smoke(dut):
    """Goal: slices and latency. Stimulus: the header's pointers [0, 2, 2, 5] as far as they fit,
    every column, without and with skipping. Check: descriptors; the first comes LATENCY cycles
    after its column."""
    await bring_up(dut)
    bench = PtrReadBench(dut)
    pointers = [min(p, TOP) for p in [0, 2, 2, 5][:PTR_DEPTH]]
    await bench.load(pointers)
    for skip in (False, True):
        await bench.mode(0, skip)
        ins, outs = len(bench.in_times), len(bench.out_times)
        bench.send(range(len(pointers) - 1))
        await bench.drain()
        took = bench.out_times[outs] - bench.in_times[ins]
        assert took == LATENCY, f"latency is {took} cycles"
    bench.check.done(minimum=2 if PTR_DEPTH == 2 else 5)


@leaf_test
async def directed_columns(dut):
    """Goal: both banks at every place. Stimulus: every column of a full pointer memory in order, in
    reverse, and one column many times, from two bases. Check: descriptors."""
    await bring_up(dut)
    bench = PtrReadBench(dut)
    count = min(PTR_DEPTH, 64)
    await bench.load(rising(bench.rng, count, 0.2))
    for base in sorted({0, count // 4 * 2}):
        await bench.mode(base, False)
        columns = list(range(count - 1 - base))
        if columns:
            bench.send(columns + columns[::-1] + [columns[-1]] * 5)
            await bench.drain()
    bench.check.done(minimum=3)


@leaf_test
async def directed_empty(dut):
    """Goal: empty slices. Stimulus: all columns empty; the first, the last and several in
    succession empty. Check: skipped ones give nothing, the others a descriptor with start = end."""
    await bring_up(dut)
    bench = PtrReadBench(dut)
    count = min(PTR_DEPTH, 16)
    middle = min(TOP, 3)
    for pointers in (
        [middle] * count,
        [0] * count,
        [0] * (count // 2) + [middle] * (count - count // 2),
        np.minimum(np.arange(count) // 3, TOP),
    ):
        await bench.load(pointers)
        for skip in (False, True):
            await bench.mode(0, skip)
            bench.send(range(count - 1))
            await bench.drain()


@leaf_test
async def directed_clear(dut):
    """Goal: clr_i empties the block. Stimulus: a clear with descriptors waiting and a column under
    way. Check: idle, nothing old comes, then good."""
    await bring_up(dut)
    bench = PtrReadBench(dut)
    count = min(PTR_DEPTH, 16)
    await bench.load(rising(bench.rng, count, 0.0))
    for wait in range(DESC_DEPTH + 4):
        bench.sink.set_pause("block")
        bench.send([k % (count - 1) for k in range(DESC_DEPTH + 3)])
        await ClockCycles(dut.clk_i, wait)
        bench.driver.abort()
        await bench.pins.pulse("clr_i")
        await RisingEdge(dut.clk_i)
        bench.check.forget()
        assert bench.pins.read("idle_o") == [1]
        bench.sink.set_pause("none")
        bench.send(range(min(3, count - 1)))
        await bench.drain()


@for_profiles(globals())
async def random(dut, profile):
    """Goal: any columns under stalls. Stimulus: random columns, four shares of empty slices, the
    profile on the input crossed with every profile on the output, both modes. Check: slices."""
    await bring_up(dut)
    bench = PtrReadBench(dut, profile)
    count = min(PTR_DEPTH, 64)
    for pause, empty in zip(PROFILES, (0.0, 0.3, 0.6, 0.9, 0.5), strict=True):
        await bench.load(rising(bench.rng, count, empty))
        for skip in (False, True):
            await bench.mode(0, skip)
            bench.sink.set_pause(pause)
            bench.send(bench.rng.integers(0, count - 1, 25).tolist())
            await bench.drain()
    bench.check.done(minimum=20)


@leaf_test
async def extremes(dut):
    """Goal: largest pointers. Stimulus: a slice of the whole weight memory, one that ends with it,
    an empty one behind it, the last column of the memory. Check: descriptors, no error."""
    await bring_up(dut)
    bench = PtrReadBench(dut)
    at = PTR_DEPTH - 2
    await bench.load([0] * at + [0, TOP])
    await bench.mode(0, True)
    for pair in ((0, TOP), (TOP - 1, TOP), (TOP, TOP)):
        bench.pointers[at:] = pair
        word = pair[0] | pair[1] << PTR_WIDTH
        bench.pins.drive(wr_en_i=1, wr_addr_i=at // 2, wr_data_i=word)
        await RisingEdge(dut.clk_i)
        bench.pins.drive(wr_en_i=0)
        bench.send([at])
        await bench.drain()
    bench.check.done(minimum=2)


@leaf_test
async def throughput(dut):
    """Goal: one column per cycle. Stimulus: 100 columns without pauses: none empty, all empty and
    skipped, mixed and skipped. Check: a column is taken in every cycle (with DescDepth 1 and
    nothing to skip: in every second)."""
    await bring_up(dut)
    bench = PtrReadBench(dut)
    count = min(PTR_DEPTH, 64)
    for pointers, skip in (
        (np.minimum(np.arange(count), TOP) if count <= TOP else [0, 1], False),
        ([0] * count, True),
        (np.minimum(np.arange(count) // 2, TOP), True),
    ):
        await bench.load(pointers)
        await bench.mode(0, skip)
        begin = len(bench.in_times)
        bench.send([k % (len(pointers) - 1) for k in range(100)])
        await bench.drain()
        span = bench.in_times[-1] - bench.in_times[begin]
        if DESC_DEPTH > 1 or not np.any(pointers):
            assert span == 99, f"100 columns took {span + 1} cycles"
        elif not skip:
            # The first stage takes one more while the FIFO fills.
            assert span in (197, 198), f"100 columns took {span + 1} cycles"


@leaf_test
async def reset_mid(dut):
    """Goal: reset at work. Stimulus: a reset with descriptors waiting. Check: idle, nothing old
    comes, then good."""
    await bring_up(dut)
    bench = PtrReadBench(dut, pause_out="block")
    count = min(PTR_DEPTH, 16)
    await bench.load(rising(bench.rng, count, 0.0))
    bench.send([0] * (DESC_DEPTH + 3))
    await ClockCycles(dut.clk_i, DESC_DEPTH + 5)
    bench.driver.abort()
    await reset(dut)
    bench.check.forget()
    assert bench.pins.read("idle_o") == [1]
    bench.sink.set_pause("none")
    bench.send([0, 0])
    await bench.drain()


async def refused(bench: PtrReadBench, pair: tuple[int, int], good: int, names: list[str]) -> None:
    """Columns before ``good`` + 1 are fine, that one has the pointers ``pair`` and is refused."""
    first = good + 1 if PTR_DEPTH > 2 else 0
    pointers = np.zeros(max(2, first + 2), dtype=np.int64)
    pointers[first : first + 2] = pair
    await bench.load(pointers)
    if first:
        bench.send(range(good))
        await bench.drain()
    bench.driver.append((1, first))
    bench.driver.append((2, first))  # must not be taken any more
    await ClockCycles(bench.dut.clk_i, 8)
    got = bench.pins.read("err_order_o", "err_range_o", "err_col_o")
    assert got == ["order" in names, "range" in names, first], f"pointers {pair}: {got}"
    assert bench.pins.read("idle_o") == [0], "idle in spite of an error"
    bench.check.done(0)  # no descriptor came of it
    bench.driver.abort()
    await bench.pins.pulse("clr_i")
    await RisingEdge(bench.dut.clk_i)
    assert bench.pins.read("idle_o", "err_order_o", "err_range_o") == [1, 0, 0]


@leaf_test
async def bad_order(dut):
    """Goal: falling pointers are refused. Stimulus: p[j+1] < p[j] at even and odd columns, by one
    and by all. Check: err_order_o held with its column, no descriptor, gone after clr_i; then
    a good column."""
    await bring_up(dut)
    bench = PtrReadBench(dut)
    for skip in (False, True):
        await bench.mode(0, skip)
        for good in range(2 if PTR_DEPTH > 4 else 1):
            for pair in ((1, 0), (TOP, 0), (TOP, TOP - 1)):
                await refused(bench, pair, good, ["order"])
        await bench.load([0, 1])
        bench.send([0])
        await bench.drain()


@leaf_test
async def bad_range(dut):
    """Goal: pointers past the weight memory are refused. Stimulus: the first one past it and the
    largest, also as an empty slice, if PtrWidth can hold them. Check: as for bad_order."""
    await bring_up(dut)
    bench = PtrReadBench(dut)
    last = (1 << PTR_WIDTH) - 1
    if last == TOP:
        # Every pointer is a good one in this build: the largest must pass.
        await bench.load([0, TOP])
        bench.send([0])
        await bench.drain()
        return
    for skip in (False, True):
        await bench.mode(0, skip)
        for good in range(2 if PTR_DEPTH > 4 else 1):
            for pair in ((0, ENTRIES + 1), (ENTRIES + 1, ENTRIES + 1), (ENTRIES, last)):
                await refused(bench, pair, good, ["range"])
