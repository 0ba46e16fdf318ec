"""A layer laid out by a mapping: groups of maps, columns of pieces, contents of the stores."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from models.flexflow_pro.balance import balanced, heaviest_first, in_turn
from models.flexflow_pro.config import FlexflowProConfig
from models.flexflow_pro.geometry import Geometry
from models.flexflow_pro.lowering import Problem
from models.flexflow_pro.mapping import Block, Mapping

Ints = NDArray[np.int64]


class Layout:
    """Who does what. ``group``: number of a group of output maps, ``at``: of a reduction pass.

    config  of the build, with a balance
    groups  int64 [maps, places] of each group of output maps, -1: none
    """

    def __init__(self, problem: Problem, mapping: Mapping, config: FlexflowProConfig) -> None:
        self.problem, self.mapping, self.config = problem, mapping, config
        filters = len(problem.kernels)
        order = np.arange(filters) if config.balance == "off" else problem.by_load
        self.places = config.rows >> mapping.groups_log
        size = self.places * mapping.maps
        self.groups = [self._filled(order[at : at + size]) for at in range(0, filters, size)]
        self._columns: dict[tuple[int, int], Ints] = {}

    def of(self, problem: Problem) -> Layout:
        """The same for other activations of the layer: what they are changes nothing."""
        return Layout(replace(problem, density=self.problem.density), self.mapping, self.config)

    def _filled(self, maps: Ints) -> Ints:
        rows = -(-len(maps) // self.places)
        full = np.pad(maps, (0, rows * self.places - len(maps)), constant_values=-1)
        return full.reshape(rows, self.places)

    @cached_property
    def blocks(self) -> list[Block]:
        """Blocks of windows."""
        return self.mapping.blocks(self.problem)

    @property
    def same_columns(self) -> bool:
        """Whether a piece is in the same column for all groups."""
        return self.config.balance != "group"

    def columns(self, group: int, at: int) -> Ints:
        """Pieces of the columns in a pass: int64 [Cols, any], -1: none."""
        key = (0 if self.same_columns else group), at
        if key not in self._columns:
            self._columns[key] = self._assigned(*key)
        return self._columns[key]

    def _assigned(self, group: int, at: int) -> Ints:
        config, passes = self.config, self.mapping.passes
        if config.balance == "off":
            mine = np.arange(self.problem.pieces)[at::passes]
            found = in_turn(len(mine), config.cols)
        else:
            maps = np.arange(len(self.problem.kernels))
            if not self.same_columns:
                maps = self.groups[group][self.groups[group] >= 0]
            load = self.problem.load(maps)
            mine = heaviest_first(load)[at::passes]
            found = balanced(load[:, mine], config.cols)
        return np.where(found < 0, -1, mine[found])

    def _in_cells(self, columns: Ints) -> Ints:
        """[Cols, any] -> [Cols, CELLS*MaskWord]."""
        full = self.mapping.cells * self.config.mask_word
        return np.pad(columns, ((0, 0), (0, full - columns.shape[1])), constant_values=-1)

    def shape(self, block: Block) -> Geometry:
        """The geometry of a block, whatever the maps and the part of the reduction."""
        return Geometry(
            lines=block.lines[1] - block.lines[0],
            windows=block.windows[1] - block.windows[0],
            taps=self.problem.taps,
            stride=self.problem.stride,
            groups_log=self.mapping.groups_log,
            cells=self.mapping.cells,
            ring=self.config.n_cells // self.mapping.cells,
        )

    def geometry(self, group: int, at: int, block: Block) -> Geometry:
        """The geometry of a pass."""
        columns = self.columns(group, at)
        least = (self.mapping.cells - 1) * self.config.mask_word + 1
        return replace(
            self.shape(block),
            maps=len(self.groups[group]),
            pieces=max(columns.shape[1], least),
        )

    def kernels(self, group: int, at: int) -> Ints:
        """Kernel stores: int64 [Rows, Cols, MAPS, TAPS, CELLS, MaskWord]."""
        pieces = self._in_cells(self.columns(group, at))
        found = self.problem.weights(self.groups[group], pieces)  # [maps, places, Cols, any, TAPS]
        found = found.transpose(1, 2, 0, 4, 3)
        found = found.reshape(*found.shape[:4], self.mapping.cells, self.config.mask_word)
        return np.tile(found, (self.mapping.groups, 1, 1, 1, 1, 1))

    def cells(self, group: int, at: int, block: Block) -> Ints:
        """Column buffers: int64 [Cols, LINES, LINE, CELLS, MaskWord]."""
        geo = self.geometry(group, at, block)
        first = block.windows[0] * geo.step
        pieces = self._in_cells(self.columns(group, at))
        found = self.problem.values(pieces, slice(*block.lines), range(first, first + geo.line))
        found = found.transpose(0, 2, 3, 1)
        return found.reshape(*found.shape[:3], self.mapping.cells, self.config.mask_word)

    def biases(self, group: int) -> Ints | None:
        """Biases int64 [Rows, MAPS], None when all are zero."""
        if self.problem.bias is None:
            return None
        maps = self.groups[group]
        found = np.where(maps >= 0, self.problem.bias[np.maximum(maps, 0)], 0).T
        return np.tile(found, (self.mapping.groups, 1))
