"""Stimulus of the arrays' top-level tests: layers of an exact shape, and jobs made of them.

Nothing here touches the device.
"""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from models.array.config import ArrayConfig
from models.array.packets import Kind, Mode, weight_sections
from models.array.registers import REGISTERS
from models.design import Design
from models.layer import Layer
from models.packets import Section
from models.program import Pass
from tb.common.uvm.items import Job, packet_of

#: CFG fields by their name in the contract.
FIELDS = {one.name: one for one in REGISTERS.cfg}


def field(item: Pass, name: str) -> int:
    """A CFG field of a pass."""
    return FIELDS[name].of(item.cfg)


def with_cfg(item: Pass, **values: int) -> Pass:
    """The pass with other CFG fields."""
    cfg = dict(item.cfg)
    for name, value in values.items():
        cfg = FIELDS[name].put(cfg, value)
    return replace(item, cfg=cfg)


def words_needed(item: Pass, config: ArrayConfig) -> tuple[int, int, int]:
    """Words of a pass in the weight, activation and bias buffer."""
    get = {name: field(item, name) for name in FIELDS}
    tiles = get["KT"] * get["R"] * get["S"] * get["CT"]
    return tiles * config.rows, get["CT"] * get["H"] * get["W"], get["KT"]


def exact_mask(rng: np.random.Generator, shape: tuple[int, ...], density: float) -> NDArray:
    """A random mask with exactly ``round(density * size)`` ones; at least one if density > 0."""
    size = int(np.prod(shape))
    count = min(size, max(int(density > 0), round(density * size)))
    mask = np.zeros(size, dtype=bool)
    mask[rng.permutation(size)[:count]] = True
    return mask.reshape(shape)


