"""The compute phase of SCNN cycle by cycle, all PEs at once; rules: ``rtl/scnn/README.md``.

What is done is known beforehand (``work.py``); here is only when. A PE works through *slots*: a
step of the multipliers, an empty channel that costs a cycle, the end of a group, and behind it a
place to wait in. Slots belong to *items* of the row FIFO, items to descriptors, and those come
with rows of weights.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.scnn.config import ScnnConfig
from models.scnn.xbar import Crossbars

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

STEP, NULL, END, WAIT = range(4)
#: The first row of weights is offered in this cycle.
FIRST_ROW = 6
#: Items that the row FIFO holds, those on their way included.
_ITEMS = 4
#: Cycles between looks at whether anything moves; a program of the compiler always does.
_PATIENCE = 4096


@dataclass(frozen=True, eq=False)
class Slots:
    """The work of a group. Slot numbers begin at ``Clock.head``.

    first   int64 [PEs], first slot of each PE
    item    int64 [head + slots], item of the pass (of a PE) that a slot needs
    kind    STEP .. WAIT; free: vectors that leave the weight FIFO with the slot
    keys    int32 [head + slots, lanes], where the products of a step go, rows below head are free
    """

    first: Ints
    item: Ints
    kind: Ints
    free: Ints
    keys: NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Feed:
    """What the rows of weights bring to each PE.

    vectors, descriptors   int64 [rows, PEs] that the PE keeps
    items                  flat, items of the first d descriptors of PE p at items_at[p] + d
    popped                 flat, descriptors that are done with the first i items, likewise
    """

    vectors: Ints
    descriptors: Ints
    items: Ints
    items_at: Ints
    popped: Ints
    popped_at: Ints


@dataclass(frozen=True, eq=False)
class Times:
    """What the clock found.

    cycles       of the compute phase
    goes         cycle of the barrier of each group; starts: of the walker behind it
    stall_bank, stall_sync   int64 [PEs] cycles
    queue_full   cycles in which a row was not taken; stall_ppu: in which the walker was not ready
    """

    cycles: int
    goes: list[int]
    starts: list[int]
    stall_bank: Ints
    stall_sync: Ints
    queue_full: int
    stall_ppu: int


class _Rows:
    """Broadcast, weight FIFO (levels only), descriptors and reader of activations."""

    def __init__(self, feed: Feed, config: ScnnConfig) -> None:
        self.feed, self.depth, self.burst = feed, config.wgt_fifo, config.row_vectors
        pes = config.pes
        self.level = np.zeros(pes, dtype=np.int64)
        self.described = np.zeros(pes, dtype=np.int64)
        self.allowed = np.zeros(pes, dtype=np.int64)  # items of the descriptors that are there
        self.issued = np.zeros(pes, dtype=np.int64)
        self.arrived = np.zeros(pes, dtype=np.int64)
        self.next = 0
        self.stage = -1
        self.refused = 0

    def cycle(self, now: int, done: Ints, freed: Ints) -> None:
        """``done``: items that the step unit had done with before, ``freed``: vectors now."""
        feed = self.feed
        taken = -1
        if now >= FIRST_ROW and self.next < len(feed.vectors):
            waiting = self.described - feed.popped[feed.popped_at + self.issued]
            held = int(np.maximum(self.level, waiting).max())
            if held + (self.burst if self.stage >= 0 else 0) + self.burst <= self.depth:
                taken = self.next
                self.next += 1
            else:
                self.refused += 1
        issue = (self.issued < self.allowed) & (self.issued - done < _ITEMS)
        self.arrived = self.issued
        self.issued = self.issued + issue
        self.level -= freed
        if self.stage >= 0:
            self.level += feed.vectors[self.stage]
            self.described += feed.descriptors[self.stage]
            self.allowed = feed.items[feed.items_at + self.described]
        self.stage = taken


class Clock:
    """One compute phase."""

    def __init__(
        self,
        config: ScnnConfig,
        feed: Feed,
        slots: Callable[[int], Slots],
        walks: list[int],
    ) -> None:
        self.config, self.slots_of, self.walks = config, slots, walks
        self.rows = _Rows(feed, config)
        self.xbar = Crossbars(config)
        pes = config.pes
        self.stages = 2 + config.merge
        self.head = head_rows(config)
        self.pipe = [np.zeros(pes, dtype=np.int64) for _ in range(self.stages)]  # 0: empty
        self.old = np.zeros(pes, dtype=bool)
        self.any_old = False
        self.stall_bank = np.zeros(pes, dtype=np.int64)
        self.stall_sync = np.zeros(pes, dtype=np.int64)
        self.slots = slots(0)
        self._group(self.slots)

    def _group(self, slots: Slots) -> None:
        """Begin with the slots of a group; what is in the pipe moves to the head."""
        pes = self.config.pes
        slots.keys[: self.head] = self.xbar.nowhere
        for stage, held in enumerate(self.pipe):
            full = np.flatnonzero(held)
            if full.size:
                slots.keys[1 + stage * pes + full] = self.slots.keys[held[full]]
                held[full] = 1 + stage * pes + full
        self.slots = slots
        self.at = slots.first.copy()

    def run(self) -> Times:
        """From the first cycle of the phase to its last one."""
        groups = len(self.walks)
        goes: list[int] = []
        starts: list[int] = []
        now, ready, stall_ppu = 0, 0, 0
        ended = walking = False
        drained = False
        before: tuple[int, ...] = ()
        while len(starts) < groups:
            if walking and drained and now > goes[-1] + 2:
                starts.append(now)
                ready = now + self.walks[len(starts) - 1]
                walking = False
                if len(starts) == groups:
                    break
            go = ended and not walking and now >= ready
            stall_ppu += ended and not go
            drained = not self.any_old
            all_wait = self._cycle(now)
            ended = all_wait and not go and len(goes) < groups
            if go:
                goes.append(now)
                walking = True
                self.old[:] = True
                self.any_old = True
                last = len(goes) == groups
                self._group(self._nothing() if last else self.slots_of(len(goes)))
                ended = False
            now += 1
            if now % _PATIENCE == 0 and now > ready:
                state = self.rows.next, int(self.at.sum()), len(goes), len(starts)
                if state == before:
                    raise ValueError("weights: a block is larger than the weight FIFO takes")
                before = state
        cycles = starts[-1] + self.walks[-1] + 1
        self.stall_sync += cycles - now
        return Times(
            cycles, goes, starts, self.stall_bank, self.stall_sync, self.rows.refused, stall_ppu
        )

    def _nothing(self) -> Slots:
        """Behind the last group: all PEs wait."""
        size = self.head + 1
        kind = np.full(size, WAIT, dtype=np.int64)
        keys = np.full((size, self.config.lanes), self.xbar.nowhere, dtype=np.int32)
        item = np.full(size, self.slots.item[self.at].max())
        first = np.full(self.config.pes, self.head)
        return Slots(first, item, kind, np.zeros(size, dtype=np.int64), keys)

    def _cycle(self, now: int) -> bool:
        """One cycle; True if all PEs wait at the barrier."""
        slots, pipe, rows = self.slots, self.pipe, self.rows
        at = self.at
        done = slots.item.take(at)
        kind = slots.kind.take(at)
        there = done < rows.arrived
        step = kind == STEP
        wait = kind == WAIT
        # The last stage hands on when all its lanes have room.
        keys = slots.keys.take(pipe[-1], axis=0).astype(np.intp)
        lanes = keys.ravel()
        held = self.xbar.full() & (lanes != self.xbar.nowhere)
        blocked = any_of(held, keys.shape[1])
        idle = None
        if self.any_old:
            blocked |= self.old & (pipe[-1] >= self.head)
            idle = ~self.xbar.busy()
            for stage in pipe:
                idle &= (stage == 0) | (stage >= self.head)
        moves = [~blocked]
        for stage in reversed(pipe[:-1]):
            moves.insert(0, (stage == 0) | moves[0])
        ready = there & step
        fire = ready & moves[0]
        self.stall_bank += ready & ~moves[0]
        self.stall_sync += wait | (there & (kind == END))
        pushing = np.repeat(moves[-1], keys.shape[1])
        self.xbar.cycle(now % keys.shape[1], lanes, pushing)
        rows.cycle(now, done, slots.free.take(at) * fire)
        for place in range(len(pipe) - 1, 0, -1):
            np.copyto(pipe[place], pipe[place - 1], where=moves[place])
        np.copyto(pipe[0], np.where(fire, at, 0), where=moves[0])
        self.at = at + (fire | (there & ~step & ~wait))
        if idle is not None:
            self.old &= ~idle
            self.any_old = bool(self.old.any())
        return bool(wait.all())


def any_of(flags: Flags, lanes: int) -> Flags:
    """Whether any of ``lanes`` flags in succession is set.

    >>> any_of(np.array([False] * 9 + [True] * 2 + [False] * 5), 8)
    array([False,  True])
    """
    if lanes % 8:
        found: Flags = np.any(flags.reshape(-1, lanes), axis=1)
        return found
    eights = flags.view(np.uint64).reshape(-1, lanes // 8)
    either = eights[:, 0]
    for at in range(1, lanes // 8):
        either = either | eights[:, at]
    some: Flags = np.not_equal(either, 0)
    return some


def head_rows(config: ScnnConfig) -> int:
    """Slot numbers that stand for steps of the group before."""
    return 1 + (2 + config.merge) * config.pes
