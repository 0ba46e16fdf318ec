"""The benches of ``rtl/common``: one per module."""

from __future__ import annotations

from tb.common.bench import Bench
from tb.common.streams import PROFILES

_RANDOM = tuple(f"random_{profile}" for profile in PROFILES)
_ROOM = "tb.common_rtl"

BENCHES: tuple[Bench, ...] = (
    Bench(
        name="fifo",
        top="lac_fifo",
        module=f"{_ROOM}.fifo_tests",
        tests=(
            "smoke",
            *_RANDOM,
            "extremes",
            "throughput",
            "directed_clear",
            "directed_clear_traffic",
            "reset_mid",
        ),
        configs={
            "default": {"Width": 8, "Depth": 8},
            "depth1": {"Width": 1, "Depth": 1},
            "depth2": {"Width": 16, "Depth": 2},
            "odd": {"Width": 100, "Depth": 7},
        },
    ),
)
