"""Block sparse row (BSR): blocks that hold a non-zero, each block row behind a pointer.

``gr x gc`` blocks of ``BlockRows x BlockCols``; ``count`` blocks are kept. The payload::

    +------+------+-----+---------+-----------------------+-----------------------+-----
    | p[0] | p[1] | ... | p[gr]   | block 0               | block 1               | ...
    +------+------+-----+---------+-----------------------+-----------------------+-----
      PtrWidth each                bcol, then its values,   bcol: bits(gc)
                                   row-major, V each

Block row ``l`` is blocks ``p[l] .. p[l+1]-1``, their ``bcol`` rising. A matrix that the block does
not divide is filled up with zeros, which count as padding. Oracle: ``scipy.sparse.bsr_array``.

>>> bsr = Bsr(value_width=4, block_rows=2, block_cols=2)
>>> encoded = bsr.encode([[0, 0, 1, 0], [0, 0, 2, 3]])
>>> [encoded[name].tolist() for name in ("pointers", "bcols", "values")]
[[0, 1], [1], [[1, 0, 2, 3]]]
>>> bsr.size(encoded)
Size(values=16, indices=1, pointers=32, tables=0, padding=0)

Arrays of ``Encoded``: pointers int64 [gr + 1], bcols int64 [blocks], values int64
[blocks, BlockRows * BlockCols].
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
    need_width,
    pace_lines,
    pace_pointers,
    read_pointers,
    register,
)
from models.formats.bits import BitReader, Fields, entries, fields, join
from models.formats.blockmap import from_blocks, to_blocks


@register
@dataclass(frozen=True)
class Bsr(Format):
    """BSR: ``value_width`` 1..32 bits, blocks of ``block_rows x block_cols``, ``ptr_width`` bits.

    ``encode`` raises ValueError on more blocks than a pointer can count.
    """

    value_width: int = 8
    block_rows: int = 4
    block_cols: int = 4
    ptr_width: int = 16
    name: ClassVar[str] = "bsr"
    lanes: ClassVar[tuple[int, ...]] = (1, 4, 16)

    def __post_init__(self) -> None:
        need_width("value_width", self.value_width, 1, MAX_VALUE_WIDTH)
        need_width("block_rows", self.block_rows, 1, 256)
        need_width("block_cols", self.block_cols, 1, 256)
        need_width("ptr_width", self.ptr_width, 1, 32)

    @property
    def block(self) -> int:
        """Elements of a block."""
        return self.block_rows * self.block_cols

    def grid(self, shape: Shape) -> Shape:
        """Block rows and block columns, the last ones perhaps partial."""
        return -(-shape[0] // self.block_rows), -(-shape[1] // self.block_cols)

    def _encode(self, raw: NDArray[np.int64]) -> Encoded:
        rows, cols = self.grid(raw.shape)
        blocks = to_blocks(raw, self.block_rows, self.block_cols)
        kept = np.flatnonzero((blocks != 0).any(axis=1))
        if kept.size >> self.ptr_width:
            raise ValueError(f"ptr_width: {self.ptr_width} bits do not count {kept.size} blocks")
        arrays = {
            "pointers": np.searchsorted(kept, np.arange(rows + 1) * cols).astype(np.int64),
            "bcols": kept % max(1, cols),
            "values": blocks[kept],
        }
        return Encoded(self, raw.shape, kept.size, arrays)

    def _decode(self, encoded: Encoded) -> NDArray[np.int64]:
        rows, cols = self.grid(encoded.shape)
        blocks = np.zeros((rows * cols, self.block), dtype=np.int64)
        blocks[self._places(encoded)] = encoded["values"]
        return from_blocks(blocks, encoded.shape, self.block_rows, self.block_cols)

    def _places(self, encoded: Encoded) -> NDArray[np.int64]:
        """Number of every kept block in row-major order of blocks, int64 [blocks]."""
        rows, cols = self.grid(encoded.shape)
        bcols = encoded["bcols"]
        fail_at("bcols", (bcols < 0) | (bcols >= cols), f"outside 0..{cols - 1}")
        return np.repeat(np.arange(rows), np.diff(encoded["pointers"])) * cols + bcols

    def _inside(self, encoded: Encoded) -> NDArray[np.bool_]:
        """Whether a stored value lies in the matrix: bool [blocks, elements]."""
        _, cols = self.grid(encoded.shape)
        block_row, block_col = np.divmod(self._places(encoded), max(1, cols))
        row, col = np.divmod(np.arange(self.block), self.block_cols)
        rows_in = block_row[:, None] * self.block_rows + row < encoded.shape[0]
        return rows_in & (block_col[:, None] * self.block_cols + col < encoded.shape[1])

    def check(self, encoded: Encoded, full: bool = False) -> None:
        lines, count = self.grid(encoded.shape)[0], encoded.count
        lengths: dict[str, int | tuple[int, ...]] = {
            "pointers": lines + 1,
            "bcols": count,
            "values": (count, self.block),
        }
        check_arrays(encoded, lengths)
        check_pointers(encoded["pointers"], lines, count)
        if full:
            check_bits(encoded, "values", self.value_width)
            places, values = self._places(encoded), encoded["values"]
            fail_at("bcols", np.diff(places, prepend=-1) <= 0, "not behind the block before")
            fail_at("values", ~values.any(axis=1), "a stored block without a non-zero")
            past = (values != 0) & ~self._inside(encoded)
            fail_at("values", past.any(axis=1), "a value past the matrix")

    def size(self, encoded: Encoded) -> Size:
        rows, cols = self.grid(encoded.shape)
        inside = int(np.count_nonzero(self._inside(encoded)))
        return Size(
            values=inside * self.value_width,
            indices=encoded.count * bits(cols),
            pointers=(rows + 1) * self.ptr_width,
            padding=(encoded.count * self.block - inside) * self.value_width,
        )

    def _payload(self, encoded: Encoded, word_width: int) -> Fields:
        bcol = (encoded["bcols"], bits(self.grid(encoded.shape)[1]))
        values = [(column, self.value_width) for column in encoded["values"].T]
        return join(fields(encoded["pointers"], self.ptr_width), entries(bcol, *values))

    def _count_fits(self, count: int, shape: Shape) -> bool:
        rows, cols = self.grid(shape)
        return count <= rows * cols

    def _scan(self, reader: BitReader, count: int, shape: Shape, sink: Sink) -> None:
        rows, cols = self.grid(shape)
        pointers = read_pointers(reader, rows, self.ptr_width, count)
        for block_row in range(rows):
            before = -1
            for entry in range(pointers[block_row], pointers[block_row + 1]):
                # What is wrong with a block is judged when all of its bits are there.
                whole = reader.left >= bits(cols) + self.block * self.value_width
                bcol = reader.take(bits(cols))
                fault = None
                if bcol is not None and bcol >= cols:
                    fault = Fault.INDEX
                elif bcol is not None and bcol <= before:
                    fault = Fault.ORDER
                elif bcol is not None:
                    fault = self._scan_block(reader, (block_row, bcol), shape, sink)
                    before = bcol
                if not whole or fault is not None:
                    raise StreamFault(fault if whole and fault else Fault.SHORT, entry)

    def _scan_block(
        self, reader: BitReader, at: tuple[int, int], shape: Shape, sink: Sink
    ) -> Fault | None:
        """The values of one block, as many as there are; INDEX at a non-zero past the matrix."""
        for element in range(self.block):
            row = at[0] * self.block_rows + element // self.block_cols
            col = at[1] * self.block_cols + element % self.block_cols
            value = reader.take(self.value_width)
            if value and (row >= shape[0] or col >= shape[1]):
                return Fault.INDEX
            sink.put(row, col, value or 0)
        return None

    def _pace(self, pace: Pace, count: int, shape: Shape, lanes: int) -> None:
        rows, cols = self.grid(shape)

        def entry() -> None:
            pace.take(bits(cols))
            pace.scan(self.block, self.value_width, self.value_width, lanes, joined=True)

        pace_lines(pace, pace_pointers(pace, rows, self.ptr_width), entry)

    def _line(self, rows: NDArray[np.int64], cols: NDArray[np.int64]) -> NDArray[np.int64]:
        return rows // self.block_rows
