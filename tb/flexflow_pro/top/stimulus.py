"""Stimulus of FlexFlow-Pro's top-level tests: layers, and passes that no compiler would choose.

Nothing here touches the device.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np

from models import flexflow_pro
from models.flexflow_pro import FlexflowProConfig, thinned
from models.flexflow_pro.compiler import FlexflowProOutputs, Piece
from models.flexflow_pro.geometry import Geometry
from models.flexflow_pro.mapping import Block
from models.flexflow_pro.packets import activation_packet, load_packet, sections
from models.flexflow_pro.registers import REGISTERS, Kind, Mode
from models.layer import Layer
from models.packets import Section, pack_lanes, packet_of
from models.program import Pass, Program
from tb.common.stimulus import CfgFields, Ints, Mask, MaskedStimulus, exact_mask
from tb.common.uvm.items import Job

#: CFG fields by their name in the contract.
CFG = CfgFields(REGISTERS)
field, with_cfg = CFG.get, CFG.put


@dataclass(frozen=True)
class Shape:
    """A pass as the contract has it, ring 0: as small as can be; ``passes`` of the reduction."""

    lines: int = 1
    windows: int = 1
    taps: int = 1
    stride: int = 1
    groups_log: int = 0
    maps: int = 1
    pieces: int = 1
    ring: int = 0
    passes: int = 1

    def geometry(self, config: FlexflowProConfig) -> Geometry:
        """Its registers but for MODE, THRESHOLD and SHIFT."""
        cells = -(-self.pieces // config.mask_word)
        values = {k: v for k, v in vars(self).items() if k != "passes"}
        made = Geometry(**values | {"cells": cells})
        return replace(made, ring=self.ring or made.span)

    def fits(self, config: FlexflowProConfig) -> bool:
        """Whether the build takes it."""
        geo = self.geometry(config)
        return (
            geo.taps * geo.cells * geo.maps <= config.k_cells
            and geo.ring * geo.cells <= config.n_cells
            and geo.ring >= geo.span
            and geo.lines * geo.line * geo.cells <= config.act_depth
            and geo.results <= config.acc_depth
            and geo.maps <= config.max_maps
            and geo.groups <= config.rows
        )


class FlexflowProMaker(MaskedStimulus):
    """Makes layers and jobs for one build; ``rng``: generator of the test."""

    design = flexflow_pro.DESIGN
    config: FlexflowProConfig
    turns = (4, 6, 10)

    # layers -----------------------------------------------------------------------------------

    def masked(
        self, mask: Mask, acts: Mask, *, bias: bool = True, shift: int | None = None, **options: Any
    ) -> Layer:
        """A layer with non-zeros exactly at ``mask`` [K, C, R, S] and ``acts`` [B, C, H, W]."""
        terms = max(1, int(mask.reshape(len(mask), -1).sum(axis=1).max()))
        sizes = wgt_max, act_max, bias_max = self.magnitudes(terms)
        if shift is None:
            shift = min(self.some_shift(terms, sizes, bias), self.config.acc_width - 1)
        return Layer(
            self.nonzero(mask, wgt_max),
            self.nonzero(acts, act_max),
            bias=self.biases(len(mask), bias_max) if bias else None,
            shift=shift,
            **options,
        )

    def any_layer(self, fits: bool = True) -> Layer:
        """A layer of any kernel, stride and padding, any densities; ``fits`` False: larger."""
        rng, config = self.rng, self.config
        scale = 1 if fits else 2
        while True:
            taps = [int(n) for n in rng.choice((1, 1, 2, 3, 3), 2)]
            plane = [tap + int(rng.integers(0, 5 * scale)) for tap in taps]
            filters = int(rng.integers(1, scale * config.rows * 2 + 2))
            channels = int(rng.integers(1, scale * config.cols * 2 + 2))
            layer = self.layer(
                (filters, channels, taps[0], taps[1]),
                (plane[0], plane[1]),
                density=float(rng.choice((0.0, 0.1, 0.3, 0.6, 1.0))),
                act_density=float(rng.choice((0.0, 0.1, 0.3, 0.6, 1.0))),
                samples=int(rng.choice((1, 1, 2))),
                bias=bool(rng.integers(2)),
                relu=bool(rng.integers(2)),
                stride=int(rng.choice((1, 1, 2, 3))),
                padding=int(rng.integers(0, 3)),
            )
            if self.takes(layer):
                return layer

    def takes(self, layer: Layer, config: FlexflowProConfig | None = None) -> bool:
        """Whether the stores of the build hold a window of the layer."""
        try:
            self.design.compile(layer, config or self.config)
        except ValueError as why:
            if "cannot hold a window" not in str(why):
                raise
            return False
        return True

    def any_options(self) -> FlexflowProConfig:
        rng = self.rng
        return replace(
            self.config,
            relaxed=bool(rng.integers(3)),
            balance=str(rng.choice(("off", "layer", "group"))),
            objective=str(rng.choice(("compute", "total"))),
            act_threshold=int(rng.choice((0, 0, 50))),
            wgt_threshold=int(rng.choice((0, 0, 50))),
        )

    # jobs -------------------------------------------------------------------------------------

    def job(self, layer: Layer, label: str, config: Any = None) -> Job:
        config = config or self.config
        program = self.design.compile(layer, config)
        return Job((thinned(layer, config),), program, config, label)

    def raw(
        self,
        label: str,
        shape: Shape,
        *,
        density: float = 0.6,
        act_density: float = 0.6,
        weights: Ints | None = None,
        acts: Ints | None = None,
        bias: bool = True,
        relu: bool = False,
        relaxed: bool = True,
        threshold: int = 0,
    ) -> Job:
        """Passes of one geometry as a job; its layer has an output for each map and row of a group,
        and a channel for each piece of a column, pass by pass.

        weights  [MAPS * rows of a group, passes * Cols * PIECES, TAPS]
        acts     [LINES, passes * Cols * PIECES, LINE]
        """
        config = replace(self.config, relaxed=relaxed, act_threshold=threshold)
        geo = shape.geometry(config)
        assert shape.fits(config), f"{label}: {shape}"
        filters = geo.maps * (config.rows >> geo.groups_log)
        channels = shape.passes * config.cols * shape.pieces
        wgt_max, act_max, bias_max = self.magnitudes(channels * geo.taps)
        if weights is None:
            weights = self.nonzero(
                exact_mask(self.rng, (filters, channels, geo.taps), density), wgt_max
            )
        if acts is None:
            mask = exact_mask(self.rng, (geo.lines, channels, geo.line), act_density)
            acts = self.nonzero(mask, act_max)
        terms = max(1, np.count_nonzero(weights.reshape(filters, -1), axis=1).max())
        shift = self.some_shift(int(terms), (wgt_max, act_max, bias_max), bias)
        layer = Layer(
            weights[:, :, None],
            acts[:, :, None],
            stride=geo.stride,
            bias=self.biases(filters, bias_max) if bias else None,
            relu=relu,
            shift=min(shift, config.acc_width - 1),
            name=label,
        )
        program = self._program(layer, geo, shape.passes, config)
        return Job((thinned(layer, config),), program, config, label)

    def _program(
        self, layer: Layer, geo: Geometry, passes: int, config: FlexflowProConfig
    ) -> Program:
        """The passes of a layer as ``raw`` makes it."""
        places, pixels = config.rows >> geo.groups_log, geo.windows * geo.groups
        items = []
        for at in range(passes):
            first, last = at == 0, at + 1 == passes
            kernels, cells = self._stores(layer, geo, at, config)
            biases = None
            if first and layer.bias.any():
                biases = np.tile(layer.bias.reshape(geo.maps, places).T, (geo.groups, 1))
            mode = int(Mode.LOAD_WGT | Mode.LOAD_ACT | Mode.COMPUTE)
            mode |= 0 if first else Mode.ACC_KEEP
            mode |= Mode.BIAS if biases is not None else 0
            mode |= (Mode.OUTPUT if last else 0) | (Mode.RELU if layer.relu else 0)
            mode |= Mode.RELAXED if config.relaxed else 0
            values = vars(geo) | {
                "mode": int(mode),
                "threshold": config.act_threshold,
                "shift": layer.shift,
            }
            cfg = REGISTERS.words(config, {one: values[one.name.lower()] for one in REGISTERS.cfg})
            words = geo.results * config.result_words if last else 0
            wgt, act = load_packet(kernels, biases), activation_packet(cells)
            items.append(Pass(cfg, wgt, act, words, (0, 0, 0, at)))
        maps = np.arange(geo.maps * places).reshape(geo.maps, places)
        piece = Piece(Block((0, geo.lines), (0, geo.windows)), maps)
        shape = (geo.lines, maps.size, 1, pixels)
        outputs = FlexflowProOutputs(
            shape, False, geo.lines, pixels, geo.groups, config.rows, (piece,)
        )
        return Program("flexflow_pro", tuple(items), outputs)

    def _stores(
        self, layer: Layer, geo: Geometry, at: int, config: FlexflowProConfig
    ) -> tuple[Ints, Ints]:
        """Kernel stores [PEs, cells, MaskWord] and column buffers [Cols, cells, MaskWord] of a
        pass of the reduction."""
        cols, word = config.cols, config.mask_word
        places, size = config.rows >> geo.groups_log, cols * geo.pieces
        part = slice(at * size, (at + 1) * size)
        weights = layer.weights[:, part, 0]  # [maps * places, Cols * PIECES, TAPS]
        weights = weights.reshape(geo.maps, places, cols, geo.pieces, geo.taps)
        weights = weights.transpose(1, 2, 0, 4, 3)  # [places, Cols, MAPS, TAPS, PIECES]
        pad = geo.cells * word - geo.pieces
        weights = np.pad(weights, ((0, 0),) * 4 + ((0, pad),))
        kernels = np.tile(weights, (geo.groups, 1, 1, 1, 1)).reshape(config.multipliers, -1, word)
        assert layer.activations is not None
        acts = layer.activations[:, part, 0].reshape(geo.lines, cols, geo.pieces, geo.line)
        acts = np.pad(acts.transpose(1, 0, 3, 2), ((0, 0),) * 3 + ((0, pad),))
        return kernels, acts.reshape(cols, -1, word)

    def any_shape(self) -> Shape:
        """A random pass that the build takes."""
        rng, config = self.rng, self.config
        while True:
            taps = int(rng.integers(1, 5))
            shape = Shape(
                lines=int(rng.integers(1, 4)),
                windows=int(rng.integers(1, 7)),
                taps=taps,
                stride=int(rng.integers(1, taps + 1)),
                groups_log=int(rng.integers(0, config.most_groups_log + 1)),
                maps=int(rng.integers(1, config.max_maps + 1)),
                pieces=int(rng.integers(1, 3 * config.mask_word)),
                passes=int(rng.choice((1, 1, 2, 3))),
            )
            geo = shape.geometry(config)
            room = config.n_cells // geo.cells
            if room >= geo.span and rng.integers(2):
                shape = replace(shape, ring=int(rng.integers(geo.span, room + 1)))
            if shape.fits(config):
                return shape

    def any_raw(self, label: str) -> Job:
        """A random pass of any densities and options."""
        rng = self.rng
        return self.raw(
            label,
            self.any_shape(),
            density=float(rng.choice((0.0, 0.1, 0.5, 1.0))),
            act_density=float(rng.choice((0.0, 0.1, 0.5, 1.0))),
            bias=bool(rng.integers(2)),
            relu=bool(rng.integers(2)),
            relaxed=bool(rng.integers(3)),
            threshold=int(rng.choice((0, 0, 500))),
        )

    #: Two groups of pixels, two maps, a ring that is full, a bias.
    GOOD = Shape(lines=2, windows=3, taps=2, groups_log=1, maps=2, pieces=3)

    def good(self, label: str = "good") -> Job:
        return self.raw(label, self.GOOD, density=0.5, act_density=0.7)

    def long(self, label: str = "long") -> Job:
        word, ring = self.config.mask_word, self.config.n_cells
        shape = Shape(lines=2, windows=10, taps=2, maps=2, pieces=word, ring=ring)
        return self.raw(label, shape, density=1.0, act_density=1.0)

    def densities(self) -> Iterator[tuple[str, Layer]]:
        for density, inputs in product((0.0, 0.01, 0.4, 1.0), repeat=2):
            kernel = (self.config.rows + 1, self.config.cols + 1, 2, 2)
            yield (
                f"{density}_{inputs}",
                self.layer(kernel, (3, 4), density=density, act_density=inputs),
            )

    # programs ---------------------------------------------------------------------------------

    def sections_of(self, item: Pass) -> list[Section]:
        assert item.wgt is not None
        return list(sections(item.wgt))

    def with_biases(self, job: Job, bias: Ints) -> Pass:
        item, outputs = job.passes[0], job.program.outputs
        maps = outputs.pieces[0].maps  # [MAPS, places]
        values = np.where(maps >= 0, bias[np.maximum(maps, 0)], 0).T
        parts = [
            replace(one, payload=pack_lanes(values[one.pe % len(values)], 32))
            if one.kind == Kind.BIAS
            else one
            for one in self.sections_of(item)
        ]
        return replace(item, wgt=packet_of(parts))

    def places(self, label: str) -> Iterator[Job]:
        """No register has a base; the ring is as short and as long as it can be, and a kernel store
        is filled from its end on by sections that begin later."""
        for ring in (0, self.config.n_cells):
            yield self.raw(f"{label}_{ring}", replace(self.GOOD, ring=ring))
        job = self.raw(f"{label}_parts", self.GOOD)
        (item,) = job.passes
        head, tail = [], []
        for one in self.sections_of(item):
            half = one.count // 2 if one.kind == Kind.WEIGHT else 0
            head.append(replace(one, count=half, payload=one.payload[:half]))
            rest = one.payload[half:]
            tail.append(replace(one, base=half, count=one.count - half, payload=rest))
        alone = with_cfg(item, MODE=int(Mode.LOAD_WGT))
        first = replace(alone, wgt=packet_of(tail), act=None, out_words=0)
        job.passes = (first, replace(item, wgt=packet_of(head)))
        yield job

    def careless(self, load: Pass) -> Pass:
        return self.any_registers(load)

    # speed ------------------------------------------------------------------------------------

    def lost(self, spent: Mapping[str, int]) -> tuple[int, float]:
        slots = spent["mac_slots"]
        return slots - spent["mac_useful"], slots / 5
