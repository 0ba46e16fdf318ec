"""Block pruning: blocks of any shape stay or go, by their largest or their average magnitude.

Source: Zhou et al., "Cambricon-S", MICRO 2018 (coarse-grained pruning). There a block is
(B_in, B_out) of a fully connected layer and (B_fin, B_fout, B_x, B_y) of a convolution; here the
axes are those of the weights, outputs first: (B_out, B_in) and (B_fout, B_fin, B_y, B_x). Blocks
do not overlap (stride = block), and their number, not a threshold, is given.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models.pruning.core import granularity, kernels, largest_grains

CRITERIA = ("average", "maximum")


@granularity("block")
def block(
    magnitude: NDArray[np.float64],
    keep: int,
    block: Sequence[int] = (32, 32),
    criterion: str = "average",
) -> NDArray[np.bool_]:
    """Blocks of the shape ``block`` stay or go.

    block       as many numbers as the weights have axes; two numbers beside [K, C, R, S] are
                (K, C) at one position of the kernel
    criterion   salience of a block: ``average`` or ``maximum`` magnitude. Of a block cut off by
                the edge only the weights that exist count

    Of ``b`` blocks ``round(b * keep / n)`` stay (a half goes to the even number), among equals
    the first in C order. Where all blocks are whole, the density reached is off by at most half a
    block; a block cut off counts as one all the same.

    >>> weights = np.array([[5, 0, 2, 2], [0, 0, 2, 2]])
    >>> block(weights, 4, (2, 2), "maximum").astype(int).tolist()
    [[1, 1, 0, 0], [1, 1, 0, 0]]
    >>> block(weights, 4, (2, 2), "average").astype(int).tolist()
    [[0, 0, 1, 1], [0, 0, 1, 1]]

    Raises ValueError on a block with another number of axes or a side below 1, or an unknown
    criterion.
    """
    full = kernels(magnitude)
    sides = tuple(block) + (1,) * (full.ndim - len(block)) if len(block) == 2 else tuple(block)
    if len(block) not in (2, magnitude.ndim):
        raise ValueError(f"block: found {tuple(block)}, need 2 or {magnitude.ndim} sides")
    if not all(isinstance(side, (int, np.integer)) and side >= 1 for side in sides):
        raise ValueError(f"block: found {tuple(block)}, need integers from 1")
    if criterion not in CRITERIA:
        raise ValueError(f"criterion: found '{criterion}', allowed: {', '.join(CRITERIA)}")
    if magnitude.size == 0:
        return np.zeros(magnitude.shape, dtype=bool)
    combine = np.maximum if criterion == "maximum" else np.add
    scores, weights = full, np.ones(1)
    for axis, side in enumerate(sides):
        starts = np.arange(0, full.shape[axis], side)
        scores = combine.reduceat(scores, starts, axis=axis)
        lengths = np.diff(starts, append=full.shape[axis])
        weights = np.multiply.outer(weights, lengths)
    if criterion == "average":
        scores = scores / weights[0]
    kept = largest_grains(scores, keep, magnitude.size)
    for axis, side in enumerate(sides):
        kept = np.repeat(kept, side, axis=axis)
    return kept[tuple(slice(size) for size in full.shape)].reshape(magnitude.shape)
