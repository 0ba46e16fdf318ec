"""The benches of the dense array: the whole accelerator and its blocks."""

from __future__ import annotations

from tb.common.sim.bench import Bench
from tb.dense.blocks.benches import BLOCK_BENCHES
from tb.dense.top.benches import TOP_BENCHES

BENCHES: tuple[Bench, ...] = (*TOP_BENCHES, *BLOCK_BENCHES)
