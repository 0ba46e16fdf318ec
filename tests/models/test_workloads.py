"""The paper's layers have the printed facts; a user's file is taken or refused with plain words."""

import io

import numpy as np
import pytest

from models.golden import golden
from models.workloads import (
    EIE_LAYERS,
    eie_layer,
    load_npz,
    load_weights,
    pretrained,
    workload,
    workloads,
)

#: The paper's ratio of actual to theoretical time, three digits.
RATIOS = [1.078, 1.043, 1.112, 1.224, 1.101, 1.151, 1.538, 1.069, 1.154]


def test_the_table_gives_the_published_ratios():
    ratios = [line.ratio for line in EIE_LAYERS.values()]
    assert [round(ratio, 3) for ratio in ratios] == RATIOS
    assert round(float(np.prod(ratios)) ** (1 / 9), 3) == 1.156


@pytest.mark.parametrize("name", ["alex-8", "vgg-8", "nt-we", "nt-wd", "nt-lstm"])
def test_layers_have_the_printed_shape_and_density(name):
    facts = EIE_LAYERS[name]
    layer = eie_layer(name, seed=3)
    assert layer.weights.shape == (facts.outputs, facts.inputs, 1, 1)
    spread = np.sqrt(facts.weight_density * (1 - facts.weight_density) / layer.weights.size)
    assert abs(layer.weight_density - facts.weight_density) < 5 * spread
    assert np.count_nonzero(layer.activations) == round(facts.activation_density * facts.inputs)
    assert layer.activations.min() >= 0
    assert np.unique(layer.weights).size == 16
    out = golden(layer)
    assert 0.3 < np.count_nonzero(out) / out.size < 0.7, "ReLU shall not be trivial"
    assert 1 << 13 <= out.max() < (1 << 15) - 1, "the range is used, no output saturates"


def test_layers_repeat_by_seed():
    first, again, other = (eie_layer("nt-we", seed) for seed in (1, 1, 2))
    assert (first.weights == again.weights).all()
    assert (first.activations == again.activations).all()
    assert (first.weights != other.weights).any()


def test_names_resolve():
    assert len(workloads()) == 9
    assert workload("EIE/NT-We", 1).name == "eie/nt-we"
    for bad in ("eie/alex-9", "alex-7", "scnn/x", ""):
        with pytest.raises(ValueError, match="workload: found"):
            workload(bad)
    with pytest.raises(ValueError, match="layer: found"):
        eie_layer("alex-9")


@pytest.fixture
def save(tmp_path):
    """Writes an npz file and gives its path."""

    def write(**arrays):
        np.savez(tmp_path / "mine.npz", **arrays)
        return tmp_path / "mine.npz"

    return write


RNG = np.random.default_rng(7)
W = RNG.normal(size=(20, 30))
A = np.maximum(RNG.normal(size=30), 0)


def test_float_is_pruned_and_quantized(save):
    layer = load_npz(save(weights=W, activations=A, bias=np.ones(20)), density=0.25, bits=3)
    assert np.count_nonzero(layer.weights) == round(0.25 * W.size)
    assert np.unique(layer.weights).size <= 8
    assert layer.name == "mine"
    kept = layer.weights[:, :, 0, 0] != 0
    scale = np.linalg.lstsq(layer.weights[:, :, 0, 0][kept][:, None], W[kept], rcond=None)[0][0]
    steps = np.abs(W[kept] - scale * layer.weights[:, :, 0, 0][kept])
    assert steps.max() < 0.6, "integers follow the floats"
    assert layer.bias[0] != 0
    assert golden(layer).max() > 0


def test_float_answer_is_close_to_the_float_product(save):
    """Few values, nothing pruned: only 16-bit rounding is left."""
    weights = np.where(W > 0.5, 0.5, np.where(W < -0.5, -0.25, 0.0))
    layer = load_npz(save(weights=weights, activations=A, bias=W[:, 0]), density=1.0)
    acc = golden(layer).ravel().astype(float)
    exact = np.maximum(weights @ A + W[:, 0], 0)
    ratio = acc.max() / exact.max()
    assert np.abs(acc / ratio - exact).max() < 1e-3 * exact.max()


