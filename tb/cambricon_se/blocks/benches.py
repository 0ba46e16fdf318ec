"""The benches of Cambricon-SE's blocks."""

from __future__ import annotations

from tb.common.bfm.streams import PROFILES
from tb.common.sim.bench import Bench
from tb.common.tests.names import LOAD_RX

_ROOMS = ("common", "array", "cambricon_se")
_ROOM = "tb/cambricon_se/blocks"
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
_SMALL = {"Pes": 2, "Lanes": 2, "Window": 8, "CodeRow": 4, "ListDepth": 6, "Regions": 3}
_NODE = {"Pes": 2, "Lanes": 2, "Window": 16, "CodeRow": 6, "ActDepth": 20, "ListDepth": 9}
_NODE |= {"Regions": 2, "AccDepth": 17, "AccWidth": 32, "BiasDepth": 5, "BiasWidth": 20}
_SELECT = ("smoke", "random_none", "random_random", "random_burst", "extremes", "reset_mid")

BLOCK_BENCHES: tuple[Bench, ...] = (
    Bench(
        name="cse_geom",
        top="lac_cse_geom",
        module="tb.cambricon_se.blocks.geom_tests",
        rtl=_ROOMS,
        tests=("smoke", "random_none"),
        configs={
            "default": {"ActDepth": 60, "AccDepth": 50, "AccWidth": 20, "BiasDepth": 3},
            "plain": {"HufLanes": 0},
            "c4": {"Cores": 4},
        },
        verilator=(),
        slow=("c4",),
    ),
    Bench(
        name="cse_packed",
        top="lac_cse_packed",
        module="tb.cambricon_se.blocks.select_tests",
        rtl=_ROOMS,
        tests=_SELECT,
        configs={
            "default": {"Window": 16, "Lanes": 4, "CodeRow": 12},
            "own": {"Window": 8, "Lanes": 2, "CodeRow": 8, "OwnRanks": 1},
            "w128": {},
            "full": {"Window": 16, "Lanes": 16, "CodeRow": 16},
        },
        slow=("w128", "full"),
    ),
    Bench(
        name="cse_hold",
        top="lac_cse_packed",
        module="tb.cambricon_se.blocks.hold_tests",
        rtl=_ROOMS,
        tests=("directed_hold",),
        configs={"default": {"Window": 16, "Lanes": 4, "CodeRow": 12}},
    ),
    Bench(
        name="cse_natural",
        top="lac_cse_natural",
        module="tb.cambricon_se.blocks.select_tests",
        rtl=_ROOMS,
        tests=_SELECT,
        configs={
            "default": {"Window": 16, "Lanes": 4, "CodeRow": 8},
            "w128": {},
            "full": {"Window": 16, "Lanes": 16, "CodeRow": 16},
        },
        slow=("w128", "full"),
    ),
    Bench(
        name="cse_pack",
        top="lac_cse_pack",
        module="tb.cambricon_se.blocks.pack_tests",
        rtl=_ROOMS,
        tests=(
            "smoke",
            *(f"random_{profile}" for profile in PROFILES),
            "extremes",
            "reset_mid",
            "directed_clear",
        ),
        configs={"default": {"Pes": 4}, "p16": {}, "two": {"Pes": 2}},
        slow=("two",),
    ),
    Bench(
        name="cse_unpack",
        top="lac_cse_unpack",
        module="tb.cambricon_se.blocks.unpack_tests",
        rtl=_ROOMS,
        tests=(
            "smoke",
            *(f"random_{profile}" for profile in PROFILES),
            "throughput",
            "bad_value",
            "bad_length",
            "reset_mid",
        ),
        configs={"default": {}, "each8": {"Each": 8}},
        slow=("each8",),
    ),
    Bench(
        name="cse_scan",
        top="lac_cse_scan",
        module="tb.cambricon_se.blocks.scan_tests",
        rtl=_ROOMS,
        tests=(
            "smoke",
            *(f"random_{profile}" for profile in ("none", "random", "burst", "slow")),
            "extremes",
            "directed_rows",
            "directed_marks",
            "reset_mid",
            "directed_clear_after_start",
        ),
        configs={
            "default": {"Window": 8, "ListDepth": 7},
            "two": {"Window": 64, "ListDepth": 2},
            "w128": {},
        },
        slow=("w128",),
    ),
    Bench(
        name="cse_neurons",
        top="lac_cse_neurons",
        module="tb.cambricon_se.blocks.neurons_tests",
        rtl=_ROOMS,
        tests=("smoke", "random_none", "random_random", "random_slow", "extremes", "reset_mid"),
        configs={"default": {"Window": 8, "ActDepth": 9}, "w128": {"ActDepth": 40}},
        verilator=(),
        slow=("w128",),
    ),
    Bench(
        name="cse_pe",
        top="lac_cse_pe",
        module="tb.cambricon_se.blocks.pe_tests",
        rtl=_ROOMS,
        tests=(
            "smoke",
            "random_none",
            "random_random",
            "random_burst",
            "extremes",
            "directed_overflow",
            "reset_mid",
        ),
        configs={
            "default": {"Lanes": 4, "CodeRow": 12, "ListDepth": 6, "AccDepth": 9, "AccWidth": 36}
            | {"BiasDepth": 3, "BiasWidth": 20},
            "natural": {"Lanes": 2, "CodeRow": 8, "Natural": 1, "ListDepth": 5, "AccDepth": 7}
            | {"AccWidth": 36, "BiasDepth": 1},
            "l16": {},
        },
        slow=("natural", "l16"),
    ),
    Bench(
        name="cse_node",
        top="lac_cse_node",
        module="tb.cambricon_se.blocks.node_tests",
        rtl=_ROOMS,
        tests=("smoke", "random_none", "extremes", "bad_sums", "bad_lists", "reset_mid"),
        configs={
            "default": _NODE,
            "natural": _NODE | {"Selector": 1, "Lanes": 4, "CodeRow": 8},
            "per_pe": _NODE | {"Selector": 2, "Window": 8, "Pes": 4},
            "w64": {"Pes": 4, "Lanes": 8, "Window": 64, "CodeRow": 24, "ActDepth": 40}
            | {"ListDepth": 12, "AccDepth": 30, "AccWidth": 32, "BiasDepth": 6},
        },
        verilator=("default", "per_pe"),
        slow=("w64",),
    ),
    Bench(
        name="cse_events",
        top="lac_cse_events",
        module="tb.cambricon_se.blocks.events_tests",
        rtl=_ROOMS,
        tests=("smoke", "random_random", "extremes", "reset_mid"),
        configs={
            "default": {"Pes": 2, "Lanes": 4, "Window": 8, "CodeRow": 4, "PerPe": 1},
            "c4": {"Cores": 4},
        },
        verilator=(),
        slow=("c4",),
    ),
    Bench(
        name="cse_act_load",
        top="lac_tb_cse_act_load",
        sources=(f"{_ROOM}/lac_tb_cse_act_load.sv", LOAD_RX),
        module="tb.cambricon_se.blocks.act_load_tests",
        rtl=_ROOMS,
        tests=(*_LOADER, "extremes"),
        configs={"default": {"Window": 16, "ActDepth": 11}, "w8": {"Window": 8}, "w128": {}},
        verilator=(),
        slow=("w8", "w128"),
    ),
    Bench(
        name="cse_wgt_load",
        top="lac_tb_cse_wgt_load",
        sources=(f"{_ROOM}/lac_tb_cse_wgt_load.sv", LOAD_RX),
        module="tb.cambricon_se.blocks.wgt_load_tests",
        rtl=_ROOMS,
        tests=(*_LOADER, "directed_units", "bad_order", "bad_bias", "bad_value", "bad_mask"),
        configs={
            "default": _SMALL | {"BiasDepth": 5, "BiasWidth": 20},
            "natural": _SMALL | {"Selector": 1, "Window": 32, "Lanes": 4, "CodeRow": 16},
            "per_pe": _SMALL | {"Selector": 2, "Window": 64, "CodeRow": 14, "Cores": 4},
            "w128": {"Selector": 2, "BiasWidth": 31},
            "w256": {"Cores": 1, "Window": 256, "CodeRow": 256, "Regions": 1, "BiasDepth": 1},
        },
        verilator=(),
        slow=("w128", "w256"),
    ),
    Bench(
        name="cse_huffman",
        top="lac_tb_cse_huffman",
        sources=(f"{_ROOM}/lac_tb_cse_huffman.sv", LOAD_RX),
        module="tb.cambricon_se.blocks.huffman_tests",
        rtl=_ROOMS,
        tests=(
            "smoke",
            *(f"random_{profile}" for profile in PROFILES),
            "throughput",
            "extremes",
            "bad_table",
            "bad_code",
            "bad_end",
            "bad_length",
            "reset_mid",
            "directed_clear",
            "directed_clear_after_start",
            "directed_discard",
        ),
        configs={
            "default": {"CodeRow": 12, "HufLanes": 8, "ListDepth": 32},
            "two": {"CodeRow": 28, "HufLanes": 16, "ListDepth": 32},
            "few": {"CodeRow": 4, "HufLanes": 8, "ListDepth": 32},
            "full": {},
        },
        slow=("few", "full"),
    ),
)
