"""What a program does to a dense array, pass by pass: buffers, sums, results, useful work.

It reads registers and packets as the RTL does, not the layer, so it stands between compiler and
RTL as a second opinion on both. Times are in ``timing.py``. Only good programs are followed; a
sum that leaves the accumulator raises OverflowError.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from models.array.config import ArrayConfig
from models.array.packets import BIAS_LANE, Kind, Mode, activations
from models.array.registers import REGISTERS
from models.array.store import WeightStore, written
from models.array.timing import compute_cycles, waiting_cycles
from models.fixed import fits, requant
from models.packets import Section, unpack_rows_of_lanes
from models.program import Pass
from models.registers import RegisterMap

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

    registers: ClassVar[RegisterMap] = REGISTERS

    @classmethod
    def of(cls, item: Pass) -> Self:
        """Read the registers of a pass."""
        return cls(**{field.name.lower(): field.of(item.cfg) for field in cls.registers.cfg})

    @property
    def pixels(self) -> int:
        """N, output pixels."""
        return self.p * self.q

    @property
    def tiles(self) -> int:
        """Weight tiles, one for each tap."""
        return self.kt * self.r * self.s * self.ct


@dataclass(frozen=True, eq=False)
class Work:
    """What a compute phase did.

    macs       int64 [Rows, Cols], multiplies of two non-zero operands of each PE
    tiles      T
    compute    cycles of the phase; waits: those in which the address generator waits for weights
    act_reads, wgt_reads, idx_reads   words read from the buffers, and look-ups in tables
    """

    macs: Ints
    tiles: int
    compute: int
    waits: int
    act_reads: int
    wgt_reads: int
    idx_reads: int = 0


class Machine:
    """The state of one accelerator between passes.

    act_banks  memories that a word of the activation buffer lies in
    loaded     words that the last pass wrote: {"wgt": weights, "idx": tables}
    """

    act_banks = 1

    def __init__(self, config: ArrayConfig, store: WeightStore) -> None:
        self.config, self.store = config, store
        self.loaded = {"wgt": 0, "idx": 0}
        self.wgt = store.buffer(config)
        self.act = np.zeros((0, config.inputs), dtype=np.int64)
        self.bias = np.zeros((0, config.cols), dtype=np.int64)
        self.acc = np.zeros((0, config.cols), dtype=np.int64)  # banks in columns

    def run(self, item: Pass) -> tuple[Work | None, Ints | None]:
        """Execute one pass: (what it did if it computes, results [KT*N, Cols] if it outputs)."""
        geo = Geometry.of(item)
        self.loaded = {"wgt": 0, "idx": 0}
        if item.wgt is not None:
            self._load_weights(item.wgt)
        if item.act is not None:
            self.act = written(self.act, geo.act_base, activations(item.act, self.config))
        work = self.compute(item) if geo.mode & Mode.COMPUTE else None
        if not geo.mode & Mode.OUTPUT:
            return work, None
        sums = self.acc[: geo.kt * geo.pixels]
        return work, requant(sums, geo.shift, self.config.act_width, bool(geo.mode & Mode.RELU))

    def _load_weights(self, words: NDArray[np.uint64]) -> None:
        for part in self.wgt.sections(words):
            if part.kind == Kind.WEIGHT:
                self.wgt.load(part)
                self.loaded["wgt"] += part.count
            elif part.kind == Kind.BIAS:
                rows = unpack_rows_of_lanes(part.payload, BIAS_LANE, self.config.cols)
                self.bias = written(self.bias, part.base, rows)
            else:
                self.loaded["idx"] += self.load_table(part)

    def load_table(self, section: Section) -> int:
        """Write a section of neither weights nor biases, here there are none; words written."""
        raise ValueError(f"section: found kind {int(section.kind)}, need weights or biases")

    def compute(self, item: Pass) -> Work:
        """The compute phase of a pass."""
        geo = Geometry.of(item)
        tiles = self.wgt.tiles(geo.wgt_base, geo.tiles)
        lanes = geo.ct * self.config.inputs
        tiles = tiles.reshape(geo.kt, geo.r, geo.s, lanes, self.config.cols)
        macs = self.sum_up(geo, tiles, self.wgt.filled(tiles))
        read = inside(geo.p, geo.r, geo.stride, geo.pad_top, geo.h).sum()
        read *= inside(geo.q, geo.s, geo.stride, geo.pad_left, geo.w).sum()
        last = self.wgt.last_start(geo.wgt_base, geo.tiles, geo.pixels)
        return Work(
            macs,
            geo.tiles,
            compute_cycles(last, geo.pixels, self.config),
            waiting_cycles(last, geo.pixels, geo.tiles),
            int(read) * geo.ct * geo.kt,
            self.wgt.reads(geo.wgt_base, geo.tiles),
        )

    def sum_up(self, geo: Geometry, weights: Ints, filled: Ints) -> Ints:
        """All tiles at once: the order does not change a sum.

        weights  int64 [KT, R, S, CT*Inputs, Cols], where several come to the same place their sum
        filled   int64 [rows of a group, R, S, CT*Inputs, Cols], how many there are that are not
                 zero, see ``Buffer.filled``

        Returns int64 [Rows, Cols], multiplies of two non-zero operands.
        """
        lanes, cols = geo.ct * self.config.inputs, self.config.cols
        need = geo.kt * geo.pixels
        if self.acc.shape[0] < need:
            self.acc = np.pad(self.acc, ((0, need - self.acc.shape[0]), (0, 0)))
        sums = self.acc[:need].reshape(geo.kt, geo.pixels, cols)
        if not geo.mode & Mode.ACC_KEEP:
            sums[:] = 0
        if geo.mode & Mode.BIAS:
            sums += self.bias[geo.bias_base : geo.bias_base + geo.kt, None, :]
        # A product of a tap stays below 2**15 * 2**15 * 2**21 channels: exact in float64.
        tiles = weights.astype(np.float64)
        image = self._image(geo)
        # By row: those of a group stand beside each other, what they choose from is summed.
        groups = self.config.rows // len(filled)
        inputs = self.config.inputs // groups
        macs = np.zeros((groups, len(filled), cols), dtype=np.int64)
        for r in range(geo.r):
            for s in range(geo.s):
                last = r + (geo.p - 1) * geo.stride + 1, s + (geo.q - 1) * geo.stride + 1
                window = image[r : last[0] : geo.stride, s : last[1] : geo.stride]
                window = window.reshape(geo.pixels, lanes)
                block = tiles[:, r, s]  # [KT, CT*Rows, Cols]
                sums += (window @ block).astype(np.int64)
                live = np.count_nonzero(window, axis=0)
                found = (live[:, None] * filled[:, r, s]).reshape(-1, geo.ct, groups, inputs, cols)
                macs += found.sum(axis=(1, 3)).swapaxes(0, 1)
        if not fits(sums, self.config.acc_width):
            raise OverflowError(f"a sum leaves the {self.config.acc_width}-bit accumulator")
        return macs.reshape(-1, cols)

    def _image(self, geo: Geometry) -> NDArray[np.float64]:
        """The input with its padding, all that any tap reads: float64 [H', W', CT*Inputs]."""
        rows = self.config.inputs
        words = self.act[geo.act_base : geo.act_base + geo.ct * geo.h * geo.w]
        words = words.reshape(geo.ct, geo.h, geo.w, rows).transpose(1, 2, 0, 3)
        height = (geo.p - 1) * geo.stride + geo.r
        width = (geo.q - 1) * geo.stride + geo.s
        image = np.zeros((height, width, geo.ct, rows))
        there = image[geo.pad_top : geo.pad_top + geo.h, geo.pad_left : geo.pad_left + geo.w]
        there[:] = words[: there.shape[0], : there.shape[1]]
        return image.reshape(height, width, geo.ct * rows)


def inside(outs: int, taps: int, stride: int, pad: int, size: int) -> Ints:
    """Output rows that read inside the input, by tap: int64 [taps].

    >>> inside(3, 3, 1, 1, 3).tolist()
    [2, 3, 2]
    """
    at = np.arange(outs)[:, None] * stride + np.arange(taps) - pad
    return np.count_nonzero((at >= 0) & (at < size), axis=0)
