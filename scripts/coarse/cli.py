"""``make coarse``: pruning by blocks, local codebooks and Huffman codes, after Cambricon-S.

Where large weights are, accuracy of the embedded networks by blocks and by single weights, what
they store at equal accuracy part by part (as ``make train NET=coarse`` left it), and AlexNet and
VGG-16 by their shapes beside the papers' ratios. Prints all tables and writes
``build/report/coarse.html``, ``coarse.png`` and ``coarse.json``.

Exit status: 0 done, 2 bad input.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.markup import escape

from models.places import ROOT
from scripts import interrupt
from scripts import options as cli
from scripts.coarse.page import write_report
from scripts.coarse.tables import all_tables, index_records, shape_records
from scripts.console import Console
from scripts.outputs import own_folder, publish, renewing, report_root
from scripts.train.coarse_study import read
from tb.common.sim.builds import write_whole

OK, BAD_INPUT = 0, 2
#: What ``make claims`` reads.
DOCS = ROOT / "docs" / "coarse.json"


def parser() -> argparse.ArgumentParser:
    """The options."""
    made = cli.Parser(prog="make coarse", description=(__doc__ or "").splitlines()[0])
    made.add_argument("--out", type=cli.folder, help="folder of the report")
    made.add_argument("--docs", action="store_true", help=f"also write docs/{DOCS.name}")
    return made


def write_docs(shaped: list[dict[str, Any]]) -> None:
    """What of it is committed: the papers' shapes; accuracies are in models/networks."""
    data = {"shapes": shaped, "index": index_records()}
    write_whole(DOCS, json.dumps(data, indent=1) + "\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line entry; returns the exit status."""
    options = parser().parse_args(arguments)
    console, errors = Console(), Console(stderr=True)
    start = time.monotonic()
    try:
        own = own_folder("coarse", options.out)
        trained, shaped = read(), shape_records()
    except (ValueError, OSError) as error:
        told = str(error) or type(error).__name__
        errors.print(f"[red]error:[/red] {escape(told)}", highlight=False, soft_wrap=True)
        return BAD_INPUT
    for table in all_tables(trained, shaped):
        console.print(table.console(), end="\n\n")
    if options.docs:
        write_docs(shaped)
    data = {"trained": trained, "shapes": shaped}
    source: Path = own.path / "coarse.json"
    write_whole(source, json.dumps(data, indent=1) + "\n")
    page = write_report(own.path, data)
    if options.out is None:
        console.print(f"kept as: {page}", soft_wrap=True, markup=False)
        with renewing(report_root()) as latest:
            publish([source], latest)
            page = write_report(latest, data)
    console.print(f"report: {page} ({time.monotonic() - start:.0f} s in all)", soft_wrap=True,
                  markup=False)  # fmt: skip
    own.release()
    return OK


if __name__ == "__main__":
    interrupt.entry(main)
