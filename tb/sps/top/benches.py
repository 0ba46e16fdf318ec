"""The benches of the whole of SPS: what must work, and what must go wrong in good order.

The memories are small, so that ordinary layers are cut. Both benches use the same builds.
"""

from __future__ import annotations

from tb.array import names as array_names
from tb.common.sim.bench import Bench
from tb.common.tests import names

_SMALL = {"ActDepth": 96, "WgtDepth": 80, "AccDepth": 64, "BiasDepth": 5}
_TABLES = {"KernelSize": 3, "TableDepth": 40, "MaxKt": 20, "MaxCt": 21}
_A4 = {"Rows": 4, "Cols": 4, "AccWidth": 40, **_SMALL, **_TABLES}

CONFIGS: dict[str, dict[str, int]] = {
    "a4": _A4,
    # One offset for all rows; sizes that are no powers of two.
    "a4x8_shared": {
        **_A4,
        "Cols": 8,
        "WgtWidth": 8,
        "AccWidth": 32,
        "RowOffsets": 0,
        "MaxPeriod": 5,
    },
    "a8": {**_A4, "Rows": 8, "Cols": 8, "ActWidth": 8, "WgtDepth": 160, "BiasWidth": 24},
}
_ROOMS = ("common", "array", "sps")

TOP_BENCHES: tuple[Bench, ...] = (
    Bench(
        name="sps",
        top="lac_sps",
        module="tb.sps.top.tests",
        rtl=_ROOMS,
        tests=("smoke", *array_names.TOP),
        configs=CONFIGS,
        icarus=("a4",),
        verilator=("a4",),
        slow=("a4x8_shared", "a8"),
        long=names.LONG["top"],
        timeout=900.0,
    ),
    Bench(
        name="sps_bad",
        top="lac_sps",
        module="tb.sps.top.error_tests",
        rtl=_ROOMS,
        tests=("bad_wgt_header", "bad_wgt_order", "bad_wgt_value", "bad_scan", *array_names.BAD),
        configs=CONFIGS,
        icarus=("a4",),
        verilator=("a4",),
        slow=("a4x8_shared", "a8"),
        long=names.LONG["errors"],
        timeout=900.0,
    ),
    Bench(
        name="sps_driver",
        top="lac_sps",
        module="tb.sps.top.driver_tests",
        rtl=_ROOMS,
        tests=("directed_driver",),
        configs={"a4": _A4},
        verilator=(),  # the simulator makes no difference to C
        timeout=900.0,
    ),
    Bench(
        name="sps_unknown",
        top="lac_sps",
        module="tb.sps.top.unknown_tests",
        rtl=_ROOMS,
        tests=("directed_unknown",),
        configs={"a4": _A4},
        simulators=("icarus",),  # the one with four states
        timeout=900.0,
    ),
    Bench(
        name="sps_leftover",
        top="lac_sps",
        module="tb.sps.top.leftover_tests",
        rtl=_ROOMS,
        tests=("bad_leftover_sweep",),
        configs={"a4": _A4},
        slow=("a4",),
        timeout=1800.0,
    ),
)
