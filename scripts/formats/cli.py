"""``make formats``: what every sparsity format costs, by density and pruning granularity.

Encodes random layers, the embedded networks or a layer of your own in every format, prints bits
per weight split into values and overhead, break-even densities and papers' claims, and writes
``build/report/formats.html``, ``formats.png`` and ``formats.json``.

Exit status: 0 done, 2 bad input.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from models.names import unknown
from models.networks import NETWORKS, TOUR, load_network
from models.workloads import load_weights
from scripts import interrupt
from scripts import options as cli
from scripts.console import Console
from scripts.formats import tables
from scripts.formats.best import break_evens
from scripts.formats.claims import CLAIMS, Claim, claims
from scripts.formats.page import columns_of, groups, write_report
from scripts.formats.study import (
    DENSITIES,
    NAMES,
    SWEEP_WEIGHTS,
    WHOLE_WEIGHTS,
    Subject,
    measure,
    random_subject,
    subject,
    sweep,
    sweep_plan,
)
from scripts.formats.tables import percent
from scripts.outputs import own_folder, publish, renewing, report_root
from tb.common.sim.builds import write_whole

#: Random layers: a convolution and a fully connected layer.
SHAPES = ((128, 64, 3, 3), (256, 256, 1, 1))
OK, BAD_INPUT = 0, 2

Data = dict[str, Any]
Step = Callable[[], None]


def parser() -> argparse.ArgumentParser:
    """The options."""
    made = cli.Parser(prog="make formats", description=(__doc__ or "").splitlines()[0])
    what = made.add_mutually_exclusive_group()
    what.add_argument("--layer", type=cli.tensor, help="your layer: a file with weights")
    what.add_argument("--net", help=f"embedded network: {', '.join(NETWORKS)}")
    what.add_argument("--shape", help="random layer K,C or K,C,R,S in place of the usual two")
    made.add_argument(
        "--density", type=cli.number(0, 1), help="density of the printed tables, default 0.1"
    )
    made.add_argument(
        "--width", type=cli.integer(2, 32), help="bits of a weight made from floats, default 8"
    )
    made.add_argument(
        "--bits", type=cli.integer(1, 8), default=4, help="bits of a codebook's code, default 4"
    )
    made.add_argument("--seed", type=cli.seed, default=1, help="of random layers and patterns")
    made.add_argument("--out", type=cli.folder, help="folder of the report")
    return made


def shape_of(text: str) -> tuple[int, ...]:
    """``256,512`` or ``64,64,3,3`` as [K, C, R, S]; ValueError otherwise.

    >>> shape_of("256,512")
    (256, 512, 1, 1)
    """
    parts = [part.strip() for part in text.split(",")]
    if len(parts) not in (2, 4) or not all(part.isdecimal() and int(part) for part in parts):
        raise ValueError(f"SHAPE: found '{text}', need K,C or K,C,R,S, integers from 1")
    shape = tuple(map(int, parts)) + (1, 1) * (len(parts) == 2)
    size = shape[0] * shape[1] * shape[2] * shape[3]
    if size > WHOLE_WEIGHTS:
        raise ValueError(f"SHAPE: found {size:,} weights, need at most {WHOLE_WEIGHTS:,}")
    return shape


def check(options: argparse.Namespace) -> None:
    """Raise ValueError on an unknown network, or on options that do not go together."""
    if options.net is not None and options.net not in NETWORKS:
        raise ValueError(unknown("net", options.net, NETWORKS))
    if options.net is not None and (options.density, options.width) != (None, None):
        raise ValueError("DENSITY, WIDTH: a network is measured as it is")


def network_layers(name: str, bits: int) -> list[Subject]:
    """The layers of an embedded network."""
    layers = load_network(name).layers
    return [subject(f"{name} {one.name}", one.weights, 16, bits) for one in layers]


class Study:
    """What is measured, in order: whole layers, sweeps, break-evens, claims."""

    def __init__(self, options: argparse.Namespace) -> None:
        """Loads and checks the input; ValueError or OSError says what is wrong."""
        self.options = options
        self.whole: list[Subject] = []
        self.swept: list[Subject] = []
        self.notes: list[str] = []
        self.uncut: list[tuple[Subject, Subject]] = []  # what is swept, and what it was cut from
        self.claims = not (options.layer or options.net or options.shape)
        width, bits, seed = options.width or 8, options.bits, options.seed
        if options.layer is not None:
            weights = load_weights(options.layer)
            if weights.dtype.kind in "iu" and options.width is not None:
                raise ValueError("WIDTH: the layer's integers keep their own width")
            self.whole = [subject(options.layer.stem, weights, width, bits, seed)]
            self.swept = whole = self.whole
            self._cut()
            self.uncut = list(zip(self.swept, whole, strict=True))
        elif options.net is None:
            shapes = [shape_of(options.shape)] if options.shape else SHAPES
            self.swept = [
                random_subject(shape, width, bits, seed).head(SWEEP_WEIGHTS) for shape in shapes
            ]
        self._densities()
        for name in [options.net] if options.net else TOUR if self.claims else []:
            self.whole += network_layers(name, bits)
        own = self.whole[:1] if options.layer else self.swept
        self.notes += [one.fit for one in own if one.shared.any()]

    def _densities(self) -> None:
        """Densities of the sweep, and the one of the printed tables."""
        own = min((one.most for one in self.swept), default=1.0)
        cut = any(one.weights.size < full.weights.size for one, full in self.uncut)
        asked = self.options.density
        if asked is not None and asked > own:
            what = "the measured part of the layer" if cut else "the layer"
            most = math.floor(own * 1e4) / 1e4  # what is told can be asked for
            raise ValueError(f"DENSITY: found {asked}, {what} has {most:g} as it is")
        self.densities = tuple(sorted({*DENSITIES, *([asked] if asked else [])}))
        able = [one for one in DENSITIES if one <= min(own, 0.1)]
        self.density = asked or max(able, default=min(DENSITIES))
        if own < 1 and self.swept:
            part = ""
            if cut:
                whole = min(full.share for _, full in self.uncut)
                part = f" of the measured part ({percent(whole)} of the whole layer's)"
            self.notes.append(
                f"{percent(own)} of the weights{part} are not zero: no density above that, no "
                "break-even"
            )
        self.even = self.swept[:1] if own == 1 else []

    def _cut(self) -> None:
        """Cut a large layer down, and say so."""
        for limit, what in ((WHOLE_WEIGHTS, "whole"), (SWEEP_WEIGHTS, "swept")):
            cut = [one.head(limit) for one in getattr(self, what)]
            for one, full in zip(cut, getattr(self, what), strict=True):
                if one is not full:
                    share = "as it is" if what == "whole" else "sweeps"
                    rows, cols = len(one.weights), one.weights.shape[1]
                    self.notes.append(
                        f"{one.name}, {share}: measured on the first {rows} filters and {cols} "
                        f"channels, {one.weights.size:,} of {full.weights.size:,} weights"
                    )
            setattr(self, what, cut)

    def steps(self) -> int:
        """How often ``run`` calls ``step``."""
        plans = sum(len(sweep_plan(one, self.densities)) for one in self.swept)
        return len(self.whole) + plans + len(self.even) * len(NAMES) + len(CLAIMS) * self.claims

    def run(self, step: Step) -> Data:
        """Measure everything; ``step`` is called after each part."""
        whole, swept, evens = [], [], []
        for one in self.whole:
            matrix = one.as_it_is()
            whole += [measure(one, matrix, name) for name in NAMES]
            step()
        for one in self.swept:
            for records in sweep(one, self.densities):
                swept += records
                step()
        for one in self.even:
            evens = break_evens(one, step)
        found = claims(self.options.seed, lambda title: step()) if self.claims else []
        return {
            "density": self.density,
            "bits": self.options.bits,
            "whole": whole,
            "sweep": swept,
            "break_even": evens,
            "claims": [vars(claim) for claim in found],
            "notes": self.notes,
        }


def show(data: Data, console: Console) -> None:
    """All tables, and what they assume."""
    sweeps = groups(data["sweep"], "layer")
    for title, columns in columns_of(data).items():
        width = columns[0][1][0]["width"]
        caption = (
            f"{width}-bit weights; heads: pruning or layer, density. Overhead: indices, pointers, "
            "tables, padding. Huffman's codes count as values. Green: cheapest of fixed width; "
            "bold: of all."
        )
        for table in tables.cost_tables(f"{title}: bits per weight", caption, columns):
            console.print(table, end="\n\n")
        if (title,) in sweeps:
            console.print(tables.cheapest_table(title, sweeps[title,]), end="\n\n")
    if data["break_even"]:
        console.print(tables.break_table(data["break_even"]), end="\n\n")
    for fields in data["claims"]:
        claim = Claim(**fields)
        console.print(tables.claim_table(claim))
        console.print(claim.why, end="\n\n", highlight=False)
    for line in [*data["notes"], *tables.footnote([*data["whole"], *data["sweep"]])]:
        console.print(f"[yellow]note:[/yellow] {escape(line)}", highlight=False)


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line entry; returns the exit status."""
    options = parser().parse_args(arguments)
    console, errors = Console(), Console(stderr=True)
    start = time.monotonic()
    columns = (
        TextColumn("{task.description:>9}"),
        BarColumn(bar_width=40),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    try:
        check(options)
        study = Study(options)
        what = options.layer or options.net or options.shape or ""
        own = own_folder(f"formats-{Path(what).stem}" if what else "formats", options.out)
        with Progress(*columns, console=console, transient=True) as progress:
            bar = progress.add_task("encode", total=study.steps())
            data = study.run(lambda: progress.advance(bar))
    except (ValueError, OSError, MemoryError) as error:
        told = str(error) or type(error).__name__
        errors.print(f"[red]error:[/red] {escape(told)}", highlight=False, soft_wrap=True)
        return BAD_INPUT
    show(data, console)
    source = own.path / "formats.json"
    write_whole(source, json.dumps(data, indent=1))
    page = write_report(own.path, data)
    if options.out is None:
        console.print(f"kept as: {page}", soft_wrap=True)
        with renewing(report_root()) as latest:
            publish([source], latest)
            page = write_report(latest, data)
    console.print(f"report: {page} ({time.monotonic() - start:.1f} s in all)", soft_wrap=True)
    own.release()
    return OK


if __name__ == "__main__":
    interrupt.entry(main)
