"""``make run``: a real network, or a layer of your own, through RTL, bit for bit.

Builds the accelerator, encodes, simulates, compares every output of every layer with the golden
model, prints what it measured and writes ``build/report/index.html`` and ``results.json``.

Exit status: 0 all bit-exact, 1 something differs or the simulation failed, 2 bad input.
"""

from __future__ import annotations

import argparse
import logging
import re
import shlex
import sys
import time
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from models import registry
from models.networks import NETWORKS
from scripts.report import write_report
from scripts.report_details import Details, gather
from scripts.report_records import RecordError, save_results
from scripts.report_tables import accuracy_table, assumptions, number, run_tables
from scripts.run_engine import Engine, Player, config_class, option_fields, rtl_player
from scripts.run_jobs import LayerJob, NetworkJob, Outcome

ROOT = Path(__file__).resolve().parent.parent
REPORT = ROOT / "build" / "report"
STEPS = ("build", "encode", "simulate", "check")
OK, FAILED, BAD_INPUT = 0, 1, 2


def parser(design: str) -> argparse.ArgumentParser:
    """Options of a run, those of the design's configuration included."""
    made = argparse.ArgumentParser(prog="make run", description=(__doc__ or "").splitlines()[0])
    what = made.add_mutually_exclusive_group()
    what.add_argument("--net", help=f"embedded network: {', '.join(NETWORKS)}")
    what.add_argument("--layer", type=Path, help="your layer: .npz with weights and activations")
    what.add_argument("--workload", help="named workload, e.g. eie/alex-7")
    made.add_argument("--count", type=int, help="digits sent through a network")
    made.add_argument("--density", type=float, help="share of weights kept of a float --layer")
    made.add_argument("--bits", type=int, help="codebook bits of a float --layer")
    made.add_argument("--design", default="eie", help=f"{', '.join(registry.DESIGNS)}")
    made.add_argument("--simulator", "--sim", default="verilator", choices=("verilator", "icarus"))
    made.add_argument("--config", default="", help="changed parameters: num_pe=16,queue_depth=4")
    made.add_argument("--seed", type=int, default=1, help="of random workloads and start states")
    made.add_argument("--plain", action="store_true", help="the design as published, no gains")
    made.add_argument("--out", type=Path, default=REPORT, help="folder of the report")
    build = made.add_argument_group(f"parameters of {design}")
    for name, kind, default in option_fields(design):
        flag = "--" + name.replace("_", "-")
        if kind is bool:
            build.add_argument(flag, dest=name, action=argparse.BooleanOptionalAction)
        else:
            build.add_argument(flag, dest=name, type=kind, help=f"default {default}")
    return made


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The options; the design decides which there are. Raises ValueError on an unknown design."""
    first = argparse.ArgumentParser(add_help=False)
    first.add_argument("--design", default="eie")
    known, _ = first.parse_known_args(arguments)
    registry.design(known.design)
    return parser(known.design).parse_args(arguments)


def config_changes(text: str, known: dict[str, object]) -> dict[str, object]:
    """``num_pe=16,balance=0`` as a dict; names as in the RTL (``NumPe=16``) are taken too.

    >>> config_changes("NumPe=16,balance=0", {"num_pe": 64, "balance": True})
    {'num_pe': 16, 'balance': False}
    """
    changed: dict[str, object] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, _, value = part.partition("=")
        name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name.strip()).lower()
        if name not in known:
            raise ValueError(f"config: found '{part}', known names: {', '.join(known)}")
        if not re.fullmatch(r"-?\d+", value.strip()):
            raise ValueError(f"config: found '{part}', need {name}=INTEGER")
        changed[name] = bool(int(value)) if isinstance(known[name], bool) else int(value)
    return changed


def configuration(options: argparse.Namespace):
    """The design's configuration with what the command line changed."""
    kind = config_class(options.design)
    changed = config_changes(options.config, {f.name: f.default for f in fields(kind)})
    for name in (f.name for f in fields(kind)):
        if getattr(options, name) is not None:
            changed[name] = getattr(options, name)
    config = kind(**changed)
    return config.plain() if options.plain else config


