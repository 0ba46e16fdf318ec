"""Named builds of Cambricon-SE at full size, parameters as in the RTL."""

from __future__ import annotations

BUILDS: dict[str, dict[str, int]] = {
    "default": {},
    "1x16x16": {"Cores": 1},
    "2x16x16": {},
    "4x16x16": {"Cores": 4},
    "2x8x8": {"Pes": 8, "Lanes": 8, "Window": 64, "CodeRow": 32},
    "natural": {"Selector": 1, "CodeRow": 128},
    "per_pe": {"Selector": 2},
}
#: Of ``make run`` where none is named.
QUICK = "2x8x8"
#: Small enough to be looked at in one piece.
SMALL: dict[str, int] = {
    "Pes": 2,
    "Lanes": 2,
    "Window": 8,
    "CodeRow": 8,
    "ActDepth": 32,
    "ListDepth": 16,
    "Regions": 4,
    "AccDepth": 32,
    "BiasDepth": 8,
}
#: Of ``make compare``: fields that are not the default's.
_SMALL: dict[str, int | str] = {"pes": 8, "lanes": 8, "window": 64, "code_row": 32}
SIZES: dict[str, dict[str, int | str]] = {
    "1x8x8": {"cores": 1, **_SMALL},
    "2x8x8": _SMALL,
    "1x16x16": {"cores": 1},
    "2x16x16": {},
}
