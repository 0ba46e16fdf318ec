"""Sections of a weight packet that only SPS has: patterns, positions, residues.

    DIR    an entry is {first position [15:8], number of positions [7:0]}, four in a stream word
    POS    {dy [7:4], dx [3:0]}, eight in a stream word
    KRES   four bits, sixteen in a stream word
    RRES   a buffer word is Rows of four bits, from a new stream word on

Weights, biases and activations: ``models/array/packets.py``.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.array.config import ArrayConfig
from models.array.problem import Ints
from models.packets import Section, pack_lanes, pack_rows_of_lanes, row_words, unpack_lanes
from models.sps.registers import Kind

#: Bits of an entry.
DIR_WIDTH, POS_WIDTH, RES_WIDTH = 16, 8, 4


def table_words(kind: int, count: int, config: ArrayConfig) -> int:
    """Payload of a section of a table: stream words of ``count`` entries, or buffer words."""
    width = entry_bits(kind, config)
    return count * row_words(1, width) if kind == Kind.RRES else row_words(count, width)


def entry_bits(kind: int, config: ArrayConfig) -> int:
    """Bits of an entry of a table, of a buffer word of RRES."""
    if kind == Kind.RRES:
        return config.rows * RES_WIDTH
    return {Kind.DIR: DIR_WIDTH, Kind.POS: POS_WIDTH, Kind.KRES: RES_WIDTH}[Kind(kind)]


def dir_section(first: int, sizes: Ints) -> Section:
    """Patterns of so many positions, one behind the other, from entry ``first`` on; a section
    begins with a whole stream word of its table.
    """
    bases = np.cumsum(sizes) - sizes
    # The base of a pattern without positions is not looked at.
    return Section(Kind.DIR, 0, first, sizes.size, pack_lanes((bases & 0xFF) << 8 | sizes, 16))


def pos_section(first: int, dy: Ints, dx: Ints) -> Section:
    """Positions from entry ``first`` on."""
    return Section(Kind.POS, 0, first, dy.size, pack_lanes(dy << 4 | dx, 8))


def kres_section(first: int, residues: Ints) -> Section:
    """Residues int64 [KT] of output tiles from ``first`` on."""
    return Section(Kind.KRES, 0, first, residues.size, pack_lanes(_pairs(residues), 8))


def rres_section(first: int, residues: Ints) -> Section:
    """Residues int64 [CT, Rows] from channel tile ``first`` on."""
    words = pack_rows_of_lanes(_pairs(residues), 8)
    return Section(Kind.RRES, 0, first, len(residues), words)


def _pairs(values: Ints) -> Ints:
    """Values of four bits as bytes, along the last axis: [..., ceil(n/2)].

    >>> [hex(one) for one in _pairs(np.array([1, 2, 3])).tolist()]
    ['0x21', '0x3']
    """
    odd = values.shape[-1] % 2
    even = np.pad(values, [*((0, 0),) * (values.ndim - 1), (0, odd)])
    return even[..., ::2] | even[..., 1::2] << 4


def _halves(values: Ints) -> Ints:
    """The inverse of ``_pairs``."""
    both = np.stack((values & 0xF, values >> 4), axis=-1)
    return both.reshape(*values.shape[:-1], 2 * values.shape[-1])


def entries(section: Section, config: ArrayConfig) -> Ints:
    """What the words of a section of a table hold, to the end of the last stream word: int64
    [n, 2] of DIR (base, size) and POS (dy, dx), [n] of KRES; of RRES [count, Rows].
    """
    words: NDArray[np.uint64] = section.payload
    if section.kind == Kind.DIR:
        lanes = unpack_lanes(words, 16, signed=False)
        return np.stack((lanes >> 8, lanes & 0xFF), axis=1)
    lanes = unpack_lanes(words, 8, signed=False)
    if section.kind == Kind.POS:
        return np.stack((lanes >> 4, lanes & 0xF), axis=1)
    if section.kind == Kind.KRES:
        return _halves(lanes)
    size = 8 * table_words(Kind.RRES, 1, config)
    return _halves(lanes.reshape(section.count, size))[:, : config.rows]
