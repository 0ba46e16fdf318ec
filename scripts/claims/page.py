"""The page of ``make claims``: ``claims.json`` to ``claims.html``.

``python -m scripts.claims.page [FOLDER]`` makes the page again from what a run left.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from scripts.claims.claim import VERDICTS
from scripts.claims.tables import HEAD, RULE, Data, cells
from scripts.pages.again import again
from scripts.pages.frame import written

PAGE = "claims.html"


def write_report(folder: Path, data: Data) -> Path:
    """Make ``claims.html`` in ``folder``."""
    papers = [
        {
            "short": paper["short"],
            "cited": paper["cited"],
            "rows": [
                ([one.replace("`", "") for one in cells(row)], row["verdict"].replace(" ", "-"))
                for row in paper["rows"]
            ],
        }
        for paper in data["papers"]
    ]
    return written(
        folder / PAGE,
        "claims.html.j2",
        title="The papers' claims",
        subtitle="Every headline beside what comes out here, and where it comes from",
        cards=[(name, str(data["counts"][name])) for name in VERDICTS],
        rule=RULE.replace("*", ""),
        head=HEAD,
        papers=papers,
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line entry; returns the exit status."""
    return again(__doc__, write_report, "claims.json", arguments)


if __name__ == "__main__":
    sys.exit(main())
