"""Where jobs run: nothing is lost, nothing runs for ever, what is wrong is one line."""

from __future__ import annotations

import importlib.util
import os
import re
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from models.places import ROOT
from scripts import door, interrupt, kept, options
from scripts.console import Console
from scripts.farm import bar, farm, in_order, settings, slot
from scripts.farm.in_order import Keep
from scripts.farm.place import Here
from scripts.farm.settings import Cluster, FarmError, JobError, Limits, Setting
from tests.meta import farm_jobs

NO_DASK = importlib.util.find_spec("distributed") is None
#: Runs on this machine: local, and Dask where it is installed.
WORDS = [
    "local",
    pytest.param("dask", marks=pytest.mark.skipif(NO_DASK, reason="Dask is not installed")),
]


def run(function, jobs, job=None, word="local", here=False, count=2):
    """All that ended, in the order of the jobs."""
    setting = Setting(word, job or Limits())
    with farm.opened(setting, count, Console(), here=here) as made:
        found = list(made.each(function, jobs))
    return sorted(found, key=lambda one: jobs.index(one.job))


@pytest.mark.parametrize("word", WORDS)
def test_every_job_comes_back_once(word):
    jobs = [(at,) for at in range(40)]
    found = run(farm_jobs.double, jobs, word=word)
    assert [one.result for one in found] == [2 * at for at in range(40)]
    assert {one.tries for one in found} == {1}


@pytest.mark.parametrize("word", WORDS)
def test_a_job_whose_worker_is_killed_runs_again_and_is_named(word, tmp_path, capsys):
    jobs = [(tmp_path / "mark", 2), *((tmp_path / f"good{at}", 0) for at in range(4))]
    first, *rest = run(farm_jobs.killed, jobs, word=word)
    assert (first.result, first.tries) == ("xxx", 3)
    assert {(one.result, one.tries) for one in rest} == {("x", 1)}
    out = capsys.readouterr().out
    assert out.count("again: ") == 2 and f"{tmp_path / 'mark'} 2: its process was killed" in out
    assert "try 3 of 3" in out


def test_tries_have_an_end(tmp_path):
    bad, good = run(farm_jobs.killed, [(tmp_path / "a", 9), (tmp_path / "b", 0)], Limits(retries=1))
    assert bad.tries == 2 and bad.problem.startswith("lost 2 times")
    assert (tmp_path / "a").stat().st_size == 2 and good.result == "x"
    with pytest.raises(RuntimeError, match="lost 2 times"):
        bad.result  # noqa: B018


def test_what_a_killed_job_left_running_is_ended(tmp_path):
    (one,) = run(farm_jobs.killed_with_child, [(tmp_path / "mark",)])
    assert one.tries == 2
    for _ in range(100):
        state = Path(f"/proc/{one.result}/stat")
        if not state.exists() or state.read_text().rpartition(")")[2].split()[0] in "ZX":
            return
        time.sleep(0.05)
    raise AssertionError("its child is still there")


def test_limits_end_one_job_and_no_other():
    jobs = [(60.0,), (0.01,), (0.02,)]
    slow, *quick = run(farm_jobs.sleeps, jobs, Limits(seconds=1.0), count=1)
    assert "took longer than 1 s" in slow.problem and slow.tries == 1
    assert [one.result for one in quick] == [0.01, 0.02]
    (large,) = run(farm_jobs.takes, [(400,)], Limits(memory=300 << 20))
    assert re.search(r"took \d+ MB of memory, allowed 300", large.problem)


@pytest.mark.parametrize("here", [False, True])
def test_an_error_of_a_job_is_its_own(here):
    with pytest.raises(ValueError, match="that is wrong"):
        run(farm_jobs.fails, [("that is wrong",)], here=here, count=1)


def test_nothing_is_left_when_a_farm_is_closed():
    with farm.opened(Setting(), 2, Console()) as made:
        running = made.each(farm_jobs.sleeps, [(0.0,), (600.0,), (600.0,)])
        next(running)
        for _ in range(200):  # the second one may be starting yet
            numbers = [one.process for one in slot._slots if hasattr(one, "process")]
            if len(numbers) == 2:
                break
            time.sleep(0.05)
        assert len(numbers) == 2
    for _ in range(100):
        if not any(Path(f"/proc/{one}").exists() for one in numbers):
            return
        time.sleep(0.05)
    raise AssertionError("a process is still there")


def test_jobs_are_taken_a_few_at_a_time():
    taken = []

    def jobs():
        for at in range(1000):
            taken.append(at)
            yield (at,)

    with farm.opened(Setting(), 2, Console()) as made:
        next(iter(made.each(farm_jobs.double, jobs())))
        assert len(taken) < 10


def test_a_worker_with_other_sources_is_refused(monkeypatch):
    monkeypatch.setattr(kept, "sources", lambda: "others")
    with pytest.raises(FarmError, match="has other sources than this machine"):
        slot.obey(slot.packed(farm_jobs.double, (1,)), slot.How(sources="ours"))


