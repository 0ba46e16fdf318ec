"""lac_array_geom: sizes and faults against products in Python, which do not wrap."""

from __future__ import annotations

from collections.abc import Mapping

from cocotb.triggers import RisingEdge

from models.array.registers import REGISTERS, Mode
from tb.common.bfm.block import Pins, bring_up, config, for_profiles, leaf_test, reset, rng
from tb.common.bfm.block_parts import cycle

CONFIG = {"Rows": 16, "AccWidth": 48, "ActDepth": 16384, "WgtDepth": 8192, "AccDepth": 4096}
CONFIG |= {"BiasDepth": 64} | config()
TOP = (1 << 25) - 1  # sizes saturate
#: Fields of the CFG registers by name, MODE first.
FIELDS = {field.name.lower(): field for field in REGISTERS.cfg}
KNOWN = sum(Mode)
PHASES = Mode.LOAD_WGT | Mode.LOAD_ACT | Mode.COMPUTE | Mode.OUTPUT


def packed(g: Mapping[str, int]) -> int:
    """The CFG registers of a geometry as cfg_i."""
    words: dict[int, int] = {}
    for name, value in g.items():
        words = FIELDS[name].put(words, value)
    return sum(word << 32 * index for index, word in words.items())


def sizes(g: dict[str, int]) -> dict[str, int]:
    """The truth of the sizes."""
    exact = {
        "in_pixels_o": g["h"] * g["w"],
        "in_words_o": g["h"] * g["w"] * g["ct"],
        "sums_o": g["p"] * g["q"] * g["kt"],
        "tiles_o": g["r"] * g["s"] * g["ct"] * g["kt"],
        "row_step_o": g["stride"] * g["w"],
        "top_o": g["pad_top"] * g["w"],
    }
    return {name: min(value, TOP) for name, value in exact.items()}


def held(tiles: int) -> int:
    """Words of the weight buffer that must be there for so many tiles."""
    return 1 if CONFIG.get("Compressed") else tiles * CONFIG["Rows"]


def fault(g: dict[str, int]) -> int | None:
    """The truth of the checks: lowest CFG index at fault."""
    mode, n = g["mode"], sizes(g)
    act, compute, output = mode & Mode.LOAD_ACT, mode & Mode.COMPUTE, mode & Mode.OUTPUT
    bias = mode & Mode.BIAS
    zero = {name: g[name] == 0 for name in FIELDS}
    checks = (
        mode & ~KNOWN or not mode & PHASES or (mode & Mode.ACC_KEEP and bias),
        (act or compute) and (zero["h"] or zero["w"]),
        (compute or output) and (zero["p"] or zero["q"]),
        compute and (zero["r"] or zero["s"] or zero["stride"]),
        ((act or compute) and zero["ct"])
        or ((compute or output) and (zero["kt"] or n["sums_o"] > CONFIG["AccDepth"])),
        compute and g["wgt_base"] + held(n["tiles_o"]) > CONFIG["WgtDepth"],
        (act or compute) and g["act_base"] + n["in_words_o"] > CONFIG["ActDepth"],
        compute and bias and g["bias_base"] + g["kt"] > CONFIG["BiasDepth"],
        output and g["shift"] >= CONFIG["AccWidth"],
    )
    return next((index for index, bad in enumerate(checks) if bad), None)


#: From start_i to done_o.
LATENCY = 46


