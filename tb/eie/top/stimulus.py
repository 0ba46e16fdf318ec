"""Stimulus of EIE's top-level tests: layers of an exact shape and density, and jobs made of them.

Every layer is built from masks, so that a test gets the pattern it asks for, and ``Maker.layer``
asserts that it did. Nothing here touches the device.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from models import eie
from models.eie import EieConfig
from models.eie.packets import (
    Cfg,
    Kind,
    Mode,
    Section,
    weight_sections,
)
from models.layer import Layer
from models.program import Pass
from tb.common.uvm.items import Job, packet_of

Mask = NDArray[np.bool_]


def exact_mask(rng: np.random.Generator, shape: tuple[int, ...], density: float) -> Mask:
    """A random mask with exactly ``round(density * size)`` ones; at least one if density > 0."""
    size = int(np.prod(shape))
    count = min(size, max(int(density > 0), round(density * size)))
    mask = np.zeros(size, dtype=bool)
    mask[rng.permutation(size)[:count]] = True
    return mask.reshape(shape)


class Maker:
    """Makes layers and jobs for one build.

    rng       generator of the test; config the build
    """

    def __init__(self, rng: np.random.Generator, config: EieConfig):
        self.rng, self.config = rng, config
        self.act_max = (1 << (config.act_width - 1)) - 1
        self.wgt_max = (1 << (config.wgt_width - 1)) - 1
        self.bias_max = (1 << (config.bias_width - 1)) - 1
        self.acc_limit = 1 << (config.acc_width - 1)

    # sizes ------------------------------------------------------------------------------------

    @property
    def rows(self) -> int:
        """Rows that fit the build at once, biases included."""
        return min(self.config.act_regs, self.config.bias_depth) * self.config.num_pe

    @property
    def columns(self) -> int:
        """Columns that fit the pointers and the activation memory at once."""
        return min(self.config.ptr_depth - 1, self.config.act_depth * self.config.num_pe)

    def entries(self, share: float = 1.0) -> int:
        """Entries that fit a PE, times ``share``."""
        return int(self.config.max_entries * share)

    def density(self, rows: int, columns: int, wanted: float) -> float:
        """``wanted``, or the most that surely fits the weight memories without a cut."""
        per_pe = -(-rows // self.config.num_pe) * columns
        return min(wanted, 0.5 * self.entries() / per_pe)

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

    def codebook(self, largest: int) -> NDArray[np.int64]:
        """Different non-zero weights, as many as the codebook has room for."""
        pool = np.concatenate((np.arange(-largest, 0), np.arange(1, largest + 1)))
        if largest > 4096:
            pool = self.rng.integers(1, largest + 1, 512) * self.rng.choice((-1, 1), 512)
            pool = np.unique(np.append(pool, (-largest, largest)))
        count = min(pool.size, (1 << self.config.code_width) - 1)
        return self.rng.choice(pool, count, replace=False).astype(np.int64)

    def nonzero(self, count: int, largest: int) -> NDArray[np.int64]:
        """Random non-zero integers of magnitude up to ``largest``."""
        return self.rng.integers(1, largest + 1, count) * self.rng.choice((-1, 1), count)

    # layers -----------------------------------------------------------------------------------

    def layer(
        self,
        mask: Mask,
        act_mask: Mask | None = None,
        *,
        bias: bool = False,
        relu: bool = False,
        shift: int | None = None,
        name: str = "layer",
    ) -> Layer:
        """A layer with non-zeros exactly at ``mask`` [K, C] and ``act_mask`` [B, C] or [C].

        act_mask None: the layer is chained behind another and its inputs may have any value.
        """
        rng = self.rng
        terms = max(1, int(mask.sum(axis=1).max()))
        wgt_max, act_max, bias_max = self.magnitudes(terms)
        if act_mask is None:
            wgt_max = self.magnitudes_chained(terms)
        values = self.codebook(wgt_max)
        weights = np.where(mask, rng.choice(values, mask.shape), 0)
        acts = None
        if act_mask is not None:
            acts = np.zeros(act_mask.shape, dtype=np.int64)
            acts[act_mask] = self.nonzero(int(act_mask.sum()), act_max)
            assert np.array_equal(acts != 0, act_mask)
        biases = None
        if bias:
            biases = rng.integers(-bias_max, bias_max + 1, mask.shape[0])
            biases[0] = biases[0] or 1
        if shift is None:
            peak = terms * wgt_max * act_max // 4 + (bias_max if bias else 0)
            shift = max(0, peak.bit_length() - self.config.act_width + int(rng.integers(-1, 2)))
        made = Layer(weights, acts, bias=biases, relu=relu, shift=shift, name=name)
        assert np.array_equal(made.weights[:, :, 0, 0] != 0, mask)
        return made

    def magnitudes_chained(self, terms: int) -> int:
        """Largest weight when the inputs may have any value."""
        return max(1, min(self.wgt_max, self.acc_limit * 3 // 4 // (terms * (self.act_max + 1))))

    def random(
        self,
        rows: int,
        columns: int,
        density: float,
        act_density: float,
        *,
        batch: int = 1,
        **options,
    ) -> Layer:
        """A layer of that shape with exactly those densities."""
        mask = exact_mask(self.rng, (rows, columns), density)
        acts = exact_mask(self.rng, (batch, columns), act_density)
        return self.layer(mask, acts, **options)

    def any_layer(self, fits: bool = True) -> Layer:
        """A layer of random shape, density and options; ``fits`` False: may need cuts."""
        rng = self.rng
        scale = 1 if fits else 2
        rows = int(rng.integers(1, min(self.rows * scale, 96) + 1))
        columns = int(rng.integers(1, min(self.columns * scale, 96) + 1))
        density = float(rng.choice((0.0, 0.02, 0.1, 0.3, 0.6, 1.0)))
        if fits:
            density = self.density(rows, columns, density)
        return self.random(
            rows,
            columns,
            density,
            float(rng.choice((0.0, 0.1, 0.4, 0.8, 1.0))),
            batch=int(rng.choice((1, 1, 1, 2, 3))),
            bias=bool(rng.integers(2)),
            relu=bool(rng.integers(2)),
        )

    def any_options(self) -> EieConfig:
        """The build with random run-time options."""
        flags = [bool(x) for x in self.rng.integers(0, 2, 3)]
        return replace(self.config, skip_empty=flags[0], fuse_pad=flags[1], balance=flags[2])

    # jobs -------------------------------------------------------------------------------------

    def job(self, layer: Layer, label: str, config: EieConfig | None = None) -> Job:
        """One layer as a job."""
        config = config or self.config
        return Job((layer,), eie.compile(layer, config), config, label)

    def network(self, layers: Sequence[Layer], label: str, config: EieConfig | None = None) -> Job:
        """Layers that stay resident and are chained."""
        config = config or self.config
        return Job(tuple(layers), eie.compile_network(layers, config), config, label)

    def good(self, label: str = "good") -> Job:
        """A small layer that uses most of the data path; run after every disturbance."""
        rows = min(self.rows, 3 * self.config.num_pe + 1)
        columns = min(self.columns, 3 * self.config.num_pe + 1)
        density = self.density(rows, columns, 0.4)
        return self.job(self.random(rows, columns, density, 0.7, bias=True), label)

    def long(self, label: str = "long") -> Job:
        """The largest layer of one pass."""
        rows, columns = self.rows, min(self.columns, 96)
        density = self.density(rows, columns, 1.0)
        return self.job(self.random(rows, columns, density, 1.0), label)


# patterns -------------------------------------------------------------------------------------


def slices_mask(config: EieConfig, rows: int, lists: Sequence[Sequence[int]], pes=None) -> Mask:
    """Mask [rows, columns] with the local rows ``lists[c]`` of column ``c`` set in the PEs ``pes``
    (default: all), for rows interleaved ``row mod num_pe``."""
    pes = range(config.num_pe) if pes is None else pes
    mask = np.zeros((rows, len(lists)), dtype=bool)
    for column, local_rows in enumerate(lists):
        for local in local_rows:
            for pe in pes:
                row = local * config.num_pe + pe
                if row < rows:
                    mask[row, column] = True
    return mask


def run_columns(config: EieConfig) -> list[list[int]]:
    """Columns with a run of every interesting length at the top of the slice and after an entry."""
    most = (1 << config.idx_width) - 1
    lengths = [0, 1, most - 1, most, most + 1, 2 * most, 2 * most + 1, 2 * most + 2, 2 * most + 3]
    columns = []
    for length in dict.fromkeys(x for x in lengths if x >= 0):
        columns.append([length])
        columns.append([0, length + 1])
    return [c for c in columns if c[-1] < config.act_regs]


# programs -------------------------------------------------------------------------------------


def sections_of(item: Pass, config: EieConfig) -> list[Section]:
    """Sections of a pass's weight packet."""
    return list(weight_sections(item.wgt, config.spmat_width))


