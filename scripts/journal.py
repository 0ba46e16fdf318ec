"""Journals: a file with a line of JSON for each thing that has ended, written when it does."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any


def append(journal: Path, record: Any) -> None:
    """Add a record."""
    with journal.open("a", encoding="utf-8") as lines:
        lines.write(json.dumps(record) + "\n")


def read(journal: Path) -> list[Any]:
    """All records, none without the file; a line that was cut off is left out."""
    found = []
    if journal.is_file():
        for line in journal.read_text(encoding="utf-8", errors="replace").splitlines():
            with contextlib.suppress(ValueError):
                found.append(json.loads(line))
    return found
