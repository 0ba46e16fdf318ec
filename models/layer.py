"""One layer: the common input of every model, compiler and bench.

Axis names: B samples, K outputs (filters), C inputs (channels), R x S filter height and width,
H x W input height and width, P x Q output height and width. A fully connected layer has
R = S = H = W = P = Q = 1, a one-dimensional convolution R = H = P = 1. Of G groups each has C/G
inputs and K/G outputs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from models.fixed import fits

#: Along the height and along the width.
Pair = tuple[int, int]
#: Of padding: top, bottom, left, right.
Sides = tuple[int, int, int, int]
#: What is taken for either.
Counts = int | np.integer[Any] | Sequence[int] | NDArray[np.int64]
#: Largest stride, padding and dilation.
_MOST = 1 << 16


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


def _several(name: str, value: Any, axes: str, low: int) -> tuple[int, ...]:
    """One number for all of ``axes``, or one for each of them."""
    names = axes.split(", ")
    if isinstance(value, (list, tuple, np.ndarray)):
        parts = value.tolist() if isinstance(value, np.ndarray) else list(value)
        if len(parts) != len(names) or any(isinstance(one, (list, tuple)) for one in parts):
            raise ValueError(f"{name}: found {value!r}, need an integer or ({axes})")
        return tuple(_scalar(name, one, low, _MOST) for one in parts)
    return (_scalar(name, value, low, _MOST),) * len(names)


def pair(name: str, value: Counts) -> Pair:
    """A stride or dilation as (height, width).

    >>> pair("stride", 2), pair("stride", (2, 1))
    ((2, 2), (2, 1))
    """
    height, width = _several(name, value, "height, width", 1)
    return height, width


def sides(value: Counts) -> Sides:
    """A padding as (top, bottom, left, right).

    >>> sides(1), sides((0, 0, 3, 3))
    ((1, 1, 1, 1), (0, 0, 3, 3))
    """
    top, bottom, left, right = _several("padding", value, "top, bottom, left, right", 0)
    return top, bottom, left, right


#: What a stride, padding and dilation of the height is that moves nothing.
_STILL = {"stride": 1, "padding": 0, "dilation": 1}


def on_a_line(name: str, value: Any) -> Any:
    """Geometry of a one-dimensional convolution as that of one with H = 1: one number is that of
    the width, two of padding are (left, right); what is whole stays.

    >>> on_a_line("stride", 2), on_a_line("padding", 3), on_a_line("padding", (1, 0))
    ((1, 2), (0, 0, 3, 3), (0, 0, 1, 0))
    """
    still = _STILL[name]
    if not isinstance(value, (list, tuple, np.ndarray)):
        return (still, value) if name != "padding" else (still, still, value, value)
    return (still, still, *value) if name == "padding" and len(value) == 2 else value


@dataclass(frozen=True, eq=False)
class Layer:
    """Weights, activations and geometry of one layer, all integers.

    weights      int64 [K, C/G, R, S]; [K, C/G] is taken as R = S = 1, [K, C/G, S] as R = 1
    activations  int64 [B, C, H, W]; [C, H, W], [C], [B, C] beside weights [K, C], and [C, W] and
                 [B, C, W] beside weights [K, C/G, S] are taken too; None for a layer that gets its
                 inputs from the layer before it
    stride       (height, width), or one integer for both; of weights [K, C/G, S] that of the width
    padding      zeros (top, bottom, left, right), or one integer for all; beside weights
                 [K, C/G, S] one integer or (left, right)
    bias         int64 [K], in the scale of the accumulator; default zero
    shift, relu  output = requant(accumulator, shift, relu)
    dilation     (height, width) from tap to tap, or one integer for both
    groups       G: output k sees the C/G inputs of group ``k // (K/G)``; C for depthwise

    Raises ValueError naming the field, what was found and what is needed.

    >>> layer = Layer([[1, 2, 0], [0, -1, 3]], [4, 5, 6], bias=[10, 0], shift=1, name="toy")
    >>> layer.weights.shape, layer.activations.shape, layer.out_shape
    ((2, 3, 1, 1), (1, 3, 1, 1), (1, 2, 1, 1))
    >>> weights = np.ones((4, 1, 2, 2), dtype=int)
    >>> same = Layer(weights, np.ones((4, 5, 5), dtype=int), padding=(0, 1, 0, 1), groups=4)
    >>> same.out_shape, same.padding, same.stride
    ((1, 4, 5, 5), (0, 1, 0, 1), (1, 1))
    """

    weights: NDArray[np.int64]
    activations: NDArray[np.int64] | None = None
    stride: Pair = (1, 1)
    padding: Sides = (0, 0, 0, 0)
    bias: NDArray[np.int64] = None  # type: ignore[assignment]
    shift: int = 0
    relu: bool = True
    name: str = "layer"
    dilation: Pair = (1, 1)
    groups: int = 1

    if TYPE_CHECKING:  # What becomes an array or a pair is taken, too; the fields are what it is.

        def __init__(
            self,
            weights: ArrayLike,
            activations: ArrayLike | None = None,
            stride: Counts = 1,
            padding: Counts = 0,
            bias: ArrayLike | None = None,
            shift: int = 0,
            relu: bool = True,
            name: str = "layer",
            dilation: Counts = 1,
            groups: int = 1,
        ) -> None: ...

    def __post_init__(self) -> None:
        put = object.__setattr__
        weights = _integers("weights", self.weights)
        axes = weights.ndim
        if axes == 2:
            weights = weights[:, :, None, None]
        elif axes == 3:
            weights = weights[:, :, None, :]
            for name in _STILL:
                put(self, name, on_a_line(name, getattr(self, name)))
        if weights.ndim != 4:
            raise ValueError(
                f"weights: found shape {weights.shape}, need [K, C], [K, C, S] or [K, C, R, S]"
            )
        if weights.size == 0:
            raise ValueError(f"weights: found shape {weights.shape}, need at least 1 of each axis")
        put(self, "weights", weights)
        put(self, "stride", pair("stride", self.stride))
        put(self, "padding", sides(self.padding))
        put(self, "dilation", pair("dilation", self.dilation))
        put(self, "groups", _scalar("groups", self.groups, 1, len(weights)))
        if len(weights) % self.groups:
            raise ValueError(
                f"groups: found {self.groups} beside {len(weights)} outputs, need a divisor of them"
            )
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
            put(self, "activations", self._activations(self.activations, axes))

    def _activations(self, given: ArrayLike, axes: int) -> NDArray[np.int64]:
        """Activations as [B, C, H, W], checked against the weights, which came with ``axes``."""
        acts = _integers("activations", given)
        found = acts.shape
        if acts.ndim == 1:
            acts = acts[None, :, None, None]
        elif acts.ndim == 2 and axes == 2:
            acts = acts[:, :, None, None]
        elif acts.ndim == 2 and axes == 3:
            acts = acts[None, :, None, :]
        elif acts.ndim == 3:
            acts = acts[:, :, None, :] if axes == 3 else acts[None]
        if acts.ndim != 4:
            raise ValueError(
                f"activations: found shape {found}, need [C], [C, H, W], [B, C, H, W]"
                " ([B, C] beside weights [K, C]; [C, W], [B, C, W] beside [K, C, S])"
            )
        if acts.size == 0:
            raise ValueError(f"activations: found shape {found}, need at least 1 of each axis")
        if acts.shape[1] != self.channels:
            times = f" in {self.groups} groups" if self.groups > 1 else ""
            raise ValueError(
                f"activations: found {acts.shape[1]} channels (shape {found}), "
                f"need {self.channels} as in weights {self.weights.shape}{times}"
            )
        top, bottom, left, right = self.padding
        down, across = self.reach
        for axis, size, before, behind, need in (
            ("height", acts.shape[2], top, bottom, down),
            ("width", acts.shape[3], left, right, across),
        ):
            if size + before + behind < need:
                raise ValueError(
                    f"activations: found {axis} {size} with padding {before} and {behind}, "
                    f"need at least the filter's {need}"
                )
        return acts

    @property
    def channels(self) -> int:
        """Inputs C of all groups."""
        return int(self.weights.shape[1]) * self.groups

    @property
    def reach(self) -> Pair:
        """Height and width that a filter covers, from its first tap to its last."""
        rows, cols = self.weights.shape[2:]
        return (rows - 1) * self.dilation[0] + 1, (cols - 1) * self.dilation[1] + 1

    @property
    def inputs(self) -> NDArray[np.int64]:
        """``activations``; ValueError where they come from the layer before."""
        if self.activations is None:
            raise ValueError(f"activations: layer '{self.name}' has none")
        return self.activations

    @property
    def in_size(self) -> int:
        """Inputs of one output: C/G * R * S."""
        return int(np.prod(self.weights.shape[1:]))

    @property
    def batch(self) -> int:
        """Samples B (1 when the activations come from the layer before)."""
        return 1 if self.activations is None else int(self.activations.shape[0])

    @property
    def out_shape(self) -> tuple[int, int, int, int]:
        """(B, K, P, Q). A chained layer (activations None) has P = Q = 1."""
        filters = len(self.weights)
        if self.activations is None:
            return (1, filters, 1, 1)
        batch, _, height, width = self.activations.shape
        top, bottom, left, right = self.padding
        out_h = (height + top + bottom - self.reach[0]) // self.stride[0] + 1
        out_w = (width + left + right - self.reach[1]) // self.stride[1] + 1
        return (batch, filters, out_h, out_w)

    @property
    def plain(self) -> bool:
        """Whether its geometry is one that every design has of its own (``models/lower.py``):
        stride and padding the same on all sides, no dilation, one group.
        """
        return (
            self.groups == 1
            and self.reach == self.weights.shape[2:]
            and len(set(self.stride)) == 1
            and len(set(self.padding)) == 1
        )

    @property
    def step(self) -> int:
        """Stride of a layer of plain geometry; ValueError where it has none."""
        self._need_plain()
        return self.stride[0]

    @property
    def border(self) -> int:
        """Padding of a layer of plain geometry; ValueError where it has none."""
        self._need_plain()
        return self.padding[0]

    def _need_plain(self) -> None:
        if not self.plain:
            raise ValueError(
                f"layer: found stride {self.stride}, padding {self.padding}, dilation "
                f"{self.dilation}, groups {self.groups} in '{self.name}', need plain geometry here "
                "(Design.compile lowers it)"
            )

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
