"""Shared weights by k-means, after Han et al., "Deep Compression", ICLR 2016, section 3."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from models.quantization.cluster import clusters, nearest
from models.quantization.uniform import quantize_fixed

#: Weights the centroids are fitted on; more do not move them.
_SAMPLE = 1 << 18


def codebook(
    weights: ArrayLike, bits: int = 4, seed: int = 0
) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
    """(codes uint8 of the shape of ``weights``, centroids float64 [2**bits]).

    Entry 0 is exactly zero and stands for zero weights alone: a zero stays zero, a non-zero weight
    gets one of the other entries, ascending and not zero, of its own sign where there are two or
    more. Up to ``2**bits - 1`` different values are kept exactly, and entries that are not needed
    are zero; with more values than that every entry is used. The entries are fitted (``clusters``)
    to a sample of at most 2**18 weights drawn by ``seed``.

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
    found, places = _fit(live, entries, seed)
    centroids[1 : found.size + 1] = found
    codes[values != 0] = places + 1
    return codes, centroids


def _fit(
    live: NDArray[np.float64], entries: int, seed: int
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """(at most ``entries`` centroids of non-zero values, ascending, different, none zero; which
    of them each value gets).
    """
    sample = live
    if live.size > _SAMPLE:
        sample = np.random.default_rng(seed).choice(live, _SAMPLE, replace=False)
        sample[:2] = live.min(), live.max()
    if np.unique(sample).size <= entries:
        # A sample can miss values only where there are far more than entries: fit on all then.
        everything = np.unique(live)
        if everything.size <= entries:
            return everything, np.searchsorted(everything, live)
        sample = live
    # Magnitudes up to 1: squares neither overflow nor vanish, whatever the scale of the weights.
    exponent = int(np.frexp(np.abs(live).max())[1])
    found = clusters(_scaled(sample, -exponent), entries)
    return np.ldexp(found, exponent), nearest(_scaled(live, -exponent), found)


def _scaled(values: NDArray[np.float64], exponent: int) -> NDArray[np.float64]:
    """``values * 2**exponent``; what is too small keeps its sign and does not become zero."""
    result = np.ldexp(values, exponent)
    lost = result == 0
    result[lost] = np.copysign(np.nextafter(0.0, 1.0), values[lost])
    return result


def relative_error(weights: ArrayLike, approximation: ArrayLike) -> float:
    """Root mean square of the difference over that of the ``weights``; 0 where all are zero.

    >>> relative_error([3.0, 0.0, 4.0], [3.0, 0.0, 3.0])
    0.2
    """
    values, other = (np.asarray(x, dtype=np.float64) for x in (weights, approximation))
    exponent = int(np.frexp(np.abs(values).max(initial=0.0))[1])
    values, other = np.ldexp(values, -exponent), np.ldexp(other, -exponent)
    power = float((values**2).sum())
    return float(np.sqrt(((values - other) ** 2).sum() / power)) if power else 0.0


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

    @property
    def used(self) -> int:
        """Different values of the non-zero weights."""
        return int(np.unique(self.integers[self.integers != 0]).size)


def quantize_weights(
    weights: ArrayLike, bits: int = 4, width: int = 16, seed: int = 0, exponent: int | None = None
) -> Quantized:
    """Codebook, then its entries as ``width``-bit integers; non-zero entries stay non-zero.

    >>> q = quantize_weights([0.0, 0.5, -1.0, 0.5], bits=2, width=8)
    >>> q.integers.tolist(), q.exponent
    ([0, 32, -64, 32], 6)
    """
    return fixed_codebook(*codebook(weights, bits, seed), width, exponent)


def fixed_codebook(
    codes: NDArray[np.uint8],
    centroids: NDArray[np.float64],
    width: int = 16,
    exponent: int | None = None,
) -> Quantized:
    """What ``codebook`` gave, its entries as ``width``-bit integers; non-zero ones stay so."""
    values, shift = quantize_fixed(centroids, width, exponent)
    lost = (values == 0) & (centroids != 0)
    values[lost] = np.sign(centroids[lost]).astype(np.int64)
    return Quantized(codes, values, values[codes], shift)
