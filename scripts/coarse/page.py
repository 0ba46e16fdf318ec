"""The page of ``make coarse``: ``coarse.json`` to ``coarse.html`` and ``coarse.png``.

``python -m scripts.coarse.page [FOLDER]`` makes the page again from what a run left.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from scripts.coarse import paper, plots, results
from scripts.coarse.tables import NETWORK_NAMES, all_tables
from scripts.pages.again import again
from scripts.pages.figure import png, svg
from scripts.pages.frame import Picture, written
from scripts.train.coarse import PLANS

PAGE = "coarse.html"
Data = Mapping[str, Any]


def pictures(data: Data) -> dict[str, list[Picture]]:
    """Figures by the beginning of the title of the table that they stand in front of."""
    trained = data["trained"]
    return {
        "Do large weights": [
            Picture(
                "Where the largest weights are",
                "The largest fully connected layer of each network, dense, seed 1: how many of its "
                "largest weights each small cell holds, and percent of them in the fullest tenth "
                "of the cells; below, the same number dealt at random.",
                png(plots.maps(trained), "maps_of_large_weights"),
            ),
            Picture(
                "In the fullest blocks",
                "Every layer, in the blocks that it is pruned by. Dotted: what an even spread "
                "would give if blocks were large.",
                svg(plots.gathering(trained), "gathering"),
            ),
        ],
        "Accuracy by density": [
            Picture(
                "Accuracy against density",
                "Mean of the seeds, bars of one standard deviation. Dotted: dense. Curves that "
                "fall further are cut off at the bottom; the table has every point.",
                svg(plots.accuracy(trained), "accuracy_of_blocks"),
            )
        ],
        "Stored": [
            Picture(
                "Stored at equal accuracy",
                "On top of each bar the ratio.",
                svg(plots.storage(trained), "stored_parts"),
            )
        ],
        "AlexNet": [
            Picture(
                "AlexNet and VGG-16",
                "On top of each bar our ratio; red the paper's.",
                svg(plots.papers(data["shapes"]), "papers_parts"),
            )
        ],
    }


def cards(data: Data) -> list[tuple[str, str]]:
    """(label, value) of the figures on top of the page."""
    made = []
    found = {(one["network"], one["way"]): one for one in results.stored(data["trained"])}
    for network in PLANS:
        for way, what in (("fine", "single weights"), ("average", "blocks")):
            if (one := found.get((network, way))) is not None:
                made.append((f"{NETWORK_NAMES[network]}, {what}", f"{one['ratio']:.1f}x"))
    for one in data["shapes"]:
        if (one["way"], one["distribution"]) == ("blocks", "normal"):
            said = paper.said(one["network"], "blocks", "x")
            label = f"{NETWORK_NAMES[one['network']]}, blocks (paper {said})"
            made.append((label, f"{one['ratio']:.1f}x"))
    return made


def sections(data: Data) -> list[dict[str, Any]]:
    """Tables, each with the pictures in front of it."""
    left = pictures(data)
    made = []
    for table in all_tables(data["trained"], data["shapes"]):
        key = next((one for one in left if table.title.startswith(one)), None)
        made.append({"table": table, "pictures": left.pop(key) if key else []})
    return made


def write_report(folder: Path, data: Data) -> Path:
    """Make ``coarse.html`` and ``coarse.png`` in ``folder``."""
    target = written(
        folder / PAGE,
        "coarse.html.j2",
        title="Coarse-grained compression",
        subtitle="Blocks, local codebooks, Huffman codes: what they store, at which accuracy",
        cards=cards(data),
        sections=sections(data),
    )
    figure = plots.accuracy(data["trained"])
    figure.savefig(folder / "coarse.png", dpi=100, metadata={"Software": None})
    return target


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line entry; returns the exit status."""
    return again(__doc__, write_report, "coarse.json", arguments)


if __name__ == "__main__":
    sys.exit(main())
