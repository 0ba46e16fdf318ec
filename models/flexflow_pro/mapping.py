"""Ways to lay a layer out on the array, and the blocks of windows that follow from one."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping as Mapping_
from dataclasses import dataclass, replace

from models.array.lowering import spans
from models.flexflow_pro import registers
from models.flexflow_pro.config import FlexflowProConfig
from models.flexflow_pro.geometry import Geometry
from models.flexflow_pro.lowering import Problem


@dataclass(frozen=True)
class Block:
    """Lines and windows of a pass: [first, last)."""

    lines: tuple[int, int]
    windows: tuple[int, int]


@dataclass(frozen=True)
class Mapping:
    """How a layer is laid out.

    kind        of ``config.KINDS``
    maps, groups_log, cells   of the registers; the last group of maps may have fewer
    passes      of the reduction
    lines, windows   of a block, at most
    """

    kind: str
    maps: int
    groups_log: int
    cells: int
    passes: int
    lines: int
    windows: int

    @property
    def groups(self) -> int:
        """Groups of pixels."""
        return 1 << self.groups_log

    def all_windows(self, problem: Problem) -> int:
        """Windows of a line of the layer."""
        return -(-problem.pixels // self.groups)

    def blocks(self, problem: Problem) -> list[Block]:
        """The blocks of the layer, as even as can be."""
        return [
            Block(lines, windows)
            for lines in _even(problem.lines, self.lines)
            for windows in _even(self.all_windows(problem), self.windows)
        ]


def _even(total: int, most: int) -> list[tuple[int, int]]:
    """``total`` in as few pieces as can be, of about the same size.

    >>> _even(7, 3)
    [(0, 3), (3, 6), (6, 7)]
    >>> _even(13, 9)
    [(0, 7), (7, 13)]
    """
    return spans(total, -(-total // -(-total // most)))


def mappings(
    problems: Mapping_[str, Problem], filters: int, config: FlexflowProConfig
) -> Iterator[Mapping]:
    """All that the build can run and that may be worth it; ``problems`` by kind."""
    for kind, problem in problems.items():
        for groups_log in _group_sizes(problem.pixels, filters, config):
            useful = -(-filters // (config.rows >> groups_log))
            most = min(config.max_maps, config.acc_depth, useful)
            for maps in [config.maps] if config.maps else range(1, most + 1):
                yield from _cuts(kind, maps, groups_log, problem, config)


def _group_sizes(pixels: int, filters: int, config: FlexflowProConfig) -> list[int]:
    """Logarithms of groups of pixels: 0, and those that fill more rows than all before."""
    if config.groups_log >= 0:
        return [config.groups_log]
    found, best = [], 0.0
    for log in range(config.most_groups_log + 1):
        places, groups = config.rows >> log, 1 << log
        filled = filters / -(-filters // places) * pixels / -(-pixels // groups)
        if filled > best * (1 + 1e-9):
            found.append(log)
            best = filled
    return found


def _cuts(
    kind: str, maps: int, groups_log: int, problem: Problem, config: FlexflowProConfig
) -> Iterator[Mapping]:
    """The least number of passes and one more, as far as the build can run them."""
    one = Geometry(taps=problem.taps, stride=problem.stride, groups_log=groups_log)
    most = min(
        config.k_cells // (problem.taps * maps),
        config.n_cells // one.span,
        config.act_depth // one.span,
    )
    if most == 0 or maps > config.acc_depth or problem.stride > registers.WINDOW_STRIDE.most:
        return
    least = -(-problem.pieces // (most * config.mask_word * config.cols))
    for passes in range(least, least + 2):
        most_pieces = -(-problem.pieces // passes)
        columns = -(-most_pieces // config.cols)
        cells = -(-columns // config.mask_word)
        lines, windows = _block_size(maps, cells, one, problem, config)
        yield Mapping(kind, maps, groups_log, cells, passes, lines, windows)
        if columns == 1:
            return


def _block_size(
    maps: int, cells: int, one: Geometry, problem: Problem, config: FlexflowProConfig
) -> tuple[int, int]:
    """(lines, windows) of the largest block: whole lines, or a part of one."""
    slices, whole = config.act_depth // cells, -(-problem.pixels // one.groups)
    windows = min(
        whole,
        (slices - one.span) // one.step + 1,
        config.acc_depth // maps,
        registers.PLANE_WINDOWS.most,
    )
    if windows < whole:
        return 1, windows
    line = replace(one, windows=windows).line
    lines = min(slices // line, config.acc_depth // (windows * maps))
    return min(lines, problem.lines, registers.PLANE_LINES.most), windows
