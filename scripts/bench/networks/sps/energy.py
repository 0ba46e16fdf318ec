"""Energy of layers with periodic patterns: SPS beside the same weights held in other formats.

The other formats run where the project decodes them in hardware: compressed sparse columns, bitmap
and N:M on Sparse-on-Dense, run lengths on SCNN, nothing on the dense array. Counters are those of
the cycle models, which equal the RTL; energies as ``models/energy.toml`` says.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from models import registry
from models.layer import Layer
from models.workloads.sps import sps_layer
from scripts import kept
from scripts.bench.networks.measure import sources
from scripts.granularity.hardware import run_on

#: Layers that are small enough to ask every design, with eight patterns of four or two positions.
LAYERS = ("vgg16-conv5_1", "resnet18-conv4_1", "resnet18-conv2_1")
KEPT = {"kss4": 4, "kss2": 2}
PERIOD = 8
#: Outputs of an N:M group.
GROUP = 8
_FORM = 1


@dataclass(frozen=True)
class Holder:
    """A design that holds the weights in a format."""

    format: str
    design: str
    changes: Mapping[str, Any] = field(default_factory=dict)
    grouped: bool = False

    def config(self, layer: Layer) -> Any:
        """The build; N as large as the layer needs."""
        more = {"group_n": densest(layer), "group_m": GROUP} if self.grouped else {}
        return registry.design(self.design).config(**dict(self.changes) | more)


HOLDERS = (
    Holder("periodic patterns", "sps"),
    Holder("compressed sparse columns", "sparse_on_dense"),
    Holder("bitmap", "sparse_on_dense", {"wgt_format": 1, "num_lanes": 4}),
    Holder(f"N:{GROUP} along the outputs", "sparse_on_dense", {"wgt_format": 2, "num_lanes": 4},
           grouped=True),
    Holder("run length", "scnn"),
    Holder("none", "dense"),
)  # fmt: skip


def densest(layer: Layer) -> int:
    """Most weights of ``GROUP`` neighbouring outputs of a channel and position."""
    live = layer.weights != 0
    groups = live.reshape(-1, GROUP, *live.shape[1:]).sum(axis=1)
    return int(groups.max())


def points(names: tuple[str, ...] = LAYERS) -> list[dict[str, Any]]:
    """Every layer in every format: energy by cause in pJ, cycles, bits of weights streamed in."""
    made = []
    for structure, number in KEPT.items():
        for name in names:
            layer = sps_layer(name, structure, PERIOD)
            for holder in HOLDERS:
                facts = {"kept": number, "layer": name}
                facts |= {"format": holder.format, "design": holder.design}
                made.append(facts | _counted((structure, name), layer, holder))
    return made


def _counted(name: tuple[str, str], layer: Layer, holder: Holder) -> dict[str, Any]:
    design, config = holder.design, holder.config(layer)
    paths = (
        f"models/{design}/*.py", "models/array/*.py", "models/energy.*", "models/formats/*.py",
        "models/workloads/sps.py",
    )  # fmt: skip
    facts = repr((_FORM, sources(paths), np.__version__, name, PERIOD, config))
    key = hashlib.sha256(facts.encode()).hexdigest()[:24]
    found = kept.load("energy-sps", key)
    if found is None:
        found = run_on(layer, registry.design(design), config)
        kept.save("energy-sps", key, found)
    return found


def totals(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """All layers together by positions kept and format: pJ by cause, ``chip`` without the streams,
    ``all`` with them, and both over those of SPS.
    """
    made: list[dict[str, Any]] = []
    for number in dict.fromkeys(one["kept"] for one in found):
        own: dict[str, float] = {}
        for holder in HOLDERS:
            causes: dict[str, float] = {}
            for one in found:
                if (one["kept"], one["format"]) == (number, holder.format):
                    for cause, value in one["energy_pj"].items():
                        causes[cause] = causes.get(cause, 0) + value
            whole = sum(causes.values())
            sums = {"chip": whole - causes["dram"], "all": whole}
            own = own or sums  # SPS is the first
            made.append(
                {
                    "kept": number,
                    "format": holder.format,
                    "design": holder.design,
                    "energy_pj": {name: round(value) for name, value in causes.items()},
                    **{name: round(value) for name, value in sums.items()},
                    **{f"{name}_ratio": value / own[name] for name, value in sums.items()},
                }
            )
    return made
