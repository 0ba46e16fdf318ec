"""Bitmap: one bit per element says whether its value is stored; the mask comes chunk by chunk.

The payload, for each chunk of ``WordWidth`` elements in flat order (``row*C + col``)::

    +------------------+------------+------------+-----+------------------+-----
    | mask, WordWidth  | value, V   | value, V   | ... | mask of the next | ...
    | bit i: element i | 1st set bit| 2nd set bit|     | chunk            |
    +------------------+------------+------------+-----+------------------+-----

Bits of the last mask behind the tile's end are 0. ``size`` counts one bit per element; those bits
are a matter of the stream's word width and not in it.

>>> bitmap = Bitmap(value_width=4)
>>> encoded = bitmap.encode([[0, 7], [0, -1]])
>>> encoded["mask"].tolist(), encoded["values"].tolist(), bitmap.size(encoded)
([0, 1, 0, 1], [7, 15], Size(values=8, indices=4, pointers=0, tables=0, padding=0))
>>> [hex(int.from_bytes(word.tobytes(), "little")) for word in bitmap.words(encoded, 32)]
['0x2', '0xa', '0xf7']

Arrays of ``Encoded``: mask uint8 [rows * columns], values int64 [non-zeros].
"""

from __future__ import annotations

from collections.abc import Iterator
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
    check_arrays,
    check_bits,
    fail_at,
    need,
    need_width,
    register,
)
from models.formats.bits import BitReader, Fields


@register
@dataclass(frozen=True)
class Bitmap(Format):
    """Bitmap with values of ``value_width`` bits (1..32)."""

    value_width: int = 8
    name: ClassVar[str] = "bitmap"
    lanes: ClassVar[tuple[int, ...]] = (1, 4, 16)

    def __post_init__(self) -> None:
        need_width("value_width", self.value_width, 1, MAX_VALUE_WIDTH)

    def _encode(self, raw: NDArray[np.int64]) -> Encoded:
        flat = raw.ravel()
        mask = (flat != 0).astype(np.uint8)
        values = flat[mask != 0]
        return Encoded(self, raw.shape, values.size, {"mask": mask, "values": values})

    def _decode(self, encoded: Encoded) -> NDArray[np.int64]:
        check_mask(encoded, encoded.count)
        return self.place(encoded.shape, np.flatnonzero(encoded["mask"]), encoded["values"])

    def check(self, encoded: Encoded, full: bool = False) -> None:
        rows, cols = encoded.shape
        check_arrays(encoded, {"mask": rows * cols, "values": encoded.count})
        if full:
            check_bits(encoded, "values", self.value_width)
            check_mask(encoded, encoded.count)
            fail_at("values", encoded["values"] == 0, "a stored zero")

    def size(self, encoded: Encoded) -> Size:
        return Size(values=encoded.count * self.value_width, indices=encoded["mask"].size)

    def _payload(self, encoded: Encoded, word_width: int) -> Fields:
        return mask_payload(encoded["mask"], encoded["values"], self.value_width, word_width)

    def _count_fits(self, count: int, shape: Shape) -> bool:
        return count <= shape[0] * shape[1]

    def _scan(self, reader: BitReader, count: int, shape: Shape, sink: Sink) -> None:
        for entry, at in enumerate(scan_masks(reader, count, shape[0] * shape[1])):
            value = need(reader, self.value_width, entry)
            if value == 0:
                raise StreamFault(Fault.PLACEHOLDER, entry)
            sink.put(*divmod(at, shape[1]), value)

    def _pace(self, pace: Pace, count: int, shape: Shape, lanes: int) -> None:
        word_width, left = pace.reader.word_width, 0
        chunks = -(-shape[0] * shape[1] // word_width)
        while chunks or left:
            pace.cycle += 1
            for _ in range(min(lanes, left, pace.arrived() // self.value_width)):
                pace.take(self.value_width)
                left -= 1
            if left == 0 and chunks and pace.arrived() >= word_width:
                left, chunks = pace.take(word_width).bit_count(), chunks - 1


def check_mask(encoded: Encoded, count: int) -> None:
    """Raise FormatError unless the mask is made of 0 and 1 and holds ``count`` ones."""
    check_bits(encoded, "mask", 1)
    ones = int(np.count_nonzero(encoded["mask"]))
    if ones != count:
        raise FormatError(f"mask: found {ones} ones, need {count}")


def mask_payload(
    mask: NDArray[np.uint8], values: NDArray[np.int64], width: int, word_width: int
) -> Fields:
    """Masks and values in turn, chunk by chunk of ``word_width`` elements.

    mask     uint8 [elements], 0 or 1
    values   int64 [ones * k] of ``width`` bits, k for each set bit
    """
    chunks = -(-mask.size // word_width)
    padded = np.zeros((chunks, word_width), dtype=np.uint8)
    padded.reshape(-1)[: mask.size] = mask
    part = min(word_width, 64)
    per_chunk = word_width // part  # fields that make up one mask
    packed = np.packbits(padded, axis=1, bitorder="little").view(f"<u{part // 8}")
    ones = padded.sum(axis=1, dtype=np.int64)
    each = values.size // max(1, int(ones.sum()))
    before = np.cumsum(ones * each) - ones * each
    mask_at = (before + np.arange(chunks) * per_chunk)[:, None] + np.arange(per_chunk)
    chunk = np.repeat(np.arange(chunks), ones * each)
    value_at = np.arange(values.size) + (chunk + 1) * per_chunk
    out = np.zeros(values.size + packed.size, dtype=np.uint64)
    widths = np.full(out.size, width, dtype=np.int64)
    out[mask_at] = packed
    widths[mask_at] = part
    out[value_at] = values.astype(np.uint64)
    return Fields(out, widths)


def scan_masks(reader: BitReader, count: int, elements: int) -> Iterator[int]:
    """Positions of the set bits, mask by mask; the caller reads what belongs to each in between.

    Raises StreamFault on a mask that is missing, reaches past the ``elements`` or holds too many
    ones, and at the end on too few.
    """
    width, found = reader.word_width, 0
    for base in range(0, elements, width):
        mask = need(reader, width, found)
        if mask >> min(width, elements - base):
            raise StreamFault(Fault.INDEX, found)
        if found + mask.bit_count() > count:
            raise StreamFault(Fault.COUNT, found)
        found += mask.bit_count()
        yield from (base + bit for bit in range(width) if mask >> bit & 1)
    if found != count:
        raise StreamFault(Fault.COUNT, found)
