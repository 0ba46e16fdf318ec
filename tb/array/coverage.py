"""Functional coverage that every design around the systolic array has, from the monitors."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

import numpy as np

from models.array.config import ArrayConfig
from models.array.machine import Geometry
from models.array.packets import Mode
from models.fixed import limits
from models.packets import unpack_lanes
from models.program import Pass
from tb.common.bfm.streams import PROFILES
from tb.common.coverage.functional import Collector, Cross, Group, Point, labels
from tb.common.uvm.items import ObservedPass

_ON = labels("off", "on")
_RESULT = labels("lowest", "negative", "zero", "positive", "highest")


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

    spoilt: dict[tuple[str, ...], str] = {
        (after, end): "no test spoils or cuts two passes in a row"
        for after in ("error", "reset")
        for end in ("error", "reset")
    }
    spoilt["start", "reset"] = "every test runs a good pass before it resets"
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
                spoilt,
            ),
        ),
    )
    return stalls, value, sequence


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
            assert state is not None
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
