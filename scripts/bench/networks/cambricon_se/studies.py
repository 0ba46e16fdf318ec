"""The studies of Cambricon-SE: window, row of codes, cores, live neurons, frames. Cases only.

The first two run some whole layers of each network (``PARTS``).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from models.workloads.cambricon_se import SCALING
from scripts.bench.networks.cambricon_se.cases import ROWS, Case
from scripts.bench.networks.evaluation import changed

#: Layers of the studies of the build, by network.
PARTS: dict[str, tuple[str, ...]] = {
    "alexnet": ("conv3", "conv4", "conv5"),
    "vgg16": ("conv3-2", "conv4-2", "conv5-1"),
    "googlenet": tuple(one for one in ROWS["googlenet"] if one.startswith("4d-")),
    "alexnet_fc": ("fc7",),
}
LAYERS = tuple(f"{network}-{row}" for network, rows in PARTS.items() for row in rows)
#: Title of a study -> label of a build -> fields that are not those of the default.
BUILDS: dict[str, dict[str, dict[str, Any]]] = {
    "window": {
        "32": {"window": 32, "code_row": 32},
        "64": {"window": 64, "code_row": 64},
        "128": {},
        "256": {"window": 256, "code_row": 128},
    },
    "codes of a row": {
        "32": {"code_row": 32},
        "64": {},
        "128": {"code_row": 128},
    },
}
#: Selectors in these studies.
SELECTORS = ("tuned", "x_like")
CORES = (1, *SCALING)
#: Networks whose layers are run on so many cores.
SCALED = ("vgg16", "alexnet_fc")
#: Shares of live neurons, and the layers that have them.
DENSITIES = (1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2)
DENSITY_LAYERS = ("alexnet-conv3", "alexnet-conv5")
#: Cambricon-S prints these as the dynamic sparsity of neurons; of zeros or of others is not said.
PRINTED = {"alexnet": 0.6237, "vgg16": 0.4052}
READINGS: dict[str, Callable[[float], float]] = {
    "not zero": lambda share: share,
    "zero": lambda share: 1 - share,
}
#: How frames are run: label -> fields.
FRAMES: dict[str, dict[str, Any]] = {"compute alone": {}, "loading counts": {"loads": True}}
#: A layer that is streamed without its zeros, from RTL.
PACKED = "googlenet-5b-3x3"


def build_cases() -> dict[tuple[str, str, str, str], Case]:
    """(study, label, selector, layer) -> case."""
    return {
        (study, label, variant, layer): Case(layer, variant, changes=changed(fields))
        for study, builds in BUILDS.items()
        for label, fields in builds.items()
        for variant in SELECTORS
        for layer in LAYERS
    }


def core_cases() -> dict[tuple[str, int, str], Case]:
    """(network, cores, layer) -> case."""
    return {
        (network, cores, row): Case(
            f"{network}-{row}", "tuned", changes=() if cores == 2 else (("cores", cores),)
        )
        for network in SCALED
        for cores in CORES
        for row in ROWS[network]
    }


def density_cases() -> dict[tuple[float, str], Case]:
    """(share of live neurons, layer) -> case."""
    return {
        (at, layer): Case(layer, "tuned", density=at)
        for at in DENSITIES
        for layer in DENSITY_LAYERS
    }


def reading_cases() -> dict[tuple[str, str, str], Case]:
    """(network, reading of the printed share, row) -> case."""
    return {
        (network, name, row): Case(f"{network}-{row}", "tuned", density=round(reading(printed), 4))
        for network, printed in PRINTED.items()
        for name, reading in READINGS.items()
        for row in PARTS[network]
    }


def frame_cases() -> dict[tuple[str, str], Case]:
    """(how, row of VGG-16) -> case."""
    return {
        (label, row): Case(f"vgg16-{row}", "tuned", changes=changed(fields), frame=True)
        for label, fields in FRAMES.items()
        for row in ROWS["vgg16"]
    }


def packed_case(source: str) -> Case:
    """A layer whose activations and results are streamed without their zeros."""
    fields = {"packed_in": True, "packed_out": True}
    return Case(PACKED, "tuned", source=source, changes=changed(fields))


def every_case(source: str = "model") -> list[Case]:
    """All cases of the studies, each once; ``source`` of the packed layer."""
    made = [
        *build_cases().values(),
        *core_cases().values(),
        *density_cases().values(),
        *reading_cases().values(),
        *frame_cases().values(),
        packed_case(source),
    ]
    return list(dict.fromkeys(made))
