"""The memories of Cambricon-SE; codebooks, flags and biases are registers."""

from __future__ import annotations

from models.cambricon_se.config import CambriconSeConfig
from models.memories import Memory


def memories(config: CambriconSeConfig) -> dict[str, Memory]:
    """wgt: codes of the PEs; idx: entries of the cores' lists, with a selector in each PE masks;
    act: neurons of the cores; psum: accumulators of the PEs.

    >>> memories(CambriconSeConfig())["wgt"], memories(CambriconSeConfig())["act"].bits // 8
    (Memory(width=8, depth=16384, banks=32), 524288)
    """
    # A list beside the masks of PEs is small: it is priced as one mask more.
    sets = 1 + config.pes if config.per_pe else 1
    entry = config.window if config.per_pe else config.window + 21
    return {
        "wgt": Memory(8, config.list_depth * config.code_row, config.all_pes),
        "idx": Memory(entry, config.list_depth, config.cores * sets),
        "act": Memory(config.act_width, config.act_depth * config.window, config.cores),
        "psum": Memory(config.acc_width, config.acc_depth, config.all_pes),
    }
