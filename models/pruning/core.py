"""Registry of granularities and what they share."""

from __future__ import annotations

from collections.abc import Callable
from inspect import signature
from typing import Any

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


def largest_grains(scores: NDArray[np.floating], keep: int, size: int) -> NDArray[np.bool_]:
    """Mask of the grains that stay when ``keep`` of ``size`` weights may: the nearest number of
    whole grains (a half goes to the even number), the largest scores first, ties as in ``largest``.

    >>> largest_grains(np.array([3.0, 1.0, 2.0]), keep=5, size=9).tolist()
    [True, False, True]
    """
    return largest(scores, round(keep * scores.size / size) if size else 0)


def kernels(magnitude: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weights [K, C] or [K, C, R, S] as [K, C, R, S]; ValueError on another number of axes."""
    if magnitude.ndim == 2:
        return magnitude[:, :, None, None]
    if magnitude.ndim != 4:
        raise ValueError(f"weights: found shape {magnitude.shape}, need [K, C] or [K, C, R, S]")
    return magnitude


def need_at_most(keep: int, most: int, size: int, what: str) -> None:
    """Raise ValueError where ``keep`` of ``size`` weights are more than the structure holds."""
    if keep > most:
        raise ValueError(
            f"density: found {keep / size:.4g} ({keep} of {size} weights), "
            f"{what} holds at most {most / size:.4g} ({most})"
        )


def mask(
    weights: ArrayLike, density: float, granularity: str = "fine", **options: Any
) -> NDArray[np.bool_]:
    """Which weights stay: bool of the shape of ``weights``.

    ``round(density * n)`` weights may stay (a half goes to the even number). Granularities that
    judge single weights (fine, nm, periodic) keep exactly so many; those that judge grains
    (vector, kernel, filter, block) keep the nearest number of whole grains, so that the density
    reached is off by at most half a grain. ``options`` are those of the granularity.

    Raises ValueError on a density outside 0..1 or above what the structure holds, an unknown
    granularity or option, NaN or infinity.
    """
    if granularity not in GRANULARITIES:
        known = ", ".join(sorted(GRANULARITIES))
        raise ValueError(f"granularity: found '{granularity}', known: {known}")
    if not 0 <= density <= 1:
        raise ValueError(f"density: found {density}, need 0..1")
    magnitude = np.abs(np.asarray(weights, dtype=np.float64))
    if not np.isfinite(magnitude).all():
        raise ValueError("weights: found NaN or infinity")
    function = GRANULARITIES[granularity]
    allowed = list(signature(function).parameters)[2:]
    for name in options:
        if name not in allowed:
            known = ", ".join(allowed) or "none"
            raise ValueError(f"{name}: no option of '{granularity}', known: {known}")
    return function(magnitude, round(density * magnitude.size), **options)


def prune(
    weights: ArrayLike, density: float, granularity: str = "fine", **options: Any
) -> NDArray[Any]:
    """``weights`` with all but the kept ones set to zero, same shape and type.

    >>> prune(np.array([[1, -4], [3, 2]]), 0.5).tolist()
    [[0, -4], [3, 0]]
    """
    array = np.asarray(weights)
    return np.where(mask(array, density, granularity, **options), array, array.dtype.type(0))


def prune_outputs(weights: ArrayLike, n: int, m: int) -> NDArray[Any]:
    """N:M along the outputs: of every ``m`` neighbours in K, same input and tap, ``n`` stay.

    What hardware stores that takes the weights of one input for all outputs at a time. Weights
    [K, C] or [K, C, R, S]. Among equals the first stay.

    >>> prune_outputs(np.array([[1], [-4], [3], [2]]), 2, 4).ravel().tolist()
    [0, -4, 3, 0]
    """
    array = np.asarray(weights)
    by_input = array.reshape(len(array), -1).T
    whole = -(-len(array) // m) * m  # the last group may be short, and keeps n all the same
    padded = np.pad(by_input, ((0, 0), (0, whole - len(array))))
    kept = prune(padded, n / m, "nm", n=n, m=m)[:, : len(array)]
    return kept.T.reshape(array.shape)
