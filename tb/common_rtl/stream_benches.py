"""The benches of the stream blocks: one set of tests, a row for each block."""

from __future__ import annotations

from collections.abc import Mapping

from tb.common.bfm.streams import PROFILES
from tb.common.sim.bench import Bench

_TESTS = (
    "smoke",
    *(f"random_{profile}" for profile in PROFILES),
    "extremes",
    "throughput",
    "directed_contention",
    "directed_paths",
    "directed_clear",
    "reset_mid",
)

_CONFIGS: Mapping[str, Mapping[str, Mapping[str, int]]] = {
    "spill": {
        "default": {"Width": 8},
        "single": {"Width": 1},
    },
    "hold": {
        "default": {"Width": 3},
        "single": {"Width": 1},
    },
    "arb": {
        "default": {"NumReq": 5},
        "single": {"NumReq": 1},
        "wide": {"NumReq": 16},
    },
    "fork": {
        "default": {"NumOut": 3, "Width": 5},
        "single": {"NumOut": 1, "Width": 1},
    },
    "join": {
        "default": {"NumIn": 3, "Width": 5},
        "single": {"NumIn": 1, "Width": 1},
    },
    "mux": {
        "default": {"NumIn": 3, "Width": 5},
        "single": {"NumIn": 1, "Width": 1},
    },
    "demux": {
        "default": {"NumOut": 3, "Width": 5},
        "single": {"NumOut": 1, "Width": 1},
    },
    "xbar": {
        "default": {"NumIn": 4, "NumOut": 3, "Width": 5, "OutSpill": 1},
        "single": {"NumIn": 1, "NumOut": 1, "Width": 1, "OutSpill": 0},
        "direct": {"NumIn": 3, "NumOut": 5, "Width": 8, "OutSpill": 0},
        "scatter": {"NumIn": 16, "NumOut": 32, "Width": 37, "OutSpill": 0},
    },
    "credit": {
        "default": {"Depth": 5},
        "single": {"Depth": 1},
    },
}

STREAM_BENCHES = tuple(
    Bench(
        name=name,
        top=f"lac_{name}",
        module="tb.common_rtl.stream_tests",
        tests=_TESTS,
        configs=configs,
        slow=tuple(one for one in ("wide", "scatter") if one in configs),
        # Verilator meets these within the crossbar and the mux.
        verilator=() if name in ("spill", "hold") else None,
    )
    for name, configs in _CONFIGS.items()
)
