"""Tensors between layers: integers with a scale.

``real = numbers * scale``. In a network of floats a scale is a power of two, chosen so that the
numbers fill the width of activations; in a quantized network it is the file's, and the numbers are
the stored ones less their zero point.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.fixed import fitting_shift, requant
from models.quantization import quantize_fixed

Numbers = NDArray[np.int64]


@dataclass(frozen=True)
class Steps:
    """What ``QuantizeLinear`` rounds to: multiples of ``scale``, ``low..high`` of them."""

    scale: float
    low: int
    high: int

    def of(self, real: NDArray[np.float64]) -> Value:
        """Real numbers rounded (half to even, in single precision, as ONNX) and saturated."""
        steps = np.rint(np.asarray(real, np.float32) / np.float32(self.scale))
        numbers = np.clip(steps, self.low, self.high)
        return Value(numbers.astype(np.int64), self.scale, self)


@dataclass(frozen=True, eq=False)
class Value:
    """Integers and what one of them is worth; steps: of a quantized tensor."""

    numbers: Numbers
    scale: float
    steps: Steps | None = None

    @property
    def real(self) -> NDArray[Any]:
        """The numbers that they stand for, float64."""
        return self.numbers * self.scale

    @property
    def binary(self) -> bool:
        """Whether the scale is a power of two.

        >>> Value(np.array([1]), 0.25).binary, Value(np.array([1]), 0.3).binary
        (True, False)
        """
        return float(np.frexp(self.scale)[0]) == 0.5

    @property
    def exponent(self) -> int:
        """``scale = 2**-exponent``, of a power of two."""
        return 1 - int(np.frexp(self.scale)[1])

    def at(self, numbers: Any) -> Value:
        """Other numbers at the same scale."""
        return Value(np.asarray(numbers, dtype=np.int64), self.scale, self.steps)


@dataclass(frozen=True, eq=False)
class Real:
    """Floats that an operator without an integer model made of the data."""

    real: NDArray[Any]


@dataclass(frozen=True, eq=False)
class Stored:
    """Quantized weights: ``numbers * scale``, the scale one number or one along ``axis``."""

    numbers: Numbers
    scale: NDArray[np.float64]
    axis: int

    @property
    def real(self) -> NDArray[Any]:
        """The weights as real numbers."""
        if self.scale.size == 1:
            return self.numbers * self.scale.reshape(-1)[0]
        shape = [1] * self.numbers.ndim
        shape[self.axis] = -1
        return self.numbers * self.scale.reshape(shape)


def rounded(real: NDArray[Any], width: int, steps: Steps | None = None) -> Value:
    """Real numbers as a value of ``width`` bits with a power of two, or of ``steps``."""
    real = np.asarray(real, dtype=np.float64)
    if steps is not None:
        return steps.of(real)
    numbers, exponent = quantize_fixed(real, width)
    return Value(numbers, float(np.ldexp(1.0, -exponent)))


def fitted(numbers: Numbers, exponent: int, width: int) -> Value:
    """Integers of any size in units of ``2**-exponent``, cut to ``width`` bits: ``requant`` with
    the smallest shift that saturates nothing.

    >>> fitted(np.array([1000, -3]), 2, 8).numbers.tolist()
    [125, 0]
    """
    shift = fitting_shift(numbers, width)
    return Value(requant(numbers, shift, width), float(np.ldexp(1.0, shift - exponent)))
