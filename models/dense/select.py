"""N:M along the inputs: weights that choose among M activations (``rtl/dense/README.md``).

Of each M neighbouring channels an output has at most N weights, at every tap. Such weights are kept
as N values with the position of each among the M, and the N rows of the array that hold them get
all M activations: a tile has M/N times the channels of the array's rows. Channels of which an
output has more weights are there several times, and each copy has N of them: no layer is refused,
and one with all weights takes as long as on the array that does not choose.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from models.array.problem import Ints, Lowered


def spread(low: Lowered, n: int, m: int) -> Lowered:
    """The layer with channels in groups of ``m`` of which no output has more than ``n`` weights.

    >>> weights, acts = (np.array(one).reshape(1, 4, 1, 1) for one in ([5, 6, 0, 7], [0, 1, 2, 3]))
    >>> made = spread(Lowered(weights, acts, None, 1, 0, False), 2, 4)
    >>> made.weights.ravel().tolist(), made.acts.ravel().tolist()
    ([5, 6, 0, 0, 0, 0, 0, 7], [0, 1, 2, 3, 0, 1, 2, 3])
    """
    if m == 1:
        return low
    channels = low.weights.shape[1]
    missing = -channels % m
    weights = np.pad(low.weights, ((0, 0), (0, missing), (0, 0), (0, 0)))
    acts = np.pad(low.acts, ((0, 0), (0, missing), (0, 0), (0, 0)))
    filters, channels, *taps = weights.shape
    weights = weights.reshape(filters, -1, m, *taps)
    there = weights != 0
    copies = np.maximum(-(-there.sum(axis=2).max(axis=(0, 2, 3)) // n), 1)
    group = np.repeat(np.arange(copies.size), copies)
    number = np.arange(group.size) - np.repeat(np.cumsum(copies) - copies, copies)
    mine = ranks(weights, m, 2)[:, group] // n == number[:, None, None, None]
    acts = acts.reshape(len(acts), -1, m, *acts.shape[2:])[:, group]
    return replace(
        low,
        weights=np.where(mine, weights[:, group], 0).reshape(filters, -1, *taps),
        acts=acts.reshape(len(acts), -1, *acts.shape[3:]),
    )


def ranks(tiles: Ints, m: int, axis: int) -> Ints:
    """How many weights stand before each in its group of ``m`` along ``axis``; of the same shape.

    >>> ranks(np.array([0, 3, 0, 4, 5, 0, 0, 6]), 4, 0).tolist()
    [0, 0, 1, 1, 0, 1, 1, 1]
    """
    there = np.moveaxis(tiles, axis, -1) != 0
    groups = there.reshape(*there.shape[:-1], -1, m)
    found = (np.cumsum(groups, axis=-1) - groups).reshape(there.shape)
    return np.moveaxis(found, -1, axis)


def kept(tiles: Ints, n: int, m: int) -> tuple[Ints, Ints]:
    """(values, positions) int64 [..., Rows, Cols] of tiles [..., Inputs, Cols]; where a row has no
    weight both are 0.

    >>> values, at = kept(np.array([[0, 3, 0, 4]]).T, 2, 4)
    >>> values.ravel().tolist(), at.ravel().tolist()
    ([3, 4], [1, 3])
    """
    *outer, inputs, cols = tiles.shape
    groups = tiles.reshape(*outer, inputs // m, m, cols)
    rank = ranks(groups, m, -2)
    values = np.zeros((*outer, inputs // m, n, cols), dtype=np.int64)
    places = np.zeros_like(values)
    for at in range(m):
        for row in range(n):
            one = groups[..., at, :]
            here = (one != 0) & (rank[..., at, :] == row)
            values[..., row, :] += np.where(here, one, 0)
            places[..., row, :] += np.where(here, at, 0)
    shape = (*outer, inputs // m * n, cols)
    return values.reshape(shape), places.reshape(shape)


def chosen(values: Ints, places: Ints, n: int, m: int) -> Ints:
    """Tiles [..., Inputs, Cols] of what a buffer holds; the inverse of ``kept``."""
    *outer, rows, cols = values.shape
    grouped = values.reshape(*outer, rows // n, n, 1, cols)
    at = places.reshape(*outer, rows // n, n, 1, cols)
    tiles = np.where(at == np.arange(m)[:, None], grouped, 0).sum(axis=-3)
    return tiles.reshape(*outer, rows // n * m, cols)
