"""The benches of Sparse-on-Dense: the whole accelerator and its blocks."""

from __future__ import annotations

from tb.common.sim.bench import Bench
from tb.sparse_on_dense.blocks.benches import BLOCK_BENCHES
from tb.sparse_on_dense.top.benches import TOP_BENCHES

BENCHES: tuple[Bench, ...] = (*TOP_BENCHES, *BLOCK_BENCHES)
