"""Tables of the coverage report beside the bins: overviews of folders, bugs sown in the RTL.

A folder that has more to show than its covergroups has ``tb/<folder>/overview.py`` with a function
``overview(functional) -> Table``.
"""

from __future__ import annotations

import importlib
import tomllib
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

from models.places import ROOT

if TYPE_CHECKING:
    from tb.common.coverage.merge import Functional
from tb.common.coverage.table import Table


def overviews(
    functional: Functional, root: Path = ROOT, folders: Collection[str] | None = None
) -> list[Table]:
    """One table of each folder that has an overview; ``folders``: of these only."""
    known = sorted(path.parent.name for path in (root / "tb").glob("*/overview.py"))
    folders = known if folders is None else [folder for folder in known if folder in folders]
    return [
        importlib.import_module(f"tb.{folder}.overview").overview(functional) for folder in folders
    ]


def bugs(files: Collection[str] | None = None, root: Path = ROOT) -> Table:
    """Every bug of ``tests/meta/mutants_*.toml`` and the tests that fail when it is there.

    ``files``: those of these files only.
    """
    sown = [
        mutant
        for path in sorted((root / "tests" / "meta").glob("mutants_*.toml"))
        for mutant in tomllib.loads(path.read_text(encoding="utf-8"))["mutant"]
        if files is None or mutant["file"] in files
    ]
    rows = tuple(
        (
            mutant["file"].removeprefix("rtl/"),
            mutant["name"],
            _short(mutant["search"]),
            _short(mutant["replace"]),
            mutant["bench"],
            mutant["tests"],
        )
        for mutant in sorted(sown, key=lambda m: (m["file"], m["name"]))
    )
    return Table(
        f"Bugs sown ({len(rows)}), and the tests that catch them",
        "Each is put into the RTL alone, and its tests have to fail: tests/meta/test_mutants.py, "
        "a part of them in make test, all of them with LAC_MUTANTS=all.",
        ("file", "bug", "instead of", "stands", "bench", "caught by"),
        rows,
        left=(1, 2, 3, 4, 5),
    )


def _short(text: str, most: int = 70) -> str:
    """Code on one line, not longer than ``most``.

    >>> _short("a\\n   <= b;", 7)
    'a <= b;'
    >>> _short("abcdefgh", 5)
    'abcd…'
    """
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1] + "…"
