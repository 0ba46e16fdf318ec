"""``make claims``: every claim of the papers beside ours, from the committed records.

Nothing is measured: figures are those of ``docs/*.json``, verdicts follow one rule
(``scripts/claims/claim.py``). Prints a table for each paper and writes ``build/report/claims.html``
and ``claims.json``. ``--renew`` runs the commands that make the records first, one after the other
(hours), and brings the documents up to date; ``--resume`` leaves out what has passed.

Exit status: 0 done, 1 a command that makes a record failed, 2 a damaged record or bad input.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from models.places import ROOT
from scripts import interrupt
from scripts import options as cli
from scripts.claims import papers
from scripts.claims.page import write_report
from scripts.claims.records import RecordError, Records
from scripts.claims.renew import renew
from scripts.claims.rows import data
from scripts.claims.tables import console_tables, count_text
from scripts.console import Console
from scripts.outputs import renewing, report_root
from tb.common.sim.builds import write_whole

OK, FAILED = 0, 1


def parser() -> argparse.ArgumentParser:
    """The options."""
    made = cli.Parser(prog="make claims", description=(__doc__ or "").splitlines()[0])
    made.add_argument("--design", help=f"one paper: {', '.join(papers.every())}")
    made.add_argument("--renew", action="store_true", help="run what makes the records first")
    made.add_argument("--resume", action="store_true", help="renew only what has not passed")
    return made


def main(arguments: Sequence[str] | None = None, root: Path = ROOT) -> int:
    """Command line entry; returns the exit status."""
    options = parser().parse_args(arguments)
    console = Console()
    failed: list[str] = []
    try:
        asked = papers.some(options.design)
        if options.resume and not options.renew:
            raise ValueError("resume: only beside renew")
        if options.renew:
            failed = renew(asked, options.resume, console)
        found = data(asked, Records(root))
    except (RecordError, ValueError) as error:
        return cli.refused(error)
    for table in console_tables(found):
        console.print(table, end="\n\n")
    console.print(count_text(found["counts"]), highlight=False)
    with renewing(report_root()) as latest:
        write_whole(latest / "claims.json", json.dumps(found, indent=1) + "\n")
        page = write_report(latest, found)
    console.print(f"report: {page}", soft_wrap=True, markup=False)
    for line in failed:
        console.print(f"[red]failed:[/red] {line}", highlight=False, soft_wrap=True)
    return FAILED if failed else OK


if __name__ == "__main__":
    interrupt.entry(main)
