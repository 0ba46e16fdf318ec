"""Fields of the CFG and CAP registers of ``rtl/sps``.

Made by ``python -m scripts.registers`` from ``rtl/sps/registers.toml``: do not edit.
"""

from __future__ import annotations

from enum import IntEnum

from models.array.registers import REGISTERS as ARRAY
from models.registers import Field, Limit


class Kind(IntEnum):
    """Section kinds, in the order they must come."""

    WEIGHT = 1
    BIAS = 2
    DIR = 3
    POS = 4
    KRES = 5
    RRES = 6


KERNEL_R = Field(
    "R",
    word=3,
    low=0,
    width=8,
    unit="pixels",
    meaning="height",
    limits=(Limit(when="COMPUTE", low="1", high="KernelSize"),),
)
KERNEL_S = Field(
    "S",
    word=3,
    low=8,
    width=8,
    unit="pixels",
    meaning="width",
    limits=(Limit(when="COMPUTE", low="1", high="KernelSize"),),
)
WGT_BASE = Field(
    "WGT_BASE",
    word=5,
    unit="words",
    meaning="first word of the weight buffer",
    limits=(Limit(when="COMPUTE", high="WgtDepth - 1"),),
)
PERIOD = Field(
    "PERIOD",
    word=9,
    low=0,
    width=5,
    unit="patterns",
    meaning="period",
    limits=(Limit(when="COMPUTE", low="1", high="MaxPeriod"),),
)
TABLES_KRES_BASE = Field(
    "KRES_BASE",
    word=10,
    low=0,
    width=16,
    unit="words",
    meaning="residues of outputs, one for each output tile",
    limits=(Limit(when="COMPUTE", high="MaxKt - KT"),),
)
TABLES_RRES_BASE = Field(
    "RRES_BASE",
    word=10,
    low=16,
    width=16,
    unit="words",
    meaning="residues of rows, a word for each channel tile",
    limits=(Limit(when="COMPUTE", high="MaxCt - CT"),),
)
REGISTERS = ARRAY.over(
    "lac_sps",
    cfg=(
        KERNEL_R,
        KERNEL_S,
        WGT_BASE,
        PERIOD,
        TABLES_KRES_BASE,
        TABLES_RRES_BASE,
    ),
    cap=(
        Field(
            "ROW_OFFSETS",
            word=6,
            low=0,
            width=1,
            meaning="every row has an offset of its own",
            value="RowOffsets",
        ),
        Field(
            "MAX_PERIOD",
            word=6,
            low=8,
            width=5,
            meaning="most patterns",
            value="MaxPeriod",
        ),
        Field(
            "KERNEL_SIZE",
            word=6,
            low=16,
            width=4,
            meaning="largest window, both ways",
            value="KernelSize",
        ),
        Field(
            "TABLE_DEPTH",
            word=6,
            low=24,
            width=8,
            meaning="positions of all patterns, less one",
            value="TableDepth - 1",
        ),
        Field(
            "MAX_KT",
            word=7,
            low=0,
            width=16,
            meaning="residues of outputs",
            value="MaxKt",
        ),
        Field(
            "MAX_CT",
            word=7,
            low=16,
            width=16,
            meaning="words of residues of rows",
            value="MaxCt",
        ),
    ),
)
