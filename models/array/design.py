"""What the designs around the systolic array say of themselves in the same words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from models.design import ACCOUNTS, Account
from models.socket import ErrorCode

ERRORS = (
    ErrorCode.GEOMETRY,
    ErrorCode.WGT_HEADER,
    ErrorCode.WGT_SHORT,
    ErrorCode.WGT_LONG,
    ErrorCode.WGT_ORDER,
    ErrorCode.WGT_VALUE,
    ErrorCode.ACT_HEADER,
    ErrorCode.ACT_SHORT,
    ErrorCode.ACT_LONG,
    ErrorCode.ACC_OVERFLOW,
    ErrorCode.TIMEOUT,
)
COUNTERS = ("stall_sync",)
#: Padding is told apart by ``slots.zero_operands``.
SLOTS = (
    ACCOUNTS["useful"],
    Account("padding_geometry", "no channel or output", "#d8b98a"),
    Account("padding_weight", "weight is zero", "#e0a030"),
    Account("padding_activation", "activation is zero", "#c9722b"),
    ACCOUNTS["input"],
    ACCOUNTS["sync"],
    ACCOUNTS["idle"],
)
SLOTS_TEXT = (
    "Every compute cycle gives each PE one multiplier slot. Useful: both operands not zero. An "
    "array also multiplies by zero: where the layer has no channel for a row or no output for a "
    "column, where the weight is zero, and where the weight is not but the activation is (the "
    "border of the image too). No operand: the array fills and drains. Synchronisation: it waits "
    "for the weights of the next tile."
)
ACCOUNTING = ("lac_array_slots",)


def words(config: Mapping[str, Any]) -> list[str]:
    """A build in a few words; what of its fields is missing is left out.

    >>> words({"rows": 8, "cols": 16})
    ['8 x 16 PEs']
    """
    return [f"{config['rows']} x {config['cols']} PEs"] if "rows" in config else []
