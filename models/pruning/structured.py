"""Fine structure: N:M groups and periodic patterns. Single weights stay, at places that fit.

Both first find the places that the structure allows, then keep the largest ``keep`` weights among
them, exactly; where ``keep`` is all that the structure holds, every group or pattern is full.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.pruning.core import granularity, kernels, largest, need_at_most


def _largest_of_each(scores: NDArray[np.float64], count: int) -> NDArray[np.bool_]:
    """The ``count`` largest scores of every row, among equals the first: bool [rows, cols]."""
    order = np.argsort(-scores, axis=1, kind="stable")[:, :count]
    result = np.zeros(scores.shape, dtype=bool)
    np.put_along_axis(result, order, True, axis=1)
    return result


@granularity("nm")
def nm(magnitude: NDArray[np.float64], keep: int, n: int = 2, m: int = 4) -> NDArray[np.bool_]:
    """N:M: of every ``m`` neighbours in a row of [K, C*R*S] at most the ``n`` largest stay.

    Groups run along what is summed up for one output (input channels in [K, C]), as in the sparse
    matrix units of GPUs; the last group of a row may be short, and keeps up to ``n`` all the same.
    Among equals the first stay.

    >>> nm(np.array([[1, 5, 2, 4, 3, 0, 0, 0]]), 4).astype(int).tolist()
    [[0, 1, 0, 1, 1, 1, 0, 0]]

    Raises ValueError on a density above N/M (more than the groups hold) or n outside 1..m.
    """
    if not 1 <= n <= m:
        raise ValueError(f"n, m: found {n}:{m}, need 1 <= n <= m")
    full = kernels(magnitude)
    rows, cols = full.shape[0], int(np.prod(full.shape[1:]))
    groups = -(-cols // m)
    padded = np.full((rows, groups * m), -1.0)
    padded[:, :cols] = full.reshape(rows, cols)
    allowed = _largest_of_each(padded.reshape(rows * groups, m), n)
    allowed = allowed.reshape(padded.shape)[:, :cols].reshape(magnitude.shape)
    most = int(np.count_nonzero(allowed))
    need_at_most(keep, most, magnitude.size, f"{n}:{m}")
    return largest(np.where(allowed, magnitude, -1.0), keep)


@granularity("periodic")
def periodic(
    magnitude: NDArray[np.float64], keep: int, period: int = 8, kss: int = 0
) -> NDArray[np.bool_]:
    """Periodic patterns: kernel ``i = k*C + c`` keeps only places of pattern ``i mod period``.

    kss      places of a pattern (kernel support size), 1..R*S; 0: as few as hold ``keep`` weights
    period   number of patterns

    Pattern ``p`` is the ``kss`` places with the largest sum of magnitudes over its kernels, among
    equals the first in row-major order: of all sets of ``period`` patterns the one that keeps most.

    >>> weights = np.array([[[[9, 1], [8, 0]], [[0, 5], [6, 2]], [[7, 0], [1, 3]]]])
    >>> periodic(weights, 6, period=2).astype(int).tolist()
    [[[[1, 0], [1, 0]], [[0, 1], [1, 0]], [[1, 0], [1, 0]]]]

    Raises ValueError on a density above kss/(R*S), kss outside 1..R*S or a period below 1.
    """
    full = kernels(magnitude)
    places = full.shape[2] * full.shape[3]
    flat = full.reshape(full.shape[0] * full.shape[1], places)
    if period < 1:
        raise ValueError(f"period: found {period}, need 1 or more")
    if not 0 <= kss <= places:
        raise ValueError(f"kss: found {kss}, allowed 1..{places}, or 0 to have it chosen")
    if len(flat) == 0:
        return np.zeros(magnitude.shape, dtype=bool)
    size = kss or max(1, -(-keep // len(flat)))
    need_at_most(keep, len(flat) * size, magnitude.size, f"kss {size} of {places}")
    phases = min(period, len(flat))
    sums = np.stack([flat[phase::period].sum(axis=0) for phase in range(phases)])
    patterns = _largest_of_each(sums, size)
    allowed = patterns[np.arange(len(flat)) % period].reshape(magnitude.shape)
    return largest(np.where(allowed, magnitude, -1.0), keep)
