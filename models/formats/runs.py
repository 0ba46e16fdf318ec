"""Entries that count the zeros in front of them: what run length and relative index share.

A *line* (the whole tile for run length, a column for CSC) is a list of entries ``(value, run)``:
``run`` zeros, then the value. A gap of more than ``2**w - 1`` zeros is broken by placeholders
``(0, 2**w - 1)`` that stand for ``2**w`` zeros each; zeros behind the last non-zero of a line cost
nothing::

    line     0 0 1 2 0 0 0 0 0 3 0 0        w = 2
    entries  (1,2) (2,0) (0,3) (3,1)
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.formats.base import Encoded, Size, check_bits, fail_at


def to_runs(
    flat: NDArray[np.int64], values: NDArray[Any], lines: int, length: int, width: int
) -> tuple[NDArray[Any], NDArray[np.int64], NDArray[np.int64]]:
    """Entries of ``lines`` lines of ``length`` elements: (values, runs, pointers [lines + 1]).

    flat     int64 [n] rising places of the non-zeros, line after line
    values   [n] the non-zeros; the result has their dtype
    width    bits of a run

    >>> line = np.array([0, 0, 1, 2, 0, 0, 0, 0, 0, 3, 0, 0])
    >>> place = np.flatnonzero(line)
    >>> [part.tolist() for part in to_runs(place, line[place], 1, 12, 2)]
    [[1, 2, 0, 3], [2, 0, 3, 1], [0, 4]]
    """
    pointers = np.zeros(lines + 1, dtype=np.int64)
    if flat.size == 0:
        return values[:0], np.zeros(0, dtype=np.int64), pointers
    line, place = np.divmod(flat, length)
    # Zeros since the entry before: all of them from the start of the line for its first one.
    gap = np.diff(place, prepend=-1) - 1
    first = np.diff(line, prepend=-1) != 0
    gap[first] = place[first]
    ends = np.cumsum((gap >> width) + 1)  # one past the real entry of each non-zero
    out = np.zeros(int(ends[-1]), dtype=values.dtype)
    runs = np.full(out.size, (1 << width) - 1, dtype=np.int64)
    out[ends - 1] = values
    runs[ends - 1] = gap & ((1 << width) - 1)
    ends = np.concatenate(([0], ends))
    pointers[1:] = ends[np.searchsorted(line, np.arange(lines), side="right")]
    return out, runs, pointers


def places(runs: NDArray[Any], pointers: NDArray[np.int64]) -> NDArray[np.int64]:
    """Place in its line of every entry: running sum of run + 1 inside each line, minus 1.

    >>> places(np.array([2, 0, 3, 1]), np.array([0, 4])).tolist()
    [2, 3, 7, 9]
    """
    steps = np.cumsum(runs.astype(np.int64) + 1)
    before = np.concatenate(([0], steps))[pointers[:-1]]
    return steps - np.repeat(before, np.diff(pointers)) - 1


def check_places(encoded: Encoded, pointers: NDArray[np.int64], length: int) -> None:
    """Raise FormatError where a run is negative or leads past a line of ``length`` elements."""
    fail_at("runs", encoded["runs"] < 0, "below 0")
    past = places(encoded["runs"], pointers) >= length
    fail_at("runs", past, f"past the line of {length} elements")


def check_runs(
    encoded: Encoded, pointers: NDArray[np.int64], length: int, value_width: int, run_width: int
) -> None:
    """Raise FormatError at the first entry that ``to_runs`` would not have written."""
    check_bits(encoded, "values", value_width)
    check_bits(encoded, "runs", run_width)
    pad = encoded["values"] == 0
    full = encoded["runs"] == (1 << run_width) - 1
    fail_at("runs", pad & ~full, "placeholder without the full run")
    last = np.zeros(pad.size, dtype=bool)
    last[pointers[1:][np.diff(pointers) > 0] - 1] = True
    fail_at("values", pad & last, "placeholder at the end of a line")
    check_places(encoded, pointers, length)


def run_size(encoded: Encoded, value_width: int, run_width: int, pointers: int = 0) -> Size:
    """Exact bits: values and runs of the real entries, placeholders as padding."""
    real = int(np.count_nonzero(encoded["values"]))
    return Size(
        values=real * value_width,
        indices=real * run_width,
        pointers=pointers,
        padding=(encoded.count - real) * (value_width + run_width),
    )
