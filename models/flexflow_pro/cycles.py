"""Cycle model of FlexFlow-Pro: equal to the RTL in every cycle and counter it predicts."""

from __future__ import annotations

import numpy as np

from models.flexflow_pro.clock import Times, clock
from models.flexflow_pro.config import FlexflowProConfig
from models.flexflow_pro.geometry import Geometry
from models.flexflow_pro.machine import Machine, Work
from models.flexflow_pro.registers import Mode
from models.flexflow_pro.timing import output_cycles
from models.program import Pass, PassCycles, Program

OWN_COUNTERS = (
    ("bus_cells", "cells sent on the column buses"),
    ("bus_full", "cycles in which a column has a slice to send and no room for it"),
)
#: What it has not got.
_NEVER = ("stall_queue_full", "stall_bank", "bypass_hits")


def cycles(program: Program, config: FlexflowProConfig) -> list[PassCycles]:
    """Predict every pass of a compiled program, in order, on a machine as after reset.

    Raises ValueError for a program of another design.
    """
    if program.design != "flexflow_pro":
        raise ValueError(f"program: found design {program.design!r}, need 'flexflow_pro'")
    machine = Machine(config)
    return [_pass(machine, item) for item in program.passes]


def _pass(machine: Machine, item: Pass) -> PassCycles:
    config, geo = machine.config, Geometry.of(item)
    work, results = machine.run(item)
    pes = config.rows, config.cols
    relaxed = bool(geo.mode & Mode.RELAXED)
    times = None
    if work is not None:
        times = clock(work.work, work.bus, geo, config, relaxed)
    slots = _slots(work, times, geo, relaxed, pes)
    compute = 0 if times is None else times.cycles
    slots["input"] = compute - sum(slots.values(), start=np.zeros(pes, dtype=np.int64))
    total = {name: int(values.sum()) for name, values in slots.items()}
    outputs = 0 if results is None else len(results)
    acts = 0 if item.act is None else item.act.size - 1
    sent = 0 if work is None else work.bus.size * geo.cells
    fired = 0 if work is None else geo.results
    counters = {
        "cycles_compute": compute,
        "mac_useful": total["useful"],
        "mac_slots": compute * config.multipliers,
        "stall_input": total["input"],
        "stall_sync": total["sync"],
        "slot_padding": total["padding"],
        "slot_empty": total["empty"],
        "wgt_reads": total["useful"],
        "wgt_writes": machine.loaded,
        "idx_reads": fired * geo.taps * geo.cells * config.multipliers,
        "idx_writes": sent * config.rows,
        "act_reads": sent * config.mask_word,
        "act_writes": acts * 4,
        "psum_reads": (fired * bool(geo.mode & Mode.ACC_KEEP) + outputs) * config.rows,
        "psum_writes": fired * config.rows,
        "broadcasts": 0 if work is None else work.live,
        "bus_cells": sent,
        "bus_full": 0 if times is None else int(times.full.sum()),
    }
    counters |= dict.fromkeys(_NEVER, 0)
    busy = slots["useful"] + slots["padding"] + slots["empty"]
    return PassCycles(
        compute,
        counters,
        busy.ravel(),
        slots["useful"].ravel(),
        None if results is None else results.ravel(),
        None if results is None else output_cycles(outputs, config.result_words),
        {name: values.ravel() for name, values in slots.items()},
    )


def _slots(
    work: Work | None, times: Times | None, geo: Geometry, relaxed: bool, pes: tuple[int, int]
) -> dict[str, np.ndarray]:
    """Slots of each PE [Rows, Cols] by account, but for the rest."""
    none = np.zeros(pes, dtype=np.int64)
    if work is None or times is None:
        return dict.fromkeys(("useful", "padding", "empty", "sync"), none)
    looked = geo.results * geo.taps * geo.pieces
    return {
        "useful": work.pairs,
        "padding": none if relaxed else looked - work.pairs,
        "empty": work.empty if relaxed else none,
        "sync": times.sync,
    }
