"""The accelerators of the project: one line each, design name -> module of its model.

Such a module has ``compile(layer, config)``, ``unpack(program, packets)``, ``cycles(program,
config)`` and ``memories(config)`` (``models/memories.py``); with
``PER_PIXEL = True`` it says that a convolution is one run of the accelerator per output pixel.
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

DESIGNS: dict[str, str] = {
    "eie": "models.eie",
    "dense": "models.dense",
    "sparse_on_dense": "models.sparse_on_dense",
}


def design(name: str) -> ModuleType:
    """The model of a design; ValueError with the known names otherwise.

    >>> design("eie").EieConfig().num_pe
    64
    """
    if name not in DESIGNS:
        raise ValueError(f"design: found '{name}', known: {', '.join(sorted(DESIGNS))}")
    return import_module(DESIGNS[name])


def per_pixel(name: str) -> bool:
    """Whether a design takes a convolution as one run per output pixel."""
    return getattr(design(name), "PER_PIXEL", False)
