"""Cycle model of EIE: when each column leaves each stage of each PE.

The stages of ``rtl/eie`` are walked column by column, all PEs at once:

    scan S -> broadcast B -> pointer read P -> check A -> issue X -> fetched M -> worked off E

with the back pressure of the queue (``queue_depth``), of the descriptor FIFO (``desc_depth``) and
of the two tokens in the sparse-matrix read. Cycle 0 is the first cycle of the broadcast phase.
The model is meant to be exact; the bench allows 2 %.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from models.eie.config import EieConfig
from models.eie.machine import Ints, Machine, Slices
from models.eie.packets import Cfg, Mode
from models.program import Pass, PassCycles, Program

#: From the last slot of work to the idle PE: entry register and arithmetic pipeline.
_DRAIN_ENTRY = 5
_DRAIN_EMPTY = 3


@dataclass(eq=False)
class _Work:
    """Slots of every slice, int64 [n, P].

    tokens   weight rows touched (0: dropped; an empty slice that takes a slot counts one)
    total    slots; last, prev: slots of the last and of the next to last token
    empty    bool: takes a slot for nothing
    pads     slots of nothing but padding; reads: weight rows read by each PE, [P]
    """

    tokens: Ints
    total: Ints
    last: Ints
    prev: Ints
    empty: NDArray[np.bool_]
    pads: Ints
    macs: Ints
    reads: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))


def cycles(program: Program, config: EieConfig) -> list[PassCycles]:
    """Predict every pass of a compiled program, in order.

    Raises ValueError for a program of another design.
    """
    return list(iterate(program, config))


def iterate(program: Program, config: EieConfig) -> Iterator[PassCycles]:
    """``cycles`` one pass at a time, so that long programs can show their progress."""
    if program.design != "eie":
        raise ValueError(f"program: found design {program.design!r}, need 'eie'")
    machine = Machine(config)
    for item in program.passes:
        yield _pass(machine, item)


def _pass(machine: Machine, item: Pass) -> PassCycles:
    config = machine.config
    mode = item.cfg.get(int(Cfg.MODE), 0)
    slices, results = machine.run(item)
    p = config.num_pe
    zero = np.zeros(p, dtype=np.int64)
    if slices is None:
        return PassCycles(0, {"cycles_compute": 0}, zero, zero, results)
    work = _work(machine, slices, bool(mode & Mode.SKIP_EMPTY), bool(mode & Mode.FUSE_PAD))
    run, stall_full = _timeline(config, slices.columns, work, item.cfg[int(Cfg.IN_LEN)])
    rows = -(-item.cfg[int(Cfg.OUT_LEN)] // p)
    # Clearing the accumulators takes a cycle; the bias one per row and one for the last write.
    compute = run + 1 + (rows + 1 if mode & Mode.BIAS else 0)
    busy = work.total.sum(axis=0)
    macs, pads, empty = int(work.macs.sum()), int(work.pads.sum()), int(work.empty.sum())
    in_rows = -(-item.cfg[int(Cfg.IN_LEN)] // p)
    out_reads = rows * p if mode & Mode.OUTPUT else 0
    counters = {
        "cycles_compute": compute,
        "mac_useful": macs,
        "mac_slots": compute * p,
        "stall_input": compute * p - macs - pads - empty,
        "stall_queue_full": stall_full,
        "slot_padding": pads,
        "slot_empty": empty,
        "wgt_reads": int(work.reads.sum()),
        "idx_reads": 2 * p * slices.columns.size,
        "act_reads": in_rows * p,
        "psum_reads": macs + out_reads,
        "psum_writes": macs + (rows * p if mode & Mode.BIAS else 0),
        "broadcasts": slices.columns.size,
    }
    return PassCycles(compute, counters, busy, work.macs.sum(axis=0), results)


def _work(machine: Machine, slices: Slices, skip_empty: bool, fuse_pad: bool) -> _Work:
    lanes = machine.config.entries_per_row
    start, end = slices.start, slices.end
    pe = np.arange(machine.config.num_pe)
    empty = start == end
    first_row = start // lanes
    last_row = np.where(empty, first_row, (end - 1) // lanes)
    tokens = np.where(empty, 0, last_row - first_row + 1)

    real = machine.prefix("real")
    entries = end - start
    reals = real[pe, end] - real[pe, start]

    def token_slots(row: Ints) -> tuple[Ints, Ints]:
        """(slots, slots of nothing but padding) of the part of the slice in ``row``."""
        low, high = np.maximum(start, row * lanes), np.minimum(end, (row + 1) * lanes)
        high = np.maximum(high, low)
        count = real[pe, high] - real[pe, low]
        if not fuse_pad:
            return high - low, high - low - count
        return np.where(high > low, np.maximum(count, 1), 0), (high > low) & (count == 0)

    last, last_pads = token_slots(last_row)
    prev, _ = token_slots(np.maximum(last_row - 1, first_row))
    prev = np.where(tokens >= 2, prev, 0)
    if fuse_pad:
        # Rows of nothing but padding: the inner ones from the running sum, the ends by themselves.
        words = machine.prefix("pads")
        after = np.minimum(first_row + 1, words.shape[1] - 1)
        inner = words[pe, np.maximum(last_row, after)] - words[pe, after]
        _, first_pads = token_slots(first_row)
        pads = np.where(tokens >= 1, last_pads.astype(np.int64), 0)
        pads += np.where(tokens >= 2, first_pads + inner, 0)
        total = reals + pads
    else:
        pads, total = entries - reals, entries
    # Real entries with code 0 take a slot and are counted with the padding.
    takes = empty & (not skip_empty)
    return _Work(
        tokens=np.where(takes, 1, tokens),
        total=np.where(takes, 1, total),
        last=np.where(takes, 1, last),
        prev=prev,
        empty=takes,
        pads=pads,
        macs=reals,
        reads=_row_reads(tokens, first_row, last_row),
    )


def _row_reads(tokens: Ints, first_row: Ints, last_row: Ints) -> Ints:
    """Weight rows read by each PE: a row still at the SRAM output is not read again."""
    reads = tokens.sum(axis=0)
    for pe in range(tokens.shape[1]):
        used = np.flatnonzero(tokens[:, pe])
        reads[pe] -= np.count_nonzero(first_row[used[1:], pe] == last_row[used[:-1], pe])
    return reads


def _scan_rows(columns: Ints, num_pe: int) -> tuple[NDArray[np.bool_], Ints]:
    """(column is the first of its row of positions, row of the column)."""
    rows = columns // num_pe
    return np.diff(rows, prepend=-1) != 0, rows


def _timeline(config: EieConfig, columns: Ints, work: _Work, in_len: int) -> tuple[int, int]:
    """(cycles of the broadcast phase, cycles a full queue held the broadcast)."""
    p, depth, desc_depth = config.num_pe, config.queue_depth, config.desc_depth
    first_of_row, rows = _scan_rows(columns, p)
    num_rows = -(-in_len // p)
    none = np.full(p, -1, dtype=np.int64)
    popped = np.full((depth, p), -1, dtype=np.int64)  # pop cycle of the last columns
    issued = np.full((desc_depth, p), -1, dtype=np.int64)  # pop cycle of the last descriptors
    pushed = np.zeros(p, dtype=np.int64)  # descriptors so far
    lane = np.arange(p)
    advance, moved, worked = none.copy(), none.copy(), none.copy()
    idle = np.zeros(p, dtype=np.int64)
    broadcast, scan, row_taken = -1, -1, 2  # row_taken: cycle the last row left the word stage
    row, stall_full = -1, 0
    for k in range(columns.size):
        if first_of_row[k]:
            # Zero rows in between leave the word registers one per cycle.
            row_taken = row_taken + (int(rows[k]) - row) if row >= 0 else int(rows[k]) + 3
            row_taken, row = max(row_taken, scan), int(rows[k])
            scan = max(row_taken + 1, broadcast)
        else:
            scan = max(scan + 1, broadcast)
        slot = k % depth
        broadcast = max(scan + 1, int(popped[slot].max()) + 1)
        stall_full += broadcast - scan - 1
        # pointer read and check
        pop = np.maximum(broadcast + 1, advance)
        popped[slot] = pop
        tokens = work.tokens[k]
        keeps = tokens > 0
        ring = pushed % desc_depth
        advance = np.where(keeps, np.maximum(pop + 1, issued[ring, lane] + 1), pop + 1)
        # sparse-matrix read
        issue = np.maximum(moved, advance + 1)
        fetched = np.maximum(issue + 1, worked)
        ends = fetched + work.total[k]
        last_moved = ends - work.last[k]
        last_issue = np.where(tokens > 1, last_moved - work.prev[k], issue)
        issued[ring[keeps], lane[keeps]] = last_issue[keeps]
        pushed += keeps
        moved = np.where(keeps, last_moved, moved)
        worked = np.where(keeps, ends, worked)
        drain = np.where(work.empty[k], _DRAIN_EMPTY, _DRAIN_ENTRY)
        idle = np.maximum(idle, np.where(keeps, worked + drain, advance + 1))
    if row >= 0:
        last_taken = row_taken + num_rows - 1 - row
        end = max(int(idle.max()), broadcast + 2, last_taken + 2)
    else:
        end = num_rows + 4
    return end + 1, stall_full
