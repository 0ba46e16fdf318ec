"""The house itself: the lock, the bootstrap, the gate."""

from __future__ import annotations

import doctest
import re
import shutil
import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path

import pytest

from models.places import ROOT
from scripts import bootstrap
from tests.meta import slurm


def test_the_minimum_python_is_one():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    minimum = project["requires-python"].removeprefix(">=")
    assert tuple(map(int, minimum.split("."))) == bootstrap.MIN_PYTHON


def test_bootstrap_says_what_to_install(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    monkeypatch.setattr(bootstrap, "has_libpython", lambda: False)
    monkeypatch.setattr(bootstrap, "has_module", lambda name: False)
    with pytest.raises(SystemExit, match="apt-get install make g[+][+] perl python3-dev python3-v"):
        bootstrap.check_machine()


def test_bootstrap_refuses_an_old_python(monkeypatch):
    monkeypatch.setattr(bootstrap, "MIN_PYTHON", (9, 0))
    with pytest.raises(SystemExit, match="9.0 or newer is needed"):
        bootstrap.check_machine()


def test_bootstrap_is_content_here():
    bootstrap.check_machine()


def test_bootstrap_takes_another_way_without_ensurepip(monkeypatch):
    monkeypatch.setattr(bootstrap, "has_module", lambda name: False)
    monkeypatch.setattr(shutil, "which", lambda name: f"/bin/{name}")
    assert bootstrap.can_make_venv()


def test_bootstrap_sees_a_broken_environment(tmp_path):
    assert not bootstrap.has_pip(tmp_path / "bin" / "python")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").symlink_to(shutil.which("false"))
    assert not bootstrap.has_pip(tmp_path / "bin" / "python")


@pytest.fixture
def venv(tmp_path, monkeypatch) -> Path:
    """An environment that was finished, and a pip that only notes what it is asked for."""
    monkeypatch.setattr(bootstrap, "LOCKS", tmp_path / "requirements")
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    monkeypatch.setattr(bootstrap, "check_machine", lambda: None)
    bootstrap.LOCKS.mkdir()
    for group in ("run", "sim"):
        (bootstrap.LOCKS / f"{group}.lock").write_text(f"{group}==1\n")
    made = tmp_path / "venv"

    def run(*command: object) -> bool:
        words = [str(word) for word in command]
        if "venv" in words:
            (made / "bin").mkdir(parents=True)
            (made / "bin" / "python").symlink_to(sys.executable)
        with (tmp_path / "calls").open("a") as calls:
            calls.write(f"{'venv' if 'venv' in words else Path(words[-1]).stem}\n")
        return not (tmp_path / "broken").exists()

    monkeypatch.setattr(bootstrap, "run", run)
    return made


def calls(venv: Path, monkeypatch: pytest.MonkeyPatch, *groups: str) -> list[str]:
    """What the bootstrap does for these groups."""
    note = venv.parent / "calls"
    note.unlink(missing_ok=True)
    monkeypatch.setattr(sys, "argv", ["bootstrap.py", str(venv), *groups])
    bootstrap.main()
    return note.read_text().split() if note.exists() else []


def test_bootstrap_installs_each_group_once(venv, monkeypatch):
    assert calls(venv, monkeypatch, "run") == ["venv", "run"]
    assert calls(venv, monkeypatch, "run", "sim") == ["sim"]
    assert calls(venv, monkeypatch, "run", "sim") == []
    (bootstrap.LOCKS / "sim.lock").write_text("sim==2\n")
    assert calls(venv, monkeypatch, "run", "sim") == ["sim"]


def test_bootstrap_starts_anew_after_it_was_interrupted(venv, monkeypatch):
    """Half-installed packages pass for installed with pip."""
    calls(venv, monkeypatch, "run")
    (venv.parent / "broken").touch()
    with pytest.raises(SystemExit, match="pip could not install"):
        calls(venv, monkeypatch, "sim")
    (venv.parent / "broken").unlink()
    assert calls(venv, monkeypatch, "run", "sim") == ["venv", "run", "sim"]
    (venv / "ready-run").unlink()
    (venv / "ready-sim").unlink()
    assert calls(venv, monkeypatch, "run") == ["venv", "run"], "no mark: it was never finished"


def test_bootstrap_starts_anew_where_python_is_gone(venv, monkeypatch):
    calls(venv, monkeypatch, "run")
    (venv / "bin" / "python").unlink()
    (venv / "bin" / "python").symlink_to("/no/such/python")
    assert calls(venv, monkeypatch, "run") == ["venv", "run"]


def test_a_target_whose_python_is_gone_is_made_anew(tmp_path):
    """make sees it although the marks are there."""
    for name in ("Makefile", "requirements", "scripts", "models"):
        (tmp_path / name).symlink_to(ROOT / name)
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    (tmp_path / ".venv" / "ready-run").touch()

    def made() -> str:
        command = ["make", "-n", "-C", tmp_path, "train", f"PYTHON={sys.executable}"]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    python.symlink_to("/no/such/python")
    assert "bootstrap.py" in made()
    python.unlink()
    python.symlink_to(sys.executable)
    assert "bootstrap.py" not in made()


def test_gate_requires_icarus_and_runs_the_test_target():
    text = (ROOT / ".ci" / "run").read_text()
    assert "LAC_REQUIRE_ICARUS=$icarus" in text
    assert "make test" in text
    subprocess.run(["bash", "-n", ".ci/run"], cwd=ROOT, check=True)
    workflow = (ROOT / ".github" / "workflows" / "ci.yml").read_text()
    assert "- run: .ci/run" in workflow


#: What .ci/run itself calls, and hands on: all of it is in every Debian.
GATE = (
    *("bash", "sh", "env", "awk", "basename", "cat", "false", "chmod", "cp", "cut", "date"),
    *("dirname", "echo", "expr", "find", "grep", "head", "id", "ln", "ls", "mkdir", "mktemp"),
    *("mv", "nproc", "readlink", "rm", "rmdir", "sed", "sleep", "sort", "tail", "touch", "tr"),
    *("true", "uname", "wc", "xargs", "python3"),
)


def gate(folder: Path, *present: str, **settings: str) -> subprocess.CompletedProcess:
    """Run the gate where only some programs exist, and installing brings nothing."""
    for name in GATE:
        (folder / name).symlink_to(shutil.which(name))
    with_them = ("vvp", "ar", "as", "ld") if "iverilog" in present else ()
    for name in (*present, *with_them, "sudo", "apt-get", "python"):
        script = folder / name
        script.write_text(
            f'#!/bin/sh\necho "{name} $* icarus=$LAC_REQUIRE_ICARUS "'
            '"python=$(command -v python)"\n'
            'echo "home=$(ls -A $HOME) path=$PATH luck=$LUCK cache=$CCACHE_DIR"\n'
        )
        script.chmod(0o755)
    command = [ROOT / ".ci" / "run"]
    env = {"PATH": str(folder), "PYTHON": sys.executable, "HOME": str(folder), "LUCK": "1"}
    env |= {"LAC_CI_SLURM": "0"} | settings
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False)


