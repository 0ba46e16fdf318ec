"""Fields of the CFG and CAP registers of ``rtl/dense``.

Made by ``python -m scripts.registers`` from ``rtl/dense/registers.toml``: do not edit.
"""

from __future__ import annotations

from models.array.registers import REGISTERS as ARRAY
from models.registers import Field

REGISTERS = ARRAY.over(
    "lac_dense",
    cap=(
        Field(
            "GROUP_N",
            word=6,
            low=24,
            width=4,
            meaning="rows that hold weights of a group of inputs, less one",
            value="GroupN - 1",
        ),
        Field(
            "GROUP_M",
            word=6,
            low=28,
            width=4,
            meaning="inputs of a group, less one",
            value="GroupM - 1",
        ),
    ),
)
