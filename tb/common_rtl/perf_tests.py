"""lac_perf against integers."""

from __future__ import annotations

from collections import deque

from cocotb.triggers import RisingEdge

from tb.common.bfm.block import Pins, bring_up, config, for_profiles, leaf_test, reset, rng
from tb.common.bfm.streams import pause_pattern

COUNTERS = config().get("NumCounters", 24)
INC = config().get("IncWidth", 9)
TOP = (1 << 32) - 1
LATENCY = 2


class PerfBench:
    """Increments in, counts out, and what the counts have to be."""

    def __init__(self, dut):
        self.dut = dut
        self.pins = Pins(dut, dut.clk_i, "clr_i", "inc_i", "count_o")
        self.counts = [0] * COUNTERS
        self.way: deque[list[int]] = deque([[0] * COUNTERS for _ in range(LATENCY)])
        self.compared = 0

    async def cycle(self, incs: list[int] | None = None, clear: bool = False) -> None:
        """One clock cycle; the counts before its edge are checked."""
        incs = incs or [0] * COUNTERS
        packed = sum(inc << INC * i for i, inc in enumerate(incs))
        self.pins.drive(inc_i=packed, clr_i=clear)
        await RisingEdge(self.dut.clk_i)
        self.way.append(incs)
        arrived = self.way.popleft()
        self.counts = [min(c + a, TOP) for c, a in zip(self.counts, arrived, strict=True)]
        self.check()
        if clear:
            self.zero()

    def zero(self) -> None:
        """All counts are 0 from now on, and nothing is on its way."""
        self.counts = [0] * COUNTERS
        self.way = deque([[0] * COUNTERS for _ in range(LATENCY)])

    def check(self) -> None:
        """All counters at once."""
        (flat,) = self.pins.read("count_o")
        got = [flat >> 32 * i & TOP for i in range(COUNTERS)]
        assert got == self.counts, f"counts {got}, expected {self.counts}"
        self.compared += 1


@leaf_test
async def smoke(dut):
    """Goal: latency. Stimulus: one increment of the last counter. Check: it shows two cycles later,
    in that counter alone."""
    await bring_up(dut)
    bench = PerfBench(dut)
    await bench.cycle([0] * (COUNTERS - 1) + [1])
    for _ in range(3):
        await bench.cycle()
    assert bench.counts == [0] * (COUNTERS - 1) + [1]


@for_profiles(globals())
async def random(dut, profile):
    """Goal: sums. Stimulus: random increments, pauses by the profile, a clear now and then. Check:
    all counters in every cycle."""
    await bring_up(dut)
    bench, draw = PerfBench(dut), rng()
    pause = pause_pattern(profile, "inc")
    for _ in range(500):
        incs = None if next(pause) else draw.integers(0, 1 << INC, COUNTERS).tolist()
        await bench.cycle(incs, clear=draw.random() < 0.02)
    assert bench.compared == 500


@leaf_test
async def extremes(dut):
    """Goal: saturation. Stimulus: the largest increments; with 32-bit increments up to one below
    the top, onto it, and past it. Check: never wraps, stays at the top, works after a clear."""
    await bring_up(dut)
    bench = PerfBench(dut)
    largest = (1 << INC) - 1
    steps = [largest] * 4 if INC < 32 else [TOP - 1, 1, 0, 1, TOP, 2]
    for step in steps:
        await bench.cycle([step] * COUNTERS)
    for _ in range(LATENCY):
        await bench.cycle()
    assert bench.counts[0] == (TOP if INC == 32 else 4 * largest)
    await bench.cycle(clear=True)
    for step in (largest, 1, 0, 0):
        await bench.cycle([step] * COUNTERS)


@leaf_test
async def directed_clear(dut):
    """Goal: a clear drops what is on its way. Stimulus: increments before, in and after the cycle
    of the clear. Check: only what came after counts."""
    await bring_up(dut)
    bench = PerfBench(dut)
    for clear in (False, False, True, False, False, False):
        await bench.cycle([1] * COUNTERS, clear)
    for _ in range(LATENCY):
        await bench.cycle()
    assert bench.counts == [3] * COUNTERS


@leaf_test
async def reset_mid(dut):
    """Goal: reset. Stimulus: a reset while counting. Check: all 0, and it counts on."""
    await bring_up(dut)
    bench = PerfBench(dut)
    for _ in range(5):
        await bench.cycle([1] * COUNTERS)
    bench.pins.drive(inc_i=0)
    await reset(dut)
    bench.zero()
    for _ in range(5):
        await bench.cycle([1] * COUNTERS)
