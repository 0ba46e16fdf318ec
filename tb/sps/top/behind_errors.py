"""What errors leave behind on SPS, and which of two is told; base: ``error_tests.py``.

After an error the host does not have to load everything again: what was loaded is still there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import product

import numpy as np

from models.array.packets import Mode
from models.packets import Section, packet_of
from models.program import Pass
from models.socket import ErrorCode
from models.sps import DESIGN
from models.sps.registers import Kind
from models.sps.timing import FIRST, last_start
from tb.common.tests.errors import Case
from tb.common.uvm.items import Expected, Job
from tb.sps.top.spoilt import SpsBad, error, packed
from tb.sps.top.stimulus import field, with_cfg

#: Cycles from the scan of a row to its error; from the read of a pixel to its sum in column 0 of an
#: array of no rows.
_TO_ERROR, _TO_BANK = 3, 5


class Behind(SpsBad):
    """What these tests share."""

    limit_us = 20_000

    async def behind(self, label: str, sections: Sequence[Section], acts: bool = False) -> None:
        """The good pass, of which only these sections are loaded; the rest must still be there.

        acts    activations are loaded, too
        """
        mode = field(self.item, "MODE") & ~int(Mode.LOAD_WGT | Mode.LOAD_ACT)
        load = replace(with_cfg(self.item, MODE=int(Mode.LOAD_WGT | Mode.LOAD_ACT)), out_words=0)
        mode |= int(Mode.LOAD_WGT) * bool(sections) | int(Mode.LOAD_ACT) * acts
        item = replace(
            with_cfg(self.item, MODE=mode),
            wgt=packet_of(sections) if sections else None,
            act=self.item.act if acts else None,
        )
        cycles = self.cfg.cycles
        # The model of a job begins with empty memories.
        self.cfg.cycles = lambda program, config: DESIGN.cycles(
            replace(program, passes=(load, *program.passes)), config
        )[1:]
        await self.run_job(self.other(f"behind_{label}", item))
        self.cfg.cycles = cycles


class BadRepaired(Behind):
    """Goal: an error of the index unit spoils nothing but its pass. Stimulus: passes that load all
    and fail by a wrong residue of either table, a position, a pattern, a window, a PERIOD, weights
    that end too early; then only the table that was wrong is loaded, or nothing. Check: the error;
    then exact, without the rest loaded again."""

    async def scenario(self) -> None:
        for name, item, kind in self.spoilt_passes():
            code, position = self.refused(item)
            await self.fails(Case(name, item, ErrorCode(code), position))
            repair = [one for one in self.sections if one.kind == kind]
            await self.behind(name, repair)

    def spoilt_passes(self) -> Iterator[tuple[str, Pass, Kind | None]]:
        """Name, pass, and which table has to be loaded again."""
        config = self.cfg.config
        for kind, value in ((Kind.KRES, 15), (Kind.RRES, 15), (Kind.POS, 15)):
            table = self.table(kind)
            table[-1] = value
            yield kind.name, self.with_table(kind, table), kind
        table = self.table(Kind.DIR)
        table[:, 0] = 255
        yield "DIR", self.with_table(Kind.DIR, table), Kind.DIR
        yield "period", with_cfg(self.item, PERIOD=1), None
        yield "window", with_cfg(self.item, R=1), None
        yield "weights", with_cfg(self.item, WGT_BASE=config.wgt_depth - config.rows - 1), None


class BadCut(Behind):
    """Goal: a weight packet that is cut short has done what came before the cut. Stimulus: the
    packet ends behind each header, within each section, at its end, one word before its own; then
    the sections from the cut on are loaded. Check: WGT_SHORT at the last beat; then exact, without
    the sections before loaded again."""

    async def scenario(self) -> None:
        # Tables as of another layer, which must not be left.
        for index, section in enumerate(self.sections):
            begin = self.beat_of(index)
            ends = {begin + 1, begin + 1 + section.payload.size // 2}
            ends |= {begin + section.payload.size, begin + 1 + section.payload.size}
            for end in sorted(ends - {self.wgt.size}):
                name = f"cut_{Kind(section.kind).name}_{end}"
                item = replace(self.item, wgt=self.wgt[:end])
                await self.run_job(self.stale(f"{name}_before"))
                await self.fails(Case(name, item, ErrorCode.WGT_SHORT, end - 1))
                # A cut at the end of a section is told by the next one.
                await self.behind(name, self.sections[index:], acts=True)

    def stale(self, label: str) -> Job:
        """A good job with other tables and weights."""
        job = self.maker.good(label)
        assert job.passes[0].wgt is not None
        assert not np.array_equal(job.passes[0].wgt, self.wgt)
        return job


class BadBoth(SpsBad):
    """Goal: of two errors the first one in time. Stimulus: a sum that leaves the accumulator, at
    pixels and columns of different times, and a residue out of range up to two cycles before its
    error, in the same cycle, and up to two behind. Check: the error that comes first, in the same
    cycle the overflow; then exact."""

    limit_us = 100_000

    async def scenario(self) -> None:
        config = self.cfg.config
        lanes = range(config.rows) if config.row_offsets else (0,)
        seen: Counter[int] = Counter()
        for pixel, column in product(range(3), range(config.cols)):
            job = self.overflow(1, [(pixel, column)], (pixel, column))
            for tile, row in product(range(field(job.passes[-1], "CT")), lanes):
                early = self.early(job, pixel, column, tile, row)
                if abs(early) <= 2 and seen[early] < 2:
                    seen[early] += 1
                    await self.run_job(self.both(job, tile, row, early > 0))
                    await self.run_good()
        assert len(seen) == 5, seen

    def early(self, job: Job, pixel: int, column: int, tile: int, row: int) -> int:
        """Cycles from the error of a residue to that of the overflow."""
        config, last = self.cfg.config, job.passes[-1]
        fit = (self.maker.acc_limit - 1) // (self.maker.wgt_max * self.maker.act_max)
        leaves = fit % field(last, "CT")  # the tile in which the sum leaves
        pixels = field(last, "P") * field(last, "Q")
        assert pixel < pixels - 1, "the last pixel may come later"
        sums = self.begins(leaves, pixels) + 1 + pixel + _TO_BANK + config.rows + column
        return sums - (self.scans(tile, pixels) + row + _TO_ERROR)

    def both(self, job: Job, tile: int, row: int, residue: bool) -> Job:
        """The job with a residue out of range in its last pass; ``residue``: that is its error."""
        (load, *_), last = job.passes, job.passes[-1]
        table = self.table(Kind.RRES, load)
        table[tile, row] = 15
        if load is last:  # few products fit: its weights are loaded, too
            wrong = self.with_table(Kind.RRES, table, last)
        else:
            (section,) = (one for one in self.maker.sections_of(load) if one.kind == Kind.RRES)
            section = replace(section, payload=packed(Kind.RRES, table))
            mode = field(last, "MODE") | int(Mode.LOAD_WGT)
            wrong = replace(with_cfg(last, MODE=mode), wgt=packet_of([section]))
        both = Job(job.layers, job.program, job.config, f"both_{tile}_{row}_{residue}")
        both.passes = (*job.passes[:-1], wrong)
        both.expected = job.expected
        if residue:
            place = tile << 16 | Kind.RRES << 8 | row
            both.expected = Expected(len(both.passes) - 1, error("RESIDUE"), place)
        return both

    def begins(self, tile: int, pixels: int) -> int:
        """A_k, the cycle in which a tile begins."""
        return last_start(tile + 1, pixels, self.cfg.config) - 4

    def scans(self, tile: int, pixels: int) -> int:
        """r_k, the cycle in which row 0 of a tile is scanned."""
        config = self.cfg.config
        if tile == 0:
            return FIRST - 7
        before = self.scans(tile - 1, pixels) + config.rows
        return max(before, self.begins(tile - 1, pixels) + config.cols - 2)


BEHIND: tuple[type[SpsBad], ...] = (BadRepaired, BadCut, BadBoth)
