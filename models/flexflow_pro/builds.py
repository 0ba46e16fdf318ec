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
