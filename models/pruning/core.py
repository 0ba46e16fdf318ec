"""Registry of granularities and what they share."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

Granularity = Callable[..., NDArray[np.bool_]]

#: name -> function; filled by ``@granularity``.
GRANULARITIES: dict[str, Granularity] = {}


def granularity(name: str) -> Callable[[Granularity], Granularity]:
    """Register a granularity under a name; ValueError when the name is taken."""

    def register(function: Granularity) -> Granularity:
        if name in GRANULARITIES:
            raise ValueError(f"granularity '{name}' is registered twice")
        GRANULARITIES[name] = function
        return function

    return register


def largest(scores: NDArray[np.floating], keep: int) -> NDArray[np.bool_]:
    """Mask of the ``keep`` largest scores, exactly; among equals the first in C order stay.

    >>> largest(np.array([3.0, 1.0, 3.0, 3.0]), 2).tolist()
    [True, False, True, False]
    """
    flat = np.ravel(scores)
    if not 0 <= keep <= flat.size:
        raise ValueError(f"keep: found {keep}, allowed 0..{flat.size}")
    if keep == 0:
        return np.zeros(scores.shape, dtype=bool)
    edge = np.partition(flat, flat.size - keep)[flat.size - keep]
    result = flat > edge
    ties = np.flatnonzero(flat == edge)
    result[ties[: keep - int(np.count_nonzero(result))]] = True
    return result.reshape(scores.shape)


def mask(
    weights: ArrayLike, density: float, granularity: str = "fine", **options: int
) -> NDArray[np.bool_]:
    """Which weights stay: bool of the shape of ``weights``, exactly ``round(density * n)`` of them
    for the fine granularity (a half rounds to even); coarser ones keep whole groups.

    Raises ValueError on a density outside 0..1, an unknown granularity, NaN or infinity.
    """
    if granularity not in GRANULARITIES:
        known = ", ".join(sorted(GRANULARITIES))
        raise ValueError(f"granularity: found '{granularity}', known: {known}")
    if not 0 <= density <= 1:
        raise ValueError(f"density: found {density}, need 0..1")
    magnitude = np.abs(np.asarray(weights, dtype=np.float64))
    if not np.isfinite(magnitude).all():
        raise ValueError("weights: found NaN or infinity")
    return GRANULARITIES[granularity](magnitude, round(density * magnitude.size), **options)


def prune(weights: ArrayLike, density: float, granularity: str = "fine", **options: int) -> NDArray:
    """``weights`` with all but the kept ones set to zero, same shape and type.

    >>> prune(np.array([[1, -4], [3, 2]]), 0.5).tolist()
    [[0, -4], [3, 0]]
    """
    array = np.asarray(weights)
    return np.where(mask(array, density, granularity, **options), array, array.dtype.type(0))