def test_integers_are_taken_as_they_are(save):
    weights = RNG.integers(-3, 4, (4, 2, 3, 3))
    acts = RNG.integers(0, 9, (2, 2, 5, 5))
    layer = load_npz(save(weights=weights, activations=acts, stride=2, padding=1))
    assert (layer.weights == weights).all()
    assert (layer.activations == acts).all()
    assert (layer.stride, layer.padding, layer.shift) == (2, 1, 0)
    wide = {"weights": np.ones((1, 1, 1, 5), int), "activations": np.ones((1, 3, 3), int)}
    assert load_npz(save(**wide, padding=4)).padding == 4, "the larger side counts"


def test_integers_with_many_values_need_to_be_asked(save):
    path = save(weights=np.arange(-50, 50).reshape(10, 10), activations=np.arange(10))
    with pytest.raises(ValueError, match=r"weights: found 100 different .* DENSITY= or BITS="):
        load_npz(path)
    layer = load_npz(path, density=0.5)
    assert np.count_nonzero(layer.weights) == 50
    assert np.unique(layer.weights).size <= 16
    assert np.unique(load_npz(path, bits=5).weights).size <= 32


def test_the_shift_fits_the_result(save):
    layer = load_npz(save(weights=np.full((2, 9), 30000), activations=np.full(9, 30000)))
    assert 1 << 14 <= golden(layer).max() < (1 << 15) - 1


def test_a_given_shift_and_relu_are_kept(save):
    case = {"weights": np.array([[3, -4]]), "activations": np.array([1, 5]), "shift": 2, "relu": 0}
    layer = load_npz(save(**case))
    assert (layer.shift, layer.relu) == (2, False)
    assert golden(layer).ravel().tolist() == [-4]  # (3 - 20) / 4
    assert golden(load_npz(save(**(case | {"relu": 1})))).ravel().tolist() == [0]


BAD = {
    "shift": ({"weights": [[1]], "activations": [1], "shift": -1}, "shift: found -1"),
    "shift_high": ({"weights": [[1]], "activations": [1], "shift": 62}, "shift: found 62"),
    "shift_float": ({"weights": W, "activations": A, "shift": 3}, "shift: found it beside float"),
    "relu": ({"weights": [[1]], "activations": [1], "relu": 2}, "relu: found 2"),
    "missing": ({"activations": A}, r"weights: found no such key \(keys: activations\)"),
    "missing_acts": ({"weights": W}, "activations: found no such key"),
    "unknown": ({"weights": W, "activations": A, "wieghts": A}, "wieghts: found an unknown key"),
    "axes": ({"weights": W[0], "activations": A}, r"weights: found shape \(30,\)"),
    "axes3": ({"weights": W[None], "activations": A}, "weights: found shape"),
    "scalar_acts": ({"weights": W, "activations": A[0]}, "activations: found shape"),
    "nan": ({"weights": W, "activations": A * np.nan}, "activations: found NaN"),
    "inf": ({"weights": W * np.inf, "activations": A}, "weights: found NaN or infinity"),
    "empty": ({"weights": W[:0], "activations": A}, "weights: found an empty array"),
    "channels": ({"weights": W, "activations": A[:9]}, "activations: found 9 channels.* need 30"),
    "text": ({"weights": W, "activations": np.array(["a"])}, "activations: found dtype <U1"),
    "complex": ({"weights": W * 1j, "activations": A}, "weights: found dtype complex128"),
    "bool": ({"weights": W > 0, "activations": A}, "weights: found dtype bool"),
    "object": (
        {"weights": np.array([[None]]), "activations": A},
        "weights: found an array of obj",
    ),
    "bias": (
        {"weights": W, "activations": A, "bias": A},
        r"bias: found shape \(30,\), need \[20\]",
    ),
    "bias_axes": ({"weights": W, "activations": A, "bias": W}, "bias: found shape"),
    "huge_bias": (
        {"weights": W, "activations": A, "bias": W[:, 0] * 1e12},
        "bias: found .*2\\*\\*31",
    ),
    "stride": ({"weights": W, "activations": A, "stride": 0}, "stride: found 0"),
    "stride_float": ({"weights": W, "activations": A, "stride": 1.5}, "stride: found 1.5"),
    "strides": ({"weights": W, "activations": A, "stride": [1, 1]}, "stride: found"),
    "padding": ({"weights": W, "activations": A, "padding": -1}, "padding: found -1"),
    "padding_huge": (
        {"weights": np.ones((4, 4, 3, 2)), "activations": np.ones((4, 6, 6)), "padding": 60000},
        "padding: found 60000, need 0..2, less than the filter of 3 x 2",
    ),
    "padding_zeros": (
        {"weights": np.ones((4, 4, 3, 3)), "activations": np.ones((4, 6, 6)), "padding": 3},
        "padding: found 3, need 0..2",
    ),
    "padding_matrix": (
        {"weights": W, "activations": A, "padding": 1},
        "padding: found 1, need 0..0",
    ),
    "batch": ({"weights": W[:, :, None, None], "activations": A[None]}, "activations: found shape"),
    "wide": ({"weights": np.array([[40000]]), "activations": [1]}, "weights: found integers 40000"),
    "filter": (
        {"weights": np.ones((2, 1, 3, 3)), "activations": np.ones((1, 2, 2))},
        "activations: found height 2",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_files_are_named(save, name):
    arrays, message = BAD[name]
    with pytest.raises(ValueError, match=message):
        load_npz(save(**arrays))


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ({"density": 0.0}, "DENSITY: found 0.0"),
        ({"density": 1.5}, "DENSITY: found 1.5"),
        ({"bits": 0}, "BITS: found 0"),
        ({"bits": 9}, "BITS: found 9"),
        ({"density": 0.5, "group": (2, 4)}, "DENSITY: found 0.5 beside N:M 2:4"),
    ],
)
def test_bad_options(save, args, message):
    with pytest.raises(ValueError, match=message):
        load_npz(save(weights=W, activations=A), **args)


