"""Stimulus of Cambricon-SE's top-level tests: layers, and passes that no compiler would choose.

Nothing here touches the device.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models import cambricon_se
from models.array.lowering import spans
from models.cambricon_se import CambriconSeConfig
from models.cambricon_se.compiler import CambriconSeOutputs, Piece
from models.cambricon_se.config import KINDS, Selector
from models.cambricon_se.geometry import Geometry
from models.cambricon_se.huffman import Table, codes_of_sections, encode
from models.cambricon_se.lists import Books, Entries, coded, shifts
from models.cambricon_se.lowering import Block
from models.cambricon_se.machine import Machine
from models.cambricon_se.packets import (
    BOOK,
    activation_packet,
    bias_section,
    book_section,
    codes_section,
    list_section,
    mask_section,
    result_packet,
    section_words,
)
from models.cambricon_se.registers import REGISTERS, Kind, Mode
from models.layer import Layer
from models.packets import Section, pack_lanes, packet_of, split_sections, weight_packet
from models.program import Pass, Program
from tb.common.stimulus import CfgFields, Ints, Mask, MaskedStimulus, exact_mask
from tb.common.uvm.items import Job

Bools = NDArray[np.bool_]

#: CFG fields by their name in the contract.
CFG = CfgFields(REGISTERS)
field, with_cfg = CFG.get, CFG.put

#: What a compiler says of a layer that a build cannot hold.
_REFUSALS = ("too few rows", "regions")
_NARROW = 127


@dataclass(frozen=True)
class Shape:
    """A pass as the contract has it: P x Q outputs of GROUPS groups, a kernel of DOWN x ACROSS on
    CB rows; ``passes`` of the reduction.
    """

    p: int = 1
    q: int = 1
    down: int = 1
    across: int = 1
    stride: int = 1
    cb: int = 1
    groups: int = 1
    passes: int = 1

    @property
    def geometry(self) -> Geometry:
        """Its registers but for MODE and SHIFT."""
        return Geometry(
            h=(self.p - 1) * self.stride + self.down,
            w=(self.q - 1) * self.stride + self.across,
            p=self.p,
            q=self.q,
            stride=self.stride,
            cb=self.cb,
            groups=self.groups,
        )

    @property
    def places(self) -> int:
        """Rows that an output needs."""
        return self.down * self.across * self.cb

    def offsets(self) -> Ints:
        """Row of each place, from the origin of the output: int64 [places]."""
        down, across, cb = np.indices((self.down, self.across, self.cb)).reshape(3, -1)
        found: Ints = (down * self.geometry.w + across) * self.cb + cb
        return found

    def fits(self, config: CambriconSeConfig) -> bool:
        """Whether the registers of the build take it."""
        each = -(-self.groups // config.cores)
        return (
            self.geometry.rows <= config.act_depth
            and each * self.p * self.q <= config.acc_depth
            and each <= min(config.bias_depth, config.list_depth)
        )


class CambriconSeMaker(MaskedStimulus):
    """Makes layers and jobs for one build; ``rng``: generator of the test."""

    design = cambricon_se.DESIGN
    config: CambriconSeConfig
    turns = (4, 6, 10)

    def __init__(self, rng: np.random.Generator, config: Any):
        super().__init__(rng, config)
        self.wgt_max = _NARROW

    # layers -----------------------------------------------------------------------------------

    @property
    def most_outputs(self) -> int:
        config = self.config
        return config.multipliers // config.lanes * min(config.acc_depth, config.bias_depth)

    def masked(
        self,
        mask: Mask,
        acts: Mask,
        *,
        bias: bool = True,
        shift: int | None = None,
        values: str = "narrow",
        **options: Any,
    ) -> Layer:
        """A layer with non-zeros exactly at ``mask`` [K, C, R, S] and ``acts`` [B, C, H, W].

        values  of weights: "narrow" (a code of 8 bits has them), "wide" (two codes), "few" (15 wide
                ones: codes of 4 bits)
        """
        terms = max(1, int(mask.reshape(len(mask), -1).sum(axis=1).max()))
        sizes = wgt_max, act_max, bias_max = self.magnitudes(terms, values != "narrow")
        if shift is None:
            shift = min(self.some_shift(terms, sizes, bias), self.config.acc_width - 1)
        weights = self.nonzero(mask, wgt_max)
        if values == "few":
            some = self.nonzero(np.ones(15, dtype=bool), wgt_max)
            some[0] = wgt_max
            weights[mask] = self.rng.choice(some, int(mask.sum()))
        return Layer(
            weights,
            self.nonzero(acts, act_max),
            bias=self.biases(len(mask), bias_max) if bias else None,
            shift=shift,
            **options,
        )

    def magnitudes(self, terms: int, wide: bool = False) -> tuple[int, int, int]:
        """As ever; ``wide``: weights of all their bits."""
        if not wide:
            return super().magnitudes(terms)
        self.wgt_max = (1 << (self.config.wgt_width - 1)) - 1
        found = super().magnitudes(terms)
        self.wgt_max = _NARROW
        return found

    def any_layer(self, fits: bool = True) -> Layer:
        """A layer of any kernel, stride and padding, any densities; ``fits`` False: larger."""
        rng, config = self.rng, self.config
        scale = 1 if fits else 2
        while True:
            taps = [int(n) for n in rng.choice((1, 1, 2, 3), 2)]
            plane = [tap + int(rng.integers(0, 3 * scale)) for tap in taps]
            filters = int(rng.integers(1, scale * config.all_pes + 2))
            channels = int(rng.integers(1, scale * config.window + 2))
            layer = self.layer(
                (filters, channels, taps[0], taps[1]),
                (plane[0], plane[1]),
                density=float(rng.choice((0.0, 0.1, 0.3, 0.6, 1.0))),
                act_density=float(rng.choice((0.0, 0.1, 0.3, 0.6, 1.0))),
                samples=int(rng.choice((1, 1, 2))),
                values=str(rng.choice(("narrow", "narrow", "few", "wide"))),
                bias=bool(rng.integers(2)),
                relu=bool(rng.integers(2)),
                stride=int(rng.choice((1, 1, 2))),
                padding=int(rng.integers(0, 2)),
            )
            if self.takes(layer):
                return layer

    def takes(self, layer: Layer) -> bool:
        """Whether the build holds the layer, whatever its windows are."""
        try:
            for kind in ("", *KINDS):
                self.design.compile(layer, replace(self.config, kind=kind))
        except ValueError as why:
            if not any(text in str(why) for text in _REFUSALS):
                raise
            return False
        return True

    def any_options(self) -> CambriconSeConfig:
        rng = self.rng
        return replace(
            self.config,
            kind=str(rng.choice(("", *KINDS))),
            balance=bool(rng.integers(2)),
            loads=bool(rng.integers(2)),
            packed_in=bool(rng.integers(2)),
            packed_out=bool(rng.integers(2)),
            huffman=bool(self.config.huf_lanes and rng.integers(2)),
        )

    # passes -----------------------------------------------------------------------------------

    @property
    def sets(self) -> int:
        """Masks of an entry."""
        return self.config.pes if self.config.per_pe else 1

    def room(self, masks: Bools) -> Bools:
        """Masks [..., Window] without the bits for which a row of codes has no room."""
        config = self.config
        lanes = config.lanes if config.selector == Selector.NATURAL else 1
        by_lane = masks.reshape(*masks.shape[:-1], -1, lanes)
        by_lane = by_lane & (np.cumsum(by_lane, axis=-2) <= config.code_row // lanes)
        return by_lane.reshape(masks.shape)

    def entries(
        self,
        place: Sequence[int] | Ints,
        masks: Bools,
        largest: int = 0,
        values: Ints | None = None,
    ) -> Entries:
        """A list: entries of these places with masks [n, Window] or [n, sets, Window], and weights
        that are not 0 wherever there is a bit, of ``values`` if these are given.
        """
        config, at = self.config, np.array(place, dtype=np.int64)
        if masks.ndim == 2:
            masks = np.repeat(masks[:, None], self.sets, axis=1)
        assert np.array_equal(self.room(masks), masks), "more bits than there are codes"
        there = np.broadcast_to(masks, (len(at), config.pes, config.window))
        shift = np.zeros(len(at), dtype=np.int64)
        if values is not None:
            weights = np.where(there, self.rng.choice(values, there.shape), 0)
        else:
            shift = self.some_shifts(len(at)) if not largest else shift
            weights = self.nonzero(there, largest or _NARROW) << shift[:, None, None]
        return Entries(at, masks, weights, shift)

    def some_shifts(self, number: int) -> Ints:
        """Shifts that codes of 8 bits can have in the build."""
        return self.rng.choice(shifts(np.array([0, 1]), self.config), number)

    def lists(
        self, shape: Shape, density: float = 0.6, values: Ints | None = None, largest: int = 0
    ) -> list[Entries]:
        """A list for each group, of all places, as full as ``density`` says."""
        found = []
        for _ in range(shape.groups):
            masks = self.rng.random((shape.places, self.sets, self.config.window)) < density
            found.append(self.entries(range(shape.places), self.room(masks), largest, values))
        return found

    def whole(self, shape: Shape, largest: int = 1) -> list[Entries]:
        """Lists of all positions of all places: several entries of a place where a row of codes
        does not hold them.
        """
        config = self.config
        size = config.code_row
        part = np.arange(config.window) // size
        count = -(-config.window // size)
        masks = np.tile(part == np.arange(count)[:, None], (shape.places, 1))
        place = np.repeat(np.arange(shape.places), count)
        return [self.entries(place, masks, largest) for _ in range(shape.groups)]

    def neurons(self, shape: Shape, density: float, largest: int) -> Ints:
        """A block int64 [H, W, CB, Window]."""
        geo = shape.geometry
        mask = exact_mask(self.rng, (geo.h, geo.w, geo.cb, self.config.window), density)
        return self.nonzero(mask, largest)

    def largest(self, lists: Sequence[Entries]) -> int:
        """The largest neuron with which no sum leaves the accumulator."""
        peak = max(int(np.abs(one.weights).sum(axis=(0, 2)).max(initial=0)) for one in lists)
        return max(1, min(self.act_max, self.acc_limit * 3 // 4 // max(1, peak)))

    def raw(
        self,
        label: str,
        shape: Shape,
        lists: Sequence[Entries] | None = None,
        acts: Ints | None = None,
        *,
        density: float = 0.6,
        act_density: float = 0.6,
        bias: bool = True,
        biases: Ints | None = None,
        relu: bool = False,
        code4: bool = False,
        shift: int | None = None,
        packed_in: bool = False,
        packed_out: bool = False,
        huffman: bool = False,
        table: Table | None = None,
    ) -> Job:
        """Passes of one geometry as a job; its layer has an output for each PE and group, a channel
        for each position of CB rows.

        lists   of each group; acts: int64 [H, W, CB, Window]
        code4   codes of 4 bits: weights of few values
        huffman codes as bit strings; table: for this one, else for the best of the first pass that
                needs it
        """
        config = replace(self.config, packed_in=packed_in, packed_out=packed_out, huffman=huffman)
        assert shape.fits(config), f"{label}: {shape}"
        if lists is None:
            values = self.nonzero(np.ones(9, dtype=bool), 999) if code4 else None
            lists = self.lists(shape, density, values)
        if acts is None:
            acts = self.neurons(shape, act_density, self.largest(lists))
        weights = self.weights(shape, lists)
        peak = int(np.abs(weights).reshape(len(weights), -1).sum(axis=1).max(initial=0))
        bias_max = min(self.bias_max, self.acc_limit // 4 - 1)
        if shift is None:
            sizes = max(1, peak), int(np.abs(acts).max(initial=1)), bias_max
            shift = min(self.some_shift(1, sizes, bias), config.acc_width - 1)
        if biases is None and bias:
            biases = self.biases(len(weights), bias_max)
        channels = shape.cb * config.window
        layer = Layer(
            weights,
            acts.reshape(*acts.shape[:2], channels).transpose(2, 0, 1)[None],
            stride=shape.stride,
            bias=biases,
            relu=relu,
            shift=shift,
            name=label,
        )
        program = self._program(shape, lists, acts, layer, code4, config, table)
        return Job((layer,), program, config, label)

    def weights(self, shape: Shape, lists: Sequence[Entries]) -> Ints:
        """What lists add up to: int64 [K, CB*Window, DOWN, ACROSS]."""
        config = self.config
        found = np.zeros((shape.groups, config.pes, shape.places, config.window), dtype=np.int64)
        for group, one in enumerate(lists):
            for place, part in zip(one.place.tolist(), one.weights, strict=True):
                found[group, :, place] += part
        parts = -1, shape.down, shape.across, shape.cb * config.window
        return found.reshape(parts).transpose(0, 3, 1, 2)

    def _program(
        self,
        shape: Shape,
        lists: Sequence[Entries],
        acts: Ints,
        layer: Layer,
        code4: bool,
        config: CambriconSeConfig,
        table: Table | None,
    ) -> Program:
        """The passes of a layer as ``raw`` makes it: lists are cut into as many parts."""
        held: Table | None = None
        geo, machine, items = shape.geometry, Machine(config), []
        cuts = [spans(max(1, len(one)), -(-max(1, len(one)) // shape.passes)) for one in lists]
        for at in range(shape.passes):
            parts = [
                one.part(slice(*cut[at]) if at < len(cut) else slice(0, 0)).or_none()
                for one, cut in zip(lists, cuts, strict=True)
            ]
            first, last = at == 0, at + 1 == shape.passes
            mode = Mode.LOAD_WGT | Mode.COMPUTE | (Mode.CODE4 if code4 else 0)
            mode |= Mode.LOAD_ACT | (Mode.PACKED_IN if config.packed_in else 0) if first else 0
            mode |= 0 if first else Mode.ACC_KEEP
            biased = first and layer.bias.any()
            mode |= Mode.BIAS if biased else 0
            mode |= (Mode.OUTPUT | (Mode.PACKED_OUT if config.packed_out else 0)) if last else 0
            mode |= Mode.RELU if layer.relu else 0
            mode |= Mode.HUFFMAN if config.huffman else 0
            values = vars(geo) | {"mode": int(mode), "shift": layer.shift}
            cfg = REGISTERS.words(config, {one: values[one.name.lower()] for one in REGISTERS.cfg})
            sections = self.packet(shape, parts, layer.bias if biased else None, code4)
            if config.huffman:
                counts = codes_of_sections(sections, config)
                fits = held is not None and held.bits(counts) is not None
                one = held if fits and held is not None else table or Table.of(counts)
                sections = self.strings(sections, one, fresh=not fits)
                held = one
            wgt = weight_packet(sections)
            rows = acts.reshape(-1, config.window)
            act = activation_packet(rows, config) if first else None
            item, words = Pass(cfg, wgt, act, 0, (0, 0, 0, at)), 0
            if last:
                words = geo.groups * geo.pixels * config.result_words
            if config.packed_out:
                results = machine.run(item)[1]
                words = 0 if results is None else result_packet(results, packed_out=True).size
            items.append(replace(item, out_words=words))
        piece = Piece(Block(0, (0, geo.p), (0, geo.q)), np.arange(geo.groups))
        outputs = CambriconSeOutputs(
            (1, geo.groups * config.pes, geo.p, geo.q),
            False,
            (1, geo.p, geo.q),
            config.pes,
            config.packed_out,
            (piece,),
        )
        return Program("cambricon_se", tuple(items), outputs)

    def packet(
        self, shape: Shape, lists: Sequence[Entries], bias: Ints | None, code4: bool
    ) -> list[Section]:
        """The sections of the weight packet of lists of all groups."""
        config, found = self.config, []
        offsets = shape.offsets()
        for core in range(min(config.cores, shape.groups)):
            mine = lists[core :: config.cores]
            whole, first = Entries.joined(mine), core * config.pes
            assert len(whole) <= config.list_depth, f"{len(whole)} entries"
            last = np.zeros(len(whole), dtype=bool)
            last[np.cumsum([len(one) for one in mine]) - 1] = True
            books = Books(config.regions) if code4 else None
            codes, regions = coded(whole, books, config)
            if books is None:
                used, regions = np.unique(regions, return_inverse=True)
                table = np.zeros((len(used), BOOK), dtype=np.int64)
                table[:, 0] = used
            else:
                assert regions.min() >= 0, "more values than codebooks hold"
                table = books.table()
            masks = whole.masks[:, 0] & (not config.per_pe)
            found.append(list_section(first, offsets[whole.place], masks, regions, last))
            found.append(book_section(first, table))
            for pe in range(config.pes):
                found.append(codes_section(first + pe, codes[:, pe]))
                if config.per_pe:
                    found.append(mask_section(first + pe, whole.masks[:, pe]))
                if bias is not None:
                    some = bias.reshape(-1, config.pes)[core :: config.cores, pe]
                    found.append(bias_section(first + pe, some))
        return sorted(found, key=lambda one: (one.kind, one.pe))

    def strings(
        self, sections: Sequence[Section], table: Table, fresh: bool = True
    ) -> list[Section]:
        """Sections in order with their codes in bit strings; ``fresh``: with the table."""
        found = encode(sections, table, self.config)
        at = sum(one.kind < Kind.TABLE for one in found)
        return [*found[:at], *[table.section][: int(fresh)], *found[at:]]

    def any_shape(self) -> Shape:
        """A random pass that the build takes."""
        rng, config = self.rng, self.config
        while True:
            shape = Shape(
                p=int(rng.integers(1, 4)),
                q=int(rng.integers(1, 4)),
                down=int(rng.integers(1, 4)),
                across=int(rng.integers(1, 3)),
                stride=int(rng.integers(1, 4)),
                cb=int(rng.integers(1, 4)),
                groups=int(rng.integers(1, 2 * config.cores + 2)),
                passes=int(rng.choice((1, 1, 2, 3))),
            )
            each = -(-shape.groups // config.cores)
            if shape.fits(config) and 2 * each * (shape.places + 1) <= config.list_depth:
                return shape

    def any_lists(self, shape: Shape, values: Ints | None) -> list[Entries]:
        """Random lists: entries in any order, some of the same row, some without a bit, some with
        codes of value 0.
        """
        rng, found = self.rng, []
        for _ in range(shape.groups):
            place = np.repeat(np.arange(shape.places), rng.integers(0, 3, shape.places))
            place = rng.permutation(place)
            if not place.size:
                place = np.zeros(1, dtype=np.int64)
            masks = rng.random((len(place), self.sets, self.config.window)) < rng.choice(
                (0.0, 0.1, 0.5, 1.0), (len(place), 1, 1)
            )
            for at in range(len(place)):  # of two entries of a row each position once
                for before in np.flatnonzero(place[:at] == place[at]):
                    masks[at] &= ~masks[before]
            some = self.entries(place, self.room(masks), values=values)
            zeros = rng.random(some.weights.shape) < rng.choice((0.0, 0.3))
            found.append(replace(some, weights=np.where(zeros, 0, some.weights)))
        return found

    def any_raw(self, label: str) -> Job:
        """A random pass of any densities and options."""
        rng, shape = self.rng, self.any_shape()
        code4 = bool(rng.integers(2))
        values = self.nonzero(np.ones(9, dtype=bool), 999) if code4 else None
        return self.raw(
            label,
            shape,
            self.any_lists(shape, values),
            act_density=float(rng.choice((0.0, 0.1, 0.5, 1.0))),
            bias=bool(rng.integers(2)),
            relu=bool(rng.integers(2)),
            code4=code4,
            packed_in=bool(rng.integers(2)),
            packed_out=bool(rng.integers(2)),
            huffman=bool(self.config.huf_lanes and rng.integers(2)),
        )

    def good(self, label: str = "good", packed: bool = False) -> Job:
        """Groups in turn on all cores and once more on the first; a bias."""
        shape = Shape(p=2, q=2, down=2, cb=2, groups=self.config.cores + 1)
        return self.raw(label, shape, act_density=0.7, packed_in=packed, packed_out=packed)

    def long(self, label: str = "long") -> Job:
        shape = Shape(p=4, q=4, down=1, across=2, groups=self.config.cores)
        return self.raw(label, shape, self.whole(shape), act_density=1.0)

    def densities(self) -> Iterator[tuple[str, Layer]]:
        for density, inputs in product((0.0, 0.01, 0.4, 1.0), repeat=2):
            kernel = (self.config.pes + 1, self.config.window + 1, 2, 1)
            yield (
                f"{density}_{inputs}",
                self.layer(kernel, (3, 2), density=density, act_density=inputs),
            )

    # programs ---------------------------------------------------------------------------------

    def sections_of(self, item: Pass) -> list[Section]:
        assert item.wgt is not None and not field(item, "MODE") & Mode.HUFFMAN
        config = self.config
        return list(split_sections(item.wgt, Kind, lambda kind, n: section_words(kind, n, config)))

    def with_biases(self, job: Job, bias: Ints) -> Pass:
        config, item = self.config, job.passes[0]
        groups = job.program.outputs.pieces[0].groups
        values = np.zeros(len(groups) * config.pes, dtype=np.int64)
        values[: bias.size] = bias
        parts = []
        for one in self.sections_of(item):
            core, pe = divmod(one.pe, config.pes)
            mine = values.reshape(-1, config.pes)[groups[core :: config.cores], pe]
            if one.kind == Kind.BIAS:
                one = replace(one, payload=pack_lanes(mine, 32))
            parts.append(one)
        return replace(item, wgt=packet_of(parts))

    def places(self, label: str) -> Iterator[Job]:
        """No register has a base: memories are filled from their ends on by sections that begin
        later; as many entries, biases and accumulators as there are.
        """
        shape = Shape(p=2, q=2, down=2, cb=2, groups=2 * self.config.cores)
        job = self.raw(f"{label}_parts", shape)
        (item,) = job.passes
        head, tail = [], []
        for one in self.sections_of(item):
            half = one.count // 2 if one.kind != Kind.BIAS else 0
            words = half * (one.payload.size // one.count)
            head.append(replace(one, count=half, payload=one.payload[:words]))
            tail.append(
                replace(one, base=half, count=one.count - half, payload=one.payload[words:])
            )
        alone = with_cfg(item, MODE=int(Mode.LOAD_WGT))
        first = replace(alone, wgt=packet_of(tail), act=None, out_words=0)
        job.passes = (first, replace(item, wgt=packet_of(head)))
        yield job
        yield self.full_memories(f"{label}_full")

    def full_memories(self, label: str) -> Job:
        """A pass that fills lists and biases, and as many accumulators as it can."""
        config = self.config
        each = min(config.bias_depth, config.list_depth, config.acc_depth)
        pixels = config.acc_depth // each
        shape = Shape(q=pixels, across=2, groups=each * config.cores)
        left = config.list_depth
        lists = []
        for turn in range(each):
            size = max(1, left - (each - turn - 1) if turn + 1 == each else 1)
            left -= size
            for _ in range(config.cores):
                masks = np.zeros((size, config.window), dtype=bool)
                at = np.arange(size)
                masks[at, at // 2 % config.window] = True
                lists.append(self.entries(at % 2, masks & (at // 2 < config.window)[:, None]))
        return self.raw(label, shape, lists, act_density=0.8)

    def careless(self, load: Pass) -> Pass:
        return self.any_registers(load)

    # speed ------------------------------------------------------------------------------------

    def lost(self, spent: Mapping[str, int]) -> tuple[int, float]:
        slots = spent["mac_slots"]
        return slots - spent["mac_useful"], slots / 5
