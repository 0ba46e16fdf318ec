"""lac_cse_geom: sizes and faults against the contract in Python, which does not wrap."""

from __future__ import annotations

from cocotb.triggers import RisingEdge

from models.cambricon_se.registers import REGISTERS, Mode
from tb.cambricon_se.blocks.reference import WALK, Shape
from tb.common.bfm.block import Pins, bring_up, config, leaf_test, rng
from tb.common.bfm.block_parts import cycle
from tb.common.bfm.structs import split_struct

CONFIG: dict[str, int] = {"Cores": 2, "ActDepth": 1024, "AccDepth": 1024, "AccWidth": 48}
CONFIG |= {"BiasDepth": 64} | config()
FIELDS = {field.name.lower(): field for field in REGISTERS.cfg}
KNOWN = sum(Mode)
PHASES = Mode.LOAD_WGT | Mode.LOAD_ACT | Mode.COMPUTE | Mode.OUTPUT
#: From start_i to done_o.
LATENCY = 36


def fault(g: dict[str, int]) -> int | None:
    """Lowest CFG index at fault."""
    mode = g["mode"]
    data = mode & (Mode.LOAD_ACT | Mode.COMPUTE)
    sums = mode & (Mode.COMPUTE | Mode.OUTPUT)
    rows = max(1, g["h"] * g["w"])
    most = CONFIG["Cores"] * (CONFIG["AccDepth"] // max(1, g["p"] * g["q"]))
    checks = (
        mode & ~KNOWN or not mode & PHASES or (mode & Mode.ACC_KEEP and mode & Mode.BIAS),
        data and not (g["h"] and g["w"]),
        sums and not (g["p"] and g["q"]),
        (mode & Mode.COMPUTE and not g["stride"])
        or (data and not 1 <= g["cb"] <= CONFIG["ActDepth"] // rows),
        (sums and not 1 <= g["groups"] <= most)
        or (sums and mode & Mode.BIAS and g["groups"] > CONFIG["Cores"] * CONFIG["BiasDepth"]),
        mode & Mode.OUTPUT and g["shift"] >= CONFIG["AccWidth"],
    )
    return next((index for index, bad in enumerate(checks) if bad), None)


class GeomBench:
    """One geometry at a time."""

    def __init__(self, dut):
        self.dut, self.rng = dut, rng()
        self.pins = Pins(
            dut, dut.clk_i, "start_i", "cfg_i", "done_o", "bad_o", "bad_idx_o", "walk_o"
        )
        self.seen: set[int | None] = set()

    async def run(self, g: dict[str, int]) -> None:
        """Start, wait, compare all."""
        words: dict[int, int] = {}
        for name, value in g.items():
            words = FIELDS[name].put(words, value)
        self.pins.drive(cfg_i=sum(word << 32 * index for index, word in words.items()))
        begin = cycle() + 1
        await self.pins.pulse("start_i")
        while not self.pins.read("done_o")[0]:
            await RisingEdge(self.dut.clk_i)
            assert cycle() - begin <= LATENCY, "no end"
        assert cycle() - begin == LATENCY
        bad, index, walk = self.pins.read("bad_o", "bad_idx_o", "walk_o")
        found = index if bad else None
        assert found == fault(g), f"{found}, expected {fault(g)}: {g}"
        self.seen.add(found)
        if found is None and g["mode"] & Mode.COMPUTE:
            shape = Shape(*(g[name] for name in ("h", "w", "p", "q", "stride", "cb")))
            want, sizes = shape.members(g["groups"]), split_struct(WALK, walk)
            assert sizes == want, f"{sizes}, expected {want}: {g}"

    def draw(self, most: int) -> dict[str, int]:
        """Fields up to most, and now and then one of any size."""
        g = {name: int(self.rng.integers(1, most + 1)) for name in FIELDS if name != "mode"}
        g["stride"], g["cb"] = g["stride"] % 16, min(g["cb"], 255)
        g["mode"] = int(self.rng.choice([15, 4, 8, 5, 12, 0x44, 0x8C, 2, 1]))
        name = str(self.rng.choice(list(g)))
        if self.rng.random() < 0.4:
            bits = {"stride": 4, "cb": 8, "mode": 12, "shift": 32}.get(name, 16)
            g[name] = int(self.rng.choice([0, (1 << bits) - 1, int(self.rng.integers(1 << bits))]))
        return g


@leaf_test
async def smoke(dut):
    """Goal: a good pass. Stimulus: a small one. Check: sizes, time."""
    await bring_up(dut)
    bench = GeomBench(dut)
    sizes = {"h": 2, "w": 3, "p": 2, "q": 2, "stride": 1, "cb": 2, "groups": 2, "shift": 3}
    await bench.run({"mode": 15} | sizes)
    assert bench.seen == {None}


@leaf_test(cycles=100_000)
async def random_none(dut):
    """Goal: any CFG. Stimulus: small fields, some of any size. Check: the fault of the contract,
    sizes of good passes; each register is at fault at least once."""
    await bring_up(dut)
    bench = GeomBench(dut)
    for most in (2, 4, 8, 40):
        for _ in range(150):
            await bench.run(bench.draw(most))
    assert bench.seen == {None, 0, 1, 2, 3, 4, 5}
