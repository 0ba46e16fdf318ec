"""One way through a network: what ``Network.run`` does with each operator."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.graph import glue
from models.graph.file import Graph, Node
from models.graph.outside import evaluate
from models.graph.problem import (
    COMPUTE,
    Problem,
    Wanted,
    finished,
    normalized,
    problem_of,
    work_of,
)
from models.graph.value import Numbers, Real, Steps, Stored, Value, rounded
from models.layer import Layer
from models.npz import shown

#: Operators that move numbers and change none: done on the integers.
MOVES = (
    *("Reshape", "Flatten", "Squeeze", "Unsqueeze", "Transpose", "Slice", "Split", "Gather"),
    *("Expand", "Tile", "DepthToSpace", "SpaceToDepth", "Identity"),
)
Compute = Callable[[Layer], Numbers]


@dataclass(frozen=True, eq=False)
class Step:
    """A layer as it ran: on its inputs, with its results; node: its name in the file."""

    node: str
    layer: Layer
    outputs: Numbers


@dataclass(eq=False)
class Passed:
    """What came of a run.

    outputs   name -> real numbers; steps: the layers in order
    outside   operator -> names of the nodes that were computed in float
    missing   a line for each node that could not be computed, and why
    """

    outputs: dict[str, NDArray[Any]] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)
    outside: dict[str, list[str]] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)

    @property
    def notes(self) -> list[str]:
        """A line for each operator without an integer model, and each node that is missing."""
        lines = [
            f"operator {op}: no integer model, computed in float ({_few(nodes)})"
            for op, nodes in self.outside.items()
        ]
        return lines + self.missing


def _few(names: Sequence[str], most: int = 3) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(shown(one) for one in names[:most]) + more


class Run:
    """One way through a network."""

    def __init__(
        self, graph: Graph, constants: Mapping[str, Any], wanted: Wanted, compute: Compute
    ) -> None:
        """``constants``: of the graph, and what was made of them."""
        self.graph = graph
        self.readers = graph.consumers()
        self.wanted = wanted
        self.width = wanted.widths.act
        self.compute = compute
        self.values: dict[str, Any] = dict(constants)
        self.done: set[int] = set()
        self.names: set[str] = set()
        self.passed = Passed()

    def put(self, name: str, value: Any) -> None:
        """A tensor is there."""
        if name:
            self.values[name] = value

    def real(self, name: str) -> NDArray[Any]:
        """A tensor as numpy has it."""
        found = self.values[name]
        return found if isinstance(found, np.ndarray) else found.real

    def node(self, node: Node) -> None:
        """One operator; what cannot be computed is named."""
        if id(node) in self.done:
            return
        lacking = [name for name in node.inputs if name and name not in self.values]
        if lacking:
            line = f"node {shown(node.name)} ({shown(node.op)}) is missing: no {shown(lacking[0])}"
            if node.op in COMPUTE:
                self.passed.missing.append(line)
            return
        try:
            with np.errstate(all="ignore"):
                self._computed(node) or self._moved(node) or self._between(node) or self._outside(
                    node
                )
        except Exception as error:  # the file decides what an operator is asked for
            reason = shown(" ".join(str(error).split()) or type(error).__name__, 160)
            self.passed.missing.append(
                f"node {shown(node.name)} ({shown(node.op)}) is missing: {reason}"
            )

    # ------------------------------------------------------------ layers

    def _computed(self, node: Node) -> bool:
        """A compute operator with constant weights, and what goes into it."""
        if node.op not in COMPUTE or node.domain:
            return False
        given = [self.values[name] if name else None for name in node.inputs]
        data, weights = given[0], given[1]
        if isinstance(data, np.ndarray | Stored) or not isinstance(weights, np.ndarray | Stored):
            return False
        bias = given[2] if len(given) > 2 else None
        if isinstance(bias, Real | Value):
            return False
        real = weights.real if isinstance(weights, Stored) else weights
        if data is None:
            return False
        if node.op == "MatMul" and (real.ndim != 2 or data.real.ndim < 2):
            return False
        value = data if isinstance(data, Value) else rounded(data.real, self.width)
        shape = value.numbers.shape
        problem = problem_of(node, weights, bias, shape)
        problem, out = self._taken_in(problem, node)
        problem = replace(problem, name=self._unique(problem.name))
        work = work_of(problem, value, self.wanted)
        total: Numbers = work.rest[:, None, None]
        for layer in work.layers:
            outputs = self.compute(layer)
            self.passed.steps.append(Step(node.name, layer, outputs))
            total = total + outputs
        self.put(out, finished(problem, work, total, shape, self.width))
        return True

    def _unique(self, name: str) -> str:
        made, number = name, 1
        while made in self.names:
            number += 1
            made = f"{name}-{number}"
        self.names.add(made)
        return made

    def _only_reader(self, name: str) -> Node | None:
        """The node that alone reads a tensor which is no output."""
        readers = self.readers.get(name, [])
        return readers[0] if len(readers) == 1 and name not in self.graph.outputs else None

    def _taken_in(self, problem: Problem, node: Node) -> tuple[Problem, str]:
        """(problem with what stands behind it, name of the tensor then)."""
        out = node.outputs[0]
        while (behind := self._only_reader(out)) is not None:
            made = self._with(problem, behind, out)
            if made is None:
                break
            problem, out = made, behind.outputs[0]
            self.done.add(id(behind))
        return problem, out

    def _with(self, problem: Problem, behind: Node, out: str) -> Problem | None:
        """The problem with the node behind it in it, None if that cannot be."""
        if problem.steps is not None:
            return None
        if behind.op == "QuantizeLinear":
            steps = self._steps(behind)
            return None if steps is None else replace(problem, steps=steps)
        if behind.op == "Relu" or (behind.op == "Clip" and self._bounds(behind) == (0.0, None)):
            return replace(problem, relu=True)
        if problem.relu:
            return None
        if behind.op == "BatchNormalization" and not problem.rows:
            parts = [self.values.get(name) for name in behind.inputs[1:5]]
            if not all(isinstance(one, np.ndarray) for one in parts):
                return None
            gain, offset, mean, spread = (np.asarray(one, np.float64) for one in parts)
            root = np.sqrt(spread + float(behind.get("epsilon", 1e-5)))
            return normalized(problem, gain, offset, mean, root)
        if behind.op == "Add":
            return self._with_bias(problem, behind, out)
        return None

    def _with_bias(self, problem: Problem, behind: Node, out: str) -> Problem | None:
        other = behind.inputs[1 - behind.inputs.index(out)]
        added = self.values.get(other)
        if not isinstance(added, np.ndarray | Stored):
            return None
        real = np.asarray(added.real if isinstance(added, Stored) else added, np.float64)
        count = len(problem.weights)
        shape = (1,) * 3 + (count,) if problem.rows else (count,) + (1,) * (2 - problem.line)
        wide = np.broadcast_shapes(real.shape, shape)
        if prod(wide) != count or real.size not in (1, count):
            return None
        bias = np.broadcast_to(real.reshape(-1), (count,))
        return replace(problem, bias=bias if problem.bias is None else problem.bias + bias)

    # ------------------------------------------------------------ between layers

    def _moved(self, node: Node) -> bool:
        """An operator that moves numbers, on the integers."""
        if node.op == "Dropout":
            self.put(node.outputs[0], self.values[node.inputs[0]])
            return True
        value = self.values[node.inputs[0]] if node.inputs else None
        rest = [self.values[name] if name else None for name in node.inputs[1:]]
        if node.op not in MOVES or not isinstance(value, Value):
            return False
        if any(not (one is None or isinstance(one, np.ndarray)) for one in rest):
            return False
        made = evaluate(node, [value.numbers, *rest], self.graph.opsets)
        for name, array in zip(node.outputs, made, strict=False):
            self.put(name, value.at(array))
        return True

    def _between(self, node: Node) -> bool:
        """An operator that computes, in exact integers."""
        if node.op == "Shape":
            shape = np.array(self.real(node.inputs[0]).shape, np.int64)
            self.put(node.outputs[0], shape[node.get("start", 0) : node.get("end", None)])
            return True
        given = [self.values[name] for name in node.inputs if name]
        if node.domain or not any(_floats(one) for one in given):
            return False
        made = getattr(self, f"_{node.op.lower()}", None) if node.op in _BETWEEN else None
        found = made(node) if made else None
        if found is None:
            return False
        value, name = found
        self.put(name, value)
        return True

    def _behind(self, node: Node) -> tuple[Steps | None, bool, str]:
        """(steps that the results are quantized to, whether ReLU comes first, name of the tensor
        then): nodes that alone read the results go with them.
        """
        out, relu = node.outputs[0], False
        behind = self._only_reader(out)
        if behind is not None and behind.op == "Relu":
            after = self._only_reader(behind.outputs[0])
            if after is not None and after.op == "QuantizeLinear":
                steps = self._steps(after)
                if steps is not None:
                    self.done |= {id(behind), id(after)}
                    return replace(steps, low=max(steps.low, 0)), True, after.outputs[0]
        if behind is not None and behind.op == "QuantizeLinear":
            steps = self._steps(behind)
            if steps is not None:
                self.done.add(id(behind))
                return steps, relu, behind.outputs[0]
        return None, relu, out

    def _steps(self, node: Node) -> Steps | None:
        """Steps of ``QuantizeLinear``; None where they are not one scale for all."""
        scale = self.values.get(node.inputs[1])
        zero = self.values.get(node.inputs[2]) if len(node.inputs) > 2 else np.zeros((), np.uint8)
        if not isinstance(scale, np.ndarray) or not isinstance(zero, np.ndarray):
            return None
        if scale.size != 1 or zero.size != 1 or zero.dtype.kind not in "iu":
            return None
        limits = np.iinfo(zero.dtype)
        at = int(zero.reshape(-1)[0])
        return Steps(float(scale.reshape(-1)[0]), int(limits.min) - at, int(limits.max) - at)

    def _values(self, node: Node) -> list[Value]:
        """The inputs as values; constants beside them are rounded."""
        return [self._value(self.values[name]) for name in node.inputs if name]

    def _value(self, found: Any) -> Value:
        """A tensor as integers; what operators without an integer model made, and constants, are
        rounded. ValueError on what is no real number.
        """
        if isinstance(found, Value):
            return found
        real = found if isinstance(found, np.ndarray) else found.real
        if real.dtype.kind != "f" or not np.isfinite(real).all():
            raise ValueError(f"found {real.dtype} or no finite numbers, need real numbers")
        return rounded(real, self.width)

    def _add(self, node: Node) -> tuple[Value, str] | None:
        values = self._values(node)
        steps, _, out = self._behind(node)
        return glue.add(values, self.width, steps), out

    _sum = _add

    def _concat(self, node: Node) -> tuple[Value, str] | None:
        values = self._values(node)
        steps, _, out = self._behind(node)
        return glue.concat(values, int(node.get("axis", 0)), self.width, steps), out

    def _first(self, node: Node) -> Value | None:
        found = self.values[node.inputs[0]]
        return self._value(found) if isinstance(found, Value | Real) else None

    def _relu(self, node: Node) -> tuple[Value, str] | None:
        value = self._first(node)
        return None if value is None else (glue.clip(value, 0.0, None), node.outputs[0])

    def _bounds(self, node: Node) -> tuple[float | None, float | None] | None:
        """Bounds of ``Clip``, attributes or constants; None where they are neither."""
        found: list[float | None] = [node.get("min", None), node.get("max", None)]
        for at, name in enumerate(node.inputs[1:3]):
            array = self.values.get(name) if name else None
            if name and not (isinstance(array, np.ndarray) and array.size == 1):
                return None
            if isinstance(array, np.ndarray):
                found[at] = float(array.reshape(-1)[0])
        huge = 3e38
        low = None if found[0] is None or found[0] < -huge else float(found[0])
        high = None if found[1] is None or found[1] > huge else float(found[1])
        return low, high

    def _clip(self, node: Node) -> tuple[Value, str] | None:
        value, bounds = self._first(node), self._bounds(node)
        if value is None or bounds is None:
            return None
        return glue.clip(value, *bounds), node.outputs[0]

    def _maxpool(self, node: Node) -> tuple[Value, str] | None:
        value = self._first(node)
        if value is None or len([one for one in node.outputs if one]) != 1:
            return None
        return glue.max_pool(value, node), node.outputs[0]

    def _averagepool(self, node: Node) -> tuple[Value, str] | None:
        value = self._first(node)
        if value is None:
            return None
        steps, _, out = self._behind(node)
        return glue.average_pool(value, node, self.width, steps), out

    def _globalmaxpool(self, node: Node) -> tuple[Value, str] | None:
        value = self._first(node)
        if value is None:
            return None
        axes = tuple(range(2, value.numbers.ndim))
        return value.at(value.numbers.max(axis=axes, keepdims=True)), node.outputs[0]

    def _globalaveragepool(self, node: Node) -> tuple[Value, str] | None:
        value = self._first(node)
        if value is None:
            return None
        return self._mean(node, value, tuple(range(2, value.numbers.ndim)), True)

    def _reducemean(self, node: Node) -> tuple[Value, str] | None:
        value = self._first(node)
        axes = node.get("axes", None)
        if len(node.inputs) > 1 and node.inputs[1]:
            axes = self.real(node.inputs[1]).tolist()
        if value is None or not axes:
            return None
        return self._mean(
            node, value, tuple(int(one) for one in axes), bool(node.get("keepdims", 1))
        )

    def _mean(
        self, node: Node, value: Value, axes: tuple[int, ...], keep: bool
    ) -> tuple[Value, str]:
        steps, _, out = self._behind(node)
        total = value.numbers.sum(axis=axes, keepdims=keep)
        count = np.array(prod(value.numbers.shape[axis] for axis in axes))
        return glue.mean(value, total, count, self.width, steps), out

    def _pad(self, node: Node) -> tuple[Value, str] | None:
        value = self._first(node)
        if value is None or node.get("mode", "constant") != "constant":
            return None
        pads = node.get("pads", None)
        if len(node.inputs) > 1:
            pads = self.real(node.inputs[1]).astype(int).tolist()
        fill = self.real(node.inputs[2]) if len(node.inputs) > 2 and node.inputs[2] else np.zeros(1)
        if len(node.inputs) > 3 or not pads or np.any(fill) or min(pads) < 0:
            return None
        return glue.pad(value, pads), node.outputs[0]

    def _quantizelinear(self, node: Node) -> tuple[Value, str] | None:
        found, steps = self.values[node.inputs[0]], self._steps(node)
        if not isinstance(found, Value | Real) or steps is None:
            return None
        return steps.of(np.asarray(found.real, np.float64)), node.outputs[0]

    def _dequantizelinear(self, node: Node) -> tuple[Value, str] | None:
        value, scale = self._first(node), self.values[node.inputs[1]]
        if value is None or value.steps is None or not isinstance(scale, np.ndarray):
            return None
        if scale.size != 1 or float(scale.reshape(-1)[0]) != value.scale:
            return None
        return value, node.outputs[0]

    # ------------------------------------------------------------ the rest

    def _outside(self, node: Node) -> bool:
        """In float; named unless it has constants alone."""
        found = [self.values[name] if name else None for name in node.inputs]
        constant = all(one is None or isinstance(one, np.ndarray | Stored) for one in found)
        given: list[NDArray[Any] | None] = []
        for one in found:
            if one is None or isinstance(one, np.ndarray):
                given.append(one)
            else:
                real = one.real
                given.append(np.asarray(real, np.float32) if real.dtype.kind == "f" else real)
        made = evaluate(node, given, self.graph.opsets)
        for name, array in zip(node.outputs, made, strict=False):
            if array.dtype.kind not in "biuf":
                raise ValueError(f"found results of type {array.dtype}, need numbers")
            self.put(name, array if constant else Real(array))
        if not constant and node.op not in MOVES:
            self.passed.outside.setdefault(node.op, []).append(node.name)
        return True


def _floats(found: Any) -> bool:
    """Whether a tensor is one of the data, and no whole numbers or truths."""
    return isinstance(found, Value) or (isinstance(found, Real) and found.real.dtype.kind == "f")


#: Operators that ``Run`` has a method for, named after them.
_BETWEEN = (
    *("Add", "Sum", "Concat", "Relu", "Clip", "MaxPool", "AveragePool", "GlobalMaxPool", "Pad"),
    *("GlobalAveragePool", "ReduceMean", "QuantizeLinear", "DequantizeLinear"),
)
