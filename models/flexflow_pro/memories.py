"""The memories of FlexFlow-Pro; masks and FIFOs are registers.

A neuron store takes each word that its column bus sends (counter ``broadcasts``) and gives one for
each multiply (``mac_useful``); neither is an access of the classes below.
"""

from __future__ import annotations

from models.flexflow_pro.config import FlexflowProConfig
from models.memories import Memory


def memories(config: FlexflowProConfig) -> dict[str, Memory]:
    """wgt: weights of the kernel stores; idx: both masks of a cell, in each PE; act: words of the
    column buffers; psum: accumulators of the rows.

    >>> memories(FlexflowProConfig())["wgt"], memories(FlexflowProConfig())["act"].bits // 8
    (Memory(width=16, depth=144, banks=256), 262144)
    """
    word = config.mask_word
    return {
        "wgt": Memory(config.wgt_width, config.k_cells * word, config.multipliers),
        "idx": Memory(2 * word, config.n_cells, config.multipliers),
        "act": Memory(config.act_width, config.act_depth * word, config.cols),
        "psum": Memory(config.acc_width, config.acc_depth, config.rows),
    }
