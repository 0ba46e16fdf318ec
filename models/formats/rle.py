"""Run length: the zeros in front of every value, with placeholders; SCNN's layout.

The header word's ``count`` is SCNN's leading count of entries. Entry ``e`` of the payload,
``w = V + RunWidth`` bits at bit ``e*w``; the run goes over the whole tile in flat order::

     msb                 lsb
    +-----------+-----------+       run zeros, then the value.
    | run       | value     |       (0, 2**RunWidth - 1) is a placeholder: 2**RunWidth zeros,
    | RunWidth  |     V     |       only in front of a later entry.
    +-----------+-----------+

>>> rle = Rle(value_width=8, run_width=2)
>>> encoded = rle.encode([[0, 0, 1, 2, 0, 0], [0, 0, 0, 3, 0, 0]])
>>> encoded["values"].tolist(), encoded["runs"].tolist(), rle.size(encoded).padding
([1, 2, 0, 3], [2, 0, 3, 1], 10)

Arrays of ``Encoded``: values, runs int64 [entries], placeholders among them.

Source: Parashar et al., "SCNN", ISCA 2017, section III (data vector, index vector, leading count).
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
    check_arrays,
    need,
    need_width,
    register,
)
from models.formats.bits import BitReader, Fields, entries
from models.formats.runs import check_places, check_runs, places, run_size, to_runs


@register
@dataclass(frozen=True)
class Rle(Format):
    """Run length: values of ``value_width`` bits (1..32), runs of ``run_width`` (1..16)."""

    value_width: int = 8
    run_width: int = 4
    name: ClassVar[str] = "rle"

    def __post_init__(self) -> None:
        need_width("value_width", self.value_width, 1, MAX_VALUE_WIDTH)
        need_width("run_width", self.run_width, 1, 16)

    def _encode(self, raw: NDArray[np.int64]) -> Encoded:
        flat = np.flatnonzero(raw)
        values, runs, _ = to_runs(flat, raw.ravel()[flat], 1, raw.size, self.run_width)
        return Encoded(self, raw.shape, values.size, {"values": values, "runs": runs})

    def _decode(self, encoded: Encoded) -> NDArray[np.int64]:
        pointers = self._pointers(encoded)
        check_places(encoded, pointers, encoded.shape[0] * encoded.shape[1])
        return self.place(encoded.shape, places(encoded["runs"], pointers), encoded["values"])

    @staticmethod
    def _pointers(encoded: Encoded) -> NDArray[np.int64]:
        """The whole tile as one line of entries."""
        return np.array([0, encoded.count], dtype=np.int64)

    def check(self, encoded: Encoded, full: bool = False) -> None:
        check_arrays(encoded, {"values": encoded.count, "runs": encoded.count})
        if full:
            elements = encoded.shape[0] * encoded.shape[1]
            widths = self.value_width, self.run_width
            check_runs(encoded, self._pointers(encoded), elements, *widths)

    def size(self, encoded: Encoded) -> Size:
        return run_size(encoded, self.value_width, self.run_width)

    def _payload(self, encoded: Encoded, word_width: int) -> Fields:
        values, runs = encoded["values"], encoded["runs"]
        return entries((values, self.value_width), (runs, self.run_width))

    def _count_fits(self, count: int, shape: Shape) -> bool:
        return count <= shape[0] * shape[1]

    def _scan(self, reader: BitReader, count: int, shape: Shape, sink: Sink) -> None:
        at = -1
        for entry in range(count):
            both = need(reader, self.value_width + self.run_width, entry)
            value, run = both & ((1 << self.value_width) - 1), both >> self.value_width
            at += run + 1
            if at >= shape[0] * shape[1]:
                raise StreamFault(Fault.INDEX, entry)
            if value == 0 and (run != (1 << self.run_width) - 1 or entry + 1 == count):
                raise StreamFault(Fault.PLACEHOLDER, entry)
            sink.put(*divmod(at, shape[1]), value)

    def _pace(self, pace: Pace, count: int, shape: Shape, lanes: int) -> None:
        for _ in range(count):
            pace.take(self.value_width + self.run_width)
            pace.step()
