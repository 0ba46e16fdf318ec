"""Layers as the cores take them: a grid of slices, each slice a value of every piece.

Kind "channels": a piece is an input channel, a slice a pixel of the input with its border, an
output needs the slices of its window. Kind "rows": a piece is a channel at a row of the kernel, a
line of slices belongs to a line of the output, and an output needs as many of them as the kernel
has columns. Kind "taps": a piece is a channel at a tap, a slice an output pixel.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.array.problem import Lowered
from models.cambricon_se import registers
from models.cambricon_se.config import KINDS

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Block:
    """Outputs of a pass: a sample (kind "channels"), lines and pixels of it, [first, last)."""

    sample: int
    lines: tuple[int, int]
    pixels: tuple[int, int]

    @property
    def size(self) -> tuple[int, int]:
        """(P, Q)."""
        return self.lines[1] - self.lines[0], self.pixels[1] - self.pixels[0]


@dataclass(frozen=True, eq=False)
class Problem:
    """A layer cut into pieces.

    kernels  int64 [K, TR, TS, pieces]; bias: int64 [K], None when all zero
    step     slices from an output to the next, down and across
    out      (samples, lines, pixels) of the outputs; in the order of these they are (B, P, Q)
    image    int64 [any], piece_at [pieces], slice_at [samples, lines, slices]: the value of a piece
             in a slice is ``image[piece_at + slice_at]``
    """

    kind: str
    kernels: Ints
    bias: Ints | None
    step: tuple[int, int]
    out: tuple[int, int, int]
    image: Ints
    piece_at: Ints
    slice_at: Ints

    @classmethod
    def of(cls, low: Lowered, kind: str) -> Problem:
        """``low`` in pieces of a kind."""
        filters, channels, rows, cols = low.weights.shape
        out_h, out_w = low.out_size
        pad, step, batch = low.padding, low.stride, len(low.acts)
        image = np.pad(low.acts, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
        height, width = image.shape[2:]
        first = np.arange(batch)[:, None] * channels * height * width
        taps = np.arange(rows)[:, None] * width + np.arange(cols)
        by_channel = np.arange(channels)[:, None] * height * width
        kernels = low.weights.transpose(0, 2, 3, 1)
        if kind == "channels":
            grid = np.arange(height)[:, None] * width + np.arange(width)
            slice_at, piece_at = first[..., None] + grid, by_channel[:, 0]
            steps, out = (step, step), (batch, out_h, out_w)
        elif kind == "rows":
            corner = first + np.arange(out_h) * step * width
            pitch = min(step, cols)
            at = np.arange((out_w - 1) * pitch + cols)
            pixel = np.minimum(at // pitch, out_w - 1)
            slice_at = corner.reshape(1, -1, 1) + pixel * step + at - pixel * pitch
            piece_at = (by_channel + taps[:, 0]).ravel()
            kernels = low.weights.reshape(filters, 1, -1, cols).transpose(0, 1, 3, 2)
            steps, out = (1, pitch), (1, batch * out_h, out_w)
        else:
            corner = first + np.arange(out_h) * step * width
            slice_at = (corner[..., None] + np.arange(out_w) * step).reshape(1, 1, -1)
            piece_at = (by_channel + taps.ravel()).ravel()
            kernels = low.weights.reshape(filters, 1, 1, -1)
            steps, out = (1, 1), (1, 1, slice_at.size)
        return cls(kind, kernels, low.bias, steps, out, image.ravel(), piece_at, slice_at)

    @property
    def pieces(self) -> int:
        """Pieces of a slice."""
        return len(self.piece_at)

    @property
    def taps(self) -> tuple[int, int]:
        """(TR, TS)."""
        return self.kernels.shape[1], self.kernels.shape[2]

    def needs(self, size: tuple[int, int]) -> tuple[int, int]:
        """Lines and slices that (P, Q) outputs need."""
        down, across = ((n - 1) * s for n, s in zip(size, self.step, strict=True))
        return down + self.taps[0], across + self.taps[1]

    def placed(self, size: tuple[int, int]) -> tuple[int, int]:
        """(H, W) of the block of (P, Q) outputs. Where outputs are apart across alone, its lines
        are cut into as many as they are apart.
        """
        lines, slices = self.needs(size)
        down, across = self.step
        return (lines, slices) if down == across else (lines * across, -(-slices // across))

    def values(self, pieces: Ints, block: Block) -> Ints:
        """Values of pieces (-1: none) in the block: int64 [H, W, *pieces]; 0 behind a line."""
        lines, slices = self.needs(block.size)
        down, across = block.lines[0] * self.step[0], block.pixels[0] * self.step[1]
        there = self.slice_at[block.sample, down : down + lines, across : across + slices]
        found = self.image[there[..., None] + self.piece_at[np.maximum(pieces, 0)].ravel()]
        found = np.where((pieces >= 0).ravel(), found, 0)
        height, width = self.placed(block.size)
        missing = height * width // lines - slices
        if missing:
            found = np.pad(found, ((0, 0), (0, missing), (0, 0)))
        return found.reshape(height, width, *pieces.shape)


def kinds(low: Lowered, only: str = "") -> list[str]:
    """Kinds that differ for the layer and that the registers can name; ``only``: not the others, if
    the layer has it.
    """
    rows, cols = low.weights.shape[2:]
    found = list(KINDS)
    if low.stride > registers.KERNEL_STRIDE.most:
        found = ["taps"]
    elif (rows, cols) == (1, 1):
        found = ["channels"] if low.stride == 1 else ["taps"]
    elif 1 in (rows, cols):
        found.remove("rows")
    return [only] if only in found else found
