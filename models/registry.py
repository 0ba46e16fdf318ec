"""The accelerators of the project: one line each, design name -> module of its model.

Such a module has ``compile(layer, config)``, ``unpack(program, packets)``, ``cycles(program,
config)`` and ``memories(config)`` (``models/memories.py``); with
``PER_PIXEL = True`` it says that a convolution is one run of the accelerator per output pixel.
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

from models.names import camel, unknown

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
        raise ValueError(unknown("design", name, DESIGNS))
    return import_module(DESIGNS[name])


def per_pixel(name: str) -> bool:
    """Whether a design takes a convolution as one run per output pixel."""
    return getattr(design(name), "PER_PIXEL", False)


def config_class(name: str) -> type:
    """The configuration class of a design.

    >>> config_class("eie").__name__
    'EieConfig'
    """
    return getattr(design(name), camel(name) + "Config")


def full_builds(name: str) -> dict[str, dict[str, int]]:
    """Named builds of a design at full size: name -> parameters as in the RTL.

    >>> full_builds("dense")["8x8"]
    {'Rows': 8, 'Cols': 8}
    """
    return getattr(_builds_of(name), "BUILDS", {"default": {}})


def old_names(name: str) -> dict[str, str]:
    """Old spellings of named builds that are still taken."""
    return getattr(_builds_of(name), "OLD_NAMES", {})


def _builds_of(name: str) -> ModuleType | None:
    where = f"{design(name).__name__}.builds"
    try:
        return import_module(where)
    except ModuleNotFoundError as error:
        if error.name != where:
            raise
        return None
