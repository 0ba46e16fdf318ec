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

frame   a part of a layer of VGG-16 as it is at 1920 x 1080 pixels

>>> cambricon_se_layer("alexnet-fc8", filters=32).weights.shape
(32, 4096, 1, 1)
>>> frame_lines("vgg16-conv3-2"), frame_layer("vgg16-conv5-3").out_shape
((14, 270), (1, 512, 7, 120))
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from models.layer import Layer
from models.names import unknown
from models.workloads.eie import EIE_LAYERS
from models.workloads.scnn import MAPS, NETWORKS, SCNN_LAYERS, ScnnBenchmark, drawn, scnn_layer

__all__ = ["DESIGN", "FC_LAYERS", "FRAME", "GOALS", "LAYERS", "MAPS", "NETWORKS", "PUBLISHED",
           "PUBLISHED_ENERGY", "PUBLISHED_FPS", "PUBLISHED_INDEXING", "PUBLISHED_S",
           "SCALING", "STRUCTURES", "cambricon_se_layer", "frame_layer", "frame_lines"]  # fmt: skip

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
#: Share of the indexing module in Cambricon-X' area, as Cambricon-S has it.
PUBLISHED_INDEXING = 0.3107
#: Frames of 1920 x 1080 pixels a second as published; of which network is not public.
FRAME, PUBLISHED_FPS = (1080, 1920), 76.59
#: Least speed-up over a selector in each PE, by network (fc: of its fully connected layers), at
#: equal density.
GOALS = {"tuned": dict.fromkeys((*NETWORKS, "alexnet_fc", "vgg16_fc"), 1.20)}
#: Least speed-up of so many cores over one on VGG-16's convolutions.
SCALING = {2: 1.9, 4: 3.6}

#: Outputs of a block of a convolution.
_OUTPUTS = 16
#: Largest weight and activation, output shift; as those of SCNN's layers.
_LARGEST, _SHIFT = 31, 6
#: Side of the picture of the table, and lines of a part of a frame by the layer's scale.
_SIDE, _LINES = 224, {1: 27, 2: 14, 4: 14}


def cambricon_se_layer(
    name: str,
    seed: int = 1,
    maps: str = "iid",
    filters: int = 0,
    structure: str = "block",
    keep: float = 1.0,
    density: float | None = None,
) -> Layer:
    """A layer, pruned. Both structures of a layer have the same activations.

    filters  only so many of its outputs (0: all)
    keep     so many times the weights of the printed density stay, at most all
    density  of the activations of a convolution instead of the printed one

    ValueError on an unknown name, kind of maps or structure.
    """
    if name not in LAYERS:
        raise ValueError(unknown("layer", name, LAYERS))
    rng = np.random.default_rng([seed, LAYERS.index(name), 1])
    if name in FC_LAYERS:
        other, side = FC_LAYERS[name]
        facts = EIE_LAYERS[other]
        live = rng.random(facts.inputs) < facts.activation_density
        acts = rng.integers(1, _LARGEST + 1, facts.inputs) * live
        shape = (filters or facts.outputs, facts.inputs, 1, 1)
        base = Layer(np.zeros(shape, dtype=np.int8), acts, shift=_SHIFT)
        return _pruned(base, rng, name, structure, (side, side), facts.weight_density * keep)
    row = SCNN_LAYERS[name]
    if density is None:
        base = scnn_layer(name, seed, maps, filters)
    else:
        draw = np.random.default_rng([seed, LAYERS.index(name), 2])
        base = drawn(replace(row, density=density), draw, maps, filters)
    return _pruned(base, rng, name, structure, (_OUTPUTS, 1), row.weight_density * keep)


def frame_lines(name: str) -> tuple[int, int]:
    """Lines of the part that ``frame_layer`` makes, and of the whole layer."""
    scale = _SIDE // _row_of_frame(name).size
    return _LINES.get(scale, 7), FRAME[0] // scale


def frame_layer(name: str, seed: int = 1, structure: str = "block", keep: float = 1.0) -> Layer:
    """Some lines in the middle of a layer of VGG-16 at ``FRAME`` pixels, i.i.d. maps.

    ValueError on an unknown name or structure.
    """
    row = _row_of_frame(name)
    rng = np.random.default_rng([seed, LAYERS.index(name), 3])
    width, lines = FRAME[1] // (_SIDE // row.size), frame_lines(name)[0]
    border = row.kernel // 2
    acts = np.zeros((1, row.channels, lines + 2 * border, width + 2 * border), dtype=np.int64)
    inside = acts[..., border : border + width]
    inside[:] = rng.integers(1, _LARGEST + 1, inside.shape)
    inside *= rng.random(inside.shape, dtype=np.float32) < row.density
    shape = row.filters, row.channels, row.kernel, row.kernel
    bias = rng.integers(-1000, 1001, row.filters)
    base = Layer(np.zeros(shape, dtype=np.int8), acts, bias=bias, shift=_SHIFT)
    return _pruned(base, rng, name, structure, (_OUTPUTS, 1), row.weight_density * keep)


def _row_of_frame(name: str) -> ScnnBenchmark:
    """ValueError on a name that is no convolution of VGG-16."""
    known = [one for one in SCNN_LAYERS if one.startswith("vgg16-")]
    if name not in known:
        raise ValueError(unknown("layer", name, known))
    return SCNN_LAYERS[name]


def _pruned(
    base: Layer,
    rng: np.random.Generator,
    name: str,
    structure: str,
    sides: tuple[int, int],
    density: float,
) -> Layer:
    """``base`` with weights of this density, blocks of (outputs, inputs) of ``sides``."""
    if structure not in STRUCTURES:
        raise ValueError(unknown("structure", structure, STRUCTURES))
    shape = base.weights.shape
    stays = _stays(rng, shape, sides if structure == "block" else (1, 1), min(1.0, density))
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
