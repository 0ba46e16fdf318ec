"""lac_fifo against a queue."""

from __future__ import annotations

from cocotb.triggers import ClockCycles, ReadOnly, RisingEdge

from tb.common.bfm.block import Checker, Pins, bring_up, config, for_profiles, leaf_test, reset, rng
from tb.common.bfm.streams import PROFILES, StreamDriver, StreamMonitor, StreamSink

DEPTH = config().get("Depth", 8)
WIDTH = config().get("Width", 8)


class FifoBench:
    """Driver, sink, monitors of both sides, and the comparison of what went in and came out."""

    def __init__(self, dut, pause_in: str = "none", pause_out: str = "none"):
        self.dut = dut
        self.check = Checker("fifo_out")
        self.driver = StreamDriver(dut, "in", dut.clk_i, pause=pause_in)
        self.sink = StreamSink(dut, "out", dut.clk_i, pause=pause_out)
        self.pins = Pins(dut, dut.clk_i, "clr_i", "level_o")
        self.into = StreamMonitor(
            dut, "in", dut.clk_i, into=True, reset_n=dut.rst_ni, callback=self.check.expect
        )
        self.out = StreamMonitor(dut, "out", dut.clk_i, reset_n=dut.rst_ni, callback=self.check)

    def level(self) -> int:
        """Fill level as the device reports it."""
        return self.pins.read("level_o")[0]

    async def settled(self, beats: int) -> None:
        """All beats through, nothing left inside."""
        await self.driver.drain()
        await self.out.wait_for(beats)
        await ClockCycles(self.dut.clk_i, 2)
        assert self.level() == 0, f"level {self.level()} in an empty fifo"
        self.check.done(minimum=beats)


def words(count: int) -> list[int]:
    """Random payload of the stream's width."""
    limbs = (WIDTH + 31) // 32
    draws = rng().integers(0, 1 << 32, size=(count, limbs), dtype="uint64").tolist()
    return [sum(v << 32 * i for i, v in enumerate(row)) & ((1 << WIDTH) - 1) for row in draws]


@leaf_test
async def smoke(dut):
    """Goal: order and latency. Stimulus: three words. Check: they come out in order, the first one
    cycle after it went in."""
    await bring_up(dut)
    bench = FifoBench(dut)
    bench.driver.extend(words(3))
    await bench.settled(3)
    assert bench.out.times[0] == bench.into.times[0] + 1, "latency is not 1 cycle"


@for_profiles(globals())
async def random(dut, profile):
    """Goal: order under stalls. Stimulus: random words, the profile on the input crossed with every
    profile on the output. Check: every word comes out, in order; the level is the difference."""
    await bring_up(dut)
    bench = FifoBench(dut, profile)
    total = 0
    for pause in PROFILES:
        bench.sink.set_pause(pause)
        bench.driver.extend(words(150))
        total += 150
        await bench.driver.drain()
    await bench.settled(total)


@leaf_test
async def extremes(dut):
    """Goal: full and empty. Stimulus: a blocked output until nothing is taken any more, then a
    blocked input until nothing is left, three times; all-ones and zero words. Check: exactly Depth
    words fit, the level follows, order."""
    await bring_up(dut)
    bench = FifoBench(dut, pause_out="block")
    ones = (1 << WIDTH) - 1
    for turn in range(3):
        bench.sink.set_pause("block")
        before = len(bench.into.beats)
        bench.driver.extend([ones, 0] * (DEPTH + 1))
        await ClockCycles(dut.clk_i, 2 * DEPTH + 6)
        taken = len(bench.into.beats) - before
        assert taken == DEPTH, f"turn {turn}: {taken} words fitted, Depth is {DEPTH}"
        assert bench.level() == DEPTH
        bench.sink.set_pause("none")
        await bench.settled(2 * (turn + 1) * (DEPTH + 1))


@leaf_test
async def throughput(dut):
    """Goal: the rate of the header. Stimulus: 200 words without pauses. Check: one per cycle, or
    one in two cycles for Depth 1."""
    await bring_up(dut)
    bench = FifoBench(dut)
    bench.driver.extend(words(200))
    await bench.settled(200)
    span = bench.out.times[-1] - bench.out.times[0]
    assert span == 199 * (2 if DEPTH == 1 else 1), f"200 words took {span + 1} cycles"


@leaf_test
async def directed_clear(dut):
    """Goal: clr_i. Stimulus: a clear at every fill level, while words are offered and taken. Check:
    empty in the next cycle, what was inside never comes out, order afterwards."""
    await bring_up(dut)
    bench = FifoBench(dut, pause_out="block")
    for fill in range(DEPTH + 1):
        bench.sink.set_pause("block")
        bench.driver.extend(words(fill))
        await bench.driver.drain()
        await RisingEdge(dut.clk_i)
        assert bench.level() == fill
        await bench.pins.pulse("clr_i")
        await RisingEdge(dut.clk_i)
        assert bench.level() == 0, f"level {bench.level()} after a clear at {fill}"
        bench.check.forget()
        before = bench.check.compared
        bench.sink.set_pause("none")
        bench.driver.extend(words(DEPTH + 1))
        await bench.settled(before + DEPTH + 1)


@leaf_test
async def directed_clear_traffic(dut):
    """Goal: a clear in the middle of traffic loses what is inside and what moves in that cycle.
    Stimulus: 30 clears while both sides run. Check: what comes out is what went in since."""
    await bring_up(dut)
    bench = FifoBench(dut, "random", "random")
    for _ in range(30):
        bench.driver.extend(words(2 * DEPTH))
        await ClockCycles(dut.clk_i, 3 + DEPTH)
        bench.pins.drive(clr_i=1)
        # Sampled at this edge are the transfers of the cycle of the clear: taken, but lost.
        await RisingEdge(dut.clk_i)
        bench.pins.drive(clr_i=0)
        await ReadOnly()
        bench.check.forget()
        await RisingEdge(dut.clk_i)
        await bench.driver.drain()
    bench.sink.set_pause("none")
    await ClockCycles(dut.clk_i, 2 * DEPTH + 4)
    bench.check.done(minimum=30)


@leaf_test
async def reset_mid(dut):
    """Goal: reset at any level. Stimulus: a reset with words inside and one offered. Check: empty
    afterwards, nothing old comes out, and it works."""
    await bring_up(dut)
    bench = FifoBench(dut, pause_out="block")
    bench.driver.extend(words(DEPTH + 2))
    await ClockCycles(dut.clk_i, DEPTH + 4)
    assert bench.level() == DEPTH
    bench.driver.abort()
    await reset(dut)
    assert bench.level() == 0
    bench.check.forget()
    bench.sink.set_pause("none")
    bench.driver.extend(words(20))
    await bench.settled(20)
