"""Sizes in which designs around the systolic array have full-size builds."""

from __future__ import annotations

#: (side of the array, bits of operands) by name.
ARRAYS = {"8x8": (8, 16), "16x16": (16, 16), "32x32": (32, 16), "16x16_8bit": (16, 8)}

#: Sides of the arrays of ``make compare``.
SIDES = (8, 16, 32)


def array(size: int, bits: int = 16) -> dict[str, int]:
    """Parameters of a square array.

    >>> array(8), array(4, 8)
    ({'Rows': 8, 'Cols': 8}, {'Rows': 4, 'Cols': 4, 'ActWidth': 8, 'WgtWidth': 8})
    """
    sizes = {"Rows": size, "Cols": size}
    return sizes if bits == 16 else sizes | {"ActWidth": bits, "WgtWidth": bits}


def sides() -> dict[str, dict[str, int | str]]:
    """Square arrays as fields of a configuration, by name.

    >>> sides()["8x8"]
    {'rows': 8, 'cols': 8}
    """
    return {f"{side}x{side}": {"rows": side, "cols": side} for side in SIDES}
