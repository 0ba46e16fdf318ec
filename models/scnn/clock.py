"""Compute phases of SCNN cycle by cycle, all PEs of several at once; rules: ``rtl/scnn/README.md``.

What is done is known beforehand (``work.py``); here is only when. A PE works through *slots*: a
step of the multipliers, an empty channel that costs a cycle, the end of a group, and behind it a
place to wait in. Slots belong to *items* of the row FIFO, items to descriptors, and those come
with rows of weights.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

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
    """The work of a group.

    first   int64 [PEs], first slot of each PE
    item    int64 [slots], item of the pass (of a PE) that a slot needs
    kind    STEP .. WAIT; free: vectors that leave the weight FIFO with the slot
    keys    int32 [slots, lanes], where the products of a step go; PEs*banks: none
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


@dataclass(frozen=True, eq=False)
class Phase:
    """A compute phase: ``feed``, the slots of a group, and how long the walker takes for each.

    slots  group -> its ``Slots``, to be asked for in order
    """

    feed: Feed
    slots: Callable[[int], Slots]
    walks: list[int]


class _Rows:
    """Broadcast, weight FIFO (levels only), descriptors and reader of activations, of all phases.

    Arrays of PEs are flat: PE p of phase n at ``n*pes + p``.
    """

    def __init__(self, feeds: Sequence[Feed], config: ScnnConfig) -> None:
        self.depth, self.burst, self.pes = config.wgt_fifo, config.row_vectors, config.pes
        size = len(feeds) * config.pes
        counts = np.array([len(one.vectors) for one in feeds])
        self.base = np.cumsum(counts) - counts
        self.last = self.base + counts
        # A row of nothing behind all others, for phases that get none.
        blank = np.zeros((1, config.pes), dtype=np.int64)
        self.vectors = np.concatenate([*(one.vectors for one in feeds), blank])
        self.descriptors = np.concatenate([*(one.descriptors for one in feeds), blank])
        self.nothing = int(counts.sum())
        self.items, self.items_at = _joined([(one.items, one.items_at) for one in feeds])
        self.popped, self.popped_at = _joined([(one.popped, one.popped_at) for one in feeds])
        self.level = np.zeros(size, dtype=np.int64)
        self.described = np.zeros(size, dtype=np.int64)
        self.allowed = np.zeros(size, dtype=np.int64)  # items of the descriptors that are there
        self.issued = np.zeros(size, dtype=np.int64)
        self.arrived = np.zeros(size, dtype=np.int64)
        self.next = self.base.copy()
        self.stage = np.full(len(feeds), self.nothing)
        self.staged = False
        self.refused = np.zeros(len(feeds), dtype=np.int64)

    def cycle(self, now: int, done: Ints, freed: Ints) -> None:
        """``done``: items that the step unit had done with before, ``freed``: vectors now."""
        taken = None
        if now >= FIRST_ROW:
            more = self.next < self.last
            if more.any():
                waiting = self.described - self.popped.take(self.popped_at + self.issued)
                held = np.maximum(self.level, waiting).reshape(-1, self.pes).max(axis=1)
                room = self.depth - self.burst - self.burst * (self.stage < self.nothing)
                fits = held <= room
                self.refused += more & ~fits
                fits &= more
                taken = np.where(fits, self.next, self.nothing)
                self.next += fits
        issue = (self.issued < self.allowed) & (self.issued - done < _ITEMS)
        self.arrived = self.issued
        self.issued = self.issued + issue
        self.level -= freed
        if self.staged:
            self.level += self.vectors.take(self.stage, axis=0).ravel()
            self.described += self.descriptors.take(self.stage, axis=0).ravel()
            self.allowed = self.items.take(self.items_at + self.described)
            self.staged = False
            self.stage.fill(self.nothing)
        if taken is not None:
            self.stage, self.staged = taken, True


def _joined(parts: Sequence[tuple[Ints, Ints]]) -> tuple[Ints, Ints]:
    """Flat tables of several phases and where those of each PE begin, in one."""
    sizes = np.array([table.size for table, _ in parts])
    base = np.cumsum(sizes) - sizes
    starts = [start + at for (_, start), at in zip(parts, base, strict=True)]
    return np.concatenate([table for table, _ in parts]), np.concatenate(starts)


