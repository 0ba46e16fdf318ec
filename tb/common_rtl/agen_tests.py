"""lac_agen against nested loops."""

from __future__ import annotations

import itertools

from cocotb.triggers import ClockCycles, RisingEdge

from tb.common.bfm.block import Checker, Pins, bring_up, config, for_profiles, leaf_test, reset, rng
from tb.common.bfm.block_parts import clear_after_start
from tb.common.bfm.streams import StreamMonitor, StreamSink
from tb.common_rtl.flow_models import joined

DIMS = config().get("Dims", 3)
ADDR = config().get("AddrWidth", 16)
COUNT = config().get("CountWidth", 16)
_FIELDS = ("addr", "first", "last")


def walked(base: int, counts: list[int], strides: list[int]) -> list[tuple[int, int, int]]:
    """(address, first flags, last flags) of every step; level 0 of the lists is the innermost."""
    found = []
    for outer in itertools.product(*(range(n) for n in reversed(counts))):
        index = outer[::-1]
        addr = base + sum(i * s for i, s in zip(index, strides, strict=True))
        first = joined([i == 0 for i in index], 1)
        last = joined([i == n - 1 for i, n in zip(index, counts, strict=True)], 1)
        found.append((addr % (1 << ADDR), first, last))
    return found


class AgenBench:
    """Pins, sink, monitor, comparison."""

    def __init__(self, dut, pause: str = "none"):
        self.dut = dut
        self.check = Checker("agen_out")
        self.pins = Pins(dut, dut.clk_i, "clr_i", "start_i", "base_i", "count_i", "stride_i")
        self.sink = StreamSink(dut, "out", dut.clk_i, pause=pause)
        self.out = StreamMonitor(
            dut, "out", dut.clk_i, fields=_FIELDS, callback=lambda beat: self.check(tuple(beat))
        )
        self.draw = rng()

    def arm(self, counts: list[int] | None = None) -> int:
        """Settings of a walk, and what it must give; how many steps."""
        draw, most = self.draw, (1 << COUNT) - 1
        counts = counts or [min(int(n), most) for n in draw.integers(1, 5, DIMS)]
        strides = [int.from_bytes(draw.bytes(8), "little") % (1 << ADDR) for _ in counts]
        base = int.from_bytes(draw.bytes(8), "little") % (1 << ADDR)
        self.steps = steps = walked(base, counts, strides)
        self.check.expect(*steps)
        self.pins.drive(base_i=base, count_i=joined(counts, COUNT), stride_i=joined(strides, ADDR))
        return len(steps)

    async def walk(self, counts: list[int] | None = None) -> int:
        """One walk from start to idle; its steps."""
        steps = self.arm(counts)
        await self.pins.pulse("start_i")
        for _ in range(20 * steps + 50):
            await RisingEdge(self.dut.clk_i)
            if not self.check.pending:
                break
        await ClockCycles(self.dut.clk_i, 2)
        self.check.done(minimum=steps)
        return steps


@leaf_test
async def smoke(dut):
    """Goal: value and latency. Stimulus: one walk. Check: every address and flag; the first a cycle
    after the start."""
    await bring_up(dut)
    bench = AgenBench(dut)
    steps = bench.arm()
    begun = bench.out.cycle
    await bench.pins.pulse("start_i")
    await ClockCycles(dut.clk_i, steps + 2)
    bench.check.done(minimum=steps)
    assert bench.out.times[0] == begun + 2, "latency is not 1 cycle"


@for_profiles(globals())
async def random(dut, profile):
    """Goal: walks under stalls. Stimulus: 12 walks of random counts, strides and bases, which
    wrap, the profile on the output. Check: every address and flag."""
    await bring_up(dut)
    bench = AgenBench(dut, profile)
    for _ in range(12):
        await bench.walk()


@leaf_test
async def extremes(dut):
    """Goal: counts of 1, and the largest. Stimulus: all 1; each level alone at 2, and at 1 between
    others of 2; the innermost at its largest, at most 300. Check: every address and flag."""
    await bring_up(dut)
    bench = AgenBench(dut)
    await bench.walk([1] * DIMS)
    two = min(2, (1 << COUNT) - 1)
    for level in range(DIMS):
        await bench.walk([two if at == level else 1 for at in range(DIMS)])
        if DIMS <= 6:
            await bench.walk([1 if at == level else two for at in range(DIMS)])
    await bench.walk([min(300, (1 << COUNT) - 1)] + [1] * (DIMS - 1))


@leaf_test
async def throughput(dut):
    """Goal: the rate of the header. Stimulus: a walk without pauses, the next started in the cycle
    behind its last step, the one behind with its last step. Check: one address per cycle, one
    cycle between the first two walks and none behind."""
    await bring_up(dut)
    bench = AgenBench(dut)
    steps = bench.arm()
    await bench.pins.pulse("start_i")
    await ClockCycles(dut.clk_i, steps)
    more = bench.arm([min(2, (1 << COUNT) - 1)] * DIMS)
    await bench.pins.pulse("start_i")
    for _ in range(more - 1):
        await RisingEdge(dut.clk_i)
    bench.check.expect(*bench.steps)
    await bench.pins.pulse("start_i")
    await ClockCycles(dut.clk_i, more + 1)
    bench.check.done(minimum=steps + 2 * more)
    span = bench.out.times[-1] - bench.out.times[0] + 1
    assert span == steps + 1 + 2 * more, f"{steps} and 2 * {more} steps took {span} cycles"


@leaf_test
async def directed_clear(dut):
    """Goal: clr_i. Stimulus: clears 0 to 7 cycles after a start. Check: idle from the next
    cycle on; the next walk is whole."""
    await bring_up(dut)
    bench = AgenBench(dut)

    async def good() -> None:
        bench.check.forget()
        await bench.walk()

    await clear_after_start(dut, bench.arm, good, {"out_valid_o": 0}, cycles=4)


@leaf_test
async def reset_mid(dut):
    """Goal: reset in a walk. Stimulus: a reset while an address waits. Check: idle afterwards,
    the next walk is whole."""
    await bring_up(dut)
    bench = AgenBench(dut, "block")
    bench.arm()
    await bench.pins.pulse("start_i")
    await ClockCycles(dut.clk_i, 3)
    await reset(dut)
    bench.check.forget()
    bench.sink.set_pause("none")
    await bench.walk()
