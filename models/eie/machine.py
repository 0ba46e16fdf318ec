"""What a program does to the machine, pass by pass: memories, slices, accumulators, results.

It reads the packets as the RTL does, not the layer, so it stands between compiler and RTL as a
second opinion on both. Timing is in ``cycles.py``. Only good programs are followed.

P = PEs, n = broadcast columns of a pass, E = entries a PE holds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.eie.config import EieConfig
from models.eie.packets import Cfg, Kind, Mode, activations, unpack_lanes, weight_sections
from models.fixed import requant
from models.formats.csc import unpack_rows
from models.program import Pass

Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Slices:
    """The work of one pass: ``start``/``end`` entries of the slice of broadcast column k in PE p.

    columns  int64 [n], ascending; start, end  int64 [n, P]
    """

    columns: Ints
    start: Ints
    end: Ints


class Machine:
    """The state of one ``lac_eie`` between passes."""

    def __init__(self, config: EieConfig) -> None:
        self.config = config
        p = config.num_pe
        self.codes = np.zeros((p, 0), dtype=np.uint8)
        self.idx = np.zeros((p, 0), dtype=np.uint8)
        self.pointers = np.zeros((p, config.ptr_depth), dtype=np.int64)
        self.bias = np.zeros((p, config.bias_depth), dtype=np.int64)
        self.books: dict[int, Ints] = {}
        self.sram = np.zeros((config.act_depth, p), dtype=np.int64)
        self.source = np.zeros((config.act_regs, p), dtype=np.int64)  # after requant
        self.acc = np.zeros((config.act_regs, p), dtype=np.int64)
        self._source_acc = np.zeros_like(self.acc)  # the source file itself, before requant
        self._prefix: dict[str, Ints] = {}

    def run(self, item: Pass) -> tuple[Slices | None, NDArray[np.int64] | None]:
        """Execute one pass: (its slices if it computes, its results by position if it outputs)."""
        cfg = {name: item.cfg.get(int(name), 0) for name in Cfg}
        mode = cfg[Cfg.MODE]
        if item.wgt is not None:
            self._load_weights(item.wgt)
        p = self.config.num_pe
        if item.act is not None:
            values = activations(item.act, self.config.act_width)
            rows = -(-values.size // p)
            block = self.sram[cfg[Cfg.ACT_BASE] : cfg[Cfg.ACT_BASE] + rows].reshape(-1)
            block[: values.size] = values
        slices = self._compute(cfg) if mode & Mode.COMPUTE else None
        if not mode & (Mode.OUTPUT | Mode.SWAP):
            return slices, None
        results = requant(self.acc, cfg[Cfg.SHIFT], self.config.act_width, bool(mode & Mode.RELU))
        if mode & Mode.SWAP:
            self.source = results.copy()
            self.acc, self._source_acc = self._source_acc, self.acc
        if not mode & Mode.OUTPUT:
            return slices, None
        return slices, results.reshape(-1)[: cfg[Cfg.OUT_LEN]]

    def prefix(self, name: str) -> Ints:
        """Running sums over the weight memory, int64 [P, E + 1], made once per load.

        ``rows``: local rows moved on; ``real``: entries that are not padding; ``pads``: words of
        ``entries_per_row`` entries that are nothing but padding, [P, words + 1].
        """
        if name not in self._prefix:
            lanes = self.config.entries_per_row
            if name == "rows":
                steps = self.idx.astype(np.int64) + 1
            else:
                top = (1 << self.config.idx_width) - 1
                steps = ~((self.codes == 0) & (self.idx == top))
                if name == "pads":
                    steps = ~steps.reshape(steps.shape[0], -1, lanes).any(axis=2)
            total = np.zeros((steps.shape[0], steps.shape[1] + 1), dtype=np.int64)
            np.cumsum(steps, axis=1, out=total[:, 1:])
            self._prefix[name] = total
        return self._prefix[name]

    def _load_weights(self, words: NDArray[np.uint64]) -> None:
        config = self.config
        self._prefix.clear()
        for part in weight_sections(words, config.spmat_width):
            if part.kind == Kind.CODEBOOK:
                self.books[part.base] = unpack_lanes(part.payload, 16)[: part.count]
            elif part.kind == Kind.POINTER:
                values = unpack_lanes(part.payload, 32, signed=False)[: part.count]
                self.pointers[part.pe, part.base : part.base + part.count] = values
            elif part.kind == Kind.BIAS:
                values = unpack_lanes(part.payload, 32)[: part.count]
                self.bias[part.pe, part.base : part.base + part.count] = values
            elif part.count:
                rows = part.payload.reshape(part.count, -1)
                codes, idx = unpack_rows(
                    rows, config.entries_per_row, config.code_width, config.idx_width
                )
                low = part.base * config.entries_per_row
                self._grow(low + codes.size)
                self.codes[part.pe, low : low + codes.size] = codes
                self.idx[part.pe, low : low + codes.size] = idx

    def _grow(self, entries: int) -> None:
        missing = entries - self.codes.shape[1]
        if missing > 0:
            # Doubling keeps the PE-by-PE sections from copying the whole memory each time.
            missing = max(missing, self.codes.shape[1])
            missing = -(-missing // self.config.entries_per_row) * self.config.entries_per_row
            self.codes = np.pad(self.codes, ((0, 0), (0, missing)))
            self.idx = np.pad(self.idx, ((0, 0), (0, missing)))

    def _compute(self, cfg: dict[Cfg, int]) -> Slices:
        p, mode = self.config.num_pe, cfg[Cfg.MODE]
        inputs = (
            self.source.reshape(-1)
            if mode & Mode.SRC_FILE
            else self.sram[cfg[Cfg.ACT_BASE] :].reshape(-1)
        )[: cfg[Cfg.IN_LEN]]
        columns = np.flatnonzero(inputs)
        base = cfg[Cfg.PTR_BASE] + columns
        slices = Slices(columns, self.pointers[:, base].T, self.pointers[:, base + 1].T)
        if not mode & Mode.ACC_KEEP:
            self.acc = np.zeros_like(self.acc)
        if mode & Mode.BIAS:
            rows = -(-cfg[Cfg.OUT_LEN] // p)
            low = cfg[Cfg.BIAS_BASE]
            self.acc[:rows] = self.bias[:, low : low + rows].T
        # One flat list of all entries of all slices.
        lengths = (slices.end - slices.start).reshape(-1)
        total = int(lengths.sum())
        if total:
            first = np.cumsum(lengths) - lengths
            at = np.arange(total) + np.repeat(slices.start.reshape(-1) - first, lengths)
            pe = np.repeat(np.tile(np.arange(p), columns.size), lengths)
            origin = self.prefix("rows")[np.arange(p), slices.start].reshape(-1)
            row = self.prefix("rows")[pe, at + 1] - np.repeat(origin, lengths) - 1
            codes = self.codes[pe, at]
            live = codes != 0
            values = np.repeat(np.repeat(inputs[columns], p), lengths)
            weights = self.books[cfg[Cfg.CODEBOOK]][codes]
            np.add.at(self.acc, (row[live], pe[live]), (weights * values)[live])
        return slices
