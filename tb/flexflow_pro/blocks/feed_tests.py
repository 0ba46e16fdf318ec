"""lac_ffp_feed against the cycles of a column bus."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable
from itertools import product

import numpy as np
from cocotb.triggers import RisingEdge, Timer

from tb.common.bfm.block import Pins, bring_up, config, for_profiles, leaf_test, reset, rng
from tb.common.bfm.block_parts import clear_after_start
from tb.common.bfm.structs import pack_struct, split_struct
from tb.flexflow_pro.blocks.reference import (
    BUS,
    Ints,
    Shape,
    bus_cycles,
    draw_shape,
    draw_words,
    mask_of,
)

CONFIG = {"MaskWord": 16, "NCells": 12, "BusWords": 2, "ActDepth": 512} | config()
WORD, N_CELLS, WORDS = CONFIG["MaskWord"], CONFIG["NCells"], CONFIG["BusWords"]
DEPTH = CONFIG["ActDepth"]
INPUTS = (
    *("clr_i", "start_i", "slices_i", "wr_part_i", "wr_addr_i", "wr_data_i", "wr_mask_i"),
    *("free_i",),
)
OUTPUTS = ("bus_o", "window_o", "words_o", "full_o")
#: From start_i to the first bus cycle, from free_i to that of a slice which waits for it.
START, FREE = 3, 2
Gate = Callable[[int], bool]


class FeedBench:
    """One pass at a time, all cycles of it compared."""

    def __init__(self, dut):
        self.dut, self.draw = dut, rng()
        self.pins = Pins(dut, dut.clk_i, *INPUTS, *OUTPUTS)
        self.waited = self.live = 0

    async def load(self, neurons: Ints) -> None:
        """Fill the buffer from cell 0 on; words that do not live have any value, and no bit."""
        for cell, part in np.ndindex(len(neurons), WORD // 4):
            four = neurons[cell, part * 4 : part * 4 + 4]
            tiny = self.draw.integers(-9, 9, 4)
            words = np.where(four == 0, tiny, four)
            data = sum((int(word) & 0xFFFF) << 16 * k for k, word in enumerate(words))
            self.pins.drive(wr_part_i=1 << part, wr_addr_i=cell, wr_data_i=data,
                            wr_mask_i=mask_of(four))  # fmt: skip
            await RisingEdge(self.dut.clk_i)
        self.pins.drive(wr_part_i=0)

    async def run(
        self,
        shape: Shape,
        neurons: Ints | None = None,
        free: Gate = lambda age: True,
        stop: int = -1,
    ) -> int:
        """A pass; its cycles. ``free`` says whether a window that has been on the bus for so many
        cycles is given back; ``stop``: only so many cycles."""
        if neurons is None:
            size = (shape.lines * shape.line * shape.cells, WORD)
            neurons = draw_words(self.draw, size, self.draw.choice([0.1, 0.5, 0.9]))
        assert len(neurons) <= DEPTH
        await self.load(neurons)
        todo = deque(bus_cycles(shape, neurons, WORDS))
        self.pins.drive(slices_i=shape.slices())
        await self.pins.pulse("start_i")
        windows: deque[int] = deque()  # cycles in which those were whole that are not given back
        given: list[tuple[int, int]] = []  # (cycle, slices by then)
        frees = full = waits = 0
        cycle, previous = 1, START - 1
        while (todo or windows) and cycle != stop:
            gives = bool(windows) and windows[0] < cycle and free(cycle - windows[0])
            self.pins.drive(free_i=gives)
            await Timer(1, "ns")
            if gives:
                windows.popleft()
                slices = shape.freed(frees) + (given[-1][1] if given else 0)
                given.append((cycle, slices))
                frees += 1
            room = shape.ring + max((s for at, s in given if at <= cycle - FREE), default=0)
            comes = bool(todo) and cycle >= START and todo[0].slice_begins < room
            want = todo.popleft() if comes else None
            if want:
                waits += cycle - previous - 1
                previous = cycle
                if want.window_ends:
                    windows.append(cycle)
                self.live += want.words
            full += self.compare(want, cycle)
            cycle += 1
            await RisingEdge(self.dut.clk_i)
        self.pins.drive(free_i=0)
        if stop < 0:
            assert full == waits, f"{full} cycles without room, expected {waits}"
        self.waited += waits
        return previous

    def bus(self) -> dict[str, int]:
        """The bus; what has no value yet counts as 0: it must be of no account."""
        bits = str(self.pins.bus.bus_o.value)
        return split_struct(BUS, int(re.sub("[^01]", "0", bits), 2))

    def compare(self, want, cycle: int) -> int:
        """All outputs of a cycle; whether a slice waits."""
        window, words, full = self.pins.read(*OUTPUTS[1:])
        found = self.bus()
        if want is None:
            assert (found["valid"], found["first"], window, words) == (0, 0, 0, 0), f"cycle {cycle}"
            return full
        expected = split_struct(BUS, want.bits)
        if not found["valid"]:  # words and beat are of no account
            found = found | {"words": 0, "beat": 0}
        if words == 1:
            found["words"] &= 0xFFFF
        assert pack_struct(BUS, found) == want.bits, f"cycle {cycle}: {found}, expected {expected}"
        assert (window, words) == (want.window_ends, want.words), f"cycle {cycle}"
        return full


def shape_of(**fields) -> Shape:
    """A pass of given fields, the rest as small as it can be."""
    made = Shape(WORD, **({"pieces": WORD} | fields))
    return Shape(**(vars(made) | {"ring": fields.get("ring", made.span)}))


@leaf_test
async def smoke(dut):
    """Goal: a line of windows. Stimulus: windows given back at once. Check: every cycle of the bus,
    the first in cycle 3."""
    await bring_up(dut)
    bench = FeedBench(dut)
    await bench.run(shape_of(windows=4, taps=2))
    assert bench.live


@for_profiles(globals(), ("none", "random", "slow"), cycles=100_000)
async def random(dut, profile):
    """Goal: any pass. Stimulus: 12 of them; windows given back at once, now and then, or seldom.
    Check: every cycle of the bus, cycles without room; slices have waited."""
    await bring_up(dut)
    bench = FeedBench(dut)
    rate = {"none": 1.0, "random": 0.3, "slow": 0.04}[profile]
    for _ in range(12):
        shape = draw_shape(bench.draw, WORD, 64, N_CELLS)
        if shape.lines * shape.line * shape.cells <= DEPTH:
            await bench.run(shape, free=lambda _: bool(bench.draw.random() < rate))
    assert bench.waited


@leaf_test(cycles=100_000)
async def extremes(dut):
    """Goal: cells without a live word, full ones, one bit at either end; the whole ring, a ring of
    one window, the whole buffer. Stimulus: a pass of each. Check: every cycle."""
    await bring_up(dut)
    bench = FeedBench(dut)
    for ring in (1, N_CELLS):
        shape = shape_of(windows=5, ring=ring)
        for kind in ("none", "all", "first", "last"):
            neurons = np.zeros((shape.line, WORD), np.int64)
            if kind == "all":
                neurons[:] = -(1 << 15)
            elif kind != "none":
                neurons[:, 0 if kind == "first" else -1] = 7
            await bench.run(shape, neurons)
    await bench.run(shape_of(windows=min(DEPTH, 60), lines=max(1, DEPTH // 60), ring=N_CELLS))


@leaf_test
async def throughput(dut):
    """Goal: BusWords live words per cycle, cells without a gap. Stimulus: 12 full cells, windows
    given back at once. Check: the last bus cycle."""
    await bring_up(dut)
    bench = FeedBench(dut)
    shape = shape_of(windows=12, ring=N_CELLS)
    full = np.full((shape.line, WORD), 3)
    last = await bench.run(shape, full)
    assert last == START + 12 * (WORD // WORDS) - 1


@leaf_test
async def directed_room(dut):
    """Goal: a slice waits for room, and begins two cycles behind the window that gives it.
    Stimulus: windows given back 1 to 12 cycles after they were whole, in rings of one window.
    Check: every cycle of the bus; slices have waited."""
    await bring_up(dut)
    bench = FeedBench(dut)
    for wait in range(1, 13):
        for lines in (1, 2):
            shape = shape_of(windows=3, taps=2, stride=1 + wait % 2, lines=lines)

            def late(age: int, wait: int = wait) -> bool:
                return age >= wait

            await bench.run(shape, free=late)
    assert bench.waited > 100


@leaf_test
async def reset_mid(dut):
    """Goal: a pass cut off. Stimulus: a reset, or a clear, after every third cycle. Check: quiet;
    the next pass is exact."""
    await bring_up(dut)
    bench = FeedBench(dut)
    shape = shape_of(windows=4, taps=2)
    for stop, clears in product(range(2, 30, 3), (False, True)):
        await bench.run(shape, stop=stop)
        await (bench.pins.pulse("clr_i") if clears else reset(dut))
        for _ in range(4):
            await Timer(1, "ns")
            window, words, full = bench.pins.read(*OUTPUTS[1:])
            found = bench.bus()
            assert (found["valid"], found["first"], window, words, full) == (0, 0, 0, 0, 0)
            await RisingEdge(dut.clk_i)
        await bench.run(shape)


@leaf_test
async def directed_clear_after_start(dut):
    """Goal: a clear right after a start. Stimulus: one 0, 1, 2, ... cycles after it. Check: quiet;
    then a pass."""
    await bring_up(dut)
    bench = FeedBench(dut)

    async def good() -> None:
        await bench.run(shape_of(windows=2, taps=2))

    quiet = {"window_o": 0, "words_o": 0, "full_o": 0}
    await bench.run(shape_of(windows=2, taps=2))
    await clear_after_start(dut, lambda: None, good, quiet, offsets=range(5), cycles=6)
