"""Cycle model of Sparse-on-Dense: that of the dense array, tiles starting when they are decoded.

What a part takes is in ``pace.py``, when a tile can start because of it in ``store.py``.
"""

from __future__ import annotations

from collections.abc import Iterator

from models.array.cycles import iterate as dense_iterate
from models.program import PassCycles, Program
from models.sparse_on_dense.config import SparseOnDenseConfig
from models.sparse_on_dense.store import SPARSE_ON_DENSE


def cycles(program: Program, config: SparseOnDenseConfig) -> list[PassCycles]:
    """Predict every pass of a compiled program, in order.

    Raises ValueError for a program of another design.
    """
    return list(iterate(program, config))


def iterate(program: Program, config: SparseOnDenseConfig) -> Iterator[PassCycles]:
    """``cycles`` one pass at a time, so that long programs can show their progress."""
    return dense_iterate(program, config, SPARSE_ON_DENSE)
