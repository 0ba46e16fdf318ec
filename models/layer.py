"""One layer: the common input of every model, compiler and bench.

Axis names: B samples, K outputs (filters), C inputs (channels), R x S filter height and width,
H x W input height and width, P x Q output height and width. A fully connected layer has
R = S = H = W = P = Q = 1.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from models.fixed import fits


def _integers(name: str, values: ArrayLike) -> NDArray[np.int64]:
    """``values`` as a read-only int64 array; a copy only where the type has to change."""
    array = np.asarray(values)
    if array.dtype.kind not in "iu":
        raise ValueError(f"{name}: found dtype {array.dtype}, need integers (quantize first)")
    if array.dtype == np.uint64 and array.size and array.max() > np.iinfo(np.int64).max:
        raise ValueError(f"{name}: found {array.max()}, need at most 2**63 - 1")
    view = array.astype(np.int64, copy=False).view()
    view.flags.writeable = False
    return view


def _scalar(name: str, value: int, low: int, high: int) -> int:
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, np.integer)):
        raise ValueError(f"{name}: found {value!r}, need an integer in {low}..{high}")
    if not low <= value <= high:
        raise ValueError(f"{name}: found {value}, need {low}..{high}")
    return int(value)


@dataclass(frozen=True, eq=False)
class Layer:
    """Weights, activations and geometry of one layer, all integers.

    weights      int64 [K, C, R, S]; [K, C] is taken as R = S = 1
    activations  int64 [B, C, H, W]; [C, H, W], [C], and [B, C] beside weights [K, C] are taken too;
                 None for a layer that gets its inputs from the layer before it
    bias         int64 [K], in the scale of the accumulator; default zero
    stride, padding   same in both directions; padding is zeros
    shift, relu  output = requant(accumulator, shift, relu)

    Raises ValueError naming the field, what was found and what is needed.

    >>> layer = Layer([[1, 2, 0], [0, -1, 3]], [4, 5, 6], bias=[10, 0], shift=1, name="toy")
    >>> layer.weights.shape, layer.activations.shape, layer.out_shape
    ((2, 3, 1, 1), (1, 3, 1, 1), (1, 2, 1, 1))
    """

    weights: NDArray[np.int64]
    activations: NDArray[np.int64] | None = None
    stride: int = 1
    padding: int = 0
    bias: NDArray[np.int64] = None  # type: ignore[assignment]
    shift: int = 0
    relu: bool = True
    name: str = "layer"

    if TYPE_CHECKING:  # What becomes an array is taken, too; the fields are what it became.

        def __init__(
            self,
            weights: ArrayLike,
            activations: ArrayLike | None = None,
            stride: int = 1,
            padding: int = 0,
            bias: ArrayLike | None = None,
            shift: int = 0,
            relu: bool = True,
            name: str = "layer",
        ) -> None: ...

    def __post_init__(self) -> None:
        put = object.__setattr__
        weights = _integers("weights", self.weights)
        matrix = weights.ndim == 2
        if matrix:
            weights = weights[:, :, None, None]
        if weights.ndim != 4:
            raise ValueError(f"weights: found shape {weights.shape}, need [K, C] or [K, C, R, S]")
        if weights.size == 0:
            raise ValueError(f"weights: found shape {weights.shape}, need at least 1 of each axis")
        put(self, "weights", weights)
        put(self, "stride", _scalar("stride", self.stride, 1, 1 << 16))
        put(self, "padding", _scalar("padding", self.padding, 0, 1 << 16))
        put(self, "shift", _scalar("shift", self.shift, 0, 61))
        put(self, "relu", bool(self.relu))
        if self.bias is None:
            put(self, "bias", _integers("bias", np.zeros(weights.shape[0], dtype=np.int64)))
        else:
            bias = _integers("bias", self.bias)
            if bias.shape != weights.shape[:1]:
                raise ValueError(f"bias: found shape {bias.shape}, need [{weights.shape[0]}]")
            if not fits(bias, 62):
                raise ValueError("bias: found a value beyond 62 bits")
            put(self, "bias", bias)
        if self.activations is not None:
            put(self, "activations", self._activations(self.activations, matrix))

    def _activations(self, given: ArrayLike, matrix: bool) -> NDArray[np.int64]:
        """Activations as [B, C, H, W], checked against the weights."""
        acts = _integers("activations", given)
        found = acts.shape
        if acts.ndim == 1:
            acts = acts[None, :, None, None]
        elif acts.ndim == 2 and matrix:
            acts = acts[:, :, None, None]
        elif acts.ndim == 3:
            acts = acts[None]
        if acts.ndim != 4:
            raise ValueError(
                f"activations: found shape {found}, need [C], [C, H, W], [B, C, H, W]"
                " (or [B, C] beside weights [K, C])"
            )
        if acts.size == 0:
            raise ValueError(f"activations: found shape {found}, need at least 1 of each axis")
        _, channels, rows, cols = self.weights.shape
        if acts.shape[1] != channels:
            raise ValueError(
                f"activations: found {acts.shape[1]} channels (shape {found}), "
                f"need {channels} as in weights {self.weights.shape}"
            )
        for axis, size, need in (("height", acts.shape[2], rows), ("width", acts.shape[3], cols)):
            if size + 2 * self.padding < need:
                raise ValueError(
                    f"activations: found {axis} {size} with padding {self.padding}, "
                    f"need at least the filter's {need}"
                )
        return acts

    @property
    def inputs(self) -> NDArray[np.int64]:
        """``activations``; ValueError where they come from the layer before."""
        if self.activations is None:
            raise ValueError(f"activations: layer '{self.name}' has none")
        return self.activations

    @property
    def in_size(self) -> int:
        """Inputs of one output: C * R * S."""
        return int(np.prod(self.weights.shape[1:]))

    @property
    def batch(self) -> int:
        """Samples B (1 when the activations come from the layer before)."""
        return 1 if self.activations is None else int(self.activations.shape[0])

    @property
    def out_shape(self) -> tuple[int, int, int, int]:
        """(B, K, P, Q). A chained layer (activations None) has P = Q = 1."""
        filters, _, rows, cols = self.weights.shape
        if self.activations is None:
            return (1, filters, 1, 1)
        batch, _, height, width = self.activations.shape
        out_h = (height + 2 * self.padding - rows) // self.stride + 1
        out_w = (width + 2 * self.padding - cols) // self.stride + 1
        return (batch, filters, out_h, out_w)

    @property
    def weight_density(self) -> float:
        """Share of weights that are not zero."""
        return np.count_nonzero(self.weights) / self.weights.size

    @property
    def activation_density(self) -> float:
        """Share of activations that are not zero (nan for a chained layer)."""
        if self.activations is None:
            return float("nan")
        return np.count_nonzero(self.activations) / self.activations.size

    def with_activations(self, activations: ArrayLike | None) -> Layer:
        """The same layer on other inputs, any shape the constructor takes."""
        if activations is None:
            return replace(self, activations=None)
        acts = np.asarray(activations)
        if acts.ndim == 2 and self.weights.shape[2:] == (1, 1):
            acts = acts[:, :, None, None]
        return replace(self, activations=acts)
