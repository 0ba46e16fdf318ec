"""Cycle model of SPS: that of the array, tiles as the index unit finds them."""

from __future__ import annotations

from models.array import cycles as array
from models.program import PassCycles, Program
from models.sps.config import SpsConfig
from models.sps.machine import Machine


def cycles(program: Program, config: SpsConfig) -> list[PassCycles]:
    """Predict every pass of a compiled program, in order.

    Raises ValueError for a program of another design.
    """
    return array.cycles(program, Machine(config))
