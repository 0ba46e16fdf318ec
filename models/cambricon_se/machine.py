"""What a program does to Cambricon-SE, pass by pass: memories, survivors, sums, results.

It reads registers and packets as the RTL does, not the layer. Only good programs are followed; a
list that leaves its memory or the block raises IndexError, a sum that leaves the accumulator
OverflowError.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.cambricon_se.config import CambriconSeConfig, Selector
from models.cambricon_se.geometry import Geometry
from models.cambricon_se.packets import (
    BOOK,
    activations,
    biases_of,
    books_of,
    codes_of,
    entries_of,
    masks_of,
)
from models.cambricon_se.reader import Reader
from models.cambricon_se.registers import Kind, Mode
from models.fixed import fits, requant
from models.program import Pass

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Work:
    """What a core has to do in a compute phase.

    counts   survivors as ``clock.paces`` takes them, [outputs, windows, n], filled up with 0;
             PER_PE: [groups, windows, PEs], as all pixels of a group are alike
    sizes    int64 [outputs or groups], windows of each
    order    int64 [outputs], which of them, in turn
    taken    int64 [PEs], survivors; useful: those whose product has no operand of 0
    windows  that enter; empty: those without a survivor
    """

    counts: Ints
    sizes: Ints
    order: Ints
    taken: Ints
    useful: Ints
    windows: int
    empty: int


@dataclass(frozen=True, eq=False)
class Lists:
    """The lists of the groups of a core as far as a pass walks them.

    place   int64 [entries], place of the entry's row in ``rows``; rows: offsets, each once
    sizes   int64 [groups], entries of each
    masks   bool [PEs or 1, entries, Window]
    weights int64 [PEs, entries, Window], 0 where there is no mask bit
    """

    place: Ints
    rows: Ints
    sizes: Ints
    masks: Bools
    weights: Ints

    @property
    def starts(self) -> Ints:
        """First entry of each group."""
        found: Ints = np.cumsum(self.sizes) - self.sizes
        return found


def ranks(masks: Bools, config: CambriconSeConfig) -> Ints:
    """Number of the code of every position: bool [..., Window] -> int64, of any value where there
    is no mask bit.

    >>> masks = np.array([[1, 0, 1, 1, 0, 1, 1, 1]], dtype=bool)
    >>> build = CambriconSeConfig(lanes=2, window=8, code_row=8)
    >>> ranks(masks, build)[masks].tolist(), ranks(masks, build.natural())[masks].tolist()
    ([0, 1, 2, 3, 4, 5], [0, 1, 4, 5, 2, 6])
    """
    if config.selector != Selector.NATURAL:
        found: Ints = np.cumsum(masks, axis=-1) - 1
        return found
    lanes = config.lanes
    by_lane = masks.reshape(*masks.shape[:-1], config.window // lanes, lanes)
    inside = np.cumsum(by_lane, axis=-2) - 1
    found = inside + np.arange(lanes) * (config.code_row // lanes)
    return found.reshape(masks.shape)


class Machine:
    """The state of one accelerator between passes.

    loaded  accesses of the last pass by counter: codes and entries written
    reader  of its weight packets
    """

    def __init__(self, config: CambriconSeConfig) -> None:
        self.config = config
        cores, pes, depth = config.cores, config.pes, config.list_depth
        self.offsets = np.zeros((cores, depth), dtype=np.int64)
        self.regions = np.zeros((cores, depth), dtype=np.int64)
        self.last = np.zeros((cores, depth), dtype=bool)
        sets = pes if config.per_pe else 1
        self.masks = np.zeros((cores, sets, depth, config.window), dtype=bool)
        self.codes = np.zeros((cores, pes, depth, config.code_row), dtype=np.int64)
        self.books = np.zeros((cores, config.regions, BOOK), dtype=np.int64)
        self.bias = np.zeros((cores, pes, config.bias_depth), dtype=np.int64)
        self.act = np.zeros((config.act_depth, config.window), dtype=np.int64)
        self.acc = np.zeros((cores, config.acc_depth, pes), dtype=np.int64)
        self.loaded: dict[str, int] = {}
        self.reader = Reader(config)

    def run(self, item: Pass) -> tuple[list[Work | None] | None, Ints | None]:
        """Execute one pass: (what each core computes, None without a group; results
        [GROUPS*P*Q, Pes] if it outputs).
        """
        geo = Geometry.of(item)
        config = self.config
        names = ("wgt_writes", "idx_writes", "act_writes", "words_in", "words_wgt")
        self.loaded = dict.fromkeys(names, 0)
        if item.wgt is not None:
            self._load(item)
            self.loaded["words_wgt"] = item.wgt.size - 1
        if item.act is not None:
            block = activations(item.act, geo.rows, bool(geo.mode & Mode.PACKED_IN), config)
            self.act[: geo.rows] = block
            self.loaded["act_writes"] = block.size * config.cores
            self.loaded["words_in"] = item.act.size - 1
        works = None
        if geo.mode & Mode.COMPUTE:
            works = [self._compute(core, geo) for core in range(config.cores)]
        if not geo.mode & Mode.OUTPUT:
            return works, None
        return works, self._results(geo)

    def _results(self, geo: Geometry) -> Ints:
        cores, pixels = self.config.cores, geo.pixels
        parts = [
            self.acc[g % cores, g // cores * pixels : (g // cores + 1) * pixels]
            for g in range(geo.groups)
        ]
        relu = bool(geo.mode & Mode.RELU)
        return requant(np.concatenate(parts), geo.shift, self.config.act_width, relu)

    def _load(self, item: Pass) -> None:
        config = self.config
        for part in self.reader.sections(item):
            core, pe = divmod(part.pe, config.pes)
            at = slice(part.base, part.base + part.count)
            if part.kind == Kind.LIST:
                self.offsets[core, at], masks, self.regions[core, at], self.last[core, at] = (
                    entries_of(part, config.window)
                )
                if not config.per_pe:
                    self.masks[core, 0, at] = masks
                self.loaded["idx_writes"] += part.count
            elif part.kind == Kind.MASK:
                self.masks[core, pe, at] = masks_of(part, config.window)
                self.loaded["idx_writes"] += part.count
            elif part.kind == Kind.CODES:
                self.codes[core, pe, at] = codes_of(part, config.code_row)
                self.loaded["wgt_writes"] += part.count * config.code_row
            elif part.kind == Kind.BOOK:
                self.books[core, at] = books_of(part)
            elif part.kind == Kind.BIAS:
                self.bias[core, pe, at] = biases_of(part)[: part.count]

    def lists(self, core: int, geo: Geometry) -> Lists:
        """What a core walks, decoded."""
        config = self.config
        ends = np.flatnonzero(self.last[core]) + 1
        groups = geo.groups_of(core, config.cores)
        if len(ends) < groups:
            raise IndexError(f"lists: core {core} has {len(ends)} in its memory, needs {groups}")
        ends = ends[:groups]
        used = slice(0, int(ends[-1]))
        rows, place = np.unique(self.offsets[core, used], return_inverse=True)
        masks = self.masks[core, :, used]
        codes = np.take_along_axis(
            self.codes[core, :, used],
            np.clip(ranks(masks, config), 0, config.code_row - 1)
            .astype(np.int64)
            .repeat(config.pes // len(masks), axis=0),
            axis=2,
        )
        regions = self.regions[core, used]
        if geo.mode & Mode.CODE4:
            weights = self.books[core][regions[:, None], codes & 0xF]
        else:
            shifted = codes << (self.books[core, regions, 0] & 0xF)[:, None]
            weights = (shifted + 0x8000 & 0xFFFF) - 0x8000  # the low 16 bits
        weights = np.where(masks, weights, 0)
        return Lists(place, rows, np.diff(ends, prepend=0), masks, weights)

    def _compute(self, core: int, geo: Geometry) -> Work | None:
        config = self.config
        groups = geo.groups_of(core, config.cores)
        if groups == 0:
            return None
        lists = self.lists(core, geo)
        rows = geo.origins()[:, None] + lists.rows
        if rows.max() >= geo.rows:
            raise IndexError(f"lists: core {core} reads row {rows.max()}, there are {geo.rows}")
        acts = self.act[rows]  # [pixels, rows, Window]
        self._sum_up(core, acts, lists, geo)
        return work_of(acts != 0, lists, config)

    def _sum_up(self, core: int, acts: Ints, lists: Lists, geo: Geometry) -> None:
        """All rows of the block at once: the order does not change a sum."""
        config = self.config
        groups, pixels = len(lists.sizes), geo.pixels
        dense = np.zeros((len(lists.rows), config.window, groups, config.pes))
        group = np.repeat(np.arange(groups), lists.sizes)
        for entry, (place, g) in enumerate(zip(lists.place, group, strict=True)):
            dense[place, :, g] += lists.weights[:, entry].T  # a row may have several entries
        # Products are below 2**31, a list has at most 2**16 of them for a weight: exact in float64.
        found = acts.reshape(pixels, -1).astype(np.float64) @ dense.reshape(-1, groups * config.pes)
        sums = np.rint(found).astype(np.int64).reshape(pixels, groups, config.pes)
        acc = self.acc[core, : groups * pixels].reshape(groups, pixels, config.pes)
        if not geo.mode & Mode.ACC_KEEP:
            acc[:] = 0
        if geo.mode & Mode.BIAS:
            acc += self.bias[core, :, :groups].T[:, None]
        acc += sums.transpose(1, 0, 2)
        if not fits(acc, config.acc_width):
            raise OverflowError(f"a sum leaves the {config.acc_width}-bit accumulator")


def work_of(flags: Bools, lists: Lists, config: CambriconSeConfig) -> Work:
    """The work of a core: flags bool [pixels, rows, Window]."""
    pixels, groups = len(flags), len(lists.sizes)
    live = flags.sum(axis=0)[lists.place]  # [entries, Window]
    useful = np.einsum("ew,pew->p", live, (lists.weights != 0).astype(np.int64))
    outputs = np.arange(groups * pixels)
    if config.per_pe:
        counts = lists.masks.sum(axis=2).T  # [entries, PEs]
        taken = pixels * counts.sum(axis=0)
        empty = pixels * int((~counts.any(axis=1)).sum())
        filled = _by_group(counts[:, None], lists)[:, :, 0]
        return Work(
            filled, lists.sizes, outputs // pixels, taken, useful, pixels * len(counts), empty
        )
    counts = survivors(flags, lists, config)  # [entries, pixels, n]
    taken = np.full(config.pes, counts.sum())
    empty = int((~counts.any(axis=2)).sum())
    filled = _by_group(counts, lists).transpose(0, 2, 1, 3)  # [groups, pixels, windows, n]
    filled = filled.reshape(-1, *filled.shape[2:])
    sizes = np.repeat(lists.sizes, pixels)
    return Work(filled, sizes, outputs, taken, useful, pixels * len(counts), empty)


def survivors(flags: Bools, lists: Lists, config: CambriconSeConfig) -> Ints:
    """Survivors of each entry and pixel: int64 [entries, pixels, n], n as in ``clock.paces``."""
    lanes = config.lanes if config.selector == Selector.NATURAL else 1
    pixels, entries = len(flags), len(lists.place)
    masks = lists.masks[0].astype(np.float32).reshape(entries, -1, lanes)
    have = flags.astype(np.float32).reshape(*flags.shape[:2], -1, lanes)
    found = np.zeros((entries, pixels, lanes), dtype=np.int64)
    for at in range(flags.shape[1]):
        some = np.flatnonzero(lists.place == at)
        part = masks[some].transpose(2, 0, 1) @ have[:, at].transpose(2, 1, 0)
        found[some] = np.rint(part).astype(np.int64).transpose(1, 2, 0)
    return found


def _by_group(counts: Ints, lists: Lists) -> Ints:
    """[entries, any...] -> [groups, windows, any...], 0 behind the last of a group."""
    found = np.zeros((len(lists.sizes), int(lists.sizes.max()), *counts.shape[1:]), counts.dtype)
    group = np.repeat(np.arange(len(lists.sizes)), lists.sizes)
    found[group, np.arange(len(counts)) - lists.starts[group]] = counts
    return found
