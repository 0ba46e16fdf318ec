"""The page of ``make granularity``: ``granularity.json`` to ``granularity.html`` and ``.png``.

``python -m scripts.granularity.page [FOLDER]`` makes the page again from what a run left.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from scripts.granularity import plots
from scripts.granularity.counted import total
from scripts.granularity.tables import (
    KINDS,
    all_tables,
    percent,
)
from scripts.pages.again import again
from scripts.pages.figure import svg
from scripts.pages.frame import Picture, written
from scripts.train.granularity import STUDIED

PAGE = "granularity.html"
Data = Mapping[str, Any]


def pictures(data: Data) -> dict[str, Picture]:
    """Figures by the title of the table that they stand in front of."""
    made = {
        "Accuracy": Picture(
            "Accuracy against density",
            "Mean of the seeds, bars of one standard deviation. Dotted: dense. Curves that fall "
            "further are cut off at the bottom; the table has every point.",
            svg(plots.accuracy(data["accuracy"]), "accuracy_by_granularity"),
        ),
        "Storage": Picture(
            "Storage at equal accuracy",
            "Ours with fillers, beside the paper's networks, which have no filters and blocks.",
            svg(plots.storage(data["equal"]), "storage_by_granularity"),
        ),
    }
    if data["references"]:
        made["References"] = Picture(
            "References to partial sums, VGG-16",
            "Two definitions, said below; all: the products of all layers together.",
            svg(plots.references(data["references"]), "references_by_granularity"),
        )
    for number, (kind, (title, _)) in enumerate(KINDS.items()):
        if any(one["kind"] == kind for one in data["hardware"]):
            made[f"Every design: {title}"] = Picture(
                f"Designs by granularity: {title}",
                "In percent of the unpruned layers on the same build.",
                svg(plots.hardware(data["hardware"], kind), f"designs_by_granularity_{number}"),
            )
    return made


def cards(data: Data) -> list[tuple[str, str]]:
    """(label, value) of the figures on top of the page."""
    made = []
    for network in STUDIED:
        found = {one["granularity"]: one for one in data["equal"] if one["network"] == network}
        for grain in ("fine", "kernel"):
            made.append((f"{network}: stored, {grain}", f"{percent(found[grain]['measured'])} %"))
    for one in total(data["references"]):
        if one["granularity"] == "vector":
            made.append(("references, vector, D1", f"{percent(one['d1'])} %"))
            made.append(("references, vector, D2", f"{percent(one['d2'])} %"))
    return made


def sections(data: Data) -> list[dict[str, Any]]:
    """Tables, each with the picture in front of it."""
    left = pictures(data)
    made = []
    for table in all_tables(data):
        key = next((one for one in left if table.title.startswith(one)), None)
        made.append({"table": table, "picture": left.pop(key) if key else None})
    return made


def write_report(folder: Path, data: Data) -> Path:
    """Make ``granularity.html`` and ``granularity.png`` in ``folder``."""
    target = written(
        folder / PAGE,
        "granularity.html.j2",
        title="Which granularity of sparsity?",
        subtitle="Accuracy, storage, references, designs: from single weights to whole filters",
        cards=cards(data),
        notes=data["notes"],
        sections=sections(data),
    )
    figure = plots.accuracy(data["accuracy"])
    figure.savefig(folder / "granularity.png", dpi=100, metadata={"Software": None})
    return target


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line entry; returns the exit status."""
    return again(__doc__, write_report, "granularity.json", arguments)


if __name__ == "__main__":
    sys.exit(main())
