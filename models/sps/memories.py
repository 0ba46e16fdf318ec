"""The memories of SPS; directory of the patterns and residues in use are registers."""

from __future__ import annotations

from models.memories import Memory
from models.sps.config import SpsConfig

#: A word of the table of positions is one of the stream: so many positions of 8 bits.
_WORD, _POSITIONS = 64, 8


def memories(config: SpsConfig) -> dict[str, Memory]:
    """wgt: words of Cols weights; idx: positions, a word of them for each row looked up;
    act: a bank for each row; psum: one bank per column.

    >>> memories(SpsConfig())["act"]
    Memory(width=16, depth=16384, banks=16)
    >>> memories(SpsConfig())["idx"]
    Memory(width=64, depth=18, banks=1)
    """
    return {
        "wgt": Memory(config.cols * config.wgt_width, config.wgt_depth),
        "idx": Memory(_WORD, -(-config.table_depth // _POSITIONS)),
        "act": Memory(config.act_width, config.act_depth, config.rows),
        "psum": Memory(config.acc_width, config.acc_depth, config.cols),
    }
