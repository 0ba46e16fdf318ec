"""A layer as it is stored: index of its blocks, codebooks of its regions, codes of its weights.

Three sections, each from a word boundary on; W the width of a word, B that of a code, V that of a
value, entries of a region numbered from code 1::

    index      a bit for each block                                    (index.py)
    codebooks  for each region:  n, B bits | entry 1, V bits | ... | entry n, V bits
    codes      for each weight that stays, in BlockIndex.order():  B bits, or
               the stream of models/formats/huffman.py, header word and table first

Code 0 is the value 0. It occurs inside a block only where a weight that stays is exactly zero. The
codes are Huffman-coded where that, with its table, is shorter (a bit of the configuration says so).

>>> index = BlockIndex.from_mask(np.array([[True, True, False, False]] * 2), (2, 2))
>>> codes = np.array([[1, 2, 0, 0], [3, 1, 0, 0]], np.uint8)
>>> layer = store(index, codes, np.array([[0, -5, 5, 9]]), Regions(2, 4), 2, value_width=8)
>>> layer.codes.tolist(), layer.weights().tolist()[0], layer.parts().total
([1, 3, 2, 1], [[[-5]], [[5]], [[0]], [[0]]], 36)
>>> layer.parts()  # 2 blocks; 4 codes of 2 bits; n and 3 entries of 8 bits
Parts(index=2, codes=8, books=26, tables=0)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.coarse.index import Block, BlockIndex, Shape4, from_matrix
from models.coarse.regions import Regions
from models.formats.bits import BitReader, pack, unpack
from models.formats.huffman import Huffman

Words = NDArray[np.uint8]


@dataclass(frozen=True)
class Parts:
    """Stored bits by what they are for, rounding up to words and header words not counted."""

    index: int = 0
    codes: int = 0
    books: int = 0
    tables: int = 0

    @property
    def total(self) -> int:
        """All of it."""
        return self.index + self.codes + self.books + self.tables

    def __add__(self, other: Parts) -> Parts:
        """Two layers together."""
        return Parts(
            self.index + other.index,
            self.codes + other.codes,
            self.books + other.books,
            self.tables + other.tables,
        )


@dataclass(frozen=True, eq=False)
class StoredLayer:
    """What is stored of a layer.

    index        its blocks
    codes        uint8 [n], codes of the weights that stay, in ``index.order()``
    books        int64 [regions, 2**code_width]; entry 0 is 0, so are those behind the last in use
    regions      how the matrix [K, R*S*C] is cut
    code_width   1..8
    value_width  bits of a value, two's complement
    huffman      whether the codes are Huffman-coded in the stream
    """

    index: BlockIndex
    codes: NDArray[np.uint8]
    books: NDArray[np.int64]
    regions: Regions
    code_width: int
    value_width: int
    huffman: bool

    def weights(self) -> NDArray[np.int64]:
        """The weights: int64 [K, C, R, S]."""
        shape = self.index.shape
        matrix = np.zeros((shape[0], int(np.prod(shape[1:]))), dtype=np.int64)
        rows, cols = self.index.order()
        matrix[rows, cols] = self.books[self.regions.of(matrix.shape)[rows, cols], self.codes]
        return from_matrix(matrix, shape)

    def parts(self, huffman: bool | None = None) -> Parts:
        """Bits by part; ``huffman``: as if the codes were (not) Huffman-coded."""
        books = len(self.books) * self.code_width + int(used(self.books).sum()) * self.value_width
        codes, tables = self.codes.size * self.code_width, 0
        if self.huffman if huffman is None else huffman:
            size = coded_size(self.codes, self.code_width)
            codes, tables = size
        return Parts(self.index.bits, codes, books, tables)

    def sections(self, word_width: int = 64) -> tuple[Words, Words, Words]:
        """Words of the index, the codebooks and the codes: uint8 [words, word_width // 8] each."""
        counts = used(self.books)
        values, widths = [], []
        for book, count in zip(self.books, counts.tolist(), strict=True):
            entries = book[1 : count + 1] & ((1 << self.value_width) - 1)
            values += [count, *entries.tolist()]
            widths += [self.code_width] + [self.value_width] * count
        books = pack(np.array(values, dtype=np.uint64), np.array(widths, np.int64), word_width)
        if self.huffman:
            fmt = Huffman(value_width=self.code_width)
            codes = fmt.words(fmt.encode(self.codes[None, :]), word_width)
        else:
            codes = pack(self.codes, self.code_width, word_width)
        return self.index.words(word_width), books, codes


def used(books: NDArray[np.int64]) -> NDArray[np.int64]:
    """Entries of each codebook that are stored, code 0 left out: int64 [regions].

    >>> used(np.array([[0, 3, 5, 0], [0, 0, 0, 0]])).tolist()
    [2, 0]
    """
    live = books != 0
    last = books.shape[1] - 1 - np.argmax(live[:, ::-1], axis=1)
    return np.where(live.any(axis=1), last, 0)


def coded_size(codes: NDArray[np.uint8], code_width: int) -> tuple[int, int]:
    """(bits of the Huffman codes, bits of their table) of codes [n].

    >>> coded_size(np.array([1, 1, 1, 2], np.uint8), 4)
    (4, 264)
    """
    fmt = Huffman(value_width=code_width)
    size = fmt.size(fmt.encode(codes[None, :]))
    return size.values, size.tables


def store(
    index: BlockIndex,
    codes: NDArray[np.uint8],
    books: NDArray[np.int64],
    regions: Regions,
    code_width: int,
    value_width: int = 16,
) -> StoredLayer:
    """A layer from its codes uint8 [K, R*S*C] and codebooks int64 [regions, 2**code_width].

    Raises ValueError on codes where no block stays, entries that do not fit ``value_width`` bits,
    an entry 0 that is not 0, and shapes that do not belong together.
    """
    need = (regions.count(codes.shape), 1 << code_width)
    if books.shape != need:
        raise ValueError(f"books: found shape {books.shape}, need {need}")
    matrix = index.matrix()
    if codes.shape != matrix.shape:
        raise ValueError(f"codes: found shape {codes.shape}, need {matrix.shape}")
    if codes[~matrix].any():
        raise ValueError("codes: a weight that was pruned has a code, need 0")
    if books[:, 0].any():
        raise ValueError(f"books: entry 0 of region {int(np.argmax(books[:, 0] != 0))} is not 0")
    limit = 1 << value_width - 1
    if books.size and not -limit <= int(books.min()) <= int(books.max()) < limit:
        raise ValueError(
            f"books: found {books.min()}..{books.max()}, need {-limit}..{limit - 1} for "
            f"{value_width} bits"
        )
    kept = codes[index.order()]
    shorter = sum(coded_size(kept, code_width)) < kept.size * code_width
    return StoredLayer(index, kept, books, regions, code_width, value_width, shorter)


def read(
    sections: tuple[Words, Words, Words],
    shape: Shape4,
    block: Block,
    regions: Regions,
    code_width: int,
    value_width: int,
    huffman: bool,
) -> StoredLayer:
    """A layer again from its ``StoredLayer.sections``.

    Raises ValueError where a section is too short or its Huffman code is wrong.
    """
    index = BlockIndex.from_words(sections[0], shape, block)
    matrix_shape = (shape[0], int(np.prod(shape[1:])))
    books = np.zeros((regions.count(matrix_shape), 1 << code_width), dtype=np.int64)
    reader = BitReader(sections[1])
    for number, book in enumerate(books):
        count = reader.take(code_width)
        if count is None:
            raise ValueError(f"codebooks: end in region {number}")
        for entry in range(1, count + 1):
            value = reader.take(value_width)
            if value is None:
                raise ValueError(f"codebooks: end in region {number}, entry {entry}")
            book[entry] = value - ((value >> value_width - 1) << value_width)
    size = int(index.matrix().sum())
    if huffman:
        tile = Huffman(value_width=code_width).read(sections[2], (1, size))
        if tile.error is not None:
            raise ValueError(f"codes: {tile.error[0].name} at {tile.error[1]}")
        codes = tile.matrix((1, size))[0]
    else:
        codes = unpack(sections[2], np.full(size, code_width, dtype=np.int64)).astype(np.int64)
    return StoredLayer(
        index, codes.astype(np.uint8), books, regions, code_width, value_width, huffman
    )
