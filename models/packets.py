"""Stream packets every design shares: lanes in 64-bit words, weight packets of sections.

Weight packet: word 0 = ``{magic 'LACW' [63:32], words that follow [31:0]}``, then sections::

     63          40 39          16 15      4 3    0
    +--------------+--------------+---------+------+
    | count        | base         | PE      | kind |  then ``payload`` words
    +--------------+--------------+---------+------+

Activation packet: word 0 = ``{magic 'LACA', count}``, then the payload. Kinds, units of count and
the layout of payloads are the design's own.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from models.socket import ACT_MAGIC, WGT_MAGIC

#: Bits of the fields of a section header.
COUNT_BITS = BASE_BITS = 24

_Kind = TypeVar("_Kind", bound=IntEnum)


@dataclass(frozen=True, eq=False)
class Section:
    """One section of a weight packet; ``payload`` uint64 words, ``count`` in the kind's unit."""

    kind: Any  # of the design's IntEnum; a test may send what is none
    pe: int
    base: int
    count: int
    payload: NDArray[np.uint64]

    @property
    def header(self) -> int:
        """The word in front of the payload.

        >>> hex(Section(2, 0xABC, 0x123456, 7, np.zeros(0, dtype=np.uint64)).header)
        '0x7123456abc2'
        """
        return int(self.kind) | self.pe << 4 | self.base << 16 | self.count << 40


def pack_lanes(values: NDArray[np.integer], width: int) -> NDArray[np.uint64]:
    """Signed or unsigned integers in ``width``-bit lanes (8, 16, 32) of uint64 words, low first.

    The last word is filled up with zeros. The caller has checked the range.

    >>> [hex(word) for word in pack_lanes(np.array([1, -2, 3, 4, 5]), 16).tolist()]
    ['0x40003fffe0001', '0x5']
    """
    lanes = 64 // width
    full = np.zeros(-(-values.size // lanes) * lanes, dtype=f"<u{width // 8}")
    full[: values.size] = values.astype(np.int64).astype(full.dtype)
    return full.view("<u8").astype(np.uint64, copy=False)


def unpack_lanes(words: NDArray[np.uint64], width: int, signed: bool = True) -> NDArray[np.int64]:
    """The inverse of ``pack_lanes``, int64, all lanes.

    >>> unpack_lanes(np.array([0x40003FFFE0001], dtype=np.uint64), 16).tolist()
    [1, -2, 3, 4]
    """
    lanes = np.ascontiguousarray(words, dtype="<u8").view(f"<{'i' if signed else 'u'}{width // 8}")
    return lanes.astype(np.int64)


def row_words(lanes: int, width: int) -> int:
    """Stream words of a buffer word of ``lanes`` values of ``width`` bits."""
    return -(-lanes * width // 64)


def pack_rows_of_lanes(values: NDArray[np.integer], width: int) -> NDArray[np.uint64]:
    """Buffer words [..., lanes], each from a new stream word on, as one vector of uint64.

    >>> [hex(word) for word in pack_rows_of_lanes(np.array([[1, 2, 3], [4, 5, 6]]), 32).tolist()]
    ['0x200000001', '0x3', '0x500000004', '0x6']
    >>> [hex(word) for word in pack_rows_of_lanes(np.array([[-1, 2, 3, 4]]), 18).tolist()]
    ['0x1000030000bffff', '0x0']
    """
    lanes = values.shape[-1]
    rows = values.reshape(-1, lanes)
    if 64 % width:  # a lane may lie in two words
        bits = rows[:, :, None] >> np.arange(width) & 1
        flat = bits.reshape(len(rows), lanes * width).astype(np.uint8)
        flat = np.pad(flat, ((0, 0), (0, -flat.shape[1] % 64)))
        return np.packbits(flat, axis=1, bitorder="little").view(np.uint64).reshape(-1)
    full = row_words(lanes, width) * (64 // width)
    if full != lanes:
        rows = np.pad(rows, ((0, 0), (0, full - lanes)))
    return pack_lanes(rows.reshape(-1), width)


def unpack_rows_of_lanes(words: NDArray[np.uint64], width: int, lanes: int) -> NDArray[np.int64]:
    """The inverse of ``pack_rows_of_lanes``: int64 [rows, lanes]; the rest of a row is dropped."""
    if 64 % width:
        raw = np.ascontiguousarray(words).view(np.uint8).reshape(-1, row_words(lanes, width) * 8)
        flat = np.unpackbits(raw, axis=1, bitorder="little")[:, : lanes * width]
        bits = flat.reshape(-1, lanes, width).astype(np.int64)
        values: NDArray[np.int64] = (bits << np.arange(width)).sum(axis=2)
        return values - (bits[:, :, -1] << width)
    return unpack_lanes(words, width).reshape(-1, row_words(lanes, width) * (64 // width))[
        :, :lanes
    ]


def packet_of(sections: Sequence[Section]) -> NDArray[np.uint64]:
    """A weight packet of any sections in any order; nothing is checked."""
    parts = [np.zeros(1, dtype=np.uint64)]
    for item in sections:
        parts += [np.array([item.header], dtype=np.uint64), item.payload]
    words = np.concatenate(parts)
    words[0] = WGT_MAGIC << 32 | (words.size - 1)
    return words


def weight_packet(sections: Sequence[Section]) -> NDArray[np.uint64]:
    """A weight packet; the sections must be in strictly ascending (kind, PE) order."""
    keys = [(section.kind, section.pe) for section in sections]
    if any(a >= b for a, b in itertools.pairwise(keys)):
        raise ValueError("sections: not in strictly ascending (kind, PE) order")
    return packet_of(sections)


def split_sections(
    words: NDArray[np.uint64], kinds: type[_Kind], size: Callable[[_Kind, int], int]
) -> Iterator[Section]:
    """The sections of a (good) weight packet, in order; ``size(kind, count)``: payload words."""
    at = 1
    while at < words.size:
        header = int(words[at])
        kind, count = kinds(header & 0xF), header >> 40
        payload = words[at + 1 : at + 1 + size(kind, count)]
        yield Section(kind, header >> 4 & 0xFFF, header >> 16 & 0xFFFFFF, count, payload)
        at += 1 + payload.size


def activation_packet_of(count: int, payload: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """An activation packet with ``count`` in the design's unit."""
    return np.concatenate((np.array([ACT_MAGIC << 32 | count], dtype=np.uint64), payload))
