"""The rows as tables: in the terminal, on the pages, in README."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rich.markup import escape

from scripts.claims.claim import (
    REFUTED,
    REPRODUCED,
    ROUGH,
    SURPASSED,
    TOLERANCE,
    UNKNOWN,
    UNMEASURED,
    VERDICTS,
)
from scripts.console import Table
from scripts.pages.text import markdown

Data = Mapping[str, Any]
Row = Mapping[str, Any]
Cells = tuple[str, ...]
COLOURS = {
    REPRODUCED: "green",
    SURPASSED: "bold green",
    REFUTED: "red",
    UNKNOWN: "yellow",
    UNMEASURED: "dim",
}
HEAD = ("claim", "paper", "where it stands", "ours", "deviation", "verdict", "from", "definition",
        "command")  # fmt: skip
SHORT_HEAD = ("paper", "claim", "its figure", "ours", "deviation", "verdict", "from")
RULE = (
    f"Deviation: ours over the paper's figure, less one; *within* a bound or a range it is none. "
    f"**Reproduced**: at most {100 * TOLERANCE:.0f} % off, {100 * ROUGH:.0f} % where the paper "
    f"rounds its figure (*about*) or measures the same in another unit (area). **Surpassed**: "
    f"further off, and better. **Refuted**: further off, and worse, or neither would be better. "
    f"**Cannot be known**: public text does not say what the figure is of; *here* is what the "
    f"rule would say with the definition used here."
)


def deviation(row: Row) -> str:
    """How far off, as text.

    >>> deviation({"deviation": -0.0416, "low": 1, "high": 1})
    '-4.2 %'
    >>> deviation({"deviation": 0.0, "low": None, "high": 0.2, "ours": 0.1})
    'within'
    """
    off = row["deviation"]
    if off is None:
        return ""
    bound = row["low"] != row["high"]
    return "within" if bound and off == 0 else f"{100 * off:+.1f} %"


def verdict(row: Row) -> str:
    """The verdict, and what it would be by the definition used here where it cannot be known, or
    what to run where nothing was measured.
    """
    if row["verdict"] == UNMEASURED:
        return f"{UNMEASURED}: run `{row['command']}`"
    if row["verdict"] == UNKNOWN and row["defined"]:
        return f"{UNKNOWN} (here: {row['defined']})"
    return str(row["verdict"])


def cells(row: Row) -> Cells:
    """Of ``HEAD``."""
    definition = row["definition"] + (f" Open: {row['open']}" if row["open"] else "")
    return (
        row["claim"], row["paper"], row["where"], row["shown"], deviation(row), verdict(row),
        row["source"], definition, f"`{row['command']}`",
    )  # fmt: skip


def short(data: Data) -> list[Cells]:
    """Of ``SHORT_HEAD``: the headlines of all papers."""
    made = []
    for paper in data["papers"]:
        name = paper["short"]
        for row in paper["rows"]:
            if row["headline"]:
                made.append((name, *(cells(row)[at] for at in (0, 1, 3, 4, 5, 6))))
                name = ""
    return made


def count_text(counts: Mapping[str, int]) -> str:
    """How many claims have which verdict.

    >>> count_text({"reproduced": 2, "surpassed": 0, "not measured": 1})
    '3 claims: 2 reproduced, 1 not measured'
    """
    some = [f"{counts[name]} {name}" for name in VERDICTS if counts.get(name)]
    return f"{sum(counts.values())} claims: {', '.join(some)}"


def console_tables(data: Data) -> Iterator[Table]:
    """A table for each paper; commands once, below it."""
    for paper in data["papers"]:
        commands = dict.fromkeys(row["command"] for row in paper["rows"])
        table = Table(title=f"{paper['short']}: {escape(paper['cited'])}",
                      caption=f"from: {'; '.join(commands)}",
                      title_justify="left", caption_justify="left")  # fmt: skip
        for name in HEAD[:-2]:
            table.add_column(name, justify="right" if name in ("ours", "deviation") else "left")
        for row in paper["rows"]:
            colour = COLOURS[row["verdict"]]
            shown = [escape(one) for one in cells(row)[:-2]]
            shown[5] = f"[{colour}]{shown[5]}[/]"
            table.add_row(*shown)
        yield table


def paper_page(data: Data) -> str:
    """The part of docs/claims.md: the rule, the counts, a table for each paper."""
    parts = [RULE, f"{count_text(data['counts'])}."]
    for paper in data["papers"]:
        parts += [f"## {paper['short']}", f"{paper['cited']}."]
        parts.append(markdown(HEAD, [cells(row) for row in paper["rows"]]))
    return "\n\n".join(parts)


def readme(data: Data) -> str:
    """The part of README.md: the headlines."""
    return f"{markdown(SHORT_HEAD, short(data))}\n\n{count_text(data['counts'])}. {RULE}"
