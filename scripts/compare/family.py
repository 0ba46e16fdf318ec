"""Several comparisons in one table: a row for each layer, a column for each design."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from models import registry
from scripts.compare.results import MISSING, winners
from scripts.compare.tables import short
from scripts.console import Table
from scripts.pages.text import table

Data = Mapping[str, Any]
CAPTION = (
    "Thousands of cycles, then energy in uJ, of the fastest of the equal builds of each design. "
    "* best of the row; a dash: the design cannot take the layer."
)


def _cell(data: Data, design: str) -> str:
    best = winners(data["rows"])
    for row in data["rows"]:
        if row["design"] == design and row["source"] != MISSING:
            marks = ["*" if best.get(name) == design else "" for name in ("cycles", "energy_uj")]
            return f"{short(row['cycles'], 1e-3)}{marks[0]} / {short(row['energy_uj'])}{marks[1]}"
    return "-"


def family_head_rows(comparisons: Sequence[Data]) -> tuple[list[str], list[list[str]]]:
    """Head and rows: kilocycles / energy of each design on each layer."""
    designs = registry.every()
    head = ["layer", *(design.title for design in designs)]
    rows = [
        [one["workload"], *(_cell(one, design.name) for design in designs)] for one in comparisons
    ]
    return head, rows


def family_table(comparisons: Sequence[Data], title: str) -> Table:
    """For the terminal."""
    head, rows = family_head_rows(comparisons)
    made = table(title, CAPTION, head[:1], head[1:])
    for row in rows:
        made.add_row(*row)
    return made
