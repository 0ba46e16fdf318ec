"""Shapes a layer takes, and what it refuses with which words."""

from dataclasses import replace

import numpy as np
import pytest

from models.layer import Layer
from models.program import Pass, Program

W2 = np.ones((3, 2), dtype=int)
W4 = np.ones((3, 2, 2, 2), dtype=int)


@pytest.mark.parametrize(
    ("weights", "shape", "normal", "out"),
    [
        (W2, (2,), (1, 2, 1, 1), (1, 3, 1, 1)),
        (W2, (5, 2), (5, 2, 1, 1), (5, 3, 1, 1)),
        (W2, (2, 4, 5), (1, 2, 4, 5), (1, 3, 4, 5)),
        (W4, (2, 4, 5), (1, 2, 4, 5), (1, 3, 3, 4)),
        (W4, (7, 2, 4, 5), (7, 2, 4, 5), (7, 3, 3, 4)),
    ],
)
def test_shapes_are_normalised(weights, shape, normal, out):
    layer = Layer(weights, np.ones(shape, dtype=np.int16))
    assert layer.activations.shape == normal
    assert layer.activations.dtype == layer.weights.dtype == np.int64
    assert layer.out_shape == out
    assert layer.batch == normal[0]
    assert layer.in_size == layer.weights[0].size


def test_arrays_are_read_only_and_bias_defaults_to_zero():
    layer = Layer(W2, [1, 0])
    assert layer.bias.tolist() == [0, 0, 0]
    assert layer.activation_density == 0.5
    assert layer.weight_density == 1.0
    with pytest.raises(ValueError, match="read-only"):
        layer.weights[0] = 5


def test_geometry_is_normalised():
    acts = np.ones((4, 9, 8), dtype=int)
    weights = np.ones((6, 2, 3, 2), dtype=int)
    layer = Layer(weights, acts, stride=(2, 1), padding=[0, 1, 2, 3], dilation=(2, 1), groups=2)
    assert (layer.stride, layer.padding, layer.dilation) == ((2, 1), (0, 1, 2, 3), (2, 1))
    assert (layer.channels, layer.in_size, layer.reach) == (4, 12, (5, 2))
    assert layer.out_shape == (1, 6, 3, 12)
    same = replace(layer, name="same")
    assert (same.stride, same.padding, same.groups) == (layer.stride, layer.padding, 2)
    assert not layer.plain
    for name in ("step", "border"):
        with pytest.raises(ValueError, match=r"layer: found stride \(2, 1\).*groups 2"):
            getattr(layer, name)


def test_plain_geometry():
    acts = np.ones((2, 9, 9), dtype=int)
    plain = Layer(W4, acts, stride=np.int64(2), padding=np.array([1, 1, 1, 1]))
    assert plain.plain and (plain.step, plain.border) == (2, 1)
    line = Layer(np.ones((1, 2, 1, 3), dtype=int), acts, dilation=(5, 1))
    assert line.plain, "one tap has no distance to the next"
    for odd in ({"stride": (1, 2)}, {"padding": (0, 1, 0, 1)}, {"dilation": 2}):
        assert not Layer(W4, acts, **odd).plain
    assert not Layer(np.ones((4, 1, 1, 1), dtype=int), acts, groups=2).plain


def test_one_dimensional_convolution():
    weights = np.ones((3, 2, 4), dtype=int)
    layer = Layer(weights, np.ones((2, 9), dtype=int), stride=2, padding=1, dilation=2)
    assert layer.weights.shape == (3, 2, 1, 4)
    assert layer.activations.shape == (1, 2, 1, 9)
    assert (layer.stride, layer.padding, layer.dilation) == ((1, 2), (0, 0, 1, 1), (1, 2))
    assert layer.out_shape == (1, 3, 1, 3)
    batch = Layer(weights, np.ones((5, 2, 9), dtype=int), padding=(3, 0))
    assert (batch.padding, batch.out_shape) == ((0, 0, 3, 0), (5, 3, 1, 9))
    assert Layer(weights, np.ones((2, 9), dtype=int), padding=(1, 1, 0, 0)).out_shape[2] == 3


