"""``make bench``: the paper's layers at full size in RTL, ours beside the published figures.

Runs each benchmark layer as published (``plain``) and with our gains (``tuned``), checks every
output, prints times and ratios, writes ``build/report/bench.json`` and ``bench.html``, then the two
studies (``studies.json``).

Exit status: 0 all goals met; 1 something differs, a counter of a layer is not the cycle model's (of
a study's point: cycles off by more than 2 %), or a tuned layer misses its goal; 2 bad input.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from rich.markup import escape

from models import registry
from models.design import Suite
from models.names import unknown
from scripts import interrupt
from scripts import options as cli
from scripts.bench import figures
from scripts.bench import studies as bench_studies
from scripts.bench import tasks as bench_run
from scripts.bench.networks import cli as networks
from scripts.bench.networks import evaluation
from scripts.bench.networks.page import is_mine
from scripts.bench.page import ratio_table, study_table, time_table, write_bench
from scripts.bench.tasks import Finished
from scripts.console import Console
from scripts.farm.bar import Bar
from scripts.farm.farm import opened
from scripts.farm.settings import add_option, shared_setting
from scripts.measure.engine import Player, rtl_player
from scripts.measure.records import BENCH_SCHEMA, deviation, geomean, save_results
from scripts.outputs import own_folder, publish, renewing, report_root
from scripts.run.page import write_report
from scripts.run.tasks import configured
from tb.common.sim.builds import write_whole

DEFAULT_DESIGN = "eie"
OK, FAILED, BAD_INPUT = 0, 1, 2


def parser() -> argparse.ArgumentParser:
    """Options of the benchmark."""
    made = cli.Parser(prog="make bench", description=(__doc__ or "").splitlines()[0])
    made.add_argument(
        "--design",
        default=DEFAULT_DESIGN,
        help=", ".join([*(one.name for one in registry.every() if one.suite), *evaluation.names()]),
    )
    made.add_argument("--layers", default="", help="comma-separated; default all")
    made.add_argument("--variants", default="", help="comma-separated; default all")
    made.add_argument("--seeds", default="1,2,3", help="comma-separated seeds of the patterns")
    made.add_argument(
        "--config", default="", help="build by name, changes or both: pe4,queue_depth=4"
    )
    made.add_argument("--simulator", "--sim", type=cli.simulator, default="verilator")
    made.add_argument("--jobs", type=cli.jobs, default=2, help="simulations at a time")
    add_option(made)
    made.add_argument("--quick", action="store_true", help="three small layers, seed 1, no studies")
    made.add_argument("--no-studies", dest="studies", action="store_false")
    made.add_argument("--only-studies", action="store_true", help="leave bench.json as it is")
    made.add_argument("--study-layers", default="", help="comma-separated; default all")
    made.add_argument(
        "--study-rtl",
        help="layers whose study points are from RTL (all, none, or names); others: cycle model",
    )
    made.add_argument("--out", type=cli.folder, help="folder of the report")
    made.add_argument("--resume", action="store_true", help="run only what has not passed")
    made.add_argument("--docs", action="store_true", help="also write docs/<design>.json")
    return made


def names(text: str, known: Iterable[str], what: str) -> list[str]:
    """A comma-separated list, all of it if empty; ValueError on an unknown name."""
    known = list(known)
    asked = [part.strip() for part in text.split(",") if part.strip()] or known
    for name in asked:
        if name not in known:
            raise ValueError(unknown(what, name, known))
    return asked


def seeds_of(text: str) -> list[int]:
    """'1,2,3' as integers; ValueError otherwise."""
    try:
        seeds = [int(part) for part in text.split(",")]
    except ValueError:
        raise ValueError(f"seeds: found '{text}', need integers such as 1,2,3") from None
    if any(seed < 0 for seed in seeds):
        raise ValueError(f"seeds: found '{text}', need integers from 0")
    return seeds


def rtl_names(text: str | None, suite: Suite) -> list[str]:
    """Layers that the studies run in RTL: 'all', 'none' or names; by default those of the suite."""
    if text is None:
        return list(suite.studied)
    if text in ("all", "none"):
        return list(suite.layers) if text == "all" else []
    return names(text, suite.layers, "study-rtl")


def networks_of(arguments: Sequence[str] | None) -> str:
    """The design if its paper measures whole networks, which ``networks`` does; else ""."""
    asked = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    asked.add_argument("--design", default=DEFAULT_DESIGN)
    design = asked.parse_known_args(arguments)[0].design
    return design if design in evaluation.names() else ""


class Plan:
    """The checked options."""

    def __init__(self, options: argparse.Namespace) -> None:
        """Raises ValueError that names the option."""
        self.suite = suite = bench_run.suite(options.design)
        self.design, self.simulator = options.design, options.simulator
        self.all_layers = list(suite.layers)
        self.layers = names(options.layers, suite.layers, "layers")
        self.seeds = seeds_of(options.seeds)
        self.studies = options.studies
        if options.quick:
            self.layers = [n for n in self.layers if n in suite.quick] or self.layers[:1]
            self.seeds, self.studies = self.seeds[:1], False
        known = registry.design(options.design).variants
        self.variants = names(options.variants, known, "variants")
        self.study_layers = names(options.study_layers, suite.layers, "study-layers")
        self.jobs, self.where = options.jobs, shared_setting(options.farm, "make bench")
        self.config = configured(options.design, options.config)
        self.study_rtl = rtl_names(options.study_rtl, suite)
        self.only_studies = options.only_studies
        self.resume, self.docs = options.resume, options.docs
        every = self.all_layers
        whole = (self.layers, self.study_layers, self.variants) == (every, every, list(known))
        if self.docs and not (whole and not options.config and not self.only_studies):
            raise ValueError("docs: need all layers, all variants and the default build")
        self.own = own_folder(f"bench-{self.design}", options.out)
        self.out = self.own.path
        self.work = (self.out / "bench").resolve()
        self.publishes = options.out is None


def run_layers(
    plan: Plan, console: Console, player: Player
) -> tuple[list[dict[str, Any]], list[Finished]]:
    """Records of all layers in the order of the suite, and what broke."""
    todo = bench_run.tasks(
        plan.design,
        plan.layers,
        plan.variants,
        plan.seeds,
        plan.config,
        plan.simulator,
        plan.work,
        player,
    )
    kept = [bench_run.passed_before(task) for task in todo] if plan.resume else []
    done: list[Finished] = [one for one in kept if one is not None]
    if done:
        console.print(f"{len(done)} of {len(todo)} runs have passed before")
    passed = {one.task.name for one in done}
    todo = [task for task in todo if task.name not in passed]
    with opened(plan.where, plan.jobs, console, here=True) as farm, Bar(console, 12) as progress:
        bar = progress.add_task("build", total=1)
        first = (plan.design, plan.config, plan.simulator, plan.work, player)
        for ended in farm.each(bench_run.build, [first]):
            ended.result  # noqa: B018  raises if there is no build
            progress.advance(bar)
        bar = progress.add_task("layers", total=len(todo))
        for one in farm.each(bench_run.guarded, ((task,) for task in todo), name=named):
            finished = bench_run.finished(one)
            done.append(finished)
            progress.advance(bar)
            interrupt.note(f"{len(done)} layers are done; RESUME=1 does not run them again")
            if finished.error:
                progress.console.print(f"[red]{finished.task.name} failed[/red]")
    order = {name: at for at, name in enumerate(plan.all_layers)}
    records = [one.record for one in done if one.record is not None]
    records.sort(key=lambda r: (order[r["layer"]], r["seed"], r["variant"]))
    return records, [one for one in done if one.error]


def run_studies(plan: Plan, console: Console, player: Player) -> list[dict[str, Any]]:
    """Points of both studies."""
    todo = bench_studies.study_tasks(
        plan.design,
        plan.study_layers,
        plan.variants,
        plan.config,
        plan.simulator,
        plan.work / "studies",
        player,
        plan.study_rtl,
    )
    points: list[dict[str, Any]] = []
    configs = bench_studies.builds(todo)
    with opened(plan.where, plan.jobs, console, here=True) as farm, Bar(console, 12) as progress:
        bar = progress.add_task("study builds", total=len(configs))
        builders = [
            (plan.design, config, plan.simulator, plan.work / f"build{at}", player)
            for at, config in enumerate(configs)
        ]
        for built in farm.each(bench_run.build, builders):
            built.result  # noqa: B018  raises if there is no build
            progress.advance(bar)
        bar = progress.add_task("studies", total=len(todo))
        for one in farm.each(bench_studies.run_study, ((task,) for task in todo)):
            points += one.result
            progress.advance(bar)
    order = {name: at for at, name in enumerate(plan.all_layers)}
    keys = sorted(one.key for one in plan.suite.studies)
    points.sort(
        key=lambda p: (p["study"], order[p["layer"]], p["variant"], *(p[key] for key in keys))
    )
    return points


def named(task: bench_run.Task) -> str:
    """A task in a line."""
    return f"{task.design} {task.name}"


def missed(records: Sequence[dict[str, Any]], whole: bool) -> list[str]:
    """Every goal that is not met, as a line. ``whole``: all layers ran, so the mean counts."""
    lines = []
    goal, most = bench_run.suite(records[0]["design"]).goal
    for one in records:
        name = f"{one['layer']} {one['variant']} seed {one['seed']}"
        if not one["bit_exact"]:
            lines.append(
                f"{name}: {one['different']} of {one['compared']} outputs differ, first "
                f"{one['first_difference']}"
            )
        lines += [f"{name}: counter {text}" for text in one["counter_errors"]]
        if deviation(one):
            lines.append(f"{name}: cycle model is off by {100 * deviation(one):+.2f} %")
        if one["variant"] == goal and one["ratio"] > one["paper_ratio"]:
            lines.append(
                f"{name}: ratio {one['ratio']:.3f}, the paper's is {one['paper_ratio']:.3f}"
            )
    ratios = [one["ratio"] for one in records if one["variant"] == goal]
    if whole and ratios and geomean(ratios) > most:
        lines.append(f"geometric mean of the {goal} ratios {geomean(ratios):.3f}, goal {most}")
    return lines


def missed_points(points: Sequence[dict[str, Any]]) -> list[str]:
    """Study points in RTL that differ, or that the cycle model does not meet."""
    lines = []
    for one in points:
        name = f"{one['study']} {one['layer']} {one['variant']} {one[one['study']]}"
        if one["bit_exact"] is False:
            lines.append(f"{name}: outputs differ")
        if deviation(one):
            lines.append(f"{name}: cycle model is off by {100 * deviation(one):+.2f} %")
    return lines


def do_layers(
    plan: Plan, console: Console, player: Player, problems: list[str]
) -> list[dict[str, Any]]:
    """The layers, their tables and ``bench.json``; their records."""
    start = time.monotonic()
    records, broken = run_layers(plan, console, player)
    seconds = time.monotonic() - start
    problems += [f"{one.task.name}: {one.error}" for one in broken]
    if not records:
        return []
    problems += missed(records, set(plan.layers) == set(plan.all_layers))
    console.print(time_table(records), end="\n\n")
    console.print(ratio_table(records), end="\n\n")
    data = {
        "runs": records,
        "seconds": round(seconds, 1),
        "jobs": plan.jobs,
        "assumes": plan.suite.assumes,
    }
    save_results(plan.out / "bench.json", data, BENCH_SCHEMA)
    console.print(f"{len(records)} runs in {seconds:.0f} s, {plan.jobs} at a time")
    return records


def do_studies(
    plan: Plan, console: Console, player: Player, problems: list[str]
) -> list[dict[str, Any]]:
    """The studies, their tables and ``studies.json``; their points."""
    points = run_studies(plan, console, player)
    problems += missed_points(points)
    for study in plan.suite.studies:
        mine = [point for point in points if point["study"] == study.key]
        console.print(study_table(mine, study), end="\n\n")
    write_whole(plan.out / "studies.json", json.dumps({"points": points}, indent=1) + "\n")
    return points


def write_pages(plan: Plan, console: Console) -> None:
    """The page of this run; in the well-known place, with what other runs left there."""
    made = [path for path in sorted(plan.out.glob("*.json")) if path.stem in ("bench", "studies")]
    if (plan.out / "bench.json").is_file():
        page = write_bench(plan.out)
        console.print(f"{'kept as' if plan.publishes else 'report'}: {page}", soft_wrap=True)
    if not plan.publishes:
        return
    with renewing(report_root()) as latest:
        publish(made, latest)
        if (latest / "bench.json").is_file() and not is_mine(latest):
            console.print(f"report: {write_bench(latest)}", soft_wrap=True)
        if (latest / "results.json").is_file():
            write_report(latest)  # it links here now


def main(arguments: Sequence[str] | None = None, player: Player = rtl_player) -> int:
    """Command line entry; returns the exit status."""
    if design := networks_of(arguments):
        return networks.main(design, arguments, player)
    console, errors = Console(), Console(stderr=True)
    say: Callable[[str], None] = lambda text: errors.print(  # noqa: E731
        text, highlight=False, soft_wrap=True
    )
    try:
        plan = Plan(parser().parse_args(arguments))
    except (ValueError, OSError) as error:
        say(f"[red]error:[/red] {escape(str(error))}")
        return BAD_INPUT
    problems: list[str] = []
    records: list[dict[str, Any]] = []
    points: list[dict[str, Any]] = []
    try:
        if not plan.only_studies:
            records = do_layers(plan, console, player, problems)
        if plan.studies or plan.only_studies:
            points = do_studies(plan, console, player, problems)
    except (RuntimeError, ValueError) as error:
        problems.append(str(error))
    if plan.docs and records:
        figures.keep(records, points)
    write_pages(plan, console)
    plan.own.release()
    for line in problems:
        say(f"[red]missed:[/red] {escape(line)}")
    if not problems:
        console.print("[green]all goals met[/green]")
    return FAILED if problems else OK


if __name__ == "__main__":
    interrupt.entry(main)
