"""One simulation: ``make sim DESIGN=... CONFIG=... TEST=... SEED=... SIM=...``.

Without a design it lists the benches with their configurations and tests.
"""

from __future__ import annotations

import argparse
import logging
import shlex
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from scripts import interrupt
from tb.common.bench import choose, find
from tb.common.runner import ROOT, SIMULATORS, Bench, RunResult, ToolMissing, run


def show_benches(console: Console) -> None:
    """A table of what DESIGN=, CONFIG= and TEST= can be."""
    table = Table(title="benches", show_lines=True)
    for heading in ("DESIGN", "top", "CONFIG", "TEST"):
        table.add_column(heading, overflow="fold")
    for bench in choose(None):
        table.add_row(bench.name, bench.top, " ".join(bench.configs), " ".join(bench.tests))
    console.print(table)


def show_waves(console: Console, bench: Bench, result: RunResult) -> None:
    """Where the dump is, and how to open it with the room's layout."""
    if result.waves is None:
        console.print("[red]no dump was written[/]; the log says why")
        return
    room = Path(*bench.module.split(".")[:-1])
    layouts = [path for path in [ROOT / room / f"{bench.top}.gtkw"] if path.is_file()]
    console.print(f"waves: {escape(str(result.waves))}", soft_wrap=True)
    for layout in layouts:
        command = shlex.join(["gtkwave", str(result.waves), str(layout)])
        console.print(f"open:  {escape(command)}", soft_wrap=True)
    if not layouts:
        console.print(f"open:  gtkwave {escape(str(result.waves))}", soft_wrap=True)


def show(console: Console, result: RunResult) -> None:
    """A line per test, then the failures."""
    colours = {"passed": "green", "failed": "red", "skipped": "yellow"}
    for test in result.tests:
        colour = colours[test.status]
        console.print(
            f"[{colour}]{test.status:8}[/]{escape(test.name)}  "
            f"[dim]{test.sim_ns / 1000:.1f} us simulated, {test.seconds:.2f} s[/]"
        )
    console.print(escape(result.report()), soft_wrap=True)


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make sim", description=__doc__)
    parser.add_argument("--design")
    parser.add_argument("--config", help="name, or name with changes: default,NumPe=4")
    parser.add_argument("--test", help="names or patterns, comma-separated; all if missing")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--sim", choices=SIMULATORS, default="verilator")
    parser.add_argument("--plusargs", default="")
    parser.add_argument("--debug", action="store_true", help="make every signal public")
    parser.add_argument("--waves", action="store_true", help="dump all signals")
    parser.add_argument("--quiet", action="store_true", help="log into the file only")
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> int:
    args = parse(arguments)
    console = Console(highlight=False)
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    logging.getLogger("lacuna").setLevel(logging.INFO)
    try:
        if not args.design:
            show_benches(console)
            return 0
        bench = find(args.design)
        result = run(
            bench,
            args.config or next(iter(bench.configs)),
            args.sim,
            args.test,
            args.seed,
            waves=args.waves,
            debug=args.debug,
            plusargs=shlex.split(args.plusargs),
            echo=not args.quiet,
        )
    except (ValueError, ToolMissing) as error:
        console.print(f"[red]error:[/] {escape(str(error))}", soft_wrap=True)
        return 2
    show(console, result)
    if args.waves:
        show_waves(console, bench, result)
    return 0 if result.passed else 1


if __name__ == "__main__":
    interrupt.entry(main)
