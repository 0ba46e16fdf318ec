"""The generated parts of ``docs/compare.md``, from ``sizes.json``, ``compare.json``, ``map.json``.

``python -m scripts.compare.docs`` draws its pictures again from ``docs/map.json``.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from models import registry
from models.places import ROOT
from scripts.compare.cli import DOCS
from scripts.compare.family import CAPTION, family_head_rows
from scripts.compare.sizes import NOT_MADE, load
from scripts.compare.tables import ASSUMES, markdown_table, reasons, short
from scripts.map.cli import DOCS as MAP
from scripts.map.page import write_pictures
from scripts.map.tables import HEAD, TALLY_HEAD, tally_rows, thesis_rows
from scripts.pages.text import markdown, number

PICTURES = ROOT / "docs" / "pictures"


def comparisons() -> list[dict[str, Any]]:
    """All that ``docs/compare.json`` holds."""
    found: list[dict[str, Any]] = json.loads(DOCS.read_text(encoding="utf-8"))["comparisons"]
    return found


def the_map() -> dict[str, Any]:
    """``docs/map.json``."""
    found: dict[str, Any] = json.loads(MAP.read_text(encoding="utf-8"))
    return found


def sizes() -> str:
    """Every build with what it costs."""
    head = ("design", "build", "multipliers", "memory, Mbit", "kilogates", "FO4", "from")
    rows = [
        (
            registry.design(one.design).title,
            one.label,
            number(one.multipliers),
            short(one.memory_bits, 1e-6),
            NOT_MADE if one.cost.gates is None else short(one.cost.gates, 1e-3),
            short(one.fo4),
            one.cost.source,
        )
        for one in load()
    ]
    return markdown(head, rows)


def side_by_side(workload: str) -> str:
    """A workload at everything at which it was compared."""
    made = []
    for one in comparisons():
        if one["workload"] == workload:
            lines = "".join(f"\n\n{line}." for line in reasons(one))
            made.append(f"At equal {one['at']}:\n\n{markdown_table(one)}{lines}")
    return "\n\n".join([*made, ASSUMES])


def family(name: str) -> str:
    """All layers of a family of workloads."""
    some = [one for one in comparisons() if one["workload"].startswith(f"{name}/")]
    return f"{markdown(*family_head_rows(some))}\n\n{CAPTION}".replace("*", "\\*")


def parts() -> dict[str, Callable[[], str]]:
    """Name of a part -> what makes it."""
    return {
        "sizes": sizes,
        "lenet_5": lambda: side_by_side("lenet_5"),
        "bert": lambda: family("bert"),
        "thesis": lambda: markdown(HEAD, thesis_rows(the_map())),
        "map": lambda: markdown(TALLY_HEAD, tally_rows(the_map())),
    }


def main() -> list[Path]:
    """Draw the pictures."""
    return write_pictures(PICTURES, the_map())


if __name__ == "__main__":
    main()
