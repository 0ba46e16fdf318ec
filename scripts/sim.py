"""One simulation: ``make sim DESIGN=... CONFIG=... TEST=... SEED=... SIM=...``.

Without a design it lists the folders and their benches; with a design alone, the configurations and
tests of that bench.
"""

from __future__ import annotations

import argparse
import logging
import shlex
import shutil
import textwrap
from collections.abc import Sequence

from rich import box
from rich.markup import escape

from scripts import interrupt, options
from scripts.console import Console, Table
from scripts.waves import announce
from tb.common.sim import configs
from tb.common.sim.bench import choose, find
from tb.common.sim.runner import Bench, RunResult, ToolMissing, run


def show_folders(benches: Sequence[Bench]) -> None:
    """What DESIGN= can be: the benches of each folder, with the number of their configurations."""
    width = min(shutil.get_terminal_size().columns, 100)
    folders: dict[str, list[str]] = {}
    for bench in benches:
        folders.setdefault(bench.folder, []).append(f"{bench.name}\u00a0({len(bench.configs)})")
    print("bench (number of its configurations), by folder of tb/:")
    for folder, names in folders.items():
        line = f"{folder or '-'}: {', '.join(names)}"
        print(textwrap.fill(line, width, subsequent_indent="  ").replace("\u00a0", " "))
    print("\nmake sim DESIGN=<bench> shows its configurations and tests")


def show_bench(console: Console, bench: Bench) -> None:
    """What CONFIG= and TEST= can be for one bench, with the line that runs it."""
    others = [name for name in configs.named(bench) if name not in bench.configs]
    title = f"{bench.name}: {bench.top}, configurations"
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD)
    table.add_column("CONFIG", no_wrap=True)
    table.add_column("parameters", overflow="fold")
    for name, parameters in bench.configs.items():
        table.add_row(name, " ".join(f"{k}={v}" for k, v in parameters.items()) or "as in the RTL")
    console.print(table)
    if others:
        console.print(f"also: {', '.join(others)}", soft_wrap=not console.is_terminal)
    console.print(f"parameters: {', '.join(configs.parameters_of(bench))}")
    console.print(f"tests: {', '.join(bench.tests)}")
    first = next(iter(bench.configs))
    console.print(
        f"\nrun: make sim DESIGN={bench.name} CONFIG={first} TEST={bench.tests[0]}   "
        f"(no TEST: all; CONFIG={first},PARAMETER=N changes one)",
        soft_wrap=True,
    )


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
    parser = options.Parser(prog="make sim", description=__doc__)
    parser.add_argument("--design")
    parser.add_argument("--config", help="name, changes or both: default,NumPe=4")
    parser.add_argument("--test", help="names or patterns, comma-separated; all if missing")
    parser.add_argument("--seed", type=options.seed)
    parser.add_argument("--sim", type=options.simulator)
    parser.add_argument("--plusargs", default="")
    parser.add_argument("--debug", action="store_true", help="make every signal public")
    parser.add_argument("--waves", action="store_true", help="dump all signals")
    parser.add_argument("--quiet", action="store_true", help="log into the file only")
    return parser.parse_args(arguments)


def listed(console: Console, args: argparse.Namespace) -> bool:
    """Show what there is, where the command line does not say what to run."""
    asked = (args.config, args.test, args.seed, args.sim, args.plusargs, args.debug, args.waves)
    if any(one not in (None, "", False) for one in asked[:5]) and not args.design:
        raise ValueError("design: found nothing, need a bench (make sim lists all benches)")
    if args.design and any(one not in (None, "", False) for one in asked):
        return False
    benches = choose(args.design)
    if args.design and len(benches) == 1:
        show_bench(console, benches[0])
    else:
        show_folders(benches)
    return True


def main(arguments: list[str] | None = None) -> int:
    args = parse(arguments)
    console = Console()
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    logging.getLogger("lacuna").setLevel(logging.INFO)
    try:
        if listed(console, args):
            return 0
        bench = find(args.design)
        result = run(
            bench,
            args.config or next(iter(bench.configs)),
            args.sim or "verilator",
            args.test,
            1 if args.seed is None else args.seed,
            waves=args.waves,
            debug=args.debug,
            plusargs=shlex.split(args.plusargs),
            echo=not args.quiet,
        )
    except (ValueError, ToolMissing) as error:
        return options.refused(error)
    show(console, result)
    if args.waves:
        announce(console, bench, result)
    return 0 if result.passed else 1


if __name__ == "__main__":
    interrupt.entry(main)
