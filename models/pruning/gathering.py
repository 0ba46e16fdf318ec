"""How much the largest weights of a layer gather in blocks, and what chance would give.

The measure: of the ``share`` largest weights, how many lie in the blocks that are fullest of
them, as many blocks as make up the same ``share`` of the layer. Weights that lie anywhere give
little more than ``share``; weights that fill whole blocks give 1. Two null hypotheses say what
"little more" is:

``shuffled``     the same weights anywhere in the layer: nothing gathers
``rearranged``   outputs and inputs each in another order: large rows and columns stay what they
                 are, but are no neighbours; what it gathers less than the layer is neighbourhood

A convolution is rearranged by outputs, by channels and by places of the kernel.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from models.pruning.block import block_sides, block_sizes, by_block
from models.pruning.core import kernels, largest

Null = Callable[[NDArray[np.bool_], np.random.Generator], NDArray[np.bool_]]


def largest_per_block(
    weights: ArrayLike, block: Sequence[int], share: float = 0.1
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(how many of the ``share`` largest weights each block holds, how many weights it has).

    ``weights`` [K, C] or [K, C, R, S]; both int64 with an axis of blocks for each of K, C, R, S.
    Raises ValueError on a share outside 0..1 or a block as in ``models.pruning.block``.
    """
    if not 0 < share <= 1:
        raise ValueError(f"share: found {share}, need above 0, at most 1")
    full = kernels(np.abs(np.asarray(weights, dtype=np.float64)))
    sides = block_sides(block, np.asarray(weights).ndim)
    top = largest(full, round(share * full.size))
    return by_block(top.astype(np.int64), sides), block_sizes(full.shape, sides)


def gathered(counts: NDArray[np.int64], sizes: NDArray[np.int64]) -> float:
    """The share of what is counted that lies in the fullest blocks, as many of them as there are
    counted weights in all; of the last block the part that is needed.

    >>> gathered(np.array([4, 0, 0]), np.array([4, 4, 4]))
    1.0
    >>> gathered(np.array([2, 1, 1]), np.array([4, 4, 4]))
    0.5
    """
    found, full = counts.ravel().astype(np.float64), sizes.ravel().astype(np.float64)
    total = found.sum()
    if total == 0:
        return 0.0
    order = np.argsort(-found / full, kind="stable")
    before = np.concatenate([[0.0], np.cumsum(full[order])[:-1]])
    taken = np.clip((total - before) / full[order], 0.0, 1.0)
    return float((found[order] * taken).sum() / total)


def gathering(weights: ArrayLike, block: Sequence[int], share: float = 0.1) -> float:
    """The measure of a layer [K, C] or [K, C, R, S].

    >>> gathering([[9, 8, 0, 0], [7, 9, 0, 0]], (2, 2), share=0.5)
    1.0
    >>> gathering([[9, 0, 8, 0], [0, 7, 0, 9]], (2, 2), share=0.5)
    0.5
    """
    return gathered(*largest_per_block(weights, block, share))


def shuffled(top: NDArray[np.bool_], rng: np.random.Generator) -> NDArray[np.bool_]:
    """The marks [K, C, R, S] anywhere."""
    return rng.permutation(top.ravel()).reshape(top.shape)


def rearranged(top: NDArray[np.bool_], rng: np.random.Generator) -> NDArray[np.bool_]:
    """The marks [K, C, R, S] with outputs, channels and places of the kernel in another order."""
    outputs, channels, rows, cols = top.shape
    flat = top.reshape(outputs, channels, rows * cols)
    order = [rng.permutation(size) for size in flat.shape]
    return flat[np.ix_(*order)].reshape(top.shape)


NULLS: dict[str, Null] = {"shuffled": shuffled, "rearranged": rearranged}


def by_chance(
    weights: ArrayLike,
    block: Sequence[int],
    null: str,
    share: float = 0.1,
    draws: int = 20,
    seed: int = 0,
) -> NDArray[np.float64]:
    """The measure of ``draws`` layers drawn under a null hypothesis: float64 [draws].

    Raises ValueError on an unknown null.
    """
    if null not in NULLS:
        raise ValueError(f"null: found '{null}', known: {', '.join(NULLS)}")
    full = kernels(np.abs(np.asarray(weights, dtype=np.float64)))
    sides = block_sides(block, np.asarray(weights).ndim)
    sizes = block_sizes(full.shape, sides)
    top, rng = largest(full, round(share * full.size)), np.random.default_rng(seed)
    drawn = (NULLS[null](top, rng).astype(np.int64) for _ in range(draws))
    return np.array([gathered(by_block(one, sides), sizes) for one in drawn])