def test_with_activations():
    layer = Layer(W2, shift=3, name="x")
    assert layer.activations is None
    assert np.isnan(layer.activation_density)
    assert layer.out_shape == (1, 3, 1, 1)
    batch = layer.with_activations(np.ones((4, 2), dtype=int))
    assert batch.out_shape == (4, 3, 1, 1)
    assert (batch.shift, batch.name) == (3, "x")
    assert batch.with_activations(None).activations is None


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ({"weights": np.ones((2, 2))}, "weights: found dtype float64"),
        ({"weights": np.ones(3, dtype=int)}, r"weights: found shape \(3,\)"),
        ({"weights": np.ones((0, 2), dtype=int)}, "weights: found shape"),
        (
            {"weights": np.array([[2**63]], dtype=np.uint64)},
            "weights: found 9223372036854775808",
        ),
        ({"activations": np.ones(2)}, "activations: found dtype float64"),
        ({"activations": np.ones(3, dtype=int)}, "activations: found 3 channels"),
        ({"activations": np.ones((2, 0, 1), dtype=int)}, "activations: found shape"),
        ({"weights": W4, "activations": np.ones((2, 2), dtype=int)}, r"activations: found shape"),
        ({"weights": W4, "activations": np.ones((2, 1, 4), dtype=int)}, "found height 1"),
        ({"weights": W4, "activations": np.ones((2, 4, 1), dtype=int)}, "found width 1"),
        ({"bias": [1, 2]}, r"bias: found shape \(2,\), need \[3\]"),
        ({"bias": [0.5, 1, 2]}, "bias: found dtype"),
        ({"bias": [2**62, 0, 0]}, "bias: found a value"),
        ({"stride": (1, 2, 3)}, r"stride: found \(1, 2, 3\), need an integer or \(height, width\)"),
        ({"stride": (1, 0)}, "stride: found 0"),
        ({"padding": (1, 1)}, r"padding: found \(1, 1\), need an integer or \(top, bottom, left"),
        ({"padding": [[0] * 4] * 4}, "padding: found"),
        ({"dilation": (1, 1.5)}, "dilation: found 1.5"),
        ({"dilation": 0}, "dilation: found 0"),
        ({"groups": 2}, "groups: found 2 beside 3 outputs, need a divisor"),
        ({"groups": 4}, r"groups: found 4, need 1\.\.3"),
        ({"groups": 3}, r"activations: found 2 channels .* need 6 as in .* in 3 groups"),
        (
            {"weights": W4, "activations": np.ones((2, 2, 9), dtype=int), "dilation": 2},
            "found height 2 with padding 0 and 0, need at least the filter's 3",
        ),
        ({"weights": np.ones((3, 2, 4), dtype=int)}, r"activations: found shape|width 1"),
        ({"stride": 0}, "stride: found 0"),
        ({"stride": 1.5}, "stride: found 1.5"),
        ({"padding": -1}, "padding: found -1"),
        ({"shift": 62}, "shift: found 62"),
        ({"shift": True}, "shift: found True"),
    ],
)
def test_refusals(args, message):
    with pytest.raises(ValueError, match=message):
        Layer(**({"weights": W2, "activations": [1, 2]} | args))


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ({"cfg": {16: 0}}, "cfg: index 16"),
        ({"cfg": {0: -1}}, "cfg: value -1"),
        ({"cfg": {0: 1 << 32}}, "does not fit 32 bits"),
        ({"wgt": np.zeros(2, dtype=np.int64)}, "wgt: need a uint64 vector"),
        ({"act": np.zeros(0, dtype=np.uint64)}, "act: an empty packet"),
        ({"out_words": -1}, "out_words: -1"),
    ],
)
def test_pass_refusals(args, message):
    with pytest.raises(ValueError, match=message):
        Pass(**({"cfg": {}, "wgt": None, "act": None, "out_words": 0} | args))


def test_program_counts_words():
    packet = np.zeros(3, dtype=np.uint64)
    program = Program("eie", (Pass({}, packet, None, 2), Pass({}, None, packet, 1)))
    assert program.words == {"wgt": 3, "act": 3, "out": 3}
