"""Gates per multiplier beside other designs, and the density from which skipping pays per gate."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

import numpy as np

from models import registry
from models.design import BASELINE
from models.layer import Layer
from models.names import camel
from models.places import ROOT
from models.workloads.flexflow_pro import DESIGN, LAYERS
from scripts.bench.networks.flexflow_pro.studies import DENSITY_LAYER

AREA = ROOT / "docs" / "area.json"
#: Design -> its build that stands beside: 256 multipliers, or the paper's.
BUILDS = {DESIGN: "16x16", BASELINE: "16x16", "sps": "16x16", "eie": "pe64_full", "scnn": "8x8"}


def config_of(design: str, build: str) -> Any:
    """The configuration of a named build."""
    made = registry.design(design)
    names = {camel(one.name): one.name for one in fields(made.config)}
    return made.config(**{names[key]: value for key, value in made.builds[build].items()})


def points() -> list[dict[str, Any]]:
    """Gates, flip-flops, bits of memories of each build, by multiplier; nothing without ours."""
    tops = json.loads(AREA.read_text(encoding="utf-8"))["tops"]
    found = {(one["design"], one["config"]): one for one in tops}
    if (DESIGN, BUILDS[DESIGN]) not in found:
        return []
    made = []
    for name, build in BUILDS.items():
        one, design = found[name, build], registry.design(name)
        number = design.multipliers(config_of(name, build))
        made.append(
            {
                "design": name,
                "title": design.title,
                "build": build,
                "multipliers": number,
                "gates": one["accelerator_gates"] / number,
                "ffs": one["ffs"] / number,
                "mem_bits": one["mem_bits"] / number,
            }
        )
    return made


def array_cycles() -> int:
    """Compute cycles of the dense array of 16 x 16 on the layer of the density sweep, whatever its
    values, by its cycle model, which equals its RTL.
    """
    row = LAYERS[DENSITY_LAYER]
    array, config = registry.design(BASELINE), config_of(BASELINE, BUILDS[BASELINE])
    layer = Layer(
        np.zeros((row.filters, row.channels, row.kernel, row.kernel), np.int64),
        np.zeros((row.channels, row.size, row.size), np.int64),
        padding=row.kernel // 2,
    )
    return sum(int(one.compute) for one in array.cycles(array.compile(layer, config), config))


def per_gate(density: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Speed over the dense array at each density, and that by gates of the accelerator (None
    where they are not known).
    """
    gates = {one["design"]: one["gates"] for one in points()}
    cost = gates[DESIGN] / gates[BASELINE] if gates else None
    base = array_cycles()
    made = []
    for one in density:
        speed = base / one["cycles"]
        made.append(
            {
                "density": one["density"],
                "array_speedup": speed,
                "per_gate": None if cost is None else speed / cost,
            }
        )
    return made
