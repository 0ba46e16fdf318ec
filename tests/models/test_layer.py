"""Shapes a layer takes, and what it refuses with which words."""

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
