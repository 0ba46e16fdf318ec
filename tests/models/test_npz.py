"""One reader for every ``.npz``: thousands of damaged and odd files, one kind of error."""

from __future__ import annotations

import io
import tracemalloc
import warnings
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.golden import golden
from models.networks import FOLDER, load_digits, load_network
from models.npz import NpzError, read_npz
from models.workloads import load_npz, load_weights
from tests.models.npz_fuzz import ARRAYS, archive, damaged, packed, structured

pytestmark = pytest.mark.filterwarnings("error")


@pytest.fixture
def put(tmp_path):
    """Writes bytes to a file and gives its path."""

    def write(data: bytes) -> Path:
        (tmp_path / "mine.npz").write_bytes(data)
        return tmp_path / "mine.npz"

    return write


def check(error: ValueError, what: str) -> None:
    """One printable line, and not endless, that says where."""
    text = str(error)
    assert ": found " in text or text.startswith("file: "), f"{what}: {text}"
    assert text.isprintable() and len(text) < 400, f"{what}: {text}"


def told(load, path: Path) -> None:
    """``load`` takes a file, or raises ValueError, in one line."""
    try:
        load(path)
    except ValueError as error:
        check(error, str(path))


def test_damaged_files_give_the_same_layer_or_the_one_error(put):
    whole = load_npz(put(packed(ARRAYS, True)))
    refused = 0
    for what, data in damaged(3000):
        try:
            arrays = read_npz(io.BytesIO(data), ARRAYS, ("weights", "activations"))
        except NpzError as error:
            check(error, what)
            refused += 1
            continue
        for key, array in arrays.items():
            assert np.array_equal(array, ARRAYS[key]), f"{what}: {key} differs"
        missing = set(ARRAYS) - set(arrays)
        assert not missing, f"{what}: {missing} lost in silence"
        assert np.array_equal(golden(load_npz(put(data))), golden(whole)), what
    assert 2000 < refused < 3000, "most damage is found, some does not matter"


def test_odd_structures_are_read_right_or_refused(put):
    read = taken = 0
    for built in structured(2000):
        path = put(built.data)
        told(load_npz, path)
        told(load_weights, path)
        try:
            arrays = read_npz(path)
        except NpzError as error:
            check(error, built.what)
            continue
        read += 1
        if built.arrays is None:
            continue
        taken += 1
        assert set(arrays) == set(built.arrays), built.what
        for key, array in arrays.items():
            want = built.arrays[key]
            assert array.shape == want.shape and array.dtype.str[1:] == want.dtype.str[1:]
            same = np.array_equal(array, want, equal_nan=want.dtype.kind in "fc")
            assert same and array.dtype.isnative, f"{built.what}: {key}"
    assert 600 < taken <= read < 2000


def test_networks_and_digits_are_refused_alike(tmp_path):
    for name, load in (("lenet_300_100", lambda: load_network("lenet_300_100", tmp_path)),
                       ("digits", lambda: load_digits(tmp_path))):  # fmt: skip
        good = (FOLDER / f"{name}.npz").read_bytes()
        draw = np.random.default_rng(3)
        for _ in range(60):
            data = bytearray(good)
            for _ in range(draw.integers(1, 4)):
                data[draw.integers(len(data))] = draw.integers(256)
            (tmp_path / f"{name}.npz").write_bytes(data)
            told_here = None
            try:
                load()
            except ValueError as error:
                told_here = str(error)
            assert told_here is None or told_here.startswith(f"{name}.npz: "), told_here


def flagged(flag: int, method: int | None = None) -> bytes:
    """A good file whose headers carry a flag, or another method."""
    data = bytearray(packed(ARRAYS, True))
    for mark, at_flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.find(mark)
        while at >= 0:
            data[at + at_flags] |= flag
            if method is not None:
                data[at + at_flags + 2 : at + at_flags + 4] = method.to_bytes(2, "little")
            at = data.find(mark, at + 1)
    return bytes(data)


def header(shape: str, descr: str = "'<i8'", content: bytes = bytes(64)) -> bytes:
    text = f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}}}\n".encode()
    npy = b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text + content
    return archive({"weights.npy": npy}, zipfile.ZIP_DEFLATED)


