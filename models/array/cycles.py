"""Cycle model of the dense array, and of designs with the same array: equal to the RTL.

The machine follows what a program does, ``timing.py`` says when; the one thing that is not in
closed form everywhere, the start of the last tile, comes from the weight buffer.
"""

from __future__ import annotations

import numpy as np

from models.array.config import ArrayConfig
from models.array.machine import Geometry, Machine
from models.array.packets import Kind, Mode, sections
from models.array.store import WeightStore
from models.array.timing import (
    CHECKS,
    FIRST_RESULT,
    compute_cycles,
    output_cycles,
    tile_interval,
    waiting_cycles,
)
from models.program import Pass, PassCycles, Program

__all__ = [
    "CHECKS",
    "FIRST_RESULT",
    "cycles",
    "output_cycles",
    "tile_interval",
]


def cycles(program: Program, config: ArrayConfig, store: WeightStore) -> list[PassCycles]:
    """Predict every pass of a compiled program, in order.

    Raises ValueError for a program of another design.
    """
    if program.design != store.name:
        raise ValueError(f"program: found design {program.design!r}, need {store.name!r}")
    machine = Machine(config, store)
    return [_pass(machine, item) for item in program.passes]


def _pass(machine: Machine, item: Pass) -> PassCycles:
    config = machine.config
    geo = Geometry.of(item)
    work, results = machine.run(item)
    shape = (config.rows, config.cols)
    macs = np.zeros(shape, dtype=np.int64) if work is None else work.macs
    tiles, pixels = (0, 0) if work is None else (geo.tiles, geo.pixels)
    compute = waits = 0
    if tiles:
        last = machine.wgt.last_start(geo.wgt_base, tiles, pixels)
        compute = compute_cycles(last, pixels, config)
        waits = waiting_cycles(last, pixels, tiles)
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
        "wgt_reads": machine.wgt.reads(geo.wgt_base, tiles),
        "wgt_writes": _loaded_weights(machine, item),
        "act_reads": 0 if work is None else work.act_reads,
        "act_writes": 0 if item.act is None else int(item.act[0]) & 0xFFFFFFFF,
        "psum_reads": sums_read * config.cols,
        "psum_writes": streamed * config.cols,
    }
    counters |= dict.fromkeys(_NEVER, 0)
    busy = np.full(config.multipliers, streamed, dtype=np.int64)
    flat = None if results is None else results.ravel()
    return PassCycles(compute, counters, busy, macs.ravel(), flat)


#: What this design has not got.
_NEVER = (
    "stall_queue_full",
    "stall_bank",
    "slot_empty",
    "idx_reads",
    "idx_writes",
    "broadcasts",
    "bypass_hits",
)


def _loaded_weights(machine: Machine, item: Pass) -> int:
    """Words that the pass writes into the weight buffer."""
    if item.wgt is None:
        return 0
    parts = sections(item.wgt, machine.config, machine.wgt.section_words)
    return sum(part.count for part in parts if part.kind == Kind.WEIGHT)
