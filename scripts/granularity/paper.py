"""What the paper of the study says, and what follows from its format.

Mao et al., "Exploring the Regularity of Sparse Structure in Convolutional Neural Networks", 2017
(arXiv 1705.08922). Its numbers of references, layer by layer, are not repeated here: it does not
say what it counts.
"""

from __future__ import annotations

from scripts.granularity.accuracy import INDEX, WIDTH

#: Granularities of the paper, coarse to fine, and weights of a grain in a 3x3 kernel.
GRAINS = {"kernel": 9, "vector": 3, "fine": 1}
#: Network -> granularity -> (density, storage) in percent of dense, at the accuracy of the dense
#: network; storage: 8-bit weights, a 4-bit index for each grain.
STORAGE = {
    "AlexNet": {"kernel": (37.8, 39.7), "vector": (29.9, 34.5), "fine": (22.1, 33.0)},
    "VGG-16": {"kernel": (44.4, 46.9), "vector": (30.7, 35.8), "fine": (27.0, 40.6)},
    "GoogLeNet": {"kernel": (43.7, 51.6), "vector": (36.9, 47.4), "fine": (32.3, 48.5)},
    "ResNet-50": {"kernel": (61.3, 77.0), "vector": (40.0, 52.7), "fine": (37.1, 55.7)},
    "DenseNet-121": {"kernel": (35.5, 48.9), "vector": (31.1, 43.8), "fine": (26.6, 39.8)},
}
#: What the abstracts of the two versions say of references to partial sums.
SAVED = {"arXiv 1705.08922": "about 2x", "CVPR workshops 2017": "30 to 35 %"}

WHY = (
    "The formula is density x (8 n + 4) / 8 n for grains of n weights, without fillers and as if "
    "all kernels were 3x3. It gives the row of VGG-16, whose convolutions are all 3x3, and the "
    "column of fine grains to rounding: so the paper seems to count no fillers. The other rows of "
    "vectors and kernels store more (GoogLeNet, ResNet-50, DenseNet-121) because a vector or "
    "kernel of a 1x1 convolution is one weight with an index of its own (factor 1.5), or hardly "
    "differ (AlexNet: larger kernels have less index, its layers are pruned to different "
    "densities). Our densities are larger or smaller than the paper's because networks and task "
    "are others: tens of thousands of weights on digits, one density for all pruned layers, 64 "
    "batches of fine-tuning after each step, and equal accuracy taken as one point below "
    "dense. The order of densities is the paper's: the finer, the fewer weights. In storage the "
    "paper's vectors are below fine grains on three networks and within 4 points on the others; "
    "ours are above on both, because small networks lose more to coarse grains."
)


def formula(density: float, weights: int) -> float:
    """Storage over dense of grains of so many weights.

    >>> round(formula(0.27, 1), 3), round(formula(0.307, 3), 3), round(formula(0.444, 9), 3)
    (0.405, 0.358, 0.469)
    """
    return density * (WIDTH * weights + INDEX) / (WIDTH * weights)
