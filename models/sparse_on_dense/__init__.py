"""Sparse-on-Dense: the dense array behind decompression units; what differs from ``models.dense``.

Contract: ``rtl/sparse_on_dense/README.md``.
"""

from models.sparse_on_dense.compiler import compile, unpack
from models.sparse_on_dense.config import SparseOnDenseConfig

# Imported here so that the name is the function, not the module of the same name.
from models.sparse_on_dense.cycles import cycles
from models.sparse_on_dense.design import DESIGN
from models.sparse_on_dense.memories import memories

__all__ = [
    "DESIGN",
    "SparseOnDenseConfig",
    "compile",
    "cycles",
    "memories",
    "unpack",
]