class GeomBench:
    """One geometry at a time."""

    def __init__(self, dut):
        self.dut = dut
        outputs = ("done_o", "bad_o", "bad_idx_o", *sizes(dict.fromkeys(FIELDS, 0)))
        self.pins = Pins(dut, dut.clk_i, "start_i", "cfg_i", *outputs)
        self.seen: set[int | None] = set()

    async def run(self, g: dict[str, int]) -> None:
        """Start, wait, compare all."""
        self.pins.drive(cfg_i=packed(g))
        begin = cycle() + 1
        await self.pins.pulse("start_i")
        while not self.pins.read("done_o")[0]:
            await RisingEdge(self.dut.clk_i)
            assert cycle() - begin <= LATENCY, "no end"
        assert cycle() - begin == LATENCY
        want = sizes(g)
        assert dict(zip(want, self.pins.read(*want), strict=True)) == want, g
        bad, index = self.pins.read("bad_o", "bad_idx_o")
        found = index if bad else None
        assert found == fault(g), f"{found}, expected {fault(g)}: {g}"
        self.seen.add(found)
        await RisingEdge(self.dut.clk_i)
        assert not self.pins.read("done_o")[0]


GOOD = dict.fromkeys(FIELDS, 0) | {"mode": PHASES | Mode.BIAS, "h": 3, "w": 4, "p": 2, "q": 3}
GOOD |= {"r": 2, "s": 1, "stride": 1, "pad_top": 1, "ct": 1, "kt": 2}


@leaf_test
async def smoke(dut):
    """Goal: a good geometry. Stimulus: one. Check: sizes, no fault, LATENCY cycles."""
    await bring_up(dut)
    bench = GeomBench(dut)
    assert fault(GOOD) is None
    await bench.run(GOOD)


@leaf_test
async def extremes(dut):
    """Goal: the step past each end. Stimulus: for every phase alone and all together, each field
    zero, largest, and each memory exactly full and one past it. Check: sizes and fault."""
    await bring_up(dut)
    bench = GeomBench(dut)
    full = {
        "wgt_base": CONFIG["WgtDepth"] - held(4),
        "act_base": CONFIG["ActDepth"] - 12,
        "bias_base": CONFIG["BiasDepth"] - 2,
        "shift": CONFIG["AccWidth"] - 1,
        "kt": CONFIG["AccDepth"] // 6,
    }
    phases = (Mode.LOAD_WGT, Mode.LOAD_ACT, Mode.COMPUTE, Mode.OUTPUT)
    both = (PHASES | Mode.BIAS, PHASES | Mode.ACC_KEEP)
    for mode in (*both, *phases, Mode.COMPUTE | Mode.BIAS):
        for name, field in FIELDS.items():
            for value in (0, field.most, full.get(name, 1), full.get(name, 1) + 1):
                g = GOOD | {"mode": mode} | {name: value}
                await bench.run(g)
    for bit in range(32):
        await bench.run(GOOD | {"mode": GOOD["mode"] ^ 1 << bit})
    assert bench.seen == {None, *range(9)}


@leaf_test
async def reset_mid(dut):
    """Goal: reset while it multiplies. Stimulus: one after every third cycle. Check: no end
    comes of it; the next geometry is right."""
    await bring_up(dut)
    bench = GeomBench(dut)
    for wait in range(1, LATENCY, 3):
        await bench.pins.pulse("start_i")
        for _ in range(wait):
            await RisingEdge(dut.clk_i)
        await reset(dut)
        for _ in range(LATENCY + 2):
            await RisingEdge(dut.clk_i)
            assert not bench.pins.read("done_o")[0]
        await bench.run(GOOD)


@for_profiles(globals(), ("none",))
async def random(dut, profile):
    """Goal: any registers. Stimulus: 150 random ones, small and large values mixed. Check: sizes
    and fault; several kinds of fault occurred."""
    await bring_up(dut)
    bench, draw = GeomBench(dut), rng()
    for _ in range(150):
        g = {}
        for name, field in FIELDS.items():
            bits = int(draw.integers(0, field.width + 1))
            small = bits if draw.integers(8) == 0 else min(bits, 4)
            g[name] = int(draw.integers(0, 1 << small))
        g["mode"] = int(draw.integers(1, 2 * Mode.RELU)) & KNOWN | Mode.COMPUTE
        await bench.run(g)
    assert len(bench.seen) >= 5
