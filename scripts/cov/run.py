"""The first half of ``make cov``: run the benches with counting, keep what each run left."""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import functools
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from rich.markup import escape

from scripts import interrupt, options
from scripts.console import Console
from scripts.cov import data as cov_data
from scripts.cov.data import Database, Key, Left, Run
from scripts.farm.bar import Bar
from scripts.farm.farm import opened
from scripts.farm.settings import Setting
from scripts.regress.attempt import FAULTS, build_fault, fault
from tb.common.coverage.functional import CoverageError
from tb.common.sim import simulators
from tb.common.sim.bench import Bench, choose, find
from tb.common.sim.configs import with_config
from tb.common.sim.runner import RunResult, run

_SIMULATOR = "verilator"  # Icarus counts no code; functional coverage of one simulator is enough


def plan(args: argparse.Namespace) -> list[tuple[str, str]]:
    """(bench, configuration) of everything that runs.

    Raises:
        ValueError: unknown bench or configuration.
    """
    benches = [one for one in choose(args.design) if _SIMULATOR in one.simulators]
    if args.config:
        return [(bench.name, args.config) for bench in with_config(benches, args.config)]
    return [(bench.name, name) for bench in benches for name in bench.configs]


def do_build(name: str, config: str) -> str:
    """Error text of a build, empty if it worked."""
    return build_fault(name, config, _SIMULATOR, coverage=True)


def statuses(result: RunResult) -> dict[str, str]:
    """Test -> status; of a parametrised one the worst of its cases."""
    worst = ("skipped", "passed", "failed")
    found: dict[str, str] = {}
    for test in result.tests:
        known = found.get(test.base, worst[0])
        found[test.base] = max(known, test.status, key=worst.index)
    return found


def tests_of(bench: Bench, config: str) -> list[str] | None:
    """Tests to run for coverage; None: all."""
    short = config in bench.slow and config not in bench.closing and "smoke" in bench.tests
    return ["smoke"] if short else None


def do_run(name: str, config: str, seed: int) -> Left:
    """Run once; what was counted, and the failure if there was one.

    Slow configurations run only their smoke test, as they are there for their size, unless bins are
    theirs alone.
    """
    try:
        bench = find(name)
        tests = tests_of(bench, config)
        sources = cov_data.rtl_of(bench)
        result = run(bench, config, _SIMULATOR, tests, seed, coverage=True)
    except FAULTS as error:
        return _lost((name, config, seed), fault(error))
    failure = "" if result.passed else f"run failed: {result.replay}"
    if result.passed and result.coverage is None:
        failure = f"{cov_data.said((name, config, seed))}: no coverage.dat was written"
    record = Run(name, config, seed, statuses(result), sources, failure)
    return cov_data.collect(record, result.coverage, sorted(result.out.glob("coverage/*.json")))


@contextlib.contextmanager
def claimed(folder: Path) -> Iterator[None]:
    """Hold the database of a build folder; two runs would fill it with each other's data.

    Raises:
        CoverageError: another process holds it.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / "lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise CoverageError(
                f"another make cov is at work in {folder.parent}: wait for it, or set LAC_BUILD to "
                "another folder"
            ) from None
        yield


def execute(console: Console, folder: Path, args: argparse.Namespace, where: Setting) -> None:
    """Make the database: merge the earlier ones that were named, and run what was chosen.

    With ``args.resume`` what has passed stays, of the choice, or without one of all runs that the
    database was ever asked for.

    Raises:
        CoverageError: no simulator, nothing to run, or databases that do not fit together.
        ValueError: there is no such choice.
    """
    merged = [Path(one.strip()) for one in (args.merge or "").split(",") if one.strip()]
    todo = chosen(args, always=not (merged or args.resume))
    if merged:
        for line in cov_data.combine(folder, merged, [] if args.resume else todo):
            console.print(f"note: {escape(line)}", soft_wrap=True)
    if args.resume:
        known = cov_data.load(folder)
        asked = todo or known.asked
        passed = passed_before(known, asked)
        todo = [key for key in asked if key not in passed]
        console.print(f"{len(passed)} of {len(asked)} runs have passed before")
    if not todo:
        return
    if (why := simulators.missing(_SIMULATOR)) is not None:
        raise CoverageError(f"code coverage needs Verilator: {why}")
    cov_data.begin(folder, todo, keep=bool(merged or args.resume))
    _run_all(console, folder, todo, where, args.jobs)


def chosen(args: argparse.Namespace, always: bool) -> list[Key]:
    """What DESIGN, CONFIG, SEED and N ask for; without any of them all, or nothing if not
    ``always``.

    Raises:
        CoverageError: nothing.
        ValueError: an unknown bench or configuration, or no such seed.
    """
    if not always and all(
        one in (None, "") for one in (args.design, args.config, args.seed, args.n)
    ):
        return []
    seeds = options.seeds(1 if args.seed is None else args.seed, args.n or 1)
    pairs = plan(args)
    if not pairs:
        raise CoverageError("nothing to run")
    return [(*pair, seed) for seed in seeds for pair in pairs]


def passed_before(known: Database, asked: Iterable[Key]) -> set[Key]:
    """Those of the runs that went well, on the RTL that there is now."""
    rtl = functools.cache(_rtl_now)
    runs = (known.runs[key] for key in asked if key in known.runs)
    return {run.key for run in runs if not run.failure and dict(run.sources) == rtl(run.bench)}


def _rtl_now(bench: str) -> dict[str, str] | None:
    """RTL of a bench; None if the bench, or a module of it, is gone."""
    try:
        return cov_data.rtl_of(find(bench))
    except ValueError:
        return None


def _lost(key: tuple[Any, ...], problem: str) -> Left:
    """What is left of a run that did not come to its end."""
    bench, config, seed = key
    failure = f"run failed: {cov_data.said((bench, config, seed))}: {problem}"
    return Left(Run(bench, config, seed, failure=failure))


def _run_all(console: Console, folder: Path, todo: list[Key], where: Setting, jobs: int) -> None:
    """Build what is needed, then simulate; each run is in the database when it has ended."""
    with opened(where, jobs, console) as farm, Bar(console) as progress:
        pairs = list(dict.fromkeys((bench, config) for bench, config, _ in todo))
        broken = {}
        if where.shared:  # else each node builds what it runs, when it does
            task = progress.add_task("building", total=len(pairs))
            for built in farm.each(do_build, pairs):
                progress.advance(task)
                if text := built.problem or built.result:
                    broken[built.job] = f"build of {'/'.join(built.job)} failed: {text}"
        for bench, config, seed in todo:
            if failure := broken.get((bench, config)):
                cov_data.save(folder, Left(Run(bench, config, seed, failure=failure)))
        left = sorted(key for key in todo if key[:2] not in broken)
        task = progress.add_task("running", total=len(left))
        for number, one in enumerate(farm.each(do_run, left), 1):
            done = one.value or _lost(one.job, one.problem)
            cov_data.save(folder, done)
            progress.advance(task)
            interrupt.note(
                f"{number} of {len(left)} runs are kept, make cov RESUME=1 runs the rest"
            )
            if text := done.run.failure:
                console.print(f"[red]FAILED[/] {escape(text)}", soft_wrap=True)
