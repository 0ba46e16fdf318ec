"""3x3 layers of VGG-16, ResNet-18 and ResNet-50, pruned to periodic patterns.

Kernel (k, c) keeps the positions of pattern ``(k + c) mod P``, which are drawn at random: neither
the patterns nor the weights of the paper (Heo et al., "SPS", ISLPED 2022) are public. Structures:

kss4, kss2     four or two of nine positions in every kernel
full4, full2   the same, but one pattern of the period keeps all nine, as in the published code of
               pre-defined sparsity (Kundu et al., IEEE TC 2020)

VGG-16's first layer stays dense.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.layer import Layer
from models.names import unknown

TAPS = 9
#: Positions of a pattern, and whether one pattern of the period has all of them.
STRUCTURES = {"kss4": (4, False), "kss2": (2, False), "full4": (4, True), "full2": (2, True)}
#: Largest weight: sums of 4,608 products with activations of 8 bits stay within 24 bits.
_LARGEST = 31


@dataclass(frozen=True)
class SpsBenchmark:
    """Outputs, inputs, height and width of the input, stride; 3x3 with padding 1.

    dense  the layer is not pruned
    """

    filters: int
    channels: int
    size: int
    stride: int = 1
    dense: bool = False

    @property
    def pixels(self) -> int:
        """Of the output."""
        return (-(-self.size // self.stride)) ** 2


_VGG16 = {
    "conv1_1": SpsBenchmark(64, 3, 224, dense=True),
    "conv1_2": SpsBenchmark(64, 64, 224),
    "conv2_1": SpsBenchmark(128, 64, 112),
    "conv2_2": SpsBenchmark(128, 128, 112),
    "conv3_1": SpsBenchmark(256, 128, 56),
    "conv3_2": SpsBenchmark(256, 256, 56),
    "conv3_3": SpsBenchmark(256, 256, 56),
    "conv4_1": SpsBenchmark(512, 256, 28),
    "conv4_2": SpsBenchmark(512, 512, 28),
    "conv4_3": SpsBenchmark(512, 512, 28),
    "conv5_1": SpsBenchmark(512, 512, 14),
    "conv5_2": SpsBenchmark(512, 512, 14),
    "conv5_3": SpsBenchmark(512, 512, 14),
}


def _resnet18() -> dict[str, SpsBenchmark]:
    """Two blocks of two layers in each of four stages; 7x7 and 1x1 layers are left out."""
    found, inputs, size = {}, 64, 56
    for stage, filters in enumerate((64, 128, 256, 512), 2):
        for at in range(4):
            stride = 2 if at == 0 and stage > 2 else 1
            found[f"conv{stage}_{at + 1}"] = SpsBenchmark(filters, inputs, size, stride)
            inputs, size = filters, size // stride
    return found


def _resnet50() -> dict[str, SpsBenchmark]:
    """The middle layers of the blocks of four stages, as many outputs as inputs."""
    found = {}
    for stage, (blocks, size) in enumerate(((3, 56), (4, 28), (6, 14), (3, 7)), 2):
        filters = 32 << (stage - 1)
        for at in range(blocks):
            first = at == 0 and stage > 2
            facts = SpsBenchmark(filters, filters, size << first, 1 + first)
            found[f"conv{stage}_{at + 1}"] = facts
    return found


#: Networks that are evaluated, and with those whose storage is stated.
EVALUATED: dict[str, dict[str, SpsBenchmark]] = {"vgg16": _VGG16, "resnet18": _resnet18()}
NETWORKS: dict[str, dict[str, SpsBenchmark]] = {**EVALUATED, "resnet50": _resnet50()}
SPS_LAYERS: dict[str, SpsBenchmark] = {
    f"{network}-{name}": facts
    for network, layers in NETWORKS.items()
    for name, facts in layers.items()
}


def sps_layer(
    name: str, structure: str = "kss4", period: int = 8, seed: int = 1, acts: bool = True
) -> Layer:
    """A layer as pruned; ``acts`` False: activations are all 1 and take no memory.

    ValueError on an unknown name or structure, or a period below 1.

    >>> float(sps_layer("resnet18-conv5_4", "full2", 4, acts=False).weight_density)
    0.4166666666666667
    """
    if name not in SPS_LAYERS:
        raise ValueError(unknown("layer", name, SPS_LAYERS))
    if structure not in STRUCTURES:
        raise ValueError(unknown("structure", structure, STRUCTURES))
    if period < 1:
        raise ValueError(f"period: found {period}, need 1 or more")
    facts = SPS_LAYERS[name]
    rng = np.random.default_rng([seed, list(SPS_LAYERS).index(name)])
    patterns = _patterns(rng, structure, period)
    shape = facts.filters, facts.channels, TAPS
    weights = rng.integers(1, _LARGEST + 1, shape) * rng.choice([-1, 1], shape)
    if not facts.dense:
        residues = np.arange(facts.filters)[:, None] + np.arange(facts.channels)
        weights *= patterns[residues % period]
    image = 1, facts.channels, facts.size, facts.size
    values = np.broadcast_to(np.int64(1), image)
    if acts:
        values = rng.integers(1, 128, image) * (rng.random(image) < 0.5)
    return Layer(
        weights.reshape(*shape[:2], 3, 3),
        values,
        stride=facts.stride,
        padding=1,
        shift=8,
        name=f"sps/{name}",
    )


def _patterns(rng: np.random.Generator, structure: str, period: int) -> np.ndarray:
    """bool [period, 9]."""
    size, full = STRUCTURES[structure]
    order = np.argsort(rng.random((period, TAPS)), axis=1)
    patterns = order < size
    patterns[0] |= full
    return patterns
