"""Cycle model of EIE: when each column leaves each stage of each PE.

The stages of ``rtl/eie`` are walked column by column, all PEs at once:

    scan S -> broadcast B -> pointer read P -> check A -> issue X -> fetched M -> worked off E

with the back pressure of the queue (``queue_depth``), of the descriptor FIFO (``desc_depth``) and
of the two tokens in the sparse-matrix read. Cycle 0 is the first cycle of the broadcast phase.
The model is meant to be exact; the bench allows 2 %.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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
#: Slices of the passes that are timed together.
_MOST_SLICES = 1 << 21


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
    """``cycles`` some passes at a time, so that long programs can show their progress."""
    if program.design != "eie":
        raise ValueError(f"program: found design {program.design!r}, need 'eie'")
    machine = Machine(config)
    begun: list[_Begun] = []
    longest = 0
    for item in program.passes:
        made = _begin(machine, item)
        longest = max(longest, made.columns.size)
        if (len(begun) + 1) * longest * config.num_pe > _MOST_SLICES:
            yield from _ended(config, begun)
            begun, longest = [], made.columns.size
        begun.append(made)
    yield from _ended(config, begun)


@dataclass(frozen=True, eq=False)
class _Begun:
    """A pass whose broadcasts have no time yet; work: None where it does not compute."""

    item: Pass
    columns: Ints
    work: _Work | None
    results: Ints | None


def _begin(machine: Machine, item: Pass) -> _Begun:
    mode = item.cfg.get(int(Cfg.MODE), 0)
    slices, results = machine.run(item)
    if slices is None:
        return _Begun(item, np.zeros(0, dtype=np.int64), None, results)
    work = _work(machine, slices, bool(mode & Mode.SKIP_EMPTY), bool(mode & Mode.FUSE_PAD))
    return _Begun(item, slices.columns, work, results)


def _ended(config: EieConfig, begun: Sequence[_Begun]) -> Iterator[PassCycles]:
    """Passes in their order; the broadcasts of all of them at once."""
    times = iter(_timelines(config, [one for one in begun if one.work is not None]))
    zero = np.zeros(config.num_pe, dtype=np.int64)
    for one in begun:
        if one.work is None:
            yield PassCycles(0, {"cycles_compute": 0}, zero, zero, one.results)
        else:
            yield _pass(config, one, one.work, *next(times))


def _pass(config: EieConfig, begun: _Begun, work: _Work, run: int, stall_full: int) -> PassCycles:
    item, p = begun.item, config.num_pe
    mode = item.cfg.get(int(Cfg.MODE), 0)
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
        "idx_reads": 2 * p * begun.columns.size,
        "act_reads": in_rows * p,
        "psum_reads": macs + out_reads,
        "psum_writes": macs + (rows * p if mode & Mode.BIAS else 0),
        "broadcasts": begun.columns.size,
    }
    return PassCycles(compute, counters, busy, work.macs.sum(axis=0), begun.results)


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


def _timelines(config: EieConfig, begun: Sequence[_Begun]) -> list[tuple[int, int]]:
    """(cycles of the broadcast phase, cycles a full queue held the broadcast) of each pass."""
    order = sorted(range(len(begun)), key=lambda at: -begun[at].columns.size)
    found: list[tuple[int, int]] = [(0, 0)] * len(begun)
    if begun:
        clock = _Clock(config, [begun[at] for at in order])
        for at, one in zip(order, clock.run(), strict=True):
            found[at] = one
    return found


class _Clock:
    """Broadcasts of several passes [B], the longest first: all take their column k at once, which
    is as before a pass alone, but has numpy's overhead once.
    """

    def __init__(self, config: EieConfig, begun: Sequence[_Begun]) -> None:
        self.config, self.sizes = config, np.array([one.columns.size for one in begun])
        in_len = np.array([one.item.cfg[int(Cfg.IN_LEN)] for one in begun])
        self.num_rows = -(-in_len // config.num_pe)
        shape = len(begun), int(self.sizes.max(initial=0))
        self.first, self.rows = np.zeros(shape, dtype=bool), np.zeros(shape, dtype=np.int64)
        per_pe = *shape, config.num_pe
        names = ("tokens", "total", "last", "prev", "empty")
        self.work = {name: np.zeros(per_pe, dtype=np.int64) for name in names}
        for at, one in enumerate(begun):
            count = one.columns.size
            self.first[at, :count], self.rows[at, :count] = _scan_rows(one.columns, config.num_pe)
            for name in names:
                self.work[name][at, :count] = getattr(one.work, name)

    def run(self) -> list[tuple[int, int]]:
        """Of each pass, see ``_timelines``."""
        batch, p = len(self.sizes), self.config.num_pe
        depth, desc_depth = self.config.queue_depth, self.config.desc_depth
        popped = np.full((depth, batch, p), -1, dtype=np.int64)  # pop cycle of the last columns
        issued = np.full((batch, desc_depth, p), -1, dtype=np.int64)  # ... of the last descriptors
        pushed = np.zeros((batch, p), dtype=np.int64)  # descriptors so far
        advance, moved, worked = (np.full((batch, p), -1, dtype=np.int64) for _ in range(3))
        idle = np.zeros((batch, p), dtype=np.int64)
        broadcast, scan, row = (np.full(batch, -1, dtype=np.int64) for _ in range(3))
        row_taken = np.full(batch, 2, dtype=np.int64)  # cycle the last row left the word stage
        stall_full = np.zeros(batch, dtype=np.int64)
        passes, lane = np.arange(batch)[:, None], np.arange(p)
        for k in range(self.first.shape[1]):
            n = int(np.count_nonzero(self.sizes > k))
            first, rows = self.first[:n, k], self.rows[:n, k]
            # Zero rows in between leave the word registers one per cycle.
            taken = np.where(row[:n] >= 0, row_taken[:n] + rows - row[:n], rows + 3)
            row_taken[:n] = np.where(first, np.maximum(taken, scan[:n]), row_taken[:n])
            row[:n] = rows
            scan[:n] = np.maximum(np.where(first, row_taken[:n], scan[:n]) + 1, broadcast[:n])
            slot = popped[k % depth]
            broadcast[:n] = np.maximum(scan[:n] + 1, slot[:n].max(axis=1) + 1)
            stall_full[:n] += broadcast[:n] - scan[:n] - 1
            # pointer read and check
            pop = np.maximum(broadcast[:n, None] + 1, advance[:n])
            slot[:n] = pop
            tokens, total, last, prev, empty = (one[:n, k] for one in self.work.values())
            keeps = tokens > 0
            ring = pushed[:n] % desc_depth
            free = np.where(keeps, issued[passes[:n], ring, lane], -1)
            advance[:n] = np.maximum(pop, free) + 1
            # sparse-matrix read
            issue = np.maximum(moved[:n], advance[:n] + 1)
            ends = np.maximum(issue + 1, worked[:n]) + total
            last_moved = ends - last
            last_issue = np.where(tokens > 1, last_moved - prev, issue)
            at, on = np.nonzero(keeps)
            issued[at, ring[at, on], on] = last_issue[at, on]
            pushed[:n] += keeps
            moved[:n] = np.where(keeps, last_moved, moved[:n])
            worked[:n] = np.where(keeps, ends, worked[:n])
            drain = np.where(empty, _DRAIN_EMPTY, _DRAIN_ENTRY)
            gone = np.where(keeps, worked[:n] + drain, advance[:n] + 1)
            idle[:n] = np.maximum(idle[:n], gone)
        last_taken = row_taken + self.num_rows - 1 - row
        end = np.maximum(np.maximum(idle.max(axis=1), broadcast + 2), last_taken + 2)
        end = np.where(row >= 0, end, self.num_rows + 4)
        return list(zip((end + 1).tolist(), stall_full.tolist(), strict=True))
