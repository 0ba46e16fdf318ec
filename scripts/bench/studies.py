"""EIE's two studies: efficiency against queue depth, and against the number of PEs.

Efficiency is that of the paper's figures 8, 11 to 13: 1 - idle slots / slots, padding counted as
work. Machines of up to 64 PEs are measured in RTL, larger ones come from the cycle model, which the
RTL points check. Every machine is a build of its own and every run loads its weights again, so only
some layers are in RTL unless all are asked for; each point says where it comes from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from models import registry
from models.workloads import workload
from scripts.bench.tasks import Task
from scripts.measure.engine import Engine
from scripts.measure.records import efficiency, summed

DEPTHS = tuple(1 << n for n in range(9))
PES = tuple(1 << n for n in range(9))
RTL_PES = 64
#: layers in RTL by default: a typical one, one of few rows (bad balance), one of few columns
RTL_LAYERS = ("alex-7", "nt-we", "nt-lstm")


@dataclass(frozen=True)
class StudyTask:
    """Several configurations of one layer that share a program (their queue depths differ)."""

    study: str
    task: Task
    configs: tuple[Any, ...]
    rtl: bool


def pe_config(config: Any, num_pe: int) -> Any:
    """The machine with another number of PEs and the same memories in all.

    >>> from models.eie import EieConfig
    >>> small = pe_config(EieConfig(), 1)
    >>> small.act_regs, small.spmat_depth, small.ptr_width
    (4096, 1048576, 24)
    """
    share = config.num_pe / num_pe
    grow = max(0, (config.num_pe // num_pe).bit_length() - 1)

    def scaled(value: int) -> int:
        return max(1, int(value * share))

    return replace(
        config,
        num_pe=num_pe,
        act_regs=scaled(config.act_regs),
        act_depth=scaled(config.act_depth),
        bias_depth=scaled(config.bias_depth),
        spmat_depth=scaled(config.spmat_depth),
        ptr_width=min(32, config.ptr_width + grow),
    )


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
    """Both studies, those in RTL first. One layer, variant and number of PEs is one task."""
    made = []
    for layer in sorted(layers, key=lambda name: name not in rtl_layers):
        rtl = layer in rtl_layers
        for variant in variants:
            task = Task(design, layer, variant, 1, config, simulator, out_dir, player)
            depths = tuple(replace(config, queue_depth=depth) for depth in DEPTHS)
            made.append(StudyTask("queue_depth", task, depths, rtl))
            for pes in sorted(PES):
                at = (pe_config(config, pes),)
                made.append(StudyTask("num_pe", task, at, rtl and pes <= RTL_PES))
    return made


def builds(items: Sequence[StudyTask]) -> list[Any]:
    """Configurations that have to be built, each once."""
    kept: dict[tuple, Any] = {}
    for item in items:
        for config in item.configs if item.rtl else ():
            kept.setdefault(tuple(sorted(config.parameters().items())), config)
    return list(kept.values())


def run_study(item: StudyTask) -> list[dict[str, Any]]:
    """The points of one task."""
    layer = workload(item.task.workload, item.task.seed)
    model = registry.design(item.task.design)
    points, program = [], None
    for config in item.configs:
        if item.task.variant == "plain":
            config = config.plain()
        # The queue depth changes no word of the program.
        program = program or model.compile(layer, config)
        point = {
            "study": item.study,
            "layer": item.task.layer,
            "variant": item.task.variant,
            "num_pe": config.num_pe,
            "queue_depth": config.queue_depth,
            "source": "rtl" if item.rtl else "model",
        }
        points.append(point | measured(item, layer, config, program))
    return points


def measured(item: StudyTask, layer: Any, config: Any, program: Any) -> dict[str, Any]:
    """Efficiency and cycles of one point, from RTL or from the cycle model."""
    task = item.task
    if item.rtl:
        engine = Engine(
            task.design,
            config,
            task.simulator,
            task.seed,
            task.out_dir / f"{task.name}-p{config.num_pe}-q{config.queue_depth}",
            task.player,
        )
        (run,) = engine.run([layer], task.workload, "sim", program=program).runs
        record = run.record()
        return {
            "efficiency": round(efficiency(record), 6),
            "cycles": record["cycles"],
            "cycles_model": record["cycles_model"],
            "bit_exact": record["bit_exact"],
            "load_balance": record["load_balance"],
        }
    predicted = registry.design(task.design).cycles(program, config)
    count = summed([one.counters for one in predicted])
    work = count["mac_useful"] + count["slot_padding"]
    busy = sum(int(one.busy_per_pe.sum()) for one in predicted)
    bound = sum(config.num_pe * int(one.busy_per_pe.max()) for one in predicted)
    cycles = sum(int(one.compute) for one in predicted)
    return {
        "efficiency": round(work / count["mac_slots"], 6),
        "cycles": cycles,
        "cycles_model": cycles,
        "bit_exact": None,
        "load_balance": round(busy / bound, 6) if bound else 1.0,
    }