class _Table:
    """The slots of the groups in which the phases are, in one.

    Rows below ``head`` stand for steps of the group before that are still on their way: row 0 for
    none, then one for each stage and PE. Phase n has those from ``base[n]`` on.
    """

    def __init__(self, config: ScnnConfig, phases: int, stages: int) -> None:
        self.pes, self.phases, self.config = config.pes, phases, config
        self.head = 1 + stages * phases * config.pes
        self.own = config.pes * config.banks
        self.nowhere = phases * self.own
        self.room = 0
        self._make(0)

    def _make(self, room: int) -> None:
        size = self.head + self.phases * room
        self.room = room
        self.base = self.head + room * np.arange(self.phases)
        self.item = np.zeros(size, dtype=np.int64)
        self.kind = np.full(size, WAIT, dtype=np.int64)
        self.free = np.zeros(size, dtype=np.int64)
        self.keys = np.full((size, self.config.lanes), self.nowhere, dtype=np.int32)

    def grow(self, size: int) -> Ints:
        """Make room for groups of so many slots; how far those of each phase have moved."""
        room, base = self.room, self.base
        before = (self.item, self.kind, self.free, self.keys)
        self._make(size + size // 4)
        after = (self.item, self.kind, self.free, self.keys)
        for number in range(len(after)):
            table, old = np.asarray(after[number]), np.asarray(before[number])
            table[: self.head] = old[: self.head]
            for at, was in zip(self.base, base, strict=True):
                table[at : at + room] = old[was : was + room]
        return np.asarray(self.base - base)

    def put(self, phase: int, slots: Slots) -> Ints:
        """The slots of a group in place of those before; the first one of each PE."""
        at, size = int(self.base[phase]), slots.item.size
        of = slice(at, at + size)
        self.item[of], self.kind[of], self.free[of] = slots.item, slots.kind, slots.free
        first = np.int32(phase * self.own)
        self.keys[of] = np.where(slots.keys == self.own, np.int32(self.nowhere), slots.keys + first)
        return slots.first + at


class Clock:
    """Compute phases of one build, each from its own cycle 0 on: they have nothing to do with each
    other, but a cycle of many takes hardly longer than one of a single one.
    """

    def __init__(self, config: ScnnConfig, phases: Sequence[Phase]) -> None:
        self.config, self.phases, self.pes = config, phases, config.pes
        self.rows = _Rows([one.feed for one in phases], config)
        self.xbar = Crossbars(config, len(phases))
        size = len(phases) * config.pes
        self.stages = 2 + config.merge
        self.table = _Table(config, len(phases), self.stages)
        self.head = self.table.head
        self.pipe = [np.zeros(size, dtype=np.int64) for _ in range(self.stages)]  # 0: empty
        self.old = np.zeros(size, dtype=bool)
        self.any_old = False
        self.stall_bank = np.zeros(size, dtype=np.int64)
        self.stall_sync = np.zeros(size, dtype=np.int64)
        self.at = np.zeros(size, dtype=np.int64)
        for number, phase in enumerate(phases):
            self._group(number, phase.slots(0))

    def _of(self, phase: int) -> slice:
        return slice(phase * self.pes, (phase + 1) * self.pes)

    def _group(self, phase: int, slots: Slots | None) -> None:
        """A phase begins with the slots of a group, or, behind its last one, stays where all its
        PEs wait; what is in the pipe moves to the head.
        """
        table, of = self.table, self._of(phase)
        if slots is not None and slots.item.size > table.room:
            moved = np.repeat(table.grow(slots.item.size), self.pes)
            self.at += moved
            for stage in self.pipe:
                stage += np.where(stage >= self.head, moved, 0)
        held = [stage[of].copy() for stage in self.pipe]
        keys = [table.keys[some] for some in held]
        for number, some in enumerate(held):
            full = np.flatnonzero(some)
            row = 1 + number * self.old.size + of.start + full
            table.keys[row] = keys[number][full]
            self.pipe[number][of.start + full] = row
        if slots is not None:
            self.at[of] = table.put(phase, slots)

    def run(self) -> list[Times]:
        """From the first cycle of each phase to its last one."""
        barriers = [_Barrier(one.walks) for one in self.phases]
        running = np.ones(len(barriers), dtype=bool)
        found: dict[int, Times] = {}
        now = 0
        before: tuple[int, ...] = ()
        awake: list[int] = []  # phases whose barrier or walker is at work
        while True:
            for number in awake:
                if barriers[number].starts_now(now):
                    running[number] = False
                    found[number] = self._times(number, barriers[number], now)
            if len(found) == len(barriers):
                return [found[number] for number in range(len(barriers))]
            for number in awake:
                drained = not self.any_old or not self.old[self._of(number)].any()
                barriers[number].look(now, drained)
            ended = self._cycle(now)
            ended &= running
            if awake or ended.any():
                looked = {*awake, *np.flatnonzero(ended).tolist()} - found.keys()
                for number in sorted(looked):
                    self._end(number, barriers[number], now, bool(ended[number]))
                awake = [one for one in sorted(looked) if barriers[one].awake]
            now += 1
            if now % _PATIENCE == 0 and now > max(one.ready for one in barriers):
                events = sum(len(one.goes) + len(one.starts) for one in barriers)
                state = int(self.rows.next.sum()), int(self.at.sum()), events
                if state == before:
                    raise ValueError("weights: a block is larger than the weight FIFO takes")
                before = state

    def _end(self, phase: int, barrier: _Barrier, now: int, all_wait: bool) -> None:
        """At the end of a cycle: the next group, if the one before may end."""
        if barrier.end(now, all_wait):
            self.old[self._of(phase)] = True
            self.any_old = True
            begun = len(barrier.goes)
            last = begun == len(barrier.walks)
            self._group(phase, None if last else self.phases[phase].slots(begun))

    def _times(self, phase: int, barrier: _Barrier, now: int) -> Times:
        """Of a phase whose last walk begins now."""
        of, cycles = self._of(phase), now + barrier.walks[-1] + 1
        return Times(
            cycles,
            barrier.goes,
            barrier.starts,
            self.stall_bank[of].copy(),
            self.stall_sync[of] + (cycles - now),
            int(self.rows.refused[phase]),
            barrier.stalled,
        )

    def _cycle(self, now: int) -> Flags:
        """One cycle; of which phases all PEs wait at the barrier."""
        slots, pipe, rows = self.table, self.pipe, self.rows
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
        all_wait: Flags = wait.reshape(-1, self.pes).all(axis=1)
        return all_wait


@dataclass
class _Barrier:
    """Groups of a phase end at it, and the walker behind it takes their sums.

    goes, starts   cycles of the barrier and of the walker, group by group
    ready          cycle from which the walker is free; stalled: cycles waited for it
    """

    walks: list[int]
    goes: list[int] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    ready: int = 0
    stalled: int = 0
    ended: bool = False
    walking: bool = False
    drained: bool = False
    goes_now: bool = False

    @property
    def awake(self) -> bool:
        """Whether it or the walker is at work."""
        return self.ended or self.walking

    def starts_now(self, now: int) -> bool:
        """The walker begins where the sums are drained; True if that was the last group."""
        if self.walking and self.drained and now > self.goes[-1] + 2:
            self.starts.append(now)
            self.ready = now + self.walks[len(self.starts) - 1]
            self.walking = False
        return len(self.starts) == len(self.walks)

    def look(self, now: int, drained: bool) -> None:
        """At the begin of a cycle, before anything moves."""
        self.goes_now = self.ended and not self.walking and now >= self.ready
        self.stalled += self.ended and not self.goes_now
        self.drained = drained

    def end(self, now: int, all_wait: bool) -> bool:
        """At its end: whether a new group begins."""
        self.ended = all_wait and not self.goes_now and len(self.goes) < len(self.walks)
        if not self.goes_now:
            return False
        self.goes.append(now)
        self.walking, self.goes_now = True, False
        return True


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
