"""How long the selectors of a core take: "Cycles" of the contract.

An output begins with one or two of its windows there (of the next output's too, where it has only
one) and nothing taken of them, and what it then does depends on nothing else. So all outputs are
counted at once, for both beginnings, and put in a row.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.cambricon_se.config import Selector

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

#: Columns behind the windows of an output: those of the next one, which nobody takes from.
_BEHIND = 3


@dataclass(frozen=True, eq=False)
class Paces:
    """What outputs take, [2, outputs, PEs]: with one window there at the beginning, with two. PEs:
    those that have a selector, 1 where they share it.

    cycles   of the slowest PE: int64 [2, outputs]
    vectors, waits   vectors, and cycles in which a PE waits for slower ones
    ahead    windows of the next output that are there at the end: int64 [2, outputs]
    """

    cycles: Ints
    vectors: Ints
    waits: Ints
    ahead: Ints

    def __post_init__(self) -> None:
        assert self.ahead.min(initial=1) >= 1


@dataclass(frozen=True, eq=False)
class Spent:
    """Cycles from the first vector at the earliest to the last one; vectors, waits int64 [PEs]."""

    cycles: int
    vectors: Ints
    waits: Ints


def paces(counts: Ints, sizes: Ints, lanes: int, selector: int) -> Paces:
    """Paces of outputs.

    counts  survivors [outputs, windows, n]: n = 1; NATURAL: of each lane; PER_PE: of each PE
    sizes   windows of each output: int64 [outputs]
    """
    number = len(counts)
    full = np.concatenate((counts, np.zeros((number, _BEHIND, counts.shape[2]), counts.dtype)), 1)
    kind = _Each if selector == Selector.PER_PE else _Shared
    run = kind(
        np.concatenate((full, full)).astype(np.int64),
        np.tile(sizes, 2),
        np.repeat([1, 2], number),
        lanes,
        selector == Selector.NATURAL,
    )
    run.all()
    parts = run.cycles, run.vectors, run.waits, run.ahead
    return Paces(*(part.reshape(2, number, *part.shape[1:]) for part in parts))


class _Outputs:
    """Outputs under way, each in a row of all arrays.

    at     number of the window in A
    there  windows that have entered
    a, b   survivors left in A and B: [rows, n], as many as their windows have where these are not
           there yet
    """

    def __init__(
        self, counts: Ints, sizes: Ints, there: Ints, lanes: int, natural: bool, pes: int
    ) -> None:
        self.counts, self.sizes, self.there = counts, sizes, there
        self.lanes, self.natural = lanes, natural
        self.a, self.b = counts[:, 0], counts[:, 1]
        self.index = np.arange(len(counts))
        self.cycles = np.zeros(len(counts), dtype=np.int64)
        self.ahead = np.ones(len(counts), dtype=np.int64)
        self.vectors = np.zeros((len(counts), pes), dtype=np.int64)
        self.waits = np.zeros((len(counts), pes), dtype=np.int64)
        self.at = np.zeros(len(counts), dtype=np.int64)

    def step(self) -> Bools:
        """A cycle: which rows end with it."""
        raise NotImplementedError

    def all(self) -> None:
        """Until all have ended."""
        cycle = 0
        while self.index.size:
            cycle += 1
            ended = self.step()
            if not ended.any():
                continue
            done, goes_on = self.index[ended], ~ended
            self.cycles[done] = cycle
            self.ahead[done] = (self.there - self.sizes)[ended]
            for name in ("index", "sizes", "there", "a", "b", "at"):
                setattr(self, name, getattr(self, name)[goes_on])

    def take(self, part: Bools, there: Bools | None = None) -> tuple[Bools, Bools, Bools]:
        """Take a vector out of a and b. part: B may take part; there: A is there.

        Returns what is so behind it, [rows, n]: A has none left, B has none left, some were taken.
        """
        if self.natural:
            of_a = np.minimum(self.a, 1)
            of_b = np.minimum(self.b, part & (of_a == 0))
        else:
            of_a = np.minimum(self.a, self.lanes)
            if there is not None:
                of_a = of_a * there
            of_b = np.minimum(self.b, np.where(part, self.lanes - of_a, 0))
        self.a = self.a - of_a
        self.b = self.b - of_b
        return self.a == 0, self.b == 0, (of_a + of_b) > 0


class _Shared(_Outputs):
    """One selector; A is always there."""

    def __init__(self, counts: Ints, sizes: Ints, there: Ints, lanes: int, natural: bool) -> None:
        super().__init__(counts, sizes, there, lanes, natural, 1)

    def step(self) -> Bools:
        at, last = self.at, self.sizes - 1
        two = self.there - at == 2
        part = two & (at < last)
        free_a, free_b, taken = self.take(part[:, None])
        done = np.asarray(free_a.all(axis=1))
        both = done & part & free_b.all(axis=1)
        ended: Bools = done & ((at == last) | (both & (at + 1 == last)))
        self.vectors[self.index, 0] += taken.any(axis=1) | ended
        self.at = at + done + both
        self.there = self.there + (self.there - self.at <= 1)
        moved = done & two & ~both
        fresh, behind = self.counts[self.index, self.at], self.counts[self.index, self.at + 1]
        self.a = np.where(done[:, None], np.where(moved[:, None], self.b, fresh), self.a)
        self.b = np.where((two & ~done)[:, None], self.b, behind)
        return ended


class _Each(_Outputs):
    """A selector in each PE: ``at`` is [rows, PEs]. A PE that has ended the output waits."""

    def __init__(self, counts: Ints, sizes: Ints, there: Ints, lanes: int, natural: bool) -> None:
        super().__init__(counts, sizes, there, lanes, natural, counts.shape[2])
        self.at = np.zeros((len(counts), counts.shape[2]), dtype=np.int64)

    def step(self) -> Bools:
        at, last, held = self.at, self.sizes[:, None] - 1, self.there[:, None] - self.at
        first = (held >= 1) & (at <= last)
        two = held == 2
        part = first & two & (at < last)
        free_a, free_b, taken = self.take(part, first)
        done = first & free_a
        both = done & part & free_b
        over = done & ((at == last) | (both & (at + 1 == last)))
        self.vectors[self.index] += taken | over
        self.waits[self.index] += at > last
        self.at = at + done + both
        self.there = self.there + (self.there[:, None] - self.at <= 1).all(axis=1)
        moved = done & two & ~both
        rows, pes = self.index[:, None], np.arange(self.counts.shape[2])
        fresh, behind = self.counts[rows, self.at, pes], self.counts[rows, self.at + 1, pes]
        self.a = np.where(done, np.where(moved, self.b, fresh), self.a)
        self.b = np.where(two & ~done, self.b, behind)
        return np.asarray((self.at > last).all(axis=1))


def in_a_row(found: Paces, order: Ints) -> Spent:
    """Outputs one behind the other: numbers int64 [any], at least one."""
    cycles, ahead = found.cycles.tolist(), (found.ahead - 1).tolist()
    at, total, begins = 0, 0, []
    for number in order.tolist():
        begins.append(at)
        total += cycles[at][number]
        at = ahead[at][number]
    begun = np.array(begins)
    return Spent(
        total,
        found.vectors[begun, order].sum(axis=0),
        found.waits[begun, order].sum(axis=0),
    )
