"""The benches of the blocks that only the dense design has."""

from __future__ import annotations

from tb.common.sim.bench import Bench

BLOCK_BENCHES: tuple[Bench, ...] = (
    Bench(
        name="dense_wgt_feed",
        top="lac_dense_wgt_feed",
        module="tb.dense.blocks.wgt_feed_tests",
        rtl=("common", "array", "dense"),
        tests=("smoke", "random_none", "throughput", "directed_clear_after_start", "reset_mid"),
        configs={
            "default": {"Rows": 4, "Cols": 4, "WgtDepth": 64},
            "tall": {"Rows": 16, "Cols": 4, "WgtDepth": 100, "WgtWidth": 8},
            "wide": {"Rows": 4, "Cols": 16, "WgtDepth": 40},
            "kept": {"Rows": 4, "Cols": 4, "WgtDepth": 37, "WgtWidth": 18},
        },
    ),
)
