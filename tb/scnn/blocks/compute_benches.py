"""The benches of the computing side of a PE of SCNN, one per module."""

from __future__ import annotations

from tb.common.bfm.streams import PROFILES
from tb.common.sim.bench import Bench

_RANDOM = tuple(f"random_{profile}" for profile in PROFILES)
_ROOMS = ("common", "scnn")

#: A PE of 2 x 2 multipliers.
_SMALL = {
    "F": 2,
    "I": 2,
    "Entries": 8,
    "MaxKc": 8,
    "RowVectors": 2,
    "WgtFifo": 6,
    "IaramRows": 32,
    "CountWidth": 5,
    "MaxC": 16,
}
#: 4 x 4 with small memories.
_USUAL = {"Entries": 8, "MaxKc": 16, "WgtFifo": 24, "IaramRows": 64, "CountWidth": 6, "MaxC": 24}


def _bench(
    name: str,
    *tests: str,
    icarus: tuple[str, ...] | None = None,
    slow: tuple[str, ...] = (),
    closing: tuple[str, ...] = (),
    **configs: dict[str, int],
) -> Bench:
    """The bench of ``lac_scnn_<name>``."""
    return Bench(
        name=f"scnn_{name}",
        top=f"lac_scnn_{name}",
        module=f"tb.scnn.blocks.{name}_tests",
        rtl=_ROOMS,
        tests=tests,
        configs=configs,
        icarus=icarus,
        slow=slow,
        closing=closing,
    )


COMPUTE_BENCHES: tuple[Bench, ...] = (
    _bench(
        "admit",
        *("smoke", *_RANDOM, "directed_levels", "throughput", "directed_clear", "reset_mid"),
        default={},
        small={
            "F": 2,
            "I": 2,
            "KWidth": 2,
            "LinWidth": 6,
            "RowVectors": 2,
            "WgtFifo": 4,
            "IaramRows": 9,
            "CountWidth": 4,
            "MaxC": 8,
        },
        slow=("four",),
        four={"RowVectors": 4, "WgtFifo": 12},
    ),
    _bench(
        "wgt_fifo",
        *("smoke", *_RANDOM, "extremes", "directed_clear", "reset_mid"),
        default={"Width": 24, "Depth": 24},
        pair={"Width": 7, "DescWidth": 5, "RowVectors": 2, "Depth": 6, "MaxVec": 2},
        four={"Width": 7, "DescWidth": 5, "RowVectors": 4, "Depth": 12},
    ),
    _bench(
        "act_read",
        *("smoke", *_RANDOM, "extremes", "throughput", "bad_positions", "directed_clear"),
        "reset_mid",
        default={"IaramRows": 64},
        pair={"I": 2, "LinWidth": 6, "IaramRows": 33, "CountWidth": 6},
        wide={"I": 8, "IaramRows": 16, "LinWidth": 9},
    ),
    _bench(
        "steps",
        *("smoke", *_RANDOM, "directed_groups", "extremes", "throughput", "directed_clear"),
        "reset_mid",
        default={},
        pair={"F": 2, "I": 2, "KWidth": 3, "LinWidth": 6},
        tall={"F": 4, "I": 2, "KWidth": 2},
        wide={"F": 2, "I": 8},
    ),
    _bench(
        "mul",
        *("smoke", *_RANDOM, "extremes", "throughput", "directed_clear", "reset_mid"),
        default={"Entries": 16, "MaxKc": 16},
        four={"Lanes": 4, "Banks": 8, "Entries": 8, "MaxKc": 8, "BankMap": 1},
        plain={"Lanes": 8, "Banks": 16, "Entries": 8, "MaxKc": 64, "BankMap": 2, "Merge": 0},
    ),
    _bench(
        "merge",
        *("smoke", *_RANDOM, "extremes", "throughput", "directed_clear", "reset_mid"),
        default={},
        four={"Lanes": 4, "BankWidth": 3, "EntryWidth": 3, "AccWidth": 40},
        plain={"Lanes": 8, "AccWidth": 20, "Merge": 0},
    ),
    _bench(
        "xbar",
        *("smoke", *_RANDOM, "directed_turns", "extremes", "throughput", "directed_clear"),
        "reset_mid",
        default={"Lanes": 8, "Banks": 16, "DataWidth": 20},
        four={
            "Lanes": 4,
            "Banks": 8,
            "EntryWidth": 3,
            "DataWidth": 9,
            "LaneDepth": 1,
            "XbarGrants": 1,
            "BankDepth": 1,
        },
        ahead={
            "Lanes": 8,
            "Banks": 8,
            "DataWidth": 9,
            "LaneDepth": 4,
            "XbarGrants": 1,
            "LookAhead": 4,
            "BankDepth": 2,
        },
        both={
            "Lanes": 8,
            "Banks": 8,
            "DataWidth": 9,
            "LaneDepth": 3,
            "LookAhead": 2,
            "BankDepth": 2,
        },
    ),
    _bench(
        "banks",
        *("smoke", *_RANDOM, "extremes", "bad_overflow", "directed_clear", "reset_mid"),
        default={"Banks": 8, "Entries": 8},
        wide={"Banks": 16, "Entries": 16, "AccWidth": 40},
    ),
    _bench(
        "pe",
        *("smoke", "random_none", "random_random", "random_burst", "extremes"),
        *("directed_one_bank", "bad_data", "directed_clear", "reset_mid", "throughput"),
        icarus=("default",),
        slow=("usual", "plain", "ahead", "wide"),
        closing=("usual",),
        default=_SMALL,
        usual=_USUAL,
        plain={**_USUAL, "Merge": 0, "BankMap": 1, "XbarGrants": 1, "BankDepth": 1, "LaneDepth": 1},
        ahead={
            **_USUAL,
            "F": 2,
            "Banks": 16,
            "XbarGrants": 1,
            "BankDepth": 2,
            "LaneDepth": 4,
            "LookAhead": 2,
            "BankMap": 2,
            "AccWidth": 40,
        },
        wide={
            **_SMALL,
            "F": 8,
            "Banks": 16,
            "LaneDepth": 4,
            "LookAhead": 4,
            "BankDepth": 2,
            "WgtFifo": 14,
            "CountWidth": 6,
        },
    ),
)
