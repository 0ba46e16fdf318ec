"""The studies of SCNN: crossbar, density, size of a PE, merging. Cases, and what they say.

Late layers and sizes of a PE are of whole layers. The others run some output groups of each layer,
not all of them: the baseline has as many output channels, so nothing is extrapolated. How far such
a crop is from the whole layer is a table of its own (``crop_cases``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from models.names import camel
from models.scnn import ScnnConfig
from models.scnn.builds import BUILDS
from models.workloads.scnn import NETWORKS
from scripts.bench.networks.evaluation import changed
from scripts.bench.networks.scnn.cases import Case

Record = Mapping[str, Any]

#: Layers of the crossbar study: products scattered by small and large kernels, dense and sparse.
CROSSBAR_LAYERS = (
    "alexnet-conv3", "vgg16-conv3-2", "vgg16-conv4-2", "googlenet-3a-3x3", "googlenet-4d-1x1",
)  # fmt: skip
#: A crossbar of the study: label -> fields that are not those of the widest one.
_WIDEST = {"lane_depth": 8, "xbar_grants": 2, "look_ahead": 4, "bank_depth": 8}
_USUAL = {"lane_depth": 3, "xbar_grants": 2, "look_ahead": 1, "bank_depth": 4}
CROSSBARS: dict[str, dict[str, int]] = {
    "widest: lane 8, look-ahead 4, queue 8": _WIDEST,
    "as built: lane 3, two grants, queue 4": {},
    "lane 2": {"lane_depth": 2},
    "lane 1": {"lane_depth": 1},
    "lane 8": {"lane_depth": 8},
    "queue 2": {"bank_depth": 2},
    "queue 8": {"bank_depth": 8},
    "one grant, lane 1, queue 1": {"xbar_grants": 1, "lane_depth": 1, "bank_depth": 1},
    "one grant, lane 3": {"xbar_grants": 1},
    "one grant, lane 8": {"xbar_grants": 1, "lane_depth": 8},
    "one grant, lane 4, look-ahead 2": {"xbar_grants": 1, "lane_depth": 4, "look_ahead": 2},
    "one grant, lane 4, look-ahead 4": {"xbar_grants": 1, "lane_depth": 4, "look_ahead": 4},
    "bank map 1: address modulo banks": {"bank_map": 1},
    "bank map 2: exclusive or": {"bank_map": 2},
    "one grant, lane 3, map 1": {"xbar_grants": 1, "bank_map": 1},
    "one grant, lane 3, map 2": {"xbar_grants": 1, "bank_map": 2},
}
#: Output channels of the crops: two groups as published; four where sums of layers are compared.
CROP, WIDE = 16, 32
#: Densities of weights and activations in the sweep, and the paper's speed-up where it gives one.
DENSITIES: dict[float, float | None] = {
    1.0: 0.79, 0.85: 1.0, 0.6: None, 0.4: None, 0.2: None, 0.1: 24.0,
}  # fmt: skip
#: Up to this density layers are whole: with few groups the ends of a pass would weigh too much.
WHOLE = 0.2
#: The paper: 64 PEs of 16 multipliers are 11 % faster than 4 of 256; use of the multipliers.
PE_PAPER = {"speedup": 1.11, "64x16": 0.59, "4x256": 0.35}
#: Output channels of a group there: as published, and as the compiler chooses for either build.
GROUPS = {"8": 8, "chosen": 0}
#: GoogLeNet's modules whose whole layers are compared.
MODULES = ("3a-", "4d-", "5b-")
#: The machine of the first prototype: what the paper's parameters come to.
SENSITIVE = {"row_vectors": 4, "wgt_fifo": 52, "lane_depth": 2}
#: Layers and granularities whose accumulator references are counted, with merging and without:
#: input channels, and rows and columns of the corner that runs.
MERGED_LAYERS = {
    "conv1-2": (64, 56), "conv3-2": (128, 56), "conv4-2": (128, 28), "conv5-1": (128, 14),
}  # fmt: skip
GRAINS = ("fine", "vector", "kernel")
#: One of them as a whole, by the model: how far a part is from its layer.
MERGED_WHOLE = "conv5-1"


def crossbar_cases(source: str = "model") -> dict[tuple[str, str], Case]:
    """(label of the crossbar, layer) -> case."""
    return {
        (label, layer): Case(
            layer, "plain", filters=CROP, changes=changed(_USUAL | fields), source=source
        )
        for label, fields in CROSSBARS.items()
        for layer in CROSSBAR_LAYERS
    }


def density_cases() -> dict[tuple[float, str], Case]:
    """(density, layer) -> case: all of GoogLeNet's shapes."""
    return {
        (density, name): Case(
            f"googlenet-{name}", "plain", filters=WIDE if density > WHOLE else 0, density=density
        )
        for density in DENSITIES
        for name in NETWORKS["googlenet"]
    }


def large_pes() -> dict[str, Any]:
    """Fields of the build of four large PEs."""
    names = {camel(one.name): one.name for one in fields(ScnnConfig)}
    return {names[name]: value for name, value in BUILDS["4x256"].items()}


def modules() -> list[str]:
    """Rows of ``MODULES``."""
    return [f"googlenet-{name}" for name in NETWORKS["googlenet"] if name.startswith(MODULES)]


def pe_cases() -> dict[tuple[str, str, str], Case]:
    """(build, Kc, layer) -> case: 64 PEs of 16 multipliers and 4 of 256."""
    return {
        (label, kc, name): Case(
            name, "plain", changes=changed(fields | ({} if size else {"kc": size}))
        )
        for label, fields in (("64x16", {}), ("4x256", large_pes()))
        for kc, size in GROUPS.items()
        for name in modules()
    }


def crop_cases() -> dict[tuple[str, bool], Case]:
    """(layer, whole?) -> case."""
    return {
        (layer, whole): Case(layer, "plain", filters=0 if whole else WIDE)
        for layer in modules()
        for whole in (False, True)
    }


def sensitive_cases() -> list[Case]:
    """AlexNet and GoogLeNet as published, on the machine of the prototype."""
    return [
        Case(f"{network}-{name}", "plain", changes=changed(SENSITIVE))
        for network in ("alexnet", "googlenet")
        for name in NETWORKS[network]
    ]


def merging_cases(source: str = "model") -> dict[tuple[str, str, bool], Case]:
    """(layer, granularity, merging) -> case."""
    return {
        (layer, grain, merging): Case(
            f"vgg16-{layer}",
            "plain",
            filters=CROP,
            grain=grain,
            corner=corner,
            changes=changed({"merging": merging}),
            source=source,
        )
        for layer, corner in MERGED_LAYERS.items()
        for grain in GRAINS
        for merging in (False, True)
    }


def merged_whole() -> dict[str, Case]:
    """Granularity -> case of the whole layer with merging."""
    merging = changed({"merging": True})
    return {
        grain: Case(f"vgg16-{MERGED_WHOLE}", "plain", grain=grain, changes=merging)
        for grain in GRAINS
    }


def every_case(source: str = "model") -> list[Case]:
    """All cases of the studies, each once; ``source`` of the references."""
    made = [
        *crossbar_cases().values(),
        *density_cases().values(),
        *pe_cases().values(),
        *crop_cases().values(),
        *sensitive_cases(),
        *merging_cases(source).values(),
        *merged_whole().values(),
    ]
    return list(dict.fromkeys(made))
