"""What the pictures of a run need beyond its records: digits, answers, queue levels over time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from models.layer import Layer
from scripts.measure.engine import Engine, GroupResult, has_queues
from scripts.measure.jobs import LayerJob, NetworkJob, Outcome, predictions

BINS = 600


@dataclass
class Details:
    """Arrays by name; those that a run did not give are missing.

    images, labels, predicted: the digits; levels [pe, bins], level_cycles [bins], level_depth and
    level_marks: queue occupancy of the traced sample; tiles.<layer>.share [rows, bins], .count,
    .steps, .patterns: ``models.design.TileMap`` of a layer.
    """

    arrays: dict[str, np.ndarray] = field(default_factory=dict)

    def of_tiles(self) -> dict[str, dict[str, np.ndarray]]:
        """layer -> share, count, steps, patterns."""
        found: dict[str, dict[str, np.ndarray]] = {}
        for name, array in self.arrays.items():
            if name.startswith("tiles."):
                layer, _, what = name.removeprefix("tiles.").rpartition(".")
                found.setdefault(layer, {})[what] = array
        return found

    @staticmethod
    def save_all(groups: Sequence[Details], path: Path) -> None:
        """Write the details of each group of results."""
        path.parent.mkdir(parents=True, exist_ok=True)
        named = {
            f"{at}.{name}": array
            for at, one in enumerate(groups)
            for name, array in one.arrays.items()
        }
        np.savez_compressed(path, allow_pickle=False, **named)

    @classmethod
    def load(cls, path: Path, group: int = 0) -> Details:
        """Read those of one group; nothing when there is no such file."""
        if not path.is_file():
            return cls()
        start = f"{group}."
        with np.load(path, allow_pickle=False) as data:
            mine = [name for name in data.files if name.startswith(start)]
            return cls({name.removeprefix(start): data[name] for name in mine})


def queue_levels(result: GroupResult, names: Sequence[str], depth: int) -> dict[str, np.ndarray]:
    """The arrays of the queue picture from a traced program; none when nothing was sampled.

    The compute phases follow each other without the time between them. ``names``: layer of each
    pass.
    """
    from tb.common.player.player import read_trace

    levels, starts, at = [], [], 0
    marks: list[tuple[int, str]] = []
    for one in read_trace(result.trace) if result.trace else ():
        if not len(one.cycles):
            continue
        step = int(np.diff(one.cycles).min()) if len(one.cycles) > 1 else 1
        starts.append(at + one.cycles - one.cycles[0])
        levels.append(one.queue)
        if not marks or marks[-1][1] != names[one.index]:
            marks.append((at, names[one.index]))
        at += int(one.cycles[-1] - one.cycles[0]) + step
    if not levels:
        return {}
    table, times = np.concatenate(levels).T.astype(float), np.concatenate(starts)
    group = max(1, -(-times.size // BINS))
    kept = times.size // group * group
    binned = table[:, :kept].reshape(table.shape[0], -1, group).mean(axis=2)
    return {
        "levels": binned,
        "level_cycles": times[:kept:group],
        "level_depth": np.array(depth),
        "mark_cycles": np.array([mark[0] for mark in marks]),
        "mark_names": np.array([mark[1] for mark in marks]),
    }


def tile_maps(
    layers: Sequence[Layer], engine: Engine, plain: Mapping[str, Sequence[Layer]] | None = None
) -> dict[str, np.ndarray]:
    """The arrays of the picture of tiles; none where the design has no such map.

    plain  name of a layer -> the layers that ran in its place
    """
    arrays: dict[str, np.ndarray] = {}
    if (make := engine.model.tile_map) is None:
        return arrays
    for layer in layers:
        ran = [make(one, engine.config) for one in (plain or {}).get(layer.name, (layer,))]
        share = np.concatenate([one.share for one in ran])
        count = len(share)
        at = np.arange(0, count, max(1, -(-count // BINS)))
        weights = np.diff(np.append(at, count))[:, None]
        arrays |= {
            f"tiles.{layer.name}.share": (np.add.reduceat(share, at) / weights).T,
            f"tiles.{layer.name}.count": np.array(count),
            f"tiles.{layer.name}.steps": np.concatenate([one.steps for one in ran]),
            f"tiles.{layer.name}.patterns": ran[0].patterns,
        }
    return arrays


def gather(job: NetworkJob | LayerJob, outcome: Outcome, engine: Engine) -> Details:
    """The details of a finished job; a network simulates one digit more for the queue levels."""
    arrays = {}
    if engine.model.tile_map is not None:
        ran = {run.layer for run in outcome.runs}
        layers = [one for one in job.with_inputs(engine.act_width) if one.name in ran]
        plain = {one.runs[0].layer: one.plain for one in outcome.results if one.lowered}
        arrays = tile_maps(layers, engine, plain)
    traced = outcome.results[-1]
    if isinstance(job, NetworkJob):
        arrays |= {
            "images": job.digits.images,
            "labels": job.digits.labels,
            "predicted": predictions(outcome.answers),
        }
        if has_queues(engine.config):
            traced = job.trace(engine, outcome)
    if traced.trace is not None and traced.trace.is_file():
        arrays |= queue_levels(traced, traced.pass_layers, engine.config.queue_depth)
    return Details(arrays)
