"""An ONNX file as nodes and constants.

Operators of quantized networks that compute on stored integers (``QLinearConv`` and its like) are
taken apart into the operator itself between ``DequantizeLinear`` and ``QuantizeLinear``, so that
what follows knows one form of a quantized network.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.files.errors import FileError, check_size, reading
from models.npz import shown

#: Bytes of a file that is parsed in one piece (protobuf's own limit).
MOST_BYTES = (1 << 31) - 1


@dataclass(frozen=True, eq=False)
class Node:
    """An operator. inputs, outputs: names of tensors, "" where one is left out."""

    op: str
    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: Mapping[str, Any] = field(default_factory=dict)
    domain: str = ""

    def get(self, name: str, default: Any) -> Any:
        """An attribute."""
        return self.attributes.get(name, default)


@dataclass(frozen=True, eq=False)
class Graph:
    """Nodes in an order in which they can run.

    constants  name -> array; inputs: name -> shape, None where it is free; outputs: names
    opsets     domain -> version
    """

    nodes: tuple[Node, ...]
    constants: dict[str, NDArray[Any]]
    inputs: Mapping[str, tuple[int | None, ...]]
    outputs: tuple[str, ...]
    opsets: Mapping[str, int]

    def consumers(self) -> dict[str, list[Node]]:
        """Tensor -> nodes that read it."""
        found: dict[str, list[Node]] = {}
        for node in self.nodes:
            for name in node.inputs:
                found.setdefault(name, []).append(node)
        return found


def load(path: Path) -> Graph:
    """The graph of a file. Raises FileError, in one line, on whatever is no ONNX network."""
    with reading(path, "ONNX"):
        import onnx

        if (size := path.stat().st_size) > MOST_BYTES:
            raise FileError(f"file: found {size:,} bytes, need at most {MOST_BYTES:,}")
        model = onnx.load(str(path))
        graph = model.graph
        if not graph.node:
            raise FileError(f"file: found no operators in {shown(str(path), 200)}, need a network")
        constants = {_text(one.name): _array(one) for one in graph.initializer}
        inputs = {
            _text(one.name): _shape(one)
            for one in graph.input
            if one.name and _text(one.name) not in constants
        }
        outputs = tuple(_text(one.name) for one in graph.output)
        opsets = {_text(one.domain): int(one.version) for one in model.opset_import}
        nodes = [node for one in graph.node for node in _plain(_node(one), constants)]
    return Graph(tuple(nodes), constants, inputs, outputs, opsets)


def _text(value: Any) -> str:
    """Text of a file; protobuf gives bytes where it is no UTF-8."""
    return value.decode("latin1") if isinstance(value, bytes) else str(value)


def _shape(value: Any) -> tuple[int | None, ...]:
    kind = value.type.tensor_type
    return tuple(
        int(one.dim_value) if one.WhichOneof("value") == "dim_value" and one.dim_value > 0 else None
        for one in kind.shape.dim
    )


def _array(tensor: Any) -> NDArray[Any]:
    from onnx import numpy_helper

    shape = tuple(tensor.dims)
    check_size(shown(_text(tensor.name)), shape)
    return np.asarray(numpy_helper.to_array(tensor))


def _node(proto: Any) -> Node:
    from onnx import AttributeProto, TensorProto, helper

    attributes = {}
    for one in proto.attribute:
        if one.type in (AttributeProto.GRAPH, AttributeProto.GRAPHS):
            continue  # of If and Loop, which have no integer model
        value = helper.get_attribute_value(one)
        if isinstance(value, TensorProto):
            value = _array(value)
        attributes[_text(one.name)] = value.decode() if isinstance(value, bytes) else value
    inputs, outputs = (tuple(_text(one) for one in names) for names in (proto.input, proto.output))
    op = _text(proto.op_type)
    name = _text(proto.name) or next((one for one in outputs if one), op)
    domain = _text(proto.domain)
    return Node(op, name, inputs, outputs, attributes, "" if domain == "ai.onnx" else domain)


# ---------------------------------------------------------------- operators on stored integers

Constants = dict[str, NDArray[Any]]


def _plain(node: Node, constants: Constants) -> Iterator[Node]:
    """The node, or what it is made of."""
    made = _QUANTIZED.get(node.op)
    yield from made(node, constants) if made else (node,)


def _dequantized(node: Node, at: int, number: int, axis: int = 0) -> tuple[Node, str]:
    """(node that dequantizes inputs ``at``, ``at + 1`` (scale), ``at + 2`` (zero), its output)."""
    name = f"{node.name}:{number}"
    return Node("DequantizeLinear", name, node.inputs[at : at + 3], (name,), {"axis": axis}), name


def _quantized(node: Node, scale: str, zero: str) -> tuple[Node, str]:
    """(node that quantizes to the node's output, its input)."""
    name = f"{node.name}:out"
    return Node("QuantizeLinear", name, (name, scale, zero), node.outputs[:1]), name


def _bias(node: Node, at: int, constants: Constants) -> list[tuple[Node, str]]:
    """The bias of integers in units of the scales of inputs and weights, none if there is none."""
    if len(node.inputs) <= at or not node.inputs[at]:
        return []
    scale = f"{node.name}:bias:scale"
    constants[scale] = constants[node.inputs[1]] * constants[node.inputs[4]]
    name = f"{node.name}:bias"
    made = Node("DequantizeLinear", name, (node.inputs[at], scale), (name,), {"axis": 0})
    return [(made, name)]


def _conv(node: Node, constants: Constants) -> list[Node]:
    parts = [_dequantized(node, 0, 0), _dequantized(node, 3, 1), *_bias(node, 8, constants)]
    last, out = _quantized(node, node.inputs[6], node.inputs[7])
    names = tuple(name for _, name in parts)
    return [*(n for n, _ in parts), Node("Conv", node.name, names, (out,), node.attributes), last]


def _matmul(node: Node, constants: Constants) -> list[Node]:
    parts = [_dequantized(node, 0, 0), _dequantized(node, 3, 1, 1)]
    last, out = _quantized(node, node.inputs[6], node.inputs[7])
    names = tuple(name for _, name in parts)
    return [*(n for n, _ in parts), Node("MatMul", node.name, names, (out,)), last]


def _gemm(node: Node, constants: Constants) -> list[Node]:
    axis = 0 if node.get("transB", 0) else 1
    parts = [_dequantized(node, 0, 0), _dequantized(node, 3, 1, axis)]
    parts += _bias(node, 6, constants)
    names = tuple(name for _, name in parts)
    made = [n for n, _ in parts]
    if len(node.inputs) < 9:  # results stay real numbers
        return [*made, Node("Gemm", node.name, names, node.outputs, node.attributes)]
    last, out = _quantized(node, node.inputs[7], node.inputs[8])
    return [*made, Node("Gemm", node.name, names, (out,), node.attributes), last]


def _add(node: Node, constants: Constants) -> list[Node]:
    parts = [_dequantized(node, 0, 0), _dequantized(node, 3, 1)]
    last, out = _quantized(node, node.inputs[6], node.inputs[7])
    names = tuple(name for _, name in parts)
    return [*(n for n, _ in parts), Node("Add", node.name, names, (out,)), last]


def _concat(node: Node, constants: Constants) -> list[Node]:
    parts = [_dequantized(node, at, at) for at in range(2, len(node.inputs), 3)]
    last, out = _quantized(node, node.inputs[0], node.inputs[1])
    names = tuple(name for _, name in parts)
    made = Node("Concat", node.name, names, (out,), node.attributes)
    return [*(n for n, _ in parts), made, last]


def _pool(op: str) -> Callable[[Node, Constants], list[Node]]:
    def made(node: Node, constants: Constants) -> list[Node]:
        if node.get("channels_last", 0):
            return [node]
        first, name = _dequantized(node, 0, 0)
        last, out = _quantized(node, node.inputs[3], node.inputs[4])
        return [first, Node(op, node.name, (name,), (out,), node.attributes), last]

    return made


_QUANTIZED: dict[str, Callable[[Node, Constants], list[Node]]] = {
    "QLinearConv": _conv,
    "QLinearMatMul": _matmul,
    "QGemm": _gemm,
    "QLinearAdd": _add,
    "QLinearConcat": _concat,
    "QLinearGlobalAveragePool": _pool("GlobalAveragePool"),
    "QLinearAveragePool": _pool("AveragePool"),
}
