"""What a program does to FlexFlow-Pro, pass by pass: stores, pairs, sums, results.

It reads registers and packets as the RTL does, not the layer. Only good programs are followed; a
sum that leaves the accumulator raises OverflowError.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.fixed import fits, requant
from models.flexflow_pro.config import FlexflowProConfig
from models.flexflow_pro.geometry import Geometry
from models.flexflow_pro.packets import activations, biases_of, sections, weights_of
from models.flexflow_pro.registers import Kind, Mode
from models.program import Pass

Ints = NDArray[np.int64]
Floats = NDArray[np.float32]

#: Numbers held at a time for the pairs of cells.
_CHUNK = 1 << 23


@dataclass(frozen=True, eq=False)
class Work:
    """What the PEs have to do in a compute phase.

    work   int32 [RES, Rows, Cols], cycles of each result
    pairs  int64 [Rows, Cols], pairs multiplied; empty: cells without one
    bus    int64 [LINES*LINE, Cols], cycles of each slice on each bus
    live   words sent on all buses
    """

    work: NDArray[np.int32]
    pairs: Ints
    empty: Ints
    bus: Ints
    live: int


def bus_cycles(mask: NDArray[np.bool_], bus_words: int) -> Ints:
    """Cycles of slices on their bus: mask [..., CELLS, MaskWord] -> int64 [...].

    >>> bus_cycles(np.array([[[1, 1, 1, 0], [0, 0, 0, 0]]], dtype=bool), 2).tolist()
    [3]
    """
    live = np.count_nonzero(mask, axis=-1)
    found: Ints = np.maximum(1, -(-live // bus_words)).sum(axis=-1)
    return found


def cell_pairs(
    act: Floats, wgt: Floats, geo: Geometry
) -> Iterator[tuple[slice, slice, slice, Floats]]:
    """Pairs of every cell, in parts.

    act  [Cols, LINES, LINE, CELLS, MaskWord], wgt [Rows, Cols, MAPS, TAPS, CELLS, MaskWord]: masks

    Yields (lines, rows, columns, [columns, CELLS, lines*WINDOWS, MAPS*rows]), once for each tap.
    """
    rows, cols = wgt.shape[:2]
    places = rows >> geo.groups_log
    each = geo.cells * geo.windows * geo.maps * places
    columns = max(1, min(cols, _CHUNK // each))
    lines = max(1, min(geo.lines, _CHUNK // (each * columns)))
    for group in range(geo.groups):
        part = slice(group * places, (group + 1) * places)
        for tap in range(geo.taps):
            at = geo.slices(group, tap)
            for col in range(0, cols, columns):
                some = slice(col, min(col + columns, cols))
                # [columns, CELLS, MaskWord, MAPS*rows]
                right = wgt[part, some, :, tap].transpose(1, 3, 4, 2, 0)
                right = right.reshape(*right.shape[:3], -1)
                for line in range(0, geo.lines, lines):
                    span = slice(line, min(line + lines, geo.lines))
                    left = act[some, span][:, :, at].transpose(0, 3, 1, 2, 4)
                    left = left.reshape(*left.shape[:2], -1, left.shape[-1])
                    yield span, part, some, left @ right


def work_of(
    act: NDArray[np.bool_],
    wgt: NDArray[np.bool_],
    geo: Geometry,
    config: FlexflowProConfig,
    relaxed: bool,
) -> Work:
    """The work of a pass, masks as in ``cell_pairs``."""
    rows, cols = wgt.shape[:2]
    shape = geo.lines, geo.windows, geo.maps, rows, cols
    work = np.zeros(shape, dtype=np.int32)
    pairs = np.zeros((rows, cols), dtype=np.int64)
    empty = np.zeros((rows, cols), dtype=np.int64)
    for lines, part, some, cells in cell_pairs(act.astype(np.float32), wgt.astype(np.float32), geo):
        sizes = cells.shape[0], geo.windows, geo.maps, part.stop - part.start

        def by_pe(values: Floats, sizes: tuple[int, ...] = sizes) -> Floats:
            """[columns, lines*WINDOWS, MAPS*rows] -> [lines, WINDOWS, MAPS, rows, columns]."""
            return values.reshape(sizes[0], -1, *sizes[1:]).transpose(1, 2, 3, 4, 0)

        found = by_pe(cells.sum(axis=1))
        filled = by_pe(np.maximum(cells, 1).sum(axis=1))
        pairs[part, some] += np.rint(found.sum(axis=(0, 1, 2), dtype=np.float64)).astype(np.int64)
        beside = (filled - found).sum(axis=(0, 1, 2), dtype=np.float64)
        empty[part, some] += np.rint(beside).astype(np.int64)
        work[lines, :, :, part, some] += filled.astype(np.int32)
    if not relaxed:
        work[:] = geo.pieces * geo.taps
    bus = bus_cycles(act, config.bus_words).reshape(cols, -1).T
    return Work(work.reshape(-1, rows, cols), pairs, empty, bus, int(np.count_nonzero(act)))


class Machine:
    """The state of one accelerator between passes.

    loaded  words of kernel stores that the last pass wrote
    """

    def __init__(self, config: FlexflowProConfig) -> None:
        self.config = config
        pes, word = config.multipliers, config.mask_word
        self.kernel = np.zeros((pes, config.k_cells * word), dtype=np.int64)
        self.bias = np.zeros((config.rows, config.max_maps), dtype=np.int64)
        self.act = np.zeros((config.cols, config.act_depth, word), dtype=np.int64)
        self.mask = np.zeros(self.act.shape, dtype=bool)
        self.acc = np.zeros((config.acc_depth, config.rows), dtype=np.int64)
        self.loaded = 0

    def run(self, item: Pass) -> tuple[Work | None, Ints | None]:
        """Execute one pass: (what it computes, results [RES, Rows] if it outputs)."""
        geo = Geometry.of(item)
        self.loaded = 0
        if item.wgt is not None:
            self._load(item)
        if item.act is not None:
            cells = activations(item.act, self.config)
            self.act[:, : cells.shape[1]] = cells
            self.mask[:, : cells.shape[1]] = np.abs(cells) > geo.threshold
        work = self._compute(geo) if geo.mode & Mode.COMPUTE else None
        if not geo.mode & Mode.OUTPUT:
            return work, None
        sums = self.acc[: geo.results]
        return work, requant(sums, geo.shift, self.config.act_width, bool(geo.mode & Mode.RELU))

    def _load(self, item: Pass) -> None:
        assert item.wgt is not None
        for part in sections(item.wgt):
            if part.kind == Kind.WEIGHT:
                values = weights_of(part)
                first = part.base * (64 // self.config.wgt_width)
                self.kernel[part.pe, first : first + values.size] = values
                self.loaded += values.size
            else:
                values = biases_of(part)
                self.bias[part.pe, part.base : part.base + values.size] = values

    def _compute(self, geo: Geometry) -> Work:
        config = self.config
        word = config.mask_word
        size = geo.lines * geo.line * geo.cells
        shape = config.cols, geo.lines, geo.line, geo.cells, word
        mask = self.mask[:, :size].reshape(shape)
        live = np.where(mask, self.act[:, :size].reshape(shape), 0)
        used = geo.maps * geo.taps * geo.cells * word
        kernel = self.kernel[:, :used].reshape(
            config.rows, config.cols, geo.maps, geo.taps, geo.cells, word
        )
        self._sum_up(live, kernel, geo)
        return work_of(mask, kernel != 0, geo, config, bool(geo.mode & Mode.RELAXED))

    def _sum_up(self, live: Ints, kernel: Ints, geo: Geometry) -> None:
        """All columns, taps and cells at once: the order does not change a sum."""
        rows = self.config.rows
        acc = self.acc[: geo.results].reshape(-1, geo.maps, rows)
        if not geo.mode & Mode.ACC_KEEP:
            acc[:] = 0
        if geo.mode & Mode.BIAS:
            acc += self.bias[:, : geo.maps].T
        # At most 2**15 products below 2**31: exact in float64.
        left = live.transpose(1, 2, 0, 3, 4).reshape(geo.lines, geo.line, -1).astype(np.float64)
        right = kernel.transpose(3, 1, 4, 5, 2, 0).astype(np.float64)
        places = rows >> geo.groups_log
        for group in range(geo.groups):
            part = slice(group * places, (group + 1) * places)
            for tap in range(geo.taps):
                block = right[tap][..., part].reshape(left.shape[-1], -1)
                found = left[:, geo.slices(group, tap)].reshape(-1, left.shape[-1]) @ block
                found = np.rint(found).astype(np.int64)
                acc[:, :, part] += found.reshape(-1, geo.maps, places)
        if not fits(acc, self.config.acc_width):
            raise OverflowError(f"a sum leaves the {self.config.acc_width}-bit accumulator")
