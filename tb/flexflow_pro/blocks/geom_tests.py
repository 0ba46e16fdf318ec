"""lac_ffp_geom: sizes and faults against the contract in Python, which does not wrap."""

from __future__ import annotations

from collections.abc import Mapping

from cocotb.triggers import RisingEdge

from models.flexflow_pro.registers import REGISTERS, Mode
from tb.common.bfm.block import Pins, bring_up, config, for_profiles, leaf_test, reset, rng
from tb.common.bfm.block_parts import cycle

CONFIG: dict[str, int] = {"Rows": 16, "Cols": 16, "MaskWord": 16, "KCells": 9, "NCells": 12}
CONFIG |= {"MaxMaps": 4, "ActDepth": 512, "AccDepth": 1024, "AccWidth": 48} | config()
ROWS, WORD = CONFIG["Rows"], CONFIG["MaskWord"]
#: Fields of the CFG registers by name, MODE first.
FIELDS = {field.name.lower(): field for field in REGISTERS.cfg}
KNOWN = sum(Mode)
PHASES = Mode.LOAD_WGT | Mode.LOAD_ACT | Mode.COMPUTE | Mode.OUTPUT
#: Structs as on the pins: member -> bits, highest first.
WALK = {"relaxed": 1, "windows_last": 16, "win_last": 6, "ker_last": 6, "cells_last": 6}
WALK |= {"ring_cells": 7, "step_cells": 7, "span_cells": 7, "tail_mask": 16}
SLICES = {"lines_last": 16, "windows_last": 16, "cells_last": 6, "ring": 7, "step": 7, "span": 7}
SLICES |= {"ring_cells": 7}
SIZES = ("maps_last_o", "res_last_o", "res_o", "col_cells_o", "act_count_o")
STRUCTS = ("walk_o", "slices_o", "start_cells_o")
#: From start_i to done_o.
LATENCY = 66


def packed(g: Mapping[str, int]) -> int:
    """The CFG registers of a geometry as cfg_i."""
    words: dict[int, int] = {}
    for name, value in g.items():
        words = FIELDS[name].put(words, value)
    return sum(word << 32 * index for index, word in words.items())


def split(value: int, members: Mapping[str, int]) -> dict[str, int]:
    """A packed struct by member."""
    found = {}
    for name, bits in reversed(list(members.items())):
        found[name] = value & (1 << bits) - 1
        value >>= bits
    return found


def lengths(g: Mapping[str, int]) -> tuple[int, int, int]:
    """STEP, SPAN and LINE."""
    groups = 1 << g["groups_log"]
    step, span = g["stride"] * groups, g["taps"] + (groups - 1) * g["stride"]
    return step, span, (g["windows"] - 1) * step + span


def fault(g: Mapping[str, int]) -> int | None:
    """The truth of the checks: lowest CFG index at fault, by the words of the contract."""
    mode = g["mode"]
    data = mode & (Mode.LOAD_ACT | Mode.COMPUTE)
    both = data or mode & Mode.OUTPUT
    _, span, line = lengths(g)
    per_map, cells = g["cells"] * max(1, g["maps"]), max(1, g["cells"])
    checks = (
        mode & ~KNOWN or not mode & PHASES or (mode & Mode.ACC_KEEP and mode & Mode.BIAS),
        (both and not (g["lines"] and g["windows"]))
        or (data and g["lines"] * max(1, line * g["cells"]) > CONFIG["ActDepth"])
        or (both and g["lines"] * max(1, g["windows"] * g["maps"]) > CONFIG["AccDepth"]),
        (data and not 1 <= g["stride"] <= g["taps"])
        or (data and g["taps"] * max(1, per_map if g["maps"] else 0) > CONFIG["KCells"])
        or (data and 1 << g["groups_log"] > ROWS)
        or (both and not 1 <= g["maps"] <= CONFIG["MaxMaps"]),
        data
        and (
            not (g["cells"] - 1) * WORD < g["pieces"] <= g["cells"] * WORD
            or not span <= g["ring"]
            or g["ring"] * cells > CONFIG["NCells"]
        ),
        False,
        mode & Mode.OUTPUT and g["shift"] >= CONFIG["AccWidth"],
    )
    return next((index for index, bad in enumerate(checks) if bad), None)


