"""The benches of SPS."""

from __future__ import annotations

from tb.common.sim.bench import Bench
from tb.sps.blocks.benches import BLOCK_BENCHES
from tb.sps.top.benches import TOP_BENCHES

_SMALL = {"Rows": 4, "Cols": 4, "AccWidth": 40, "ActDepth": 256, "WgtDepth": 200, "AccDepth": 64}
_SMALL |= {"BiasDepth": 5, "KernelSize": 3, "TableDepth": 40, "MaxKt": 20, "MaxCt": 6}

BENCHES: tuple[Bench, ...] = (
    *TOP_BENCHES,
    *BLOCK_BENCHES,
    Bench(
        name="sps_smoke",
        top="lac_sps",
        module="tb.sps.top.smoke_tests",
        rtl=("common", "array", "sps"),
        tests=("smoke", "random_none", "random_random", "bad_pass"),
        configs={
            "default": _SMALL,
            "tile": _SMALL | {"RowOffsets": 0, "Cols": 8, "ActWidth": 8, "AccWidth": 32},
            "a8": _SMALL | {"Rows": 8, "Cols": 8, "WgtWidth": 8},
        },
        slow=("tile", "a8"),
        timeout=900,
    ),
)
