"""The benches of the dense array: the whole accelerator and its blocks."""

from __future__ import annotations

from tb.common.bench import Bench
from tb.dense.leaf_benches import LEAF_BENCHES
from tb.dense.top_benches import TOP_BENCHES

BENCHES: tuple[Bench, ...] = (*TOP_BENCHES, *LEAF_BENCHES)
