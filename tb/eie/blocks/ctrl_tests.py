"""lac_eie_ctrl against the checks and the compute phase of ``rtl/eie/README.md``.

The compute phase is a list of cycles with inputs and the outputs that go with them; it is played to
the pins and every cycle is compared.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import product

from cocotb.triggers import RisingEdge

from models.eie.packets import Cfg, Mode
from models.socket import NUM_CFG, ErrorCode
from tb.common.bfm.block import Pins, bring_up, config, for_profiles, leaf_test, reset, rng
from tb.common.bfm.streams import PROFILES

NUM_PE = config().get("NumPe", 64)
ACC_WIDTH = config().get("AccWidth", 32)
ACT_REGS = config().get("ActRegs", 64)
ACT_DEPTH = config().get("ActDepth", 1024)
PTR_DEPTH = config().get("PtrDepth", 16384)
BIAS_DEPTH = config().get("BiasDepth", 256)
BOOKS = config().get("NumCodebooks", 4)
PHASES = Mode.LOAD_WGT | Mode.LOAD_ACT | Mode.COMPUTE | Mode.OUTPUT | Mode.SWAP
KNOWN = sum(Mode)
#: Flags that may go with any others.
FREE = [flag for flag in Mode if not flag & (PHASES | Mode.ACC_KEEP | Mode.BIAS)]
TOP = 0xFFFFFFFF
INPUTS: tuple[str, ...] = ("clr_i", "compute_i", "book_loaded_i", "compute_idle_i")
INPUTS += ("pe_err_i", "pe_code_i", "pe_pos_i")
OUTPUTS = ("clear_o", "bias_rd_en_o", "ccu_start_o", "done_o", "err_o")
OTHERS = ("bias_rd_addr_o", "bias_reg_o", "err_code_o", "err_pos_o", "bad_o", "bad_idx_o")


def fault(cfg: Mapping[int, int]) -> int | None:
    """CFG index that the geometry check must report, None if the pass is good."""
    mode, in_len, out_len, ptr, act, bias, book, shift = (cfg.get(k, 0) for k in Cfg)
    compute, file = bool(mode & Mode.COMPUTE), bool(mode & Mode.SRC_FILE)
    load, output = bool(mode & Mode.LOAD_ACT), bool(mode & Mode.OUTPUT)
    in_rows, out_rows = -(-in_len // NUM_PE), -(-out_len // NUM_PE)
    from_sram = load or (compute and not file)
    checks = {
        Cfg.MODE: mode & ~KNOWN or not mode & PHASES or (mode & Mode.ACC_KEEP and mode & Mode.BIAS),
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


@dataclass
class Cycle:
    """Inputs by name without ``_i`` and outputs without ``_o``; outputs not named are 0."""

    inputs: dict[str, int] = field(default_factory=dict)
    outputs: dict[str, int] = field(default_factory=dict)


def compute(cfg: Mapping[int, int], delay: int = 3) -> list[Cycle]:
    """The compute phase of a good pass, ``delay`` cycles of broadcast before all is idle."""
    mode, rows = cfg[Cfg.MODE], -(-cfg.get(Cfg.OUT_LEN, 0) // NUM_PE)
    script = [Cycle({"compute": 1}, {"clear": int(not mode & Mode.ACC_KEEP)})]
    if mode & Mode.BIAS:
        base = cfg.get(Cfg.BIAS_BASE, 0)
        for row in range(rows):
            read = {"bias_rd_en": 1, "bias_rd_addr": base + row, "bias_reg": row}
            script.append(Cycle({}, read))
        script.append(Cycle())  # the last one is written
    # The broadcast is still idle in the cycle in which it is told to start.
    script.append(Cycle({"compute_idle": 1}, {"ccu_start": 1}))
    script += [Cycle() for _ in range(delay)]
    return [*script, Cycle({"compute_idle": 1}, {"done": 1})]


class CtrlBench:
    """Sets CFG, plays cycles and compares all of them."""

    def __init__(self, dut):
        self.dut, self.rng = dut, rng()
        self.pins = Pins(dut, dut.clk_i, "cfg_i", *INPUTS, *OUTPUTS, *OTHERS)
        self.books = (1 << BOOKS) - 1

    async def check(self, cfg: Mapping[int, int], index: int | None) -> None:
        """CFG, and what the checks say of it in the next cycle."""
        assert fault(cfg) == index, f"the model says {fault(cfg)} for {cfg}"
        packed = sum(int(cfg.get(k, 0)) << 32 * k for k in range(NUM_CFG))
        self.pins.drive(cfg_i=packed)
        for _ in range(2):
            await self.cycle(Cycle({"compute_idle": 1}), "at rest")
        bad, found = self.pins.read("bad_o", "bad_idx_o")
        assert bool(bad) == (index is not None), f"{cfg}: bad_o {bad}"
        assert index is None or found == index, f"{cfg}: index {found}, expected {index}"

    async def cycle(self, row: Cycle, what: str = "") -> None:
        """One cycle; codes and positions that nobody asks for are random."""
        draw = self.rng
        values = dict.fromkeys((name.removesuffix("_i") for name in INPUTS), 0)
        values |= {"book_loaded": self.books, "pe_code": int(draw.integers(1 << 8))}
        values |= {"pe_pos": int(draw.integers(1 << 32))} | row.inputs
        self.pins.drive(**{f"{name}_i": value for name, value in values.items()})
        await RisingEdge(self.dut.clk_i)
        want = dict.fromkeys(OUTPUTS, 0)
        want |= {f"{name}_o": value for name, value in row.outputs.items()}
        got = dict(zip(want, self.pins.read(*want), strict=True))
        assert got == want, f"{what}: {got}, expected {want}"

    async def play(self, script: list[Cycle]) -> None:
        """Cycles, and two at rest behind them."""
        for number, row in enumerate(script):
            await self.cycle(row, f"cycle {number}")
        for idle in (0, 1):
            await self.cycle(Cycle({"compute_idle": idle}), "at rest")

    async def good(self, cfg: Mapping[int, int], delay: int = 3) -> None:
        """A pass that must go through, with its compute phase if it has one."""
        await self.check(cfg, None)
        if cfg[Cfg.MODE] & Mode.COMPUTE:
            await self.play(compute(cfg, delay))


def full(mode: int = PHASES, **changes: int) -> dict[int, int]:
    """CFG of a small pass with all phases; ``changes`` by register name."""
    cfg: dict[int, int] = {Cfg.MODE: int(mode), Cfg.IN_LEN: 1, Cfg.OUT_LEN: 1}
    return cfg | {Cfg[name]: value for name, value in changes.items()}


@leaf_test
async def smoke(dut):
    """Goal: a compute phase with and without biases. Stimulus: one each. Check: every output in
    every cycle; the broadcast starts 1 cycle behind the start, with biases rows + 2."""
    await bring_up(dut)
    bench = CtrlBench(dut)
    await bench.good(full())
    rows = min(ACT_REGS, BIAS_DEPTH, 5)
    biased = full(PHASES | Mode.BIAS, OUT_LEN=rows * NUM_PE)
    await bench.good(biased)
    for cfg, latency in ((full(), 1), (biased, rows + 2)):
        starts = [k for k, row in enumerate(compute(cfg)) if "ccu_start" in row.outputs]
        assert starts == [latency]


@leaf_test
async def directed_phases(dut):
    """Goal: only what MODE asks for is looked at and done. Stimulus: all 31 choices of phases, with
    inputs from the file and not, with bias, with kept accumulators, a broadcast that takes no time
    and some. Check: no fault; every output in every cycle."""
    await bring_up(dut)
    bench = CtrlBench(dut)
    options = (0, Mode.SRC_FILE, Mode.BIAS | Mode.RELU, Mode.ACC_KEEP | Mode.FUSE_PAD)
    for phases, option in product(range(1, PHASES + 1), options):
        await bench.good(full(phases | option), delay=int(bench.rng.integers(4)))


@leaf_test
async def directed_bias(dut):
    """Goal: each row of biases is read once, and written before the broadcast. Stimulus: 1 row, all
    rows, the last base that fits. Check: every output in every cycle."""
    await bring_up(dut)
    bench = CtrlBench(dut)
    rows = min(ACT_REGS, BIAS_DEPTH)
    for count in sorted({1, rows}):
        cfg = full(Mode.COMPUTE | Mode.BIAS, OUT_LEN=count * NUM_PE, BIAS_BASE=BIAS_DEPTH - count)
        await bench.good(cfg)


@leaf_test
async def directed_clear(dut):
    """Goal: a clear ends the phase in any cycle. Stimulus: one in each cycle of a phase with
    biases, PEs that fail behind it. Check: nothing is done or told behind it; then a good phase."""
    await bring_up(dut)
    bench = CtrlBench(dut)
    rows = min(ACT_REGS, BIAS_DEPTH, 3)
    cfg = full(Mode.COMPUTE | Mode.BIAS, OUT_LEN=rows * NUM_PE)
    for stop in range(len(compute(cfg))):
        await bench.check(cfg, None)
        script = compute(cfg)[: stop + 1]
        script[stop].inputs["clr"] = 1
        await bench.play(script)
        await bench.cycle(Cycle({"pe_err": 1, "compute_idle": 1}), "an error at rest")
        await bench.good(full())


@for_profiles(globals())
async def random(dut, profile):
    """Goal: any CFG. Stimulus: 40 random CFGs around the limits of every field, broadcasts as long
    as the profile. Check: the fault of the model, or every output of a good phase."""
    await bring_up(dut)
    bench = CtrlBench(dut)
    draw, slow = bench.rng, PROFILES.index(profile) * 3 + 2
    good = bad = 0
    for _ in range(40):
        cfg = random_cfg(draw)
        index = fault(cfg)
        if index is None:
            await bench.good(cfg, int(draw.integers(slow)))
            good += 1
        else:
            await bench.check(cfg, index)
            bad += 1
    assert good > 5 and bad > 3, f"{good} good and {bad} bad passes"


def random_cfg(draw) -> dict[int, int]:
    """CFG near the limits, good more often than not."""
    mode = int(draw.integers(1, PHASES + 1)) | int(draw.choice([0, Mode.ACC_KEEP, Mode.BIAS]))
    mode |= sum(flag for flag in FREE if draw.integers(2))
    rows = ACT_REGS if mode & Mode.SRC_FILE else ACT_DEPTH
    longest = min(rows * NUM_PE, PTR_DEPTH - 1)
    in_len = int(draw.integers(1, min(longest, 5) + 1)) if draw.random() < 0.5 else longest
    out_rows = int(draw.integers(1, min(ACT_REGS, BIAS_DEPTH) + 1))
    out_rows = min(out_rows, 6) if mode & Mode.BIAS else out_rows
    in_rows = -(-in_len // NUM_PE)
    cfg: dict[int, int] = {
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
    SRAM and from the file; fields no phase uses at their worst. Check: no fault; every output."""
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
    """Goal: reset in the compute phase. Stimulus: one in each cycle of it. Check: nothing is done
    behind it; then a good phase."""
    await bring_up(dut)
    bench = CtrlBench(dut)
    cfg = full(Mode.COMPUTE | Mode.BIAS)
    for stop in range(len(compute(cfg))):
        await bench.check(cfg, None)
        for row in compute(cfg)[:stop]:
            await bench.cycle(row)
        bench.pins.drive(**dict.fromkeys(INPUTS, 0))
        await reset(dut)
        await bench.play([Cycle()])
        await bench.good(full())


