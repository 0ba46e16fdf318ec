"""Stimulus of EIE's top-level tests: layers of an exact shape and density, and jobs made of them.

Every layer is built from masks, so that a test gets the pattern it asks for, and ``Maker.layer``
asserts that it did. Nothing here touches the device.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product

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
from models.packets import packet_of
from models.program import Pass
from tb.common.stimulus import Mask, Stimulus, exact_mask
from tb.common.uvm.items import Job


class Maker(Stimulus):
    """Makes layers and jobs for one build; ``rng``: generator of the test."""

    design = eie.DESIGN
    config: EieConfig
    phases = (Mode.LOAD_WGT, Mode.LOAD_ACT, Mode.COMPUTE, Mode.OUTPUT, Mode.SWAP)
    turns = (8, 12, 24)

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

    def codebook(self, largest: int) -> NDArray[np.int64]:
        """Different non-zero weights, as many as the codebook has room for."""
        pool = np.concatenate((np.arange(-largest, 0), np.arange(1, largest + 1)))
        if largest > 4096:
            pool = self.rng.integers(1, largest + 1, 512) * self.rng.choice((-1, 1), 512)
            pool = np.unique(np.append(pool, (-largest, largest)))
        count = min(pool.size, (1 << self.config.code_width) - 1)
        return self.rng.choice(pool, count, replace=False).astype(np.int64)

    def kernels(self, mask: Mask, largest: int) -> NDArray[np.int64]:
        return np.where(mask, self.rng.choice(self.codebook(largest), mask.shape), 0)

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
        terms = max(1, int(mask.sum(axis=1).max()))
        wgt_max, act_max, bias_max = self.magnitudes(terms)
        if act_mask is None:
            wgt_max = self.magnitudes_chained(terms)
        weights = self.kernels(mask, wgt_max)
        acts = None
        if act_mask is not None:
            acts = self.nonzero(act_mask, act_max)
            assert np.array_equal(acts != 0, act_mask)
        biases = self.biases(mask.shape[0], bias_max) if bias else None
        if shift is None:
            shift = self.some_shift(terms, (wgt_max, act_max, bias_max), bias)
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

    # shared tests -----------------------------------------------------------------------------

    @property
    def most_outputs(self) -> int:
        return self.rows

    def densities(self) -> Iterator[tuple[str, Layer]]:
        rows, columns = min(self.rows, 12), min(self.columns, 20)
        steps = (0.0, 0.001, 0.04, 0.12, 0.4, 0.8, 1.0)
        for density, inputs in product(steps, repeat=2):
            if density * inputs not in (0.0, 1.0) and density != inputs and inputs != 0.4:
                continue  # the rest of the cross is in the four steps none, sparse, dense, all
            yield f"{density}_{inputs}", self.random(rows, columns, density, inputs)
        for kinds in product((0.0, 0.3, 0.8, 1.0), repeat=2):
            yield f"kinds_{kinds}", self.random(rows, columns, *kinds)

    def sections_of(self, item: Pass) -> list[Section]:
        assert item.wgt is not None
        return list(weight_sections(item.wgt, self.config.spmat_width))

    def with_biases(self, job: Job, bias: NDArray[np.int64]) -> Pass:
        item, parts = job.passes[0], []
        order = job.program.outputs.slices[0].rows
        for section in self.sections_of(item):
            if section.kind == Kind.BIAS:
                values = bias[order][section.pe :: self.config.num_pe]
                lanes = np.zeros(2 * section.payload.size, dtype="<i4")
                lanes[: values.size] = values
                section = replace(section, payload=lanes.view("<u8").astype(np.uint64))
            parts.append(section)
        return replace(item, wgt=packet_of(parts))

    def places(self, label: str) -> Iterator[Job]:
        config = self.config
        for book in dict.fromkeys((0, config.num_codebooks // 2, config.num_codebooks - 1)):
            job = self.good(f"{label}_{book}")
            moved = with_cfg(self.relocated(job.passes[0]), CODEBOOK=book)
            parts = [
                replace(s, base=book) if s.kind == Kind.CODEBOOK else s
                for s in self.sections_of(moved)
            ]
            job.passes = (replace(moved, wgt=packet_of(parts)),)
            assert moved.cfg[int(Cfg.PTR_BASE)] + moved.cfg[int(Cfg.IN_LEN)] + 2 >= config.ptr_depth
            yield job

    def relocated(self, item: Pass) -> Pass:
        """The same pass with everything at the end of the memories."""
        config = self.config
        length, outputs = item.cfg[int(Cfg.IN_LEN)], item.cfg[int(Cfg.OUT_LEN)]
        pointer = (config.ptr_depth - length - 1) & ~1
        bias = config.bias_depth - -(-outputs // config.num_pe)
        act = config.act_depth - -(-length // config.num_pe)
        book = config.num_codebooks - 1
        bases = {Kind.CODEBOOK: book, Kind.POINTER: pointer, Kind.BIAS: bias}
        moved = []
        for section in self.sections_of(item):
            base = bases.get(section.kind, 0)
            moved.append(replace(section, base=section.base + base))
        return replace(
            with_cfg(item, PTR_BASE=pointer, BIAS_BASE=bias, ACT_BASE=act, CODEBOOK=book),
            wgt=packet_of(moved),
        )

    def groups(self, sections: Sequence[Section]) -> Iterable[Sequence[Section]]:
        empty = [
            replace(s, count=0, payload=s.payload[:0]) for s in sections if s.kind != Kind.CODEBOOK
        ]
        return [], empty, sections[:1], sections[1:]

    # speed ------------------------------------------------------------------------------------

    def full(self, label: str) -> Job:
        rows = min(self.rows, 16 * self.config.num_pe)
        density = self.density(rows, self.columns, 1.0)
        return self.job(self.random(rows, self.columns, density, 1.0), label)

    def slowest(self, item: Pass) -> Mapping[str, int]:
        config = self.config
        # A row of activations per cycle is the limit when a word holds more than one.
        act_rows = -(-item.cfg[int(Cfg.IN_LEN)] // config.num_pe)
        lanes = max(1, config.lanes // config.num_pe)
        assert item.wgt is not None
        assert item.act is not None
        return {
            "cycles_wgt": item.wgt.size + 4,
            "cycles_act": max(item.act.size, act_rows) + 4,
            "cycles_output": (2 * lanes if lanes > 1 else 1) * item.out_words + 8,
        }

    def lost(self, spent: Mapping[str, int]) -> tuple[int, float]:
        """One slot in four, fill and drain apart, where columns have some entries for each PE."""
        rows = min(self.rows, 16 * self.config.num_pe)
        dense = self.density(rows, self.columns, 1.0) * rows // self.config.num_pe
        slots = spent["mac_slots"]
        most = slots / 4 + 16 * self.config.num_pe if dense >= 4 else slots
        return slots - spent["mac_useful"], most


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


def with_cfg(item: Pass, **values: int) -> Pass:
    """The pass with other CFG values, by name."""
    return replace(item, cfg={**item.cfg, **{int(Cfg[k]): v for k, v in values.items()}})
