"""The benches of EIE: the whole accelerator and its blocks."""

from __future__ import annotations

from tb.common.bench import Bench
from tb.eie.leaf_benches import LEAF_BENCHES
from tb.eie.top_benches import TOP_BENCHES

BENCHES: tuple[Bench, ...] = (*TOP_BENCHES, *LEAF_BENCHES)
