"""lac_cse_packed and lac_cse_natural against the contract's places A and B, cycle by cycle."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np
from cocotb.triggers import RisingEdge

from tb.common.bfm.block import Pins, bring_up, config, for_profiles, leaf_test, reset, rng
from tb.common.bfm.streams import pause_pattern

CONFIG = config()
WINDOW, LANES = CONFIG.get("Window", 128), CONFIG.get("Lanes", 16)
CODE_ROW, OWN = CONFIG.get("CodeRow", 64), bool(CONFIG.get("OwnRanks", 0))


@dataclass
class Win:
    """A window: mask, survivors (positions not yet taken), number, ends of its output, of all."""

    mask: np.ndarray
    left: list[int]
    number: int
    last: bool
    final: bool


def ranks(mask: np.ndarray, natural: bool) -> np.ndarray:
    """Number of the code of each position, among those of its lane if natural."""
    step = LANES if natural else 1
    by_lane = mask.reshape(-1, step)
    return (np.cumsum(by_lane, axis=0) - by_lane).reshape(-1)


class SelectBench:
    """Drives the stage of counting as the node does, holds the model's places against the RTL."""

    INPUTS = ("clr_i", "en_i", "need_i", "in_valid_i", "in_last_i", "in_final_i", "rank_i")
    OUT = ("out_fire_o", "out_last_o", "out_final_o", "out_valid_o", "out_slot_o", "out_rank_o")

    def __init__(self, dut, profile: str = "none"):
        self.dut, self.rng = dut, rng()
        self.natural = dut._name == "lac_cse_natural"
        self.pos = "out_row_o" if self.natural else "out_pos_o"
        self.inputs = self.INPUTS if self.natural else (*self.INPUTS, "hold_i")
        self.pins = Pins(
            dut, dut.clk_i, *self.inputs, *self.OUT, self.pos, "in_ready_o", "in_none_o", "fire_o"
        )
        places = WINDOW // LANES if self.natural else WINDOW
        self.pos_bits = max(1, (places - 1).bit_length())
        codes = CODE_ROW // LANES if self.natural else CODE_ROW
        self.rank_bits = max(1, (codes - 1).bit_length())
        self.pause = pause_pattern(profile, "in")
        self.hold: Iterator[bool] = iter(())
        self.places: list[Win] = []
        self.stage: Win | None = None
        self.waiting: deque[Win] = deque()
        self.want: deque[dict | None] = deque([None, None])  # vectors of the last two cycles
        self.vectors = self.number = 0

    def draw(self, survivors: int | None = None, last: bool = False, final: bool = False) -> None:
        """Queue a window with so many survivors; None: any."""
        mask = self.rng.random(WINDOW) < self.rng.choice([0.1, 0.5, 1.0])
        step = LANES if self.natural else 1
        by_lane = mask.reshape(-1, step)
        by_lane &= np.cumsum(by_lane, axis=0) <= CODE_ROW // step
        mask = by_lane.reshape(-1)
        need = mask if OWN else mask & (self.rng.random(WINDOW) < self.rng.choice([0.2, 0.7, 1.0]))
        left = np.flatnonzero(need).tolist()
        if survivors is not None:
            left = left[:survivors]
            if OWN:
                mask = np.isin(np.arange(WINDOW), left)
        self.waiting.append(Win(mask, left, self.number, last, final))
        self.number += 1

    def outputs(self, number: int, windows: int) -> None:
        """Queue outputs of up to so many windows."""
        for at in range(number):
            size = int(self.rng.integers(1, windows + 1))
            for w in range(size):
                none = self.rng.random() < 0.3
                self.draw(0 if none else None, w + 1 == size, w + 1 == size and at + 1 == number)

    def vector(self) -> tuple[dict | None, int]:
        """Vector of this cycle by the contract; what goes: 0, 1 or 2 windows."""
        if not self.places:
            return None, 0
        a, part = self.places[0], len(self.places) == 2 and not self.places[0].last
        of_a, of_b = self._take(a.left, range(LANES)), []
        if part:
            free = {at % LANES for at in of_a} if self.natural else set()
            lanes = [lane for lane in range(LANES) if lane not in free]
            room = lanes if self.natural else range(LANES - len(of_a))
            of_b = self._take(self.places[1].left, room)
        b = self.places[1] if part else None
        a.left = [at for at in a.left if at not in of_a]
        if b:
            b.left = [at for at in b.left if at not in of_b]
        goes = 0 if a.left else 2 if b and not b.left else 1
        ends = [one for one in self.places[:goes] if one.last]
        if not of_a and not of_b and not ends:
            return None, goes
        taken = [(a, at) for at in of_a] + [(self.places[1], at) for at in of_b]
        found = {
            "taken": {(w.number % 2, at, int(ranks(w.mask, self.natural)[at])) for w, at in taken},
            "last": bool(ends),
            "final": any(one.final for one in ends),
        }
        return found, goes

    def _take(self, left: list[int], lanes) -> list[int]:
        """Positions that lanes take: their first ones, or the first ones of all."""
        if not self.natural:
            return left[: len(lanes)]
        firsts: dict[int, int] = {}
        for at in left:
            firsts.setdefault(at % LANES, at)
        return [at for lane, at in firsts.items() if lane in lanes]

    def seen(self) -> dict | None:
        """The vector at the outputs."""
        fire, last, final, valid, slot, rank = self.pins.read(*self.OUT)
        if not fire:
            return None
        (pos,) = self.pins.read(self.pos)
        taken = set()
        for lane in range(LANES):
            if not valid >> lane & 1:
                continue
            at = pos >> lane * self.pos_bits & (1 << self.pos_bits) - 1
            code = rank >> lane * self.rank_bits & (1 << self.rank_bits) - 1
            taken.add((slot >> lane & 1, at * LANES + lane if self.natural else at, code))
        return {"taken": taken, "last": bool(last), "final": bool(final)}

    def _slices(self, mask: np.ndarray) -> int:
        """rank_i."""
        numbers, found = ranks(mask, self.natural), 0
        for bit in range(self.pos_bits):
            for at in np.flatnonzero(numbers >> bit & 1):
                found |= 1 << bit * WINDOW + int(at)
        return found

    async def cycle(self) -> None:
        """One cycle."""
        hold = not self.natural and bool(next(self.hold, False))
        vector, goes = (None, 0) if hold else self.vector()
        self.places = self.places[goes:]
        ready = len(self.places) < 2
        enters = self.stage is not None and ready
        loads = (self.stage is None or ready) and bool(self.waiting) and not next(self.pause)
        one = self.stage
        self.pins.drive(in_valid_i=one is not None, en_i=loads)
        if not self.natural:
            self.pins.drive(hold_i=hold)
        if one is not None:
            self.pins.drive(in_last_i=one.last, in_final_i=one.final)
            self.pins.drive(rank_i=self._slices(one.mask))
        if loads:
            self.pins.drive(need_i=sum(1 << at for at in self.waiting[0].left))
        await RisingEdge(self.dut.clk_i)
        got = self.pins.read("in_ready_o", "fire_o")
        want = self.want.popleft()
        assert got == [int(ready), int(self.want[0] is not None)], f"ready, fire {got}"
        assert self.seen() == want, f"vector {self.seen()}, expected {want}"
        self.vectors += want is not None
        if one is not None:
            assert self.pins.read("in_none_o") == [int(not one.left)]
        self.want.append(vector)
        if enters and one is not None:
            self.places.append(one)
            self.stage = None
        if loads:
            self.stage = self.waiting.popleft()

    async def finish(self) -> None:
        """Until all windows are done, and a little longer."""
        for _ in range(20_000):
            if not (self.waiting or self.stage or self.places):
                break
            await self.cycle()
        for _ in range(4):
            await self.cycle()
        assert self.vectors, "no vector"


