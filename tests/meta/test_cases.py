"""Cases: every kind of bench that fails leaves one; it replays on simulators and the model.

Faults are sown by the mutants of ``test_mutants``; top levels are in ``test_scoreboard``, full-size
runs in ``test_player`` and ``test_run``.
"""

from __future__ import annotations

import dataclasses
import re

import numpy as np
import pytest

from models.case import Case, as_array, case_layers, is_case
from models.layer import Layer
from models.places import ROOT, build_root
from scripts import replay
from tb.common.sim import simulators
from tb.common.sim.bench import Bench
from tb.common.sim.runner import RunResult, run, shown
from tests.meta.test_mutants import BENCHES, MUTANTS

#: mutant -> whether the model can say by itself what is expected
SOWN = {
    "fifo-full-early": False,  # streams and a checker
    "requant-half-up": True,  # no clock
    "fmt-rle-run-past": True,  # tiles
    "fmt-bitmap-enc-noise": True,
    "regs-start-in-error": False,  # a directed sequence on the register port
}
needs_icarus = pytest.mark.skipif(
    bool(simulators.missing("icarus")), reason=str(simulators.missing("icarus"))
)


def broken(name: str, other: str = "") -> Bench:
    """The bench of a mutant on its changed file (or on the good one, with ``other``)."""
    mutant = next(one for one in MUTANTS if one.name == name)
    bench = BENCHES[mutant.bench]
    if other:
        return dataclasses.replace(bench, name=f"case-{name}")
    changed = mutant.write(build_root() / "mutants" / name)
    return dataclasses.replace(bench, name=f"case-{name}", sources=(*bench.sources, str(changed)))


def fail(name: str) -> RunResult:
    """Run a mutant; it fails."""
    mutant = next(one for one in MUTANTS if one.name == name)
    bench = broken(name)
    result = run(bench, mutant.config or next(iter(bench.configs)), "icarus", mutant.tests)
    assert result.failed, result.report()
    return result


def replayed(monkeypatch, bench: Bench, path, *arguments: str) -> int:
    monkeypatch.setattr(replay, "find", lambda name: bench)
    return replay.main(["--case", str(path), *arguments])


@needs_icarus
@pytest.mark.parametrize("name", SOWN)
def test_a_block_that_fails_leaves_a_case_that_replays(name, monkeypatch, capsys):
    result = fail(name)
    for record in result.failed:
        assert f"at {record.when}" in result.report()
        assert f"case: make replay CASE={shown(record.case)}" in result.report()
        assert f"replay: {result.replays[record.name]}" in result.report()
    record = result.failed[0]
    case = Case.load(record.case)
    assert case.meta["bench"] == f"case-{name}" and case.meta["seed"] == 1
    assert sum(array.size for key, array in case.arrays.items() if "/value" in key) > 3
    assert replayed(monkeypatch, broken(name), record.case) == replay.FAILED
    text = capsys.readouterr().out
    assert re.search(r"same stimulus: [0-9,]+ values were written, all as in the case", text)
    assert f"reproduced: {record.message.splitlines()[0]}" in text
    status = replay.OK if SOWN[name] else 2
    if SOWN[name]:
        assert replayed(monkeypatch, broken(name), record.case, "--sim", "model") == status
        assert "equal to the saved expectation" in capsys.readouterr().out
    else:
        with pytest.raises(SystemExit, match="2"):
            replay.main(["--case", str(record.case), "--sim", "model"])
        assert "need SIM=verilator or SIM=icarus" in capsys.readouterr().err


@needs_icarus
@pytest.mark.skipif(bool(simulators.missing("verilator")), reason="needs Verilator")
def test_a_case_replays_on_the_other_simulator(monkeypatch, capsys):
    record = fail("requant-half-up").failed[0]
    arguments = (record.case, "--sim", "verilator")
    assert replayed(monkeypatch, broken("requant-half-up"), *arguments) == replay.FAILED
    text = capsys.readouterr().out
    assert "on verilator" in text and "all as in the case" in text
    assert f"reproduced: {record.message.splitlines()[0]}" in text


@needs_icarus
def test_a_case_passes_on_mended_rtl(monkeypatch, capsys):
    record = fail("requant-half-up").failed[0]
    good = broken("requant-half-up", other="good")
    assert replayed(monkeypatch, good, record.case) == replay.OK
    assert "passes now: the case failed with AssertionError: acc" in capsys.readouterr().out


@needs_icarus
def test_the_pins_get_what_the_case_says(monkeypatch, tmp_path, capsys):
    """A value that is changed in the file reaches the device, and the change is told."""
    record = fail("requant-half-up").failed[0]
    case = Case.load(record.case)
    case.arrays["pins/acc_i/value"] = np.zeros_like(case.arrays["pins/acc_i/value"])
    path = case.save(tmp_path, "changed")
    good = broken("requant-half-up", other="good")
    assert replayed(monkeypatch, good, path) == replay.FAILED
    text = capsys.readouterr().out
    assert "other stimulus: the test is not what it was; first acc_i at " in text
    assert "out 0x0 sat 0" in text


@needs_icarus
def test_cases_are_not_overwritten_and_not_doubled():
    first, again = fail("requant-half-up").failed[0], fail("requant-half-up").failed[0]
    assert first.case == again.case, "the same failure is saved once"
    before = first.case.read_bytes()
    case = Case.load(first.case)
    case.arrays["inputs/acc"] = case.arrays["inputs/acc"] + 1
    other = case.save(first.case.parent, first.case.stem.rsplit("-", 1)[0])
    assert other != first.case and first.case.read_bytes() == before
    other.unlink()


def test_a_case_is_read_as_it_was_written(tmp_path):
    layer = Layer([[1, -2], [0, 3]], [4, 5], bias=[7, 0], shift=1, relu=False, name="a")
    chained = Layer([[1, 1]], shift=2, name="b")
    case = Case({"kind": "run", "design": "eie", "message": "m", "simulator": "icarus", "seed": 3})
    case.put_layers([layer, chained])
    case.arrays["x"] = as_array([1, 1 << 70])
    path = case.save(tmp_path, "a/b c")
    assert path.name == "a_b_c-0.npz" and is_case(path)
    again = Case.load(path)
    assert again.meta == {"case": 1, **case.meta}
    assert again.arrays["x"].tolist() == ["0x1", "0x400000000000000000"]
    first, second = case_layers(path)
    assert (first.relu, first.shift, first.bias.tolist()) == (False, 1, [7, 0])
    assert second.activations.ravel().tolist() == [1, 8]


@pytest.mark.parametrize(
    ("meta", "message"),
    [
        (None, "meta: found no such key (keys: weights)"),
        ({"kind": "job"}, "bench: found None in the case, need str"),
        ({"kind": "what"}, "kind: found 'what', known: test, job, run"),
    ],
)
def test_no_case_is_refused_in_one_line(tmp_path, capsys, meta, message):
    path = tmp_path / "case.npz"
    if meta is None:
        np.savez(path, weights=np.ones(3))
    else:
        base = {"message": "m", "simulator": "icarus", "seed": 1}
        Case(base | meta).write(path)
    with pytest.raises(SystemExit, match="2"):
        replay.main(["--case", str(path)])
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1 and message in lines[0]


def test_the_format_is_documented():
    text = (ROOT / "docs" / "cases.md").read_text()
    for word in (
        "`pins/<port>/ps`",
        "`seen/<stream>/",
        "`weights<i>`",
        "`pass<i>/wgt`",
        "test_seed",
    ):
        assert word in text
