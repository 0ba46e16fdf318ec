"""lac_ffp_release against counts in Python."""

from __future__ import annotations

from cocotb.triggers import RisingEdge

from tb.common.bfm.block import Pins, bring_up, config, for_profiles, leaf_test, reset, rng
from tb.common.bfm.block_parts import clear_after_start

NUM, AHEAD = config().get("Num", 16), config().get("Ahead", 12)


class ReleaseBench:
    """A cycle at a time: pulses in, all_o compared in the same cycle."""

    def __init__(self, dut):
        self.dut = dut
        self.pins = Pins(dut, dut.clk_i, "clr_i", "start_i", "pulse_i", "all_o")
        self.counts = [0] * NUM
        self.answers = 0
        self.most = 0

    async def step(self, pulses: int, **inputs: int) -> None:
        """One cycle."""
        await self.pins.settle(pulse_i=pulses, **inputs)
        want = all(self.counts[n] or pulses >> n & 1 for n in range(NUM))
        assert self.pins.read("all_o") == [want], f"{pulses:b} on {self.counts}"
        self.answers += want
        self.counts = [c + (pulses >> n & 1) - want for n, c in enumerate(self.counts)]
        if any(inputs.values()):
            self.counts = [0] * NUM
        self.most = max(self.most, *self.counts)
        await RisingEdge(self.dut.clk_i)

    def allowed(self, n: int) -> bool:
        """Whether a source may pulse whatever the others do."""
        return self.counts[n] < AHEAD


@leaf_test
async def smoke(dut):
    """Goal: the example of the header. Stimulus: every source in a cycle of its own; all at once;
    all in succession. Check: all_o in the cycle of the last, every cycle."""
    await bring_up(dut)
    bench = ReleaseBench(dut)
    for n in range(NUM):
        await bench.step(1 << n)
    await bench.step(0)
    for _ in range(4):
        await bench.step((1 << NUM) - 1)
    assert bench.answers == 5
    await bench.step(0)


@for_profiles(globals(), ("none", "random"))
async def random(dut, profile):
    """Goal: sources at their own pace. Stimulus: 400 cycles, each source with a rate that changes;
    none further in front than Ahead. Check: all_o in every cycle; a source was as far in front as
    it may be."""
    await bring_up(dut)
    bench, draw = ReleaseBench(dut), rng()
    for turn in range(400):
        if turn % 50 == 0:
            rates = draw.choice([0.05, 0.5, 1.0] if profile == "none" else [0.2, 0.9], NUM)
        pulses = 0
        for n in range(NUM):
            pulses |= int(bench.allowed(n) and draw.random() < rates[n]) << n
        await bench.step(pulses)
    assert bench.answers > 20 and (NUM == 1 or bench.most == AHEAD)


@leaf_test
async def extremes(dut):
    """Goal: the furthest in front. Stimulus: each source alone Ahead times, then the others as
    often. Check: Ahead answers, none before the last source."""
    await bring_up(dut)
    bench = ReleaseBench(dut)
    for n in range(min(NUM, 3)):
        before = bench.answers
        for _ in range(AHEAD):
            await bench.step(1 << n)
        for _ in range(AHEAD):
            await bench.step((1 << NUM) - 1 & ~(1 << n))
        assert bench.answers == before + AHEAD
    await bench.step(0)


@leaf_test
async def reset_mid(dut):
    """Goal: reset, start and clear empty the counts. Stimulus: each with sources in front. Check:
    none is remembered."""
    await bring_up(dut)
    bench = ReleaseBench(dut)
    for way in ("reset", "start_i", "clr_i"):
        await bench.step((1 << NUM) - 1 & ~1 if NUM > 1 else 0)
        if way == "reset":
            bench.pins.drive(pulse_i=0)
            await reset(dut)
            bench.counts = [0] * NUM
        else:
            await bench.step(0, **{way: 1})
            bench.pins.drive(**{way: 0})
        await bench.step(1 if NUM > 1 else 0)
        await bench.step((1 << NUM) - 1 & ~1 if NUM > 1 else 0)


@leaf_test
async def directed_clear_after_start(dut):
    """Goal: a clear right after a start. Stimulus: one 0, 1, 2, ... cycles after it. Check: quiet;
    then a round of all sources is answered once."""
    await bring_up(dut)
    bench = ReleaseBench(dut)

    async def good() -> None:
        bench.counts = [0] * NUM
        before = bench.answers
        for n in range(NUM):
            await bench.step(1 << n)
        assert bench.answers == before + 1
        await bench.step(0)

    await clear_after_start(dut, lambda: None, good, {"all_o": 0}, offsets=range(3), cycles=4)
