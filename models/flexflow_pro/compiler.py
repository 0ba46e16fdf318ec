"""Compiler of FlexFlow-Pro: layers to passes, result packets to tensors.

A pass is a block of windows, a group of output maps and a part of the reduction. The passes of a
reduction follow each other: the first one starts the accumulators (BIAS where there is one), the
following ones keep them (ACC_KEEP), the last one answers (OUTPUT). What is still in the stores is
not loaded again.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from models.flexflow_pro.config import FlexflowProConfig
from models.flexflow_pro.layout import Layout
from models.flexflow_pro.lowering import lower
from models.flexflow_pro.mapping import Block
from models.flexflow_pro.packets import activation_packet, load_packet
from models.flexflow_pro.plan import choose
from models.flexflow_pro.registers import REGISTERS, Mode
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


def compile(layer: Layer, config: FlexflowProConfig) -> Program:
    """Passes of one layer on all its samples; tags are (0, block, group of maps, reduction pass).

    Raises ValueError when a value does not fit a width of the build, a sum could overflow or the
    options leave no mapping; a layer larger than the build is cut, never refused.
    """
    low = lower(layer, config)
    layout = choose(low, config)
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
    """Makes passes; knows what the stores hold."""

    def __init__(self, layer: Layer, layout: Layout) -> None:
        self.layer, self.layout, self.config = layer, layout, layout.config
        self.held: dict[str, Hashable] = {}

    def passes(self) -> Iterator[tuple[Pass, Piece | None]]:
        """The passes in order, each with what its result packet holds."""
        layout = self.layout
        reduction = range(layout.mapping.passes)
        blocks, groups = range(len(layout.blocks)), range(len(layout.groups))
        for first, second in product(*self._order(blocks, groups)):
            block, group = (second, first) if self.weights_first else (first, second)
            for at in reduction:
                yield self._pass(block, group, at)

    def _order(self, blocks: range, groups: range) -> tuple[range, range]:
        """Outer and inner loop: what is in the inner one is loaded more often."""
        layout, config = self.layout, self.config
        geo = layout.geometry(0, 0, layout.blocks[0])
        weights = config.multipliers * geo.maps * geo.taps * geo.cells
        acts = config.cols * geo.lines * geo.line * geo.cells
        self.weights_first = layout.mapping.passes == 1 and (
            not layout.same_columns
            or len(groups) * weights + len(groups) * len(blocks) * acts
            < len(groups) * len(blocks) * weights + len(blocks) * acts
        )
        return (groups, blocks) if self.weights_first else (blocks, groups)

    def _pass(self, number: int, group: int, at: int) -> tuple[Pass, Piece | None]:
        layer, layout, config = self.layer, self.layout, self.config
        block = layout.blocks[number]
        geo = layout.geometry(group, at, block)
        first, last = at == 0, at + 1 == layout.mapping.passes
        mode, wgt, act = int(Mode.COMPUTE), None, None
        biases = layout.biases(group) if first else None
        if self._missing("wgt", (group, at)):
            mode |= Mode.LOAD_WGT
            kernels = layout.kernels(group, at)
            kernels = kernels.reshape(config.multipliers, -1, config.mask_word)
            wgt = load_packet(kernels, biases)
        if self._missing("act", (number, 0 if layout.same_columns else group, at)):
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

    def _missing(self, store: str, key: Hashable) -> bool:
        """Whether something must be loaded; then it is there."""
        missing = self.held.get(store) != key
        self.held[store] = key
        return missing


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
