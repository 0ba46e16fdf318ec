"""The benches of the computing side of a PE of SCNN, one per module."""

from __future__ import annotations

from tb.common.sim.bench import Bench

_ROOMS = ("common", "scnn")

_SMALL = {
    **{"F": 2, "I": 2, "Entries": 8, "MaxKc": 8, "WgtFifo": 6, "IaramRows": 32, "CountWidth": 5},
    "MaxC": 16,
}

COMPUTE_BENCHES: tuple[Bench, ...] = (
    Bench(
        name="scnn_pe",
        top="lac_scnn_pe",
        module="tb.scnn.blocks.pe_tests",
        rtl=_ROOMS,
        tests=("smoke", "random_none", "random_random", "random_burst"),
        configs={"default": _SMALL},
    ),
)
