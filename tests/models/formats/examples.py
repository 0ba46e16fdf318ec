"""Instances of every format for the common tests, each with matrices that it can encode."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, fields

import numpy as np

from models.formats.base import Format
from models.formats.bitmap import Bitmap
from models.formats.blockmap import Blockmap
from models.formats.coo import Coo
from models.formats.csc import Csc
from models.formats.csr import Csr
from models.formats.dense import Dense
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
        numbers = [str(getattr(self.fmt, field.name)) for field in fields(self.fmt)]
        return re.sub(r"[^\w.-]+", "_", "-".join([self.fmt.name, *numbers]))

    def matrix(self, seed: int, density: float) -> np.ndarray:
        """One matrix, the same for the same arguments."""
        return self.make(np.random.default_rng(seed), density, self.fmt.value_width)


EXAMPLES: list[Example] = [
    *(Example(Dense(value_width)) for value_width in (1, 8, 12, 32)),
    *(Example(Bitmap(value_width)) for value_width in (1, 8, 12, 32)),
    *(
        Example(Blockmap(*args), canonical=False, line=lambda rows, cols, h=args[1]: rows // h)
        for args in ((8, 4, 4), (1, 1, 1), (32, 2, 3), (5, 1, 8))
    ),
    *(Example(Rle(*args)) for args in ((8, 4), (1, 1), (32, 16), (5, 2))),
    *(Example(Csr(*args)) for args in ((8, 16), (1, 7), (32, 32))),
    *(Example(Csc(*args), line=lambda r, c: c) for args in ((8, 4, 16), (1, 1, 8), (32, 16, 32))),
    *(Example(Coo(value_width)) for value_width in (1, 8, 32)),
]
