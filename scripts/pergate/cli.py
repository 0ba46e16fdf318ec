"""``make pergate``: what a gate buys, sparse PEs against dense ones at equal area.

The same layers, over a grid of weight and activation densities, on every design: useful multiplies
per second and gate, at equal clock and at a clock scaled by the longest path. Cycles are those of
the cycle models, which the RTL equals cycle for cycle; gates and paths come from
``scripts.area.cli``.
These two measures are of logic only and count no memory at all; a third one, at equal clock, adds
``--bit-price`` gates for every memory bit that the layer fills (``Design.footprint``).

Writes ``build/report/pergate.json``, ``pergate.html`` and ``pergate.png``.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from models import registry
from models.layer import Layer
from models.places import ROOT
from scripts import interrupt
from scripts import options as cli
from scripts.area import options as area_options
from scripts.area.cli import AreaError, area
from scripts.area.tree import BIT_PRICE
from scripts.console import Console, Table
from scripts.farm.farm import opened
from scripts.farm.in_order import in_order
from scripts.farm.settings import Setting, add_option, setting
from scripts.measure.records import summed
from scripts.outputs import own_folder, publish, renewing, report_root
from tb.common.sim.builds import write_whole

#: What ``make claims`` reads.
DOCS = ROOT / "docs" / "pergate.json"
DENSITIES = (0.03, 0.1, 0.2, 0.4, 0.7, 1.0)
#: Codes of a shared-weight codebook, so that all designs can run the same numbers.
CODES = 15


@dataclass(frozen=True)
class Build:
    """A build of a design on the maps, see ``models.design.GateBuild``."""

    label: str
    design: str
    changes: Mapping[str, int | str]
    like: str = ""

    @property
    def config(self) -> Any:
        """The model's configuration."""
        return registry.design(self.design).config(**self.changes)

    @property
    def multipliers(self) -> int:
        """Multipliers of the build."""
        return registry.design(self.design).multipliers(self.config)

    @property
    def file_bits(self) -> int:
        """Bits of register files that are memories."""
        return registry.design(self.design).per_gate.file_bits(self.config)


BUILDS = tuple(
    Build(one.label, design.name, one.changes, one.like)
    for design in registry.every()
    for one in design.per_gate.builds
)
#: What is stated of parts of a design: (design, its overhead).
OVERHEADS = tuple(
    (design.name, one) for design in registry.every() for one in design.per_gate.overheads
)
#: name -> (weights [K, C, R, S], activations [B, C, H, W], padding)
LAYERS = {
    "fully connected 1024 x 1024, 32 samples": ((1024, 1024, 1, 1), (32, 1024, 1, 1), 0),
    "convolution 64 x 64, 3x3, 14x14 pixels": ((64, 64, 3, 3), (1, 64, 14, 14), 1),
}


@dataclass(frozen=True)
class Point:
    """One build on one layer at one pair of densities.

    memory_bits: what the layer fills: its weights and activations, whole and resident (loading is
    not counted), the accumulators of the fullest pass of an array, ``Build.file_bits``.
    """

    layer: str
    build: str
    weight_density: float
    activation_density: float
    useful: int
    cycles: int
    memory_bits: int


