"""The memory bits that a layer fills in an array: what ``make pergate`` prices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.array.machine import Geometry
from models.array.packets import Kind
from models.array.store import WeightStore
from models.layer import Layer
from models.memories import Memory
from models.program import Program, weights_once


def footprint_of(
    layer: Layer, config: Any, program: Program, store: WeightStore, memories: Mapping[str, Memory]
) -> dict[str, int]:
    """Bits by what they hold, weights and activations of the whole layer, each once and resident.

    Accumulators: what the fullest pass holds.
    """
    return {
        "weights": weight_bits(weights_once(program), config, store, memories["wgt"].width),
        "activations": layer.inputs.size * config.act_width,
        "accumulators": accumulator_bits(program, memories["psum"]),
    }


def weight_bits(
    packets: Iterable[NDArray[np.uint64]], config: Any, store: WeightStore, width: int
) -> int:
    """Words of ``width`` bits of the weight buffer or of all banks, of biases and of tables."""
    buffer = store.buffer(config)
    bits = 0
    for packet in packets:
        for section in buffer.sections(packet):
            if section.kind == Kind.WEIGHT:
                bits += section.count * width
            elif section.kind == Kind.BIAS:
                bits += section.count * config.cols * config.bias_width
            else:
                bits += buffer.table_bits(section)
    return bits


def accumulator_bits(program: Program, sums: Memory) -> int:
    """One for each output and pixel of a pass (samples of a fully connected layer are pixels)."""
    passes = [Geometry.of(item) for item in program.passes]
    return max(one.kt * one.pixels for one in passes) * sums.width * sums.banks
