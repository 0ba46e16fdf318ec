"""The benches of what the format decoders share, one per module."""

from __future__ import annotations

from tb.common.bfm.streams import PROFILES
from tb.common.sim.bench import Bench

_RANDOM = tuple(f"random_{profile}" for profile in PROFILES)


def _part(name: str, tests: tuple[str, ...], configs: dict[str, dict[str, int]]) -> Bench:
    return Bench(
        name=f"fmt_{name}",
        top=f"lac_fmt_{name}",
        module=f"tb.formats.{name}_tests",
        tests=tests,
        rtl=("common", "formats"),
        configs=configs,
    )


PART_BENCHES: tuple[Bench, ...] = (
    _part(
        "bits",
        (
            "smoke",
            *_RANDOM,
            "extremes",
            "throughput",
            "directed_ends",
            "directed_discard",
            "reset_mid",
        ),
        {
            "default": {"WordWidth": 64, "WindowWords": 1},
            "two": {"WordWidth": 32, "WindowWords": 2},
        },
    ),
    _part(
        "out",
        (
            "smoke",
            *_RANDOM,
            "extremes",
            "throughput",
            "directed_errors",
            "directed_blocked",
            "reset_mid",
        ),
        {
            "default": {
                "NumLanes": 4,
                "ValueWidth": 5,
                "TileRows": 8,
                "TileCols": 16,
                "LineWidth": 2,
            },
            "one": {"NumLanes": 1},
        },
    ),
    _part(
        "ptr",
        ("smoke", *_RANDOM, "extremes", "throughput", "directed_faults", "reset_mid"),
        {
            "default": {"WordWidth": 32, "Lines": 9, "PtrWidth": 8},
            "single": {"WordWidth": 32, "Lines": 5, "PtrWidth": 17, "WindowWidth": 64},
        },
    ),
    _part(
        "scan",
        ("smoke", "extremes", "random_none"),
        {
            "default": {"NumSlots": 8, "SlotWidth": 8, "NumLanes": 4, "LevelWidth": 7},
            "odd": {"NumSlots": 5, "SlotWidth": 3, "NumLanes": 16, "LevelWidth": 5},
        },
    ),
    _part(
        "lanes",
        ("smoke", *_RANDOM, "extremes", "throughput", "reset_mid"),
        {
            "default": {"NumSlots": 8, "NumLanes": 4},
            "few": {"NumSlots": 3, "NumLanes": 4, "DataWidth": 5, "BaseWidth": 11},
        },
    ),
    _part(
        "walk",
        ("smoke", "extremes", "random_none"),
        {
            "default": {"Rows": 5, "Cols": 10, "MaxStep": 10},
            "many": {"Rows": 8, "Cols": 3, "MaxStep": 11},
        },
    ),
    Bench(
        name="fmt_logic",
        top="lac_tb_fmt_logic",
        module="tb.formats.logic_tests",
        tests=("smoke", "extremes", "random_none"),
        rtl=("common", "formats"),
        sources=("tb/formats/lac_tb_fmt_logic.sv",),
    ),
    Bench(
        name="fmt_flow",
        top="lac_tb_fmt_flow",
        module="tb.formats.flow_tests",
        tests=(
            "smoke",
            *_RANDOM,
            "extremes",
            "throughput",
            "directed_clear",
            "reset_mid",
        ),
        rtl=("common", "formats"),
        sources=("tb/formats/lac_tb_fmt_flow.sv",),
        configs={
            "default": {"NumSlots": 64, "NumLanes": 4},
            "few": {"NumSlots": 8, "NumLanes": 16},
        },
    ),
    _part(
        "masks",
        ("smoke", "random_none", "extremes", "bad_masks", "reset_mid"),
        {
            "default": {"WordWidth": 64, "ValueWidth": 8, "NumSlots": 4, "Rows": 9, "Cols": 13},
            "many": {"WordWidth": 32, "ValueWidth": 2, "NumSlots": 17, "Rows": 8, "Cols": 16},
        },
    ),
)
