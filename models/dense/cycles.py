"""Cycle model of the dense design: that of the array, weights read as they are."""

from __future__ import annotations

from models.array import cycles as array
from models.array.machine import Machine
from models.dense.config import DenseConfig
from models.dense.store import DENSE
from models.program import PassCycles, Program


def cycles(program: Program, config: DenseConfig) -> list[PassCycles]:
    """Predict every pass of a compiled program, in order.

    Raises ValueError for a program of another design.
    """
    return array.cycles(program, Machine(config, DENSE))
