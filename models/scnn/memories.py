"""The memories of SCNN; weight FIFOs, lane FIFOs and bank queues are registers."""

from __future__ import annotations

from models.memories import Memory
from models.scnn.config import ScnnConfig
from models.scnn.packets import ENTRY, IN_WINDOW, TAG, WINDOW


def memories(config: ScnnConfig) -> dict[str, Memory]:
    """wgt: the weight buffer, one for all PEs; idx: counts of eight channels and where they begin,
    act: rows of activations, both of source and destination of each PE; psum: accumulators, two
    sets of banks in each PE.

    >>> memories(ScnnConfig())["act"].bits // 8, memories(ScnnConfig())["wgt"].width
    (1310720, 752)
    """
    pes, vectors = config.pes, config.row_vectors
    row = WINDOW + vectors * (TAG + config.f * ENTRY)
    count = config.iaram_rows.bit_length() + IN_WINDOW * config.count_width
    return {
        "wgt": Memory(row, config.wgt_depth),
        "idx": Memory(count, config.max_c // IN_WINDOW, 2 * pes),
        "act": Memory(config.i * ENTRY, config.iaram_rows, 2 * pes),
        "psum": Memory(config.acc_width, config.entries, 2 * config.banks * pes),
    }
