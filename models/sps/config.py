"""The build parameters of ``lac_sps``."""

from __future__ import annotations

from dataclasses import dataclass

from models.array.config import ArrayConfig
from models.build import check_ranges

_RANGES = {
    "row_offsets": (0, 1),
    "max_period": (1, 16),
    "kernel_size": (1, 15),
    "table_depth": (1, 256),
    "max_kt": (1, 1024),
    "max_ct": (1, 1024),
}


@dataclass(frozen=True)
class SpsConfig(ArrayConfig):
    """One build of ``lac_sps``: a dense array whose rows have an address each.

    row_offsets    1: every row has an offset of its own, 0: all rows of a tile share one
    max_period     patterns of a layer; table_depth: positions of all of them
    kernel_size    largest window, both ways
    max_kt, max_ct   output tiles and channel tiles whose residues can be held

    Raises ValueError naming the field, the value and what is allowed.

    >>> SpsConfig(rows=8, max_period=4).parameters()["MaxPeriod"]
    4
    """

    row_offsets: int = 1
    max_period: int = 16
    kernel_size: int = 7
    table_depth: int = 144
    max_kt: int = 64
    max_ct: int = 128

    def __post_init__(self) -> None:
        super().__post_init__()
        check_ranges(self, _RANGES)
