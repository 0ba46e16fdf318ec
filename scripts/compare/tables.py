"""A comparison as a table: for the terminal, the page and the docs, from the same cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from scripts.compare.choose import FO4_PS, MEASURES
from scripts.compare.results import MISSING, RTL, exact, winners
from scripts.compare.sizes import ACCESS_FO4, NOT_MADE
from scripts.console import Table
from scripts.pages.text import markdown, number, percent

Data = Mapping[str, Any]
HEAD = (
    "design",
    "build",
    "multipliers",
    "kilogates",
    "FO4",
    "memory, Mbit",
    "cycles",
    "time, us",
    "useful slots",
    "energy, uJ",
    "references, k",
    "streamed, kB",
    "from",
)
#: Column of the table -> figure that ``winners`` judges.
JUDGED = {
    "kilogates": "gates",
    "cycles": "cycles",
    "time, us": "time_us",
    "useful slots": "useful_share",
    "energy, uJ": "energy_uj",
    "references, k": "references",
    "streamed, kB": "bytes",
}
LEFT = ("design", "build", "from")
ASSUMES = (
    f"Cycles of computing; a cycle lasts as long as the longest path, an FO4 being {FO4_PS:g} ps "
    f"and a memory's access {ACCESS_FO4:g} of them. Energy with streams as DRAM "
    "(models/energy.toml). References: reads and writes of all on-chip memories. Best of a column "
    "marked."
)


def short(value: float | None, scale: float = 1.0) -> str:
    """Three digits at least, a dash for what is not known.

    >>> [short(one) for one in (None, 1234567.0, 12.345, 0.01234)]
    ['-', '1,234,567', '12.3', '0.0123']
    """
    if value is None:
        return "-"
    value *= scale
    return number(value) if value >= 100 else f"{value:#.3g}".rstrip(".")


def subtitle(data: Data) -> str:
    """What is equal."""
    return f"at equal {MEASURES[data['at']]}: nearest to {number(data['budget'])}"


def cells(row: Mapping[str, Any]) -> list[str]:
    """A row of the table."""
    gates = short(row["gates"], 1e-3) if row["gates"] else NOT_MADE
    first = [
        row["title"],
        row["size"] + "".join(f", {name} {value}" for name, value in row["wider"].items()),
        number(row["multipliers"]),
        gates,
        short(row["fo4"]),
        short(row["memory_bits"], 1e-6),
    ]
    if row["source"] == MISSING:
        return [*first, *([""] * 6), "missing"]
    return [
        *first,
        number(row["cycles"]),
        short(row["time_us"]),
        percent(row["useful_share"]),
        short(row["energy_uj"]),
        short(row["references"], 1e-3),
        short(row["bytes"], 1e-3),
        source_text(row),
    ]


def source_text(row: Mapping[str, Any]) -> str:
    """Where the figures are from, and whether the RTL agrees."""
    if row["source"] != RTL:
        return "model"
    return "RTL, bit-exact" if exact(row) else "RTL, DIFFERS"


def marked(data: Data, mark: str) -> list[list[str]]:
    """All rows; the best cell of a column in ``mark``, such as ``**{}**``."""
    best = winners(data["rows"])
    found = []
    for row in data["rows"]:
        line = cells(row)
        for at, name in enumerate(HEAD):
            if name in JUDGED and best.get(JUDGED[name]) == row["design"] and line[at] != "":
                line[at] = mark.format(line[at])
        found.append(line)
    return found


def reasons(data: Data) -> list[str]:
    """Why designs are missing, and what is built wider than its gates were counted for."""
    found = [
        f"{row['title']} is missing: {row['reason']}"
        for row in data["rows"]
        if row["source"] == MISSING
    ]
    wide = [row["title"] for row in data["rows"] if row["wider"] and row["source"] != MISSING]
    if wide:
        found.append(f"{', '.join(wide)}: gates are those of the narrower build")
    return found


def console_table(data: Data) -> Table:
    """For the terminal."""
    title = f"{data['workload']}, {len(data['layers'])} layers, {subtitle(data)}"
    table = Table(title=title, caption=ASSUMES, title_justify="left", caption_justify="left")
    for name in HEAD:
        table.add_column(name, justify="left" if name in LEFT else "right")
    for line in marked(data, "[bold green]{}[/]"):
        table.add_row(*line)
    return table


def markdown_table(data: Data, left_out: Sequence[str] = ()) -> str:
    """For the docs."""
    keep = [at for at, name in enumerate(HEAD) if name not in left_out]
    rows = [[line[at] for at in keep] for line in marked(data, "**{}**")]
    return markdown([HEAD[at] for at in keep], rows)
