"""Dense systolic array: configuration, compiler, result reader and cycle model.

Contract: ``rtl/dense/README.md``.
"""

from models.dense.compiler import compile, unpack
from models.dense.config import DenseConfig

# Imported here so that the name is the function, not the module of the same name.
from models.dense.cycles import cycles
from models.dense.design import DESIGN
from models.dense.memories import memories

__all__ = [
    "DESIGN",
    "DenseConfig",
    "compile",
    "cycles",
    "memories",
    "unpack",
]
