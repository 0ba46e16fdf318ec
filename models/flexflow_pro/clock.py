"""When everything happens in a compute phase of FlexFlow-Pro: "Cycles" of the contract.

All PEs at once, result by result; the rules are those of ``rtl/flexflow_pro/README.md``. A result
takes a PE a cycle at least, so that a row never has two sums to fire in one cycle, nor a column two
windows to give back.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.flexflow_pro.config import FlexflowProConfig
from models.flexflow_pro.geometry import Geometry
from models.flexflow_pro.timing import END, FIRE, FIRST, RELEASE

Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Times:
    """What the clock found.

    cycles  of the phase
    sync    int64 [Rows, Cols], cycles in which a PE holds a result that its FIFO has no room for
    full    int64 [Cols], cycles in which a column waits for room in its ring
    fires   int64 [RES, Rows], cycle in which the tree of a row takes a result
    """

    cycles: int
    sync: Ints
    full: Ints
    fires: Ints


def clock(
    work: NDArray[np.integer],
    bus: Ints,
    geo: Geometry,
    config: FlexflowProConfig,
    relaxed: bool = True,
) -> Times:
    """Times of a phase.

    work  [RES, Rows, Cols] cycles of each result in each PE
    bus   [LINES*LINE, Cols] cycles of each slice on each bus
    """
    results, rows, cols = work.shape
    feed = _Feed(bus.astype(np.int64), geo)
    fires = np.zeros((results, rows), dtype=np.int64)
    last = np.full((rows, cols), -1, dtype=np.int64)
    sync = np.zeros((rows, cols), dtype=np.int64)
    ends = work.astype(np.int64)
    depth = config.fifo_depth
    for window in range(geo.all_windows):
        there = feed.window(window)
        if not relaxed:
            there = there.max()
        np.maximum(last, there, out=last)
        for r in range(window * geo.maps, (window + 1) * geo.maps):
            end = ends[r]
            end += last
            if r >= depth:
                last = np.maximum(end, fires[r - depth, :, None] + 1)
                sync += last
                sync -= end
            else:
                last = end
            fires[r] = last.max(axis=1) + FIRE
        feed.release(window, last.max(axis=0) + RELEASE)
    return Times(int(fires[-1].max()) + END, sync, feed.full, fires)


class _Feed:
    """The buses of all columns."""

    def __init__(self, bus: Ints, geo: Geometry) -> None:
        self.bus = bus
        self.ends = geo.ends().tolist()
        #: Window that must be given back before a slice can be sent, -1: none.
        room = np.arange(1, len(bus) + 1) - geo.ring
        self.needs = np.where(room > 0, np.searchsorted(geo.released(), room), -1).tolist()
        self.sent = np.full(bus.shape[1], FIRST - 1, dtype=np.int64)
        self.full = np.zeros(bus.shape[1], dtype=np.int64)
        self.free = np.zeros((geo.all_windows, bus.shape[1]), dtype=np.int64)
        self.next = 0

    def window(self, window: int) -> Ints:
        """Last bus cycle of a window, for each column."""
        for at in range(self.next, self.ends[window]):
            if (need := self.needs[at]) >= 0:
                begin = np.maximum(self.sent, self.free[need] - 1)
                self.full += begin - self.sent
                self.sent = begin
            self.sent = self.sent + self.bus[at]
        self.next = self.ends[window]
        return self.sent

    def release(self, window: int, cycle: Ints) -> None:
        """Slices of a window are given back: b(j, n)."""
        self.free[window] = cycle
