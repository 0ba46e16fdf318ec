"""The benches of EIE's blocks, one per module."""

from __future__ import annotations

from tb.common.bench import Bench
from tb.common.streams import PROFILES

_RANDOM = tuple(f"random_{profile}" for profile in PROFILES)

LEAF_BENCHES: tuple[Bench, ...] = (
    Bench(
        name="eie_spmat_read",
        top="lac_eie_spmat_read",
        module="tb.eie.spmat_read_tests",
        rtl=("common", "eie"),
        tests=(
            "smoke",
            "directed_borders",
            "directed_padding",
            "directed_empty",
            "directed_held_row",
            "directed_clear",
            *_RANDOM,
            "extremes",
            "throughput",
            "reset_mid",
        ),
        configs={
            "default": {"SpmatDepth": 32, "PtrWidth": 9},
            "lanes4": {"CodeWidth": 4, "IdxWidth": 4, "SpmatWidth": 32, "SpmatDepth": 9},
            "lanes2": {
                "ActWidth": 8,
                "CodeWidth": 1,
                "IdxWidth": 1,
                "SpmatWidth": 4,
                "SpmatDepth": 3,
                "PtrWidth": 3,
                "StepWidth": 3,
            },
            "lanes16": {
                "CodeWidth": 2,
                "IdxWidth": 6,
                "SpmatWidth": 128,
                "SpmatDepth": 5,
                "StepWidth": 6,
            },
        },
    ),
    Bench(
        name="eie_arith",
        top="lac_eie_arith",
        module="tb.eie.arith_tests",
        rtl=("common", "eie"),
        tests=(
            "smoke",
            "directed_same_row",
            "directed_books",
            "directed_clear",
            *_RANDOM,
            "extremes",
            "throughput",
            "reset_mid",
            "bad_row",
            "bad_overflow",
        ),
        configs={
            "default": {},
            "small": {
                "ActWidth": 8,
                "WgtWidth": 2,
                "AccWidth": 9,
                "CodeWidth": 1,
                "StepWidth": 2,
                "ActRegs": 1,
                "NumCodebooks": 1,
            },
            "odd": {
                "WgtWidth": 5,
                "AccWidth": 20,
                "CodeWidth": 3,
                "StepWidth": 5,
                "ActRegs": 5,
                "NumCodebooks": 3,
            },
            "wide": {"AccWidth": 48, "CodeWidth": 5, "ActRegs": 128, "StepWidth": 9},
        },
    ),
    Bench(
        name="eie_ptr_read",
        top="lac_eie_ptr_read",
        module="tb.eie.ptr_read_tests",
        rtl=("common", "eie"),
        tests=(
            "smoke",
            "directed_columns",
            "directed_empty",
            "directed_clear",
            *_RANDOM,
            "extremes",
            "throughput",
            "reset_mid",
            "bad_order",
            "bad_range",
        ),
        configs={
            "default": {"PtrDepth": 256, "NumEntries": 4096},
            "tiny": {
                "ActWidth": 8,
                "ColWidth": 1,
                "PtrWidth": 1,
                "PtrDepth": 2,
                "NumEntries": 1,
                "DescDepth": 1,
            },
            "odd": {
                "ColWidth": 5,
                "PtrWidth": 7,
                "PtrDepth": 22,
                "NumEntries": 100,
                "DescDepth": 3,
            },
        },
    ),
)
