"""A network of an ONNX file, from its inputs to its outputs.

``Network.run`` goes through the nodes once. Compute operators become layers on the inputs that they
get there, and whoever calls says what computes them: the golden model, or RTL. What lies between is
exact in integers (``models.graph.glue``); an operator without such a model is named and computed in
float, and the layers behind it still run, on its results as integers. Where even that cannot be,
the operator and what depends on it are left out, and named.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.files.errors import FileError
from models.golden import golden
from models.graph.file import Graph, Node, load
from models.graph.outside import evaluate
from models.graph.problem import Wanted
from models.graph.run import Compute, Passed, Run
from models.graph.value import Real, Stored, Value, rounded
from models.npz import shown

#: Largest constant that is made by an operator of constants, in numbers.
_MOST_MADE = 1 << 28


class Network:
    """A graph that is ready to run: constants folded."""

    def __init__(self, graph: Graph, name: str) -> None:
        """``name``: of the file, for messages."""
        self.name = name
        self.graph = graph
        self.constants: dict[str, Any] = dict(graph.constants)
        self.rest = [node for node in graph.nodes if not self._folded(node)]

    @classmethod
    def load(cls, path: str | Path) -> Network:
        """The network of an ONNX file. Raises FileError, a ValueError, in one line."""
        return cls(load(Path(path)), Path(path).name)

    def _folded(self, node: Node) -> bool:
        """Whether a node has constants alone, and now is one."""
        if node.op == "QuantizeLinear" or any(n not in self.constants for n in node.inputs if n):
            return False
        try:
            if node.op == "DequantizeLinear":
                self.constants[node.outputs[0]] = self._stored(node)
                return True
            if not node.inputs and node.op != "Constant":
                return False
            given = [self._array(name) if name else None for name in node.inputs]
            made = evaluate(node, given, self.graph.opsets)
        except Exception:  # told when the network runs, with the node's name
            return False
        self.constants |= {n: a for n, a in zip(node.outputs, made, strict=False) if n}
        return True

    def _array(self, name: str) -> NDArray[Any]:
        found = self.constants[name]
        return np.asarray(found.real, np.float32) if isinstance(found, Stored) else found

    def _stored(self, node: Node) -> Stored:
        """Constants behind ``DequantizeLinear``."""
        numbers = np.asarray(self.constants[node.inputs[0]])
        scale = np.asarray(self.constants[node.inputs[1]], np.float64)
        axis = int(node.get("axis", 1))
        whole = numbers.astype(np.int64)
        if len(node.inputs) > 2 and node.inputs[2]:
            zero = np.asarray(self.constants[node.inputs[2]]).astype(np.int64)
            shape = [1] * numbers.ndim
            if zero.size > 1:
                shape[axis] = -1
            whole = whole - zero.reshape(shape if zero.size > 1 else ())
        if scale.size > 1 and numbers.shape[axis] != scale.size:
            raise ValueError(f"scale: found {scale.size} beside shape {numbers.shape}")
        return Stored(whole, scale, axis)

    # ------------------------------------------------------------ inputs

    def input_shape(self, name: str) -> tuple[int, ...]:
        """Shape of an input, a free first axis as 1; ValueError on other free axes."""
        shape = list(self.graph.inputs[name])
        if shape and shape[0] is None:
            shape[0] = 1
        if any(one is None for one in shape):
            told = ["?" if one is None else one for one in shape]
            raise ValueError(f"input: found {shown(name)} of shape {told}, need INPUT=file.npz")
        return tuple(one for one in shape if one is not None)

    def drawn(self, seed: int) -> dict[str, NDArray[np.float32]]:
        """Normal numbers for every input."""
        draw = np.random.default_rng(seed)
        shapes = {name: self.input_shape(name) for name in self.graph.inputs}
        if sum(prod(shape) for shape in shapes.values()) > _MOST_MADE:
            raise ValueError(f"input: found shapes {shapes}, need smaller ones, or INPUT=")
        return {name: draw.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}

    def named(self, arrays: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
        """Arrays of a file by the inputs' names; a single one needs no name.

        Raises ValueError that names the input, what was found and what is needed.
        """
        inputs = list(self.graph.inputs)
        if len(inputs) == 1 and len(arrays) == 1:
            arrays = {inputs[0]: next(iter(arrays.values()))}
        for name in inputs:
            if name not in arrays:
                found = ", ".join(shown(one) for one in arrays) or "nothing"
                raise ValueError(f"input: found {found}, need {shown(name)}")
            array, shape = arrays[name], self.graph.inputs[name]
            same = array.ndim == len(shape) and all(
                need in (None, have) for need, have in zip(shape, array.shape, strict=True)
            )
            if not same or array.dtype.kind not in "biuf" or not array.size:
                told = ["any" if one is None else one for one in shape]
                raise ValueError(
                    f"input: found {array.dtype} {list(array.shape)} for {shown(name)}, need "
                    f"numbers {told}"
                )
        return {
            name: arrays[name].astype(np.float32)
            if arrays[name].dtype.kind == "f"
            else arrays[name]
            for name in inputs
        }

    # ------------------------------------------------------------ run

    def _entered(self, name: str, array: NDArray[Any], width: int) -> Value | Real:
        """An input: integers of ``width`` bits, or as it is where it has steps of its own."""
        own = all(one.op == "QuantizeLinear" for one in self.graph.consumers().get(name, []))
        return Real(array) if own or array.dtype.kind != "f" else rounded(array, width)

    def run(
        self,
        inputs: Mapping[str, NDArray[Any]],
        wanted: Wanted | None = None,
        compute: Compute | None = None,
    ) -> Passed:
        """Through the network.

        inputs    name -> array as the file wants it
        wanted    widths, pruning; compute: results int64 [B, K, P, Q] of a layer (golden)
        Raises FileError where no layer can run at all.
        """
        wanted = wanted or Wanted()
        compute = compute or (lambda one: golden(one, wanted.widths.act))
        through = Run(self.graph, self.constants, wanted, compute)
        for name, array in inputs.items():
            through.put(name, self._entered(name, array, wanted.widths.act))
        for node in self.rest:
            through.node(node)
        passed = through.passed
        if not passed.steps:
            why = passed.missing[:1] or ["no Conv, Gemm or MatMul with constant weights"]
            raise FileError(f"net: found no layer that can run in {shown(self.name)}: {why[0]}")
        for name in self.graph.outputs:
            if name in through.values:
                passed.outputs[name] = np.asarray(through.real(name))
        return passed
