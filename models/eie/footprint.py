"""The memory bits that a layer fills in EIE: what ``make pergate`` prices."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from models.eie.config import EieConfig
from models.eie.packets import Kind, unpack_lanes, weight_sections
from models.layer import Layer
from models.program import Program, weights_once


def footprint(layer: Layer, config: EieConfig, program: Program) -> dict[str, int]:
    """Bits by what they hold, weights and activations of the whole layer, each once and resident.

    Accumulators are register files: gates, or ``file_bits``.
    """
    return {
        "weights": weight_bits(weights_once(program), config),
        "activations": layer.inputs.size * config.act_width,
        "accumulators": 0,
    }


def weight_bits(packets: Iterable[NDArray[np.uint64]], config: EieConfig) -> int:
    """Entries (code and run) and pointers, biases too, at their own widths.

    Codebooks are registers, and so among the gates.
    """
    bits = 0
    for packet in packets:
        for section in weight_sections(packet, config.spmat_width):
            if section.kind == Kind.POINTER:
                pointers = unpack_lanes(section.payload, 32)[: section.count]
                bits += section.count * config.ptr_width
                bits += int(pointers[-1] - pointers[0]) * config.entry_width
            elif section.kind == Kind.BIAS:
                bits += section.count * config.bias_width
    return bits


def file_bits(config: EieConfig) -> int:
    """Bits of the two files of accumulators in each PE, where they are memories.

    >>> file_bits(EieConfig()), file_bits(EieConfig(file_mem=1))
    (0, 262144)
    """
    return 2 * config.file_mem * config.num_pe * config.act_regs * config.acc_width
