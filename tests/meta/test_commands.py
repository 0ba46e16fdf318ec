"""``make sim`` and ``make regress``: exit status, replay lines, what is left out."""

from __future__ import annotations

import errno
import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from models import registry
from scripts import interrupt, kept, options, sim
from scripts.bench import tasks as bench_run
from scripts.farm import farm
from scripts.farm.place import Here
from scripts.farm.settings import FarmError
from scripts.regress import attempt
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


# ---------------------------------------------------------------- regressions that go wrong


def record(folder: Path) -> dict[str, Any]:
    """The record of the last regression."""
    return json.loads((folder / "build" / "regress.json").read_text())


@pytest.mark.parametrize("error", [FarmError("farm: other sources"), KeyError("bug")])
def test_a_regression_that_breaks_off_leaves_its_records(
    no_simulation, monkeypatch, tmp_path, capfd, error
):
    def third(job: regress.Planned) -> RunResult:
        if job.seed == 3:
            raise error
        return result(job)

    monkeypatch.setattr(regress, "do_run", third)
    with pytest.raises(type(error), match=str(error)):
        regress.main(["--n", "3", "--sim", QUICK])
    found = record(tmp_path)
    assert (len(found["runs"]), found["failed"], found["planned"]) == (4, 1, 6)
    assert not found["finished"] and (tmp_path / "build" / "regress.xml").is_file()
    assert "4 of 6 runs are done, 1 failed; RESUME=1 does the rest" in capfd.readouterr().out
    monkeypatch.setattr(regress, "do_run", result)
    assert regress.main(["--failed"]) == 1
    assert [one["seed"] for one in record(tmp_path)["runs"]] == [2]


def test_a_full_disk_is_what_is_said_though_no_record_can_be_written(no_simulation, monkeypatch):
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "where")

    def fuller(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "elsewhere")

    monkeypatch.setattr(regress, "append", full)
    monkeypatch.setattr(regress, "published", fuller)
    with pytest.raises(OSError, match="No space left on device: 'where'"):
        regress.main(["--n", "1", "--sim", QUICK])


@pytest.mark.parametrize("at", ["build", "run"])
@pytest.mark.parametrize(
    "error",
    [
        simulators.ToolMissing("Icarus is not here"),
        NotADirectoryError(errno.ENOTDIR, "Not a directory", "build/run/bad"),
        OSError(errno.ENOSPC, "No space left on device", "build/sim"),
        ValueError("no module lac_none"),
    ],
)
def test_what_keeps_one_bench_from_running_is_its_own_failure(
    benches, monkeypatch, tmp_path, capfd, at, error
):
    def made(chosen: bench.Bench, *_: object, **__: object) -> Any:
        if chosen.name == "bad":
            raise error

    def ran(chosen: bench.Bench, config: str, simulator: str, tests: None, seed: int) -> RunResult:
        made(chosen)
        return result(regress.Planned(chosen.name, config, simulator, seed, tests))

    monkeypatch.setattr(farm, "Processes", lambda _: Here())
    monkeypatch.setattr(attempt, "build", made if at == "build" else lambda *_, **__: None)
    monkeypatch.setattr(regress, "run", ran)
    assert regress.main(["--n", "1", "--sim", QUICK]) == 1
    out = capfd.readouterr().out
    assert "1 runs passed, 1 failed" in out
    assert f"replay: make sim DESIGN=bad CONFIG=default SEED=1 SIM={QUICK}" in out
    (failure,) = [one for one in record(tmp_path)["runs"] if not one["passed"]]
    text = "build/sim: the disk is full" if "space" in str(error) else str(error)
    assert failure["failures"] == [text]


def test_failures_that_were_not_run_again_stay_failures(no_simulation, monkeypatch, tmp_path):
    """However FAILED=1 ends early: by an error, or by an interrupt while it builds."""

    def failing(job: regress.Planned) -> RunResult:
        return replace(result(job), passed=False, failures=("wrong",))

    def one_only(job: regress.Planned) -> RunResult:
        if job.seed > 1:
            raise FarmError("farm: no more workers")
        return replace(failing(job), passed=True)

    notes: list[str] = []
    monkeypatch.setattr(interrupt, "note", notes.append)
    monkeypatch.setattr(regress, "do_run", failing)
    assert regress.main(["--n", "4", "--sim", QUICK, "--design", "bad"]) == 1
    monkeypatch.setattr(regress, "do_run", one_only)
    with pytest.raises(FarmError):
        regress.main(["--failed"])
    found = record(tmp_path)
    assert {one["seed"]: one["passed"] for one in found["runs"]} == {
        1: True, 2: False, 3: False, 4: False,
    }  # fmt: skip
    assert found["kept"] == 3 and not found["finished"]
    folder = notes[-1].split(" ", 2)[2]
    (Path(folder) / regress_records.JOURNAL).unlink()
    text = regress.stopped(notes[-1])
    assert text.startswith("0 of 4 runs are done, 0 failed; FAILED=1 does the rest")
    assert record(tmp_path)["failed"] == 4
    monkeypatch.setattr(regress, "do_run", lambda job: replace(result(job), passed=True))
    assert regress.main(["--failed"]) == 0
    assert record(tmp_path)["finished"] and record(tmp_path)["passed"] == 4


