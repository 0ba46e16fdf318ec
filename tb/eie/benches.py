"""The benches of EIE: the whole accelerator and its blocks."""

from __future__ import annotations

from tb.common.bench import Bench
from tb.eie.leaf_benches import LEAF_BENCHES

BENCHES: tuple[Bench, ...] = (*LEAF_BENCHES,)
