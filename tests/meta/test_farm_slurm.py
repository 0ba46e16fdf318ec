"""A regression on a real Slurm loses nothing, whoever is killed; an interrupted one leaves no jobs.

The cluster is one node, started here (tests/meta/slurm.py). ``LAC_REQUIRE_SLURM=1``: a machine
without it is a failure, as in CI.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest

from models.places import ROOT
from scripts import options
from scripts.interrupt import descendants
from tb.common.sim import simulators
from tests.meta import slurm

PATIENCE = 120.0
WHY = slurm.missing() or (
    "" if importlib.util.find_spec("dask_jobqueue") else "Dask is not installed"
)
REQUIRED = os.environ.get("LAC_REQUIRE_SLURM", "0") not in ("", "0")
QUICK = "verilator" if simulators.missing("icarus") else "icarus"
FARM = """\
[job]
seconds = 600
memory = "2GB"

[cluster]
workers = {workers}
memory = "2GB"
walltime = "00:30:00"
queue = "{queue}"
prologue = ["export LAC_SAID_BY_FARM=1"]
"""


def test_slurm_is_here_where_it_must_be():
    assert not (REQUIRED and WHY), WHY


pytestmark = pytest.mark.skipif(bool(WHY), reason=f"no Slurm of one node: {WHY}")


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[slurm.OneNode]:
    with slurm.OneNode(tmp_path_factory.mktemp("slurm") / "node", cores=2) as made:
        yield made


class Regression:
    """``make regress FARM=slurm`` of a small bench; its build folder is ``build``."""

    def __init__(
        self, node: slurm.OneNode, folder: Path, *words: str, workers: int = 2, queue: str = "short"
    ) -> None:
        self.build, self.out = folder / "build", folder / "out.txt"
        (folder / "farm.toml").write_text(FARM.format(workers=workers, queue=queue))
        command = [sys.executable, "-m", "scripts.regress.cli", "--design=ffs", f"--sim={QUICK}"]
        environ = {"LAC_BUILD": str(self.build), "LAC_FARM_TOML": str(folder / "farm.toml")}
        with self.out.open("w") as out:
            self.process = subprocess.Popen(
                [*command, "--farm=slurm", *words],
                cwd=ROOT,
                env={**node.environ, **environ, "COLUMNS": "200"},
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def ended(self) -> int:
        """Runs that are written down."""
        files = self.build.glob("reports/*-regress/runs.jsonl")
        return sum(len(path.read_text().splitlines()) for path in files)

    def until(self, runs: int) -> None:
        for _ in slurm.ticks(PATIENCE, 0.02):
            if self.ended >= runs:
                return
            assert self.process.poll() is None, self.out.read_text()
        raise AssertionError(self.out.read_text())

    def wait(self) -> str:
        """What it has said when it has ended well."""
        assert self.process.wait(PATIENCE) == 0, self.out.read_text()
        return self.out.read_text()


def workers(node: slurm.OneNode) -> dict[int, str]:
    """Dask's workers on the node -> the number of their job."""
    found = {}
    ours = f"SLURM_CONF={node.environ['SLURM_CONF']}"
    for path in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if path.name.isdecimal() and b"dask_worker" in (path / "cmdline").read_bytes():
                words = (path / "environ").read_bytes().decode(errors="replace").split("\0")
                if ours in words:
                    named = dict(one.partition("=")[::2] for one in words)
                    found[int(path.name)] = named["SLURM_JOB_ID"]
    return found


def simulates(process: int) -> bool:
    """Whether a simulator runs below a process."""
    for one in descendants(process):
        with contextlib.suppress(OSError):
            words = Path(f"/proc/{one}/cmdline").read_bytes()
            if b"vvp" in words or b"/Vtop" in words or b"/sim/lac_" in words.split(b"\0")[0]:
                return True
    return False


def test_nothing_is_lost_when_a_worker_is_killed(node, tmp_path):
    mine = Regression(node, tmp_path, "--n=5")
    mine.until(2)
    for _ in slurm.ticks(PATIENCE, 0.005):
        busy = [one for one in workers(node) if simulates(one)]
        if busy:
            os.kill(busy[0], signal.SIGKILL)
            break
        assert mine.process.poll() is None, mine.out.read_text()
    out = mine.wait()
    record = json.loads((mine.build / "regress.json").read_text())
    runs = {(one["config"], one["seed"]): one for one in record["runs"]}
    assert record["planned"] == record["passed"] == len(record["runs"]) == len(runs) == 4 * 5
    again = [one for one in runs.values() if one["tries"] > 1]
    assert again and "again: ffs " in out and "try 2 of 3" in out
    assert {one["host"] for one in runs.values()} != {""}
    suites = ElementTree.parse(mine.build / "regress.xml").getroot()
    assert len(suites) == len(runs) and suites.get("failures") == "0"
    assert mine.ended == len(runs), "each result is written once"


def test_a_job_that_slurm_ends_is_asked_for_again_and_a_run_can_be_resumed(node, tmp_path):
    first = Regression(node, tmp_path, "--n=60", workers=3)  # one too many for the node: it waits
    first.until(1)
    before, waiting = set(workers(node).values()), node.waiting()
    assert waiting and not waiting & before
    node.ask("scancel", min(before), *waiting)
    for _ in slurm.ticks(PATIENCE):
        if set(workers(node).values()) - before - waiting and node.waiting() - waiting:
            break
        assert first.process.poll() is None, first.out.read_text()
    assert set(workers(node).values()) - before, "no worker in place of the one that is gone"
    assert re.search(rf"jobs are gone \(.*{min(waiting)}\): asked", first.out.read_text())
    done = first.ended
    os.killpg(first.process.pid, signal.SIGINT)
    assert first.process.wait(PATIENCE) == 130
    assert "RESUME=1 does the rest" in first.out.read_text()
    for _ in slurm.ticks(PATIENCE):
        if not node.ask("squeue", "-h"):
            break
    assert not node.ask("squeue", "-h"), "an interrupt gives the workers back"
    for _ in slurm.ticks(PATIENCE):
        if not workers(node):
            break
    assert not workers(node), "and they end"
    again = Regression(node, tmp_path, "--n=1", "--resume")
    again.wait()
    record = json.loads((again.build / "regress.json").read_text())
    assert record["passed"] == 4 and 1 <= record["kept"] <= min(done, 4)


def test_what_slurm_says_of_a_wrong_queue_is_said_at_once(node, tmp_path):
    wrong = Regression(node, tmp_path, queue="nosuch")
    assert wrong.process.wait(PATIENCE) == options.BAD_INPUT
    out = wrong.out.read_text()
    assert "error: farm: slurm takes no job: " in out and "invalid partition" in out, out
    assert "Traceback" not in out
