"""The build parameters of ``lac_sparse_on_dense``."""

from __future__ import annotations

from dataclasses import dataclass

from models.array.config import ArrayConfig
from models.build import check_ranges, need
from models.formats.base import Format, Shape, bits
from models.formats.bitmap import Bitmap
from models.formats.csr import Csr
from models.formats.nm import Nm
from models.sparse_on_dense.registers import WgtFormat

__all__ = ["SparseOnDenseConfig", "WgtFormat"]

#: Most units, most columns of an N:M group.
MAX_UNITS = MAX_GROUP = 16


@dataclass(frozen=True)
class SparseOnDenseConfig(ArrayConfig):
    """One build of ``lac_sparse_on_dense``: a dense array, its weights compressed in banks.

    wgt_format        0 CSC, 1 bitmap, 2 N:M (see ``WgtFormat``)
    num_units         decompression units, each with a bank of ``wgt_depth`` 64-bit words
    num_lanes         non-zeros per cycle of a unit
    group_n, group_m  N:M along the outputs, 1..16; not used in other formats

    Raises ValueError naming the field, the value and what is allowed.

    >>> config = SparseOnDenseConfig(rows=8, cols=8, wgt_format=WgtFormat.NM, num_lanes=4)
    >>> config.part, config.format
    ((2, 8), Nm(value_width=16, group_n=2, group_m=4))
    >>> config.parameters()["WgtFormat"]
    2
    """

    wgt_format: int = WgtFormat.CSC
    num_units: int = 4
    num_lanes: int = 1
    group_n: int = 2
    group_m: int = 4

    def __post_init__(self) -> None:
        super().__post_init__()
        check_ranges(self, {"wgt_format": (0, 2)})
        # A plain number, so that what a build is called does not depend on how it was named.
        object.__setattr__(self, "wgt_format", int(self.wgt_format))
        units = [1 << i for i in range(5) if 1 << i <= min(self.rows, MAX_UNITS)]
        allowed = ", ".join(str(number) for number in units)
        need(self, _integer(self.num_units) and self.num_units in units, "num_units", allowed)
        lanes = Csr.lanes if self.wgt_format == WgtFormat.CSC else Nm.lanes
        allowed = ", ".join(str(number) for number in lanes)
        good = _integer(self.num_lanes) and self.num_lanes in lanes
        need(self, good, "num_lanes", f"{allowed} (wgt_format {self.wgt_format})")
        grouped = self.wgt_format == WgtFormat.NM
        check_ranges(self, {"group_m": (1, MAX_GROUP)})
        check_ranges(self, {"group_n": (1, self.group_m if grouped else MAX_GROUP)})
        if grouped:
            need(self, self.cols % self.group_m == 0, "group_m", f"divisors of cols {self.cols}")

    @property
    def part(self) -> Shape:
        """(G, Cols): what a unit decodes of a weight tile."""
        return self.rows // self.num_units, self.cols

    @property
    def weight_group(self) -> tuple[int, int] | None:
        """(N, M) that weights must keep along the outputs, None for formats that take any."""
        return (self.group_n, self.group_m) if self.wgt_format == WgtFormat.NM else None

    @property
    def format(self) -> Format:
        """The format of a part."""
        if self.wgt_format == WgtFormat.CSC:
            rows, cols = self.part
            return Csr(self.wgt_width, bits(rows * cols + 1))
        if self.wgt_format == WgtFormat.BITMAP:
            return Bitmap(self.wgt_width)
        return Nm(self.wgt_width, self.group_n, self.group_m)


def _integer(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
