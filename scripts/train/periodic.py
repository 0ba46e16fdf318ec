"""Accuracy of periodic patterns: networks pruned for SPS beside the same share pruned freely.

For each network and seed: train dense; then, for each structure on its own, prune to four of nine
weights and from there to two of nine, with masked fine-tuning after each. A periodic structure
keeps in kernel (k, c) the places of pattern (k + c) mod P: those of the largest sum of magnitudes
over all kernels of the pattern. A 5x5 kernel keeps the same share of its 25, rounded (11, 6).
``fine`` keeps as many weights of a layer, wherever they are. Pruned are the convolutions but the
first, as in ``granularity.py``; the schedule is fixed, and the held-out digits choose nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from rich.progress import Progress

from models.networks import FOLDER, Digits
from models.pruning import mask
from scripts.train.data import Split
from scripts.train.granularity import (
    SEEDS,
    STUDIED,
    Bools,
    Curves,
    Point,
    canonical,
    document,
    fingerprint,
    tiny_split,
)
from scripts.train.math import MANTISSA, Layer, on_grid
from scripts.train.trainer import Schedule

#: Structure -> its period (0: none).
PERIODS = {"fine": 0, "P 4": 4, "P 8": 8}
#: Shares of the weights, one after the other: four and two of nine.
SHARES = (0.444444, 0.222222)
STEPS = 384  # batches of fine-tuning after each pruning
RESULTS = "periodic.json"


def residues(shape: Sequence[int], period: int) -> np.ndarray:
    """Pattern of each kernel, int64 [K, C].

    >>> residues((2, 3), 4).tolist()
    [[0, 1, 2], [1, 2, 3]]
    """
    made: np.ndarray = (np.arange(shape[0])[:, None] + np.arange(shape[1])) % period
    return made


def structure_mask(layer: Layer, structure: str, share: float) -> Bools:
    """Which weights [K, C, R, S] of a layer stay.

    Magnitudes are rounded so far that their sums are exact, as in ``grain_mask``.
    """
    weights = canonical(layer)
    taps = weights[0, 0].size
    size = round(share * taps)
    magnitude = on_grid(np.abs(weights), MANTISSA - weights.size.bit_length())
    if not (period := PERIODS[structure]):
        return mask(magnitude, size / taps, "fine")
    return patterns_mask(magnitude, period, size)


def patterns_mask(magnitude: np.ndarray, period: int, size: int) -> Bools:
    """``size`` places of each pattern; among equals the first."""
    of = residues(magnitude.shape, period)
    flat = magnitude.reshape(*magnitude.shape[:2], -1)
    kept = np.zeros(flat.shape, dtype=bool)
    for residue in range(period):
        order = np.argsort(-flat[of == residue].sum(axis=0), kind="stable")
        chosen = np.isin(np.arange(flat.shape[2]), order[:size])
        kept[of == residue] = chosen
    return kept.reshape(magnitude.shape)


def study(name: str, seed: int, data: Split, progress: Progress) -> list[Point]:
    """Every point of a network and a seed."""
    points, _ = Curves(name, seed, data, progress).run(PERIODS, SHARES, STEPS, structure_mask)
    return points


def tiny(digits: Digits, progress: Progress) -> dict[str, Any]:
    """A study small enough for a test: the embedded digits, an epoch, one structure."""
    curves = Curves("vgg_7", 1, tiny_split(digits), progress, Schedule(1, 1, 1, 1, 1, 0))
    points, _ = curves.run(("P 4",), SHARES[:1], 2, structure_mask)
    return {"points": points, "weights": fingerprint(curves.trainer.layers)}


def write(points: Sequence[Point], check: Mapping[str, Any], out: Path) -> None:
    """The results, ``RESULTS`` in a folder."""
    text = document(points, check, STEPS, seeds=SEEDS, networks=STUDIED)
    (out / RESULTS).write_text(text, encoding="utf-8")


def read(folder: Path = FOLDER) -> dict[str, Any]:
    """The committed results; ValueError where the file is damaged."""
    try:
        data: dict[str, Any] = json.loads((folder / RESULTS).read_text(encoding="utf-8"))
        for one in data["points"]:
            assert one["network"] in STUDIED and 0 <= one["accuracy"] <= 1
    except (KeyError, TypeError, ValueError, AssertionError) as error:
        raise ValueError(f"{RESULTS}: found {error!r}, need what make train wrote") from error
    return data
