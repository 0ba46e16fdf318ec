"""Fields of the CFG and CAP registers of ``rtl/dense``.

Made by ``python -m scripts.registers`` from ``rtl/dense/registers.toml``: do not edit.
"""

from __future__ import annotations

from models.array.registers import REGISTERS as ARRAY

REGISTERS = ARRAY.over("lac_dense")
