"""The memory bits that a layer fills in a build: what ``make pergate`` prices.

Weights and activations of the whole layer, each once and resident; loading them is not counted,
nor whether the memories of the build would hold them at once. Accumulators of the arrays: what the
fullest pass holds. Those of EIE are register files: gates, or ``Build.file_bits``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.array import packets as array_packets
from models.array.machine import Geometry
from models.dense.store import DENSE
from models.eie import packets as eie_packets
from models.eie.config import EieConfig
from models.layer import Layer
from models.memories import memories
from models.packets import unpack_lanes
from models.program import Program
from models.sparse_on_dense.store import SPARSE_ON_DENSE

ARRAYS = {one.name: one for one in (DENSE, SPARSE_ON_DENSE)}
Packet = NDArray[np.uint64]


def filled(design: str, config: Any, layer: Layer, program: Program) -> dict[str, int]:
    """Bits by what they hold: {"weights", "activations", "accumulators"}.

    ``program`` is the layer compiled for ``config``, of one of the designs ``eie``, ``dense`` and
    ``sparse_on_dense``.
    """
    packets = list(once(program))
    if design == "eie":
        weights, accumulators = eie_weights(packets, config), 0
    else:
        weights = array_weights(packets, design, config)
        accumulators = array_accumulators(program, design, config)
    return {
        "weights": weights,
        "activations": layer.activations.size * config.act_width,
        "accumulators": accumulators,
    }


def once(program: Program) -> Iterator[Packet]:
    """The weight packets, without those that load a block again.

    A block is named by the last two of a pass's tag, and loaded when it is first used.
    """
    seen = set()
    for item in program.passes:
        if item.wgt is not None and item.tag[2:] not in seen:
            seen.add(item.tag[2:])
            yield item.wgt


def eie_weights(packets: Iterable[Packet], config: EieConfig) -> int:
    """Entries (code and run) and pointers, biases too, at their own widths.

    Codebooks are registers, and so among the gates.
    """
    bits = 0
    for packet in packets:
        for section in eie_packets.weight_sections(packet, config.spmat_width):
            if section.kind == eie_packets.Kind.POINTER:
                pointers = unpack_lanes(section.payload, 32)[: section.count]
                bits += section.count * config.ptr_width
                bits += int(pointers[-1] - pointers[0]) * config.entry_width
            elif section.kind == eie_packets.Kind.BIAS:
                bits += section.count * config.bias_width
    return bits


def array_weights(packets: Iterable[Packet], design: str, config: Any) -> int:
    """Words of the weight buffer or of all banks, and of biases."""
    width = memories(design, config)["wgt"].width
    words = ARRAYS[design].buffer(config).section_words
    bits = 0
    for packet in packets:
        for section in array_packets.sections(packet, config, words):
            weights = section.kind == array_packets.Kind.WEIGHT
            bits += section.count * (width if weights else config.cols * config.bias_width)
    return bits


def array_accumulators(program: Program, design: str, config: Any) -> int:
    """One for each output and pixel of a pass (samples of a fully connected layer are pixels)."""
    passes = [Geometry.of(item) for item in program.passes]
    sums = memories(design, config)["psum"]
    return max(one.kt * one.pixels for one in passes) * sums.width * sums.banks
