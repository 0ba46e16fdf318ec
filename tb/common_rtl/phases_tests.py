"""lac_phases against the phases of a pass written out cycle by cycle.

A pass is a list of cycles, each with its inputs and the outputs that have to go with them; it is
played to the pins, and every cycle is compared. The parts around it (checks, receivers, compute,
results) are only as long as the plan says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import product

from cocotb.triggers import RisingEdge

from models.socket import ErrorCode, Phase
from tb.common.bfm.block import Pins, bring_up, config, for_profiles, leaf_test, reset, rng
from tb.common.bfm.streams import PROFILES, pause_pattern

IN_COMPUTE = bool(config().get("WgtInCompute", 0))
BLOCKS = ("wgt", "act", "run", "out", "swap")
_SHOWN = (Phase.WGT, Phase.ACT, Phase.COMPUTE, Phase.OUTPUT, Phase.IDLE)
PHASES = dict(zip(BLOCKS, _SHOWN, strict=True))
STARTS = tuple(f"{block}_start_o" for block in ("check", *BLOCKS[:4]))
INPUTS: tuple[str, ...]
INPUTS = ("start_i", "soft_rst_i", "mode_i", "watchdog_i", "progress_i", "check_done_i")
INPUTS += ("check_bad_i", "check_idx_i", "wgt_busy_i", "act_busy_i", "out_done_i")
INPUTS += tuple(f"{b}_{what}_i" for b in BLOCKS[:3] for what in ("done", "err", "code", "pos"))
OUTPUTS = ("swap_o", "busy_o", "done_o", "err_valid_o", "phase_o", "clr_o", "discard_o", *STARTS)
OTHERS = ("err_code_o", "err_pos_o")
CHECK = 11  # cycles of the checks, as long as the slowest takes
NEVER = 0  # watchdog off


@dataclass
class Cycle:
    """Inputs by name without ``_i`` and outputs without ``_o``; outputs not named are 0."""

    inputs: dict[str, int] = field(default_factory=dict)
    outputs: dict[str, int] = field(default_factory=dict)


@dataclass
class Plan:
    """A pass.

    phases    of ``BLOCKS``; length: block (or check) -> cycles it takes, 3 if not named
    bad       field that the geometry refuses
    error     block -> (code, position) told in its last cycle; with_done: it is done there as well
    stuck     block that shows no progress any more and does not end
    early     the last result has gone while it computes
    drain     cycles the loaders throw away packets, None: for ever
    """

    phases: tuple[str, ...] = BLOCKS
    length: Mapping[str, int] = field(default_factory=dict)
    bad: int | None = None
    error: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    with_done: bool = False
    stuck: str | None = None
    early: bool = False
    drain: int | None = 3
    watchdog: int = NEVER

    def __post_init__(self) -> None:
        self.cycles: list[Cycle] = []

    @property
    def together(self) -> bool:
        """The weight packet is taken while it computes."""
        return IN_COMPUTE and "wgt" in self.phases and "run" in self.phases

    def script(self) -> list[Cycle]:
        """All cycles, from that of the start pulse to the last one busy."""
        self.cycles = [Cycle({"start": 1})]
        self._check()
        error = (int(ErrorCode.GEOMETRY), self.bad) if self.bad is not None else None
        for block in self.phases:
            if error is None and not (block == "wgt" and self.together):
                error = self._phase(block)
        if error is None:
            self.cycles[-1].outputs["done"] = 1
            return self.cycles
        self._drain(error)
        return self.cycles

    def _check(self) -> None:
        rows = [Cycle({}, {"busy": 1, "clr": 1}) for _ in range(self.length.get("check", CHECK))]
        rows[0].outputs["check_start"] = 1
        rows[-1].inputs["check_done"] = 1
        rows[-1].inputs["check_bad"] = int(self.bad is not None)
        rows[-1].inputs["check_idx"] = self.bad or 0
        self.cycles += rows

    def _phase(self, block: str) -> tuple[int, int] | None:
        phase = int(PHASES[block])
        if block == "swap":
            self.cycles.append(Cycle({}, {"busy": 1, "swap": 1}))
            return None
        stuck = block == self.stuck or (block == "run" and self.together and self.stuck == "wgt")
        # Progress is seen a cycle late.
        length = self.watchdog + 2 if stuck else self.length.get(block, 3)
        sent = block == "out" and self.early and "run" in self.phases and not stuck
        length = 1 if sent else length
        show = {"progress": int(not stuck)} | ({f"{block}_busy": 1} if block in BLOCKS[:2] else {})
        rows = [Cycle(dict(show), {"busy": 1, "phase": phase}) for _ in range(length)]
        rows[0].outputs[f"{block}_start"] = 1
        if block == "run" and self.together:
            rows[0].outputs["wgt_start"] = 1
        if block == "run" and self.early:
            rows[length // 2].inputs["out_done"] = 1
        self.cycles += rows
        if stuck:
            return int(ErrorCode.TIMEOUT), phase
        error, told = self.error.get(block), "run" if block == "out" else block
        if block == "run" and self.together and "wgt" in self.error:
            error, told = self.error["wgt"], "wgt"
        if error:
            rows[-1].inputs |= {f"{told}_err": 1, f"{told}_code": error[0]}
            rows[-1].inputs[f"{told}_pos"] = error[1]
        if (not error or self.with_done) and not sent:
            rows[-1].inputs[f"{block}_done"] = 1
        return error

    def _drain(self, error: tuple[int, int]) -> None:
        """Two cycles at least: the loaders say in the first that they have something to drop."""
        forever = self.drain is None
        busy = self.watchdog + 2 if self.drain is None else self.drain
        count = max(2, self.watchdog + 2 if self.drain is None else self.drain + 1)
        for k in range(count):
            inputs = {"act_busy": int(k < busy), "wgt_busy": int(k < busy // 2)}
            inputs["progress"] = int(k < busy and not forever)
            outputs = {"busy": 1, "clr": 1, "discard": 1, "phase": int(Phase.DRAIN)}
            self.cycles.append(Cycle(inputs, outputs))
        told = {"err_valid": 1, "err_code": error[0], "err_pos": error[1]}
        self.cycles[-1].outputs |= told


class PhasesBench:
    """Plays cycles and compares all of them."""

    def __init__(self, dut):
        self.dut, self.draw = dut, rng()
        self.pins = Pins(dut, dut.clk_i, *INPUTS, *OUTPUTS, *OTHERS)
        self.plan = Plan()

    def inputs(self, row: Cycle) -> dict[str, int]:
        """All inputs of a cycle; codes and positions that nobody asks for are random."""
        draw = self.draw
        values = dict.fromkeys((name.removesuffix("_i") for name in INPUTS), 0)
        values["mode"] = sum(1 << BLOCKS.index(block) for block in self.plan.phases)
        values["watchdog"] = self.plan.watchdog
        for block in BLOCKS[:3]:
            values[f"{block}_code"] = int(draw.integers(1 << 8))
            values[f"{block}_pos"] = int(draw.integers(1 << 32))
        values["check_idx"], values["check_bad"] = int(draw.integers(16)), int(draw.integers(2))
        return {f"{name}_i": value for name, value in (values | row.inputs).items()}

    async def cycle(self, row: Cycle, what: str = "") -> None:
        """One cycle."""
        self.pins.drive(**self.inputs(row))
        await RisingEdge(self.dut.clk_i)
        want = dict.fromkeys(OUTPUTS, 0)
        want |= {f"{name}_o": value for name, value in row.outputs.items()}
        got = dict(zip(want, self.pins.read(*want), strict=True))
        assert got == want, f"{what}: {got}, expected {want}, plan {self.plan}"

    async def rest(self, phase: Phase, count: int = 2) -> None:
        """Cycles in which nothing happens."""
        for _ in range(count):
            outputs = {"phase": int(phase), "discard": int(phase == Phase.ERROR)}
            await self.cycle(Cycle({}, outputs), "at rest")

    async def run(self, plan: Plan, starts: float = 0.0) -> None:
        """A whole pass, then a soft reset if it failed; ``starts``: share of busy cycles in which
        another start comes, which must do nothing."""
        self.plan = plan
        script = plan.script()
        for k, row in enumerate(script):
            if k and self.draw.random() < starts:
                row.inputs["start"] = 1
            await self.cycle(row, f"cycle {k}")
        if "err_valid" in script[-1].outputs:
            await self.rest(Phase.ERROR)
            outputs = {"phase": int(Phase.ERROR), "discard": 1}
            await self.cycle(Cycle({"start": 1}, dict(outputs)), "start in error")
            await self.rest(Phase.ERROR)
            await self.cycle(Cycle({"soft_rst": 1}, outputs | {"clr": 1}), "soft reset in error")
        await self.rest(Phase.IDLE)


CODES = {
    "wgt": ErrorCode.WGT_ORDER,
    "act": ErrorCode.ACT_SHORT,
    "run": ErrorCode.ACC_OVERFLOW,
    "out": ErrorCode.ROW_RANGE,
}


@leaf_test
async def smoke(dut):
    """Goal: all phases in order. Stimulus: a pass with all of them. Check: every output in every
    cycle; the first phase starts 12 cycles after the start pulse, 11 of them busy."""
    await bring_up(dut)
    bench = PhasesBench(dut)
    plan = Plan()
    await bench.run(plan)
    starts = [f"{block}_start" for block in BLOCKS[:2]]
    first = next(k for k, row in enumerate(plan.cycles) if row.outputs.keys() & starts)
    assert first == CHECK + 1


@leaf_test
async def throughput(dut):
    """Goal: no cycle between phases or passes. Stimulus: phases of one cycle, all choices of them,
    the next start in the first cycle that is not busy. Check: every output in every cycle."""
    await bring_up(dut)
    bench = PhasesBench(dut)
    for phases in choices():
        bench.plan = Plan(phases, dict.fromkeys(BLOCKS, 1))
        for row in bench.plan.script():
            await bench.cycle(row)
    await bench.rest(Phase.IDLE)


def choices() -> list[tuple[str, ...]]:
    """All choices of phases that a good geometry may ask for."""
    return [
        tuple(block for k, block in enumerate(BLOCKS) if mask >> k & 1)
        for mask in range(1, 1 << len(BLOCKS))
    ]


@leaf_test
async def extremes(dut):
    """Goal: codes and positions with every bit, the shortest drain. Stimulus: errors with all bits
    set and none, in phases of one cycle, nothing to drain; an error and an end in one cycle. Check:
    every output in every cycle; the error wins."""
    await bring_up(dut)
    bench = PhasesBench(dut)
    for block, value, done in product(BLOCKS[:4], (0, 1), (False, True)):
        error = (0xFF * value, 0xFFFF_FFFF * value)
        plan = Plan(length={block: 1}, error={block: error}, drain=0, with_done=done)
        await bench.run(plan)


@leaf_test
async def directed_geometry(dut):
    """Goal: a refused geometry stops the pass before its first phase. Stimulus: every index, every
    choice of phases. Check: every output; what comes from then on is to be thrown away."""
    await bring_up(dut)
    bench = PhasesBench(dut)
    for index, phases in enumerate(choices()):
        await bench.run(Plan(phases, bad=index % 16, drain=index % 4))
        await bench.run(Plan(phases))


@leaf_test
async def directed_errors(dut):
    """Goal: the first error ends the pass when the loaders are done with their packets. Stimulus:
    an error of each phase in passes of all choices of phases, drains of 0 to 5 cycles. Check: every
    output."""
    await bring_up(dut)
    bench = PhasesBench(dut)
    for number, phases in enumerate(choices()):
        for block in set(phases) & set(CODES):
            error = {block: (int(CODES[block]), int(bench.draw.integers(1 << 32)))}
            await bench.run(Plan(phases, error=error, drain=number % 6))


@leaf_test
async def directed_watchdog(dut):
    """Goal: WATCHDOG + 1 cycles without progress, not one less. Stimulus: each phase stuck with 1,
    2 and 9; phases of that many silent cycles in succession; a drain that never ends; progress in
    the last cycle before it would bite, on and on; off. Check: every output; the error is told in
    the cycle behind them, with the phase."""
    await bring_up(dut)
    bench = PhasesBench(dut)
    for watchdog, block in product((1, 2, 9), BLOCKS[:4]):
        await bench.run(Plan(stuck=block, watchdog=watchdog))
        await bench.run(Plan(watchdog=watchdog))
    for watchdog in (1, 3):
        plan = bench.plan = Plan(length=dict.fromkeys(BLOCKS, watchdog + 1), watchdog=watchdog)
        for k, row in enumerate(plan.script()):
            row.inputs["progress"] = 0
            await bench.cycle(row, f"cycle {k}")
        await bench.rest(Phase.IDLE)
    for watchdog in (1, 9):
        await bench.run(Plan(bad=3, watchdog=watchdog, drain=None))
        await bench.run(Plan(stuck="act", watchdog=watchdog, drain=None))
    for watchdog in (2, 5, NEVER):
        plan = Plan(length=dict.fromkeys(BLOCKS, 31), watchdog=watchdog)
        bench.plan = plan
        for k, row in enumerate(plan.script()):
            last = any(name.endswith("_done") for name in row.inputs)
            last = last or "swap" in row.outputs
            silent = k % (watchdog + 1) if watchdog else 1
            row.inputs["progress"] = int(last or not silent) if watchdog else 0
            await bench.cycle(row, f"cycle {k}")
        await bench.rest(Phase.IDLE)


@leaf_test
async def directed_early(dut):
    """Goal: results that have gone while it computes end Output at once, in this pass only.
    Stimulus: passes of all choices of phases in turn with and without. Check: every output."""
    await bring_up(dut)
    bench = PhasesBench(dut)
    for phases in choices():
        await bench.run(Plan(phases, early="run" in phases))
        await bench.run(Plan(phases))


@leaf_test
async def directed_soft_reset(dut):
    """Goal: a soft reset ends anything. Stimulus: one in each cycle of a good pass and of one with
    an error. Check: idle in the next cycle, neither done nor error behind it; then a good pass."""
    await bring_up(dut)
    bench = PhasesBench(dut)
    short = dict.fromkeys(BLOCKS[:4], 2) | {"check": 3}
    failing = Plan(length=short, error={"act": (7, 70)}, drain=3)
    for plan in (Plan(length=short), failing):
        for stop in range(1, len(plan.script())):
            bench.plan = plan
            script = plan.script()
            for row in script[:stop]:
                await bench.cycle(row)
            row = script[stop]
            row.inputs |= {"soft_rst": 1, "start": stop & 1}
            row.outputs |= {"clr": 1, "done": 0}
            for name in ("err_valid", "err_code", "err_pos"):  # nothing is told any more
                row.outputs.pop(name, None)
            await bench.cycle(row, f"soft reset in cycle {stop}")
            await bench.rest(Phase.IDLE)
            await bench.run(Plan(length=short))


@leaf_test
async def reset_mid(dut):
    """Goal: reset in every phase. Stimulus: one in every other cycle of a pass with an error.
    Check: idle; then a good pass."""
    await bring_up(dut)
    bench = PhasesBench(dut)
    length = len(Plan(error={"run": (13, 1)}).script())
    for stop in range(1, length, 2):
        bench.plan = Plan(error={"run": (13, 1)})
        for row in bench.plan.script()[:stop]:
            await bench.cycle(row)
        bench.pins.drive(**dict.fromkeys(INPUTS, 0))
        await reset(dut)
        await bench.rest(Phase.IDLE)
        await bench.run(Plan())


@for_profiles(globals())
async def random(dut, profile):
    """Goal: anything. Stimulus: 40 random passes with phases as slow as the profile, progress in
    its rhythm, errors in a part of them, starts while busy. Check: every output in every cycle."""
    await bring_up(dut)
    bench, draw = PhasesBench(dut), rng()
    slow, pause = 2 + 3 * PROFILES.index(profile), pause_pattern(profile, "length")
    ends = set()
    for _ in range(40):
        phases = choices()[int(draw.integers(31))]
        length = {block: int(draw.integers(1, slow)) if next(pause) else 1 for block in BLOCKS}
        plan = Plan(phases, length | {"check": int(draw.integers(1, 12))})
        plan.drain, plan.watchdog = int(draw.integers(8)), int(draw.integers(1, 12))
        kind = ("good", "bad", "error", "stuck")[int(draw.integers(4))]
        plan.early = bool(draw.integers(2))
        block = phases[int(draw.integers(len(phases)))]
        if kind == "bad":
            plan.bad = int(draw.integers(16))
        elif kind == "error" and block in CODES:
            plan.error = {block: (int(CODES[block]), int(draw.integers(1 << 32)))}
        elif kind == "stuck" and block != "swap":
            plan.early = False
            plan.stuck = block
        ends.add(kind)
        await bench.run(plan, starts=0.2)
    assert ends == {"good", "bad", "error", "stuck"}
