"""The benches of FlexFlow-Pro's blocks."""

from __future__ import annotations

from tb.common.bfm.streams import PROFILES
from tb.common.sim.bench import Bench
from tb.common.tests.names import LOAD_RX

_ROOMS = ("common", "array", "flexflow_pro")
_LOADER = (
    "smoke",
    *(f"random_{profile}" for profile in PROFILES),
    "throughput",
    "directed_clear_after_start",
    "directed_discard",
    "directed_clear",
    "reset_mid",
    "bad_header",
    "bad_length",
)
_SMALL = {"Rows": 4, "Cols": 3, "MaskWord": 8, "KCells": 6, "NCells": 9, "MaxMaps": 2}

_STORES = {"MaskWord": 8, "KCells": 6, "NCells": 9, "AccDepth": 64}

BLOCK_BENCHES: tuple[Bench, ...] = (
    Bench(
        name="ffp_release",
        top="lac_ffp_release",
        module="tb.flexflow_pro.blocks.release_tests",
        rtl=_ROOMS,
        tests=(
            "smoke",
            "random_none",
            "random_random",
            "extremes",
            "reset_mid",
            "directed_clear_after_start",
        ),
        configs={"default": {"Num": 4, "Ahead": 3}, "one": {"Num": 1, "Ahead": 1}, "r16": {}},
        verilator=(),
        slow=("one", "r16"),
    ),
    Bench(
        name="ffp_scan",
        top="lac_ffp_scan",
        module="tb.flexflow_pro.blocks.scan_tests",
        rtl=_ROOMS,
        tests=(
            "smoke",
            "random_none",
            "random_random",
            "random_slow",
            "extremes",
            "throughput",
            "directed_room",
            "reset_mid",
            "directed_clear_after_start",
        ),
        configs={
            "default": _STORES,
            "m16": {},
            "m4": {"MaskWord": 4, "KCells": 64, "NCells": 64},
            "one": {"MaskWord": 4, "KCells": 1, "NCells": 2, "AccDepth": 8},
        },
        slow=("m16", "m4", "one"),
    ),
    Bench(
        name="ffp_geom",
        top="lac_ffp_geom",
        module="tb.flexflow_pro.blocks.geom_tests",
        rtl=_ROOMS,
        tests=("smoke", "extremes", "directed_two", "reset_mid", "random_none"),
        configs={
            "default": _SMALL | {"ActDepth": 50, "AccDepth": 60, "AccWidth": 20},
            "r16": {},
            "r32": {"Rows": 32, "Cols": 31, "KCells": 64, "NCells": 64, "MaxMaps": 8}
            | {"ActDepth": 65536, "AccDepth": 65536},
            "r2": {"Rows": 2, "Cols": 2, "MaskWord": 4, "KCells": 4, "NCells": 5}
            | {"ActDepth": 9, "AccDepth": 12},
        },
        verilator=(),
        slow=("r16", "r32", "r2"),
    ),
    Bench(
        name="ffp_act_load",
        top="lac_tb_ffp_act_load",
        sources=("tb/flexflow_pro/blocks/lac_tb_ffp_act_load.sv", LOAD_RX),
        module="tb.flexflow_pro.blocks.act_load_tests",
        rtl=_ROOMS,
        tests=(*_LOADER, "extremes"),
        configs={
            "default": {"Cols": 3, "MaskWord": 8, "ActDepth": 20},
            "m4": {"Cols": 2, "MaskWord": 4, "ActDepth": 33},
            "c16": {},
        },
        verilator=(),
        slow=("m4", "c16"),
    ),
    Bench(
        name="ffp_wgt_load",
        top="lac_tb_ffp_wgt_load",
        sources=("tb/flexflow_pro/blocks/lac_tb_ffp_wgt_load.sv", LOAD_RX),
        module="tb.flexflow_pro.blocks.wgt_load_tests",
        rtl=_ROOMS,
        tests=(*_LOADER, "directed_units", "bad_order", "bad_value"),
        configs={
            "default": {"Rows": 4, "Cols": 3, "MaskWord": 8, "KCells": 5, "BiasWidth": 20},
            "c16": {"MaxMaps": 6, "BiasWidth": 31},
            "m4": {"Rows": 2, "Cols": 2, "MaskWord": 4, "KCells": 1, "MaxMaps": 2},
        },
        verilator=(),
        slow=("c16", "m4"),
    ),
    Bench(
        name="ffp_pe",
        top="lac_ffp_pe",
        module="tb.flexflow_pro.blocks.pe_tests",
        rtl=_ROOMS,
        tests=(
            "smoke",
            "random_none",
            "random_random",
            "random_slow",
            "extremes",
            "throughput",
            "directed_full",
            "reset_mid",
            "directed_clear_after_start",
        ),
        configs={
            "default": _STORES,
            "b1": {"MaskWord": 4, "KCells": 8, "NCells": 8, "BusWords": 1, "FifoDepth": 1},
            "m16": {"FifoDepth": 5},
            "one": {"MaskWord": 4, "KCells": 1, "NCells": 2, "AccDepth": 8},
        },
        slow=("b1", "m16", "one"),
    ),
    Bench(
        name="ffp_feed",
        top="lac_ffp_feed",
        module="tb.flexflow_pro.blocks.feed_tests",
        rtl=_ROOMS,
        tests=(
            "smoke",
            "random_none",
            "random_random",
            "random_slow",
            "extremes",
            "throughput",
            "directed_room",
            "reset_mid",
            "directed_clear_after_start",
        ),
        configs={
            "default": {"MaskWord": 8, "NCells": 9, "ActDepth": 120, "AccDepth": 64},
            "b1": {"MaskWord": 4, "NCells": 6, "BusWords": 1, "ActDepth": 100},
            "m16": {},
        },
        slow=("b1", "m16"),
    ),
    Bench(
        name="ffp_row",
        top="lac_ffp_row",
        module="tb.flexflow_pro.blocks.row_tests",
        rtl=_ROOMS,
        tests=(
            "smoke",
            "random_none",
            "random_random",
            "random_slow",
            "extremes",
            "throughput",
            "directed_starved",
            "reset_mid",
            "directed_clear_after_start",
        ),
        configs={
            "default": _STORES | {"Cols": 3, "MaskWord": 4, "AccWidth": 35, "BiasWidth": 20},
            "c2": {"Cols": 2, "BusWords": 1, "KCells": 4, "NCells": 6, "FifoDepth": 1}
            | {"MaxMaps": 2, "AccDepth": 40},
            "c8": {"Cols": 8, "MaskWord": 8, "AccDepth": 100, "FifoDepth": 4},
        },
        slow=("c2", "c8"),
    ),
    Bench(
        name="ffp_events",
        top="lac_ffp_events",
        module="tb.flexflow_pro.blocks.events_tests",
        rtl=_ROOMS,
        tests=("smoke", "directed_step", "random_random", "extremes", "reset_mid"),
        configs={"default": {"Rows": 4, "Cols": 3, "MaskWord": 8}, "r16": {}},
        verilator=(),
        slow=("r16",),
    ),
)
