"""Layers from files of other tools: what is read, and one line for whatever cannot be."""

from __future__ import annotations

import io
import json
import pickle
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import sparse
from scipy.io import mmwrite

from models.files.errors import FileError
from models.files.read import read_layer
from models.files.source import Source
from models.golden import golden
from models.workloads import load_own, load_weights
from scripts import door, options
from scripts.run import cli
from tests.models.files import made
from tests.models.npz_fuzz import DAMAGE

pytestmark = pytest.mark.filterwarnings("error")


@pytest.fixture
def put(tmp_path):
    """Writes bytes to a file of some suffix and gives its path."""

    def write(data: bytes, suffix: str) -> Path:
        path = tmp_path / f"mine{suffix}"
        path.write_bytes(data)
        return path

    return write


def weights(path: str | Path) -> np.ndarray:
    return read_layer(path, ("weights",))[0]["weights"]


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("kind", ["csr", "csc", "coo", "bsr", "dia"])
def test_scipy(put, kind, compressed):
    path = put(made.scipy_npz(kind, compressed), ".npz")
    assert np.array_equal(weights(path), made.MATRIX)
    assert np.array_equal(load_weights(path)[:, :, 0, 0], made.MATRIX)


@pytest.mark.parametrize("dense", [False, True])
@pytest.mark.parametrize("field", ["integer", "real"])
def test_matrix_market(put, dense, field):
    path = put(made.market(dense, field), ".mtx")
    assert np.array_equal(weights(path), made.MATRIX)
    assert weights(path).dtype.kind == ("i" if field == "integer" else "f")


@pytest.mark.parametrize("dense", [False, True])
@pytest.mark.parametrize("sign", [1, -1])
def test_symmetric_matrices(put, dense, sign):
    lower = np.tril(made.DRAW.integers(-9, 10, (5, 5)), -1)
    whole = lower + sign * lower.T + (sign == 1) * np.diag(np.arange(5))
    name = "symmetric" if sign == 1 else "skew-symmetric"
    file = io.BytesIO()
    mmwrite(file, whole if dense else sparse.coo_array(whole), symmetry=name)
    assert np.array_equal(weights(put(file.getvalue(), ".mtx")), whole)
    file = io.BytesIO()
    mmwrite(file, sparse.coo_array(whole != 0), field="pattern", symmetry="general")
    assert np.array_equal(weights(put(file.getvalue(), ".mtx")), whole != 0)


def test_safetensors(put):
    path = put(made.safetensors(), ".safetensors")
    arrays, source = read_layer(f"{path}:conv.weight", ())
    assert np.array_equal(arrays["weights"], made.FLOATS)
    assert np.array_equal(arrays["bias"], made.BIAS)
    assert source.name == "conv"
    assert np.array_equal(weights(f"{path}:fc"), made.MATRIX)


@pytest.mark.parametrize(
    ("kind", "bits", "dtype", "values"),
    [
        ("BF16", [0x3F80, 0xC000], np.uint16, [[1.0, -2.0]]),
        ("F8_E4M3", [0x38, 0xC0], np.uint8, [[1.0, -2.0]]),
        ("F8_E5M2", [0x3C, 0xC0], np.uint8, [[1.0, -2.0]]),
        ("BOOL", [1, 0], np.uint8, [[True, False]]),
    ],
)
def test_types_that_numpy_has_not(put, kind, bits, dtype, values):
    data = np.array(bits, dtype).tobytes()
    head = {"w": {"dtype": kind, "shape": [1, 2], "data_offsets": [0, len(data)]}}
    text = json.dumps(head).encode()
    path = put(len(text).to_bytes(8, "little") + text + data, ".safetensors")
    assert weights(path).tolist() == values


def test_state_dicts(put):
    path = put(made.zipped(made.torch_parts()), ".pt")
    arrays, source = read_layer(f"{path}:state_dict.conv.weight", ())
    assert np.array_equal(arrays["weights"], made.FLOATS)
    assert np.array_equal(arrays["bias"], made.BIAS)
    assert source.name == "state_dict.conv"
    assert np.array_equal(weights(f"{path}:state_dict.turned"), made.MATRIX.T)
    assert weights(f"{path}:state_dict.half").tolist() == [[1, 2], [-3, 0.5]]


