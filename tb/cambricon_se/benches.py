"""The benches of Cambricon-SE: the whole accelerator and its blocks."""

from __future__ import annotations

from tb.cambricon_se.blocks.benches import BLOCK_BENCHES
from tb.cambricon_se.top.benches import TOP_BENCHES
from tb.common.sim.bench import Bench

BENCHES: tuple[Bench, ...] = (*TOP_BENCHES, *BLOCK_BENCHES)
