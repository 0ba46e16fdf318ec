"""The build parameters of ``lac_dense``."""

from __future__ import annotations

from dataclasses import dataclass

from models.array.config import ArrayConfig
from models.build import need

#: (N, M) of N:M along the inputs; 1:1 is the plain array.
GROUPS = ((1, 1), (1, 2), (1, 4), (2, 4))


@dataclass(frozen=True)
class DenseConfig(ArrayConfig):
    """One build of ``lac_dense``; a word of the weight buffer is ``cols`` weights.

    group_n, group_m   each ``group_n`` rows hold weights that choose among ``group_m`` inputs

    >>> DenseConfig(rows=8).parameters()["Rows"], DenseConfig().multipliers
    (8, 256)
    >>> DenseConfig(group_n=2, group_m=4).inputs, DenseConfig(group_n=2, group_m=4).kept_width
    (32, 18)
    """

    group_n: int = 1
    group_m: int = 1

    def __post_init__(self) -> None:
        super().__post_init__()
        need(self, self.group_m in (1, 2, 4), "group_m", "1, 2 or 4")
        good = (self.group_n, self.group_m) in GROUPS
        need(self, good, "group_n", "1, or 2 beside a group_m of 4")

    @property
    def choice(self) -> tuple[int, int]:
        return self.group_n, self.group_m

    @property
    def inputs(self) -> int:
        return self.rows // self.group_n * self.group_m

    @property
    def kept_width(self) -> int:
        return self.wgt_width + (self.group_m - 1).bit_length()
