"""The stream packets of EIE as 64-bit words, built and read (layout: ``rtl/eie/README.md``).

Sections are those of ``models/packets.py``. Activation packet: word 0 = ``{magic 'LACA',
activations}``, then the activations, low lane first.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from models.eie.registers import Cfg, Kind, Mode
from models.packets import (
    Section,
    activation_packet_of,
    pack_lanes,
    row_words,
    split_sections,
    unpack_lanes,
    weight_packet,
)

__all__ = [
    "Cfg",
    "Kind",
    "Mode",
    "Section",
    "activation_packet",
    "activations",
    "bias_section",
    "codebook_section",
    "pack_lanes",
    "pointer_section",
    "spmat_section",
    "unpack_lanes",
    "weight_packet",
    "weight_sections",
]


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


def weight_sections(words: NDArray[np.uint64], spmat_width: int) -> Iterator[Section]:
    """The sections of a (good) weight packet, in order."""
    rows = row_words(1, spmat_width)

    def size(kind: Kind, count: int) -> int:
        return {
            Kind.CODEBOOK: -(-count // 4),
            Kind.POINTER: -(-count // 2),
            Kind.SPMAT: count * rows,
            Kind.BIAS: -(-count // 2),
        }[kind]

    return split_sections(words, Kind, size)


def activation_packet(values: NDArray[np.int64], act_width: int) -> NDArray[np.uint64]:
    """Activations in position order as a packet."""
    return activation_packet_of(values.size, pack_lanes(values, act_width))


def activations(words: NDArray[np.uint64], act_width: int) -> NDArray[np.int64]:
    """The activations of a (good) activation packet."""
    return unpack_lanes(words[1:], act_width)[: int(words[0]) & 0xFFFFFFFF]
