"""The paper's layers have the printed facts; a user's file is taken or refused with plain words."""

import io
import re
import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.checks import check_accumulator
from models.fixed import fits, requant
from models.golden import accumulate, golden
from models.workloads import (
    EIE_LAYERS,
    Widths,
    bert,
    eie_layer,
    load_npz,
    load_own,
    load_weights,
    pretrained,
    workload,
    workloads,
)
from models.workloads.scales import LEAST_BITS

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
    assert len(workloads()) == 9 + len(bert.LAYERS)
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
    assert (layer.step, layer.border, layer.shift) == (2, 1, 0)
    wide = {"weights": np.ones((1, 1, 1, 5), int), "activations": np.ones((1, 3, 3), int)}
    assert load_npz(save(**wide, padding=4)).border == 4, "the larger side counts"


def test_floats_without_a_codebook_are_rounded_one_by_one(save):
    """2 of 4 neighbouring inputs, as frameworks prune: as it is, to the last place of 16 bits."""
    weights = RNG.normal(size=(8, 16))
    weights.reshape(8, 4, 4)[:, :, [1, 3]] = 0
    own = load_own(save(weights=weights, activations=RNG.random(16)), density=1.0, bits=0)
    found = own.layer.weights[:, :, 0, 0]
    assert np.array_equal(found != 0, weights != 0)
    assert np.unique(found).size == np.count_nonzero(weights) + 1
    scale = np.abs(found).max() / np.abs(weights).max()
    assert np.abs(found / scale - weights).max() < 2.0**-14 * np.abs(weights).max()
    assert not own.notes
    half = load_own(save(weights=np.arange(-50, 50).reshape(10, 10), activations=np.ones(10, int)))
    assert np.unique(half.layer.weights).size == 100


def test_geometry_of_networks(save):
    case = {"weights": RNG.integers(-3, 4, (4, 1, 3, 3)), "activations": np.ones((4, 8, 8), int)}
    layer = load_npz(save(**case, groups=4, stride=[2, 1], padding=[0, 1, 0, 1], dilation=2))
    assert (layer.groups, layer.stride, layer.dilation) == (4, (2, 1), (2, 2))
    assert layer.padding == (0, 1, 0, 1)
    assert layer.out_shape == (1, 4, 3, 5)
    line = {"weights": RNG.normal(size=(4, 2, 3)), "activations": RNG.random((2, 9))}
    for padding, sides in ((1, (0, 0, 1, 1)), ([2, 0], (0, 0, 2, 0)), ([1, 0, 0, 0], (1, 0, 0, 0))):
        layer = load_npz(save(**line, stride=2, padding=padding), density=0.5)
        assert (layer.weights.shape, layer.inputs.shape) == ((4, 2, 1, 3), (1, 2, 1, 9))
        assert (layer.stride, layer.padding) == ((1, 2), sides)
    assert load_npz(save(**line | {"activations": RNG.random((5, 2, 9))})).batch == 5
    assert load_npz(save(weights=[[3]], activations=[1], padding=1)).out_shape[2:] == (3, 3)


def test_integers_of_many_values_are_shared_only_if_asked(save):
    path = save(weights=np.arange(-50, 50).reshape(10, 10), activations=np.arange(10))
    assert np.unique(load_npz(path).weights).size == 100
    layer = load_npz(path, density=0.5)
    assert np.count_nonzero(layer.weights) == 50
    assert np.unique(layer.weights).size <= 16
    assert np.unique(load_npz(path, bits=5).weights).size <= 32


def test_the_note_says_how_well_the_values_fit(save):
    own = load_own(save(weights=W, activations=A), density=0.25, bits=3)
    (note,) = own.notes
    found = re.fullmatch(
        r"weights: 7 of 7 shared values used, relative error (0\.\d+) \(root mean square, of the "
        r"150 weights kept\)", note
    )  # fmt: skip
    kept = own.layer.weights[:, :, 0, 0].astype(float)
    live = kept != 0
    scale = np.ldexp(1.0, -np.arange(-5, 25))
    errors = [np.sqrt(((W - s * kept)[live] ** 2).sum() / (W[live] ** 2).sum()) for s in scale]
    assert float(found[1]) == pytest.approx(min(errors), rel=0.01)


