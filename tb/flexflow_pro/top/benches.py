"""The benches of the whole of FlexFlow-Pro: what must work, what must go wrong in good order.

The memories are small, so that ordinary layers are cut. All benches use the same builds.
"""

from __future__ import annotations

from tb.common.sim.bench import Bench
from tb.common.tests import names

_ROOMS = ("common", "array", "flexflow_pro")
_2X3 = {"Rows": 2, "Cols": 3, "MaskWord": 4, "KCells": 6, "NCells": 8, "MaxMaps": 2}

CONFIGS: dict[str, dict[str, int]] = {
    # Accumulators that biases bring to both rails.
    "2x3": {**_2X3, "ActDepth": 48, "AccDepth": 48, "AccWidth": 32},
    # The other end of each choice, and biases that can be too wide.
    "4x4": {
        "Rows": 4,
        "Cols": 4,
        "MaskWord": 8,
        "KCells": 8,
        "NCells": 10,
        "MaxMaps": 4,
        "FifoDepth": 1,
        "BusWords": 1,
        "ActDepth": 64,
        "AccDepth": 64,
        "AccWidth": 36,
        "BiasWidth": 20,
    },
    "8x2": {"Rows": 8, "Cols": 2, "FifoDepth": 5, "KCells": 12, "NCells": 20, "ActDepth": 100}
    | {"AccDepth": 80, "AccWidth": 36},
    "r16": {"ActDepth": 64, "AccDepth": 64},
}
BAD_CONFIGS = ("2x3", "4x4", "8x2")

#: Of ``traps.py``.
TRAPS = (
    *("directed_no_weight", "directed_no_neuron", "directed_one_pe", "directed_fifo"),
    *("directed_threshold", "directed_cuts", "directed_last_pixel", "directed_maps"),
    *("directed_one_map", "directed_short", "directed_ring", "directed_lock_step"),
    *("directed_passes", "extremes"),
)

#: What ``make test`` leaves to Verilator: Icarus takes seconds for each of them.
SLOW = (
    *("directed_last_pixel", "directed_ring", "directed_maps", "directed_passes", "extremes"),
    *("directed_cuts", "directed_rails", "random_mixed", "stress", "reset_mid"),
)
SLOW_BAD = (
    *("bad_geometry", "bad_wgt_header", "bad_cfg_busy", "bad_start_busy", "bad_source_stops"),
    *("directed_limits", "directed_watchdog"),
)

TOP_BENCHES: tuple[Bench, ...] = (
    Bench(
        name="flexflow_pro",
        top="lac_flexflow_pro",
        module="tb.flexflow_pro.top.tests",
        rtl=_ROOMS,
        tests=("smoke", *TRAPS, *names.TOP),
        configs=CONFIGS,
        icarus=("2x3",),
        verilator=("4x4",),
        slow=tuple(CONFIGS)[2:],
        long=(*SLOW, *names.LONG["top"]),
        timeout=900.0,
    ),
    Bench(
        name="flexflow_pro_bad",
        top="lac_flexflow_pro",
        module="tb.flexflow_pro.top.error_tests",
        rtl=_ROOMS,
        tests=(
            *("bad_wgt_header", "bad_wgt_order", "bad_wgt_value", "bad_geometry"),
            "bad_accumulator",
            *names.ERRORS,
        ),
        configs={name: CONFIGS[name] for name in BAD_CONFIGS},
        icarus=("2x3",),
        verilator=("4x4",),
        slow=("8x2",),
        long=(*SLOW_BAD, *names.LONG["errors"]),
        timeout=900.0,
    ),
    Bench(
        name="flexflow_pro_driver",
        top="lac_flexflow_pro",
        module="tb.flexflow_pro.top.driver_tests",
        rtl=_ROOMS,
        tests=("directed_driver",),
        configs={"2x3": CONFIGS["2x3"]},
        verilator=(),  # the simulator makes no difference to C
        timeout=900.0,
    ),
    Bench(
        name="flexflow_pro_unknown",
        top="lac_flexflow_pro",
        module="tb.flexflow_pro.top.unknown_tests",
        rtl=_ROOMS,
        tests=("directed_unknown",),
        configs={name: CONFIGS[name] for name in ("2x3", "4x4")},
        slow=("4x4",),
        simulators=("icarus",),  # the one with four states
        timeout=900.0,
    ),
    Bench(
        name="flexflow_pro_leftover",
        top="lac_flexflow_pro",
        module="tb.flexflow_pro.top.leftover_tests",
        rtl=_ROOMS,
        tests=("bad_leftover_sweep",),
        configs={"2x3": CONFIGS["2x3"]},
        slow=("2x3",),
        timeout=1800.0,
    ),
)
