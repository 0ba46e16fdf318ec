"""lac_scnn_geom: sizes and faults against the limits in Python."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from cocotb.triggers import RisingEdge

from models.scnn.registers import Mode
from tb.common.bfm.block import Pins, bring_up, config, for_profiles, leaf_test, reset, rng
from tb.common.bfm.block_parts import cycle
from tb.scnn.blocks.top_reference import Geo

CONFIG = {"I": 4, "AccWidth": 24, "Banks": 32, "Entries": 32, "MaxKc": 64, "MaxC": 1024}
CONFIG |= {"MaxTaps": 128, "WgtDepth": 8192, "BiasDepth": 1024, "CarryDepth": 2048, "Merge": 1}
CONFIG |= config()
LATENCY = 7
PHASES = Mode.LOAD_WGT | Mode.LOAD_ACT | Mode.COMPUTE | Mode.OUTPUT | Mode.SWAP
KNOWN = sum(Mode)


def channels(g: Geo, held: int) -> int:
    """Output channels in the destination behind the pass."""
    if not g.mode & Mode.COMPUTE:
        return held
    made = (g.groups - 1 << g.kc_log) + g.last_k
    return made + (held if g.mode & Mode.OA_KEEP else 0)


def fault(g: Geo, held: int) -> int | None:
    """The lowest CFG register at fault (registers)."""
    act, com, out = (bool(g.mode & bit) for bit in (Mode.LOAD_ACT, Mode.COMPUTE, Mode.OUTPUT))
    room = CONFIG["Banks"] // 4 * (4 * CONFIG["Entries"] >> g.kc_log)
    made = (g.groups - 1 << g.kc_log) + g.last_k
    checks = {
        0: bool(g.mode & ~KNOWN)
        or not g.mode & PHASES
        or (g.mode & Mode.MERGE and not CONFIG["Merge"]),
        1: ((act or com) and not 1 <= g.c <= CONFIG["MaxC"])
        or (com and not 1 <= g.taps <= CONFIG["MaxTaps"]),
        2: com
        and not (
            g.groups >= 1
            and g.kc_log >= 2
            and 1 << g.kc_log <= CONFIG["MaxKc"]
            and 1 << g.shape <= min(4, CONFIG["I"])
            and 1 <= g.last_k <= 1 << g.kc_log
        ),
        3: ((com or out) and (g.tile_w < 1 or g.tile_h < 1 or g.gap > 16))
        or (com and (g.pitch < g.acc_w or (g.acc_h - 1) * g.pitch + g.acc_w > room)),
        5: com and g.fx0 > g.fx1,
        6: com and g.fy0 > g.fy1,
        9: com and g.wgt_base >= CONFIG["WgtDepth"],
        10: com and g.bias_base + made > CONFIG["BiasDepth"],
        11: com and g.shift >= CONFIG["AccWidth"],
        12: act and not 1 <= g.act_words <= (1 << 32) - 2,
        13: (com or out) and g.cout_base >= CONFIG["CarryDepth"],
        14: out and not 1 <= g.out_channels <= channels(g, held),
    }
    return next((index for index, bad in checks.items() if bad), None)


class GeomBench:
    """One geometry at a time."""

    def __init__(self, dut: Any):
        self.dut = dut
        self.pins = Pins(
            dut, dut.clk_i, "start_i", "cfg_i", "chan_i", "done_o", "bad_o", "bad_idx_o",
            "tile_lin_o", "up_lin_o", "last_lin_o", "channels_o",
        )  # fmt: skip
        self.seen: set[int | None] = set()

    async def run(self, g: Geo, held: int = 0) -> None:
        """Start, wait, compare all."""
        self.pins.drive(cfg_i=g.packed, chan_i=held)
        await RisingEdge(self.dut.clk_i)
        begin = cycle() + 1
        await self.pins.pulse("start_i")
        while not self.pins.read("done_o")[0]:
            await RisingEdge(self.dut.clk_i)
            assert cycle() - begin <= LATENCY, "no end"
        assert cycle() - begin == LATENCY
        bad, index = self.pins.read("bad_o", "bad_idx_o")
        found, want = index if bad else None, fault(g, held)
        assert found == want, f"{found}, expected {want}: {g}, {held} held"
        if want is None:
            sizes = [g.tile_h * g.pitch, g.halo_u * g.pitch, (g.acc_h - 1) * g.pitch]
            names = ("tile_lin_o", "up_lin_o", "last_lin_o", "channels_o")
            if g.mode & Mode.COMPUTE:
                assert self.pins.read(*names) == [*sizes, channels(g, held)], g
        self.seen.add(found)
        await RisingEdge(self.dut.clk_i)
        assert not self.pins.read("done_o")[0]


GOOD = Geo(
    mode=0b1111, groups=3, kc_log=3, last_k=5, tile_w=3, tile_h=2, pitch=5, halo_l=1, halo_u=2,
    fx1=3, fy1=2, act_words=9, out_channels=21,
)  # fmt: skip


@leaf_test
async def smoke(dut):
    """Goal: a good geometry. Stimulus: one. Check: sizes, no fault, LATENCY cycles."""
    await bring_up(dut)
    assert fault(GOOD, 0) is None
    await GeomBench(dut).run(GOOD)


@leaf_test
async def extremes(dut):
    """Goal: the step past each end. Stimulus: every phase alone and with others, each field at its
    ends, at its limits and one past them. Check: fault and sizes; each register was at fault."""
    await bring_up(dut)
    bench = GeomBench(dut)
    made = channels(GOOD, 0)
    room = CONFIG["Banks"] // 4 * (4 * CONFIG["Entries"] >> GOOD.kc_log)
    edges: dict[str, tuple[int, ...]] = {
        "c": (0, CONFIG["MaxC"], CONFIG["MaxC"] + 1, 0xFFFF),
        "taps": (0, CONFIG["MaxTaps"], min(255, CONFIG["MaxTaps"] + 1), 255),
        "groups": (0, 1, 0xFFFF),
        "kc_log": tuple(range(8)),
        "shape": (1, 2, 3),
        "last_k": (0, 1, 8, 9, 127),
        "tile_w": (0, 4, 5, 255),
        "tile_h": (0, 1, room // 5 - 2, room // 5 - 1, 255),
        "pitch": (0, 3, 4, 255),
        "gap": (16, 17, 31),
        "halo_l": (0, 2, 3, 15),
        "halo_d": (0, 15),
        "fx0": (3, 4, 0xFFFF),
        "fy0": (2, 3, 0xFFFF),
        "wgt_base": (CONFIG["WgtDepth"] - 1, CONFIG["WgtDepth"], 1 << 31),
        "bias_base": (CONFIG["BiasDepth"] - made, CONFIG["BiasDepth"] - made + 1, (1 << 32) - 1),
        "shift": (CONFIG["AccWidth"] - 1, CONFIG["AccWidth"], 1 << 31),
        "act_words": (0, 1, (1 << 31) - 1, (1 << 32) - 2, (1 << 32) - 1),
        "cout_base": (CONFIG["CarryDepth"] - 1, CONFIG["CarryDepth"], 1 << 31),
        "out_channels": (0, made, made + 1, 1 << 31),
    }
    for mode in (0b1111, 0b10, 0b100, 0b1000, 0b10000, 0b1100):
        for name, values in edges.items():
            for value in values:
                await bench.run(replace(GOOD, mode=mode, **{name: value}), 30)
    for more in (0, 1):  # a tile that fills the accumulators, and a row more
        await bench.run(replace(GOOD, pitch=GOOD.acc_w, tile_h=room // GOOD.acc_w - 2 + more), 30)
    for mode in range(1 << 5):
        await bench.run(replace(GOOD, mode=mode), 21)
    for bit in range(32):
        await bench.run(replace(GOOD, mode=GOOD.mode ^ 1 << bit))
    for held, keep in ((0, 1), (4, 1), (4, 0), (40, 0)):
        for out in (made, made + held, made + held + 1):
            await bench.run(replace(GOOD, mode=GOOD.mode | keep << 6, out_channels=out), held)
            await bench.run(replace(GOOD, mode=Mode.OUTPUT, out_channels=out), held)
    assert bench.seen == {None, 0, 1, 2, 3, 5, 6, 9, 10, 11, 12, 13, 14}, bench.seen


@leaf_test
async def reset_mid(dut):
    """Goal: reset while it multiplies. Stimulus: one after every cycle. Check: no end comes of it;
    the next geometry is right."""
    await bring_up(dut)
    bench = GeomBench(dut)
    for wait in range(1, LATENCY):
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
    """Goal: any registers. Stimulus: 200 random ones around what fits. Check: fault and sizes."""
    await bring_up(dut)
    bench, draw = GeomBench(dut), rng()
    for _ in range(200):
        g = Geo(
            mode=int(draw.integers(1, 1 << 11)) | Mode.COMPUTE,
            c=int(draw.integers(1, CONFIG["MaxC"] + 1)),
            groups=int(draw.integers(1, 5)),
            kc_log=int(draw.integers(2, 7)),
            shape=int(draw.integers(2)),
            last_k=int(draw.integers(1, 9)),
            tile_w=int(draw.integers(1, 9)),
            tile_h=int(draw.integers(1, 9)),
            halo_l=int(draw.integers(4)),
            halo_r=int(draw.integers(4)),
            halo_u=int(draw.integers(4)),
            halo_d=int(draw.integers(4)),
            fx1=int(draw.integers(0, 1 << 16)),
            fy1=1,
            act_words=int(draw.choice([0, 1, 500, (1 << 32) - 1], p=[0.05, 0.45, 0.45, 0.05])),
            out_channels=int(draw.integers(1, 40)),
        )
        g = replace(g, pitch=g.acc_w + int(draw.integers(-1, 5)))
        await bench.run(g, int(draw.integers(0, 40)))
    assert len(bench.seen) >= 4