@pytest.mark.parametrize("relu", [0, 1])
@pytest.mark.parametrize("width", [8, 16])
def test_the_default_shift_lets_every_result_fit(save, width, relu):
    """Rounding counts: an accumulator of 65535 shifted by 1 is 32768, one too many."""
    top = 1 << width - 1
    for peak in (top - 1, top, 2 * top - 2, 2 * top - 1, -top, -2 * top - 1, -2 * top, 4 * top - 1):
        path = save(weights=[[0]], activations=[0], bias=[peak], relu=relu)
        layer = load_npz(path, widths=Widths(act=width))
        acc = accumulate(layer)
        assert (golden(layer, width) == requant(acc, layer.shift, 63, bool(relu))).all(), peak
        if layer.shift:
            wide = requant(acc, layer.shift - 1, 63, bool(relu))
            assert not fits(wide, width), f"{peak}: a smaller shift would do"


# ---------------------------------------------------------------- bias and scales


@pytest.mark.parametrize("kind", [np.int8, np.int64, np.uint16, np.float32, np.float64])
@pytest.mark.parametrize("floats", ["both", "weights", "activations"])
def test_beside_floats_a_bias_is_real_whatever_its_type(save, kind, floats):
    bias = np.array([3, 20, 0, 100]).astype(kind)
    weights, acts = np.array([[2, 1], [1, -2], [3, 3], [1, 0]]), np.array([5, 3])
    if floats != "activations":
        weights = weights.astype(float)
    if floats != "weights":
        acts = acts.astype(float)
    layer = load_npz(save(weights=weights, activations=acts, bias=bias, relu=0), density=1.0)
    want = weights @ acts + bias.astype(float)
    acc = accumulate(layer).ravel()
    ratio = acc[-1] / want[-1]
    assert np.log2(ratio) == np.rint(np.log2(ratio))
    assert np.allclose(acc / ratio, want, rtol=1e-4)


def test_beside_integers_a_bias_is_in_units_of_the_accumulator(save):
    case = {"weights": [[2, 1]], "activations": [5, 3], "relu": 0}
    for bias in (np.array([7]), np.array([7.0]), np.array([6.8])):
        own = load_own(save(**case, bias=bias))
        assert accumulate(own.layer).item() == 20
        assert ("rounded to integers" in " ".join(own.notes)) == (bias[0] != 7)
    assert accumulate(load_npz(save(**case, bias=[7]), bits=2)).item() == 20
    with pytest.raises(ValueError, match=r"bias: found 1e\+300 beside integers"):
        load_npz(save(**case, bias=[1e300]))


def test_scales_give_up_bits_so_that_the_bias_fits(save):
    """Images in 0..1, small weights, a bias of folded batch normalization."""
    path = save(weights=np.ones((1, 2)) * 0.01, activations=[0.1, 0.2], bias=[0.5])
    own = load_own(path, density=1.0)
    assert np.abs(own.layer.bias).max() < 1 << 31
    assert any("weights 13 of 16 bits, activations 12 of 16 bits" in note for note in own.notes)
    acc = int(accumulate(own.layer).item())
    assert acc / own.layer.bias.item() == pytest.approx(0.503 / 0.5, rel=1e-4)


widths_drawn = st.builds(
    Widths,
    act=st.sampled_from([8, 16]),
    wgt=st.sampled_from([8, 16]),
    acc=st.sampled_from([32, 40, 48]),
    bias=st.sampled_from([24, 32]),
)
magnitudes = st.floats(-30, 30).map(lambda power: 10.0**power)


