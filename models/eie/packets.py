"""The stream packets of EIE as 64-bit words, built and read (layout: ``rtl/eie/README.md``).

Weight packet: word 0 = ``{magic 'LACW' [63:32], words that follow [31:0]}``, then sections::

     63          40 39          16 15      4 3    0
    +--------------+--------------+---------+------+
    | count        | base         | PE      | kind |  then ``payload`` words
    +--------------+--------------+---------+------+

Activation packet: word 0 = ``{magic 'LACA', activations}``, then the activations, low lane first.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from models.socket import ACT_MAGIC, WGT_MAGIC


class Kind(IntEnum):
    """Section kinds, in the order they must come."""

    CODEBOOK = 1
    POINTER = 2
    SPMAT = 3
    BIAS = 4


class Cfg(IntEnum):
    """CFG registers."""

    MODE = 0
    IN_LEN = 1
    OUT_LEN = 2
    PTR_BASE = 3
    ACT_BASE = 4
    BIAS_BASE = 5
    CODEBOOK = 6
    SHIFT = 7


class Mode(IntEnum):
    """Bits of the MODE register."""

    LOAD_WGT = 1 << 0
    LOAD_ACT = 1 << 1
    COMPUTE = 1 << 2
    OUTPUT = 1 << 3
    SWAP = 1 << 4
    SRC_FILE = 1 << 5
    ACC_KEEP = 1 << 6
    BIAS = 1 << 7
    RELU = 1 << 8
    SKIP_EMPTY = 1 << 9
    FUSE_PAD = 1 << 10


@dataclass(frozen=True, eq=False)
class Section:
    """One section of a weight packet; ``payload`` uint64 words, ``count`` in the kind's unit."""

    kind: Kind
    pe: int
    base: int
    count: int
    payload: NDArray[np.uint64]


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


def codebook_section(number: int, values: NDArray[np.int64], code_width: int) -> Section:
    """Codebook ``number``; ``values`` int64, filled up with zeros to ``2**code_width``."""
    full = np.zeros(1 << code_width, dtype=np.int64)
    full[: values.size] = values
    return Section(Kind.CODEBOOK, 0, number, full.size, pack_lanes(full, 16))


def pointer_section(pe: int, base: int, pointers: NDArray[np.int64]) -> Section:
    """Pointers of one PE from index ``base`` on."""
    return Section(Kind.POINTER, pe, base, pointers.size, pack_lanes(pointers, 32))


def spmat_section(pe: int, base: int, rows: NDArray[np.uint64]) -> Section:
    """Weight SRAM rows, uint64 [rows, words per row]."""
    return Section(Kind.SPMAT, pe, base, rows.shape[0], rows.ravel())


def bias_section(pe: int, base: int, values: NDArray[np.int64]) -> Section:
    """Biases of one PE."""
    return Section(Kind.BIAS, pe, base, values.size, pack_lanes(values, 32))


def weight_packet(sections: list[Section]) -> NDArray[np.uint64]:
    """A weight packet; the sections must be in strictly ascending (kind, PE) order."""
    keys = [(section.kind, section.pe) for section in sections]
    if any(a >= b for a, b in zip(keys, keys[1:], strict=False)):
        raise ValueError("sections: not in strictly ascending (kind, PE) order")
    parts = [np.zeros(1, dtype=np.uint64)]
    for item in sections:
        header = item.kind | item.pe << 4 | item.base << 16 | item.count << 40
        parts += [np.array([header], dtype=np.uint64), item.payload]
    words = np.concatenate(parts)
    words[0] = WGT_MAGIC << 32 | (words.size - 1)
    return words


def weight_sections(words: NDArray[np.uint64], spmat_width: int) -> Iterator[Section]:
    """The sections of a (good) weight packet, in order."""
    row_words = -(-spmat_width // 64)
    at = 1
    while at < words.size:
        header = int(words[at])
        kind, count = Kind(header & 0xF), header >> 40
        size = {
            Kind.CODEBOOK: -(-count // 4),
            Kind.POINTER: -(-count // 2),
            Kind.SPMAT: count * row_words,
            Kind.BIAS: -(-count // 2),
        }[kind]
        payload = words[at + 1 : at + 1 + size]
        yield Section(kind, header >> 4 & 0xFFF, header >> 16 & 0xFFFFFF, count, payload)
        at += 1 + size


def activation_packet(values: NDArray[np.int64], act_width: int) -> NDArray[np.uint64]:
    """Activations in position order as a packet."""
    head = np.array([ACT_MAGIC << 32 | values.size], dtype=np.uint64)
    return np.concatenate((head, pack_lanes(values, act_width)))


def activations(words: NDArray[np.uint64], act_width: int) -> NDArray[np.int64]:
    """The activations of a (good) activation packet."""
    return unpack_lanes(words[1:], act_width)[: int(words[0]) & 0xFFFFFFFF]
