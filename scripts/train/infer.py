"""Integer inference of an embedded network: the arithmetic its quantized accuracy is measured in.

acc = sum(weight * x) + bias     exact, must fit 40 bits signed
y = saturate16(round_half_away_from_zero(acc / 2**shift)), then ReLU, then max pooling
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from models.networks import NetworkLayer

ACC_LIMIT = 2**39  # 40 bits signed
INT16_MIN, INT16_MAX = -(2**15), 2**15 - 1
CHUNK = 100  # images at a time, to bound memory


def fit_input(x: np.ndarray, layer: NetworkLayer) -> np.ndarray:
    """Flatten [N, C, H, W] to [N, C*H*W, 1, 1] when ``layer`` is fully connected."""
    if layer.weights.shape[2:] == (1, 1) and x.shape[1] != layer.weights.shape[1]:
        return x.reshape(len(x), -1, 1, 1)
    return x


def accumulate(layer: NetworkLayer, x: np.ndarray) -> np.ndarray:
    """Exact accumulators int64 [N, K, OH, OW] of int64 activations [N, C, H, W].

    Raises:
        OverflowError: an accumulator does not fit 40 bits signed.
    """
    pad = ((0, 0), (0, 0), (layer.padding, layer.padding), (layer.padding, layer.padding))
    x = np.pad(fit_input(x, layer), pad)
    # Sums of products of 16 bits are exact in float64, whose product is the faster one.
    weights = layer.weights.astype(np.float64)
    windows = np.lib.stride_tricks.sliding_window_view(x, weights.shape[2:], axis=(2, 3))
    seen = windows[:, :, :: layer.stride, :: layer.stride].transpose(0, 2, 3, 1, 4, 5)
    rows = seen.astype(np.float64).reshape(-1, weights[0].size)
    acc = (rows @ weights.reshape(len(weights), -1).T).astype(np.int64)
    acc = acc.reshape(*seen.shape[:3], -1) + layer.bias
    if acc.min() < -ACC_LIMIT or acc.max() >= ACC_LIMIT:
        worst = int(np.abs(acc).max())
        raise OverflowError(f"layer {layer.name}: accumulator {worst} does not fit 40 bits signed")
    return acc.transpose(0, 3, 1, 2)


def requantize(acc: np.ndarray, shift: int) -> np.ndarray:
    """Accumulators to int16 range: shift right, round half away from zero, saturate."""
    half = 1 << shift >> 1
    rounded = np.sign(acc) * ((np.abs(acc) + half) >> shift)
    return np.clip(rounded, INT16_MIN, INT16_MAX)


def max_pool(x: np.ndarray, side: int) -> np.ndarray:
    """Maximum of each ``side`` x ``side`` window of [N, K, H, W], step ``side``; rests dropped."""
    n, k, h, w = x.shape
    x = x[:, :, : h // side * side, : w // side * side]
    return x.reshape(n, k, h // side, side, w // side, side).max(axis=(3, 5))


def run_layer(layer: NetworkLayer, x: np.ndarray) -> np.ndarray:
    """Output int64 (int16 range) [N, K, PH, PW] of activations [N, C, H, W]."""
    out = requantize(accumulate(layer, x), layer.shift)
    if layer.relu:
        out = np.maximum(out, 0)
    return max_pool(out, layer.pool)


def first_input(images: np.ndarray, layer: NetworkLayer) -> np.ndarray:
    """uint8 [N, 28, 28] to the first layer's int64 [N, C, H, W]: pixels are used as they are."""
    return fit_input(images[:, None].astype(np.int64), layer)


def run_network(layers: Sequence[NetworkLayer], images: np.ndarray) -> np.ndarray:
    """Output int64 [N, 10] of uint8 images [N, 28, 28]."""
    outputs = []
    for start in range(0, len(images), CHUNK):
        x = first_input(images[start : start + CHUNK], layers[0])
        for layer in layers:
            x = run_layer(layer, x)
        outputs.append(x.reshape(len(x), -1))
    return np.concatenate(outputs)


def integer_accuracy(
    layers: Sequence[NetworkLayer], images: np.ndarray, labels: np.ndarray
) -> float:
    """Share of ``images`` whose largest output (the first, if several) is at the label."""
    return float((run_network(layers, images).argmax(axis=1) == labels).mean())
