"""lac_acc_bank against a dict of saturating sums."""

from __future__ import annotations

from typing import Any

from cocotb.triggers import ClockCycles, ReadOnly, RisingEdge

from models.fixed import limits, saturate
from tb.common.bfm.block import Pins, bring_up, config, for_profiles, leaf_test, reset, rng
from tb.common.bfm.block_parts import EdgeMonitor
from tb.common.bfm.streams import PROFILES, StreamDriver, StreamMonitor, StreamSink
from tb.common.sim import recorder
from tb.common_rtl.flow_models import signed

ENTRIES = config().get("Entries", 32)
DATA = config().get("DataWidth", 24)
ACC = config().get("AccWidth", 24)
_EVENTS = ("ovf_o", "ev_read_o", "ev_write_o", "ev_bypass_o")


class AccBankBench:
    """Drivers of additions and drains, the sums that the header promises, every event."""

    def __init__(self, dut, pause_in: str = "none", pause_drain: str = "none", pause_out="none"):
        self.dut = dut
        self.sums: dict[int, int] = {}
        self.expected: list[tuple[int, int]] = []
        self.drained: list[int] = []  # cycle of each drain
        self.overflows = self.adds = self.known_reads = self.compared = 0
        self.found = dict.fromkeys(_EVENTS, 0)
        pair: dict[str, Any] = {"fields": ("entry", "data")}
        self.adder = StreamDriver(dut, "in", dut.clk_i, pause=pause_in, **pair)
        self.drainer = StreamDriver(dut, "drain", dut.clk_i, pause=pause_drain, fields=("entry",))
        self.sink = StreamSink(dut, "out", dut.clk_i, pause=pause_out)
        # A drain goes first, so the two are never taken in one cycle.
        self.into = StreamMonitor(
            dut, "in", dut.clk_i, into=True, callback=lambda b: self.add(*b), **pair
        )
        self.drains = StreamMonitor(
            dut, "drain", dut.clk_i, into=True, callback=self.drain, fields=("entry",)
        )
        self.out = StreamMonitor(dut, "out", dut.clk_i, callback=self.came, **pair)
        self.events = EdgeMonitor(dut, _EVENTS, self.count)
        self.pins = Pins(dut, dut.clk_i, "clr_i")
        recorder.watch(self, lambda bench: {"expected/out": bench.expected})

    def count(self, pins: EdgeMonitor) -> None:
        """Cycles of each event."""
        for name in _EVENTS:
            self.found[name] += pins[name]

    def add(self, entry: int, data: int) -> None:
        """An addition was accepted."""
        self.known_reads += entry in self.sums
        total = self.sums.get(entry, 0) + (data ^ 1 << DATA - 1) - (1 << DATA - 1)
        stored = int(saturate(total, ACC)) if ACC < 63 else max(min(total, HIGH), LOW)
        self.overflows += stored != total
        self.adds += 1
        self.sums[entry] = stored

    def drain(self, entry: int) -> None:
        """A drain was accepted."""
        self.known_reads += entry in self.sums
        self.expected.append((entry, self.sums.pop(entry, 0) & (1 << ACC) - 1))
        self.drained.append(self.drains.times[-1])

    def came(self, beat: Any) -> None:
        """A sum came."""
        assert self.compared < len(self.expected), f"{tuple(beat)}, nothing was expected"
        want = self.expected[self.compared]
        assert tuple(beat) == want, f"sum {self.compared} is {tuple(beat)}, expected {want}"
        self.compared += 1

    def forget(self) -> None:
        """Everything was cleared."""
        del self.expected[self.compared :], self.drained[self.compared :]
        self.sums.clear()

    def beats(self, draw, count: int, few: int = 4) -> list[tuple[int, int]]:
        """Additions to a few entries, in runs, of every magnitude."""
        some = draw.integers(0, ENTRIES, few)
        picks = some[draw.integers(0, few, count)].tolist()
        mask = (1 << DATA) - 1
        return [(e, d & mask) for e, d in zip(picks, signed(draw, count, DATA), strict=True)]

    async def settled(self) -> None:
        """Both drivers done, all sums compared, the events add up."""
        await self.adder.drain()
        await self.drainer.drain()
        await self.out.wait_for(len(self.expected))
        await ClockCycles(self.dut.clk_i, 4)
        assert self.compared == len(self.expected), f"{self.compared} of {len(self.expected)} sums"
        found = (self.found["ovf_o"], self.found["ev_write_o"])
        assert found == (self.overflows, self.adds), f"overflows, writes {found}"
        reads = self.found["ev_read_o"] + self.found["ev_bypass_o"]
        assert reads == self.known_reads, f"{reads} reads and bypasses, expected {self.known_reads}"


