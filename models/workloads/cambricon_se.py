"""What Cambricon-SE is evaluated on: AlexNet, GoogLeNet and VGG-16, pruned by blocks.

Convolutions are those of ``models/workloads/scnn.py``, shapes, printed densities and both kinds of
maps; the fully connected layers of AlexNet and VGG-16 have the densities of EIE's evaluation. The
patterns are not public: blocks stay at random.

block   blocks stay or go: an input for 16 outputs at one place of the kernel, in fully connected
        layers 32 inputs for 32 outputs, in the last one 16 for 16 (Zhou et al., "Cambricon-S",
        MICRO 2018: (1,16,1,1), (32,32), (16,16))
fine    weights stay or go on their own: what the machine it is compared with gets

The paper (Zeng et al., "Cambricon-SE", IEEE Transactions on Computers 69, 2020) has 1.20 times the
performance and 2.72 times the energy efficiency of the machine before; Cambricon-S has 1.71 times
the performance of Cambricon-X. Which networks, at which densities, is not public.

>>> cambricon_se_layer("alexnet-fc8", filters=32).weights.shape
(32, 4096, 1, 1)
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from models.layer import Layer
from models.names import unknown
from models.workloads.eie import EIE_LAYERS
from models.workloads.scnn import MAPS, NETWORKS, SCNN_LAYERS, scnn_layer

__all__ = ["DESIGN", "FC_LAYERS", "GOALS", "LAYERS", "MAPS", "NETWORKS", "PUBLISHED",
           "PUBLISHED_ENERGY", "PUBLISHED_S", "SCALING", "STRUCTURES",
           "cambricon_se_layer"]  # fmt: skip

#: Whose evaluation it is.
DESIGN = "cambricon_se"
STRUCTURES = ("block", "fine")
#: Name -> layer of EIE's evaluation, side of a block.
FC_LAYERS = {
    "alexnet-fc6": ("alex-6", 32),
    "alexnet-fc7": ("alex-7", 32),
    "alexnet-fc8": ("alex-8", 16),
    "vgg16-fc6": ("vgg-6", 32),
    "vgg16-fc7": ("vgg-7", 32),
    "vgg16-fc8": ("vgg-8", 16),
}
LAYERS = (*SCNN_LAYERS, *FC_LAYERS)
#: Over the machine before, as published: performance, energy; Cambricon-S over Cambricon-X.
PUBLISHED, PUBLISHED_ENERGY, PUBLISHED_S = 1.20, 2.72, 1.71
#: Least speed-up over a selector in each PE, by network, at equal density.
GOALS = {"tuned": dict.fromkeys(NETWORKS, 1.20)}
#: Least speed-up of so many cores over one on VGG-16.
SCALING = {2: 1.9, 4: 3.6}

#: Outputs of a block of a convolution.
_OUTPUTS = 16
#: Largest weight and activation, output shift; as those of SCNN's layers.
_LARGEST, _SHIFT = 31, 6


def cambricon_se_layer(
    name: str,
    seed: int = 1,
    maps: str = "iid",
    filters: int = 0,
    structure: str = "block",
    keep: float = 1.0,
) -> Layer:
    """A layer, pruned. Both structures of a layer have the same activations.

    filters  only so many of its outputs (0: all)
    keep     so many times the weights of the printed density stay, at most all

    ValueError on an unknown name, kind of maps or structure.
    """
    if name not in LAYERS:
        raise ValueError(unknown("layer", name, LAYERS))
    if structure not in STRUCTURES:
        raise ValueError(unknown("structure", structure, STRUCTURES))
    rng = np.random.default_rng([seed, LAYERS.index(name), 1])
    if name in FC_LAYERS:
        other, side = FC_LAYERS[name]
        facts = EIE_LAYERS[other]
        live = rng.random(facts.inputs) < facts.activation_density
        acts = rng.integers(1, _LARGEST + 1, facts.inputs) * live
        shape, sides = (filters or facts.outputs, facts.inputs, 1, 1), (side, side)
        density = facts.weight_density
        base = Layer(np.zeros(shape, dtype=np.int8), acts, shift=_SHIFT)
    else:
        base = scnn_layer(name, seed, maps, filters)
        shape, sides = base.weights.shape, (_OUTPUTS, 1)
        density = SCNN_LAYERS[name].weight_density
    stays = _stays(rng, shape, sides if structure == "block" else (1, 1), min(1.0, density * keep))
    weights = rng.integers(1, _LARGEST + 1, shape) * rng.choice([-1, 1], shape)
    return replace(base, weights=weights * stays, name=f"{DESIGN}/{name}")


def _stays(
    rng: np.random.Generator, shape: tuple[int, ...], sides: tuple[int, int], density: float
) -> NDArray[np.bool_]:
    """Weights [K, C, R, S] that stay, in blocks of (outputs, inputs)."""
    number = -(-shape[0] // sides[0]), -(-shape[1] // sides[1])
    blocks = rng.random((*number, *shape[2:]), dtype=np.float32) < density
    full = blocks.repeat(sides[0], axis=0).repeat(sides[1], axis=1)
    return full[: shape[0], : shape[1]]
