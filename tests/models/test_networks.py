"""The embedded networks and digits: committed files, loader, and integer inference."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from models.networks import FOLDER, NETWORKS, STAGES, load_digits, load_network
from scripts.train.infer import integer_accuracy, max_pool, requantize, run_network
from scripts.train.math import exact_bits, on_grid
from scripts.train.quant import kmeans, save

SHAPES = {
    "lenet_300_100": [(300, 784, 1, 1), (100, 300, 1, 1), (10, 100, 1, 1)],
    "lenet_5": [(20, 1, 5, 5), (50, 20, 5, 5), (500, 800, 1, 1), (10, 500, 1, 1)],
    "vgg_7": [
        *((4, 1, 3, 3), (12, 4, 3, 3), (32, 12, 3, 3), (32, 32, 3, 3), (64, 32, 3, 3)),
        *((64, 256, 1, 1), (10, 64, 1, 1)),
    ],
}
DENSITIES = {
    "lenet_300_100": [0.08, 0.09, 0.26],
    "lenet_5": [0.66, 0.12, 0.08, 0.19],
    "vgg_7": [0.9, 0.6, 0.4, 0.3, 0.2, 0.2, 0.4],
}
POOLS = {"lenet_300_100": [1, 1, 1], "lenet_5": [2, 2, 1, 1], "vgg_7": [1, 2, 1, 2, 1, 1, 1]}


def fields_of(name: str) -> dict[str, np.ndarray]:
    """All arrays of a committed file, to be damaged."""
    with np.load(FOLDER / f"{name}.npz", allow_pickle=False) as file:
        return {key: file[key] for key in file.files}


@pytest.mark.parametrize("name", NETWORKS)
def test_network_schema(name: str) -> None:
    """Shapes, types, pools and ReLUs are those of the named network."""
    network = load_network(name)
    assert network.name == name
    assert [layer.weights.shape for layer in network.layers] == SHAPES[name]
    assert [layer.pool for layer in network.layers] == POOLS[name]
    last = len(network.layers) - 1
    for index, layer in enumerate(network.layers):
        assert layer.weights.dtype == np.int16 and layer.bias.dtype == np.int64
        assert layer.codebook[0] == 0
        assert len(np.unique(layer.codebook)) == 16
        assert np.array_equal(layer.weights, layer.codebook[layer.codes])
        assert (layer.stride, layer.padding) == (1, 0)
        assert layer.relu == (index != last)


@pytest.mark.parametrize("name", NETWORKS)
def test_network_density(name: str) -> None:
    """Every layer has its stated density to within one weight; a larger one uses every code."""
    for layer, density in zip(load_network(name).layers, DENSITIES[name], strict=True):
        assert abs(np.count_nonzero(layer.weights) - density * layer.weights.size) <= 1
        assert len(np.unique(layer.codes)) == 16 or layer.codes.size < 100


@pytest.mark.parametrize("name", NETWORKS)
def test_network_accuracy_fields(name: str) -> None:
    """Accuracies are whole digits of 2,000, plausible, and those the README states."""
    network = load_network(name)
    assert set(network.accuracy) == set(STAGES)
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    for stage, value in network.accuracy.items():
        assert abs(value * 2000 - round(value * 2000)) < 1e-6, stage
        assert f"{value:.4f}" in readme, stage
    assert network.accuracy["dense"] > 0.95
    assert network.accuracy["quantized"] > network.accuracy["dense"] - 0.02
    meta = json.loads(str(fields_of(name)["meta"]))
    assert meta["layers"] == [layer.name for layer in network.layers]


@pytest.mark.parametrize("name", NETWORKS)
def test_network_inference(name: str) -> None:
    """Integer inference gets the digits right as often as stated, and never saturates."""
    network, digits = load_network(name), load_digits()
    outputs = run_network(network.layers, digits.images)
    assert outputs.shape == (256, 10)
    assert np.abs(outputs).max() < 2**15 - 1
    found = integer_accuracy(network.layers, digits.images, digits.labels)
    assert found >= network.accuracy["quantized"] - 0.03
    assert integer_accuracy(network.layers, digits.images, (digits.labels + 1) % 10) < 0.1


def test_digits() -> None:
    """256 different digits of all ten classes, with background exactly 0."""
    digits = load_digits()
    assert digits.images.shape == (256, 28, 28) and digits.images.dtype == np.uint8
    assert digits.labels.shape == (256,) and digits.labels.dtype == np.uint8
    assert len(np.unique(digits.indices)) == 256
    assert digits.indices.min() >= 0 and digits.indices.max() < 10_000
    assert set(digits.labels.tolist()) == set(range(10))
    assert 0.7 < (digits.images == 0).mean() < 0.9


def damaged_codebook() -> np.ndarray:
    """A codebook whose pruned entry is not 0."""
    book = fields_of("lenet_5")["l1_codebook"].copy()
    book[0] = 7
    return book


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("l1_codebook", damaged_codebook(), r"l1_codebook\[0\] is 7, allowed: 0"),
        ("l1_codebook", np.zeros(16, np.int16), r"l1_codebook\[1\] is 0"),
        ("l1_codebook", np.zeros(15, np.int16), r"shape of l1_codebook is \[15\]"),
        ("l2_codes", np.full((500, 800), 16, np.uint8), "largest entry of l2_codes is 16"),
        ("l2_codes", np.ones((500, 801), np.uint8), "channels of l2_codes is 801"),
        ("l0_codes", np.ones((20, 25), np.uint8), r"density\[0\] is 0.66"),
        ("l0_bias", np.zeros(20, np.float64), "dtype of l0_bias is float64"),
        ("l0_bias", np.zeros(19, np.int32), r"shape of l0_bias is \[19\]"),
        ("l3_shift", np.array(-1), "l3_shift is -1, allowed: 0 to 39"),
        ("l0_stride", np.array(0), "l0_stride is 0"),
        ("l0_pool", None, "l0_pool is missing"),
        ("l0_codes", None, "l0_codes is missing"),
        ("density", np.full(4, 0.5), r"density\[0\] is 0.5"),
        ("accuracy_dense", np.array(99.1), "accuracy_dense is 99.1, allowed: 0 to 1"),
    ],
)
def test_damaged_network_is_refused(
    tmp_path: Path, field: str, value: np.ndarray | None, message: str
) -> None:
    """A damaged field is refused with its name, its value and what is allowed."""
    fields = fields_of("lenet_5")
    del fields[field]
    if value is not None:
        fields[field] = value
    save(tmp_path / "lenet_5.npz", fields)
    with pytest.raises(ValueError, match=message):
        load_network("lenet_5", tmp_path)


def test_unreadable_files_are_refused(tmp_path: Path) -> None:
    """Unknown name, missing file, truncated file, wrong label: each has its own error."""
    with pytest.raises(ValueError, match="allowed: lenet_300_100, lenet_5"):
        load_network("lenet_6")
    with pytest.raises(FileNotFoundError):
        load_network("lenet_5", tmp_path)
    whole = (FOLDER / "lenet_5.npz").read_bytes()
    (tmp_path / "lenet_5.npz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ValueError, match=r"lenet_5\.npz: cannot be read"):
        load_network("lenet_5", tmp_path)
    digits = {**vars(load_digits()), "labels": np.full(256, 10, np.uint8)}
    save(tmp_path / "digits.npz", digits)
    with pytest.raises(ValueError, match="labels is 10, allowed: 0 to 9"):
        load_digits(tmp_path)


def test_saved_bytes_depend_on_arrays_only(tmp_path: Path) -> None:
    """Saving a committed file's arrays again gives the arrays back, and the same bytes twice."""
    fields = fields_of("lenet_5")
    save(tmp_path / "a.npz", fields)
    save(tmp_path / "b.npz", fields)
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()
    with np.load(tmp_path / "a.npz", allow_pickle=False) as again:
        assert all(np.array_equal(again[key], value) for key, value in fields.items())


