"""Accuracy by granularity and density, and what each granularity stores at equal accuracy.

From what ``make train`` left (``scripts/train/granularity.py``): nothing is trained here.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.formats.runs import to_runs
from scripts.formats.study import BLOCK, PLAIN
from scripts.train.granularity import BLOCK as GRAIN_BLOCK
from scripts.train.granularity import DENSE, GRAINS, STUDIED, Bools, Results, representatives

WIDTH, INDEX = 8, 4  # bits of a weight, and of an index for each grain
#: Accuracy that counts as equal: this much below dense, 20 of the 2,000 held-out digits.
LOST = 0.01
#: Formats of fixed width that are tried beside the paper's.
FORMATS = ("bitmap", "block bitmap", "run length", "CSR", "COO", "BSR")

Record = dict[str, Any]


def curves(results: Results) -> list[Record]:
    """Mean and spread (sample standard deviation) over the seeds, point by point."""
    found: dict[tuple[str, str, float], list[Mapping[str, Any]]] = {}
    for point in results.points:
        key = point["network"], point["granularity"], point["asked"]
        found.setdefault(key, []).append(point)
    made = []
    for (network, grain, asked), points in found.items():
        values = [one["accuracy"] for one in points]
        made.append(
            {
                "network": network,
                "granularity": grain,
                "asked": asked,
                "density": float(np.mean([one["density"] for one in points])),
                "accuracy": float(np.mean(values)),
                "spread": float(np.std(values, ddof=1)) if len(values) > 1 else 0.0,
                "seeds": len(values),
                "values": values,
            }
        )
    return made


def curve(records: Sequence[Record], network: str, grain: str) -> list[Record]:
    """Points of one curve, the densest first, the dense network in front."""
    mine = [one for one in records if one["network"] == network]
    dense = [one for one in mine if one["granularity"] == DENSE]
    rest = [one for one in mine if one["granularity"] == grain]
    return dense + sorted(rest, key=lambda one: -one["asked"])


def crossing(points: Sequence[Record], target: float) -> tuple[float, Record, Record] | None:
    """Where a curve first falls below ``target``: (share of the way, point above, point below).

    None where it never does.
    """
    for above, below in pairwise(points):
        if below["accuracy"] < target:
            drop = above["accuracy"] - below["accuracy"]
            return (above["accuracy"] - target) / drop, above, below
    return None


def between(share: float, first: float, second: float) -> float:
    """Densities and sizes go in ratios: halfway between 0.1 and 0.4 is 0.2.

    >>> between(0.5, 0.1, 0.4)
    0.2
    """
    return round(math.exp((1 - share) * math.log(first) + share * math.log(second)), 12)


def matrix_of(mask: Bools, grain: str) -> NDArray[np.int64]:
    """[K, C*R*S] in the order that keeps a grain together: a block has the channels inside."""
    order = mask.transpose(0, 2, 3, 1) if grain == "block" else mask
    return order.reshape(len(mask), -1).astype(np.int64)


def format_block(shape: tuple[int, ...], grain: str) -> tuple[int, int]:
    """Block of the block formats: the grain, as far as a word of flags reaches."""
    _, channels, rows, cols = shape
    along = channels * rows * cols
    row = max(n for n in range(1, min(along, 256) + 1) if along % n == 0)
    sides = {"vector": (1, cols), "kernel": (1, rows * cols), "filter": (1, row)}
    return sides.get(grain, GRAIN_BLOCK if grain == "block" else BLOCK)


def entries(mask: Bools, grain: str) -> tuple[int, int]:
    """(grains that stay, entries): 4-bit runs over the grains, fillers among the entries."""
    kept = mask[representatives(mask.shape, grain)]
    flat = np.flatnonzero(kept)
    values, _, _ = to_runs(flat, np.ones(flat.size, dtype=np.int64), 1, kept.size, INDEX)
    return flat.size, values.size


def grain_size(shape: tuple[int, ...], grain: str) -> int:
    """Weights of a whole grain."""
    _, channels, rows, cols = shape
    return {
        "fine": 1,
        "vector": cols,
        "kernel": rows * cols,
        "filter": channels * rows * cols,
        "block": GRAIN_BLOCK[0] * GRAIN_BLOCK[1],
    }[grain]


def stored(masks: Mapping[str, Bools], grain: str) -> Record:
    """Bits of the pruned layers of a network over dense 8-bit weights, by layer name -> mask.

    formula   a weight and an index for each grain, no fillers
    measured  with fillers where a run of zeros is too long for the index
    best      cheapest of ``FORMATS``, really encoded, and which
    """
    dense = sum(mask.size for mask in masks.values()) * WIDTH
    formula = measured = 0
    sizes = dict.fromkeys(FORMATS, 0)
    for mask in masks.values():
        bits = WIDTH * grain_size(mask.shape, grain) + INDEX
        kept, all_ = entries(mask, grain)
        formula += kept * bits
        measured += all_ * bits
        matrix, block = matrix_of(mask, grain), format_block(mask.shape, grain)
        for name in FORMATS:
            make = PLAIN[name]
            assert make is not None
            fmt = make(matrix, WIDTH, block)
            sizes[name] += fmt.size(fmt.encode(matrix)).total
    best = min(sizes, key=lambda name: sizes[name])
    return {
        "formula": formula / dense,
        "measured": measured / dense,
        "best": sizes[best] / dense,
        "format": best,
    }


def sizes(results: Results) -> list[Record]:
    """``stored`` of every point whose masks are kept."""
    found: dict[tuple[str, str, float], dict[str, Bools]] = {}
    for (network, grain, asked, layer), mask in results.masks.items():
        found.setdefault((network, grain, asked), {})[layer] = mask
    return [
        {"network": network, "granularity": grain, "asked": asked, **stored(masks, grain)}
        for (network, grain, asked), masks in found.items()
    ]


def equal(records: Sequence[Record], kept: Sequence[Record], lost: float = LOST) -> list[Record]:
    """Density and storage of every granularity where the mean accuracy is ``lost`` below dense.

    Between two points accuracy is taken as straight over the logarithm of density, and so are bits
    per weight that stays (the dense network has none of its own: those of the next point). A curve
    that does not fall so far has ``least`` True and the figures of its last point.
    """
    by_point = {(one["network"], one["granularity"], one["asked"]): one for one in kept}
    made = []
    for network in STUDIED:
        for grain in GRAINS:
            points = curve(records, network, grain)
            target = points[0]["accuracy"] - lost
            found = crossing(points, target)
            share, first, second = found or (1.0, points[-2], points[-1])
            ends = [(one, by_point.get((network, grain, one["asked"]))) for one in (first, second)]
            record: Record = {
                "network": network,
                "granularity": grain,
                "accuracy": target if found else points[-1]["accuracy"],
                "dense_accuracy": points[0]["accuracy"],
                "density": between(share, first["density"], second["density"]),
                "least": found is None,
            }
            for name in ("formula", "measured", "best"):
                rates = [end[name] / one["density"] for one, end in ends if end]
                record[name] = record["density"] * between(share, rates[0], rates[-1])
            record["format"] = ends[1][1]["format"] if ends[1][1] else ""
            made.append(record)
    return made
