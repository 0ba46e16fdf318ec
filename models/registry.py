"""The accelerators of the project: one line each, design name -> module of its model.

Such a module has ``compile(layer, config)``, ``unpack(program, packets)`` and ``cycles``.
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

DESIGNS: dict[str, str] = {
    "eie": "models.eie",
}


def design(name: str) -> ModuleType:
    """The model of a design; ValueError with the known names otherwise.

    >>> design("eie").EieConfig().num_pe
    64
    """
    if name not in DESIGNS:
        raise ValueError(f"design: found '{name}', known: {', '.join(sorted(DESIGNS))}")
    return import_module(DESIGNS[name])
