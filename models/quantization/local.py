"""Local quantization: regions of the weights with a codebook of their own.

Source: Zhou et al., "Cambricon-S", MICRO 2018: weights that lie together are alike, so that a
region needs fewer codes for the same error. The size of a region in the paper is not public; here
the matrix [K, C*R*S] is cut into ``regions[0] x regions[1]`` equal parts, sides rounded up, as in
``models/formats/codebook.py``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from models.quantization.codebook import codebook
from models.quantization.uniform import quantize_fixed

Regions = tuple[int, int]


def areas(shape: tuple[int, int], regions: Regions) -> Iterator[tuple[int, tuple[slice, slice]]]:
    """(number, rows and columns) of the regions of a matrix, row by row; some may be empty.

    >>> [area for _, area in areas((3, 4), (2, 1))]
    [(slice(0, 2, None), slice(0, 4, None)), (slice(2, 4, None), slice(0, 4, None))]

    Raises ValueError on a number of regions below 1.
    """
    if len(regions) != 2 or min(regions) < 1:
        raise ValueError(f"regions: found {regions}, need two numbers from 1")
    height, width = (max(1, -(-side // parts)) for side, parts in zip(shape, regions, strict=True))
    for number in range(regions[0] * regions[1]):
        row, col = divmod(number, regions[1])
        yield number, (np.s_[row * height : (row + 1) * height],
                       np.s_[col * width : (col + 1) * width])  # fmt: skip


@dataclass(frozen=True, eq=False)
class LocalQuantized:
    """Weights from regional codebooks in fixed point: ``weights ~ integers * 2**-exponent``.

    codes     uint8, the shape of the weights; 0 for zero weights alone
    values    int64 [regions, 2**bits], their codebooks; 0 where unused, ``values[:, 0] == 0``
    integers  int64, ``values[region of the weight, code]``
    regions   (along the outputs K, along the inputs C*R*S)
    """

    codes: NDArray[np.uint8]
    values: NDArray[np.int64]
    integers: NDArray[np.int64]
    exponent: int
    regions: Regions


def local_codebook(
    weights: ArrayLike, bits: int = 4, regions: Regions = (1, 1), seed: int = 0
) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
    """(codes uint8 of the shape of ``weights``, centroids float64 [regions, 2**bits]).

    ``weights`` [K, C] or [K, C, R, S]; each region by itself as in ``codebook``. An empty region
    (more regions than rows or columns) has no entries.

    >>> codes, books = local_codebook([[0.0, 0.5], [-1.0, 2.0]], bits=1, regions=(1, 2))
    >>> codes.tolist(), books.tolist()
    ([[0, 1], [1, 1]], [[0.0, -1.0], [0.0, 1.25]])

    Raises ValueError as ``codebook`` and ``areas`` do, and on another number of axes.
    """
    values = np.asarray(weights, dtype=np.float64)
    if values.ndim not in (2, 4):
        raise ValueError(f"weights: found shape {values.shape}, need [K, C] or [K, C, R, S]")
    matrix = values.reshape(len(values), int(np.prod(values.shape[1:])))
    found = [(area, codebook(matrix[area], bits, seed)) for _, area in areas(matrix.shape, regions)]
    codes = np.zeros(matrix.shape, dtype=np.uint8)
    for area, (part, _) in found:
        codes[area] = part
    return codes.reshape(values.shape), np.stack([book for _, (_, book) in found])


def quantize_local(
    weights: ArrayLike,
    bits: int = 4,
    width: int = 16,
    regions: Regions = (1, 1),
    seed: int = 0,
    exponent: int | None = None,
) -> LocalQuantized:
    """Regional codebooks, their entries as ``width``-bit integers of one common scale.

    Non-zero entries stay non-zero. ``Codebook(width, inner, *regions)`` stores the ``integers``.

    >>> q = quantize_local([[0.0, 0.5], [-1.0, 1.5]], bits=1, width=8, regions=(1, 2))
    >>> q.values.tolist(), q.integers.tolist(), q.exponent
    ([[0, -64], [0, 64]], [[0, 64], [-64, 64]], 6)
    """
    codes, centroids = local_codebook(weights, bits, regions, seed)
    values, shift = quantize_fixed(centroids, width, exponent)
    lost = (values == 0) & (centroids != 0)
    values[lost] = np.sign(centroids[lost]).astype(np.int64)
    matrix = codes.reshape(len(codes), int(np.prod(codes.shape[1:])))
    integers = np.zeros(matrix.shape, dtype=np.int64)
    for number, area in areas(matrix.shape, regions):
        integers[area] = values[number, matrix[area]]
    return LocalQuantized(
        codes, values, integers.reshape(codes.shape), shift, (regions[0], regions[1])
    )
