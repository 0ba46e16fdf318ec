"""Whether a layer's numbers fit a build: the checks every compiler makes first.

Each raises ValueError naming the field, the layer, what was found and what the build holds.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.fixed import fits, limits
from models.golden import by_group, im2col, matmul
from models.layer import Layer

#: Weights looked at a time: large layers need no second copy in int64, blocks stay in the cache.
CHUNK = 1 << 18


def check_shift(layer: Layer, acc_width: int) -> None:
    """The output shift must be less than the width of the accumulator."""
    if layer.shift >= acc_width:
        raise ValueError(
            f"shift: layer '{layer.name}' has {layer.shift}, allowed 0..{acc_width - 1}"
        )


def check_weights(name: str, low: int, high: int, wgt_width: int) -> None:
    """The smallest and the largest weight must fit ``wgt_width``."""
    if not fits([low, high], wgt_width):
        raise ValueError(
            f"weights: layer '{name}' has values {low}..{high}, "
            f"wgt_width {wgt_width} holds {limits(wgt_width)[0]}..{limits(wgt_width)[1]}"
        )


def check_bias(layer: Layer, bias_width: int) -> NDArray[np.int64] | None:
    """The bias, None when it is all zero; every value must fit ``bias_width``."""
    bias = layer.bias if layer.bias.any() else None
    if bias is not None and not fits(bias, bias_width):
        low, high = limits(bias_width)
        row = int(np.argmax((bias < low) | (bias > high)))
        raise ValueError(
            f"bias: layer '{layer.name}' has {bias[row]} in row {row}, "
            f"bias_width {bias_width} holds {low}..{high}"
        )
    return bias


def check_activations(layer: Layer, values: NDArray[np.int64], act_width: int) -> None:
    """No input may be wider than ``act_width``."""
    if not fits(values, act_width):
        low, high = limits(act_width)
        raise ValueError(
            f"activations: layer '{layer.name}' has values {values.min()}..{values.max()}, "
            f"act_width {act_width} holds {low}..{high}"
        )


def check_accumulator(
    layer: Layer, acc_width: int, vectors: NDArray[np.int64] | None = None
) -> None:
    """No sum may leave the accumulator on these inputs (``vectors``: ``im2col(layer)`` if at hand).

    The bound holds for every order of additions: ``|bias| + sum |w| |a| < 2**(acc_width-1)``.
    """
    limit = 1 << (acc_width - 1)
    worst, row = largest_sum(layer, vectors, limit)
    if worst >= limit:
        raise ValueError(
            f"accumulator: row {row} of layer '{layer.name}' can reach {worst} "
            f"(|bias| + sum |w||a|), acc_width {acc_width} holds less than {limit}"
        )


def largest_sum(
    layer: Layer, vectors: NDArray[np.int64] | None = None, limit: int = 0
) -> tuple[int, int]:
    """(largest ``|bias| + sum |w| |a|`` of any output, its row); a bound that is easier to find
    where that is below ``limit`` already.
    """
    inputs = layer.inputs if vectors is None else vectors
    bias, cols = np.abs(layer.bias), layer.in_size
    # Cheap bound first: no zeros, everything at its peak.
    bound = _peak(inputs) * _peak(layer.weights) * cols + int(bias.max())
    if bound < limit:
        return bound, int(np.argmax(bias))
    step = max(1, CHUNK // cols)
    largest = bias.copy()
    inputs = np.abs(im2col(layer) if vectors is None else vectors)
    for mine, matrix, seen in by_group(layer, inputs):
        for at in range(mine.start, mine.stop, step):
            part = slice(at, min(at + step, mine.stop))
            rows = np.abs(matrix[part.start - mine.start : part.stop - mine.start])
            largest[part] += matmul(rows, seen).max(axis=0)
    row = int(np.argmax(largest))
    return int(largest[row]), row


def _peak(values: NDArray[np.int64]) -> int:
    return max(abs(int(values.min())), abs(int(values.max())))
