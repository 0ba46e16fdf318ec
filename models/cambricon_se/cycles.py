"""Cycle model of Cambricon-SE: equal to the RTL in every cycle and counter it predicts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models.cambricon_se.clock import Spent, in_a_row, paces
from models.cambricon_se.config import CambriconSeConfig
from models.cambricon_se.geometry import Geometry
from models.cambricon_se.machine import Machine, Work
from models.cambricon_se.packets import packed
from models.cambricon_se.registers import Mode
from models.cambricon_se.timing import END, FIRST, output_cycles
from models.program import Pass, PassCycles, Program

Ints = NDArray[np.int64]

OWN_COUNTERS = (
    ("vectors", "vectors of the selectors"),
    ("windows", "windows that selectors took up, per core"),
    ("empty_windows", "those without a survivor"),
    ("words_in", "stream words of activations, without headers"),
    ("words_out", "stream words of results"),
    ("words_wgt", "stream words of weights, without headers of packets"),
)
#: What it has not got.
_NEVER = ("stall_queue_full", "stall_bank", "broadcasts", "bypass_hits")


def cycles(program: Program, config: CambriconSeConfig) -> list[PassCycles]:
    """Predict every pass of a compiled program, in order, on a machine as after reset.

    Raises ValueError for a program of another design.
    """
    if program.design != "cambricon_se":
        raise ValueError(f"program: found design {program.design!r}, need 'cambricon_se'")
    machine = Machine(config)
    return [_pass(machine, item) for item in program.passes]


def spent_of(work: Work, config: CambriconSeConfig) -> Spent:
    """How long a core takes."""
    return in_a_row(paces(work.counts, work.sizes, config.lanes, config.selector), work.order)


def _pass(machine: Machine, item: Pass) -> PassCycles:
    config, geo = machine.config, Geometry.of(item)
    works, results = machine.run(item)
    none = np.zeros((config.cores, config.pes), dtype=np.int64)
    slots = dict.fromkeys(("useful", "padding", "empty", "sync", "input"), none)
    compute = vectors = 0
    if works is not None:
        spent = [None if work is None else spent_of(work, config) for work in works]
        compute = FIRST + max(one.cycles for one in spent if one is not None) - 1 + END
        slots = _slots(works, spent, compute, config)
        vectors = sum(int(one.vectors.sum()) for one in spent if one is not None)
    total = {name: int(values.sum()) for name, values in slots.items()}
    walked = [work for work in works or () if work is not None]
    windows = sum(work.windows for work in walked)
    ended = sum(work.order.size for work in walked) * config.pes
    outputs = 0 if results is None else len(results)
    words_out = _words_out(results, geo, config)
    counters = {
        "cycles_compute": compute,
        "mac_useful": total["useful"],
        "mac_slots": compute * config.multipliers,
        "stall_input": total["input"],
        "stall_sync": total["sync"],
        "slot_padding": total["padding"],
        "slot_empty": total["empty"],
        "wgt_reads": windows * config.pes * config.code_row,
        "idx_reads": windows * (1 + config.pes * config.per_pe),
        "act_reads": windows * config.window,
        "psum_reads": ended * bool(geo.mode & Mode.ACC_KEEP) + outputs * config.pes,
        "psum_writes": ended,
        "vectors": vectors,
        "windows": windows,
        "empty_windows": sum(work.empty for work in walked),
        "words_out": words_out,
    }
    counters |= machine.loaded | dict.fromkeys(_NEVER, 0)
    plain = results is not None and not geo.mode & Mode.PACKED_OUT
    return PassCycles(
        compute,
        counters,
        (slots["useful"] + slots["padding"] + slots["empty"]).ravel(),
        slots["useful"].ravel(),
        None if results is None else results.ravel(),
        output_cycles(outputs, config.result_words) if plain else None,
        {name: values.ravel() for name, values in slots.items()},
        machine.reader.cycles if item.wgt is not None else None,
    )


def _words_out(results: Ints | None, geo: Geometry, config: CambriconSeConfig) -> int:
    if results is None:
        return 0
    if geo.mode & Mode.PACKED_OUT:
        return packed(results, config.pes).size
    return len(results) * config.result_words


def _slots(
    works: Sequence[Work | None],
    spent: Sequence[Spent | None],
    compute: int,
    config: CambriconSeConfig,
) -> dict[str, Ints]:
    """Slots int64 [Cores, Pes] by account."""
    names = ("useful", "padding", "empty", "sync")
    found = {
        name: np.zeros((config.cores, config.pes), dtype=np.int64) for name in (*names, "input")
    }
    slowest = max(one.cycles for one in spent if one is not None)
    for core, (work, one) in enumerate(zip(works, spent, strict=True)):
        if work is None or one is None:
            found["sync"][core] = (FIRST + slowest) * config.lanes
            continue
        found["useful"][core] = work.useful
        found["padding"][core] = work.taken - work.useful
        found["empty"][core] = one.vectors * config.lanes - work.taken
        found["sync"][core] = (slowest - one.cycles + one.waits) * config.lanes
    busy = np.sum([found[name] for name in names], axis=0)
    found["input"] = compute * config.lanes - busy
    return found
