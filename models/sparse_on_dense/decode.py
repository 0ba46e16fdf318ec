"""Parts back from their words: all at once where they are good, one by one where they are not.

A reading of the layout of its own, not of the encoder. It says which parts it is not sure of; these
go through ``Format.read``, which knows every fault by name. Bits are counted from the first word.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.formats.base import bits
from models.sparse_on_dense.config import SparseOnDenseConfig, WgtFormat
from models.sparse_on_dense.parts import WORD, Packed, live_slots, slot_width, slots

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Decoded:
    """Signed weights int64 [parts, G, Cols]; ``live``: N:M slots with a non-zero, else None."""

    parts: Ints
    live: Bools | None


def decode(packed: Packed, config: SparseOnDenseConfig) -> Decoded:
    """What the units make of the parts.

    Raises ValueError on one that is no tile of its format, naming the fault.
    """
    reading = _Reading(packed, config)
    if config.wgt_format == WgtFormat.CSC:
        parts, good = reading.csc()
    elif config.wgt_format == WgtFormat.BITMAP:
        parts, good = reading.bitmap()
    else:
        parts, good = reading.nm()
    for number in np.flatnonzero(~good):
        parts[number] = read_one(packed, int(number), config)
    live = None
    if config.wgt_format == WgtFormat.NM:
        live = live_slots(packed.words, len(parts), config)
    return Decoded(config.format.to_signed(parts), live)


def read_one(packed: Packed, number: int, config: SparseOnDenseConfig) -> Ints:
    """Raw bits int64 [G, Cols] of one part, as the hardware decodes it; ValueError on a fault."""
    start = int(packed.ends[number - 1]) if number else 0
    words = packed.words[start : int(packed.ends[number])].astype("<u8")
    tile = config.format.read(words.view(np.uint8).reshape(-1, WORD // 8), config.part)
    if tile.error is not None:
        raise ValueError(f"part {number}: {tile.error[0].name} at {tile.error[1]}")
    return tile.matrix(config.part)


class _Reading:
    """Parts of one build; what a method answers is (raw bits [parts, G, Cols], which are good)."""

    def __init__(self, packed: Packed, config: SparseOnDenseConfig) -> None:
        self.config = config
        self.words = np.append(packed.words, np.zeros(2, dtype=np.uint64))
        self.limit = packed.words.size * WORD
        self.starts = np.concatenate(([0], packed.ends))[:-1]  # none without parts
        self.sizes = packed.ends - self.starts
        self.header = packed.words[self.starts]
        most = config.part[0] * config.cols
        self.good = self.header <= np.uint64(most)
        self.count = np.minimum(self.header, np.uint64(most)).astype(np.int64)
        self.body = (self.starts + 1) * WORD

    def field(self, at: Ints, width: int) -> Ints:
        """Fields of at most 32 bits from bit ``at`` on, 0 behind the end."""
        at = np.minimum(at, self.limit)
        word, low = at >> 6, (at & 63).astype(np.uint64)
        high = (self.words[word + 1] << (np.uint64(63) - low)) << np.uint64(1)
        value = (self.words[word] >> low) | high
        return (value & np.uint64((1 << width) - 1)).astype(np.int64)

    def ends_at(self, end: Ints) -> Bools:
        """Whether the payload of each part ends in its last word, with zeros behind it."""
        words = -(-end // WORD)
        left = (end & (WORD - 1)).astype(np.uint64)
        last = self.words[np.minimum(end, self.limit) >> 6]
        return (words == self.starts + self.sizes) & ((left == 0) | (last >> left == 0))

    def csc(self) -> tuple[Ints, Bools]:
        config = self.config
        rows, cols = config.part
        pointer, column = bits(rows * cols + 1), bits(cols)
        pointers = self.field(self.body[:, None] + np.arange(rows + 1) * pointer, pointer)
        loads = np.diff(pointers, axis=1)
        good = self.good & (pointers[:, 0] == 0) & (loads >= 0).all(axis=1)
        good &= pointers[:, -1] == self.count
        loads = np.where(good[:, None], loads, 0)
        total = loads.sum(axis=1)
        part = np.repeat(np.arange(total.size), total)
        number = np.arange(part.size) - np.repeat(np.cumsum(total) - total, total)
        size = config.wgt_width + column
        first = self.body + (rows + 1) * pointer
        good &= self.ends_at(first + total * size)
        entry = self.field(first[part] + number * size, size)
        value, col = entry & ((1 << config.wgt_width) - 1), entry >> config.wgt_width
        row = np.repeat(np.tile(np.arange(rows), total.size), loads.reshape(-1))
        place = (part * rows + row) * WORD + col
        wrong = (value == 0) | (col >= cols)
        wrong[1:] |= np.diff(place) <= 0
        good[part[wrong]] = False
        parts = np.zeros((total.size, rows, cols), dtype=np.int64)
        sure = good[part]
        parts[part[sure], row[sure], col[sure]] = value[sure]
        return parts, good

    def bitmap(self) -> tuple[Ints, Bools]:
        config = self.config
        elements, width = config.part[0] * config.cols, config.wgt_width
        masks = -(-elements // WORD)
        flat = np.zeros((self.count.size, masks * WORD), dtype=np.int64)
        good, at = self.good.copy(), self.body.copy()
        found = np.zeros_like(self.count)
        for number in range(masks):
            both = np.stack([self.field(at, 32), self.field(at + 32, 32)], axis=1)
            mask = np.unpackbits(both.astype("<u4").view(np.uint8), axis=1, bitorder="little")
            good &= ~mask[:, elements - number * WORD :].any(axis=1)
            part, place = np.nonzero(mask)
            ones = np.count_nonzero(mask, axis=1)
            rank = np.arange(part.size) - np.repeat(np.cumsum(ones) - ones, ones)
            value = self.field((at + WORD)[part] + rank * width, width)
            good[part[value == 0]] = False
            flat[part, number * WORD + place] = value
            at, found = at + WORD + ones * width, found + ones
        good &= (found == self.count) & self.ends_at(at)
        return flat[:, :elements].reshape(-1, *config.part), good

    def nm(self) -> tuple[Ints, Bools]:
        config = self.config
        rows, cols = config.part
        number, size = slots(config), slot_width(config)
        field = self.field(self.body[:, None] + np.arange(number) * size, size)
        value, place = field & ((1 << config.wgt_width) - 1), field >> config.wgt_width
        groups = place.reshape(self.count.size, number // config.group_n, config.group_n)
        good = (self.header == number) & self.ends_at(self.body + number * size)
        good &= (place < config.group_m).all(axis=1)
        good &= (np.diff(groups, axis=2) > 0).all(axis=(1, 2))
        parts = np.zeros((self.count.size, rows * cols), dtype=np.int64)
        column = np.arange(number) // config.group_n * config.group_m + place
        part, slot = np.nonzero((value != 0) & good[:, None])
        parts[part, column[part, slot]] = value[part, slot]
        return parts.reshape(-1, rows, cols), good
