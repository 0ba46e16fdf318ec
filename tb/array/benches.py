"""The benches of what the systolic designs share: its blocks."""

from __future__ import annotations

from tb.array.blocks.benches import BLOCK_BENCHES
from tb.common.sim.bench import Bench

BENCHES: tuple[Bench, ...] = BLOCK_BENCHES
