"""Benches of the blocks of ``rtl/common`` that compute, and of those that a chip replaces."""

from __future__ import annotations

from tb.common.bfm.streams import PROFILES
from tb.common.sim.bench import Bench

_RANDOM = tuple(f"random_{profile}" for profile in PROFILES)
_ROOM = "tb.common_rtl"
_FLOW = ("smoke", *_RANDOM, "extremes", "throughput", "directed_clear", "reset_mid")

DATA_BENCHES: tuple[Bench, ...] = (
    Bench(
        name="tree",
        top="lac_tree",
        module=f"{_ROOM}.flow_tests",
        tests=_FLOW,
        configs={
            "default": {"NumIn": 16, "InWidth": 32, "Stages": 2},
            "wire": {"NumIn": 5, "InWidth": 8, "Stages": 0},
            "single": {"NumIn": 1, "InWidth": 1, "Stages": 0},
            "deep": {"NumIn": 21, "InWidth": 3, "Stages": 5},
        },
        verilator=("default", "wire"),  # assertions of a pipeline without a stage
        slow=("single", "deep"),
    ),
    Bench(
        name="compact_pipe",
        top="lac_compact_pipe",
        module=f"{_ROOM}.flow_tests",
        tests=_FLOW,
        configs={
            "default": {"NumIn": 32, "NumOut": 8, "Width": 8, "Stages": 2},
            "least": {"NumIn": 2, "NumOut": 1, "Width": 1, "Stages": 1},
            "odd": {"NumIn": 21, "NumOut": 21, "Width": 5, "Stages": 5},
            "window": {"NumIn": 128, "NumOut": 16, "Width": 16, "Stages": 3},
        },
        slow=("odd", "window"),
    ),
    Bench(
        name="post",
        top="lac_post",
        module=f"{_ROOM}.flow_tests",
        tests=_FLOW,
        configs={
            "default": {"AccWidth": 40, "OutWidth": 16, "PoolWidth": 4},
            "least": {"AccWidth": 3, "OutWidth": 2, "PoolWidth": 1},
            "wide": {"AccWidth": 48, "OutWidth": 8, "PoolWidth": 9},
        },
        slow=("wide",),
    ),
    Bench(
        name="acc_bank",
        top="lac_acc_bank",
        module=f"{_ROOM}.acc_bank_tests",
        tests=(*_FLOW, "directed_distances"),
        configs={
            "default": {"Entries": 32, "DataWidth": 24, "AccWidth": 24},
            "single": {"Entries": 1, "DataWidth": 2, "AccWidth": 2},
            "odd": {"Entries": 5, "DataWidth": 16, "AccWidth": 40},
            "wide": {"Entries": 128, "DataWidth": 64, "AccWidth": 64},
        },
        slow=("wide",),
    ),
    Bench(
        name="agen",
        top="lac_agen",
        module=f"{_ROOM}.agen_tests",
        tests=_FLOW,
        configs={
            "default": {"Dims": 3, "AddrWidth": 16, "CountWidth": 16},
            "single": {"Dims": 1, "AddrWidth": 1, "CountWidth": 1},
            "deep": {"Dims": 6, "AddrWidth": 14, "CountWidth": 3},
        },
        slow=("single",),
    ),
    Bench(
        name="sram",
        top="lac_sram",
        module=f"{_ROOM}.sram_tests",
        tests=("smoke", *_RANDOM, "directed_hold", "extremes", "throughput"),
        configs={
            "default": {"Width": 64, "Depth": 1024, "Ports": 1, "Latency": 1},
            "two_ports": {"Width": 37, "Depth": 300, "Ports": 2, "Latency": 1},
            "depth1": {"Width": 1, "Depth": 1, "Ports": 2, "Latency": 2},
            "odd": {"Width": 37, "Depth": 300, "Ports": 1, "Latency": 2},
        },
        slow=("odd",),
    ),
    Bench(
        name="gate",
        top="lac_tb_gate",
        module=f"{_ROOM}.gate_tests",
        tests=("smoke", "random_none", "directed_glitch", "directed_scan"),
        sources=("tb/common_rtl/lac_tb_gate.sv",),
    ),
)
