"""Cycle model of the dense design: that of the array, weights read as they are."""

from __future__ import annotations

from collections.abc import Iterator

from models.array.cycles import iterate as array_iterate
from models.dense.config import DenseConfig
from models.dense.store import DENSE
from models.program import PassCycles, Program


def cycles(program: Program, config: DenseConfig) -> list[PassCycles]:
    """Predict every pass of a compiled program, in order.

    Raises ValueError for a program of another design.
    """
    return list(iterate(program, config))


def iterate(program: Program, config: DenseConfig) -> Iterator[PassCycles]:
    """``cycles`` one pass at a time, so that long programs can show their progress."""
    return array_iterate(program, config, DENSE)
