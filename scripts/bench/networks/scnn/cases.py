"""One layer of SCNN's evaluation on one build."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.dense.config import DenseConfig
from models.dense.design import DESIGN as ARRAY
from models.layer import Layer
from models.packets import pack_lanes
from models.program import Program
from models.scnn import ScnnConfig
from models.scnn.geometry import Geometry
from models.workloads.scnn import (
    DESIGN,
    PUBLISHED,
    SCNN_LAYERS,
    ScnnBenchmark,
    dcnn_cycles,
    drawn,
    scnn_layer,
)
from scripts.bench.networks import evaluation
from scripts.granularity.layers import Conv, weights_of

#: Variants by the name that the registry gives them, and what they are called.
VARIANTS = {"plain": "as published", "tuned": "ours"}
_SEED = 20170624  # of layers that are no rows of the table


@dataclass(frozen=True)
class Case(evaluation.Case):
    """What is run.

    filters   only so many output channels (0: all)
    corner    only so many input channels, and the upper left so many rows and columns (None: all)
    grain     weights pruned at a granularity instead of at random ("": at random)
    density   of weights and activations instead of those of the table
    """

    filters: int = 0
    density: float | None = None
    corner: tuple[int, int] | None = None

    design = DESIGN
    models = (
        "models/scnn/[!d]*.py", "models/workloads/scnn.py", "models/formats/runs.py",
        "models/array/*.py", "models/dense/c*.py", "models/pruning/*.py",
        "scripts/granularity/layers.py",
    )  # fmt: skip
    baseline = "DCNN"
    counted = (
        "stall_queue_full", "stall_ppu", "psum_reads", "psum_writes", "merged", "halo_words",
        "wgt_reads", "act_reads", "skips", "carry_words",
    )  # fmt: skip

    @property
    def config(self) -> ScnnConfig:
        """The build with the options of the variant; ``changes`` go over both."""
        built = ScnnConfig()
        built = built.plain() if self.variant == "plain" else built
        return replace(built, **dict(self.changes))

    @property
    def row(self) -> ScnnBenchmark:
        """The row, with the densities and the size of this case."""
        row = SCNN_LAYERS[self.layer]
        if self.filters:
            row = replace(row, filters=min(self.filters, row.filters))
        if self.corner:
            channels, size = self.corner
            row = replace(row, channels=min(channels, row.channels), size=min(size, row.size))
        if self.density is not None:
            row = replace(row, weight_density=self.density, density=self.density)
        return row

    @property
    def work(self) -> int:
        return self.row.macs

    @property
    def published(self) -> float:
        return PUBLISHED[self.network]

    @property
    def cropped(self) -> bool:
        """Whether it is not the whole layer."""
        whole, mine = SCNN_LAYERS[self.layer], self.row
        sizes = [(row.filters, row.channels, row.size) for row in (whole, mine)]
        return sizes[0] != sizes[1]

    def made(self) -> Layer:
        whole = self._drawn()
        if not self.corner:
            return whole
        channels, size = self.corner
        part = whole.inputs[:, :channels, :size, :size]
        return replace(whole, weights=whole.weights[:, :channels], activations=part)

    def _drawn(self) -> Layer:
        if self.density is not None:
            draw = np.random.default_rng((_SEED, self.seed, list(SCNN_LAYERS).index(self.layer)))
            return drawn(self.row, draw, self.maps, name=f"scnn/{self.layer}")
        whole = scnn_layer(self.layer, self.seed, self.maps, self.filters)
        if not self.grain:
            return whole
        values = np.random.default_rng((_SEED, self.seed)).integers(1, 32, whole.weights.shape)
        kept_ones = _mask(self.layer.partition("-")[2], self.maps, self.grain)
        return replace(whole, weights=values * kept_ones[: len(values)])

    def packet(self, results: NDArray[np.int64]) -> NDArray[np.uint64]:
        return pack_lanes(results, 16)

    def baseline_cycles(self, layer: Layer) -> int:
        return dcnn_cycles(self.row)

    def facts(self, layer: Layer, program: Program, count: Mapping[str, int]) -> dict[str, Any]:
        geometries = [Geometry.of(item.cfg) for item in program.passes]
        plans = {(geo.kc, geo.shape, geo.tile_w, geo.tile_h) for geo in geometries}
        shapes = layer.weights.shape, layer.inputs.shape
        return {
            "cropped": self.cropped,
            "merged": bool(self.config.merging),
            "array_cycles": array_cycles(*shapes, layer.border),
            "memory": {"psum": {"reads": count["psum_reads"], "writes": count["psum_writes"]}},
            "plans": [list(one) for one in sorted(plans)],
        }

    def words(self) -> str:
        more = [f"{name} {value}" for name, value in self.changes]
        more += [self.grain] if self.grain else []
        more += [f"density {self.density}"] if self.density is not None else []
        more += [f"{self.filters} filters"] if self.filters else []
        return " ".join([self.layer, VARIANTS[self.variant], self.maps, *more])


@functools.lru_cache(4)
def _mask(layer: str, maps: str, grain: str) -> NDArray[np.bool_]:
    """Weights that stay; cases of a layer follow each other."""
    return weights_of(Conv(layer, maps), grain)


def array_config() -> DenseConfig:
    """The project's own dense array with as many multipliers: its build of 32 x 32."""
    built = ARRAY.builds["32x32"]
    return DenseConfig(rows=built["Rows"], cols=built["Cols"])


@functools.cache
def array_cycles(weights: tuple[int, ...], acts: tuple[int, ...], padding: int) -> int:
    """Compute cycles of that array on a layer of these shapes, whatever its values, by its cycle
    model, which equals its RTL."""
    config = array_config()
    layer = Layer(np.zeros(weights, np.int64), np.zeros(acts, np.int64), padding=padding)
    return sum(one.compute for one in ARRAY.cycles(ARRAY.compile(layer, config), config))
