"""One layer of FlexFlow-Pro's evaluation on one build."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.energy import EnergyTable, energy
from models.flexflow_pro.compiler import compile
from models.flexflow_pro.config import FlexflowProConfig
from models.flexflow_pro.geometry import Geometry
from models.layer import Layer
from models.memories import CLASSES, Memory
from models.packets import pack_rows_of_lanes
from models.program import Program, stream_words
from models.workloads.flexflow_pro import DESIGN, LAYERS, SIMULATED, flexflow_pro_layer
from models.workloads.scnn import ScnnBenchmark, drawn
from scripts.bench.networks import evaluation, measure

#: Variants, and what they are called.
VARIANTS = {"lock_step": "lock step", "plain": "relaxed", "tuned": "relaxed, balanced",
            "total": "balanced, least in total"}  # fmt: skip
_SEED = 20190601  # of layers that are no rows of the table
#: Between the seed of a layer and that of the maps for which the compiler maps and balances it.
_OTHER = 1000


#: Layers that are simulated in another variant, too.
ALSO = {
    "lock_step": ("googlenet-5b-1x1", "googlenet-5b-3x3", "googlenet-5b-5x5"),
    "total": ("alexnet-conv5", "googlenet-5b-3x3", "vgg16-conv5-1"),
}


def simulated(layer: str, variant: str) -> bool:
    """Whether a layer runs from RTL by default: relaxed and balanced, some in other variants."""
    if variant == "tuned":
        return layer.startswith(SIMULATED)
    return layer in ALSO.get(variant, ())


@dataclass(frozen=True)
class Case(evaluation.Case):
    """What is run.

    filters   only so many output maps (0: all)
    density   of weights and activations instead of those of the table
    oracle    the compiler sees the maps that run, not others drawn in the same way
    """

    filters: int = 0
    density: float | None = None
    oracle: bool = False

    design = DESIGN
    models = (
        "models/flexflow_pro/[!dr]*.py", "models/workloads/scnn.py",
        "models/workloads/flexflow_pro.py", "models/energy.*",
    )  # fmt: skip
    baseline = "lock step"
    counted = (
        "slot_padding", "slot_empty", "stall_sync", "stall_input", "bus_cells", "bus_full",
        "broadcasts", "idx_reads", "act_reads", "wgt_reads", "psum_reads", "psum_writes",
    )  # fmt: skip

    @property
    def config(self) -> FlexflowProConfig:
        built = self.model.variants[self.variant].of(FlexflowProConfig())
        return replace(built, **dict(self.changes))

    @property
    def row(self) -> ScnnBenchmark:
        """The row, with the densities and the output maps of this case."""
        row = LAYERS[self.layer]
        if self.filters:
            row = replace(row, filters=min(self.filters, row.filters))
        if self.density is not None:
            row = replace(row, weight_density=self.density, density=self.density)
        return row

    @property
    def work(self) -> int:
        return self.row.macs

    @property
    def is_crop(self) -> bool:
        """Whether it is not the whole layer."""
        return 0 < self.filters < LAYERS[self.layer].filters

    def made(self) -> Layer:
        if self.density is None:
            return flexflow_pro_layer(self.layer, self.seed, self.maps, self.filters)
        rng = np.random.default_rng((_SEED, self.seed, list(LAYERS).index(self.layer)))
        return drawn(self.row, rng, self.maps, name=f"{DESIGN}/{self.layer}")

    def program(self, layer: Layer) -> Program:
        if self.oracle:
            return compile(layer, self.config)
        return compile(layer, self.config, replace(self, seed=self.seed + _OTHER).made().inputs)

    def packet(self, results: NDArray[np.int64]) -> NDArray[np.uint64]:
        rows = self.config.rows
        return pack_rows_of_lanes(results.reshape(-1, rows), self.config.act_width)

    @property
    def is_baseline(self) -> bool:
        return self.variant == "lock_step"

    def baseline_cycles(self, layer: Layer) -> int:
        """Of the same build in lock step, mapped for it."""
        return measure.model_cycles(replace(self, variant="lock_step", oracle=False), layer)

    def facts(self, layer: Layer, program: Program, count: Mapping[str, int]) -> dict[str, Any]:
        """energy_pj: by cause; plan: how the compiler maps the layer; crop: not the whole layer."""
        geometries = [Geometry.of(item) for item in program.passes]
        plans = {(geo.taps, geo.maps, geo.groups_log, geo.cells, geo.ring) for geo in geometries}
        return {
            "crop": self.is_crop,
            "energy_pj": energy_of(self, program, count),
            "loaded_words": stream_words(program.passes),
            "plans": [list(one) for one in sorted(plans)],
        }

    def words(self) -> str:
        more = [f"{name} {value}" for name, value in self.changes]
        more += [f"density {self.density}"] if self.density is not None else []
        more += [f"{self.filters} filters"] if self.filters else []
        more += ["oracle"] if self.oracle else []
        return " ".join([self.layer, VARIANTS[self.variant], self.maps, *more])


def energy_of(case: Case, program: Program, count: Mapping[str, int]) -> dict[str, float]:
    """pJ by cause of a layer, counters times ``models/energy.toml``.

    A PE reads a weight and a neuron for each position that it multiplies, in lock step for all of
    them; ``neuron``: what the buses write into the neuron stores, and those reads.
    """
    config, table = case.config, EnergyTable.load()
    executed = count["mac_useful"] + count["slot_padding"]
    counters = dict.fromkeys(
        (f"{name}_{way}" for name in CLASSES for way in ("reads", "writes")), 0
    )
    counters |= dict(count) | {"wgt_reads": executed}
    widths = config.act_width, config.wgt_width, config.acc_width
    bits = 64 * sum(stream_words(program.passes).values())
    parts = energy(counters, case.model.memories(config), widths, executed, bits, table)
    store = Memory(config.act_width, config.n_cells * config.mask_word)
    parts["neuron"] = (executed + count["broadcasts"] * config.rows) * table.sram(store)
    return {name: round(value, 1) for name, value in parts.items()}
