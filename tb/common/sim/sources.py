"""Which source files a top level needs, in compile order, with the headers they include.

One module or package per file, the file named after it: so an identifier that is the name of a
file is a dependency on that file. A bench is then rebuilt when something it uses has changed, and
only then.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

_COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
_WORD = re.compile(r"[A-Za-z_]\w*")
_SMALL = re.compile(r"^// Small: (.*)$", re.MULTILINE)
_INCLUDE = re.compile(r'`include\s+"([^"]+)"')


@dataclass(frozen=True)
class SourceSet:
    """Files to compile (each after those it needs), headers, and folders of headers."""

    files: tuple[Path, ...]
    headers: tuple[Path, ...]
    include_dirs: tuple[Path, ...]


def small(path: Path) -> dict[str, int]:
    """Parameters with which a module is elaborated where any build will do (lint, limits).

    A module that takes minutes at its defaults states them in its header::

        // Small: PeX 2, PeY 2
    """
    found = _SMALL.search(path.read_text(encoding="utf-8").partition("\nmodule ")[0])
    pairs = (part.split() for part in found[1].rstrip(".").split(",")) if found else ()
    return {name: int(value) for name, value in pairs}


def collect(
    top: str, folders: Iterable[Path], extra: Iterable[Path] = (), macros: Iterable[object] = ()
) -> SourceSet:
    """Find the files that ``top`` needs in the folders ``folders`` and among the files ``extra``.

    ``macros`` are the values of macros: a module that is named there is needed too.

    Raises:
        ValueError: a folder or file does not exist, or no file holds the top.
    """
    folders, extra = list(folders), list(extra)
    for path in [*(r for r in folders if not r.is_dir()), *(e for e in extra if not e.is_file())]:
        raise ValueError(f"source {path} does not exist")
    by_name = {path.stem: path for folder in folders for path in sorted(folder.glob("*.sv"))}
    by_name |= {path.stem: path for path in extra}
    include_dirs = tuple(dict.fromkeys([*folders, *(path.parent for path in extra)]))
    if top not in by_name:
        raise ValueError(f"no file {top}.sv in {', '.join(str(p) for p in include_dirs)}")

    files: dict[Path, None] = {}
    headers: dict[Path, None] = {}
    entered: set[Path] = set()

    def words_of(path: Path, seen: set[Path]) -> set[str]:
        """Identifiers in a file and in all it includes."""
        text = path.read_text(encoding="utf-8")
        code = _COMMENT.sub(" ", text)
        words = set(_WORD.findall(code))
        for name in _INCLUDE.findall(code):
            for folder in (path.parent, *include_dirs):
                header = folder / name
                if header.is_file():
                    headers[header] = None
                    if header not in seen:
                        seen.add(header)
                        words |= words_of(header, seen)
                    break
        return words

    def visit(path: Path) -> None:
        if path in entered:
            return
        entered.add(path)
        for name in sorted(words_of(path, set()) & by_name.keys()):
            visit(by_name[name])
        files[path] = None

    named = {word for value in macros for word in _WORD.findall(str(value))}
    for path in [*(by_name[n] for n in sorted(named & by_name.keys())), *extra, by_name[top]]:
        visit(path)
    return SourceSet(tuple(files), tuple(headers), include_dirs)
