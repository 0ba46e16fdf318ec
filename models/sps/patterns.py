"""Periods in the supports of kernels: which positions any kernel of a residue needs.

The residue of kernel (k, c) is ``(u*k + v*c) mod P``. Any weights have patterns for any P, u and v:
the positions that some kernel of the residue uses. Few positions is what one looks for.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.array.problem import Ints

Bools = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Patterns:
    """``used`` bool [P, taps]: positions of each residue; ``factors`` are (u, v)."""

    used: Bools
    factors: tuple[int, int]

    @property
    def period(self) -> int:
        """P."""
        return len(self.used)

    @property
    def sizes(self) -> Ints:
        """Positions of each residue, int64 [P]."""
        return self.used.sum(axis=1)

    def residues(self, axis: int, size: int) -> Ints:
        """What ``size`` outputs (axis 0) or channels (axis 1) bring to the residue: int64 [size].

        >>> Patterns(np.ones((3, 9), dtype=bool), (2, 1)).residues(0, 5).tolist()
        [0, 2, 1, 0, 2]
        """
        return np.arange(size) * self.factors[axis] % self.period


def folded(live: Bools, period: int) -> Bools:
    """Positions of kernels by k and c modulo ``period``: bool [K, C, taps] -> [P, P, taps].

    >>> live = np.zeros((3, 2, 1), dtype=bool)
    >>> live[2, 1] = True
    >>> folded(live, 2)[:, :, 0].astype(int).tolist()
    [[0, 1], [0, 0]]
    """
    filters, channels, taps = live.shape
    missing = (0, -filters % period), (0, -channels % period), (0, 0)
    full = np.pad(live, missing)
    by_k = np.logical_or.reduce(full.reshape(-1, period, full.shape[1] * taps))
    made: Bools = np.logical_or.reduce(by_k.reshape(period, -1, period, taps), axis=1)
    return made


def found(live: Bools, periods: Iterator[int] | range) -> Iterator[Patterns]:
    """All patterns of some periods, short periods first: every u with v = 1, and u = 1, v = 0."""
    for period in periods:
        parts = folded(live, period)
        phases = np.arange(period)
        for u in range(period):
            # Residue r meets output class a in channel class r - u*a.
            at = (phases[:, None] - u * phases) % period
            yield Patterns(np.logical_or.reduce(parts[phases, at], axis=1), (u, 1))
        if period > 1:
            yield Patterns(np.logical_or.reduce(parts, axis=1), (1, 0))