def test_builds_of_a_node_without_the_disk_are_its_own(monkeypatch):
    monkeypatch.setenv("LAC_BUILD", "/ours")
    own = Setting("slurm", cluster=Cluster(shared=False, build="/tmp/node"))
    assert farm.Farm(Here(), own, Console())._how.environ == {"LAC_BUILD": "/tmp/node"}
    shared = farm.Farm(Here(), Setting("slurm"), Console())
    assert shared._how.environ == {"LAC_BUILD": "/ours"} and not own.shared
    how = slot.How(environ={"LAC_BUILD": "/tmp/node"})
    try:
        assert slot.obey(slot.packed(farm_jobs.build_folder, ()), how).value == "/tmp/node"
    finally:
        slot.end_all()


# ---------------------------------------------------------------- farm.toml, FARM


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[clustre]\n", "table: found 'clustre', did you mean 'cluster'?"),
        ("[cluster]\nqueu = 'x'\n", "cluster: found 'queu', did you mean 'queue'?"),
        ("[cluster]\nworkers = 0\n", "cluster.workers: found '0', need an integer 1..10000"),
        ("[cluster]\ncores = true\n", "cluster.cores: found 'True', need an integer 1..1024"),
        ("[cluster]\nmemory = '4 gigs'\n", "cluster.memory: found '4 gigs', need a size such as"),
        ("[cluster]\nmemory = '0GB'\n", "cluster.memory: found '0GB', need a size"),
        ("[cluster]\nmemory = '0.4B'\n", "cluster.memory: found '0.4B', need a size"),
        ("[cluster]\nwalltime = '00:00'\n", "cluster.walltime: found '00:00', need hours and min"),
        ("[cluster]\nbuild = '~/x'\n", "cluster.build: found '~/x', need a folder from the root"),
        ("[cluster]\nwalltime = 4\n", "cluster.walltime: found '4', need hours and minutes"),
        ("[cluster]\nextra = '--x'\n", "cluster.extra: found '--x', need a list of texts"),
        ("[cluster]\nqueue = ''\n", "cluster.queue: found nothing, need a text of one line"),
        ("[cluster]\nshared = 1\n", "cluster.shared: found '1', need true or false"),
        ("[cluster]\nshared = false\n", "cluster.build: found nothing, need a folder on each"),
        ("[job]\nseconds = -1\n", "job.seconds: found '-1', need seconds above 0"),
        ("[job]\nretries = 1.5\n", "job.retries: found '1.5', need an integer 0..100"),
        ("job = 3\n", "job: found '3', need a table [job]"),
        ("[job\n", "farm.toml: "),
    ],
)
def test_a_wrong_field_is_named_with_what_is_allowed(text, message, tmp_path):
    (tmp_path / "farm.toml").write_text(text)
    with pytest.raises(FarmError) as caught:
        settings.read(tmp_path / "farm.toml")
    assert message in str(caught.value) and "\n" not in str(caught.value)


FARMED = [name for name, target in door.TARGETS.items() if "FARM" in target.takes]


@pytest.mark.parametrize("program", FARMED)
def test_all_that_hand_out_jobs_refuse_a_wrong_field(program, tmp_path, monkeypatch, capsys):
    (tmp_path / "farm.toml").write_text("[cluster]\nworkers = 0\n")
    monkeypatch.setenv("LAC_FARM_TOML", str(tmp_path / "farm.toml"))
    monkeypatch.setenv("LAC_BUILD", str(tmp_path / "build"))
    assert importlib.import_module(door.TARGETS[program].module).main([]) == options.BAD_INPUT
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert line.startswith("error: ") and "cluster.workers: found '0', need an integer" in line


@pytest.mark.parametrize("word", ["slrum", "", "tcp://", "tcp://head", "http://head:1"])
def test_a_wrong_farm_is_refused_at_the_door(word):
    if word:
        assert door.problem(["regress"], {"FARM": word}).startswith(f"FARM: found '{word}', ")
    with pytest.raises(Exception, match="found"):
        options.farm(word)


