"""The benches of the dense array's blocks, one per module."""

from __future__ import annotations

from tb.common.bench import Bench
from tb.common.streams import PROFILES

_RANDOM = tuple(f"random_{profile}" for profile in PROFILES)
_ROOMS = ("common", "dense")

_ARRAYS: dict[str, dict[str, int]] = {
    "default": {"Rows": 4, "Cols": 4},
    "tall": {"Rows": 8, "Cols": 4, "ActWidth": 8, "NumFeeds": 2},
    "wide": {"Rows": 4, "Cols": 8, "WgtWidth": 8},
    "a16": {"Rows": 16, "Cols": 16},
}

LEAF_BENCHES: tuple[Bench, ...] = (
    Bench(
        name="dense_array",
        top="lac_dense_array",
        module="tb.dense.array_tests",
        rtl=_ROOMS,
        tests=(
            "smoke",
            "directed_switch",
            "directed_scatter",
            "random_none",
            "random_random",
            "extremes",
            "throughput",
        ),
        configs=_ARRAYS,
        slow=("a16",),
    ),
    Bench(
        name="dense_slots",
        top="lac_dense_slots",
        module="tb.dense.slots_tests",
        rtl=_ROOMS,
        tests=("smoke", "directed_scatter", "random_none", "random_random", "extremes"),
        configs=_ARRAYS,
        slow=("a16",),
    ),
    Bench(
        name="dense_agen",
        top="lac_dense_agen",
        module="tb.dense.agen_tests",
        rtl=_ROOMS,
        tests=("smoke", "directed_steps", *_RANDOM, "extremes", "throughput", "reset_mid"),
        configs={"default": {"AddrWidth": 16, "SumWidth": 13}, "narrow": {"AddrWidth": 9}},
        slow=("narrow",),
    ),
    Bench(
        name="dense_sums",
        top="lac_dense_sums",
        module="tb.dense.sums_tests",
        rtl=_ROOMS,
        tests=("smoke", "directed_bias", "random_none", "extremes", "throughput", "reset_mid"),
        configs={
            "default": {
                "Rows": 4,
                "Cols": 4,
                "PsumWidth": 34,
                "AccWidth": 37,
                "AccDepth": 64,
                "BiasDepth": 6,
            },
            "narrow": {
                "Rows": 4,
                "Cols": 8,
                "PsumWidth": 18,
                "AccWidth": 17,
                "AccDepth": 41,
                "BiasDepth": 3,
                "BiasWidth": 17,
            },
            "a16": {"PsumWidth": 36, "AccWidth": 48, "AccDepth": 128},
        },
        slow=("a16",),
    ),
    Bench(
        name="dense_wgt_feed",
        top="lac_dense_wgt_feed",
        module="tb.dense.wgt_feed_tests",
        rtl=_ROOMS,
        tests=("smoke", "random_none", "throughput", "reset_mid"),
        configs={
            "default": {"Rows": 4, "Cols": 4, "WgtDepth": 64},
            "tall": {"Rows": 16, "Cols": 4, "WgtDepth": 100, "WgtWidth": 8},
            "wide": {"Rows": 4, "Cols": 16, "WgtDepth": 40},
        },
    ),
    Bench(
        name="dense_out",
        top="lac_dense_out",
        module="tb.dense.out_tests",
        rtl=_ROOMS,
        tests=("smoke", *_RANDOM, "extremes", "throughput", "directed_clear", "reset_mid"),
        configs={
            "default": {"Cols": 8, "AddrWidth": 6},
            "half": {"Cols": 4, "ActWidth": 8, "AccWidth": 17, "AddrWidth": 5},
            "whole": {"Cols": 4, "AccWidth": 40, "AddrWidth": 5},
            "a32": {"Cols": 32, "AddrWidth": 5},
        },
        slow=("a32",),
    ),
    Bench(
        name="dense_geom",
        top="lac_dense_geom",
        module="tb.dense.geom_tests",
        rtl=_ROOMS,
        tests=("smoke", "random_none", "extremes", "reset_mid"),
        configs={
            "default": {},
            "small": {
                "Rows": 4,
                "AccWidth": 20,
                "ActDepth": 61,
                "WgtDepth": 37,
                "AccDepth": 49,
                "BiasDepth": 3,
            },
            "compressed": {"Compressed": 1},
        },
        slow=("compressed",),
    ),
    Bench(
        name="dense_act_load",
        top="lac_dense_act_load",
        module="tb.dense.act_load_tests",
        rtl=_ROOMS,
        tests=(
            "smoke",
            *_RANDOM,
            "extremes",
            "throughput",
            "reset_mid",
            "bad_header",
            "bad_length",
        ),
        configs={
            "default": {"Rows": 8, "AddrWidth": 6},
            "half": {"Rows": 4, "ActWidth": 8, "AddrWidth": 5},
            "whole": {"Rows": 4, "AddrWidth": 6},
            "a32": {"Rows": 32},
        },
        slow=("a32",),
    ),
    Bench(
        name="dense_wgt_load",
        top="lac_dense_wgt_load",
        module="tb.dense.wgt_load_tests",
        rtl=_ROOMS,
        tests=(
            "smoke",
            "directed_sections",
            *_RANDOM,
            "throughput",
            "reset_mid",
            "bad_header",
            "bad_order",
            "bad_value",
            "bad_length",
        ),
        configs={
            "default": {"Cols": 8, "WgtBits": 128, "WgtDepth": 64, "BiasDepth": 6},
            "half": {"Cols": 4, "WgtBits": 32, "WgtDepth": 37, "BiasDepth": 3, "BiasWidth": 17},
            "a32": {"Cols": 32, "WgtBits": 512, "BiasWidth": 24},
        },
        slow=("a32",),
    ),
    Bench(
        name="dense_ctrl",
        top="lac_dense_ctrl",
        module="tb.dense.ctrl_tests",
        rtl=_ROOMS,
        tests=(
            "smoke",
            *_RANDOM,
            "extremes",
            "throughput",
            "directed_geometry",
            "directed_errors",
            "directed_watchdog",
            "directed_soft_reset",
            "reset_mid",
        ),
    ),
    Bench(
        name="dense_skew",
        top="lac_dense_skew",
        module="tb.dense.skew_tests",
        rtl=_ROOMS,
        tests=("smoke", *_RANDOM, "extremes", "throughput", "directed_clear", "reset_mid"),
        configs={"default": {"Rows": 4}, "pair": {"Rows": 2, "ActWidth": 8}},
    ),
)
