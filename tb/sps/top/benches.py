"""The benches of the whole of SPS: what must work, what must go wrong in good order.

The memories are small, so that ordinary layers are cut. All benches use the same builds.
"""

from __future__ import annotations

from tb.array import names as array_names
from tb.common.sim.bench import Bench
from tb.common.tests import names

_MEMORIES = {"ActDepth": 160, "WgtDepth": 200, "AccDepth": 64, "BiasDepth": 5}
_TABLES = {"KernelSize": 15, "TableDepth": 40, "MaxKt": 20, "MaxCt": 18}
_A4 = {"Rows": 4, "Cols": 4, "AccWidth": 40, **_MEMORIES, **_TABLES}

CONFIGS: dict[str, dict[str, int]] = {
    "a4": _A4,
    # One offset for all rows; as many columns as a tile has steps.
    "shared": {
        **_A4,
        "Cols": 8,
        "RowOffsets": 0,
        "ActWidth": 8,
        "AccWidth": 32,
        "KernelSize": 4,
    },
    # Scans longer than the pixels of small tiles.
    "a8x4": {
        **_A4,
        "Rows": 8,
        "WgtWidth": 8,
        "AccWidth": 32,
        "WgtDepth": 300,
        "ActDepth": 100,
        "MaxPeriod": 8,
        "KernelSize": 7,
        "TableDepth": 60,
    },
    # Sizes that are no powers of two; pixels and weight rows of half a stream word.
    "odd": {
        "Rows": 4,
        "Cols": 4,
        "ActWidth": 8,
        "WgtWidth": 8,
        "AccWidth": 20,
        "ActDepth": 91,
        "WgtDepth": 121,
        "AccDepth": 49,
        "BiasDepth": 3,
        "BiasWidth": 17,
        "MaxPeriod": 3,
        "KernelSize": 3,
        "TableDepth": 21,
        "MaxKt": 17,
        "MaxCt": 17,
    },
    # An accumulator narrower than the sums of the array, that ordinary layers drive to both rails.
    "rails": {
        **_A4,
        "ActWidth": 8,
        "WgtWidth": 8,
        "AccWidth": 17,
        "BiasWidth": 17,
        "RowOffsets": 0,
        "MaxPeriod": 4,
        "KernelSize": 3,
    },
    "a8": {**_A4, "Rows": 8, "Cols": 8, "WgtWidth": 8, "WgtDepth": 300, "BiasDepth": 6},
    "a16": {
        **_A4,
        "Rows": 16,
        "Cols": 16,
        "AccWidth": 48,
        "ActDepth": 256,
        "WgtDepth": 700,
        "AccDepth": 128,
        "BiasDepth": 8,
        "TableDepth": 144,
        "KernelSize": 7,
    },
    "a4x32": {**_A4, "Cols": 32, "BiasDepth": 3, "KernelSize": 15, "TableDepth": 256},
    "a32x8": {
        **_A4,
        "Rows": 32,
        "Cols": 8,
        "ActWidth": 8,
        "WgtWidth": 8,
        "AccWidth": 32,
        "WgtDepth": 1000,
        "BiasDepth": 4,
    },
}
BAD_CONFIGS = ("a4", "shared", "a8x4", "odd", "rails")

#: Of ``traps.py``.
TRAPS = (
    *("directed_period_one", "directed_period_long", "directed_few_outputs"),
    *("directed_channels", "directed_full_and_empty", "directed_border", "directed_periods"),
    *("directed_stride", "directed_steps", "directed_residues", "directed_orders"),
    *("directed_tables", "directed_chain"),
)

#: What ``make test`` leaves to Verilator: Icarus takes seconds for each of them.
SLOW = (
    *("directed_geometry", "directed_border", "directed_steps", "directed_stride"),
    *("directed_few_outputs", "directed_density", "directed_cuts", "extremes", "stress"),
    "reset_mid",
)
SLOW_BAD = (
    *("bad_wgt_header", "bad_tables", "bad_both", "bad_cut", "bad_accumulator", "bad_geometry"),
    *("bad_source_stops", "directed_limits", "directed_watchdog"),
)

_ROOMS = ("common", "array", "sps")

TOP_BENCHES: tuple[Bench, ...] = (
    Bench(
        name="sps",
        top="lac_sps",
        module="tb.sps.top.tests",
        rtl=_ROOMS,
        tests=("smoke", "directed_geometry", *TRAPS, *array_names.TOP),
        configs=CONFIGS,
        icarus=("shared",),
        verilator=("a4",),
        slow=tuple(CONFIGS)[4:],
        long=(*SLOW, *names.LONG["top"]),
        timeout=900.0,
    ),
    Bench(
        name="sps_bad",
        top="lac_sps",
        module="tb.sps.top.error_tests",
        rtl=_ROOMS,
        tests=(
            *("bad_wgt_header", "bad_wgt_order", "bad_wgt_value"),
            *("bad_residue", "bad_position", "bad_wgt_range", "bad_tables"),
            *("bad_repaired", "bad_cut", "bad_both"),
            *array_names.BAD,
        ),
        configs={name: CONFIGS[name] for name in BAD_CONFIGS},
        icarus=("shared",),
        verilator=("a4",),
        slow=BAD_CONFIGS[3:],
        long=(*SLOW_BAD, *names.LONG["errors"]),
        timeout=900.0,
    ),
    Bench(
        name="sps_driver",
        top="lac_sps",
        module="tb.sps.top.driver_tests",
        rtl=_ROOMS,
        tests=("directed_driver",),
        configs={"a4": CONFIGS["a4"]},
        verilator=(),  # the simulator makes no difference to C
        timeout=900.0,
    ),
    Bench(
        name="sps_unknown",
        top="lac_sps",
        module="tb.sps.top.unknown_tests",
        rtl=_ROOMS,
        tests=("directed_unknown",),
        configs={name: CONFIGS[name] for name in ("a4", "shared")},
        simulators=("icarus",),  # the one with four states
        slow=("shared",),
        timeout=900.0,
    ),
    Bench(
        name="sps_leftover",
        top="lac_sps",
        module="tb.sps.top.leftover_tests",
        rtl=_ROOMS,
        tests=("bad_leftover_sweep",),
        configs={"a4": CONFIGS["a4"]},
        slow=("a4",),
        timeout=1800.0,
    ),
)
