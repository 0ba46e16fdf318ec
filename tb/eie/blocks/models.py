"""Small models of EIE's blocks, written from the headers' words and not from their logic."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]


class Slot(NamedTuple):
    """What the sparse-matrix read hands to the arithmetic unit in one cycle."""

    act: int
    code: int
    step: int
    first: int


#: The slot of an empty slice.
EMPTY = Slot(-1, -1, -1, -1)


def is_padding(codes: Ints, idx: Ints, idx_width: int) -> NDArray[np.bool_]:
    """Which entries only stand for zeros: code 0 with the full run."""
    return (codes == 0) & (idx == (1 << idx_width) - 1)


def slice_slots(
    codes: Ints,
    idx: Ints,
    start: int,
    end: int,
    act: int,
    *,
    lanes: int,
    idx_width: int,
    step_width: int,
    fuse: bool,
) -> list[Slot]:
    """The slots of the slice ``[start, end)`` of a weight memory (codes, idx: int [entries]).

    A step is the distance to the local row before, so it follows from where the slots are, not
    from how the rows of the memory were walked; it saturates.
    """
    if start == end:
        return [EMPTY]
    where = np.arange(start, end)
    below = np.cumsum(idx[start:end] + 1)  # local row + 1 of every entry
    takes = np.ones(end - start, dtype=bool)
    if fuse:
        takes = ~is_padding(codes[start:end], idx[start:end], idx_width)
        for row in np.unique(where // lanes):
            inside = np.flatnonzero(where // lanes == row)
            if not takes[inside].any():
                takes[inside[-1]] = True  # a row of nothing but padding takes one slot
    steps = np.minimum(np.diff(below[takes], prepend=0), (1 << step_width) - 1)
    picked = codes[start:end][takes]
    return [
        Slot(act, int(code), int(step), int(k == 0))
        for k, (code, step) in enumerate(zip(picked, steps, strict=True))
    ]


def row_reads(slices: Sequence[tuple[int, int]], lanes: int) -> int:
    """Reads of the weight memory: each row once, unless it is the one read last."""
    reads, held = 0, -1
    for start, end in slices:
        if start == end:
            continue
        first, last = start // lanes, (end - 1) // lanes
        reads += last - first + 1 - (first == held)
        held = last
    return reads


def signed(value: int, width: int) -> int:
    """The two's complement number in the low ``width`` bits.

    >>> signed(0xFF, 8), signed(0x7F, 8)
    (-1, 127)
    """
    value &= (1 << width) - 1
    return value - (value >> width - 1 << width)
