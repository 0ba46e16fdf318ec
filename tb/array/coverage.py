"""Functional coverage that every design around the systolic array has, from the monitors."""

from __future__ import annotations

from typing import Any

from models.array.config import ArrayConfig
from models.array.machine import Geometry
from models.array.packets import Mode
from models.array.timing import tile_interval
from models.program import Pass
from tb.common.coverage.functional import Point, labels
from tb.common.coverage.socket import (
    OUTPUT,
    RELU,
    START,
    WEIGHT_SOURCE,
    SocketCoverage,
    pass_options,
)
from tb.common.uvm.items import ObservedPass

_SIZES = {"4": 4, "8": 8, "16": 16, "32": 32}
_PAD: dict[str, Any] = {"0": 0, "1-3": (1, 3), "4-14": (4, 14), "15": 15}

#: Points of a group of builds; see ``array_build``.
BUILD_POINTS = (
    Point("rows", "reduction lanes", _SIZES),
    Point("cols", "outputs", _SIZES),
    Point("act_width", "bits of an activation", {"8": 8, "16": 16}),
    Point("wgt_width", "bits of a weight", {"8": 8, "16": 16}),
)
#: Points of a group of passes that computed; see ``array_pass``. The kernel is the design's.
PASS_POINTS = (
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
)


def array_build(config: ArrayConfig) -> dict[str, int]:
    """``BUILD_POINTS`` of a build."""
    return {point.name: getattr(config, point.name) for point in BUILD_POINTS}


def array_pass(
    geo: Geometry, config: ArrayConfig, tiles: int, reads: int, most: int
) -> dict[str, Any]:
    """``PASS_POINTS`` and the kernel of a pass.

    tiles    T; reads: of activations, most: if no pixel lay outside of the input
    """
    shortest = tile_interval(1, config)
    pixels = "less" if geo.pixels < shortest else "equal" if geo.pixels == shortest else "more"
    return {
        "kernel_h": geo.r,
        "kernel_w": geo.s,
        "stride": geo.stride,
        "pad_top": geo.pad_top,
        "pad_left": geo.pad_left,
        "border": "all" if not reads else "none" if reads == most else "some",
        "pixels": "one" if geo.pixels == 1 else pixels,
        "tiles": tiles,
        "channel_tiles": geo.ct,
        "output_tiles": geo.kt,
    } | pass_options(geo.mode, Mode)


class ArrayCoverage(SocketCoverage):
    """Samples passes by their geometry.

    A design around the array has ``computed``, called with every pass that computed and ended well.
    """

    config: ArrayConfig

    def passed(self, observed: ObservedPass) -> None:
        geo = Geometry.of(Pass(dict(enumerate(observed.cfg)), None, None, 0))
        if geo.mode & Mode.OUTPUT and observed.out is not None:
            self.sample_results(observed.out, self.config.act_width)
        if geo.mode & Mode.COMPUTE:
            self.computed(geo, observed)

    def computed(self, geo: Geometry, observed: ObservedPass) -> None:
        """A pass computed and ended well."""
        raise NotImplementedError
