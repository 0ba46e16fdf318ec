"""The environment of the accelerators fails when it must: one wrong thing at a time."""

from __future__ import annotations

import dataclasses
import os
import shlex

import numpy as np
import pytest

from models.case import Case
from models.golden import golden
from scripts import replay
from scripts.run.cli import parse as run_options
from scripts.run.tasks import tasks_of
from tb.common.sim import simulators
from tb.common.sim.runner import Bench, RunResult, find, run, shown
from tb.common.uvm.items import Packet
from tb.common.uvm.scoreboard import time_of

WRONG = {
    "corrupted_prediction": "results differ",
    "wrong_cycles": "cycles_compute",
    "wrong_output": "cycles_output",
    "wrong_held": "the result stream was held for 1 cycles",
    "wrong_counter": "broadcasts",
    "wrong_identity": "one is not two",
    "wrong_part": "a part is wrong",
    "nothing_compared": "compared nothing",
    "job_never_run": "2 jobs sent, 1 judged",
    "pass_nobody_expected": "left over",
    "error_that_does_not_come": "expected WGT_SHORT",
    "other_error_than_expected": "expected WGT_LONG",
    "source_never_sends": "s_axis_wgt waits for its source",
}


def bench_of() -> Bench:
    """The bench that fails."""
    # Each worker runs it for itself, in its own folder: a run empties the folder it writes to.
    worker = os.environ.get("PYTEST_XDIST_WORKER", "alone")
    return dataclasses.replace(
        find("eie"),
        name=f"eie-selftest-{worker}",
        module="tests.meta.scoreboard_tests",
        tests=tuple(WRONG),
        long=(),
    )


@pytest.fixture(scope="module")
def result() -> RunResult:
    if why := simulators.missing("icarus"):
        pytest.skip(why)
    return run(bench_of(), "pe4", "icarus")


@pytest.mark.parametrize("name", WRONG)
def test_wrong_thing_is_found(result, name):
    (record,) = [r for r in result.tests if r.name == name]
    assert record.status == "failed"
    assert WRONG[name] in record.message


@pytest.mark.parametrize("name", WRONG)
def test_every_failure_has_time_case_and_replay_line(result, name):
    (record,) = [r for r in result.tests if r.name == name]
    assert record.fail_ns > 0 and record.fail_cycle > 0
    assert f"case: make replay CASE={shown(record.case)}" in result.report().splitlines()
    assert f"replay: {result.replays[name]}" in result.report().splitlines()
    assert f"TEST={name} " in result.replays[name]


def test_failing_inputs_are_saved_and_load(result):
    (record,) = [r for r in result.tests if r.name == "corrupted_prediction"]
    case = Case.load(record.case)
    assert case.meta["design"] == "eie"
    assert case.layers[0].weights.size and case.layers[0].activations.size
    assert case.passes[-1].out_words and case.passes[0].wgt.size
    found, expected = case.arrays["found0"], case.arrays["expected0"]
    assert np.argwhere(found != expected).tolist() == [[0, expected.size - 1, 0, 0]]
    assert np.array_equal(found, golden(case.layers[0]))
    assert case.arrays["pins/s_axis_wgt_tdata/value"].size >= case.passes[0].wgt.size


def test_mismatch_is_timed_at_its_handshake(result):
    """The last value came with the last word of the result, before the counters were read."""
    (record,) = [r for r in result.tests if r.name == "corrupted_prediction"]
    (judged,) = [r for r in result.tests if r.name == "wrong_counter"]  # same layer, by counters
    assert record.fail_cycle < judged.fail_cycle - 20, "the time is that of the judgement"


@pytest.mark.parametrize("value", range(10))
def test_time_of_a_result_is_that_of_its_word(value):
    """Four 16-bit values a word, two packets: found whatever the layout is."""
    rng = np.random.default_rng(value)
    packets = [
        Packet("out", rng.integers(0, 1 << 63, 2, dtype=np.uint64), (10.0, 20.0)),
        Packet("out", rng.integers(0, 1 << 63, 1, dtype=np.uint64), (70.0,)),
    ]

    def unpack(words: list[np.ndarray]) -> list[np.ndarray]:
        return [np.concatenate(words).view(np.int16)[:10].reshape(2, 5)]

    expected = (10.0, 20.0, 70.0)[value // 4]
    assert time_of(unpack, packets, (0, divmod(value, 5))) == expected


@pytest.mark.parametrize("name", ["corrupted_prediction", "wrong_counter", "source_never_sends"])
def test_saved_job_or_test_replays_on_its_simulator(result, name, monkeypatch, capsys):
    (record,) = [r for r in result.tests if r.name == name]
    monkeypatch.setattr(replay, "find", lambda bench: bench_of())
    line = next(x for x in result.report().splitlines() if shown(record.case) in x)
    words = shlex.split(line.removeprefix("case: make replay CASE="))
    assert replay.main(["--case", words[0]]) == replay.FAILED
    text = capsys.readouterr().out
    assert f"reproduced: {record.message.splitlines()[0]}" in text
    if name == "source_never_sends":  # a packet that is not sent is not in the job
        assert "the job alone fails otherwise" in text and "same stimulus" in text
    else:
        assert "drove: the packets and registers of the saved job" in text


def test_saved_job_on_the_model(result, capsys):
    (record,) = [r for r in result.tests if r.name == "corrupted_prediction"]
    assert replay.main(["--case", str(record.case), "--sim", "model"]) == replay.FAILED
    assert "expected0 is not the saved expectation: 1 of" in capsys.readouterr().out
    (record,) = [r for r in result.tests if r.name == "wrong_counter"]
    assert replay.main(["--case", str(record.case), "--sim", "model"]) == replay.OK
    assert "equal to the saved expectation" in capsys.readouterr().out


def test_saved_packets_are_driven_not_compiled_again(result, monkeypatch, tmp_path, capsys):
    """A case with a spoilt packet fails with that packet's error."""
    monkeypatch.setattr(replay, "find", lambda bench: bench_of())
    (record,) = [r for r in result.tests if r.name == "wrong_counter"]
    case = Case.load(record.case)
    case.arrays["pass0/wgt"] = case.arrays["pass0/wgt"] ^ np.uint64(1 << 60)
    path = case.save(tmp_path, "spoilt")
    assert replay.main(["--case", str(path)]) == replay.FAILED
    assert "WGT_HEADER" in capsys.readouterr().out


def test_saved_job_is_a_layer_for_make_run(result, tmp_path):
    (record,) = [r for r in result.tests if r.name == "corrupted_prediction"]
    (task,) = tasks_of(run_options(["--layer", str(record.case), "--design", "dense"]))
    (layer,) = task.job.layers
    assert np.array_equal(golden(layer), golden(Case.load(record.case).layers[0]))
    with pytest.raises(ValueError, match="bits: the layers of a saved case are run as they are"):
        tasks_of(run_options(["--layer", str(record.case), "--bits", "4"]))
