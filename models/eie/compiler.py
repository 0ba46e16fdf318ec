"""Compiler of EIE: layers to passes, result packets to tensors.

A convolution is lowered to one matrix-vector product per output pixel. What does not fit the build
is cut (``lowering.cut``); whatever stays resident is loaded once. Order of the passes:

- all blocks resident together: for each vector, for each row block, for each column block;
- otherwise for each row block, for each vector, for each column block; the column blocks of a row
  block are loaded once when they fit together, before each use otherwise.

The first column block starts the accumulators (BIAS where there is one), the following ones keep
them (ACC_KEEP), the last one answers (OUTPUT).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from models.checks import check_accumulator, check_activations
from models.eie import registers
from models.eie.config import EieConfig
from models.eie.lowering import Lowered, Segment, cut, lower
from models.eie.packets import (
    Mode,
    activation_packet,
    bias_section,
    codebook_section,
    pointer_section,
    spmat_section,
    unpack_lanes,
    weight_packet,
)
from models.formats.csc import encode, pack_rows
from models.golden import chain, im2col
from models.layer import Layer
from models.program import Pass, Program


@dataclass(frozen=True, eq=False)
class OutputSlice:
    """What one result packet holds: ``rows[q]`` of ``vector`` of ``layer`` at position ``q``.

    ``vector`` counts output pixels: ``(b*P + p)*Q + q``.
    """

    layer: int
    vector: int
    rows: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class EieOutputs:
    """How result packets become tensors: shapes (B, K, P, Q) per layer, slices per packet."""

    shapes: tuple[tuple[int, int, int, int], ...]
    slices: tuple[OutputSlice, ...]
    act_width: int


class _FullError(Exception):
    """A memory of the build has no room left for a segment."""


@dataclass(frozen=True, eq=False)
class _Place:
    """Where a segment lives: weight row per PE, pointer and bias word, codebook."""

    rows: NDArray[np.int64]
    pointer: int
    bias: int
    codebook: int


@dataclass
class _Memory:
    """What of the build's memories is taken."""

    config: EieConfig
    rows: NDArray[np.int64] = field(init=False)
    pointer: int = 0
    bias: int = 0

    def __post_init__(self) -> None:
        self.rows = np.zeros(self.config.num_pe, dtype=np.int64)

    def place(self, segment: Segment, codebook: int = 0) -> _Place:
        """Take room for a segment, or raise _FullError naming the memory."""
        cfg = self.config
        need = self.rows * cfg.entries_per_row + segment.entries
        if (need > cfg.max_entries).any():
            pe = int(np.argmax(need))
            raise _FullError(
                f"weight memory of PE {pe} needs {need[pe]} entries, has {cfg.max_entries} "
                f"(spmat_depth {cfg.spmat_depth}, ptr_width {cfg.ptr_width})"
            )
        if self.pointer + segment.in_len + 1 > cfg.ptr_depth:
            raise _FullError(
                f"pointer memory needs {self.pointer + segment.in_len + 1} words, "
                f"ptr_depth is {cfg.ptr_depth}"
            )
        words = 0 if segment.bias is None else -(-segment.rows.size // cfg.num_pe)
        if self.bias + words > cfg.bias_depth:
            raise _FullError(
                f"bias memory needs {self.bias + words} words, bias_depth is {cfg.bias_depth}"
            )
        place = _Place(self.rows.copy(), self.pointer, self.bias, codebook)
        self.rows += -(-segment.entries // cfg.entries_per_row)
        self.pointer += (segment.in_len + 2) // 2 * 2  # bases are even
        self.bias += words
        return place


def _weights(
    segment: Segment, place: _Place, values: NDArray[np.int64], config: EieConfig
) -> NDArray[np.uint64]:
    """The weight packet of a segment."""
    csc, num_pe = segment.csc, config.num_pe
    sections = [codebook_section(place.codebook, values, config.code_width)]
    for pe in range(num_pe):
        pointers = csc.pointers[pe, segment.first : segment.last + 1]
        shifted = pointers - pointers[0] + place.rows[pe] * config.entries_per_row
        sections.append(pointer_section(pe, place.pointer, shifted))
    for pe in np.flatnonzero(segment.entries).tolist():
        part = slice(csc.pointers[pe, segment.first], csc.pointers[pe, segment.last])
        rows = pack_rows(
            csc.codes[pe][part],
            csc.idx[pe][part],
            config.entries_per_row,
            config.code_width,
            config.idx_width,
        )
        sections.append(spmat_section(pe, int(place.rows[pe]), rows))
    if segment.bias is not None:
        for pe in range(min(num_pe, segment.rows.size)):
            sections.append(bias_section(pe, place.bias, segment.bias[pe::num_pe]))
    return weight_packet(sections)


class _Emitter:
    """Collects passes; knows what the weight and activation memories hold."""

    def __init__(self, config: EieConfig) -> None:
        self.config = config
        self.passes: list[Pass] = []
        self.slices: list[OutputSlice] = []
        self.loaded: set[int] = set()  # id() of the resident segments
        self.inputs: tuple[int, int, int] | None = None  # what the activation memory holds

    def emit(
        self,
        layer: Layer,
        lowered: Lowered,
        segment: Segment,
        place: _Place,
        tag: tuple[int, int, int, int],
        vector: NDArray[np.int64] | None,
        last: bool,
        swap: bool = False,
    ) -> None:
        """One pass; ``vector`` (whole input vector) None: inputs from the source file.

        ``tag`` is (layer, vector, row block, column block), ``last`` the last column block.
        """
        config = self.config
        mode = int(Mode.COMPUTE)
        weights = inputs = None
        if id(segment) not in self.loaded:
            weights = _weights(segment, place, lowered.values, config)
            self.loaded.add(id(segment))
            mode |= Mode.LOAD_WGT
        key = (tag[1], segment.first, segment.last)
        if vector is None:
            mode |= Mode.SRC_FILE
        elif key != self.inputs:
            inputs = activation_packet(vector[segment.first : segment.last], config.act_width)
            self.inputs = key
            mode |= Mode.LOAD_ACT
        out_len = segment.rows.size
        mode |= Mode.OUTPUT if last else 0
        mode |= Mode.SWAP if swap else 0
        mode |= Mode.ACC_KEEP if segment.first else 0
        mode |= Mode.BIAS if segment.bias is not None else 0
        mode |= Mode.RELU if layer.relu else 0
        mode |= Mode.SKIP_EMPTY if config.skip_empty else 0
        mode |= Mode.FUSE_PAD if config.fuse_pad else 0
        cfg = registers.REGISTERS.words(
            config,
            {
                registers.MODE: mode,
                registers.IN_LEN: segment.in_len,
                registers.OUT_LEN: out_len,
                registers.PTR_BASE: place.pointer,
                registers.ACT_BASE: 0,
                registers.BIAS_BASE: place.bias,
                registers.CODEBOOK: place.codebook,
                registers.SHIFT: layer.shift,
            },
        )
        words = -(-out_len // config.lanes) if last else 0
        self.passes.append(Pass(cfg, weights, inputs, words, tag))
        if last:
            self.slices.append(OutputSlice(tag[0], tag[1], segment.rows))

    def program(self, shapes: Sequence[tuple[int, int, int, int]]) -> Program:
        """The program of all passes so far."""
        outputs = EieOutputs(tuple(shapes), tuple(self.slices), self.config.act_width)
        return Program("eie", tuple(self.passes), outputs)


def _vectors(layer: Layer, config: EieConfig) -> NDArray[np.int64]:
    """Input vectors [V, N] of a layer, checked against the widths of the build."""
    vectors = im2col(layer)
    check_activations(layer, vectors, config.act_width)
    check_accumulator(layer, config.acc_width, vectors)
    return vectors


def compile(layer: Layer, config: EieConfig) -> Program:
    """Passes of one layer on all its samples.

    Raises ValueError when a value does not fit a width of the build or a sum could overflow; a
    layer larger than the build is cut, never refused.
    """
    lowered = lower(layer, config)
    vectors = _vectors(layer, config)
    blocks = cut(lowered, config)
    out = _Emitter(config)

    def run(block: int, vector: int, places: Sequence[_Place], alone: bool) -> None:
        segments = blocks[block]
        for at, (segment, place) in enumerate(zip(segments, places, strict=True)):
            if alone:
                out.loaded &= {id(segment)}
            last = at + 1 == len(segments)
            tag = (0, vector, block, at)
            out.emit(layer, lowered, segment, place, tag, vectors[vector], last)

    together = _place_all([segment for block in blocks for segment in block], config)
    if together is not None:
        spans = np.cumsum([0] + [len(block) for block in blocks]).tolist()
        for vector in range(vectors.shape[0]):
            for block in range(len(blocks)):
                run(block, vector, together[spans[block] : spans[block + 1]], alone=False)
        return out.program([layer.out_shape])
    for block, segments in enumerate(blocks):
        places = _place_all(segments, config)
        alone = places is None
        if places is None:
            places = [_Memory(config).place(segment) for segment in segments]
        for vector in range(vectors.shape[0]):
            run(block, vector, places, alone)
    return out.program([layer.out_shape])


def _place_all(segments: Sequence[Segment], config: EieConfig) -> list[_Place] | None:
    """Places for segments that shall be resident together, or None."""
    memory = _Memory(config)
    try:
        return [memory.place(segment) for segment in segments]
    except _FullError:
        return None


def _chained(layers: Sequence[Layer], config: EieConfig) -> list[Layer]:
    """The layers with all activations filled in, or ValueError if they are no chain."""
    if not layers:
        raise ValueError("layers: found none, need at least one")
    for at, layer in enumerate(layers):
        if at and layer.activations is not None:
            raise ValueError(
                f"layers: layer {at} ('{layer.name}') has activations of its own, "
                "only the first one may"
            )
        if at and layer.weights.shape[1:] != (layers[at - 1].weights.shape[0], 1, 1):
            raise ValueError(
                f"layers: layer {at} ('{layer.name}') has weights {layer.weights.shape}, "
                f"need [K, {layers[at - 1].weights.shape[0]}] behind layer {at - 1}"
            )
    if layers[0].activations is not None and layers[0].out_shape[2:] != (1, 1):
        raise ValueError(
            f"layers: layer 0 ('{layers[0].name}') has {layers[0].out_shape[2:]} output pixels, "
            "only layers with one are chained; compile it on its own"
        )
    return [layer for layer, _ in chain(layers, config.act_width)]


def compile_network(layers: Sequence[Layer], config: EieConfig) -> Program:
    """Passes of a chain of fully connected layers: all weights resident, activations never leave.

    ``layers[0]`` holds the samples, the others have ``activations=None``. Every layer's result is
    streamed. Raises ValueError naming what does not fit; then compile layer by layer.
    """
    full = _chained(layers, config)
    if len(full) > config.num_codebooks:
        raise ValueError(
            f"network does not fit: {len(full)} layers need a codebook each, "
            f"num_codebooks is {config.num_codebooks}"
        )
    memory = _Memory(config)
    parts: list[tuple[Lowered, Segment, _Place]] = []
    order: NDArray[np.int64] | None = None
    vectors = np.zeros((0, 0), dtype=np.int64)
    for at, layer in enumerate(full):
        lowered = lower(layer, config)
        inputs = _vectors(layer, config)
        if at == 0:
            vectors = inputs
        else:
            # The inputs lie where the layer before put them.
            lowered = Lowered(layer.name, lowered.codes[:, order], lowered.values, lowered.bias)
        segment, place = _resident(lowered, at, memory)
        parts.append((lowered, segment, place))
        order = segment.rows
    out = _Emitter(config)
    for vector in range(vectors.shape[0]):
        for at, (lowered, segment, place) in enumerate(parts):
            given = vectors[vector] if at == 0 else None
            swap = at + 1 < len(parts)
            tag = (at, vector, 0, 0)
            out.emit(full[at], lowered, segment, place, tag, given, last=True, swap=swap)
    return out.program([layer.out_shape for layer in full])


def _resident(lowered: Lowered, at: int, memory: _Memory) -> tuple[Segment, _Place]:
    """The one segment of a layer of a network and its place, or ValueError."""
    config = memory.config
    where = f"network does not fit: layer {at} ('{lowered.name}')"
    rows, cols = lowered.codes.shape
    files = config.act_regs * config.num_pe
    room = files if at else config.act_depth * config.num_pe
    kind = "act_regs" if at else "act_depth"
    if rows > files:
        raise ValueError(f"{where} has {rows} outputs, act_regs * num_pe is {files}")
    if cols > room:
        raise ValueError(f"{where} has {cols} inputs, {kind} * num_pe is {room}")
    blocks = cut(lowered, config)
    if len(blocks) == 1 and len(blocks[0]) == 1:
        try:
            return blocks[0][0], memory.place(blocks[0][0], codebook=at)
        except _FullError as full:
            raise ValueError(f"{where}: {full}") from None
    raise ValueError(
        f"{where} needs {sum(len(block) for block in blocks)} segments, "
        "only one is allowed (weight, pointer or bias memory too small)"
    )


def unpack(program: Program, packets: Sequence[NDArray[np.uint64]]) -> list[NDArray[np.int64]]:
    """Result packets (one per pass with ``out_words > 0``, in order) to int64 [B, K, P, Q] each.

    Raises ValueError when a packet is missing, has a wrong length or dirty padding.
    """
    meta: EieOutputs = program.outputs
    if len(packets) != len(meta.slices):
        raise ValueError(f"packets: found {len(packets)}, need {len(meta.slices)}")
    tensors = [np.zeros((b * p * q, k), dtype=np.int64) for b, k, p, q in meta.shapes]
    for at, (piece, packet) in enumerate(zip(meta.slices, packets, strict=True)):
        words = np.asarray(packet, dtype=np.uint64)
        need = -(-piece.rows.size // (64 // meta.act_width))
        if words.shape != (need,):
            raise ValueError(f"packets[{at}]: found {words.shape} words, need {need}")
        values = unpack_lanes(words, meta.act_width)
        if values[piece.rows.size :].any():
            raise ValueError(f"packets[{at}]: the padding behind the last result is not zero")
        tensors[piece.layer][piece.vector, piece.rows] = values[: piece.rows.size]
    return [
        tensor.reshape(b, p, q, k).transpose(0, 3, 1, 2).copy()
        for tensor, (b, k, p, q) in zip(tensors, meta.shapes, strict=True)
    ]


def theoretical_cycles(
    layers: Layer | Sequence[Layer], num_pe: int = 64, idx_width: int = 4, act_width: int = 16
) -> float:
    """The paper's theoretical time of one or more chained layers on all samples, in cycles.

    Entries (padding counted as work) of the columns with a non-zero activation, rows interleaved
    ``row mod num_pe``, divided by ``num_pe``: perfect balance and no other loss.

    >>> theoretical_cycles(Layer([[1, 0, 2], [0, 3, 4]], [5, 6, 0]), num_pe=2)
    1.0
    """
    chained = [layers] if isinstance(layers, Layer) else list(layers)
    entries = 0
    for layer, _ in chain(chained, act_width):
        pattern = (layer.weights.reshape(layer.weights.shape[0], -1) != 0).astype(np.uint8)
        loads = encode(pattern, num_pe, idx_width).loads().sum(axis=0)
        entries += int(((im2col(layer) != 0) @ loads).sum())
    return entries / num_pe
