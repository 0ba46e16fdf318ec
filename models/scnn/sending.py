"""Cycles of the OUTPUT phase while the stream never waits (``rtl/scnn/README.md``, 2.9)."""

from __future__ import annotations

from collections.abc import Sequence

from models.scnn.config import ScnnConfig
from models.scnn.geometry import Geometry
from models.scnn.packets import IN_WINDOW, PeData, pe_words_size
from models.scnn.registers import Mode

#: From the request of the phase to the first cycle of the first PE, and behind the last word.
_ENDS = 2


def output_cycles(each: Sequence[PeData], geo: Geometry, config: ScnnConfig) -> int:
    """Cycles in which a pass sends what its PEs hold, ``each`` cut to the channels that leave.

    A cycle more for each in which a compressed packet is held; a dense one goes on being decoded
    while a word waits, so at most as many.
    """
    dense = bool(geo.mode & Mode.DENSE)
    total = _ENDS
    for pe, one in enumerate(each):
        total += _pairs(one, config)
        if not dense:
            total += 3 + pe_words_size(one.counts.size, len(one.run), one.carry.size, config)
            continue
        rows, cols = (len(span) for span in geo.box)
        places = rows * (cols + geo.out_gap) - geo.out_gap
        channels = one.counts.size
        first = int((one.counts > 0).sum())
        total += 1 + channels * (places + 2) + len(one.run) - first + -(-channels // IN_WINDOW)
        total += -(-one.carry.size // config.carry_lanes)
        total += one.carry.size > 0 or pe + 1 == len(each)
    return total


def _pairs(one: PeData, config: ScnnConfig) -> int:
    """Words of two carried sums: they are read in a cycle of its own each."""
    return one.carry.size // 2 if config.carry_lanes == 2 else 0
