"""The benches of SCNN."""

from __future__ import annotations

from tb.common.sim.bench import Bench
from tb.scnn.blocks.compute_benches import COMPUTE_BENCHES
from tb.scnn.blocks.top_benches import TOP_BENCHES

BENCHES: tuple[Bench, ...] = (*COMPUTE_BENCHES, *TOP_BENCHES)
