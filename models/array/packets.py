"""Registers and stream packets of the dense array (layout: ``rtl/dense/README.md``).

A buffer word begins a new stream word. Sections are those of ``models/packets.py``, PE field 0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from models.array import registers
from models.array.config import ArrayConfig
from models.array.registers import Cfg, Kind, Mode
from models.packets import (
    Section,
    activation_packet_of,
    pack_rows_of_lanes,
    row_words,
    split_sections,
    unpack_rows_of_lanes,
)

__all__ = [
    "BIAS_LANE",
    "MAX_SIZE",
    "MAX_STEP",
    "MAX_TAPS",
    "Cfg",
    "Kind",
    "Mode",
    "activation_packet",
    "activations",
    "bias_section",
    "sections",
    "weight_section",
    "weight_sections",
]

#: Widest values of the CFG fields.
MAX_SIZE = registers.IN_SIZE_H.most  # H, W, P, Q, CT, KT
MAX_TAPS = registers.KERNEL_R.most  # R, S
MAX_STEP = registers.KERNEL_STRIDE.most  # STRIDE, PAD_TOP, PAD_LEFT
#: Lanes of a bias in its stream word.
BIAS_LANE = 32


def weight_section(base: int, tiles: NDArray[np.int64], config: ArrayConfig) -> Section:
    """Weight tiles int64 [KT, R, S, CT, Rows, Cols] from buffer word ``base`` on."""
    count = tiles.size // config.cols
    return Section(Kind.WEIGHT, 0, base, count, pack_rows_of_lanes(tiles, config.wgt_width))


def bias_section(base: int, values: NDArray[np.int64]) -> Section:
    """Biases int64 [KT, Cols] from buffer word ``base`` on."""
    return Section(Kind.BIAS, 0, base, len(values), pack_rows_of_lanes(values, BIAS_LANE))


def weight_sections(words: NDArray[np.uint64], config: ArrayConfig) -> Iterator[Section]:
    """The sections of a (good) weight packet, in order."""
    row = row_words(config.cols, config.kept_width)
    return sections(words, config, lambda count: count * row)


def sections(
    words: NDArray[np.uint64], config: ArrayConfig, weight_words: Callable[[int], int]
) -> Iterator[Section]:
    """The same, ``weight_words(count)`` being the payload of a weight section."""
    bias = row_words(config.cols, BIAS_LANE)

    def size(kind: IntEnum, count: int) -> int:
        return weight_words(count) if kind == Kind.WEIGHT else count * bias

    return split_sections(words, Kind, size)


def activation_packet(pixels: NDArray[np.int64], config: ArrayConfig) -> NDArray[np.uint64]:
    """Buffer words int64 [CT, H, W, Inputs] as a packet."""
    count = pixels.size // config.inputs
    return activation_packet_of(count, pack_rows_of_lanes(pixels, config.act_width))


def activations(words: NDArray[np.uint64], config: ArrayConfig) -> NDArray[np.int64]:
    """Buffer words int64 [CT*H*W, Inputs] of a (good) activation packet."""
    return unpack_rows_of_lanes(words[1:], config.act_width, config.inputs)
