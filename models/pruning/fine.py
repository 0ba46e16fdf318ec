"""Fine-grained pruning: every weight on its own."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.pruning.core import granularity, largest


@granularity("fine")
def fine(magnitude: NDArray[np.float64], keep: int) -> NDArray[np.bool_]:
    """The ``keep`` weights of largest magnitude stay.

    >>> fine(np.array([0.1, 0.3, 0.2]), 2).tolist()
    [False, True, True]
    """
    return largest(magnitude, keep)
