"""Compressed sparse row (CSR): row pointers, then every non-zero with its column.

Payload::

    +----------+-----+----------+-------------+-----------------+-------------+-----
    | p[0]     | ... | p[R]     | value[0], V | col[0], bits(C) | value[1], V | ...
    | PtrWidth |     | PtrWidth |             |                 |             |
    +----------+-----+----------+-------------+-----------------+-------------+-----

Row ``r`` is entries ``p[r] .. p[r+1]-1``, columns rising; ``p[0] = 0``, ``p[R] = count``.

>>> csr = Csr(value_width=8)
>>> encoded = csr.encode([[0, 7], [0, 0], [5, -1]])
>>> [encoded[name].tolist() for name in ("values", "cols", "pointers")]
[[7, 5, 255], [1, 0, 1], [0, 1, 1, 3]]

Arrays of ``Encoded``: values, cols int64 [entries], pointers int64 [rows + 1].
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
    check_pointers,
    fail_at,
    need,
    need_pointers,
    need_width,
    pace_lines,
    pace_pointers,
    read_pointers,
    register,
)
from models.formats.bits import BitReader, Fields, entries, fields, join


@register
@dataclass(frozen=True)
class Csr(Format):
    """CSR with values of ``value_width`` and pointers of ``ptr_width`` bits (both 1..32)."""

    value_width: int = 8
    ptr_width: int = 16
    name: ClassVar[str] = "csr"

    def __post_init__(self) -> None:
        need_width("value_width", self.value_width, 1, MAX_VALUE_WIDTH)
        need_width("ptr_width", self.ptr_width, 1, 32)

    def _encode(self, raw: NDArray[np.int64]) -> Encoded:
        rows, cols = (part.astype(np.int64) for part in np.nonzero(raw))
        need_pointers(self.ptr_width, rows.size)
        per_row = np.bincount(rows, minlength=raw.shape[0])
        pointers = np.concatenate(([0], np.cumsum(per_row))).astype(np.int64)
        arrays = {"values": raw[rows, cols], "cols": cols, "pointers": pointers}
        return Encoded(self, raw.shape, rows.size, arrays)

    def _decode(self, encoded: Encoded) -> NDArray[np.int64]:
        self._check_cols(encoded)
        flat = self._rows(encoded) * encoded.shape[1] + encoded["cols"]
        return self.place(encoded.shape, flat, encoded["values"])

    @staticmethod
    def _rows(encoded: Encoded) -> NDArray[np.int64]:
        """Row of every entry."""
        return np.repeat(np.arange(encoded.shape[0]), np.diff(encoded["pointers"]))

    @staticmethod
    def _check_cols(encoded: Encoded) -> None:
        """FormatError where a column is past the matrix."""
        cols, limit = encoded["cols"], encoded.shape[1]
        fail_at("cols", (cols < 0) | (cols >= limit), f"outside 0..{limit - 1}")

    def check(self, encoded: Encoded, full: bool = False) -> None:
        check_arrays(encoded, {"values": encoded.count, "cols": encoded.count})
        pointers = encoded.arrays.get("pointers", np.zeros(0, dtype=np.int64))
        check_pointers(pointers, encoded.shape[0], encoded.count)
        if full:
            check_bits(encoded, "values", self.value_width)
            self._check_cols(encoded)
            fail_at("values", encoded["values"] == 0, "a stored zero")
            flat = self._rows(encoded) * encoded.shape[1] + encoded["cols"]
            fail_at("cols", np.diff(flat, prepend=-1) <= 0, "not behind the entry before")

    def size(self, encoded: Encoded) -> Size:
        return Size(
            values=encoded.count * self.value_width,
            indices=encoded.count * bits(encoded.shape[1]),
            pointers=encoded["pointers"].size * self.ptr_width,
        )

    def _payload(self, encoded: Encoded, word_width: int) -> Fields:
        index = bits(encoded.shape[1])
        return join(
            fields(encoded["pointers"], self.ptr_width),
            entries((encoded["values"], self.value_width), (encoded["cols"], index)),
        )

    def _count_fits(self, count: int, shape: Shape) -> bool:
        return count <= shape[0] * shape[1]

    def _scan(self, reader: BitReader, count: int, shape: Shape, sink: Sink) -> None:
        pointers = read_pointers(reader, shape[0], self.ptr_width, count)
        for row in range(shape[0]):
            before = -1
            for entry in range(pointers[row], pointers[row + 1]):
                both = need(reader, self.value_width + bits(shape[1]), entry)
                value, col = both & ((1 << self.value_width) - 1), both >> self.value_width
                if col >= shape[1]:
                    raise StreamFault(Fault.INDEX, entry)
                if col <= before:
                    raise StreamFault(Fault.ORDER, entry)
                if value == 0:
                    raise StreamFault(Fault.PLACEHOLDER, entry)
                before = col
                sink.put(row, col, value)

    def _pace(self, pace: Pace, count: int, shape: Shape, lanes: int) -> None:
        def entry() -> None:
            pace.take(self.value_width + bits(shape[1]))
            pace.step()

        pace_lines(pace, pace_pointers(pace, shape[0], self.ptr_width), entry)
