"""The accelerators of the project: one line each, design name -> module of its model.

Such a module has ``DESIGN``, a ``models.design.Design``: everything that anybody must know of it.
"""

from __future__ import annotations

from importlib import import_module

from models.design import Design
from models.names import unknown

DESIGNS: dict[str, str] = {
    "eie": "models.eie",
    "dense": "models.dense",
    "sparse_on_dense": "models.sparse_on_dense",
    "scnn": "models.scnn",
    "sps": "models.sps",
    "flexflow_pro": "models.flexflow_pro",
    "cambricon_se": "models.cambricon_se",
}


def design(name: str) -> Design:
    """A design; ValueError with the known names otherwise.

    >>> design("eie").config().num_pe, design("dense").builds["8x8"]
    (64, {'Rows': 8, 'Cols': 8})
    """
    if name not in DESIGNS:
        raise ValueError(unknown("design", name, DESIGNS))
    return import_module(DESIGNS[name]).DESIGN


def every() -> list[Design]:
    """All designs, in order."""
    return [design(name) for name in DESIGNS]
