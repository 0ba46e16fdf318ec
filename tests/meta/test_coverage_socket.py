"""The coverage that all designs share counts the ends, pauses and results of passes."""

from __future__ import annotations

import numpy as np
import pytest

from models import registry
from models.packets import pack_lanes
from models.socket import ErrorCode, Phase
from tb.common.coverage.functional import discover
from tb.common.coverage.socket import SocketCoverage, shared_groups, stalls_group
from tb.common.uvm.items import ObservedPass
from tb.common.uvm.registers import State

DESIGN = registry.design("dense")
WORDS = np.zeros(1, dtype=np.uint64)


class Coverage(SocketCoverage):
    """Of no design in particular."""

    prefix, groups = "any", shared_groups("any", DESIGN)

    def passed(self, observed: ObservedPass) -> None:
        if observed.out is not None:
            self.sample_results(observed.out, 8)


def seen(end: str, act: np.ndarray | None = None, out: np.ndarray | None = None) -> ObservedPass:
    """A pass that ended so."""
    code = ErrorCode.ACT_SHORT if end == "error" else ErrorCode.NONE
    state = State(end == "cut", end == "done", end == "error", False, Phase.IDLE, code)
    return ObservedPass((0,) * 16, None, act, out, {}, None if end == "gone" else state)


def hits(*passes: ObservedPass, **pauses: str) -> dict[str, set[str]]:
    """Item -> bins that were hit."""
    coverage = Coverage(None, pauses)
    for one in passes:
        coverage.sample_pass(one)
    assert coverage.passes == len(passes)
    found = coverage.collector.hits().items()
    return {f"{group}.{item}": set(bins) for group, items in found for item, bins in items.items()}


def test_ends_and_what_was_before() -> None:
    found = hits(*map(seen, ("done", "error", "done", "cut", "done", "gone")))
    assert found["any_sequence.end"] == {"done", "error", "reset"}
    assert found["any_sequence.after_end"] == {
        *("start,done", "done,error", "error,done", "done,reset", "reset,done")
    }
    assert found["any_error.code"] == {"act_short"}


def test_pauses_of_streams_that_carried_a_packet() -> None:
    out = pack_lanes(np.array([-128, -1, 0, 1, 127, 5, 5, 5]), 8)
    profiles = {"s_axis_wgt": "slow", "s_axis_act": "burst", "m_axis_out": "none"}
    found = hits(seen("done", WORDS, out), **profiles)
    assert "any_stalls.wgt" not in found, "it carried none"
    assert found["any_stalls.act"] == {"burst"}
    assert found["any_stalls.both_sides"] == {"yes,no"}
    assert found["any_value.result"] == {"lowest", "negative", "zero", "positive", "highest"}


@pytest.mark.parametrize("end", ["error", "cut"])
def test_a_pass_that_failed_counts_no_pauses(end: str) -> None:
    assert "any_stalls.act" not in hits(seen(end, WORDS), s_axis_act="burst")


@pytest.mark.parametrize("name", registry.DESIGNS)
def test_every_design_has_the_groups_that_all_have(name: str) -> None:
    groups = {group.name.rpartition("_")[2]: group for group in discover()[name]}
    assert {"stalls", "value", "sequence", "error"} <= groups.keys()
    prefix = groups["stalls"].name.rpartition("_")[0]
    assert groups["stalls"] == stalls_group(prefix)
