"""The scatter crossbars of all PEs, cycle by cycle: lane FIFOs, grants, bank queues.

A product on its way is its key ``pe*banks + bank``; ``Crossbars.nowhere`` stands for no product.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.scnn.config import ScnnConfig

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

#: Lanes whose requests fit the mantissa of a float64 as bits.
_BITS = 52


class Crossbars:
    """State of the crossbars; all arrays flat, lane m of PE p at ``p*lanes + m``.

    copies  accelerators side by side: their PEs are numbered on
    """

    def __init__(self, config: ScnnConfig, copies: int = 1) -> None:
        self.pes, self.lanes = copies * config.pes, config.lanes
        self.depth, self.ahead = config.lane_depth, config.look_ahead
        self.grants, self.places = config.xbar_grants, config.bank_depth
        self.nowhere = self.pes * config.banks
        places = self.pes * config.lanes
        self.fifo = [np.full(places, self.nowhere) for _ in range(self.depth)]
        self.level = np.zeros(places, dtype=np.int8)
        self.queue = np.zeros(self.nowhere + 1, dtype=np.uint8)
        lane = np.arange(self.lanes)
        self.order = [np.tile((lane - first) % self.lanes, self.pes) for first in range(self.lanes)]
        if self.lanes <= _BITS:
            #: Requests of a bank, a bit for each lane.
            self.asks = np.dtype(np.int32 if self.lanes < 32 else np.int64)
            self.weight = [(1 << order).astype(np.float64) for order in self.order]
            self.ahead_of = [((1 << order) - 1).astype(self.asks) for order in self.order]

    def full(self) -> Flags:
        """Lanes that take nothing in this cycle."""
        found: Flags = np.greater_equal(self.level, self.depth)
        return found

    def busy(self) -> Flags:
        """PEs with a product in a lane or a queue: bool [PEs]."""
        lanes = np.any(self.level.reshape(self.pes, -1), axis=1)
        found: Flags = lanes | np.any(self.queue[:-1].reshape(self.pes, -1), axis=1)
        return found

    def cycle(self, turn: int, keys: Ints, pushing: Flags) -> None:
        """One cycle; ``keys`` of the lanes of steps that are handed on, where ``pushing``."""
        room = np.minimum(self.grants, self.places - self.queue)
        room[-1] = 0
        if self.ahead == 1:
            taken, total = self._grant(turn, self.fifo[0], room)
            self._shift(taken)
        else:
            taken, total = self._look_ahead(turn, room)
        self.queue -= self.queue > 0
        self.queue += total
        self.level -= taken
        push = pushing & (keys != self.nowhere)
        for place in range(self.depth):
            here = push & (self.level == place)
            np.copyto(self.fifo[place], keys, where=here)
        self.level += push

    def _shift(self, taken: Flags) -> None:
        """The first entry of these lanes leaves."""
        for place in range(self.depth - 1):
            np.copyto(self.fifo[place], self.fifo[place + 1], where=taken)
        np.putmask(self.fifo[-1], taken, self.nowhere)

    def _grant(self, turn: int, offers: Ints, room: Ints) -> tuple[Flags, Ints]:
        """(offers that go, how many go to each bank) of one round; ``room`` of the banks."""
        if self.lanes > _BITS:
            return self._grant_sorted(turn, offers, room)
        asking = np.bincount(offers, self.weight[turn], room.size).astype(self.asks)
        before = np.bitwise_count(asking.take(offers) & self.ahead_of[turn])
        return before < room.take(offers), np.minimum(np.bitwise_count(asking), room)

    def _grant_sorted(self, turn: int, offers: Ints, room: Ints) -> tuple[Flags, Ints]:
        """The same for any number of lanes."""
        by = np.argsort(offers * self.lanes + self.order[turn], kind="stable")
        sorted_offers = offers[by]
        asking = np.bincount(offers, minlength=room.size)
        first = np.cumsum(asking) - asking
        before = np.empty_like(offers)
        before[by] = np.arange(offers.size) - first[sorted_offers]
        return before < room[offers], np.minimum(asking, room).astype(np.uint8)

    def _look_ahead(self, turn: int, room: Ints) -> tuple[Flags, Ints]:
        """Rounds over the first entries of the lanes; those that go leave from anywhere."""
        gone = np.zeros(self.level.size, dtype=bool)
        where = np.zeros(self.level.size, dtype=np.int64)
        total = np.zeros_like(room)
        for ahead in range(self.ahead):
            offers = np.where(gone, self.nowhere, self.fifo[ahead])
            taken, number = self._grant(turn, offers, room)
            total += number
            room -= number
            where[taken] = ahead
            gone |= taken
        for place in range(self.depth):
            behind = self.fifo[place + 1] if place + 1 < self.depth else self.nowhere
            np.copyto(self.fifo[place], behind, where=gone & (where <= place))
        return gone, total
