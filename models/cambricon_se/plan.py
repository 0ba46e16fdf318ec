"""How a layer is laid out: what a piece is, and what a pass has of outputs, groups and pieces.

The kind of pieces is that with the fewest cycles of computing, as the clock finds them on a sample
of groups and pixels; among those about as fast, and for the size of the passes, the words count
that have to be loaded.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from models.array.lowering import spans
from models.array.problem import Lowered, Span
from models.cambricon_se import registers
from models.cambricon_se.clock import in_a_row, paces
from models.cambricon_se.config import CambriconSeConfig
from models.cambricon_se.lists import Entries, entries_of, lists_of
from models.cambricon_se.lowering import Block, Problem, kinds
from models.cambricon_se.machine import work_of
from models.cambricon_se.timing import END, FIRST

Ints = NDArray[np.int64]

#: Groups and pixels of a sample; kinds within this of the fastest are chosen by what they load.
_GROUPS, _PIXELS, _NEAR = 4, 256, 1.03
#: Cycles of a pass beside vectors and words, about.
_PASS = FIRST + END + 24


@dataclass(frozen=True)
class Cut:
    """Sizes of the passes: outputs (P, Q) of a block, windows of a slice, groups of a core; all at
    most. words: what is loaded, with the cycles of passes as such.
    """

    size: tuple[int, int]
    windows: int
    rounds: int
    words: float


class Layout:
    """A layer in pieces of a kind, before it is cut.

    windows   of a slice; each: pieces of a window, the last one may have fewer
    """

    def __init__(
        self, problem: Problem, allowed: tuple[int, ...], config: CambriconSeConfig
    ) -> None:
        self.problem, self.allowed, self.config = problem, allowed, config
        self.windows = -(-problem.pieces // config.window)
        self.each = -(-problem.pieces // self.windows)
        self.groups = -(-len(problem.kernels) // config.pes)

    @property
    def rounds(self) -> int:
        """Groups of a core in a pass, at most."""
        p, q = self.cut.size
        return min(self.config.acc_depth // (p * q), self.config.bias_depth)

    def pieces(self, part: Span) -> Ints:
        """Pieces of some windows: int64 [windows, Window], -1 where there is none."""
        at = np.arange(part[0], part[1])[:, None] * self.each + np.arange(self.config.window)
        inside = (np.arange(self.config.window) < self.each) & (at < self.problem.pieces)
        return np.where(inside, at, -1)

    def entries(self, group: int, part: Span) -> Entries:
        """The list of a group; places are (tap down, across, window of the part) as one number."""
        config, problem = self.config, self.problem
        kernels = problem.kernels[group * config.pes : (group + 1) * config.pes]
        pieces = self.pieces(part)
        found = np.where(pieces >= 0, kernels[..., np.maximum(pieces, 0)], 0)
        found = found.reshape(len(kernels), -1, config.window).transpose(1, 0, 2)
        missing = config.pes - len(kernels)
        found = np.pad(found, ((0, 0), (0, missing), (0, 0)))
        return entries_of(found, self.allowed, config)

    def sizes(self, part: Span) -> Ints:
        """Entries of each group: int64 [groups]."""
        return np.array([len(self.entries(group, part)) for group in range(self.groups)])

    @cached_property
    def sample(self) -> Block:
        """Outputs in the middle of the layer."""
        _, lines, pixels = self.problem.out
        across = min(pixels, _PIXELS)
        down = min(lines, max(1, _PIXELS // across))
        line, pixel = (lines - down) // 2, (pixels - across) // 2
        return Block(0, (line, line + down), (pixel, pixel + across))

    def flags(self, block: Block, part: Span) -> NDArray[np.bool_]:
        """Whether neurons are not 0: bool [outputs, places, Window]."""
        values = self.problem.values(self.pieces(part), block) != 0
        height, width = self.problem.placed(block.size)
        slices = values.reshape(height * width, -1, self.config.window)
        found = slices[self.slices(block.size)]  # [outputs, taps, windows, Window]
        return found.reshape(len(found), -1, self.config.window)

    def slices(self, size: tuple[int, int]) -> Ints:
        """Slices of a block that each output needs: int64 [outputs, taps]."""
        step, width = max(self.problem.step), self.problem.placed(size)[1]
        origin = np.arange(size[0])[:, None] * step * width + np.arange(size[1]) * step
        return origin.reshape(-1, 1) + self.taps(size)

    def taps(self, size: tuple[int, int]) -> Ints:
        """Slices from an output's first one to each tap: int64 [taps]."""
        width = self.problem.placed(size)[1]
        down, across = (np.arange(number) for number in self.problem.taps)
        found: Ints = (down[:, None] * width + across).ravel()
        return found

    @cached_property
    def cycles(self) -> float:
        """Cycles of computing, about, of all cores: by the clock on a sample."""
        part = 0, self.windows
        flags = self.flags(self.sample, part)
        some = np.unique(np.linspace(0, self.groups - 1, _GROUPS).astype(int)).tolist()
        groups = [self.entries(group, part).or_none() for group in some]
        lists = lists_of(groups)
        work = work_of(flags[:, lists.rows], lists, self.config)
        spent = in_a_row(
            paces(work.counts, work.sizes, self.config.lanes, self.config.selector), work.order
        )
        outputs = int(np.prod(self.problem.out))
        return spent.cycles / work.order.size * outputs * self.groups

    def order(self, part: Span) -> Ints:
        """Groups by the work that is to be expected, in turn for cores: those of a round have about
        as much, and it is dealt out to and fro.
        """
        cores = self.config.cores
        order = np.arange(self.groups)
        if not self.config.balance or cores == 1:
            return order
        live = self.flags(self.sample, part).mean(axis=0)
        order = np.argsort(
            [-self._load(group, part, live) for group in range(self.groups)], kind="stable"
        )
        for at in range(cores, self.groups, 2 * cores):
            order[at : at + cores] = order[at : at + cores][::-1]
        return order

    def _load(self, group: int, part: Span, live: NDArray[np.float64]) -> float:
        entries, lanes = self.entries(group, part), self.config.lanes
        if self.config.per_pe:
            need = entries.masks.sum(axis=2).max(axis=1, initial=0)
        else:
            need = (entries.masks[:, 0] * live[entries.place]).sum(axis=1)
        return float(np.maximum(need / lanes, 1).sum())

    @property
    def possible(self) -> bool:
        """Whether the build can hold what an output needs of a window."""
        return next(self._blocks(1), None) is not None

    @cached_property
    def cut(self) -> Cut:
        """The passes that load the fewest words."""
        return min(self._cuts(), key=lambda one: one.words)

    def _cuts(self) -> Iterator[Cut]:
        config = self.config
        samples, lines, pixels = self.problem.out
        numbers = sorted({-(-self.windows // parts) for parts in range(1, self.windows + 1)})
        lengths = self.sizes((0, self.windows))
        total = int(lengths.sum())
        for windows in reversed(numbers):
            if windows > registers.KERNEL_CB.most:
                continue
            parts = -(-self.windows // windows)
            for size in self._blocks(windows):
                height, width = self.problem.placed(size)
                rounds = min(
                    config.acc_depth // (size[0] * size[1]),
                    config.bias_depth,
                    max(1, int(config.list_depth * parts / max(1.0, lengths.mean()))),
                    -(-self.groups // config.cores),
                )
                rows = height * width * windows
                act = rows * (config.window // 4) * parts
                words = config.entry_words + config.pes * config.code_words
                wgt = total * (words + config.pes * config.mask_words * config.per_pe)
                blocks = samples * -(-lines // size[0]) * -(-pixels // size[1])
                sets = -(-self.groups // (rounds * config.cores))
                if parts > 1:
                    loads = blocks * (sets * act + wgt)
                else:
                    loads = min(blocks * act + (blocks if sets > 1 else 1) * wgt,
                                sets * blocks * act + wgt)  # fmt: skip
                yield Cut(size, windows, rounds, loads + blocks * sets * parts * _PASS)

    def _blocks(self, windows: int) -> Iterator[tuple[int, int]]:
        """Sizes of blocks: whole lines, or a part of one where that is too long."""
        _, lines, pixels = self.problem.out
        fits = [n for n in _even(lines) if self._fits((n, pixels), windows)]
        for size in fits:
            yield size, pixels
        if fits:
            return
        size = min(pixels, self.config.acc_depth)
        while size and not self._fits((1, size), windows):
            size -= 1
        while size:
            yield 1, -(-pixels // -(-pixels // size))
            size //= 2

    def _fits(self, size: tuple[int, int], windows: int) -> bool:
        height, width = self.problem.placed(size)
        return (
            height * width * windows <= self.config.act_depth
            and size[0] * size[1] <= self.config.acc_depth
            and max(height, width, *size) <= registers.IN_SIZE_H.most
        )


def _even(total: int) -> list[int]:
    """Sizes of ``total`` in 1, 2, 3 ... pieces of about the same size.

    >>> _even(7)
    [7, 4, 3, 2, 1]
    """
    found = [total]
    while found[-1] > 1:
        found.append(-(-total // -(-total // (found[-1] - 1))))
    return found


def choose(low: Lowered, allowed: tuple[int, ...], config: CambriconSeConfig) -> Layout:
    """The layout that the layer gets.

    Raises ValueError when the neuron buffer does not hold a window of all that an output needs.
    """
    layouts = []
    for kind in kinds(low, config.kind):
        layout = Layout(Problem.of(low, kind), allowed, config)
        if layout.possible:
            layouts.append(layout)
    if not layouts:
        raise ValueError(
            f"act_depth: found {config.act_depth}, too few rows for an output of layer '{low.name}'"
        )
    if len(layouts) == 1:
        return layouts[0]
    best = min(layout.cycles for layout in layouts)
    if config.loads:
        return min(layouts, key=lambda layout: layout.cycles + layout.cut.words)
    near = [layout for layout in layouts if layout.cycles <= _NEAR * best]
    return min(near, key=lambda layout: layout.cut.words)


def blocks(layout: Layout) -> list[Block]:
    """All outputs, in order."""
    samples, lines, pixels = layout.problem.out
    size = layout.cut.size
    return [
        Block(sample, down, across)
        for sample in range(samples)
        for down in spans(lines, size[0])
        for across in spans(pixels, size[1])
    ]
