"""``make sim`` and ``make regress``: exit status, replay lines, what is left out."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from models import registry
from scripts import kept, sim
from scripts.bench import tasks as bench_run
from scripts.farm import farm
from scripts.farm.place import Here
from scripts.regress import cli as regress
from scripts.regress import records as regress_records
from tb.common.sim import bench, simulators
from tb.common.sim.results import TestRecord
from tb.common.sim.runner import RunResult
from tests.meta import toy

QUICK = "verilator" if simulators.missing("icarus") else "icarus"


@pytest.fixture
def benches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Two toy benches instead of the real ones: one passes, one fails."""
    folder = toy.write(tmp_path / "toy")
    monkeypatch.setenv("LAC_BUILD", str(tmp_path / "build"))
    monkeypatch.syspath_prepend(str(folder))
    good = toy.bench(folder, configs={"default": {"Width": 4}})
    bad = toy.bench(
        folder, "toy_failing", name="bad", tests=("fails",), configs={"default": {"Width": 4}}
    )
    known = {"toy": good, "bad": bad}
    monkeypatch.setattr(bench, "discover", lambda: known)
    return known


def test_sim_exit_status_and_replay_line(benches, capfd):
    quiet = ["--sim", QUICK, "--quiet"]
    assert sim.main(["--design", "toy", "--test", "counts", *quiet]) == 0
    assert sim.main(["--design", "bad", "--seed", "5", *quiet]) == 1
    line = f"make sim DESIGN=bad CONFIG=default TEST=fails SEED=5 SIM={QUICK}"
    assert f"replay: {line}" in capfd.readouterr().out
    assert sim.main(["--design", "toy", "--test", "nothing", *quiet]) == 2
    assert "error: test: found 'nothing', known: counts, waits" in capfd.readouterr().err


def test_sim_without_design_lists_the_benches(benches, capfd):
    assert sim.main([]) == 0
    out = capfd.readouterr().out
    assert "toy (1)" in out
    assert "counts" not in out


def test_sim_with_a_design_alone_lists_its_configurations_and_tests(benches, capfd):
    assert sim.main(["--design", "toy"]) == 0
    out = capfd.readouterr().out
    for text in ("default", "Width=4", "parameters: Width", "tests: counts, waits"):
        assert text in out
    assert "make sim DESIGN=toy CONFIG=default TEST=counts" in out
    assert sim.main(["--design", "toyy"]) == 2
    assert "design: found 'toyy', did you mean 'toy'?" in capfd.readouterr().err


def test_lists_of_the_real_benches_fit_a_screen(monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "80")
    assert sim.main([]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) <= 48
    assert max(map(len, lines)) <= 80


def test_sim_shows_where_the_waves_are(benches, capfd):
    assert sim.main(["--design", "toy", "--sim", QUICK, "--quiet", "--waves"]) == 0
    out = capfd.readouterr().out
    assert "waves: /" in out
    assert "open:  gtkwave /" in out


def result(job: regress.Planned) -> RunResult:
    """What a run would give: the bench 'bad' fails at seed 2."""
    passed = not (job.bench == "bad" and job.seed == 2)
    return RunResult(
        passed=passed,
        bench=job.bench,
        config=job.config,
        simulator=job.simulator,
        seed=job.seed,
        tests=(),
        failures=() if passed else ("it went wrong",),
        log=Path("sim.log"),
        out=Path("out"),
        replay=f"make sim DESIGN={job.bench} SEED={job.seed}",
        seconds=1.0,
    )


