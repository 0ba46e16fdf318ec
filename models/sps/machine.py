"""What a program does to SPS, pass by pass: the machine of the array behind an index unit.

Only good programs are followed: a table that cannot be raises ScanError, with what the RTL says.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from models.array import machine as array
from models.array.machine import Work, inside
from models.array.problem import Ints
from models.packets import Section
from models.program import Pass
from models.registers import RegisterMap
from models.sps.config import SpsConfig
from models.sps.index import Scan, Tables
from models.sps.registers import REGISTERS
from models.sps.store import SPS
from models.sps.timing import compute_cycles, last_start, waiting_cycles


@dataclass(frozen=True)
class Geometry(array.Geometry):
    """The CFG registers of a pass."""

    period: int
    kres_base: int
    rres_base: int

    registers: ClassVar[RegisterMap] = REGISTERS


class Machine(array.Machine):
    """The state of one accelerator between passes."""

    def __init__(self, config: SpsConfig) -> None:
        super().__init__(config, SPS)
        self.tables = Tables(config)
        self.act_banks = config.rows

    def load_table(self, section: Section) -> int:
        return self.tables.load(section)

    def scan(self, geo: Geometry) -> Scan:
        """The tiles of a pass."""
        return self.tables.scan(
            geo.period,
            (geo.kres_base, geo.kt),
            (geo.rres_base, geo.ct),
            (geo.r, geo.s),
            self.config.wgt_depth - geo.wgt_base,
        )

    def compute(self, item: Pass) -> Work:
        geo, config = Geometry.of(item), self.config
        scan = self.scan(geo)
        macs = self.sum_up(geo, *self._placed(geo, scan))
        rows = inside(geo.p, geo.r, geo.stride, geo.pad_top, geo.h)
        cols = inside(geo.q, geo.s, geo.stride, geo.pad_left, geo.w)
        read = int((rows[scan.dy] * cols[scan.dx])[scan.has].sum())
        last = last_start(scan.tiles, geo.pixels, config)
        look_ups = config.rows if self.tables.config.row_offsets else 1
        return Work(
            macs,
            scan.tiles,
            compute_cycles(last, geo.pixels, config),
            waiting_cycles(last, geo.pixels, scan.tiles, config),
            read,
            scan.tiles * config.rows,
            scan.tiles * look_ups,
        )

    def _placed(self, geo: Geometry, scan: Scan) -> tuple[Ints, Ints]:
        """Weights by the positions where they are used, and how many come there (see sum_up)."""
        rows, cols = self.config.rows, self.config.cols
        held = self.wgt.tiles(geo.wgt_base, scan.tiles)[scan.has]  # [weights, Cols]
        tile, row = np.nonzero(scan.has)
        dy, dx = scan.dy[scan.has], scan.dx[scan.has]
        lane = scan.ct[tile] * rows + row
        weights = np.zeros((geo.kt, geo.r, geo.s, geo.ct * rows, cols), dtype=np.int64)
        filled = np.zeros(weights.shape[1:], dtype=np.int64)  # a row is a group
        np.add.at(weights, (scan.kt[tile], dy, dx, lane), held)
        np.add.at(filled, (dy, dx, lane), held != 0)
        return weights, filled[None]
