"""The page of ``make map``: ``map.json`` to ``map.html`` and pictures.

``python -m scripts.map.page [FOLDER]`` makes the page again from what a run left.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from matplotlib.figure import Figure

from scripts.map.data import MEASURES, Data
from scripts.map.plots import thesis, winners_map
from scripts.map.tables import HEAD, TALLY_HEAD, tally_rows, thesis_rows
from scripts.pages.again import again
from scripts.pages.figure import svg
from scripts.pages.frame import Picture, written

PAGE = "map.html"
MAP_TEXT = (
    "Colour: the best design; number: how far it is ahead of the next one. Black line: dense PEs "
    "win on one side, sparse ones on the other."
)
THESIS_TEXT = (
    "The better of the designs with dense PEs over each design with sparse ones, at its own clock. "
    "Line: geometric mean over kinds of layer and activation densities; dotted: the largest."
)


def figures() -> dict[str, tuple[str, str, Callable[[Data], Figure]]]:
    """Name -> title, how to read it, what draws it."""
    made: dict[str, tuple[str, str, Callable[[Data], Figure]]] = {
        "dense_or_sparse": ("Dense or sparse PEs", THESIS_TEXT, thesis)
    }
    for measure, text in MEASURES.items():
        made[f"map_{measure}"] = (
            f"Map: {text}",
            MAP_TEXT,
            lambda data, measure=measure: winners_map(data, measure),  # type: ignore[misc]
        )
    return made


def write_pictures(folder: Path, data: Data) -> list[Path]:
    """Every picture as a file."""
    made = []
    for name, (_, _, draw) in figures().items():
        path = folder / f"{name}.png"
        figure = draw(data)
        figure.savefig(path, dpi=110, metadata={"Software": None})
        made.append(path)
    return made


def write_report(folder: Path, data: Data) -> Path:
    """Make ``map.html`` in ``folder``."""
    return written(
        folder / PAGE,
        "map.html.j2",
        title="Which design where",
        subtitle="By the cycle models, over density, kind of layer and structure",
        tables=[
            {"title": "Dense PEs over sparse ones", "head": HEAD, "rows": thesis_rows(data)},
            {"title": "Best how often", "head": TALLY_HEAD, "rows": tally_rows(data)},
        ],
        pictures=[
            Picture(title, text, svg(draw(data), name))
            for name, (title, text, draw) in figures().items()
        ],
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line entry; returns the exit status."""
    return again(__doc__, write_report, "map.json", arguments)


if __name__ == "__main__":
    sys.exit(main())
