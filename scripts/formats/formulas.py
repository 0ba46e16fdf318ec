"""Expected size of every format in closed form, and where it breaks even with dense.

Patterns are independent: each weight is non-zero with probability ``d``. ``V`` is the width of a
value, the layer a matrix of ``rows x cols``, ``n = rows * cols``; bits per weight:

    bitmap              1 + d V
    block bitmap        (g / n) (1 + q b V)           g blocks of b weights, q = 1 - (1-d)^b
    run length, k bits  e (V + k) / n                 e = d sum_j max(0, n - j 2^k) (1-d)^(j 2^k)
    CSC, k bits         the same for each column, and pointers
    CSR, COO            d (V + index), CSR with pointers
    BSR                 (g q (b V + bcol) + pointers) / n
    ELLPACK             E[fullest row] (V + index) / cols
    N:4                 E[fullest group] (V + 2) / 4
    codebook            the inner format with codes for values, and the table

``j = 0`` counts the non-zeros themselves, ``j >= 1`` the placeholders: a non-zero with ``m`` zeros
in front has one for every full ``2^k`` of them. Huffman has no closed form; it lies between the
entropy of its symbols and one bit above (``tests/meta/test_formats.py``).

>>> round(expected("bitmap", 0.1, 64, 64, 8), 3), round(break_even("bitmap", 64, 64, 8), 3)
(1.8, 0.875)
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.optimize import brentq
from scipy.stats import binom

from models.formats.base import bits
from scripts.formats.study import BLOCK, GROUP, PREFIX, RUN_WIDTH

#: Below this density no break-even is looked for.
_LOWEST = 1e-4


def run_entries(d: float, length: int, run: int) -> float:
    """Expected entries, placeholders too, of a line of ``length`` with ``run``-bit runs."""
    before = np.arange(0, length, 1 << run)
    return float((d * (length - before) * (1 - d) ** before).sum())


def best_run(d: float, length: int, width: int) -> int:
    """The run width that costs least."""
    return min(range(1, 17), key=lambda run: run_entries(d, length, run) * (width + run))


def fullest(d: float, size: int, lines: int) -> float:
    """Expected non-zeros of the fullest of ``lines`` lines of ``size`` weights."""
    below = binom.cdf(np.arange(size), size, d)
    return float((1 - below**lines).sum())


def group_overflow(groups: int, width: int, chance: float) -> float:
    """Density at which, with this chance, one of the groups of 4 holds so many non-zeros that its
    slots are wider than the group: N:4 goes up in steps, and costs more than dense from there on.

    ``(1 - P[more than N of 4])^groups = 1 - chance`` with N the most that is worth it.
    """
    most = GROUP * width // (width + bits(GROUP))
    none = (1 - chance) ** (1 / groups)
    return float(brentq(lambda d: binom.cdf(most, GROUP, d) - none, 0.0, 1.0))


def _run_length(d: float, rows: int, cols: int, width: int) -> float:
    return run_entries(d, rows * cols, RUN_WIDTH) * (width + RUN_WIDTH)


def _best_run_length(d: float, rows: int, cols: int, width: int) -> float:
    run = best_run(d, rows * cols, width)
    return run_entries(d, rows * cols, run) * (width + run)


def _csc(d: float, rows: int, cols: int, width: int) -> float:
    entries = cols * run_entries(d, rows, RUN_WIDTH)
    return entries * (width + RUN_WIDTH) + (cols + 1) * bits(round(entries) + 1)


def _csr(d: float, rows: int, cols: int, width: int) -> float:
    entries = d * rows * cols
    return entries * (width + bits(cols)) + (rows + 1) * bits(round(entries) + 1)


def _kept(d: float, rows: int, cols: int) -> tuple[int, int, float]:
    """Block rows, block columns, expected blocks with a non-zero."""
    down, right = -(-rows // BLOCK[0]), -(-cols // BLOCK[1])
    return down, right, down * right * (1 - (1 - d) ** (BLOCK[0] * BLOCK[1]))


def _block_bitmap(d: float, rows: int, cols: int, width: int) -> float:
    down, right, kept = _kept(d, rows, cols)
    return down * right + kept * BLOCK[0] * BLOCK[1] * width


def _bsr(d: float, rows: int, cols: int, width: int) -> float:
    down, right, kept = _kept(d, rows, cols)
    pointers = (down + 1) * bits(round(kept) + 1)
    return kept * (BLOCK[0] * BLOCK[1] * width + bits(right)) + pointers


def _ellpack(d: float, rows: int, cols: int, width: int) -> float:
    return rows * fullest(d, cols, rows) * (width + bits(cols))


def _nm(d: float, rows: int, cols: int, width: int) -> float:
    groups = rows * -(-cols // GROUP)
    return groups * fullest(d, GROUP, groups) * (width + bits(GROUP))


#: Bits of a layer with an independent pattern, for (density, rows, columns, value width).
TOTALS: dict[str, Callable[[float, int, int, int], float]] = {
    "dense": lambda d, rows, cols, width: rows * cols * width,
    "bitmap": lambda d, rows, cols, width: rows * cols * (1 + d * width),
    "block bitmap": _block_bitmap,
    "run length": _run_length,
    "run length, best": _best_run_length,
    "CSC relative": _csc,
    "CSR": _csr,
    "COO": lambda d, rows, cols, width: d * rows * cols * (width + bits(rows) + bits(cols)),
    "BSR": _bsr,
    "ELLPACK": _ellpack,
    "N:4": _nm,
}


def expected(
    name: str, d: float, rows: int, cols: int, width: int, code_width: int = 4
) -> float | None:
    """Expected bits per weight of a format at density ``d``; None where there is no closed form.

    Codebook formats have codes of ``code_width`` bits and a table of values of ``width`` bits.
    """
    inner = name.removeprefix(PREFIX)
    if inner not in TOTALS:
        return None
    if inner == name:
        return TOTALS[name](d, rows, cols, width) / (rows * cols)
    codes = TOTALS[inner](d, rows, cols, code_width)
    return (codes + (width << code_width)) / (rows * cols)


def break_even(name: str, rows: int, cols: int, width: int, code_width: int = 4) -> float | None:
    """Density from which on the format costs more than dense; None if it never does.

    >>> break_even("codebook + dense", 64, 64, 8) is None
    True
    """

    def over(d: float) -> float:
        return (expected(name, d, rows, cols, width, code_width) or 0.0) - width

    if name == "dense" or expected(name, 1.0, rows, cols, width, code_width) is None:
        return None
    if name == "N:4":
        return group_overflow(rows * -(-cols // GROUP), width, 0.5)
    if over(1.0) <= 0:
        return None
    return float(brentq(over, _LOWEST, 1.0)) if over(_LOWEST) < 0 else 0.0


def shares(name: str, grain: int, width: int, kept: float) -> float:
    """Bits per weight where whole grains of ``grain`` weights stay, ``kept`` of them.

    block bitmap   1/grain + kept V          study   kept (V + 4 / grain): a 4-bit index a grain

    >>> shares("study", 9, 8, 0.5) / (0.5 * 8)
    1.0555555555555556
    """
    if name == "study":
        return kept * (width + RUN_WIDTH / grain)
    if name == "block bitmap":
        return 1 / grain + kept * width
    raise ValueError(f"format: found '{name}', known: study, block bitmap")
