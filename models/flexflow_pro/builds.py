"""Named builds of FlexFlow-Pro at full size, parameters as in the RTL."""

from __future__ import annotations

BUILDS: dict[str, dict[str, int]] = {
    "default": {},
    "8x8": {"Rows": 8, "Cols": 8},
    "16x16": {},
    "32x32": {"Rows": 32, "Cols": 32},
}
#: Of ``make run`` where none is named.
QUICK = "8x8"
#: Small enough to be looked at in one piece.
SMALL: dict[str, int] = {
    "Rows": 2,
    "Cols": 3,
    "MaskWord": 4,
    "ActDepth": 32,
    "AccDepth": 32,
}
#: Of ``make compare``: fields that are not the default's.
SIZES: dict[str, dict[str, int | str]] = {
    "8x8": {"rows": 8, "cols": 8},
    "8x12": {"rows": 8, "cols": 12},
    "16x16": {},
    "16x16, 8 Mbit": {"act_depth": 1024, "k_cells": 36, "n_cells": 48},
}