LOW, HIGH = limits(ACC) if ACC < 64 else (-(1 << 63), (1 << 63) - 1)


@leaf_test
async def smoke(dut):
    """Goal: the example of the header. Stimulus: additions in cycles 0 to 2, a drain of the first
    entry in cycle 3, again in cycle 4. Check: its sum 2 cycles later, then 0."""
    await bring_up(dut)
    bench = AccBankBench(dut)
    last, mask = ENTRIES - 1, (1 << DATA) - 1
    bench.adder.extend([(last, 0), (last, mask), (0, mask)])
    await bench.adder.drain()
    bench.drainer.extend([last, last])
    await bench.settled()
    assert bench.compared == 2 and bench.out.beats[0].data == (1 << ACC) - (1 if ENTRIES > 1 else 2)
    late = [there - then for there, then in zip(bench.out.times, bench.drained, strict=True)]
    assert late == [2, 2], f"a drain took {late} cycles"


@for_profiles(globals())
async def random(dut, profile):
    """Goal: sums under stalls. Stimulus: additions and drains of a few entries at once, the
    profile on both, crossed with every profile on the output. Check: every sum, every event
    counted; an entry came again after 1, 2 and 3 cycles."""
    await bring_up(dut)
    bench, draw = AccBankBench(dut, profile, "slow"), rng()
    for pause in PROFILES:
        bench.sink.set_pause(pause)
        bench.drainer.set_pause(str(draw.choice(PROFILES)))
        beats = bench.beats(draw, 160)
        bench.adder.extend(beats)
        picks = draw.integers(0, 160, 30)
        bench.drainer.extend([beats[int(i)][0] for i in picks])
        await bench.settled()
    bench.drainer.extend(list(range(ENTRIES)))
    await bench.settled()
    assert bench.compared == 150 + ENTRIES
    if profile in ("none", "burst"):
        assert bench.found["ev_bypass_o"] > 50
    if ENTRIES > 2:
        assert bench.found["ev_read_o"] > 0


@leaf_test
async def directed_distances(dut):
    """Goal: forwarding at every distance. Stimulus: to one entry with 0 to 4 additions to
    another or empty cycles between, thrice, then a drain at each distance. Check: sums; reads
    at a distance of 3 cycles and more only."""
    await bring_up(dut)
    bench = AccBankBench(dut)
    mask = (1 << DATA) - 1
    add = Pins(dut, dut.clk_i, "in_valid_i", "in_entry_i", "in_data_i")
    for gap in range(5):
        for other in (True, False):
            for turn in range(3):
                add.drive(in_valid_i=1, in_entry_i=0, in_data_i=turn & mask)
                await RisingEdge(dut.clk_i)
                add.drive(in_valid_i=other, in_entry_i=ENTRIES - 1, in_data_i=1)
                if gap:
                    await ClockCycles(dut.clk_i, gap)
            add.drive(in_valid_i=0)
            bench.drainer.extend([0, ENTRIES - 1])
            await bench.settled()
    assert bench.found["ev_bypass_o"] > 20


