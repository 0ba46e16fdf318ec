"""Coarse grains after the granularity study: rows of kernels, kernels, filters.

The salience of a grain is the sum of its magnitudes (L1 norm). Among grains of equal salience the
first in C order stay. With ``g`` weights a grain, ``round(keep / g)`` grains stay (a half goes to
the even number): the density reached is that times ``g`` over the number of weights.

Source: Mao et al., "Exploring the Regularity of Sparse Structure in Convolutional Neural
Networks", 2017 (arXiv 1705.08922): 0-D fine, 1-D vector, 2-D kernel, 3-D filter.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.pruning.core import granularity, kernels, largest_grains


def _by_axes(magnitude: NDArray[np.float64], keep: int, axes: tuple[int, ...]) -> NDArray[np.bool_]:
    """Grains that span the ``axes`` of [K, C, R, S]."""
    scores = kernels(magnitude).sum(axis=axes, keepdims=True)
    kept = largest_grains(scores, keep, magnitude.size)
    shape = kernels(magnitude).shape
    return np.broadcast_to(kept, shape).reshape(magnitude.shape).copy()


@granularity("vector")
def vector(magnitude: NDArray[np.float64], keep: int) -> NDArray[np.bool_]:
    """Rows of kernels stay or go: 1 x S weights, 1x3 for a 3x3 kernel; one weight in [K, C].

    >>> weights = np.array([[[[1, 1, 1], [0, 4, 0], [2, 0, 0]]]])
    >>> vector(weights, 6).astype(int).tolist()
    [[[[1, 1, 1], [1, 1, 1], [0, 0, 0]]]]
    """
    return _by_axes(magnitude, keep, (3,))


@granularity("kernel")
def kernel(magnitude: NDArray[np.float64], keep: int) -> NDArray[np.bool_]:
    """Kernels stay or go: R x S weights; one weight in [K, C].

    >>> kernel(np.array([[[[1, 1], [1, 1]], [[0, 9], [0, 0]]]]), 4).astype(int).tolist()
    [[[[0, 0], [0, 0]], [[1, 1], [1, 1]]]]
    """
    return _by_axes(magnitude, keep, (2, 3))


@granularity("filter")
def filter_(magnitude: NDArray[np.float64], keep: int) -> NDArray[np.bool_]:
    """Filters stay or go: C x R x S weights, a row of [K, C].

    >>> filter_(np.array([[3, 0], [2, 2], [1, 1]]), 4).astype(int).tolist()
    [[1, 1], [1, 1], [0, 0]]
    """
    return _by_axes(magnitude, keep, (1, 2, 3))
