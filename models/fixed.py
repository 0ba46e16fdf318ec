"""Fixed-point arithmetic of every design: the one place where rounding is defined.

Numbers are two's complement integers held in int64 arrays. The only lossy step of a layer is
``requant``: ``y = relu(saturate(round(acc / 2**shift)))``, ties away from zero.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

#: Largest magnitude ``requant`` takes: half of one more bit must still fit int64.
ACC_LIMIT = 1 << 62


def limits(width: int) -> tuple[int, int]:
    """Smallest and largest value of a signed ``width``-bit integer.

    >>> limits(8)
    (-128, 127)
    """
    if not 1 <= width <= 63:
        raise ValueError(f"width: {width} is not in 1..63")
    return -(1 << (width - 1)), (1 << (width - 1)) - 1


def fits(x: ArrayLike, width: int) -> bool:
    """True when every element of ``x`` is a signed ``width``-bit integer (an empty array fits).

    >>> fits([-128, 127], 8), fits(128, 8)
    (True, False)
    """
    values = np.asarray(x)
    low, high = limits(width)
    return values.size == 0 or bool(values.min() >= low and values.max() <= high)


def saturate(x: ArrayLike, width: int) -> NDArray[np.int64]:
    """Clip to the signed ``width``-bit range.

    >>> saturate([-300, 5, 300], 8).tolist()
    [-128, 5, 127]
    """
    low, high = limits(width)
    return np.clip(np.asarray(x, dtype=np.int64), low, high)


def requant(acc: ArrayLike, shift: int, width: int = 16, relu: bool = False) -> NDArray[np.int64]:
    """Accumulator to activation: shift right with rounding, saturate, ReLU; shape kept.

    The rounding is half away from zero: ``sign(acc) * ((|acc| + 2**(shift-1)) >> shift)``.

    >>> requant([5, 6, 7, -6, -7, 1000], 2, width=8).tolist()
    [1, 2, 2, -2, -2, 127]
    >>> requant([-6, 6], 2, relu=True).tolist()
    [0, 2]

    Raises ValueError when ``shift`` is negative or a magnitude is not below 2**62.
    """
    if not 0 <= shift <= 61:
        raise ValueError(f"shift: {shift} is not in 0..61")
    values = np.asarray(acc, dtype=np.int64)
    if values.size and (values.min() <= -ACC_LIMIT or values.max() >= ACC_LIMIT):
        raise ValueError("acc: a magnitude of 2**62 or more cannot be rounded in int64")
    half = (1 << shift) >> 1
    rounded = np.sign(values) * ((np.abs(values) + half) >> shift)
    result = saturate(rounded, width)
    return np.maximum(result, 0) if relu else result


def fitting_shift(acc: ArrayLike, width: int = 16, relu: bool = False) -> int:
    """Smallest shift with which no result of ``requant`` saturates, rounding included.

    Behind ReLU negative sums do not count: they become zero whatever the shift.

    >>> fitting_shift(65534), fitting_shift(65535), fitting_shift(-65536), fitting_shift(-65537)
    (1, 2, 1, 2)
    >>> fitting_shift([-(1 << 20), 5], relu=True), fitting_shift([-3, 200], width=8)
    (0, 1)
    """
    values = np.asarray(acc)
    top = int(values.max(initial=0))
    bottom = 0 if relu else int(values.min(initial=0))
    low, high = limits(width)
    shift = max(0, top.bit_length() - (width - 1), (-bottom).bit_length() - width)
    while _rounded(top, shift) > high or -_rounded(-bottom, shift) < low:
        shift += 1
    return shift


def _rounded(magnitude: int, shift: int) -> int:
    """A magnitude as ``requant`` rounds it."""
    return (magnitude + ((1 << shift) >> 1)) >> shift
