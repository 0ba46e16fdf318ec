"""The build parameters that every design around the systolic array has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from models.build import check_ranges, need, rtl_parameters

#: field -> (lowest, highest) where a plain range says it all.
_RANGES = {
    "acc_width": (9, 48),
    "act_depth": (1, 1 << 24),
    "wgt_depth": (1, 1 << 24),
    "acc_depth": (1, 1 << 24),
    "bias_depth": (1, 1 << 24),
    "bias_width": (2, 32),
}
_SIZES = (4, 8, 16, 32)


@dataclass(frozen=True)
class ArrayConfig:
    """Parameters of a dense array and its buffers; the fields are those of the RTL in snake_case.

    rows, cols   reduction lanes (input channels) and outputs of the array
    act_depth    words of ``inputs`` activations; bias_depth: words of ``cols`` biases
    wgt_depth    words of the weight buffer; what a word is, the design says
    acc_depth    words of each of the ``cols`` accumulator banks

    Raises ValueError naming the field, the value and what is allowed.
    """

    rows: int = 16
    cols: int = 16
    data_width: int = 64
    act_width: int = 16
    wgt_width: int = 16
    acc_width: int = 48
    act_depth: int = 16384
    wgt_depth: int = 8192
    acc_depth: int = 4096
    bias_depth: int = 64
    bias_width: int = 32

    def __post_init__(self) -> None:
        check_ranges(self, _RANGES)
        need(self, self.rows in _SIZES, "rows", "4, 8, 16 or 32")
        need(self, self.cols in _SIZES, "cols", "4, 8, 16 or 32")
        need(self, self.data_width == 64, "data_width", "64")
        need(self, self.act_width in (8, 16), "act_width", "8 or 16")
        need(self, self.wgt_width in (8, 16), "wgt_width", "8 or 16")
        low = max(self.act_width + 1, self.bias_width)
        need(self, self.acc_width >= low, "acc_width", f"{low}..48 (act_width, bias_width)")

    @property
    def inputs(self) -> int:
        """Input channels of a tile, activations of a buffer word: one for each row."""
        return self.rows

    @property
    def choice(self) -> tuple[int, int]:
        """(N, M): each N rows hold weights that choose among M inputs; (1, 1): no choice."""
        return 1, 1

    @property
    def kept_width(self) -> int:
        """Bits of a weight in the buffer."""
        return self.wgt_width

    @property
    def multipliers(self) -> int:
        """PEs, each with one multiplier."""
        return self.rows * self.cols

    def parameters(self) -> dict[str, int]:
        """RTL parameters by their name in the top module."""
        return rtl_parameters(self)

    def plain(self) -> Self:
        """The same build: there are no options to switch off."""
        return self
