"""Functional coverage of SPS, sampled from what the monitors saw of each pass."""

from __future__ import annotations

from models.array.machine import Geometry
from models.array.packets import Mode
from models.program import Pass
from models.sps import DESIGN, SpsConfig
from models.sps.registers import PERIOD
from tb.array.coverage import ArrayCoverage
from tb.common.coverage.functional import Group, Point, labels
from tb.common.coverage.socket import (
    OUTPUT,
    RELU,
    START,
    WEIGHT_SOURCE,
    pass_options,
    shared_groups,
)
from tb.common.uvm.items import ObservedPass

BUILD = Group(
    "sps_build",
    "Builds that computed.",
    (
        Point("rows", "reduction lanes", {"4": 4, "8": 8, "16": 16}),
        Point("cols", "outputs", {"4": 4, "8": 8, "16": 16}),
        Point("row_offsets", "offsets of a tile", labels("one", "each_row")),
        Point("act_width", "bits of an activation", {"8": 8, "16": 16}),
        Point("wgt_width", "bits of a weight", {"8": 8, "16": 16}),
    ),
)

PASS = Group(
    "sps_pass",
    "Passes that computed and ended well: geometry and options.",
    (
        Point("period", "patterns", {"1": 1, "2-4": (2, 4), "5-8": (5, 8), "9-16": (9, 16)}),
        Point("kernel_h", "rows of the window", {"1": 1, "2": 2, "3": 3}),
        Point("stride", "STRIDE", {"1": 1, "2": 2, "3-7": (3, 7), "8-15": (8, 15)}),
        Point("channel_tiles", "channel tiles", {"1": 1, "2+": (2, 65535)}),
        Point("output_tiles", "output tiles", {"1": 1, "2+": (2, 65535)}),
        START,
        RELU,
        WEIGHT_SOURCE,
        Point("input_source", "likewise activations", labels("loaded", "resident")),
        OUTPUT,
    ),
)

COVERAGE: tuple[Group, ...] = (BUILD, PASS, *shared_groups("sps", DESIGN))


class SpsCoverage(ArrayCoverage):
    """Coverage of ``lac_sps``."""

    prefix = "sps"
    groups = COVERAGE

    def computed(self, geo: Geometry, observed: ObservedPass) -> None:
        config = self.config
        assert isinstance(config, SpsConfig)
        names = ("rows", "cols", "row_offsets", "act_width", "wgt_width")
        self.sample("build", **{name: getattr(config, name) for name in names})
        item = Pass(dict(enumerate(observed.cfg)), None, None, 0)
        self.sample(
            "pass",
            period=PERIOD.of(item.cfg),
            kernel_h=geo.r,
            stride=geo.stride,
            channel_tiles=geo.ct,
            output_tiles=geo.kt,
            **pass_options(geo.mode, Mode),
        )
