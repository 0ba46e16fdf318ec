"""The benches of the whole of SCNN: what must work, what must go wrong in good order.

The memories are small, so that ordinary layers are cut. All benches use the same builds.
"""

from __future__ import annotations

from tb.common.sim.bench import Bench
from tb.common.tests import names

_F2 = {"F": 2, "I": 2, "Banks": 8, "Entries": 32, "MaxKc": 8, "WgtFifo": 16}
_MEMORIES = {"IaramRows": 64, "MaxC": 64, "WgtDepth": 256, "BiasDepth": 16, "CarryDepth": 128}
_SMALL = {**_F2, **_MEMORIES, "MaxTaps": 25}

CONFIGS: dict[str, dict[str, int]] = {
    "2x2": {"PeX": 2, "PeY": 2, **_SMALL, "RowVectors": 4, "CountWidth": 5},
    # The other end of each choice.
    "1x1": {
        "PeX": 1,
        "PeY": 1,
        **_SMALL,
        "MaxKc": 16,
        "RowVectors": 2,
        "XbarGrants": 1,
        "LookAhead": 2,
        "BankMap": 2,
        "Merge": 0,
        "CountWidth": 6,
    },
    # As many multipliers as published, and a map of banks in which all of them can collide; room
    # for sixteen output channels of a row that wide, and for more channels than biases.
    "f4": {
        "PeX": 3,
        "PeY": 1,
        **_SMALL,
        "F": 4,
        "I": 4,
        "Banks": 32,
        "MaxKc": 64,
        "WgtFifo": 64,
        "RowVectors": 8,
        "BiasDepth": 128,
        "IaramRows": 256,
        "MaxC": 192,
        "LookAhead": 3,
        "BankMap": 1,
    },
    # Accumulators so wide that carried sums take a word each.
    "3x2": {"PeX": 3, "PeY": 2, **_SMALL, "RowVectors": 8, "AccWidth": 40, "BiasWidth": 32},
    "1x3": {"PeX": 1, "PeY": 3, **_SMALL, "F": 4, "Banks": 16, "RowVectors": 4},
    "3x3": {"PeX": 3, "PeY": 3, **_SMALL, "RowVectors": 2},
}
BAD_CONFIGS = ("2x2", "1x1", "1x3")

#: Of ``traps.py``.
TRAPS = (
    *("directed_empty_blocks", "directed_empty_tiles", "directed_runs", "directed_tiles"),
    *("directed_groups", "directed_one_bank", "directed_same_entry", "directed_fifo"),
    *("directed_halo", "directed_carry", "directed_segments", "directed_stride"),
    *("directed_shapes", "directed_options", "directed_chain", "extremes"),
)

#: What ``make test`` leaves to Verilator: Icarus takes seconds for each of them.
SLOW = (
    *("directed_empty_blocks", "directed_halo", "directed_carry", "directed_fifo"),
    *("directed_groups", "directed_chain", "extremes", "stress", "reset_mid"),
)
SLOW_BAD = (
    *("bad_geometry", "bad_act_data", "bad_wgt_header", "bad_wgt_value", "bad_block_range"),
    *("bad_cfg_busy", "bad_start_busy", "bad_source_stops", "directed_limits", "directed_watchdog"),
    "reset_compute",
)

TOP_BENCHES: tuple[Bench, ...] = (
    Bench(
        name="scnn",
        top="lac_scnn",
        module="tb.scnn.top.tests",
        rtl=("common", "scnn"),
        tests=("smoke", *TRAPS, *names.TOP),
        configs=CONFIGS,
        icarus=("1x1",),
        verilator=("2x2",),
        slow=tuple(CONFIGS)[2:],
        closing=("f4",),  # groups of 32 channels and more, 16 x 1 multipliers
        long=(*SLOW, *names.LONG["top"]),
        timeout=900.0,
    ),
    Bench(
        name="scnn_bad",
        top="lac_scnn",
        module="tb.scnn.top.error_tests",
        rtl=("common", "scnn"),
        tests=(
            *("bad_wgt_header", "bad_wgt_order", "bad_wgt_value", "bad_act_data", "bad_geometry"),
            *("bad_block_range", "bad_act_range", "bad_accumulator", "bad_results", "bad_carry"),
            *("bad_long_block", "reset_compute"),
            *names.ERRORS,
        ),
        configs={name: CONFIGS[name] for name in BAD_CONFIGS},
        icarus=("1x1",),
        verilator=("2x2",),
        slow=("1x3",),
        long=(*SLOW_BAD, *names.LONG["errors"]),
        timeout=900.0,
    ),
    Bench(
        name="scnn_driver",
        top="lac_scnn",
        module="tb.scnn.top.driver_tests",
        rtl=("common", "scnn"),
        tests=("directed_driver",),
        configs={"1x1": CONFIGS["1x1"]},
        verilator=(),  # the simulator makes no difference to C
        timeout=900.0,
    ),
    Bench(
        name="scnn_unknown",
        top="lac_scnn",
        module="tb.scnn.top.unknown_tests",
        rtl=("common", "scnn"),
        tests=("directed_unknown",),
        configs={name: CONFIGS[name] for name in ("1x1", "2x2")},
        slow=("2x2",),
        simulators=("icarus",),  # the one with four states
        timeout=900.0,
    ),
    Bench(
        name="scnn_leftover",
        top="lac_scnn",
        module="tb.scnn.top.leftover_tests",
        rtl=("common", "scnn"),
        tests=("bad_leftover_sweep", "reset_compute_sweep"),
        configs={"2x2": CONFIGS["2x2"]},
        slow=("2x2",),
        timeout=1800.0,
    ),
)
