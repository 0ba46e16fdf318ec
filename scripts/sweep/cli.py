"""``make sweep``: a design over many builds and densities, by its cycle model: csv and plot.

    make sweep DESIGN=eie CONFIG='num_pe=16,64;queue_depth=1..16' DENSITY=0.05..1

Values: ``4,8`` is a list, ``1..16`` doubles from 1 to 16, ``1..16:5`` goes in steps. Writes
``build/report/sweep.csv``, ``sweep.json`` and ``sweep.png``. Points are kept as they are done:
``RESUME=1`` takes them from an earlier call. What there cannot be is a row with the
reason.

Exit status: 0 done, 2 bad input, or no point could be computed.
"""

from __future__ import annotations

import csv
import io
import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from models import registry
from models.layer import Layer
from models.names import quoted
from models.workloads.structures import STRUCTURES, activations, structured
from scripts import interrupt
from scripts import options as cli
from scripts.console import Console
from scripts.farm.farm import opened
from scripts.farm.in_order import Keep, in_order
from scripts.farm.settings import Setting, add_option, setting
from scripts.measure.predict import predict
from scripts.outputs import own_folder, publish, renewing, report_root
from scripts.sweep.plot import figure_of
from scripts.sweep.space import (
    Point,
    density_values,
    product,
    settings,
    shape_of,
    structure_of,
)
from tb.common.sim.builds import write_whole

FIGURES = ("multipliers", "cycles", "useful", "slots", "energy_uj", "references", "bytes")


def layer_of(point: Point) -> Layer:
    """The layer of a point: the same for every build."""
    outputs, inputs, rows, cols = point.shape
    shares = (round(1000 * one) for one in (point.weight_density, point.activation_density))
    draw = np.random.default_rng([point.seed, *point.shape, *shares])
    weights = structured(point.shape, point.weight_density, point.structure, draw)
    side = point.pixels if rows * cols > 1 else 1
    size = point.batch, inputs, side, side
    acts = activations(size, point.activation_density, draw, signed=False)
    padding = rows // 2 if rows == cols and side > 1 else 0
    return Layer(weights, acts, padding=padding, shift=12, name=f"{outputs}x{inputs}")


def head(point: Point) -> dict[str, Any]:
    """What a point is, as the begin of its row."""
    return {
        "design": point.design,
        **dict(point.changes),
        "weight_density": point.weight_density,
        "activation_density": point.activation_density,
    }


def measure(point: Point) -> dict[str, Any]:
    """A row: figures, or the reason why there are none."""
    design, row = registry.design(point.design), head(point)
    try:
        config = design.config(**dict(point.changes))
        found = predict(design, config, layer_of(point))
    except ValueError as error:
        return row | {"reason": str(error)}
    return row | {
        "multipliers": design.multipliers(config),
        "cycles": found.cycles,
        "useful": found.useful,
        "slots": found.counters["mac_slots"],
        "energy_uj": round(found.energy * 1e-6, 6),
        "references": sum(found.references.values()),
        "bytes": found.stream_bytes,
        "reason": "",
    }


def measure_all(
    points: Sequence[Point], where: Setting, jobs: int, resume: bool, console: Console
) -> list[dict[str, Any]]:
    """Rows in the order of the points."""
    with opened(where, jobs, console, here=True) as farm:
        return in_order(
            farm,
            measure,
            [(one,) for one in points],
            console,
            "cycle models",
            Keep("sweep", resume),
            lambda job, why: head(job[0]) | {"reason": why},
        )


def csv_text(rows: Sequence[Mapping[str, Any]], swept: Sequence[str]) -> str:
    """One line per point."""
    names = ("design", *swept, "weight_density", "activation_density", *FIGURES, "reason")
    out = io.StringIO()
    table = csv.DictWriter(out, names, restval="", lineterminator="\n")
    table.writeheader()
    table.writerows(rows)
    return out.getvalue()


def parser() -> cli.Parser:
    """The options."""
    made = cli.Parser(prog="make sweep", description=(__doc__ or "").splitlines()[0])
    made.add_argument("--design", help=f"one of {', '.join(registry.DESIGNS)}")
    made.add_argument("--config", default="", help="field=values;field=values")
    made.add_argument("--density", default="0.1", help="of weights: 0.05..1")
    made.add_argument("--activations", default="0.5", help="densities of activations: 0.1..1")
    made.add_argument("--shape", default="512,512", help="K,C or K,C,R,S")
    made.add_argument("--structure", default=STRUCTURES[0], help=", ".join(STRUCTURES))
    made.add_argument("--pixels", type=cli.integer(1, 512), default=14, help="side of a map")
    made.add_argument("--batch", type=cli.integer(1, 1024), default=1, help="samples")
    made.add_argument("--seed", type=cli.seed, default=1, help="of the random layers")
    made.add_argument("--jobs", type=cli.jobs, default=2, help="points at a time")
    add_option(made)
    made.add_argument("--resume", action="store_true", help="keep what an earlier call did")
    made.add_argument("--out", type=cli.folder, help="folder of the report")
    return made


def write(folder: Path, data: Mapping[str, Any]) -> list[Path]:
    """Files of a sweep in a folder."""
    paths = [folder / f"sweep.{kind}" for kind in ("json", "csv", "png")]
    write_whole(paths[0], json.dumps(data, indent=1) + "\n")
    write_whole(paths[1], csv_text(data["rows"], data["swept"]))
    figure = figure_of(data)
    figure.savefig(paths[2], dpi=110, metadata={"Software": None})
    return paths


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line entry; returns the exit status."""
    options = parser().parse_args(arguments)
    console, began = Console(), time.monotonic()
    try:
        where = setting(options.farm)
        if options.design is None:
            raise ValueError(f"design: found nothing, need one of {', '.join(registry.DESIGNS)}")
        registry.design(options.design)
        swept = settings(options.design, options.config)
        shape = shape_of(options.shape)
        structure = structure_of(options.structure, STRUCTURES)
        weights = density_values(options.density, "density")
        acts = density_values(options.activations, "activations")
        points = [
            Point(options.design, build, shape, options.pixels, options.batch, structure, w, a,
                  options.seed)
            for build, w, a in product(swept, weights, acts)
        ]  # fmt: skip
        own = own_folder(f"sweep-{options.design}", options.out)
    except (OSError, ValueError) as error:
        return cli.refused(error)
    with own as folder:
        rows = measure_all(points, where, options.jobs, options.resume, console)
        good = [one for one in rows if not one["reason"]]
        if not good:
            return cli.refused(f"config: no point can be computed: {rows[0]['reason']}")
        data = {
            "design": options.design,
            "shape": list(shape),
            "structure": structure,
            "batch": options.batch,
            "swept": list(swept),
            "rows": rows,
        }
        made = write(folder, data)
        if options.out is None:
            with renewing(report_root()) as latest:
                publish(made, latest)
                made = [latest / one.name for one in made]
    best = min(good, key=lambda one: one["cycles"])
    said = ", ".join(f"{name}={best[name]}" for name in (*swept, "weight_density"))
    console.print(f"{len(rows)} points ({len(rows) - len(good)} cannot be); "
                  f"fewest cycles: {best['cycles']:,} at {said}")  # fmt: skip
    for row in rows:
        if row["reason"]:
            console.print(f"[yellow]missing:[/] {quoted(row['reason'])}", soft_wrap=True)
            break
    for path in made[1:]:
        console.print(str(path), soft_wrap=True, markup=False)
    console.print(f"({time.monotonic() - began:.0f} s in all)")
    return 0


if __name__ == "__main__":
    interrupt.entry(main)
