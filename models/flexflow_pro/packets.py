"""The stream packets of FlexFlow-Pro, built and read (layout: ``rtl/flexflow_pro/README.md``).

Sections are those of ``models/packets.py``: WEIGHT, one for each PE, base and count in stream words
of its kernel store; BIAS, one for each row, base and count in biases.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from models.flexflow_pro.config import FlexflowProConfig
from models.flexflow_pro.registers import Kind
from models.packets import (
    Section,
    activation_packet_of,
    pack_lanes,
    pack_rows_of_lanes,
    split_sections,
    unpack_lanes,
    weight_packet,
)

Ints = NDArray[np.int64]
Words = NDArray[np.uint64]

#: Weights and activations of a stream word; bits of a bias in its word.
LANES, BIAS_LANE = 4, 32


def load_packet(kernels: Ints, biases: Ints | None) -> Words:
    """Kernel stores int64 [Rows*Cols, cells, MaskWord] from cell 0 on, biases [Rows, maps]."""
    sections = [
        Section(Kind.WEIGHT, pe, 0, store.size // LANES, pack_lanes(store.ravel(), 64 // LANES))
        for pe, store in enumerate(kernels)
    ]
    if biases is not None:
        sections += [
            Section(Kind.BIAS, row, 0, values.size, pack_lanes(values, BIAS_LANE))
            for row, values in enumerate(biases)
        ]
    return weight_packet(sections)


def sections(words: Words) -> Iterator[Section]:
    """The sections of a (good) weight packet, in order."""

    def size(kind: IntEnum, count: int) -> int:
        return count if kind == Kind.WEIGHT else -(-count * BIAS_LANE // 64)

    return split_sections(words, Kind, size)


def weights_of(section: Section) -> Ints:
    """Weights of a WEIGHT section: int64 [count * 4]."""
    return unpack_lanes(section.payload, 64 // LANES)


def biases_of(section: Section) -> Ints:
    """Biases of a BIAS section: int64 [count], and a 0 behind an odd number of them."""
    return unpack_lanes(section.payload, BIAS_LANE)


def activation_packet(cells: Ints) -> Words:
    """Column buffers int64 [Cols, cells, MaskWord] as a packet."""
    return activation_packet_of(
        cells.shape[0] * cells.shape[1], pack_lanes(cells.ravel(), 64 // LANES)
    )


def activations(words: Words, config: FlexflowProConfig) -> Ints:
    """Column buffers int64 [Cols, cells, MaskWord] of a (good) activation packet."""
    return unpack_lanes(words[1:], 64 // LANES).reshape(config.cols, -1, config.mask_word)


def result_packet(results: Ints) -> Words:
    """Results int64 [RES, Rows] as a packet."""
    return pack_rows_of_lanes(results, 16)
