"""lac_fmt_ptr against a list of pointers: loaded group by group, walked entry by entry."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

from cocotb.triggers import RisingEdge

from tb.common.bfm.block import Pins, bring_up, config, for_profiles, leaf_test, reset, rng
from tb.common.bfm.streams import pause_pattern
from tb.formats.parts import joined, noise

WORD = config().get("WordWidth", 64)
LINES = config().get("Lines", 64)
WIDTH = config().get("PtrWidth", 16)
WINDOW = config().get("WindowWidth", WORD)
GROUP = WORD // WIDTH
TOP = (1 << WIDTH) - 1
INPUTS = ("start_i", "count_i", "bits_i", "level_i", "load_step_i", "entry_i", "skip_i")
OUTPUTS: tuple[str, ...]
OUTPUTS = (
    "load_o",
    "load_there_o",
    "load_bad_o",
    "load_pos_o",
    "load_take_o",
    "done_o",
    "empty_o",
)
OUTPUTS += ("line_o", "line_last_o", "index_o")


@dataclass(frozen=True)
class Step:
    """A step of a walk: entry ``index`` of ``line``, or (index None) a line without entries."""

    line: int
    index: int | None = None
    last: bool = False


def walk(lengths: list[int]) -> list[Step]:
    """The steps over lines with so many entries; none for empty lines behind the last entry.

    >>> walk([2, 0, 1])[2:]
    [Step(line=1, index=None, last=False), Step(line=2, index=2, last=True)]
    """
    steps, index = [], 0
    for line, length in enumerate(lengths):
        if index == sum(lengths):
            break
        steps += [Step(line, index + k, k == length - 1) for k in range(length)] or [Step(line)]
        index += length
    return steps


def pointers(lengths: list[int]) -> list[int]:
    """Their pointers, one more than lines."""
    return [sum(lengths[:line]) for line in range(len(lengths) + 1)]


def bad(ptrs: list[int], count: int, place: int) -> bool:
    """Whether the pointer at this place is at fault."""
    value, before = ptrs[place], ptrs[place - 1] if place else 0
    wrong_end = value != 0 if place == 0 else value < before
    return wrong_end or value > count or (place == len(ptrs) - 1 and value != count)


class PtrBench:
    """One tile's pointers at a time; ``cycles`` counts those of the last one."""

    def __init__(self, dut, pause: str = "none"):
        self.dut, self.draw = dut, rng()
        self.pins = Pins(dut, dut.clk_i, *INPUTS, *OUTPUTS)
        self.come = pause_pattern(pause, "window")
        self.stall = pause_pattern(pause, "decoder")
        self.at_once = pause == "none"
        self.cycles = 0

    async def cycle(self, **inputs: int) -> None:
        """One cycle with these inputs, all others low; the outputs can be read behind it."""
        self.pins.drive(**(dict.fromkeys(INPUTS, 0) | inputs))
        await RisingEdge(self.dut.clk_i)
        self.cycles += 1

    async def load(self, ptrs: list[int], count: int, stop: int | None = None) -> int | None:
        """Start and load all groups; the place of the first fault, None if there is none.

        stop   give up before this group
        """
        size = len(ptrs) * WIDTH
        stream = joined(ptrs, WIDTH) | noise(self.draw, 2 * WINDOW) << size  # entries behind them
        await self.cycle(start_i=1, count_i=count, bits_i=noise(self.draw, WINDOW))
        self.cycles = taken = level = 0
        for group in range(-(-len(ptrs) // GROUP)):
            if group == stop:
                return None
            places = range(group * GROUP, min(len(ptrs), (group + 1) * GROUP))
            while True:
                if not next(self.come):
                    level = WINDOW if self.at_once else self._more(level)
                faults = [p for p in places[: level // WIDTH] if bad(ptrs, count, p)]
                there = level >= len(places) * WIDTH
                go = there and not faults and not next(self.stall)
                window = (stream >> taken) & (1 << level) - 1
                await self.cycle(bits_i=window, level_i=level, load_step_i=go)
                self._check_load(len(places) * WIDTH, there, faults)
                if faults:
                    return faults[0]
                if go:
                    break
            taken, level = taken + len(places) * WIDTH, level - len(places) * WIDTH
        return None

    def _more(self, level: int) -> int:
        """Some more bits have come."""
        return min(WINDOW, level + int(self.draw.integers(0, WORD + 1)))

    def _check_load(self, take: int, there: bool, faults: list[int]) -> None:
        names = ["load_o", "load_take_o", "load_there_o", "load_bad_o"]
        want = [1, take, int(there), int(bool(faults))]
        if faults:
            names, want = [*names, "load_pos_o"], [*want, faults[0]]
        got = self.pins.read(*names)
        assert got == want, f"{names} {got}, expected {want}"

    async def walk(self, lengths: list[int], most: int | None = None) -> None:
        """Walk the lines, or ``most`` steps of them; then it is done."""
        for step in walk(lengths)[:most]:
            while True:
                go, empty = not next(self.stall), step.index is None
                # What is not asked for is driven at random: nothing may depend on it.
                window = {"bits_i": noise(self.draw, WINDOW), "level_i": WINDOW}
                await self.cycle(entry_i=go and not empty, skip_i=go and empty, **window)
                names = ["load_o", "done_o", "empty_o", "line_o"]
                want: list[int | None] = [0, 0, int(empty), step.line]
                if not empty:
                    names, want = [*names, "line_last_o", "index_o"], [*want, step.last, step.index]
                got = self.pins.read(*names)
                assert got == want, f"{step}: {names} {got}, expected {want}"
                if go:
                    break
        if most is None:
            await self.cycle()
            assert self.pins.read("load_o", "done_o") == [0, 1]

    async def good(self, lengths: list[int]) -> None:
        """A tile with so many entries on each line."""
        assert await self.load(pointers(lengths), sum(lengths)) is None
        await self.walk(lengths)

    def lengths(self, most: int) -> list[int]:
        """Random numbers of entries, many lines empty, not more than the pointers can say."""
        draw = self.draw.integers
        made = [int(draw(most + 1)) * int(draw(2)) for _ in range(LINES)]
        while sum(made) > TOP:
            made[int(draw(LINES))] = 0
        return made


@leaf_test
async def smoke(dut):
    """Goal: load and walk. Stimulus: lines of 2, 0, 1 entries and so on. Check: groups, entries,
    empty lines, done."""
    await bring_up(dut)
    await PtrBench(dut).good(([2, 0, 1] * LINES)[:LINES])


@leaf_test
async def throughput(dut):
    """Goal: a group, an entry or an empty line per cycle. Stimulus: a full tile, one with empty
    lines within and at the end, nothing paused. Check: cycles."""
    await bring_up(dut)
    bench, groups = PtrBench(dut), -(-(LINES + 1) // GROUP)
    for lengths in ([3] * LINES, [0] * (LINES - 2) + [2, 0], [0] * LINES):
        await bench.good(lengths)
        assert bench.cycles == groups + len(walk(lengths)) + 1


@leaf_test
async def extremes(dut):
    """Goal: pointers at both rails, all entries on one line. Stimulus: each line alone with one and
    three entries; no entry; all pointers at 0 and then at the top. Check: as in smoke; with the
    count that the top pointer cannot hold, a fault at the last one."""
    await bring_up(dut)
    bench = PtrBench(dut)
    for line in range(LINES):
        for count in (1, 3):
            await bench.good([count * (k == line) for k in range(LINES)])
    await bench.good([0] * LINES)
    for ptrs in ([0] * LINES + [TOP], [0] + [TOP] * LINES):
        assert await bench.load(ptrs, TOP) is None
        lengths = [b - a for a, b in itertools.pairwise(ptrs)]
        await bench.walk(lengths, LINES + 3)
        assert await bench.load(ptrs, TOP + 1) == LINES
        assert await bench.load(ptrs, TOP - 1) == ptrs.index(TOP)


@leaf_test
async def directed_faults(dut):
    """Goal: every fault of every pointer. Stimulus: each one too large for the one behind it, above
    count, and below the one before; a first one that is not 0; a last one that is not count; bits
    that come at once. Check: the place of the first; the next tile is exact."""
    await bring_up(dut)
    bench = PtrBench(dut)
    good = [2] * LINES
    ptrs, count = pointers(good), 2 * LINES
    for place in range(LINES + 1):
        for value in (ptrs[place] + 3, count + 1, TOP, ptrs[place] - 3, ptrs[place] - 1):
            wrong = ptrs[:place] + [max(0, value)] + ptrs[place + 1 :]
            first = next((k for k in range(LINES + 1) if bad(wrong, count, k)), None)
            assert await bench.load(wrong, count) == first
    for other in (count + 1, count - 1):
        assert await bench.load(ptrs, other) == LINES
    await bench.good(good)


@leaf_test
async def reset_mid(dut):
    """Goal: reset while it loads and walks. Stimulus: one before each group, one after some steps.
    Check: it loads no more; the next tile is exact."""
    await bring_up(dut)
    bench = PtrBench(dut)
    lengths = ([1, 0, 3] * LINES)[:LINES]
    for stop in range(-(-(LINES + 1) // GROUP)):
        await bench.load(pointers(lengths), sum(lengths), stop)
        bench.pins.drive(load_step_i=0)
        await reset(dut)
        assert bench.pins.read("load_o") == [0]
        await bench.good(lengths)
        assert await bench.load(pointers(lengths), sum(lengths)) is None
        await bench.walk(lengths, stop + 1)
        bench.pins.drive(entry_i=0, skip_i=0)
        await reset(dut)
        await bench.good(lengths)


@for_profiles(globals())
async def random(dut, profile):
    """Goal: bits that come when they like, steps when the decoder likes. Stimulus: 12 random tiles,
    each also with a pointer changed at random. Check: as in smoke, or the place of the fault."""
    await bring_up(dut)
    bench = PtrBench(dut, profile)
    for _ in range(12):
        lengths = bench.lengths(5)
        ptrs, count = pointers(lengths), sum(lengths)
        place = int(bench.draw.integers(LINES + 1))
        wrong = ptrs[:place] + [min(TOP, noise(bench.draw, 1 + place % WIDTH))] + ptrs[place + 1 :]
        first = next((k for k in range(LINES + 1) if bad(wrong, count, k)), None)
        assert await bench.load(wrong, count) == first
        await bench.good(lengths)
