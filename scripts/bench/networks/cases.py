"""One layer of SCNN's evaluation on one build: from RTL, or from the cycle model that equals it.

Both compare every output with golden. What the model said is kept under a key of the models'
sources, so it is computed once.
"""

from __future__ import annotations

import functools
import hashlib
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models import registry
from models.dense.config import DenseConfig
from models.dense.design import DESIGN as ARRAY
from models.golden import golden
from models.layer import Layer
from models.packets import pack_lanes
from models.places import ROOT
from models.scnn import ScnnConfig, compile, cycles, unpack
from models.scnn.geometry import Geometry
from models.workloads.scnn import (
    DESIGN,
    PUBLISHED,
    SCNN_LAYERS,
    ScnnBenchmark,
    dcnn_cycles,
    drawn,
    network_of,
    scnn_layer,
)
from scripts import kept
from scripts.granularity.layers import Conv, weights_of
from scripts.measure.engine import Engine, Player, rtl_player
from scripts.measure.records import difference, summed

Record = dict[str, Any]

#: Variants by the name that the registry gives them, and what they are called.
VARIANTS = {"plain": "as published", "tuned": "ours"}
#: Counters of a record, in cycles of all PEs or in words.
COUNTED = (
    "stall_queue_full", "stall_ppu", "psum_reads", "psum_writes", "merged", "halo_words",
    "wgt_reads", "act_reads", "skips", "carry_words",
)  # fmt: skip
#: Account of a slot -> its counter.
SLOTS = {
    "useful": "mac_useful",
    "padding": "slot_padding",
    "empty": "slot_empty",
    "bank": "stall_bank",
    "sync": "stall_sync",
    "input": "stall_input",
}
#: Sources that decide what the model says; the form of a record is numbered.
_MODELS = (
    *(f"models/{name}.py" for name in ("fixed", "golden", "layer", "packets", "program")),
    "models/scnn/[!d]*.py", "models/workloads/scnn.py", "models/formats/runs.py",
    "models/array/*.py", "models/dense/c*.py", "models/pruning/*.py",
    "scripts/granularity/layers.py",
)  # fmt: skip
_FORM = 1
_SEED = 20170624  # of layers that are no rows of the table


@dataclass(frozen=True)
class Case:
    """What is run.

    layer     a row of the table; variant: of ``VARIANTS``; maps, seed: of the patterns
    source    ``rtl`` or ``model``
    changes   fields of the build that are not as by default, (name, value) each
    filters   only so many output channels (0: all)
    grain     weights pruned at a granularity instead of at random ("": at random)
    density   of weights and activations instead of those of the table
    """

    layer: str
    variant: str
    maps: str = "iid"
    seed: int = 1
    source: str = "model"
    changes: tuple[tuple[str, Any], ...] = ()
    filters: int = 0
    grain: str = ""
    density: float | None = None

    @property
    def config(self) -> ScnnConfig:
        """The build with the options of the variant; ``changes`` go over both."""
        built = ScnnConfig()
        built = built.plain() if self.variant == "plain" else built
        return replace(built, **dict(self.changes))

    @property
    def facts(self) -> ScnnBenchmark:
        """The row, with the densities and output channels of this case."""
        facts = SCNN_LAYERS[self.layer]
        if self.filters:
            facts = replace(facts, filters=min(self.filters, facts.filters))
        if self.density is not None:
            facts = replace(facts, weight_density=self.density, density=self.density)
        return facts

    @property
    def cropped(self) -> bool:
        """Whether it is not the whole layer."""
        return 0 < self.filters < SCNN_LAYERS[self.layer].filters

    def made(self) -> Layer:
        """The layer."""
        if self.density is not None:
            draw = np.random.default_rng((_SEED, self.seed, list(SCNN_LAYERS).index(self.layer)))
            return drawn(self.facts, draw, self.maps, name=f"scnn/{self.layer}")
        whole = scnn_layer(self.layer, self.seed, self.maps, self.filters)
        if not self.grain:
            return whole
        values = np.random.default_rng((_SEED, self.seed)).integers(1, 32, whole.weights.shape)
        kept_ones = _mask(self.layer.partition("-")[2], self.maps, self.grain)
        return replace(whole, weights=values * kept_ones[: len(values)])

    def words(self) -> str:
        """A label for progress and problems."""
        more = [f"{name} {value}" for name, value in self.changes]
        more += [self.grain] if self.grain else []
        more += [f"density {self.density}"] if self.density is not None else []
        return " ".join([self.layer, VARIANTS[self.variant], self.maps, *more])


