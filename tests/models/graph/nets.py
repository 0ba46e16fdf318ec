"""Small ONNX networks, built in the tests: blocks of MobileNet, ResNets and a transformer."""

from __future__ import annotations

from typing import Any

import numpy as np
from onnx import ModelProto, TensorProto, helper, numpy_helper


class Builder:
    """A graph under construction; every method gives the name of its result."""

    def __init__(self, shape: tuple[Any, ...], seed: int = 1, opset: int = 17) -> None:
        self.draw = np.random.default_rng(seed)
        self.nodes: list[Any] = []
        self.constants: list[Any] = []
        self.inputs = [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)]
        self.opset = opset

    def constant(self, array: Any, name: str = "") -> str:
        name = name or f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(array), name))
        return name

    def op(self, kind: str, *inputs: str, name: str = "", **attributes: Any) -> str:
        name = name or f"{kind.lower()}{len(self.nodes)}"
        domain = attributes.pop("domain", "")
        made = helper.make_node(kind, inputs, [name + "_y"], name, domain=domain, **attributes)
        self.nodes.append(made)
        return name + "_y"

    def normal(self, *shape: int) -> np.ndarray:
        scale = np.sqrt(2 / max(1, int(np.prod(shape[1:]))))
        return (self.draw.normal(size=shape) * scale).astype(np.float32)

    def conv(self, x: str, outputs: int, inputs: int, side: Any = 3, **attributes: Any) -> str:
        kernel = side if isinstance(side, tuple) else (side, side)
        groups = attributes.get("group", 1)
        weights = self.constant(self.normal(outputs, inputs // groups, *kernel))
        more = [] if attributes.pop("bare", False) else [self.constant(self.normal(outputs))]
        return self.op("Conv", x, weights, *more, **attributes)

    def norm(self, x: str, count: int) -> str:
        parts = [
            self.draw.uniform(0.5, 1.5, count),
            self.draw.normal(size=count) * 0.1,
            self.draw.normal(size=count) * 0.1,
            self.draw.uniform(0.5, 1.5, count),
        ]
        names = [self.constant(one.astype(np.float32)) for one in parts]
        return self.op("BatchNormalization", x, *names)

    def linear(self, x: str, outputs: int, inputs: int) -> str:
        product = self.op("MatMul", x, self.constant(self.normal(inputs, outputs)))
        return self.op("Add", product, self.constant(self.normal(outputs)))

    def model(self, *outputs: str) -> ModelProto:
        found = [helper.make_tensor_value_info(n, TensorProto.FLOAT, None) for n in outputs]
        graph = helper.make_graph(self.nodes, "net", self.inputs, found, self.constants)
        opsets = [helper.make_opsetid("", self.opset), helper.make_opsetid("com.microsoft", 1)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=9)


def mobilenet(shape: tuple[int, ...] = (2, 3, 20, 18)) -> ModelProto:
    """Two inverted residuals with ReLU6, strides, a residual sum, and a classifier."""
    net = Builder(shape)
    x = net.op("Relu", net.norm(net.conv("x", 8, 3, bare=True, strides=[2, 2], pads=[1] * 4), 8))
    limit = numpy_helper.from_array(np.array(6, np.float32))
    six = [net.constant(np.float32(0)), net.op("Constant", value=limit)]
    for stride in (1, 2):
        wide = net.op("Clip", net.norm(net.conv(x, 24, 8, 1, bare=True), 24), *six)
        deep = net.conv(wide, 24, 24, bare=True, group=24, strides=[stride] * 2, pads=[1] * 4)
        deep = net.op("Clip", net.norm(deep, 24), *six)
        thin = net.norm(net.conv(deep, 8, 24, 1, bare=True), 8)
        x = net.op("Add", thin, x) if stride == 1 else thin
    flat = net.op("Flatten", net.op("GlobalAveragePool", x))
    weights, bias = net.constant(net.normal(10, 8)), net.constant(net.normal(10))
    return net.model(net.op("Gemm", flat, weights, bias, transB=1))


def resnet() -> ModelProto:
    """Stem with a maximum pool, a block with a projection, SAME padding, average pool."""
    net = Builder((2, 3, 21, 21), 2)
    x = net.op("Relu", net.norm(net.conv("x", 8, 3, 7, strides=[2, 2], auto_pad="SAME_UPPER"), 8))
    x = net.op("MaxPool", x, kernel_shape=[3, 3], strides=[2, 2], pads=[1] * 4)
    y = net.op("Relu", net.norm(net.conv(x, 16, 8, strides=[2, 2], pads=[1] * 4, bare=True), 16))
    y = net.norm(net.conv(y, 16, 16, pads=[1] * 4, bare=True), 16)
    short = net.norm(net.conv(x, 16, 8, 1, strides=[2, 2], bare=True), 16)
    x = net.op("Relu", net.op("Add", y, short))
    wide = net.op("Relu", net.conv(x, 4, 16, (1, 3), pads=[0, 1, 0, 1]))
    high = net.conv(x, 4, 16, 3, pads=[2] * 4, dilations=[2, 2])
    x = net.op("Concat", x, wide, high, axis=1)
    x = net.op("AveragePool", x, kernel_shape=[2, 2], strides=[1, 1], pads=[0, 0, 1, 1])
    size = net.constant(np.array([0, -1]))
    return net.model(net.linear(net.op("Reshape", x, size), 7, 24 * 9))


class Stored(Builder):
    """Layers in float, or with ``stored`` as 8-bit integers (QDQ)."""

    def __init__(self, shape: tuple[int, ...], stored: bool, seed: int) -> None:
        super().__init__(shape, seed)
        self.stored = stored
        self.scales: dict[str, np.float32] = {}

    def pair(self, x: str, scale: float, zero: int) -> str:
        """A tensor through its 8-bit form; of float networks as it is."""
        if not self.stored:
            return x
        steps = self.constant(np.float32(scale)), self.constant(np.uint8(zero))
        y = self.op("DequantizeLinear", self.op("QuantizeLinear", x, *steps), *steps)
        self.scales[y] = np.float32(scale)
        return y

    def layer(self, x: str, outputs: int, inputs: int, side: int, stride: int, relu: bool) -> str:
        """A convolution with what is around it."""
        window: dict[str, Any] = {"strides": [stride] * 2, "pads": [side // 2] * 4}
        if not self.stored:
            y = self.norm(self.conv(x, outputs, inputs, side, bare=True, **window), outputs)
            return self.op("Relu", y) if relu else y
        real = self.normal(outputs, inputs, side, side)
        scale = (abs(real).max(axis=(1, 2, 3)) / 127).astype(np.float32)
        numbers = np.rint(real / scale[:, None, None, None]).astype(np.int8)
        zero = self.constant(np.zeros(outputs, np.int8))
        weights = [self.constant(numbers), self.constant(scale), zero]
        bias = self.constant(self.draw.integers(-2000, 2000, outputs).astype(np.int32))
        deq = self.op("DequantizeLinear", *weights, axis=0)
        deq_bias = self.op("DequantizeLinear", bias, self.constant(scale * self.scales[x]), axis=0)
        y = self.op("Conv", x, deq, deq_bias, **window)
        return self.pair(self.op("Relu", y), 0.03, 0) if relu else self.pair(y, 0.05, 128)

    def linear(self, x: str, outputs: int, inputs: int) -> str:
        if not self.stored:
            return super().linear(x, outputs, inputs)
        real = self.normal(inputs, outputs)
        scale = np.float32(abs(real).max() / 127)
        steps = self.constant(scale), self.constant(np.int8(0))
        weights = self.constant(np.rint(real / scale).astype(np.int8))
        product = self.op(
            "MatMul", self.pair(x, 0.03, 128), self.op("DequantizeLinear", weights, *steps)
        )
        return self.op("Add", self.pair(product, 0.05, 128), self.constant(self.normal(outputs)))

    def block(self, x: str, outputs: int, inputs: int, stride: int, narrow: int = 0) -> str:
        """Two 3x3 layers, or with ``narrow`` channels 1x1, 3x3 and 1x1; a projection where the
        shapes differ."""
        if narrow:
            y = self.layer(x, narrow, inputs, 1, 1, True)
            y = self.layer(y, narrow, narrow, 3, stride, True)
            y = self.layer(y, outputs, narrow, 1, 1, False)
        else:
            y = self.layer(x, outputs, inputs, 3, stride, True)
            y = self.layer(y, outputs, outputs, 3, 1, False)
        if stride > 1 or outputs != inputs:
            x = self.layer(x, outputs, inputs, 1, stride, False)
        return self.pair(self.op("Relu", self.op("Add", y, x)), 0.06, 0)


def residual(deep: bool, stored: bool, size: int = 28) -> ModelProto:
    """The first two blocks of a stage of ResNet-18, or with ``deep`` of ResNet-50 (conv4_x, 28 x 28
    to 14 x 14), a sixteenth of the channels; then its classifier.
    """
    inputs, outputs, narrow = (32, 64, 16) if deep else (8, 16, 0)
    net = Stored((1, inputs, size, size), stored, 8)
    x = net.pair("x", 0.03, 128)
    x = net.block(x, outputs, inputs, 2, narrow)
    x = net.block(x, outputs, outputs, 1, narrow)
    flat = net.op("Flatten", net.op("GlobalAveragePool", x))
    weights, bias = net.constant(net.normal(10, outputs)), net.constant(net.normal(10))
    return net.model(net.op("Gemm", flat, weights, bias, transB=1))


def transformer(stored: bool = False) -> ModelProto:
    """One block: attention of one head and a feed-forward of two linears, with LayerNorm, GELU."""
    net = Stored((1, 6, 16), stored, 3)

    def normed(x: str) -> str:
        gain, offset = np.ones(16, np.float32), np.zeros(16, np.float32)
        return net.op("LayerNormalization", x, net.constant(gain), net.constant(offset))

    x = normed("x")
    query, key, value = (net.linear(x, 16, 16) for _ in range(3))
    score = net.op("MatMul", query, net.op("Transpose", key, perm=[0, 2, 1]))
    mixed = net.op("MatMul", net.op("Softmax", score, axis=-1), value)
    x = net.op("Add", net.linear(mixed, 16, 16), "x")
    y = net.linear(normed(x), 32, 16)
    half = net.op("Erf", net.op("Mul", y, net.constant(np.float32(0.70710677))))
    y = net.op("Mul", y, net.op("Add", half, net.constant(np.float32(1))))
    y = net.op("Mul", y, net.constant(np.float32(0.5)))
    return net.model(net.op("Add", net.linear(y, 16, 32), x))


def sequence() -> ModelProto:
    """A one-dimensional convolution, a pool over its line, a linear layer."""
    net = Builder((3, 4, 30), 4)
    weights, bias = net.constant(net.normal(6, 4, 5)), net.constant(net.normal(6))
    x = net.op("Conv", "x", weights, bias, pads=[2, 1], strides=[2])
    x = net.op("MaxPool", net.op("Relu", x), kernel_shape=[2], strides=[2])
    x = net.op("ReduceMean", x, axes=[2], keepdims=0)
    return net.model(net.linear(x, 5, 6))


def quantized(operators: bool = False, channels: bool = True) -> ModelProto:
    """A quantized network with residual sum and pool: as QDQ, or with QLinear operators."""
    net = Builder((2, 3, 12, 12), 5)
    scales: dict[str, tuple[str, str]] = {}

    def steps(scale: float, zero: int) -> tuple[str, str]:
        return net.constant(np.float32(scale)), net.constant(np.uint8(zero))

    def weights(outputs: int, inputs: int, side: int) -> tuple[str, str, str, np.ndarray]:
        count = outputs if channels else 1
        scale = net.draw.uniform(0.005, 0.02, count).astype(np.float32)
        numbers = net.draw.integers(-127, 128, (outputs, inputs, side, side)).astype(np.int8)
        shape = (count,) if channels else ()
        zero = net.constant(np.zeros(shape, np.int8))
        return net.constant(numbers), net.constant(scale.reshape(shape)), zero, scale

    def conv(
        x: str, of: tuple[float, int], sizes: tuple[int, int, int], to: Any, **more: Any
    ) -> str:
        name, scale, zero, array = weights(*sizes)
        bias = net.constant(net.draw.integers(-2000, 2000, sizes[0]).astype(np.int32))
        after = steps(*to)
        if operators:
            y = net.op("QLinearConv", x, *scales[x], name, scale, zero, *after, bias, **more)
            scales[y] = after
            return y
        sum_scale = net.constant((array * np.float32(of[0])).astype(np.float32).reshape(
            (-1,) if channels else ()))  # fmt: skip
        deq = net.op("DequantizeLinear", name, scale, zero, axis=0)
        deq_bias = net.op("DequantizeLinear", bias, sum_scale, axis=0)
        y = net.op("Conv", net.op("DequantizeLinear", x, *scales[x]), deq, deq_bias, **more)
        y = net.op("QuantizeLinear", net.op("Relu", y), *after)
        scales[y] = after
        return y

    first = (0.03, 120)
    known = steps(*first)
    x = net.op("QuantizeLinear", "x", *known)
    scales[x] = known
    second, third = (0.05, 0 if not operators else 30), (0.06, 0 if not operators else 90)
    y = conv(x, first, (8, 3, 3), second, pads=[1] * 4)
    z = conv(y, second, (8, 8, 3), third, pads=[1] * 4)
    after = steps(0.08, 40)
    if operators:
        total = net.op("QLinearAdd", z, *scales[z], y, *scales[y], *after, domain="com.microsoft")
    else:
        parts = [net.op("DequantizeLinear", one, *scales[one]) for one in (z, y)]
        total = net.op("QuantizeLinear", net.op("Add", *parts), *after)
    pooled = net.op("MaxPool", total, kernel_shape=[2, 2], strides=[2, 2])
    real = net.op("DequantizeLinear", pooled, *after)
    return net.model(net.op("Flatten", net.op("GlobalAveragePool", real)))


def separable() -> ModelProto:
    """A quantized depthwise-separable block, 3x3 with a stride and 1x1, whose numbers are outputs;
    sums of the first fit 16 bits, some of the second do not.
    """
    net = Builder((1, 6, 9, 7), 6)
    at = net.constant(np.float32(0.03)), net.constant(np.uint8(128))
    x = net.op("QuantizeLinear", "x", *at)
    shown = []
    window: dict[str, Any] = {"group": 6, "strides": [2, 2], "pads": [1, 0, 1, 1]}
    none: dict[str, Any] = {}
    for outputs, inputs, side, spread, scale, more in (
        (6, 1, 3, 20, 0.005, window),
        (5, 6, 1, 300, 0.2, none),
    ):
        drawn = np.rint(net.draw.normal(size=(outputs, inputs, side, side)) * spread)
        drawn = np.clip(drawn, -127, 127)
        drawn[-1] = abs(drawn[-1])
        steps = net.draw.uniform(0.005, 0.02, outputs).astype(np.float32)
        weights = [net.constant(drawn.astype(np.int8)), net.constant(steps)]
        weights.append(net.constant(np.zeros(outputs, np.int8)))
        after = net.constant(np.float32(scale)), net.constant(np.uint8(100))
        bias = net.constant(net.draw.integers(-900, 900, outputs).astype(np.int32))
        x = net.op("QLinearConv", x, *at, *weights, *after, bias, **more)
        at = after
        shown.append(x)
    made = net.model(*shown)
    for one in made.graph.output:
        one.type.tensor_type.elem_type = TensorProto.UINT8
    return made


NETS = {
    "mobilenet": mobilenet,
    "resnet": resnet,
    "basic": lambda: residual(deep=False, stored=False),
    "bottleneck": lambda: residual(deep=True, stored=False),
    "basic_qdq": lambda: residual(deep=False, stored=True),
    "bottleneck_qdq": lambda: residual(deep=True, stored=True),
    "transformer": transformer,
    "transformer_qdq": lambda: transformer(stored=True),
    "sequence": sequence,
    "qdq": quantized,
    "qdq_tensor": lambda: quantized(channels=False),
    "qoperator": lambda: quantized(operators=True),
    "separable": separable,
}
