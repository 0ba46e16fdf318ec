"""A layer on a build: from RTL, or from the cycle model that equals it.

Both compare every output with golden. What the model said is kept under a key of the models'
sources, so it is computed once; what passed in RTL under one of all sources, to go on from.
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

from models.design import SLOT_COUNTERS
from models.golden import golden
from models.layer import Layer
from models.places import ROOT
from models.program import Program
from scripts import kept
from scripts.bench.networks.evaluation import Case
from scripts.measure.engine import Engine, Player, rtl_player
from scripts.measure.records import difference, summed

Record = dict[str, Any]
_COMMON = tuple(
    f"models/{name}.py" for name in ("fixed", "golden", "layer", "packets", "program")
)  # fmt: skip
_FORM = 2  # of a record


@functools.cache
def sources(patterns: tuple[str, ...], root: Path = ROOT) -> str:
    """Hash of the files that decide what a model says."""
    digest = hashlib.sha256()
    for pattern in (*_COMMON, *patterns):
        for path in sorted(root.glob(pattern)):
            digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def key_of(case: Case) -> str:
    """The key under which what the model says of a case is kept."""
    facts = (_FORM, sources(case.models), np.__version__, repr(case), repr(case.config))
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:24]


@dataclass(frozen=True)
class Tools:
    """How RTL is run: simulator, folder, player.

    fresh    the model, too, is asked again; resume: what has passed in RTL is not run again
    """

    simulator: str = "verilator"
    folder: Path = field(default_factory=Path)
    player: Player = rtl_player
    fresh: bool = False
    resume: bool = False


def measure(case: Case, tools: Tools) -> Record:
    """The record of a case. Raises RuntimeError or ValueError when it does not run."""
    kind = f"bench-{case.design}"
    if case.source == "rtl":
        key = kept.key_of(tools.simulator, case, case.config, tools.player.__qualname__)
        found = kept.load(kind, key) if tools.resume else None
        if found is None:
            found = by_rtl(case, tools)
            if found["bit_exact"] and not found["counter_errors"]:
                kept.save(kind, key, found)
        return found
    key = key_of(case)
    found = None if tools.fresh else kept.load(kind, key)
    if found is None:
        found = by_model(case)
        kept.save(kind, key, found)
    return found


def by_model(case: Case) -> Record:
    """From the cycle model, outputs included."""
    start = time.process_time()
    layer, config = case.made(), case.config
    program = case.program(layer)
    predicted = case.model.cycles(program, config)
    packets = [case.packet(one.results) for one in predicted if one.results is not None]
    (found,) = case.model.unpack(program, packets)
    wanted = golden(case.model.computed(layer, config), config.act_width)
    different, first = difference(found, wanted)
    counters: list[Mapping[str, int]] = [one.counters for one in predicted]
    return _record(case, layer, program, counters) | {
        "bit_exact": different == 0,
        "compared": int(wanted.size),
        "different": different,
        "first_difference": first,
        "counter_errors": [],
        "cycles_model": sum(int(one.compute) for one in predicted),
        "seconds": round(time.process_time() - start, 2),
    }


def model_cycles(case: Case, layer: Layer | None = None) -> int:
    """Compute cycles of a case by the model alone, kept: several cases may ask for them as those
    of their baseline. ``layer``: that of the case, if it is there already.
    """
    case = replace(case, source="model")
    key, kind = key_of(case), f"bench-{case.design}"
    found = kept.load(kind, key) or kept.load(f"{kind}-baseline", key)
    if found is None:
        layer = case.made() if layer is None else layer
        passes = case.model.cycles(case.program(layer), case.config)
        found = {"cycles": sum(int(one.compute) for one in passes)}
        kept.save(f"{kind}-baseline", key, found)
    return int(found["cycles"])


def by_rtl(case: Case, tools: Tools) -> Record:
    """From RTL, counters held against the cycle model."""
    start = time.monotonic()
    layer, config = case.made(), case.config
    program = case.program(layer)
    folder = tools.folder / case.words().replace(" ", "-")
    engine = Engine(case.design, config, tools.simulator, case.seed, folder, tools.player)
    (run,) = engine.run([layer], f"{case.design}/{case.layer}", "sim", program=program).runs
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


def _record(
    case: Case, layer: Layer, program: Program, counters: list[Mapping[str, int]]
) -> Record:
    """What model and RTL have in common, from the counters of the passes."""
    count = summed(counters)
    total = count["cycles_compute"]
    base = total if case.is_baseline else case.baseline_cycles(layer)
    record: Record = {
        "design": case.design,
        "config": asdict(case.config),
        "workload": f"{case.design}/{case.layer}",
        "network": case.network,
        "layer": case.layer.partition("-")[2],
        "shape": list(layer.weights.shape),
        "weight_density": round(float(layer.weight_density), 6),
        "activation_density": round(float(layer.activation_density), 6),
        "variant": case.variant,
        "maps": case.maps,
        "seed": case.seed,
        "source": case.source,
        "changes": dict(case.changes),
        "granularity": case.grain,
        "cycles": total,
        "baseline": case.baseline,
        "baseline_cycles": base,
        "speedup": round(base / total, 6),
        "paper": case.published,
        "mac_useful": count["mac_useful"],
        "mac_slots": count["mac_slots"],
        "slots": {name: count.get(key, 0) for name, key in SLOT_COUNTERS.items()},
        "counters": {name: count[name] for name in case.counted},
        "passes": len(program.passes),
    }
    return record | case.facts(layer, program, count)
