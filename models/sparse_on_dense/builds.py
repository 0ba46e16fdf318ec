"""Named builds of Sparse-on-Dense at full size: memories as by default, parameters as in the RTL.

Small builds, whose memories make ordinary layers be cut, are those of its bench
(``tb/sparse_on_dense/top/benches.py``). ``CONFIG=`` takes both wherever it is taken.
"""

from __future__ import annotations

from models.array.builds import ARRAYS, array, sides
from models.sparse_on_dense.config import WgtFormat

BUILDS: dict[str, dict[str, int]] = {
    "default": {},
    **{
        f"{kind.name.lower()}_{name}": array(size, bits) | {"WgtFormat": int(kind)}
        for kind in WgtFormat
        for name, (size, bits) in ARRAYS.items()
    },
}
#: Of ``make compare``: fields that are not the default's. A bitmap unit has as many lanes as in the
#: build whose gates are recorded.
_UNITS = {WgtFormat.CSC: {8: 1, 16: 1, 32: 1}, WgtFormat.BITMAP: {8: 1, 16: 4, 32: 1},
          WgtFormat.NM: {8: 1, 16: 1, 32: 1}}  # fmt: skip
_TITLES = {WgtFormat.CSC: "CSC", WgtFormat.BITMAP: "bitmap", WgtFormat.NM: "2:4"}
SIZES: dict[str, dict[str, int | str]] = {
    f"{title} {name}": size
    | {"wgt_format": int(kind), "num_lanes": _UNITS[kind][int(size["rows"])]}
    for kind, title in _TITLES.items()
    for name, size in sides().items()
}
