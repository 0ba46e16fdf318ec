"""The page of ``make compare``: ``compare.json`` to ``compare.html`` and ``compare.csv``.

``python -m scripts.compare.page [FOLDER]`` makes the page again from what a run left.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from matplotlib.figure import Figure

from scripts.compare.family import family_head_rows
from scripts.compare.results import MISSING, csv_text
from scripts.compare.tables import ASSUMES, HEAD, LEFT, Data, marked, reasons, short, subtitle
from scripts.pages.again import again
from scripts.pages.figure import INK, design_colour, subplots, svg
from scripts.pages.frame import written
from tb.common.sim.builds import write_whole

PAGE = "compare.html"
MARK = "\0"
#: Comparisons that have a table and a picture of their own.
MOST = 4
#: Figure of a row -> title of its bars.
BARS = {"time_us": "time, us", "energy_uj": "energy, uJ", "bytes": "streamed, bytes"}


def bars(data: Data) -> Figure:
    """Time, energy and bytes of every design that takes the layers."""
    rows = [row for row in reversed(data["rows"]) if row["source"] != MISSING]
    figure, axes = subplots(10.5, 0.42 * len(rows) + 1.1, 1, len(BARS), sharey=True)
    for axis, (name, title) in zip(axes[0], BARS.items(), strict=True):
        there = [(at, row[name], row) for at, row in enumerate(rows) if row[name] is not None]
        values = [value for _, value, _ in there]
        colours = [design_colour(row["design"]) for _, _, row in there]
        axis.barh([at for at, _, _ in there], values, color=colours, height=0.7)
        most = max(values, default=1.0)
        axis.set_xlim(0, 1.25 * most)
        for at, value, _ in there:
            axis.text(value + 0.015 * most, at, short(value), va="center", color=INK, fontsize=8)
        axis.set_yticks(range(len(rows)), [f"{row['title']}, {row['size']}" for row in rows])
        axis.set_title(title)
        axis.grid(axis="y", visible=False)
    return figure


def table_of(data: Data) -> dict[str, object]:
    """A comparison for the template: cells with whether they are the best of their column."""
    rows = [
        [(text.strip(MARK), text.startswith(MARK)) for text in line]
        for line in marked(data, MARK + "{}")
    ]
    return {
        "title": f"{data['workload']}, {subtitle(data)}",
        "rows": rows,
        "reasons": [*data["notes"], *reasons(data)],
        "picture": svg(bars(data), f"compare_{data['at']}"),
    }


def write_report(folder: Path, data: Data) -> Path:
    """Make ``compare.html`` and ``compare.csv`` in ``folder``."""
    target = written(
        folder / PAGE,
        "compare.html.j2",
        title="Designs side by side",
        subtitle="The same layers on every design",
        assumes=ASSUMES,
        head=HEAD,
        left=LEFT,
        tables=[table_of(one) for one in data["comparisons"][:MOST]],
        family=family_head_rows(data["comparisons"]) if len(data["comparisons"]) > 1 else None,
    )
    write_whole(folder / "compare.csv", csv_text(data["comparisons"]))
    return target


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line entry; returns the exit status."""
    return again(__doc__, write_report, "compare.json", arguments)


if __name__ == "__main__":
    sys.exit(main())