def job_of(options: argparse.Namespace) -> NetworkJob | LayerJob:
    """What to run. Raises ValueError or OSError with a message for the user."""
    if options.layer is not None:
        from models.workloads import load_npz

        layer = load_npz(options.layer, density=options.density, bits=options.bits)
        return LayerJob(options.layer.name, layer)
    for name in ("density", "bits"):
        if getattr(options, name) is not None:
            raise ValueError(f"{name}: only a float layer of --layer is pruned and quantized")
    if options.workload is not None:
        from models import workloads

        return LayerJob(options.workload, workloads.workload(options.workload, options.seed))
    return NetworkJob(options.net or "lenet_300_100", options.count)


def replay_line(arguments: Sequence[str]) -> str:
    """The command that does this run again."""
    words = shlex.join(map(str, arguments))
    return f"make run RUN_ARGS={shlex.quote(words)}" if words else "make run"


class Steps:
    """The four steps as progress bars."""

    def __init__(self, progress: Progress) -> None:
        """Bars appear as their step begins."""
        self.progress = progress
        self.bars: dict[str, int] = {}

    def notify(self, step: str, done: int, total: int) -> None:
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


def simulate(
    job: NetworkJob | LayerJob, options: argparse.Namespace, console: Console, player: Player
) -> tuple[Outcome, Details]:
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
                options.design,
                configuration(options),
                options.simulator,
                options.seed,
                (options.out / "run").resolve(),
                player,
                steps.notify,
            )
            outcome = job.run(engine)
            engine.notify = lambda step, done, total: None
            return outcome, gather(job, outcome, engine)
        finally:
            logger.removeHandler(handler)
            logger.level = level


def show(outcome: Outcome, records: list[dict], console: Console) -> None:
    """Tables and closing lines."""
    for note in outcome.notes:
        console.print(f"[yellow]note:[/yellow] {escape(note)}")
    for table in run_tables(records):
        console.print(table, end="\n\n")
    if outcome.accuracy:
        console.print(accuracy_table(outcome.accuracy, len(outcome.digits.labels)), end="\n\n")
    seconds = sum(result.sim_seconds for result in outcome.results)
    cycles = sum(result.sim_cycles for result in outcome.results)
    if seconds:
        console.print(
            f"simulation: {number(cycles)} clock cycles in {seconds:.1f} s, "
            f"{number(cycles / seconds)} cycles/s ({records[0]['simulator']}, loading included)"
        )


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
        lines += [f"{run.layer}: counter {text}" for text in run.counter_errors()]
    return lines


def main(arguments: Sequence[str] | None = None, player: Player = rtl_player) -> int:
    """Command line entry; returns the exit status."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    console, errors = Console(), Console(stderr=True)
    start = time.monotonic()
    try:
        options = parse(arguments)
        configuration(options)
        job = job_of(options)
    except (ValueError, OSError) as error:
        errors.print(f"[red]error:[/red] {escape(str(error))}", highlight=False, soft_wrap=True)
        return BAD_INPUT
    replay = replay_line(arguments)
    console.print(f"[bold]{options.design.upper()}[/bold]: {escape(job.name)}")
    try:
        outcome, details = simulate(job, options, console, player)
        records = [run.record() for run in outcome.runs]
    except (RuntimeError, RecordError) as error:
        errors.print(f"[red]failed:[/red] {escape(str(error))}", highlight=False, soft_wrap=True)
        errors.print(f"replay: {escape(replay)}", highlight=False, soft_wrap=True)
        return FAILED
    except ValueError as error:
        errors.print(f"[red]error:[/red] {escape(str(error))}", highlight=False, soft_wrap=True)
        return BAD_INPUT
    show(outcome, records, console)
    data = {
        "runs": records,
        "accuracy": outcome.accuracy,
        "notes": outcome.notes,
        "assumes": assumptions(records),
    }
    save_results(options.out / "results.json", data)
    details.save(options.out / "details.npz")
    page = write_report(options.out)
    console.print(f"report: {page} ({time.monotonic() - start:.1f} s in all)", soft_wrap=True)
    if outcome.exact:
        compared = sum(run.compared for run in outcome.runs)
        console.print(f"[green]bit-exact:[/green] {number(compared)} outputs compared, all equal")
        return OK
    for line in failures(outcome):
        errors.print(f"[red]differs:[/red] {escape(line)}", highlight=False, soft_wrap=True)
    if outcome.failing:
        errors.print(f"inputs of the first failing sample: {outcome.failing}", soft_wrap=True)
    errors.print(f"replay: {escape(replay)}", highlight=False, soft_wrap=True)
    return FAILED


if __name__ == "__main__":
    sys.exit(main())