def with_cfg(item: Pass, **values: int) -> Pass:
    """The pass with other CFG values, by name."""
    return replace(item, cfg={**item.cfg, **{int(Cfg[k]): v for k, v in values.items()}})


def relocated(item: Pass, config: EieConfig, high: bool = True) -> Pass:
    """The same pass with pointers, biases, activations and codebook at the end of the memories."""
    length, outputs = item.cfg[int(Cfg.IN_LEN)], item.cfg[int(Cfg.OUT_LEN)]
    pointer = (config.ptr_depth - length - 1) & ~1 if high else 0
    bias = config.bias_depth - -(-outputs // config.num_pe) if high else 0
    act = config.act_depth - -(-length // config.num_pe) if high else 0
    book = config.num_codebooks - 1 if high else 0
    moved = []
    for section in sections_of(item, config):
        base = {Kind.CODEBOOK: book, Kind.POINTER: pointer, Kind.BIAS: bias}.get(section.kind, 0)
        moved.append(replace(section, base=section.base + base))
    return replace(
        with_cfg(item, PTR_BASE=pointer, BIAS_BASE=bias, ACT_BASE=act, CODEBOOK=book),
        wgt=packet_of(moved),
    )


def split_phases(item: Pass) -> tuple[Pass, ...]:
    """One START per phase instead of one for all."""
    mode = item.cfg[int(Cfg.MODE)]
    phases = Mode.LOAD_WGT | Mode.LOAD_ACT | Mode.COMPUTE | Mode.OUTPUT | Mode.SWAP
    passes = []
    for bit in (Mode.LOAD_WGT, Mode.LOAD_ACT, Mode.COMPUTE, Mode.OUTPUT, Mode.SWAP):
        if mode & bit:
            passes.append(
                replace(
                    with_cfg(item, MODE=mode & ~int(phases) | int(bit)),
                    wgt=item.wgt if bit == Mode.LOAD_WGT else None,
                    act=item.act if bit == Mode.LOAD_ACT else None,
                    out_words=item.out_words if bit == Mode.OUTPUT else 0,
                )
            )
    return tuple(passes)
