"""Named builds of Sparse-on-Dense at full size: memories as by default, parameters as in the RTL.

Small builds, whose memories make ordinary layers be cut, are those of its bench
(``tb/sparse_on_dense/top/benches.py``). ``CONFIG=`` takes both wherever it is taken.
"""

from __future__ import annotations

from models.array.builds import ARRAYS, array
from models.sparse_on_dense.config import WgtFormat

BUILDS: dict[str, dict[str, int]] = {
    "default": {},
    **{
        f"{kind.name.lower()}_{name}": array(size, bits) | {"WgtFormat": int(kind)}
        for kind in WgtFormat
        for name, (size, bits) in ARRAYS.items()
    },
}
