"""Benchmark layers through RTL, several at a time: the work behind ``make bench``.

A task is one layer, variant and seed; it runs in a process of its own (encoding in one overlaps
the simulation of the other) and comes back as a record of ``bench.json``.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models import registry
from models.design import Suite
from models.layer import Layer
from scripts import kept
from scripts.farm.farm import Ended
from scripts.measure.engine import Engine, Player, rtl_player
from scripts.measure.records import BENCH_SCHEMA, check_record


@dataclass(frozen=True)
class Task:
    """One layer to run. ``config`` is the build that was asked for."""

    design: str
    layer: str
    variant: str
    seed: int
    config: Any
    simulator: str
    out_dir: Path
    player: Player = rtl_player

    @property
    def name(self) -> str:
        """Folder and label."""
        return f"{self.layer}-{self.variant}-seed{self.seed}"

    @property
    def workload(self) -> str:
        """Name of the layer among the workloads."""
        return f"{self.design}/{self.layer}"

    @property
    def variant_config(self) -> Any:
        """The configuration it runs in."""
        return registry.design(self.design).variants[self.variant].of(self.config)

    def engine(self) -> Engine:
        """The engine it runs on."""
        return Engine(
            self.design,
            self.variant_config,
            self.simulator,
            self.seed,
            self.out_dir / self.name,
            self.player,
        )


@dataclass(frozen=True)
class Finished:
    """What a task gave: its record, or why there is none."""

    task: Task
    record: dict[str, Any] | None
    error: str = ""


def suite(design: str) -> Suite:
    """Benchmark layers of a design; raises ValueError when it has none."""
    found = registry.design(design).suite
    if found is None:
        there = ", ".join(one.name for one in registry.every() if one.suite)
        raise ValueError(f"design: {design} has no benchmark layers; there are: {there}")
    return found


def tasks(
    design: str,
    layers: Sequence[str],
    variants: Sequence[str],
    seeds: Sequence[int],
    config: Any,
    simulator: str,
    out_dir: Path,
    player: Player = rtl_player,
) -> list[Task]:
    """All combinations, longest first."""
    order = sorted(layers, key=lambda name: -suite(design).work(name))
    return [
        Task(design, layer, variant, seed, config, simulator, out_dir, player)
        for layer in order
        for seed in seeds
        for variant in variants
    ]


def run_task(task: Task) -> dict[str, Any]:
    """The record of one task. Raises RuntimeError when the simulation fails."""
    start = time.monotonic()
    paper = suite(task.design)
    layer = paper.make(task.layer, task.seed)
    facts = dict(paper.facts(task.layer, layer, task.variant_config))
    (run,) = task.engine().run([layer], task.workload, "sim").runs
    run.layer = task.layer
    run.extra = facts | {
        "variant": task.variant,
        "seed": task.seed,
        "ratio": round(run.counters["cycles_compute"] / facts["baseline_cycles"], 6),
        "wall_seconds": round(time.monotonic() - start, 2),
        "first_difference": run.first_difference,
    }
    record = run.record()
    check_record(record, BENCH_SCHEMA)
    return record


def guarded(task: Task) -> Finished:
    """``run_task`` with its failure as a value: one broken layer does not lose the others."""
    try:
        return Finished(task, run_task(task))
    except (RuntimeError, ValueError, AssertionError) as error:
        return Finished(task, None, f"{type(error).__name__}: {error}")


def finished(ended: Ended[Finished]) -> Finished:
    """What a job of ``guarded`` gave; what passed is kept."""
    if ended.problem:
        return Finished(ended.job[0], None, ended.problem)
    done = ended.result
    if done.record and done.record["bit_exact"] and not done.record["counter_errors"]:
        kept.save("bench", _key(done.task), done.record)
    return done


def passed_before(task: Task) -> Finished | None:
    """The task as it passed before on the same sources, None if it did not."""
    record = kept.load("bench", _key(task))
    return None if record is None else Finished(task, record)


def _key(task: Task) -> str:
    facts = task.design, task.layer, task.variant, task.seed, task.config
    return kept.key_of(task.simulator, *facts, task.player.__qualname__)


def build(design: str, config: Any, simulator: str, out_dir: Path, player: Player) -> float:
    """Build a configuration by running the smallest layer on it; seconds it took."""
    start = time.monotonic()
    tiny = Layer([[1]], [1], name="tiny")
    Engine(design, config, simulator, 1, out_dir, player).run([tiny], "tiny", "build")
    return time.monotonic() - start
