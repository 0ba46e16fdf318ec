"""The benches of the whole dense array: what must work, and what must go wrong in good order.

The memories are small, so that ordinary layers are cut. Both benches use the same builds.
"""

from __future__ import annotations

from tb.array import names as array_names
from tb.common.sim.bench import Bench
from tb.common.tests import names

CONFIGS: dict[str, dict[str, int]] = {
    "a4": {
        "Rows": 4,
        "Cols": 4,
        "AccWidth": 40,
        "ActDepth": 96,
        "WgtDepth": 80,
        "AccDepth": 64,
        "BiasDepth": 5,
    },
    "a8x4": {
        "Rows": 8,
        "Cols": 4,
        "ActWidth": 8,
        "AccWidth": 32,
        "ActDepth": 70,
        "WgtDepth": 150,
        "AccDepth": 60,
        "BiasDepth": 4,
    },
    "a4x8": {
        "Rows": 4,
        "Cols": 8,
        "WgtWidth": 8,
        "AccWidth": 32,
        "ActDepth": 100,
        "WgtDepth": 60,
        "AccDepth": 50,
        "BiasDepth": 6,
    },
    # Sizes that are no powers of two; pixels and weight rows of half a stream word.
    "odd": {
        "Rows": 4,
        "Cols": 4,
        "ActWidth": 8,
        "WgtWidth": 8,
        "AccWidth": 20,
        "ActDepth": 61,
        "WgtDepth": 61,
        "AccDepth": 49,
        "BiasDepth": 3,
        "BiasWidth": 17,
    },
    # An accumulator narrower than the sums of the array, that ordinary layers drive to both rails.
    "rails": {
        "Rows": 4,
        "Cols": 4,
        "ActWidth": 8,
        "WgtWidth": 8,
        "AccWidth": 17,
        "ActDepth": 64,
        "WgtDepth": 64,
        "AccDepth": 64,
        "BiasDepth": 4,
        "BiasWidth": 17,
    },
    "a16": {
        "Rows": 16,
        "Cols": 16,
        "ActDepth": 256,
        "WgtDepth": 320,
        "AccDepth": 128,
        "BiasDepth": 8,
    },
    "a8": {
        "Rows": 8,
        "Cols": 8,
        "ActDepth": 128,
        "WgtDepth": 160,
        "AccDepth": 96,
        "BiasDepth": 6,
    },
    "a32": {
        "Rows": 32,
        "Cols": 32,
        "ActDepth": 256,
        "WgtDepth": 640,
        "AccDepth": 96,
        "BiasDepth": 4,
    },
    "a4x32": {
        "Rows": 4,
        "Cols": 32,
        "ActDepth": 64,
        "WgtDepth": 64,
        "AccDepth": 64,
        "BiasDepth": 3,
    },
    "a32x8": {
        "Rows": 32,
        "Cols": 8,
        "ActWidth": 8,
        "WgtWidth": 8,
        "AccWidth": 32,
        "ActDepth": 128,
        "WgtDepth": 640,
        "AccDepth": 96,
        "BiasDepth": 4,
    },
}

TOP_BENCHES: tuple[Bench, ...] = (
    Bench(
        name="dense",
        top="lac_dense",
        module="tb.dense.top.tests",
        rtl=("common", "array", "dense"),
        tests=("smoke", "directed_geometry", *array_names.TOP),
        configs=CONFIGS,
        icarus=("a4",),
        verilator=("odd", "rails"),
        slow=("a4x8", "a8", "a16", "a32", "a4x32", "a32x8"),
        long=names.LONG["top"],
        timeout=900.0,
    ),
    Bench(
        name="dense_bad",
        top="lac_dense",
        module="tb.dense.top.error_tests",
        rtl=("common", "array", "dense"),
        tests=("bad_wgt_header", "bad_wgt_order", "bad_wgt_value", *array_names.BAD),
        configs={name: CONFIGS[name] for name in ("a4", "a8x4", "a4x8", "odd", "rails")},
        icarus=("a4",),
        verilator=("odd",),
        slow=("a4x8",),
        long=names.LONG["errors"],
        timeout=900.0,
    ),
    Bench(
        name="dense_driver",
        top="lac_dense",
        module="tb.dense.top.driver_tests",
        rtl=("common", "array", "dense"),
        tests=("directed_driver",),
        configs={"a4": CONFIGS["a4"]},
        verilator=(),  # the simulator makes no difference to C
        timeout=900.0,
    ),
    Bench(
        name="dense_unknown",
        top="lac_dense",
        module="tb.dense.top.unknown_tests",
        rtl=("common", "array", "dense"),
        tests=("directed_unknown",),
        configs={"a4": CONFIGS["a4"]},
        simulators=("icarus",),  # the one with four states
        timeout=900.0,
    ),
    Bench(
        name="dense_leftover",
        top="lac_dense",
        module="tb.dense.top.leftover_tests",
        rtl=("common", "array", "dense"),
        tests=("bad_leftover_sweep",),
        configs={"a4": CONFIGS["a4"]},
        slow=("a4",),
        timeout=1800.0,
    ),
)
