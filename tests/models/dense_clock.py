"""The array of ``rtl/dense/README.md``, clocked: every register of every PE, cycle by cycle.

Made from the text of "Function" and "Cycles" alone: shadow weights, switch bit, activations to the
right, sums downwards, banks. It knows no formula for the time of a pass.
"""

from __future__ import annotations

import numpy as np


def clock(weights: np.ndarray, acts: np.ndarray, first: int = 2) -> tuple[np.ndarray, int, int]:
    """Sums int [T, N, Cols] of ``weights`` [T, Rows, Cols] and ``acts`` [T, N, Rows], cycles taken,
    and cycles in which the address generator, active from cycle 1 on, had no pixel to issue.

    Cycle 0 is the first of the phase. Row 0 of the first tile is written in cycle ``first``; a
    pixel is issued two cycles before it enters lane 0. A shadow weight may be written in the cycle
    in which the one before it is taken over.
    """
    tiles, rows, cols = weights.shape
    pixels = acts.shape[1]
    shadow = np.zeros((rows, cols), dtype=int)
    held = np.zeros((rows, cols), dtype=int)
    #: what each PE sees in a cycle: (tile, pixel) or None; and the sum that comes from above
    seen: list[list] = [[None] * cols for _ in range(rows)]
    down = np.zeros((rows + 1, cols), dtype=int)
    sums = np.zeros((tiles, pixels, cols), dtype=int)
    written = waits = 0
    starts: list[int] = []  # t_k
    loads: list[list[int]] = [[] for _ in range(tiles)]  # cycle each row is written
    cycle = 0
    while written < tiles * pixels * cols:
        # Shadow weights: a row per cycle; row 0 when the switch is in the row's last column.
        new = None
        for k in range(tiles):
            row = len(loads[k])
            if row == rows:
                continue
            if row == 0:
                free = first if k == 0 else starts[k - 1] + cols - 1 if k <= len(starts) else None
                if free is None or cycle < free or (k and len(loads[k - 1]) < rows):
                    break
            new = row, weights[k, row]
            loads[k].append(cycle)
            break
        # A tile starts behind the pixels of the one before, two cycles after its row 0 was written.
        k = len(starts)
        free = k == 0 or cycle >= starts[-1] + pixels
        if k < tiles and free and loads[k] and loads[k][0] + 1 < cycle:
            starts.append(cycle)
        if cycle >= 3 and entering(starts, cycle, pixels) is None and len(starts) < tiles:
            waits += 1
        # Operands: lane i is i cycles behind lane 0, column j another j cycles.
        below = np.zeros_like(down)
        for i in range(rows):
            for j in reversed(range(cols)):
                seen[i][j] = entering(starts, cycle - i, pixels) if j == 0 else seen[i][j - 1]
                if seen[i][j] is None:
                    continue
                k, n = seen[i][j]
                if n == 0:
                    assert loads[k][i] < cycle - 1, "the weights of a row come before its switch"
                    held[i, j] = shadow[i, j]
                assert held[i, j] == weights[k, i, j]
                below[i + 1, j] = down[i, j] + held[i, j] * acts[k, n, i]
                if i == rows - 1:
                    # The product is registered, then the sum at the bottom, then it is in its bank.
                    sums[k, n, j] = below[rows, j]
                    written += 1
                    last_write = cycle + 3
        if new is not None:
            shadow[new[0]] = new[1]
        down = below
        cycle += 1
    return sums, last_write + 1, waits


def entering(starts: list[int], cycle: int, pixels: int):
    """(tile, pixel) that enters lane 0 in ``cycle``, None when nothing does."""
    for k, start in enumerate(starts):
        if start <= cycle < start + pixels:
            return k, cycle - start
    return None
