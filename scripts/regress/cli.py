"""Many seeds: ``make regress N=10``: every bench, configuration and simulator, N seeds each.

All benches are built first, so that no run waits for another's build. Every run is written down as
it ends: ``build/regress.json`` has all of them and the failures by cause, ``build/regress.xml`` is
the same as JUnit. ``RESUME=1`` leaves out what has passed on the same sources, benches and models
(configuration, seed and tests alike); ``FAILED=1`` runs the failures of the last call again, and
nothing else, whatever has changed since.

Exit status: 0 all passed, 1 something failed, 2 nothing to run, 130 interrupted.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from rich.markup import escape

from models import names
from models.places import build_root
from scripts import interrupt, kept, options
from scripts.console import Console
from scripts.farm.bar import Bar
from scripts.farm.farm import Ended, Farm, opened
from scripts.farm.settings import Setting, add_option, setting
from scripts.outputs import own_folder, publish, renewing
from scripts.regress.records import (
    JUNIT,
    RECORD,
    Record,
    append,
    bench_table,
    by_cause,
    failed_before,
    of_result,
    read_journal,
    write,
)
from tb.common.sim import configs, results, simulators
from tb.common.sim.bench import choose
from tb.common.sim.runner import (
    Bench,
    BuildError,
    RunResult,
    build,
    find,
    replay_line,
    run,
)


@dataclass(frozen=True)
class Planned:
    """One run, small enough to be sent to another process."""

    bench: str
    config: str
    simulator: str
    seed: int
    tests: str | None

    def said(self) -> str:
        """The run in a line."""
        return f"{self.bench} {self.config} {self.simulator} seed {self.seed}"


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


def do_run(job: Planned) -> RunResult:
    """Simulate once."""
    return run(find(job.bench), job.config, job.simulator, job.tests, job.seed)


def failed_builds(bar: Bar, farm: Farm, jobs: Sequence[Planned]) -> dict[tuple[str, str, str], str]:
    """Build everything; error texts by (bench, configuration, simulator).

    Where workers share no disk each builds what it runs, when it does.
    """
    if not farm.setting.shared:
        return {}
    chosen = list(dict.fromkeys((job.bench, job.config, job.simulator) for job in jobs))
    task = bar.add_task("building", total=len(chosen))
    broken = {}
    for ended in farm.each(do_build, chosen):
        if text := ended.problem or ended.result:
            broken[ended.job] = text
        bar.advance(task)
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
    add_option(parser)
    again = parser.add_mutually_exclusive_group()
    again.add_argument("--resume", action="store_true", help="run only what has not passed")
    again.add_argument("--failed", action="store_true", help="the failures of the last call, only")
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> int:
    args = parse(arguments)
    console = Console()
    try:
        where = setting(args.farm)
        jobs = failed_jobs() if args.failed else planned(console, args)
        if not jobs:
            raise ValueError("nothing to run: no simulator for what was asked for")
    except ValueError as error:
        return options.refused(error)
    with own_folder("regress") as folder:
        interrupt.note(f"{len(jobs)} {folder}")
        kept.forget_old("regress")
        done = passed_before(jobs) if args.resume else []
        for one in done:
            append(folder, one)
        have = {(one.bench, one.config, one.simulator, one.seed) for one in done}
        left = [job for job in jobs if (job.bench, job.config, job.simulator, job.seed) not in have]
        if done:
            console.print(f"{len(done)} of {len(jobs)} runs have passed before")
        execute(console, left, where, args.jobs, folder)
        records = read_journal(folder)
        published(folder, records, len(jobs))
    return summary(console, records)


def planned(console: Console, args: argparse.Namespace) -> list[Planned]:
    """All runs that were asked for; ValueError if there are no such benches."""
    benches = narrowed(choose(args.design), args.config, args.test)
    chosen, left_out = [], set()
    for target in targets(benches, args.config, args.sim):
        why = simulators.missing(target[2])
        left_out.add(why) if why else chosen.append(target)
    for why in left_out:
        console.print(f"[yellow]left out:[/] {escape(why)}")
    return [
        Planned(bench.name, bench.label(config), simulator, seed, args.test)
        for seed in range(args.seed, args.seed + args.n)
        for bench, config, simulator in chosen
    ]


def failed_jobs() -> list[Planned]:
    """The runs that failed in the last call; ValueError without."""
    found = failed_before(build_root() / RECORD)
    return [
        Planned(one.bench, one.config, one.simulator, one.seed, one.asked or None) for one in found
    ]


def key(job: Planned) -> str:
    """Under which a run that passed is kept."""
    facts = job.bench, job.config, job.seed, job.tests or ""
    return kept.key_of(job.simulator, "regress", *facts)


def passed_before(jobs: list[Planned]) -> list[Record]:
    """Those of the runs that passed on the same sources."""
    found = [kept.load("regress", key(job)) for job in jobs]
    return [replace(Record(**one), kept=True) for one in found if one is not None]


def execute(
    console: Console, jobs: list[Planned], where: Setting, workers: int, folder: Path
) -> None:
    """Build, run; each run is in the journal when it ends."""

    def ended(record: Record) -> None:
        append(folder, record)
        if not record.passed:
            console.print(f"[red]FAILED[/] {escape(record.replay)}")

    with opened(where, workers, console) as farm, Bar(console) as bar:
        broken = failed_builds(bar, farm, jobs)
        task = bar.add_task("running", total=len(jobs))
        left = []
        for job in jobs:
            if (text := broken.get((job.bench, job.config, job.simulator))) is None:
                left.append(job)
                continue
            ended(unbuilt(job, text))
            bar.advance(task)
        for one in farm.each(do_run, ((job,) for job in left), name=Planned.said):
            ended(kept_record(one))
            bar.advance(task)


def kept_record(one: Ended[RunResult]) -> Record:
    """The record of a run that has ended; what passed is kept."""
    (job,) = one.job
    if one.problem:
        record = unbuilt(job, one.problem)
    else:
        record = of_result(one.result, job.tests or "")
        if record.passed:
            kept.save("regress", key(job), asdict(record))
    return replace(record, tries=one.tries, host=one.host)


def unbuilt(job: Planned, text: str) -> Record:
    """The record of a run that has no results: it could not be built, or did not come to an end."""
    replay = replay_line(find(job.bench), job.config, job.simulator, job.seed, job.tests or "")
    what = f"{text}\nreplay: {replay}"
    return Record(
        job.bench, job.config, job.simulator, job.seed, job.tests or "", False, 0.0, replay,
        failures=[text], report=what,
    )  # fmt: skip


def published(folder: Path, records: list[Record], count: int) -> None:
    """The records of a run in its own folder, and as the latest ones."""
    files = write(folder, records, count)
    with renewing(build_root()) as latest:
        publish(files, latest)


def stopped(note: str) -> str:
    """After an interrupt: write down what is finished, and say it."""
    count, _, folder = note.partition(" ")
    if not folder:
        return ""
    records = read_journal(Path(folder))
    published(Path(folder), records, int(count))
    failed = sum(not one.passed for one in records)
    return (
        f"{len(records)} of {count} runs are done, {failed} failed; RESUME=1 does the rest  "
        f"{build_root() / RECORD}"
    )


def summary(console: Console, records: list[Record]) -> int:
    """Failures by cause, a line for each bench, exit status."""
    for cause, mine in by_cause(records).items():
        count = "once" if len(mine) == 1 else f"{len(mine)} times"
        console.print(f"\n[bold red]{count}:[/] {escape(cause)}")
        console.print(escape(mine[0].report))
        for one in mine[1:]:
            console.print(f"the same: {escape(one.replay)}")
    console.print(bench_table(records))
    failed = sum(not one.passed for one in records)
    colour = "red" if failed else "green"
    where = f"{build_root() / RECORD}, {JUNIT}"
    console.print(f"[{colour}]{len(records) - failed} runs passed, {failed} failed[/]  {where}")
    if failed:
        console.print("make regress FAILED=1 runs the failures again, RESUME=1 what has not passed")
    return 1 if failed or not records else 0


if __name__ == "__main__":
    interrupt.entry(main, stopped)
