"""The 72 layers of SCNN's evaluation: shapes and densities, and layers drawn from them.

Source: Parashar et al., "SCNN", ISCA 2017 (AlexNet, GoogLeNet, VGG-16; its figure 1 shows the
densities); numbers as distributed with Timeloop's layer descriptions. AlexNet's conv1 is its
space-to-depth form, conv2 its two halves, so there are 73 rows. The patterns are not public: ours
are drawn at random, in two ways:

iid         every activation is non-zero on its own with the printed density
clustered   every channel has a density of its own, Beta(4 d, 4 (1 - d)) around the printed d, and
            its non-zeros are the largest places of white noise smoothed over 3 x 3 pixels. That is
            what behind a ReLU looks like: some channels nearly dead, features larger than a pixel.
            The 4 was chosen once and not fitted to any result.

Weights are drawn independently in both.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.layer import Layer
from models.names import unknown

#: Whose evaluation it is.
DESIGN = "scnn"
MAPS = ("iid", "clustered")
#: Speed-up over DCNN as published, by network.
PUBLISHED = {"alexnet": 2.37, "googlenet": 2.19, "vgg16": 3.52}
#: What a variant of ``models/scnn`` has to reach on maps of kind iid.
GOALS = {
    "plain": {"alexnet": 2.25, "googlenet": 2.00, "vgg16": 3.50},
    "tuned": {"alexnet": 2.70, "googlenet": 3.00, "vgg16": 3.90},
}
#: Layers that ``make bench`` simulates by default: their names begin so.
SIMULATED = ("alexnet-", "googlenet-3a-", "googlenet-4d-", "googlenet-5b-")

#: Concentration of the densities of channels, see above.
_CONCENTRATION = 4.0
#: Largest weight and activation: 4,608 products of them stay within 24 bits.
_LARGEST = 31
_SHIFT = 6


@dataclass(frozen=True)
class ScnnBenchmark:
    """One row: output and input channels, kernel, size of input and output, densities."""

    filters: int
    channels: int
    kernel: int
    size: int
    weight_density: float
    density: float

    @property
    def macs(self) -> int:
        """Multiplies of the dense layer."""
        return self.filters * self.channels * self.kernel**2 * self.size**2


_ALEXNET = {
    "conv1": ScnnBenchmark(96, 48, 3, 57, 0.710166, 1.0),
    "conv2-1": ScnnBenchmark(128, 48, 5, 27, 0.372552, 0.906464),
    "conv2-2": ScnnBenchmark(128, 48, 5, 27, 0.385306, 0.965392),
    "conv3": ScnnBenchmark(384, 256, 3, 13, 0.346133, 0.527598),
    "conv4": ScnnBenchmark(384, 192, 3, 13, 0.372449, 0.389361),
    "conv5": ScnnBenchmark(256, 192, 3, 13, 0.368811, 0.429179),
}
_GOOGLENET = {
    "3a-pool-proj": ScnnBenchmark(32, 192, 1, 28, 0.460775, 0.956194),
    "3a-1x1": ScnnBenchmark(64, 192, 1, 28, 0.378988, 0.708978),
    "3a-3x3-reduce": ScnnBenchmark(96, 192, 1, 28, 0.41352, 0.708978),
    "3a-3x3": ScnnBenchmark(128, 96, 3, 28, 0.451443, 0.663983),
    "3a-5x5-reduce": ScnnBenchmark(16, 192, 1, 28, 0.355794, 0.708978),
    "3a-5x5": ScnnBenchmark(32, 16, 5, 28, 0.340547, 0.774713),
    "3b-pool-proj": ScnnBenchmark(64, 256, 1, 28, 0.460327, 0.865588),
    "3b-1x1": ScnnBenchmark(128, 256, 1, 28, 0.407562, 0.52989),
    "3b-3x3-reduce": ScnnBenchmark(128, 256, 1, 28, 0.46225, 0.52989),
    "3b-3x3": ScnnBenchmark(192, 128, 3, 28, 0.48815, 0.515814),
    "3b-5x5-reduce": ScnnBenchmark(32, 256, 1, 28, 0.382446, 0.52989),
    "3b-5x5": ScnnBenchmark(96, 32, 5, 28, 0.46056, 0.651985),
    "4a-pool-proj": ScnnBenchmark(64, 480, 1, 14, 0.479036, 0.868665),
    "4a-1x1": ScnnBenchmark(192, 480, 1, 14, 0.450499, 0.554401),
    "4a-3x3-reduce": ScnnBenchmark(96, 480, 1, 14, 0.448047, 0.554401),
    "4a-3x3": ScnnBenchmark(208, 96, 3, 14, 0.480341, 0.618622),
    "4a-5x5-reduce": ScnnBenchmark(16, 480, 1, 14, 0.417708, 0.554401),
    "4a-5x5": ScnnBenchmark(48, 16, 5, 14, 0.457188, 0.760842),
    "4b-pool-proj": ScnnBenchmark(64, 512, 1, 14, 0.398407, 0.555026),
    "4b-1x1": ScnnBenchmark(160, 512, 1, 14, 0.346252, 0.221859),
    "4b-3x3-reduce": ScnnBenchmark(112, 512, 1, 14, 0.344308, 0.221859),
    "4b-3x3": ScnnBenchmark(224, 112, 3, 14, 0.413699, 0.720891),
    "4b-5x5-reduce": ScnnBenchmark(24, 512, 1, 14, 0.350342, 0.221859),
    "4b-5x5": ScnnBenchmark(64, 24, 5, 14, 0.421927, 0.785927),
    "4c-pool-proj": ScnnBenchmark(64, 512, 1, 14, 0.408997, 0.821847),
    "4c-1x1": ScnnBenchmark(128, 512, 1, 14, 0.37326, 0.506069),
    "4c-3x3-reduce": ScnnBenchmark(128, 512, 1, 14, 0.391769, 0.506069),
    "4c-3x3": ScnnBenchmark(256, 128, 3, 14, 0.419098, 0.568878),
    "4c-5x5-reduce": ScnnBenchmark(24, 512, 1, 14, 0.364258, 0.506069),
    "4c-5x5": ScnnBenchmark(64, 24, 5, 14, 0.399766, 0.65051),
    "4d-pool-proj": ScnnBenchmark(64, 512, 1, 14, 0.399719, 0.74992),
    "4d-1x1": ScnnBenchmark(112, 512, 1, 14, 0.381801, 0.433733),
    "4d-3x3-reduce": ScnnBenchmark(144, 512, 1, 14, 0.412652, 0.433733),
    "4d-3x3": ScnnBenchmark(288, 144, 3, 14, 0.430296, 0.443452),
    "4d-5x5-reduce": ScnnBenchmark(32, 512, 1, 14, 0.385498, 0.433733),
    "4d-5x5": ScnnBenchmark(64, 32, 5, 14, 0.425176, 0.638552),
    "4e-pool-proj": ScnnBenchmark(128, 528, 1, 14, 0.387636, 0.544846),
    "4e-1x1": ScnnBenchmark(256, 528, 1, 14, 0.342537, 0.254909),
    "4e-3x3-reduce": ScnnBenchmark(160, 528, 1, 14, 0.395135, 0.254909),
    "4e-3x3": ScnnBenchmark(320, 160, 3, 14, 0.371354, 0.642953),
    "4e-5x5-reduce": ScnnBenchmark(32, 528, 1, 14, 0.36991, 0.254909),
    "4e-5x5": ScnnBenchmark(128, 32, 5, 14, 0.422871, 0.805644),
    "5a-pool-proj": ScnnBenchmark(128, 832, 1, 7, 0.334266, 0.799303),
    "5a-1x1": ScnnBenchmark(256, 832, 1, 7, 0.312002, 0.499951),
    "5a-3x3-reduce": ScnnBenchmark(160, 832, 1, 7, 0.327141, 0.499951),
    "5a-3x3": ScnnBenchmark(320, 160, 3, 7, 0.361775, 0.565051),
    "5a-5x5-reduce": ScnnBenchmark(32, 832, 1, 7, 0.313815, 0.499951),
    "5a-5x5": ScnnBenchmark(128, 32, 5, 7, 0.357646, 0.694515),
    "5b-pool-proj": ScnnBenchmark(128, 832, 1, 7, 0.314744, 0.569761),
    "5b-1x1": ScnnBenchmark(384, 832, 1, 7, 0.319455, 0.309581),
    "5b-3x3-reduce": ScnnBenchmark(192, 832, 1, 7, 0.329233, 0.309581),
    "5b-3x3": ScnnBenchmark(384, 192, 3, 7, 0.366761, 0.301339),
    "5b-5x5-reduce": ScnnBenchmark(48, 832, 1, 7, 0.329928, 0.309581),
    "5b-5x5": ScnnBenchmark(128, 48, 5, 7, 0.346413, 0.459609),
}
_VGG = {
    "conv1-1": ScnnBenchmark(64, 3, 3, 224, 0.565394, 1.0),
    "conv1-2": ScnnBenchmark(64, 64, 3, 224, 0.217204, 0.506188),
    "conv2-1": ScnnBenchmark(128, 64, 3, 112, 0.338243, 0.896687),
    "conv2-2": ScnnBenchmark(128, 128, 3, 112, 0.354702, 0.786959),
    "conv3-1": ScnnBenchmark(256, 128, 3, 56, 0.52947, 0.813013),
    "conv3-2": ScnnBenchmark(256, 256, 3, 56, 0.235348, 0.638544),
    "conv3-3": ScnnBenchmark(256, 256, 3, 56, 0.417079, 0.688107),
    "conv4-1": ScnnBenchmark(512, 256, 3, 28, 0.320871, 0.706623),
    "conv4-2": ScnnBenchmark(512, 512, 3, 28, 0.265933, 0.50143),
    "conv4-3": ScnnBenchmark(512, 512, 3, 28, 0.342644, 0.451458),
    "conv5-1": ScnnBenchmark(512, 512, 3, 14, 0.352268, 0.392797),
    "conv5-2": ScnnBenchmark(512, 512, 3, 14, 0.28619, 0.330477),
    "conv5-3": ScnnBenchmark(512, 512, 3, 14, 0.362868, 0.305674),
}
NETWORKS: dict[str, dict[str, ScnnBenchmark]] = {
    "alexnet": _ALEXNET,
    "googlenet": _GOOGLENET,
    "vgg16": _VGG,
}
SCNN_LAYERS: dict[str, ScnnBenchmark] = {
    f"{network}-{name}": facts
    for network, layers in NETWORKS.items()
    for name, facts in layers.items()
}


def network_of(name: str) -> str:
    """The network of a layer.

    >>> network_of("googlenet-5b-3x3")
    'googlenet'
    """
    return name.partition("-")[0]


def dcnn_cycles(facts: ScnnBenchmark, grid: int = 8, lanes: int = 16) -> int:
    """Cycles of the dense machine that the paper compares with: as many PEs, the plane cut as on
    SCNN, in each PE a dot product of ``lanes`` operands without loss in the channels.

    >>> dcnn_cycles(SCNN_LAYERS["alexnet-conv3"])
    221184
    """
    pixels = (-(-facts.size // grid)) ** 2
    return -(-pixels * facts.filters * facts.channels * facts.kernel**2 // lanes)


def scnn_layer(name: str, seed: int = 1, maps: str = "iid", filters: int = 0) -> Layer:
    """A row as a layer; ``filters``: only so many of its output channels (0: all).

    ValueError on an unknown name or kind of maps.
    """
    if name not in SCNN_LAYERS:
        raise ValueError(unknown("layer", name, SCNN_LAYERS))
    if maps not in MAPS:
        raise ValueError(unknown("maps", maps, MAPS))
    rng = np.random.default_rng([seed, list(SCNN_LAYERS).index(name)])
    return drawn(SCNN_LAYERS[name], rng, maps, filters, f"scnn/{name}")


def drawn(
    facts: ScnnBenchmark,
    rng: np.random.Generator,
    maps: str = "iid",
    filters: int = 0,
    name: str = "",
) -> Layer:
    """A layer of a shape and densities; the rest as in ``scnn_layer``."""
    acts = _maps(rng, facts, maps)
    number = min(filters or facts.filters, facts.filters)
    shape = number, facts.channels, facts.kernel, facts.kernel
    weights = rng.integers(1, _LARGEST + 1, shape) * rng.choice([-1, 1], shape)
    weights *= rng.random(shape, dtype=np.float32) < facts.weight_density
    bias = rng.integers(-1000, 1001, number)
    return Layer(weights, acts, padding=facts.kernel // 2, bias=bias, shift=_SHIFT, name=name)


def _maps(rng: np.random.Generator, facts: ScnnBenchmark, maps: str) -> NDArray[np.int64]:
    """Activations int64 [1, C, H, W]."""
    shape = facts.channels, facts.size, facts.size
    values = rng.integers(1, _LARGEST + 1, shape)
    if maps == "iid" or facts.density >= 1:
        live = rng.random(shape, dtype=np.float32) < facts.density
    else:
        ends = _CONCENTRATION * facts.density, _CONCENTRATION * (1 - facts.density)
        live = _clusters(rng, shape, rng.beta(*ends, facts.channels))
    return np.where(live, values, 0)[None]


def _clusters(
    rng: np.random.Generator, shape: tuple[int, int, int], density: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Of each channel the largest places of smoothed noise, as many as its density says."""
    channels, height, width = shape
    noise = np.pad(rng.standard_normal(shape), ((0, 0), (1, 1), (1, 1)))
    windows = np.lib.stride_tricks.sliding_window_view(noise, (3, 3), axis=(1, 2))
    smooth = windows.sum(axis=(3, 4)).reshape(channels, -1)
    rank = np.argsort(np.argsort(-smooth, axis=1), axis=1)
    number = np.rint(density * height * width)
    found: NDArray[np.bool_] = (rank < number[:, None]).reshape(shape)
    return found
