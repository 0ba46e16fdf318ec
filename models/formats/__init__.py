"""Sparsity formats, one module each; the contract of models and RTL is ``rtl/formats/README.md``.

>>> "coo" in load_all()
True
"""

from __future__ import annotations

import importlib
import pkgutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from models.formats.base import Format


def load_all() -> dict[str, type[Format]]:
    """Import every module of this package, so that all formats are registered: ``FORMATS``."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
    return importlib.import_module(f"{__name__}.base").FORMATS
