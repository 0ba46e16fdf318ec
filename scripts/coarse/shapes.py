"""AlexNet and VGG-16 compressed, without accuracy: shapes and densities from papers, weights drawn.

What a format stores depends on the shapes, on how many weights stay, and on how often each code
occurs. The first two are the papers'; the third comes from weights that are drawn independently
from a normal (or Laplace) distribution: all of those in a block stay, the largest of all where
weights are pruned one by one. Codes and runs are coded as in ``models/coarse`` and
``models/formats/huffman.py``, with the frequencies of a sample.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from models.coarse import BlockIndex, Parts
from models.formats.huffman import COUNT_WIDTH
from models.formats.prefix import MAX_LENGTH, code_lengths
from models.formats.rle import Rle
from models.pruning import mask
from models.quantization import codebook
from models.workloads.eie import EIE_LAYERS
from models.workloads.scnn import NETWORKS as CONVOLUTIONS
from scripts.formats.claims import ALEXNET
from scripts.train.coarse_study import CONV_BITS, FC_BITS, REGIONS, RUN, VALUE

DENSE = 32
BLOCK, LAST_BLOCK, CONV_BLOCK = (32, 32), (16, 16), (16, 1)
#: Weights that are drawn to see how often codes and runs occur.
SAMPLE, FINE_SAMPLE = 1 << 17, 1 << 15
SEED = 1
DISTRIBUTIONS: dict[str, Callable[[np.random.Generator, int], NDArray[np.float64]]] = {
    "normal": lambda rng, size: rng.normal(size=size),
    "Laplace": lambda rng, size: rng.laplace(size=size),
}


@dataclass(frozen=True)
class Shape:
    """A layer: weights [K, C, R, S], share that stays, block (outputs, channels), code in bits."""

    shape: tuple[int, int, int, int]
    density: float
    block: tuple[int, int]
    bits: int

    @property
    def weights(self) -> int:
        """All of them."""
        return int(np.prod(self.shape))


def _vgg16() -> dict[str, Shape]:
    made = {
        name: Shape((one.filters, one.channels, 3, 3), one.weight_density, CONV_BLOCK, CONV_BITS)
        for name, one in CONVOLUTIONS["vgg16"].items()
    }
    for number, block in ((6, BLOCK), (7, BLOCK), (8, LAST_BLOCK)):
        one = EIE_LAYERS[f"vgg-{number}"]
        made[f"fc{number}"] = Shape(
            (one.outputs, one.inputs, 1, 1), one.weight_density, block, FC_BITS
        )
    return made


NETWORKS: dict[str, dict[str, Shape]] = {
    "alexnet": {
        name: Shape(shape, density, block, FC_BITS if name.startswith("fc") else CONV_BITS)
        for name, (shape, density, block) in ALEXNET.items()
    },
    "vgg16": _vgg16(),
}


@dataclass(frozen=True)
class Coded:
    """Bits of a Huffman code for each symbol on average, and of its table."""

    each: float
    table: int


def coded(symbols: NDArray[np.int64], width: int) -> Coded:
    """The best code of at most 16 bits for symbols of ``width`` bits.

    >>> coded(np.array([1, 1, 1, 2]), 4)
    Coded(each=1.0, table=264)
    """
    counts = np.bincount(symbols, minlength=1 << width)
    lengths = code_lengths(counts)
    table = MAX_LENGTH * COUNT_WIDTH + int(np.count_nonzero(lengths)) * width
    return Coded(float((counts * lengths).sum() / counts.sum()), table)


@cache
def code_of_blocks(distribution: str, bits: int) -> Coded:
    """Codes of weights that stay because their block does."""
    drawn = DISTRIBUTIONS[distribution](np.random.default_rng(SEED), SAMPLE)
    return coded(codebook(drawn, bits)[0].astype(np.int64), bits)


@dataclass(frozen=True)
class FineCode:
    """Of weights pruned one by one: fillers for each weight that stays, codes of the values and of
    the runs.
    """

    fillers: float
    values: Coded
    runs: Coded


@cache
def code_of_fine(distribution: str, bits: int, density: float) -> FineCode:
    """Codes and runs of weights that stay because they are large."""
    size = round(FINE_SAMPLE / density)
    drawn = DISTRIBUTIONS[distribution](np.random.default_rng(SEED), size)
    codes = codebook(np.where(mask(drawn, density), drawn, 0.0), bits)[0]
    entries = Rle(bits, RUN).encode(codes[None, :])
    real = int(np.count_nonzero(codes))
    return FineCode(
        entries.count / real - 1, coded(entries["values"], bits), coded(entries["runs"], RUN)
    )


def books_bits(one: Shape, single: bool) -> int:
    """Bits of the codebooks: one for each region, or one for the layer."""
    outputs, channels, rows, cols = one.shape
    count = 1 if single else REGIONS[one.bits].count((outputs, channels * rows * cols))
    return count * (one.bits + ((1 << one.bits) - 1) * VALUE)


def block_parts(
    one: Shape, factor: float, distribution: str = "normal", huffman: bool = True
) -> Parts:
    """Bits of a layer pruned by blocks; ``factor``: on its density."""
    kept = round(one.weights * min(1.0, one.density * factor))
    index = int(np.prod(BlockIndex.grid(one.shape, one.block)))
    code = code_of_blocks(distribution, one.bits) if huffman else Coded(one.bits, 0)
    return Parts(index, round(kept * code.each), books_bits(one, False), code.table)


def fine_parts(
    one: Shape, factor: float, distribution: str = "normal", huffman: bool = True
) -> Parts:
    """Bits of a layer pruned weight by weight, 4-bit runs; fillers count as index."""
    density = min(1.0, one.density * factor)
    kept = one.weights * density
    code = code_of_fine(distribution, one.bits, round(density, 2))
    values, runs = code.values, code.runs
    if not huffman:
        values, runs = Coded(one.bits, 0), Coded(RUN, 0)
    fillers = kept * code.fillers
    index = (kept + fillers) * runs.each + fillers * values.each
    return Parts(
        round(index), round(kept * values.each), books_bits(one, True), values.table + runs.table
    )


Parted = Callable[[Shape, float, str, bool], Parts]
WAYS: Mapping[str, Parted] = {"blocks": block_parts, "fine": fine_parts}


def network_parts(
    network: str,
    way: str,
    factor: float = 1.0,
    distribution: str = "normal",
    huffman: bool = True,
) -> Parts:
    """All layers of a network together."""
    found = (WAYS[way](one, factor, distribution, huffman) for one in NETWORKS[network].values())
    return sum(found, Parts())


def dense_bits(network: str) -> int:
    """32 bits for each weight."""
    return DENSE * sum(one.weights for one in NETWORKS[network].values())


def density(network: str, factor: float = 1.0) -> float:
    """Share of all weights that stays."""
    layers = NETWORKS[network].values()
    kept = sum(one.weights * min(1.0, one.density * factor) for one in layers)
    return kept / sum(one.weights for one in layers)


def factor_for(network: str, ratio: float, distribution: str = "normal") -> float:
    """On all densities, so that blocks compress the network by ``ratio``; within 0.1 %."""
    low, high = 0.05, 2.0
    while high - low > 5e-4:
        middle = (low + high) / 2
        if (
            dense_bits(network) / network_parts(network, "blocks", middle, distribution).total
            > ratio
        ):
            low = middle
        else:
            high = middle
    return (low + high) / 2
