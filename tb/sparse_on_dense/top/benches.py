"""The benches of the whole of Sparse-on-Dense: what must work, what must go wrong in good order.

The memories are small, so that ordinary layers are cut. Both benches use the same builds.
"""

from __future__ import annotations

from tb.array import names as array_names
from tb.common.sim.bench import Bench
from tb.common.tests import names

_SMALL = {"ActDepth": 96, "WgtDepth": 80, "AccDepth": 64, "BiasDepth": 5}
# An accumulator that sums of 8-bit weights can leave within a few passes.
_BYTES = {"WgtWidth": 8, "AccWidth": 28, "BiasWidth": 24}
_NARROW = {"ActWidth": 8, "WgtWidth": 8}
_A4 = {"Rows": 4, "Cols": 4, "AccWidth": 36, **_SMALL}
_CSC, _BITMAP, _NM = ({"WgtFormat": number} for number in range(3))

CONFIGS: dict[str, dict[str, int]] = {
    "csc": {**_A4, **_CSC, "NumUnits": 2},
    "bitmap-l4": {**_A4, **_BITMAP, "NumUnits": 1, "NumLanes": 4, **_BYTES},
    "nm-l4": {**_A4, **_NM, "NumUnits": 1, "NumLanes": 4, "Cols": 8, **_BYTES},
    # One row per unit; sizes that are no powers of two; half a stream word per pixel.
    "csc-odd": {
        "Rows": 4,
        "Cols": 4,
        **_NARROW,
        "AccWidth": 20,
        "ActDepth": 61,
        "WgtDepth": 61,
        "AccDepth": 49,
        "BiasDepth": 3,
        "BiasWidth": 17,
        **_CSC,
        "NumUnits": 4,
    },
    # An accumulator narrower than the sums of the array, that ordinary layers drive to both rails.
    "bitmap-rails": {
        "Rows": 4,
        "Cols": 4,
        **_NARROW,
        **_SMALL,
        "AccWidth": 17,
        "BiasWidth": 17,
        **_BITMAP,
        "NumUnits": 2,
    },
    "csc-8x4": {**_A4, **_CSC, "Rows": 8, "NumUnits": 1, "ActWidth": 8},
    "bitmap-8x4": {**_A4, **_BITMAP, "Rows": 8, "NumUnits": 8, "NumLanes": 1},
    "bitmap-l4-8x8": {**_A4, **_BITMAP, "Rows": 8, "Cols": 8, "NumUnits": 2, "NumLanes": 4},
    "nm-8x4": {**_A4, **_NM, "Rows": 8, "NumUnits": 4, "GroupN": 1, "GroupM": 2},
    # The largest groups.
    "nm-l16": {
        **_A4,
        **_NM,
        **_NARROW,
        "Cols": 16,
        "NumUnits": 2,
        "NumLanes": 16,
        "GroupN": 16,
        "GroupM": 16,
    },
    "bitmap-l16": {**_A4, **_BITMAP, **_NARROW, "Cols": 16, "NumUnits": 1, "NumLanes": 16},
    "csc-16": {
        "Rows": 16,
        "Cols": 16,
        "ActDepth": 256,
        "WgtDepth": 320,
        "AccDepth": 128,
        "BiasDepth": 8,
        **_CSC,
    },
    "csc-32": {
        "Rows": 32,
        "Cols": 32,
        "ActDepth": 256,
        "WgtDepth": 640,
        "AccDepth": 128,
        "BiasDepth": 4,
        **_CSC,
    },
    "csc-4x32": {**_A4, **_CSC, "Cols": 32, "NumUnits": 2, "WgtDepth": 160},
}

BAD_CONFIGS = ("csc", "bitmap-l4", "nm-l4", "csc-odd", "bitmap-rails", "nm-8x4")

TOP_BENCHES: tuple[Bench, ...] = (
    Bench(
        name="sparse_on_dense",
        top="lac_sparse_on_dense",
        module="tb.sparse_on_dense.top.tests",
        rtl=("common", "array", "formats", "sparse_on_dense"),
        tests=(
            *("smoke", "directed_parts", "directed_pace", "directed_reads"),
            *array_names.TOP,
        ),
        configs=CONFIGS,
        icarus=("csc",),
        verilator=("bitmap-l4", "nm-l4"),
        slow=tuple(CONFIGS)[3:],
        long=names.LONG["top"],
        timeout=900.0,
    ),
    Bench(
        name="sparse_on_dense_bad",
        top="lac_sparse_on_dense",
        module="tb.sparse_on_dense.top.error_tests",
        rtl=("common", "array", "formats", "sparse_on_dense"),
        tests=(
            *("bad_wgt_header", "bad_wgt_order", "bad_wgt_value", "bad_wgt_format"),
            *("bad_units", "bad_bank_end"),
            *array_names.BAD,
        ),
        configs={name: CONFIGS[name] for name in BAD_CONFIGS},
        icarus=("csc",),
        verilator=("csc",),
        slow=BAD_CONFIGS[3:],
        long=names.LONG["errors"],
        timeout=900.0,
    ),
    Bench(
        name="sparse_on_dense_driver",
        top="lac_sparse_on_dense",
        module="tb.sparse_on_dense.top.driver_tests",
        rtl=("common", "formats", "array", "sparse_on_dense"),
        tests=("directed_driver",),
        configs={"csc": CONFIGS["csc"]},
        verilator=(),  # the simulator makes no difference to C
        timeout=900.0,
    ),
    Bench(
        name="sparse_on_dense_unknown",
        top="lac_sparse_on_dense",
        module="tb.sparse_on_dense.top.unknown_tests",
        rtl=("common", "array", "formats", "sparse_on_dense"),
        tests=("directed_unknown",),
        configs={name: CONFIGS[name] for name in ("csc", "bitmap-l4", "nm-l4")},
        simulators=("icarus",),  # the one with four states
        slow=("bitmap-l4", "nm-l4"),
        timeout=900.0,
    ),
    Bench(
        name="sparse_on_dense_leftover",
        top="lac_sparse_on_dense",
        module="tb.sparse_on_dense.top.leftover_tests",
        rtl=("common", "array", "formats", "sparse_on_dense"),
        tests=("bad_leftover_sweep",),
        configs={"csc": CONFIGS["csc"]},
        slow=("csc",),
        timeout=1800.0,
    ),
)
