"""Parts: what one decompression unit sees of a weight tile, as a tile of its format.

All parts at once, where ``Format.words`` does one: the words are the same. In a packet, 64 bank
words follow a word of marks, 1 for the last word of a part::

     marks | word 0 | ... | word 63 | marks | word 64 | ...
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.formats.base import Shape, bits
from models.formats.bitmap import mask_payload
from models.formats.bits import pack, unpack
from models.formats.csr import Csr
from models.sparse_on_dense.config import SparseOnDenseConfig, WgtFormat

Ints = NDArray[np.int64]
Words = NDArray[np.uint64]
#: Width of a bank word, and bank words per word of marks.
WORD = 64


@dataclass(frozen=True, eq=False)
class Packed:
    """Parts one behind the other: uint64 ``words``, int64 ``ends`` [parts], in words."""

    words: Words
    ends: Ints


@dataclass(frozen=True)
class Layout:
    """Sizes of a part, in bits where not said otherwise; ``fixed``: what every part has."""

    shape: Shape
    fixed: int
    entry: int

    @classmethod
    def of(cls, config: SparseOnDenseConfig) -> Layout:
        """The layout of a build."""
        rows, cols = config.part
        if config.wgt_format == WgtFormat.CSC:
            pointers = (rows + 1) * bits(rows * cols + 1)
            return cls(config.part, pointers, config.wgt_width + bits(cols))
        if config.wgt_format == WgtFormat.BITMAP:
            return cls(config.part, -(-rows * cols // WORD) * WORD, config.wgt_width)
        return cls(config.part, slots(config) * slot_width(config), 0)

    def words(self, nonzeros: Ints) -> Ints:
        """Bank words of parts with so many non-zeros each, header included."""
        return 1 - (-(self.fixed + nonzeros * self.entry) // WORD)


def slots(config: SparseOnDenseConfig) -> int:
    """Slots of an N:M part."""
    rows, cols = config.part
    return rows * (cols // config.group_m) * config.group_n


def slot_width(config: SparseOnDenseConfig) -> int:
    """Bits of a slot of an N:M part."""
    return config.wgt_width + bits(config.group_m)


def encode(parts: Ints, config: SparseOnDenseConfig) -> Packed:
    """Signed weights int64 [parts, G, Cols] as words.

    Raises ValueError on a weight that does not fit or a group that is not N:M.

    >>> config = SparseOnDenseConfig(rows=4, cols=4, num_units=2)
    >>> packed = encode(np.array([[[0, 7, 0, 0], [0, 0, 0, 0]]]), config)
    >>> [hex(word) for word in packed.words.tolist()], packed.ends.tolist()
    (['0x1', '0x10007110'], [2])
    """
    count, rows, cols = parts.shape
    stacked = parts.reshape(count * rows, cols)
    if config.wgt_format == WgtFormat.CSC:
        return _csc(stacked, count, config)
    if config.wgt_format == WgtFormat.BITMAP:
        return _bitmap(stacked, count, config)
    encoded = config.format.encode(stacked)
    each = slots(config)
    values = encoded["values"] | encoded["positions"] << config.wgt_width
    widths = np.full(values.size, slot_width(config))
    return _packed(np.full(count, each), values, widths, np.full(count, each))


def _csc(stacked: Ints, count: int, config: SparseOnDenseConfig) -> Packed:
    """Pointers and entries of all parts, from one matrix of all of them."""
    rows = config.part[0]
    encoded = Csr(config.wgt_width, 32).encode(stacked)
    pointers = encoded["pointers"]
    first = np.arange(count)[:, None] * rows
    own = pointers[first + np.arange(rows + 1)] - pointers[first]
    before, nonzeros = pointers[:-1:rows], own[:, -1]
    fields = np.zeros(own.size + encoded.count, dtype=np.int64)
    widths = np.full(fields.size, config.wgt_width + bits(config.cols))
    at = (before + np.arange(count) * (rows + 1))[:, None] + np.arange(rows + 1)
    fields[at], widths[at] = own, bits(rows * config.cols + 1)
    part = np.repeat(np.arange(count), nonzeros)
    fields[np.arange(encoded.count) + (part + 1) * (rows + 1)] = (
        encoded["values"] | encoded["cols"] << config.wgt_width
    )
    return _packed(nonzeros, fields, widths, nonzeros + rows + 1)


def _bitmap(stacked: Ints, count: int, config: SparseOnDenseConfig) -> Packed:
    """Masks and values of all parts; every part begins a new mask."""
    raw = config.format.raw(stacked).reshape(count, config.part[0] * config.cols)
    masks = -(-raw.shape[1] // WORD)
    full = np.zeros((count, masks * WORD), dtype=np.int64)
    full[:, : raw.shape[1]] = raw
    live = full != 0
    values, widths = mask_payload(
        live.reshape(-1).astype(np.uint8), full[live], config.wgt_width, WORD
    )
    nonzeros = np.count_nonzero(live, axis=1)
    return _packed(nonzeros, values, widths, nonzeros + masks)


def _packed(counts: Ints, values: NDArray[Any], widths: Ints, each: Ints) -> Packed:
    """Fields of parts with a header and padding around those of each part.

    counts   int64 [parts] of the headers; each: int64 [parts] fields of a part
    values, widths  int [fields]
    """
    number = counts.size
    owner = np.repeat(np.arange(number), each)
    ends = np.cumsum(each)
    used = np.concatenate(([0], np.cumsum(widths)))
    size = used[ends] - used[ends - each]
    every = np.zeros(values.size + 2 * number, dtype=np.uint64)
    wide = np.zeros(every.size, dtype=np.int64)
    at = np.arange(values.size) + 2 * owner + 1
    every[at], wide[at] = values, widths
    head = ends - each + 2 * np.arange(number)
    every[head], wide[head] = counts, WORD
    wide[head + each + 1] = -size % WORD
    words = pack(every, wide, WORD).view("<u8").reshape(-1).astype(np.uint64, copy=False)
    return Packed(words, np.cumsum(1 + -(-size // WORD)))


def live_slots(words: Words, count: int, config: SparseOnDenseConfig) -> NDArray[np.bool_]:
    """Which slots of ``count`` N:M parts hold a non-zero: bool [count, slots]."""
    width, number = slot_width(config), slots(config)
    each = np.array([WORD, *[width] * number, -number * width % WORD])
    fields = unpack(words.astype("<u8").view(np.uint8).reshape(-1, 8), np.tile(each, count))
    values = fields.reshape(count, number + 2)[:, 1:-1] & np.uint64((1 << config.wgt_width) - 1)
    return values != 0


def section_words(count: int) -> int:
    """Payload of a section of ``count`` bank words.

    >>> section_words(64), section_words(65)
    (65, 67)
    """
    return count + -(-count // WORD)


def payload(packed: Packed) -> Words:
    """Bank words with their marks in front of each 64."""
    size = packed.words.size
    groups = -(-size // WORD)
    full = np.zeros((groups, 1 + WORD), dtype=np.uint64)
    padded = np.zeros(groups * WORD, dtype=np.uint64)
    padded[:size] = packed.words
    full[:, 1:] = padded.reshape(groups, WORD)
    marks = np.zeros(groups * WORD, dtype=np.uint8)
    marks[packed.ends - 1] = 1
    full[:, 0] = np.packbits(marks, bitorder="little").view("<u8")
    return full.reshape(-1)[: section_words(size)]


def marked(words: Words, count: int) -> tuple[Words, NDArray[np.bool_]]:
    """The inverse of ``payload``: ``count`` bank words and their marks.

    Raises ValueError on marks behind the last word.
    """
    groups = -(-count // WORD)
    flat_words = np.zeros(groups * (1 + WORD), dtype="<u8")
    flat_words[: words.size] = words
    full = flat_words.reshape(groups, 1 + WORD)
    marks = np.unpackbits(full[:, :1].copy().view(np.uint8), axis=1, bitorder="little")
    flat = marks.reshape(-1).astype(bool)
    if flat[count:].any():
        raise ValueError("marks: set behind the last word of the section")
    return full[:, 1:].reshape(-1)[:count].astype(np.uint64), flat[:count]
