"""Fields of any width as a string of bits in words: ``pack``, ``unpack`` and a reader of one tile.

A field lies at the lowest free bit, its own lowest bit first, and may straddle words::

    word 0                             word 1
    bit 0                     31 | 0
    +------+-----------+-------- | ----+------+---
    | f[0] |   f[1]    |     f[2]      | f[3] | ...
    +------+-----------+-------- | ----+------+---

Words are rows of bytes, little-endian: bit 0 of a word is the lowest bit of its byte 0.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

WORD_WIDTHS = (32, 64, 128, 256)


class Fields(NamedTuple):
    """Fields in stream order: values uint64 [n] and their widths in bits, int64 [n], 0..64."""

    values: NDArray[np.uint64]
    widths: NDArray[np.int64]

    @property
    def bits(self) -> int:
        """Length of the bit string."""
        return int(self.widths.sum())


def fields(values: ArrayLike, width: int) -> Fields:
    """Fields of one width from int [n] (any shape, taken row by row).

    >>> fields([1, 2, 3], 4).bits
    12
    """
    flat = np.asarray(values).ravel().astype(np.uint64)
    return Fields(flat, np.broadcast_to(np.int64(width), flat.shape))


def entries(*columns: tuple[ArrayLike, int]) -> Fields:
    """Entries of several fields each, the first named in the lower bits: (int [n], width), ...

    >>> entries(([1, 2], 8), ([3, 4], 4)).values.tolist()
    [1, 3, 2, 4]
    """
    flat = np.stack([np.asarray(values).astype(np.uint64) for values, _ in columns], axis=1)
    widths = np.array([width for _, width in columns], dtype=np.int64)
    return Fields(flat.ravel(), np.broadcast_to(widths, flat.shape).ravel())


def join(*parts: Fields) -> Fields:
    """One string of fields behind the other."""
    if not parts:
        return fields([], 0)
    return Fields(
        np.concatenate([part.values for part in parts]),
        np.concatenate([part.widths for part in parts]),
    )


def pack(values: ArrayLike, widths: ArrayLike, word_width: int = 64) -> NDArray[np.uint8]:
    """Words that hold the fields without gaps: uint8 [words, word_width // 8]; the rest is 0.

    values   int [n], each of at most its width
    widths   int [n] or one for all, bits, 0..64

    Raises ValueError on a value wider than its field (position named) or a strange word width.

    >>> pack([5, 1, 255], [3, 1, 8], 32).tolist()
    [[253, 15, 0, 0]]
    """
    if word_width not in WORD_WIDTHS:
        raise ValueError(f"word_width: {word_width} is not in {WORD_WIDTHS}")
    data = np.asarray(values).ravel().astype(np.uint64)
    sizes = np.broadcast_to(np.asarray(widths, dtype=np.int64), data.shape)
    if sizes.size and not 0 <= int(sizes.min()) <= int(sizes.max()) <= 64:
        raise ValueError("widths: need 0..64")
    # A shift by 64 is not defined: such a field takes any value.
    small = sizes < 64
    wide = (data >> np.where(small, sizes, 0).astype(np.uint64) != 0) & small
    if wide.any():
        at = int(np.argmax(wide))
        raise ValueError(f"values[{at}]: {int(data[at])} does not fit into {int(sizes[at])} bits")
    ends = np.cumsum(sizes)
    total = int(ends[-1]) if ends.size else 0
    count = -(-total // word_width)
    buffer = np.zeros(count * word_width // 64 + 2, dtype="<u8")
    start = ends - sizes
    word, low = start >> 6, (start & 63).astype(np.uint64)
    first = np.flatnonzero(np.diff(word, prepend=-1))
    if first.size:
        buffer[word[first]] = np.bitwise_or.reduceat(data << low, first)
        over = np.flatnonzero((start & 63) + sizes > 64)  # at most one for each border
        buffer[word[over] + 1] |= data[over] >> (np.uint64(64) - low[over])
    return buffer.view(np.uint8)[: count * word_width // 8].reshape(count, word_width // 8)


def unpack(words: NDArray[np.uint8], widths: ArrayLike) -> NDArray[np.uint64]:
    """The fields of ``widths`` (int [n]) from the start of the words: uint64 [n].

    Raises ValueError where the words hold fewer bits.

    >>> unpack(pack([5, 1, 255], [3, 1, 8], 32), [3, 1, 8]).tolist()
    [5, 1, 255]
    """
    sizes = np.asarray(widths, dtype=np.int64)
    ends = np.cumsum(sizes)
    raw = np.ascontiguousarray(words).reshape(-1)
    total = int(ends[-1]) if ends.size else 0
    if total > 8 * raw.size:
        raise ValueError(f"words: hold {8 * raw.size} bits, need {total}")
    buffer = np.zeros(raw.size // 8 + 3, dtype="<u8")
    buffer.view(np.uint8)[: raw.size] = raw
    start = ends - sizes
    word, low = start >> 6, (start & 63).astype(np.uint64)
    # Two shifts, as one by 64 (low = 0) is not defined.
    high = (buffer[word + 1] << (np.uint64(63) - low)) << np.uint64(1)
    data = (buffer[word] >> low) | high
    full = sizes == 64
    mask = (np.uint64(1) << np.where(full, 0, sizes).astype(np.uint64)) - np.uint64(1)
    return np.where(full, data, data & mask)


class BitReader:
    """Fields of one tile's payload, one after the other, in plain Python.

    >>> reader = BitReader(pack([5, 1, 255], [3, 1, 8], 32))
    >>> reader.take(3), reader.take(1), reader.take(8), reader.pos, reader.take(21)
    (5, 1, 255, 12, None)
    """

    def __init__(self, words: NDArray[np.uint8]):
        """``words`` uint8 [n, bytes]: the payload without the header word."""
        self._data = np.ascontiguousarray(words).tobytes()
        self.word_width = 8 * int(words.shape[1])
        self.length = 8 * len(self._data)
        self.pos = 0

    @property
    def left(self) -> int:
        """Bits not taken yet."""
        return self.length - self.pos

    def peek(self, width: int) -> int | None:
        """The next ``width`` bits, or None where fewer are left; nothing is taken."""
        if width > self.left:
            return None
        first, low = divmod(self.pos, 8)
        chunk = self._data[first : -(-(self.pos + width) // 8)]
        return (int.from_bytes(chunk, "little") >> low) & ((1 << width) - 1)

    def take(self, width: int) -> int | None:
        """The next ``width`` bits as a field; None, and nothing taken, where fewer are left."""
        value = self.peek(width)
        if value is not None:
            self.pos += width
        return value

    def words_behind(self) -> int:
        """Words without a single bit that was taken."""
        return (self.length - -(-self.pos // self.word_width) * self.word_width) // self.word_width

    def tail(self) -> int:
        """The bits of the current word that were not taken, as a number."""
        width = -self.pos % self.word_width
        return self.peek(min(width, self.left)) or 0
