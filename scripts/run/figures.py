"""What README.md shows of runs: docs/run.json, renewed by ``make run RUN_ARGS=--docs``."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from models import registry
from models.places import ROOT
from models.workloads.pretrained import PRETRAINED
from scripts.measure.records import weight_bits
from scripts.pages.text import number, percent
from scripts.run.tables import build_text
from tb.common.sim.builds import write_whole

FIGURES = ROOT / "docs" / "run.json"
#: The network of the default run, in models/networks.
DEFAULT = "lenet_300_100"

Record = Mapping[str, Any]


def sums(records: Iterable[Record]) -> list[dict[str, Any]]:
    """One record for each workload and design, in the order of the run: sums over its layers."""
    groups: dict[tuple[str, str], list[Record]] = {}
    for one in records:
        groups.setdefault((one["workload"], one["design"]), []).append(one)
    return [
        {
            "workload": workload,
            "design": design,
            "config": mine[0]["config"],
            "samples": mine[0]["samples"],
            "layers": [one["layer"] for one in mine],
            **{
                name: sum(one[name] for one in mine)
                for name in ("compared", "cycles_compute", "mac_useful", "mac_slots")
            },
            "weight_bits": sum(weight_bits(one) for one in mine),
            "energy_pj": round(sum(sum(one["energy_pj"].values()) for one in mine)),
        }
        for (workload, design), mine in groups.items()
    ]


def load(path: Path = FIGURES) -> list[dict[str, Any]]:
    """The figures as last measured."""
    found: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    return found


def keep(records: Iterable[Record], path: Path = FIGURES) -> None:
    """Renew the figures of the workloads and designs of a run; those of others stay."""

    def key(one: Record) -> tuple[str, str]:
        return one["workload"], one["design"]

    old = load(path) if path.exists() else []
    every = {key(one): one for one in (*old, *sums(records))}
    order = list(registry.DESIGNS)
    made = sorted(every.values(), key=lambda one: (one["workload"], order.index(one["design"])))
    write_whole(path, json.dumps(made, indent=1) + "\n")


Head = tuple[str, ...]
Rows = list[tuple[str, ...]]


def default_run(figures: Sequence[Record]) -> tuple[Head, Rows]:
    """Head and rows: the designs on the network of the default run."""
    head: Head = ("design", "multipliers", "compute cycles", "useful slots",
            "weights read, Mbit", "energy, uJ")  # fmt: skip
    rows: Rows = [
        (
            build_text(one),
            number(one["mac_slots"] // one["cycles_compute"]),
            number(one["cycles_compute"]),
            percent(one["mac_useful"] / one["mac_slots"]),
            f"{one['weight_bits'] / 1e6:,.1f}",
            f"{one['energy_pj'] / 1e6:,.0f}",
        )
        for one in figures
        if one["workload"] == DEFAULT
    ]
    return head, rows


def fetched_runs(figures: Sequence[Record]) -> tuple[Head, Rows]:
    """Head and rows: the designs on the fetched networks."""
    head: Head = ("network", "layers", "design", "outputs compared", "compute cycles",
            "weights read, Mbit")  # fmt: skip
    rows: Rows = [
        (
            PRETRAINED[one["workload"]].name,
            str(len(one["layers"])),
            build_text(one),
            number(one["compared"]),
            number(one["cycles_compute"]),
            f"{one['weight_bits'] / 1e6:,.2f}",
        )
        for one in figures
        if one["workload"] in PRETRAINED
    ]
    return head, rows
