"""Scales of a float layer: as many bits as a build holds, fewer where bias and sums need the room.

An operand is ``integers * 2**-exponent``, so a unit of the accumulator is ``2**-(w + a)`` of the
exponents of weights and activations, and the bias must fit in such units.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.checks import largest_sum
from models.layer import Layer
from models.quantization import exponent_for, fixed_codebook, quantize_fixed

#: An operand keeps as many bits, sign included, unless a bias so large stands beside the products
#: that no result shows them.
LEAST_BITS = 4
#: Such a bias is beyond any sum of products: more than a layer has inputs.
_DROWNS = 2.0**20


@dataclass(frozen=True)
class Widths:
    """Bits of a build's numbers.

    >>> Widths.of([]), Widths(act=8).act
    (Widths(act=16, wgt=16, acc=40, bias=32), 8)
    """

    act: int = 16
    wgt: int = 16
    acc: int = 40
    bias: int = 32

    @classmethod
    def of(cls, configs: Iterable[Any]) -> Widths:
        """The narrowest of several builds, field by field; the default where none says."""
        found = list(configs)
        return cls(*(
            min((getattr(one, f"{name}_width", default) for one in found), default=default)
            for name, default in vars(cls()).items()
        ))  # fmt: skip


DEFAULT_WIDTHS = Widths()


@dataclass(frozen=True, eq=False)
class Operand:
    """Weights or activations, not yet of a width.

    numbers   int64 where the scale is fixed at 1, float64 otherwise
    codes     of a codebook whose entries are ``numbers``; None: the numbers are the operand
    width     bits that the build has for them
    fixed     the scale is 1: integers, or a codebook of integers
    """

    numbers: NDArray[Any]
    width: int
    codes: NDArray[np.uint8] | None = None
    fixed: bool = False

    @property
    def zero(self) -> bool:
        """Nothing but zeros, which every scale holds."""
        return not self.numbers.any()

    @property
    def finest(self) -> int:
        """The exponent that uses all bits of the width."""
        return 0 if self.fixed else exponent_for(self.numbers, self.width)

    def integers(self, exponent: int) -> NDArray[np.int64]:
        """The operand in units of ``2**-exponent``."""
        if self.codes is not None:
            return fixed_codebook(self.codes, self.numbers, self.width, exponent).integers
        if self.fixed:
            return self.numbers
        return quantize_fixed(self.numbers, self.width, exponent)[0]


@dataclass(frozen=True, eq=False)
class Scaled:
    """Integers of a layer, exponents of weights and activations, and how many bits of the width
    of the build each of the two gave up so that the rest fits.
    """

    weights: NDArray[np.int64]
    activations: NDArray[np.int64]
    bias: NDArray[np.int64] | None
    exponents: tuple[int, int]
    given_up: tuple[int, int]


def scale(
    weights: Operand,
    activations: Operand,
    bias: NDArray[Any] | None,
    widths: Widths,
    **geometry: Any,
) -> Scaled:
    """Weights, activations and bias as integers that fit each other and the ``widths``.

    ``bias`` in the units of ``weights * activations``, whatever its type. Where it or a sum would
    not fit at the finest scales, weights and activations give up bits, the one that has more
    first, down to ``LEAST_BITS`` each; operands of a fixed scale give up none. A bias beyond about
    ``2**25`` times the largest product takes the bits below, too, from both alike, in the end all:
    then the products are less than a unit of the bias. ``geometry``: other fields of the ``Layer``.
    Raises ValueError where sums do not fit, or a bias beside integers.
    """
    operands = weights, activations
    finest = weights.finest, activations.finest
    fixed = weights.fixed and activations.fixed
    free = [at for at, one in enumerate(operands) if one.zero and not one.fixed]
    less = 0
    product = _peak(weights.numbers) * _peak(activations.numbers)
    drowned = bias is not None and _peak(bias) > _DROWNS * product
    if bias is not None and bias.any() and not fixed:
        less = sum(finest) - exponent_for(bias, widths.bias)
        less = less if free else max(0, less)
    while True:
        cuts = _shares(less, operands, free, drowned)
        if cuts is None:
            raise ValueError(
                f"weights: found sums that do not fit a {widths.acc}-bit accumulator even with "
                f"{LEAST_BITS} bits of each float operand, need smaller numbers or fewer inputs"
            )
        exponents = finest[0] - cuts[0], finest[1] - cuts[1]
        made = Scaled(
            weights.integers(exponents[0]),
            activations.integers(exponents[1]),
            _bias(bias, sum(exponents)),
            exponents,
            (0, 0) if free else cuts,
        )
        if fixed:
            return made
        layer = Layer(made.weights, made.activations, bias=made.bias, **geometry)
        limit = 1 << (widths.acc - 1)
        worst, _ = largest_sum(layer, limit=limit)
        if worst < limit:
            return made
        less += worst.bit_length() - (widths.acc - 1)


def _shares(
    less: int, operands: tuple[Operand, Operand], free: list[int], drowned: bool
) -> tuple[int, int] | None:
    """How many of ``less`` bits each operand gives up; None where they cannot. ``free``: operands
    of zeros, which any scale holds; drowned: beside a bias above all products.
    """
    if free:
        return (less, 0) if free[0] == 0 else (0, less)
    room = [0 if one.fixed else max(0, one.width - LEAST_BITS) for one in operands]
    if less > sum(room):
        floats = [at for at, one in enumerate(operands) if not one.fixed]
        if not drowned or not floats:
            return None
        beyond = less - sum(room)
        for number, at in enumerate(floats):
            room[at] += (beyond + number) // len(floats)
        return room[0], room[1]
    left = list(room)
    for _ in range(less):
        left[int(left[1] >= left[0])] -= 1
    return room[0] - left[0], room[1] - left[1]


def _bias(bias: NDArray[Any] | None, exponent: int) -> NDArray[np.int64] | None:
    """The bias in units of ``2**-exponent``; integers stay exact in units of 1."""
    if bias is None or (exponent == 0 and bias.dtype.kind in "iu"):
        return bias
    with np.errstate(over="ignore"):
        scaled = np.rint(np.ldexp(bias.astype(np.float64), exponent))
    if not np.abs(scaled).max() < 2.0**61:
        raise ValueError(
            f"bias: found {_peak(bias):g} beside integers, need magnitudes below 2**61"
        )
    return scaled.astype(np.int64)


def _peak(values: NDArray[Any]) -> float:
    return float(np.abs(values.astype(np.float64)).max())
