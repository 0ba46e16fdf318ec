"""The same layers, pruned at each granularity, on every design, by the cycle models.

Sets of layers. ``EQUAL_DENSITY``: layers of VGG-16, cut to ``CROP`` x ``CROP`` outputs (fewer where
a design takes one pixel at a time), every granularity at the density of the table.
``equal_accuracy(network)``: the pruned layers of an embedded network, each granularity as sparse as
its accuracy allows, on the activations of a digit. All figures are per output pixel.

What is zero throughout is left out by whoever compiles: filters without a weight, channels that no
filter reads. That is all that a machine without any support for zeros can gain.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models import registry
from models.design import Design
from models.layer import Layer
from models.networks import load_digits, load_network
from scripts.granularity.accuracy import LOST, curve
from scripts.granularity.layers import Conv, maps_of, weights_of
from scripts.measure.predict import predict
from scripts.train.granularity import GRAINS, STUDIED, Bools, Results, studied_shapes
from scripts.train.infer import first_input, run_layer

EQUAL_DENSITY = "equal density"
UNPRUNED = "unpruned"
GRANULARITIES = (UNPRUNED, *GRAINS)
CHOSEN = ("conv1-2", "conv3-2", "conv4-2", "conv5-1")
CROP, CROP_PER_PIXEL = 14, 4
#: Non-zero weights, few enough for a codebook of 16.
CODES = np.array([code for code in range(-7, 9) if code])

Record = dict[str, Any]


def equal_accuracy(network: str) -> str:
    """The set of an embedded network."""
    return f"equal accuracy, {network}"


@dataclass(frozen=True)
class Build:
    """A build of a design: its label, and the fields that are not the default's."""

    label: str
    design: str
    changes: tuple[tuple[str, int | str], ...]

    @property
    def config(self) -> Any:
        """The model's configuration."""
        return registry.design(self.design).config(**dict(self.changes))


def builds() -> list[Build]:
    """Those that ``make pergate`` compares, once each."""
    return [
        Build(one.label, design.name, tuple(one.changes.items()))
        for design in registry.every()
        for one in design.per_gate.builds
        if not one.like
    ]


@dataclass(frozen=True, eq=False)
class Work:
    """A layer at one granularity.

    mask    weights that stay [K, C, R, S]; acts int64 [C, H, W]
    """

    kind: str
    layer: str
    granularity: str
    mask: Bools
    acts: NDArray[np.int64]

    def as_layer(self, per_pixel: bool) -> Layer:
        """With values: codes where a weight stays; without filters and channels that are zero."""
        acts = self.acts
        if per_pixel and self.kind == EQUAL_DENSITY:
            size = CROP_PER_PIXEL + self.mask.shape[2] - 1
            acts = acts[:, :size, :size]
        filters, channels = self.mask.any(axis=(1, 2, 3)), self.mask.any(axis=(0, 2, 3))
        kept = self.mask[filters][:, channels]
        draw = np.random.default_rng(len(self.layer))
        values = np.where(kept, draw.choice(CODES, kept.shape), 0)
        return Layer(values, acts[channels], shift=12, name=self.layer)


def density_work(conv: Conv) -> Iterator[Work]:
    """A layer of VGG-16 at every granularity."""
    size = CROP + conv.facts.kernel - 1
    acts = maps_of(conv)[:, :size, :size]
    for grain in GRANULARITIES:
        full = np.ones(conv.shape, dtype=bool)
        kept = full if grain == UNPRUNED else weights_of(conv, grain)
        yield Work(EQUAL_DENSITY, conv.name, grain, kept, acts)


@cache
def digit_maps(name: str) -> dict[str, NDArray[np.int64]]:
    """Inputs [C, H, W] of every layer of an embedded network, for the first test digit."""
    network = load_network(name)
    x = first_input(load_digits().images[:1], network.layers[0])
    found = {}
    for layer in network.layers:
        found[layer.name] = x[0]
        x = run_layer(layer, x)
    return found