def sizes(g: Mapping[str, int]) -> dict[str, int]:
    """The truth of the sizes of a good pass that computes."""
    step, span, line = lengths(g)
    cells, results = g["cells"], g["lines"] * g["windows"] * g["maps"]
    members = {
        "relaxed": int(bool(g["mode"] & Mode.RELAXED)),
        "lines_last": g["lines"] - 1,
        "windows_last": g["windows"] - 1,
        "win_last": g["taps"] * cells - 1,
        "ker_last": g["maps"] * g["taps"] * cells - 1,
        "cells_last": cells - 1,
        "ring": g["ring"],
        "step": step,
        "span": span,
        "ring_cells": g["ring"] * cells,
        "step_cells": step * cells,
        "span_cells": span * cells,
        "tail_mask": (1 << g["pieces"] - (cells - 1) * WORD) - 1,
    }
    tall = ROWS >> g["groups_log"]
    return {
        **members,
        "maps_last_o": g["maps"] - 1,
        "res_last_o": results - 1,
        "res_o": results,
        "col_cells_o": g["lines"] * line * cells,
        "act_count_o": CONFIG["Cols"] * g["lines"] * line * cells,
        "start_cells_o": sum(r // tall * g["stride"] * cells << 7 * r for r in range(ROWS)),
    }


class GeomBench:
    """One geometry at a time."""

    def __init__(self, dut):
        self.dut = dut
        outputs = ("done_o", "bad_o", "bad_idx_o", *SIZES, *STRUCTS)
        self.pins = Pins(dut, dut.clk_i, "start_i", "cfg_i", *outputs)
        self.seen: set[int | None] = set()
        self.groups: set[int] = set()

    async def run(self, g: dict[str, int]) -> None:
        """Start, wait, compare all."""
        self.pins.drive(cfg_i=packed(g))
        begin = cycle() + 1
        await self.pins.pulse("start_i")
        while not self.pins.read("done_o")[0]:
            await RisingEdge(self.dut.clk_i)
            assert cycle() - begin <= LATENCY, "no end"
        assert cycle() - begin == LATENCY
        bad, index = self.pins.read("bad_o", "bad_idx_o")
        found = index if bad else None
        assert found == fault(g), f"{found}, expected {fault(g)}: {g}"
        self.seen.add(found)
        if found is None:
            self.compare(g)
        await RisingEdge(self.dut.clk_i)
        assert not self.pins.read("done_o")[0]

    def compare(self, g: dict[str, int]) -> None:
        """The sizes that a good pass uses."""
        want = sizes(g) if g["mode"] & (Mode.LOAD_ACT | Mode.COMPUTE) else {}
        if not want and g["mode"] & Mode.OUTPUT:
            want = {"res_o": g["lines"] * g["windows"] * g["maps"]}
        found = dict(zip(SIZES, self.pins.read(*SIZES), strict=True)) if want else {}
        if len(want) > 1:
            walk, slices, starts = self.pins.read(*STRUCTS)
            found |= split(walk, WALK) | {"start_cells_o": starts}
            found |= split(slices, SLICES)
            self.groups.add(g["groups_log"])
        assert {name: found[name] for name in want} == want, g


def good(draw, mode: int) -> dict[str, int]:
    """A random pass that fits the build."""
    while True:
        g = dict.fromkeys(FIELDS, 0) | {"mode": mode}
        g["cells"] = int(draw.integers(1, min(3, CONFIG["NCells"], CONFIG["KCells"]) + 1))
        g["pieces"] = (g["cells"] - 1) * WORD + int(draw.integers(1, WORD + 1))
        g["maps"] = int(draw.integers(1, CONFIG["MaxMaps"] + 1))
        g["taps"] = int(draw.integers(1, 8))
        g["stride"] = int(draw.integers(1, min(15, g["taps"]) + 1))
        g["groups_log"] = int(draw.integers(0, ROWS.bit_length()))
        _, span, _ = lengths(g)
        g["ring"] = span + int(draw.integers(0, 3))
        g["windows"], g["lines"] = int(draw.integers(1, 9)), int(draw.integers(1, 5))
        g["threshold"] = int(draw.integers(0, 1 << 16))
        g["shift"] = int(draw.integers(0, CONFIG["AccWidth"]))
        if fault(g) is None:
            return g


GOOD: dict[str, int] = dict.fromkeys(FIELDS, 0) | {"mode": int(PHASES | Mode.BIAS)}
GOOD |= {"lines": 2, "windows": 3, "taps": 2, "stride": 1, "maps": 2, "pieces": WORD - 1}
GOOD |= {"cells": 1, "ring": 2}


@leaf_test
async def smoke(dut):
    """Goal: a good geometry. Stimulus: one. Check: sizes, no fault, LATENCY cycles."""
    await bring_up(dut)
    bench = GeomBench(dut)
    assert fault(GOOD) is None
    await bench.run(GOOD)


@leaf_test(cycles=200_000)
async def extremes(dut):
    """Goal: the step past each end. Stimulus: for every phase alone and all together, each field
    zero, largest, exactly at its limit and one past it; every bit of MODE. Check: fault, sizes."""
    await bring_up(dut)
    bench = GeomBench(dut)
    _, _, line = lengths(GOOD)
    full = {
        "lines": [min(CONFIG["ActDepth"] // line, CONFIG["AccDepth"] // 6)],
        "windows": [CONFIG["AccDepth"] // 4, (CONFIG["ActDepth"] // 2 - 2) + 1],
        "taps": [CONFIG["KCells"] // 2],
        "stride": [GOOD["taps"]],
        "groups_log": [ROWS.bit_length() - 1],
        "maps": [CONFIG["MaxMaps"], CONFIG["KCells"] // 2],
        "pieces": [WORD],
        "ring": [CONFIG["NCells"]],
        "shift": [CONFIG["AccWidth"] - 1],
    }
    phases = (Mode.LOAD_WGT, Mode.LOAD_ACT, Mode.COMPUTE, Mode.OUTPUT)
    for mode in (PHASES | Mode.BIAS, PHASES | Mode.ACC_KEEP | Mode.RELAXED, *phases):
        for name, field in FIELDS.items():
            ends = full.get(name, [1])
            for value in (0, 1, field.most, *ends, *(end + 1 for end in ends)):
                await bench.run(GOOD | {"mode": mode} | {name: min(value, field.most)})
    # Each memory exactly full, and a cell or a result more.
    for more in (0, 1):
        for windows, mode in (
            (CONFIG["ActDepth"] - 1 + more, GOOD["mode"]),
            (CONFIG["AccDepth"] + more, int(Mode.OUTPUT)),
        ):
            full_up = {"lines": 1, "maps": 1, "windows": min(windows, 65535), "mode": mode}
            await bench.run(GOOD | full_up)
    for bit in range(32):
        await bench.run(GOOD | {"mode": GOOD["mode"] ^ 1 << bit})
    assert bench.seen == {None, 0, 1, 2, 3, 5}


@leaf_test(cycles=100_000)
async def directed_two(dut):
    """Goal: faults that hang together, and the lowest of several. Stimulus: pairs of fields, each
    zero, largest or one too many. Check: the lowest register."""
    await bring_up(dut)
    bench = GeomBench(dut)
    names = [name for name in FIELDS if name not in ("mode", "threshold")]
    for first in names:
        for second in names:
            if first < second:
                pair = {first: 0, second: FIELDS[second].most}
                await bench.run(GOOD | pair)
                await bench.run(GOOD | {first: FIELDS[first].most, second: 0})
    assert bench.seen >= {1, 2, 3}


@leaf_test
async def reset_mid(dut):
    """Goal: reset while it multiplies. Stimulus: one after every seventh cycle. Check: no end
    comes of it; the next geometry is right."""
    await bring_up(dut)
    bench = GeomBench(dut)
    for wait in range(1, LATENCY, 7):
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
    """Goal: any registers. Stimulus: 60 good passes, in turn with 60 that are random in every
    field, small and large values mixed. Check: sizes and fault; all groupings, several kinds of
    fault occurred."""
    await bring_up(dut)
    bench, draw = GeomBench(dut), rng()
    for _ in range(60):
        phases = int(draw.integers(1, 16)) | Mode.COMPUTE
        await bench.run(good(draw, phases | Mode.RELAXED * int(draw.integers(2))))
        g = {}
        for name, field in FIELDS.items():
            bits = int(draw.integers(0, field.width + 1))
            small = bits if draw.integers(8) == 0 else min(bits, 3)
            g[name] = int(draw.integers(0, 1 << small))
        g["mode"] = int(draw.integers(1, 2 * Mode.RELAXED)) & KNOWN | Mode.COMPUTE
        await bench.run(g)
    assert len(bench.seen) >= 4 and len(bench.groups) >= 2