class Bad:
    def __reduce__(self):
        return print, ("executed",)


def test_a_pickle_runs_nothing(put, capsys):
    parts = made.torch_parts()
    for protocol in range(6):
        parts["net/data.pkl"] = pickle.dumps({"a": Bad()}, protocol=protocol)
        with pytest.raises(FileError, match=r"call of (builtins|__builtin__).print|opcode"):
            weights(put(made.zipped(parts), ".pt"))
    parts["net/data.pkl"] = pickle.dumps(OrderedDict(), 2)[:-1] + b"r\xff\xff\xff\x0f."
    with pytest.raises(FileError, match="memo beyond the length"):
        weights(put(made.zipped(parts), ".pt"))
    assert "executed" not in capsys.readouterr().out


REFUSED = {
    "no tensor": (".safetensors", "", r"tensor: found 2 that can be weights in .*conv.weight, fc"),
    "wrong tensor": (".safetensors", ":x", r"tensor: found 'x', .* has conv.bias, conv.weight, fc"),
    "tensor of npz": (".npz", ":x", "tensor: found 'x' behind"),
    "text": (".mtx", "", "no Matrix Market file, or damaged"),
    "old": (".pt", "", "is no zip file: PyTorch from before 1.6"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refusals(put, name):
    suffix, tensor, message = REFUSED[name]
    data = made.safetensors() if suffix == ".safetensors" else b"rubbish"
    with pytest.raises(FileError, match=message):
        weights(f"{put(data, suffix)}{tensor}")
    if not tensor:
        with pytest.raises(FileError, match="found nothing at|nothing"):
            read_layer("/nowhere/at/all" + suffix, ())


HUGE = b"%%MatrixMarket matrix coordinate real general\n"


@pytest.mark.parametrize(
    ("head", "message"),
    [
        (b"9999999 9999999 1\n1 1 1\n", "bytes, need at most"),
        (b"9 9 999999999\n1 1 1\n", "entries: found 999,999,999 promised"),
        (b"3 3 1\n4 1 1\n", "entries: found one outside of 3 x 3"),
        (b"3 3 2\n1 1 1\n", "entries: found 1, need 2"),
        (b"3 3 1\n1 nan 1\n", "no integers"),
        (b"3 x 1\n", "size: found '3 x 1', need 3 integers"),
    ],
)
def test_what_a_header_promises_is_not_allocated(put, head, message):
    with pytest.raises(FileError, match=message):
        weights(put(HUGE + head, ".mtx"))


def test_numbers_must_be_real(put):
    text = b"%%MatrixMarket matrix coordinate complex general\n1 1 1\n1 1 1 1\n"
    with pytest.raises(FileError, match="field: found 'complex', need real, integer, pattern"):
        weights(put(text, ".mtx"))


def test_weights_alone_get_activations(put, tmp_path):
    path = f"{put(made.safetensors(), '.safetensors')}:conv.weight"
    own = load_own(path, density=1.0)
    assert own.layer.inputs.shape == (1, 3, 14, 14)
    assert any("drawn (seed 1)" in note for note in own.notes)
    assert not np.array_equal(load_own(path, draw=2).layer.inputs, own.layer.inputs)
    np.savez(tmp_path / "in.npz", activations=np.ones((2, 3, 5, 5)), padding=1)
    given = load_own(path, density=1.0, inputs=tmp_path / "in.npz")
    assert given.layer.out_shape == (2, 4, 5, 5)
    assert not any("drawn" in note for note in given.notes)
    np.save(tmp_path / "in.npy", np.ones((3, 4, 4)))
    assert load_own(path, inputs=tmp_path / "in.npy").layer.out_shape == (1, 4, 2, 2)
    integers = load_own(put(made.scipy_npz(), ".npz")).layer
    assert np.array_equal(integers.weights[:, :, 0, 0], made.MATRIX)
    assert golden(integers).shape == (1, 6, 1, 1)


def test_names_of_tensors_reach_the_scripts(put):
    path = put(made.safetensors(), ".safetensors")
    assert options.tensor(f"{path}:fc") == Path(f"{path}:fc")
    assert door.problem(["run"], {"LAYER": f"{path}:fc"}) == ""
    assert "no such file" in door.problem(["run"], {"LAYER": "a.safetensors:fc"})
    assert Source.of(f"{path}:a:b.c").tensor == "a:b.c"


def test_one_line_and_status_2(put, capsys):
    for data, suffix in ((b"x", ".mtx"), (b"x", ".safetensors"), (b"x", ".pt"), (b"x", ".npz")):
        assert cli.main(["--layer", str(put(data, suffix)), "--design=dense"]) == 2
        assert len(capsys.readouterr().err.splitlines()) == 1


# ---------------------------------------------------------------- damage

KINDS = {
    ".npz": [made.scipy_npz("csr"), made.scipy_npz("bsr", False), made.scipy_npz("coo", False)],
    ".mtx": [made.market(), made.market(True), made.market(False, "real")],
    ".safetensors": [made.safetensors()],
    ".pt": [made.zipped(made.torch_parts())],
}
#: Damage of bytes alone, whatever the file.
PLAIN = [one for one in DAMAGE if one.__name__ not in ("_field", "_swap")]
COUNT = 1300


@pytest.mark.parametrize("suffix", KINDS)
def test_damaged_files_give_one_line(put, suffix):
    """Every damaged file is read as some numbers, or refused in one printable line."""
    draw = np.random.default_rng(3)
    refused = 0
    for number in range(COUNT):
        data = bytearray(KINDS[suffix][number % len(KINDS[suffix])])
        for _ in range(draw.integers(1, 3)):
            if data:
                PLAIN[draw.integers(len(PLAIN))](data, draw)
        path = put(bytes(data), suffix)
        named = {".safetensors": ":fc", ".pt": ":state_dict.turned"}.get(suffix, "")
        refused += told(f"{path}{named}", f"{suffix} {number}")
    assert refused > COUNT // 4, refused


def test_damaged_pickles_in_good_archives_give_one_line(put):
    """The sums of a zip file find damage; here they fit, and the pickle is what is wrong."""
    draw = np.random.default_rng(4)
    refused = 0
    parts = made.torch_parts()
    good = parts["net/data.pkl"]
    for number in range(COUNT):
        data = bytearray(good)
        PLAIN[draw.integers(len(PLAIN))](data, draw)
        parts["net/data.pkl"] = bytes(data)
        path = put(made.zipped(parts), ".pt")
        refused += told(f"{path}:state_dict.conv.weight", f"pickle {number}")
    assert refused > COUNT // 4, refused


def told(path: str, what: str) -> int:
    """1 if a file is refused in one printable line, 0 if it is read."""
    try:
        load_own(path, density=1.0)
    except ValueError as error:
        text = str(error)
        assert text.isprintable() and len(text) < 500, f"{what}: {text}"
        assert ": found " in text or ": " in text, f"{what}: {text}"
        return 1
    return 0


def test_sparse_parts_that_do_not_fit(put):
    """Indices out of range, lists of other lengths, wrong types: never past the arrays."""
    draw = np.random.default_rng(6)
    base = dict(np.load(io.BytesIO(made.scipy_npz("csr"))))
    for number in range(400):
        parts: dict[str, Any] = {key: np.array(one) for key, one in base.items()}
        key = ["indices", "indptr", "data", "shape", "format"][draw.integers(5)]
        change = draw.integers(5)
        if change == 0 and parts[key].size and key != "format":
            parts[key].flat[draw.integers(parts[key].size)] = draw.choice([-1, 99, 1 << 30])
        elif change == 1:
            parts[key] = parts[key].reshape(-1)[: draw.integers(3)]
        elif change == 2 and key != "format":
            parts[key] = parts[key].astype(draw.choice(["float64", "complex128", "uint64"]))
        elif change == 3:
            del parts[key]
        else:
            parts[key] = np.zeros((2, 2), np.int64)
        file = io.BytesIO()
        np.savez(file, **parts)
        told(str(put(file.getvalue(), ".npz")), f"sparse {number}: {key} {change}")
