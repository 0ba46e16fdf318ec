"""Geometry of a pass, as its CFG registers have it: tiles, accumulators, regions, the walk.

Coordinates of the chip tile are those of its accumulators: ``ex = px*TILE_W + ax`` and ``ey``
likewise, so the input (x, y) lies at ``ex = x + HALO_L``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.scnn.config import ScnnConfig
from models.scnn.registers import REGISTERS, Mode

Ints = NDArray[np.int64]

#: Cycles of the walker beside its commands: before the first one, behind a line, behind the last.
LEAD, PAUSE, TAIL = 1, 4, 8


@dataclass(frozen=True)
class Geometry:
    """The CFG registers of a pass; names as in ``rtl/scnn/registers.toml``."""

    mode: int
    c: int
    taps: int
    num_groups: int
    kc_log: int
    shape: int
    last_k: int
    tile_w: int
    tile_h: int
    pitch: int
    out_gap: int
    halo_l: int
    halo_r: int
    halo_u: int
    halo_d: int
    final_x0: int
    final_x1: int
    final_y0: int
    final_y1: int
    carry_in_x: int
    carry_in_y: int
    carry_out_x: int
    carry_out_y: int
    wgt_base: int
    bias_base: int
    shift: int
    act_words: int
    cout_base: int
    out_channels: int

    @classmethod
    def of(cls, cfg: Mapping[int, int]) -> Geometry:
        """Read the registers of a pass."""
        return cls(**{field.name.lower(): field.of(cfg) for field in REGISTERS.cfg})

    @property
    def kc(self) -> int:
        """Output channels of a group."""
        return 1 << self.kc_log

    @property
    def kernel(self) -> tuple[int, int]:
        """(R, S), as the halos say."""
        return self.halo_u + self.halo_d + 1, self.halo_l + self.halo_r + 1

    @property
    def acc_size(self) -> tuple[int, int]:
        """(Ah, Aw) of the accumulator tile of a PE."""
        return self.tile_h + self.halo_u + self.halo_d, self.tile_w + self.halo_l + self.halo_r

    @property
    def box(self) -> tuple[range, range]:
        """(rows, columns) of the accumulator tile whose results are drained."""
        height, width = self.acc_size
        if self.mode & Mode.RIM:
            return range(height), range(width)
        return (
            range(self.halo_u, self.halo_u + self.tile_h),
            range(self.halo_l, self.halo_l + self.tile_w),
        )

    @property
    def channels(self) -> int:
        """Output channels of the pass."""
        return (self.num_groups - 1) * self.kc + self.last_k

    def group_channels(self, group: int) -> int:
        """Channels of a group of the pass."""
        return self.last_k if group + 1 == self.num_groups else self.kc

    def offsets(self) -> Ints:
        """The offset table that belongs to the halos: int64 [R*S]."""
        taps_r, taps_s = self.kernel
        rows = (taps_r - 1 - np.arange(taps_r)) * self.pitch
        found: Ints = (rows[:, None] + taps_s - 1 - np.arange(taps_s)).reshape(-1)
        return found

    def walk(self, group: int) -> int:
        """T of a group: cycles from the walker's start until it is ready again."""
        height, _ = self.acc_size
        rows, cols = self.box
        lines = (self.halo_l + self.halo_r) * (height * self.kc + PAUSE)
        lines += (self.halo_u + self.halo_d) * (len(cols) * self.kc + PAUSE)
        gaps = len(rows) - 1 if self.out_gap else 0
        drain = self.group_channels(group) * (len(rows) * len(cols) + gaps + 1)
        return LEAD + lines + drain + TAIL

    def halo_words(self, config: ScnnConfig) -> int:
        """Partial sums sent over all links for a group."""
        _, cols = self.box
        links_x = (config.pe_x - 1) * config.pe_y
        links_y = (config.pe_y - 1) * config.pe_x
        across = (self.halo_l + self.halo_r) * self.acc_size[0] * links_x
        return (across + (self.halo_u + self.halo_d) * len(cols) * links_y) * self.kc

    def regions(self, config: ScnnConfig) -> Regions:
        """What becomes of the positions of the boxes of all PEs."""
        rows, cols = self.box
        ys = np.arange(config.pe_y)[:, None] * self.tile_h + np.array(rows)  # [PeY, rows]
        xs = np.arange(config.pe_x)[:, None] * self.tile_w + np.array(cols)
        own_y = _owned(np.array(rows), self.halo_u, self.tile_h, config.pe_y)
        own_x = _owned(np.array(cols), self.halo_l, self.tile_w, config.pe_x)
        final_y = own_y & (ys >= self.final_y0) & (ys < self.final_y1)
        final_x = own_x & (xs >= self.final_x0) & (xs < self.final_x1)
        reach_y = own_y & (ys >= self.final_y0) & (ys < self.carry_out_y)
        reach_x = own_x & (xs >= self.final_x0) & (xs < self.carry_out_x)
        final = _both(final_y, final_x)
        carry_out = _both(reach_y, reach_x) & ~final
        near = (ys < self.carry_in_y)[:, None, :, None] | (xs < self.carry_in_x)[None, :, None, :]
        shape = config.pes, len(rows) * len(cols)
        ey, ex = np.broadcast_arrays(ys[:, None, :, None], xs[None, :, None, :])
        return Regions(
            ey.reshape(shape),
            ex.reshape(shape),
            final.reshape(shape),
            carry_out.reshape(shape),
            ((final | carry_out) & near).reshape(shape),
        )


def _owned(at: Ints, lead: int, tile: int, pes: int) -> NDArray[np.bool_]:
    """Which positions of its box each PE of a row or column of PEs has: bool [PEs, box]."""
    pe = np.arange(pes)[:, None]
    found: NDArray[np.bool_] = ((at >= lead) | (pe == 0)) & ((at < lead + tile) | (pe == pes - 1))
    return found


def _both(rows: NDArray[np.bool_], cols: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """bool [PeY, PeX, rows, columns]."""
    return rows[:, None, :, None] & cols[None, :, None, :]


@dataclass(frozen=True, eq=False)
class Regions:
    """Positions of the boxes, in the order of the walk: arrays [PEs, rows*columns].

    ey, ex   in the accumulators of the chip tile
    final    a result; carry_out: a sum that leaves; carry_in: one that comes is added before
    """

    ey: Ints
    ex: Ints
    final: NDArray[np.bool_]
    carry_out: NDArray[np.bool_]
    carry_in: NDArray[np.bool_]
