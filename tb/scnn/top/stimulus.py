"""Stimulus of SCNN's top-level tests: layers of an exact shape, and jobs made of them.

Nothing here touches the device.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models import scnn
from models.layer import Layer
from models.packets import Section, pack_lanes, packet_of
from models.program import Pass
from models.scnn.config import ScnnConfig
from models.scnn.packets import Rows, sections, weight_rows, weight_section
from models.scnn.registers import REGISTERS, Kind, Mode
from tb.common.stimulus import CfgFields, Mask, MaskedStimulus, exact_mask
from tb.common.uvm.items import Job

Ints = NDArray[np.int64]

#: What the compiler says of a layer that a small build cannot take.
_TOO_SMALL = ("does not hold", "than a PE holds", "found a kernel", "entries of a channel in a PE")
#: Of weights that must not be cut, tried in this order: a FIFO of few rows holds no dense block.
DENSITIES = (0.4, 0.3, 0.2, 0.1)
#: CFG fields by their name in the contract.
CFG = CfgFields(REGISTERS)
field, with_cfg = CFG.get, CFG.put


def with_mode(item: Pass, on: int = 0, off: int = 0) -> Pass:
    """The pass with bits of MODE set and cleared."""
    return with_cfg(item, MODE=(field(item, "MODE") | on) & ~off)


class ScnnMaker(MaskedStimulus):
    """Makes layers and jobs for one build; ``rng``: generator of the test."""

    design = scnn.DESIGN
    config: ScnnConfig
    phases = (Mode.LOAD_WGT, Mode.LOAD_ACT, Mode.COMPUTE, Mode.OUTPUT, Mode.SWAP)
    turns = (3, 5, 10)

    # layers -----------------------------------------------------------------------------------

    def masked(
        self,
        mask: Mask,
        acts: Mask,
        *,
        bias: bool = True,
        relu: bool = False,
        shift: int | None = None,
        largest: tuple[int, int, int] | None = None,
        **options: Any,
    ) -> Layer:
        """A layer with non-zeros exactly at ``mask`` [K, C, R, S] and ``acts`` [B, C, H, W]."""
        terms = max(1, int(mask.reshape(len(mask), -1).sum(axis=1).max()))
        sizes = largest or self.magnitudes(terms)
        wgt_max, act_max, bias_max = sizes
        if shift is None:
            shift = min(self.some_shift(terms, sizes, bias), self.config.acc_width - 1)
        return Layer(
            self.nonzero(mask, wgt_max),
            self.nonzero(acts, act_max),
            bias=self.biases(len(mask), bias_max) if bias else None,
            relu=relu,
            shift=shift,
            **options,
        )

    def any_layer(self, fits: bool = True) -> Layer:
        """A layer of any kernel, stride and padding, any densities; ``fits`` False: of a plane that
        may need several chip tiles, of channels that may need several passes."""
        rng, config = self.rng, self.config
        while True:
            taps_r = int(rng.choice((1, 1, 2, 3, 3, 5)))
            taps_s = int(rng.choice((taps_r, taps_r, 1, 2)))
            stride = int(rng.choice((1, 1, 1, 2, 3)))
            more = (2, 5)[not fits] * stride
            rows = int(rng.integers(1, config.pe_y * more + 1))
            cols = int(rng.integers(1, config.pe_x * more + 1))
            most = (7, 20)[not fits]
            filters, channels = (int(n) for n in rng.integers(1, most, 2))
            layer = self.layer(
                (filters, channels, taps_r, taps_s),
                (max(rows, taps_r), max(cols, taps_s)),
                density=float(rng.choice((0.0, 0.1, 0.3, 0.6, 1.0))),
                act_density=float(rng.choice((0.0, 0.1, 0.3, 0.6, 1.0))),
                samples=int(rng.choice((1, 1, 1, 2))),
                bias=bool(rng.integers(2)),
                relu=bool(rng.integers(2)),
                stride=stride,
                padding=int(rng.integers(0, 3)),
            )
            try:
                self.design.compile(layer, config)
            except ValueError as why:
                if not any(text in str(why) for text in _TOO_SMALL):
                    raise
                continue
            return layer

    # jobs -------------------------------------------------------------------------------------

    def any_options(self) -> ScnnConfig:
        flags = [bool(x) for x in self.rng.integers(0, 2, 4)]
        return replace(
            self.config,
            empty_free=flags[0],
            merging=flags[1] and self.config.merge == 1,
            shapes=flags[2],
            dense_out=flags[3],
        )

    def network(self, layers: Sequence[Layer], label: str, config: Any = None) -> Job:
        """Chained layers as a job."""
        config = config or self.config
        program = self.design.compile_network(layers, config)
        return Job(tuple(layers), program, config, label)

    @property
    def plane(self) -> tuple[int, int]:
        """A plane of two by two pixels for each PE."""
        return 2 * self.config.pe_y, 2 * self.config.pe_x

    def good(self, label: str = "good") -> Job:
        """Halos on all sides, two groups of which the last one is not full, a bias."""
        return self.one_pass((6, 3, 3, 3), label, act_density=0.6)

    def long(self, label: str = "long") -> Job:
        return self.one_pass((12, 8, 3, 3), label)

    def one_pass(self, kernel: tuple[int, int, int, int], label: str, **options: Any) -> Job:
        """A layer in groups of four with a border, not cut; sparser where it would be."""
        config = replace(self.config, kc=4)
        for density in DENSITIES:
            layer = self.layer(kernel, self.plane, density=density, padding=1, **options)
            job = self.job(layer, label, config)
            if len(job.passes) == 1:
                return job
        raise AssertionError(f"{label}: {kernel} is cut at every density")

    def chain(self, sizes: Sequence[int], label: str, **options: Any) -> Job:
        """Layers of so many channels, one behind the other, on two samples."""
        for density in DENSITIES:
            layers = [
                self._link(sizes[at], sizes[at + 1], at, density) for at in range(len(sizes) - 1)
            ]
            try:
                return self.network(layers, label, replace(self.config, **options))
            except ValueError as why:
                if not any(text in str(why) for text in _TOO_SMALL) or density == DENSITIES[-1]:
                    raise
        raise AssertionError("no density")

    def _link(self, channels: int, filters: int, at: int, density: float) -> Layer:
        """A layer of a chain; only the first one has inputs."""
        taps = (3, 1, 3, 1)[at]
        mask = exact_mask(self.rng, (filters, channels, taps, taps), density)
        acts = exact_mask(self.rng, (2, channels, *self.plane), 0.6)
        layer = self.masked(mask, acts, padding=taps // 2, relu=at % 2 == 0, largest=(7, 90, 90))
        # Results stay small, so that those of the layers behind fit the accumulator.
        return replace(layer, shift=5, activations=layer.activations if at == 0 else None)

    def densities(self) -> Iterator[tuple[str, Layer]]:
        steps = (0.0, 0.01, 0.4, 1.0)
        for density, inputs in product(steps, repeat=2):
            layer = self.layer((5, 4, 2, 2), self.plane, density=density, act_density=inputs)
            yield f"{density}_{inputs}", layer

    # programs ---------------------------------------------------------------------------------

    def sections_of(self, item: Pass) -> list[Section]:
        assert item.wgt is not None
        return list(sections(item.wgt, self.config))

    def rows_of(self, item: Pass) -> Rows:
        """Rows of the weight buffer that a pass loads."""
        (found,) = (one for one in self.sections_of(item) if one.kind == Kind.WEIGHT)
        return weight_rows(found.payload, self.config)

    def with_rows(self, item: Pass, rows: Rows, base: int | None = None) -> Pass:
        """The pass with other rows of the weight buffer."""
        parts = [
            weight_section(one.base if base is None else base, rows, self.config)
            if one.kind == Kind.WEIGHT
            else one
            for one in self.sections_of(item)
        ]
        return replace(item, wgt=packet_of(parts))

    def with_biases(self, job: Job, bias: Ints) -> Pass:
        item = job.passes[0]
        parts = [
            replace(one, payload=pack_lanes(bias, 32)) if one.kind == Kind.BIAS else one
            for one in self.sections_of(item)
        ]
        return replace(item, wgt=packet_of(parts))

    def places(self, label: str) -> Iterator[Job]:
        yield self.good(f"{label}_begin")
        job = self.good(f"{label}_end")
        (item,) = job.passes
        parts = []
        moved = {"COUT_BASE": self.config.carry_depth - 1}
        for one in self.sections_of(item):
            if one.kind == Kind.BIAS:
                moved["BIAS_BASE"] = self.config.bias_depth - one.count
                one = replace(one, base=moved["BIAS_BASE"])
            elif one.kind == Kind.WEIGHT:
                moved["WGT_BASE"] = self.config.wgt_depth - one.count
                one = replace(one, base=moved["WGT_BASE"])
            parts.append(one)
        job.passes = (replace(with_cfg(item, **moved), wgt=packet_of(parts)),)
        yield job

    def careless(self, load: Pass) -> Pass:
        return self.any_registers(load)

    # speed ------------------------------------------------------------------------------------

    def full(self, label: str) -> Job:
        """Dense rows of whole vectors in every channel, several of weights for each, so that a
        pass takes longer than it needs to begin and to drain."""
        config = self.config
        plane = config.pe_y, config.pe_x * config.i
        channels = min(config.max_c, config.iaram_rows // 2 - 1)
        group = min(config.max_kc, config.f * config.f)
        layer = self.layer((group, channels, 1, 1), plane, bias=False)
        job = self.job(layer, label, replace(config, kc=group, shapes=False))
        assert len(job.passes) == 1
        return job

    def slowest(self, item: Pass) -> Mapping[str, int]:
        assert item.wgt is not None
        # A word of two biases takes two cycles.
        return {
            **super().slowest(item),
            "cycles_wgt": item.wgt.size + 2 + (1 << field(item, "KC_LOG")) // 2,
            "cycles_output": 4 * self.config.pes + item.out_words + 8,
        }

    def lost(self, spent: Mapping[str, int]) -> tuple[int, float]:
        slots = spent["mac_slots"]
        return slots - spent["mac_useful"], slots / 2
