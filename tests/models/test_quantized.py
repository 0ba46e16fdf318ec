"""Quantized layers against onnxruntime, Python integers, and parts that add up."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.fixed import fits
from models.golden import accumulate, golden
from models.layer import Layer
from models.quantized import MOST_PARTS, FixedScale, Quantized, RealScale, exact_parts
from tests.models.test_golden import any_geometry

#: (K, C/G, R, S), (B, C, H, W), stride, (top, bottom, left, right), dilation, groups
GEOMETRIES = {
    "resnet": ((16, 8, 3, 3), (2, 8, 14, 14), (1, 1), (1, 1, 1, 1), (1, 1), 1),
    "strided": ((16, 8, 1, 1), (1, 8, 14, 14), (2, 2), (0, 0, 0, 0), (1, 1), 1),
    "depthwise": ((24, 1, 3, 3), (1, 24, 13, 13), (2, 2), (0, 1, 0, 1), (1, 1), 24),
    "inception": ((8, 16, 1, 7), (1, 16, 9, 9), (1, 1), (0, 0, 3, 3), (1, 1), 1),
    "atrous": ((8, 8, 3, 3), (1, 8, 15, 15), (1, 1), (2, 2, 2, 2), (2, 2), 1),
    "uneven": ((5, 1, 1, 2), (1, 1, 2, 5), (1, 2), (0, 1, 1, 1), (1, 1), 1),
    "deep": ((32, 256, 3, 3), (1, 256, 6, 6), (1, 1), (1, 1, 1, 1), (1, 1), 1),
}


def quantized(rng: np.random.Generator, name: str, **more: Any) -> dict[str, Any]:
    """A layer as QLinearConv has it, with scales that use the range of the outputs."""
    wgt, act, *_ = GEOMETRIES[name]
    made = {
        "x": np.clip(rng.normal(120, 50, act), 0, 255).astype(np.uint8),
        "x_scale": np.float32(0.0235),
        "x_zero": np.uint8(114),
        "w": np.clip(rng.normal(0, 40, wgt), -127, 127).astype(np.int8),
        "w_scale": rng.uniform(0.001, 0.01, wgt[0]).astype(np.float32),
        "w_zero": np.zeros(wgt[0], np.int8),
        "y_zero": np.uint8(118),
        "bias": rng.integers(-20000, 20000, wgt[0]).astype(np.int32),
    } | more
    spread = 40 * 50 * np.sqrt(np.prod(wgt[1:])) * made["x_scale"] * made["w_scale"].max()
    return {"y_scale": np.float32(spread / 100), **made}


def ours(case: dict[str, Any], name: str) -> Quantized:
    _, _, stride, padding, dilation, groups = GEOMETRIES[name]
    limits = np.iinfo(case["y_zero"].dtype)
    scale = case["x_scale"] * case["w_scale"] / case["y_scale"]
    assert scale.dtype == np.float32
    layer = Layer(
        case["w"],
        case["x"],
        stride=stride,
        padding=padding,
        dilation=dilation,
        groups=groups,
        bias=case["bias"],
        name=name,
    )
    requant = RealScale(scale, int(case["y_zero"]), int(limits.min), int(limits.max))
    return Quantized.of(layer, requant, int(case["x_zero"]), case["w_zero"])


def theirs(case: dict[str, Any], name: str) -> np.ndarray:
    """The outputs of onnxruntime."""
    onnx = pytest.importorskip("onnx", reason="onnx writes the network: make test installs it")
    runtime = pytest.importorskip("onnxruntime", reason="the other side of the comparison")
    _, _, stride, (top, bottom, left, right), dilation, groups = GEOMETRIES[name]
    order = ("x", "x_scale", "x_zero", "w", "w_scale", "w_zero", "y_scale", "y_zero", "bias")
    constants = [onnx.numpy_helper.from_array(np.asarray(case[one]), one) for one in order[1:]]
    node = onnx.helper.make_node(
        "QLinearConv",
        order,
        ["y"],
        strides=stride,
        pads=(top, left, bottom, right),
        dilations=dilation,
        group=groups,
    )
    kind = onnx.helper.np_dtype_to_tensor_dtype
    graph = onnx.helper.make_graph(
        [node],
        name,
        [onnx.helper.make_tensor_value_info("x", kind(case["x"].dtype), case["x"].shape)],
        [onnx.helper.make_tensor_value_info("y", kind(case["y_zero"].dtype), None)],
        constants,
    )
    opset = [onnx.helper.make_opsetid("", 13)]
    model = onnx.helper.make_model(graph, opset_imports=opset, ir_version=8)
    options = runtime.SessionOptions()
    options.intra_op_num_threads = 1
    options.graph_optimization_level = runtime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = runtime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    return session.run(None, {"x": case["x"]})[0].astype(np.int64)


@pytest.mark.parametrize("kinds", ["u8", "s8"])
@pytest.mark.parametrize("name", GEOMETRIES)
def test_every_output_is_that_of_onnxruntime(name: str, kinds: str) -> None:
    """Asymmetric inputs and outputs, a scale for each output; unsigned and signed."""
    rng = np.random.default_rng(5)
    case = quantized(rng, name)
    if kinds == "s8":
        case["x"] = (case["x"].astype(int) - 128).astype(np.int8)
        case |= {"x_zero": np.int8(-9), "y_zero": np.int8(4)}
    if kinds == "u8" and name == "resnet":
        case |= {"w_scale": case["w_scale"][:1].repeat(16)}
    found, wanted = ours(case, name).golden(), theirs(case, name)
    assert np.unique(found).size > min(100, found.size // 4), "the range is used"
    assert np.array_equal(found, wanted)


def test_one_zero_point_off_is_seen() -> None:
    case = quantized(np.random.default_rng(6), "resnet")
    wanted = theirs(case, "resnet")
    for change in ({"x_zero": np.uint8(113)}, {"y_zero": np.uint8(117)}):
        assert not np.array_equal(ours(case | change, "resnet").golden(), wanted)


@given(st.integers(-(2**31) + 1, 2**31 - 1), st.floats(2**-30, 4, width=32), st.integers(-9, 9))
def test_single_precision_in_integers(acc: int, scale: float, zero: int) -> None:
    """``RealScale`` in integers: two roundings to 24 bits, one to an integer."""

    def even(value: int, shift: int) -> int:
        if shift <= 0:
            return value << -shift
        whole, rest = divmod(abs(value), 1 << shift)
        whole += rest > (1 << shift) // 2 or (rest == (1 << shift) // 2 and whole & 1)
        return whole if value >= 0 else -whole

    def single(value: int) -> int:
        shift = max(0, abs(value).bit_length() - 24)
        return even(value, shift) << shift

    part, exponent = np.frexp(np.float32(scale))
    multiplier = int(np.ldexp(np.float64(part), 24))
    product = single(single(acc) * multiplier)
    wanted = min(max(even(product, 24 - int(exponent)) + zero, -128), 127)
    made = RealScale(np.array([scale], np.float32), zero, -128, 127)
    assert made(np.array([[[[acc]]]])).item() == wanted


@given(st.integers(-(2**31) + 1, 2**31 - 1), st.floats(2**-30, 0.99), st.integers(-9, 9))
def test_fixed_scales_are_those_of_tflite(acc: int, scale: float, zero: int) -> None:
    """Doubled high half of the product with its nudge, then a rounding shift (gemmlowp)."""
    part, exponent = np.frexp(scale)
    multiplier = int(np.floor(np.ldexp(part, 31) + 0.5))
    if multiplier == 1 << 31:
        multiplier, exponent = 1 << 30, exponent + 1
    product = acc * multiplier
    nudged = product + ((1 << 30) if product >= 0 else 1 - (1 << 30))
    high = abs(nudged) >> 31  # truncates, as a division in C
    high = high if nudged >= 0 else -high
    shift = -int(exponent)
    mask = (1 << shift) - 1
    threshold = (mask >> 1) + (high < 0)
    low = (high >> shift) + ((high & mask) > threshold)
    made = FixedScale.of(np.array([scale]), zero, -128, 127)
    assert made(np.array([[[[acc]]]])).item() == min(max(low + zero, -128), 127)


@settings(deadline=None)
@given(any_geometry(), st.integers(16, 18))
def test_parts_add_up_and_share_nothing(layer: Layer, width: int) -> None:
    layer = replace(layer, relu=False, shift=0, weights=layer.weights * 20)
    layer = replace(layer, activations=layer.inputs * 20)
    parts, rest = exact_parts(layer, width)
    sums = [accumulate(one) for one in parts]
    assert all(fits(one, width) for one in sums)
    assert np.array_equal(sum(sums) + rest[:, None, None], accumulate(layer))
    live = np.count_nonzero(layer.weights)  # a product has 15 bits here: no weight is halved
    assert sum(np.count_nonzero(one.weights) for one in parts) == live


@pytest.mark.parametrize("zero", [0, 114, 128])
@pytest.mark.parametrize("name", [name for name in GEOMETRIES if name != "deep"])
def test_results_of_8_bits_hold_the_sums_in_two_digits(name: str, zero: int) -> None:
    """Operands, results and digits have 8 bits, and what comes of them is onnxruntime's."""
    case = quantized(np.random.default_rng(3), name, x_zero=np.uint8(zero))
    made = ours(case, name)
    parts, rest = exact_parts(made.layer, 8)
    total = rest[:, None, None] + sum(golden(one, 8) << one.shift for one in parts)
    assert np.array_equal(total, accumulate(made.layer)) and not fits(total, 14)
    assert np.array_equal(made.requant(total), theirs(case, name))
    assert all(fits(one.weights, 8) and fits(one.inputs, 8) for one in parts)
    upper, lower = parts[:2]
    assert upper.shift == 7 and not lower.shift and fits(accumulate(lower), 8)


@settings(deadline=None)
@given(any_geometry())
def test_digits_of_any_geometry(layer: Layer) -> None:
    layer = replace(layer, relu=False, shift=0, weights=layer.weights * 14)
    layer = replace(layer, activations=layer.inputs * 20)  # up to 180
    parts, rest = exact_parts(layer, 8)
    total = rest[:, None, None] + sum(golden(one, 8) << one.shift for one in parts)
    assert np.array_equal(total, accumulate(layer))
    assert all(fits(one.weights, 8) and fits(one.inputs, 8) for one in parts)


def test_weights_are_halved_where_one_product_is_too_wide() -> None:
    layer = Layer([[[[255]]]], [[[255]]], relu=False)
    parts, _ = exact_parts(layer, 16)
    assert [one.weights.item() for one in parts] == [127, 128]
    with pytest.raises(ValueError, match="width: found results of 16 bits in 'layer', need those"):
        exact_parts(Layer([[[[-1]]]], [[[-(1 << 15)]]], relu=False), 16)
    wide = Layer(np.full((1, 300), 127), np.full(300, 127), relu=False)
    with pytest.raises(ValueError, match=f"need more: sums take over {MOST_PARTS} parts"):
        exact_parts(wide, 8)
