"""Every pipeline of ``rtl/common`` that turns a stream into one, against its flow."""

from __future__ import annotations

from typing import Any

from cocotb.triggers import ClockCycles, ReadOnly, RisingEdge

from tb.common.bfm.block import Pins, bring_up, config, for_profiles, leaf_test, reset, rng
from tb.common.bfm.streams import PROFILES, StreamDriver, StreamMonitor, StreamSink
from tb.common.sim import recorder
from tb.common_rtl.flow_models import FLOWS


class FlowBench:
    """Driver, sink, monitors of both sides, and the flow between them."""

    def __init__(self, dut, pause_in: str = "none", pause_out: str = "none"):
        self.dut = dut
        self.flow = FLOWS[dut._name](config())
        self.expected: list[Any] = []
        self.compared = 0
        self.latest: list[int] = []  # cycle in which the result was completed
        fields: dict[str, Any] = {"fields": self.flow.fields_in}
        self.driver = StreamDriver(dut, "in", dut.clk_i, pause=pause_in, **fields)
        self.sink = StreamSink(dut, "out", dut.clk_i, pause=pause_out)
        self.into = StreamMonitor(dut, "in", dut.clk_i, into=True, callback=self.went, **fields)
        self.out = StreamMonitor(
            dut, "out", dut.clk_i, callback=lambda _: self.match(), fields=self.flow.fields_out
        )
        self.pins = Pins(dut, dut.clk_i, "clr_i", *self.flow.settings)
        self.pins.drive(**self.flow.settings)
        recorder.watch(self, lambda bench: {"expected/out": bench.expected})

    def went(self, beat: Any) -> None:
        """A beat was accepted."""
        results = self.flow.feed(beat)
        self.expected += results
        self.latest += [self.into.times[-1]] * len(results)
        self.match()

    def match(self) -> None:
        """Compare what has come; without a register it may come before what it was made of."""
        while self.compared < min(len(self.expected), len(self.out.beats)):
            got, want = self.out.beats[self.compared], self.expected[self.compared]
            assert got == want, f"result {self.compared} is {got!r}, expected {want!r}"
            self.compared += 1

    def forget(self) -> None:
        """What has not come yet was cleared."""
        del self.expected[self.compared :], self.latest[self.compared :]
        self.flow.clear()

    def choose(self, draw) -> None:
        """Other settings, while nothing is inside."""
        self.flow.choose(draw)
        self.pins.drive(**self.flow.settings)

    async def settled(self) -> None:
        """All beats through, all results compared."""
        await self.driver.drain()
        await self.out.wait_for(len(self.expected))
        await ClockCycles(self.dut.clk_i, self.flow.latency + 2)
        self.match()
        found = len(self.out.beats)
        assert found == len(self.expected) == self.compared, (
            f"{found} results, expected {len(self.expected)}, compared {self.compared}"
        )

    async def empty(self) -> None:
        """Settled; what is left of a window is cleared."""
        await self.settled()
        await self.pins.pulse("clr_i")
        self.flow.clear()


@leaf_test
async def smoke(dut):
    """Goal: value and latency. Stimulus: four beats, pauses between. Check: the model's results,
    each as many cycles later as the header says."""
    await bring_up(dut)
    bench = FlowBench(dut, "slow")
    bench.driver.extend(bench.flow.beats(rng(), 4))
    await bench.settled()
    assert bench.compared == 4
    late = [there - then for there, then in zip(bench.out.times, bench.latest, strict=True)]
    assert late == [bench.flow.latency] * 4, f"latencies {late}, header {bench.flow.latency}"


@for_profiles(globals())
async def random(dut, profile):
    """Goal: values under stalls. Stimulus: random beats, the profile on the input crossed with
    every profile on the output, other settings each time. Check: every result, in order."""
    await bring_up(dut)
    bench, draw = FlowBench(dut, profile), rng()
    for pause in PROFILES:
        bench.choose(draw)
        bench.sink.set_pause(pause)
        bench.driver.extend(bench.flow.beats(draw, 60))
        await bench.empty()
    assert bench.compared >= 20


@leaf_test
async def extremes(dut):
    """Goal: corners of the values, full and empty. Stimulus: the flow's corners with several
    settings; then a blocked output until nothing is taken any more. Check: every result; as many
    beats fit as there are registers."""
    await bring_up(dut)
    bench, draw = FlowBench(dut), rng()
    for turn in range(4):
        if turn:
            bench.choose(draw)
        bench.driver.extend(bench.flow.corners())
        await bench.empty()
    bench.flow.settings = FLOWS[dut._name](config()).settings
    bench.pins.drive(**bench.flow.settings)
    bench.sink.set_pause("block")
    before, capacity = len(bench.into.beats), bench.flow.capacity
    bench.driver.extend(bench.flow.beats(draw, capacity + 3))
    await ClockCycles(dut.clk_i, 3 * capacity + 8)
    taken = len(bench.into.beats) - before
    assert taken == capacity, f"{taken} beats fitted, expected {capacity}"
    bench.sink.set_pause("none")
    await bench.settled()


@leaf_test
async def throughput(dut):
    """Goal: the rate of the header. Stimulus: 100 beats without pauses. Check: one per cycle, in
    and out, and the latency."""
    await bring_up(dut)
    bench, draw = FlowBench(dut), rng()
    bench.driver.extend(bench.flow.beats(draw, 100))
    await bench.settled()
    span = bench.into.times[-1] - bench.into.times[0] + 1
    assert span == 100, f"100 beats took {span} cycles"
    late = {there - then for there, then in zip(bench.out.times, bench.latest, strict=True)}
    assert late == {bench.flow.latency}, f"latencies {late}, header {bench.flow.latency}"


@leaf_test
async def directed_clear(dut):
    """Goal: clr_i. Stimulus: 20 clears in the middle of traffic. Check: what is inside and what
    moves in that cycle never comes out; what comes behind it is right."""
    await bring_up(dut)
    bench, draw = FlowBench(dut, "random", "random"), rng()
    for _ in range(20):
        bench.choose(draw)
        bench.driver.extend(bench.flow.beats(draw, 12))
        await ClockCycles(dut.clk_i, 7 + int(draw.integers(4)))
        bench.pins.drive(clr_i=1)
        # Sampled at this edge are the transfers of the cycle of the clear: taken, but lost.
        await RisingEdge(dut.clk_i)
        bench.pins.drive(clr_i=0)
        await ReadOnly()
        bench.forget()
        await RisingEdge(dut.clk_i)
        await bench.empty()
    assert bench.compared >= 20


@leaf_test
async def reset_mid(dut):
    """Goal: reset at any level. Stimulus: a reset with the pipeline full and a beat offered. Check:
    nothing old comes out, and it works."""
    await bring_up(dut)
    bench, draw = FlowBench(dut, pause_out="block"), rng()
    bench.driver.extend(bench.flow.beats(draw, bench.flow.capacity + 2))
    await ClockCycles(dut.clk_i, bench.flow.capacity + 4)
    bench.driver.abort()
    await reset(dut)
    bench.forget()
    bench.sink.set_pause("none")
    bench.driver.extend(bench.flow.beats(draw, 20))
    await bench.settled()
    assert bench.compared == 20
