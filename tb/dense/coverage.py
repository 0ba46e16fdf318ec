"""Functional coverage of the dense array, sampled from what the monitors saw of each pass."""

from __future__ import annotations

from typing import Any

from models.array.cycles import tile_interval
from models.array.machine import Geometry
from models.array.packets import Mode
from models.dense import DESIGN, DenseConfig
from tb.array.coverage import ArrayCoverage
from tb.common.coverage.functional import Cross, Group, Point, labels
from tb.common.coverage.socket import (
    OUTPUT,
    RELU,
    START,
    WEIGHT_SOURCE,
    pass_options,
    shared_groups,
)
from tb.common.uvm.items import ObservedPass

_SIZES = {"4": 4, "8": 8, "16": 16, "32": 32}
_LEFT_OUT = "the compiler leaves out input that no tap reads"
_PAD: dict[str, Any] = {"0": 0, "1-3": (1, 3), "4-14": (4, 14), "15": 15}

BUILD = Group(
    "dense_build",
    "Builds that computed.",
    (
        Point("rows", "reduction lanes", _SIZES),
        Point("cols", "outputs", _SIZES),
        Point("act_width", "bits of an activation", {"8": 8, "16": 16}),
        Point("wgt_width", "bits of a weight", {"8": 8, "16": 16}),
    ),
)

PASS = Group(
    "dense_pass",
    "Passes that computed and ended well: geometry and options.",
    (
        Point("kernel_h", "rows", {"1": 1, "2-3": (2, 3), "4-10": (4, 10), "11+": (11, 255)}),
        Point("kernel_w", "columns", {"1": 1, "2-3": (2, 3), "4+": (4, 255)}),
        Point("stride", "STRIDE", {"1": 1, "2": 2, "3-7": (3, 7), "8-14": (8, 14), "15": 15}),
        Point("pad_top", "rows of padding above", _PAD),
        Point("pad_left", "columns of padding", _PAD),
        Point("border", "pixels outside of the input", labels("none", "some", "all")),
        Point("pixels", "pixels against a tile's time", labels("one", "less", "equal", "more")),
        Point("tiles", "weight tiles", {"1": 1, "2-9": (2, 9), "10+": (10, 1 << 30)}),
        Point("channel_tiles", "channel tiles", {"1": 1, "2+": (2, 65535)}),
        Point("output_tiles", "output tiles", {"1": 1, "2+": (2, 65535)}),
        START,
        RELU,
        WEIGHT_SOURCE,
        Point("input_source", "likewise activations", labels("loaded", "resident")),
        OUTPUT,
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
        config = self.config
        assert isinstance(config, DenseConfig)
        names = ("rows", "cols", "act_width", "wgt_width")
        self.sample("build", **{name: getattr(config, name) for name in names})
        self.sample("pass", **_pass(geo, config, observed.counters["act_reads"]))


def _pass(geo: Geometry, config: DenseConfig, act_reads: int) -> dict[str, Any]:
    """Points of ``dense_pass``."""
    shortest = tile_interval(1, config)
    all_pixels = geo.tiles * geo.pixels
    pixels = "less" if geo.pixels < shortest else "equal" if geo.pixels == shortest else "more"
    return {
        "kernel_h": geo.r,
        "kernel_w": geo.s,
        "stride": geo.stride,
        "pad_top": geo.pad_top,
        "pad_left": geo.pad_left,
        "border": "all" if not act_reads else "none" if act_reads == all_pixels else "some",
        "pixels": "one" if geo.pixels == 1 else pixels,
        "tiles": geo.tiles,
        "channel_tiles": geo.ct,
        "output_tiles": geo.kt,
    } | pass_options(geo.mode, Mode)
