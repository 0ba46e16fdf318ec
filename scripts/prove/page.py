"""The page of ``make prove``: ``prove.json`` to ``prove.html``.

``python -m scripts.prove.page [FOLDER]`` makes the page again from what a run left.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from scripts.pages.again import again
from scripts.pages.frame import written
from scripts.prove.tables import HEAD, cells

RECORD, PAGE = "prove.json", "prove.html"


def write_report(folder: Path, data: Mapping[str, Any]) -> Path:
    """Make ``prove.html`` in ``folder``."""
    rows = data["proofs"]
    good = sum(row["proved"] for row in rows)
    shares = {
        what: [sum(row[what][which] for row in rows) for which in (0, 1)]
        for what in ("covers", "faults")
    }
    return written(
        folder / PAGE,
        "prove.html.j2",
        title="Proofs",
        subtitle="Properties of blocks that hold for every input",
        cards=[
            ("proved", f"{good} of {len(rows)}"),
            ("covers reached", "{} of {}".format(*shares["covers"])),
            ("faults found", "{} of {}".format(*shares["faults"])),
            ("seconds, proofs alone", f"{sum(row['seconds'] for row in rows):,.0f}"),
        ],
        head=HEAD,
        rows=list(zip(cells(rows), rows, strict=True)),
        tools={**data["tool"], "solver": data["solver"]},
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line entry; returns the exit status."""
    return again(__doc__, write_report, RECORD, arguments)


if __name__ == "__main__":
    sys.exit(main())