def npy(array: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def twice() -> bytes:
    file = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with zipfile.ZipFile(file, "w") as made:
            made.writestr("weights.npy", npy(np.eye(2)))
            made.writestr("weights.npy", npy(np.eye(3)))
    return file.getvalue()


def bomb() -> bytes:
    """A kilobyte that says it holds four gigabytes."""
    small = archive({"weights.npy": bytes(1 << 20)}, zipfile.ZIP_DEFLATED)
    data = bytearray(small)
    for mark, at in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        start = data.find(mark)
        data[start + at : start + at + 4] = (0xFFFFFFF0).to_bytes(4, "little")
    return bytes(data)


KINDS = {
    "no zip": (b"hello", "is not an .npz file"),
    "empty": (b"", "is not an .npz file"),
    "cut": (packed(ARRAYS, True)[:900], "is not an .npz file, or damaged"),
    "bare array": (npy(np.eye(2)), "holds one bare array"),
    "no .npy": (archive({"weights.txt": b"1 2"}), "weights.txt: found a member that is no .npy"),
    "rubbish": (archive({"weights.npy": b"1 2"}), "weights: found an array that cannot be read"),
    "twice": (twice(), "weights: found twice"),
    "encrypted": (flagged(1), "weights: found an encrypted member"),
    "deflate64": (flagged(0, 9), "weights: found compression 'deflate64', need stored or deflate"),
    "unknown method": (flagged(0, 77), "weights: found compression '77'"),
    "huge": (header(f"({1 << 40},)"), "shape .* cut off or damaged"),
    "overflow": (header(str((1 << 62, 4))), "weights: found shape"),
    "negative": (header("(-8,)"), "weights: found shape .* need integers from 0"),
    "bool length": (header("(True, 8)"), "weights: found shape .* need integers from 0"),
    "token": (header("(8,"), "weights: found an array that cannot be read: damaged"),
    "objects": (header("(8,)", "'|O'"), "weights: found an array of objects"),
    "record": (header("(8,)", "[('a', '<i8')]"), "weights: found dtype .* need numbers"),
    "no bytes": (header("(8,)", "'|S0'", b""), "weights: found dtype"),
    "bools": (header("(64,)", "'|b1'", b"\7" * 64), "weights: found bools"),
    "text": (header("(16,)", "'<U1'", b"\xff" * 64), "weights: found text"),
    "bomb": (bomb(), "weights: found 4,294,967,280 bytes in .* cut off or damaged"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_named(put, kind):
    data, message = KINDS[kind]
    with pytest.raises(NpzError, match=message):
        read_npz(put(data))


def test_nothing_large_is_allocated_for_a_lie(put):
    path = put(header(f"({1 << 33},)", content=bytes(4096)))
    tracemalloc.start()
    try:
        with pytest.raises(NpzError, match="shape"):
            read_npz(path)
        assert tracemalloc.get_traced_memory()[1] < 1 << 22
    finally:
        tracemalloc.stop()


def test_files_that_are_none(tmp_path):
    with pytest.raises(NpzError, match="file: found nothing at"):
        read_npz(tmp_path / "none.npz")
    with pytest.raises(NpzError, match="file: found a folder"):
        read_npz(tmp_path)
    with pytest.raises(NpzError, match="cannot be read"):
        read_npz("a\0b")


def test_odd_but_good_files_are_taken(put):
    weights = np.asfortranarray(ARRAYS["weights"].astype(">i2"))
    layer = load_npz(put(packed({**ARRAYS, "weights": weights, "relu": np.array(True)}, True)))
    assert np.array_equal(layer.weights, ARRAYS["weights"]) and layer.relu is True
    off = load_npz(put(packed({**ARRAYS, "relu": np.array(False)}, False)))
    assert off.relu is False


@pytest.mark.skipif(np.finfo(np.longdouble).maxexp <= 1024, reason="long double is no wider here")
@pytest.mark.parametrize("key", ["weights", "activations", "bias"])
def test_a_longdouble_beyond_float64_is_reported_under_its_key(put, key):
    arrays: dict[str, Any] = {"weights": np.eye(2), "activations": np.ones(2), "bias": np.ones(2)}
    arrays[key] = arrays[key].astype(np.longdouble) * np.longdouble(2) ** 2000
    with pytest.raises(ValueError, match=rf"^{key}: found a value beyond float64"):
        load_npz(put(packed(arrays, False)))
