"""lac_eie_ctrl against the order of phases and the checks of ``rtl/eie/README.md``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product

import cocotb
from cocotb.triggers import ClockCycles, RisingEdge
from cocotb_bus.drivers import BusDriver

from models.eie.packets import Cfg, Mode
from models.socket import NUM_CFG, ErrorCode, Phase
from tb.common.bfm.block import Checker, Pins, bring_up, config, for_profiles, leaf_test, reset, rng
from tb.common.bfm.block_parts import EdgeMonitor, cycle, known
from tb.common.bfm.streams import PROFILES

NUM_PE = config().get("NumPe", 64)
ACC_WIDTH = config().get("AccWidth", 40)
ACT_REGS = config().get("ActRegs", 64)
ACT_DEPTH = config().get("ActDepth", 1024)
PTR_DEPTH = config().get("PtrDepth", 16384)
BIAS_DEPTH = config().get("BiasDepth", 256)
BOOKS = config().get("NumCodebooks", 4)
PHASES = Mode.LOAD_WGT | Mode.LOAD_ACT | Mode.COMPUTE | Mode.OUTPUT | Mode.SWAP
TOP = 0xFFFFFFFF
#: From the start pulse to the first cycle of the first phase (one cycle of checks in between).
LATENCY = 2


def fault(cfg: Mapping[int, int]) -> int | None:
    """CFG index that the geometry check must report, None if the pass is good."""
    mode, in_len, out_len, ptr, act, bias, book, shift = (cfg.get(k, 0) for k in range(8))
    compute, file = bool(mode & Mode.COMPUTE), bool(mode & Mode.SRC_FILE)
    load, output = bool(mode & Mode.LOAD_ACT), bool(mode & Mode.OUTPUT)
    in_rows, out_rows = -(-in_len // NUM_PE), -(-out_len // NUM_PE)
    from_sram = load or (compute and not file)
    checks = {
        Cfg.MODE: mode >> 11 or not mode & PHASES or (mode & Mode.ACC_KEEP and mode & Mode.BIAS),
        Cfg.IN_LEN: (load or compute)
        and (
            in_len == 0
            or (from_sram and in_rows > ACT_DEPTH)
            or (compute and file and in_rows > ACT_REGS)
        ),
        Cfg.OUT_LEN: (compute or output) and not 1 <= out_rows <= ACT_REGS,
        Cfg.PTR_BASE: compute and (ptr % 2 or ptr + in_len + 1 > PTR_DEPTH),
        Cfg.ACT_BASE: from_sram and act + in_rows > ACT_DEPTH,
        Cfg.BIAS_BASE: compute and mode & Mode.BIAS and bias + out_rows > BIAS_DEPTH,
        Cfg.CODEBOOK: compute and book >= BOOKS,
        Cfg.SHIFT: (output or mode & Mode.SWAP) and shift >= ACC_WIDTH,
    }
    return next((int(index) for index, bad in checks.items() if bad), None)


def good_trace(cfg: Mapping[int, int]) -> list[tuple]:
    """What a good pass does, in order."""
    mode, rows = cfg[Cfg.MODE], -(-cfg.get(Cfg.OUT_LEN, 0) // NUM_PE)
    trace: list[tuple] = [("clr",)]
    trace += [("wgt_start",)] if mode & Mode.LOAD_WGT else []
    trace += [("act_start",)] if mode & Mode.LOAD_ACT else []
    if mode & Mode.COMPUTE:
        trace += [] if mode & Mode.ACC_KEEP else [("clear",)]
        base = cfg.get(Cfg.BIAS_BASE, 0)
        trace += [("bias", base + row, row) for row in range(rows if mode & Mode.BIAS else 0)]
        trace += [("ccu_start",)]
    trace += [("out_start",)] if mode & Mode.OUTPUT else []
    trace += [("swap",)] if mode & Mode.SWAP else []
    return [*trace, ("done",)]


@dataclass
class Plan:
    """How the blocks around pass control behave.

    delay     block -> cycles it takes
    error     block -> (code, position) it reports in its last cycle instead of finishing
    stuck     blocks that never finish nor show progress
    drain     cycles a loader needs to throw its packet away; None: never
    """

    delay: dict[str, int] = field(default_factory=dict)
    error: dict[str, tuple[int, int]] = field(default_factory=dict)
    stuck: frozenset[str] = frozenset()
    drain: int | None = 3


class World(BusDriver):
    """Loaders, compute and result stream, as far as pass control sees them."""

    _signals = ["wgt_start_o", "act_start_o", "ccu_start_o", "out_start_o", "discard_o"]
    _signals += ["bias_rd_en_o", "soft_rst_i"]
    _signals += [f"{block}_{what}_i" for block in ("wgt", "act")
                 for what in ("busy", "done", "err", "code", "pos")]  # fmt: skip
    _signals += ["compute_idle_i", "pe_err_i", "pe_code_i", "pe_pos_i", "out_done_i", "progress_i"]

    def __init__(self, dut):
        super().__init__(dut, None, dut.clk_i, case_insensitive=False)
        self.plan = Plan()
        self.waiting: set[str] = set()  # loaders with a packet at their door
        self.drained: list[str] = []
        self._left: dict[str, int] = {}  # block -> cycles to go
        self._draining: dict[str, int] = {}
        self._error: str | None = None
        cocotb.start_soon(self._serve())

    def quiet(self) -> None:
        """Forget what is going on (soft reset)."""
        self._left.clear()
        self._draining.clear()

    async def _serve(self) -> None:
        edge = RisingEdge(self.clock)
        while True:
            self._drive()
            await edge
            if known(self.bus.soft_rst_i):
                self.quiet()
                continue
            if known(self.bus.discard_o):
                self._throw()
            self._advance()
            for block in ("wgt", "act", "ccu", "out"):
                if known(getattr(self.bus, f"{block}_start_o")):
                    self._left[block] = self.plan.delay.get(block, 2)

    def _advance(self) -> None:
        """One cycle of what is going on."""
        for block in list(self._left):
            if block not in self.plan.stuck:
                self._left[block] -= 1
                if self._left[block] < 0:
                    del self._left[block]
                    if block in self.plan.error and block in ("wgt", "act"):
                        self._draining[block] = self.plan.drain or 0  # the rest of a bad packet
        for block in list(self._draining):
            if self.plan.drain is not None:
                self._draining[block] -= 1
                if self._draining[block] < 0:
                    del self._draining[block]
                    self.drained.append(block)

    def _throw(self) -> None:
        """The packet under way is on its way out, and so is one that waits."""
        for block in ("wgt", "act"):
            if block in self._left or block in self.waiting:
                self._draining[block] = self.plan.drain or 0
                self.waiting.discard(block)
        self._left.clear()

    def _drive(self) -> None:
        bus, plan, values = self.bus, self.plan, {}
        for block in ("wgt", "act"):
            last = self._left.get(block) == 0 and block not in plan.stuck
            fails = last and block in plan.error
            values[f"{block}_busy_i"] = block in self._left or block in self._draining
            values[f"{block}_done_i"] = last and not fails
            values[f"{block}_err_i"] = fails
            if fails:
                values[f"{block}_code_i"], values[f"{block}_pos_i"] = plan.error[block]
        last = self._left.get("ccu") == 0 and "ccu" not in plan.stuck
        values["pe_err_i"] = last and "ccu" in plan.error
        if values["pe_err_i"]:
            values["pe_code_i"], values["pe_pos_i"] = plan.error["ccu"]
            self._left["ccu"] += 1  # held until it is cleared
        values["compute_idle_i"] = "ccu" not in self._left
        values["out_done_i"] = self._left.get("out") == 0 and "out" not in plan.stuck
        busy = (self._left.keys() - plan.stuck) | (self._draining.keys() if plan.drain else set())
        values["progress_i"] = bool(busy) or bool(known(bus.bias_rd_en_o))
        for name, value in values.items():
            getattr(bus, name).value = int(value)


class CtrlBench:
    """Pass control in its world; everything it does is a trace of events."""

    EVENTS = ("wgt_start", "act_start", "clear", "ccu_start", "out_start", "swap", "done")
    SIGNALS = (
        *(f"{name}_o" for name in EVENTS),
        *("clr_o", "bias_rd_en_o", "bias_rd_addr_o", "bias_reg_o", "busy_o", "phase_o"),
        *("err_valid_o", "err_code_o", "err_pos_o", "start_i", "soft_rst_i", "discard_o"),
    )

    def __init__(self, dut):
        self.dut = dut
        self.rng = rng()
        self.world = World(dut)
        self.check = Checker("ctrl_trace")
        self.pins = Pins(
            dut,
            dut.clk_i,
            *("start_i", "soft_rst_i", "cfg_i", "watchdog_i", "book_loaded_i"),
            *("busy_o", "phase_o", "discard_o"),
        )
        self.pins.drive(book_loaded_i=(1 << BOOKS) - 1)
        self.times: dict[str, int] = {}
        self.phases: list[Phase] = []
        self._clr = False
        self.monitor = EdgeMonitor(dut, self.SIGNALS, self._sample, self.check)

    def _sample(self, seen: EdgeMonitor) -> None:
        if seen["start_i"]:
            self.times["start"] = cycle()
        phase = Phase(seen["phase_o"])
        failed = phase in (Phase.DRAIN, Phase.ERROR)
        assert bool(seen["discard_o"]) == failed, f"discard_o {seen['discard_o']} in {phase.name}"
        if seen["busy_o"] and self.phases[-1:] != [phase]:
            self.phases.append(phase)
        for event in self._events(seen):
            self.times[event[0]] = cycle()
            seen.report(event)

    def _events(self, seen: EdgeMonitor) -> Iterator[tuple]:
        clr = bool(seen["clr_o"]) and not seen["soft_rst_i"]
        if clr and not self._clr:
            yield ("clr",)
        self._clr = clr
        if seen["bias_rd_en_o"]:
            yield ("bias", seen["bias_rd_addr_o"], seen["bias_reg_o"])
        for name in self.EVENTS:
            if seen[f"{name}_o"]:
                yield (name,)
        if seen["err_valid_o"]:
            yield ("error", ErrorCode(seen["err_code_o"]), seen["err_pos_o"])

    async def start(self, cfg: Mapping[int, int], plan: Plan | None = None) -> None:
        """Set CFG and give the start pulse."""
        self.world.plan = plan or Plan()
        self.phases.clear()
        packed = sum(int(cfg.get(k, 0)) << 32 * k for k in range(NUM_CFG))
        self.pins.drive(cfg_i=packed)
        await self.pins.pulse("start_i")

    async def rest(self, limit: int = 2000) -> None:
        """Wait until it is not busy, and see that nothing more happens."""
        await ClockCycles(self.dut.clk_i, 2)
        for _ in range(limit):
            if not self.pins.read("busy_o")[0]:
                break
            await RisingEdge(self.dut.clk_i)
        else:
            raise AssertionError(f"busy for {limit} cycles")
        await ClockCycles(self.dut.clk_i, 2)
        self.check.done()

    async def good(self, cfg: Mapping[int, int], plan: Plan | None = None) -> None:
        """A pass that must go through."""
        assert fault(cfg) is None
        self.check.expect(*good_trace(cfg))
        await self.start(cfg, plan)
        await self.rest()
        assert self.pins.read("phase_o") == [Phase.IDLE]

    async def bad(
        self, cfg: Mapping[int, int], told: tuple[ErrorCode, int], begun: list[tuple], **plan
    ) -> None:
        """A pass that must tell an error after the events ``begun``; then a good one."""
        self.check.expect(("clr",), *begun)
        if begun:
            self.check.expect(("clr",))
        self.check.expect(("error", *told))
        await self.start(cfg, Plan(**plan))
        await self.rest()
        assert self.pins.read("phase_o", "discard_o") == [Phase.ERROR, 1]
        # Only a soft reset leads on.
        await self.pins.pulse("start_i")
        await ClockCycles(self.dut.clk_i, 3)
        assert self.pins.read("busy_o", "phase_o", "discard_o") == [0, Phase.ERROR, 1]
        await self.pins.pulse("soft_rst_i")
        await ClockCycles(self.dut.clk_i, 2)
        assert self.pins.read("busy_o", "phase_o", "discard_o") == [0, Phase.IDLE, 0]
        await self.good(full())


def full(mode: int = PHASES, **changes: int) -> dict[int, int]:
    """CFG of a small pass with all phases; ``changes`` by register name."""
    cfg = {Cfg.MODE: int(mode), Cfg.IN_LEN: 1, Cfg.OUT_LEN: 1}
    return cfg | {Cfg[name]: value for name, value in changes.items()}


@leaf_test
async def smoke(dut):
    """Goal: all phases in order. Stimulus: a pass with all of them. Check: events, phases shown,
    LATENCY from the start to the first phase, done once."""
    await bring_up(dut)
    bench = CtrlBench(dut)
    await bench.good(full())
    took = bench.times["wgt_start"] - bench.times["start"]
    assert took == LATENCY, f"the first phase begins after {took} cycles"
    order = [phase for phase in bench.phases if phase != Phase.IDLE]
    assert order == [Phase.WGT, Phase.ACT, Phase.COMPUTE, Phase.OUTPUT]


@leaf_test
async def directed_phases(dut):
    """Goal: phases that MODE does not ask for are skipped. Stimulus: all 31 choices of phases, with
    inputs from the file and not, with bias, with kept accumulators, blocks that take no time and
    some. Check: events."""
    await bring_up(dut)
    bench = CtrlBench(dut)
    options = (0, Mode.SRC_FILE, Mode.BIAS | Mode.RELU, Mode.ACC_KEEP | Mode.FUSE_PAD)
    for phases, option in product(range(1, 32), options):
        delay = int(bench.rng.integers(1, 4))
        plan = Plan(delay=dict.fromkeys(("wgt", "act", "ccu", "out"), delay))
        await bench.good(full(phases | option), plan)


@leaf_test
async def directed_bias(dut):
    """Goal: each row of biases is read once, and written before the broadcast. Stimulus: 1 row, all
    rows (at most 64), the last base that fits. Check: events; the broadcast starts two cycles after
    the last read at the earliest."""
    await bring_up(dut)
    bench = CtrlBench(dut)
    rows = min(ACT_REGS, BIAS_DEPTH)
    for count in sorted({1, rows}):
        cfg = full(Mode.COMPUTE | Mode.BIAS, OUT_LEN=count * NUM_PE, BIAS_BASE=BIAS_DEPTH - count)
        await bench.good(cfg)
        assert bench.times["ccu_start"] - bench.times["bias"] >= 2


@leaf_test
async def directed_soft_reset(dut):
    """Goal: a soft reset ends any phase. Stimulus: one in each of the first 20 cycles of a pass.
    Check: idle, no done, no error; then a good pass."""
    await bring_up(dut)
    bench = CtrlBench(dut)
    for wait in range(20):
        bench.check.expect(*good_trace(full()))
        await bench.start(full())
        await ClockCycles(dut.clk_i, wait)
        await bench.pins.pulse("soft_rst_i")
        await RisingEdge(dut.clk_i)
        if wait < 15:
            assert bench.check.pending, "the pass was over before"
        bench.check.forget()
        await ClockCycles(dut.clk_i, 3)
        assert bench.pins.read("busy_o", "phase_o") == [0, Phase.IDLE]
        await bench.good(full(Mode.SWAP))


@leaf_test
async def directed_busy_start(dut):
    """Goal: a start while busy does nothing. Stimulus: one in each cycle of a pass. Check: the
    events of one pass."""
    await bring_up(dut)
    bench = CtrlBench(dut)
    for wait in range(12):
        bench.check.expect(*good_trace(full()))
        await bench.start(full())
        await ClockCycles(dut.clk_i, wait)
        await bench.pins.pulse("start_i")
        await bench.rest()


@for_profiles(globals())
async def random(dut, profile):
    """Goal: any CFG. Stimulus: 40 random CFGs around the limits of every field, blocks as slow as
    the profile. Check: the fault of the model, or the events of a good pass."""
    await bring_up(dut)
    bench = CtrlBench(dut)
    draw, slow = bench.rng, PROFILES.index(profile) * 3 + 2
    good = bad = 0
    for _ in range(40):
        cfg = random_cfg(draw)
        index = fault(cfg)
        if index is None:
            delay = {block: int(draw.integers(1, slow)) for block in ("wgt", "act", "ccu", "out")}
            await bench.good(cfg, Plan(delay=delay))
            good += 1
        else:
            await bench.bad(cfg, (ErrorCode.GEOMETRY, index), [])
            bad += 1
    assert good > 5 and bad > 3, f"{good} good and {bad} bad passes"


def random_cfg(draw) -> dict[int, int]:
    """CFG near the limits, good more often than not."""
    mode = int(draw.integers(1, 32)) | int(draw.integers(4)) << 5 | int(draw.integers(8)) << 8
    if draw.random() < 0.5 and not mode & Mode.ACC_KEEP:
        mode |= Mode.BIAS
    rows = ACT_REGS if mode & Mode.SRC_FILE else ACT_DEPTH
    longest = min(rows * NUM_PE, PTR_DEPTH - 1)
    in_len = int(draw.integers(1, min(longest, 5) + 1)) if draw.random() < 0.5 else longest
    out_rows = int(draw.integers(1, min(ACT_REGS, BIAS_DEPTH) + 1))
    out_rows = min(out_rows, 6) if mode & Mode.BIAS else out_rows
    in_rows = -(-in_len // NUM_PE)
    cfg = {
        Cfg.MODE: mode,
        Cfg.IN_LEN: in_len,
        Cfg.OUT_LEN: out_rows * NUM_PE - int(draw.integers(NUM_PE)),
        Cfg.PTR_BASE: int(draw.integers(PTR_DEPTH - in_len)) // 2 * 2,
        Cfg.ACT_BASE: int(draw.integers(max(0, ACT_DEPTH - in_rows) + 1)),
        Cfg.BIAS_BASE: BIAS_DEPTH - out_rows,
        Cfg.CODEBOOK: int(draw.integers(BOOKS)),
        Cfg.SHIFT: int(draw.integers(ACC_WIDTH)),
    }
    if draw.random() < 0.6:
        index = int(draw.integers(8))
        cfg[index] = int(draw.choice([cfg[index] + 1, 0, TOP, cfg[index] ^ 1, cfg[index] * 2 + 1]))
        cfg[index] &= TOP
    return cfg


@leaf_test
async def extremes(dut):
    """Goal: the largest geometry is good. Stimulus: every field at its largest good value, from the
    SRAM and from the file; fields no phase uses at their worst. Check: events."""
    await bring_up(dut)
    bench = CtrlBench(dut)
    longest = min(ACT_DEPTH * NUM_PE, PTR_DEPTH - 1)
    most = ACT_REGS * NUM_PE
    await bench.good(full(IN_LEN=longest, OUT_LEN=most, CODEBOOK=BOOKS - 1, SHIFT=ACC_WIDTH - 1))
    longest = min(most, PTR_DEPTH - 1)
    await bench.good(full(Mode.COMPUTE | Mode.SRC_FILE, IN_LEN=longest, ACT_BASE=TOP, SHIFT=TOP))
    await bench.good(full(Mode.COMPUTE, PTR_BASE=PTR_DEPTH - 2, ACT_BASE=ACT_DEPTH - 1))
    await bench.good(full(Mode.LOAD_ACT, IN_LEN=ACT_DEPTH * NUM_PE, OUT_LEN=TOP, PTR_BASE=TOP))
    worst = dict.fromkeys(("PTR_BASE", "ACT_BASE", "BIAS_BASE", "CODEBOOK"), TOP)
    await bench.good(full(Mode.OUTPUT, IN_LEN=TOP, OUT_LEN=most, **worst))
    await bench.good(full(Mode.LOAD_WGT, IN_LEN=TOP, OUT_LEN=TOP, SHIFT=TOP, **worst))


@leaf_test
async def reset_mid(dut):
    """Goal: reset in every phase. Stimulus: a reset in some cycles of a pass. Check: idle; then a
    good pass."""
    await bring_up(dut)
    bench = CtrlBench(dut)
    for wait in range(0, 16, 3):
        bench.check.expect(*good_trace(full()))
        await bench.start(full())
        await ClockCycles(dut.clk_i, wait)
        await reset(dut)
        bench.world.quiet()
        bench.check.forget()
        assert bench.pins.read("busy_o", "phase_o") == [0, Phase.IDLE]
        await ClockCycles(dut.clk_i, 2)
        await bench.good(full(Mode.SWAP))


@leaf_test
async def bad_geometry(dut):
    """Goal: each field is checked, the lowest index is told, packets that wait are thrown away.
    Stimulus: each field one past its limit and far past it, two wrong fields at once, with packets
    at both doors. Check: GEOMETRY with the index, before any phase begins; both packets gone."""
    await bring_up(dut)
    bench = CtrlBench(dut)
    most = ACT_REGS * NUM_PE
    cases = [(Cfg.MODE, full(1 << 11 | 1)), (Cfg.MODE, full(0)), (Cfg.MODE, full(1 << 31))]
    cases += [(Cfg.MODE, full(Mode.COMPUTE | Mode.ACC_KEEP | Mode.BIAS, SHIFT=TOP))]
    wrong = {
        Cfg.IN_LEN: (0, ACT_DEPTH * NUM_PE + 1, TOP),
        Cfg.OUT_LEN: (0, most + 1, TOP),
        Cfg.PTR_BASE: (1, PTR_DEPTH, TOP - 1, TOP),
        Cfg.ACT_BASE: (ACT_DEPTH, TOP),
        Cfg.BIAS_BASE: (BIAS_DEPTH, TOP),
        Cfg.CODEBOOK: (BOOKS, TOP),
        Cfg.SHIFT: (ACC_WIDTH, TOP),
    }
    for index, values in wrong.items():
        for value in values:
            cases.append((index, full(PHASES | Mode.BIAS) | {index: value}))
            cases.append((index, full(PHASES | Mode.BIAS, SHIFT=TOP) | {index: value}))
    cases.append((Cfg.IN_LEN, full(Mode.COMPUTE | Mode.SRC_FILE, IN_LEN=most + 1)))
    for index, cfg in cases:
        assert fault(cfg) == index, f"the model says {fault(cfg)} for {cfg}"
        bench.world.waiting = {"wgt", "act"}
        bench.world.drained.clear()
        await bench.bad(cfg, (ErrorCode.GEOMETRY, int(index)), [])
        assert sorted(bench.world.drained) == ["act", "wgt"], f"{bench.world.drained} drained"


@leaf_test
async def bad_loader(dut):
    """Goal: an error of a loader stops the pass when everything is drained. Stimulus: errors of
    both loaders after different times, the other packet waiting or not, slow and fast draining.
    Check: its code and position, told when the loaders are idle; both packets gone."""
    await bring_up(dut)
    bench = CtrlBench(dut)
    for delay, drain, waiting in product((1, 4), (1, 30), (False, True)):
        bench.world.drained.clear()
        bench.world.waiting = {"act"} if waiting else set()
        error = (ErrorCode.WGT_ORDER, 77)
        plan = {"delay": {"wgt": delay}, "error": {"wgt": error}, "drain": drain}
        await bench.bad(full(), error, [("wgt_start",)], **plan)
        assert set(bench.world.drained) == {"wgt"} | ({"act"} if waiting else set())
        bench.world.drained.clear()
        error = (ErrorCode.ACT_SHORT, TOP)
        plan = {"delay": {"act": delay}, "error": {"act": error}, "drain": drain}
        await bench.bad(full(), error, [("wgt_start",), ("act_start",)], **plan)
        assert bench.world.drained == ["act"]


@leaf_test
async def bad_compute(dut):
    """Goal: errors of the compute phase. Stimulus: a PE error after different times; a codebook
    that is not loaded. Check: code and position; nothing is output or swapped."""
    await bring_up(dut)
    bench = CtrlBench(dut)
    begun = [("wgt_start",), ("act_start",), ("clear",)]
    for delay in (1, 2, 9):
        error = (ErrorCode.ROW_RANGE, 0x05000011)
        plan = {"delay": {"ccu": delay}, "error": {"ccu": error}}
        await bench.bad(full(), error, [*begun, ("ccu_start",)], **plan)
    for book in range(BOOKS):
        bench.pins.drive(book_loaded_i=(1 << BOOKS) - 1 & ~(1 << book))
        cfg = full(CODEBOOK=book)
        bench.check.expect(("clr",), *begun, ("clr",))
        bench.check.expect(("error", ErrorCode.CODEBOOK, int(Cfg.CODEBOOK)))
        await bench.start(cfg)
        await bench.rest()
        await bench.pins.pulse("soft_rst_i")
        if BOOKS > 1:
            await bench.good(full(CODEBOOK=(book + 1) % BOOKS))
        await bench.good(full(Mode.LOAD_WGT, CODEBOOK=book))


@leaf_test
async def bad_watchdog(dut):
    """Goal: nothing hangs. Stimulus: each block stuck, with a watchdog of 1, 10 and 40 cycles; a
    drain that never ends; a slow block that shows progress; the watchdog off. Check: TIMEOUT with
    the phase, not before its time and soon after; progress and 0 hold it off."""
    await bring_up(dut)
    bench = CtrlBench(dut)
    begun = {"wgt": [("wgt_start",)]}
    begun["act"] = [*begun["wgt"], ("act_start",)]
    begun["ccu"] = [*begun["act"], ("clear",), ("ccu_start",)]
    begun["out"] = [*begun["ccu"], ("out_start",)]
    phases = {"wgt": Phase.WGT, "act": Phase.ACT, "ccu": Phase.COMPUTE, "out": Phase.OUTPUT}
    for watchdog, (block, events) in product((10, 40), begun.items()):
        bench.pins.drive(watchdog_i=watchdog)
        error = (ErrorCode.TIMEOUT, int(phases[block]))
        bench.check.expect(("clr",), *events, ("clr",), ("error", *error))
        await bench.start(full(), Plan(stuck=frozenset({block})))
        await bench.rest()
        took = bench.times["error"] - bench.times[events[-1][0]]
        assert watchdog <= took <= watchdog + 8, f"{block}: error after {took} cycles"
        await bench.pins.pulse("soft_rst_i")
        await bench.good(full())
    # A drain that makes no progress is given up.
    bench.pins.drive(watchdog_i=10)
    error = (ErrorCode.WGT_LONG, 3)
    await bench.bad(full(), error, begun["wgt"], error={"wgt": error}, drain=None)
    # Progress keeps it away; so does 0.
    bench.pins.drive(watchdog_i=2)
    await bench.good(full(), Plan(delay={"wgt": 50, "act": 30, "ccu": 40, "out": 20}))
    bench.pins.drive(watchdog_i=0)
    bench.check.expect(*good_trace(full()))
    await bench.start(full(), Plan(stuck=frozenset({"ccu"})))
    await ClockCycles(dut.clk_i, 300)
    assert bench.pins.read("busy_o", "phase_o") == [1, Phase.COMPUTE]
    bench.world.plan.stuck = frozenset()
    await bench.rest()