def test_gate_fails_when_a_tool_is_still_missing(tmp_path):
    result = gate(tmp_path, "make", "g++", "perl", "ccache")
    assert result.returncode == 1
    assert "ci: installing iverilog" in result.stdout
    assert "iverilog is still missing" in result.stderr
    assert "make test" not in result.stdout


def test_gate_calls_make_test_when_all_is_there(tmp_path):
    result = gate(tmp_path, "make", "g++", "perl", "ccache", "iverilog")
    assert result.returncode == 0, result.stderr
    assert result.stdout.startswith(f"make test JOBS=2 PYTHON={sys.executable} icarus=1 python=\n")
    assert re.search(r"^home= path=\S+ luck= cache=\S+/ccache$", result.stdout, re.MULTILINE)
    assert str(tmp_path) not in re.search(r"path=(\S+)", result.stdout)[1]


def test_gate_without_icarus_does_not_even_see_it(tmp_path):
    tools = ("make", "g++", "perl", "ccache", "iverilog")
    result = gate(tmp_path, *tools, LAC_CI_ICARUS="0")
    assert result.returncode == 0, result.stderr
    assert result.stdout.startswith(f"make test JOBS=2 PYTHON={sys.executable} icarus=0 python=\n")
    assert "installing" not in result.stdout


