"""Compiler of SCNN: layers to passes, result packets to tensors (contract: ``rtl/scnn/README.md``).

A pass is a chip tile, a range of output groups and a part of the reduction. Tiles follow each
other row by row; the sums that one leaves for the next ones go with them, and so do those from one
part to the next. The activations of every layer are known here, so these sums are
known, too; a host would hand on what the accelerator sent.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.fixed import fits, requant
from models.golden import chain
from models.layer import Layer
from models.packets import unpack_lanes, weight_packet
from models.program import Pass, Program
from models.scnn.blocks import acts_of
from models.scnn.config import ScnnConfig
from models.scnn.encoder import WeightRows, tile_data
from models.scnn.geometry import Geometry, Regions
from models.scnn.lowering import Lowered, lower, sums_of
from models.scnn.packets import (
    PeData,
    activation_packet,
    bias_section,
    offset_section,
    pe_data,
    pe_words_size,
    weight_section,
)
from models.scnn.plan import Plan, plans, ranges
from models.scnn.registers import REGISTERS, Mode
from models.scnn.runs import encode_to_the_end
from models.scnn.tiles import Axis, Span

Ints = NDArray[np.int64]
Words = NDArray[np.uint64]

#: CARRY_IN and CARRY_OUT that no position reaches.
_ALL = 0xFFFF


@dataclass(frozen=True, eq=False)
class Piece:
    """What one result packet holds.

    sample, k   of the layer; geo: of the pass
    origin      (p, q) of the output at the accumulator (0, 0) of the chip tile
    carry       words that leave with each PE
    """

    sample: int
    k: Span
    geo: Geometry
    origin: tuple[int, int]
    carry: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class ScnnOutputs:
    """How result packets become tensors: of each layer that answers its shape and its pieces.

    shape    (B, K, P, Q); batched: see ``Lowered``
    pieces   one for each result packet, in order
    """

    shape: tuple[int, int, int, int]
    batched: int
    size: tuple[int, int]
    pieces: tuple[Piece, ...]
    config: ScnnConfig


def compile(layer: Layer, config: ScnnConfig) -> Program:
    """Passes of one layer on all its samples; tags are (0, sample, tile, groups, part).

    Raises ValueError when a value does not fit a width of the build, a sum could overflow or the
    build cannot hold a block or a pixel; a layer larger than the build is cut, never refused.
    """
    low = lower(layer)
    check_values(layer, low, config)
    passes: list[Pass] = []
    pieces: list[Piece] = []
    for plan in plans(low, config):
        try:
            passes, pieces, held = [], [], Held()
            for sample in range(len(low.acts)):
                emitter = Emitter(layer, low, plan, sample, held, config)
                for item, piece in emitter.passes():
                    passes.append(item)
                    if piece is not None:
                        pieces.append(piece)
            break
        except _DoesNotFit as found:
            why = found
    else:
        raise ValueError(str(why))
    outputs = ScnnOutputs(layer.out_shape, low.batched, low.size, tuple(pieces), config)
    return Program("scnn", tuple(passes), outputs)


def compile_network(layers: Sequence[Layer], config: ScnnConfig) -> Program:
    """Passes of chained layers; results stay in the accelerator, those of the last one leave.

    ``layers[0]`` holds the inputs, the others have ``activations`` None and take the plane of the
    layer before. Tags begin with the number of the layer. Raises ValueError as ``compile`` does,
    and when a plane is larger than a chip tile or changes its size on the way.
    """
    given = [layer for layer, _ in chain(layers, config.act_width)]
    lows = [lower(layer) for layer in given]
    for layer, low in zip(given, lows, strict=True):
        check_values(layer, low, config)
    choices = [list(plans(low, config, whole=True)) for low in lows]
    for layer, before, low in zip(layers[1:], lows, lows[1:], strict=False):
        if low.acts.shape[1:] != (len(before.weights), *before.size):
            raise ValueError(f"layers: layer '{layer.name}' does not take the plane before it")
    for layer, one, other in zip(layers[1:], choices, choices[1:], strict=False):
        (down, right), (other_down, other_right) = one[0].cut.first, other[0].cut.first
        if (down.tile, right.tile) != (other_down.tile, other_right.tile):
            raise ValueError(
                f"layers: tiles of layer '{layer.name}' are {other_down.tile} x "
                f"{other_right.tile} pixels, those before it {down.tile} x {right.tile}"
            )
    picked = [0] * len(lows)
    while True:
        passes: list[Pass] = []
        pieces: list[Piece] = []
        held, at = Held(), 0
        try:
            for sample in range(len(lows[0].acts)):
                for at, (layer, low) in enumerate(zip(given, lows, strict=True)):
                    plan, last = choices[at][picked[at]], at + 1 == len(lows)
                    pitch = 0 if last else choices[at + 1][picked[at + 1]].pitches[0]
                    gap = 0 if last else pitch - plan.cut.first[1].tile
                    link = Link(at, at == 0, not last, gap)
                    for item, piece in Emitter(
                        layer, low, plan, sample, held, config, link
                    ).passes():
                        passes.append(item)
                        pieces += [] if piece is None else [piece]
            break
        except _DoesNotFit as found:
            picked[at] += 1
            if picked[at] == len(choices[at]):
                raise ValueError(str(found)) from None
    end, low = given[-1], lows[-1]
    outputs = ScnnOutputs(end.out_shape, low.batched, low.size, tuple(pieces), config)
    return Program("scnn", tuple(passes), outputs)


class _DoesNotFit(ValueError):
    """The data of a plan is more than was thought: another plan is tried."""


def check_values(layer: Layer, low: Lowered, config: ScnnConfig) -> None:
    """ValueError about a value or a sum that the build does not hold."""
    for name, values, width in (
        ("weights", low.weights, config.wgt_width),
        ("activations", low.acts, config.act_width),
        ("bias", low.bias, config.bias_width),
    ):
        if not fits(values, width):
            raise ValueError(f"{name}: found a value beyond {width} bits in layer '{layer.name}'")
    if layer.shift >= config.acc_width:
        raise ValueError(f"shift: found {layer.shift}, allowed 0..{config.acc_width - 1}")
    size = np.abs(low.weights).reshape(len(low.weights), -1).sum(axis=1)
    bound = size * np.abs(low.acts).max() + np.abs(low.bias)
    if fits(bound, config.acc_width):
        return
    for plane in low.acts:
        sums = sums_of(np.abs(low.weights), np.abs(plane)).reshape(len(size), -1).max(axis=1)
        if not fits(sums + np.abs(low.bias), config.acc_width):
            raise ValueError(
                f"acc_width: found {config.acc_width}, a sum of layer '{layer.name}' needs "
                f"{int((sums + np.abs(low.bias)).max()).bit_length() + 1}"
            )


class Held:
    """What the memories of weights hold between the passes of a layer.

    >>> held = Held()
    >>> [held.place(part, 3, 8) for part in "abac"]
    [0, 3, None, 0]
    """

    def __init__(self) -> None:
        self.offsets: list[int] = []
        self.biases: Hashable = None
        self.rows: dict[Hashable, int] = {}
        self.next = 0

    def place(self, key: Hashable, size: int, depth: int) -> int | None:
        """Where rows that are not there yet go; None if they are there."""
        if key in self.rows:
            return None
        if self.next + size > depth:
            self.rows, self.next = {}, 0
        self.rows[key] = self.next
        self.next += size
        return self.rows[key]


@dataclass(frozen=True, eq=False)
class _Tile:
    """A chip tile of a sample.

    geo      of its passes, but for what changes from one to the next
    found    its positions
    partial  int64 [segments + 1, K, PEs, box]: sums before the first range of channels, behind it..
    results  int64 [PEs, K, box]
    """

    geo: dict[str, int]
    found: Regions
    partial: Ints
    results: Ints


@dataclass(frozen=True)
class Link:
    """Place of a layer in a chain.

    number    of the layer; loads: its inputs come by the stream
    keeps     its results stay and are the inputs of the next layer, whose pitch leaves out_gap
              positions behind each row
    """

    number: int = 0
    loads: bool = True
    keeps: bool = False
    out_gap: int = 0


class Emitter:
    """Makes the passes of a sample of a layer."""

    def __init__(
        self,
        layer: Layer,
        low: Lowered,
        plan: Plan,
        sample: int,
        held: Held,
        config: ScnnConfig,
        link: Link = Link(),
    ) -> None:
        self.layer, self.low, self.plan = layer, low, plan
        self.sample, self.held, self.config = sample, held, config
        taps_r, taps_s = low.kernel
        high, wide = low.domain
        self.filters = len(low.weights)
        #: Sums so far, position (0, 0) being the first accumulator of the first tile.
        self.running = np.zeros((self.filters, high + taps_r - 1, wide + taps_s - 1), np.int64)
        self.rows = WeightRows(low.weights, plan.kc, plan.segments, config)
        self.link, self.out_gap = link, link.out_gap

    def passes(self) -> Iterator[tuple[Pass, Piece | None]]:
        """The passes in order, each with what its result packet holds."""
        for number, (tile, pitch) in enumerate(
            zip(self.plan.cut.tiles(), self.plan.pitches, strict=True)
        ):
            made = self._tile(tile, pitch)
            parts = [
                tile_data(self.low.acts[self.sample], one.channels, tile, pitch, self.config)
                for one in self.plan.segments
            ]
            for part in parts:
                self._check(part)
            every = self._group_ranges(made)
            alone = len(parts) == 1 and not made.found.carry_in.any()
            for at, groups in enumerate(every):
                for segment, part in enumerate(parts):
                    tag = (self.link.number, self.sample, number, at, segment)
                    acts = part if self.link.loads and (at == 0 or not alone) else None
                    ends = (at == 0, at + 1 == len(every))
                    yield self._pass(made, tile, groups, segment, acts, ends, tag)

    def _check(self, part: Sequence[PeData]) -> None:
        rows = max(len(one.run) for one in part)
        count = max(int(one.counts.max(initial=0)) for one in part)
        if rows > self.config.iaram_rows:
            raise _DoesNotFit(
                f"activations: found {rows} rows in a PE, allowed {self.config.iaram_rows}"
            )
        if count > self.config.max_count:
            raise _DoesNotFit(
                f"activations: found {count} entries of a channel in a PE, allowed "
                f"{self.config.max_count}"
            )

    def _tile(self, tile: tuple[Axis, Axis], pitch: int) -> _Tile:
        """Geometry, sums and results of a chip tile; the running sums are brought up to date."""
        down, right = tile
        config, low = self.config, self.low
        values = {
            "MODE": Mode.RIM if self.plan.cut.rim else 0,
            "TAPS": int(np.prod(low.kernel)),
            "KC_LOG": self.plan.kc.bit_length() - 1,
            "SHAPE": self.plan.shape,
            "TILE_W": right.tile,
            "TILE_H": down.tile,
            "PITCH": pitch,
            "OUT_GAP": self.out_gap,
            "HALO_L": right.lead,
            "HALO_R": right.trail,
            "HALO_U": down.lead,
            "HALO_D": down.trail,
            "FINAL_X0": right.final[0],
            "FINAL_X1": right.final[1],
            "FINAL_Y0": down.final[0],
            "FINAL_Y1": down.final[1],
            "CARRY_IN_X": right.carry_in,
            "CARRY_IN_Y": down.carry_in,
            "CARRY_OUT_X": right.carry_out,
            "CARRY_OUT_Y": down.carry_out,
            "SHIFT": self.layer.shift,
        }
        geo = Geometry.of(_registers(values))
        found = geo.regions(config)
        plane = self._plane(tile)
        part = self.running[:, down.start :, right.start :]
        part = part[:, : plane.shape[1] + low.kernel[0] - 1, : plane.shape[2] + low.kernel[1] - 1]
        ey = np.minimum(found.ey, part.shape[1] - 1)
        ex = np.minimum(found.ex, part.shape[2] - 1)
        inside = (found.ey == ey) & (found.ex == ex)
        steps = [np.where(inside, part[:, ey, ex], 0)]
        for segment in self.plan.segments:
            part += sums_of(segment.of(low.weights), plane[slice(*segment.channels)])
            steps.append(np.where(inside, part[:, ey, ex], 0))
        sums = steps[-1] + low.bias[:, None, None]
        result = requant(sums, self.layer.shift, config.act_width, self.layer.relu)
        result = np.where(found.final, result, 0).transpose(1, 0, 2)
        return _Tile(values, found, np.array(steps), result)

    def _plane(self, tile: tuple[Axis, Axis]) -> Ints:
        """The input of a chip tile, zeros where there are only results."""
        down, right = tile
        acts = self.low.acts[self.sample, :, down.start : down.stop, right.start : right.stop]
        full = np.zeros(
            (len(acts), down.stop - down.start, right.stop - right.start), dtype=np.int64
        )
        full[:, : acts.shape[1], : acts.shape[2]] = acts
        return full

    def _group_ranges(self, made: _Tile) -> list[Span]:
        """Ranges of groups whose weights, biases, results and carried sums fit."""
        config, kc = self.config, self.plan.kc
        groups = -(-self.filters // kc)
        loads = []
        for rows in self.rows.number:  # of each segment
            loads.append(rows / config.wgt_depth)
        loads.append(np.full(groups, kc / config.bias_depth))
        entries = self._result_entries(made)
        result_rows = np.add.reduceat(-(-entries // config.i), np.arange(0, self.filters, kc), 1)
        loads += list(result_rows / config.iaram_rows)
        carry = 0
        for segment in range(len(self.plan.segments)):
            comes, goes = self._carries(made, segment)
            carry = max(carry, int(comes.sum(axis=1).max()) + int(goes.sum(axis=1).max()))
        loads.append(np.full(groups, carry * kc / config.carry_depth))
        if entries.max(initial=0) > config.max_count:
            raise _DoesNotFit(
                f"results: found {entries.max()} entries of a channel in a PE, allowed "
                f"{config.max_count}"
            )
        found = ranges(np.array(loads), 1.0, min(config.max_c // kc, 0xFFFF))
        if found is None:
            raise _DoesNotFit(f"results: {kc} channels of a chip tile are more than a PE holds")
        held = -(-entries // config.i)
        if self.link.keeps and held.sum(axis=1).max() > config.iaram_rows:
            raise _DoesNotFit(
                f"results: found {held.sum(axis=1).max()} rows in a PE, allowed {config.iaram_rows}"
            )
        return list(found)

    def _result_entries(self, made: _Tile) -> Ints:
        """Entries of the compressed results: int64 [PEs, K]."""
        geo = Geometry.of(_registers(made.geo))
        rows, cols = (len(span) for span in geo.box)
        pes, filters, _ = made.results.shape
        full = np.zeros((pes * filters, rows, cols + self.out_gap), dtype=np.int64)
        full[:, :, :cols] = made.results.reshape(-1, rows, cols)
        flat = full.reshape(pes * filters, -1)[:, : rows * (cols + self.out_gap) - self.out_gap]
        return encode_to_the_end(flat).counts(pes * filters).reshape(pes, filters)

    def _carries(self, made: _Tile, segment: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """(positions that get a sum, that give one) in a range of channels: bool [PEs, box]."""
        found = made.found
        every = found.final | found.carry_out
        comes = found.carry_in if segment == 0 else every
        last = segment + 1 == len(self.plan.segments)
        return comes, found.carry_out if last else every

    def _pass(
        self,
        made: _Tile,
        tile: tuple[Axis, Axis],
        groups: Span,
        segment: int,
        acts: Sequence[PeData] | None,
        ends: tuple[bool, bool],
        tag: tuple[int, ...],
    ) -> tuple[Pass, Piece | None]:
        """A pass; ``acts``: activations to load, ``ends``: whether it has the first and the last
        groups of its tile."""
        config, kc, link = self.config, self.plan.kc, self.link
        k = groups[0] * kc, min(groups[1] * kc, self.filters)
        last = segment + 1 == len(self.plan.segments)
        comes, goes = self._carries(made, segment)
        span = self.plan.segments[segment].channels
        wgt_base, bias_base, weights = self._weights(
            groups, segment, k, Geometry.of(_registers(made.geo))
        )
        sums = made.partial[segment, k[0] : k[1]]
        packet = None
        if acts is not None:
            carried = (sums[:, pe, comes[pe]].ravel() for pe in range(config.pes))
            packet = activation_packet(
                [
                    PeData(one.counts, one.run, one.value, words)
                    for one, words in zip(acts, carried, strict=True)
                ],
                config,
            )
        cout_base = int(comes.sum(axis=1).max()) * (k[1] - k[0])
        values = made.geo | {
            "MODE": self._mode(packet is not None, weights is not None, ends) | made.geo["MODE"],
            "C": span[1] - span[0],
            "NUM_GROUPS": groups[1] - groups[0],
            "LAST_K": k[1] - (groups[1] - 1) * kc,
            "WGT_BASE": wgt_base,
            "BIAS_BASE": bias_base,
            "ACT_WORDS": 0 if packet is None else packet.size - 1,
            "COUT_BASE": min(cout_base, config.carry_depth - 1),
            "OUT_CHANNELS": 0 if link.keeps else k[1] - k[0],
        }
        if not last:
            values |= {"FINAL_X1": values["FINAL_X0"], "FINAL_Y1": values["FINAL_Y0"]}
        if segment:
            values |= {"CARRY_IN_X": _ALL, "CARRY_IN_Y": _ALL}
        cfg = REGISTERS.words(config, {_FIELDS[name]: value for name, value in values.items()})
        if link.keeps:
            return Pass(cfg, weights, packet, 0, tag), None
        carry = tuple(int(number) * (k[1] - k[0]) for number in goes.sum(axis=1))
        origin = tile[0].start - tile[0].lead, tile[1].start - tile[1].lead
        piece = Piece(self.sample, k, Geometry.of(cfg), origin, carry)
        return Pass(cfg, weights, packet, self._words(made, piece, last), tag), piece

    def _mode(self, acts: bool, weights: bool, ends: tuple[bool, bool]) -> int:
        """MODE of a pass that loads activations, weights."""
        config, link = self.config, self.link
        mode = int(Mode.COMPUTE)
        for wanted, flag in (
            (weights, Mode.LOAD_WGT),
            (acts, Mode.LOAD_ACT),
            (not link.keeps, Mode.OUTPUT),
            (link.keeps and not ends[0], Mode.OA_KEEP),
            (link.keeps and ends[1], Mode.SWAP),
            (not config.empty_free, Mode.EMPTY_STEP),
            (config.merging, Mode.MERGE),
            (config.dense_out, Mode.DENSE),
            (self.layer.relu, Mode.RELU),
        ):
            mode |= flag if wanted else 0
        return mode

    def _words(self, made: _Tile, piece: Piece, last: bool) -> int:
        """Words of the result packet."""
        config = self.config
        number = piece.k[1] - piece.k[0]
        carry = sum(-(-words // config.carry_lanes) for words in piece.carry)
        if config.dense_out:
            rows, cols = (len(span) for span in piece.geo.box)
            return config.pes * number * -(-rows * cols // 4) + carry
        if last:
            entries = self._result_entries(made)[:, piece.k[0] : piece.k[1]]
        else:
            rows, cols = (len(span) for span in piece.geo.box)
            entries = np.full((config.pes, number), (rows * cols) // 16)
        rows_of = (-(-entries // config.i)).sum(axis=1)
        return sum(
            pe_words_size(number, int(rows), words, config)
            for rows, words in zip(rows_of, piece.carry, strict=True)
        )

    def _weights(
        self, groups: Span, segment: int, k: Span, geo: Geometry
    ) -> tuple[int, int, Words | None]:
        """(WGT_BASE, BIAS_BASE, weight packet if anything is missing in the memories)."""
        held, config = self.held, self.config
        sections = []
        if held.offsets != geo.offsets().tolist():
            held.offsets = geo.offsets().tolist()
            sections.append(offset_section(geo.offsets()))
        whole = self.filters <= config.bias_depth
        biases = (0, self.filters) if whole else k
        if held.biases != (self.link.number, biases):
            held.biases = self.link.number, biases
            sections.append(bias_section(0, self.low.bias[slice(*biases)]))
        size = int(self.rows.number[segment][slice(*groups)].sum())
        key = self.link.number, groups, segment
        base = held.place(key, size, config.wgt_depth)
        if base is None:
            base = held.rows[key]
        else:
            sections.append(weight_section(base, self.rows.of(groups, segment), config))
        return base, k[0] if whole else 0, weight_packet(sections) if sections else None


_FIELDS = {field.name: field for field in REGISTERS.cfg}


def _registers(values: dict[str, int]) -> dict[int, int]:
    """CFG words of some fields, unchecked."""
    words: dict[int, int] = {}
    for name, value in values.items():
        words = _FIELDS[name].put(words, value)
    return words


def unpack(program: Program, packets: Sequence[Words]) -> list[Ints]:
    """Result packets (one per pass with ``out_words > 0``, in order) to one int64 [B, K, P, Q].

    Raises ValueError when a packet is missing, has a wrong length or holds what it should not.
    """
    meta: ScnnOutputs = program.outputs
    if len(packets) != len(meta.pieces):
        raise ValueError(f"packets: found {len(packets)}, need {len(meta.pieces)}")
    batch, filters, _, _ = meta.shape
    samples = 1 if meta.batched else batch
    tensor = np.zeros((samples, filters, *meta.size), dtype=np.int64)
    for at, (piece, packet) in enumerate(zip(meta.pieces, packets, strict=True)):
        try:
            values = _values(piece, np.asarray(packet, dtype=np.uint64), meta.config)
        except ValueError as why:
            raise ValueError(f"packets[{at}]: {why}") from None
        found = piece.geo.regions(meta.config)
        out = tensor[piece.sample, piece.k[0] : piece.k[1]]
        if values[:, ~found.final.ravel()].any():
            raise ValueError(f"packets[{at}]: a position without a result is not zero")
        final = found.final
        out[:, found.ey[final] + piece.origin[0], found.ex[final] + piece.origin[1]] = values[
            :, final.ravel()
        ]
    if meta.batched:
        flat = tensor.reshape(filters, -1)[:, : meta.batched]
        return [flat.T[:, :, None, None].copy()]
    return [tensor]


def _values(piece: Piece, words: Words, config: ScnnConfig) -> Ints:
    """Results of a packet: int64 [K, PEs * box]."""
    rows, cols = (len(span) for span in piece.geo.box)
    number = piece.k[1] - piece.k[0]
    pitch = cols + piece.geo.out_gap
    if config.dense_out:
        per = -(-rows * cols // 4)
        sizes = [number * per + -(-carry // config.carry_lanes) for carry in piece.carry]
        if words.size != sum(sizes):
            raise ValueError(f"found {words.size} words, need {sum(sizes)}")
        parts = np.split(words, np.cumsum(sizes)[:-1])
        dense = [
            unpack_lanes(part[: number * per], 16).reshape(number, -1)[:, : rows * cols]
            for part in parts
        ]
        return np.concatenate(dense, axis=1)
    each = pe_data(words, number, config)
    for one, carry in zip(each, piece.carry, strict=True):
        if one.carry.size != carry:
            raise ValueError(f"found {one.carry.size} carried sums, need {carry}")
    acts = acts_of(each, config)
    owner = np.repeat(np.arange(acts.count.size), acts.count.ravel())
    planes = np.zeros((acts.count.size, rows * pitch), dtype=np.int64)
    if acts.position.size and acts.position.max() >= rows * pitch:
        raise ValueError(f"found position {acts.position.max()}, allowed {rows * pitch - 1}")
    planes[owner, acts.position] = acts.value
    box = planes.reshape(config.pes, number, rows, pitch)
    if box[..., cols:].any():
        raise ValueError("a position between two rows is not zero")
    flat: Ints = box[..., :cols].transpose(1, 0, 2, 3).reshape(number, -1)
    return flat
