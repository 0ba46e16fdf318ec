"""Coordinates (COO): every non-zero with its column and row, row-major.

Entry ``e`` of the payload, ``w = V + bits(C) + bits(R)`` bits at bit ``e*w``::

     msb                       lsb
    +-----------+-----------+-------+
    | row       | col       | value |
    | bits(R)   | bits(C)   |   V   |
    +-----------+-----------+-------+

>>> coo = Coo(value_width=8)
>>> encoded = coo.encode([[0, 7], [0, -1]])
>>> [encoded[name].tolist() for name in ("values", "cols", "rows")], coo.size(encoded).total
([[7, 255], [1, 1], [0, 1]], 20)

Arrays of ``Encoded``: values, cols, rows, int64 [entries].
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

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
    bits,
    check_arrays,
    check_bits,
    fail_at,
    need,
    need_width,
    register,
)
from models.formats.bits import BitReader, Fields, entries


@register
@dataclass(frozen=True)
class Coo(Format):
    """COO with values of ``value_width`` bits (1..32)."""

    value_width: int = 8
    name: ClassVar[str] = "coo"

    def __post_init__(self) -> None:
        need_width("value_width", self.value_width, 1, MAX_VALUE_WIDTH)

    def _encode(self, raw: NDArray[np.int64]) -> Encoded:
        rows, cols = (part.astype(np.int64) for part in np.nonzero(raw))
        arrays = {"values": raw[rows, cols], "cols": cols, "rows": rows}
        return Encoded(self, raw.shape, rows.size, arrays)

    def _decode(self, encoded: Encoded) -> NDArray[np.int64]:
        self._check_places(encoded)
        flat = encoded["rows"] * encoded.shape[1] + encoded["cols"]
        return self.place(encoded.shape, flat, encoded["values"])

    def check(self, encoded: Encoded, full: bool = False) -> None:
        check_arrays(encoded, dict.fromkeys(("values", "cols", "rows"), encoded.count))
        if full:
            check_bits(encoded, "values", self.value_width)
            self._check_places(encoded)
            fail_at("values", encoded["values"] == 0, "a stored zero")
            flat = encoded["rows"] * encoded.shape[1] + encoded["cols"]
            fail_at("cols", np.diff(flat, prepend=-1) <= 0, "not behind the entry before")

    def _check_places(self, encoded: Encoded) -> None:
        """FormatError where a coordinate is past the matrix."""
        for name, limit in (("rows", encoded.shape[0]), ("cols", encoded.shape[1])):
            place = encoded[name]
            fail_at(name, (place < 0) | (place >= limit), f"outside 0..{limit - 1}")

    def size(self, encoded: Encoded) -> Size:
        index = bits(encoded.shape[0]) + bits(encoded.shape[1])
        return Size(values=encoded.count * self.value_width, indices=encoded.count * index)

    def _payload(self, encoded: Encoded, word_width: int) -> Fields:
        rows, cols = encoded.shape
        return entries(
            (encoded["values"], self.value_width),
            (encoded["cols"], bits(cols)),
            (encoded["rows"], bits(rows)),
        )

    def _count_fits(self, count: int, shape: Shape) -> bool:
        return count <= shape[0] * shape[1]

    def _scan(self, reader: BitReader, count: int, shape: Shape, sink: Sink) -> None:
        rows, cols = shape
        before = -1
        for entry in range(count):
            # All bits of the entry must be there before any of it is judged.
            both = need(reader, self.value_width + bits(cols) + bits(rows), entry)
            value = both & ((1 << self.value_width) - 1)
            row, col = divmod(both >> self.value_width, 1 << bits(cols))
            if row >= rows or col >= cols:
                raise StreamFault(Fault.INDEX, entry)
            if row * cols + col <= before:
                raise StreamFault(Fault.ORDER, entry)
            if value == 0:
                raise StreamFault(Fault.PLACEHOLDER, entry)
            before = row * cols + col
            sink.put(row, col, value)

    def _pace(self, pace: Pace, count: int, shape: Shape, lanes: int) -> None:
        for _ in range(count):
            pace.take(self.value_width + bits(shape[0]) + bits(shape[1]))
            pace.step()