def test_what_a_cluster_lacks_is_said(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(FarmError, match="found slurm, need its sbatch in PATH"):
        settings.setting("slurm")
    monkeypatch.setenv("LAC_FARM_TOML", str(tmp_path / "none.toml"))
    with pytest.raises(FarmError, match=r"LAC_FARM_TOML: .* \(no such file\)"):
        settings.setting("local")
    (tmp_path / "none.toml").write_text("[cluster]\nqueue = 'x'\n")
    with pytest.raises(FarmError, match=r"cluster.queue: found a value, htcondor has no such"):
        settings.setting("htcondor")
    (tmp_path / "none.toml").write_text("[cluster]\nextra = ['--x']\n")
    with pytest.raises(FarmError, match=r"cluster.extra: found '--x', htcondor needs NAME = VALUE"):
        settings.setting("htcondor")
    (tmp_path / "qsub").touch(0o755)
    (tmp_path / "none.toml").write_text("[cluster]\ncores = 4\n")
    with pytest.raises(FarmError, match="cluster.cores: found 4, sge needs .*-pe NAME 4"):
        settings.setting("sge")


@pytest.mark.parametrize("limits", [Limits(seconds=60.0), Limits(memory=1 << 30)])
def test_a_limit_holds_for_one_job_at_a_time_too(limits):
    """Work in this process would have none."""
    with farm.opened(Setting(job=limits), 1, Console(), here=True) as made:
        assert not isinstance(made._place, Here)
    with farm.opened(Setting(), 1, Console(), here=True) as made:
        assert isinstance(made._place, Here)


def test_the_example_of_the_page_is_read(tmp_path):
    text = (ROOT / "docs" / "farm.md").read_text()
    (example,) = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    (tmp_path / "farm.toml").write_text(example)
    job, cluster = settings.read(tmp_path / "farm.toml")
    assert job != Limits() and cluster != Cluster()
    for name in (*settings._JOB, *settings._CLUSTER):
        assert f"`{name}`" in text or f"\n{name} = " in example, name


@pytest.mark.skipif(NO_DASK, reason="Dask is not installed")
@pytest.mark.parametrize("word", [*settings.SCHEDULERS])
def test_the_script_of_every_scheduler_says_what_was_asked(word, monkeypatch, tmp_path):
    from scripts.farm import cluster

    monkeypatch.setenv("LAC_BUILD", str(tmp_path))
    known = word != "htcondor"
    queue, account, walltime = ("night", "chip", "26:30:00") if known else ("", "", "")
    asked = (queue, account, "#BSUB -W 26:30\n" if word == "lsf" else walltime)
    extra = "--hold-me" if known else "+hold_me = true"
    wanted = Cluster(
        cores=3, memory=5 << 30, extra=(extra,), prologue=("load gcc",), queue=queue,
        account=account, walltime=walltime,
    )  # fmt: skip
    script = cluster.script(Setting(word, cluster=wanted))
    alone = cluster.script(Setting(word, cluster=replace(wanted, shared=False, build="/node")))
    assert f"{tmp_path}/farm" in script and "/farm" not in alone.replace(str(ROOT), "")
    told = ("--nthreads 3", "--no-nanny", "--memory-limit 0", "load gcc", str(ROOT))
    for text in (*asked, extra.lstrip("+"), *told):
        assert text in script, text
    assert sys.executable in script and ("lacuna" in script or not known)


@pytest.mark.skipif(NO_DASK, reason="Dask is not installed")
def test_a_scheduler_that_is_not_there_is_one_line(monkeypatch):
    monkeypatch.setattr("scripts.farm.cluster.CONNECT", "1s")
    with (
        pytest.raises(FarmError, match=r"^farm: tcp://127.0.0.1:9: [^\n]*$"),
        farm.opened(Setting("tcp://127.0.0.1:9"), 1, Console()),
    ):
        pass


# ---------------------------------------------------------------- one kind of job


def ordered(jobs, function=farm_jobs.double, job=None, **how):
    with farm.opened(Setting(job=job or Limits()), 2, Console(), here=job is None) as made:
        return in_order.in_order(made, function, jobs, Console(), "doubling", **how)


def test_results_have_the_order_of_their_jobs_and_are_kept(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("LAC_BUILD", str(tmp_path))
    jobs = [(at,) for at in (5, 3, 9, 1)]
    assert ordered(jobs[:2], keep=Keep("doubles", resume=False)) == [10, 6]
    assert "done before" not in capsys.readouterr().out
    for resume, said in ((True, True), (False, False)):
        assert ordered(jobs, keep=Keep("doubles", resume)) == [10, 6, 18, 2]
        assert ("2 of 4 were done before" in capsys.readouterr().out) is said
    assert ordered(jobs, keep=Keep("other", True)) == [10, 6, 18, 2]
    assert "done before" not in capsys.readouterr().out


def test_a_job_that_met_a_limit_has_what_counts_instead_and_is_not_kept(monkeypatch, tmp_path):
    monkeypatch.setenv("LAC_BUILD", str(tmp_path))
    job, jobs = Limits(seconds=0.5), [(60.0,)]
    how = {"function": time.sleep, "job": job, "keep": Keep("naps", True)}
    with pytest.raises(JobError, match="took longer than 0.5 s"):
        ordered(jobs, **how)
    assert ordered(jobs, **how, failed=lambda given, why: (given, why.split()[0])) == [
        ((60.0,), "ended")
    ]
    assert not list(tmp_path.rglob("*.json"))


def test_a_job_that_met_a_limit_ends_a_program_in_one_line(capsys):
    def main() -> int:
        ordered([(60.0,)], function=time.sleep, job=Limits(seconds=0.5))
        return 0

    assert interrupt._guarded(main) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("failed: ended by its limit") and "took longer than 0.5 s" in line


# ---------------------------------------------------------------- progress


def test_progress_says_rate_and_time_left(monkeypatch, capsys):
    monkeypatch.setattr(bar, "_QUIET", 0.0)
    with bar.Bar(Console(width=120)) as made:
        task = made.add_task("running", total=4)
        for _ in range(3):
            time.sleep(0.02)
            made.advance(task)
    out = capsys.readouterr().out
    assert re.search(r"running: 3 of 4, \d+\.\d/s, 0 min left", out)
    assert os.linesep in out
