"""``make granularity``: accuracy, storage, references and designs by granularity of sparsity.

The study of Mao et al. (2017) on what is here: accuracy and storage of the embedded networks as
``make train`` left them, references to partial sums of VGG-16's layers by a model, and the same
layers, pruned at each granularity, on every design by the cycle models. Prints all tables and
writes ``build/report/granularity.html``, ``granularity.png`` and ``granularity.json``.

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

from models.names import unknown
from models.places import ROOT
from models.workloads.scnn import MAPS
from scripts import interrupt
from scripts import options as cli
from scripts.console import Console
from scripts.farm.farm import opened
from scripts.farm.in_order import in_order
from scripts.farm.settings import add_option, setting
from scripts.granularity import accuracy, counted, hardware, paper
from scripts.granularity.layers import LAYERS, Conv
from scripts.granularity.page import write_report
from scripts.granularity.tables import all_tables
from scripts.outputs import own_folder, publish, renewing, report_root
from scripts.train.granularity import GRAINS, read
from tb.common.sim.builds import write_whole

OK, BAD_INPUT = 0, 2
#: What ``make claims`` reads.
DOCS = ROOT / "docs" / "granularity.json"
Record = dict[str, Any]
Data = dict[str, Any]


def parser() -> argparse.ArgumentParser:
    """The options."""
    made = cli.Parser(prog="make granularity", description=(__doc__ or "").splitlines()[0])
    made.add_argument("--layers", help="some of VGG-16's convolutions, commas between")
    made.add_argument(
        "--maps", type=cli.choice(*MAPS), default=MAPS[0], help="how VGG-16's maps are drawn"
    )
    made.add_argument("--jobs", type=cli.jobs, default=2, help="layers at a time")
    add_option(made)
    made.add_argument("--rtl", type=cli.file, help="records of references that were counted in RTL")
    made.add_argument("--out", type=cli.folder, help="folder of the report")
    made.add_argument("--docs", action="store_true", help=f"also write docs/{DOCS.name}")
    return made


def chosen(text: str | None, maps: str) -> list[Conv]:
    """Layers by name; ValueError on one that there is not.

    >>> [one.name for one in chosen("conv5-3,conv1-1", "iid")]
    ['conv1-1', 'conv5-3']
    """
    names = [one.strip() for one in text.split(",")] if text else list(LAYERS)
    for name in names:
        if name not in LAYERS:
            raise ValueError(unknown("layers", name, LAYERS))
    return [Conv(name, maps) for name in LAYERS if name in names]


def study(options: argparse.Namespace, console: Console) -> Data:
    """Everything that the page shows; ValueError or OSError where there is no good input."""
    layers = chosen(options.layers, options.maps)
    results = read()
    curves, sizes = accuracy.curves(results), accuracy.sizes(results)
    there = [report_root() / "bench.json", ROOT / "docs" / "scnn.json"]
    on_scnn = counted.on_scnn(*([options.rtl] if options.rtl else there))
    work = hardware.all_work(results, curves, layers)
    builds = hardware.builds()
    with opened(setting(options.farm), options.jobs, console, here=True) as farm:
        jobs = [(one, build) for one in work for build in builds]
        on_builds = in_order(farm, hardware.measure, jobs, console, "builds")
        grains = [(conv, grain) for conv in layers for grain in GRAINS]
        references = in_order(farm, counted.of_layer, grains, console, "references")
    failed = {
        f"{one['build']}: {one['layer']}: {one['reason']}" for one in on_builds if "reason" in one
    }
    return {
        "accuracy": curves,
        "sizes": sizes,
        "equal": accuracy.equal(curves, sizes),
        "lost": accuracy.LOST,
        "maps": options.maps,
        "references": references,
        "on_scnn": on_scnn,
        "hardware": on_builds,
        "notes": sorted(failed),
    }


def of_paper() -> list[Record]:
    """The paper's storage beside the formula, a record for each network and granularity."""
    return [
        {
            "network": network,
            "granularity": grain,
            "density": density / 100,
            "stored": stored / 100,
            "formula": paper.formula(density / 100, paper.GRAINS[grain]),
        }
        for network, found in paper.STORAGE.items()
        for grain, (density, stored) in found.items()
    ]


def write_docs(data: Data) -> None:
    """What of the study is committed."""
    found = {
        "equal": data["equal"],
        "lost": data["lost"],
        "maps": data["maps"],
        "references": counted.total(data["references"]),
        "paper": of_paper(),
    }
    write_whole(DOCS, json.dumps(found, indent=1) + "\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line entry; returns the exit status."""
    options = parser().parse_args(arguments)
    console, errors = Console(), Console(stderr=True)
    start = time.monotonic()
    try:
        if options.docs and (options.layers or options.maps != MAPS[0]):
            raise ValueError(f"docs: found a part, need all layers and {MAPS[0]} maps")
        own = own_folder("granularity", options.out)
        data = study(options, console)
    except (ValueError, OSError, MemoryError) as error:
        told = str(error) or type(error).__name__
        errors.print(f"[red]error:[/red] {escape(told)}", highlight=False, soft_wrap=True)
        return BAD_INPUT
    for table in all_tables(data):
        console.print(table.console(), end="\n\n")
    for line in data["notes"]:
        console.print(f"[yellow]note:[/yellow] {escape(line)}", highlight=False)
    if options.docs:
        write_docs(data)
    source: Path = own.path / "granularity.json"
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
