"""lac_fmt_out against the list of a tile's non-zeros: lines, last beat, errors, cycles."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

from cocotb.triggers import ClockCycles

from tb.common.bfm.block import Checker, bring_up, config, for_profiles, leaf_test, reset, rng
from tb.common.bfm.block_parts import EdgeMonitor, cycle
from tb.common.bfm.streams import StreamMonitor, StreamSink
from tb.formats.parts import Step, StepDriver, joined, noise

NUM_LANES = config().get("NumLanes", 1)
VALUE = config().get("ValueWidth", 8)
ROW = (config().get("TileRows", 256) - 1).bit_length()
COL = (config().get("TileCols", 256) - 1).bit_length()
LINE = config().get("LineWidth", 8)
WIDTHS = {"value": VALUE, "row": ROW, "col": COL, "line": LINE}
STEP = (*(f"beat_{name}" for name in ("keep", *WIDTHS)), "end_err", "end_pos")
BEAT = ("keep", "value", "row", "col", "eol", "last", "err", "pos")
HOLDS = 2  # held beat, output register
LATENCY = 1  # from a step to the beat it lets go


@dataclass
class Tile:
    """Beats of at most NumLanes non-zeros, each a dict of value, row, col, line; then the end."""

    beats: list[list[dict[str, int]]]
    err: int = 0
    pos: int = 0

    def steps(self) -> list[Step]:
        """What a decoder hands over; lanes not in use have all bits set."""
        steps: list[Step] = []
        for beat in self.beats:
            rest = [{n: (1 << w) - 1 for n, w in WIDTHS.items()}] * (NUM_LANES - len(beat))
            lanes = {
                f"beat_{n}": joined([x[n] for x in (*beat, *rest)], w) for n, w in WIDTHS.items()
            }
            steps.append({"beat_valid": 1, "beat_keep": (1 << len(beat)) - 1} | lanes)
        return [*steps, {"end_valid": 1, "end_err": self.err, "end_pos": self.pos}]

    def out(self) -> list[tuple[int, ...]]:
        """What has to come out, as BEAT."""
        lines = [x["line"] for beat in self.beats for x in beat]
        ends = [a != b for a, b in itertools.pairwise(lines)] + [True]
        found = []
        for beat in self.beats:
            eol, ends = ends[: len(beat)], ends[len(beat) :]
            lanes = (joined([x[n] for x in beat], WIDTHS[n]) for n in ("value", "row", "col"))
            found.append([(1 << len(beat)) - 1, *lanes, joined(eol, 1), 0, 0, 0])
        if self.err or not found:
            empty = [0, 0, 0, 0, 0, 1, self.err, self.pos if self.err else 0]
            return [tuple(x) for x in (*found[:-1], empty)]
        found[-1][5] = 1
        return [tuple(x) for x in found]


class OutBench:
    """Tiles in, beats out; while nothing blocks the output, each in its cycle."""

    def __init__(self, dut, steps: str = "none", out: str = "none"):
        self.dut, self.draw = dut, rng()
        self.times: list[int] = []
        self.driver = StepDriver(dut, STEP, steps)
        self.sink = StreamSink(dut, "out", dut.clk_i, pause=out)
        self.check = Checker("beats")
        self.exact = out == "none"
        self.due: list[int] = []  # for each beat that comes, the number of the step before it goes
        self.steps = 0
        self._waits: tuple[int, ...] | None = None
        self.monitor = StreamMonitor(
            dut, "out", dut.clk_i, fields=BEAT, reset_n=dut.rst_ni, callback=self._beat
        )
        pins = ("out_valid_o", "out_ready_i", *(f"out_{name}_o" for name in BEAT))
        self.stable = EdgeMonitor(dut, pins, self._sample)

    def _beat(self, beat) -> None:
        self.check(tuple(beat))
        self.times.append(cycle())

    def _sample(self, seen: EdgeMonitor) -> None:
        """A beat that is not taken stays as it is."""
        beat = tuple(seen[f"out_{name}_o"] for name in BEAT) if seen["out_valid_o"] else None
        assert self._waits in (None, beat), f"{beat} took the place of {self._waits}"
        self._waits = None if seen["out_ready_i"] else beat

    def tile(self, beats: int, err: int = 0, full: bool = False) -> Tile:
        """A random tile; successive non-zeros are often on one line."""
        line = noise(self.draw, LINE)
        made: list[Any] = []
        for _ in range(beats):
            made.append([])
            for _ in range(NUM_LANES if full else int(self.draw.integers(1, NUM_LANES + 1))):
                if self.draw.random() < 0.4:
                    line = noise(self.draw, LINE)
                place = {name: noise(self.draw, width) for name, width in WIDTHS.items()}
                made[-1].append(place | {"line": line})
        return Tile(made, err, noise(self.draw, 32))

    def queue(self, tile: Tile) -> None:
        """Hand a tile over, and expect what comes of it."""
        self.check.expect(*tile.out())
        for step in tile.steps():
            self.driver.append(step)
        # Beat k is let go by step k+1, the empty one and the last one by the end.
        last = len(tile.beats)
        lets_go = [*range(1, last), last] if tile.beats else [0]
        self.due += [self.steps + step for step in lets_go]
        self.steps += last + 1

    def forget(self) -> None:
        """Start anew (the device was reset)."""
        self.check.forget()
        for record in (self.due, self.driver.taken, self.times):
            record.clear()
        self.steps, self._waits = 0, None

    async def finish(self) -> None:
        """All is handed over and has come, in its cycle."""
        await self.driver.drain()
        for _ in range(400):
            if not self.check.pending:
                break
            await ClockCycles(self.dut.clk_i, 1)
        await ClockCycles(self.dut.clk_i, 3)
        self.check.done()
        if self.exact:
            due = [self.driver.taken[step] + LATENCY for step in self.due]
            assert self.times == due, f"beats in cycles {self.times}, expected {due}"


@leaf_test
async def smoke(dut):
    """Goal: eol and last. Stimulus: three non-zeros on two lines, each a beat; an empty tile.
    Check: beats, each a cycle after the step that lets it go."""
    await bring_up(dut)
    bench = OutBench(dut)
    places = [dict.fromkeys(("value", "row", "col"), k + 1) | {"line": k // 2} for k in range(3)]
    bench.queue(Tile([[place] for place in places]))
    bench.queue(Tile([]))
    await bench.finish()
    assert [beat.eol for beat in bench.monitor.beats] == [0, 1, 1, 0]


@leaf_test
async def extremes(dut):
    """Goal: all bits, all lanes, every number of lanes next to every other. Stimulus: tiles of full
    beats with all bits set, lines that differ in one bit, pairs of beats of all sizes. Check:
    beats."""
    await bring_up(dut)
    bench = OutBench(dut)
    ones = {name: (1 << width) - 1 for name, width in WIDTHS.items()}
    bench.queue(Tile([[ones] * NUM_LANES] * 3))
    for bit in range(LINE):
        other = ones | {"line": ones["line"] ^ 1 << bit}
        bench.queue(Tile([[ones] * NUM_LANES, [other] * NUM_LANES, [ones]]))
    for first in range(1, NUM_LANES + 1):
        for second in range(1, NUM_LANES + 1):
            tile = bench.tile(2, full=True)
            bench.queue(Tile([tile.beats[0][:first], tile.beats[1][:second]]))
    await bench.finish()


@leaf_test
async def directed_errors(dut):
    """Goal: a tile with an error ends with an empty beat, what is held is dropped. Stimulus: every
    code behind 0 to 3 beats, a good tile between. Check: beats, code, position."""
    await bring_up(dut)
    bench = OutBench(dut)
    for err in range(1, 16):
        for beats in range(4):
            bench.queue(bench.tile(beats, err))
        bench.queue(bench.tile(err % 3))
    await bench.finish()


@leaf_test
async def directed_blocked(dut):
    """Goal: what fits behind a blocked output. Stimulus: a tile while nothing is taken, then all.
    Check: two steps are taken, and the third in the cycle in which the output is let go."""
    await bring_up(dut)
    bench = OutBench(dut, out="block")
    bench.queue(bench.tile(8))
    await ClockCycles(dut.clk_i, 12)
    assert len(bench.driver.taken) == HOLDS
    bench.sink.set_pause("none")
    free = cycle() + 1
    await bench.finish()
    assert bench.driver.taken[HOLDS : HOLDS + 3] == [free, free + 1, free + 2]


@leaf_test
async def throughput(dut):
    """Goal: a beat per cycle. Stimulus: 60 full beats, no pause. Check: one handed over and one out
    in every cycle."""
    await bring_up(dut)
    bench = OutBench(dut)
    bench.queue(bench.tile(60, full=True))
    await bench.finish()
    for times, count in ((bench.driver.taken, 61), (bench.times[:-1], 59)):
        assert times[-1] - times[0] == len(times) - 1 == count - 1
    assert bench.times[-1] == bench.driver.taken[-1] + LATENCY


@leaf_test
async def reset_mid(dut):
    """Goal: reset with beats at every place. Stimulus: after 1 to 4 steps, the output blocked or
    not. Check: nothing old comes out, the next tile is exact."""
    await bring_up(dut)
    bench = OutBench(dut)
    for blocked in (False, True):
        for steps in range(1, 5):
            bench.sink.set_pause("block" if blocked else "none")
            bench.queue(bench.tile(6))
            while len(bench.driver.taken) < min(steps, HOLDS):
                await ClockCycles(dut.clk_i, 1)
            bench.driver.abort()
            dut.rst_ni.value = 0
            await ClockCycles(dut.clk_i, 2)
            bench.forget()
            await reset(dut)
            bench.sink.set_pause("none")
            bench.queue(bench.tile(3))
            await bench.finish()
            bench.forget()


@for_profiles(globals())
async def random(dut, profile):
    """Goal: any tiles under pauses on both sides. Stimulus: 18 of up to 8 beats, some with an
    error. Check: beats; without pauses of the output, their cycles."""
    await bring_up(dut)
    # Both in step would never meet a blocked output.
    bench = OutBench(dut, "none" if profile == "cycle" else profile, profile)
    for _ in range(18):
        err = int(bench.draw.integers(1, 16)) if bench.draw.random() < 0.25 else 0
        bench.queue(bench.tile(int(bench.draw.integers(0, 9)), err))
    await bench.finish()
    assert (profile == "none") == (bench.monitor.stalled == 0)
