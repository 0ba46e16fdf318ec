"""The dense truth: what every accelerator must answer, in exact integers.

``acc[b,k,p,q] = bias[k] + sum_{c,r,s} weights[k,c,r,s] * x[b, gC/G + c, p*SH + r*DH, q*SW + s*DW]``
with ``x`` the activations padded by zeros on each side, (SH, SW) the stride, (DH, DW) the dilation,
``g = k // (K/G)`` the group of the output; then ``requant(acc, shift, width, relu)``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from models.fixed import requant
from models.layer import Layer

#: float64 holds every integer below this, so a BLAS product whose sums stay below it is exact.
_EXACT = 1 << 53
#: Elements of the weight matrix turned to float64 at a time (bounds the memory of large layers).
_CHUNK = 1 << 22


def im2col(layer: Layer) -> NDArray[np.int64]:
    """Input vectors of a layer: int64 [B*P*Q, C*R*S], one row per output pixel.

    Row ``(b*P + p)*Q + q`` holds the C x R x S window of that pixel in the order of
    ``weights.reshape(K, C*R*S)``, so that ``acc = weights @ row``; of G groups each has its C/G
    channels of it (``by_group``).

    >>> layer = Layer([[[[1, 1], [1, 1]]]], [[[1, 2, 3], [4, 5, 6]]])
    >>> im2col(layer).tolist()
    [[1, 2, 4, 5], [2, 3, 5, 6]]
    """
    acts = layer.inputs
    top, bottom, left, right = layer.padding
    if any(layer.padding):
        acts = np.pad(acts, ((0, 0), (0, 0), (top, bottom), (left, right)))
    tiles = np.lib.stride_tricks.sliding_window_view(acts, layer.reach, axis=(2, 3))
    (down, across), (taps_down, taps_across) = layer.stride, layer.dilation
    tiles = tiles[:, :, ::down, ::across, ::taps_down, ::taps_across]  # [B, C, P, Q, R, S]
    batch, _, out_h, out_w = tiles.shape[:4]
    return tiles.transpose(0, 2, 3, 1, 4, 5).reshape(batch * out_h * out_w, -1)


def by_group(
    layer: Layer, vectors: NDArray[np.int64]
) -> Iterator[tuple[slice, NDArray[np.int64], NDArray[np.int64]]]:
    """What each group multiplies: (its outputs, weights int64 [K/G, N], vectors int64 [V, N]).

    vectors  of ``im2col``
    """
    outputs, size = len(layer.weights) // layer.groups, layer.in_size
    matrix = layer.weights.reshape(-1, size)
    for group in range(layer.groups):
        mine = slice(group * outputs, (group + 1) * outputs)
        yield mine, matrix[mine], vectors[:, group * size : (group + 1) * size]


def _peak(values: NDArray[np.int64]) -> int:
    return max(abs(int(values.min())), abs(int(values.max())))


def matmul(matrix: NDArray[np.int64], vectors: NDArray[np.int64]) -> NDArray[np.int64]:
    """Exact ``vectors @ matrix.T``: matrix [K, N], vectors [V, N] -> int64 [V, K].

    Uses BLAS in float64 when no partial sum can reach 2**53, int64 arithmetic otherwise.
    Raises OverflowError when a sum could leave int64.
    """
    # Inputs that are zero in every vector add nothing: leave them out.
    live = np.flatnonzero(vectors.any(axis=0))
    vectors = np.ascontiguousarray(vectors[:, live])
    result = np.zeros((vectors.shape[0], matrix.shape[0]), dtype=np.int64)
    if live.size == 0:
        return result
    bound = _peak(matrix) * _peak(vectors) * live.size
    if bound >= 1 << 63:
        raise OverflowError(f"a sum of {live.size} products could reach {bound}, above 2**63")
    exact = bound < _EXACT
    operand = vectors.astype(np.float64) if exact else vectors
    step = max(1, _CHUNK // live.size)
    for first in range(0, matrix.shape[0], step):
        block = matrix[first : first + step][:, live]
        if exact:
            product = operand @ block.astype(np.float64).T
            result[:, first : first + step] = np.rint(product).astype(np.int64)
        else:
            result[:, first : first + step] = operand @ block.T
    return result


def accumulate(layer: Layer) -> NDArray[np.int64]:
    """Accumulators int64 [B, K, P, Q], bias included, before ``requant``.

    >>> accumulate(Layer([[1, 2, 0], [0, -1, 3]], [4, 5, 6], bias=[10, 0])).ravel().tolist()
    [24, 13]
    """
    batch, filters, out_h, out_w = layer.out_shape
    vectors = im2col(layer)
    acc = np.empty((len(vectors), filters), dtype=np.int64)
    for mine, matrix, seen in by_group(layer, vectors):
        acc[:, mine] = matmul(matrix, seen)
    acc += layer.bias
    return acc.reshape(batch, out_h, out_w, filters).transpose(0, 3, 1, 2).copy()


def golden(layer: Layer, act_width: int = 16) -> NDArray[np.int64]:
    """Outputs int64 [B, K, P, Q] of one layer.

    >>> golden(Layer([[1, 2, 0], [0, -1, 3]], [4, 5, 6], bias=[10, 0], shift=1)).ravel().tolist()
    [12, 7]
    """
    return requant(accumulate(layer), layer.shift, act_width, layer.relu)


def chain(
    layers: Sequence[Layer], act_width: int = 16
) -> Iterator[tuple[Layer, NDArray[np.int64]]]:
    """Run layers one behind the other: yields (layer with its inputs filled in, its outputs).

    ``layers[0]`` holds the inputs. A layer whose ``activations`` are None takes the outputs of the
    layer before it, flattened to [B, K*P*Q, 1, 1] when its filters are 1 x 1 on that many inputs.
    """
    outputs: NDArray[np.int64] | None = None
    for layer in layers:
        if layer.activations is None:
            if outputs is None:
                raise ValueError(f"activations: layer '{layer.name}' is first and has none")
            if layer.weights.shape[1:] == (outputs[0].size, 1, 1):
                outputs = outputs.reshape(outputs.shape[0], -1, 1, 1)
            layer = layer.with_activations(outputs)
        outputs = golden(layer, act_width)
        yield layer, outputs


def golden_chain(layers: Sequence[Layer], act_width: int = 16) -> list[NDArray[np.int64]]:
    """Outputs of every layer of a chain (see ``chain``)."""
    return [outputs for _, outputs in chain(layers, act_width)]
