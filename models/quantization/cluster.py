"""K-means of numbers on a line, with no empty cluster and no cluster of both signs.

On a line the best clusters are intervals, and the best intervals can be found exactly by dynamic
programming (Wang and Song, "Ckmeans.1d.dp", The R Journal 2011). Here that is done on at most
``3 * BINS`` groups of neighbouring values, cut by rank (the bulk) and by value (the tails), and
Lloyd's iterations on all values follow. Nothing is drawn at random.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

#: Groups of equal count, of equal width, and of equally many different values: so many of each,
#: which is more than a codebook of 8 bits has entries.
BINS = 320
_ROUNDS = 50


def clusters(values: Floats, most: int) -> Floats:
    """At most ``most`` centroids of non-zero ``values`` (finite, magnitudes about 1 or less).

    Ascending, different, not zero. As many as asked for, or as there are different values. With
    two or more, none stands for values of both signs.

    >>> clusters(np.array([-1.0, 0.25, 0.75, 0.25]), 2).round(3).tolist()
    [-1.0, 0.417]
    """
    ordered = np.sort(values)
    distinct = _distinct(ordered)
    if distinct.size <= most:
        return distinct
    if most == 1:
        mean = ordered.mean()
        return np.array([mean if mean != 0 else ordered[-1]])
    starts = _group_starts(ordered, distinct)
    edges = starts[_intervals(ordered, starts, most)]
    zero = np.searchsorted(ordered, 0.0)
    sides = []
    for part, inside in ((ordered[:zero], edges[edges < zero]),
                         (ordered[zero:], edges[edges >= zero] - zero)):  # fmt: skip
        if part.size:
            sides.append(_lloyd(part, inside))
    return _filled(ordered, np.concatenate(sides), most)


def nearest(values: Floats, centroids: Floats) -> NDArray[np.int64]:
    """Index of the nearest of ascending ``centroids``, of those of the value's sign if there are.

    >>> nearest(np.array([-0.1, 0.1, 0.9]), np.array([-1.0, 0.4, 0.8])).tolist()
    [0, 1, 2]
    """
    middle = (centroids[1:] + centroids[:-1]) / 2
    turn = int(np.searchsorted(centroids, 0.0))
    if 0 < turn < centroids.size:
        middle[turn - 1] = 0.0
    return np.searchsorted(middle, values)


def _filled(ordered: Floats, centroids: Floats, most: int) -> Floats:
    """``most`` centroids, each the nearest of some value: one that is not gives way to the value
    that lies farthest from its own. That lowers the sum of distances every time, so it ends.
    """
    while True:
        places = nearest(ordered, centroids)
        used = np.unique(places)
        if used.size == most:
            return centroids
        far = ordered[np.argmax(np.abs(ordered - centroids[places]))]
        centroids = np.sort(np.append(centroids[used], far))


def _distinct(ordered: Floats) -> Floats:
    return ordered[np.flatnonzero(np.diff(ordered, prepend=-np.inf))]


def _group_starts(ordered: Floats, distinct: Floats) -> NDArray[np.int64]:
    """Where groups of neighbours start: one of each value if there are few, and one at zero."""
    if distinct.size <= 3 * BINS:
        return np.searchsorted(ordered, distinct)
    by_rank = [part[np.linspace(0, part.size - 1, BINS).astype(np.int64)]
               for part in (ordered, distinct)]  # fmt: skip
    steps = np.linspace(ordered[0], ordered[-1], BINS)
    cuts = np.unique(np.concatenate([*by_rank, steps, [0.0]]))
    starts = np.unique(np.concatenate([[0], np.searchsorted(ordered, cuts)]))
    return starts[starts < ordered.size]


def _intervals(ordered: Floats, starts: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    """First group of each of ``most`` intervals with the least sum of squared distances."""
    ends = np.append(starts[1:], ordered.size)
    count = (ends - starts).astype(np.float64)
    total = np.add.reduceat(ordered, starts)
    groups = starts.size
    upto = np.concatenate([[0.0], np.cumsum(count)])
    sums = np.concatenate([[0.0], np.cumsum(total)])
    squares = np.concatenate([[0.0], np.cumsum(np.add.reduceat(ordered**2, starts))])
    # cost[i, j]: squared distances of groups i..j from their mean
    size = upto[None, 1:] - upto[:-1, None]
    valid = size > 0
    cost = (sums[None, 1:] - sums[:-1, None]) ** 2 / np.where(valid, size, 1.0)
    cost = squares[None, 1:] - squares[:-1, None] - cost
    cost = np.where(valid, np.maximum(cost, 0.0), np.inf)
    negative = int(np.searchsorted(starts, np.searchsorted(ordered, 0.0)))
    cost[:negative, negative:] = np.inf
    most = min(most, groups)
    best = cost[0].copy()
    firsts = np.zeros((most, groups), dtype=np.int64)
    for used in range(1, most):
        # The last interval begins at group i, behind the best of i groups in one interval less.
        with_last = np.concatenate([[np.inf], best[:-1]])[:, None] + cost
        firsts[used] = np.argmin(with_last, axis=0)
        best = with_last[firsts[used], np.arange(groups)]
    found, last = [], groups - 1
    for used in reversed(range(most)):
        first = int(firsts[used, last])
        found.append(first)
        last = first - 1
    return np.array(found[::-1])


def _lloyd(ordered: Floats, edges: NDArray[np.int64]) -> Floats:
    """Means of the intervals that start at ``edges``, moved until no value changes its interval,
    or an interval would be empty.
    """
    sums = np.concatenate([[0.0], np.cumsum(ordered)])
    means = _means(ordered, sums, edges)
    for _ in range(_ROUNDS):
        moved = np.append(0, np.searchsorted(ordered, (means[1:] + means[:-1]) / 2))
        if np.array_equal(moved, edges) or (np.diff(moved, append=ordered.size) == 0).any():
            break
        edges, means = moved, _means(ordered, sums, moved)
    return means


def _means(ordered: Floats, sums: Floats, edges: NDArray[np.int64]) -> Floats:
    """Mean of each interval, inside it whatever the rounding."""
    ends = np.append(edges[1:], ordered.size)
    return np.clip((sums[ends] - sums[edges]) / (ends - edges), ordered[edges], ordered[ends - 1])
