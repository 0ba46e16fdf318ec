"""Compute operators of a graph as ``Layer``: Conv, Gemm and MatMul with constant weights.

What stands behind one and reads only it goes into it: batch normalization, a bias that is added,
ReLU, and the steps that its results are quantized to.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.fixed import fitting_shift
from models.golden import accumulate
from models.graph.file import Node
from models.graph.glue import window
from models.graph.value import Numbers, Steps, Stored, Value, rounded
from models.layer import Layer
from models.pruning import prune, prune_outputs
from models.quantization import codebook
from models.quantized import RealScale, exact_parts
from models.workloads.scales import Operand, Widths, scale

COMPUTE = ("Conv", "Gemm", "MatMul")
#: A build whose numbers have as many bits takes those of quantized files as they are.
_STORED_BITS = 16


@dataclass(frozen=True)
class Wanted:
    """What is done to float weights, and the widths of the build.

    density   share of weights kept, None: all; group: (N, M) kept along the outputs instead
    bits      of a codebook, None: none
    """

    widths: Widths = field(default_factory=Widths)
    density: float | None = None
    bits: int | None = None
    group: tuple[int, int] | None = None


@dataclass(frozen=True, eq=False)
class Problem:
    """A compute operator: weights [K, C/G, R, S], in whatever form, and what is around it.

    stored   the same weights as integers with a scale [K], of a quantized network
    bias     float64 [K], real numbers
    rows     a matrix product: every axis but the last is one of samples
    """

    name: str
    weights: NDArray[Any]
    stored: tuple[Numbers, NDArray[np.float64]] | None
    bias: NDArray[np.float64] | None
    geometry: dict[str, Any]
    rows: bool
    line: bool = False
    relu: bool = False
    steps: Steps | None = None

    def inputs(self, value: Value) -> Numbers:
        """The value as activations [B, C, H, W]."""
        numbers = value.numbers
        if self.rows:
            return numbers.reshape(-1, numbers.shape[-1])[:, :, None, None]
        return numbers[:, :, None, :] if self.line else numbers

    def outputs(self, numbers: Numbers, shape: Sequence[int]) -> Numbers:
        """Results [B, K, P, Q] in the shape that the operator has; ``shape``: of its input."""
        if self.rows:
            return numbers.reshape(*shape[:-1], numbers.shape[1])
        return numbers[:, :, 0, :] if self.line else numbers


def problem_of(node: Node, weights: Any, bias: Any, shape: Sequence[int]) -> Problem:
    """The problem of a node. weights, bias: an array or ``Stored``; shape: of the input.

    Raises ValueError on what no layer can be.
    """
    name = re.sub(r"[^\w.-]+", "-", node.name).strip("-") or node.op
    real = weights.real if isinstance(weights, Stored) else weights
    if real.dtype.kind not in "fiu" or not np.isfinite(real).all():
        raise ValueError(f"weights: found {real.dtype} or no finite numbers, need numbers")
    added = None
    if bias is not None:
        added = np.asarray(bias.real if isinstance(bias, Stored) else bias, np.float64)
    if node.op == "Conv":
        return _conv(node, name, weights, added, shape)
    if real.ndim != 2:
        raise ValueError(f"weights: found shape {real.shape}, need a matrix")
    turn = node.op == "MatMul" or not node.get("transB", 0)
    if node.op == "Gemm":
        if node.get("transA", 0) or len(shape) != 2:
            raise ValueError("transA: found 1, or an input that is no matrix, need samples as rows")
        alpha, beta = float(node.get("alpha", 1.0)), float(node.get("beta", 1.0))
        if alpha != 1.0:
            weights, real = real * alpha, real * alpha
        added = None if added is None else np.broadcast_to(added * beta, (_outputs(real, turn),))
    matrix = (real.T if turn else real)[:, :, None, None]
    return Problem(name, matrix, _stored(weights, turn, matrix.shape), added, {}, rows=True)


def _outputs(real: NDArray[Any], turn: bool) -> int:
    return int(real.shape[1 if turn else 0])


def _conv(
    node: Node, name: str, weights: Any, bias: NDArray[np.float64] | None, shape: Sequence[int]
) -> Problem:
    real = weights.real if isinstance(weights, Stored) else weights
    axes = real.ndim - 2
    if axes not in (1, 2) or len(shape) != real.ndim:
        raise ValueError(f"weights: found shape {real.shape}, need one or two axes of the kernel")
    kernel = real.shape[2:]
    strides, dilations, before, behind = window(node, shape[2:], kernel)
    if min(*before, *behind) < 0:
        raise ValueError(f"pads: found {before} and {behind}, need none below 0")
    line = axes == 1
    if line:
        real = real[:, :, None, :]
        strides, dilations = [1, *strides], [1, *dilations]
        before, behind = [0, *before], [0, *behind]
    geometry = {
        "stride": tuple(strides),
        "dilation": tuple(dilations),
        "padding": (before[0], behind[0], before[1], behind[1]),
        "groups": int(node.get("group", 1)),
    }
    return Problem(name, real, _stored(weights, False, real.shape), bias, geometry, False, line)


def _stored(
    weights: Any, turn: bool, shape: tuple[int, ...]
) -> tuple[Numbers, NDArray[np.float64]] | None:
    """Integers of quantized weights in the layer's shape and their scales [K]."""
    if not isinstance(weights, Stored):
        return None
    along = (weights.numbers.ndim - 1) if turn else 0
    if weights.scale.size != 1 and weights.axis % weights.numbers.ndim != along:
        return None
    numbers = (weights.numbers.T if turn else weights.numbers).reshape(shape)
    return numbers, np.broadcast_to(weights.scale.reshape(-1), (shape[0],))


