"""Named builds of SPS at full size: memories as by default, parameters as in the RTL."""

from __future__ import annotations

from models.array.builds import ARRAYS, array, sides

BUILDS: dict[str, dict[str, int]] = {
    "default": {},
    **{name: array(size, bits) for name, (size, bits) in ARRAYS.items()},
    "shared_16x16": array(16) | {"RowOffsets": 0},
}
#: Of ``make compare``: fields that are not the default's.
SIZES = sides()
