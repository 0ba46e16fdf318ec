"""How long a unit decodes: steps of a part's decoder and what its array rows hold it up.

A beat with non-zeros of n > 1 rows stays at the decoder's output for n cycles, as a row of the
array is written per cycle. What is behind it moves up as far as there is room, and the decoder
steps as long as its first register is free::

    words --> window --> step --> lanes | step register | held beat | output --> rows

All parts are clocked at once, a cycle per turn. Without holds the answer is ``Format.steps``;
CSC has one non-zero per beat, so never a hold, and needs no clock.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np
from numpy.typing import NDArray

from models.formats.base import SEEN_WORDS, STORED_WORDS, bits
from models.sparse_on_dense.config import SparseOnDenseConfig, WgtFormat
from models.sparse_on_dense.parts import WORD, Layout, slot_width

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
#: Cycles from the last step to the last beat at the output of a decoder with lanes.
LANES_LATENCY = 4
#: Parts clocked together.
_CHUNK = 1 << 14
_BEAT, _END = 1, 2


def durations(parts: Ints, config: SparseOnDenseConfig, live: Bools | None = None) -> Ints:
    """Steps of each part plus the cycles its beats are held: int64 [parts].

    parts   weights, int64 [parts, G, Cols]
    live    N:M: which slots hold a non-zero, bool [parts, slots]

    >>> config = SparseOnDenseConfig(rows=4, cols=4, num_units=2)
    >>> durations(np.array([[[0, 0, 0, 0], [7, 7, 0, 0]]]), config)  # pointers, row 0, two entries
    array([5])
    """
    if config.wgt_format == WgtFormat.CSC:
        return _csc(np.count_nonzero(parts, axis=2), config)
    found = [np.zeros(0, dtype=np.int64)]
    for at in range(0, len(parts), _CHUNK):
        some = parts[at : at + _CHUNK]
        if config.wgt_format == WgtFormat.BITMAP:
            source: _Source = _Bitmap(some, config)
        else:
            assert live is not None, "N:M parts are paced by their slots"
            source = _Nm(some, live[at : at + _CHUNK], config)
        found.append(_clock(source) - LANES_LATENCY)
    return np.concatenate(found)


def _csc(loads: Ints, config: SparseOnDenseConfig) -> Ints:
    """Closed form from the non-zeros of each row, int64 [parts, G].

    A step each for the header, a group of pointers, an entry, a row without entries unless no
    entry follows. No step takes more than a word, so none waits for one.
    """
    rows, cols = config.part
    group = WORD // bits(rows * cols + 1)
    total = loads.sum(axis=1)
    before = np.cumsum(loads, axis=1) - loads
    empty = np.count_nonzero((loads == 0) & (before < total[:, None]), axis=1)
    return 1 + -(-(rows + 1) // group) + total + empty


class _Source(ABC):
    """Decoders up to their step, all parts at once; ``taken`` int64 [parts] non-zeros so far.

    ``borders[first + i]``: how often the row changes up to non-zero i, over all parts.
    """

    def __init__(self, parts: Ints) -> None:
        count, rows, cols = parts.shape
        filled = parts != 0
        self.per_part = filled.sum(axis=(1, 2))
        self.first = np.cumsum(self.per_part) - self.per_part
        line, _ = np.nonzero(filled.reshape(count * rows, cols))
        self.borders = np.zeros(line.size + 1, dtype=np.int64)
        np.cumsum(np.diff(line) != 0, out=self.borders[1:-1])
        self.taken = np.zeros(count, dtype=np.int64)

    @property
    @abstractmethod
    def done(self) -> Bools:
        """Where no step is left."""

    @abstractmethod
    def step(self, go: Bools) -> Ints:
        """A step where ``go`` and something has come: non-zeros taken; then the next cycle."""

    def rows(self, number: Ints) -> Ints:
        """Rows of the ``number`` non-zeros taken last; what it says of none means nothing."""
        end = self.first + self.taken
        return 1 + self.borders[end - 1] - self.borders[end - number]


class _Nm(_Source):
    """Slots: no step takes more than a word, so none waits for one once the first has come."""

    def __init__(self, parts: Ints, live: Bools, config: SparseOnDenseConfig) -> None:
        super().__init__(parts)
        count, self.slots = live.shape
        self.at_most = WORD // slot_width(config)
        self.lanes = config.num_lanes
        self.cursor = np.zeros(count, dtype=np.int64)
        #: Non-zeros before each slot; slot behind each non-zero, then what is never reached.
        self.before = np.zeros((count, self.slots + 1), dtype=np.int64)
        np.cumsum(live, axis=1, out=self.before[:, 1:])
        never = np.full(self.lanes, self.slots)
        self.behind = np.concatenate((np.nonzero(live)[1] + 1, never))

    @property
    def done(self) -> Bools:
        return self.cursor == self.slots

    def step(self, go: Bools) -> Ints:
        last = self.taken + self.lanes - 1
        full = np.where(last < self.per_part, self.behind[self.first + last], self.slots)
        reach = np.minimum(self.cursor + self.at_most, np.minimum(full, self.slots))
        self.cursor = np.where(go, reach, self.cursor)
        now = np.take_along_axis(self.before, self.cursor[:, None], axis=1)[:, 0]
        number = now - self.taken
        self.taken = now
        return number


class _Bitmap(_Source):
    """Masks and values behind a window of words that come one per cycle; ``models.formats.Pace``
    for all parts at once, but that a cycle can pass without a step.
    """

    def __init__(self, parts: Ints, config: SparseOnDenseConfig) -> None:
        super().__init__(parts)
        flat = parts.reshape(len(parts), config.part[0] * config.cols) != 0
        masks = -(-flat.shape[1] // WORD)
        full = np.zeros((len(parts), masks * WORD), dtype=bool)
        full[:, : flat.shape[1]] = flat
        self.ones = np.zeros((len(parts), masks + 1), dtype=np.int64)
        self.ones[:, :masks] = full.reshape(len(parts), masks, WORD).sum(axis=2)
        self.masks, self.lanes, self.width = masks, config.num_lanes, config.wgt_width
        self.words = Layout.of(config).words(self.per_part)
        self.mask = np.zeros(len(parts), dtype=np.int64)  # masks taken
        self.left = np.zeros(len(parts), dtype=np.int64)  # values of the mask at work
        self.bits = np.zeros(len(parts), dtype=np.int64)  # payload removed before this cycle
        # Cycle 2: the header is used up, a word of the payload has come.
        self.come = np.minimum(self.words, 2)

    @property
    def done(self) -> Bools:
        return (self.mask == self.masks) & (self.left == 0)

    def step(self, go: Bools) -> Ints:
        seen = np.minimum((self.come - 1) * WORD, self.bits + SEEN_WORDS * WORD) - self.bits
        number = np.minimum(np.minimum(self.left, self.lanes), seen // self.width)
        number = np.where(go, number, 0)
        rest = seen - number * self.width
        more = go & (number == self.left) & (self.mask < self.masks) & (rest >= WORD)
        fresh = np.take_along_axis(self.ones, self.mask[:, None], axis=1)[:, 0]
        self.left = np.where(more, fresh, self.left - number)
        self.mask += more
        self.taken += number
        # A word comes where there was room at the start of this cycle.
        room = self.come - (1 + self.bits // WORD) < STORED_WORDS
        self.come = np.minimum(self.words, self.come + room)
        self.bits += number * self.width + more * WORD
        return number


def _clock(source: _Source) -> Ints:
    """Cycle in which the last beat of each part has left the output, cycle 0 taking the header."""
    count = source.taken.size
    lanes, lanes_rows, step, step_rows, held_rows, out_rows = np.zeros((6, count), dtype=np.int64)
    held, out, last, over = np.zeros((4, count), dtype=bool)
    finish = np.zeros(count, dtype=np.int64)
    cycle = 1  # the header's step: nothing behind it
    while not finish.all():
        cycle += 1
        # From the output backwards: what moves.
        leaves = out & (out_rows <= 1)
        finish[leaves & last] = cycle
        free = ~out | leaves
        moves = (step != 0) & free  # nothing is held back only while the output is free anyhow
        room = (step == 0) | moves
        go = room | (lanes == 0)
        # The output and the held beat.
        fills = moves & (held | (step == _END))
        out_rows = np.where(fills, np.where(held, held_rows, 0), out_rows - (out & ~leaves))
        last = np.where(fills, step == _END, last)
        out = fills | (out & ~leaves)
        beats = moves & (step == _BEAT)
        held_rows = np.where(beats, step_rows, held_rows)
        held = beats | (held & ~moves)
        # The registers in front of them.
        step, step_rows = np.where(room, lanes, step), np.where(room, lanes_rows, step_rows)
        ends = go & source.done & ~over
        over |= ends
        number = source.step(go & ~source.done)
        fresh = np.where(ends, _END, (number > 0) * _BEAT)
        lanes = np.where(go, fresh, lanes)
        lanes_rows = np.where(go, source.rows(number), lanes_rows)
    return finish
