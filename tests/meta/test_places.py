"""Checkouts, layers and build folders in odd places; disks that cannot be written."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models import places
from scripts import interrupt
from tb.common.sim import simulators
from tb.common.sim.runner import run
from tests.meta import toy

SIMULATORS = [
    pytest.param(name, marks=pytest.mark.skipif(bool(why), reason=str(why)))
    for name in ("verilator", "icarus")
    for why in [simulators.missing(name)]
]
ODD = "it's a größe$(id) & more"


def test_plain_paths_stay_and_odd_ones_get_one_link(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert places.plain(tmp_path / "a") == tmp_path / "a"
    odd = tmp_path / ODD
    (odd / "in").mkdir(parents=True)
    (odd / "in" / "file").write_text("here")
    link = places.plain(odd / "in" / "file")
    assert places.is_plain(link)
    assert link.read_text() == "here"
    assert link == places.plain(odd / "in" / "file")
    assert places.plain(odd / "not yet" / "made").parent != link.parent
    (link.parents[1]).unlink()  # a cache may be emptied at any time
    assert places.plain(odd / "in" / "file").read_text() == "here"


def test_links_go_to_the_next_place(tmp_path, monkeypatch):
    """A home with an odd name holds no plain link, and what belongs to others is not used."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "jörg"))
    monkeypatch.setattr(tempfile, "gettempdir", lambda: str(tmp_path / "tmp"))
    odd = tmp_path / ODD
    assert places.plain(odd).parent == tmp_path / "tmp" / f"lacuna-{os.getuid()}"
    (tmp_path / "tmp").rename(tmp_path / "gone")
    (tmp_path / "tmp").write_text("not a folder")
    with pytest.raises(places.PlaceError, match=r"takes? no path with a space.*move it"):
        places.plain(odd)


@pytest.mark.parametrize("sign", [":", ";", "\n", "\udcff"])
def test_a_checkout_that_cannot_work_is_refused(monkeypatch, sign):
    monkeypatch.setattr(places, "ROOT", Path(f"/home/me/a{sign}b"))
    with pytest.raises(places.PlaceError, match="move it") as caught:
        places.check_checkout()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("simulator", SIMULATORS)
def test_sources_and_builds_in_odd_folders(tmp_path, monkeypatch, simulator):
    monkeypatch.setenv("LAC_BUILD", str(tmp_path / ODD / "build"))
    folder = toy.write(tmp_path / ODD / "toy")
    monkeypatch.syspath_prepend(str(folder))
    result = run(toy.bench(folder), "default", simulator, waves=True)
    assert result.passed, result.report()
    assert result.waves.is_relative_to(tmp_path / ODD), "people read real paths"


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout in an odd folder, with an environment that is there already."""
    root = tmp_path_factory.mktemp("clone") / ODD
    root.mkdir()
    for name in ("models", "rtl", "scripts", "tb", "requirements"):
        shutil.copytree(places.ROOT / name, root / name)
    shutil.copy(places.ROOT / "Makefile", root)
    (root / ".venv").symlink_to(sys.prefix)
    return root


def make(folder: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    groups = [f"--assume-old=.venv/ready-{p.stem}" for p in folder.glob("requirements/*.lock")]
    return subprocess.run(
        ["make", "--no-print-directory", *groups, *words, f"PYTHON={sys.executable}"],
        cwd=folder,
        env={**os.environ, "COLUMNS": "100", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("simulator", SIMULATORS)
def test_checkout_in_an_odd_folder_simulates(clone, simulator):
    made = make(clone, "sim", "DESIGN=fifo", "TEST=smoke", f"SIM={simulator}")
    assert made.returncode == 0, made.stdout[-3000:] + made.stderr
    assert f"{simulator} seed 1: 1 passed" in made.stdout


@pytest.mark.skipif(bool(simulators.missing("icarus")), reason="needs Icarus")
def test_layer_file_with_an_odd_name_runs(clone):
    draw = np.random.default_rng(1)
    name = "lä'yer  ß$HOME.npz"
    layer: dict[str, Any] = {
        "weights": draw.integers(-4, 4, (5, 7)),
        "activations": draw.integers(0, 9, 7),
    }
    np.savez(clone / name, **layer)
    made = make(clone, "run", f"LAYER={name}", "DESIGN=dense", "CONFIG=rows=4,cols=4", "SIM=icarus")
    assert made.returncode == 0, made.stdout[-3000:] + made.stderr
    assert "5 outputs compared, all equal" in made.stdout


TARGETS = (
    *("sim", "run", "formats", "granularity", "regress", "lint", "cov", "bench", "area", "pergate"),
    *("coarse", "train", "compare", "which", "map", "sweep"),
)


@pytest.mark.parametrize("target", TARGETS)
def test_every_target_says_in_one_line_that_it_cannot_write(clone, target):
    """A folder below a file cannot be made by anybody, root included."""
    made = make(clone, target, LAC_BUILD=str(clone / "Makefile" / "build"))
    assert made.returncode == 2
    said = [line for line in made.stderr.splitlines() if not line.startswith("make: ***")]
    assert len(said) == 1, made.stderr
    assert said[0].startswith(f"error: {clone}/Makefile/build (")
    assert "LAC_BUILD=" in said[0]
    assert "Traceback" not in made.stdout


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_full_disk_in_one_line(capsys):
    def fills() -> int:
        with Path("/dev/full").open("w") as disk:
            disk.write("x")
        return 0

    with pytest.raises(SystemExit) as caught:
        interrupt._guarded(fills)
    assert caught.value.code == 2
    assert capsys.readouterr().err.endswith(": the disk is full\n")


def test_other_faults_keep_their_traceback():
    def fails() -> int:
        raise FileNotFoundError(errno.ENOENT, "gone", "somewhere")

    with pytest.raises(FileNotFoundError):
        interrupt._guarded(fails)


def test_setup_says_in_one_line_that_it_cannot_write(clone):
    command = [sys.executable, "scripts/bootstrap.py", f"{clone}/Makefile/venv", "run"]
    made = subprocess.run(command, cwd=clone, capture_output=True, text=True, check=False)
    assert made.returncode == 1
    assert made.stderr.count("\n") == 1
    assert made.stderr.startswith(f"error: {clone}/Makefile/venv")
    assert "LAC_VENV=" in made.stderr
