"""Functional coverage of the dense array, sampled from what the monitors saw of each pass."""

from __future__ import annotations

import numpy as np

from models.array.machine import Geometry
from models.array.packets import Kind
from models.dense import DESIGN
from models.dense.config import GROUPS, DenseConfig
from models.dense.store import DenseBuffer, kept_of
from tb.array.coverage import BUILD_POINTS, PASS_POINTS, ArrayCoverage, array_build, array_pass
from tb.common.coverage.functional import Cross, Group, Point, labels
from tb.common.coverage.socket import shared_groups
from tb.common.uvm.items import ObservedPass

_LEFT_OUT = "the compiler leaves out input that no tap reads"

_GROUPS = labels(*(f"{n}_of_{m}" for n, m in GROUPS))

BUILD = Group(
    "dense_build",
    "Builds that computed.",
    (*BUILD_POINTS, Point("group", "inputs that weights choose from", _GROUPS)),
)

CHOICE = Group(
    "dense_choice",
    "Weights, not zero, that choose among the inputs of a group, in passes that ended well.",
    (
        Point("group", "build", labels(*(f"{n}_of_{m}" for n, m in GROUPS[1:]))),
        Point("place", "input of its group", {str(at): at for at in range(4)}),
        Point("row", "row of its group", {"0": 0, "1": 1}),
    ),
    (
        Cross(
            "place_row",
            "inputs that each row takes",
            ("place", "row"),
            {("0", "1"): "the compiler keeps weights in the order of their inputs"},
        ),
    ),
)

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

COVERAGE: tuple[Group, ...] = (BUILD, PASS, CHOICE, *shared_groups("dense", DESIGN))


class DenseCoverage(ArrayCoverage):
    """Coverage of ``lac_dense``."""

    prefix = "dense"
    groups = COVERAGE
    config: DenseConfig

    def computed(self, geo: Geometry, observed: ObservedPass) -> None:
        config, reads = self.config, observed.counters["act_reads"]
        group = f"{config.group_n}_of_{config.group_m}"
        self.sample("build", **array_build(config), group=group)
        self._choices(observed)
        found = array_pass(geo, config, geo.tiles, reads, geo.tiles * geo.pixels)
        self.sample("pass", **found)

    def _choices(self, observed: ObservedPass) -> None:
        """What the weights of a packet take."""
        config = self.config
        if config.group_m == 1 or observed.wgt is None:
            return
        group = f"{config.group_n}_of_{config.group_m}"
        for section in DenseBuffer(config).sections(observed.wgt):
            if section.kind == Kind.WEIGHT:
                values, places = kept_of(section, config)
                there = np.argwhere(values != 0)
                rows = (section.base + there[:, 0]) % config.group_n
                for place, row in set(
                    zip(places[values != 0].tolist(), rows.tolist(), strict=True)
                ):
                    self.sample("choice", group=group, place=place, row=row)
