"""Local quantization: the matrix in the reduction order is cut into regions with codebooks.

Regions are cut by size, so that their edges can lie on edges of blocks, where
``models/quantization/local.py`` cuts a matrix into a number of equal parts. The size of a region in
the paper is not public.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from models.quantization import codebook

Sides = tuple[int, int]


@dataclass(frozen=True)
class Regions:
    """Regions of ``height`` outputs and ``width`` columns, numbered row by row; the last may be
    smaller.

    >>> Regions(2, 3).of((3, 4)).tolist()
    [[0, 0, 0, 1], [0, 0, 0, 1], [2, 2, 2, 3]]
    """

    height: int
    width: int

    def __post_init__(self) -> None:
        if min(self.height, self.width) < 1:
            raise ValueError(f"region: found {self.height} x {self.width}, need sides from 1")

    def count(self, shape: Sides) -> int:
        """Regions of a matrix [rows, cols]."""
        return -(-shape[0] // self.height) * -(-shape[1] // self.width)

    def of(self, shape: Sides) -> NDArray[np.int64]:
        """The region of every element: int64 [rows, cols]."""
        along = -(-shape[1] // self.width)
        rows, cols = np.arange(shape[0]) // self.height, np.arange(shape[1]) // self.width
        return rows[:, None] * along + cols


def local_codes(
    matrix: ArrayLike, bits: int, regions: Regions, seed: int = 0
) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
    """(codes uint8 [rows, cols], codebooks float64 [regions, 2**bits]) of weights [rows, cols].

    Each region by itself as in ``models.quantization.codebook``: code 0 stands for zeros alone, the
    other entries rise from code 1 on, and those that are not needed are 0.

    >>> codes, books = local_codes([[0.0, 0.5, 3.0]], 1, Regions(1, 2))
    >>> codes.tolist(), books.tolist()
    ([[0, 1, 1]], [[0.0, 0.5], [0.0, 3.0]])

    Raises ValueError on bits outside 1..8, NaN or infinity.
    """
    values = np.asarray(matrix, dtype=np.float64)
    of = regions.of(values.shape)
    codes = np.zeros(values.shape, dtype=np.uint8)
    books = np.zeros((regions.count(values.shape), 1 << bits))
    for number in range(len(books)):
        mine = of == number
        codes[mine], books[number] = codebook(values[mine], bits, seed)
    return codes, books
