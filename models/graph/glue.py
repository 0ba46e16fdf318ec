"""What lies between layers, in exact integers: sums, pools, concatenation, ReLU, clipping.

Each function takes and gives ``Value``. With scales that are powers of two nothing but shifts, sums
and one stated rounding (``models.fixed.requant``) happens; with the scales of a quantized file real
numbers are rounded once to the steps of the result, as ONNX defines it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.files.errors import check_size
from models.graph.file import Node
from models.graph.value import Numbers, Steps, Value, fitted, rounded

#: Bits by which scales may differ before shifting leaves int64.
_APART = 40


def add(values: Sequence[Value], width: int, steps: Steps | None) -> Value:
    """The sum of values, at the finer scale of them before it is cut to ``width`` bits.

    >>> add([Value(np.array([3]), 0.5), Value(np.array([1]), 0.25)], 16, None).real.tolist()
    [1.75]
    """
    if steps is None and _close(values):
        finest = max(one.exponent for one in values)
        total: Numbers = np.zeros((), np.int64)
        for one in values:
            total = total + (one.numbers << (finest - one.exponent))
        return fitted(total, finest, width)
    # Single precision, as the operators of floats between which ONNX puts a quantized sum.
    real: NDArray[Any] = np.zeros((), np.float32)
    for one in values:
        real = real + one.numbers.astype(np.float32) * np.float32(one.scale)
    return rounded(real, width, steps)


def _close(values: Sequence[Value]) -> bool:
    """Whether shifts bring the values to one scale."""
    if not all(one.binary for one in values):
        return False
    found = [one.exponent for one in values]
    return max(found) - min(found) <= _APART


def concat(values: Sequence[Value], axis: int, width: int, steps: Steps | None) -> Value:
    """Values one behind the other, all at one scale."""
    same = all(one.scale == values[0].scale for one in values)
    if same and steps in (None, values[0].steps):
        return values[0].at(np.concatenate([one.numbers for one in values], axis))
    if steps is None and _close(values):
        finest = max(one.exponent for one in values)
        numbers = [one.numbers << (finest - one.exponent) for one in values]
        return fitted(np.concatenate(numbers, axis), finest, width)
    return rounded(np.concatenate([one.real for one in values], axis), width, steps)


def clip(value: Value, low: float | None, high: float | None) -> Value:
    """Numbers between two real bounds; ReLU is ``clip(value, 0, None)``."""
    least = None if low is None else int(np.rint(max(low / value.scale, -(2.0**62))))
    most = None if high is None else int(np.rint(min(high / value.scale, 2.0**62)))
    return value.at(np.clip(value.numbers, least, most))


def pad(value: Value, pads: Sequence[int]) -> Value:
    """Zeros before and behind each axis: all befores, then all behinds."""
    half = len(pads) // 2
    sides = list(zip(pads[:half], pads[half:], strict=True))
    _check_pads(value.numbers.shape, sides)
    return value.at(np.pad(value.numbers, sides))


def _check_pads(shape: Sequence[int], sides: Sequence[tuple[int, int]]) -> None:
    check_size("pads", tuple(n + sum(two) for n, two in zip(shape, sides, strict=True)))


def window(node: Node, size: Sequence[int], kernel: Sequence[int]) -> Any:
    """(strides, dilations, pads before, pads behind) of a convolution or pool over ``size``.

    ``ceil_mode`` adds padding behind so that the last window is whole.
    """
    axes = len(kernel)
    strides = [int(one) for one in node.get("strides", [1] * axes)]
    dilations = [int(one) for one in node.get("dilations", [1] * axes)]
    reach = [(k - 1) * d + 1 for k, d in zip(kernel, dilations, strict=True)]
    auto = node.get("auto_pad", "NOTSET")
    if auto in ("SAME_UPPER", "SAME_LOWER"):
        total = [
            max((-(-n // s) - 1) * s + r - n, 0)
            for n, s, r in zip(size, strides, reach, strict=True)
        ]
        before = [one // 2 if auto == "SAME_UPPER" else -(-one // 2) for one in total]
        return strides, dilations, before, [t - b for t, b in zip(total, before, strict=True)]
    pads = (
        [0] * (2 * axes)
        if auto == "VALID"
        else [int(one) for one in node.get("pads", [0] * 2 * axes)]
    )
    before, behind = pads[:axes], pads[axes:]
    if node.get("ceil_mode", 0):
        for at in range(axes):
            left = (size[at] + before[at] + behind[at] - reach[at]) % strides[at]
            more = strides[at] - left if left else 0
            # A window that begins in the padding behind is none.
            if (
                size[at] + before[at] + behind[at] - left - reach[at] + strides[at]
                < size[at] + before[at]
            ):
                behind[at] += more
    return strides, dilations, before, behind


def _windows(numbers: Numbers, kernel: Sequence[int], node: Node, fill: int) -> tuple[Numbers, int]:
    """([B, C, *out, *kernel], number of axes pooled) of [B, C, *size]."""
    axes = len(kernel)
    strides, dilations, before, behind = window(node, numbers.shape[2:], kernel)
    sides = [(0, 0), (0, 0), *zip(before, behind, strict=True)]
    _check_pads(numbers.shape, sides)
    padded = np.pad(numbers, sides, constant_values=fill)
    reach = [(k - 1) * d + 1 for k, d in zip(kernel, dilations, strict=True)]
    tiles = np.lib.stride_tricks.sliding_window_view(padded, reach, axis=tuple(range(2, 2 + axes)))
    at = [slice(None)] * 2 + [slice(None, None, s) for s in strides]
    at += [slice(None, None, d) for d in dilations]
    return tiles[tuple(at)], axes


def max_pool(value: Value, node: Node) -> Value:
    """The largest of each window; padding never is."""
    tiles, axes = _windows(value.numbers, node.get("kernel_shape", []), node, -(1 << 62))
    return value.at(tiles.max(axis=tuple(range(-axes, 0))))


def average_pool(value: Value, node: Node, width: int, steps: Steps | None) -> Value:
    """The mean of each window, rounded half away from zero, at a scale that fills ``width``."""
    kernel = node.get("kernel_shape", [])
    tiles, axes = _windows(value.numbers, kernel, node, 0)
    last = tuple(range(-axes, 0))
    if node.get("count_include_pad", 0) and not node.get("ceil_mode", 0):
        count = np.array(int(np.prod(kernel)))
    else:
        ones, _ = _windows(np.ones((1, 1, *value.numbers.shape[2:]), np.int64), kernel, node, 0)
        count = ones.sum(axis=last)
    return mean(value, tiles.sum(axis=last), count, width, steps)


def mean(
    value: Value, total: Numbers, count: NDArray[Any], width: int, steps: Steps | None
) -> Value:
    """``total / count`` of numbers of ``value``; with bits behind the point while they fit.

    >>> one = mean(Value(np.array([1, 2]), 1.0), np.array([3]), np.array(2), 16, None)
    >>> one.real.tolist()
    [1.5]
    """
    if steps is not None or not value.binary:
        return rounded(total / count * value.scale, width, steps)
    peak = int(np.abs(total // count).max(initial=0)) + 1
    spare = max(0, width - 1 - peak.bit_length())
    scaled = np.abs(total) << spare
    numbers = np.sign(total) * ((2 * scaled + count) // (2 * count))
    return Value(numbers, float(np.ldexp(value.scale, -spare)))
