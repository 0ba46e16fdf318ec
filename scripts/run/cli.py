"""``make run``: a real network, or a layer of your own, through RTL, bit for bit.

Builds the accelerator, encodes, simulates, compares every output of every layer with the golden
model, prints what it measured and writes ``build/report/index.html`` and ``results.json``,
which are kept in a folder of their own below ``build/reports`` too: runs may overlap.

A design that cannot take a layer (too many different weights, a number too wide) is left out: the
others run, and tables, page and results say why it is missing.

Exit status: 0 all that ran is bit-exact and every counter as the cycle model predicts, 1 something
differs or the simulation failed, 2 bad input, nothing could run, or a design that ``--design``
names (``all`` names none) cannot take a layer.
"""

from __future__ import annotations

import argparse
import logging
import shlex
import sys
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)

from models import registry
from models.energy import TABLE, EnergyTable
from models.networks import NETWORKS
from models.workloads.fetched import GRAPHS
from models.workloads.pretrained import PRETRAINED
from scripts import interrupt
from scripts import options as cli
from scripts.console import Console
from scripts.measure.engine import CannotTake, Engine, Player, option_fields, rtl_player
from scripts.measure.jobs import Outcome
from scripts.measure.other_tools import write_tools
from scripts.measure.records import RecordError, deviation, save_results
from scripts.outputs import own_folder, publish, renewing, report_root
from scripts.pages.text import number, percent, verdict
from scripts.run import figures
from scripts.run.details import Details, gather
from scripts.run.page import write_report
from scripts.run.tables import (
    accuracy_table,
    assumptions,
    group_subtitle,
    run_tables,
    side_by_side,
)
from scripts.run.tasks import Task, asked_designs, task_out, tasks_of

STEPS = ("build", "encode", "simulate", "check")
OK, FAILED, BAD_INPUT = 0, 1, 2


def parser(designs: Sequence[str]) -> argparse.ArgumentParser:
    """Options of a run; those of the design's configuration too if it is one design."""
    made = cli.Parser(prog="make run", description=(__doc__ or "").splitlines()[0])
    what = made.add_mutually_exclusive_group()
    nets = f"embedded: {', '.join(NETWORKS)}; fetched: {', '.join((*PRETRAINED, *GRAPHS))}"
    what.add_argument("--net", help=f"network: a .onnx file; {nets}")
    what.add_argument(
        "--layer", type=cli.tensor, help="your layer: .npz, .mtx, .safetensors:tensor, .pt:tensor"
    )
    what.add_argument("--workload", help="named workload, e.g. eie/alex-7")
    made.add_argument("--input", type=cli.file, help="what is given: .npz, .npy")
    made.add_argument("--count", type=cli.integer(1), help="digits sent through a network")
    made.add_argument("--layers", help="of a fetched network: names with commas, or all")
    made.add_argument(
        "--density", type=cli.number(0, 1), help="share of weights kept of a float --layer"
    )
    made.add_argument(
        "--bits", type=cli.code_bits, help="codebook bits of a float --layer, or none"
    )
    made.add_argument("--design", help=f"all, or some of {', '.join(registry.DESIGNS)}")
    made.add_argument("--simulator", "--sim", type=cli.simulator, default="verilator")
    made.add_argument(
        "--config", default="", help="build by name, changes or both: pe4,queue_depth=4"
    )
    made.add_argument(
        "--seed", type=cli.seed, default=1, help="of random workloads and start states"
    )
    made.add_argument("--plain", action="store_true", help="the design as published, no gains")
    made.add_argument("--energy", type=cli.file, default=TABLE, help="table of energies, .toml")
    made.add_argument("--out", type=cli.folder, help="folder of the report")
    made.add_argument("--docs", action="store_true", help="also write docs/run.json, for README")
    if len(designs) != 1:
        return made
    build = made.add_argument_group(f"parameters of {designs[0]}")
    for name, kind, default in option_fields(designs[0]):
        flag = "--" + name.replace("_", "-")
        if kind is bool:
            build.add_argument(flag, dest=name, action=argparse.BooleanOptionalAction)
        else:
            build.add_argument(flag, dest=name, type=cli.whole, help=f"default {default}")
    return made


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The options; the design decides which there are. Raises ValueError on an unknown design."""
    first = cli.Parser(add_help=False)
    for name in ("design", "net", "layer", "workload"):
        first.add_argument(f"--{name}")
    known, _ = first.parse_known_args(arguments)
    return parser(asked_designs(known)).parse_args(arguments)


def replay_line(arguments: Sequence[str]) -> str:
    """The command that does this run again."""
    words = shlex.join(map(str, arguments))
    return f"make run RUN_ARGS={shlex.quote(words)}" if words else "make run"


class Steps:
    """The four steps as progress bars."""

    def __init__(self, progress: Progress) -> None:
        """Bars appear as their step begins."""
        self.progress = progress
        self.bars: dict[str, TaskID] = {}

    def notify(self, step: str, done: int, total: int | None) -> None:
        """``done`` of ``total`` of a step; a first ``simulate`` above 0 ends ``build``."""
        if step == "simulate" and not done:
            step, done, total = "build", 0, None
        elif step == "simulate":
            self.notify("build", 1, 1)
        if step not in self.bars:
            self.bars[step] = self.progress.add_task(step, total=total)
        self.progress.update(self.bars[step], completed=done, total=total)

    def handler(self) -> logging.Handler:
        """Log handler that shows the runner's messages on builds above the bars."""
        progress = self.progress

        class Lines(logging.Handler):
            def emit(self, record: logging.LogRecord) -> None:
                progress.console.print(f"  {escape(record.getMessage())}", style="dim")

        return Lines(logging.INFO)


