"""Block pruning: blocks of any shape stay or go, by their largest or their average magnitude.

Source: Zhou et al., "Cambricon-S", MICRO 2018 (coarse-grained pruning). There a block is
(B_in, B_out) of a fully connected layer and (B_fin, B_fout, B_x, B_y) of a convolution; here the
axes are those of the weights, outputs first: (B_out, B_in) and (B_fout, B_fin, B_y, B_x). The
number of weights that stay, not a threshold, is given. By default blocks do not overlap (stride =
block); with a smaller stride they slide.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from models.pruning.core import granularity, kernels, largest_grains

Number = TypeVar("Number", bound=np.number[Any])
CRITERIA = ("average", "maximum")


def block_sides(block: Sequence[int], axes: int) -> tuple[int, int, int, int]:
    """Sides over [K, C, R, S] of a block of weights with 2 or 4 axes, two sides being (K, C) at
    one position of the kernel; ValueError on another number of sides or a side below 1.

    >>> block_sides((16, 1), 4)
    (16, 1, 1, 1)
    """
    if len(block) not in (2, axes):
        raise ValueError(f"block: found {tuple(block)}, need 2 or {axes} sides")
    if not all(isinstance(side, (int, np.integer)) and side >= 1 for side in block):
        raise ValueError(f"block: found {tuple(block)}, need integers from 1")
    outputs, channels, rows, cols = tuple(block) + (1,) * (4 - len(block))
    return outputs, channels, rows, cols


def by_block(
    values: NDArray[Number], sides: Sequence[int], combine: np.ufunc = np.add
) -> NDArray[Number]:
    """``values`` [K, C, R, S] of each block together: an axis of blocks for each axis.

    >>> by_block(np.arange(6).reshape(1, 6, 1, 1), (1, 4, 1, 1)).ravel().tolist()
    [6, 9]
    """
    for axis, side in enumerate(sides):
        values = combine.reduceat(values, np.arange(0, values.shape[axis], side), axis=axis)
    return values


def block_sizes(shape: Sequence[int], sides: Sequence[int]) -> NDArray[np.int64]:
    """Weights of each block, those cut off by the edge being smaller; axes as in ``by_block``.

    >>> block_sizes((1, 6, 1, 1), (1, 4, 1, 1)).ravel().tolist()
    [4, 2]
    """
    sizes = np.ones((), dtype=np.int64)
    for size, side in zip(shape, sides, strict=True):
        lengths = np.diff(np.arange(0, size, side), append=size)
        sizes = np.multiply.outer(sizes, lengths)
    return sizes


@granularity("block")
def block(
    magnitude: NDArray[np.float64],
    keep: int,
    block: Sequence[int] = (32, 32),
    criterion: str = "average",
    stride: Sequence[int] | None = None,
) -> NDArray[np.bool_]:
    """Blocks of the shape ``block`` stay or go.

    block       as many numbers as the weights have axes; two numbers beside [K, C, R, S] are
                (K, C) at one position of the kernel
    criterion   salience of a block: ``average`` or ``maximum`` magnitude. Of a block cut off by
                the edge only the weights that exist count
    stride      steps in which a block slides, divisors of its sides; none: the sides. What stays
                is what no pruned block covers, so the index has a bit for each step. Blocks that
                slide lie inside the layer (in steps), and so many go that the number of weights
                that stay is the nearest to ``keep``

    Of ``b`` blocks ``round(b * keep / n)`` stay (a half goes to the even number), among equals
    the first in C order. Where all blocks are whole, the density reached is off by at most half a
    block; a block cut off counts as one all the same.

    >>> weights = np.array([[5, 0, 2, 2], [0, 0, 2, 2]])
    >>> block(weights, 4, (2, 2), "maximum").astype(int).tolist()
    [[1, 1, 0, 0], [1, 1, 0, 0]]
    >>> block(weights, 4, (2, 2), "average").astype(int).tolist()
    [[0, 0, 1, 1], [0, 0, 1, 1]]

    >>> block(np.array([[5, 0, 0, 0, 0, 5]]), 2, (1, 4), stride=(1, 2)).astype(int).tolist()
    [[1, 1, 0, 0, 0, 0]]

    Raises ValueError on a block with another number of axes or a side below 1, a stride that is no
    divisor, or an unknown criterion.
    """
    full = kernels(magnitude)
    sides = block_sides(block, magnitude.ndim)
    if criterion not in CRITERIA:
        raise ValueError(f"criterion: found '{criterion}', allowed: {', '.join(CRITERIA)}")
    if magnitude.size == 0:
        return np.zeros(magnitude.shape, dtype=bool)
    if stride is not None:
        steps = block_sides(stride, magnitude.ndim)
        if any(side % step for side, step in zip(sides, steps, strict=True)):
            raise ValueError(f"stride: found {tuple(stride)}, need divisors of {tuple(block)}")
        if steps != sides:
            return _sliding(full, keep, sides, steps, criterion).reshape(magnitude.shape)
    if criterion == "average":
        scores = by_block(full, sides) / block_sizes(full.shape, sides)
    else:
        scores = by_block(full, sides, np.maximum)
    kept = largest_grains(scores, keep, magnitude.size)
    return _spread(kept, sides, full.shape).reshape(magnitude.shape)


def _spread(
    kept: NDArray[np.bool_], sides: Sequence[int], shape: Sequence[int]
) -> NDArray[np.bool_]:
    """Every weight of the ``shape`` as its block is."""
    for axis, side in enumerate(sides):
        kept = np.repeat(kept, side, axis=axis)
    return kept[tuple(slice(size) for size in shape)]


def _sliding(
    full: NDArray[np.float64],
    keep: int,
    sides: Sequence[int],
    steps: Sequence[int],
    criterion: str,
) -> NDArray[np.bool_]:
    """Weights [K, C, R, S] that stay when blocks go one after the other, the smallest first."""
    sizes = block_sizes(full.shape, steps)
    spans = [
        min(side // step, cells)
        for side, step, cells in zip(sides, steps, sizes.shape, strict=True)
    ]
    axes = tuple(range(-len(spans), 0))
    if criterion == "average":
        windows = sliding_window_view(by_block(full, steps), spans).sum(axis=axes)
        scores = windows / sliding_window_view(sizes, spans).sum(axis=axes)
    else:
        scores = sliding_window_view(by_block(full, steps, np.maximum), spans).max(axis=axes)
    order = np.argsort(-scores, axis=None, kind="stable")[::-1]  # among equals the first stay

    def left(gone: int) -> NDArray[np.bool_]:
        """Steps that stay when so many blocks go."""
        marks = np.zeros(scores.size, dtype=bool)
        marks[order[:gone]] = True
        room = [(span - 1, span - 1) for span in spans]
        covered = np.pad(marks.reshape(scores.shape), room)
        return ~np.asarray(sliding_window_view(covered, spans).any(axis=axes))

    low, high = 0, scores.size  # weights that stay fall with the blocks that go
    while low < high:
        middle = (low + high) // 2
        if int(sizes[left(middle)].sum()) > keep:
            low = middle + 1
        else:
            high = middle
    tried = [left(gone) for gone in (max(low - 1, 0), low)]
    nearest = min(tried, key=lambda one: abs(int(sizes[one].sum()) - keep))
    return _spread(nearest, steps, full.shape)
