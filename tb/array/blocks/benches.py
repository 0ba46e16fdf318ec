"""The benches of the blocks that the systolic designs share, one per module."""

from __future__ import annotations

from tb.common.bfm.streams import PROFILES
from tb.common.sim.bench import Bench
from tb.common.tests.names import LOAD_RX

_RANDOM = tuple(f"random_{profile}" for profile in PROFILES)
_ROOMS = ("common", "array")

_ARRAYS: dict[str, dict[str, int]] = {
    "default": {"Rows": 4, "Cols": 4},
    "tall": {"Rows": 8, "Cols": 4, "ActWidth": 8, "NumFeeds": 2},
    "wide": {"Rows": 4, "Cols": 8, "WgtWidth": 8},
    # Weights that choose among the inputs of a group.
    "choose4": {"Rows": 4, "Cols": 4, "GroupM": 4},
    "choose2": {"Rows": 8, "Cols": 4, "ActWidth": 8, "NumFeeds": 2, "GroupM": 2},
    "a16": {"Rows": 16, "Cols": 16},
}

BLOCK_BENCHES: tuple[Bench, ...] = (
    Bench(
        name="array_mesh",
        top="lac_array_mesh",
        module="tb.array.blocks.mesh_tests",
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
        name="array_slots",
        top="lac_array_slots",
        module="tb.array.blocks.slots_tests",
        rtl=_ROOMS,
        tests=("smoke", "directed_scatter", "random_none", "random_random", "extremes"),
        configs=_ARRAYS,
        slow=("a16",),
    ),
    Bench(
        name="array_agen",
        top="lac_array_agen",
        module="tb.array.blocks.agen_tests",
        rtl=_ROOMS,
        tests=(
            "smoke",
            "directed_steps",
            *_RANDOM,
            "extremes",
            "throughput",
            "directed_clear_after_start",
            "reset_mid",
        ),
        configs={"default": {"AddrWidth": 16, "SumWidth": 13}, "narrow": {"AddrWidth": 9}},
        slow=("narrow",),
    ),
    Bench(
        name="array_sums",
        top="lac_array_sums",
        module="tb.array.blocks.sums_tests",
        rtl=_ROOMS,
        tests=(
            "smoke",
            "directed_bias",
            "random_none",
            "extremes",
            "throughput",
            "directed_clear_after_start",
            "reset_mid",
        ),
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
        name="array_out",
        top="lac_tb_array_out",
        sources=("tb/array/blocks/lac_tb_array_out.sv",),
        module="tb.array.blocks.out_tests",
        rtl=_ROOMS,
        tests=(
            "smoke",
            *_RANDOM,
            "extremes",
            "throughput",
            "directed_clear",
            "directed_clear_after_start",
            "reset_mid",
        ),
        configs={
            "default": {"Cols": 8, "AddrWidth": 6},
            "half": {"Cols": 4, "ActWidth": 8, "AccWidth": 17, "AddrWidth": 5},
            "whole": {"Cols": 4, "AccWidth": 40, "AddrWidth": 5},
            "a32": {"Cols": 32, "AddrWidth": 5},
        },
        slow=("a32",),
    ),
    Bench(
        name="array_geom",
        top="lac_array_geom",
        module="tb.array.blocks.geom_tests",
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
        name="array_act_load",
        top="lac_tb_array_act_load",
        sources=("tb/array/blocks/lac_tb_array_act_load.sv", LOAD_RX),
        module="tb.array.blocks.act_load_tests",
        rtl=_ROOMS,
        tests=(
            "smoke",
            *_RANDOM,
            "extremes",
            "throughput",
            "directed_clear_after_start",
            "reset_mid",
            "bad_header",
            "bad_length",
        ),
        configs={
            "default": {"Rows": 8, "AddrWidth": 6},
            "half": {"Rows": 4, "ActWidth": 8, "AddrWidth": 5},
            "whole": {"Rows": 4, "AddrWidth": 6},
            "a32": {"Rows": 32},
            "a64": {"Rows": 64, "AddrWidth": 5},
        },
        slow=("a32", "a64"),
    ),
    Bench(
        name="array_wgt_load",
        top="lac_tb_array_wgt_load",
        sources=("tb/array/blocks/lac_tb_array_wgt_load.sv", LOAD_RX),
        module="tb.array.blocks.wgt_load_tests",
        rtl=_ROOMS,
        tests=(
            "smoke",
            "directed_sections",
            *_RANDOM,
            "throughput",
            "directed_clear_after_start",
            "reset_mid",
            "bad_header",
            "bad_order",
            "bad_value",
            "bad_length",
        ),
        configs={
            "default": {"Cols": 8, "WgtBits": 128, "WgtDepth": 64, "BiasDepth": 6},
            "half": {"Cols": 4, "WgtBits": 32, "WgtDepth": 37, "BiasDepth": 3, "BiasWidth": 17},
            "kept": {"Cols": 4, "WgtBits": 72, "WgtDepth": 30, "BiasDepth": 3},
            "a32": {"Cols": 32, "WgtBits": 512, "BiasWidth": 24},
        },
        slow=("a32",),
    ),
    Bench(
        name="array_skew",
        top="lac_array_skew",
        module="tb.array.blocks.skew_tests",
        rtl=_ROOMS,
        tests=("smoke", *_RANDOM, "extremes", "throughput", "directed_clear", "reset_mid"),
        configs={
            "default": {"Rows": 4},
            "pair": {"Rows": 2, "ActWidth": 8},
            "wide": {"Rows": 4, "ActWidth": 64},
        },
    ),
    Bench(
        name="array_acc",
        top="lac_array_acc",
        module="tb.array.blocks.acc_tests",
        rtl=_ROOMS,
        tests=("smoke", *_RANDOM, "extremes", "throughput", "directed_clear", "reset_mid"),
        configs={
            "default": {"PsumWidth": 36, "AccWidth": 40, "AccDepth": 64},
            "narrow": {"PsumWidth": 18, "AccWidth": 17, "AccDepth": 37, "BiasWidth": 9},
        },
    ),
)
