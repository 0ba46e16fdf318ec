"""Functional coverage of the dense array, sampled from what the monitors saw of each pass."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

import numpy as np

from models.dense import DenseConfig
from models.dense.config import ArrayConfig
from models.dense.cycles import tile_interval
from models.dense.machine import Geometry
from models.dense.packets import Mode
from models.fixed import limits
from models.packets import unpack_lanes
from models.program import Pass
from models.socket import ErrorCode
from tb.common.coverage import Collector, Cross, Group, Point, labels
from tb.common.items import ObservedPass
from tb.common.streams import PROFILES

_CODES = ("GEOMETRY", "WGT_HEADER", "WGT_SHORT", "WGT_LONG", "WGT_ORDER", "WGT_VALUE")
_CODES += ("ACT_HEADER", "ACT_SHORT", "ACT_LONG", "ACC_OVERFLOW", "TIMEOUT")
_SIZES = {"4": 4, "8": 8, "16": 16, "32": 32}
_ON = labels("off", "on")
_LEFT_OUT = "the compiler leaves out input that no tap reads"
_PAD = {"0": 0, "1-3": (1, 3), "4-14": (4, 14), "15": 15}
_SOURCE = labels("loaded", "resident")
_RESULT = labels("lowest", "negative", "zero", "positive", "highest")

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
        Point("start", "what the sums begin with", labels("zero", "bias", "kept")),
        Point("relu", "RELU", _ON),
        Point("weight_source", "weights of this pass or of one before", _SOURCE),
        Point("input_source", "likewise activations", _SOURCE),
        Point("output", "results", labels("streamed", "kept")),
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


def shared_groups(prefix: str) -> tuple[Group, ...]:
    """Groups of every design around the array: stalls, values, sequence of passes."""
    stalls = Group(
        f"{prefix}_stalls",
        "Pause profiles of passes that used the stream.",
        (
            *(
                Point(stream, f"profile of {stream}", labels(*PROFILES))
                for stream in ("wgt", "act", "out")
            ),
            Point("inputs_paused", "activations paused", _ON),
            Point("output_paused", "results paused", _ON),
        ),
        (Cross("paused", "both at once", ("inputs_paused", "output_paused")),),
    )

    value = Group(
        f"{prefix}_value",
        "Results that were streamed.",
        (Point("result", "place in the range", _RESULT),),
    )

    sequence = Group(
        f"{prefix}_sequence",
        "How a pass ends and what was before it.",
        (
            Point("end", "end of the pass", labels("done", "error", "reset")),
            Point("after", "end of the pass before", labels("start", "done", "error", "reset")),
        ),
        (
            Cross(
                "after_end",
                "a good pass behind every end",
                ("after", "end"),
                {
                    (after, end): "no test spoils or cuts two passes in a row"
                    for after in ("error", "reset")
                    for end in ("error", "reset")
                }
                | {("start", "reset"): "every test runs a good pass before it resets"},
            ),
        ),
    )
    return stalls, value, sequence


ERROR = Group(
    "dense_error",
    "Error codes that were read.",
    (Point("code", "ERR_CODE", {name.lower(): int(ErrorCode[name]) for name in _CODES}),),
)

COVERAGE: tuple[Group, ...] = (BUILD, PASS, *shared_groups("dense"), ERROR)


class ArrayCoverage:
    """Samples the passes of one simulation, in the order in which they ended.

    A design around the array has its ``prefix`` and ``groups``, and ``computed``, called with every
    pass that computed and ended well.

    Args:
        config: the build.
        pauses: stream ("s_axis_wgt", ...) -> pause profile, looked up at each pass.
        test: name of the test, for the report.
    """

    prefix: ClassVar[str]
    groups: ClassVar[tuple[Group, ...]]

    def __init__(
        self, config: ArrayConfig, pauses: Mapping[str, str] | None = None, test: str = ""
    ) -> None:
        self.config, self.test = config, test
        self.pauses = pauses if pauses is not None else {}
        self.collector = Collector(self.groups)
        self._before = "start"

    def sample_pass(self, observed: ObservedPass) -> None:
        """Count one START to its done, error or reset."""
        state, sample = observed.state, self.collector.sample
        end = "reset" if state is None else "error" if state.error else "done"
        if state is not None and not (state.error or state.done):
            end = "reset"
        self.loaded(observed)
        if end == "error":
            self.failed(int(state.code), state.position)
        sample(f"{self.prefix}_sequence", end=end, after=self._before)
        self._before = end
        if end != "done":
            return
        self._stalls(observed)
        item = Pass(dict(enumerate(observed.cfg)), None, None, 0)
        geo = Geometry.of(item)
        if geo.mode & Mode.OUTPUT and observed.out is not None:
            sample(f"{self.prefix}_value", result=self._results(observed.out))
        if geo.mode & Mode.COMPUTE:
            self.computed(geo, observed)

    def loaded(self, observed: ObservedPass) -> None:
        """A pass was started, whatever its end."""

    def failed(self, code: int, position: int) -> None:
        """A pass ended in an error."""
        self.collector.sample(f"{self.prefix}_error", code=code)

    def computed(self, geo: Geometry, observed: ObservedPass) -> None:
        """A pass computed and ended well."""
        raise NotImplementedError

    def save(self, folder: Path | None = None) -> Path:
        """Write what was hit; see ``Collector.save``."""
        return self.collector.save(folder, self.test)

    def _stalls(self, observed: ObservedPass) -> None:
        used = {"wgt": observed.wgt, "act": observed.act, "out": observed.out}
        pins = {"wgt": "s_axis_wgt", "act": "s_axis_act", "out": "m_axis_out"}
        names = {}
        for stream, packet in used.items():
            name = self.pauses.get(pins[stream])
            names[stream] = name if packet is not None and name in PROFILES else None
        both = {
            point: None if names[stream] is None else int(names[stream] != "none")
            for point, stream in (("inputs_paused", "act"), ("output_paused", "out"))
        }
        self.collector.sample(f"{self.prefix}_stalls", **names, **both)

    def _results(self, packet: np.ndarray) -> np.ndarray:
        values = unpack_lanes(packet, self.config.act_width)
        low, high = limits(self.config.act_width)
        return np.select([values == low, values < 0, values == 0, values < high], range(4), 4)


class DenseCoverage(ArrayCoverage):
    """Coverage of ``lac_dense``."""

    prefix = "dense"
    groups = COVERAGE

    def computed(self, geo: Geometry, observed: ObservedPass) -> None:
        config, sample = self.config, self.collector.sample
        assert isinstance(config, DenseConfig)
        names = ("rows", "cols", "act_width", "wgt_width")
        sample("dense_build", **{name: getattr(config, name) for name in names})
        sample("dense_pass", **_pass(geo, config, observed.counters["act_reads"]))


def _pass(geo: Geometry, config: DenseConfig, act_reads: int) -> dict[str, object]:
    """Points of ``dense_pass``."""
    shortest = tile_interval(1, config)
    all_pixels = geo.tiles * geo.pixels
    pixels = "less" if geo.pixels < shortest else "equal" if geo.pixels == shortest else "more"
    kept = "kept" if geo.mode & Mode.ACC_KEEP else "zero"
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
        "start": "bias" if geo.mode & Mode.BIAS else kept,
        "relu": int(bool(geo.mode & Mode.RELU)),
        "weight_source": "loaded" if geo.mode & Mode.LOAD_WGT else "resident",
        "input_source": "loaded" if geo.mode & Mode.LOAD_ACT else "resident",
        "output": "streamed" if geo.mode & Mode.OUTPUT else "kept",
    }