@pytest.fixture
def no_simulation(benches, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(farm, "Processes", lambda _: Here())
    monkeypatch.setattr(regress, "do_build", lambda *_: "")
    monkeypatch.setattr(regress, "do_run", result)
    return benches


def test_regress_runs_every_seed_and_lists_failures(no_simulation, tmp_path, capfd):
    assert regress.main(["--n", "3", "--sim", QUICK]) == 1
    out = capfd.readouterr().out
    assert "5 runs passed, 1 failed" in out
    assert "make sim DESIGN=bad SEED=2" in out
    record = json.loads((tmp_path / "build" / "regress.json").read_text())
    assert record["passed"] == 5
    assert record["failures"][0]["replay"] == "make sim DESIGN=bad SEED=2"


def test_regress_groups_failures_by_cause_and_writes_junit(
    no_simulation, monkeypatch, tmp_path, capfd
):
    def failing(job: regress.Planned) -> RunResult:
        if job.bench == "toy":
            return result(job)
        message = f"AssertionError: word {job.seed} is \x07 0x{job.seed:x}\n    at /a/b.py:3 in f"
        tests = (TestRecord("fails", "failed", 0.5, 10.0, message),)
        failures = (f"fails: {message}",)
        again = {"fails": result(job).replay}
        return replace(result(job), passed=False, tests=tests, failures=failures, replays=again)

    monkeypatch.setattr(regress, "do_run", failing)
    assert regress.main(["--n", "3", "--sim", QUICK]) == 1
    out = capfd.readouterr().out
    assert "3 times: fails: AssertionError: word # is" in out
    assert out.count("the same: make sim DESIGN=bad SEED=") == 2
    record = json.loads((tmp_path / "build" / "regress.json").read_text())
    assert [one["count"] for one in record["causes"]] == [3]
    assert record["finished"] and record["passed"] == record["failed"] == 3
    assert {(one["bench"], one["seed"], one["passed"]) for one in record["runs"]} == {
        (bench, seed, bench == "toy") for bench in ("toy", "bad") for seed in (1, 2, 3)
    }
    assert all(one["replay"] and one["seconds"] == 1.0 for one in record["runs"])
    root = ElementTree.parse(tmp_path / "build" / "regress.xml").getroot()
    assert root.get("failures") == "3" and len(root) == 6
    failure = root.find(f"testsuite[@name='bad.default.{QUICK}.seed2']/testcase/failure")
    assert "replay: make sim DESIGN=bad SEED=2" in failure.text
    assert "word 2 is ? 0x2" in failure.get("message")


def test_regress_again_runs_what_is_asked_for(no_simulation, monkeypatch, tmp_path, capfd):
    ran = []

    def counted(job: regress.Planned) -> RunResult:
        ran.append((job.bench, job.seed))
        return result(job)

    monkeypatch.setattr(regress, "do_run", counted)
    everything = ["--n", "3", "--sim", QUICK]
    assert regress.main(["--failed"]) == 2, "there is no record yet"
    assert regress.main(everything) == 1
    assert len(ran) == 6
    for again in (["--failed"], [*everything, "--resume"]):
        ran.clear()
        assert regress.main(again) == 1
        assert ran == [("bad", 2)]
    assert "5 of 6 runs have passed before" in capfd.readouterr().out
    record = json.loads((tmp_path / "build" / "regress.json").read_text())
    assert record["kept"] == 5 and len(record["runs"]) == 6
    ran.clear()
    monkeypatch.setattr(kept, "sources", lambda: "other sources")
    assert regress.main([*everything, "--resume"]) == 1
    assert len(ran) == 6
    monkeypatch.setattr(regress, "do_run", lambda job: replace(result(job), passed=True))
    assert regress.main(["--failed"]) == 0
    assert regress.main(["--failed"]) == 2, "nothing failed"


def test_a_journal_that_was_cut_off_is_read(tmp_path):
    job = regress.Planned("toy", "default", QUICK, 1, None)
    record = regress_records.of_result(result(job), "")
    regress_records.append(tmp_path, record)
    with (tmp_path / regress_records.JOURNAL).open("a") as journal:
        journal.write('{"bench": "to')
    assert regress_records.read_journal(tmp_path) == [record]


def test_regress_passes_and_starts_at_the_seed_it_is_given(no_simulation):
    assert regress.main(["--n", "2", "--seed", "3", "--sim", QUICK]) == 0
    assert regress.main(["--n", "1", "--seed", "2", "--sim", QUICK, "--design", "bad"]) == 1


def test_regress_with_nothing_to_run_is_an_error(no_simulation):
    with pytest.raises(SystemExit, match="2"):
        regress.main(["--n", "0", "--sim", QUICK])
    assert regress.main(["--test", "nothing_like_it", "--sim", QUICK]) == 2


def test_regress_counts_a_broken_build_as_a_failure(no_simulation, monkeypatch, capfd):
    monkeypatch.setattr(
        regress, "do_build", lambda name, *_: "no such module" if name == "bad" else ""
    )
    assert regress.main(["--n", "1", "--sim", QUICK]) == 1
    out = capfd.readouterr().out
    assert "no such module" in out
    assert "1 runs passed, 1 failed" in out


def test_regress_leaves_out_a_missing_simulator_and_says_so(no_simulation, monkeypatch, capfd):
    monkeypatch.setattr(simulators, "missing", lambda s: "no Icarus" if s == "icarus" else None)
    assert regress.main(["--n", "1"]) == 0
    assert "left out: no Icarus" in capfd.readouterr().out


def test_slow_and_icarus_lists_are_kept(benches):
    bench = toy.bench(
        Path("x"), configs={"default": {}, "big": {}}, icarus=("default",), slow=("big",)
    )
    assert list(regress.targets([bench], None, None)) == [
        (bench, "default", "verilator"),
        (bench, "default", "icarus"),
        (bench, "big", "verilator"),
    ]
    assert list(regress.targets([bench], "big", "icarus")) == [(bench, "big", "icarus")]


def test_bench_keeps_what_passed_and_nothing_else(tmp_path, monkeypatch):
    monkeypatch.setenv("LAC_BUILD", str(tmp_path))
    monkeypatch.setattr(simulators, "version", lambda name: "1")
    config = registry.design("eie").config()
    tasks = bench_run.tasks("eie", ["nt-we"], ["plain", "tuned"], [1], config, QUICK, tmp_path)
    for task in tasks:
        good = task.variant == "plain"
        record = {"bit_exact": good, "counter_errors": []}
        monkeypatch.setattr(bench_run, "run_task", lambda task, record=record: record)
        bench_run.finished(farm.Ended((task,), bench_run.guarded(task)))
    plain, tuned = map(bench_run.passed_before, tasks)
    assert plain.record["bit_exact"] and tuned is None
    other = replace(tasks[0], config=replace(config, queue_depth=4))
    assert bench_run.passed_before(other) is None
    assert bench_run.passed_before(replace(tasks[0], seed=2)) is None
