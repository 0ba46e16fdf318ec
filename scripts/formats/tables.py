"""Terminal tables of what the formats cost."""

from __future__ import annotations

from collections.abc import Sequence

from scripts.console import Table
from scripts.formats.best import cheapest, family_text, stretches
from scripts.formats.claims import Claim
from scripts.formats.study import NAMES, Record

#: Columns of a table: fits a terminal of 80 characters.
_COLUMNS = 4


def percent(density: float) -> str:
    """A density for people: three digits, fewer where they are zero.

    >>> percent(0.1), percent(0.875), percent(0.0123), percent(1.0)
    ('10 %', '87.5 %', '1.23 %', '100 %')
    """
    return f"{100 * density:.3g} %"


def cell(record: Record) -> str:
    """Bits of a weight: values + overhead."""
    if record["bits_per_weight"] is None:
        return "-"
    size = record["weights"]
    return f"{record['values'] / size:.2f} + {record['overhead'] / size:.2f}"


def _table(title: str, caption: str, columns: Sequence[str]) -> Table:
    table = Table(title=title, caption=caption, caption_justify="left", title_justify="left")
    table.add_column(columns[0], no_wrap=True)
    for name in columns[1:]:
        table.add_column(name, justify="right")
    return table


def _marked(name: str, records: Sequence[Record]) -> str:
    """The cell of a format, green and bold as ``cost_tables`` says."""
    text = cell(next(one for one in records if one["format"] == name))
    styles = {"fixed": "green", "shared": "bold"}
    style = " ".join(
        style for family, style in styles.items() if cheapest(records, family)["format"] == name
    )
    return f"[{style}]{text}[/{style}]" if style else text


def cost_tables(
    title: str, caption: str, columns: Sequence[tuple[str, Sequence[Record]]]
) -> list[Table]:
    """Formats down, ``columns`` (head, one record for each format) along, up to four to a table.

    Green: cheapest of its column among formats of fixed width; bold: among all.
    """
    made = []
    step = -(-len(columns) // -(-len(columns) // _COLUMNS))
    for first in range(0, len(columns), step):
        part = columns[first : first + step]
        last = first + step >= len(columns)
        table = _table(title, caption if last else "", ["format", *(head for head, _ in part)])
        for name in NAMES:
            table.add_row(name, *(_marked(name, records) for _, records in part))
        made.append(table)
    return made


def break_table(records: Sequence[Record]) -> Table:
    """Break-even densities, measured beside the formulas."""
    table = _table(
        f"Break-even with dense: {records[0]['layer']}",
        "Fine-grained pruning: above this density the format costs more than dense. Measured: "
        "found by halving, each try encoded. Formula: independent pattern. N:4 goes up in steps.",
        ["format", "measured", "formula"],
    )
    for one in records:
        formula = density_or_never(one["formula"]) if one["closed"] else "no closed form"
        table.add_row(one["format"], density_or_never(one["measured"]), formula)
    return table


def density_or_never(density: float | None) -> str:
    """A break-even for people."""
    return "never" if density is None else f"{100 * density:.1f} %"


def stretch_text(records: Sequence[Record], family: str) -> str:
    """The cheapest formats along the density in one line: 'CSR to 3 %, bitmap'."""
    found = stretches(records, family)
    names = [one.format.replace(", best", "") for one in found]
    parts = [f"{n} to {percent(one.last)}" for n, one in zip(names[:-1], found, strict=False)]
    return ", ".join([*parts, names[-1]])


def cheapest_table(layer: str, sweep: Sequence[Record]) -> Table:
    """Which format costs least, by granularity and density."""
    table = Table(
        title=f"Cheapest format along the density: {layer}",
        caption=f"{family_text('fixed', 0)}; with Huffman codes and codebooks: see the report.",
        title_justify="left",
        caption_justify="left",
    )
    table.add_column("pruning")
    table.add_column("cheapest format, from sparse to dense")
    for name in dict.fromkeys(one["granularity"] for one in sweep):
        mine = [one for one in sweep if one["granularity"] == name]
        table.add_row(name, stretch_text(mine, "fixed"))
    return table


def claim_table(claim: Claim) -> Table:
    """A paper's figures with ours."""
    table = _table(claim.title, claim.text, claim.columns)
    for row in claim.rows:
        table.add_row(*row, style="bold" if "paper" in row[0] else "")
    return table


def footnote(records: Sequence[Record]) -> list[str]:
    """Why formats are missing, one line each."""
    reasons = {(one["format"], one["reason"]) for one in records if one["bits_per_weight"] is None}
    return [f"{name}: {reason}" for name, reason in sorted(reasons)]
