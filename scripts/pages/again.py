"""``python -m scripts.<what>.page [FOLDER]``: a page made again from its data, nothing measured."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from models.places import build_root
from scripts import options as cli


def folder_of(about: str | None, arguments: Sequence[str] | None = None) -> Path:
    """The folder that is named, or that of the report; ends the program if it is not there.

    about  docstring of the page's module
    """
    parser = cli.Parser(description=(about or "").splitlines()[0])
    report = str(build_root() / "report")  # as a word, so that it is looked at as well
    parser.add_argument("folder", type=cli.there, nargs="?", default=report)
    folder: Path = parser.parse_args(arguments).folder
    return folder


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
    folder = folder_of(about, arguments)
    path = folder / source
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        return cli.refused(f"{path}: {error.strerror}")
    except ValueError as error:
        return cli.refused(f"{path}: no JSON: {error}")
    try:
        print(write_report(folder, data))
    except (KeyError, TypeError) as error:
        return cli.refused(f"{path}: not the data of this page ({type(error).__name__}: {error})")
    return 0
