"""Cycle model of Sparse-on-Dense: that of the dense array, tiles starting when they are decoded.

What a part takes is in ``pace.py``, when a tile can start because of it in ``store.py``.
"""

from __future__ import annotations

from models.array import cycles as array
from models.array.machine import Machine
from models.program import PassCycles, Program
from models.sparse_on_dense.config import SparseOnDenseConfig
from models.sparse_on_dense.store import SPARSE_ON_DENSE


def cycles(program: Program, config: SparseOnDenseConfig) -> list[PassCycles]:
    """Predict every pass of a compiled program, in order.

    Raises ValueError for a program of another design.
    """
    return array.cycles(program, Machine(config, SPARSE_ON_DENSE))
