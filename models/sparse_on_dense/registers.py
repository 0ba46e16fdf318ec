"""Fields of the CFG and CAP registers of ``rtl/sparse_on_dense``.

Made by ``python -m scripts.registers`` from ``rtl/sparse_on_dense/registers.toml``: do not edit.
"""

from __future__ import annotations

from enum import IntEnum

from models.array.registers import REGISTERS as ARRAY
from models.registers import Field, Limit


class WgtFormat(IntEnum):
    """Format of the weights."""

    CSC = 0
    BITMAP = 1
    NM = 2


WGT_BASE = Field(
    "WGT_BASE",
    word=5,
    unit="words",
    meaning="first word of the weight bank of every unit",
    limits=(Limit(when="COMPUTE", high="WgtDepth - 1"),),
)
REGISTERS = ARRAY.over(
    "lac_sparse_on_dense",
    cfg=(WGT_BASE,),
    cap=(
        Field(
            "WGT_DEPTH",
            word=2,
            meaning="words of the weight bank of a unit",
            value="WgtDepth",
        ),
        Field(
            "NUM_UNITS",
            word=6,
            low=0,
            width=8,
            meaning="decompression units",
            value="NumUnits",
        ),
        Field(
            "WGT_FORMAT",
            word=6,
            low=8,
            width=8,
            meaning="format of the weights",
            value="WgtFormat",
            values=(
                ("CSC", 0),
                ("BITMAP", 1),
                ("NM", 2),
            ),
        ),
        Field(
            "NUM_LANES",
            word=6,
            low=16,
            width=8,
            meaning="non-zeros per cycle of a unit",
            value="NumLanes",
        ),
        Field(
            "GROUP_N",
            word=6,
            low=24,
            width=4,
            meaning="N of N:M, less one (0 in other formats)",
            value="GroupN - 1 if WgtFormat == 2 else 0",
        ),
        Field(
            "GROUP_M",
            word=6,
            low=28,
            width=4,
            meaning="M of N:M, less one (0 in other formats)",
            value="GroupM - 1 if WgtFormat == 2 else 0",
        ),
    ),
)
