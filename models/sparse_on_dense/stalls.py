"""From how many pixels on a build of Sparse-on-Dense never waits for its weights: a table."""

from __future__ import annotations

import numpy as np

from models.sparse_on_dense.config import SparseOnDenseConfig, WgtFormat
from models.sparse_on_dense.pace import durations
from models.sparse_on_dense.parts import encode, live_slots
from models.sparse_on_dense.store import ready_after

DENSITIES = (0.1, 0.3, 0.5, 1.0)
BUILDS = (
    (WgtFormat.CSC, 1, 4),
    (WgtFormat.CSC, 1, 8),
    (WgtFormat.CSC, 1, 16),
    (WgtFormat.BITMAP, 4, 4),
    (WgtFormat.BITMAP, 4, 16),
    (WgtFormat.NM, 4, 4),
    (WgtFormat.NM, 4, 16),
)
_TILES = 200


def least_pixels(config: SparseOnDenseConfig, density: float, seed: int = 1) -> float:
    """Cycles from one tile's start to the next one's if only decoding counts, mean of random tiles.

    N:M tiles keep the first N of each group whatever the density: their steps are the same.

    >>> least_pixels(SparseOnDenseConfig(), 1.0)
    102.0
    """
    draw = np.random.default_rng(seed)
    shape = (_TILES, config.num_units, *config.part)
    kept = draw.random(shape) < density
    if config.weight_group:
        number, group = config.weight_group
        kept[:] = np.arange(config.cols) % group < number
    taken = np.zeros(shape[:2], dtype=np.int64)
    for unit in range(config.num_units):
        parts = kept[:, unit].astype(np.int64)
        live = None
        if config.weight_group:
            live = live_slots(encode(parts, config).words, _TILES, config)
        taken[:, unit] = durations(parts, config, live)
    return float(ready_after(taken, config).mean())


def cells(wgt_format: WgtFormat, lanes: int, units: int) -> tuple[str, ...]:
    """A row of the table: a 16x16 array of 16-bit weights, pixels at each density."""
    config = SparseOnDenseConfig(wgt_format=wgt_format, num_lanes=lanes, num_units=units)
    found = tuple(f"{least_pixels(config, density):.0f}" for density in DENSITIES)
    name = {WgtFormat.CSC: "CSC", WgtFormat.BITMAP: "bitmap", WgtFormat.NM: "2:4"}[wgt_format]
    if config.weight_group:
        found = ("", "", found[0], "")
    return (name, str(units), str(lanes), *found)


def head() -> tuple[str, ...]:
    """Heads of the table."""
    return ("format", "units", "lanes", *(f"{density:.0%}" for density in DENSITIES))


def rows() -> list[tuple[str, ...]]:
    """Rows of the table."""
    return [cells(*build) for build in BUILDS]
