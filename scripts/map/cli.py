"""``make map``: which design is best where, and dense against sparse PEs.

Layers of six kinds over densities and structures, on the builds of each design that are nearest in
gates, by the cycle models, which are equal to the RTL. Writes ``build/report/map.json``,
``map.html`` and its pictures; ``--docs`` keeps the record that ``docs/compare.md`` is made from.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from typing import Any

from models.places import ROOT
from models.workloads.structures import STRUCTURES
from scripts import interrupt
from scripts import options as cli
from scripts.compare.choose import budget_of, equal
from scripts.compare.sizes import Size, load
from scripts.console import Console
from scripts.farm.farm import opened
from scripts.farm.in_order import Keep, in_order
from scripts.farm.settings import add_option, setting
from scripts.map.data import verdicts
from scripts.map.grid import KINDS, Work, measure, points
from scripts.map.page import write_report
from scripts.map.tables import tally_table, thesis_table
from scripts.outputs import own_folder, publish, renewing, report_root
from tb.common.sim.builds import write_whole

#: What docs/compare.md and ``make claims`` read.
DOCS = ROOT / "docs" / "map.json"
#: Where a design's gates are not known, its builds are those nearest in this.
INSTEAD = "multipliers"


def builds(sizes: Sequence[Size]) -> list[Size]:
    """Builds nearest in gates to the baseline, then the same of those as published; of a design
    whose gates are not known the one with as many multipliers, for energy alone.
    """
    found = []
    for published in (False, True):
        others = equal(sizes, INSTEAD, budget_of(sizes, INSTEAD), published)
        nearest = equal(sizes, "gates", budget_of(sizes, "gates"), published)
        for name, some in nearest.items():
            found += some or others[name][:1]
    return found


def named(text: str, known: Sequence[str], what: str) -> list[str]:
    """Words with semicolons between; ValueError on one that there is not."""
    words = [one.strip() for one in text.split(";") if one.strip()] or list(known)
    for one in words:
        if one not in known:
            raise ValueError(f"{what}: found {one!r}, known: {'; '.join(known)}")
    return words


def parser() -> argparse.ArgumentParser:
    """The options."""
    made = cli.Parser(prog="make map", description=(__doc__ or "").splitlines()[0])
    made.add_argument("--kinds", default="", help=f"some of {'; '.join(KINDS)}")
    made.add_argument("--structures", default="", help=f"some of {'; '.join(STRUCTURES)}")
    made.add_argument("--jobs", type=cli.jobs, default=2, help="layers at a time")
    add_option(made)
    made.add_argument("--resume", action="store_true", help="keep layers of an earlier call")
    made.add_argument("--docs", action="store_true", help=f"also write docs/{DOCS.name}")
    made.add_argument("--out", type=cli.folder, help="folder of the report")
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line entry; returns the exit status."""
    options = parser().parse_args(arguments)
    console, began = Console(), time.monotonic()
    try:
        kinds = named(options.kinds, list(KINDS), "kinds")
        structures = named(options.structures, STRUCTURES, "structures")
        if options.docs and (options.kinds or options.structures):
            raise ValueError("docs: found some kinds or structures, need all")
        where = setting(options.farm)
        sizes = builds(load())
        own = own_folder("map", options.out)
    except (OSError, ValueError) as error:
        return cli.refused(error)
    work = [Work(one, tuple(sizes)) for one in points(kinds, structures)]
    keep = Keep("map", options.resume)
    with opened(where, options.jobs, console, here=True) as farm:
        rows = in_order(farm, measure, [(one,) for one in work], console, "cycle models", keep)
    data = {
        "builds": [
            {
                "design": one.design,
                "size": one.label,
                "gates": one.cost.gates,
                "fo4": one.fo4,
                "multipliers": one.multipliers,
                "published": one.published,
            }
            for one in sizes
        ],
        "points": [row for some in rows for row in some],
    }
    data["verdicts"] = verdicts(data)
    text = one_a_line(data)
    if options.docs:
        write_whole(DOCS, text)
    with own as folder:
        source = folder / "map.json"
        write_whole(source, text)
        page = write_report(folder, data)
        if options.out is None:
            console.print(f"kept as: {page}", soft_wrap=True, markup=False)
            with renewing(report_root()) as latest:
                publish([source], latest)
                page = write_report(latest, data)
    console.print(tally_table(data), end="\n\n")
    console.print(thesis_table(data), end="\n\n")
    console.print(f"report: {page} ({time.monotonic() - began:.0f} s in all)", soft_wrap=True,
                  markup=False)  # fmt: skip
    return 0


def one_a_line(data: dict[str, Any]) -> str:
    """JSON with a line for each build and point."""
    parts = [
        f'"{name}": [\n' + ",\n".join(json.dumps(one) for one in lines) + "\n]"
        for name, lines in data.items()
    ]
    return "{\n" + ",\n".join(parts) + "\n}\n"


if __name__ == "__main__":
    interrupt.entry(main)
