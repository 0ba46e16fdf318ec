"""The memories of Sparse-on-Dense: those of the dense array, the weights in banks."""

from __future__ import annotations

from models.dense.memories import memories as dense_memories
from models.memories import Memory
from models.sparse_on_dense.config import SparseOnDenseConfig

#: Bits of a bank word; a mark, which ends a part, is stored beside it.
WORD, MARK = 64, 1


def memories(config: SparseOnDenseConfig) -> dict[str, Memory]:
    """wgt: a bank per unit, values and indices together.

    >>> memories(SparseOnDenseConfig())["wgt"]
    Memory(width=65, depth=8192, banks=4)
    """
    wgt = Memory(WORD + MARK, config.wgt_depth, config.num_units)
    return {**dense_memories(config), "wgt": wgt}
