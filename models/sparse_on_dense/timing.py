"""Constants of the build: "Cycles" in ``rtl/sparse_on_dense/README.md``, taken over from there."""

from __future__ import annotations

from models.sparse_on_dense.config import WgtFormat

#: Cycle of the compute phase in which the rows of the first tile are cleared.
CLEAR_0 = 2
#: From the last write of a tile's weights to its pixel 0 in lane 0.
START = 3
#: From the last step of a part's decoder to the last write of its rows.
DECODE = {WgtFormat.CSC: 3, WgtFormat.BITMAP: 4, WgtFormat.NM: 4}
