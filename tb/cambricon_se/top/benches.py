"""The benches of the whole of Cambricon-SE: what must work, what must go wrong in good order.

The memories are small, so that ordinary layers are cut. All benches use the same builds.
"""

from __future__ import annotations

from tb.common.sim.bench import Bench
from tb.common.tests import names

_ROOMS = ("common", "array", "cambricon_se")

CONFIGS: dict[str, dict[str, int]] = {
    # Accumulators that biases bring to both rails; rows of codes that are shorter than windows.
    "c2": {
        "Cores": 2,
        "Pes": 2,
        "Lanes": 2,
        "Window": 8,
        "CodeRow": 4,
        "ActDepth": 48,
        "ListDepth": 24,
        "Regions": 3,
        "AccDepth": 32,
        "AccWidth": 32,
        "BiasDepth": 5,
        "HufLanes": 8,
    },
    # Natural lanes, one core, biases that can be too wide.
    "natural1": {
        "Cores": 1,
        "Pes": 4,
        "Lanes": 4,
        "Window": 16,
        "CodeRow": 8,
        "Selector": 1,
        "ActDepth": 40,
        "ListDepth": 32,
        "Regions": 16,
        "AccDepth": 32,
        "AccWidth": 25,
        "BiasDepth": 6,
        "BiasWidth": 20,
    },
    # A selector in each PE, four cores.
    "own4": {
        "Cores": 4,
        "Pes": 2,
        "Lanes": 2,
        "Window": 32,
        "CodeRow": 32,
        "Selector": 2,
        "ActDepth": 32,
        "ListDepth": 20,
        "Regions": 9,
        "AccDepth": 24,
        "AccWidth": 28,
        "BiasDepth": 4,
        "BiasWidth": 24,
        "HufLanes": 0,
    },
    # Natural lanes, two cores: uneven groups, a core that waits.
    "natural2": {
        "Cores": 2,
        "Pes": 2,
        "Lanes": 4,
        "Window": 16,
        "CodeRow": 16,
        "Selector": 1,
        "ActDepth": 40,
        "ListDepth": 32,
        "Regions": 4,
        "AccDepth": 32,
        "AccWidth": 30,
        "BiasDepth": 6,
        "BiasWidth": 24,
        "HufLanes": 0,
    },
    # Windows and lanes of full size.
    "w128": {"Cores": 1, "Pes": 2, "CodeRow": 128, "ActDepth": 64, "ListDepth": 40}
    | {"AccDepth": 40, "AccWidth": 40, "BiasDepth": 8},
}
BAD_CONFIGS = ("c2", "natural1", "own4")

#: Of ``traps.py``.
TRAPS = (
    *("directed_pruned_window", "directed_zero_window", "directed_survivors"),
    *("directed_together", "directed_ends", "directed_partial_window", "directed_large_block"),
    *("directed_code_zero", "directed_codes", "directed_one_group", "directed_idle_core"),
    *("directed_barrier", "directed_bad_compression", "directed_zero_output", "directed_packed"),
    *("directed_kinds", "directed_cuts", "directed_passes", "extremes", "directed_final_packed"),
    "directed_huffman",
)

#: What ``make test`` leaves to Verilator: Icarus takes seconds for each of them.
SLOW = (
    *("directed_ends", "directed_kinds", "directed_survivors", "directed_passes", "extremes"),
    *("directed_cuts", "directed_rails", "random_mixed", "stress", "reset_mid"),
    "directed_final_packed",
)
SLOW_BAD = (
    *("bad_geometry", "bad_wgt_header", "bad_cfg_busy", "bad_start_busy", "bad_source_stops"),
    *("directed_limits", "directed_watchdog", "bad_final"),
)

TOP_BENCHES: tuple[Bench, ...] = (
    Bench(
        name="cambricon_se",
        top="lac_cambricon_se",
        module="tb.cambricon_se.top.tests",
        rtl=_ROOMS,
        tests=("smoke", *TRAPS, *names.TOP),
        configs=CONFIGS,
        icarus=("natural1",),
        verilator=("c2",),
        slow=tuple(CONFIGS)[2:],
        closing=("own4", "w128", "natural2"),  # kinds of selector, windows, cores
        long=(*SLOW, *names.LONG["top"]),
        timeout=900.0,
    ),
    Bench(
        name="cambricon_se_bad",
        top="lac_cambricon_se",
        module="tb.cambricon_se.top.error_tests",
        rtl=_ROOMS,
        tests=(
            *("bad_wgt_header", "bad_wgt_order", "bad_wgt_value", "bad_list_range"),
            *("bad_act_packed", "bad_geometry", "bad_accumulator", "bad_final"),
            "bad_huffman",
            *names.ERRORS,
        ),
        configs={name: CONFIGS[name] for name in BAD_CONFIGS},
        icarus=("c2",),
        verilator=("natural1",),
        slow=("own4",),
        long=(*SLOW_BAD, *names.LONG["errors"]),
        timeout=900.0,
    ),
    Bench(
        name="cambricon_se_driver",
        top="lac_cambricon_se",
        module="tb.cambricon_se.top.driver_tests",
        rtl=_ROOMS,
        tests=("directed_driver",),
        configs={"c2": CONFIGS["c2"]},
        verilator=(),  # the simulator makes no difference to C
        timeout=900.0,
    ),
    Bench(
        name="cambricon_se_unknown",
        top="lac_cambricon_se",
        module="tb.cambricon_se.top.unknown_tests",
        rtl=_ROOMS,
        tests=("directed_unknown",),
        configs={name: CONFIGS[name] for name in BAD_CONFIGS},
        slow=BAD_CONFIGS[1:],
        simulators=("icarus",),  # the one with four states
        timeout=900.0,
    ),
    Bench(
        name="cambricon_se_leftover",
        top="lac_cambricon_se",
        module="tb.cambricon_se.top.leftover_tests",
        rtl=_ROOMS,
        tests=("bad_leftover_sweep",),
        configs={"c2": CONFIGS["c2"]},
        slow=("c2",),
        timeout=1800.0,
    ),
)
