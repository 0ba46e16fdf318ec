"""Many seeds: ``make regress N=10``: every bench, configuration and simulator, N seeds each.

All benches are built first, so that no run waits for another's build. Every run is written down as
it ends: ``build/regress.json`` has all of them and the failures by cause, ``build/regress.xml`` is
the same as JUnit. ``RESUME=1`` leaves out what has passed on the same sources, benches and models
(configuration, seed and tests alike); ``FAILED=1`` runs the failures of the last call again, and
nothing else, whatever has changed since; those that it did not come to stay failures. A call that
ends early, by an interrupt or an error, leaves the records of what it has done.

Exit status: 0 all passed, 1 something failed, 2 nothing to run or nowhere to, 130 interrupted.
"""

from __future__ import annotations

import argparse
import contextlib
import socket
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
from scripts.regress.attempt import FAULTS, build_fault, fault
from scripts.regress.records import (
    BEFORE,
    JUNIT,
    RECORD,
    Record,
    all_of,
    append,
    bench_table,
    by_cause,
    failed_before,
    of_result,
    record_of,
    write,
)
from tb.common.sim import configs, results, simulators
from tb.common.sim.bench import choose
from tb.common.sim.runner import Bench, RunResult, find, replay_line, run

#: What FAILED=1 does not take: it runs what there was, as it was.
_CHOICE = ("design", "config", "test", "seed", "n", "sim")


@dataclass(frozen=True)
class Planned:
    """One run, small enough to be sent to another process."""

    bench: str
    config: str
    simulator: str
    seed: int
    tests: str | None

    @property
    def run(self) -> tuple[str, str, str, int, str]:
        """As ``Record.run``."""
        return self.bench, self.config, self.simulator, self.seed, self.tests or ""

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
    return build_fault(bench, config, simulator)


def do_run(job: Planned) -> RunResult | str:
    """Simulate once; a text says why that could not be done."""
    try:
        return run(find(job.bench), job.config, job.simulator, job.tests, job.seed)
    except FAULTS as error:
        return fault(error)


def failed_builds(
    bar: Bar, farm: Farm, jobs: Sequence[Planned]
) -> dict[tuple[str, str, str], tuple[str, str]]:
    """Build everything; error text and host by (bench, configuration, simulator).

    Where workers share no disk each builds what it runs, when it does.
    """
    if not farm.setting.shared:
        return {}
    chosen = list(dict.fromkeys((job.bench, job.config, job.simulator) for job in jobs))
    task = bar.add_task("building", total=len(chosen))
    broken = {}
    for ended in farm.each(do_build, chosen):
        if text := ended.problem or ended.result:
            broken[ended.job] = text, ended.host
        bar.advance(task)
    return broken


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = options.Parser(prog="make regress", description=__doc__)
    parser.add_argument("--design", help="benches by name or pattern, commas between")
    parser.add_argument("--config")
    parser.add_argument("--test")
    parser.add_argument("--seed", type=options.seed, help="first seed, 1 if not said")
    parser.add_argument("--n", type=options.count, help="seeds, 10 if not said")
    parser.add_argument("--sim", type=options.simulator)
    parser.add_argument("--jobs", type=options.jobs, default=2)
    add_option(parser)
    again = parser.add_mutually_exclusive_group()
    again.add_argument("--resume", action="store_true", help="run only what has not passed")
    again.add_argument("--failed", action="store_true", help="the failures of the last call, only")
    args = parser.parse_args(arguments)
    for name in _CHOICE if args.failed else ():
        if getattr(args, name) not in (None, ""):
            parser.error(f"argument --{name}: not allowed with argument --failed")
    return args


def main(arguments: list[str] | None = None) -> int:
    args = parse(arguments)
    console = Console()
    before: list[Record] = []
    try:
        where = setting(args.farm)
        if args.failed:
            jobs, before = failed_jobs(console)
        else:
            jobs = planned(console, args)
    except ValueError as error:
        return options.refused(error)
    count, again = max(len(jobs), len(before)), "FAILED=1" if args.failed else "RESUME=1"
    with own_folder("regress") as folder:
        for one in before:
            append(folder, one, BEFORE)
        interrupt.note(f"{count} {again} {folder}")
        try:
            done = passed_before(jobs) if args.resume else []
            for one in done:
                append(folder, one)
            have = {one.run for one in done}
            if done:
                console.print(f"{len(done)} of {len(jobs)} runs have passed before")
            left = [job for job in jobs if job.run not in have]
            execute(console, left, where, args.jobs, folder)
            records = all_of(folder)
            published(folder, records, count)
        except Exception:
            # What has ended is worth its record; what to say is why it went no further.
            with contextlib.suppress(OSError):
                text = ended_early(folder, count, again)
                console.print(f"[yellow]stopped:[/] {escape(text)}", soft_wrap=True)
            raise
    return summary(console, records)


