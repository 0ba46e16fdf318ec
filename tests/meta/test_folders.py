"""Two runs at the same time never write into one folder, and leave nothing that piles up."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from models.places import ROOT
from scripts import outputs
from scripts.measure.records import load_results
from tb.common.sim import folders, simulators
from tb.common.sim.runner import run
from tests.meta import toy

QUICK = "verilator" if simulators.missing("icarus") else "icarus"


def test_a_folder_has_one_owner(tmp_path):
    first = folders.claim(tmp_path / "a")
    second = folders.claim(tmp_path / "a")
    assert [first.path.name, second.path.name] == ["a", "a-2"]
    assert folders.take(tmp_path / "a") is None
    (first.path / "mine").touch()
    first.release()
    again = folders.claim(tmp_path / "a")
    assert again.path == first.path and not (again.path / "mine").exists()
    del second
    assert folders.claim(tmp_path / "a").path.name == "a-2", "collected, so free again"
    assert pickle.loads(pickle.dumps(again)).path == again.path


def test_only_old_folders_that_nobody_has_are_removed(tmp_path):
    held = folders.claim(tmp_path / "0")
    for name in "123":
        folders.claim(tmp_path / name).release()
    folders.keep_newest(sorted(tmp_path.iterdir()), 1)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["0", "3"]
    assert held.path.is_dir()


def test_reports_are_kept_a_few(tmp_path, monkeypatch):
    monkeypatch.setenv("LAC_BUILD", str(tmp_path))
    for _ in range(outputs.KEPT + 3):
        outputs.own_folder("x/ y")
    assert len(list((tmp_path / "reports").iterdir())) == outputs.KEPT


def test_a_given_folder_is_refused_while_another_run_writes_there(tmp_path):
    own = outputs.own_folder("run", tmp_path / "out")
    with pytest.raises(ValueError, match="another run writes just now"):
        outputs.own_folder("run", tmp_path / "out")
    own.release()
    outputs.own_folder("run", tmp_path / "out")


def test_the_same_simulation_twice_at_once_has_two_folders(tmp_path, monkeypatch):
    folder = toy.write(tmp_path / "toy")
    monkeypatch.setenv("LAC_BUILD", str(tmp_path / "build"))
    monkeypatch.syspath_prepend(str(folder))
    first = run(toy.bench(folder), "default", QUICK, "counts")
    text = first.log.read_text()
    second = run(toy.bench(folder), "default", QUICK, "counts")
    assert first.passed and second.passed
    assert first.log.parent != second.log.parent
    assert first.log.read_text() == text


def toy_run(tmp_path: Path, name: str, outputs_: int) -> subprocess.Popen:
    """``make run`` on a toy design, which waits in its simulation until the other is there too."""
    folder = tmp_path / name
    folder.mkdir()
    rng = np.random.default_rng(outputs_)
    np.savez(
        folder / "mine.npz",
        weights=rng.integers(0, 4, (outputs_, 5)),
        activations=rng.integers(0, 9, (3, 5)),
    )
    code = f"""
import pathlib, sys, time
from models import registry
from scripts.run import cli as run
from tests.meta import toy_design
registry.DESIGNS["toy"] = "tests.meta.toy_design"
play = toy_design.player()
def meet(program, config, *, out_dir, **rest):
    out_dir.mkdir(parents=True, exist_ok=True)
    (out_dir / "stream").write_text({name!r})
    pathlib.Path({str(folder / "there")!r}).touch()
    while len(list(pathlib.Path({str(tmp_path)!r}).glob("*/there"))) < 2:
        time.sleep(0.01)
    assert (out_dir / "stream").read_text() == {name!r}, "a stream of another run"
    return play(program, config, out_dir=out_dir, **rest)
sys.exit(run.main(["--design", "toy", "--layer", {str(folder / "mine.npz")!r}], meet))
"""
    return subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, "LAC_BUILD": str(tmp_path / "build"), "COLUMNS": "200"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def test_two_runs_of_layers_with_one_name_are_both_exact(tmp_path):
    both = {outputs_: toy_run(tmp_path, f"dir{outputs_}", outputs_) for outputs_ in (6, 9)}
    for outputs_, process in both.items():
        text, _ = process.communicate(timeout=600)
        assert process.returncode == 0, text
        assert f"bit-exact: {3 * outputs_} outputs compared" in text
        page = Path(text.split("kept as:")[1].split()[0])
        assert load_results(page.with_name("results.json"))["runs"][0]["compared"] == 3 * outputs_
        assert page.read_text().count("bit-exact")
    latest = tmp_path / "build" / "report"
    compared = json.loads((latest / "results.json").read_text())["runs"][0]["compared"]
    assert compared in (18, 27)
    assert "mine.npz" in (latest / "index.html").read_text()
