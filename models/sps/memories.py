"""The memories of SPS; patterns and residues are small enough to be registers."""

from __future__ import annotations

from models.array.config import ArrayConfig
from models.memories import Memory


def memories(config: ArrayConfig) -> dict[str, Memory]:
    """wgt: words of Cols weights; act: a bank for each row; psum: one bank per column.

    >>> memories(ArrayConfig())["act"]
    Memory(width=16, depth=16384, banks=16)
    """
    return {
        "wgt": Memory(config.cols * config.wgt_width, config.wgt_depth),
        "act": Memory(config.act_width, config.act_depth, config.rows),
        "psum": Memory(config.acc_width, config.acc_depth, config.cols),
    }
