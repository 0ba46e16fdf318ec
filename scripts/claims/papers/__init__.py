"""The papers: a module each that ends in ``PAPER``; nothing else names them.

The module of a paper whose design is in the registry has the design's name.
"""

from __future__ import annotations

import functools
import pkgutil
from importlib import import_module
from pathlib import Path

from models.names import unknown
from scripts.claims.claim import Paper


@functools.cache
def every() -> dict[str, Paper]:
    """Name -> paper, by year.

    >>> list(every())[0]
    'eie'
    """
    found = {}
    for one in pkgutil.iter_modules([str(Path(__file__).parent)]):
        paper = import_module(f"{__name__}.{one.name}").PAPER
        assert isinstance(paper, Paper)
        found[one.name] = paper
    return dict(sorted(found.items(), key=lambda pair: (pair[1].year, pair[0])))


def some(name: str | None) -> dict[str, Paper]:
    """One paper, or all; ValueError with the known names otherwise."""
    if name is None:
        return every()
    if name not in every():
        raise ValueError(unknown("design", name, every()))
    return {name: every()[name]}
