"""Named builds of the dense array at full size: memories as by default, parameters as in the RTL.

Small builds, whose memories make ordinary layers be cut, are those of its bench
(``tb/dense/top/benches.py``). ``CONFIG=`` takes both wherever it is taken.
"""

from __future__ import annotations

from models.array.builds import ARRAYS, array, sides

BUILDS: dict[str, dict[str, int]] = {
    "default": {},
    **{name: array(size, bits) for name, (size, bits) in ARRAYS.items()},
    "16x16_2of4": array(16) | {"GroupN": 2, "GroupM": 4},
}
#: Of ``make compare``: fields that are not the default's.
SIZES = sides()