def test_files_that_are_no_npz(tmp_path):
    with pytest.raises(ValueError, match="file: found nothing"):
        load_npz(tmp_path / "none.npz")
    for name, data in (("text.npz", b"hello"), ("empty.npz", b""), ("cut.npz", None)):
        if data is None:
            buffer = io.BytesIO()
            np.savez(buffer, weights=W, activations=A)
            data = buffer.getvalue()[:900]
        (tmp_path / name).write_bytes(data)
        with pytest.raises(ValueError, match="is not an .npz file"):
            load_npz(tmp_path / name)
    np.save(tmp_path / "bare.npy", W)
    with pytest.raises(ValueError, match="one bare array"):
        load_npz(tmp_path / "bare.npy")


def test_weights_alone(tmp_path):
    weights = np.arange(6.0).reshape(2, 3)
    np.savez(tmp_path / "w.npz", weights=weights)
    assert (load_weights(tmp_path / "w.npz")[:, :, 0, 0] == weights).all()
    np.savez(tmp_path / "conv.npz", weights=np.ones((2, 3, 5, 5)), activations=np.ones(7))
    assert load_weights(tmp_path / "conv.npz").shape == (2, 3, 5, 5)
    np.savez(tmp_path / "bad.npz", weights=np.ones((2, 3, 5)))
    with pytest.raises(ValueError, match=r"weights: found shape \(2, 3, 5\)"):
        load_weights(tmp_path / "bad.npz")
    np.savez(tmp_path / "none.npz", activations=np.ones(3))
    with pytest.raises(ValueError, match="weights: found no such key"):
        load_weights(tmp_path / "none.npz")


def test_float_weights_are_pruned_to_groups_of_outputs(tmp_path):
    draw = np.random.default_rng(4)
    np.savez(tmp_path / "f.npz", weights=draw.normal(size=(10, 6)), activations=draw.normal(size=6))
    layer = load_npz(tmp_path / "f.npz", bits=8, group=(2, 4))
    filled = layer.weights.reshape(10, 6) != 0
    assert [int(filled[at : at + 4].sum(axis=0).max()) for at in (0, 4, 8)] == [2, 2, 2]
    assert filled[:8].reshape(2, 4, 6).sum(axis=1).min() == 2


@pytest.mark.parametrize("names", [("conv9",), ("all", "conv1"), ("conv1", "")])
def test_layers_of_a_network_may_be_all_of_them(monkeypatch, names):
    conv = pretrained.Conv("conv1", W[:, :, None, None].astype(np.float32), np.zeros(20))
    net = pretrained.Pretrained("Tiny", lambda: iter([(conv, A[:, None, None])]), ("conv1",))
    monkeypatch.setitem(pretrained.PRETRAINED, "tiny", net)
    assert [one.name for one in pretrained.pretrained_layers("tiny", ("all",))] == ["conv1"]
    found = next(name for name in names if name != "conv1")
    with pytest.raises(ValueError, match=f"layers: found '{found}', known: conv1; or all, alone"):
        pretrained.pretrained_layers("tiny", names)
