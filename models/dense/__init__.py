"""Dense systolic array: configuration, compiler, result reader and cycle model.

Contract: ``rtl/dense/README.md``.
"""

from models.dense.compiler import compile, compile_network, unpack
from models.dense.config import DenseConfig

# Imported here so that the name is the function, not the module of the same name.
from models.dense.cycles import cycles
from models.dense.memories import memories
from models.program import PassCycles

__all__ = [
    "DenseConfig",
    "PassCycles",
    "compile",
    "compile_network",
    "cycles",
    "memories",
    "unpack",
]