def planned(console: Console, args: argparse.Namespace) -> list[Planned]:
    """All runs that were asked for; ValueError if there are none."""
    first, many = (1 if args.seed is None else args.seed), args.n or 10
    seeds = options.seeds(first, many)
    benches = narrowed(choose(args.design), args.config, args.test)
    chosen, left_out = [], set()
    for target in targets(benches, args.config, args.sim):
        why = simulators.missing(target[2])
        left_out.add(why) if why else chosen.append(target)
    for why in left_out:
        console.print(f"[yellow]left out:[/] {escape(why)}")
    if not chosen:
        raise ValueError("nothing to run: no simulator for what was asked for")
    return [
        Planned(bench.name, bench.label(config), simulator, seed, args.test)
        for seed in seeds
        for bench, config, simulator in chosen
    ]


def failed_jobs(console: Console) -> tuple[list[Planned], list[Record]]:
    """Runs that failed in the last call and can run here; all that failed in it and is still there.

    Raises:
        ValueError: nothing failed, or none of it can run.
    """
    jobs, before, left_out = [], [], dict[str, None]()
    for one in failed_before(build_root() / RECORD):
        why = gone(one)
        if not why:
            before.append(replace(one, kept=True))
            why = simulators.missing(one.simulator) or ""
        if why:
            left_out[why] = None
        else:
            jobs.append(Planned(one.bench, one.config, one.simulator, one.seed, one.asked or None))
    for why in left_out:
        console.print(f"[yellow]left out:[/] {escape(why)}")
    if not jobs:
        raise ValueError("failed: none of the failures of the last call can run here")
    return jobs, before


def gone(one: Record) -> str:
    """Why a run of an earlier call is none any more, "" if it is."""
    try:
        narrowed([find(one.bench)], one.config, one.asked)
    except ValueError as error:
        return f"{one.name}: {error}"
    return ""


def key(job: Planned) -> str:
    """Under which a run that passed is kept."""
    facts = job.bench, job.config, job.seed, job.tests or ""
    return kept.key_of(job.simulator, "regress", *facts)


def passed_before(jobs: list[Planned]) -> list[Record]:
    """Those of the runs that passed on the same sources."""
    found = []
    for job in jobs:
        with contextlib.suppress(ValueError):  # there is none, or what there is is no record
            one = record_of(kept.load("regress", key(job)))
            if one.passed and one.run == job.run:
                found.append(replace(one, kept=True))
    return found


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
            if (why := broken.get((job.bench, job.config, job.simulator))) is None:
                left.append(job)
                continue
            ended(unbuilt(job, *why))
            bar.advance(task)
        for one in farm.each(do_run, ((job,) for job in left), name=Planned.said):
            ended(kept_record(one))
            bar.advance(task)


def kept_record(one: Ended[RunResult | str]) -> Record:
    """The record of a run that has ended; what passed is kept."""
    (job,) = one.job
    found = one.problem or one.result
    if isinstance(found, str):
        record = unbuilt(job, found, one.host)
    else:
        record = of_result(found, job.tests or "")
    record = replace(record, tries=one.tries, host=one.host)
    if record.passed:
        kept.save("regress", key(job), asdict(record))
    return record


def unbuilt(job: Planned, text: str, host: str) -> Record:
    """The record of a run that has no results: it could not be built, or did not come to an end."""
    replay = replay_line(find(job.bench), job.config, job.simulator, job.seed, job.tests or "")
    known = host in ("", socket.gethostname()) or host in text
    where = [] if known else [f"on {host}"]
    what = "\n".join([f"{job.said()}: FAILED", text, *where, f"replay: {replay}"])
    return Record(
        job.bench, job.config, job.simulator, job.seed, job.tests or "", False, 0.0, replay,
        failures=[text], report=what, host=host,
    )  # fmt: skip


def published(folder: Path, records: list[Record], count: int) -> None:
    """The records of a run in its own folder, and as the latest ones."""
    files = write(folder, records, count)
    with renewing(build_root()) as latest:
        publish(files, latest)


def ended_early(folder: Path, count: int, again: str) -> str:
    """Write down what there is of a call that comes no further, and say it."""
    records = all_of(folder)
    published(folder, records, count)
    done = [one for one in records if not one.left]
    failed = sum(not one.passed for one in done)
    return (
        f"{len(done)} of {count} runs are done, {failed} failed; {again} does the rest  "
        f"{build_root() / RECORD}"
    )


def stopped(note: str) -> str:
    """After an interrupt: write down what is finished, and say it."""
    if not note:
        return ""
    count, again, folder = note.split(" ", 2)
    return ended_early(Path(folder), int(count), again)


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
