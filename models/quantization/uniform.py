"""Fixed point with a power-of-two scale: ``x ~ integers * 2**-exponent``."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from models.fixed import saturate


def exponent_for(x: ArrayLike, bits: int) -> int:
    """Largest exponent with ``round(max|x| * 2**exponent) < 2**(bits-1)``; 0 when all is zero.

    >>> exponent_for([0.5, -0.25], 8), exponent_for([1000.0], 8)
    (7, -3)
    """
    if not 2 <= bits <= 32:
        raise ValueError(f"bits: found {bits}, allowed 2..32")
    values = np.asarray(x, dtype=np.float64)
    if not np.isfinite(values).all():
        raise ValueError("x: found NaN or infinity")
    peak = float(np.abs(values).max(initial=0.0))
    if peak == 0:
        return 0
    exponent = bits - 1 - int(np.frexp(peak)[1])
    # frexp: peak = m * 2**e with 0.5 <= m < 1; rounding up may still reach the next power of two.
    if np.rint(np.ldexp(peak, exponent)) >= 1 << (bits - 1):
        exponent -= 1
    return exponent


def quantize_fixed(
    x: ArrayLike, bits: int, exponent: int | None = None
) -> tuple[NDArray[np.int64], int]:
    """(integers of ``bits`` bits, exponent) with ``x ~ integers * 2**-exponent``.

    Rounds half to even; saturates when an ``exponent`` is given that is too large.

    >>> values, exponent = quantize_fixed([0.5, -0.25, 0.1], 8)
    >>> values.tolist(), exponent
    ([64, -32, 13], 7)
    """
    values = np.asarray(x, dtype=np.float64)
    shift = exponent_for(values, bits) if exponent is None else exponent
    return saturate(np.rint(np.ldexp(values, shift)), bits), shift
