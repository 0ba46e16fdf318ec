"""Zero-run encoding of many short vectors at once: entries ``{run 4, value 16}``.

``run`` zeros lie before the value, 0..15; a longer run has placeholders ``{15, 0}``, each standing
for 16 zeros. ``position[e] = position[e-1] + run[e] + 1``, from -1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
_LONGEST = 15


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
    first = np.ones(segment.size, dtype=bool)
    first[1:] = segment[1:] != segment[:-1]
    before = np.empty_like(position)
    before[1:] = position[:-1]
    before[first] = -1
    gap = position - before - 1
    pads = gap // (_LONGEST + 1)
    number = pads + 1
    source = np.repeat(np.arange(segment.size), number)
    within = np.arange(source.size) - np.repeat(np.cumsum(number) - number, number)
    real = within == pads[source]
    return Entries(
        segment[source],
        np.where(real, (gap - (_LONGEST + 1) * pads)[source], _LONGEST),
        np.where(real, value[source], 0),
        np.where(real, position[source], before[source] + (_LONGEST + 1) * (within + 1)),
    )


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
    if segment.size == 0:
        return np.zeros(0, dtype=np.int64)
    ends = np.cumsum(run + 1)
    first = np.ones(segment.size, dtype=bool)
    first[1:] = segment[1:] != segment[:-1]
    starts = np.flatnonzero(first)
    base = ends[starts] - run[starts] - 1
    result: Ints = ends - 1 - np.repeat(base, np.diff(np.append(starts, segment.size)))
    return result
