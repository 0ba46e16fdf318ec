"""Random layers at a density and a structure, whose numbers every design takes.

Weights are magnitudes drawn at random and pruned to the structure, then one of 15 values each, so
that a codebook of 16 holds them; activations are exactly as dense as asked for.

fine      single weights
block     blocks of 16 outputs x 16 inputs at a position of the kernel, by average magnitude
2:4       two (or one, at a quarter) of every four neighbouring outputs, same input and position
periodic  kernels keep the positions of eight patterns in turn; kernels of one position have none
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.names import unknown
from models.pruning import mask, prune_outputs

STRUCTURES = ("fine", "block", "2:4", "periodic")
#: Sides of a block, outputs and inputs.
BLOCK = (16, 16)
PERIOD = 8
#: Largest activation, and what a code of a weight is multiplied with: sums of 10,000 products fit
#: 28 bits.
MOST, STEP = 127, 16
CODES = np.array([code for code in range(-7, 9) if code]) * STEP


def structured(
    shape: tuple[int, int, int, int], density: float, structure: str, draw: np.random.Generator
) -> NDArray[np.int64]:
    """Weights [K, C, R, S] with about ``density`` of them not zero.

    Raises ValueError on an unknown structure, and where it has not that density or kernel.

    >>> float((structured((8, 4, 1, 1), 0.5, "2:4", np.random.default_rng(1)) != 0).mean())
    0.5
    """
    if structure not in STRUCTURES:
        raise ValueError(unknown("structure", structure, STRUCTURES))
    if not 0 < density <= 1:
        raise ValueError(f"density: found {density}, need a number above 0 up to 1")
    magnitude = draw.random(shape)
    if structure == "2:4":
        if density not in (0.25, 0.5):
            raise ValueError(f"density: found {density}, need 0.25 or 0.5 (2:4)")
        kept = prune_outputs(magnitude, round(4 * density), 4) != 0
    elif structure == "periodic":
        if shape[2] * shape[3] == 1:
            raise ValueError("structure: found periodic, need a kernel of several positions")
        kept = _periodic(shape, density, draw)
    else:
        options = {"block": BLOCK} if structure == "block" else {}
        kept = mask(magnitude, density, structure, **options)
    return np.where(kept, draw.choice(CODES, shape), 0)


def _periodic(
    shape: tuple[int, int, int, int], density: float, draw: np.random.Generator
) -> NDArray[np.bool_]:
    """Kernel (k, c) keeps the positions of pattern (k + c) mod the period: bool [K, C, R, S]."""
    taps = shape[2] * shape[3]
    order = np.argsort(draw.random((PERIOD, taps)), axis=1)
    patterns = order < max(1, round(density * taps))
    residues = np.arange(shape[0])[:, None] + np.arange(shape[1])
    return patterns[residues % PERIOD].reshape(shape)


def activations(
    shape: tuple[int, int, int, int], density: float, draw: np.random.Generator, signed: bool
) -> NDArray[np.int64]:
    """Activations [B, C, H, W], exactly ``round(density * size)`` of them not zero, at least one;
    ``signed``: of both signs, as where there is no ReLU.
    """
    count = int(np.prod(shape))
    flat = np.zeros(count, dtype=np.int64)
    places = draw.permutation(count)[: max(1, round(density * count))]
    flat[places] = draw.integers(1, MOST + 1, places.size)
    if signed:
        flat[places] *= draw.choice((-1, 1), places.size)
    return flat.reshape(shape)
