"""Functional coverage of the dense array, sampled from what the monitors saw of each pass."""

from __future__ import annotations

from models.array.machine import Geometry
from models.dense import DESIGN
from tb.array.coverage import BUILD_POINTS, PASS_POINTS, ArrayCoverage, array_build, array_pass
from tb.common.coverage.functional import Cross, Group, Point
from tb.common.coverage.socket import shared_groups
from tb.common.uvm.items import ObservedPass

_LEFT_OUT = "the compiler leaves out input that no tap reads"

BUILD = Group("dense_build", "Builds that computed.", BUILD_POINTS)

PASS = Group(
    "dense_pass",
    "Passes that computed and ended well: geometry and options.",
    (
        Point("kernel_h", "rows", {"1": 1, "2-3": (2, 3), "4-10": (4, 10), "11+": (11, 255)}),
        Point("kernel_w", "columns", {"1": 1, "2-3": (2, 3), "4+": (4, 255)}),
        *PASS_POINTS,
    ),
    (
        Cross(
            "stride_kernel",
            "steps and kernels",
            ("stride", "kernel_h"),
            {
                ("8-14", "2-3"): _LEFT_OUT,
                ("15", "2-3"): _LEFT_OUT,
                ("15", "4-10"): "needs 15 columns, more weights than these builds hold at once",
            },
        ),
        Cross("pixels_tiles", "time of a tile against their number", ("pixels", "tiles")),
        Cross("start_output", "beginning and end of sums", ("start", "output")),
    ),
)

COVERAGE: tuple[Group, ...] = (BUILD, PASS, *shared_groups("dense", DESIGN))


class DenseCoverage(ArrayCoverage):
    """Coverage of ``lac_dense``."""

    prefix = "dense"
    groups = COVERAGE

    def computed(self, geo: Geometry, observed: ObservedPass) -> None:
        config, reads = self.config, observed.counters["act_reads"]
        self.sample("build", **array_build(config))
        found = array_pass(geo, config, geo.tiles, reads, geo.tiles * geo.pixels)
        self.sample("pass", **found)
