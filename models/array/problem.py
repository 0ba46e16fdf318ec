"""A layer as the systolic array sees it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.layer import Layer

Ints = NDArray[np.int64]
Span = tuple[int, int]  # first, last + 1


@dataclass(frozen=True, eq=False)
class Lowered:
    """A layer as the array sees it.

    weights  int64 [K, C, R, S]; acts int64 [B, C, H, W]; bias int64 [K], None when all zero
    batched  a fully connected layer: B = 1 and the samples are the W pixels of a row
    name     of the layer, for messages
    """

    weights: Ints
    acts: Ints
    bias: Ints | None
    stride: int
    padding: int
    batched: bool
    name: str = "layer"

    @property
    def out_size(self) -> tuple[int, int]:
        """(P, Q)."""
        height, width = self.acts.shape[2:]
        rows, cols = self.weights.shape[2:]
        return (
            (height + 2 * self.padding - rows) // self.stride + 1,
            (width + 2 * self.padding - cols) // self.stride + 1,
        )


def problem_of(layer: Layer, bias: Ints | None = None) -> Lowered:
    """The layer, not checked; ``bias``: as the build takes it.

    A layer with one output pixel that needs all of an unpadded input is fully connected. Raises
    ValueError where it has no activations.
    """
    weights, acts = layer.weights, layer.activations
    if acts is None:
        raise ValueError(f"activations: layer '{layer.name}' has none")
    if layer.border == 0 and weights.shape[2:] == acts.shape[2:]:
        weights = weights.reshape(weights.shape[0], -1, 1, 1)
        samples = acts.reshape(acts.shape[0], -1).T[None, :, None, :]
        return Lowered(weights, samples, bias, 1, 0, True, layer.name)
    return Lowered(weights, acts, bias, layer.step, layer.border, False, layer.name)