def normalized(
    problem: Problem, gain: NDArray[Any], offset: NDArray[Any], mean: NDArray[Any], root: Any
) -> Problem:
    """Batch normalization behind the problem, folded into it; all float64 [K]."""
    factor = gain / root
    bias = np.zeros(len(problem.weights)) if problem.bias is None else problem.bias
    weights = problem.weights * factor.astype(problem.weights.dtype)[:, None, None, None]
    return replace(problem, weights=weights, stored=None, bias=(bias - mean) * factor + offset)


@dataclass(frozen=True, eq=False)
class Work:
    """What designs run for a problem, and what their answers are worth.

    layers   their answers add up, with ``rest`` int64 [K]
    units    float64 [K], of the sum
    stored   a quantized layer: the sum is the accumulator, exactly
    """

    layers: list[Layer]
    rest: Numbers
    units: NDArray[np.float64]
    stored: bool = False


def work_of(problem: Problem, value: Value, wanted: Wanted) -> Work:
    """The work of a problem on its inputs.

    Raises ValueError where it is none: shapes that do not fit, sums that no accumulator holds.
    """
    settings = {**problem.geometry, "relu": problem.relu, "name": problem.name}
    plain = wanted.density is None and wanted.bits is None and wanted.group is None
    wide = min(wanted.widths.act, wanted.widths.wgt) >= _STORED_BITS
    if problem.stored is not None and value.steps is not None and plain and wide:
        return _exact(problem, problem.stored, value, wanted.widths.act)
    scaled = scale(
        _weights(problem.weights, wanted),
        Operand(problem.inputs(value) * value.scale, wanted.widths.act),
        problem.bias,
        wanted.widths,
        **problem.geometry,
    )
    layer = Layer(scaled.weights, scaled.activations, bias=scaled.bias, **settings)
    shift = fitting_shift(accumulate(layer), wanted.widths.act, layer.relu)
    units = np.full(len(layer.weights), np.ldexp(1.0, shift - sum(scaled.exponents)))
    return Work([replace(layer, shift=shift)], np.zeros_like(layer.bias), units)


def _exact(
    problem: Problem, stored: tuple[Numbers, NDArray[np.float64]], value: Value, width: int
) -> Work:
    """Integers as the file has them: accumulators, in parts where results are too narrow."""
    numbers, scales = stored
    units = scales * value.scale
    bias = None if problem.bias is None else np.rint(problem.bias / units).astype(np.int64)
    given = problem.inputs(value)
    layer = Layer(numbers, given, bias=bias, relu=False, name=problem.name, **problem.geometry)
    parts, rest = exact_parts(layer, width)
    if len(parts) > 1:
        parts = [replace(one, name=f"{one.name}.part{at}") for at, one in enumerate(parts, 1)]
    return Work(parts, rest, units, stored=True)


def _weights(weights: NDArray[Any], wanted: Wanted) -> Operand:
    """Float weights as they are, pruned, or of a codebook."""
    if wanted.group is not None:
        weights = prune_outputs(weights, *wanted.group)
    elif wanted.density is not None:
        weights = prune(weights, wanted.density)
    if wanted.bits is None:
        return Operand(np.asarray(weights, np.float64), wanted.widths.wgt)
    codes, entries = codebook(weights, wanted.bits)
    return Operand(entries, wanted.widths.wgt, codes)


def finished(
    problem: Problem, work: Work, outputs: Numbers, shape: Sequence[int], width: int
) -> Value:
    """Results [B, K, P, Q], summed over the layers of the work, as the value behind the problem."""
    if work.stored and problem.relu:
        outputs = np.maximum(outputs, 0)
    steps, units = problem.steps, work.units
    if work.stored and steps is not None:
        # In single precision and in this order, as onnxruntime.
        factor = units.astype(np.float32) / np.float32(steps.scale)
        made = Value(RealScale(factor, 0, steps.low, steps.high)(outputs), steps.scale, steps)
    elif steps is None and (units == units[0]).all() and not work.stored:
        made = Value(outputs, float(units[0]))
    else:
        made = rounded(outputs * units[:, None, None], width, steps)
    return made.at(problem.outputs(made.numbers, shape))
