"""The benches of SCNN."""

from __future__ import annotations

from tb.common.sim.bench import Bench
from tb.scnn.blocks.compute_benches import COMPUTE_BENCHES
from tb.scnn.blocks.top_benches import TOP_BENCHES

_SMALL = {"PeX": 2, "PeY": 2, "F": 2, "I": 2, "Banks": 8, "Entries": 16, "MaxKc": 8}
_SMALL |= {"WgtFifo": 16, "IaramRows": 64, "MaxC": 64, "WgtDepth": 512, "CarryDepth": 512}
_SMALL |= {"AccWidth": 40, "RowVectors": 4}
#: The PE of the paper, with small memories.
_PAPER = {"PeX": 2, "PeY": 2, "IaramRows": 64, "MaxC": 64, "WgtDepth": 512, "CarryDepth": 512}

BENCHES: tuple[Bench, ...] = (
    *COMPUTE_BENCHES,
    *TOP_BENCHES,
    Bench(
        name="scnn_smoke",
        top="lac_tb_scnn",
        module="tb.scnn.top.smoke_tests",
        sources=("tb/scnn/top/lac_tb_scnn.sv",),
        rtl=("common", "scnn"),
        tests=("smoke", "random_random", "random_none"),
        configs={"default": _SMALL, "paper": _PAPER},
        slow=("paper",),
        icarus=("default",),
        timeout=900,
    ),
)
