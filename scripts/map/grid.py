"""The layers of the map, and what every build makes of them by its cycle model.

A point is a kind of layer, a structure of its weights, and the densities of weights and
activations; the same numbers go to every build.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from models import registry
from models.layer import Layer
from models.workloads.structures import STRUCTURES, activations, structured
from scripts.compare.choose import entrant
from scripts.compare.sizes import Size

WEIGHTS = (0.05, 0.1, 0.25, 0.5, 1.0)
ACTIVATIONS = (0.1, 0.3, 1.0)


@dataclass(frozen=True)
class Kind:
    """A kind of layer: weights [K, C, R, S], activations [B, C, H, W], padding, stride."""

    weights: tuple[int, int, int, int]
    activations: tuple[int, int, int, int]
    padding: int = 0
    stride: int = 1


KINDS: dict[str, Kind] = {
    "1x1": Kind((128, 64, 1, 1), (1, 64, 10, 10)),
    "3x3": Kind((64, 32, 3, 3), (1, 32, 10, 10), 1),
    "5x5": Kind((32, 16, 5, 5), (1, 16, 10, 10), 2),
    "3x3, stride 2": Kind((64, 32, 3, 3), (1, 32, 20, 20), 1, 2),
    "FC, batch 1": Kind((512, 512, 1, 1), (1, 512, 1, 1)),
    "FC, batch 32": Kind((256, 256, 1, 1), (32, 256, 1, 1)),
}


@dataclass(frozen=True)
class Point:
    """A layer of the map."""

    kind: str
    structure: str
    weight_density: float
    activation_density: float

    @property
    def layer(self) -> Layer:
        """With its numbers, which depend on nothing but the point."""
        kind = KINDS[self.kind]
        shares = (round(1000 * one) for one in (self.weight_density, self.activation_density))
        place = list(KINDS).index(self.kind), STRUCTURES.index(self.structure)
        draw = np.random.default_rng([*place, *shares])
        weights = structured(kind.weights, self.weight_density, self.structure, draw)
        acts = activations(kind.activations, self.activation_density, draw, signed=False)
        return Layer(weights, acts, kind.stride, kind.padding, shift=10, name=self.kind)


def densities(structure: str, kind: str) -> tuple[float, ...]:
    """Densities of weights that a structure has on a kind of layer; fully dense is fine alone."""
    if structure == "2:4":
        return (0.25, 0.5)
    if structure == "periodic":
        taps = KINDS[kind].weights[2] * KINDS[kind].weights[3]
        return tuple(one for one in WEIGHTS[:-1] if one * taps >= 1)
    return WEIGHTS if structure == "fine" else WEIGHTS[:-1]


def points(kinds: Sequence[str], structures: Sequence[str]) -> Iterator[Point]:
    """All points, the dearest first."""
    for weight in sorted(WEIGHTS, reverse=True):
        for kind in kinds:
            for structure in structures:
                if weight in densities(structure, kind):
                    for activation in sorted(ACTIVATIONS, reverse=True):
                        yield Point(kind, structure, weight, activation)


@dataclass(frozen=True)
class Work:
    """A point on some builds: what a worker does at a time."""

    point: Point
    sizes: tuple[Size, ...]


def measure(work: Work) -> list[dict[str, Any]]:
    """A record per build that takes the layer."""
    layer = work.point.layer
    made = []
    for size in work.sizes:
        found = entrant(size, [layer])
        if not found.found:
            continue
        made.append(
            {
                "kind": work.point.kind,
                "structure": work.point.structure,
                "weight_density": work.point.weight_density,
                "activation_density": work.point.activation_density,
                "design": size.design,
                "size": size.label,
                "cycles": int(found.cycles),
                "energy_nj": round(found.energy_uj * 1000, 3),
            }
        )
    return made


def sparse_designs() -> list[str]:
    """Designs whose PEs skip zeros."""
    return [one.name for one in registry.every() if not one.multiplies_all]


def dense_designs() -> list[str]:
    """Those whose PEs do not."""
    return [one.name for one in registry.every() if one.multiplies_all]
