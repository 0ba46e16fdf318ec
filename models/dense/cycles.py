"""Cycle model of the dense array: closed formulas, equal to the RTL cycle for cycle.

``N = P*Q`` pixels and ``T = KT*R*S*CT`` weight tiles; cycle 0 is the first of the compute phase.
A tile takes the time of its pixels, of the rows of the next tile's weights, or of the switch's way
to the last column, whichever is longest. See "Cycles" in ``rtl/dense/README.md``.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from models.dense.config import DenseConfig
from models.dense.machine import Geometry, Machine
from models.dense.packets import Kind, Mode, weight_sections
from models.packets import row_words
from models.program import Pass, PassCycles, Program

#: Cycle in which pixel 0 of the first tile enters lane 0: its weights must be there.
FIRST_TILE = 3
#: Cycles of a pass outside its phases: the checks of the geometry.
CHECKS = 11
#: First result word, counted from the start of the output phase.
FIRST_RESULT = 3


def tile_interval(pixels: int, config: DenseConfig) -> int:
    """Cycles from one tile's start to the next one's, ``pixels`` = N.

    >>> tile_interval(1, DenseConfig()), tile_interval(196, DenseConfig())
    (17, 196)
    """
    return max(pixels, config.rows, config.cols + 1)


def compute_cycles(pixels: int, tiles: int, config: DenseConfig) -> int:
    """Cycles of a compute phase of ``tiles`` weight tiles on ``pixels`` output pixels.

    >>> compute_cycles(196, 36, DenseConfig())
    7091
    """
    last = FIRST_TILE + (tiles - 1) * tile_interval(pixels, config)
    return last + pixels + config.rows + config.cols


def waiting_cycles(pixels: int, tiles: int, config: DenseConfig) -> int:
    """Cycles in which the address generator waits between tiles for weights.

    It is active from cycle 1 of the phase on and issues a pixel the cycle before it enters lane 0.

    >>> waiting_cycles(196, 36, DenseConfig()), waiting_cycles(7, 36, DenseConfig())
    (1, 351)
    """
    return FIRST_TILE - 2 + (tiles - 1) * (tile_interval(pixels, config) - pixels)


def output_cycles(pixels: int, kt: int, config: DenseConfig) -> int:
    """Cycles of an output phase whose receiver never waits."""
    return kt * pixels * row_words(config.cols, config.act_width) + FIRST_RESULT


def cycles(program: Program, config: DenseConfig) -> list[PassCycles]:
    """Predict every pass of a compiled program, in order.

    Raises ValueError for a program of another design.
    """
    return list(iterate(program, config))


def iterate(program: Program, config: DenseConfig) -> Iterator[PassCycles]:
    """``cycles`` one pass at a time, so that long programs can show their progress."""
    if program.design != "dense":
        raise ValueError(f"program: found design {program.design!r}, need 'dense'")
    machine = Machine(config)
    for item in program.passes:
        yield _pass(machine, item)


def _pass(machine: Machine, item: Pass) -> PassCycles:
    config = machine.config
    geo = Geometry.of(item)
    work, results = machine.run(item)
    shape = (config.rows, config.cols)
    macs = np.zeros(shape, dtype=np.int64) if work is None else work.macs
    tiles, pixels = (0, 0) if work is None else (geo.tiles, geo.pixels)
    compute = compute_cycles(pixels, tiles, config) if tiles else 0
    waits = waiting_cycles(pixels, tiles, config) if tiles else 0
    useful, streamed = int(macs.sum()), tiles * pixels
    added = tiles if geo.mode & Mode.ACC_KEEP else tiles - geo.kt
    sums_read = (added * pixels if tiles else 0) + (0 if results is None else len(results))
    counters = {
        "cycles_compute": compute,
        "mac_useful": useful,
        "mac_slots": compute * config.num_pe,
        "stall_input": (compute - streamed - waits) * config.num_pe,
        "stall_sync": waits * config.num_pe,
        "slot_padding": streamed * config.num_pe - useful,
        "wgt_reads": tiles * config.rows,
        "wgt_writes": _loaded_weights(item, config),
        "act_reads": 0 if work is None else work.act_reads,
        "act_writes": 0 if item.act is None else int(item.act[0]) & 0xFFFFFFFF,
        "psum_reads": sums_read * config.cols,
        "psum_writes": streamed * config.cols,
    }
    counters |= dict.fromkeys(_NEVER, 0)
    busy = np.full(config.num_pe, streamed, dtype=np.int64)
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


def _loaded_weights(item: Pass, config: DenseConfig) -> int:
    """Words that the pass writes into the weight buffer."""
    if item.wgt is None:
        return 0
    parts = weight_sections(item.wgt, config)
    return sum(part.count for part in parts if part.kind == Kind.WEIGHT)
