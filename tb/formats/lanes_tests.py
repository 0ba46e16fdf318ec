"""lac_fmt_lanes against two registers that hold a step each, and slots picked one by one."""

from __future__ import annotations

from cocotb.triggers import ClockCycles

from tb.common.bfm.block import Checker, bring_up, config, for_profiles, leaf_test, reset, rng
from tb.common.bfm.block_parts import EdgeMonitor
from tb.common.bfm.streams import StreamSink
from tb.formats.parts import Step, StepDriver, joined, noise, split

NUM_SLOTS = config().get("NumSlots", 8)
NUM_LANES = config().get("NumLanes", 4)
DATA = config().get("DataWidth", 8)
BASE = config().get("BaseWidth", 8)
INDEX = max((NUM_SLOTS - 1).bit_length(), 1)
FIELDS = ("keep", "data", "base", "end_err", "end_pos")
INPUTS = ("ready_i", "beat_valid_i", "end_valid_i", *(f"{name}_i" for name in FIELDS))
OUTPUTS = ("ready_o", "beat_valid_o", "end_valid_o", "slot_o", *(f"{name}_o" for name in FIELDS))


def wanted(step: Step) -> dict[str, int]:
    """Outputs while a step is held: only those that mean something."""
    if "end_valid" in step:
        means = {name: step[name] for name in ("end_err", "end_pos")}
        return {"beat_valid": 0, "end_valid": 1} | means
    slots = [i for i in range(NUM_SLOTS) if step["keep"] >> i & 1]
    data = split(step["data"], DATA, NUM_SLOTS)
    return {
        "beat_valid": 1,
        "end_valid": 0,
        "keep": (1 << len(slots)) - 1,
        "data": joined([data[i] for i in slots], DATA),
        "slot": joined(slots, INDEX),
        "base": step["base"],
    }


class LanesBench:
    """Steps in, lanes out. Every cycle is compared: what is held, and who is ready."""

    def __init__(self, dut, steps: str = "none", lanes: str = "none"):
        self.dut, self.draw = dut, rng()
        self.sink = StreamSink(dut, "", dut.clk_i, pause=lanes)
        self.driver = StepDriver(dut, FIELDS, steps)
        self.order = Checker("steps")  # each step is held once, in order
        self.came: dict[str, int] | None = None  # in front of the lanes
        self.held: dict[str, int] | None = None  # behind them
        self.full_cycles = self.blocked_cycles = 0
        self.monitor = EdgeMonitor(dut, (*INPUTS, *OUTPUTS), self._sample)

    def _sample(self, seen: EdgeMonitor) -> None:
        want = self.held or {"beat_valid": 0, "end_valid": 0}
        got = {name: seen[f"{name}_o"] for name in want}
        assert got == want, f"{got}, expected {want}"
        moves = bool(seen["ready_i"]) or self.held is None
        ready = moves or self.came is None
        assert seen["ready_o"] == ready, f"ready_o {seen['ready_o']}, expected {ready}"
        self.full_cycles += self.held is not None
        self.blocked_cycles += not ready
        if moves:
            if self.held:
                self.order(self.held)
            self.held, self.came = self.came, None
        if ready and (seen["beat_valid_i"] or seen["end_valid_i"]):
            step = {name: seen[f"{name}_i"] for name in FIELDS}
            self.came = wanted(step | ({"end_valid": 1} if seen["end_valid_i"] else {}))

    def beat(self, slots: list[int]) -> Step:
        """A step that keeps these slots; all of them have data."""
        data, keep = noise(self.draw, NUM_SLOTS * DATA), sum(1 << i for i in slots)
        return {"beat_valid": 1, "keep": keep, "data": data, "base": noise(self.draw, BASE)}

    def end(self) -> Step:
        """An end of a tile."""
        return {"end_valid": 1, "end_err": noise(self.draw, 4), "end_pos": noise(self.draw, 32)}

    def any(self) -> Step:
        """A random step: a beat, an end, or nothing."""
        if (kind := self.draw.random()) < 0.3:
            return self.end() if kind < 0.15 else {}
        count = int(self.draw.integers(1, min(NUM_LANES, NUM_SLOTS) + 1))
        return self.beat(sorted(self.draw.permutation(NUM_SLOTS)[:count].tolist()))

    async def run(self, steps: list[Step]) -> None:
        """Hand over steps; all of them come out."""
        self.order.expect(*(wanted(step) for step in steps if step))
        for step in steps:
            self.driver.append(step)
        await self.driver.drain()
        for _ in range(200):
            if not self.order.pending:
                break
            await ClockCycles(self.dut.clk_i, 1)
        self.order.done()


@leaf_test
async def smoke(dut):
    """Goal: holes close. Stimulus: the first slots, the last ones, a single one, an end. Check:
    lanes, slot numbers, base, error and position, two cycles behind the step."""
    await bring_up(dut)
    bench, most = LanesBench(dut), min(NUM_LANES, NUM_SLOTS)
    last = list(range(NUM_SLOTS - most, NUM_SLOTS))
    await bench.run([bench.beat(list(range(most))), {}, bench.beat(last), bench.end()])
    await bench.run([bench.beat([NUM_SLOTS - 1]), bench.end()])


@leaf_test
async def extremes(dut):
    """Goal: every choice of slots. Stimulus: all with at most NumLanes, back to back, then ends
    with all bits set. Check: as in smoke, in every cycle."""
    await bring_up(dut)
    bench = LanesBench(dut)
    choices = [[i for i in range(NUM_SLOTS) if v >> i & 1] for v in range(1, 1 << NUM_SLOTS)]
    await bench.run([bench.beat(c) for c in choices if len(c) <= NUM_LANES])
    await bench.run([{"end_valid": 1, "end_err": 15, "end_pos": (1 << 32) - 1}])


@leaf_test
async def throughput(dut):
    """Goal: a step per cycle, also while the output is let go now and then. Stimulus: 60 steps, no
    pause. Check: one taken in every cycle, never blocked."""
    await bring_up(dut)
    bench = LanesBench(dut)
    await bench.run([bench.beat([k % NUM_SLOTS]) for k in range(59)] + [bench.end()])
    first, last = bench.driver.taken[0], bench.driver.taken[-1]
    assert last - first == 59 and bench.blocked_cycles == 0


@leaf_test
async def reset_mid(dut):
    """Goal: reset while a step is held. Stimulus: a beat, an end, each blocked. Check: nothing is
    offered after it; the next steps are exact."""
    await bring_up(dut)
    bench = LanesBench(dut)
    for step in (bench.beat([0]), bench.end()):
        bench.sink.set_pause("block")
        bench.driver.append(step)
        await bench.driver.drain()
        await ClockCycles(dut.clk_i, 2)
        assert bench.held, "nothing was held"
        dut.rst_ni.value = 0
        await ClockCycles(dut.clk_i, 2)
        bench.came = bench.held = None
        await reset(dut)
        bench.sink.set_pause("none")
        await ClockCycles(dut.clk_i, 2)
        await bench.run([bench.beat([0, NUM_SLOTS - 1]), bench.end()])


@for_profiles(globals())
async def random(dut, profile):
    """Goal: pauses on both sides. Stimulus: 150 random steps. Check: every cycle."""
    await bring_up(dut)
    # Both in step would never meet a blocked output.
    bench = LanesBench(dut, "none" if profile == "cycle" else profile, profile)
    await bench.run([bench.any() for _ in range(149)] + [bench.end()])
    assert bench.full_cycles and (profile == "none") == (bench.blocked_cycles == 0)
