"""Compiler of FlexFlow-Pro: layers to passes, result packets to tensors.

A pass is a block of windows, a group of output maps and a part of the reduction. The passes of a
reduction follow each other: the first one starts the accumulators (BIAS where there is one), the
following ones keep them (ACC_KEEP), the last one answers (OUTPUT). What is still in the stores is
not loaded again (``streams.py`` has the order).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.flexflow_pro.config import FlexflowProConfig
from models.flexflow_pro.layout import Layout
from models.flexflow_pro.lowering import Problem, lower
from models.flexflow_pro.mapping import Block
from models.flexflow_pro.packets import activation_packet, load_packet
from models.flexflow_pro.plan import choose
from models.flexflow_pro.registers import REGISTERS, Mode
from models.flexflow_pro.streams import Held, Place, places, streams
from models.layer import Layer
from models.packets import unpack_rows_of_lanes
from models.program import Pass, Program

Ints = NDArray[np.int64]
Words = NDArray[np.uint64]


@dataclass(frozen=True, eq=False)
class Piece:
    """What one result packet holds: windows of output maps int64 [maps, places], -1: none."""

    block: Block
    maps: Ints


@dataclass(frozen=True, eq=False)
class FlexflowProOutputs:
    """How result packets become tensors.

    shape    (B, K, P, Q) of the layer; batched: its samples are pixels
    lines, pixels   lines, and pixels of each
    groups   of pixels; rows: of the build
    pieces   one for each result packet, in order
    """

    shape: tuple[int, int, int, int]
    batched: bool
    lines: int
    pixels: int
    groups: int
    rows: int
    pieces: tuple[Piece, ...]


def compile(layer: Layer, config: FlexflowProConfig, sample: Ints | None = None) -> Program:
    """Passes of one layer on all its samples; tags are (0, block, group of maps, reduction pass).

    The mapping is chosen, pieces and maps are balanced, for activations like ``sample`` int64
    [B, C, H, W], which need not be those of the layer; None: for its own.

    Raises ValueError when a value does not fit a width of the build, a sum could overflow, the
    options leave no mapping or the sample has another shape; a layer larger than the build is cut,
    never refused.
    """
    low = lower(layer, config)
    if sample is None:
        layout = choose(low, config)
    elif sample.shape != layer.inputs.shape:
        raise ValueError(f"sample: found shape {sample.shape}, need {layer.inputs.shape}")
    else:
        layout = choose(lower(layer.with_activations(sample), config), config)
        layout = layout.of(Problem.of(low, layout.mapping.kind, config.act_threshold))
    passes, pieces = [], []
    for item, piece in _Emitter(layer, layout).passes():
        passes.append(item)
        pieces += [] if piece is None else [piece]
    problem = layout.problem
    outputs = FlexflowProOutputs(
        layer.out_shape,
        low.batched,
        problem.lines,
        problem.pixels,
        layout.mapping.groups,
        config.rows,
        tuple(pieces),
    )
    return Program("flexflow_pro", tuple(passes), outputs)


class _Emitter:
    """Makes passes."""

    def __init__(self, layer: Layer, layout: Layout) -> None:
        self.layer, self.layout, self.config = layer, layout, layout.config
        self.held = Held(layout)

    def passes(self) -> Iterator[tuple[Pass, Piece | None]]:
        """The passes in order, each with what its result packet holds."""
        every, number = self.layout.mapping.passes, 0
        for place in places(self.layout, streams(self.layout).groups_first):
            yield self._pass(place, number == 0, number + 1 == every)
            number = (number + 1) % every

    def _pass(self, place: Place, first: bool, last: bool) -> tuple[Pass, Piece | None]:
        """first, last: of its reduction."""
        layer, layout, config = self.layer, self.layout, self.config
        number, group, at = place
        block = layout.blocks[number]
        geo = layout.geometry(group, at, block)
        mode, wgt, act = int(Mode.COMPUTE), None, None
        biases = layout.biases(group) if first else None
        no_weights, no_cells = self.held.lacks(place)
        if no_weights:
            mode |= Mode.LOAD_WGT
            kernels = layout.kernels(group, at)
            kernels = kernels.reshape(config.multipliers, -1, config.mask_word)
            wgt = load_packet(kernels, biases)
        if no_cells:
            mode |= Mode.LOAD_ACT
            cells = layout.cells(group, at, block)
            act = activation_packet(cells.reshape(config.cols, -1, config.mask_word))
        mode |= 0 if first else Mode.ACC_KEEP
        mode |= 0 if biases is None else Mode.BIAS
        mode |= Mode.OUTPUT if last else 0
        mode |= Mode.RELU if layer.relu else 0
        mode |= Mode.RELAXED if config.relaxed else 0
        values = vars(geo) | {
            "mode": mode,
            "threshold": config.act_threshold,
            "shift": layer.shift,
        }
        cfg = REGISTERS.words(config, {one: values[one.name.lower()] for one in REGISTERS.cfg})
        words = geo.results * config.result_words if last else 0
        piece = Piece(block, layout.groups[group]) if last else None
        return Pass(cfg, wgt, act, words, (0, number, group, at)), piece


def unpack(program: Program, packets: Sequence[Words]) -> list[Ints]:
    """Result packets (one per pass with ``out_words > 0``, in order) to one int64 [B, K, P, Q].

    Raises ValueError when a packet is missing, has a wrong length or a lane that should be zero is
    not.
    """
    meta: FlexflowProOutputs = program.outputs
    if len(packets) != len(meta.pieces):
        raise ValueError(f"packets: found {len(packets)}, need {len(meta.pieces)}")
    batch, filters, height, width = meta.shape
    tensor = np.zeros((meta.lines, meta.pixels, filters), dtype=np.int64)
    for at, (piece, packet) in enumerate(zip(meta.pieces, packets, strict=True)):
        words = np.asarray(packet, dtype=np.uint64)
        block, maps = piece.block, piece.maps
        lines, windows = block.lines[1] - block.lines[0], block.windows[1] - block.windows[0]
        need = lines * windows * len(maps) * -(-meta.rows * 16 // 64)
        if words.shape != (need,):
            raise ValueError(f"packets[{at}]: found {words.shape} words, need {need}")
        values = unpack_rows_of_lanes(words, 16, meta.rows)
        shape = lines, windows, len(maps), meta.groups, maps.shape[1]
        values = values.reshape(shape).transpose(0, 1, 3, 2, 4)
        values = values.reshape(lines, windows * meta.groups, maps.size)
        first = block.windows[0] * meta.groups
        last = min(first + windows * meta.groups, meta.pixels)
        there = maps.ravel() >= 0
        part = tensor[block.lines[0] : block.lines[1], first:last]
        part[..., maps.ravel()[there]] = values[:, : last - first, there]
    if meta.batched:
        return [tensor.reshape(batch, filters)[:, :, None, None]]
    return [tensor.reshape(batch, height, width, filters).transpose(0, 3, 1, 2).copy()]
