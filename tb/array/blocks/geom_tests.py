"""lac_array_geom: sizes and faults against products in Python, which do not wrap."""

from __future__ import annotations

from cocotb.triggers import RisingEdge

from tb.common.bfm.block import Pins, bring_up, config, for_profiles, leaf_test, reset, rng
from tb.common.bfm.block_parts import cycle

CONFIG = {"Rows": 16, "AccWidth": 48, "ActDepth": 16384, "WgtDepth": 8192, "AccDepth": 4096}
CONFIG |= {"BiasDepth": 64} | config()
TOP = (1 << 25) - 1  # sizes saturate
NAMES: tuple[str, ...]
NAMES = (
    "mode",
    "h",
    "w",
    "p",
    "q",
    "r",
    "s",
    "stride",
    "pad_top",
    "pad_left",
    "ct",
    "kt",
)
NAMES += ("wgt_base", "act_base", "bias_base", "shift")


def packed(g: dict[str, int]) -> int:
    """The CFG registers of a geometry as cfg_i."""
    registers = [
        g["mode"],
        g["h"] | g["w"] << 16,
        g["p"] | g["q"] << 16,
        g["r"] | g["s"] << 8 | g["stride"] << 16 | g["pad_top"] << 20 | g["pad_left"] << 24,
        g["ct"] | g["kt"] << 16,
        *(g[name] for name in ("wgt_base", "act_base", "bias_base", "shift")),
    ]
    return sum(value << (32 * index) for index, value in enumerate(registers))


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
    act, compute, output = (bool(mode >> bit & 1) for bit in (1, 2, 3))
    keep, bias = mode >> 6 & 1, mode >> 7 & 1
    zero = {name: g[name] == 0 for name in NAMES}
    checks = (
        mode & ~0b1_1100_1111 or not mode & 15 or (keep and bias),
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
        outputs = ("done_o", "bad_o", "bad_idx_o", *sizes(dict.fromkeys(NAMES, 0)))
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


GOOD = dict.fromkeys(NAMES, 0) | {"mode": 0b1000_1111, "h": 3, "w": 4, "p": 2, "q": 3}
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
    highest = dict.fromkeys(("h", "w", "p", "q", "ct", "kt"), 0xFFFF)
    highest |= {"r": 255, "s": 255, "stride": 15, "pad_top": 15, "pad_left": 15}
    highest |= {name: 0xFFFF_FFFF for name in NAMES if name not in highest}
    full = {
        "wgt_base": CONFIG["WgtDepth"] - held(4),
        "act_base": CONFIG["ActDepth"] - 12,
        "bias_base": CONFIG["BiasDepth"] - 2,
        "shift": CONFIG["AccWidth"] - 1,
        "kt": CONFIG["AccDepth"] // 6,
    }
    for mode in (0b1000_1111, 0b0100_1111, 1, 2, 4, 8, 0b1000_0100):
        for name in NAMES:
            for value in (0, highest[name], full.get(name, 1), full.get(name, 1) + 1):
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
    limit = {"h": 16, "w": 16, "p": 16, "q": 16, "ct": 16, "kt": 16, "r": 8, "s": 8}
    limit |= {"stride": 4, "pad_top": 4, "pad_left": 4}
    for _ in range(150):
        g = {}
        for name in NAMES:
            bits = int(draw.integers(0, limit.get(name, 32) + 1))
            small = bits if draw.integers(8) == 0 else min(bits, 4)
            g[name] = int(draw.integers(0, 1 << small))
        g["mode"] = int(draw.integers(1, 512)) & 0b1_1100_1111 | 4
        await bench.run(g)
    assert len(bench.seen) >= 5
