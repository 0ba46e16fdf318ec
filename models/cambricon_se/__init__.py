"""Cambricon-SE: coarse-grained sparsity, one selector of survivors for all PEs of a core
(``rtl/cambricon_se``).
"""

from models.cambricon_se.compiler import compile, unpack
from models.cambricon_se.config import CambriconSeConfig

# Imported here so that the name is the function, not the module of the same name.
from models.cambricon_se.cycles import cycles
from models.cambricon_se.design import DESIGN

__all__ = ["DESIGN", "CambriconSeConfig", "compile", "cycles", "unpack"]