@leaf_test
async def extremes(dut):
    """Goal: rails, every entry, full. Stimulus: every entry with its number; the largest and the
    smallest number until both rails are met, and one back; a blocked output. Check: sums,
    overflows; two drains fit while the output waits."""
    await bring_up(dut)
    bench = AccBankBench(dut)
    mask, high = (1 << DATA) - 1, (1 << DATA - 1) - 1
    bench.adder.extend([(entry, entry & mask) for entry in range(ENTRIES)])
    await bench.adder.drain()
    bench.drainer.extend(range(ENTRIES))
    await bench.settled()
    steps = min(3 << ACC - DATA, 64)
    for rail, back in ((-high - 1, 1), (high, -1)):
        bench.adder.extend([(0, rail & mask)] * steps + [(0, back & mask)])
        await bench.adder.drain()
        bench.drainer.append(0)
        await bench.settled()
    assert ACC - DATA > 4 or bench.overflows >= 2
    bench.sink.set_pause("block")
    before = len(bench.drains.beats)
    bench.drainer.extend([0] * 4)
    await ClockCycles(dut.clk_i, 10)
    assert len(bench.drains.beats) - before == 2
    bench.sink.set_pause("none")
    await bench.settled()


@leaf_test
async def throughput(dut):
    """Goal: the rate of the header. Stimulus: 200 additions to 2 entries, 100 drains, no pauses.
    Check: one per cycle each; additions wait for drains."""
    await bring_up(dut)
    bench, draw = AccBankBench(dut), rng()
    bench.adder.extend(bench.beats(draw, 200, few=2))
    await bench.settled()
    bench.drainer.extend(draw.integers(0, ENTRIES, 100).tolist())
    await RisingEdge(dut.clk_i)
    bench.adder.append((0, 1))
    await bench.settled()
    assert bench.into.times[199] - bench.into.times[0] == 199
    assert bench.drains.times[-1] - bench.drains.times[0] == 99
    assert bench.into.times[200] > bench.drains.times[-1], "an addition passed a drain"
    late = {there - then for there, then in zip(bench.out.times, bench.drained, strict=True)}
    assert late == {2}, f"drains took {late} cycles"


@leaf_test
async def directed_clear(dut):
    """Goal: clr_i. Stimulus: 20 clears in the middle of traffic. Check: nothing old comes out,
    every entry counts as 0 from the next cycle on."""
    await bring_up(dut)
    bench, draw = AccBankBench(dut, "none", "random", "random"), rng()
    for _ in range(20):
        beats = bench.beats(draw, 12)
        bench.adder.extend(beats)
        bench.drainer.extend([e for e, _ in beats[:3]])
        await ClockCycles(dut.clk_i, 6 + int(draw.integers(4)))
        bench.pins.drive(clr_i=1)
        await RisingEdge(dut.clk_i)
        bench.pins.drive(clr_i=0)
        await ReadOnly()
        # What was on its way was neither written nor counted, or both, or will be.
        bench.forget()
        await RisingEdge(dut.clk_i)
        await bench.adder.drain()
        bench.drainer.extend([e for e, _ in beats])
        await bench.drainer.drain()
        bench.sink.set_pause("none")
        await ClockCycles(dut.clk_i, 6)
        bench.sink.set_pause("random")
        assert bench.compared == len(bench.expected)
    assert bench.compared > 200


@leaf_test
async def reset_mid(dut):
    """Goal: reset in traffic. Stimulus: a reset with sums inside and on their way. Check: every
    entry counts as 0 afterwards, and it works."""
    await bring_up(dut)
    bench, draw = AccBankBench(dut, pause_out="block"), rng()
    bench.adder.extend(bench.beats(draw, 20))
    bench.drainer.append(0)
    await ClockCycles(dut.clk_i, 8)
    bench.adder.abort()
    bench.drainer.abort()
    await reset(dut)
    bench.forget()
    bench.overflows, bench.adds = bench.found["ovf_o"], bench.found["ev_write_o"]
    bench.known_reads = bench.found["ev_read_o"] + bench.found["ev_bypass_o"]
    bench.sink.set_pause("none")
    beats = bench.beats(draw, 20)
    bench.adder.extend(beats)
    await bench.adder.drain()
    bench.drainer.extend(range(ENTRIES))
    await bench.settled()
    assert bench.compared == ENTRIES