@given(st.integers(0, 2**32 - 1), magnitudes, magnitudes, st.floats(-9, 7), widths_drawn)
def test_any_bias_up_to_millions_of_products_fits(tmp_path_factory, seed, wgt, act, ratio, widths):
    rng = np.random.default_rng(seed)
    weights = rng.uniform(-1, 1, (5, 7)) * wgt
    acts = rng.uniform(0, 1, 7) * act
    peak = np.abs(weights).max() * acts.max()
    most = 2.0 ** (widths.bias - 1 - 2 * (LEAST_BITS - 1) - 2)
    bias = rng.uniform(-1, 1, 5) * min(10.0**ratio, most) * peak
    path = tmp_path_factory.mktemp("scales") / "x.npz"
    np.savez(path, weights=weights, activations=acts, bias=bias, relu=0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        own = load_own(path, density=1.0, bits=8, widths=widths)
    layer = own.layer
    assert fits(layer.bias, widths.bias) and fits(layer.weights, widths.wgt)
    assert fits(layer.activations, widths.act)
    check_accumulator(layer, widths.acc)
    want = weights @ acts + bias
    acc = accumulate(layer).ravel().astype(float)
    scaled = (acc @ want) / (want @ want)
    step = 2.0 ** -(LEAST_BITS - 2) * peak * 7 + np.abs(bias).max() * 2.0 ** -(widths.bias - 3)
    assert np.abs(acc / scaled - want).max() <= step


@given(st.integers(0, 2**32 - 1), st.floats(7, 60), widths_drawn, st.sampled_from([8, None]))
def test_a_bias_beyond_all_products_fits_too(tmp_path_factory, seed, ratio, widths, bits):
    """Exact to a unit of the bias, which is what the products are less than."""
    rng = np.random.default_rng(seed)
    weights, acts = rng.uniform(-1, 1, (5, 7)), rng.uniform(0, 1, 7)
    bias = rng.uniform(-1, 1, 5) * 10.0**ratio
    path = tmp_path_factory.mktemp("scales") / "x.npz"
    np.savez(path, weights=weights, activations=acts, bias=bias, relu=0)
    own = load_own(path, density=1.0, bits=bits, widths=widths)
    layer = own.layer
    assert fits(layer.bias, widths.bias) and np.abs(layer.bias).max() >= 1 << (widths.bias - 4)
    check_accumulator(layer, widths.acc)
    unit = np.abs(bias).max() / np.abs(layer.bias).max()
    want = weights @ acts + bias
    assert np.abs(accumulate(layer).ravel() * unit - want).max() <= 4 * unit + 7
    assert any("so that bias and sums fit" in note for note in own.notes)


def test_what_is_left_of_the_products_is_said(save):
    path = save(weights=np.eye(2), activations=np.ones(2), bias=[1e12, 0])
    own = load_own(path, density=1.0)
    assert "weights 0 of 16 bits, activations 0 of 16 bits" in " ".join(own.notes)
    assert load_own(path, density=1.0, bits=None).layer.bias.tolist()[1] == 0


def test_integers_do_not_give_up_bits_for_a_bias(save):
    """The other operand does."""
    case = {"weights": np.array([[3, -5]]), "activations": np.ones(2) / 2, "bias": [1e12]}
    own = load_own(save(**case))
    assert own.layer.weights.tolist() == [[[[3]], [[-5]]]]
    assert fits(own.layer.bias, 32)


@pytest.mark.parametrize("key", ["weights", "activations"])
def test_zeros_leave_the_scale_to_the_bias(save, key):
    case = {"weights": np.eye(2), "activations": np.ones(2), "bias": np.array([1e12, 3e11])}
    layer = load_npz(save(**(case | {key: case[key] * 0.0})), density=1.0)
    assert 1 << 29 < layer.bias[0] < 1 << 31
    assert layer.bias[1] / layer.bias[0] == pytest.approx(0.3)


def test_sums_fit_the_accumulator_of_the_build(save):
    weights, acts = np.ones((2, 4096)), np.ones(4096)
    own = load_own(save(weights=weights, activations=acts), density=1.0)
    check_accumulator(own.layer, 40)
    assert "scales: weights" in own.notes[-1]
    wide = load_own(save(weights=weights, activations=acts), density=1.0, widths=Widths(acc=48))
    assert np.abs(wide.layer.weights).max() > np.abs(own.layer.weights).max()


@pytest.mark.parametrize("scale", [1e-300, 1e-200, 1e200, 1e300])
def test_extreme_floats_raise_no_warning(save, scale):
    path = save(weights=W * scale, activations=A / scale, bias=W[:, 0])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        layer, plain = load_npz(path), load_npz(save(weights=W, activations=A, bias=W[:, 0]))
    assert (layer.weights != 0).sum() == (plain.weights != 0).sum()


def test_the_shift_fits_the_result(save):
    layer = load_npz(save(weights=np.full((2, 9), 30000), activations=np.full(9, 30000)))
    assert 1 << 14 <= golden(layer).max() < (1 << 15) - 1


def test_a_given_shift_and_relu_are_kept(save):
    case = {"weights": np.array([[3, -4]]), "activations": np.array([1, 5]), "shift": 2, "relu": 0}
    layer = load_npz(save(**case))
    assert (layer.shift, layer.relu) == (2, False)
    assert golden(layer).ravel().tolist() == [-4]  # (3 - 20) / 4
    assert golden(load_npz(save(**(case | {"relu": 1})))).ravel().tolist() == [0]


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "shift": ({"weights": [[1]], "activations": [1], "shift": -1}, "shift: found -1"),
    "shift_high": ({"weights": [[1]], "activations": [1], "shift": 62}, "shift: found 62"),
    "shift_float": ({"weights": W, "activations": A, "shift": 3}, "shift: found it beside float"),
    "relu": ({"weights": [[1]], "activations": [1], "relu": 2}, "relu: found 2"),
    "missing": ({"activations": A}, r"weights: found no such key \(keys: activations\)"),
    "missing_acts": ({"weights": W}, "activations: found no such key"),
    "unknown": ({"weights": W, "activations": A, "wieghts": A}, "wieghts: found an unknown key"),
    "axes": ({"weights": W[0], "activations": A}, r"weights: found shape \(30,\)"),
    "axes3": (
        {"weights": W[None], "activations": A},
        r"activations: found shape \(30,\), need \[C, W\]",
    ),
    "axes5": ({"weights": W[None, None, None], "activations": A}, "weights: found shape"),
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
    "stride": ({"weights": W, "activations": A, "stride": 0}, "stride: found 0"),
    "stride_float": ({"weights": W, "activations": A, "stride": 1.5}, "stride: found 1.5"),
    "strides": ({"weights": W, "activations": A, "stride": [1, 1, 1]}, "stride: found"),
    "stride_low": ({"weights": W, "activations": A, "stride": [1, 0]}, r"stride: found \[1, 0\]"),
    "stride_axes": ({"weights": W, "activations": A, "stride": [[1, 1]]}, "stride: found"),
    "dilation": ({"weights": W, "activations": A, "dilation": 0}, "dilation: found 0, need one"),
    "groups": ({"weights": W, "activations": A, "groups": 3}, "groups: found 3 beside 20 outputs"),
    "groups_zero": ({"weights": W, "activations": A, "groups": 0}, "groups: found 0"),
    "groups_acts": ({"weights": W, "activations": A, "groups": 2}, "need 60 as in .* in 2 groups"),
    "padding": ({"weights": W, "activations": A, "padding": -1}, "padding: found -1"),
    "padding_huge": (
        {"weights": np.ones((4, 4, 3, 2)), "activations": np.ones((4, 6, 6)), "padding": 60000},
        "padding: found 60000, need 0..3, at most the filter of 3 x 2",
    ),
    "padding_zeros": (
        {"weights": np.ones((4, 4, 3, 3)), "activations": np.ones((4, 6, 6)), "padding": 4},
        "padding: found 4, need 0..3",
    ),
    "padding_vast": (
        {
            "weights": np.ones((4, 4, 3, 2)),
            "activations": np.ones((4, 6, 6)),
            "dilation": 60000,
            "padding": 65536,
        },
        "padding: found [0-9]+ inputs with it, need at most 268435456",
    ),
    "padding_matrix": (
        {"weights": W, "activations": A, "padding": 2},
        "padding: found 2, need 0..1",
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
        ({"bits": -1}, "BITS: found -1"),
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
    np.savez(tmp_path / "line.npz", weights=np.ones((2, 3, 5)))
    assert load_weights(tmp_path / "line.npz").shape == (2, 3, 1, 5)
    np.savez(tmp_path / "bad.npz", weights=np.ones((2, 3, 5, 5, 5)))
    with pytest.raises(ValueError, match=r"weights: found shape \(2, 3, 5, 5, 5\)"):
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
    conv = pretrained.Conv(
        "conv1", W[:, :, None, None].astype(np.float32), np.zeros(20, np.float32)
    )
    net = pretrained.Pretrained("Tiny", lambda: iter([(conv, A[:, None, None])]), ("conv1",))
    monkeypatch.setitem(pretrained.PRETRAINED, "tiny", net)
    assert [one.name for one in pretrained.pretrained_layers("tiny", ("all",))] == ["conv1"]
    found = next(name for name in names if name != "conv1")
    with pytest.raises(ValueError, match=f"layers: found '{found}', known: conv1; or all, alone"):
        pretrained.pretrained_layers("tiny", names)
