"""SCNN: configuration, compiler, result reader and cycle model (see ``rtl/scnn/README.md``)."""

from models.scnn.compiler import compile, compile_network, unpack
from models.scnn.config import ScnnConfig

# Imported here so that the name is the function, not the module of the same name.
from models.scnn.cycles import cycles

__all__ = ["ScnnConfig", "compile", "compile_network", "cycles", "unpack"]
