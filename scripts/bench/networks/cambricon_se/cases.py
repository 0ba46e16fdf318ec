"""One layer of Cambricon-SE's evaluation on one build."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.cambricon_se.config import CambriconSeConfig
from models.cambricon_se.packets import result_packet
from models.energy import EnergyTable, energy
from models.layer import Layer
from models.memories import CLASSES
from models.program import Program, stream_words
from models.workloads.cambricon_se import (
    DESIGN,
    FC_LAYERS,
    MAPS,
    NETWORKS,
    cambricon_se_layer,
    frame_layer,
)
from models.workloads.eie import EIE_LAYERS
from models.workloads.scnn import SCNN_LAYERS
from scripts.bench.networks import evaluation, measure
from scripts.bench.networks.cambricon_se import traffic

#: Network -> its rows; fully connected layers are networks of their own.
ROWS = {name: tuple(rows) for name, rows in NETWORKS.items()} | {
    f"{name}_fc": tuple(one.partition("-")[2] for one in FC_LAYERS if one.startswith(name))
    for name in ("alexnet", "vgg16")
}
NETWORK_NAMES = {
    "alexnet": "AlexNet", "googlenet": "GoogLeNet", "vgg16": "VGG-16",
    "alexnet_fc": "AlexNet, fc", "vgg16_fc": "VGG-16, fc",
}  # fmt: skip
#: Variants, and what they are called.
VARIANTS = {
    "x_like": "X-like",
    "natural": "natural lanes",
    "tuned": "packed",
    "more": "packed, 20 % more weights",
}
#: So many times the weights stay in blocks.
MORE = 1.2
#: Layers that are simulated by default: their names begin so; some on the other selectors, too.
SIMULATED = ("alexnet-conv3", "alexnet-conv4", "alexnet-conv5", "vgg16-conv4-2", "vgg16-conv5-1",
             "googlenet-5b-", "alexnet_fc-fc7")  # fmt: skip
OTHERS = ("googlenet-5b-3x3", "alexnet_fc-fc7")


def simulated(layer: str, variant: str) -> bool:
    """Whether a layer runs from RTL by default."""
    if variant in ("x_like", "natural"):
        return layer in OTHERS
    return variant == "tuned" and layer.startswith(SIMULATED)


def drawn_in(layer: str, variant: str, maps: str) -> bool:
    """Whether a case is run: clustered maps on the packed selector alone (X-like takes as long on
    both), and only of convolutions.
    """
    return maps == MAPS[0] or (variant == "tuned" and "_fc-" not in layer)


@dataclass(frozen=True)
class Case(evaluation.Case):
    """What is run.

    density   of activations instead of that of the table
    frame     a part of the layer at 1920 x 1080 pixels (see ``frame_layer``) instead of the layer
    """

    density: float | None = None
    frame: bool = False

    design = DESIGN
    models = (
        "models/array/*.py", "models/cambricon_se/[cglmpt]*.py", "models/workloads/cambricon_se.py",
        "models/workloads/eie.py", "models/workloads/scnn.py", "models/energy.*",
        "models/formats/*.py", "scripts/bench/networks/cambricon_se/traffic.py",
    )  # fmt: skip
    baseline = "X-like"
    counted = (
        "slot_padding", "slot_empty", "stall_sync", "stall_input", "vectors", "windows",
        "empty_windows", "idx_reads", "act_reads", "wgt_reads", "psum_reads", "psum_writes",
    )  # fmt: skip

    @property
    def config(self) -> CambriconSeConfig:
        built = CambriconSeConfig()
        of = {"x_like": built.x_like, "natural": built.natural}
        return replace(of.get(self.variant, lambda: built)(), **dict(self.changes))

    @property
    def workload(self) -> str:
        """The name of the layer among the workloads.

        >>> Case("vgg16_fc-fc6", "tuned").workload
        'vgg16-fc6'
        """
        return self.layer.replace("_fc-", "-")

    @property
    def work(self) -> int:
        if self.workload in FC_LAYERS:
            facts = EIE_LAYERS[FC_LAYERS[self.workload][0]]
            return facts.inputs * facts.outputs
        return SCNN_LAYERS[self.workload].macs

    def made(self) -> Layer:
        structure = "fine" if self.variant == "x_like" else "block"
        keep = MORE if self.variant == "more" else 1.0
        if self.frame:
            return frame_layer(self.workload, self.seed, structure, keep)
        return cambricon_se_layer(
            self.workload, self.seed, self.maps, 0, structure, keep, self.density
        )

    def packet(self, results: NDArray[np.int64]) -> NDArray[np.uint64]:
        rows = results.reshape(-1, self.config.pes)
        return result_packet(rows, self.config.packed_out)

    @property
    def is_baseline(self) -> bool:
        """Parts of frames are compared with nothing."""
        return self.variant == "x_like" or self.frame

    def baseline_cycles(self, layer: Layer) -> int:
        """Of as many multipliers with a selector in each PE, on as many weights that stay or go
        one by one; neurons do not change them, so neither do maps.
        """
        kept = {name: value for name, value in self.changes if name == "cores"}
        base = replace(
            self, variant="x_like", maps="iid", density=None, changes=evaluation.changed(kept)
        )
        return measure.model_cycles(base)

    def facts(self, layer: Layer, program: Program, count: Mapping[str, int]) -> dict[str, Any]:
        """macs: multiplies of the dense layer; energy_pj: by cause; loaded_words: 64 bits on each
        stream; traffic: bits of the layer plain and compressed, where it is asked for.
        """
        batch, filters, height, width = layer.out_shape
        macs = batch * filters * height * width * layer.in_size
        asked = self.variant == "tuned" and self.maps == "iid" and (self.frame or not self.changes)
        return {
            "macs": macs,
            "energy_pj": energy_of(self, program, count),
            "loaded_words": stream_words(program.passes),
            "traffic": traffic.of_layer(layer, program, self.config) if asked else {},
        }

    def words(self) -> str:
        more = [f"{name} {value}" for name, value in self.changes]
        more += [f"density {self.density}"] if self.density is not None else []
        more += ["frame"] if self.frame else []
        return " ".join([self.layer, self.variant, self.maps, *more])


def energy_of(case: Case, program: Program, count: Mapping[str, int]) -> dict[str, float]:
    """pJ by cause of a layer, counters times ``models/energy.toml``; X-like multiplies neurons of
    zero, too.
    """
    config = case.config
    counters = {f"{name}_{way}": 0 for name in CLASSES for way in ("reads", "writes")}
    parts = energy(
        counters | dict(count),
        case.model.memories(config),
        (config.act_width, config.wgt_width, config.acc_width),
        count["mac_useful"] + count["slot_padding"],
        64 * sum(stream_words(program.passes).values()),
        EnergyTable.load(),
    )
    return {name: round(value, 1) for name, value in parts.items()}
