"""Layers of the study: VGG-16's convolutions with their densities, as masks and maps.

Shapes, densities and maps are those of SCNN's evaluation (``models/workloads/scnn.py``); weights
are normally distributed, and pruned by the same criterion at every granularity.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from models.pruning import mask
from models.workloads.scnn import NETWORKS, SCNN_LAYERS, ScnnBenchmark, scnn_layer
from scripts.train.granularity import GRAINS, Bools

NETWORK = "vgg16"
LAYERS = tuple(NETWORKS[NETWORK])


@dataclass(frozen=True)
class Conv:
    """A layer by its name in the network, on a kind of maps (``iid`` or ``clustered``)."""

    name: str
    maps: str = "iid"

    @property
    def full_name(self) -> str:
        """The name in the table of all layers."""
        return f"{NETWORK}-{self.name}"

    @property
    def facts(self) -> ScnnBenchmark:
        """Shape and densities."""
        return SCNN_LAYERS[self.full_name]

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """[K, C, R, S]."""
        facts = self.facts
        return facts.filters, facts.channels, facts.kernel, facts.kernel

    @property
    def pad(self) -> int:
        """Zeros on each side: the plane keeps its size."""
        return self.facts.kernel // 2

    @property
    def seed(self) -> int:
        """Of its weights and of what is drawn from it."""
        return int.from_bytes(self.name.encode(), "big") % (1 << 32)


@cache
def _magnitudes(conv: Conv) -> NDArray[np.float64]:
    """Of normally distributed weights [K, C, R, S]."""
    return np.abs(np.random.default_rng((conv.seed, 1)).standard_normal(conv.shape))


def weights_of(conv: Conv, grain: str) -> Bools:
    """Which weights [K, C, R, S] stay: the layer's density, whatever the granularity."""
    return mask(_magnitudes(conv), conv.facts.weight_density, grain, **GRAINS[grain])


def maps_of(conv: Conv) -> NDArray[np.int64]:
    """Activations [C, H, W]."""
    return scnn_layer(conv.full_name, maps=conv.maps, filters=1).inputs[0]
