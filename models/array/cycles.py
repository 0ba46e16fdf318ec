"""Cycle model of the dense array, and of designs with the same array: equal to the RTL.

The machine follows what a program does, ``timing.py`` says when; the one thing that is not in
closed form everywhere, the start of the last tile, comes from the weight buffer. Counters here.
"""

from __future__ import annotations

import numpy as np

from models.array.machine import Geometry, Machine
from models.array.packets import Mode
from models.array.timing import (
    CHECKS,
    FIRST_RESULT,
    output_cycles,
    tile_interval,
)
from models.program import Pass, PassCycles, Program

__all__ = [
    "CHECKS",
    "FIRST_RESULT",
    "cycles",
    "output_cycles",
    "tile_interval",
]


def cycles(program: Program, machine: Machine) -> list[PassCycles]:
    """Predict every pass of a compiled program, in order, on a machine as after reset.

    Raises ValueError for a program of another design.
    """
    if program.design != machine.store.name:
        raise ValueError(f"program: found design {program.design!r}, need {machine.store.name!r}")
    return [_pass(machine, item) for item in program.passes]


def _pass(machine: Machine, item: Pass) -> PassCycles:
    config = machine.config
    geo = Geometry.of(item)
    work, results = machine.run(item)
    shape = (config.rows, config.cols)
    macs = np.zeros(shape, dtype=np.int64) if work is None else work.macs
    tiles, pixels = (0, 0) if work is None else (work.tiles, geo.pixels)
    compute, waits = (0, 0) if work is None else (work.compute, work.waits)
    acts = 0 if item.act is None else int(item.act[0]) & 0xFFFFFFFF
    useful, streamed = int(macs.sum()), tiles * pixels
    added = tiles if geo.mode & Mode.ACC_KEEP else tiles - geo.kt
    sums_read = (added * pixels if tiles else 0) + (0 if results is None else len(results))
    counters = {
        "cycles_compute": compute,
        "mac_useful": useful,
        "mac_slots": compute * config.multipliers,
        "stall_input": (compute - streamed - waits) * config.multipliers,
        "stall_sync": waits * config.multipliers,
        "slot_padding": streamed * config.multipliers - useful,
        "wgt_reads": 0 if work is None else work.wgt_reads,
        "wgt_writes": machine.loaded["wgt"],
        "idx_reads": 0 if work is None else work.idx_reads,
        "idx_writes": machine.loaded["idx"],
        "act_reads": 0 if work is None else work.act_reads,
        "act_writes": acts * machine.act_banks,
        "psum_reads": sums_read * config.cols,
        "psum_writes": streamed * config.cols,
    }
    counters |= dict.fromkeys(_NEVER, 0)
    busy = np.full(config.multipliers, streamed, dtype=np.int64)
    flat = None if results is None else results.ravel()
    return PassCycles(compute, counters, busy, macs.ravel(), flat)


#: What arrays have not got.
_NEVER = (
    "stall_queue_full",
    "stall_bank",
    "slot_empty",
    "broadcasts",
    "bypass_hits",
)
