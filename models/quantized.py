"""Quantized layers as frameworks define them: zero points, a real scale for each output, exactly.

With weights ``w``, inputs ``x`` and their zero points, an output of ONNX's QLinearConv is

    acc[k] = bias[k] + sum (w - weight_zero[k]) * (x - input_zero)
    y[k]   = clip(round(acc[k] * scale[k]) + output_zero, low, high)

where padding stands for ``input_zero``, ``scale = input scale * weight scale / output scale``, and
every step of the second line is IEEE single precision, to the nearest, ties to even: that of
onnxruntime and PyTorch. TFLite has an integer multiplier and a shift instead (``FixedScale``).

Zero points are taken off before a design sees the numbers, which then have 9 bits: what stood for
zero is zero, so that sparse designs skip it, and so is the padding. No design has a multiplier for
each output: it answers accumulators, exactly, and the second line is done here. Where they do not
fit its results, the inputs of an output are dealt to several layers (``exact_parts``), whose
answers add up; each weight is in one of them, so there are no more multiplies.

Results of fewer than 16 bits do not hold a single product of 8-bit numbers. There a layer runs
twice: its shift leaves the upper digit, and a second layer sees that digit as inputs of its own,
with a weight that takes it off again, so that the lower digit is left. Operands beyond the width
of the build, as 8-bit numbers without their zero points are, are dealt to layers as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from models.fixed import fits, requant, saturate
from models.golden import accumulate
from models.layer import Layer
from models.lower import unpadded

Ints = NDArray[np.int64]

#: More parts than this are refused: results are too narrow for the accumulators.
MOST_PARTS = 256
#: Results of so many bits hold a product of two 8-bit numbers, and need no second digit.
_ONE_DIGIT = 16


class Requant(Protocol):
    """Accumulators [B, K, P, Q] to outputs of the same shape."""

    def __call__(self, acc: Ints) -> Ints: ...


@dataclass(frozen=True, eq=False)
class RealScale:
    """Scales as ONNX and PyTorch have them.

    scale      float32 [K]
    zero       zero point of the outputs; low, high: their range

    >>> RealScale(np.float32([0.5]), 3, 0, 255)(np.array([[[[5, 7, -9, 900]]]])).ravel().tolist()
    [5, 7, 0, 255]
    """

    scale: NDArray[np.float32]
    zero: int
    low: int
    high: int

    def __call__(self, acc: Ints) -> Ints:
        scaled = acc.astype(np.float32) * self.scale[:, None, None]
        # Clipped before it is an integer, as a float beyond int64 has none.
        near = np.clip(np.rint(scaled), self.low - self.zero, self.high - self.zero)
        return near.astype(np.int64) + self.zero


@dataclass(frozen=True, eq=False)
class FixedScale:
    """Scales as TFLite has them: ``multiplier * 2**(shift - 31)``, each of two roundings half away
    from zero.

    multiplier  int64 [K], 2**30..2**31 - 1; shift: int64 [K]
    zero        zero point of the outputs; low, high: their range

    >>> FixedScale.of(np.array([0.3]), 0, -128, 127)(np.array([[[[5, -5]]]])).ravel().tolist()
    [2, -2]
    """

    multiplier: Ints
    shift: Ints
    zero: int
    low: int
    high: int

    @classmethod
    def of(cls, scale: NDArray[np.float64], zero: int, low: int, high: int) -> FixedScale:
        """The nearest to real scales [K]."""
        part, shift = np.frexp(scale)
        multiplier = np.floor(np.ldexp(part, 31) + 0.5).astype(np.int64)
        full = multiplier == 1 << 31
        return cls(
            np.where(full, 1 << 30, multiplier), shift.astype(np.int64) + full, zero, low, high
        )

    def __call__(self, acc: Ints) -> Ints:
        shift = self.shift[:, None, None]
        raised = acc << np.maximum(shift, 0)
        high = _rounded(raised * self.multiplier[:, None, None], np.int64(31))
        return np.clip(_rounded(high, np.maximum(-shift, 0)) + self.zero, self.low, self.high)


def _rounded(values: Ints, shift: Ints | np.int64) -> Ints:
    """``values / 2**shift``, half away from zero."""
    half = (np.int64(1) << shift) >> 1
    found: Ints = np.sign(values) * ((np.abs(values) + half) >> shift)
    return found


@dataclass(frozen=True, eq=False)
class Quantized:
    """A quantized layer.

    layer    with zero points taken off, without ReLU and shift: it answers accumulators
    requant  what makes outputs of them
    """

    layer: Layer
    requant: Requant

    @classmethod
    def of(
        cls, layer: Layer, requant: Requant, input_zero: int = 0, weight_zero: ArrayLike = 0
    ) -> Quantized:
        """Of a layer with numbers as they are stored; ``weight_zero`` is a number or [K]."""
        off = np.broadcast_to(np.asarray(weight_zero, dtype=np.int64), len(layer.weights))
        made = replace(
            layer,
            weights=layer.weights - off[:, None, None, None],
            activations=layer.inputs - input_zero,
            shift=0,
            relu=False,
        )
        return cls(made, requant)

    def golden(self) -> Ints:
        """Outputs int64 [B, K, P, Q]."""
        return self.requant(accumulate(self.layer))


def exact_parts(layer: Layer, width: int) -> tuple[list[Layer], Ints]:
    """(layers whose results have ``width`` bits, int64 [K]): the accumulators of ``layer`` are the
    sum of their results, each shifted to the left by the shift of its layer, and of the latter.

    The layer itself and zeros where they fit; otherwise layers without bias, and the bias. Upper
    and lower digit of the same sums follow each other, and the inputs of the latter have the upper
    digit as the model computes it: both are right, or one of them differs. Raises ValueError on
    more than ``MOST_PARTS``.

    >>> layer = Layer([[120, 120, -60]], [100, 100, 100], relu=False, bias=[7])
    >>> parts, rest = exact_parts(layer, 16)
    >>> [accumulate(one).item() for one in parts], rest.tolist()
    ([18007], [0])
    >>> parts, rest = exact_parts(replace(layer, weights=layer.weights * 3), 16)
    >>> [accumulate(one).item() for one in parts], rest.tolist()
    ([18000, 18000, 18000], [7])
    >>> from models.golden import golden
    >>> parts, rest = exact_parts(layer, 8)
    >>> [(golden(one, 8).item(), one.shift) for one in parts], rest.tolist()
    ([(94, 7), (-32, 0), (47, 7), (-16, 0)], [7])
    """
    if fits(layer.weights, width) and fits(layer.inputs, width) and fits(accumulate(layer), width):
        return [layer], np.zeros_like(layer.bias)
    found: list[Layer] = []
    for narrow in _narrowed(replace(layer, bias=np.zeros_like(layer.bias)), width):
        for part in _halved(narrow, width):
            found.append(part)
            if len(found) > MOST_PARTS:
                raise ValueError(
                    f"width: found results of {width} bits in '{layer.name}', need more: sums take "
                    f"over {MOST_PARTS} parts"
                )
    return found, layer.bias


def _narrowed(layer: Layer, width: int) -> Iterator[Layer]:
    """Layers that add up to one, whose weights and activations have ``width`` bits."""
    if fits(layer.weights, width) and fits(layer.inputs, width):
        yield layer
        return
    for weights in _addends(layer.weights, width):
        for acts in _addends(layer.inputs, width):
            each = acts.reshape(layer.batch, layer.groups, weights.shape[1], -1)
            live = np.asarray(each.any(axis=(0, 1, 3)))
            live[0] = True  # a layer has an input
            part = replace(layer, weights=weights, activations=acts)
            yield _channels(part, np.flatnonzero(live))


def _addends(values: Ints, width: int) -> Iterator[Ints]:
    """Numbers of ``width`` bits that add up to ``values``; the first has most of each."""
    part = saturate(values, width)
    yield part
    if (rest := values - part).any():
        yield from _addends(rest, width)


def _halved(layer: Layer, width: int) -> Iterator[Layer]:
    """The layer, or its halves, in parts that fit."""
    if ready := _digits(layer, width):
        yield from ready
        return
    _, depth, rows, cols = layer.weights.shape
    if depth > 1:
        each = np.arange(depth)
        halves = [_channels(layer, each[: depth // 2]), _channels(layer, each[depth // 2 :])]
    elif np.count_nonzero(layer.weights.any(axis=(0, 1))) > 1:
        taps = np.flatnonzero(layer.weights.any(axis=(0, 1)).ravel())
        first = np.isin(np.arange(rows * cols), taps[: taps.size // 2]).reshape(rows, cols)
        halves = [replace(layer, weights=layer.weights * part) for part in (first, ~first)]
    else:  # one tap: the weights themselves
        half = layer.weights // 2
        if not half.any() or np.abs(layer.weights).max() <= 1:
            raise ValueError(
                f"width: found results of {width} bits in '{layer.name}', need those of an input"
            )
        halves = [replace(layer, weights=half), replace(layer, weights=layer.weights - half)]
    for part in halves:
        yield from _halved(part, width)


def _digits(layer: Layer, width: int) -> list[Layer]:
    """The layer where its sums fit, upper and lower digit where these do, else nothing."""
    sums = accumulate(layer)
    if fits(sums, width):
        return [layer]
    if width >= _ONE_DIGIT:
        return []
    shift = width - 1  # of one less than there are bits: the lower digit is a rest of either sign
    upper = requant(sums, shift, width)
    if not fits(sums - (upper << shift), width):
        return []
    return [replace(layer, shift=shift), _without(layer, upper, 1 << shift)]


def _without(layer: Layer, values: Ints, weight: int) -> Layer:
    """The layer that answers ``weight`` times values [B, K, P, Q] less: each output has an input of
    its own for them, which the first tap reads.
    """
    whole = unpadded(layer)
    batch, filters, out_h, out_w = values.shape
    outs, depth = filters // layer.groups, layer.weights.shape[1]
    extra = np.zeros((filters, outs, *layer.weights.shape[2:]), dtype=np.int64)
    extra[np.arange(filters), np.arange(filters) % outs, 0, 0] = -weight
    size = whole.inputs.shape[2:]
    seen = np.zeros((batch, layer.groups, depth + outs, *size), dtype=np.int64)
    seen[:, :, :depth] = whole.inputs.reshape(batch, layer.groups, depth, *size)
    down, across = layer.stride
    seen[:, :, depth:, : out_h * down : down, : out_w * across : across] = values.reshape(
        batch, layer.groups, outs, out_h, out_w
    )
    return replace(
        whole,
        weights=np.concatenate([layer.weights, extra], axis=1),
        activations=seen.reshape(batch, -1, *size),
    )


def _channels(layer: Layer, kept: Ints) -> Layer:
    """A layer with some inputs of each group."""
    batch, _, height, width = layer.inputs.shape
    acts = layer.inputs.reshape(batch, layer.groups, -1, height, width)[:, :, kept]
    return replace(
        layer,
        weights=layer.weights[:, kept],
        activations=acts.reshape(batch, -1, height, width),
    )
