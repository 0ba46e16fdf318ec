"""The environment of the accelerators fails when it must: one wrong thing at a time."""

from __future__ import annotations

import dataclasses
import os

import pytest

from tb.common import simulators
from tb.common.runner import RunResult, find, run
from tb.common.scoreboard import load_case

WRONG = {
    "corrupted_prediction": "results differ",
    "wrong_cycles": "cycles_compute",
    "wrong_held": "the result stream was held for 1 cycles",
    "wrong_counter": "broadcasts",
    "wrong_identity": "one is not two",
    "nothing_compared": "compared nothing",
    "job_never_run": "2 jobs sent, 1 judged",
    "pass_nobody_expected": "left over",
    "error_that_does_not_come": "expected WGT_SHORT",
    "other_error_than_expected": "expected WGT_LONG",
    "source_never_sends": "s_axis_wgt waits for its source",
}


@pytest.fixture(scope="module")
def result() -> RunResult:
    if why := simulators.missing("icarus"):
        pytest.skip(why)
    # Each worker runs it for itself, in its own folder: a run empties the folder it writes to.
    worker = os.environ.get("PYTEST_XDIST_WORKER", "alone")
    bench = dataclasses.replace(
        find("eie"),
        name=f"eie-selftest-{worker}",
        module="tests.meta.scoreboard_tests",
        tests=tuple(WRONG),
    )
    return run(bench, "pe4", "icarus")


@pytest.mark.parametrize("name", WRONG)
def test_wrong_thing_is_found(result, name):
    (record,) = [r for r in result.tests if r.name == name]
    assert record.status == "failed"
    assert WRONG[name] in record.message


def test_failing_inputs_are_saved_and_load(result):
    paths = sorted(result.out.glob("good_after_corrupted_prediction*.npz"))
    assert paths
    meta, layers = load_case(paths[0])
    assert meta["design"] == "eie"
    assert layers[0].weights.size and layers[0].activations.size
