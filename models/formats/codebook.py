"""Codebook: shared values. A table of values for each region, codes in any other format.

The tile is cut into ``RegionsRow x RegionsCol`` equal regions (local quantization, Cambricon-S;
one region: Deep Compression, EIE). The inner format holds ``CodeWidth``-bit codes; ``count`` and
lanes are its own. The payload::

    +-----------------------------+-----------------------------+-----+----------------------
    | region 0: 2**CodeWidth * V  | region 1: 2**CodeWidth * V  | ... | payload of the inner
    | entry 0 is 0, no other is   |                             |     | format, V = CodeWidth
    +-----------------------------+-----------------------------+-----+----------------------

Codes of a region number its values, rising as raw bits from code 1 on; entries that are not used
repeat the last value (1 where the region is all zero), since only entry 0 may be 0.

>>> from models.formats.bitmap import Bitmap
>>> shared = Codebook(value_width=8, inner=Bitmap(value_width=2), regions_row=2)
>>> encoded = shared.encode([[0, 90], [0, 7], [5, 0], [5, 5]])
>>> encoded["codebooks"].tolist(), encoded["values"].tolist()
([[0, 7, 90, 90], [0, 5, 5, 5]], [2, 1, 1, 1, 1])
>>> shared.size(encoded)
Size(values=10, indices=8, pointers=0, tables=64, padding=0)

Arrays of ``Encoded``: codebooks int64 [regions, 2**CodeWidth] and those of the inner format.

Source: Han et al., "Deep Compression", ICLR 2016, section 3; Zhou et al., "Cambricon-S", MICRO
2018 (regions with code books of their own).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, TypeVar

import numpy as np
from numpy.typing import NDArray

from models.formats.base import (
    MAX_VALUE_WIDTH,
    Encoded,
    Fault,
    Format,
    Pace,
    Shape,
    Sink,
    Size,
    StreamFault,
    check_arrays,
    check_bits,
    fail_at,
    need,
    need_width,
    register,
)
from models.formats.bits import BitReader, Fields, fields, join
from models.formats.dense import Dense

MAX_CODE_WIDTH = 12
MAX_REGIONS = 256
#: A coordinate, or an array of them.
Where = TypeVar("Where", int, NDArray[np.int64])


@dataclass(kw_only=True)
class _LookUp(Sink):
    """Sink of the inner format: every code becomes its value on the way to the outer sink."""

    fmt: Codebook
    shape: Shape
    tables: list[list[int]]
    sink: Sink

    def put(self, row: int, col: int, value: int) -> None:
        """One code of the stream at its place."""
        if value:  # a zero may lie past the tile, where there is no region
            table = self.tables[self.fmt.region(row, col, self.shape)]
            self.sink.put(row, col, table[value])


@register
@dataclass(frozen=True)
class Codebook(Format):
    """Values of ``value_width`` bits shared in regions; ``inner.value_width`` is the code width.

    Regions are cut with edges rounded up where the matrix is not a multiple of them. ``encode``
    raises ValueError where a region holds more different values than codes.
    """

    value_width: int = 16
    inner: Format = Dense(value_width=4)
    regions_row: int = 1
    regions_col: int = 1
    name: ClassVar[str] = "codebook"
    lanes: ClassVar[tuple[int, ...]] = (1, 4, 16)

    def __post_init__(self) -> None:
        need_width("value_width", self.value_width, 1, MAX_VALUE_WIDTH)
        need_width("inner.value_width", self.code_width, 1, MAX_CODE_WIDTH)
        need_width("regions_row", self.regions_row, 1, MAX_REGIONS)
        need_width("regions_col", self.regions_col, 1, MAX_REGIONS)
        object.__setattr__(self, "lanes", self.inner.lanes)

    @property
    def code_width(self) -> int:
        """Bits of a code."""
        return self.inner.value_width

    @property
    def regions(self) -> int:
        """Number of regions."""
        return self.regions_row * self.regions_col

    def region(self, row: Where, col: Where, shape: Shape) -> Where:
        """The region of an element (int or arrays): region-major number."""
        height = max(1, -(-shape[0] // self.regions_row))
        width = max(1, -(-shape[1] // self.regions_col))
        return row // height * self.regions_col + col // width

    def _map(self, shape: Shape) -> NDArray[np.int64]:
        """The region of every element: int64 [rows, cols]."""
        return self.region(np.arange(shape[0])[:, None], np.arange(shape[1]), shape)

    def _encode(self, raw: NDArray[np.int64]) -> Encoded:
        books = np.zeros((self.regions, 1 << self.code_width), dtype=np.int64)
        codes = np.zeros_like(raw)
        height = max(1, -(-raw.shape[0] // self.regions_row))
        width = max(1, -(-raw.shape[1] // self.regions_col))
        for region, book in enumerate(books):
            top, left = region // self.regions_col * height, region % self.regions_col * width
            area = np.s_[top : top + height, left : left + width]
            found = np.unique(raw[area])
            found = found[found != 0]
            if found.size >= book.size:
                raise ValueError(
                    f"matrix: region {region} holds {found.size} different non-zeros, "
                    f"{self.code_width} bits name {book.size - 1}"
                )
            book[1:] = found[-1] if found.size else 1
            book[1 : 1 + found.size] = found
            codes[area] = np.where(raw[area] == 0, 0, np.searchsorted(found, raw[area]) + 1)
        inner = self.inner.encode(codes)
        arrays = {"codebooks": books, **inner.arrays}
        return Encoded(self, raw.shape, inner.count, arrays)

    def codes(self, encoded: Encoded) -> Encoded:
        """The codes alone, as the inner format encoded them."""
        arrays = {name: part for name, part in encoded.arrays.items() if name != "codebooks"}
        return Encoded(self.inner, encoded.shape, encoded.count, arrays)

    def _decode(self, encoded: Encoded) -> NDArray[np.int64]:
        codes = self.inner.decode(self.codes(encoded))
        return encoded["codebooks"][self._map(encoded.shape), codes]

    def check(self, encoded: Encoded, full: bool = False) -> None:
        check_arrays(encoded, {"codebooks": (self.regions, 1 << self.code_width)})
        self.inner.check(self.codes(encoded), full)
        books = encoded["codebooks"]
        fail_at("codebooks", books[:, 0] != 0, "entry 0 is not 0")
        fail_at("codebooks", (books[:, 1:] == 0).any(axis=1), "an entry but the first is 0")
        if full:
            check_bits(encoded, "codebooks", self.value_width)
            again = self._encode(self._decode(encoded))
            other = (again["codebooks"] != books).any(axis=1)
            fail_at("codebooks", other, "not the values of its region, rising")

    def size(self, encoded: Encoded) -> Size:
        inner = self.inner.size(self.codes(encoded))
        tables = inner.tables + encoded["codebooks"].size * self.value_width
        return Size(inner.values, inner.indices, inner.pointers, tables, inner.padding)

    def _payload(self, encoded: Encoded, word_width: int) -> Fields:
        return join(
            fields(encoded["codebooks"], self.value_width),
            self.inner._payload(self.codes(encoded), word_width),
        )

    def _count_fits(self, count: int, shape: Shape) -> bool:
        return self.inner._count_fits(count, shape)

    def _scan(self, reader: BitReader, count: int, shape: Shape, sink: Sink) -> None:
        tables: list[list[int]] = []
        for region in range(self.regions):
            tables.append([])
            for entry in range(1 << self.code_width):
                value = need(reader, self.value_width, 0)
                if (value == 0) != (entry == 0):
                    raise StreamFault(Fault.CODE, region)
                tables[region].append(value)
        self.inner._scan(
            reader, count, shape, _LookUp(fmt=self, shape=shape, tables=tables, sink=sink)
        )

    def _pace(self, pace: Pace, count: int, shape: Shape, lanes: int) -> None:
        for _ in range(self.regions << self.code_width):
            pace.take(self.value_width)
            pace.step()
        self.inner._pace(pace, count, shape, lanes)

    def _line(self, rows: NDArray[np.int64], cols: NDArray[np.int64]) -> NDArray[np.int64]:
        return self.inner._line(rows, cols)
