"""The weights of a group of outputs as entries of an index list.

An entry is a row of the block and a part of the weights there: as many positions as a row of codes
holds, and where 8 bits are too few for a weight, one digit of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.cambricon_se.config import CambriconSeConfig, Selector
from models.cambricon_se.machine import Lists, ranks
from models.cambricon_se.packets import BOOK

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

#: Largest shift of a code, and half of the codes there are.
MAX_SHIFT, _HALF = 8, 128


@dataclass(frozen=True, eq=False)
class Entries:
    """The list of a group.

    place   int64 [n], number of the row among those of a pixel's windows, ascending
    masks   bool [n, sets, Window], sets: PEs or 1
    weights int64 [n, Pes, Window], what the entry adds
    shift   int64 [n], of codes of 8 bits
    """

    place: Ints
    masks: Bools
    weights: Ints
    shift: Ints

    def __len__(self) -> int:
        return len(self.place)

    @classmethod
    def joined(cls, parts: Sequence[Entries]) -> Entries:
        """One behind the other."""
        fields = zip(
            *((one.place, one.masks, one.weights, one.shift) for one in parts), strict=True
        )
        return cls(*(np.concatenate(values) for values in fields))

    def part(self, at: slice | Ints) -> Entries:
        """Some of them."""
        return Entries(self.place[at], self.masks[at], self.weights[at], self.shift[at])

    def or_none(self) -> Entries:
        """The same, or an entry without weights where there is none."""
        if len(self):
            return self
        none = np.zeros(1, dtype=np.int64)
        masks = np.zeros((1, *self.masks.shape[1:]), dtype=bool)
        return Entries(none, masks, np.zeros((1, *self.weights.shape[1:]), dtype=np.int64), none)


def shifts(weights: Ints, config: CambriconSeConfig) -> tuple[int, ...]:
    """Shifts that the entries of a layer may have, ascending: no more than there are codebooks.

    Raises ValueError where they are too few for the weights.
    """
    if config.regions > MAX_SHIFT:
        return tuple(range(MAX_SHIFT + 1))
    if config.regions > 1:
        return (0, *range(MAX_SHIFT + 2 - config.regions, MAX_SHIFT + 1))
    common = min(int(_trailing(np.bitwise_or.reduce(weights.ravel()))), MAX_SHIFT)
    low, high = int(weights.min()) >> common, int(weights.max()) >> common
    if low < -_HALF or high >= _HALF:
        raise ValueError(
            f"weights: found {weights.min()}..{weights.max()}, "
            "regions 1 has one shift of 8-bit codes"
        )
    return (common,)


def _trailing(values: Ints | np.int64) -> Ints:
    """Zeros behind the last one of each; 63 of zero."""
    low = np.asarray(values) & -np.asarray(values)
    return np.where(low == 0, 63, np.log2(np.maximum(low, 1))).astype(np.int64)


def digits(weights: Ints, allowed: tuple[int, ...]) -> Iterator[tuple[Ints, Ints, Ints]]:
    """Weights [n, any] in codes of 8 bits: (which rows, what they add, shifts of their codes).

    >>> weights = np.array([[96, 0], [300, 2], [0, 0]])
    >>> [(at.tolist(), part.tolist(), s.tolist()) for at, part, s in digits(weights, (0, 4, 8))]
    [([0, 1], [[96, 0], [44, 2]], [4, 0]), ([1], [[256, 0]], [8])]
    """
    at, left = np.arange(len(weights)), weights
    choice = np.array(allowed)
    while True:
        some = left.any(axis=1)
        at, left = at[some], left[some]
        if not at.size:
            return
        zeros = _trailing(np.bitwise_or.reduce(left, axis=1))
        shift = choice[np.maximum(np.searchsorted(choice, zeros, side="right") - 1, 0)]
        low, high = ((left >> shift[:, None]).min(axis=1), (left >> shift[:, None]).max(axis=1))
        large = (low < -_HALF) | (high >= _HALF)
        # Too large for a code: the lowest digit, and what has none left as far as a code goes.
        top = shift == choice[-1]
        shift = np.where(large & ~top, choice[0], shift)
        codes = left >> shift[:, None]
        digit = (codes + _HALF) % (2 * _HALF) - _HALF
        digit = np.where(top[:, None], np.clip(codes, -_HALF, _HALF - 1), digit)
        part = np.where(large[:, None], digit, codes) << shift[:, None]
        yield at, part, shift
        left = left - part


def entries_of(weights: Ints, allowed: tuple[int, ...], config: CambriconSeConfig) -> Entries:
    """The list of a group: weights int64 [places, Pes, Window]; ``allowed`` shifts, none: codes are
    those of codebooks.
    """
    places, pes, window = weights.shape
    found = []
    if allowed:
        for at, part, shift in digits(weights.reshape(places, -1), allowed):
            found += _split(at, part.reshape(-1, pes, window), shift, config)
    else:
        at = np.flatnonzero(weights.any(axis=(1, 2)))
        found += _split(at, weights[at], np.zeros_like(at), config)
    if not found:
        none = np.zeros(0, dtype=np.int64)
        found = _split(none, np.zeros((0, pes, window), dtype=np.int64), none, config)
    whole = Entries.joined(found)
    order = np.argsort(whole.place, kind="stable")
    return whole.part(order)


def _split(at: Ints, weights: Ints, shift: Ints, config: CambriconSeConfig) -> list[Entries]:
    """Entries whose codes find room in a row: weights int64 [n, Pes, Window]."""
    masks = weights != 0
    if not config.per_pe:
        masks = masks.any(axis=1, keepdims=True)
    lanes = config.lanes if config.selector == Selector.NATURAL else 1
    room = config.code_row // lanes
    by_lane = masks.reshape(*masks.shape[:2], config.window // lanes, lanes)
    count = by_lane.sum(axis=2, keepdims=True)
    needed = (count + room - 1) // room
    number = np.maximum(1, needed.max(axis=(1, 2, 3), keepdims=True))
    rank = np.cumsum(by_lane, axis=2) - by_lane
    part = (rank * number // np.maximum(count, 1)).reshape(masks.shape)
    found = []
    for which in range(int(number.max(initial=1))):
        some = np.flatnonzero(number[:, 0, 0, 0] > which)
        there = (masks & (part == which))[some]
        found.append(Entries(at[some], there, np.where(there, weights[some], 0), shift[some]))
    return found


class Books:
    """The codebooks of a core in a pass.

    full  number of those there may be
    """

    def __init__(self, full: int) -> None:
        self.full = full
        self.books: list[list[int]] = []

    def take(self, values: Ints) -> int:
        """The book that has these values, entered into one where there is room; -1: nowhere."""
        need = {0, *values.tolist()}
        for number, book in enumerate(self.books):
            more = need.difference(book)
            if len(book) + len(more) <= BOOK:
                book += sorted(more)
                return number
        if len(self.books) == self.full or len(need) > BOOK:
            return -1
        self.books.append(sorted(need, key=lambda value: (value != 0, value)))
        return len(self.books) - 1

    def table(self) -> Ints:
        """int64 [books, 16]."""
        found = np.zeros((len(self.books), BOOK), dtype=np.int64)
        for row, book in zip(found, self.books, strict=True):
            row[: len(book)] = book
        return found


def coded(entries: Entries, books: Books | None, config: CambriconSeConfig) -> tuple[Ints, Ints]:
    """Codes int64 [n, Pes, CodeRow], and regions int64 [n] as far as ``books`` (None: codes of 8
    bits) say.
    """
    number = len(entries)
    if books is None:
        regions = entries.shift
        values = entries.weights >> entries.shift[:, None, None]
    else:
        regions = np.array([books.take(np.unique(part)) for part in entries.weights])
        values = np.zeros_like(entries.weights)
        for value, part, region in zip(values, entries.weights, regions, strict=True):
            order = np.argsort(books.books[region])
            value[:] = order[np.searchsorted(np.array(books.books[region])[order], part)]
    masks = np.broadcast_to(entries.masks, entries.weights.shape)
    codes = np.zeros((number, config.pes, config.code_row), dtype=np.int64)
    at, pe, position = np.nonzero(masks)
    codes[at, pe, ranks(masks, config)[at, pe, position]] = values[at, pe, position]
    return codes, regions


def lists_of(groups: Sequence[Entries]) -> Lists:
    """Lists of groups as the machine walks them; rows are the places."""
    whole = Entries.joined(groups)
    rows, at = np.unique(whole.place, return_inverse=True)
    sizes = np.array([len(one) for one in groups])
    return Lists(at, rows, sizes, whole.masks.transpose(1, 0, 2), whole.weights.transpose(1, 0, 2))
