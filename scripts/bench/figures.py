"""The paper's layers in README.md: docs/<design>.json, renewed by ``BENCH_ARGS=--docs``.

``runs`` has the layers, ``studies`` the points of the studies of the last benchmark that had them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from models.places import ROOT
from scripts.bench.page import by_layer, means, variants
from tb.common.sim.builds import write_whole

#: Fields of a record that the table, and whoever holds it against the models, needs.
KEPT = (
    *("design", "layer", "variant", "seed", "bit_exact", "cycles_compute"),
    *("cycles_model", "mac_useful", "baseline_cycles", "ratio", "sim_cycles_per_second"),
    *("paper_ratio", "paper_theoretical_us", "paper_actual_us"),
)

Record = Mapping[str, Any]
Head = tuple[str, ...]
Rows = list[tuple[str, ...]]


def place(design: str) -> Path:
    """Where the figures of a design are."""
    return ROOT / "docs" / f"{design}.json"


def load(design: str) -> list[dict[str, Any]]:
    """The records of the layers as last measured."""
    found: list[dict[str, Any]] = json.loads(place(design).read_text(encoding="utf-8"))["runs"]
    return found


def keep(records: Iterable[Record], points: Iterable[Record] = ()) -> None:
    """Renew the figures of the design of a whole benchmark; without points those there are stay."""
    runs = [{name: one[name] for name in KEPT} for one in records]
    path = place(runs[0]["design"])
    studies = [dict(one) for one in points]
    if not studies and path.exists():
        studies = json.loads(path.read_text(encoding="utf-8"))["studies"]
    write_whole(path, json.dumps({"runs": runs, "studies": studies}, indent=1) + "\n")


def layers(design: str) -> tuple[Head, Rows]:
    """Head and rows: times and ratios of each layer, means over the seeds."""
    records = load(design)
    names, lines = variants(records), by_layer(records)
    head: Head = (
        *("layer", "paper, theoretical us", "paper, actual us"),
        *(f"{name} us" for name in names),
        "paper, ratio",
        *(f"{name}, ratio" for name in names),
    )
    rows: Rows = [
        (
            line["layer"],
            f"{line['paper_theoretical_us']:.1f}",
            f"{line['paper_actual_us']:.1f}",
            *(f"{line['us'][name]:.2f}" for name in names),
            f"{line['paper_ratio']:.3f}",
            *(f"{line['ratio'][name]:.3f}" for name in names),
        )
        for line in lines
    ]
    mean, empty = means(lines), [""] * (2 + len(names))
    last = ("geometric mean", *empty, *(f"{mean[name]:.3f}" for name in ("paper", *names)))
    return head, [*rows, last]