def test_requantize() -> None:
    """Round half away from zero, saturate at both rails; shift 0 changes nothing."""
    acc = np.array([5, 6, 7, -5, -6, -7, 2**30, -(2**30)])
    assert requantize(acc, 2).tolist() == [1, 2, 2, -1, -2, -2, 2**15 - 1, -(2**15)]
    assert requantize(acc[:6], 0).tolist() == acc[:6].tolist()


def test_max_pool_drops_rests() -> None:
    """A 3 x 3 map pools to the maximum of its first 2 x 2 window."""
    assert max_pool(np.arange(9).reshape(1, 1, 3, 3), 2).tolist() == [[[[4]]]]


def test_training_sums_are_exact() -> None:
    """Operands on the grid give the same product in any order: what reproducibility rests on."""
    rng = np.random.default_rng(5)
    terms = 1000
    a = on_grid(rng.standard_normal(terms), exact_bits(terms))
    b = on_grid(rng.standard_normal(terms) * 1e-5, exact_bits(terms))
    order = rng.permutation(terms)
    exact = sum(int(x * 2.0**40) * int(y * 2.0**60) for x, y in zip(a, b, strict=True))
    assert float(a @ b) == float(a[order] @ b[order]) == exact / 2.0**100


def test_kmeans_finds_clusters() -> None:
    """15 tight clusters with a gap around 0 are found, evenly spread as the start assumes."""
    centers = np.concatenate([np.arange(-8, -1), np.arange(2, 10)]) / 16.0
    noise = np.random.default_rng(6).uniform(-0.01, 0.01, (15, 20))
    noise -= noise.mean(axis=1, keepdims=True)
    values = (centers[:, None] + noise).ravel()
    assert np.allclose(kmeans(values), centers, atol=1e-6)
