"""Pruning, weight sharing and the step to integers, after Han et al., "Deep Compression" (2016)."""

from __future__ import annotations

import io
import math
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.networks import CODEBOOK_SIZE, NetworkLayer
from scripts.train.infer import CHUNK, accumulate, first_input, run_layer
from scripts.train.math import MANTISSA, POOL, Layer, on_grid

SHARED = CODEBOOK_SIZE - 1  # entry 0 is the pruned weight
FIXED = 32  # fraction bits in which k-means adds up weights, so that its sums are exact
INPUT_SCALE_BITS = 8  # training sees pixel / 256
OUTPUT_LIMIT = 2**14  # one bit below int16: room for digits larger than the calibration's


def prune(layer: Layer, density: float) -> None:
    """Keep the ``density`` of the weights with the largest magnitude; ties by position."""
    keep = round(density * layer.weight.size)
    order = np.argsort(-np.abs(layer.weight), axis=None, kind="stable")
    layer.mask = np.zeros_like(layer.weight)
    layer.mask.flat[order[:keep]] = 1.0
    layer.weight *= layer.mask


def initial_centroids(values: np.ndarray) -> np.ndarray:
    """Linear initialisation over sorted ``values``, on each side of the gap pruning leaves.

    A centroid inside the gap would never own a weight; sides share the 15 by their span.
    """
    sides = [side for side in (values[values < 0], values[values > 0]) if side.size]
    if len(sides) == 1:
        return np.linspace(values[0], values[-1], SHARED)
    span = [float(side[-1] - side[0]) for side in sides]
    negative = min(max(round(SHARED * span[0] / (span[0] + span[1])), 1), SHARED - 1)
    counts = (negative, SHARED - negative)
    return np.concatenate([np.linspace(s[0], s[-1], n) for s, n in zip(sides, counts, strict=True)])


def kmeans(values: np.ndarray, rounds: int = 100) -> np.ndarray:
    """15 ascending centroids of 1-D ``values`` by Lloyd's algorithm, until nothing moves."""
    fixed = np.sort(np.rint(values * 2.0**FIXED).astype(np.int64))
    total = np.concatenate([[0], np.cumsum(fixed)])
    centroids = initial_centroids(fixed * 2.0**-FIXED)
    for _ in range(rounds):
        middle = np.rint((centroids[1:] + centroids[:-1]) * 2.0 ** (FIXED - 1)).astype(np.int64)
        edges = np.concatenate([[0], np.searchsorted(fixed, middle), [fixed.size]])
        count = np.diff(edges)
        mean = np.diff(total[edges]) / np.maximum(count, 1) * 2.0**-FIXED
        moved = np.where(count > 0, mean, centroids)
        if np.array_equal(moved, centroids):
            break
        centroids = moved
    return centroids


def share_weights(layer: Layer) -> None:
    """Replace each surviving weight by the nearest of 15 shared values; index 0 stays 0."""
    alive = layer.mask > 0
    centroids = kmeans(layer.weight[alive])
    middle = (centroids[1:] + centroids[:-1]) * 0.5
    layer.codes = np.zeros(layer.weight.shape, dtype=np.uint8)
    layer.codes[alive] = 1 + np.searchsorted(middle, layer.weight[alive])
    layer.book = np.concatenate([[0.0], centroids])
    layer.weight = layer.book[layer.codes]


def shared_gradient(layer: Layer, grad: np.ndarray) -> np.ndarray:
    """Gradient [entries] of the codebook: the sum over the weights that share an entry."""
    assert layer.codes is not None and layer.book is not None
    grad = on_grid(grad, MANTISSA - grad.size.bit_length())
    return np.bincount(layer.codes.ravel(), weights=grad.ravel(), minlength=layer.book.size)


def canonical(layer: Layer, below: Layer | None) -> np.ndarray:
    """Codes [K, C, R, S] (or [K, C]) from the training order of the weights."""
    assert layer.codes is not None
    if not layer.kernel:
        return np.ascontiguousarray(layer.codes.T)
    channels = 1 if below is None else below.weight.shape[1]
    shape = (layer.kernel, layer.kernel, channels, -1)
    return np.ascontiguousarray(layer.codes.reshape(shape).transpose(3, 2, 0, 1))


