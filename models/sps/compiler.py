"""Compiler of SPS: that of the array, on layers whose outputs and channels have found their places.

Any weights are exact. Fast are those whose kernels have few patterns that come again (see
``patterns.py``); weights without any are run as by the dense array, without the positions that no
kernel uses.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from models.array import compiler as array
from models.array.compiler import DenseOutputs
from models.array.lowering import lower
from models.array.problem import Ints
from models.layer import Layer
from models.program import Program
from models.sps.arrange import Options
from models.sps.config import SpsConfig
from models.sps.store import SPS, SpsTiles

__all__ = ["Options", "SpsOutputs", "compile", "unpack"]


@dataclass(frozen=True, eq=False)
class SpsOutputs:
    """How result packets become tensors.

    placed     as if the outputs were in their places
    out_order  int64 [KT*Cols]: number of the output at each place, -1 where there is none; what
               the layer behind takes as ``in_order``
    """

    placed: DenseOutputs
    out_order: Ints


def compile(layer: Layer, config: SpsConfig, options: Options | None = None) -> Program:
    """Passes of one layer on all its samples; tags are (0, band, output range, channel range).

    Raises ValueError when a value does not fit a width of the build, a sum could overflow, the
    weight buffer cannot hold a tile, or an option cannot be.
    """
    tiles = SpsTiles.of(lower(layer, config), config, options)
    program = array.assemble(layer, tiles, SPS)
    return replace(program, outputs=SpsOutputs(program.outputs, tiles.arranged.outputs))


def unpack(program: Program, packets: Sequence[NDArray[np.uint64]]) -> list[NDArray[np.int64]]:
    """Result packets (one per pass with ``out_words > 0``, in order) to one int64 [B, K, P, Q].

    Raises ValueError when a packet is missing, has a wrong length or dirty padding.
    """
    meta: SpsOutputs = program.outputs
    (placed,) = array.unpack(replace(program, outputs=meta.placed), packets)
    there = meta.out_order >= 0
    if placed[:, ~there].any():
        raise ValueError("packets: a lane without an output is not zero")
    tensor = np.zeros((placed.shape[0], int(there.sum()), *placed.shape[2:]), dtype=np.int64)
    tensor[:, meta.out_order[there]] = placed[:, there]
    return [tensor]
