"""EIE: configuration, compiler, result reader and cycle model (contract: ``rtl/eie/README.md``)."""

from models.eie.compiler import compile, compile_network, theoretical_cycles, unpack
from models.eie.config import EieConfig

# Imported here so that the name is the function, not the module of the same name.
from models.eie.cycles import cycles
from models.eie.design import DESIGN
from models.eie.memories import memories

__all__ = [
    "DESIGN",
    "EieConfig",
    "compile",
    "compile_network",
    "cycles",
    "memories",
    "theoretical_cycles",
    "unpack",
]
