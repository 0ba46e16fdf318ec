"""Which piece goes to which column, which output maps go together.

A row waits for its slowest PE, so a piece is put where the slowest PEs of all rows grow least,
heaviest pieces first.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.floating]

#: Weight of what settles between columns whose rows' maxima grow alike.
_TIE = 1e-3


def heaviest_first(load: Floats) -> Ints:
    """Pieces by falling load of all rows: [rows, pieces] -> int64 [pieces].

    >>> heaviest_first(np.array([[1.0, 4.0, 1.0], [2.0, 0.0, 1.0]])).tolist()
    [1, 0, 2]
    """
    return np.argsort(-load.sum(axis=0), kind="stable")


def in_turn(pieces: int, cols: int) -> Ints:
    """Columns of pieces in the order in which they come: int64 [Cols, most], -1 behind the last.

    >>> in_turn(5, 2).tolist()
    [[0, 2, 4], [1, 3, -1]]
    """
    each = -(-pieces // cols)
    at = np.arange(each * cols)
    return np.where(at < pieces, at, -1).reshape(each, cols).T


def balanced(load: Floats, cols: int) -> Ints:
    """Columns of pieces by their load [rows, pieces]: int64 [Cols, most], -1: none.

    >>> balanced(np.array([[4.0, 3.0, 2.0, 1.0]]), 2).tolist()
    [[0, 3], [1, 2]]
    """
    rows, pieces = load.shape
    each = -(-pieces // cols)
    found = np.full((cols, each), -1, dtype=np.int64)
    filled = np.zeros(cols, dtype=np.int64)
    sums = np.zeros((cols, rows))
    bars = np.zeros(cols)
    highest = np.zeros(rows)
    for piece in heaviest_first(load).tolist():
        new = sums + load[:, piece]
        grown = np.maximum(new - highest, 0).sum(axis=1)
        grown += _TIE * (new.max(axis=1) + new.mean(axis=1)) + bars
        at = int(grown.argmin())
        sums[at] = new[at]
        np.maximum(highest, new[at], out=highest)
        found[at, filled[at]] = piece
        filled[at] += 1
        if filled[at] == each:
            bars[at] = np.inf
    return found
