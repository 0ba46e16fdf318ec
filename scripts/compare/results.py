"""What a comparison found, as data: ``compare.json``, ``compare.csv`` and the docs read it."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

from models.design import SLOT_COUNTERS
from models.memories import CLASSES
from scripts.compare.choose import Entrant
from scripts.measure.predict import Prediction
from scripts.measure.records import LayerRun, summed

Row = Mapping[str, Any]
MODEL, RTL, MISSING = "model", "RTL", "missing"
#: Columns that are best when small (-1) or large (1).
GOALS = {
    "gates": -1,
    "cycles": -1,
    "time_us": -1,
    "useful_share": 1,
    "energy_uj": -1,
    "references": -1,
    "bytes": -1,
}


def row_of(entrant: Entrant) -> dict[str, Any]:
    """A design on all layers together, by the models."""
    size = entrant.size
    row: dict[str, Any] = {
        "design": size.design,
        "title": size.model.title,
        "size": size.label,
        "multipliers": size.multipliers,
        "memory_bits": size.memory_bits,
        "gates": size.cost.gates,
        "fo4": size.fo4,
        "wider": dict(entrant.wider),
        "source": MODEL if entrant.found else MISSING,
        "reason": entrant.reason,
        "layers": [],
    }
    if not entrant.found:
        return row
    counters = summed([one.counters for one in entrant.found])
    references = {name: sum(one.references[name] for one in entrant.found) for name in CLASSES}
    return row | {
        "cycles": int(entrant.cycles),
        "time_us": entrant.time_us,
        "useful": counters["mac_useful"],
        "useful_share": counters["mac_useful"] / counters["mac_slots"],
        "energy_uj": entrant.energy_uj,
        "references": sum(references.values()),
        "references_of": references,
        "bytes": int(entrant.total("stream_bytes")),
        "lost": losses(entrant),
        "layers": [_layer(one) for one in entrant.found],
    }


def _layer(one: Prediction) -> dict[str, Any]:
    return {"cycles": one.cycles, "energy_uj": one.energy * 1e-6, "bytes": one.stream_bytes}


def losses(entrant: Entrant) -> dict[str, float]:
    """Share of the multiplier slots by account in the design's words, useful ones left out, the
    largest first.
    """
    counters = summed([one.counters for one in entrant.found])
    slots = counters["mac_slots"]
    parts = {name: counters.get(counter, 0) for name, counter in SLOT_COUNTERS.items()}
    parts["idle"] = slots - sum(parts.values())
    shares = {
        entrant.size.model.account(name).label: count / slots
        for name, count in parts.items()
        if name != "useful" and count > 0
    }
    return dict(sorted(shares.items(), key=lambda one: -one[1]))


def with_rtl(row: Row, runs: Sequence[LayerRun]) -> dict[str, Any]:
    """A row whose layers ran in RTL: what was compared, and cycles as they were counted."""
    return {
        **row,
        "source": RTL,
        "compared": sum(one.compared for one in runs),
        "bit_exact": all(one.different == 0 and one.compared > 0 for one in runs),
        "cycles_rtl": sum(one.counters["cycles_compute"] for one in runs),
        "differences": [
            f"{one.layer}: {text}"
            for one in runs
            for text in (*([one.first_difference] if one.different else []), *one.counter_errors)
        ],
    }


def exact(row: Row) -> bool:
    """Whether nothing that ran differs from the models, bits and cycles."""
    return row["source"] != RTL or (
        row["bit_exact"] and row["cycles_rtl"] == row["cycles"] and not row["differences"]
    )


def winners(rows: Sequence[Row]) -> dict[str, str]:
    """Column -> the design that is best in it, of those that take the layers."""
    found = {}
    for name, sign in GOALS.items():
        there = [row for row in rows if row.get(name) is not None and row["source"] != MISSING]
        if there:
            found[name] = max(there, key=lambda row: sign * row[name])["design"]
    return found


def csv_text(comparisons: Sequence[Mapping[str, Any]]) -> str:
    """The rows for a spreadsheet, one line per design of each comparison."""
    names: tuple[str, ...] = (
        "workload",
        "at",
        "design",
        "size",
        "multipliers",
        "gates",
        "fo4",
        "memory_bits",
    )
    names += ("source", "bit_exact", "compared", "cycles", "time_us", "useful_share", "energy_uj")
    names += (*(f"{name}_references" for name in CLASSES), "bytes", "reason")
    out = io.StringIO()
    table = csv.DictWriter(out, names, extrasaction="ignore", lineterminator="\n")
    table.writeheader()
    for one in comparisons:
        for row in one["rows"]:
            of = row.get("references_of", {})
            counts = {f"{name}_references": count for name, count in of.items()}
            table.writerow({"workload": one["workload"], "at": one["at"], **row, **counts})
    return out.getvalue()
