"""What the papers say that these tables stand beside.

Zhou et al., "Cambricon-S", MICRO 2018: ratios of AlexNet and VGG-16, AlexNet's index before and
after. Han et al., "Deep Compression", ICLR 2016: the ratios of fine-grained pruning. Sparsity by
layer, regions, and what exactly a ratio counts are not in the public descriptions of Cambricon-S.
"""

from __future__ import annotations

#: Network -> compression ratio over 32-bit weights.
BLOCKS = {"alexnet": 79.0, "vgg16": 98.0}
FINE = {"alexnet": 35.0, "vgg16": 49.0}
#: Networks whose ratio of ``BLOCKS`` is second-hand: it could not be checked.
UNCHECKED = ("vgg16",)
#: AlexNet's index, fine-grained and by blocks: MB and KB of 2**20 and 2**10 bytes.
INDEX_MB, INDEX_KB = 2.95, 29.38


def said(network: str, way: str, unit: str = "") -> str:
    """A ratio as it is shown; ``way`` is fine or blocks.

    >>> said("alexnet", "blocks"), said("vgg16", "blocks", "x")
    ('79', '98x?')
    """
    if way == "fine":
        return f"{FINE[network]:g}{unit}"
    return f"{BLOCKS[network]:g}{unit}{'?' if network in UNCHECKED else ''}"
