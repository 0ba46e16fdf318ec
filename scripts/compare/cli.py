"""``make compare``: the same layers on every design, at equal multipliers, gates or memory.

The builds of each design nearest to the budget are predicted by the cycle models; the fastest of
them then runs in RTL, every output compared, unless it is too large to wait for: such rows say
"model". Writes ``build/report/compare.html``, ``compare.csv`` and ``compare.json``.

Exit status: 0 all that ran is bit-exact and took the predicted cycles, 1 something differs, 2 bad
input, or no design takes the layers.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.markup import escape

from models.layer import Layer
from models.places import ROOT
from scripts import interrupt, kept
from scripts import options as cli
from scripts.compare import asked
from scripts.compare.asked import Asked
from scripts.compare.choose import FAR, MEASURES, Entrant, amount, best, budget_of, entrant, equal
from scripts.compare.family import family_table
from scripts.compare.page import write_report
from scripts.compare.results import MISSING, RTL, exact, row_of, with_rtl
from scripts.compare.sizes import NOT_MADE, Cost, Size, load
from scripts.compare.tables import console_table, reasons, subtitle
from scripts.console import Console
from scripts.farm.bar import Bar
from scripts.farm.farm import Farm, opened
from scripts.farm.settings import add_option, shared_setting
from scripts.measure.engine import Engine, Player, rtl_player
from scripts.measure.jobs import LayerJob
from scripts.measure.records import LayerRun
from scripts.outputs import own_folder, publish, renewing, report_root
from tb.common.sim.builds import write_whole

OK, FAILED = 0, 1
#: What docs/compare.md is made from.
DOCS = ROOT / "docs" / "compare.json"
#: What is simulated: builds of at most so many multipliers, runs of at most so many cycles.
RTL_MULTIPLIERS, RTL_CYCLES = 256, 3_000_000


def parser() -> argparse.ArgumentParser:
    """The options."""
    made = cli.Parser(prog="make compare", description=(__doc__ or "").splitlines()[0])
    asked.add_options(made)
    made.add_argument("--at", type=cli.choice(*MEASURES), default="multipliers", help="what equal")
    made.add_argument("--budget", type=cli.number(0), help="of it; default: the baseline's")
    made.add_argument("--jobs", type=cli.jobs, default=2, help="designs simulated at a time")
    add_option(made)
    made.add_argument("--no-rtl", action="store_true", help="by the models alone: seconds")
    made.add_argument("--resume", action="store_true", help="keep layers of an earlier call")
    made.add_argument("--docs", action="store_true", help=f"also into docs/{DOCS.name}")
    made.add_argument("--out", type=cli.folder, help="folder of the report")
    return made


@dataclass(frozen=True)
class Means:
    """What a comparison works with; ``folder`` takes what the simulations leave."""

    folder: Path
    farm: Farm
    console: Console
    player: Player = rtl_player


def entrants_of(
    sizes: Sequence[Size],
    layers: Sequence[Layer],
    at: str,
    budget: float,
    farm: Farm,
    console: Console,
) -> list[Entrant]:
    """The best of the equal builds of each design, and those of which nothing is known."""
    alike = equal(sizes, at, budget)
    jobs = [(one, layers) for some in alike.values() for one in some]
    every: dict[str, list[Entrant]] = {name: [] for name in alike}
    with console.status("cycle models"):
        for ended in farm.each(entrant, jobs, name=lambda one, _: one.title):
            every[ended.job[0].design].append(ended.result)
    return [
        best(sorted(found, key=lambda one: sizes.index(one.size)))
        if (found := every[name])
        else unknown(sizes, name, at)
        for name in alike
    ]


def unknown(sizes: Sequence[Size], design: str, at: str) -> Entrant:
    """A design without a build near the budget, or without one whose ``at`` is known."""
    mine = [one for one in sizes if one.design == design and not one.published]
    there = [found for one in mine if (found := amount(one, at))]
    size = Size(design, "-", {}, 0, 0, Cost(None, None, None, ""))
    if not there:
        return Entrant(size, None, {}, (), f"{at} of its builds: {NOT_MADE}")
    some = ", ".join(f"{one:,.0f}" for one in there)
    why = f"{at}: found builds of {some}, need one within a factor of {FAR:g} of the budget"
    return Entrant(size, None, {}, (), why)


def simulated(found: Entrant) -> bool:
    """Whether a simulator gets through while one waits."""
    return (
        bool(found.found)
        and found.size.multipliers <= RTL_MULTIPLIERS
        and found.cycles <= RTL_CYCLES
    )


def in_rtl(
    found: Sequence[Entrant], name: str, layers: Sequence[Layer], seed: int, means: Means
) -> list[dict[str, Any]]:
    """Rows of all designs, simulated where that does not take too long, with a progress bar."""
    rows = {one.size.design: row_of(one) for one in found}
    ran = sorted(filter(simulated, found), key=lambda one: -one.cycles)  # the longest first
    jobs = ((one, name, layers, seed, means.folder, means.player) for one in ran)
    with Bar(means.console, 32) as progress:
        bar = progress.add_task("RTL", total=len(ran))
        for ended in means.farm.each(runs_of, jobs, name=lambda one, *_: one.size.title):
            size = ended.job[0].size
            rows[size.design] = with_rtl(rows[size.design], ended.result)
            progress.update(bar, description=f"RTL: {size.title}")
            progress.advance(bar)
        progress.update(bar, description="RTL")
    return list(rows.values())


def runs_of(
    one: Entrant, name: str, layers: Sequence[Layer], seed: int, folder: Path, player: Player
) -> list[LayerRun]:
    """A job: the layers of an entrant in RTL."""
    out = folder / "run" / one.size.design
    engine = Engine(one.size.design, one.config, seed=seed, out_dir=out, player=player)
    return LayerJob(name, layers).run(engine).runs


def finish(data: dict[str, Any], folder: Path, published: bool, console: Console) -> Path:
    """Write data, csv and page, and put them beside the other reports."""
    source = folder / "compare.json"
    write_whole(source, json.dumps(data, indent=1) + "\n")
    page = write_report(folder, data)
    if published:
        console.print(f"kept as: {page}", soft_wrap=True, markup=False)
        with renewing(report_root()) as latest:
            publish([source], latest)
            page = write_report(latest, data)
    return page


def compare(
    given: Asked, sizes: Sequence[Size], options: argparse.Namespace, means: Means
) -> dict[str, Any]:
    """One comparison; ValueError where no design takes the layers."""
    budget = options.budget or budget_of(sizes, options.at)
    found = entrants_of(sizes, given.layers, options.at, budget, means.farm, means.console)
    if not any(one.found for one in found):
        raise ValueError("; ".join(f"{one.size.design}: {one.reason}" for one in found))
    if options.no_rtl:
        rows = [row_of(one) for one in found]
    else:
        rows = in_rtl(found, given.name, given.layers, options.seed, means)
    return {
        "workload": given.name,
        "at": options.at,
        "budget": budget,
        "layers": [one.name for one in given.layers],
        "notes": list(given.notes),
        "rows": rows,
    }


def compare_all(
    options: argparse.Namespace, sizes: Sequence[Size], means: Means
) -> list[dict[str, Any]]:
    """A comparison, or one for each layer of a family; those are kept."""
    names = asked.members(options)
    if len(names) <= 1:
        return [compare(asked.layers_of(options), sizes, options, means)]
    made = []
    for at, name in enumerate(names):
        facts = "compare", name, options.at, options.budget, options.seed, sizes
        key = kept.key_of_models(*facts) if options.no_rtl else kept.key_of("verilator", *facts)
        data = kept.load("compare", key) if options.resume else None
        if data is None:
            means.console.print(f"  {name}", style="dim")
            options.workload = name
            data = compare(asked.layers_of(options), sizes, options, means)
            if all(map(exact, data["rows"])):
                kept.save("compare", key, data)
        made.append(data)
        interrupt.note(f"{at + 1} of {len(names)} layers are done; RESUME=1 does the rest")
    return made


def keep(comparisons: Sequence[dict[str, Any]]) -> None:
    """Put comparisons into ``docs/compare.json``, in place of those of the same name."""
    old = json.loads(DOCS.read_text(encoding="utf-8"))["comparisons"] if DOCS.is_file() else []
    new = {(one["workload"], one["at"]) for one in comparisons}
    lines = [one for one in old if (one["workload"], one["at"]) not in new]
    every = sorted([*lines, *comparisons], key=lambda one: (one["at"], one["workload"]))
    write_whole(DOCS, json.dumps({"comparisons": every}, indent=1) + "\n")


def main(arguments: Sequence[str] | None = None, player: Player = rtl_player) -> int:
    """Command line entry; returns the exit status."""
    options = parser().parse_args(arguments)
    console, began = Console(), time.monotonic()
    try:
        sizes = load()
        where = shared_setting(options.farm, "make compare")
        own = own_folder("compare", options.out)
    except (OSError, ValueError) as error:
        return cli.refused(error)
    with own as folder, opened(where, options.jobs, console, here=True) as farm:
        try:
            comparisons = compare_all(options, sizes, Means(folder, farm, console, player))
        except (OSError, ValueError, MemoryError) as error:
            return cli.refused(error)
        except RuntimeError as error:
            print(f"failed: {cli.one_line(error)}", file=sys.stderr)
            return FAILED
        page = finish({"comparisons": comparisons}, folder, options.out is None, console)
    seconds = time.monotonic() - began
    status = OK
    if len(comparisons) > 1:
        title = f"{len(comparisons)} layers, {subtitle(comparisons[0])}"
        console.print(family_table(comparisons, title), end="\n\n")
        status = FAILED if any(told(one, console) for one in comparisons) else OK
    else:
        status = report(comparisons[0], console)
    if options.docs and status == OK:
        keep(comparisons)
    console.print(f"report: {page} ({seconds:.0f} s in all)", soft_wrap=True, markup=False)
    return status


def told(data: dict[str, Any], console: Console) -> bool:
    """Whether something differs, said line by line."""
    wrong = [row for row in data["rows"] if not exact(row)]
    for row in wrong:
        for text in row["differences"] or ["cycles are not those of the model"]:
            print(f"differs: {row['design']}, {text}", file=sys.stderr)
    return bool(wrong)


def report(data: dict[str, Any], console: Console) -> int:
    """Print what came out; the exit status."""
    console.print(console_table(data), end="\n\n")
    for line in (*data["notes"], *reasons(data)):
        console.print(f"[yellow]note:[/] {escape(line)}", soft_wrap=True)
    if told(data, console):
        return FAILED
    ran = [row for row in data["rows"] if row["source"] == RTL]
    if ran:
        compared = sum(row["compared"] for row in ran)
        left = sum(row["source"] == MISSING for row in data["rows"])
        console.print(
            f"[green]bit-exact:[/] {compared:,} outputs of {len(ran)} designs compared, all equal; "
            f"cycles as predicted" + (f"; {left} missing" if left else "")
        )
    return OK


if __name__ == "__main__":
    interrupt.entry(main)
