"""N:M structured sparsity: of every M neighbours in a row at most N are not zero.

``count`` = slots, ``R * C/M * N``. The payload is N slots of ``V + bits(M)`` bits for every group
of M columns, groups from left to right, row by row; 2:4::

     group 0           group 1                     slot:  msb         lsb
    +--------+--------+--------+--------+-----           +---------+-------+
    | slot 0 | slot 1 | slot 2 | slot 3 | ...            | pos     | value |
    +--------+--------+--------+--------+-----           | bits(M) |   V   |
                                                         +---------+-------+

Positions rise strictly within a group. A group with fewer non-zeros is filled up: value 0 at its
lowest free positions. A row that M does not divide is filled up with zeros.

>>> nm = Nm(value_width=8)  # 2:4
>>> encoded = nm.encode([[0, 7, 0, 9, 5, 0, 0, 0]])
>>> encoded["values"].tolist(), encoded["positions"].tolist()
([7, 9, 5, 0], [1, 3, 0, 1])
>>> nm.size(encoded)
Size(values=24, indices=6, pointers=0, tables=0, padding=10)

Arrays of ``Encoded``: values, positions, int64 [slots].

``gpu_metadata`` gives the positions of 2:4 (and 1:2) as the words that the sparse tensor cores of
today's GPUs read, ``gpu_reordered`` puts those into the order that their libraries load.
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

MAX_GROUP = 16


@register
@dataclass(frozen=True)
class Nm(Format):
    """``group_n`` of ``group_m`` (1 <= N <= M <= 16) with values of ``value_width`` bits (1..32).

    ``encode`` raises ValueError on a group with more than N non-zeros, row and columns named.
    """

    value_width: int = 8
    group_n: int = 2
    group_m: int = 4
    name: ClassVar[str] = "nm"
    lanes: ClassVar[tuple[int, ...]] = (1, 4, 16)

    def __post_init__(self) -> None:
        need_width("value_width", self.value_width, 1, MAX_VALUE_WIDTH)
        need_width("group_m", self.group_m, 1, MAX_GROUP)
        need_width("group_n", self.group_n, 1, self.group_m)

    def groups(self, shape: Shape) -> int:
        """Groups of a row, the last one perhaps partial."""
        return -(-shape[1] // self.group_m)

    def _slots(self, shape: Shape) -> int:
        return shape[0] * self.groups(shape) * self.group_n

    def _encode(self, raw: NDArray[np.int64]) -> Encoded:
        rows, cols = raw.shape
        groups = self.groups(raw.shape)
        full = np.zeros((rows, groups * self.group_m), dtype=np.int64)
        full[:, :cols] = raw
        live = (full != 0).reshape(rows * groups, self.group_m)
        loads = live.sum(axis=1, dtype=np.int8)
        if (loads > self.group_n).any():
            at = int(np.argmax(loads > self.group_n))
            row, first = at // groups, at % groups * self.group_m
            raise ValueError(
                f"matrix: row {row}, columns {first}..{first + self.group_m - 1} hold "
                f"{loads[at]} non-zeros, {self.group_n} allowed"
            )
        free = np.cumsum(~live, axis=1, dtype=np.int8)
        kept = np.flatnonzero(live | (free <= (self.group_n - loads)[:, None]))
        arrays = {"values": full.reshape(-1)[kept], "positions": kept % self.group_m}
        return Encoded(self, raw.shape, kept.size, arrays)

    def _places(self, encoded: Encoded) -> NDArray[np.int64]:
        """Position of every slot in the filled-up matrix, row-major: int64 [slots]."""
        pos = encoded["positions"]
        fail_at("positions", (pos < 0) | (pos >= self.group_m), f"outside 0..{self.group_m - 1}")
        return np.arange(encoded.count) // self.group_n * self.group_m + pos

    def _decode(self, encoded: Encoded) -> NDArray[np.int64]:
        rows, cols = encoded.shape
        places, live = self._places(encoded), encoded["values"] != 0
        width = max(1, self.groups(encoded.shape) * self.group_m)
        fail_at("positions", live & (places % width >= cols), "past the row")
        full = self.place((rows, width), places[live], encoded["values"][live])
        return full[:, :cols].copy()

    def check(self, encoded: Encoded, full: bool = False) -> None:
        check_arrays(encoded, dict.fromkeys(("values", "positions"), self._slots(encoded.shape)))
        if full:
            check_bits(encoded, "values", self.value_width)
            places = self._places(encoded)
            fail_at("positions", np.diff(places, prepend=-1) <= 0, "not behind the slot before")
            again = self._encode(self._decode(encoded))
            moved = again["positions"] != encoded["positions"]
            fail_at("positions", moved, "a filler that is not at the lowest free position")

    def size(self, encoded: Encoded) -> Size:
        live, index = int(np.count_nonzero(encoded["values"])), bits(self.group_m)
        return Size(
            values=live * self.value_width,
            indices=live * index,
            padding=(encoded.count - live) * (self.value_width + index),
        )

    def _payload(self, encoded: Encoded, word_width: int) -> Fields:
        return entries(
            (encoded["values"], self.value_width), (encoded["positions"], bits(self.group_m))
        )

    def _count_fits(self, count: int, shape: Shape) -> bool:
        return count == self._slots(shape)

    def _scan(self, reader: BitReader, count: int, shape: Shape, sink: Sink) -> None:
        before = -1
        for entry in range(count):
            both = need(reader, self.value_width + bits(self.group_m), entry)
            value, pos = both & ((1 << self.value_width) - 1), both >> self.value_width
            row, group = divmod(entry // self.group_n, self.groups(shape))
            col = group * self.group_m + pos
            if pos >= self.group_m or (value and col >= shape[1]):
                raise StreamFault(Fault.INDEX, entry)
            if entry % self.group_n and pos <= before:
                raise StreamFault(Fault.ORDER, entry)
            before = pos
            sink.put(row, col, value)

    def _pace(self, pace: Pace, count: int, shape: Shape, lanes: int) -> None:
        pace.scan(count, self.value_width + bits(self.group_m), self.value_width, lanes)


def gpu_metadata(encoded: Encoded, word_bits: int = 16) -> NDArray[np.uint16] | NDArray[np.uint32]:
    """Metadata words of sparse tensor cores, uint16 or uint32 [rows, words], for 2:4 and 1:2.

    Two bits for each of the two values kept of a chunk of four, so four bits a chunk; the chunks
    of a row follow each other from bit 0 up. With 16-bit words (GPU libraries use them for 16-bit
    values) and with 32-bit words (8-bit values)::

        bits   3:2          1:0          of chunk k, at bit 4*k of the row
        2:4    second pos   first pos    first < second; so 0, 5, 10 and 15 never occur
        1:2    0b0100 if the value is first of its two, 0b1110 if second (32-bit values, each
               taken as two halves of 16 bits)

    Source: PTX ISA, "Sparse matrix storage" of ``mma.sp`` (two-bit positions, invalid values,
    granularities 2:4 and 1:2), and the host-side compressors of CUTLASS and PyTorch (nibble order
    in the word). Confidence: high for both, read in the sources; not tried on a GPU. AMD's sparse
    matrix instructions ask for 2-bit positions in the same rising order. What differs from library
    to library is where a group with fewer than two non-zeros has its fillers: any rising pair is
    legal, ours are the lowest free positions.

    Raises ValueError on other groupings and where a row does not fill its last word.

    >>> encoded = Nm(group_n=2, group_m=4).encode([[7, 9, 0, 0, 0, 0, 5, 6] * 2])
    >>> hex(gpu_metadata(encoded)[0, 0])  # from the right: chunks 0b0100, 0b1110, ...
    '0xe4e4'
    """
    fmt = encoded.format
    kinds = ((2, 4), (1, 2))
    if not isinstance(fmt, Nm) or (fmt.group_n, fmt.group_m) not in kinds:
        raise ValueError(f"encoded: found {fmt}, need 2:4 or 1:2")
    if word_bits not in (16, 32):
        raise ValueError(f"word_bits: {word_bits} is not in (16, 32)")
    rows, cols = encoded.shape
    chunks = word_bits // 4
    if cols % (chunks * fmt.group_m):
        raise ValueError(f"columns: {cols} is no multiple of {chunks * fmt.group_m}")
    encoded.format.check(encoded)
    positions = encoded["positions"]
    if fmt.group_m == 4:
        nibbles = positions[::2] | positions[1::2] << 2
    else:
        nibbles = np.where(positions == 0, 0b0100, 0b1110)
    grouped = nibbles.reshape(rows, cols // (chunks * fmt.group_m), chunks)
    words = (grouped << (4 * np.arange(chunks))).sum(axis=2)
    return words.astype(np.uint16 if word_bits == 16 else np.uint32)


def gpu_reordered(words: NDArray[np.generic]) -> NDArray[np.generic]:
    """The metadata words in the order of CUTLASS's sparse GEMM: same shape and type, [rows, words].

    Rows are dealt out within each 32 rows (16 with 32-bit words), so that row ``m`` goes to
    ``(m mod 8) * 4 + m div 8`` (``* 2``) of its group; then each 2x2 square of words is mirrored
    at its diagonal. GPU warps load it with ``ldmatrix``. The result is indexed [row, word]; the
    library stores it column-major in interleaved pairs of columns.

    Source: ``reorder_meta`` in CUTLASS's host utilities (confidence: high, read there, SM80 and
    SM86 kernels); PyTorch has shipped this order and, in other releases, one over groups of 64
    rows, so compare with the release in use (medium).

    Raises ValueError on rows or words that do not fill the squares and groups.

    >>> words = np.arange(64, dtype=np.uint16).reshape(32, 2)  # word = 2 * row + column
    >>> gpu_reordered(words)[:4].tolist()  # rows 0, 8, 16, 24, squares mirrored
    [[0, 16], [1, 17], [32, 48], [33, 49]]
    """
    group, spread = (32, 4) if words.dtype.itemsize == 2 else (16, 2)
    rows, cols = words.shape
    if rows % group or cols % 2:
        raise ValueError(f"words: found shape {words.shape}, need multiples of ({group}, 2)")
    dealt = words.reshape(rows // group, spread, 8, cols).transpose(0, 2, 1, 3).reshape(rows, cols)
    squares = dealt.reshape(rows // 2, 2, cols // 2, 2).transpose(0, 3, 2, 1)
    return np.ascontiguousarray(squares.reshape(rows, cols))
