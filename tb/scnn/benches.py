"""The benches of SCNN."""

from __future__ import annotations

from tb.common.sim.bench import Bench
from tb.scnn.blocks.top_benches import TOP_BENCHES

BENCHES: tuple[Bench, ...] = (*TOP_BENCHES,)