class Maker:
    """Makes layers and jobs for one build; ``rng``: generator of the test.

    A design may not take all weights: it has its own ``fitting`` and ``adapted`` then, and says so
    with ``every_output``.
    """

    design: ClassVar[Design]
    every_output = True

    def __init__(self, rng: np.random.Generator, config: ArrayConfig):
        self.rng, self.config = rng, config
        self.act_max = (1 << (config.act_width - 1)) - 1
        self.wgt_max = (1 << (config.wgt_width - 1)) - 1
        self.bias_max = (1 << (config.bias_width - 1)) - 1
        self.acc_limit = 1 << (config.acc_width - 1)

    @property
    def channels_too_many(self) -> int:
        """Input channels whose weights, of a single output, are more than the buffer takes."""
        return self.config.wgt_depth + self.config.rows + 1

    def fitting(self, mask: NDArray) -> NDArray:
        """A mask of weights [K, C, R, S] without those that the build cannot take."""
        return mask

    def adapted(self, layer: Layer) -> Layer:
        """A layer with the same weights in other outputs, where the build takes them."""
        return layer

    def magnitudes(self, terms: int) -> tuple[int, int, int]:
        """(largest weight, activation, bias) so that no sum of ``terms`` products overflows."""
        wgt, act = self.wgt_max, self.act_max
        while terms * wgt * act >= self.acc_limit * 3 // 4:
            if wgt > act:
                wgt >>= 1
            else:
                act >>= 1
        return max(wgt, 1), max(act, 1), min(self.bias_max, self.acc_limit // 4 - 1)

    def nonzero(self, mask: NDArray, largest: int) -> NDArray[np.int64]:
        """Random non-zero integers of magnitude up to ``largest`` where ``mask``, else 0."""
        values = np.zeros(mask.shape, dtype=np.int64)
        count = int(mask.sum())
        values[mask] = self.rng.integers(1, largest + 1, count) * self.rng.choice((-1, 1), count)
        return values

    def layer(
        self,
        kernel: tuple[int, int, int, int],
        size: tuple[int, int],
        *,
        batch: int = 1,
        stride: int = 1,
        padding: int = 0,
        density: float = 0.7,
        act_density: float = 0.7,
        bias: bool = False,
        relu: bool = False,
        shift: int | None = None,
        name: str = "layer",
    ) -> Layer:
        """A layer of kernel [K, C, R, S] on an input of ``size`` (H, W) with exact densities."""
        rng, terms = self.rng, int(np.prod(kernel[1:]))
        wgt_max, act_max, bias_max = self.magnitudes(terms)
        weights = self.nonzero(self.fitting(exact_mask(rng, kernel, density)), wgt_max)
        acts = self.nonzero(exact_mask(rng, (batch, kernel[1], *size), act_density), act_max)
        biases = None
        if bias:
            biases = rng.integers(-bias_max, bias_max + 1, kernel[0])
            biases[0] = biases[0] or 1
        if shift is None:
            peak = terms * wgt_max * act_max // 4 + (bias_max if bias else 0)
            shift = max(0, peak.bit_length() - self.config.act_width + int(rng.integers(-1, 2)))
        return Layer(weights, acts, stride, padding, bias=biases, relu=relu, shift=shift, name=name)

    def any_layer(self, fits: bool = True) -> Layer:
        """A layer of random shape, density and options; ``fits`` False: may need many passes."""
        rng, config = self.rng, self.config
        scale = 1 if fits else 2
        outputs = int(rng.integers(1, scale * config.cols + 3))
        channels = int(rng.integers(1, scale * config.rows + 3))
        options = {
            "batch": int(rng.choice((1, 1, 2))),
            "density": float(rng.choice((0.0, 0.1, 0.5, 0.9, 1.0))),
            "act_density": float(rng.choice((0.0, 0.1, 0.5, 0.9, 1.0))),
            "bias": bool(rng.integers(2)),
            "relu": bool(rng.integers(2)),
        }
        if rng.integers(4) == 0:  # fully connected
            options["batch"] = int(rng.integers(1, 2 * config.cols))
            return self.layer((outputs, channels, 1, 1), (1, 1), **options)
        taps = [int(x) for x in rng.choice((1, 2, 3, 4), 2)]
        padding = int(rng.integers(0, 4))
        lowest = [max(1, tap - 2 * padding) for tap in taps]
        size = tuple(int(rng.integers(low, low + 5 * scale)) for low in lowest)
        stride = int(rng.choice((1, 1, 2, 3, 5)))
        kernel = (outputs, channels, *taps)
        return self.layer(kernel, size, stride=stride, padding=padding, **options)

    # jobs -------------------------------------------------------------------------------------

    def job(self, layer: Layer, label: str) -> Job:
        """One layer as a job."""
        return Job((layer,), self.design.compile(layer, self.config), self.config, label)

    def good(self, label: str = "good") -> Job:
        """A small layer of one pass that uses all of the data path; run after a disturbance."""
        config = self.config
        kernel = (config.cols + 1, config.rows + 1, 2, 1)
        return self.job(self.layer(kernel, (3, 3), padding=1, bias=True), label)

    def long(self, label: str = "long") -> Job:
        """A layer of one pass that computes for some hundred cycles."""
        config = self.config
        layer = self.layer(
            (config.cols, config.rows, 3, 3), (6, 8), padding=1, density=1, act_density=1
        )
        return self.job(layer, label)

    # programs ---------------------------------------------------------------------------------

    def sections_of(self, item: Pass) -> list[Section]:
        """Sections of a pass's weight packet."""
        return list(weight_sections(item.wgt, self.config))

    def relocated(self, item: Pass) -> Pass:
        """The same pass with everything at the end of the buffers."""
        config, sections = self.config, self.sections_of(item)
        sizes = {kind: max(s.count for s in sections if s.kind == kind) for kind in Kind}
        bases = {
            Kind.WEIGHT: config.wgt_depth - sizes[Kind.WEIGHT],
            Kind.BIAS: config.bias_depth - sizes[Kind.BIAS],
        }
        moved = [replace(part, base=bases[part.kind]) for part in sections]
        return replace(
            with_cfg(
                item,
                WGT_BASE=bases[Kind.WEIGHT],
                BIAS_BASE=bases[Kind.BIAS],
                ACT_BASE=config.act_depth - words_needed(item, config)[1],
            ),
            wgt=packet_of(moved),
        )


def split_phases(item: Pass) -> tuple[Pass, ...]:
    """One START per phase instead of one for all."""
    mode = field(item, "MODE")
    phases = (Mode.LOAD_WGT, Mode.LOAD_ACT, Mode.COMPUTE, Mode.OUTPUT)
    passes = []
    for bit in phases:
        if mode & bit:
            rest = mode & ~sum(int(phase) for phase in phases)
            passes.append(
                replace(
                    with_cfg(item, MODE=rest | int(bit)),
                    wgt=item.wgt if bit == Mode.LOAD_WGT else None,
                    act=item.act if bit == Mode.LOAD_ACT else None,
                    out_words=item.out_words if bit == Mode.OUTPUT else 0,
                )
            )
    return tuple(passes)
