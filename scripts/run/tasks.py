"""What ``make run`` was asked for, as tasks: a job (network, layer, workload) on a design each."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from models import registry
from models.case import case_layers, is_case
from models.graph.problem import Wanted
from models.names import chosen, listing, plain, respelled, settings, unknown
from models.networks import NETWORKS, TOUR
from models.workloads.fetched import GRAPHS
from models.workloads.pretrained import PRETRAINED
from models.workloads.scales import Widths
from scripts.measure.jobs import LayerJob, NetworkJob
from scripts.measure.quantized import QuantizedJob
from scripts.run.graphs import graph_job, is_graph

#: What a task runs.
Work = NetworkJob | LayerJob

#: The design of a named network, layer or workload unless another is asked for.
DEFAULT_DESIGN = "eie"


@dataclass(frozen=True)
class Task:
    """One job on one build of one design; ``notes`` on the build."""

    design: str
    config: Any
    job: Work
    notes: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """Design and workload, for headings."""
        return f"{registry.design(self.design).title}: {self.job.name}"

    @property
    def folder(self) -> str:
        """A file name of its own among the tasks of a run."""
        return re.sub(r"[^A-Za-z0-9_.-]+", "-", f"{self.design}-{self.job.name}")


def named(options: argparse.Namespace) -> bool:
    """Whether the command line says what to run."""
    return any(getattr(options, name) is not None for name in ("net", "layer", "workload"))


def asked_designs(options: argparse.Namespace) -> list[str]:
    """The designs of a command line. A trained network runs on those that convolve."""
    if options.design is None and (options.net in PRETRAINED or is_graph(options.net)):
        return [one.name for one in registry.every() if not one.per_pixel]
    return designs_of(options.design, named(options))


def designs_of(text: str | None, what_is_named: bool = False) -> list[str]:
    """``eie,dense`` or ``all`` as names; ValueError on an unknown one.

    >>> designs_of("dense,eie")
    ['dense', 'eie']
    """
    if text is None:
        text = DEFAULT_DESIGN if what_is_named else "all"
    if text == "all":
        return list(registry.DESIGNS)
    names = [name.strip() for name in text.split(",")]
    for name in names:
        registry.design(name)
    return list(dict.fromkeys(names))


def tasks_of(options: argparse.Namespace) -> list[Task]:
    """The tasks in order. Raises ValueError or OSError with a message for the user."""
    designs = asked_designs(options)
    configs = {name: configuration(name, options, designs) for name in designs}
    group = weight_group(configs)
    _check_combination(options, group)
    if named(options) or options.design is not None:
        job = _shared_job(options, group, configs)
        return [_task(name, configs[name], job, options) for name in designs]
    jobs = [NetworkJob(net, options.count) for net in TOUR]
    return [
        _task(name, configs[name], job, options)
        for job in jobs
        for name in designs
        if job.chainable or not registry.design(name).per_pixel
    ]


def job_of(options: argparse.Namespace, designs: Sequence[str]) -> Work:
    """The job that the options name, with numbers that fit a build of each design. Raises
    ValueError or OSError with a message for the user.
    """
    configs = {name: configuration(name, options, list(designs)) for name in designs}
    group = weight_group(configs)
    _check_combination(options, group)
    return _shared_job(options, group, configs)


def _shared_job(
    options: argparse.Namespace, group: WeightGroup | None, configs: Mapping[str, Any]
) -> Work:
    """Side by side means the same digits and the same weights for all."""
    per_pixel = any(registry.design(name).per_pixel for name in configs)
    widest = [_widest(name, config, options) for name, config in configs.items()]
    return _job(options, group, per_pixel, Widths.of(widest))


def _task(design: str, config: Any, job: Work, options: argparse.Namespace) -> Task:
    """The job on its build, with numbers as wide as the layers need where a build has a choice."""
    model = registry.design(design)
    notes = []
    if quick := _quick(design, options):
        notes.append(
            f"{design} is its build {quick}, which a simulator gets through while one waits; "
            "CONFIG=default is full size"
        )
    wider = config
    if _chosen(design, options):
        wider = model.holding(job.with_inputs(getattr(config, "act_width", 16)), config)
    if wider != config:
        told = ", ".join(f"{name}={getattr(wider, name)}" for name in model.widths)
        many = "layers need" if len(job.layers) > 1 else "layer needs"
        notes.append(f"built with {told}, as the {many}")
    return Task(design, wider, job, tuple(notes))


def _chosen(design: str, options: argparse.Namespace) -> Mapping[str, int]:
    """The widths that a build chooses: ``Design.widths``, none if one of them is given."""
    widths = registry.design(design).widths
    asked = set(_changes(design, options.config, registry.DESIGNS))
    asked |= {name for name in widths if getattr(options, name, None) is not None}
    return {} if asked & set(widths) else widths


def _widest(design: str, config: Any, options: argparse.Namespace) -> Any:
    """The build with the most that it can choose."""
    return replace(config, **_chosen(design, options))


def _quick(design: str, options: argparse.Namespace) -> str:
    """``Design.quick`` where it stands in for the default: no build is named."""
    quick = registry.design(design).quick
    name, _ = settings(options.config or "")
    return "" if quick == "default" or name else quick


@dataclass(frozen=True)
class WeightGroup:
    """N of every ``m`` neighbouring outputs are kept, because the build of ``design`` asks for it.

    >>> str(WeightGroup("sparse_on_dense", 2, 4))
    '2:4 (sparse_on_dense)'
    """

    design: str
    n: int
    m: int

    def __str__(self) -> str:
        """Ratio and design, for messages."""
        return f"{self.n}:{self.m} ({self.design})"

    @property
    def note(self) -> str:
        """For the report: why no design has the usual density."""
        return (
            f"weights pruned to {self.n}:{self.m} along the outputs, for every design of this run: "
            f"the format in which {self.design} stores them here"
        )


def weight_group(configs: Mapping[str, Any]) -> WeightGroup | None:
    """The N:M groups that the builds of a run need, None without; ValueError if they disagree."""
    found = {name: getattr(config, "weight_group", None) for name, config in configs.items()}
    groups = [WeightGroup(name, *group) for name, group in found.items() if group is not None]
    for one in groups[1:]:
        if (one.n, one.m) != (groups[0].n, groups[0].m):
            raise ValueError(f"config: found {groups[0]} and {one}, need the same N:M in a run")
    return groups[0] if groups else None


def _check_combination(options: argparse.Namespace, group: WeightGroup | None) -> None:
    """ValueError on an option that what is run does not have."""
    graph = is_graph(options.net)
    pretrained = options.net in PRETRAINED or graph
    if options.net is not None and not pretrained and options.net not in NETWORKS:
        raise ValueError(unknown("net", options.net, (*NETWORKS, *PRETRAINED, *GRAPHS)))
    if group is not None and options.density is not None:
        raise ValueError(
            f"density: found {options.density} beside weights pruned to {group}, need one"
        )
    if options.layer is None and not graph and options.bits is not None:
        raise ValueError("bits: only a float layer of --layer is quantized to a codebook")
    if options.layer is None and not pretrained and options.density is not None:
        raise ValueError("density: only a float --layer or a trained network is pruned")
    if options.layers is not None and not pretrained:
        raise ValueError(f"layers: only networks that are cut: {listing([*PRETRAINED, *GRAPHS])}")
    if options.input is not None and options.layer is None and not graph:
        raise ValueError("input: only a --layer or a network of a file is given one")
    if options.count is not None and (pretrained or options.layer or options.workload):
        raise ValueError("count: only the embedded networks take digits")


def _job(
    options: argparse.Namespace, group: WeightGroup | None, per_pixel: bool, widths: Widths
) -> Work:
    if options.layer is not None:
        from models.workloads import load_own, load_weights

        if is_case(options.layer):
            return _saved_job(options)
        kept = None if group is None else (group.n, group.m)
        own = load_own(
            options.layer,
            options.density,
            options.bits,
            group=kept,
            widths=widths,
            inputs=options.input,
            draw=options.seed,
        )
        pruned = load_weights(options.layer).dtype.kind == "f"
        notes = [group.note] if group is not None and pruned else []
        if own.quantized is not None:
            return QuantizedJob(options.layer.name, own.quantized, own.notes)
        return LayerJob(options.layer.name, [own.layer], [*notes, *own.notes])
    if options.workload is not None:
        from models import workloads

        return LayerJob(options.workload, [workloads.workload(options.workload, options.seed)])
    if is_graph(options.net):
        picks = [name.strip() for name in options.layers.split(",")] if options.layers else []
        kept = None if group is None else (group.n, group.m)
        wanted = Wanted(widths, options.density, options.bits or None, kept)
        return graph_job(options.net, wanted, picks, options.input, options.seed)
    if options.net in PRETRAINED:
        return _pretrained_job(options, group)
    return NetworkJob(options.net or NETWORKS[0], options.count, per_pixel)


def _saved_job(options: argparse.Namespace) -> LayerJob:
    """The layers of a saved case, as they are."""
    for name in ("density", "bits"):
        if getattr(options, name) is not None:
            raise ValueError(f"{name}: the layers of a saved case are run as they are")
    return LayerJob(options.layer.name, case_layers(options.layer))


def _pretrained_job(options: argparse.Namespace, group: WeightGroup | None) -> LayerJob:
    """Layers of a trained network, pruned; ``group``: to N:M, as a build stores weights."""
    from models.workloads.pretrained import DENSITY, PHOTOGRAPH, pretrained_layers

    names = tuple(name.strip() for name in options.layers.split(",")) if options.layers else None
    density = DENSITY if options.density is None else options.density
    kept = None if group is None else (group.n, group.m)
    how = f"{density:.0%} of the weights of each layer" if kept is None else f"{kept[0]}:{kept[1]}"
    notes = [
        f"{PRETRAINED[options.net].name} on the photograph {PHOTOGRAPH}, kept: {how}; not trained "
        "again, so these layers say nothing about accuracy"
    ]
    layers = pretrained_layers(options.net, names, density, kept)
    return LayerJob(options.net, layers, notes + ([] if group is None else [group.note]))


# ---------------------------------------------------------------- configurations


def configuration(design: str, options: argparse.Namespace, designs: list[str]) -> Any:
    """The design's configuration: a named build, what the command line changed, or both.

    Of several designs each takes the settings it knows; one that none knows is refused, and so is a
    name that one of them does not have.
    """
    text = ",".join(part for part in (_quick(design, options), options.config) if part)
    return configured(design, text, options, designs)


def configured(
    design: str, text: str, options: argparse.Namespace | None = None, designs: Sequence[str] = ()
) -> Any:
    """The configuration that ``CONFIG=text`` names (``tb/common/sim/configs.py``).

    options: more fields by name, and ``plain``, from a command line. Raises ValueError.

    >>> configured("eie", "pe4_full,QueueDepth=2,balance=0").queue_depth
    2
    """
    kind = registry.design(design).config
    known = {f.name: f.default for f in fields(kind)}
    changed: dict[str, object] = dict(_changes(design, text, designs))
    for one, default in known.items():
        if getattr(options, one, None) is not None:
            changed[one] = getattr(options, one)
        if isinstance(default, bool) and one in changed:
            if changed[one] not in (0, 1):
                raise ValueError(f"config: {one}: found {changed[one]}, allowed 0 or 1")
            changed[one] = bool(changed[one])
    try:
        config = kind(**changed)
    except ValueError as error:
        raise ValueError(f"config: {design}: {error}") from None
    return config.plain() if options is not None and options.plain else config


def _changes(design: str, text: str | None, designs: Iterable[str]) -> dict[str, int]:
    """Fields that ``CONFIG=text`` sets, without those that only other ``designs`` have."""
    known = {f.name for f in fields(registry.design(design).config)}
    name, asked = settings(text or "")
    others = (registry.design(other).config for other in designs)
    elsewhere = {plain(f.name) for other in others for f in fields(other)}
    elsewhere -= {plain(one) for one in known}
    mine = {one: value for one, value in asked.items() if plain(one) not in elsewhere}
    named = _named(design, name, known) if name else {}
    return named | respelled(mine, [f.name for f in fields(registry.design(design).config)], design)


def _named(design: str, name: str, known: Iterable[str]) -> dict[str, int]:
    """Fields of a named build, full-size or the bench's; ValueError on a name there is not."""
    builds: Mapping[str, Mapping[str, int]] = registry.design(design).builds
    name = registry.design(design).old_names.get(name, name)
    if name not in builds:
        from tb.common.sim import configs  # late: most runs need no bench

        builds = configs.builds(design)
    return respelled(builds[chosen(name, builds, design, {})], known, design)


def task_out(folder: Path, task: Task, tasks: Sequence[Task]) -> Path:
    """Where the simulation of a task leaves its files."""
    return folder / "run" if len(tasks) == 1 else folder / "run" / task.folder
