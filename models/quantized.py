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
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from models.fixed import fits
from models.golden import accumulate
from models.layer import Layer

Ints = NDArray[np.int64]

#: More parts than this are refused: results are too narrow for the accumulators.
MOST_PARTS = 256


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
    """(layers whose results have ``width`` bits, int64 [K] what is added to the sum of these): the
    accumulators of ``layer``.

    The layer itself and zeros where they fit; otherwise layers without bias, each with some of the
    inputs of an output, and the bias. Raises ValueError on more than ``MOST_PARTS``.

    >>> layer = Layer([[120, 120, -60]], [100, 100, 100], relu=False, bias=[7])
    >>> parts, rest = exact_parts(layer, 16)
    >>> [accumulate(one).item() for one in parts], rest.tolist()
    ([18007], [0])
    >>> parts, rest = exact_parts(layer, 15)
    >>> [accumulate(one).item() for one in parts], rest.tolist()
    ([12000, 6000], [7])
    """
    if fits(accumulate(layer), width):
        return [layer], np.zeros_like(layer.bias)
    found: list[Layer] = []
    for part in _halved(replace(layer, bias=np.zeros_like(layer.bias)), width):
        found.append(part)
        if len(found) > MOST_PARTS:
            raise ValueError(
                f"width: found results of {width} bits in '{layer.name}', need more: sums take "
                f"over {MOST_PARTS} parts"
            )
    return found, layer.bias


def _halved(layer: Layer, width: int) -> Iterator[Layer]:
    """The layer, or its halves, in parts that fit."""
    if fits(accumulate(layer), width):
        yield layer
        return
    _, depth, rows, cols = layer.weights.shape
    if depth > 1:
        halves = [_channels(layer, 0, depth // 2), _channels(layer, depth // 2, depth)]
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


def _channels(layer: Layer, first: int, last: int) -> Layer:
    """A layer with some inputs of each group."""
    batch, _, height, width = layer.inputs.shape
    acts = layer.inputs.reshape(batch, layer.groups, -1, height, width)[:, :, first:last]
    return replace(
        layer,
        weights=layer.weights[:, first:last],
        activations=acts.reshape(batch, -1, height, width),
    )
