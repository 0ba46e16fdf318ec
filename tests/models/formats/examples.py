"""Instances of every format for the common tests, each with matrices that it can encode."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from models.formats.base import Format
from models.formats.bitmap import Bitmap
from models.formats.blockmap import Blockmap
from models.formats.bsr import Bsr
from models.formats.codebook import Codebook
from models.formats.coo import Coo
from models.formats.csc import Csc
from models.formats.csr import Csr
from models.formats.dense import Dense
from models.formats.ellpack import Ell
from models.formats.huffman import Huffman
from models.formats.nm import Nm
from models.formats.periodic import Periodic
from models.formats.rle import Rle

Make = Callable[[np.random.Generator, float, int], np.ndarray]


def free_matrix(rng: np.random.Generator, density: float, width: int) -> np.ndarray:
    """Any shape from 0x0 to 9x13, non-zeros of ``width`` raw bits with this probability."""
    shape = int(rng.integers(0, 10)), int(rng.integers(0, 14))
    return random_matrix(rng, shape, density, width)


def random_matrix(
    rng: np.random.Generator, shape: tuple[int, int], density: float, width: int
) -> np.ndarray:
    """Non-zeros with this probability, raw bits 1..2**width-1: int64 [rows, cols]."""
    return (rng.random(shape) < density) * rng.integers(1, 1 << width, shape)


def nm_matrix(n: int, m: int) -> Make:
    """Matrices with at most n non-zeros in each m columns, the last group perhaps partial."""

    def make(rng: np.random.Generator, density: float, width: int) -> np.ndarray:
        matrix = free_matrix(rng, density, width)
        for row in matrix:
            for start in range(0, row.size, m):
                live = np.flatnonzero(row[start : start + m])
                row[start + rng.permutation(live)[n:]] = 0
        return matrix

    return make


def periodic_matrix(kss: int, period: int) -> Make:
    """Matrices whose row r has non-zeros only in pattern r mod period, kss columns each."""

    def make(rng: np.random.Generator, density: float, width: int) -> np.ndarray:
        matrix = free_matrix(rng, density, width)
        patterns = [rng.permutation(matrix.shape[1])[kss:] for _ in range(period)]
        for at, row in enumerate(matrix):
            row[patterns[at % period]] = 0
        return matrix

    return make


def shared_matrix(codes: int) -> Make:
    """Matrices with at most this many different non-zeros."""

    def make(rng: np.random.Generator, density: float, width: int) -> np.ndarray:
        matrix = free_matrix(rng, density, width)
        values = rng.integers(1, 1 << width, codes)
        return np.where(matrix, values[matrix % codes], 0)

    return make


@dataclass(frozen=True)
class Example:
    """A format with its parameters and what the common tests must know about it.

    make         (generator, density, value width) -> int [rows, cols] that the format can encode
    any_matrix   it encodes every matrix, so the labelled edge cases apply as they are
    canonical    a stream without fault is the one that ``encode`` gives for its matrix
    line         line of a non-zero, for ``eol``
    """

    fmt: Format
    make: Make = free_matrix
    any_matrix: bool = True
    canonical: bool = True
    line: Callable[[np.ndarray, np.ndarray], np.ndarray] = lambda rows, cols: rows

    @property
    def id(self) -> str:
        """Short name for pytest: format and parameters."""
        numbers = [str(getattr(self.fmt, field.name)) for field in fields(self.fmt)]  # type: ignore[arg-type]
        return re.sub(r"[^\w.-]+", "_", "-".join([self.fmt.name, *numbers]))

    def matrix(self, seed: int, density: float) -> np.ndarray:
        """One matrix, the same for the same arguments."""
        return self.make(np.random.default_rng(seed), density, self.fmt.value_width)


def block_rows(height: int) -> Callable[[Any, Any], Any]:
    """Lines of a format of blocks so many rows high."""
    return lambda rows, cols: rows // height


EXAMPLES: list[Example] = [
    *(Example(Dense(value_width)) for value_width in (1, 8, 12, 32)),
    *(Example(Bitmap(value_width)) for value_width in (1, 8, 12, 32)),
    *(
        Example(Blockmap(*args), canonical=False, line=block_rows(args[1]))
        for args in ((8, 4, 4), (1, 1, 1), (32, 2, 3), (5, 1, 8))
    ),
    *(Example(Rle(*args)) for args in ((8, 4), (1, 1), (32, 16), (5, 2))),
    *(Example(Csr(*args)) for args in ((8, 16), (1, 7), (32, 32))),
    *(Example(Csc(*args), line=lambda r, c: c) for args in ((8, 4, 16), (1, 1, 8), (32, 16, 32))),
    *(Example(Coo(value_width)) for value_width in (1, 8, 32)),
    *(
        Example(Bsr(*args), canonical=False, line=block_rows(args[1]))
        for args in ((8, 4, 4, 16), (1, 1, 1, 11), (32, 2, 3, 32), (5, 1, 8, 13))
    ),
    *(Example(Ell(value_width)) for value_width in (1, 8, 32)),
    *(
        Example(Nm(*args), nm_matrix(*args[1:]), any_matrix=False, canonical=False)
        for args in ((8, 2, 4), (8, 1, 4), (1, 4, 8), (32, 3, 16), (5, 2, 5), (8, 1, 1))
    ),
    *(
        Example(Huffman(*args), canonical=False)
        for args in ((8, 0), (1, 0), (8, 4), (12, 0), (1, 1))
    ),
    *(
        Example(Periodic(*args), periodic_matrix(args[1], 3), any_matrix=False, canonical=False)
        for args in ((8, 4, 255), (1, 1, 31), (32, 2, 8))
    ),
    *(
        Example(Codebook(*args), shared_matrix(3), any_matrix=False, canonical=False)
        for args in (
            (16, Dense(4)),
            (8, Bitmap(2), 2, 3),
            (8, Rle(4, 4), 2, 2),
            (32, Huffman(4, 3), 1, 2),
            (4, Csr(2, 12), 3, 1),
        )
    ),
    Example(
        Codebook(8, Bsr(4, 2, 2, 12), 2, 2),
        shared_matrix(3),
        any_matrix=False,
        canonical=False,
        line=lambda rows, cols: rows // 2,
    ),
]