def test_failures_of_what_is_gone_are_left_out(no_simulation, monkeypatch, tmp_path, capfd):
    monkeypatch.setattr(
        regress, "do_run", lambda job: replace(result(job), passed=False, failures=("wrong",))
    )
    assert regress.main(["--n", "1", "--sim", QUICK]) == 1
    monkeypatch.setattr(regress, "do_run", lambda job: replace(result(job), passed=True))
    both = (tmp_path / "build" / "regress.json").read_text()
    bad = no_simulation.pop("bad")
    assert regress.main(["--failed"]) == 0
    assert "left out: bad default " in capfd.readouterr().out
    for changed in (replace(bad, tests=("other",)), replace(bad, configs={"new": {"Width": 4}})):
        no_simulation["bad"] = changed
        text = both.replace('"asked": ""', '"asked": "fails"')
        (tmp_path / "build" / "regress.json").write_text(text)
        no_simulation["toy"] = replace(no_simulation["toy"], tests=("fails",))
        assert regress.main(["--failed"]) == 0
        assert "left out: bad default " in capfd.readouterr().out
    no_simulation.clear()
    (tmp_path / "build" / "regress.json").write_text(both)
    assert regress.main(["--failed"]) == 2
    assert "error: failed: none of the failures" in capfd.readouterr().err
    assert (tmp_path / "build" / "regress.json").read_text() == both


def test_failures_without_their_simulator_are_left_out_and_stay(
    no_simulation, monkeypatch, tmp_path, capfd
):
    monkeypatch.setattr(
        regress, "do_run", lambda job: replace(result(job), passed=False, failures=("wrong",))
    )
    monkeypatch.setattr(simulators, "missing", lambda _: None)
    assert regress.main(["--n", "1", "--design", "bad"]) == 1
    monkeypatch.setattr(simulators, "missing", lambda s: "no Icarus" if s == "icarus" else None)
    monkeypatch.setattr(regress, "do_run", lambda job: replace(result(job), passed=True))
    assert regress.main(["--failed"]) == 1
    assert "left out: no Icarus" in capfd.readouterr().out
    passed = {one["simulator"]: one["passed"] for one in record(tmp_path)["runs"]}
    assert passed == {"verilator": True, "icarus": False}
    assert regress.main(["--failed"]) == 2
    assert "error: failed: none of the failures" in capfd.readouterr().err


@pytest.mark.parametrize(
    "other", ["--design=toy", "--config=default", "--test=a", "--seed=0", "--n=1", f"--sim={QUICK}"]
)
def test_failures_run_as_they_were_or_not_at_all(no_simulation, capfd, other):
    with pytest.raises(SystemExit, match="2"):
        regress.main(["--failed", other])
    assert f"error: {other[2:].partition('=')[0]}: not beside failed" in capfd.readouterr().err


def test_how_often_and_where_a_run_ran_is_kept_with_it(no_simulation):
    job = regress.Planned("toy", "default", QUICK, 1, None)
    regress.kept_record(farm.Ended((job,), result(job), tries=2, host="node7"))
    (found,) = regress.passed_before([job])
    assert (found.tries, found.host, found.kept) == (2, "node7", True)


def test_every_seed_of_a_regression_can_be_replayed(no_simulation, capfd):
    highest = str(options.MAX_SEED)
    assert regress.main(["--seed", highest, "--n", "1", "--sim", QUICK]) == 0
    assert regress.main(["--seed", highest, "--n", "2", "--sim", QUICK]) == 2
    line = f"error: seed: found '{highest}', need 0..{options.MAX_SEED - 1} where n is 2\n"
    assert capfd.readouterr().err == line


@pytest.mark.parametrize(
    "change",
    [
        lambda data: {},
        lambda data: [],
        lambda data: None,
        lambda data: data | {"who": 1},
        lambda data: data | {"seed": "1"},
        lambda data: data | {"tests": [{}]},
        lambda data: data | {"tests": None},
        lambda data: data | {"failures": [1]},
        lambda data: data | {"failures": [""]},
    ],
)
def test_what_is_no_record_is_not_there(no_simulation, monkeypatch, tmp_path, capfd, change):
    job = regress.Planned("toy", "default", QUICK, 1, None)
    everything = ["--n", "1", "--sim", QUICK, "--design", "toy"]
    assert regress.main(everything) == 0
    (path,) = (tmp_path / "build" / "kept" / "regress").glob("*.json")
    good = json.loads(path.read_text())
    assert regress.passed_before([job])
    assert not regress.passed_before([replace(job, seed=2)])
    path.write_text(json.dumps(change(good)))
    assert not regress.passed_before([job])
    assert regress.main([*everything, "--resume"]) == 0
    (tmp_path / regress_records.JOURNAL).write_text(json.dumps(change(good)) + "\n")
    assert regress_records.read_journal(tmp_path) == []
    data = record(tmp_path)
    for wrong in (change(data["runs"][0]), None):
        text = json.dumps(data | {"runs": [wrong] if wrong is not None else wrong})
        (tmp_path / "build" / "regress.json").write_text(text)
        capfd.readouterr()
        assert regress.main(["--failed"]) == 2
        assert "error: failed: no record" in capfd.readouterr().err


def test_a_kept_record_is_of_the_run_that_it_is_kept_for(no_simulation, tmp_path):
    job = regress.Planned("toy", "default", QUICK, 1, None)
    regress.kept_record(farm.Ended((job,), result(job)))
    (path,) = (tmp_path / "build" / "kept" / "regress").glob("*.json")
    good = json.loads(path.read_text())
    for change in ({"seed": 2}, {"passed": False}):
        path.write_text(json.dumps(good | change))
        assert not regress.passed_before([job])
