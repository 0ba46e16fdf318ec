"""The golden answer against float64 products, scipy's correlation and Python integers."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import correlate

from models import golden as module
from models.checks import largest_sum
from models.fixed import requant
from models.golden import accumulate, golden, golden_chain, im2col, matmul
from models.layer import Layer


def looped(layer: Layer) -> np.ndarray:
    """Accumulators in Python integers, one product after the other: no slice, no numpy sum."""
    batch, filters, out_h, out_w = layer.out_shape
    _, depth, rows, cols = layer.weights.shape
    _, _, height, width = layer.activations.shape
    top, _, left, _ = layer.padding
    made = np.zeros(layer.out_shape, dtype=np.int64)
    for b, k, p, q in np.ndindex(batch, filters, out_h, out_w):
        total = int(layer.bias[k])
        for c, r, s in np.ndindex(depth, rows, cols):
            y = p * layer.stride[0] + r * layer.dilation[0] - top
            x = q * layer.stride[1] + s * layer.dilation[1] - left
            if 0 <= y < height and 0 <= x < width:
                channel = k * layer.groups // filters * depth + c
                weight = int(layer.weights[k, c, r, s])
                total += weight * int(layer.activations[b, channel, y, x])
        made[b, k, p, q] = total
    return made


def conv_oracle(layer: Layer) -> np.ndarray:
    """Accumulators from scipy.signal.correlate in float64 (exact for small numbers)."""
    batch, filters, _, _ = layer.out_shape
    pad = ((0, 0), (layer.border,) * 2, (layer.border,) * 2)
    planes = []
    for b in range(batch):
        x = np.pad(layer.activations[b], pad).astype(float)
        for k in range(filters):
            w = layer.weights[k].astype(float)
            full = sum(correlate(x[c], w[c], mode="valid") for c in range(x.shape[0]))
            planes.append(full[:: layer.step, :: layer.step] + layer.bias[k])
    return np.rint(np.array(planes)).astype(np.int64).reshape(layer.out_shape)


@st.composite
def any_geometry(draw):
    """Small layers with a geometry of their own on each axis and side, and groups."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    batch, groups, outs, depth = (draw(st.integers(1, most)) for most in (2, 3, 2, 2))
    rows, cols = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    dilation = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    padding = tuple(draw(st.integers(0, 3)) for _ in range(4))
    need = (rows - 1) * dilation[0] + 1, (cols - 1) * dilation[1] + 1
    height = draw(st.integers(max(1, need[0] - padding[0] - padding[1]), 8))
    width = draw(st.integers(max(1, need[1] - padding[2] - padding[3]), 8))
    return Layer(
        rng.integers(-9, 10, (groups * outs, depth, rows, cols)),
        rng.integers(-9, 10, (batch, groups * depth, height, width)),
        stride=(draw(st.integers(1, 3)), draw(st.integers(1, 3))),
        padding=padding,
        dilation=dilation,
        groups=groups,
        bias=rng.integers(-99, 100, groups * outs),
        shift=draw(st.integers(0, 3)),
    )


@settings(deadline=None)
@given(any_geometry())
def test_any_geometry_against_loops(layer):
    expected = looped(layer)
    assert (accumulate(layer) == expected).all()
    assert (golden(layer, 8) == requant(expected, layer.shift, 8, layer.relu)).all()
    magnitudes = replace(
        layer,
        weights=np.abs(layer.weights),
        activations=np.abs(layer.activations),
        bias=np.abs(layer.bias),
    )
    assert largest_sum(layer, limit=0)[0] == looped(magnitudes).max()


