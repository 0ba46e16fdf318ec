"""The memories of EIE, per PE but for the queue."""

from __future__ import annotations

from models.eie.config import EieConfig
from models.memories import Memory


def memories(config: EieConfig) -> dict[str, Memory]:
    """wgt: rows of the sparse-matrix SRAM; idx: pointers, in two banks; psum: accumulators.

    >>> memories(EieConfig())["wgt"]
    Memory(width=64, depth=16384, banks=64)
    """
    pes = config.num_pe
    return {
        "wgt": Memory(config.spmat_width, config.spmat_depth, pes),
        "idx": Memory(config.ptr_width, config.ptr_depth // 2, 2 * pes),
        "act": Memory(config.act_width, config.act_depth, pes),
        "psum": Memory(config.acc_width, config.act_regs, pes),
    }
