"""The benches of SPS: the whole accelerator and its blocks."""

from __future__ import annotations

from tb.common.sim.bench import Bench
from tb.sps.blocks.benches import BLOCK_BENCHES
from tb.sps.top.benches import TOP_BENCHES

BENCHES: tuple[Bench, ...] = (*TOP_BENCHES, *BLOCK_BENCHES)
