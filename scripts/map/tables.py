"""Tables of the map: who is best how often, and dense PEs over each sparse design."""

from __future__ import annotations

from collections.abc import Sequence

from models import registry
from scripts.console import Table
from scripts.map.data import MEASURES, Data, tally, title_of, verdicts, where
from scripts.map.plots import AXES
from scripts.pages.text import table

TALLY_HEAD = ("design", "build", *MEASURES.values())
HEAD = (
    "measure",
    "over",
    "published",
    "ours, up to",
    "behind decompression",
    "no path beyond a multiply-add",
    "mean",
    "dense ahead",
    "largest at",
    "smallest",
    "verdict",
)


def tally_rows(data: Data) -> list[list[str]]:
    """Points at which a design is the best, by measure."""
    counts = {measure: tally(data, measure) for measure in MEASURES}
    rows = []
    for design in registry.every():
        mine = [
            one for one in data["builds"] if one["design"] == design.name and not one["published"]
        ]
        labels, known = [one["size"] for one in mine], any(one["gates"] for one in mine)
        cells = [
            str(counts[measure].get(design.name, 0)) if known or measure == "energy" else "-"
            for measure in MEASURES
        ]
        rows.append([design.title, "; ".join(labels), *cells])
    return rows


def thesis_rows(data: Data) -> list[list[str]]:
    """Dense PEs over each sparse design."""
    rows = []
    for one in verdicts(data):
        title = title_of(one["design"])
        if not one["known"]:
            rows.append([AXES[one["measure"]], title, *["-"] * 8, "not synthesised"])
            continue
        rows.append(
            [
                AXES[one["measure"]],
                title,
                one["published"],
                f"{one['most']:.3g}x",
                f"{one['decompressed']:.3g}x",
                f"{one['most_pipelined']:.3g}x" if one["measure"] == "area" else "",
                f"{one['mean']:.2g}x",
                f"{100 * one['ahead']:.0f} %",
                where(one["most_where"]),
                f"{one['least']:.2g}x",
                one["verdict"],
            ]
        )
    return rows


def _table(title: str, caption: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    made = table(title, caption, head, ())
    for row in rows:
        made.add_row(*row)
    return made


def tally_table(data: Data) -> Table:
    """For the terminal."""
    return _table(
        "Points of the map at which a design is the best",
        "Builds nearest in gates; of several of a design the best counts.",
        TALLY_HEAD,
        tally_rows(data),
    )


def thesis_table(data: Data) -> Table:
    """For the terminal."""
    return _table(
        "Dense PEs (the better of those with and without decompression) over sparse PEs",
        "Per gate: useful work per second and gate, each at its own clock; energy with streams.",
        HEAD,
        thesis_rows(data),
    )
