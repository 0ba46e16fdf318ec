"""In which order the passes of a layer come, and what their streams carry.

Passes differ in a block of windows, a group of output maps and a part of the reduction. Parts are
the innermost loop, as accumulators keep one block of one group only. The loops turn back at their
ends: the pass behind a turn finds one store as it needs it.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from functools import partial

from models.flexflow_pro.layout import Layout

#: Number of the block, of the group of maps, of the part of the reduction.
Place = tuple[int, int, int]


class Held:
    """What the stores hold from pass to pass."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.stores: dict[str, Hashable] = {}

    def lacks(self, place: Place) -> tuple[bool, bool]:
        """Whether a pass lacks its weights, its activations; both are there behind it."""
        block, group, part = place
        columns = 0 if self.layout.same_columns else group
        return self._lacks("wgt", (group, part)), self._lacks("act", (block, columns, part))

    def _lacks(self, store: str, key: Hashable) -> bool:
        missing = self.stores.get(store) != key
        self.stores[store] = key
        return missing


@dataclass(frozen=True)
class Streams:
    """Words of all packets of a layer; ``groups_first``: groups of maps are the outermost loop."""

    groups_first: bool
    wgt: int
    act: int
    out: int

    @property
    def words(self) -> int:
        """Of the three streams: cycles of all phases but the computing ones, a few aside."""
        return self.wgt + self.act + self.out


def places(layout: Layout, groups_first: bool) -> Iterator[Place]:
    """The passes in order."""
    blocks, groups = len(layout.blocks), len(layout.groups)
    pairs = _turning(groups, blocks) if groups_first else _turning(blocks, groups)
    for number, (outer, inner) in enumerate(pairs):
        parts = range(layout.mapping.passes)
        for part in parts if number % 2 == 0 else reversed(parts):
            yield (inner, outer, part) if groups_first else (outer, inner, part)


def _turning(outer: int, inner: int) -> Iterator[tuple[int, int]]:
    """Two loops, the inner one to and fro.

    >>> list(_turning(2, 3))
    [(0, 0), (0, 1), (0, 2), (1, 2), (1, 1), (1, 0)]
    """
    for first in range(outer):
        for second in range(inner) if first % 2 == 0 else reversed(range(inner)):
            yield first, second


def streams(layout: Layout) -> Streams:
    """The order with fewer words, and those words; blocks outermost where both have as many."""
    return min(map(partial(_of_order, layout), (False, True)), key=lambda one: one.words)


def _of_order(layout: Layout, groups_first: bool) -> Streams:
    config, mapping, problem = layout.config, layout.mapping, layout.problem
    held, wgt, act, out = Held(layout), 0, 0, 0
    sizes = [layout.shape(one) for one in layout.blocks]
    acts = [
        1 + config.cols * geo.lines * geo.line * mapping.cells * config.cell_words for geo in sizes
    ]
    maps = [len(one) for one in layout.groups]
    stores = [
        1 + config.multipliers * (1 + many * problem.taps * mapping.cells * config.cell_words)
        for many in maps
    ]
    biases = [0 if problem.bias is None else config.rows * (1 + -(-many // 2)) for many in maps]
    before = None
    for block, group, part in places(layout, groups_first):
        first = before != (block, group)
        before = block, group
        weights, cells = held.lacks((block, group, part))
        wgt += (stores[group] + (biases[group] if first else 0)) if weights else 0
        act += acts[block] if cells else 0
        out += sizes[block].all_windows * maps[group] * config.result_words if first else 0
    return Streams(groups_first, wgt, act, out)
