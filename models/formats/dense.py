"""Dense: every element, zeros too, row-major. The yardstick of all others, and a way around them.

Slot ``s`` of the payload is element ``row*C + col == s``::

    bit 0         V          2V
    +-------------+-----------+--------
    | value[0]    | value[1]  | ...
    +-------------+-----------+--------

>>> dense = Dense(value_width=4)
>>> dense.words(dense.encode([[1, 0], [-1, 2]]), word_width=32).tolist()
[[4, 0, 0, 0], [1, 47, 0, 0]]

Arrays of ``Encoded``: values int64 [rows * columns].
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from models.formats.base import (
    MAX_VALUE_WIDTH,
    Encoded,
    Format,
    Pace,
    Shape,
    Sink,
    Size,
    check_arrays,
    check_bits,
    need,
    need_width,
    register,
)
from models.formats.bits import BitReader, Fields, fields


@register
@dataclass(frozen=True)
class Dense(Format):
    """Dense with values of ``value_width`` bits (1..32)."""

    value_width: int = 8
    name: ClassVar[str] = "dense"
    lanes: ClassVar[tuple[int, ...]] = (1, 4, 16)

    def __post_init__(self) -> None:
        need_width("value_width", self.value_width, 1, MAX_VALUE_WIDTH)

    def _encode(self, raw: NDArray[np.int64]) -> Encoded:
        return Encoded(self, raw.shape, raw.size, {"values": raw.ravel()})

    def _decode(self, encoded: Encoded) -> NDArray[np.int64]:
        return encoded["values"].reshape(encoded.shape).copy()

    def check(self, encoded: Encoded, full: bool = False) -> None:
        check_arrays(encoded, {"values": encoded.shape[0] * encoded.shape[1]})
        if full:
            check_bits(encoded, "values", self.value_width)

    def size(self, encoded: Encoded) -> Size:
        return Size(values=encoded["values"].size * self.value_width)

    def _payload(self, encoded: Encoded, word_width: int) -> Fields:
        return fields(encoded["values"], self.value_width)

    def _count_fits(self, count: int, shape: Shape) -> bool:
        return count == shape[0] * shape[1]

    def _scan(self, reader: BitReader, count: int, shape: Shape, sink: Sink) -> None:
        for slot in range(count):
            sink.put(*divmod(slot, shape[1]), need(reader, self.value_width, slot))

    def _pace(self, pace: Pace, count: int, shape: Shape, lanes: int) -> None:
        pace.scan(count, self.value_width, self.value_width, lanes)
