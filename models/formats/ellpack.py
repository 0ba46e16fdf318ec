"""ELLPACK: every row the same number of slots, as many as its fullest row has non-zeros.

``count`` = slots per row, K. The payload is ``R * K`` slots of ``V + bits(C)`` bits, row by row::

     row 0                                  row 1
    +--------+--------+-----+--------------+--------+-----      slot:  msb          lsb
    | slot 0 | slot 1 | ... | slot K-1     | slot K | ...             +---------+---------+
    +--------+--------+-----+--------------+--------+-----            | col     | value   |
                                                                      | bits(C) |   V     |
                                                                      +---------+---------+

Columns rise within a row; a row ends at its first slot with value 0, and all slots from there on
are all zero (filler). Constant trip count for lock-step hardware, paid for with padding that grows
with the ratio of the fullest row to the mean.

>>> ell = Ell(value_width=4)
>>> encoded = ell.encode([[0, 5, 0, 6], [0, 0, 7, 0]])
>>> encoded.count, encoded["values"].tolist(), encoded["cols"].tolist()
(2, [[5, 6], [7, 0]], [[1, 3], [2, 0]])
>>> ell.size(encoded)
Size(values=12, indices=6, pointers=0, tables=0, padding=6)

Arrays of ``Encoded``: values, cols, int64 [rows, K].
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
    FormatError,
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
class Ell(Format):
    """ELLPACK with values of ``value_width`` bits (1..32)."""

    value_width: int = 8
    name: ClassVar[str] = "ell"

    def __post_init__(self) -> None:
        need_width("value_width", self.value_width, 1, MAX_VALUE_WIDTH)

    def _encode(self, raw: NDArray[np.int64]) -> Encoded:
        rows, cols = np.nonzero(raw)
        loads = np.bincount(rows, minlength=raw.shape[0])
        slots = int(loads.max(initial=0))
        slot = np.arange(rows.size) - np.repeat(np.cumsum(loads) - loads, loads)
        arrays = {name: np.zeros((raw.shape[0], slots), np.int64) for name in ("values", "cols")}
        arrays["values"][rows, slot] = raw[rows, cols]
        arrays["cols"][rows, slot] = cols
        return Encoded(self, raw.shape, slots, arrays)

    def _decode(self, encoded: Encoded) -> NDArray[np.int64]:
        self._check_places(encoded)
        dense = np.zeros(encoded.shape, dtype=np.int64)
        row, slot = np.nonzero(encoded["values"])
        dense[row, encoded["cols"][row, slot]] = encoded["values"][row, slot]
        return dense

    def _check_places(self, encoded: Encoded) -> None:
        """FormatError where a slot in use is past the row or behind the end of its row."""
        live, cols = encoded["values"] != 0, encoded["cols"]
        past = live & ((cols < 0) | (cols >= encoded.shape[1]))
        fail_at("cols", past.ravel(), f"outside 0..{encoded.shape[1] - 1}")
        behind = ~np.logical_and.accumulate(live, axis=1)
        fail_at("values", (behind & live).ravel(), "a value behind the end of its row")
        fail_at("cols", (behind & (cols != 0)).ravel(), "a column in a slot without a value")

    def check(self, encoded: Encoded, full: bool = False) -> None:
        rows, cols = encoded.shape
        if not 0 <= encoded.count <= cols:
            raise FormatError(f"count: found {encoded.count} slots a row, allowed 0..{cols}")
        check_arrays(encoded, dict.fromkeys(("values", "cols"), (rows, encoded.count)))
        if full:
            check_bits(encoded, "values", self.value_width)
            self._check_places(encoded)
            live = encoded["values"] != 0
            rising = np.diff(encoded["cols"], axis=1, prepend=-1) > 0
            fail_at("cols", (live & ~rising).ravel(), "not behind the slot before")
            if encoded.count and not live[:, -1].any():
                raise FormatError(f"count: no row fills its {encoded.count} slots")

    def size(self, encoded: Encoded) -> Size:
        live = int(np.count_nonzero(encoded["values"]))
        index = bits(encoded.shape[1])
        return Size(
            values=live * self.value_width,
            indices=live * index,
            padding=(encoded["values"].size - live) * (self.value_width + index),
        )

    def _payload(self, encoded: Encoded, word_width: int) -> Fields:
        return entries(
            (encoded["values"].ravel(), self.value_width),
            (encoded["cols"].ravel(), bits(encoded.shape[1])),
        )

    def _count_fits(self, count: int, shape: Shape) -> bool:
        return count <= shape[1]

    def _scan(self, reader: BitReader, count: int, shape: Shape, sink: Sink) -> None:
        rows, cols = shape
        for row in range(rows):
            before, ended = -1, False
            for entry in range(row * count, (row + 1) * count):
                both = need(reader, self.value_width + bits(cols), entry)
                value, col = both & ((1 << self.value_width) - 1), both >> self.value_width
                ended = ended or value == 0
                if col >= cols:
                    raise StreamFault(Fault.INDEX, entry)
                if ended and both:
                    raise StreamFault(Fault.PLACEHOLDER, entry)
                if not ended and col <= before:
                    raise StreamFault(Fault.ORDER, entry)
                before = col
                sink.put(row, col, value)

    def _pace(self, pace: Pace, count: int, shape: Shape, lanes: int) -> None:
        slot_width = self.value_width + bits(shape[1])
        pace.scan(shape[0] * count, slot_width, self.value_width, lanes)
