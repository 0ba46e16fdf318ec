"""The first half of ``make cov``: run the benches with counting, keep what each run left."""

from __future__ import annotations

import argparse
import json
import multiprocessing
import re
import shutil
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from tb.common import simulators
from tb.common.bench import choose, find
from tb.common.builds import BuildError, build
from tb.common.coverage import CoverageError
from tb.common.runner import run

_SIMULATOR = "verilator"  # Icarus counts no code; functional coverage of one simulator is enough
_MARK = "runs.json"


def plan(args: argparse.Namespace) -> list[tuple[str, str]]:
    """(bench, configuration) of everything that runs.

    Raises:
        ValueError: unknown bench or configuration.
    """
    chosen = []
    for bench in choose(args.design):
        if _SIMULATOR not in bench.simulators:
            continue
        if args.config:
            bench.parameters(args.config)
            chosen.append((bench.name, args.config))
            continue
        chosen += [(bench.name, name) for name in bench.configs]
    return chosen


def do_build(name: str, config: str) -> str:
    """Error text of a build, empty if it worked."""
    try:
        build(find(name), config, _SIMULATOR, coverage=True)
    except BuildError as error:
        return str(error)
    return ""


def do_run(name: str, config: str, seed: int, folder: Path) -> str:
    """Run once and copy what was counted to ``folder``; the failure as text, or empty.

    Slow configurations run only their smoke test: they are there for their size.
    """
    bench = find(name)
    tests = ["smoke"] if config in bench.slow and "smoke" in bench.tests else None
    result = run(bench, config, _SIMULATOR, tests, seed, coverage=True)
    label = re.sub(r"[^A-Za-z0-9_-]+", "-", f"{name}-{config}-{seed}")
    target = folder / label
    target.mkdir(parents=True)
    if result.coverage is not None:
        shutil.copy(result.coverage, target / "coverage.dat")
    for path in sorted(result.out.glob("coverage/*.json")):
        shutil.copy(path, target / path.name)
    if result.passed and result.coverage is None:
        return f"{label}: no coverage.dat was written"
    return "" if result.passed else f"run failed: {result.replay}"


def execute(console: Console, folder: Path, args: argparse.Namespace) -> None:
    """Build and run everything, leave the data and the list of failures in ``folder``.

    Raises:
        CoverageError: no simulator, or nothing to run.
    """
    if (why := simulators.missing(_SIMULATOR)) is not None:
        raise CoverageError(f"code coverage needs Verilator: {why}")
    chosen = plan(args)
    if not chosen or args.n < 1:
        raise CoverageError("nothing to run")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    columns = TextColumn("{task.description:10}"), BarColumn(), MofNCompleteColumn()
    failures = []
    context = multiprocessing.get_context("spawn")
    with (
        Progress(*columns, TimeElapsedColumn(), console=console) as progress,
        ProcessPoolExecutor(args.jobs, mp_context=context) as pool,
    ):
        task = progress.add_task("building", total=len(chosen))
        builds = {pool.submit(do_build, *job): job for job in chosen}
        good = []
        for future in as_completed(builds):
            progress.advance(task)
            if text := future.result():
                failures.append(f"build of {'/'.join(builds[future])} failed: {text}")
            else:
                good.append(builds[future])
        runs = [(*job, seed) for seed in range(args.seed, args.seed + args.n) for job in good]
        task = progress.add_task("running", total=len(runs))
        futures = [pool.submit(do_run, *job, folder) for job in sorted(runs)]
        for future in as_completed(futures):
            progress.advance(task)
            if text := future.result():
                failures.append(text)
                console.print(f"[red]FAILED[/] {escape(text)}", soft_wrap=True)
    # Last, so that data of a run that was stopped is not taken for all there is.
    whole = not args.design and not args.config
    state = {"whole": whole, "runs": len(runs), "failures": sorted(failures)}
    (folder / _MARK).write_text(json.dumps(state) + "\n")


def state_of(folder: Path) -> tuple[bool, list[str]]:
    """Whether the data is of all benches, and what failed while it was made.

    Raises:
        CoverageError: there is no data, or making it was stopped.
    """
    mark = folder / _MARK
    if not mark.is_file():
        raise CoverageError(f"no complete data in {folder}: run make cov without --report-only")
    state = json.loads(mark.read_text())
    return bool(state["whole"]), list(state["failures"])
