"""What a farm costs: ``python -m scripts.farm.cost``.

``--empty N`` hands out N jobs that do nothing, and says how many a second: what the farm itself
can do. ``--sample N`` builds and runs N of the runs of one seed of ``make regress``, drawn at
random, and says what 10,000 seeds of everything take in core hours. Processor seconds are
counted, not those on the wall, so that other work on the machine does not change them much.
"""

from __future__ import annotations

import argparse
import math
import random
import resource
import statistics
import time
from collections.abc import Sequence

from rich.markup import escape

from scripts import interrupt, options
from scripts.console import Console, Table
from scripts.farm.bar import Bar
from scripts.farm.farm import Farm, opened
from scripts.farm.settings import add_option, setting
from scripts.regress.cli import targets
from tb.common.sim import simulators
from tb.common.sim.bench import choose, find
from tb.common.sim.runner import build, run

SEEDS = 10_000


def nothing(number: int) -> int:
    """A job that does nothing."""
    return number


def used() -> float:
    """Processor seconds of this process and of all its children that have ended."""
    parts = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in parts)


def measure(name: str, config: str, simulator: str) -> tuple[float, float, bool, str]:
    """Processor seconds of a build and of a run, whether the build was made just now, and the
    replay line of a run that failed.
    """
    bench = find(name)
    begin = used()
    made = build(bench, config, simulator)
    built = used()
    ended = run(bench, config, simulator, cases=False)
    replay = "" if ended.passed else ended.replay
    return built - begin, used() - built, made.fresh, replay


def empty_jobs(console: Console, farm: Farm, count: int) -> None:
    """How many jobs a second a farm hands out."""
    list(farm.each(nothing, ((at,) for at in range(64))))  # workers start with their first jobs
    begin = time.monotonic()
    found = {one.result for one in farm.each(nothing, ((at,) for at in range(count)))}
    if found != set(range(count)):
        raise RuntimeError(f"farm: found {len(found)} jobs, need {count}")
    console.print(
        f"{count / (time.monotonic() - begin):,.0f} jobs a second of {count:,} empty ones"
    )


def sampled(console: Console, farm: Farm, count: int, seed: int) -> None:
    """What runs and builds take, by simulator, and all seeds of everything."""
    every: dict[str, list[tuple[str, str, str]]] = {}
    for bench, config, simulator in targets(choose(None), None, None):
        if not simulators.missing(simulator):
            every.setdefault(simulator, []).append((bench.name, bench.label(config), simulator))
    draw, total = random.Random(seed), sum(map(len, every.values()))
    chosen = []
    for mine in every.values():
        chosen += draw.sample(mine, min(len(mine), max(2, round(count * len(mine) / total))))
    found: dict[str, list[tuple[float, float, bool, str]]] = {one: [] for one in every}
    with Bar(console) as bar:
        task = bar.add_task("sample", total=len(chosen))
        for one in farm.each(measure, chosen):
            found[one.job[2]].append(one.result)
            if replay := one.result[3]:
                console.print(f"[red]FAILED[/] {escape(replay)}")
            bar.advance(task)
    table = Table("simulator", "runs of a seed", "sampled", "s per run", "+-", "s per build",
                  f"core hours of {SEEDS:,} seeds", "+-")  # fmt: skip
    for name, measured in found.items():
        runs = [one[1] for one in measured]
        builds = [one[0] for one in measured if one[2]]
        error = statistics.stdev(runs) / math.sqrt(len(runs)) if len(runs) > 1 else math.nan
        hours = SEEDS * len(every[name]) / 3600
        table.add_row(
            name, f"{len(every[name]):,}", str(len(measured)), f"{statistics.mean(runs):.2f}",
            f"{error:.2f}", f"{statistics.mean(builds):.1f}" if builds else "",
            f"{hours * statistics.mean(runs):,.0f}", f"{hours * error:,.0f}",
        )  # fmt: skip
    console.print(table)


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line entry; returns the exit status."""
    parser = options.Parser(prog="farm.cost", description=(__doc__ or "").splitlines()[0])
    asked: argparse._ArgumentGroup = parser.add_argument_group()
    asked.add_argument("--empty", type=options.integer(1), help="jobs that do nothing")
    asked.add_argument("--sample", type=options.integer(2), help="runs of a regression")
    parser.add_argument("--seed", type=options.seed, default=1, help="which are drawn")
    parser.add_argument("--jobs", type=options.jobs, default=2)
    add_option(parser)
    args = parser.parse_args(arguments)
    console = Console()
    try:
        where = setting(args.farm)
        if not (args.empty or args.sample):
            raise ValueError("empty: found nothing, need --empty or --sample")
    except ValueError as error:
        return options.refused(error)
    with opened(where, args.jobs, console) as farm:
        if args.empty:
            empty_jobs(console, farm, args.empty)
        if args.sample:
            sampled(console, farm, args.sample, args.seed)
    return 0


if __name__ == "__main__":
    interrupt.entry(main)