@dataclass(frozen=True)
class Missing:
    """A task that its build cannot take, and why."""

    task: Task
    reason: str

    def record(self) -> dict[str, str]:
        """For ``results.json`` and the tables."""
        return {"design": self.task.design, "workload": self.task.job.name, "reason": self.reason}


@dataclass(frozen=True)
class Finished:
    """A task that ran: what it gave, its records, what its pictures need."""

    task: Task
    outcome: Outcome
    records: list[dict[str, Any]]
    details: Details


def simulate(
    task: Task,
    options: argparse.Namespace,
    out_dir: Path,
    energies: EnergyTable,
    console: Console,
    player: Player,
) -> Finished:
    """Run the job with progress bars, then the short traced run for the pictures."""
    columns = (
        TextColumn("{task.description:>9}"),
        BarColumn(bar_width=40),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    logger = logging.getLogger("lacuna")
    with Progress(*columns, console=console) as progress:
        steps = Steps(progress)
        handler = steps.handler()
        logger.addHandler(handler)
        level, logger.level = logger.level, logging.INFO
        try:
            engine = Engine(
                task.design,
                task.config,
                options.simulator,
                options.seed,
                out_dir.resolve(),
                player,
                steps.notify,
                energies,
            )
            outcome = task.job.run(engine)
            outcome.notes[:0] = task.notes
            engine.notify = lambda step, done, total: None
            details = gather(task.job, outcome, engine)
        finally:
            logger.removeHandler(handler)
            logger.level = level
    return Finished(task, outcome, [run.record() for run in outcome.runs], details)


def show(done: Finished, console: Console, brief: bool, seen: Collection[str] = ()) -> None:
    """Tables and closing lines of a task; ``brief``: lines only, the tables are in the report.
    Notes that were ``seen`` are not told again.
    """
    outcome, records = done.outcome, done.records
    for note in outcome.notes:
        if note not in seen:
            console.print(f"[yellow]note:[/yellow] {escape(note)}", soft_wrap=True)
    if brief:
        console.print(summary(done))
    else:
        for table in run_tables(records):
            console.print(table, end="\n\n")
    if outcome.accuracy and outcome.digits and not brief:
        console.print(accuracy_table(outcome.accuracy, len(outcome.digits.labels)), end="\n\n")
    seconds = sum(result.sim_seconds for result in outcome.results)
    cycles = sum(result.sim_cycles for result in outcome.results)
    if seconds:
        console.print(
            f"simulation: {number(cycles)} clock cycles in {seconds:.1f} s, "
            f"{number(cycles / seconds)} cycles/s ({records[0]['simulator']}, loading included)"
        )


def summary(done: Finished) -> str:
    """Exactness, cycle model and accuracy of a task in a line."""
    records, accuracy = done.records, done.outcome.accuracy
    compared = sum(one["compared"] for one in records)
    worst = max((deviation(one) for one in records), key=abs)
    parts = [
        f"{verdict(done.outcome.exact)}, {number(compared)} outputs of {len(records)} layers",
        f"cycle model {100 * worst:+.2f} %",
    ]
    if accuracy and done.outcome.digits:
        digits = len(done.outcome.digits.labels)
        parts.append(f"accuracy {percent(accuracy['rtl'])} on {digits} digits")
    return ", ".join(parts)


def results(finished: Sequence[Finished], missing: Sequence[Missing] = ()) -> dict[str, Any]:
    """What ``results.json`` holds: all records, the groups of them that ran together, and which
    designs are missing.
    """
    groups, at = [], 0
    for done in finished:
        groups.append(
            {
                "title": done.task.title,
                "subtitle": group_subtitle(done.records),
                "first": at,
                "count": len(done.records),
                "accuracy": done.outcome.accuracy,
                "notes": done.outcome.notes,
                "assumes": assumptions(done.records),
            }
        )
        at += len(done.records)
    return {
        "runs": [one for done in finished for one in done.records],
        "groups": groups,
        "missing": [one.record() for one in missing],
    }


def failures(outcome: Outcome) -> list[str]:
    """What differs, one line each."""
    lines = []
    for run in outcome.runs:
        if run.different:
            lines.append(
                f"{run.layer}: {run.different} of {run.compared} outputs differ, first "
                f"{run.first_difference}"
            )
        elif not run.compared:
            lines.append(f"{run.layer}: nothing was compared")
        lines += [f"{run.layer}: counter {text}" for text in run.counter_errors]
    return lines


def main(arguments: Sequence[str] | None = None, player: Player = rtl_player) -> int:
    """Command line entry; returns the exit status."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    console, errors = Console(), Console(stderr=True)

    def say(text: str) -> None:
        errors.print(text, highlight=False, soft_wrap=True)

    try:
        options = parse(arguments)
        energies = EnergyTable.load(options.energy)
        tasks = tasks_of(options)
        own = own_folder(f"run-{tasks[0].folder}" if len(tasks) == 1 else "run", options.out)
        writable(own.path)
    except (ValueError, OSError, MemoryError) as error:
        say(f"[red]error:[/red] {escape(told(error))}")
        return BAD_INPUT
    with own as folder:
        replay = replay_line(arguments)
        try:
            finished, missing = run_all(tasks, options, folder, energies, console, player)
        except (RuntimeError, RecordError, OSError, MemoryError) as error:
            say(f"[red]failed:[/red] {escape(told(error))}")
            say(f"replay: {escape(replay)}")
            return FAILED
        except ValueError as error:
            say(f"[red]error:[/red] {escape(str(error))}")
            return BAD_INPUT
        if all(done.outcome.exact for done in finished):
            refused = missing or any(done.outcome.missing for done in finished)
            return BAD_INPUT if refused and by_name(options) else OK
        for done in finished:
            report_failure(done, errors)
        say(f"replay: {escape(replay)}")
        return FAILED


def by_name(options: argparse.Namespace) -> bool:
    """Whether the designs were named one by one: then each must take what it is given."""
    return options.design not in (None, "all")


def told(error: BaseException) -> str:
    """What an error says, its kind if it says nothing.

    >>> told(MemoryError()), told(ValueError("count: found 0"))
    ('MemoryError', 'count: found 0')
    """
    return str(error) or type(error).__name__


def writable(folder: Path) -> None:
    """Make the folder of the report; ValueError where it cannot be made or written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise ValueError(f"out: found {folder}, need a folder to write ({error})") from error


def run_all(
    tasks: Sequence[Task],
    options: argparse.Namespace,
    folder: Path,
    energies: EnergyTable,
    console: Console,
    player: Player,
) -> tuple[list[Finished], list[Missing]]:
    """Run every task, show what came out, write results after each and the page at the end. A
    build that cannot take what it is given is left out, with the reason; CannotTake where that
    leaves none.
    """
    start = time.monotonic()
    finished: list[Finished] = []
    missing: list[Missing] = []
    for task in tasks:
        console.print(f"[bold]{escape(task.title)}[/bold]")
        out_dir = task_out(folder, task, tasks)
        try:
            done = simulate(task, options, out_dir, energies, console, player)
        except CannotTake as error:
            missing.append(Missing(task, str(error)))
            console.print(f"[yellow]missing:[/yellow] {escape(str(error))}", soft_wrap=True)
        else:
            seen = {note for one in finished for note in one.outcome.notes}
            show(done, console, len(tasks) > 1, seen)
            finished.append(done)
        if not finished:
            continue
        data = results(finished, missing)
        save_results(folder / "results.json", data)
        interrupt.note(f"{len(finished)} of {len(tasks)} parts are done, results in {folder}")
    if not finished:
        raise CannotTake("; ".join(f"{one.task.design}: {one.reason}" for one in missing))
    if len(tasks) > 1:
        console.print(side_by_side(data), end="\n\n")
    if options.docs:
        figures.keep(data["runs"])
    Details.save_all([done.details for done in finished], folder / "details.npz")
    write_tools(folder, data["runs"])
    page = write_report(folder)
    if options.out is None:
        console.print(f"kept as: {page}", soft_wrap=True)
        with renewing(report_root()) as latest:
            publish([folder / "results.json", folder / "details.npz"], latest)
            write_tools(latest, data["runs"])
            page = write_report(latest)
    console.print(f"report: {page} ({time.monotonic() - start:.1f} s in all)", soft_wrap=True)
    if all(done.outcome.exact for done in finished):
        compared = sum(one["compared"] for one in data["runs"])
        left_out = f"; missing: {', '.join(one.task.design for one in missing)}" if missing else ""
        console.print(
            f"[green]bit-exact:[/green] {number(compared)} outputs compared, all equal; "
            f"cycles and work as predicted{left_out}"
        )
    return finished, missing


def report_failure(done: Finished, errors: Console) -> None:
    """What differs in a task, and where its inputs are."""
    for line in failures(done.outcome):
        text = f"{done.task.design}, {line}"
        errors.print(f"[red]differs:[/red] {escape(text)}", highlight=False, soft_wrap=True)
    if done.outcome.failing:
        from tb.common.player.player import replay_command

        line = f"case: {replay_command(done.outcome.failing)}"
        errors.print(escape(line), highlight=False, soft_wrap=True)


if __name__ == "__main__":
    interrupt.entry(main)
