"""The benches of SCNN: the whole accelerator and its blocks."""

from __future__ import annotations

from tb.common.sim.bench import Bench
from tb.scnn.blocks.compute_benches import COMPUTE_BENCHES
from tb.scnn.blocks.top_benches import TOP_BENCHES as AROUND
from tb.scnn.top.benches import TOP_BENCHES

BENCHES: tuple[Bench, ...] = (*TOP_BENCHES, *COMPUTE_BENCHES, *AROUND)