def random_layer(name: str, weight_density: float, activation_density: float) -> Layer:
    """The layer with exactly these densities, the same for every design; sums fit 32 bits."""
    shape, inputs, padding = LAYERS[name]
    draw = np.random.default_rng([round(1000 * weight_density), round(1000 * activation_density)])

    def sparse(size: tuple[int, ...], density: float, values: np.ndarray) -> np.ndarray:
        count = int(np.prod(size))
        flat = np.zeros(count, dtype=np.int64)
        places = draw.permutation(count)[: max(1, round(density * count))]
        flat[places] = draw.choice(values, places.size)
        return flat.reshape(size)

    codes = np.setdiff1d(np.arange(-CODES // 2, CODES // 2 + 2), [0])[:CODES] * 128
    weights = sparse(shape, weight_density, codes)
    acts = sparse(inputs, activation_density, np.arange(1, 1 << 10))
    return Layer(weights, acts, padding=padding, shift=12, name=name)


def measure(name: str, build: Build, weight_density: float, activation_density: float) -> Point:
    """Compile and predict; ``Build.file_bits`` are not in it, see ``measure_all``."""
    layer = random_layer(name, weight_density, activation_density)
    design, config = registry.design(build.design), build.config
    program = design.compile(layer, config)
    counters = summed([one.counters for one in design.cycles(program, config)])
    bits = sum(design.footprint(layer, config, program).values())
    return Point(
        name,
        build.label,
        weight_density,
        activation_density,
        counters["mac_useful"],
        counters["cycles_compute"],
        bits,
    )


def grid(densities: Sequence[float]) -> Iterator[tuple[str, Build, float, float]]:
    """All points, the dearest first."""
    for weight in sorted(densities, reverse=True):
        for name in LAYERS:
            for build in BUILDS:
                for activation in sorted(densities, reverse=True):
                    yield name, build, weight, activation


def measure_all(
    densities: Sequence[float], where: Setting, jobs: int, console: Console
) -> list[Point]:
    """Every point of the grid, with a progress bar.

    A build with files as memory has the cycles of the one without, and its own bits on top.
    """
    every = list(grid(densities))
    todo = [one for one in every if not one[1].like]

    def key(name: str, build: Build, *shares: float) -> tuple[Any, ...]:
        return name, build.like or build.label, *shares

    with opened(where, jobs, console, here=True) as farm:
        measured = in_order(farm, measure, todo, console, "cycle models")
    found = {key(*one): point for one, point in zip(todo, measured, strict=True)}
    points = []
    for one in every:
        point, build = found[key(*one)], one[1]
        bits = point.memory_bits + build.file_bits
        points.append(replace(point, build=build.label, memory_bits=bits))
    return points


def silicon(console: Console) -> dict[str, dict[str, Any]]:
    """Gates (all but the accounts), longest path, bits of register files that are memories."""
    made = {}
    for build in BUILDS:
        with console.status(f"gates of {build.label}"):
            tree = area(f"lac_{build.design}", build.config.parameters())
        made[build.label] = {
            "design": build.design,
            "gates": tree.accelerator_gates,
            "fo4": tree.fo4,
            "multipliers": build.multipliers,
            "file_bits": build.file_bits,
        }
    return made


def overheads(console: Console) -> list[dict[str, Any]]:
    """What parts of a design cost beside others and the whole: ``PerGate.overheads``.

    "gates" are those of all units, "array" what they are beside, "of_array" and "of_total" shares.
    """
    made = []
    for name, one in OVERHEADS:
        design = registry.design(name)
        console.print(
            f"  gates of {one.size} x {one.size}, {one.kind}, {one.units} units", style="dim"
        )
        tree = area(design.top, design.config(**one.changes).parameters())
        gates, array = tree.gates_of(*one.modules), tree.gates_of(*one.beside)
        made.append(
            {
                "design": name,
                "size": one.size,
                "format": one.kind,
                "units": one.units,
                "lanes": one.lanes,
                "gates": gates,
                "array": array,
                "of_array": gates / array,
                "of_total": gates / tree.accelerator_gates,
            }
        )
    return made


def per_gate(point: Point, gates: float, fo4: float, bit_price: float) -> dict[str, float]:
    """Useful multiplies per cycle and million gates: at equal clock, and with the clock scaled.

    ``equal`` and ``scaled`` count logic only; ``scaled``: cycles last as long as the longest path,
    in units of 100 FO4; ``memory``: at equal clock, ``bit_price`` gates added for each
    memory bit.
    """
    rate = point.useful / point.cycles * 1e6
    return {
        "equal": rate / gates,
        "scaled": rate / gates * 100 / fo4,
        "memory": rate / (gates + bit_price * point.memory_bits),
    }


def best_tables(data: dict[str, Any]) -> list[Table]:
    """One per layer: for each pair of densities of the diagonal who wins, and by how much."""
    return [_best(data, layer) for layer in dict.fromkeys(one["layer"] for one in data["points"])]


def short_label(data: dict[str, Any], label: str) -> str:
    """The label of a build, fit for a column."""
    design = registry.design(data["silicon"][label]["design"])
    return label.replace(design.title, design.short)


def _best(data: dict[str, Any], layer: str) -> Table:
    table = Table(
        title=f"{layer}: useful multiplies per cycle and million gates",
        caption="Equal clock, logic only, weight and activation density equal. The page has the "
        "whole grid, clocks scaled by the longest path, and memories priced.",
        title_justify="left",
        caption_justify="left",
    )
    table.add_column("density", justify="right")
    labels = list(data["silicon"])
    for label in labels:
        table.add_column(short_label(data, label), justify="right")
    for density in data["densities"]:
        mine = {
            one["build"]: one["equal"]
            for one in data["points"]
            if one["layer"] == layer
            and one["weight_density"] == one["activation_density"] == density
        }
        top = max(mine.values())
        cells = [
            f"[bold green]{mine[x]:.2f}[/]" if mine[x] == top > 0 else f"{mine[x]:.2f}"
            for x in labels
        ]
        table.add_row(f"{100 * density:g} %", *cells)
    return table


def arguments_of(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The command line; what it cannot use ends the program with status 2."""
    parser = cli.Parser(prog="make pergate", description=(__doc__ or "").split("\n")[0])
    parser.add_argument(
        "--bit-price", type=area_options.bit_price, default=BIT_PRICE, help="gates per memory bit"
    )
    parser.add_argument(
        "--densities",
        type=area_options.densities,
        default=DENSITIES,
        help="shares of non-zeros with commas, e.g. 0.1,0.5,1",
    )
    parser.add_argument("--jobs", type=cli.jobs, default=2, help="layers at a time")
    add_option(parser)
    parser.add_argument("--out", type=cli.folder, help="folder of the report")
    parser.add_argument("--docs", action="store_true", help=f"also write docs/{DOCS.name}")
    options = parser.parse_args(arguments)
    asked = tuple(options.densities), options.bit_price
    if options.docs and asked != (DENSITIES, BIT_PRICE):
        parser.error("docs: found other densities or bit price, need those by default")
    return options


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line entry; returns the exit status."""
    options = arguments_of(arguments)
    console = Console()
    began = time.monotonic()
    try:
        where = setting(options.farm)
        own = own_folder("pergate", options.out)
        chips = silicon(console)
        overhead = overheads(console)
    except (OSError, ValueError, AreaError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    points = measure_all(options.densities, where, options.jobs, console)
    data = {
        "densities": list(options.densities),
        "bit_price": options.bit_price,
        "silicon": chips,
        "overhead": overhead,
        "points": [
            asdict(one)
            | per_gate(
                one,
                chips[one.build]["gates"],
                chips[one.build]["fo4"],
                options.bit_price,
            )
            for one in points
        ],
    }
    source = own.path / "pergate.json"
    write_whole(source, json.dumps(data, indent=1) + "\n")
    from scripts.pergate.page import for_docs, write_report

    if options.docs:
        write_whole(DOCS, json.dumps(for_docs(data), indent=1) + "\n")
    page = write_report(own.path, data)
    if options.out is None:
        console.print(f"kept as: {page}", soft_wrap=True, markup=False)
        with renewing(report_root()) as latest:
            publish([source], latest)
            page = write_report(latest, data)
    for table in best_tables(data):
        console.print(table)
    console.print(f"report: {page} ({time.monotonic() - began:.0f} s in all)", soft_wrap=True,
                  markup=False)  # fmt: skip
    own.release()
    return 0


if __name__ == "__main__":
    interrupt.entry(main)
