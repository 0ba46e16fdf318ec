"""The studies of FlexFlow-Pro: what each part of the build is good for. Cases only.

Whole layers, one of each kind: large and small kernels, few pixels, few output maps.
Stores keep their words when the mask word changes.
"""

from __future__ import annotations

from typing import Any

from models.workloads.flexflow_pro import LAYERS as WHOLE
from models.workloads.flexflow_pro import MAPS
from scripts.bench.networks.evaluation import changed
from scripts.bench.networks.flexflow_pro.cases import Case

LAYERS = (
    "alexnet-conv3", "vgg16-conv5-1", "googlenet-3a-5x5", "googlenet-4d-1x1", "googlenet-5b-1x1",
    "googlenet-4b-5x5-reduce",
)  # fmt: skip
FIFOS = (1, 2, 3, 4, 8, 16, 64)
#: Layers of the studies of loading and calibration: whole networks.
ALL = tuple(WHOLE)
#: Densities of weights and of activations, of AlexNet's conv3.
DENSITIES = (1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1)
DENSITY_LAYER = "alexnet-conv3"
#: Title of a study -> label of a build -> fields that are not those of the default.
BUILDS: dict[str, dict[str, dict[str, Any]]] = {
    "mask word": {
        "4": {"mask_word": 4, "k_cells": 36, "n_cells": 48, "act_depth": 2048},
        "8": {"mask_word": 8, "k_cells": 18, "n_cells": 24, "act_depth": 1024},
        "16": {},
    },
    "column bus": {"1 word": {"bus_words": 1}, "2 words": {}},
    "balance": {
        "off": {"balance": "off"},
        "by layer": {"balance": "layer"},
        "by pass": {"balance": "group"},
        "either": {},
    },
    "maps of a row": {
        "at most 2": {"max_maps": 2},
        "at most 4": {},
        "at most 8": {"max_maps": 8},
        "always 1": {"maps": 1},
    },
    "neuron store": {
        "9 cells": {"n_cells": 9},
        "12 cells": {},
        "18 cells": {"n_cells": 18},
        "24 cells": {"n_cells": 24},
    },
    "groups of pixels": {"never": {"groups_log": 0}, "by layer": {}},
    "piece": {"rows": {"kind": "rows"}, "taps": {"kind": "taps"}, "by layer": {}},
}


def fifo_cases() -> dict[tuple[str, int, str], Case]:
    """(variant, depth, layer) -> case."""
    return {
        (variant, depth, layer): Case(
            layer, variant, changes=() if depth == 2 else (("fifo_depth", depth),)
        )
        for variant in ("plain", "tuned")
        for depth in FIFOS
        for layer in LAYERS
    }


def build_cases() -> dict[tuple[str, str, str], Case]:
    """(study, label, layer) -> case."""
    return {
        (study, label, layer): Case(layer, "tuned", changes=changed(fields))
        for study, builds in BUILDS.items()
        for label, fields in builds.items()
        for layer in LAYERS
    }


def density_cases() -> dict[float, Case]:
    """Density of weights and of activations -> case."""
    return {at: Case(DENSITY_LAYER, "tuned", density=at) for at in DENSITIES}


def loading_cases() -> dict[tuple[str, str, str], Case]:
    """(variant, objective, layer) -> case: lock step and balanced, with either objective."""
    total = (("objective", "total"),)
    return {
        (variant, objective, layer): Case(layer, name, changes=changes)
        for variant, objective, name, changes in (
            ("lock_step", "compute", "lock_step", ()),
            ("lock_step", "total", "lock_step", total),
            ("tuned", "compute", "tuned", ()),
            ("tuned", "total", "total", ()),
        )
        for layer in ALL
    }


def calibration_cases() -> dict[tuple[str, bool, str], Case]:
    """(maps, whether the compiler sees the maps that run, layer) -> case, balanced."""
    return {
        (maps, oracle, layer): Case(layer, "tuned", maps, oracle=oracle)
        for maps in MAPS
        for oracle in (False, True)
        for layer in ALL
    }


def every_case(source: str = "model") -> list[Case]:
    """All cases of the studies, each once, by the model."""
    made = [
        *fifo_cases().values(),
        *build_cases().values(),
        *density_cases().values(),
        *loading_cases().values(),
        *calibration_cases().values(),
    ]
    return list(dict.fromkeys(made))
