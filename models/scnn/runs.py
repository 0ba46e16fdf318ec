"""Zero-run encoding of many short vectors at once: entries ``{run 4, value 16}``.

``run`` zeros lie before the value, 0..15; a longer run has placeholders ``{15, 0}``, each standing
for 16 zeros. ``position[e] = position[e-1] + run[e] + 1``, from -1: the entries of
``models/formats/runs.py``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.formats.runs import places, to_runs

Ints = NDArray[np.int64]
_RUN_WIDTH = 4
_LONGEST = (1 << _RUN_WIDTH) - 1


@dataclass(frozen=True, eq=False)
class Entries:
    """Entries of segments in their order: ``segment``, ``run``, ``value``, ``position`` int64."""

    segment: Ints
    run: Ints
    value: Ints
    position: Ints

    def counts(self, segments: int) -> Ints:
        """Entries of each of so many segments."""
        return np.bincount(self.segment, minlength=segments)


def encode(segment: Ints, position: Ints, value: Ints) -> Entries:
    """Non-zeros, sorted by (segment, position), with the placeholders that they need.

    >>> found = encode(np.array([0, 0, 2]), np.array([2, 35, 0]), np.array([7, 8, 9]))
    >>> found.run.tolist(), found.value.tolist(), found.position.tolist()
    ([2, 15, 15, 0, 0], [7, 0, 0, 8, 9], [2, 18, 34, 35, 0])
    """
    lines, length = (int(each.max(initial=-1)) + 1 for each in (segment, position))
    values, runs, pointers = to_runs(segment * length + position, value, lines, length, _RUN_WIDTH)
    owner = np.repeat(np.arange(lines), np.diff(pointers))
    return Entries(owner, runs, values, places(runs, pointers))


def encode_to_the_end(planes: Ints) -> Entries:
    """Dense segments int64 [segments, length], as the output stage writes them: a placeholder
    leaves with the sixteenth zero, so zeros at the end of a segment have some, too.

    >>> encode_to_the_end(np.array([[0] * 17 + [5] + [0] * 16])).run.tolist()
    [15, 1, 15]
    """
    segments, length = planes.shape
    segment, position = np.nonzero(planes)
    last = np.full(segments, -1, dtype=np.int64)
    last[segment] = position  # the last one of a segment stays
    tail = (length - 1 - last) // (_LONGEST + 1)
    # The last placeholder of a tail takes the place of a value, so the encoder fills up to it.
    ends = np.flatnonzero(tail)
    segment = np.concatenate((segment, ends))
    position = np.concatenate((position, last[ends] + (_LONGEST + 1) * tail[ends]))
    order = np.lexsort((position, segment))
    segment, position = segment[order], position[order]
    return encode(segment, position, planes[segment, position])


def positions(segment: Ints, run: Ints) -> Ints:
    """Positions of entries from their runs; ``segment`` ascending.

    >>> positions(np.array([0, 0, 0, 4]), np.array([2, 15, 0, 1])).tolist()
    [2, 18, 19, 1]
    """
    pointers = np.append(0, np.cumsum(np.bincount(segment)))
    return places(run, pointers)
