"""What a program does to a dense array, pass by pass: buffers, sums, results, useful work.

It reads registers and packets as the RTL does, not the layer, so it stands between compiler and
RTL as a second opinion on both. Timing is in ``cycles.py``. Only good programs are followed; a
sum that leaves the accumulator raises OverflowError.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.array.config import ArrayConfig
from models.array.packets import BIAS_LANE, Kind, Mode, activations, sections
from models.array.registers import REGISTERS
from models.array.store import WeightStore, written
from models.fixed import fits, requant
from models.packets import unpack_rows_of_lanes
from models.program import Pass

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Geometry:
    """The CFG registers of a pass, names as in the contract."""

    mode: int
    h: int
    w: int
    p: int
    q: int
    r: int
    s: int
    stride: int
    pad_top: int
    pad_left: int
    ct: int
    kt: int
    wgt_base: int
    act_base: int
    bias_base: int
    shift: int

    @classmethod
    def of(cls, item: Pass) -> Geometry:
        """Read the registers of a pass."""
        return cls(**{field.name.lower(): field.of(item.cfg) for field in REGISTERS.cfg})

    @property
    def pixels(self) -> int:
        """N, output pixels."""
        return self.p * self.q

    @property
    def tiles(self) -> int:
        """T, weight tiles."""
        return self.kt * self.r * self.s * self.ct


@dataclass(frozen=True, eq=False)
class Work:
    """What a compute phase did.

    macs       int64 [Rows, Cols], multiplies of two non-zero operands of each PE
    act_reads  words read from the activation buffer
    """

    macs: Ints
    act_reads: int


class Machine:
    """The state of one accelerator between passes."""

    def __init__(self, config: ArrayConfig, store: WeightStore) -> None:
        self.config = config
        self.wgt = store.buffer(config)
        self.act = np.zeros((0, config.rows), dtype=np.int64)
        self.bias = np.zeros((0, config.cols), dtype=np.int64)
        self.acc = np.zeros((0, config.cols), dtype=np.int64)  # banks in columns

    def run(self, item: Pass) -> tuple[Work | None, Ints | None]:
        """Execute one pass: (what it did if it computes, results [KT*N, Cols] if it outputs)."""
        geo = Geometry.of(item)
        if item.wgt is not None:
            self._load_weights(item.wgt)
        if item.act is not None:
            self.act = written(self.act, geo.act_base, activations(item.act, self.config))
        work = self._compute(geo) if geo.mode & Mode.COMPUTE else None
        if not geo.mode & Mode.OUTPUT:
            return work, None
        sums = self.acc[: geo.kt * geo.pixels]
        return work, requant(sums, geo.shift, self.config.act_width, bool(geo.mode & Mode.RELU))

    def _load_weights(self, words: NDArray[np.uint64]) -> None:
        for part in sections(words, self.config, self.wgt.section_words):
            if part.kind == Kind.WEIGHT:
                self.wgt.load(part)
            else:
                rows = unpack_rows_of_lanes(part.payload, BIAS_LANE, self.config.cols)
                self.bias = written(self.bias, part.base, rows)

    def _compute(self, geo: Geometry) -> Work:
        """All tiles in their order (the order does not change a sum)."""
        rows, cols = self.config.rows, self.config.cols
        need = geo.kt * geo.pixels
        if self.acc.shape[0] < need:
            self.acc = np.pad(self.acc, ((0, need - self.acc.shape[0]), (0, 0)))
        sums = self.acc[:need].reshape(geo.kt, geo.pixels, cols)
        if not geo.mode & Mode.ACC_KEEP:
            sums[:] = 0
        if geo.mode & Mode.BIAS:
            sums += self.bias[geo.bias_base : geo.bias_base + geo.kt, None, :]
        # A product of a tap stays below 2**15 * 2**15 * 2**21 channels: exact in float64.
        tiles = self.wgt.tiles(geo.wgt_base, geo.tiles).astype(np.float64)
        tiles = tiles.reshape(geo.kt, geo.r, geo.s, geo.ct * rows, cols)
        image = self._image(geo)
        macs = np.zeros((rows, cols), dtype=np.int64)
        for r in range(geo.r):
            for s in range(geo.s):
                last = r + (geo.p - 1) * geo.stride + 1, s + (geo.q - 1) * geo.stride + 1
                window = image[r : last[0] : geo.stride, s : last[1] : geo.stride]
                window = window.reshape(geo.pixels, geo.ct * rows)
                block = tiles[:, r, s]  # [KT, CT*Rows, Cols]
                sums += (window @ block).astype(np.int64)
                live = np.count_nonzero(window, axis=0)
                filled = np.count_nonzero(block, axis=0)
                macs += (live[:, None] * filled).reshape(geo.ct, rows, cols).sum(axis=0)
        if not fits(sums, self.config.acc_width):
            raise OverflowError(f"a sum leaves the {self.config.acc_width}-bit accumulator")
        inside = _inside(geo.p, geo.r, geo.stride, geo.pad_top, geo.h)
        inside *= _inside(geo.q, geo.s, geo.stride, geo.pad_left, geo.w)
        return Work(macs, inside * geo.ct * geo.kt)

    def _image(self, geo: Geometry) -> NDArray[np.float64]:
        """The input with its padding, all that any tap reads: float64 [H', W', CT*Rows]."""
        rows = self.config.rows
        words = self.act[geo.act_base : geo.act_base + geo.ct * geo.h * geo.w]
        words = words.reshape(geo.ct, geo.h, geo.w, rows).transpose(1, 2, 0, 3)
        height = (geo.p - 1) * geo.stride + geo.r
        width = (geo.q - 1) * geo.stride + geo.s
        image = np.zeros((height, width, geo.ct, rows))
        there = image[geo.pad_top : geo.pad_top + geo.h, geo.pad_left : geo.pad_left + geo.w]
        there[:] = words[: there.shape[0], : there.shape[1]]
        return image.reshape(height, width, geo.ct * rows)


def _inside(outs: int, taps: int, stride: int, pad: int, size: int) -> int:
    """Pairs of an output row and a tap that read inside the input.

    >>> _inside(3, 3, 1, 1, 3)
    7
    """
    at = np.arange(outs)[:, None] * stride + np.arange(taps) - pad
    return int(np.count_nonzero((at >= 0) & (at < size)))
