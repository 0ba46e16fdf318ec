"""Functional coverage that every design behind the socket has, sampled from what the monitors saw.

A design's ``tb/<design>/coverage.py`` declares what is special to it, takes the groups and points
that are alike from here, and has a subclass of :class:`SocketCoverage`:

    COVERAGE = (BUILD, PASS, *shared_groups("dense", DESIGN))

    class DenseCoverage(SocketCoverage):
        prefix, groups = "dense", COVERAGE

        def passed(self, observed): ...

    coverage = DenseCoverage(config, pauses, test="random_burst")
    coverage.sample_pass(observed)      # tb.common.uvm.items.ObservedPass, in order
    coverage.save()
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import IntEnum
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from models.design import Design
from models.fixed import limits
from models.packets import unpack_lanes
from tb.common.bfm.streams import PROFILES
from tb.common.coverage.functional import Collector, Cross, Group, Point, labels
from tb.common.coverage.geometry import geometry_group, geometry_of
from tb.common.uvm.items import Job, ObservedPass

#: Points of a group of passes; see ``pass_options`` and ``END``: ``SocketCoverage.sequence``.
START = Point("start", "what the accumulators begin with", labels("zero", "bias", "kept"))
RELU = Point("relu", "MODE option", labels("off", "on"))
WEIGHT_SOURCE = Point(
    "weight_source", "weights of this pass or of one before", labels("loaded", "resident")
)
OUTPUT = Point("output", "result packet of the pass", labels("streamed", "kept"))
END = Point("end", "how a pass ended", labels("done", "error", "reset"))
#: Stream -> its pins.
STREAMS = {"wgt": "s_axis_wgt", "act": "s_axis_act", "out": "m_axis_out"}
_PAUSED = labels("no", "yes")
_TWICE = "no test spoils or cuts two passes in a row"


def stalls_group(prefix: str) -> Group:
    """Pauses on the streams of passes that ended well."""
    return Group(
        f"{prefix}_stalls",
        "pause profiles on the streams that carried a packet",
        (
            Point("wgt", "weight stream", labels(*PROFILES)),
            Point("act", "activation stream", labels(*PROFILES)),
            Point("out", "result stream", labels(*PROFILES)),
            Point("act_paused", "any pauses on the activation stream", _PAUSED),
            Point("out_paused", "any pauses on the result stream", _PAUSED),
        ),
        (Cross("both_sides", "pauses at the input and the output", ("act_paused", "out_paused")),),
    )


def value_group(prefix: str) -> Group:
    """Results against the range of an activation."""
    bins = labels("lowest", "negative", "zero", "positive", "highest")
    return Group(
        f"{prefix}_value",
        "results that were streamed",
        (Point("result", "place in the range", bins),),
    )


def sequence_group(prefix: str, driven: Collection[tuple[str, str]] = ()) -> Group:
    """Ends of passes against the ends of those before.

    driven: pairs (before, end), neither of them done, that a design's tests have all the same.
    """
    pairs = [(a, e) for a in ("error", "reset") for e in ("error", "reset")]
    alone: dict[tuple[str, ...], str] = {pair: _TWICE for pair in pairs if pair not in driven}
    if ("start", "reset") not in driven:
        alone["start", "reset"] = "every test runs a good pass before it resets"
    return Group(
        f"{prefix}_sequence",
        "how a pass ends and what was before it",
        (END, Point("after", "end of the pass before", labels("start", "done", "error", "reset"))),
        (Cross("after_end", "a good pass behind every end", ("after", "end"), alone),),
    )


def error_group(prefix: str, design: Design) -> Group:
    """Every error of a design."""
    codes = {name.lower(): code for name, code in design.error_codes.items()}
    return Group(
        f"{prefix}_error", "error codes, as read back", (Point("code", "ERR_CODE", codes),)
    )


def shared_groups(
    prefix: str, design: Design, driven: Collection[tuple[str, str]] = ()
) -> tuple[Group, ...]:
    """The groups above; a design with more to say of one declares that itself.

    driven: see ``sequence_group``.
    """
    kinds = stalls_group(prefix), value_group(prefix), sequence_group(prefix, driven)
    return *kinds, error_group(prefix, design), geometry_group(prefix, design)


def pass_options(mode: int, bits: type[IntEnum]) -> dict[str, Any]:
    """``START``, ``RELU``, ``WEIGHT_SOURCE``, ``OUTPUT`` and ``input_source`` of a pass.

    Args:
        mode: CFG register MODE; ``bits``: its bits in the design.
    """

    def on(name: str) -> bool:
        return bool(mode & bits[name])

    return {
        "start": "kept" if on("ACC_KEEP") else "bias" if on("BIAS") else "zero",
        "relu": int(on("RELU")),
        "weight_source": "loaded" if on("LOAD_WGT") else "resident",
        "input_source": "loaded" if on("LOAD_ACT") else "resident",
        "output": "streamed" if on("OUTPUT") else "kept",
    }


def end_of(observed: ObservedPass) -> str:
    """Bin of ``END``: in error, done, or neither, so a reset cut it off."""
    state = observed.state
    if state is None or not (state.error or state.done):
        return "reset"
    return "error" if state.error else "done"


class SocketCoverage:
    """Samples the passes of one simulation, in the order in which they ended.

    A design has its ``prefix`` and ``groups``, and ``passed``, called with every pass that ended
    well; the other methods it may extend.

    Args:
        config: the build.
        pauses: stream ("s_axis_wgt", "s_axis_act", "m_axis_out") -> pause profile; looked up at
            each pass, so a test may change it.
        test: name of the test, for the report.
        collector: where to count; its own by default.
    """

    prefix: ClassVar[str]
    groups: ClassVar[tuple[Group, ...]]

    def __init__(
        self,
        config: Any,
        pauses: Mapping[str, str] | None = None,
        test: str = "",
        collector: Collector | None = None,
    ) -> None:
        self.config, self.test = config, test
        self.pauses = pauses if pauses is not None else {}
        self.collector = collector or Collector(self.groups)
        self.passes = 0
        self._before = "start"

    def sample(self, group: str, /, **values: Any) -> None:
        """Count in the group ``<prefix>_<group>``; see ``Collector.sample``."""
        self.collector.sample(f"{self.prefix}_{group}", **values)

    def sample_pass(self, observed: ObservedPass) -> None:
        """Count one START to its done, error or reset."""
        end = end_of(observed)
        self.passes += 1
        self.started(observed)
        if observed.state is not None and end == "error":
            self.failed(int(observed.state.code), observed.state.position)
        self.sample("sequence", **self.sequence(observed, end))
        if end == "done":
            self._stalls(observed)
            self.passed(observed)

    def sample_job(self, job: Job) -> None:
        """Count a job whose results were right; layers of chains have plain geometry."""
        if len(job.layers) == 1 and job.layers[0].activations is not None:
            self.sample("geometry", **geometry_of(job.layers[0], job.program))

    def started(self, observed: ObservedPass) -> None:
        """A pass was started, whatever its end: what it changed in the memories."""

    def failed(self, code: int, position: int) -> None:
        """A pass ended in an error."""
        self.sample("error", code=code)

    def sequence(self, observed: ObservedPass, end: str) -> dict[str, Any]:
        """Points of ``<prefix>_sequence``; called once for each pass."""
        before, self._before = self._before, end
        return {"end": end, "after": before}

    def passed(self, observed: ObservedPass) -> None:
        """A pass ended well."""
        raise NotImplementedError

    def save(self, folder: Path | None = None) -> Path:
        """Write what was hit; see ``Collector.save``."""
        path = self.collector.save(folder, self.test)
        self.collector.close()
        return path

    def sample_results(self, packet: NDArray[np.uint64], width: int) -> None:
        """Count the lanes of a result packet, ``width`` bits each, in ``value_group``."""
        values = unpack_lanes(packet, width)
        low, high = limits(width)
        place = [values == low, values < 0, values == 0, values < high]
        self.sample("value", result=np.select(place, range(4), 4))

    def _stalls(self, observed: ObservedPass) -> None:
        used = {"wgt": observed.wgt, "act": observed.act, "out": observed.out}
        names: dict[str, str | None] = {}
        for stream, packet in used.items():
            name = self.pauses.get(STREAMS[stream])
            names[stream] = name if packet is not None and name in PROFILES else None
        paused = {
            f"{stream}_paused": None if names[stream] is None else int(names[stream] != "none")
            for stream in ("act", "out")
        }
        self.sample("stalls", **names, **paused)