@leaf_test
async def smoke(dut):
    """Goal: an output. Stimulus: three windows. Check: every cycle and lane."""
    await bring_up(dut)
    bench = SelectBench(dut)
    for at in range(3):
        bench.draw(None, at == 2, at == 2)
    await bench.finish()


@for_profiles(globals(), ("none", "random", "burst"))
async def random(dut, profile):
    """Goal: any windows. Stimulus: outputs of 1 to 7 windows, some empty, with pauses between
    windows. Check: ready, vectors, lanes and ends of every cycle."""
    await bring_up(dut)
    bench = SelectBench(dut, profile)
    bench.outputs(40, 7)
    bench.outputs(30, 1)
    await bench.finish()


@leaf_test
async def extremes(dut):
    """Goal: the corners. Stimulus: windows with none, one, Lanes - 1, Lanes, Lanes + 1 and all
    survivors in every order of two, outputs that end at each. Check: as in random."""
    await bring_up(dut)
    bench = SelectBench(dut)
    numbers = (0, 1, LANES - 1, LANES, LANES + 1, WINDOW)
    for one in numbers:
        for other in numbers:
            for last in (False, True):
                bench.draw(one, last)
                bench.draw(other, True)
    await bench.finish()


@leaf_test
async def reset_mid(dut):
    """Goal: nothing is left behind a reset, or a clear. Stimulus: either after 2 to 8 cycles of
    an output, then outputs. Check: as in random, of the second ones alone."""
    await bring_up(dut)
    number = 0  # of the next window: its slot
    for stop, clears in product(range(2, 9), (False, True)):
        bench = SelectBench(dut)
        bench.number = number
        bench.outputs(3, 5)
        for _ in range(stop):
            await bench.cycle()
        bench.pins.drive(in_valid_i=0, en_i=0)
        if clears:
            await bench.pins.pulse("clr_i")
            await RisingEdge(dut.clk_i)
        else:
            await reset(dut)
        bench = SelectBench(dut)
        bench.outputs(2, 4)
        await bench.finish()
        number = bench.number
