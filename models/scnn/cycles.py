"""Cycle model of SCNN: equal to the RTL, cycle for cycle and counter for counter."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from models.design import SLOT_COUNTERS
from models.packets import unpack_lanes
from models.program import Pass, PassCycles, Program
from models.scnn.blocks import Acts, Blocks
from models.scnn.clock import Clock, Phase, Times
from models.scnn.config import ScnnConfig
from models.scnn.geometry import Geometry
from models.scnn.machine import Machine, Work
from models.scnn.work import GroupWork, Touch, feed, touch

Ints = NDArray[np.int64]

#: Cycles from what an account tells to the socket, which counts in the compute phase only.
ACCOUNT_DELAY = 3
#: PEs of compute phases that are looked at together; more of them save no time.
TOGETHER = 256
#: Slots of the groups that are held at a time, some 100 bytes each.
HELD = 2_000_000
#: Names of the PERF registers behind those of the socket, and what they count.
OWN_COUNTERS = (
    ("halo_words", "partial sums sent to a neighbour"),
    ("fifo_reads", "vectors read from the weight FIFOs"),
    ("fifo_writes", "vectors written into the weight FIFOs"),
    ("skips", "blocks that a PE had not to look at"),
    ("merged", "products added to another one of their step"),
    ("stall_ppu", "cycles in which all PEs waited for the results of the group before"),
    ("carry_words", "partial sums taken over from and left for another chip tile"),
)
#: What this design has not got.
_NEVER = ("bypass_hits",)


def cycles(program: Program, config: ScnnConfig) -> list[PassCycles]:
    """Predict every pass of a compiled program, in order.

    Raises ValueError for a program of another design.
    """
    if program.design != "scnn":
        raise ValueError(f"program: found design {program.design!r}, need 'scnn'")
    machine, passes = Machine(config), program.passes
    size = max(1, TOGETHER // config.pes)
    return [
        one for at in range(0, len(passes), size) for one in _some(machine, passes[at : at + size])
    ]


def _some(machine: Machine, passes: Sequence[Pass]) -> list[PassCycles]:
    """Passes that follow each other, their compute phases side by side."""
    config = machine.config
    geos = [Geometry.of(item.cfg) for item in passes]
    ran = [machine.run(item) for item in passes]
    tasks = [(work, geo) for (work, _, _), geo in zip(ran, geos, strict=True) if work is not None]
    found = iter(computed(tasks, config))
    made = []
    for (work, words, moved), geo in zip(ran, geos, strict=True):
        counters = {
            "wgt_writes": moved.wgt_writes,
            "idx_writes": moved.idx_writes,
            "act_writes": moved.act_writes,
        }
        busy = np.zeros(config.pes, dtype=np.int64)
        slots = dict.fromkeys(SLOT_COUNTERS, busy)
        if work is not None:
            counted, busy, slots = next(found)
            counters |= counted | {"carry_words": _carried(geo, config)}
        else:
            counters |= dict.fromkeys((*_COMPUTED, "carry_words"), 0)
        counters |= dict.fromkeys(_NEVER, 0)
        results = None if words is None else unpack_lanes(words, 16)
        made.append(
            PassCycles(
                counters["cycles_compute"],
                counters,
                busy,
                slots["useful"],
                results,
                moved.output,
                slots,
            )
        )
    return made


def _carried(geo: Geometry, config: ScnnConfig) -> int:
    """Carried words that the drains read and write."""
    found = geo.regions(config)
    return int(found.carry_in.sum() + found.carry_out.sum()) * geo.channels


#: Counters of a compute phase; int64 [PEs] slots of steps, and slots by account.
Computed = tuple[dict[str, int], Ints, dict[str, Ints]]


def computed(tasks: Sequence[tuple[Work, Geometry]], config: ScnnConfig) -> list[Computed]:
    """What the compute phases of several passes count, in order."""
    if not tasks:
        return []
    touched = [touch(work.blocks, work.acts, geo) for work, geo in tasks]
    sums = [
        Sums.of(work.blocks, work.acts, found, geo, config)
        for (work, geo), found in zip(tasks, touched, strict=True)
    ]
    # Slots of a group, on average: what the clock holds of each phase.
    sizes = [
        int(one.steps.sum() + one.nulls.sum()) // max(1, geo.num_groups)
        for one, (_, geo) in zip(sums, tasks, strict=True)
    ]
    made: list[Computed] = []
    for of in side_by_side(sizes):
        made += _clocked(tasks[of], touched[of], sums[of], config)
    return made


def side_by_side(sizes: Sequence[int], most: int = HELD) -> Iterator[slice]:
    """Phases that follow each other, as many at a time as have ``most`` slots, all as many as the
    largest of them; at least one.

    >>> [(one.start, one.stop) for one in side_by_side([3, 4, 9, 1], 8)]
    [(0, 2), (2, 3), (3, 4)]
    """
    start, largest = 0, 0
    for at, size in enumerate(sizes):
        largest = max(largest, size)
        if at > start and largest * (at + 1 - start) > most:
            yield slice(start, at)
            start, largest = at, size
    yield slice(start, len(sizes))


def _clocked(
    tasks: Sequence[tuple[Work, Geometry]],
    touched: Sequence[Touch],
    sums: Sequence[Sums],
    config: ScnnConfig,
) -> Iterator[Computed]:
    """The same of phases that go side by side."""
    groups, phases = [], []
    for (work, geo), found in zip(tasks, touched, strict=True):
        group = GroupWork(work.blocks, work.acts, found, work.offsets, geo, config)
        walks = [geo.walk(number) for number in range(geo.num_groups)]
        groups.append(group)
        phases.append(Phase(feed(work.blocks, found, config), group.slots, walks))
    times = Clock(config, phases).run()
    for (_, geo), group, one, done in zip(tasks, groups, times, sums, strict=True):
        slots = _slots(done, one, config)
        counters = _counters(done, one, group.merged, geo, config)
        counters |= {SLOT_COUNTERS[account]: int(each.sum()) for account, each in slots.items()}
        yield counters, done.steps * config.lanes, slots


class Sums:
    """What a compute phase does, whenever it does it; arrays int64 [PEs]."""

    def __init__(self, **values: Ints) -> None:
        self.macs, self.present = values["macs"], values["present"]
        self.steps, self.nulls = values["steps"], values["nulls"]
        self.fifo_reads, self.fifo_writes = values["fifo_reads"], values["fifo_writes"]
        self.act_reads, self.skips = values["act_reads"], values["skips"]
        self.rows = values["rows"]

    @classmethod
    def of(
        cls, blocks: Blocks, acts: Acts, found: Touch, geo: Geometry, config: ScnnConfig
    ) -> Sums:
        """Count."""
        entries = np.where(found.works, found.acts, 0)
        subs = -(-entries // (config.i >> geo.shape))
        walk = -(-blocks.vectors // (1 << geo.shape))
        owner = np.repeat(np.arange(blocks.count.size), blocks.count)
        live = np.bincount(owner[blocks.value != 0], minlength=blocks.count.size)
        channel = np.minimum(blocks.channel, geo.c - 1)
        macs = (np.where(found.works, acts.useful[:, channel], 0) * live).sum(axis=1)
        return cls(
            macs=macs,
            present=(entries * blocks.count).sum(axis=1),
            steps=(subs * walk).sum(axis=1),
            nulls=found.null.sum(axis=1),
            fifo_reads=(subs * blocks.vectors).sum(axis=1),
            fifo_writes=(found.works * blocks.vectors).sum(axis=1),
            act_reads=(-(-entries // config.i)).sum(axis=1),
            skips=(~found.works & (blocks.end == 0)).sum(axis=1),
            rows=np.array([len(blocks.of_slot)]),
        )


def _slots(sums: Sums, times: Times, config: ScnnConfig) -> dict[str, Ints]:
    """Slots of each PE by account, int64 [PEs]."""
    lanes = config.lanes
    found = {
        "useful": sums.macs,
        "padding": sums.present - sums.macs,
        "empty": (sums.steps + sums.nulls) * lanes - sums.present,
        "bank": times.stall_bank * lanes,
        "sync": (times.stall_sync - ACCOUNT_DELAY) * lanes,
    }
    taken: Ints = np.sum(list(found.values()), axis=0)
    return found | {"input": times.cycles * lanes - taken}


def _counters(
    sums: Sums, times: Times, merged: int, geo: Geometry, config: ScnnConfig
) -> dict[str, int]:
    pes, rows, macs = config.pes, int(sums.rows[0]), int(sums.macs.sum())
    return {
        "cycles_compute": times.cycles,
        "mac_slots": times.cycles * config.multipliers,
        "stall_queue_full": times.queue_full,
        "wgt_reads": rows,
        "broadcasts": rows,
        "idx_reads": rows * pes,
        "act_reads": int(sums.act_reads.sum()),
        "psum_reads": macs - merged,
        "psum_writes": macs - merged,
        "halo_words": geo.halo_words(config) * geo.num_groups,
        "fifo_reads": int(sums.fifo_reads.sum()),
        "fifo_writes": int(sums.fifo_writes.sum()),
        "skips": int(sums.skips.sum()),
        "merged": merged,
        "stall_ppu": times.stall_ppu,
    }


#: Counters of a compute phase.
_COMPUTED = (
    "cycles_compute", "mac_slots", "mac_useful", "slot_padding", "slot_empty", "stall_bank",
    "stall_sync", "stall_queue_full", "wgt_reads", "broadcasts", "idx_reads", "act_reads",
    "psum_reads", "psum_writes", "halo_words", "fifo_reads", "fifo_writes", "skips", "merged",
    "stall_ppu", "stall_input",
)  # fmt: skip
