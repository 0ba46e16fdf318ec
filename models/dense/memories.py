"""The memories of the dense array."""

from __future__ import annotations

from models.array.config import ArrayConfig
from models.memories import Memory


def memories(config: ArrayConfig) -> dict[str, Memory]:
    """wgt: words of Cols weights; act: words of activations of a tile; psum: one bank per column.

    >>> memories(ArrayConfig())["psum"]
    Memory(width=48, depth=4096, banks=16)
    """
    return {
        "wgt": Memory(config.cols * config.kept_width, config.wgt_depth),
        "act": Memory(config.inputs * config.act_width, config.act_depth),
        "psum": Memory(config.acc_width, config.acc_depth, config.cols),
    }
