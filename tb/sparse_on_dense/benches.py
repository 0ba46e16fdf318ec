"""The benches of Sparse-on-Dense: the whole accelerator and its blocks."""

from __future__ import annotations

from tb.common.bench import Bench
from tb.sparse_on_dense.leaf_benches import LEAF_BENCHES
from tb.sparse_on_dense.top_benches import TOP_BENCHES

BENCHES: tuple[Bench, ...] = (*TOP_BENCHES, *LEAF_BENCHES)
