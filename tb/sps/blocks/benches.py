"""The benches of SPS's blocks."""

from __future__ import annotations

from tb.common.bfm.streams import PROFILES
from tb.common.sim.bench import Bench
from tb.common.tests.names import LOAD_RX

_ROOMS = ("common", "array", "sps")
_SMALL: dict[str, int] = {
    "Rows": 4,
    "Cols": 4,
    "ActDepth": 96,
    "WgtDepth": 100,
    "SumWidth": 7,
    "MaxPeriod": 5,
    "KernelSize": 4,
    "TableDepth": 21,
    "MaxKt": 19,
    "MaxCt": 6,
}

BLOCK_BENCHES: tuple[Bench, ...] = (
    Bench(
        name="sps_index",
        top="lac_sps_index",
        module="tb.sps.blocks.index_tests",
        rtl=_ROOMS,
        tests=(
            "smoke",
            "random_none",
            "random_random",
            "extremes",
            "bad_residue",
            "bad_position",
            "throughput",
            "directed_clear_after_start",
            "reset_mid",
        ),
        configs={
            "default": {"Rows": 4, "MaxPeriod": 6, "TableDepth": 29, "MaxKt": 37, "MaxCt": 6},
            "tile": {"Rows": 4, "RowOffsets": 0, "MaxKt": 3, "MaxCt": 5, "AddrWidth": 9},
            "a16": {},
            "one": {"Rows": 8, "MaxPeriod": 1, "TableDepth": 6, "MaxKt": 2, "MaxCt": 2},
        },
        slow=("a16", "one"),
    ),
    Bench(
        name="sps_inside",
        top="lac_sps_inside",
        module="tb.sps.blocks.inside_tests",
        rtl=_ROOMS,
        tests=("directed_all", "extremes"),
        configs={"default": {}, "wide": {"KernelSize": 15, "PlaceWidth": 24}},
        slow=("wide",),
    ),
    Bench(
        name="sps_agen",
        top="lac_sps_agen",
        module="tb.sps.blocks.agen_tests",
        rtl=_ROOMS,
        tests=(
            "smoke",
            "random_none",
            "random_random",
            "random_slow",
            "directed_steps",
            "extremes",
            "throughput",
            "directed_clear_after_start",
            "reset_mid",
        ),
        configs={
            "default": {"AddrWidth": 16, "SumWidth": 13, "KernelSize": 5},
            "narrow": {"AddrWidth": 9, "KernelSize": 15},
        },
        slow=("narrow",),
    ),
    Bench(
        name="sps_row",
        top="lac_sps_row",
        module="tb.sps.blocks.row_tests",
        rtl=_ROOMS,
        tests=("smoke", "random_none", "random_random", "reset_mid"),
        configs={
            "default": {"ActDepth": 50, "KernelSize": 3},
            "given": {"Own": 0, "ActDepth": 64, "ActWidth": 8},
        },
    ),
    Bench(
        name="sps_front",
        top="lac_sps_front",
        module="tb.sps.blocks.front_tests",
        rtl=_ROOMS,
        tests=(
            "smoke",
            "random_none",
            "directed_lengths",
            "bad_range",
            "directed_clear_after_start",
            "reset_mid",
        ),
        configs={
            "default": _SMALL,
            "tall": _SMALL | {"Rows": 8, "ActWidth": 8, "WgtDepth": 190, "ActDepth": 128},
            "tile": _SMALL | {"RowOffsets": 0, "Cols": 8, "WgtWidth": 8, "WgtDepth": 64},
            "a16": _SMALL | {"Rows": 16, "Cols": 16, "WgtDepth": 400},
        },
        slow=("a16",),
    ),
    Bench(
        name="sps_wgt_load",
        top="lac_tb_sps_wgt_load",
        sources=("tb/sps/blocks/lac_tb_sps_wgt_load.sv", LOAD_RX),
        module="tb.sps.blocks.wgt_load_tests",
        rtl=_ROOMS,
        tests=(
            "smoke",
            "directed_sections",
            *(f"random_{profile}" for profile in PROFILES),
            "throughput",
            "directed_clear_after_start",
            "directed_discard",
            "directed_clear",
            "reset_mid",
            "bad_header",
            "bad_order",
            "bad_length",
        ),
        configs={
            "default": {
                "Rows": 8,
                "Cols": 4,
                "WgtWidth": 8,
                "WgtDepth": 37,
                "BiasDepth": 6,
                "MaxPeriod": 6,
                "TableDepth": 21,
                "MaxKt": 37,
                "MaxCt": 5,
            },
            "a32": {"Rows": 32, "Cols": 8, "BiasWidth": 24},
        },
        slow=("a32",),
    ),
)