@st.composite
def layers(draw):
    """Small layers of plain geometry."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    batch, filters, channels = (draw(st.integers(1, 3)) for _ in range(3))
    rows, cols = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    padding = draw(st.integers(0, 2))
    height = draw(st.integers(max(1, rows - 2 * padding), 7))
    width = draw(st.integers(max(1, cols - 2 * padding), 7))
    return Layer(
        rng.integers(-99, 100, (filters, channels, rows, cols)),
        rng.integers(-99, 100, (batch, channels, height, width)),
        stride=draw(st.integers(1, 3)),
        padding=padding,
        bias=rng.integers(-999, 1000, filters),
        shift=draw(st.integers(0, 8)),
        relu=draw(st.booleans()),
    )


@given(layers())
def test_convolution_against_scipy(layer):
    expected = conv_oracle(layer)
    assert (accumulate(layer) == expected).all()
    assert (golden(layer, 8) == requant(expected, layer.shift, 8, layer.relu)).all()


@given(st.integers(0, 2**32 - 1), st.integers(1, 40), st.integers(1, 60))
def test_product_against_float64(seed, filters, channels):
    rng = np.random.default_rng(seed)
    weights = rng.integers(-2000, 2000, (filters, channels))
    acts = rng.integers(-3000, 3000, (5, channels)) * (rng.random((5, channels)) < 0.5)
    expected = acts.astype(float) @ weights.T.astype(float)
    assert (matmul(weights, acts) == expected).all()


def test_large_numbers_stay_exact():
    """Sums at 2**62 and differences of 1: float64 would lose them."""
    weights = np.array([[2**31 - 1, 1, -(2**31) + 1], [2**31 - 1, 2**31 - 1, 1]])
    acts = np.array([[2**30, 1, 2**30]])
    expected = [
        [sum(int(w) * int(a) for w, a in zip(row, acts[0], strict=True)) for row in weights]
    ]
    assert matmul(weights, acts).tolist() == expected
    assert expected[0][0] == 1


def test_chunked_product_is_the_same(monkeypatch):
    rng = np.random.default_rng(3)
    weights, acts = rng.integers(-9, 9, (50, 30)), rng.integers(-9, 9, (4, 30))
    whole = matmul(weights, acts)
    monkeypatch.setattr(module, "_CHUNK", 64)
    assert (matmul(weights, acts) == whole).all()


def test_overflow_is_refused():
    with pytest.raises(OverflowError, match="2 products"):
        matmul(np.array([[2**31, 2**31]]), np.array([[2**31, 2**31]]))


def test_zero_activations_and_one_element():
    assert golden(Layer([[3], [0]], [0], bias=[5, -5])).ravel().tolist() == [5, 0]
    assert golden(Layer([[-3]], [2], relu=False)).ravel().tolist() == [-6]


def test_im2col_order_is_that_of_the_weights():
    rng = np.random.default_rng(5)
    weights = rng.integers(-9, 9, (4, 2, 3, 2))
    layer = Layer(weights, rng.integers(-9, 9, (2, 2, 6, 5)), stride=2, padding=1)
    vectors = im2col(layer)
    batch, filters, out_h, out_w = layer.out_shape
    assert vectors.shape == (batch * out_h * out_w, 12)
    acc = (vectors @ weights.reshape(4, -1).T).reshape(batch, out_h, out_w, filters)
    assert (acc.transpose(0, 3, 1, 2) == conv_oracle(layer)).all()


def test_chain_feeds_outputs_forward():
    rng = np.random.default_rng(1)
    first = Layer(rng.integers(-9, 9, (6, 8)), rng.integers(0, 99, (3, 8)), shift=2)
    second = Layer(rng.integers(-9, 9, (4, 6)), shift=1, relu=False)
    outs = golden_chain([first, second])
    hidden = requant(first.activations[:, :, 0, 0] @ first.weights[:, :, 0, 0].T, 2, relu=True)
    expected = requant(hidden @ second.weights[:, :, 0, 0].T, 1)
    assert (outs[0][:, :, 0, 0] == hidden).all()
    assert (outs[1][:, :, 0, 0] == expected).all()


def test_chain_flattens_a_convolution():
    rng = np.random.default_rng(2)
    conv = Layer(rng.integers(-9, 9, (2, 1, 3, 3)), rng.integers(0, 9, (2, 1, 4, 4)))
    dense = Layer(rng.integers(-9, 9, (3, 8)))
    outs = golden_chain([conv, dense])
    flat = outs[0].reshape(2, 8)
    assert (outs[1][:, :, 0, 0] == np.maximum(flat @ dense.weights[:, :, 0, 0].T, 0)).all()


def test_chain_without_inputs_is_refused():
    with pytest.raises(ValueError, match="is first and has none"):
        golden_chain([Layer([[1]])])
    with pytest.raises(ValueError, match="has none"):
        im2col(Layer([[1]]))
