"""The memory bits that a layer fills in SPS: what ``make pergate`` prices."""

from __future__ import annotations

from models.array.footprint import footprint_of
from models.layer import Layer
from models.program import Program
from models.sps.config import SpsConfig
from models.sps.memories import memories
from models.sps.store import SPS


def footprint(layer: Layer, config: SpsConfig, program: Program) -> dict[str, int]:
    """Bits by what they hold; patterns and residues are among the weights."""
    return footprint_of(layer, config, program, SPS, memories(config))
