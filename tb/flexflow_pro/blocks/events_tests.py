"""lac_ffp_events: what it counts in a cycle, added up in Python."""

from __future__ import annotations

from typing import Any

from cocotb.triggers import RisingEdge, Timer

from tb.common.bfm.block import Pins, bring_up, config, for_profiles, leaf_test, reset, rng
from tb.common.bfm.structs import EVENTS, PASS, pack_struct, split_struct

CONFIG = {"Rows": 16, "Cols": 16, "MaskWord": 16} | config()
ROWS, COLS, WORD = CONFIG["Rows"], CONFIG["Cols"], CONFIG["MaskWord"]
COUNT = COLS.bit_length()
INPUTS = (
    *("pass_i", "counts_i", "sums_i", "keep_i", "cells_i", "words_i", "full_i"),
    *("out_rd_i", "wr_wgt_i", "wr_act_i"),
)


class EventsBench:
    """A cycle at a time; what comes of it is compared in the next one."""

    def __init__(self, dut):
        self.dut, self.draw = dut, rng()
        self.pins = Pins(dut, dut.clk_i, *INPUTS, "events_o", "step_o")
        self.cut, self.before = True, None
        self.counted = 0

    def cycle(self, rate: float) -> dict:
        """Random events: accounts of every row (at most one of a PE), bits of columns and rows."""
        draw = self.draw
        kinds = [[0] * 5 for _ in range(ROWS)]  # useful, padding, empty, sync, cell_ends
        for row in kinds:
            for _ in range(COLS):
                if draw.random() < rate:
                    row[draw.integers(4)] += 1
                    row[4] += int(draw.integers(2))
        bits: dict[str, Any] = {name: draw.random(n) < rate for name, n in
                (("sums", ROWS), ("cells", COLS), ("full", COLS))}  # fmt: skip
        words = draw.integers(0, 3, COLS) * (draw.random(COLS) < rate)
        load = int(draw.integers(4))
        bits |= {"out": int(draw.random() < rate), "wgt": load == 1, "act": load == 2}
        return bits | {"kinds": kinds, "words": words, "keep": int(draw.integers(2))}

    def drive(self, one: dict, **phase: int) -> None:
        counts = 0
        for row in reversed(one["kinds"]):
            for count in row:
                counts = counts << COUNT | count
        flags = {name: sum(int(bit) << k for k, bit in enumerate(one[name]))
                 for name in ("sums", "cells", "full")}  # fmt: skip
        words = sum(int(word) << 2 * k for k, word in enumerate(one["words"]))
        self.pins.drive(pass_i=pack_struct(PASS, phase), counts_i=counts, words_i=words,
                        sums_i=flags["sums"], cells_i=flags["cells"], full_i=flags["full"],
                        keep_i=one["keep"], out_rd_i=one["out"], wr_wgt_i=one["wgt"],
                        wr_act_i=one["act"])  # fmt: skip

    def want(self, one: dict, now: dict) -> dict[str, int]:
        """The events of a cycle: what is loaded counts at once, the rest comes from a register."""
        total = [sum(row[k] for row in one["kinds"]) for k in range(5)]
        summed, cells = int(sum(one["sums"])), int(sum(one["cells"]))
        found = dict.fromkeys(EVENTS, 0)
        names = ("mac_useful", "slot_padding", "slot_empty", "stall_sync", "idx_reads")
        found |= dict(zip(names, total, strict=True)) | {"wgt_reads": total[0]}
        found |= {"wgt_writes": 4 * now["wgt"], "act_writes": 4 * now["act"]}
        found |= {"idx_writes": cells * ROWS, "act_reads": cells * WORD, "psum_writes": summed}
        found["psum_reads"] = ROWS if one["out"] else summed * now["keep"]
        found |= {"broadcasts": int(sum(one["words"])), "own": cells | int(sum(one["full"])) << 16}
        return found

    async def step(self, rate: float, only: str = "", **phase: int) -> None:
        """A cycle, and what the one before has to give in it; ``only``: all but it are quiet."""
        one = self.cycle(rate)
        if only:
            one = self.cycle(0.0) | {"wgt": 0, "act": 0, only: one[only]}
        self.drive(one, **phase)
        await Timer(1, "ns")
        if self.before is not None:
            moved = [row[kind] for row in self.before["kinds"] for kind in (0, 4)]
            moved += [int(sum(self.before[name])) for name in ("sums", "cells", "words")]
            assert self.pins.read("step_o") == [int(any(moved) or self.before["out"])]
            quiet = self.cut or phase.get("clr", 0)
            want = self.want(self.before, one)
            want = dict.fromkeys(EVENTS, 0) if quiet else want
            found = split_struct(EVENTS, self.pins.read("events_o")[0])
            assert found == want, f"{found}, expected {want}"
            self.counted += sum(want.values()) > 0
        if phase.get("clr"):
            self.cut = True
        elif any(phase.get(name) for name in ("load_wgt", "load_act", "compute", "emit")):
            self.cut = False
        self.before = one
        await RisingEdge(self.dut.clk_i)


@leaf_test
async def smoke(dut):
    """Goal: events of Compute. Stimulus: 20 cycles behind its first one. Check: each in the next
    cycle."""
    await bring_up(dut)
    bench = EventsBench(dut)
    await bench.step(0.5, compute=1)
    for _ in range(20):
        await bench.step(0.5)
    assert bench.counted >= 19


@leaf_test
async def directed_step(dut):
    """Goal: what moves keeps the watchdog quiet. Stimulus: cycles of each kind of event alone.
    Check: a step for each, but for what is loaded and for columns that are full."""
    await bring_up(dut)
    bench = EventsBench(dut)
    for only in ("kinds", "sums", "cells", "full", "words", "out", "wgt", "act"):
        for rate in (1.0, 1.0, 0.2, 0.2, 0.0):
            await bench.step(rate, only)


@for_profiles(globals(), ("random",))
async def random(dut, profile):
    """Goal: clears and phases in any order. Stimulus: 300 cycles with now and then one of them.
    Check: nothing from a clear to the next phase, else each event."""
    await bring_up(dut)
    bench, draw = EventsBench(dut), rng()
    for _ in range(300):
        phase: dict[str, Any] = {}
        if draw.random() < 0.1:
            phase = {
                str(draw.choice(["clr", "check", "load_wgt", "load_act", "compute", "emit"])): 1
            }
        await bench.step(float(draw.choice([0.05, 0.5, 1.0])), **phase)
    assert bench.counted > 50


@leaf_test
async def extremes(dut):
    """Goal: all at once, and nothing. Stimulus: every PE, column and row in a cycle. Check: the
    sums fit."""
    await bring_up(dut)
    bench = EventsBench(dut)
    await bench.step(1.0, compute=1)
    for rate in (1.0, 0.0, 1.0, 1.0, 0.0, 0.0):
        await bench.step(rate)
    assert bench.counted


@leaf_test
async def reset_mid(dut):
    """Goal: a reset cuts as a clear does. Stimulus: one among events. Check: nothing until the next
    phase."""
    await bring_up(dut)
    bench = EventsBench(dut)
    phases: tuple[dict[str, Any], ...] = ({"compute": 1}, {"emit": 1})
    for phase in phases:
        await bench.step(0.5, **phase)
        await bench.step(0.5)
        bench.pins.drive(pass_i=0)
        await reset(dut)
        bench.cut, bench.before = True, None
        for _ in range(4):
            await bench.step(0.5)
