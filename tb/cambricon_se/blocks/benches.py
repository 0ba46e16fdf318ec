"""The benches of Cambricon-SE's blocks."""

from __future__ import annotations

from tb.common.bfm.streams import PROFILES
from tb.common.sim.bench import Bench

_ROOMS = ("common", "array", "cambricon_se")
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
        configs={"default": {"Pes": 4}, "two": {"Pes": 2}, "p16": {}},
        slow=("two", "p16"),
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
)
