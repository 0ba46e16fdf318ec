"""``python -m scripts.<what>.page [FOLDER]``: a page made again from its data, nothing measured."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from models.places import build_root
from scripts import options as cli


def again(
    about: str | None,
    write_report: Callable[[Path, Any], Path],
    source: str | Path,
    arguments: Sequence[str] | None = None,
) -> int:
    """Make a page anew and print where it is; returns the exit status.

    about         docstring of the page's module
    write_report  (folder, data) -> the page
    source        JSON file with the data; a relative one is in the folder
    """
    parser = cli.Parser(description=(about or "").splitlines()[0])
    parser.add_argument("folder", type=cli.folder, nargs="?", default=build_root() / "report")
    options = parser.parse_args(arguments)
    path = options.folder / source
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        print(f"error: {path.name}: {error}", file=sys.stderr)
        return 2
    print(write_report(options.folder, data))
    return 0
