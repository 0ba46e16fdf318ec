"""What FlexFlow-Pro is evaluated on: AlexNet, GoogLeNet and VGG-16, layers as for SCNN.

The paper (Lu et al., "FlexFlow-Pro", IEEE TC 2019) has more than 2.5 times the performance and
twice the energy efficiency of the accelerators of its time on average; its networks, densities and
baselines are not public. Here: shapes, printed densities and both kinds of maps of
``models/workloads/scnn.py``, over the same build in lock step, which is FlexFlow.

>>> flexflow_pro_layer("googlenet-5b-1x1", filters=16).weights.shape
(16, 832, 1, 1)
"""

from __future__ import annotations

from dataclasses import replace

from models.layer import Layer
from models.workloads.scnn import MAPS, NETWORKS, SCNN_LAYERS, scnn_layer

__all__ = ["DESIGN", "GOALS", "LAYERS", "MAPS", "MEAN_GOALS", "NETWORKS", "PUBLISHED",
           "PUBLISHED_ENERGY", "SIMULATED", "flexflow_pro_layer"]  # fmt: skip

#: Whose evaluation it is.
DESIGN = "flexflow_pro"
LAYERS = SCNN_LAYERS
#: On average over the networks, as published: more than so many times as fast, as efficient.
PUBLISHED, PUBLISHED_ENERGY = 2.5, 2.0
#: Least speed-up over lock step by variant and network, on maps of kind iid.
GOALS = {
    "plain": {"alexnet": 2.05, "googlenet": 2.65, "vgg16": 3.0},
    "tuned": {"alexnet": 2.45, "googlenet": 3.3, "vgg16": 3.8},
}
#: Least mean of the networks' ratios.
MEAN_GOALS = {"plain": 2.55, "tuned": 3.2}
#: Layers that ``make bench`` simulates by default: their names begin so.
SIMULATED = (
    "alexnet-conv3", "alexnet-conv4", "alexnet-conv5", "googlenet-3a-", "googlenet-4d-",
    "googlenet-5b-", "vgg16-conv4-2", "vgg16-conv5-1",
)  # fmt: skip


def flexflow_pro_layer(name: str, seed: int = 1, maps: str = "iid", filters: int = 0) -> Layer:
    """A row as a layer; ``filters``: only so many of its output maps (0: all).

    ValueError on an unknown name or kind of maps.
    """
    return replace(scnn_layer(name, seed, maps, filters), name=f"{DESIGN}/{name}")
