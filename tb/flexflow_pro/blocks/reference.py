"""What the benches of FlexFlow-Pro's blocks hold them against, from the contract: a pass, its
cells, the positions that a PE looks at, the cycles of a column bus."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tb.common.bfm.structs import pack_struct

Ints = NDArray[np.int64]

#: Packed structs: member -> bits, highest first.
WALK = {"relaxed": 1, "windows_last": 16, "win_last": 6, "ker_last": 6, "cells_last": 6}
WALK |= {"ring_cells": 7, "step_cells": 7, "span_cells": 7, "tail_mask": 16}
SLICES = {"lines_last": 16, "windows_last": 16, "cells_last": 6, "ring": 7, "step": 7, "span": 7}
SLICES |= {"ring_cells": 7}
BUS = {"valid": 1, "first": 1, "place": 6, "beat": 4, "mask": 16, "words": 32}
EVENT = ("useful", "padding", "empty", "sync", "cell_ends")


@dataclass(frozen=True)
class Shape:
    """A pass: names as in the contract; ``word`` is MaskWord."""

    word: int
    lines: int = 1
    windows: int = 1
    taps: int = 1
    stride: int = 1
    groups_log: int = 0
    maps: int = 1
    pieces: int = 1
    cells: int = 1
    ring: int = 1
    relaxed: bool = True

    @property
    def step(self) -> int:
        return self.stride << self.groups_log

    @property
    def span(self) -> int:
        return self.taps + ((1 << self.groups_log) - 1) * self.stride

    @property
    def line(self) -> int:
        return (self.windows - 1) * self.step + self.span

    @property
    def results(self) -> int:
        return self.lines * self.windows * self.maps

    @property
    def tail(self) -> int:
        """Pieces of the last cell of a slice, as a mask."""
        return (1 << self.pieces - (self.cells - 1) * self.word) - 1

    def freed(self, window: int) -> int:
        """Slices that this window (of all lines) gives back."""
        return self.span if window % self.windows == self.windows - 1 else self.step

    def until(self, window: int) -> int:
        """Slices of the pass up to the end of a window."""
        at, n = divmod(window, self.windows)
        return at * self.line + n * self.step + self.span

    def walk(self) -> int:
        """walk_i."""
        cells = self.cells
        values = {
            "relaxed": self.relaxed,
            "windows_last": self.windows - 1,
            "win_last": self.taps * cells - 1,
            "ker_last": self.maps * self.taps * cells - 1,
            "cells_last": cells - 1,
            "ring_cells": self.ring * cells,
            "step_cells": self.step * cells,
            "span_cells": self.span * cells,
            "tail_mask": self.tail,
        }
        return pack_struct(WALK, values)

    def slices(self) -> int:
        """slices_i."""
        values = {
            "lines_last": self.lines - 1,
            "windows_last": self.windows - 1,
            "cells_last": self.cells - 1,
            "ring": self.ring,
            "step": self.step,
            "span": self.span,
            "ring_cells": self.ring * self.cells,
        }
        return pack_struct(SLICES, values)


def draw_shape(draw, word: int, k_cells: int, n_cells: int, **fixed) -> Shape:
    """A random pass that fits the stores; ``fixed``: fields that are given."""
    while True:
        cells = int(draw.integers(1, 4))
        values = {
            "cells": cells,
            "pieces": (cells - 1) * word + int(draw.integers(1, word + 1)),
            "taps": int(draw.integers(1, 5)),
            "maps": int(draw.integers(1, 5)),
            "groups_log": int(draw.integers(0, 3)),
            "windows": int(draw.integers(1, 6)),
            "lines": int(draw.integers(1, 4)),
            "relaxed": bool(draw.integers(3)),
        } | fixed
        values["stride"] = int(draw.integers(1, values["taps"] + 1))
        shape = Shape(word, ring=1, **values)
        if shape.taps * shape.cells * shape.maps > k_cells or shape.span * shape.cells > n_cells:
            continue
        room = n_cells // shape.cells
        ring = int(draw.integers(shape.span, room + 1))
        return Shape(word, ring=ring, **values)


def draw_words(draw, shape: tuple[int, ...], density: float) -> Ints:
    """16-bit words, some 0, some at the ends."""
    words = draw.integers(-(1 << 15), 1 << 15, shape)
    ends = draw.choice([-(1 << 15), (1 << 15) - 1, 1, -1], shape)
    words = np.where(draw.random(shape) < 0.3, ends, words)
    return np.where(draw.random(shape) < density, words, 0)


def mask_of(words: Iterable[int]) -> int:
    """Bits of the words that are not 0."""
    return sum(int(word != 0) << k for k, word in enumerate(words))


@dataclass(frozen=True)
class Position:
    """What a PE looks at in a cycle: ``pos`` and ``below`` of a pair only."""

    ncell: int
    wcell: int
    pair: bool
    pos: int
    cell_ends: bool
    result_ends: bool
    window_ends: bool


def positions(
    shape: Shape, group: int, nmasks: Sequence[int], wmasks: Sequence[int]
) -> Iterator[Position]:
    """All positions of a PE in a pass.

    nmasks  of every cell of the column, in the order of the buffer
    wmasks  of the kernel store
    """
    for window in range(shape.lines * shape.windows):
        at, n = divmod(window, shape.windows)
        first = at * shape.line + n * shape.step + group * shape.stride
        for m in range(shape.maps):
            for s in range(shape.taps):
                for cb in range(shape.cells):
                    cell = (first + s) * shape.cells + cb
                    wcell = (m * shape.taps + s) * shape.cells + cb
                    both = nmasks[cell] & wmasks[wcell]
                    pieces = shape.tail if cb == shape.cells - 1 else (1 << shape.word) - 1
                    look = both if shape.relaxed else pieces
                    found = [k for k in range(shape.word) if look >> k & 1] or [0]
                    for k in found:
                        ends = k == found[-1]
                        result = ends and s == shape.taps - 1 and cb == shape.cells - 1
                        pair = bool(both >> k & 1)
                        place = cell % (shape.ring * shape.cells)
                        last = result and m == shape.maps - 1
                        yield Position(place, wcell, pair, k, ends, result, last)


def sums(shape: Shape, group: int, neurons: Ints, weights: Ints) -> list[int]:
    """Results of a PE: neurons [cells of the column, word], weights [cells of the store, word].

    In lock step, too, only pieces of the layer count.
    """
    neurons, weights = neurons.copy(), weights.copy()
    found = []
    for window in range(shape.lines * shape.windows):
        at, n = divmod(window, shape.windows)
        first = at * shape.line + n * shape.step + group * shape.stride
        cells = neurons[first * shape.cells : (first + shape.taps) * shape.cells]
        for m in range(shape.maps):
            size = shape.taps * shape.cells
            kernel = weights[m * size : (m + 1) * size]
            if not shape.relaxed:
                tails = np.arange(shape.word) < shape.tail.bit_length()
                last = np.arange(size) % shape.cells == shape.cells - 1
                kernel = np.where(last[:, None] & ~tails, 0, kernel)
            found.append(int((cells * kernel).sum()))
    return found


@dataclass(frozen=True)
class BusCycle:
    """A cycle of a column bus, and what it ends."""

    bits: int
    slice_begins: int  # the slice, -1: none
    window_ends: bool
    words: int
    first: bool


def bus_cycles(shape: Shape, neurons: Ints, bus_words: int) -> list[BusCycle]:
    """All cycles of a column bus in a pass: neurons [cells of the column, word]."""
    found = []
    ends = {shape.until(n) - 1 for n in range(shape.lines * shape.windows)}
    for cell in range(shape.lines * shape.line * shape.cells):
        at, cb = divmod(cell, shape.cells)
        live = [int(word) & 0xFFFF for word in neurons[cell] if word]
        beats = max(1, -(-len(live) // bus_words))
        for beat in range(beats):
            words = live[beat * bus_words : (beat + 1) * bus_words]
            values = {
                "valid": bool(words),
                "first": beat == 0,
                "place": cell % (shape.ring * shape.cells),
                "beat": beat,
                "mask": mask_of(neurons[cell]),
                "words": sum(word << 16 * k for k, word in enumerate(words)),
            }
            last = beat == beats - 1 and cb == shape.cells - 1
            begins = at if cb == 0 and beat == 0 else -1
            window = last and at in ends
            found.append(BusCycle(pack_struct(BUS, values), begins, window, len(words), beat == 0))
    return found
