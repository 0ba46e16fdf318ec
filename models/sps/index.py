"""The index unit: tables, and what a pass makes of them.

The tiles of a pass come in the order kt, ct, step. Row i of (kt, ct) has the pattern of residue
``(kres[kt] + rres[ct][i]) mod P``; in step s it has a weight if the pattern has more than s
positions, and reads at position s of it. A pair (kt, ct) takes as many steps as its longest row has
positions, at least one. Without ``RowOffsets`` row 0 speaks for all rows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.array.problem import Ints
from models.array.store import written
from models.packets import Section
from models.sps.config import SpsConfig
from models.sps.errors import ScanError, SpsError
from models.sps.packets import entries
from models.sps.registers import Kind


@dataclass(frozen=True, eq=False)
class Scan:
    """The tiles of a pass in order, T of them.

    kt, ct      int64 [T]
    has         bool [T, Rows]: the row has a weight
    dy, dx      int64 [T, Rows]: where it reads; 0 where it has none
    """

    kt: Ints
    ct: Ints
    has: NDArray[np.bool_]
    dy: Ints
    dx: Ints

    @property
    def tiles(self) -> int:
        """T."""
        return int(self.kt.size)


class Tables:
    """DIR, POS, KRES and RRES of a build; what was never written reads as 0."""

    def __init__(self, config: SpsConfig) -> None:
        self.config = config
        self.held = {
            Kind.DIR: np.zeros((config.max_period, 2), dtype=np.int64),
            Kind.POS: np.zeros((config.table_depth, 2), dtype=np.int64),
            Kind.KRES: np.zeros(config.max_kt, dtype=np.int64),
            Kind.RRES: np.zeros((config.max_ct, config.rows), dtype=np.int64),
        }

    def load(self, section: Section) -> int:
        """Write a section; words written: of the stream, of RRES buffer words.

        What fills the last stream word up is written as well, as far as the table reaches.
        """
        kind = Kind(section.kind)
        table, found = self.held[kind], entries(section, self.config)
        room = len(table) - section.base
        written(table, section.base, found[:room])
        return section.count if kind == Kind.RRES else section.payload.size

    def scan(
        self, period: int, kt: tuple[int, int], ct: tuple[int, int], window: tuple[int, int],
        weights: int,
    ) -> Scan:  # fmt: skip
        """The tiles of ``kt`` = (KRES_BASE, KT) and ``ct`` = (RRES_BASE, CT), each in
        ``window`` = (KERNEL.R, KERNEL.S), with ``weights`` words of the weight buffer left.

        Raises ScanError at the first row that cannot be served; in a row residues come before
        positions, these before weights.
        """
        config = self.config
        kres = self.held[Kind.KRES][kt[0] : kt[0] + kt[1]]
        rres = self.held[Kind.RRES][ct[0] : ct[0] + ct[1]]
        if not config.row_offsets:
            rres = np.repeat(rres[:, :1], config.rows, axis=1)
        wrong_k, wrong_r = kres >= period, rres >= period
        residues = kres[:, None, None] + rres  # [KT, CT, Rows]
        residues = np.where(residues >= period, residues - period, residues)
        wrong = wrong_k[:, None, None] | wrong_r
        base, size = np.moveaxis(self.held[Kind.DIR][np.where(wrong, 0, residues)], -1, 0)
        size = np.where(wrong, 0, size)
        steps = np.maximum(size.max(axis=2), 1)
        at_kt, at_ct = (one.ravel() for one in np.indices(steps.shape))
        of_kt, of_ct = np.repeat(at_kt, steps.ravel()), np.repeat(at_ct, steps.ravel())
        begins = np.cumsum(steps.ravel()) - steps.ravel()
        step = np.arange(of_kt.size) - np.repeat(begins, steps.ravel())
        has = size[of_kt, of_ct] > step[:, None]
        place = np.where(has, base[of_kt, of_ct] + step[:, None], 0)
        past = place >= config.table_depth
        dy, dx = np.moveaxis(self.held[Kind.POS][np.where(past, 0, place)], -1, 0)
        outside = has & (past | (dy >= window[0]) | (dx >= window[1]))
        words = np.arange(has.size).reshape(has.shape)
        fault = wrong[of_kt, of_ct] | outside | (words >= weights)
        if fault.any():
            tile, row = (int(one) for one in np.unravel_index(int(np.argmax(fault)), fault.shape))
            k, c = int(of_kt[tile]), int(of_ct[tile])
            if wrong_k[k]:
                raise ScanError(SpsError.RESIDUE, kt[0] + k << 16 | Kind.KRES << 8)
            if wrong_r[c, row]:
                raise ScanError(SpsError.RESIDUE, ct[0] + c << 16 | Kind.RRES << 8 | row)
            if outside[tile, row]:
                raise ScanError(SpsError.POSITION, int(place[tile, row]))
            raise ScanError(SpsError.WGT_RANGE, tile)
        zero = np.zeros_like(dy)
        return Scan(of_kt, of_ct, has, np.where(has, dy, zero), np.where(has, dx, zero))
