"""From Python: one layer on every design, a sweep, a table, a picture (``scripts.lacuna``).

``.venv/bin/python -m scripts.example`` takes seconds, by model; ``--rtl`` runs the dense array and
Sparse-on-Dense in RTL too, outputs compared. Leaves ``designs.csv`` and ``designs.png`` in
``build/python``.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Sequence

import numpy as np

from models.places import build_root
from scripts import lacuna
from scripts.console import Console

#: A design whose PEs have queues, and those that ``--rtl`` simulates.
DEFAULT_QUEUED = "eie"
DEFAULT_SIMULATED = ("dense", "sparse_on_dense")


def layer() -> lacuna.Layer:
    """A pruned 3 x 3 convolution of 16 channels to 32, two samples of 12 x 12, as behind ReLU."""
    draw = np.random.default_rng(1)
    weights = draw.integers(-7, 8, (32, 16, 3, 3)) * (draw.random((32, 16, 3, 3)) < 0.25)
    activations = np.maximum(draw.integers(-99, 100, (2, 16, 12, 12)), 0)
    return lacuna.Layer(weights, activations, padding=1, shift=5, name="example")


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line entry; returns the exit status."""
    arguments = sys.argv[1:] if arguments is None else arguments
    console = Console()
    one = layer()

    # Every design that can take the layer, by model: the cycles are those of the RTL.
    runs = lacuna.compare(one, rtl=False)
    for row in lacuna.rows(runs):
        console.print(
            f"{row['design']:16} {row['cycles_compute']:>7,} cycles, "
            f"{row['utilisation']:6.1%} useful, {row['energy_pj'] / 1e6:6.2f} uJ"
        )

    # How deep queues must be.
    for run in lacuna.sweep(one, DEFAULT_QUEUED, queue_depth=[1, 2, 8]):
        console.print(f"{run.design}, queues of {run.config.queue_depth}: {run.cycles:,} cycles")

    # What came out is the same everywhere.
    assert all(np.array_equal(run.outputs, runs[0].outputs) for run in runs)

    # For other tools.
    folder = build_root() / "python"
    folder.mkdir(parents=True, exist_ok=True)
    table = lacuna.rows(runs)
    with (folder / "designs.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, table[0])
        writer.writeheader()
        writer.writerows(table)
    lacuna.plot(runs).savefig(folder / "designs.png")

    if "--rtl" in arguments:
        for run in lacuna.compare(one, DEFAULT_SIMULATED):
            verdict = "bit-exact" if run.exact else "differs"
            console.print(f"{run.design} in RTL: {run.outputs.size:,} outputs, {verdict}")
            if not run.exact:
                return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
