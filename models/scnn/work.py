"""The work of a pass as the clock wants it: what each row brings to a PE, slots of each group."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.scnn.blocks import Acts, Blocks
from models.scnn.clock import END, NULL, STEP, WAIT, Feed, Slots
from models.scnn.config import ScnnConfig
from models.scnn.geometry import Geometry
from models.scnn.registers import Mode

Ints = NDArray[np.int64]
#: Tables of many products: half the memory.
Small = NDArray[np.int32]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Touch:
    """Blocks and PEs: int64 or bool [PEs, blocks].

    acts    entries of the block's channel in the PE
    works   both have something; null: the block costs the PE a cycle and nothing else
    """

    acts: Ints
    works: Flags
    null: Flags


def touch(blocks: Blocks, acts: Acts, geo: Geometry) -> Touch:
    """Which blocks concern which PEs."""
    channels = acts.count.shape[1]
    entries = acts.count[:, np.minimum(blocks.channel, channels - 1)]
    works = (entries > 0) & (blocks.count > 0) & (blocks.end == 0)
    null = ~works & (blocks.end == 0) & bool(geo.mode & Mode.EMPTY_STEP)
    return Touch(entries, works, null)


def feed(blocks: Blocks, found: Touch, config: ScnnConfig) -> Feed:
    """What the rows bring: vectors, descriptors and the items that follow from them."""
    slot, there = blocks.of_slot, blocks.of_slot >= 0
    kept = found.works[:, slot] & there  # [PEs, rows, RowVectors]
    said = found.works | found.null | (blocks.end == 1)  # a descriptor: [PEs, blocks]
    closing = said[:, slot] & there & (blocks.closes == 1)
    number = np.where(found.works, -(-found.acts // config.i), 1)
    items: list[Ints] = []
    popped: list[Ints] = []
    for pe in range(config.pes):
        of_descriptor = number[pe, said[pe]]
        items.append(np.concatenate(([0], np.cumsum(of_descriptor))))
        done = np.repeat(np.arange(of_descriptor.size), of_descriptor)
        popped.append(np.append(done, of_descriptor.size))
    return Feed(
        kept.sum(axis=2).T.copy(),
        closing.sum(axis=2).T.copy(),
        np.concatenate(items),
        _starts(items),
        np.concatenate(popped),
        _starts(popped),
    )


def _starts(parts: list[Ints]) -> Ints:
    sizes = np.array([part.size for part in parts])
    return np.cumsum(sizes) - sizes


@dataclass(frozen=True, eq=False)
class _Walk:
    """Steps of one walk over each block of a group: tables [steps, Feff]."""

    first: Ints  # of a block
    number: Ints
    bank_k: Small  # part of the bank that the output channel says
    offset: Small  # to be added to a position
    skew: Small
    address: Small  # what tells accumulators of equal position apart: k
    useful: Flags


class GroupWork:
    """Makes the slots of a pass, group by group, in order; counts what merging saves."""

    def __init__(
        self, blocks: Blocks, acts: Acts, found: Touch, offsets: Ints, geo: Geometry,
        config: ScnnConfig,
    ) -> None:  # fmt: skip
        self.blocks, self.acts, self.found = blocks, acts, found
        self.offsets, self.geo, self.config = offsets, geo, config
        self.items = np.zeros(config.pes, dtype=np.int64)
        self.merged = 0
        self.position = acts.position.astype(np.int32)
        self.live = acts.value != 0
        bounds = np.flatnonzero(blocks.end) + 1
        self.bounds = np.concatenate(([0], bounds))

    def slots(self, group: int) -> Slots:
        """The slots of a group; to be asked for in order."""
        geo, config, acts = self.geo, self.config, self.acts
        lo, hi = self.bounds[group], self.bounds[group + 1] - 1  # without the end
        of = slice(lo, hi)
        walk = self._walk(lo, hi)
        works, null = self.found.works[:, of], self.found.null[:, of]
        entries = self.found.acts[:, of]
        wide = config.i >> geo.shape
        subs = -(-entries // wide)
        number = np.where(works, subs * walk.number, null)  # slots: [PEs, blocks]
        items = np.where(works, -(-entries // config.i), null)
        totals = number.sum(axis=1) + 2
        first = np.cumsum(totals) - totals
        size = int(totals.sum())
        # One line per slot with work: its PE and block, its number within them.
        flat = number.ravel()
        line = np.repeat(np.arange(flat.size), flat)
        within = np.arange(line.size) - (np.cumsum(flat) - flat)[line]
        pe, block = np.divmod(line, max(1, hi - lo))
        at = np.arange(line.size) + 2 * pe
        steps = np.maximum(walk.number, 1)[block]
        sub, step = np.divmod(within, steps)
        empty = null.ravel()[line]
        item = np.zeros(size, dtype=np.int64)
        item_of = (np.cumsum(items, axis=1) - items + self.items[:, None]).ravel()
        item[at] = item_of[line] + sub // (config.i // wide)
        kind = np.full(size, STEP, dtype=np.int64)
        kind[at[empty]] = NULL
        free = np.zeros(size, dtype=np.int64)
        closing = (within == flat[line] - 1) & ~empty
        free[at[closing]] = self.blocks.vectors[of][block[closing]]
        keys = np.full((size, config.lanes), config.pes * config.banks, dtype=np.int32)
        full = ~empty
        channel = self.blocks.channel[of][block[full]]
        lead = acts.start[pe[full], channel] + sub[full] * wide
        left = entries.ravel()[line[full]] - sub[full] * wide
        keys[at[full]] = self._keys(
            pe[full], walk, walk.first[block[full]] + step[full], lead, left
        )
        ends = first + totals - 2
        kind[ends], kind[ends + 1] = END, WAIT
        item[ends] = self.items + items.sum(axis=1)
        item[ends + 1] = item[ends] + 1
        self.items = item[ends + 1]
        return Slots(first, item, kind, free, keys)

    def _walk(self, lo: int, hi: int) -> _Walk:
        """Tables of the blocks lo .. hi - 1."""
        blocks, config = self.blocks, self.config
        per = 1 << self.geo.shape
        number = -(-blocks.vectors[lo:hi] // per)
        block = np.repeat(np.arange(lo, hi), number)
        first = np.cumsum(number) - number
        step = np.arange(block.size) - first[block - lo]
        vector = step[:, None] * per + np.arange(per)  # of the block
        there = vector < blocks.vectors[block][:, None]
        vector = np.where(there, vector + blocks.first_vector[block][:, None], 0)
        lanes = np.where(there, blocks.lanes[vector], 0)
        # Entries of a vector follow each other: its first one is the block's plus those before.
        before = np.cumsum(blocks.lanes) - blocks.lanes
        entry = before[vector][:, :, None] + np.arange(config.f)
        shape = block.size, per * config.f
        present = (np.arange(config.f) < lanes[:, :, None]).reshape(shape)
        entry = np.where(present, entry.reshape(shape), 0)
        if blocks.k.size == 0:
            zeros = np.zeros(entry.shape, dtype=np.int32)
            return _Walk(first, number, zeros, zeros, zeros, zeros, present)
        k = blocks.k[entry].astype(np.int32)
        offsets = self.offsets.astype(np.int32)
        return _Walk(
            first,
            number,
            (k & 3) * (config.banks // 4),
            offsets[np.minimum(blocks.tap[entry], self.offsets.size - 1)],
            3 * (k >> 2),
            k,
            present & (blocks.value[entry] != 0),
        )

    def _keys(self, pe: Ints, walk: _Walk, step: Ints, lead: Ints, left: Ints) -> Small:
        """Where the products of steps go: int32 [steps, lanes]."""
        config = self.config
        wide = config.i >> self.geo.shape
        lane = np.arange(wide)
        present = lane < left[:, None]
        entry = np.where(present, lead[:, None] + lane, 0)
        nowhere = config.pes * config.banks
        if self.live.size == 0 or walk.useful.size == 0:
            return np.full((step.size, config.lanes), nowhere, dtype=np.int32)
        live = (present & self.live[entry])[:, None, :] & walk.useful[step][:, :, None]
        position, offset = self.position[entry][:, None, :], walk.offset[step][:, :, None]
        if config.bank_map == 0 and not self.geo.mode & Mode.MERGE:
            # The usual case: what belongs to the weight is added up before.
            place, skew = position, offset + walk.skew[step][:, :, None]
        else:
            place, skew = position + offset, walk.skew[step][:, :, None]
        if self.geo.mode & Mode.MERGE:
            live = self._merge(live, place, walk.address[step])
        mask = np.int32(config.banks // 4 - 1)
        if config.bank_map == 0:
            low = (place + skew) & mask
        elif config.bank_map == 1:
            low = place & mask
        else:
            low = (place ^ place // (mask + 1) ^ skew) & mask
        first = walk.bank_k[step] + (pe * config.banks).astype(np.int32)[:, None]
        found: Small = np.where(live, low + first[:, :, None], np.int32(nowhere))
        return found.reshape(step.size, config.lanes)

    def _merge(self, live: Flags, place: Small, k: Small) -> Flags:
        """Of products for one accumulator only the first of a step goes on."""
        steps = len(live)
        lanes = self.config.lanes
        address = (place * self.config.max_kc + k[:, :, None]).reshape(steps, lanes)
        flat = live.reshape(steps, lanes)
        # Lanes without a product get addresses of their own.
        address = np.where(flat, address, -1 - np.arange(lanes))
        order = np.argsort(address, axis=1, kind="stable")
        ranked = np.take_along_axis(address, order, axis=1)
        repeats = np.zeros(flat.shape, dtype=bool)
        repeats[:, 1:] = ranked[:, 1:] == ranked[:, :-1]
        again = np.zeros(flat.shape, dtype=bool)
        np.put_along_axis(again, order, repeats, axis=1)
        self.merged += int(again.sum())
        return (flat & ~again).reshape(live.shape)
