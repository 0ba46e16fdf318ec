"""Many seeds: ``make regress N=10``: every bench, configuration and simulator, N seeds each.

All benches are built first, so that no run waits for another's build. Failures are listed at the
end, each with the line that repeats it, and are in ``build/regress.json``.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass

from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from models import names
from scripts import interrupt, options
from scripts.console import Console, Table
from tb.common import configs, results, simulators
from tb.common.bench import choose
from tb.common.builds import build_root
from tb.common.runner import (
    Bench,
    BuildError,
    RunResult,
    build,
    find,
    replay_line,
    run,
)


@dataclass(frozen=True)
class Job:
    """One run, small enough to be sent to another process."""

    bench: str
    config: str
    simulator: str
    seed: int
    tests: str | None


def targets(
    benches: list[Bench], config: str | None, simulator: str | None
) -> Iterator[tuple[Bench, str, str]]:
    """Benches x configurations x simulators; slow configurations on Verilator only."""
    for bench in benches:
        for name in [config] if config else bench.configs:
            for tool in bench.simulators:
                asked = tool == simulator if simulator else True
                by_default = simulator or tool != "icarus" or bench.runs_on_icarus(name)
                if asked and by_default:
                    yield bench, name, tool


def narrowed(benches: list[Bench], config: str | None, tests: str | None) -> list[Bench]:
    """The benches that have the configuration and any of the tests.

    Raises:
        ValueError: none has; the message names what there is.
    """
    kept = configs.with_config(benches, config) if config else benches
    wanted = [one.strip() for one in (tests or "").split(",") if one.strip()]
    found = [bench for bench in kept if not wanted or has_tests(bench, wanted)]
    if not found:
        known = dict.fromkeys(name for bench in kept for name in bench.tests)
        raise ValueError(names.unknown("test", tests or "", known))
    return found


def has_tests(bench: Bench, wanted: list[str]) -> bool:
    """Whether the filter leaves anything of a bench."""
    try:
        return bool(results.select(bench.tests, wanted))
    except ValueError:
        return False


def do_build(bench: str, config: str, simulator: str) -> str:
    """Error text of a build, empty if it worked."""
    try:
        build(find(bench), config, simulator)
    except BuildError as error:
        return str(error)
    return ""


def do_run(job: Job) -> RunResult:
    return run(find(job.bench), job.config, job.simulator, job.tests, job.seed)


def failed_builds(
    progress: Progress, pool: ProcessPoolExecutor, chosen: list[tuple[Bench, str, str]]
) -> dict[tuple[str, str, str], str]:
    """Build everything; error texts by (bench, configuration, simulator)."""
    task = progress.add_task("building", total=len(chosen))
    futures = {pool.submit(do_build, b.name, c, s): (b.name, c, s) for b, c, s in chosen}
    broken = {}
    for future in as_completed(futures):
        if text := future.result():
            broken[futures[future]] = text
        progress.advance(task)
    return broken


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = options.Parser(prog="make regress", description=__doc__)
    parser.add_argument("--design", help="benches by name or pattern, commas between")
    parser.add_argument("--config")
    parser.add_argument("--test")
    parser.add_argument("--seed", type=options.seed, default=1, help="first seed")
    parser.add_argument("--n", type=options.integer(1), default=10, help="seeds")
    parser.add_argument("--sim", type=options.simulator)
    parser.add_argument("--jobs", type=options.jobs, default=2)
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> int:
    args = parse(arguments)
    console = Console()
    try:
        benches = narrowed(choose(args.design), args.config, args.test)
    except ValueError as error:
        return options.refused(error)
    chosen, left_out = [], set()
    for target in targets(benches, args.config, args.sim):
        why = simulators.missing(target[2])
        left_out.add(why) if why else chosen.append(target)
    for why in left_out:
        console.print(f"[yellow]left out:[/] {escape(why)}")
    if not chosen:
        return options.refused("nothing to run: no simulator for what was asked for")
    failures, passed = execute(console, chosen, args)
    return summary(console, failures, passed)


def execute(
    console: Console, chosen: list[tuple[Bench, str, str]], args: argparse.Namespace
) -> tuple[list[dict[str, object]], int]:
    """Build, run all seeds; the failures and the number of runs that passed."""
    columns = TextColumn("{task.description:10}"), BarColumn(), MofNCompleteColumn()
    failures: list[dict[str, object]] = []
    passed = 0
    context = multiprocessing.get_context("spawn")
    with (
        Progress(*columns, TimeElapsedColumn(), console=console) as progress,
        ProcessPoolExecutor(args.jobs, mp_context=context) as pool,
    ):
        broken = failed_builds(progress, pool, chosen)
        for (name, config, simulator), text in broken.items():
            replay = replay_line(find(name), config, simulator, args.seed)
            failures.append({"what": text, "replay": replay})
            console.print(f"[red]FAILED[/] {escape(replay)}", soft_wrap=True)
        jobs = [
            Job(bench.name, config, simulator, seed, args.test)
            for seed in range(args.seed, args.seed + args.n)
            for bench, config, simulator in chosen
            if (bench.name, config, simulator) not in broken
        ]
        task = progress.add_task("running", total=len(jobs))
        for future in as_completed([pool.submit(do_run, job) for job in jobs]):
            result = future.result()
            progress.advance(task)
            if result.passed:
                passed += 1
                continue
            failures.append({"what": result.report(), "replay": result.replay})
            console.print(f"[red]FAILED[/] {escape(result.replay)}", soft_wrap=True)
    return failures, passed


def summary(console: Console, failures: list[dict[str, object]], passed: int) -> int:
    """Table of failures, record for other programs, exit status."""
    record = build_root() / "regress.json"
    record.parent.mkdir(parents=True, exist_ok=True)
    record.write_text(json.dumps({"passed": passed, "failures": failures}, indent=1) + "\n")
    for failure in failures:
        console.print("\n" + escape(str(failure["what"])), soft_wrap=True)
    if failures:
        table = Table(title="failures", show_header=False)
        table.add_column(no_wrap=True)
        for failure in failures:
            table.add_row(escape(str(failure["replay"])))
        console.print(table, soft_wrap=True)
    colour = "red" if failures else "green"
    console.print(f"[{colour}]{passed} runs passed, {len(failures)} failed[/]  {record}")
    return 1 if failures or not passed else 0


if __name__ == "__main__":
    interrupt.entry(main)
