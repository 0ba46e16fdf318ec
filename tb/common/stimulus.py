"""Stimulus of top-level tests, as far as designs share it: values, limits, jobs, phases.

Nothing here touches the device.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from models.design import Design
from models.layer import Layer
from models.packets import Section
from models.program import Pass
from models.registers import RegisterMap
from tb.common.uvm.items import Job

Mask = NDArray[np.bool_]
Ints = NDArray[np.int64]

#: Bits of MODE that mean the same in every design, in the order of the phases.
LOAD_WGT, LOAD_ACT, COMPUTE, OUTPUT = 1, 2, 4, 8
_PHASES = LOAD_WGT | LOAD_ACT | COMPUTE | OUTPUT | 16  # and SWAP, which not every design has


def exact_mask(rng: np.random.Generator, shape: tuple[int, ...], density: float) -> Mask:
    """A random mask with exactly ``round(density * size)`` ones; at least one if density > 0.

    >>> int(exact_mask(np.random.default_rng(1), (4, 5), 0.3).sum())
    6
    """
    size = int(np.prod(shape))
    count = min(size, max(int(density > 0), round(density * size)))
    mask = np.zeros(size, dtype=bool)
    mask[rng.permutation(size)[:count]] = True
    return mask.reshape(shape)


class CfgFields:
    """The CFG fields of passes by their name in the contract; of :class:`RegisterMap`."""

    def __init__(self, registers: RegisterMap) -> None:
        self.fields = {one.name: one for one in registers.cfg}

    def get(self, item: Pass, name: str) -> int:
        """A field of a pass."""
        return self.fields[name].of(item.cfg)

    def put(self, item: Pass, **values: int) -> Pass:
        """The pass with other fields."""
        cfg = dict(item.cfg)
        for name, value in values.items():
            cfg = self.fields[name].put(cfg, int(value))
        return replace(item, cfg=cfg)


def one_phase(item: Pass, bit: int) -> Pass:
    """One phase of a pass, with what it takes and gives."""
    return replace(
        item,
        cfg={**item.cfg, 0: item.cfg[0] & ~_PHASES | int(bit)},
        wgt=item.wgt if bit == LOAD_WGT else None,
        act=item.act if bit == LOAD_ACT else None,
        out_words=item.out_words if bit == OUTPUT else 0,
    )


def split_phases(item: Pass, phases: Sequence[int] = (LOAD_WGT, LOAD_ACT, COMPUTE, OUTPUT)):
    """The pass as one START per phase; ``phases``: bits of MODE, in order."""
    return tuple(one_phase(item, bit) for bit in phases if item.cfg[0] & bit)


class Stimulus(ABC):
    """Makes layers and jobs for one build; ``rng``: generator of the test.

    A design brings what is abstract here, and may override the rest:

    design    the contract of its model (``models.design``)
    phases    bits of MODE that are phases
    turns     layers of a random test, of one with mixed pauses, of the stress test
    """

    design: ClassVar[Design]
    phases: ClassVar[Sequence[int]] = (LOAD_WGT, LOAD_ACT, COMPUTE, OUTPUT)
    turns: ClassVar[tuple[int, int, int]] = (6, 8, 16)

    def __init__(self, rng: np.random.Generator, config: Any):
        self.rng, self.config = rng, config
        self.act_max = (1 << (config.act_width - 1)) - 1
        self.wgt_max = (1 << (config.wgt_width - 1)) - 1
        self.bias_max = (1 << (config.bias_width - 1)) - 1
        self.acc_limit = 1 << (config.acc_width - 1)

    # values -----------------------------------------------------------------------------------

    def magnitudes(self, terms: int) -> tuple[int, int, int]:
        """(largest weight, activation, bias) so that no sum of ``terms`` products overflows."""
        wgt, act = self.wgt_max, self.act_max
        while terms * wgt * act >= self.acc_limit * 3 // 4:
            if wgt > act:
                wgt >>= 1
            else:
                act >>= 1
        return max(wgt, 1), max(act, 1), min(self.bias_max, self.acc_limit // 4 - 1)

    def nonzero(self, mask: Mask, largest: int) -> Ints:
        """Random non-zero integers of magnitude up to ``largest`` where ``mask``, else 0."""
        values = np.zeros(mask.shape, dtype=np.int64)
        count = int(mask.sum())
        values[mask] = self.rng.integers(1, largest + 1, count) * self.rng.choice((-1, 1), count)
        return values

    def kernels(self, mask: Mask, largest: int) -> Ints:
        """Weights that the build stores as they are, up to ``largest``, not zero where ``mask``."""
        return self.nonzero(mask, largest)

    def fitting(self, mask: Mask) -> Mask:
        """A mask of weights [K, C, R, S] without those that the build cannot take."""
        return mask

    def biases(self, outputs: int, largest: int) -> Ints:
        """Random biases of magnitude up to ``largest``, the first of them not zero."""
        values = self.rng.integers(-largest, largest + 1, outputs)
        values[0] = values[0] or 1
        return values

    def some_shift(self, terms: int, largest: tuple[int, int, int], bias: bool) -> int:
        """A shift about which results fill the range; ``largest`` as from :meth:`magnitudes`."""
        wgt_max, act_max, bias_max = largest
        peak = terms * wgt_max * act_max // 4 + (bias_max if bias else 0)
        return max(0, peak.bit_length() - self.config.act_width + int(self.rng.integers(-1, 2)))

    @property
    def most_outputs(self) -> int:
        """Outputs of a layer that is not cut along them."""
        return 1 << 16

    @property
    def reaches_rails(self) -> bool:
        """Whether a bias may bring a sum to the ends of the accumulator."""
        return self.config.bias_width == self.config.acc_width

    def adapted(self, layer: Layer) -> Layer:
        """A layer with the same weights elsewhere, where the build does not take it as it is."""
        return layer

    # layers and jobs --------------------------------------------------------------------------

    def shaped(
        self,
        kernel: tuple[int, int, int, int],
        plane: tuple[int, int],
        *,
        groups: int = 1,
        samples: int = 1,
        **geometry: Any,
    ) -> Layer:
        """A layer of any geometry: weights [K, C/G, R, S] on planes of H x W, about two thirds of
        either not zero.

        What weights the build cannot take is looked at in each group, so that they stay right where
        groups become one block-diagonal layer.
        """
        rng, (outputs, depth, *taps) = self.rng, kernel
        terms = depth * taps[0] * taps[1]
        largest = wgt_max, act_max, bias_max = self.magnitudes(terms)
        masks = np.split(rng.random(kernel) < 0.7, groups)
        mask = np.concatenate([self.fitting(one) for one in masks])
        return Layer(
            self.kernels(mask, wgt_max),
            self.nonzero(rng.random((samples, depth * groups, *plane)) < 0.7, act_max),
            bias=self.biases(outputs, bias_max),
            relu=bool(rng.integers(2)),
            shift=min(self.some_shift(terms, largest, True), self.config.acc_width - 1),
            groups=groups,
            **geometry,
        )

    @abstractmethod
    def any_layer(self, fits: bool = True) -> Layer:
        """A layer of random shape, density and options; ``fits`` False: may need many passes."""

    @abstractmethod
    def good(self, label: str = "good") -> Job:
        """A small layer of one pass that uses all of the data path; run after a disturbance."""

    @abstractmethod
    def long(self, label: str = "long") -> Job:
        """A job of one pass that computes for some hundred cycles."""

    @abstractmethod
    def densities(self) -> Iterator[tuple[str, Layer]]:
        """Layers with no, few, some and only non-zero operands, and what to call them."""

    def any_options(self) -> Any:
        """The build with random run-time options, where it has any."""
        return self.config

    def job(self, layer: Layer, label: str, config: Any = None) -> Job:
        """One layer as a job."""
        config = config or self.config
        return Job((layer,), self.design.compile(layer, config), config, label)

    # programs ---------------------------------------------------------------------------------

    @abstractmethod
    def sections_of(self, item: Pass) -> list[Section]:
        """Sections of a pass's weight packet."""

    @abstractmethod
    def with_biases(self, job: Job, bias: Ints) -> Pass:
        """The first pass of the job with these biases [K], whatever its compiler would say."""

    @abstractmethod
    def places(self, label: str) -> Iterator[Job]:
        """The same work at the beginning and at the end of all memories."""

    def groups(self, sections: Sequence[Section]) -> Iterable[Sequence[Section]]:
        """The sections of a packet in several: none of them, some, sections of no items, all."""
        empty = [replace(one, count=0, payload=one.payload[:0]) for one in sections]
        return [], empty, sections[:1], sections[1:]

    def careless(self, load: Pass) -> Pass:
        """A pass that only loads weights, its CFG registers at any value where none is read."""
        return load

    def any_registers(self, load: Pass) -> Pass:
        """``careless`` where a pass that only loads weights reads MODE alone."""
        cfg = {index: int(self.rng.integers(1 << 32)) for index in range(1, 16)}
        return replace(load, cfg=cfg | {0: load.cfg[0]})

    # speed ------------------------------------------------------------------------------------

    def full(self, label: str) -> Job:
        """A job of one pass that keeps the multipliers as busy as they can be."""
        return self.long(label)

    def slowest(self, item: Pass) -> Mapping[str, int]:
        """Counter -> most cycles that a pass without pauses may take."""
        assert item.wgt is not None
        assert item.act is not None
        return {
            "cycles_wgt": item.wgt.size + 4,
            "cycles_act": item.act.size + 4,
            "cycles_output": item.out_words + 8,
        }

    @abstractmethod
    def lost(self, spent: Mapping[str, int]) -> tuple[int, float]:
        """(multiplier slots that were lost in ``full``, how many may be)."""


class MaskedStimulus(Stimulus):
    """That of a design whose layers are made from masks of their non-zeros."""

    @abstractmethod
    def masked(self, mask: Mask, acts: Mask, *, bias: bool = True, **options: Any) -> Layer:
        """A layer with non-zeros exactly at ``mask`` [K, C, R, S] and ``acts`` [B, C, H, W]."""

    def layer(
        self,
        kernel: tuple[int, int, int, int],
        plane: tuple[int, int],
        *,
        density: float = 1.0,
        act_density: float = 1.0,
        samples: int = 1,
        bias: bool = True,
        **options: Any,
    ) -> Layer:
        """A layer with weights [K, C, R, S] = ``kernel`` on planes of H x W, of that density."""
        mask = exact_mask(self.rng, kernel, density)
        acts = exact_mask(self.rng, (samples, kernel[1], *plane), act_density)
        return self.masked(mask, acts, bias=bias, **options)
