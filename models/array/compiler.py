"""Compiler of dense arrays: layers to passes, result packets to tensors.

A group is a band of output pixels of one sample and a range of output tiles; its passes go over
the ranges of channels and taps. The first one starts the accumulators (BIAS where there is one),
the following ones keep them (ACC_KEEP), the last one answers (OUTPUT). Blocks that are still in
their buffer are not loaded again.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from models.array import registers
from models.array.config import ArrayConfig
from models.array.lowering import (
    Plan,
    bias_words,
    lower,
    pixel_words,
    plan,
    spans,
    step,
    window,
)
from models.array.packets import (
    MAX_STEP,
    Mode,
    activation_packet,
    bias_section,
)
from models.array.problem import Span
from models.array.store import Tiles, WeightStore
from models.layer import Layer
from models.packets import row_words, unpack_lanes, weight_packet
from models.program import Pass, Program
from models.registers import Field, RegisterMap


@dataclass(frozen=True)
class OutputSlice:
    """What one result packet holds: outputs ``k`` of pixels ``p`` x ``q`` of a sample."""

    sample: int
    p: Span
    q: Span
    k: Span


@dataclass(frozen=True)
class DenseOutputs:
    """How result packets become tensors.

    shape    (B, K, P, Q) of the layer; batched: its samples are pixels, see ``Lowered``
    slices   one per packet; cols, act_width: of the build
    """

    shape: tuple[int, int, int, int]
    batched: bool
    slices: tuple[OutputSlice, ...]
    cols: int
    act_width: int


class Places:
    """A buffer as places of equal size, each with one block; the one used longest ago goes first.

    >>> places = Places(depth=8, size=4)
    >>> [places.take(block) for block in ("a", "b", "a", "c", "a")]
    [(0, True), (4, True), (0, False), (4, True), (0, False)]
    """

    def __init__(self, depth: int, size: int) -> None:
        self.size, self.count = size, depth // size
        self.held: OrderedDict[Hashable, int] = OrderedDict()

    def take(self, block: Hashable) -> tuple[int, bool]:
        """(base of the block, whether it must be loaded)."""
        if block in self.held:
            self.held.move_to_end(block)
            return self.held[block], False
        if len(self.held) < self.count:
            base = len(self.held) * self.size
        else:
            _, base = self.held.popitem(last=False)
        self.held[block] = base
        return base, True


@dataclass(frozen=True)
class Block:
    """One pass: which outputs, which channels and taps, where it belongs."""

    sample: int
    p: Span
    q: Span
    kt: Span
    ct: Span
    r: Span
    s: Span
    first: bool
    last: bool
    tag: tuple[int, int, int, int]

    @property
    def pixels(self) -> int:
        """N."""
        return _length(self.p) * _length(self.q)


def compile(layer: Layer, config: ArrayConfig, store: WeightStore) -> Program:
    """Passes of one layer on all its samples; tags are (0, band, output range, channel range).

    Raises ValueError when a value does not fit a width of the build, a sum could overflow or the
    weight buffer cannot hold a tile; a layer larger than the build is cut, never refused.
    """
    return assemble(layer, store.tiles(lower(layer, config), config), store)


def assemble(layer: Layer, tiles: Tiles, store: WeightStore) -> Program:
    """The same of tiles that are at hand. ``tiles.low`` need not have the outputs of the layer in
    their order: the outputs of the program are its own.
    """
    low, config = tiles.low, tiles.config
    made = plan(low, config, tiles)
    emitter = _Emitter(layer, made, tiles, store.registers)
    passes, slices = [], []
    for block in blocks(tiles, made):
        passes.append(emitter.emit(block))
        if block.last:
            filters = low.weights.shape[0]
            k = block.kt[0] * config.cols, min(block.kt[1] * config.cols, filters)
            slices.append(OutputSlice(block.sample, block.p, block.q, k))
    batch, _, height, width = layer.out_shape
    shape = batch, low.weights.shape[0], height, width
    outputs = DenseOutputs(shape, low.batched, tuple(slices), config.cols, config.act_width)
    return Program(store.name, tuple(passes), outputs)


def blocks(tiles: Tiles, made: Plan) -> Iterator[Block]:
    """The passes in order."""
    low = tiles.low
    (out_h, out_w), (taps_r, taps_s) = low.out_size, low.weights.shape[2:]
    bands = list(product(range(low.acts.shape[0]), spans(out_h, made.p), spans(out_w, made.q)))
    outs = spans(tiles.grid[0], made.kt)
    sums = list(
        product(
            spans(taps_r, made.r),
            spans(taps_s, made.s),
            spans(tiles.grid[1], made.ct),
        )
    )
    pairs: Iterable[tuple[int, int]] = product(range(len(bands)), range(len(outs)))
    if not made.pixels_first:
        pairs = ((band, out) for out, band in product(range(len(outs)), range(len(bands))))
    for band, out in pairs:
        sample, p, q = bands[band]
        for at, (r, s, ct) in enumerate(sums):
            last = at + 1 == len(sums)
            tag = (0, band, out, at)
            yield Block(sample, p, q, outs[out], ct, r, s, at == 0, last, tag)


def outline(tiles: Tiles) -> list[tuple[int, int]]:
    """(weight tiles, pixels) of every pass of a layer: what its cycles follow from."""
    made = plan(tiles.low, tiles.config, tiles)
    return [(tiles.number(one.kt, one.ct, one.r, one.s), one.pixels) for one in blocks(tiles, made)]


class _Emitter:
    """Makes passes; knows what the buffers hold."""

    def __init__(
        self,
        layer: Layer,
        made: Plan,
        tiles: Tiles,
        fields: RegisterMap,
    ) -> None:
        self.low, self.config = tiles.low, tiles.config
        self.layer, self.made, self.tiles, self.fields = layer, made, tiles, fields
        self.tables = tiles.tables()
        config = self.config
        self.wgt = Places(config.wgt_depth, made.wgt_words(tiles))
        self.act = Places(config.act_depth, made.act_words)
        self.bias = Places(config.bias_depth, made.kt)

    def emit(self, block: Block) -> Pass:
        """The pass of a block."""
        low, config, layer = self.low, self.config, self.layer
        pitch = step(low.stride, max(self.made.r, self.made.s))
        height, width = low.acts.shape[2:]
        rows = window(block.p, block.r, pitch, low.stride, low.padding, height)
        cols = window(block.q, block.s, pitch, low.stride, low.padding, width)
        act_base, load = self.act.take((block.sample, block.p, block.q, block.ct, block.r, block.s))
        mode, inputs = int(Mode.COMPUTE), None
        if load:
            mode |= Mode.LOAD_ACT
            pixels = pixel_words(low, block.sample, block.ct, rows, cols, config)
            inputs = activation_packet(pixels, config)
        wgt_base, bias_base, own, weights = self._weights(block)
        mode |= 0 if weights is None else Mode.LOAD_WGT
        mode |= Mode.OUTPUT if block.last else 0
        mode |= 0 if block.first else Mode.ACC_KEEP
        mode |= Mode.BIAS if block.first and low.bias is not None else 0
        mode |= Mode.RELU if layer.relu else 0
        kt, p, q = (_length(span) for span in (block.kt, block.p, block.q))
        cfg = self.fields.words(
            config,
            {
                registers.MODE: mode,
                registers.IN_SIZE_H: rows.index.size,
                registers.IN_SIZE_W: cols.index.size,
                registers.OUT_SIZE_P: p,
                registers.OUT_SIZE_Q: q,
                registers.KERNEL_R: _length(block.r),
                registers.KERNEL_S: _length(block.s),
                # larger only when there is a single pixel
                registers.KERNEL_STRIDE: min(pitch, MAX_STEP),
                registers.KERNEL_PAD_TOP: rows.lead,
                registers.KERNEL_PAD_LEFT: cols.lead,
                registers.TILES_CT: _length(block.ct),
                registers.TILES_KT: kt,
                registers.WGT_BASE: wgt_base,
                registers.ACT_BASE: act_base,
                registers.BIAS_BASE: bias_base,
                registers.SHIFT: layer.shift,
                **own,
            },
        )
        words = kt * p * q * row_words(config.cols, config.act_width) if block.last else 0
        return Pass(cfg, weights, inputs, words, block.tag)

    def _weights(
        self, block: Block
    ) -> tuple[int, int, Mapping[Field, int], NDArray[np.uint64] | None]:
        """(WGT_BASE, BIAS_BASE, other registers, weight packet if anything is missing)."""
        sections, bias_base = [], 0
        base, load = self.wgt.take((block.kt, block.ct, block.r, block.s))
        if load:
            sections += self.tiles.sections(base, block.kt, block.ct, block.r, block.s)
        if block.first and self.low.bias is not None:
            bias_base, load = self.bias.take(block.kt)
            if load:
                words = bias_words(self.low.bias, block.kt, self.config)
                sections.append(bias_section(bias_base, words))
        own, loads = self.tables.needs(block.kt, block.ct, block.r, block.s)
        sections += loads
        return base, bias_base, own, weight_packet(sections) if sections else None


def _length(span: Span) -> int:
    return span[1] - span[0]


def unpack(program: Program, packets: Sequence[NDArray[np.uint64]]) -> list[NDArray[np.int64]]:
    """Result packets (one per pass with ``out_words > 0``, in order) to one int64 [B, K, P, Q].

    Raises ValueError when a packet is missing, has a wrong length or dirty padding.
    """
    meta: DenseOutputs = program.outputs
    if len(packets) != len(meta.slices):
        raise ValueError(f"packets: found {len(packets)}, need {len(meta.slices)}")
    batch, filters, _out_h, _out_w = meta.shape
    shape = (1, filters, 1, batch) if meta.batched else meta.shape
    tensor = np.zeros(shape, dtype=np.int64)
    lanes = row_words(meta.cols, meta.act_width) * (64 // meta.act_width)
    for at, (piece, packet) in enumerate(zip(meta.slices, packets, strict=True)):
        words = np.asarray(packet, dtype=np.uint64)
        kt = -(-_length(piece.k) // meta.cols)
        p, q = _length(piece.p), _length(piece.q)
        need = kt * p * q * row_words(meta.cols, meta.act_width)
        if words.shape != (need,):
            raise ValueError(f"packets[{at}]: found {words.shape} words, need {need}")
        tiles = unpack_lanes(words, meta.act_width).reshape(kt, p, q, lanes)
        beyond = tiles[..., meta.cols :].any()
        values = tiles[..., : meta.cols].transpose(0, 3, 1, 2).reshape(kt * meta.cols, p, q)
        if beyond or values[_length(piece.k) :].any():
            raise ValueError(f"packets[{at}]: a lane without an output is not zero")
        part = tensor[piece.sample, slice(*piece.k), slice(*piece.p), slice(*piece.q)]
        part[:] = values[: _length(piece.k)]
    if meta.batched:
        return [tensor.transpose(3, 1, 0, 2).copy()]
    return [tensor]
