"""Shared weights by k-means, after Han et al., "Deep Compression", ICLR 2016, section 3."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.cluster.vq import kmeans2, vq

from models.quantization.uniform import quantize_fixed

#: Weights the centroids are fitted on; more do not move them.
_SAMPLE = 1 << 18
_ITERATIONS = 30


def codebook(
    weights: ArrayLike, bits: int = 4, seed: int = 0
) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
    """(codes uint8 of the shape of ``weights``, centroids float64 [2**bits]).

    Entry 0 is exactly zero and stands for zero weights alone: a zero stays zero, a non-zero weight
    gets one of the other entries, ascending and not zero. Entries that are not needed are zero.
    Centroids start evenly between the extremes and are fitted to a sample of at most 2**18 weights
    drawn by ``seed``; up to ``2**bits - 1`` different values are kept exactly.

    >>> codes, centroids = codebook([0.0, 0.5, -1.0, 0.5], bits=2)
    >>> codes.tolist(), centroids.tolist()
    ([0, 2, 1, 2], [0.0, -1.0, 0.5, 0.0])

    Raises ValueError on bits outside 1..8, NaN or infinity.
    """
    if not 1 <= bits <= 8:
        raise ValueError(f"bits: found {bits}, allowed 1..8")
    values = np.asarray(weights, dtype=np.float64)
    if not np.isfinite(values).all():
        raise ValueError("weights: found NaN or infinity")
    entries = (1 << bits) - 1
    centroids = np.zeros(entries + 1)
    codes = np.zeros(values.shape, dtype=np.uint8)
    live = values[values != 0]
    if live.size == 0:
        return codes, centroids
    found = _fit(live, entries, seed)
    centroids[1 : found.size + 1] = found
    codes[values != 0] = vq(live[:, None], found[:, None])[0] + 1
    return codes, centroids


def _fit(live: NDArray[np.float64], entries: int, seed: int) -> NDArray[np.float64]:
    """At most ``entries`` centroids of non-zero values, ascending, different, none zero."""
    sample = live
    if live.size > _SAMPLE:
        sample = np.random.default_rng(seed).choice(live, _SAMPLE, replace=False)
        sample[:2] = live.min(), live.max()  # the extremes place the first centroids
    distinct = np.unique(sample)
    if distinct.size <= entries:
        # A sample can miss values only where there are far more than entries: fit on all then.
        everything = distinct if sample is live else np.unique(live)
        if everything.size <= entries:
            return everything
        sample = live
    start = np.linspace(sample.min(), sample.max(), entries)
    with warnings.catch_warnings():
        # An empty cluster keeps its centroid and is dropped below: nothing to warn of.
        warnings.filterwarnings("ignore", message="One of the clusters is empty")
        centroids, labels = kmeans2(
            sample[:, None], start[:, None], iter=_ITERATIONS, minit="matrix", missing="warn"
        )
    used = np.unique(labels)
    result = np.unique(centroids[used, 0])
    # A cluster of both signs may average to zero, which is taken.
    return result[result != 0] if (result != 0).any() else np.array([live[0]])


@dataclass(frozen=True, eq=False)
class Quantized:
    """Weights from a codebook in fixed point: ``weights ~ integers * 2**-exponent``.

    codes     uint8, the shape of the weights
    values    int64 [2**bits], the codebook; 0 where unused, ``values[0] == 0``
    integers  int64, ``values[codes]``
    """

    codes: NDArray[np.uint8]
    values: NDArray[np.int64]
    integers: NDArray[np.int64]
    exponent: int


def quantize_weights(
    weights: ArrayLike, bits: int = 4, width: int = 16, seed: int = 0, exponent: int | None = None
) -> Quantized:
    """Codebook, then its entries as ``width``-bit integers; non-zero entries stay non-zero.

    >>> q = quantize_weights([0.0, 0.5, -1.0, 0.5], bits=2, width=8)
    >>> q.integers.tolist(), q.exponent
    ([0, 32, -64, 32], 6)
    """
    codes, centroids = codebook(weights, bits, seed)
    values, shift = quantize_fixed(centroids, width, exponent)
    lost = (values == 0) & (centroids != 0)
    values[lost] = np.sign(centroids[lost]).astype(np.int64)
    return Quantized(codes, values, values[codes], shift)