def integer_codebook(book: np.ndarray) -> tuple[np.ndarray, int]:
    """Codebook int16 [16] that uses all 16 bits, and its fraction bits.

    Raises:
        ValueError: a shared weight became 0, which would look pruned.
    """
    top = float(np.abs(book).max())
    bits = 15 - math.frexp(top)[1]
    if round(top * 2.0**bits) > 2**15 - 1:
        bits -= 1
    codebook = np.rint(book * 2.0**bits).astype(np.int16)
    if not codebook[1:].all():
        raise ValueError(f"codebook entry rounds to 0: {book.tolist()}, allowed: entry 0 only")
    return codebook, bits


@dataclass(frozen=True, eq=False)
class IntegerWeights:
    """Weights [K, C, R, S] of a layer as integers: the real ones times 2**bits; their codes."""

    weights: np.ndarray
    codes: np.ndarray
    codebook: np.ndarray
    bits: int


def shared_weights(layer: Layer, below: Layer | None) -> IntegerWeights:
    """Those of a layer with one codebook."""
    assert layer.book is not None
    codebook, bits = integer_codebook(layer.book)
    codes = canonical(layer, below)
    codes = codes.reshape(codes.shape + (1,) * (4 - codes.ndim))
    return IntegerWeights(codebook[codes], codes, codebook, bits)


def to_integers(
    layers: list[Layer],
    images: np.ndarray,
    weights_of: Callable[[Layer, Layer | None], IntegerWeights] = shared_weights,
) -> list[NetworkLayer]:
    """Integer network; shifts are chosen on ``images`` uint8 [N, 28, 28] (training digits).

    Every scale is a power of two: an activation's integer is its real value times 2**bits.
    ``weights_of`` a layer and the one below it (None: the first).
    """
    result: list[NetworkLayer] = []
    bits, below = INPUT_SCALE_BITS, None
    inputs: list[np.ndarray] = [images[i : i + CHUNK] for i in range(0, len(images), CHUNK)]
    for layer in layers:
        made = weights_of(layer, below)
        draft = NetworkLayer(
            name=layer.name,
            weights=made.weights,
            bias=np.rint(layer.bias * 2.0 ** (bits + made.bits)).astype(np.int64),
            stride=1,
            padding=0,
            shift=0,
            relu=layer.relu,
            pool=POOL if layer.pool else 1,
            codes=made.codes,
            codebook=made.codebook,
        )
        if not result:
            inputs = [first_input(chunk, draft) for chunk in inputs]
        largest = max(int(np.abs(accumulate(draft, chunk)).max()) for chunk in inputs)
        shift = max((largest - 1).bit_length() - OUTPUT_LIMIT.bit_length() + 1, 0)
        final = NetworkLayer(**{**vars(draft), "shift": shift})
        inputs = [run_layer(final, chunk) for chunk in inputs]
        result.append(final)
        bits, below = bits + made.bits - shift, layer
    return result


def layer_fields(index: int, layer: NetworkLayer) -> dict[str, np.ndarray]:
    """The arrays of one layer, as stored; a bias beyond int32 is refused.

    Raises:
        ValueError: a bias does not fit int32.
    """
    if np.abs(layer.bias).max() >= 2**31:
        raise ValueError(f"l{index}_bias is {np.abs(layer.bias).max()}, allowed: int32")
    dense = layer.codes.shape[2:] == (1, 1)
    fields = {
        "name": np.array(layer.name),
        "codes": layer.codes[:, :, 0, 0] if dense else layer.codes,
        "codebook": layer.codebook,
        "bias": layer.bias.astype(np.int32),
        "shift": np.array(layer.shift, dtype=np.int32),
        "relu": np.array(layer.relu),
        "stride": np.array(layer.stride, dtype=np.int32),
        "padding": np.array(layer.padding, dtype=np.int32),
        "pool": np.array(layer.pool, dtype=np.int32),
    }
    return {f"l{index}_{key}": value for key, value in fields.items()}


def save(path: Path, fields: dict[str, np.ndarray]) -> None:
    """Write an .npz whose bytes depend on its arrays alone (numpy's own carries the time)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        for key, value in fields.items():
            buffer = io.BytesIO()
            np.lib.format.write_array(buffer, np.ascontiguousarray(value).reshape(value.shape))
            info = zipfile.ZipInfo(f"{key}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system = 3  # the same on every platform
            archive.writestr(info, buffer.getvalue(), compresslevel=9)
