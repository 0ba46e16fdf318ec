"""Command-line values of ``make pergate``.

Each function is a ``type`` of argparse: it takes the text of an option and raises
``ArgumentTypeError``, saying what was found and what is needed; argparse names the option.
"""

from __future__ import annotations

import math
from argparse import ArgumentTypeError

from models.names import quoted


def bit_price(text: str) -> float:
    """Gates (NAND2 equivalents) that one memory bit is worth: finite, 0 or more.

    >>> bit_price("0.5")
    0.5
    """
    price = _number(text)
    if not (math.isfinite(price) and price >= 0):
        raise ArgumentTypeError(f"found {quoted(text)}, need a number of gates of 0 or more")
    return price


def densities(text: str) -> tuple[float, ...]:
    """Shares of non-zeros with commas between them, above 0 up to 1; ascending, each once.

    >>> densities("1,0.1,0.10")
    (0.1, 1.0)
    """
    found = [_number(one) for one in text.split(",")]
    if not all(0 < one <= 1 for one in found):
        raise ArgumentTypeError(
            f"found {quoted(text)}, need numbers above 0 up to 1 with commas between them"
        )
    return tuple(sorted(set(found)))


def _number(text: str) -> float:
    """NaN where the text is no number."""
    try:
        return float(text)
    except ValueError:
        return math.nan
