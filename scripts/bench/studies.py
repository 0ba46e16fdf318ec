"""The studies of a suite: efficiency of machines that differ in one field.

Efficiency: 1 - idle slots / slots, padding counted as work. Machines that are small enough are
simulated, larger ones come from the cycle model, which the RTL points check; each point says where
it comes from. ``Suite.studied`` are the layers that are simulated unless others are asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models import registry
from scripts.bench.tasks import Task, suite
from scripts.measure.engine import Engine
from scripts.measure.records import efficiency, summed


@dataclass(frozen=True)
class StudyTask:
    """Several configurations of one layer that share a program."""

    study: str
    task: Task
    configs: tuple[Any, ...]
    rtl: bool


def study_tasks(
    design: str,
    layers: Sequence[str],
    variants: Sequence[str],
    config: Any,
    simulator: str,
    out_dir: Path,
    player: Any,
    rtl_layers: Sequence[str],
) -> list[StudyTask]:
    """All studies, those in RTL first. What shares a program is one task."""
    made = []
    for layer in sorted(layers, key=lambda name: name not in rtl_layers):
        for variant in variants:
            task = Task(design, layer, variant, 1, config, simulator, out_dir, player)
            for study in suite(design).studies:
                for machines in study.machines(config):
                    rtl = layer in rtl_layers and all(map(study.in_rtl, machines))
                    made.append(StudyTask(study.key, task, tuple(machines), rtl))
    return made


def builds(items: Sequence[StudyTask]) -> list[Any]:
    """Configurations that have to be built, each once."""
    kept: dict[tuple[Any, ...], Any] = {}
    for item in items:
        for config in item.configs if item.rtl else ():
            kept.setdefault(tuple(sorted(config.parameters().items())), config)
    return list(kept.values())


def run_study(item: StudyTask) -> list[dict[str, Any]]:
    """The points of one task."""
    task = item.task
    design, paper = registry.design(task.design), suite(task.design)
    layer = paper.make(task.layer, task.seed)
    points, program = [], None
    for machine in item.configs:
        config = design.variants[task.variant].of(machine)
        program = program or design.compile(layer, config)
        point = {
            "study": item.study,
            "layer": task.layer,
            "variant": task.variant,
            **{one.key: getattr(config, one.key) for one in paper.studies},
            "source": "rtl" if item.rtl else "model",
        }
        points.append(point | measured(item, layer, config, program))
    return points


def folder_of(task: Task, config: Any) -> str:
    """A folder for each machine of the studies."""
    fields = (f"{one.key}{getattr(config, one.key)}" for one in suite(task.design).studies)
    return "-".join([task.name, *fields])


def measured(item: StudyTask, layer: Any, config: Any, program: Any) -> dict[str, Any]:
    """Efficiency and cycles of one point, from RTL or from the cycle model."""
    task = item.task
    if item.rtl:
        engine = Engine(
            task.design,
            config,
            task.simulator,
            task.seed,
            task.out_dir / folder_of(task, config),
            task.player,
        )
        (run,) = engine.run([layer], task.workload, "sim", program=program).runs
        record = run.record()
        return {
            "efficiency": round(efficiency(record), 6),
            "cycles_compute": record["cycles_compute"],
            "cycles_model": record["cycles_model"],
            "bit_exact": record["bit_exact"],
            "load_balance": record["load_balance"],
        }
    predicted = registry.design(task.design).cycles(program, config)
    count = summed([one.counters for one in predicted])
    work = count["mac_useful"] + count["slot_padding"]
    busy = sum(int(one.busy_per_pe.sum()) for one in predicted)
    bound = sum(one.busy_per_pe.size * int(one.busy_per_pe.max()) for one in predicted)
    cycles = sum(int(one.compute) for one in predicted)
    return {
        "efficiency": round(work / count["mac_slots"], 6),
        "cycles_compute": cycles,
        "cycles_model": cycles,
        "bit_exact": None,
        "load_balance": round(busy / bound, 6) if bound else 1.0,
    }
