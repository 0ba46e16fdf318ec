"""What must go wrong in good order on SPS: every error code at its place.

What designs around the array have to bear is in ``tb/array/error_tests.py``; what the cases do not
name is as in ``tests.py``.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np

from models.packets import Section, packet_of
from models.program import Pass
from models.socket import ErrorCode
from models.sps.errors import ScanError, SpsError
from models.sps.machine import Machine
from models.sps.registers import Kind
from tb.array.error_tests import BadWgtValue, array_bad_tests
from tb.common.tests.errors import FIRST_HEADER, MAGIC_BEAT, Case
from tb.common.uvm.base_test import add_tests, socket_test
from tb.sps.top.behind_errors import BEHIND
from tb.sps.top.spoilt import SpsBad, error, packed
from tb.sps.top.stimulus import ENTRIES, field, with_cfg


@socket_test(20000)
class BadWgtHeader(SpsBad):
    """Goal: wrong headers in a weight packet. Stimulus: magic, kind, PE, base and count of every
    kind of section, bases within a stream word of a table, one at a time. Check: WGT_HEADER at the
    beat of the header; then exact."""

    def cases(self) -> list[Case]:
        magic = self.wgt.copy()
        magic[0] ^= np.uint64(1 << 40)
        cases = [Case("magic", replace(self.item, wgt=magic), ErrorCode.WGT_HEADER, MAGIC_BEAT)]
        for kind in Kind:
            index = self.index_of(kind)
            good, step = self.sections[index], ENTRIES.get(kind, 1)
            room = self.depth(kind) - good.count
            wrong = {f"kind{k}": replace(good, kind=k) for k in (0, 7, 15)}
            wrong |= {f"pe{pe}": replace(good, pe=pe) for pe in (1, 0x800)}
            wrong["end"] = replace(good, base=-(-(room + 1) // step) * step)
            wrong["base"] = replace(good, base=1 << 23)
            wrong["count"] = replace(good, count=(1 << 24) - 1)
            if step > 1 and room:
                wrong |= {f"within{n}": replace(good, base=n) for n in {1, min(step - 1, room)}}
            for name, section in wrong.items():
                item, beat = self.spoilt(index, section), self.beat_of(index)
                cases.append(Case(f"{kind.name}_{name}", item, ErrorCode.WGT_HEADER, beat))
        # A section that promises more than the packet holds.
        last = len(self.sections) - 1
        item = self.spoilt(last, replace(self.sections[last], count=self.sections[last].count + 1))
        cases.append(Case("past_packet", item, ErrorCode.WGT_HEADER, self.beat_of(last)))
        return cases


@socket_test(20000)
class BadWgtOrder(SpsBad):
    """Goal: sections out of order. Stimulus: each kind twice, and behind the one that should
    follow it. Check: WGT_ORDER at the beat of the second header; then exact."""

    def cases(self) -> list[Case]:
        parts = self.sections
        pairs = {f"{Kind(one.kind).name}_twice": [one, one] for one in parts}
        for first, second in pairwise(parts):
            pairs[f"{Kind(first.kind).name}_late"] = [second, first]
        return [
            Case(
                name,
                replace(self.item, wgt=packet_of(wrong)),
                ErrorCode.WGT_ORDER,
                FIRST_HEADER + 1 + wrong[0].payload.size,
            )
            for name, wrong in pairs.items()
        ]


@socket_test(20000)
class BadResidue(SpsBad):
    """Goal: a residue out of range. Stimulus: PERIOD and 15 in the first and the last word of KRES
    and, in the first row, an inner one and the last, of RRES; several at once; a PERIOD too short
    for good tables. Check: RESIDUE with table, word and row, those of the first row at fault, KRES
    before RRES; then exact. Words and rows that no tile uses do not count."""

    async def scenario(self) -> None:
        await super().scenario()
        await self.unused()

    def cases(self) -> list[Case]:
        config, code, cases = self.cfg.config, error("RESIDUE"), []
        period = field(self.item, "PERIOD")
        kres, rres = self.table(Kind.KRES), self.table(Kind.RRES)
        wrong = [value for value in dict.fromkeys((period, 15)) if period <= value <= 15]
        assert wrong, "any residue is below this PERIOD"
        for value in wrong:
            for word in dict.fromkeys((0, len(kres) - 1)):
                table = kres.copy()
                table[word] = value
                item = self.with_table(Kind.KRES, table)
                cases.append(Case(f"kres_{word}_{value}", item, code, word << 16 | Kind.KRES << 8))
            rows = (0, 1, config.rows - 1) if config.row_offsets else (0,)
            for word in dict.fromkeys((0, len(rres) - 1)):
                for row in rows:
                    other = rres.copy()
                    other[word, row] = value
                    pos = word << 16 | Kind.RRES << 8 | row
                    item = self.with_table(Kind.RRES, other)
                    cases.append(Case(f"rres_{word}_{row}_{value}", item, code, pos))
        # All of them: in row 0 of the first tile, KRES comes first.
        item = self.with_table(Kind.KRES, np.full_like(kres, period))
        item = self.with_table(Kind.RRES, np.full_like(rres, period), item)
        cases.append(Case("all", item, code, Kind.KRES << 8))
        if config.row_offsets:
            other = rres.copy()
            other[0, 2:] = other[-1, 0] = period
            pos = Kind.RRES << 8 | 2
            cases.append(Case("rows", self.with_table(Kind.RRES, other), code, pos))
        for short in range(1, period):
            item = with_cfg(self.item, PERIOD=short)
            wrong_code, pos = self.refused(item)
            cases.append(Case(f"period_{short}", item, ErrorCode(wrong_code), pos))
        for case in cases:
            assert self.refused(case.item) == (int(case.code), case.position), case.name
        return cases

    async def unused(self) -> None:
        """What no tile looks at may be anything."""
        config, item = self.cfg.config, self.item
        rres = self.table(Kind.RRES)
        if not config.row_offsets:
            rres[:, 1:] = 15
            item = self.with_table(Kind.RRES, rres)
        kres, parts = self.table(Kind.KRES), self.maker.sections_of(item)
        index = self.index_of(Kind.KRES)
        behind = np.append(kres, [15])[: config.max_kt]
        parts[index] = replace(parts[index], count=behind.size, payload=packed(Kind.KRES, behind))
        await self.run_job(self.other("unused", replace(item, wgt=packet_of(parts))))


@socket_test(20000)
class BadPosition(SpsBad):
    """Goal: a table that names a position outside of the kernel. Stimulus: each entry of POS in use
    a row and a column outside of the window and as far outside as its bits go; a window smaller
    than the patterns; patterns that begin so late that they leave the table, by one and by far.
    Check: POSITION with the entry, the first one that is looked at; then exact. Entries that no
    pattern uses do not count."""

    async def scenario(self) -> None:
        await super().scenario()
        await self.unused()

    def cases(self) -> list[Case]:
        config, cases = self.cfg.config, []
        pos, dirs = self.table(Kind.POS), self.table(Kind.DIR)
        window = field(self.item, "R"), field(self.item, "S")

        def case(name: str, item: Pass) -> None:
            code, place = self.refused(item)
            assert code == SpsError.POSITION, name
            cases.append(Case(name, item, error("POSITION"), place))

        for entry in range(len(pos)):
            for name, wrong in (
                ("row", (window[0], 0)),
                ("column", (0, window[1])),
                ("far", (15, 15)),
            ):
                table = pos.copy()
                table[entry] = wrong
                item = self.with_table(Kind.POS, table)
                assert self.refused(item)[1] == entry
                case(f"{name}_{entry}", item)
        for name in ("R", "S"):
            largest = int(pos[:, int(name == "S")].max())
            if largest:
                case(f"window_{name}", with_cfg(self.item, **{name: largest}))
        for first in (config.table_depth - 1, config.table_depth, 255):
            table = dirs.copy()
            table[:, 0] = min(first, 255)
            # What lies there is inside of the window.
            full = np.zeros((config.table_depth, 2), dtype=np.int64)
            full[: len(pos)] = pos
            item, parts = self.item, self.sections
            index = self.index_of(Kind.POS)
            parts[index] = replace(parts[index], count=len(full), payload=packed(Kind.POS, full))
            item = self.with_table(Kind.DIR, table, replace(item, wgt=packet_of(parts)))
            assert self.refused(item)[1] >= config.table_depth
            case(f"table_{first}", item)
        return cases

    async def unused(self) -> None:
        """Positions that no pattern uses, and the first one of a pattern without positions."""
        config, parts = self.cfg.config, self.sections
        pos, dirs = self.table(Kind.POS), self.table(Kind.DIR)
        full = np.full((config.table_depth, 2), 15, dtype=np.int64)
        full[: len(pos)] = pos
        index = self.index_of(Kind.POS)
        parts[index] = replace(parts[index], count=len(full), payload=packed(Kind.POS, full))
        dirs[dirs[:, 1] == 0, 0] = 255
        item = self.with_table(Kind.DIR, dirs, replace(self.item, wgt=packet_of(parts)))
        await self.run_job(self.other("unused", item))


@socket_test(20000)
class BadWgtRange(SpsBad):
    """Goal: weights that end too early. Stimulus: WGT_BASE so that one word is left, a tile, a
    word less and more, all but a tile, all but a word. Check: WGT_RANGE with the first tile that is
    not whole; then exact."""

    def cases(self) -> list[Case]:
        config, cases = self.cfg.config, []
        (scan,) = (scan for _, _, scan, _ in self.maker.scans(self.base))
        words = scan.tiles * config.rows
        for left in dict.fromkeys(
            (1, config.rows - 1, config.rows, config.rows + 1, words - config.rows, words - 1)
        ):
            item = with_cfg(self.item, WGT_BASE=config.wgt_depth - left)
            pos = left // config.rows
            assert self.refused(item) == (SpsError.WGT_RANGE, pos)
            cases.append(Case(f"left_{left}", item, error("WGT_RANGE"), pos))
        return cases


@socket_test(40000)
class BadTables(SpsBad):
    """Goal: tables that are anything. Stimulus: bits turned over in all tables of a good pass, in
    some twenty ways, also with fewer weights than they ask for. Check: the first fault in the order
    of the scan, as the model finds it, of each kind at least once; then exact."""

    def cases(self) -> list[Case]:
        rng, cases = self.cfg.rng, []
        kinds: dict[int, int] = dict.fromkeys((int(one) for one in SpsError), 0)
        for turn in range(400):
            item = self.turned(turn)
            try:
                Machine(self.cfg.config).run(item)
            except ScanError as found:
                kinds[int(found.code)] += 1
                if kinds[int(found.code)] <= 7:
                    code = ErrorCode(int(found.code))
                    cases.append(Case(f"tables_{turn}", item, code, found.pos))
            except (OverflowError, ValueError):
                continue  # a pass of weights that nobody has loaded
        rng.shuffle(cases)  # type: ignore[arg-type]
        assert all(kinds.values()), kinds
        return cases

    def turned(self, turn: int) -> Pass:
        """The good pass with one to three bits of its tables turned over; whole tables, so that
        nothing is left of passes before."""
        rng, parts = self.cfg.rng, self.whole()
        tables = [at for at, one in enumerate(parts) if one.kind > Kind.BIAS]
        for _ in range(int(rng.integers(1, 4))):
            at = int(rng.choice(tables))
            kind, count = Kind(parts[at].kind), self.sections[at].count
            width = {Kind.DIR: 16, Kind.POS: 8, Kind.KRES: 4}.get(kind, 4 * self.cfg.config.rows)
            # Of RRES each entry begins a stream word.
            step = -(-width // 64) * 64 if kind == Kind.RRES else width
            bit = int(rng.integers(count)) * step + int(rng.integers(width))
            payload = parts[at].payload.copy()
            payload[bit // 64] ^= np.uint64(1 << bit % 64)
            parts[at] = replace(parts[at], payload=payload)
        item = replace(self.item, wgt=packet_of(parts))
        if self.narrow:  # weights at other places may not leave the accumulators first
            assert item.act is not None
            item = replace(item, act=np.append(item.act[:1], np.zeros_like(item.act[1:])))
        if turn % 4 == 0:
            left = int(rng.integers(1, 4 * self.cfg.config.rows))
            item = with_cfg(item, WGT_BASE=self.cfg.config.wgt_depth - left)
        return item

    @property
    def narrow(self) -> bool:
        """Whether sums of a column of the largest products leave the accumulators in two tiles."""
        maker = self.maker
        return maker.acc_limit < 2 * self.cfg.config.rows * maker.wgt_max * maker.act_max

    def whole(self) -> list[Section]:
        """The sections of the good pass, those of tables filled up with zeros."""
        made = self.sections
        for index, part in enumerate(made):
            kind = Kind(part.kind)
            if kind > Kind.BIAS:
                table = self.table(kind)
                missing = self.depth(kind) - len(table)
                table = np.pad(table, ((0, missing), *((0, 0),) * (table.ndim - 1)))
                made[index] = replace(part, count=len(table), payload=packed(kind, table))
        return made


add_tests(SpsBad, __name__, BadWgtValue, *BEHIND)
array_bad_tests(SpsBad, __name__, BadWgtOrder, BadWgtValue, BadResidue, BadPosition, BadWgtRange)