@functools.lru_cache(4)
def _mask(layer: str, maps: str, grain: str) -> NDArray[np.bool_]:
    """Weights that stay; cases of a layer follow each other."""
    return weights_of(Conv(layer, maps), grain)


@functools.cache
def _sources(root: Path = ROOT) -> str:
    digest = hashlib.sha256()
    for pattern in _MODELS:
        for path in sorted(root.glob(pattern)):
            digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def key_of(case: Case) -> str:
    """The key under which what the model says of a case is kept."""
    facts = (_FORM, _sources(), np.__version__, repr(case), repr(case.config))
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:24]


@dataclass(frozen=True)
class Tools:
    """How RTL is run: simulator, folder, player; fresh: the model, too, is asked again."""

    simulator: str = "verilator"
    folder: Path = field(default_factory=Path)
    player: Player = rtl_player
    fresh: bool = False


def measure(case: Case, tools: Tools) -> Record:
    """The record of a case. Raises RuntimeError or ValueError when it does not run."""
    if case.source == "rtl":
        return _by_rtl(case, tools)
    key = key_of(case)
    found = None if tools.fresh else kept.load("bench-scnn", key)
    if found is None:
        found = _by_model(case)
        kept.save("bench-scnn", key, found)
    return found


def _by_model(case: Case) -> Record:
    start = time.process_time()
    layer, config = case.made(), case.config
    program = compile(layer, config)
    predicted = cycles(program, config)
    packets = [pack_lanes(one.results, 16) for one in predicted if one.results is not None]
    (found,) = unpack(program, packets)
    wanted = golden(layer)
    different, first = difference(found, wanted)
    return _record(case, layer, program, [one.counters for one in predicted]) | {
        "bit_exact": different == 0,
        "compared": int(wanted.size),
        "different": different,
        "first_difference": first,
        "counter_errors": [],
        "cycles_model": sum(one.compute for one in predicted),
        "seconds": round(time.process_time() - start, 2),
    }


def _by_rtl(case: Case, tools: Tools) -> Record:
    start = time.monotonic()
    layer, config = case.made(), case.config
    program = registry.design(DESIGN).compile(layer, config)
    folder = tools.folder / case.words().replace(" ", "-")
    engine = Engine(DESIGN, config, tools.simulator, case.seed, folder, tools.player)
    (run,) = engine.run([layer], f"scnn/{case.layer}", "sim", program=program).runs
    return _record(case, layer, program, [run.counters]) | {
        "bit_exact": run.different == 0,
        "compared": run.compared,
        "different": run.different,
        "first_difference": run.first_difference,
        "counter_errors": run.counter_errors,
        "cycles_model": run.cycles_model,
        "seconds": round(time.monotonic() - start, 2),
        "simulator": run.simulator,
        "sim_cycles_per_second": round(run.sim_cycles_per_second, 1),
    }


def _record(case: Case, layer: Layer, program: Any, counters: list[Mapping[str, int]]) -> Record:
    """What model and RTL have in common, from the counters of the passes."""
    count = summed(counters)
    total = count["cycles_compute"]
    base = dcnn_cycles(case.facts)
    network = network_of(case.layer)
    plans = {(geo.kc, geo.shape, geo.tile_w, geo.tile_h) for geo in _geometries(program)}
    return {
        "design": DESIGN,
        "config": asdict(case.config),
        "workload": f"scnn/{case.layer}",
        "network": network,
        "layer": case.layer.partition("-")[2],
        "shape": list(layer.weights.shape),
        "weight_density": round(float(layer.weight_density), 6),
        "activation_density": round(float(layer.activation_density), 6),
        "variant": case.variant,
        "maps": case.maps,
        "seed": case.seed,
        "source": case.source,
        "changes": dict(case.changes),
        "cropped": case.cropped,
        "granularity": case.grain,
        "merged": bool(case.config.merging),
        "cycles": total,
        "baseline": "DCNN",
        "baseline_cycles": base,
        "speedup": round(base / total, 6),
        "paper": PUBLISHED[network],
        "array_cycles": array_cycles(layer.weights.shape, layer.inputs.shape, layer.padding),
        "mac_useful": count["mac_useful"],
        "mac_slots": count["mac_slots"],
        "slots": {name: count[key] for name, key in SLOTS.items()},
        "memory": {"psum": {"reads": count["psum_reads"], "writes": count["psum_writes"]}},
        "counters": {name: count[name] for name in COUNTED},
        "passes": len(program.passes),
        "plans": [list(one) for one in sorted(plans)],
    }


def _geometries(program: Any) -> list[Geometry]:
    return [Geometry.of(item.cfg) for item in program.passes]


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
