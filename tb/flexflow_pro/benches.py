"""The benches of FlexFlow-Pro: the whole accelerator and its blocks."""

from __future__ import annotations

from tb.common.sim.bench import Bench
from tb.flexflow_pro.blocks.benches import BLOCK_BENCHES
from tb.flexflow_pro.top.benches import TOP_BENCHES

BENCHES: tuple[Bench, ...] = (*TOP_BENCHES, *BLOCK_BENCHES)
