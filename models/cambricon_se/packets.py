"""The stream packets of Cambricon-SE, built and read (layout: ``rtl/cambricon_se/README.md``).

Sections are those of ``models/packets.py``: LIST and BOOK, one for each core, named
by its first PE; CODES, MASK and BIAS, one for each PE; TABLE, one of a packet (``huffman.py``).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.cambricon_se.config import CambriconSeConfig
from models.cambricon_se.huffman import table_words
from models.cambricon_se.registers import Kind
from models.packets import (
    Section,
    activation_packet_of,
    pack_lanes,
    pack_rows_of_lanes,
    unpack_lanes,
    unpack_rows_of_lanes,
)

Ints = NDArray[np.int64]
Words = NDArray[np.uint64]
Bools = NDArray[np.bool_]

#: Bits of an activation, of a value of a codebook and of a bias in a stream word.
LANE, BIAS_LANE = 16, 32
#: Values of a codebook.
BOOK = 16
_REGION, _LAST, _MASK = 16, 20, 32


def _padded(bits: Bools, width: int) -> Bools:
    return np.pad(bits, ((0, 0), (0, width - bits.shape[1])))


def _words_of_bits(bits: Bools) -> Words:
    """bool [rows, multiple of 64], bit 0 first -> uint64."""
    packed = np.packbits(bits, axis=1, bitorder="little")
    return np.ascontiguousarray(packed).view("<u8").ravel().astype(np.uint64)


def _bits_of_words(words: Words, each: int) -> Bools:
    """``each`` words a row -> bool [rows, each*64]."""
    data = np.ascontiguousarray(words, dtype="<u8").view(np.uint8).reshape(-1, each * 8)
    return np.unpackbits(data, axis=1, bitorder="little").astype(bool)


def list_section(
    pe: int, offsets: Ints, masks: Bools, regions: Ints, last: Bools, base: int = 0
) -> Section:
    """Entries of a core: offsets, regions int64 [n], masks bool [n, Window], last bool [n]."""
    each = -(-(masks.shape[1] + _MASK) // 64)
    bits = np.zeros((len(masks), each * 64), dtype=bool)
    bits[:, _MASK : _MASK + masks.shape[1]] = masks
    words = _words_of_bits(bits)
    words[::each] |= (offsets | regions << _REGION | last.astype(np.int64) << _LAST).astype(
        np.uint64
    )
    return Section(Kind.LIST, pe, base, len(masks), words)


def mask_section(pe: int, masks: Bools, base: int = 0) -> Section:
    """Masks of a PE: bool [n, Window]."""
    words = _words_of_bits(_padded(masks, -(-masks.shape[1] // 64) * 64))
    return Section(Kind.MASK, pe, base, len(masks), words)


def codes_section(pe: int, codes: Ints, base: int = 0) -> Section:
    """Codes of a PE: int64 [n, CodeRow]."""
    return Section(Kind.CODES, pe, base, len(codes), pack_rows_of_lanes(codes, 8))


def book_section(pe: int, books: Ints, base: int = 0) -> Section:
    """Codebooks of a core: int64 [n, 16]."""
    return Section(Kind.BOOK, pe, base, len(books), pack_lanes(books.ravel(), LANE))


def bias_section(pe: int, biases: Ints, base: int = 0) -> Section:
    """Biases of a PE: int64 [n]."""
    return Section(Kind.BIAS, pe, base, biases.size, pack_lanes(biases, BIAS_LANE))


def section_words(kind: Kind, count: int, config: CambriconSeConfig) -> int:
    """Stream words of a section, its header not counted; of CODES: plain."""
    each = {
        Kind.LIST: config.entry_words,
        Kind.CODES: config.code_words,
        Kind.BOOK: BOOK * LANE // 64,
        Kind.MASK: config.mask_words,
    }
    if kind == Kind.BIAS:
        return -(-count * BIAS_LANE // 64)
    return table_words(count) if kind == Kind.TABLE else count * each[kind]


def entries_of(section: Section, window: int) -> tuple[Ints, Bools, Ints, Bools]:
    """The inverse of ``list_section``: offsets, masks, regions, last."""
    each = -(-(window + _MASK) // 64)
    first = section.payload[::each].astype(np.int64)
    bits = _bits_of_words(section.payload, each)
    masks = bits[:, _MASK : _MASK + window]
    return first & 0xFFFF, masks, first >> _REGION & 0xF, (first >> _LAST & 1).astype(bool)


def masks_of(section: Section, window: int) -> Bools:
    """The inverse of ``mask_section``."""
    return _bits_of_words(section.payload, -(-window // 64))[:, :window]


def codes_of(section: Section, code_row: int) -> Ints:
    """The inverse of ``codes_section``."""
    return unpack_rows_of_lanes(section.payload, 8, code_row)


def books_of(section: Section) -> Ints:
    """The inverse of ``book_section``."""
    return unpack_lanes(section.payload, LANE).reshape(-1, BOOK)


def biases_of(section: Section) -> Ints:
    """Biases of a BIAS section: int64 [count], and a 0 behind an odd number of them."""
    return unpack_lanes(section.payload, BIAS_LANE)


def packed(values: Ints, unit: int) -> Words:
    """Rows int64 [rows, n] without their zeros: for each ``unit`` values their mask, then those
    that are not 0, in units of 16 bits.

    >>> [hex(word) for word in packed(np.array([[7, 0, 0, 9], [0, 0, 0, 0]]), 4).tolist()]
    ['0x900070009']
    """
    parts = values.reshape(-1, unit)
    live = parts != 0
    masks = live @ (1 << np.arange(unit))
    both = np.concatenate((masks[:, None], parts), axis=1)
    keep = np.concatenate((np.ones((len(parts), 1), dtype=bool), live), axis=1)
    return pack_lanes(both[keep], LANE)


def unpacked(words: Words, rows: int, size: int, unit: int) -> Ints:
    """The inverse of ``packed``: int64 [rows, size].

    >>> words = packed(np.array([[7, 0, 0, -9], [0, 0, 0, 1]]), 4)
    >>> unpacked(words, 2, 4, 4).tolist()
    [[7, 0, 0, -9], [0, 0, 0, 1]]
    """
    units = unpack_lanes(words, LANE)
    masks = units.tolist()
    found = np.zeros((rows * size // unit, unit), dtype=np.int64)
    at, places = 0, np.arange(unit)
    for part in found:
        there = (masks[at] >> places & 1).astype(bool)
        number = int(there.sum())
        part[there] = units[at + 1 : at + 1 + number]
        at += 1 + number
    return found.reshape(rows, size)


def activation_packet(rows: Ints, config: CambriconSeConfig) -> Words:
    """A block int64 [rows, Window] as a packet."""
    if config.packed_in:
        words = packed(rows, config.unit)
        return activation_packet_of(words.size, words)
    return activation_packet_of(len(rows), pack_lanes(rows.ravel(), LANE))


def activations(words: Words, rows: int, packed_in: bool, config: CambriconSeConfig) -> Ints:
    """The block int64 [rows, Window] of a (good) packet."""
    if packed_in:
        return unpacked(words[1:], rows, config.window, config.unit)
    return unpack_lanes(words[1:], LANE).reshape(rows, config.window)


def result_packet(results: Ints, packed_out: bool) -> Words:
    """Results int64 [outputs of groups, Pes] as a packet."""
    if packed_out:
        return packed(results, results.shape[1])
    return pack_rows_of_lanes(results, LANE)


def results_of(words: Words, rows: int, pes: int, packed_out: bool) -> Ints:
    """The inverse of ``result_packet``: int64 [rows, Pes]."""
    if packed_out:
        return unpacked(words, rows, pes, pes)
    return unpack_rows_of_lanes(words, LANE, pes)
