"""Block bitmap: one bit per block of the matrix, all values of the blocks that hold a non-zero.

For pruning in blocks, as Cambricon-S and coarse-grained pruning do. The payload, for each chunk of
``WordWidth`` blocks in row-major order of blocks; values of a block row-major::

    +------------------+-------------------------+-------------------------+-----+--------
    | mask, WordWidth  | BlockRows*BlockCols * V | BlockRows*BlockCols * V | ... | mask ...
    | bit i: block i   | block of 1st set bit    | block of 2nd set bit    |     |
    +------------------+-------------------------+-------------------------+-----+--------

A matrix that the block does not divide is filled up with zeros: part of ``Size.padding``.

>>> blocks = Blockmap(value_width=4, block_rows=2, block_cols=2)
>>> encoded = blocks.encode([[0, 0, 1, 0], [0, 0, 2, 3]])
>>> encoded["mask"].tolist(), encoded["values"].tolist()
([0, 1], [[1, 0, 2, 3]])

Arrays of ``Encoded``: mask uint8 [blocks], values int64 [kept blocks, BlockRows * BlockCols].
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
    check_arrays,
    check_bits,
    fail_at,
    need,
    need_width,
    register,
)
from models.formats.bitmap import check_mask, mask_payload, scan_masks
from models.formats.bits import BitReader, Fields


@register
@dataclass(frozen=True)
class Blockmap(Format):
    """Block bitmap: ``value_width`` 1..32 bits, blocks of ``block_rows`` x ``block_cols``."""

    value_width: int = 8
    block_rows: int = 4
    block_cols: int = 4
    name: ClassVar[str] = "blockmap"
    lanes: ClassVar[tuple[int, ...]] = (1, 4, 16)

    def __post_init__(self) -> None:
        need_width("value_width", self.value_width, 1, MAX_VALUE_WIDTH)
        need_width("block_rows", self.block_rows, 1, 256)
        need_width("block_cols", self.block_cols, 1, 256)

    @property
    def block(self) -> int:
        """Elements of a block."""
        return self.block_rows * self.block_cols

    def grid(self, shape: Shape) -> Shape:
        """Blocks from top to bottom and from left to right, the last ones perhaps partial."""
        return -(-shape[0] // self.block_rows), -(-shape[1] // self.block_cols)

    def _encode(self, raw: NDArray[np.int64]) -> Encoded:
        blocks = to_blocks(raw, self.block_rows, self.block_cols)
        mask = (blocks != 0).any(axis=1).astype(np.uint8)
        values = blocks[mask != 0]
        return Encoded(self, raw.shape, len(values), {"mask": mask, "values": values})

    def _decode(self, encoded: Encoded) -> NDArray[np.int64]:
        check_mask(encoded, encoded.count)
        blocks = np.zeros((encoded["mask"].size, self.block), dtype=np.int64)
        blocks[encoded["mask"] != 0] = encoded["values"]
        return from_blocks(blocks, encoded.shape, self.block_rows, self.block_cols)

    def check(self, encoded: Encoded, full: bool = False) -> None:
        rows, cols = self.grid(encoded.shape)
        check_arrays(encoded, {"mask": rows * cols, "values": (encoded.count, self.block)})
        if full:
            check_bits(encoded, "values", self.value_width)
            check_mask(encoded, encoded.count)
            empty = ~(encoded["values"] != 0).any(axis=1)
            fail_at("values", empty, "a stored block without a non-zero")
            inside = self._inside(encoded)
            past = (encoded["values"] != 0) & ~inside[encoded["mask"] != 0]
            fail_at("values", past.any(axis=1), "a value past the matrix")

    def _inside(self, encoded: Encoded) -> NDArray[np.bool_]:
        """Whether an element of a block lies in the matrix: bool [blocks, elements]."""
        ones = np.ones(encoded.shape, dtype=np.int64)
        return to_blocks(ones, self.block_rows, self.block_cols) != 0

    def size(self, encoded: Encoded) -> Size:
        kept = self._inside(encoded)[encoded["mask"] != 0]
        inside = int(np.count_nonzero(kept)) * self.value_width
        return Size(
            values=inside,
            indices=encoded["mask"].size,
            padding=kept.size * self.value_width - inside,
        )

    def _payload(self, encoded: Encoded, word_width: int) -> Fields:
        values = encoded["values"].ravel()
        return mask_payload(encoded["mask"], values, self.value_width, word_width)

    def _count_fits(self, count: int, shape: Shape) -> bool:
        rows, cols = self.grid(shape)
        return count <= rows * cols

    def _scan(self, reader: BitReader, count: int, shape: Shape, sink: Sink) -> None:
        rows, cols = self.grid(shape)
        for entry, at in enumerate(scan_masks(reader, count, rows * cols)):
            block_row, block_col = divmod(at, cols)
            for element in range(self.block):
                value = need(reader, self.value_width, entry)
                row, col = divmod(element, self.block_cols)
                row, col = block_row * self.block_rows + row, block_col * self.block_cols + col
                if value and (row >= shape[0] or col >= shape[1]):
                    raise StreamFault(Fault.INDEX, entry)
                sink.put(row, col, value)

    def _pace(self, pace: Pace, count: int, shape: Shape, lanes: int) -> None:
        word_width = pace.reader.word_width
        rows, cols = self.grid(shape)
        chunks, blocks, slots = -(-rows * cols // word_width), 0, 0
        while chunks or blocks:
            pace.cycle += 1
            if blocks:
                slots -= pace.slots(slots, self.value_width, self.value_width, lanes)
                if slots == 0:
                    blocks, slots = blocks - 1, self.block
            if blocks == 0 and chunks and pace.arrived() >= word_width:
                blocks, chunks = pace.take(word_width).bit_count(), chunks - 1
                slots = self.block

    def _line(self, rows: NDArray[np.int64], cols: NDArray[np.int64]) -> NDArray[np.int64]:
        return rows // self.block_rows


def to_blocks(matrix: NDArray[np.int64], height: int, width: int) -> NDArray[np.int64]:
    """Blocks in row-major order, each row-major: int64 [blocks, height * width], zeros outside.

    >>> to_blocks(np.array([[1, 2, 3, 4], [5, 6, 7, 8]]), 2, 2).tolist()
    [[1, 2, 5, 6], [3, 4, 7, 8]]
    """
    rows, cols = -(-matrix.shape[0] // height), -(-matrix.shape[1] // width)
    full = np.zeros((rows * height, cols * width), dtype=np.int64)
    full[: matrix.shape[0], : matrix.shape[1]] = matrix
    parts = full.reshape(rows, height, cols, width).transpose(0, 2, 1, 3)
    return parts.reshape(rows * cols, height * width)


def from_blocks(
    blocks: NDArray[np.int64], shape: Shape, height: int, width: int
) -> NDArray[np.int64]:
    """The inverse of ``to_blocks``: int64 [rows, cols]. FormatError on a value past the matrix."""
    rows, cols = -(-shape[0] // height), -(-shape[1] // width)
    parts = blocks.reshape(rows, cols, height, width).transpose(0, 2, 1, 3)
    full = parts.reshape(rows * height, cols * width)
    if full[shape[0] :].any() or full[:, shape[1] :].any():
        raise FormatError("values: a value past the matrix")
    return full[: shape[0], : shape[1]].copy()
