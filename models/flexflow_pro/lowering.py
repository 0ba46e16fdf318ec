"""Layers as the array takes them: lines of slices, each slice a value of every piece.

Kind "rows": a piece is a channel at a row of the kernel, a line a row of the output, a slice a
column of the input, a window as many slices as the kernel has columns. Kind "taps": a piece is a
channel at a tap, a slice an output pixel, all pixels are one line and a window is one slice.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from models.array.lowering import lower as checked
from models.array.problem import Lowered, problem_of
from models.checks import check_activations
from models.flexflow_pro.config import FlexflowProConfig
from models.layer import Layer

Ints = NDArray[np.int64]
Loads = NDArray[np.float32]

#: Output maps looked at a time.
_PART = 64


def thinned(layer: Layer, config: FlexflowProConfig) -> Layer:
    """The layer that is computed: values that are at most as large as their threshold are 0.

    >>> config = FlexflowProConfig(act_threshold=2, wgt_threshold=1)
    >>> layer = thinned(Layer([[3, -1]], [2, 5]), config)
    >>> layer.weights.ravel().tolist(), layer.inputs.ravel().tolist()
    ([3, 0], [0, 5])
    """
    weights, acts = layer.weights, layer.activations
    if config.wgt_threshold:
        weights = np.where(np.abs(weights) > config.wgt_threshold, weights, 0)
    if config.act_threshold and acts is not None:
        acts = np.where(np.abs(acts) > config.act_threshold, acts, 0)
    return replace(layer, weights=weights, activations=acts)


def lower(layer: Layer, config: FlexflowProConfig) -> Lowered:
    """The layer without tiny weights, with all activations, checked against the build.

    ValueError on what the build cannot hold.
    """
    small = thinned(layer, config)
    low = checked(small, config)
    check_activations(layer, layer.inputs, config.act_width)
    return replace(low, acts=problem_of(small.with_activations(layer.activations)).acts)


@dataclass(frozen=True, eq=False)
class Problem:
    """A layer cut into pieces.

    kernels  int64 [K, pieces, TAPS]; bias: int64 [K], None when all zero
    stride   slices from a pixel to the next, at most TAPS
    lines, pixels, slices   lines, and pixels and slices of each
    density  [pieces], share of activations that are live
    image    int64 [any], piece_at [pieces], slice_at [lines, slices]: the value of a piece in a
             slice is ``image[piece_at + slice_at]``
    """

    kernels: Ints
    bias: Ints | None
    stride: int
    pixels: int
    density: Loads
    image: Ints
    piece_at: Ints
    slice_at: Ints

    @classmethod
    def of(cls, low: Lowered, kind: str, threshold: int = 0) -> Problem:
        """``low`` in pieces of a kind; ``threshold`` of activations."""
        filters, channels, rows, cols = low.weights.shape
        out_h, out_w = low.out_size
        pad, step, batch = low.padding, low.stride, len(low.acts)
        image = np.pad(low.acts, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
        plane = image.shape[2] * image.shape[3]
        corner = np.arange(batch)[:, None] * channels * plane
        corner = corner + np.arange(out_h) * step * image.shape[3]  # [B, P]
        taps = np.arange(rows)[:, None] * image.shape[3] + np.arange(cols)
        density = (np.abs(low.acts) > threshold).mean(axis=(0, 2, 3))
        if kind == "rows":
            pitch = min(step, cols)
            at = np.arange((out_w - 1) * pitch + cols)
            slice_at = corner.reshape(-1, 1) + at // pitch * step + at % pitch
            kernels, tap_at, pixels = low.weights.reshape(filters, -1, cols), taps[:, 0], out_w
        else:
            pitch = 1
            slice_at = (corner[..., None] + np.arange(out_w) * step).reshape(1, -1)
            kernels, tap_at = low.weights.reshape(filters, -1, 1), taps.ravel()
            pixels = slice_at.size
        piece_at = (np.arange(channels)[:, None] * plane + tap_at).ravel()
        each = np.repeat(density, tap_at.size).astype(np.float32)
        return cls(kernels, low.bias, pitch, pixels, each, image.ravel(), piece_at, slice_at)

    @property
    def pieces(self) -> int:
        """Pieces of a slice, all columns and passes together."""
        return len(self.piece_at)

    @property
    def taps(self) -> int:
        """TAPS."""
        return self.kernels.shape[2]

    @property
    def lines(self) -> int:
        """Lines of the layer."""
        return len(self.slice_at)

    def values(self, pieces: Ints, lines: slice, slices: range) -> Ints:
        """Values of pieces (-1: none) in some slices: int64 [*pieces, lines, slices]; 0 behind the
        last slice.
        """
        there = self.slice_at[lines, slices.start : slices.stop]
        at = self.piece_at[np.maximum(pieces, 0)][..., None, None]
        found = np.where((pieces >= 0)[..., None, None], self.image[at + there], 0)
        missing = len(slices) - there.shape[1]
        return np.pad(found, [*((0, 0),) * (found.ndim - 1), (0, missing)]) if missing else found

    def weights(self, maps: Ints, pieces: Ints) -> Ints:
        """Weights of maps and pieces (-1: none): int64 [*maps, *pieces, TAPS]."""
        every = maps.reshape(*maps.shape, *(1 for _ in pieces.shape))
        found = self.kernels[np.maximum(every, 0), np.maximum(pieces, 0)]
        return np.where(((every >= 0) & (pieces >= 0))[..., None], found, 0)

    def load(self, maps: Ints) -> Loads:
        """Pairs of a pixel that are to be expected: [maps, pieces]."""
        live = np.count_nonzero(self.kernels[maps], axis=2).astype(np.float32)
        return live * self.density

    @cached_property
    def by_load(self) -> Ints:
        """Output maps, those with most pairs first."""
        filters = len(self.kernels)
        parts = [np.arange(at, min(at + _PART, filters)) for at in range(0, filters, _PART)]
        loads = [self.load(part).sum(axis=1, dtype=np.float64) for part in parts]
        return np.argsort(-np.concatenate(loads), kind="stable")