def sparsest(records: Sequence[Record], network: str, grain: str, lost: float = LOST) -> Record:
    """The sparsest measured point before the mean accuracy falls more than ``lost`` below dense."""
    points = curve(records, network, grain)
    good = points[0]
    for point in points:
        if point["accuracy"] < points[0]["accuracy"] - lost:
            break
        good = point
    return good


def accuracy_work(
    results: Results, records: Sequence[Record], network: str, layer: str
) -> Iterator[Work]:
    """A layer of an embedded network at every granularity, as sparse as accuracy allows."""
    shape = studied_shapes(network)[layer]
    for grain in GRANULARITIES:
        kept = np.ones(shape, dtype=bool)
        if grain != UNPRUNED:
            point = sparsest(records, network, grain)
            kept = results.masks.get((network, grain, point["asked"], layer), kept)
        yield Work(equal_accuracy(network), layer, grain, kept, digit_maps(network)[layer])


def all_work(results: Results, records: Sequence[Record], layers: Sequence[Conv]) -> list[Work]:
    """Everything that is run on every build, the dearest first; ``layers``: some of VGG-16's."""
    chosen = [conv for conv in layers if conv.name in CHOSEN]
    work = [one for conv in reversed(chosen) for one in density_work(conv)]
    for network in STUDIED:
        for layer in studied_shapes(network):
            work += accuracy_work(results, records, network, layer)
    return work


def measure(work: Work, build: Build) -> Record:
    """Compile and predict. ``reason`` says why where the build cannot take the layer."""
    design, config = registry.design(build.design), build.config
    record: Record = {
        "kind": work.kind,
        "layer": work.layer,
        "granularity": work.granularity,
        "density": float(work.mask.mean()),
        "design": build.design,
        "build": build.label,
        "multipliers": design.multipliers(config),
    }
    try:
        return record | run_on(work.as_layer(design.per_pixel), design, config)
    except ValueError as error:
        return record | {"reason": str(error)}


def run_on(layer: Layer, design: Design, config: Any) -> Record:
    """What the models say of a layer on a build; ValueError where it cannot take it."""
    found = predict(design, config, layer)
    _, _, rows, cols = layer.out_shape
    return {
        "pixels": rows * cols,
        "cycles": found.cycles,
        "useful": found.useful,
        "references": found.counters["psum_reads"],
        "bits_moved": found.bits_moved,
        "loaded_bits": 64 * found.words["wgt"],
        "energy_pj": {name: round(value, 1) for name, value in found.energy_pj.items()},
    }


def totals(records: Sequence[Record], kind: str) -> dict[str, dict[str, dict[str, float]]]:
    """build -> granularity -> what all layers of a set take together; builds that took them all.

    Per output pixel: cycles, slots (of multipliers), references, energy (pJ, on the chip); loaded:
    bits of the weights of all layers, as they are streamed in.
    """
    mine = [one for one in records if one["kind"] == kind]
    failed = {one["build"] for one in mine if "reason" in one}
    made: dict[str, dict[str, dict[str, float]]] = {}
    for one in mine:
        if one["build"] in failed:
            continue
        sums = made.setdefault(one["build"], {}).setdefault(one["granularity"], {})
        for name, value in _figures(one).items():
            sums[name] = sums.get(name, 0) + value
    return made


def _figures(record: Mapping[str, Any]) -> dict[str, float]:
    pixels, parts = record["pixels"], record["energy_pj"]
    return {
        "cycles": record["cycles"] / pixels,
        "slots": record["cycles"] * record["multipliers"] / pixels,
        "references": record["references"] / pixels,
        "energy": (sum(parts.values()) - parts["dram"]) / pixels,
        "loaded": record["loaded_bits"],
    }


def relative(
    sums: Mapping[str, Mapping[str, Mapping[str, float]]], name: str
) -> dict[str, dict[str, float]]:
    """build -> granularity -> a figure over that of the unpruned layers on the same build."""
    return {
        build: {grain: found[name] / some[UNPRUNED][name] for grain, found in some.items()}
        for build, some in sums.items()
    }
