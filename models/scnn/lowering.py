"""Layers as the machine takes them: stride 1, padding less than the kernel, samples as planes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.layer import Layer
from models.lower import space_to_depth, unpadded

Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Lowered:
    """A convolution of stride 1.

    weights   int64 [K, C, R, S]; acts: int64 [B, C, H, W]; bias: int64 [K]
    pad       (top, left), less than (R, S); size: (P, Q) of the output
    batched   the samples of a fully connected layer are the pixels of one plane: its (B, 1, 1)
    """

    weights: Ints
    acts: Ints
    bias: Ints
    pad: tuple[int, int]
    size: tuple[int, int]
    batched: int = 0

    @property
    def kernel(self) -> tuple[int, int]:
        """(R, S)."""
        return self.weights.shape[2], self.weights.shape[3]

    @property
    def domain(self) -> tuple[int, int]:
        """(height, width) of what is cut into tiles: input and output."""
        return (
            max(self.acts.shape[2], self.size[0]),
            max(self.acts.shape[3], self.size[1]),
        )


def lower(layer: Layer) -> Lowered:
    """A layer with its inputs as a convolution of stride 1 with the same results.

    A stride becomes channels (``space_to_depth``). Padding as large as the kernel becomes zeros of
    the plane, which cost nothing.
    """
    weights, acts = layer.weights, layer.inputs
    taps_r, taps_s = weights.shape[2:]
    _, _, rows, cols = layer.out_shape
    if acts.shape[2:] == (1, 1) and (taps_r, taps_s) == (1, 1) and layer.border == 0:
        return _fully_connected(layer)
    if layer.step > 1:
        made = space_to_depth(unpadded(layer), layer.stride)
        return Lowered(made.weights, made.inputs, layer.bias, (0, 0), (rows, cols))
    pad_t, pad_l = min(layer.border, taps_r - 1), min(layer.border, taps_s - 1)
    more_y, more_x = layer.border - pad_t, layer.border - pad_l
    if more_y or more_x:
        acts = np.pad(acts, ((0, 0), (0, 0), (more_y, more_y), (more_x, more_x)))
    return Lowered(weights, acts, layer.bias, (pad_t, pad_l), (rows, cols))


def _fully_connected(layer: Layer) -> Lowered:
    """Samples as the pixels of a plane, as square as can be."""
    batch, channels = layer.inputs.shape[:2]
    cols = int(np.ceil(np.sqrt(batch)))
    rows = -(-batch // cols)
    plane = np.zeros((channels, rows * cols), dtype=np.int64)
    plane[:, :batch] = layer.inputs[:, :, 0, 0].T
    plane = plane.reshape(1, channels, rows, cols)
    return Lowered(layer.weights, plane, layer.bias, (0, 0), (rows, cols), batch)


def sums_of(weights: Ints, plane: Ints) -> Ints:
    """Full convolution, exact: [K, C, R, S] over [C, H, W] -> int64 [K, H + R - 1, W + S - 1].

    Entry (y + R-1 - r, x + S-1 - s) has the product of pixel (y, x) and weight (r, s).
    """
    _, _, taps_r, taps_s = weights.shape
    channels, height, width = plane.shape
    found = np.zeros((len(weights), height + taps_r - 1, width + taps_s - 1))
    flat = plane.reshape(channels, -1).astype(np.float64)
    for r in range(taps_r):
        for s in range(taps_s):
            part = weights[:, :, r, s].astype(np.float64) @ flat
            down, right = taps_r - 1 - r, taps_s - 1 - s
            found[:, down : down + height, right : right + width] += part.reshape(-1, height, width)
    return np.rint(found).astype(np.int64)