@leaf_test
async def bad_geometry(dut):
    """Goal: each field is checked, the lowest index is told. Stimulus: each field one past its
    limit and far past it, two wrong fields at once. Check: the index."""
    await bring_up(dut)
    bench = CtrlBench(dut)
    most = ACT_REGS * NUM_PE
    cases = [
        (Cfg.MODE, full(Mode.LOAD_WGT | KNOWN + 1)),
        (Cfg.MODE, full(0)),
        (Cfg.MODE, full(1 << 31)),
    ]
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
        await bench.check(cfg, int(index))


@leaf_test
async def bad_compute(dut):
    """Goal: errors of the compute phase. Stimulus: a PE error in each cycle of the broadcast, its
    first and its last one too; a codebook that is not loaded. Check: code and position, in that
    cycle; a codebook that this pass does not use, or a PE error at rest, is none."""
    await bring_up(dut)
    bench = CtrlBench(dut)
    for delay, late in product((0, 2, 9), (False, True)):
        script = compute(full(), delay)
        row = script[-1 if late else 1]
        code, position = int(ErrorCode.ROW_RANGE), int(bench.rng.integers(1 << 32))
        row.inputs |= {"pe_err": 1, "pe_code": code, "pe_pos": position}
        row.outputs |= {"err": 1, "err_code": code, "err_pos": position}
        await bench.check(full(), None)
        await bench.play(script)
    await bench.cycle(Cycle({"pe_err": 1}), "a PE error at rest")
    for book in range(BOOKS):
        bench.books = (1 << BOOKS) - 1 & ~(1 << book)
        script = compute(full(CODEBOOK=book))
        error = {"err": 1, "err_code": int(ErrorCode.CODEBOOK), "err_pos": int(Cfg.CODEBOOK)}
        script[0].outputs |= error
        await bench.check(full(CODEBOOK=book), None)
        await bench.play(script)
        if BOOKS > 1:
            await bench.good(full(CODEBOOK=(book + 1) % BOOKS))
        await bench.good(full(Mode.LOAD_WGT, CODEBOOK=book))