def test_gate_without_icarus_installs_none(tmp_path):
    result = gate(tmp_path, "make", "g++", "perl", "ccache", "ar", "as", "ld", LAC_CI_ICARUS="0")
    assert result.returncode == 0, result.stderr
    assert "installing" not in result.stdout


def test_gate_installs_slurm_and_says_that_it_must_be_there(tmp_path):
    text = (ROOT / ".ci" / "run").read_text()
    assert "LAC_REQUIRE_SLURM=$slurm" in text
    for package in slurm.PACKAGES.split():
        assert re.search(rf"\[(sbatch|munged)\]={package}\b", text)
    assert all(re.search(rf"\b{name}\b", text) for name in slurm.PROGRAMS)


@pytest.mark.parametrize("name", ["LAC_CI_ICARUS", "LAC_CI_SLURM"])
def test_gate_refuses_what_is_neither(name, tmp_path):
    result = gate(tmp_path, "make", "g++", "perl", "ccache", **{name: "maybe"})
    assert result.returncode == 2
    assert f"{name}: found 'maybe', need 0 or 1" in result.stderr


def test_every_python_file_of_the_benches_is_left_alone_by_pytest():
    """cocotb tests live in tb/, where pytest does not look."""
    options = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["pytest"]["ini_options"]
    assert options["testpaths"] == ["tests", "models", "scripts"]
    for path in Path(ROOT, "tb").rglob("test_*.py"):
        pytest.fail(f"{path}: pytest files belong into tests/")


# pytest cannot collect tb/ as it does models/ and scripts/: cocotb's tests need a simulator.
WITH_EXAMPLES = [path for path in sorted((ROOT / "tb").rglob("*.py")) if ">>>" in path.read_text()]


@pytest.mark.parametrize("path", WITH_EXAMPLES, ids=lambda path: path.stem)
def test_examples_of_the_benches(path):
    name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    result = doctest.testmod(import_module(name))
    assert result.attempted
    assert not result.failed


def test_the_width_of_an_index_is_written_in_one_way():
    """`` `LAC_INDEX_BITS(Depth)``, not the choice that it stands for."""
    long = re.compile(r"(\w+) > 1 \? \$clog2\(\1\) : 1")
    assert long.search("Depth > 1 ? $clog2(Depth) : 1")
    sources = [*(ROOT / "rtl").rglob("*.sv"), *(ROOT / "tb").rglob("*.sv")]
    assert [path.name for path in sources if long.search(path.read_text(encoding="utf-8"))] == []


def test_an_environment_apart_is_made_anew_for_another_lock(monkeypatch, tmp_path):
    """What the lock before had, and this one has not, does not stay."""
    made: list[Path] = []

    def make_venv(venv: Path) -> None:
        made.append(venv)
        venv.mkdir()

    monkeypatch.setattr(bootstrap, "run", lambda *command: True)
    monkeypatch.setattr(bootstrap, "make_venv", make_venv)
    for name, times in (("prove", 1), (".venv", 0)):
        venv = tmp_path / name
        for stale in (f"{bootstrap.stamp('prove')}", "an older lock"):
            made.clear()
            shutil.rmtree(venv, ignore_errors=True)
            venv.mkdir()
            (venv / "ready-prove").write_text(stale)
            (venv / "left-over").touch()
            bootstrap.install(venv, "prove")
            assert len(made) == times * (stale == "an older lock")
            assert (venv / "left-over").exists() == (not made)
            assert (venv / "ready-prove").read_text() == bootstrap.stamp("prove")
            assert not (venv / bootstrap.UNFINISHED).exists()
