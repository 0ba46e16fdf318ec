"""The benches of Cambricon-SE."""

from __future__ import annotations

from tb.cambricon_se.blocks.benches import BLOCK_BENCHES
from tb.common.sim.bench import Bench

BENCHES: tuple[Bench, ...] = BLOCK_BENCHES
