"""What must go wrong in good order on Cambricon-SE: every error code at its place.

Each case spoils a good pass in one place; what every design has to bear is in ``tb/common/tests``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import pairwise, product

import numpy as np

from models.cambricon_se.errors import CseError
from models.cambricon_se.huffman import Table, codes_of_sections, encode
from models.cambricon_se.packets import activation_packet, activations, codes_section
from models.cambricon_se.registers import Kind, Mode
from models.packets import Section, packet_of
from models.program import Pass
from models.socket import ErrorCode
from tb.cambricon_se.top.env import CambriconSeTest
from tb.cambricon_se.top.stimulus import CFG, Shape, field, with_cfg
from tb.common.tests.errors import (
    FIRST_HEADER,
    MAGIC_BEAT,
    BadTest,
    Case,
    bad_tests,
    geometry_cases,
)
from tb.common.tests.leftover import leftover_tests
from tb.common.tests.limits import limits_tests
from tb.common.tests.results import result_tests
from tb.common.tests.top import DirectedFinalCounters
from tb.common.tests.watchdog import DirectedWatchdog, watchdog_tests
from tb.common.uvm.base_test import socket_test
from tb.common.uvm.items import Expected, Job

LIST_RANGE = ErrorCode(CseError.LIST_RANGE)
ACT_VALUE = ErrorCode(CseError.ACT_VALUE)
HUF_TABLE, HUF_CODE = ErrorCode(CseError.HUF_TABLE), ErrorCode(CseError.HUF_CODE)
HUF_SHORT = ErrorCode(CseError.HUF_SHORT)
_LAST = np.uint64(1 << 20)


class CambriconSeBad(BadTest, CambriconSeTest):
    """Base: a good pass, spoilt in one place at a time."""

    def depth(self, kind: Kind) -> int:
        """Units of a kind: entries, regions, biases."""
        config = self.cfg.config
        return {Kind.BOOK: config.regions, Kind.BIAS: config.bias_depth}.get(
            kind, config.list_depth
        )

    def units(self, kind: Kind) -> list[int]:
        """PEs that have sections of a kind in a packet."""
        return [one.pe for one in self.sections if one.kind == kind]

    def section_kinds(self) -> list[Kind]:
        """Kinds of sections that the build has."""
        return [kind for kind in Kind if self.units(kind)]

    def with_offset(self, core: int, entry: int, offset: int) -> Pass:
        """The pass with another row in an entry."""
        index = self.index_of(Kind.LIST, core * self.cfg.config.pes)
        section = self.sections[index]
        payload = section.payload.copy()
        at = entry * (payload.size // section.count)
        payload[at] = payload[at] & ~np.uint64(0xFFFF) | np.uint64(offset)
        return self.spoilt(index, replace(section, payload=payload))

    def overflow(self, sign: int, group: int, pe: int, pixel: int) -> Job:
        """A job of one pass that leaves the accumulator at one output alone: a sum goes up to the
        end of the accumulator, a bias brings it past it.
        """
        config, maker = self.cfg.config, self.maker
        shape = Shape(q=3, groups=config.cores + 1)
        lists = []
        for number in range(shape.groups):
            mask = np.arange(config.window)[None] < config.code_row
            one = maker.entries([0], mask, 1)
            weights = np.zeros_like(one.weights)
            if number == group:
                weights[:, pe] = np.where(one.masks[:, 0], sign * 127, 0)
            lists.append(replace(one, weights=weights))
        acts = np.zeros((1, 3, 1, config.window), dtype=np.int64)
        acts[0, pixel] = maker.act_max
        biases = np.zeros(shape.groups * config.pes, dtype=np.int64)
        biases[group * config.pes + pe] = sign * maker.bias_max
        job = maker.raw(f"overflow_{group}_{pe}_{pixel}", shape, lists, acts, biases=biases)
        core, number = group % config.cores, group // config.cores
        position = (core * config.pes + pe) << 24 | number * 3 + pixel
        job.expected = Expected(0, ErrorCode.ACC_OVERFLOW, position)
        return job

    @property
    def overflows(self) -> bool:
        """Whether a bias and one entry can leave the accumulators."""
        config, maker = self.cfg.config, self.maker
        return maker.bias_max + 127 * maker.act_max * config.code_row >= maker.acc_limit

    def run_jobs(self) -> list[Job]:
        wrong = Job(self.base.layers, self.base.program, self.base.config, "list_range")
        rows = self.base_rows
        wrong.passes = (self.with_offset(0, 0, rows),)
        wrong.expected = Expected(0, LIST_RANGE, 0)
        return [wrong, *([self.overflow(1, 0, 1, 1)] if self.overflows else [])]

    @property
    def base_rows(self) -> int:
        """Rows of the block of the good pass."""
        item = self.item
        return field(item, "H") * field(item, "W") * field(item, "CB")

    @property
    def packed_job(self) -> Job:
        """The good pass, its activations packed; the same each time."""
        if not hasattr(self, "_packed"):
            self._packed = self.maker.good("packed", packed=True)
        return self._packed


@socket_test(20000)
class BadWgtHeader(CambriconSeBad):
    """Goal: wrong headers in a weight packet. Stimulus: magic, kind, the PE behind the last, one
    that is not the first of a core, base and count past the end, biases from an odd one on, masks
    where no PE has any, a section longer than the packet. Check: WGT_HEADER at the beat of the
    header; then exact."""

    def cases(self) -> list[Case]:
        config = self.cfg.config
        magic = self.wgt.copy()
        magic[0] ^= np.uint64(1 << 40)
        cases = [Case("magic", replace(self.item, wgt=magic), ErrorCode.WGT_HEADER, MAGIC_BEAT)]
        for kind in self.section_kinds():
            index = self.index_of(kind, self.units(kind)[-1])
            good, depth = self.sections[index], self.depth(kind)
            wrong = {f"kind{k}": replace(good, kind=k) for k in (0, max(Kind) + 1, 15)}
            wrong |= {f"pe{pe}": replace(good, pe=pe) for pe in (config.all_pes, 0xFFF)}
            wrong["end"] = replace(good, base=-(-(depth - good.count + 1) // 2) * 2)
            wrong["base"] = replace(good, base=1 << 23)
            wrong["count"] = replace(good, count=(1 << 24) - 1)
            if kind == Kind.BIAS:
                wrong["odd"] = replace(good, base=1, count=1)
            if kind in (Kind.LIST, Kind.BOOK):
                wrong["second"] = replace(good, pe=good.pe + 1)
            if not config.per_pe:
                wrong["mask"] = replace(good, kind=Kind.MASK)
            for name, section in wrong.items():
                item, beat = self.spoilt(index, section), self.beat_of(index)
                cases.append(Case(f"{kind.name}_{name}", item, ErrorCode.WGT_HEADER, beat))
        last = len(self.sections) - 1
        empty = replace(self.sections[last], payload=self.sections[last].payload[:-1])
        item = self.spoilt(last, empty)
        cases.append(Case("past_packet", item, ErrorCode.WGT_HEADER, self.beat_of(last)))
        return cases


@socket_test(8000)
class BadWgtOrder(CambriconSeBad):
    """Goal: sections out of order. Stimulus: each kind twice, a PE behind the one that should
    follow it, each kind behind the next one. Check: WGT_ORDER at the second header; then exact."""

    def cases(self) -> list[Case]:
        parts = {
            kind: [s for s in self.sections if s.kind == kind] for kind in self.section_kinds()
        }
        pairs: dict[str, tuple[Section, Section]] = {}
        for kind, some in parts.items():
            pairs[f"{kind.name}_twice"] = some[-1], some[-1]
            if len(some) > 1:
                pairs[f"{kind.name}_falls"] = some[-1], some[0]
        kinds = list(parts)
        for low, high in pairwise(kinds):
            pairs[f"{low.name}_behind"] = parts[high][0], parts[low][-1]
        return [
            Case(
                name,
                replace(self.item, wgt=packet_of(list(pair))),
                ErrorCode.WGT_ORDER,
                FIRST_HEADER + 1 + pair[0].payload.size,
            )
            for name, pair in pairs.items()
        ]


@socket_test(20000)
class BadWgtValue(CambriconSeBad):
    """Goal: words of a weight packet that mean nothing. Stimulus: a bias wider than BiasWidth, in
    either lane, of the first and the last PE; of an entry of a list, the first and the last, a
    region that the build has not, each bit between mark and mask, mask bits past the window, more
    than a row has codes; the same of a mask of a PE. Check: WGT_VALUE at the beat; then exact."""

    async def scenario(self) -> None:
        await self.run_good()
        await super().scenario()

    def cases(self) -> list[Case]:
        config, cases = self.cfg.config, []
        bits = (config.bias_width, 31) if config.bias_width < 32 else ()
        pes = self.units(Kind.BIAS)
        for pe, lane, bit in product((pes[0], pes[-1]), (0, 1), bits):
            cases.append(self.flipped(Kind.BIAS, pe, -1, 32 * lane + bit))
        each = config.entry_words
        count = self.sections[self.index_of(Kind.LIST)].count
        for entry in (0, count - 1):
            wrong = [(0, bit) for bit in (21, 26, 31)]
            past = 32 + config.window
            if past < 64 * each:
                wrong += [(past // 64, past % 64), (each - 1, 63)]
            if config.regions < 16:
                wrong.append((0, 19))
            for word, bit in wrong:
                cases.append(self.flipped(Kind.LIST, 0, entry * each + word, bit))
            if config.code_row < config.window and not config.per_pe:
                cases.append(self.crowded(entry))
        if config.per_pe and config.window < 64:
            for bit in (config.window, 63):
                cases.append(self.flipped(Kind.MASK, self.units(Kind.MASK)[-1], 0, bit))
        return cases

    def crowded(self, entry: int) -> Case:
        """A case with all mask bits in an entry of a list: there are not as many codes."""
        index, each = self.index_of(Kind.LIST), self.cfg.config.entry_words
        section = self.sections[index]
        payload = section.payload.copy()
        for bit in range(32, 32 + self.cfg.config.window):
            payload[entry * each + bit // 64] |= np.uint64(1 << bit % 64)
        item = self.spoilt(index, replace(section, payload=payload))
        beat = self.beat_of(index) + (entry + 1) * each
        return Case(f"crowded_{entry}", item, ErrorCode.WGT_VALUE, beat)

    def flipped(self, kind: Kind, pe: int, word: int, bit: int) -> Case:
        """A case with another bit in a word of a section."""
        index = self.index_of(kind, pe)
        section = self.sections[index]
        payload = section.payload.copy()
        at = word % payload.size
        if (kind, bit) == (Kind.LIST, 19):  # any region from there on
            payload[at] |= np.uint64(0xF << 16)
        else:
            payload[at] ^= np.uint64(1 << bit)
        item = self.spoilt(index, replace(section, payload=payload))
        name = f"{kind.name}_{pe}_{word}_{bit}"
        return Case(name, item, ErrorCode.WGT_VALUE, self.beat_of(index) + 1 + at)


@socket_test(20000)
class BadListRange(CambriconSeBad):
    """Goal: a list that leaves the block or its memory. Stimulus: the first row past the block and
    the last there is, in the first and the last entry of each core, at the first pixel and at the
    last one alone; lists without an end. Check: LIST_RANGE with core and entry; then exact."""

    async def scenario(self) -> None:
        for case in self.cases():
            await self.fails(case)
            await self.run_good()
        for core in range(self.cfg.config.cores):
            await self.run_job(self.endless(core))
            await self.run_good()

    def cases(self) -> list[Case]:
        config, cases = self.cfg.config, []
        item, rows = self.item, self.base_rows
        origin = (field(item, "W") + 1) * field(item, "STRIDE") * field(item, "CB")
        for core in range(config.cores):
            count = self.sections[self.index_of(Kind.LIST, core * config.pes)].count
            for entry, offset in product((0, count - 1), (rows - origin, rows, 0xFFFF)):
                name = f"range_{core}_{entry}_{offset}"
                position = core << 24 | entry
                spoilt = self.with_offset(core, entry, offset)
                cases.append(Case(name, spoilt, LIST_RANGE, position))
        return cases

    def endless(self, core: int) -> Job:
        """The lists of a core have no end: all entries are there, none is marked."""
        config, maker = self.cfg.config, self.maker
        shape = Shape(groups=config.cores)
        each = [config.list_depth if n == core else 1 for n in range(config.cores)]
        masks = np.zeros((config.list_depth, config.window), dtype=bool)
        masks[0, 0] = True
        lists = [maker.entries([0] * n, masks[:n], 1) for n in each]
        job = maker.raw(f"endless_{core}", shape, lists)
        (item,) = job.passes
        parts = self.sections_of(item)
        for at, one in enumerate(parts):
            if one.kind == Kind.LIST and one.pe == core * config.pes:
                payload = one.payload.copy()
                payload[:: config.entry_words] &= ~_LAST
                parts[at] = replace(one, payload=payload)
        job.passes = (replace(item, wgt=packet_of(parts)),)
        job.expected = Expected(0, LIST_RANGE, core << 24 | config.list_depth - 1)
        return job


@socket_test(20000)
class BadActPacked(CambriconSeBad):
    """Goal: wrong packed activations. Stimulus: a value of 0 behind a mask bit, the first and the
    last of the packet; a unit behind the last value; a mask bit past a window below 16; a packet
    that ends before its last value, and one with a word more; an empty one. Check: ACT_VALUE,
    ACT_SHORT, ACT_LONG at the beat, ACT_HEADER; then exact, packed."""

    async def scenario(self) -> None:
        for case in self.cases():
            await self.fails(case)
            await self.run_job(self.packed_job)

    def cases(self) -> list[Case]:
        config, (item,) = self.cfg.config, self.packed_job.passes
        assert item.act is not None
        packed = replace(config, packed_in=True)
        rows = field(item, "H") * field(item, "W") * field(item, "CB")
        block = activations(item.act, rows, True, config)
        block[0, 0] = block[-1, -1] = 5
        act = activation_packet(block, packed)
        size, cases = act.size, []
        units = act[1:].view(np.uint16).copy()  # the mask, then the value of the first position
        used = int(np.flatnonzero(units)[-1]) + 1

        def case(name: str, units: np.ndarray, code: ErrorCode, beat: int) -> None:
            words = np.concatenate((act[:1], np.ascontiguousarray(units).view(np.uint64)))
            words[0] = words[0] & ~np.uint64(0xFFFF_FFFF) | np.uint64(words.size - 1)
            cases.append(Case(name, replace(item, act=words), code, beat))

        for at in (1, used - 1):
            wrong = units.copy()
            wrong[at] = 0
            case(f"zero_{at}", wrong, ACT_VALUE, 1 + at // 4)
        if used % 4:
            wrong = units.copy()
            wrong[used] = 1
            case("behind", wrong, ACT_VALUE, size - 1)
        if config.unit < 16:
            wrong = units.copy()
            wrong[0] |= 1 << config.unit
            case("past", wrong, ACT_VALUE, 1)
        for less in (1, (size - 1) // 2):
            case(f"short_{less}", units[: units.size - 4 * less], ErrorCode.ACT_SHORT,
                 size - 1 - less)  # fmt: skip
        for more in (1, 9):
            case(f"long_{more}", np.append(units, np.zeros(4 * more, dtype=np.uint16)),
                 ErrorCode.ACT_LONG, size)  # fmt: skip
        case("empty", units[:0], ErrorCode.ACT_HEADER, 0)
        return cases


@socket_test(20000)
class BadHuffman(CambriconSeBad):
    """Goal: wrong bit strings. Stimulus: codes before there is a table, and behind a wrong one;
    tables with a code past the longest, of codes too many, too few, not as many as announced, with
    a symbol too many; bits behind the last code, a wrong header there; bits that no code begins
    with; packets that end within codes, behind their first header, in the middle, a word early.
    Check: HUF_TABLE, HUF_CODE, WGT_HEADER, HUF_SHORT at the beat; then exact, in bit strings. A
    build without a decoder refuses the table."""

    async def scenario(self) -> None:
        config, maker = self.cfg.config, self.maker
        shape = Shape(p=2, q=2, down=2, cb=2, groups=config.cores + 1)
        plain = maker.raw("plain", shape, act_density=0.5)
        (item,) = plain.passes
        sections = maker.sections_of(item)
        table = Table.of(codes_of_sections(sections, config)) if config.huf_lanes else self.single
        at = sum(one.kind < Kind.TABLE for one in sections)
        if not config.huf_lanes:
            parts = [*sections[:at], table.section, *sections[at:]]
            wrong = replace(item, wgt=packet_of(parts))
            beat = FIRST_HEADER + sum(1 + one.payload.size for one in sections[:at])
            await self.fails(Case("table", wrong, ErrorCode.WGT_HEADER, beat))
            await self.run_good()
            return
        good = maker.raw("strings", shape, act_density=0.5, huffman=True)
        item = with_cfg(item, MODE=field(item, "MODE") | int(Mode.HUFFMAN))
        for case in self.strings(item, sections, table):
            await self.fails(case)
            if not case.name.startswith("missing"):
                await self.fails_or_runs(case, item, sections, table)
            await self.run_job(good)
        for case in self.tables(plain.passes[0], sections[:at], table.section):
            await self.fails(case)
            await self.run_good()

    def tables(self, item: Pass, before: list[Section], table: Section) -> Iterator[Case]:
        """Headers of tables at fault, in packets without strings."""
        beat = self.begin(before, Kind.CODES)
        for name, one in (
            ("none", replace(table, count=0)),
            ("large", replace(table, count=257)),
            ("base", replace(table, base=1)),
            ("pe", replace(table, pe=1)),
        ):
            wrong = replace(item, wgt=packet_of([*before, one, table]))
            yield Case(name, wrong, ErrorCode.WGT_HEADER, beat)
        wrong = replace(item, wgt=packet_of([*before, table, table]))
        yield Case("twice", wrong, ErrorCode.WGT_ORDER, beat + 1 + table.payload.size)

    async def fails_or_runs(
        self, case: Case, item: Pass, sections: list[Section], table: Table
    ) -> None:
        """Behind a wrong table there is none; behind other errors the one before stays."""
        if case.name.startswith("table"):
            bare = self.maker.strings(sections, table, fresh=False)
            wrong = replace(item, wgt=packet_of(bare))
            await self.fails(Case(f"{case.name}_gone", wrong, HUF_TABLE, self.begin(bare)))

    @property
    def single(self) -> Table:
        """A table of one code."""
        return Table.of(np.bincount([5], minlength=256))

    def begin(self, sections: list[Section], kind: Kind = Kind.CODES) -> int:
        """Beat of the first header of a kind."""
        before = [one for one in sections if one.kind < kind]
        return FIRST_HEADER + sum(1 + one.payload.size for one in before)

    def strings(self, item: Pass, sections: list[Section], table: Table) -> list[Case]:
        """The spoilt passes; the first ones where there is no table yet."""
        maker, cases = self.maker, []

        def case(name: str, parts: list[Section], code: ErrorCode, beat: int) -> None:
            cases.append(Case(name, replace(item, wgt=packet_of(parts)), code, beat))

        bare = maker.strings(sections, table, fresh=False)
        case("missing", bare, HUF_TABLE, self.begin(bare))
        parts = maker.strings(sections, table)
        at = next(n for n, one in enumerate(parts) if one.kind == Kind.TABLE)
        begin, good = self.begin(parts, Kind.TABLE), parts[at]
        have = np.bincount(table.lengths[table.symbols], minlength=17)
        most = int(np.flatnonzero(have)[-1])
        wrong = {"past": {16: 1}, "less": {most: have[most] - 1}, "many": {most: have[most] + 1}}
        wrong["over"] = {most: 0, most - 1: have[most - 1] + have[most]} if most > 1 else {2: 1}
        wrong["under"] = {most: 0, most + 1: have[most]}
        for name, numbers in wrong.items():
            payload = good.payload.copy()
            for length, number in numbers.items():
                payload[:4].view("<u2")[length - 1] = number
            spoilt = [*parts[:at], replace(good, payload=payload), *parts[at + 1 :]]
            case(f"table_{name}", spoilt, HUF_TABLE, begin + 4)
        if good.count % 8:
            payload = good.payload.copy()
            payload[-1] |= np.uint64(1 << 63)
            spoilt = [*parts[:at], replace(good, payload=payload), *parts[at + 1 :]]
            case("table_behind", spoilt, HUF_TABLE, begin + payload.size)
        # Bits of the last words of the last lanes are behind all codes.
        last = max(n for n, one in enumerate(parts) if one.kind == Kind.CODES and one.payload.size)
        payload = parts[last].payload.copy()
        payload[-1] |= np.uint64(1 << 63)
        spoilt = [*parts[:last], replace(parts[last], payload=payload), *parts[last + 1 :]]
        case("behind", spoilt, HUF_CODE, self.begin(parts, Kind.BOOK))
        book = next(n for n, one in enumerate(parts) if one.kind == Kind.BOOK)
        spoilt = [*parts[:book], replace(parts[book], kind=15), *parts[book + 1 :]]
        case("header_behind", spoilt, ErrorCode.WGT_HEADER, self.begin(parts, Kind.BOOK))
        one = codes_section(0, np.full((1, self.cfg.config.code_row), 5))
        lone = encode([self.single.section, one], self.single, self.cfg.config)
        payload = lone[1].payload.copy()
        payload[0] |= np.uint64(1)
        lone[1] = replace(lone[1], payload=payload)
        case("none", lone, HUF_CODE, begin_of_end(lone))
        words = packet_of(parts)
        start, size = self.begin(parts), sum(1 + one.payload.size for one in parts[at + 1 : at + 2])
        for length in dict.fromkeys((start + 1, start + 1 + size // 2, start + size - 1)):
            cut = words[:length].copy()
            cut[0] -= np.uint64(words.size - length)
            name = f"short_{length}"
            cases.append(Case(name, replace(item, wgt=cut), HUF_SHORT, length - 1))
        return cases


def begin_of_end(sections: list[Section]) -> int:
    """Beat of the last word of a packet."""
    return packet_of(sections).size - 1


@socket_test(20000)
class BadGeometry(CambriconSeBad):
    """Goal: a geometry the build cannot hold. Stimulus: fields past their range beside good ones,
    two wrong fields at once, in passes of single phases, too. Check: GEOMETRY at the lowest wrong
    CFG index, no stream touched; then exact."""

    def cases(self) -> list[Case]:
        config, item = self.cfg.config, self.item
        mode = field(item, "MODE")
        most = config.cores * config.bias_depth
        wrong: list[tuple[str, dict[str, int]]] = [
            ("MODE", {"MODE": 0}),
            ("MODE", {"MODE": mode | 2 * max(Mode)}),
            ("MODE", {"MODE": mode | 1 << 31}),
            ("MODE", {"MODE": mode | Mode.ACC_KEEP | Mode.BIAS}),
            *[("MODE", {"MODE": mode | Mode.HUFFMAN})][config.huf_lanes :],
            ("H", {"H": 0}),
            ("H", {"W": 0}),
            ("P", {"P": 0}),
            ("P", {"Q": 0}),
            ("CB", {"STRIDE": 0}),
            ("CB", {"CB": 0}),
            ("CB", {"CB": 255, "H": 65535, "W": 65535}),
            ("CB", {"H": config.act_depth + 1, "W": 1, "CB": 1}),
            ("GROUPS", {"GROUPS": 0}),
            ("GROUPS", {"GROUPS": 65535}),
            ("GROUPS", {"P": 65535, "Q": 65535}),
            ("GROUPS", {"P": config.acc_depth + 1, "Q": 1, "GROUPS": 1}),
            ("GROUPS", {"P": 1, "Q": 1, "GROUPS": most + 1, "MODE": mode | Mode.BIAS}),
            ("SHIFT", {"SHIFT": config.acc_width}),
            ("H", {"SHIFT": config.acc_width, "H": 0}),
            ("CB", {"STRIDE": 0, "GROUPS": 0}),
            ("P", {"MODE": int(Mode.OUTPUT), "H": 0, "CB": 0, "P": 0}),
            ("GROUPS", {"MODE": int(Mode.OUTPUT), "STRIDE": 0, "GROUPS": 0}),
            ("CB", {"MODE": int(Mode.LOAD_ACT), "CB": 0, "P": 0}),
            ("CB", {"MODE": int(Mode.COMPUTE), "STRIDE": 0}),
        ]
        return geometry_cases(CFG, item, wrong)


@socket_test(40000)
class BadAccumulator(CambriconSeBad):
    """Goal: a sum that leaves the accumulator. Stimulus: one output, of either sign, of the first
    and the last group, PE and pixel; all PEs of all cores at one pixel; in a pass that keeps.
    Check: ACC_OVERFLOW with PE and accumulator, of several the lowest; then exact."""

    async def scenario(self) -> None:
        config = self.cfg.config
        groups = dict.fromkeys((0, config.cores - 1, config.cores))
        for number, (group, pe) in enumerate(product(groups, (0, config.pes - 1))):
            sign = 1 - 2 * (number % 2)
            await self.run_job(self.overflow(sign, group, pe, number % 3))
            await self.run_good()
        await self.run_job(self.several())
        await self.run_good()
        await self.run_job(self.kept())
        await self.run_good()

    def several(self) -> Job:
        """All PEs but the first of all cores overflow, at the second pixel."""
        config, maker = self.cfg.config, self.maker
        job = self.overflow(1, 0, 1, 1)
        layer = job.layers[0]
        weights = np.zeros_like(layer.weights)
        weights[1 : config.cores * config.pes] = layer.weights[1]
        shape = Shape(q=3, groups=config.cores + 1)
        lists = []
        for group in range(shape.groups):
            mask = np.arange(config.window)[None] < config.code_row
            one = maker.entries([0], mask, 1)
            mine = weights[group * config.pes : (group + 1) * config.pes, :, 0, 0]
            lists.append(replace(one, weights=mine[None]))
        biases = np.zeros(shape.groups * config.pes, dtype=np.int64)
        biases[1 : config.cores * config.pes] = maker.bias_max
        assert layer.activations is not None
        acts = layer.activations[0].transpose(1, 2, 0)[:, :, None]
        other = maker.raw("several", shape, lists, acts, biases=biases)
        other.expected = Expected(0, ErrorCode.ACC_OVERFLOW, 1 << 24 | 1)
        return other

    def kept(self) -> Job:
        """Two passes; the sum leaves in the second, which goes on with the first one's."""
        config, maker = self.cfg.config, self.maker
        shape = Shape(cb=2, passes=2)
        mask = np.arange(config.window)[None] < config.code_row
        one = maker.entries([0, 1], np.repeat(mask, 2, axis=0), 127)
        weights = np.where(np.arange(2)[:, None, None] == 1, np.abs(one.weights), 0)
        weights = np.where(one.masks, np.sign(weights) * 127, 0)
        acts = np.full((1, 1, 2, config.window), maker.act_max)
        biases = np.full(config.pes, maker.bias_max)
        job = maker.raw("kept", shape, [replace(one, weights=weights)], acts, biases=biases)
        job.expected = Expected(1, ErrorCode.ACC_OVERFLOW, 0)
        return job


@socket_test(40000)
class BadFinal(DirectedFinalCounters, CambriconSeBad):
    """Goal: an error of computing means counted. Stimulus: passes that end in LIST_RANGE and, where
    they can, in ACC_OVERFLOW, with vectors on their way; of each one run per register that counts,
    read in the very cycle in which irq_o rises. Check: every register has the value that it has 40
    cycles later."""

    async def scenario(self) -> None:
        await self.run_good()
        self.final = self.base
        count = self.sections[self.index_of(Kind.LIST)].count
        await self.watch("list_range", self.with_offset(0, count - 1, self.base_rows))
        if self.overflows:
            await self.watch("overflow", self.overflow(1, 0, 1, 1).passes[0])


class CambriconSeWatchdog(DirectedWatchdog, CambriconSeBad):
    """Cambricon-SE's jobs."""

    def jobs(self) -> Mapping[str, tuple[Job, Mapping[str, int]]]:
        config, maker = self.cfg.config, self.maker
        shape = Shape(p=4, q=4, across=2, groups=config.cores)
        none = [maker.entries([0], np.zeros((1, config.window), bool)) for _ in range(shape.groups)]
        one = maker.whole(shape)[0]
        alone = [one, *none[1:]]
        jobs = {
            "dense": maker.long("dense"),
            # Windows without a survivor; all work in one core, so that the others wait.
            "empty": maker.raw("empty", shape, none),
            "zero": maker.raw("zero", shape, act_density=0.0),
            "alone": maker.raw("alone", shape, alone, act_density=1.0),
        }
        rest = {"wgt": 2, "act": 2, "compute": 14, "output": 12}
        return {name: (job, rest) for name, job in jobs.items()}


bad_tests(CambriconSeBad, __name__)
limits_tests(CambriconSeBad, __name__)
leftover_tests(CambriconSeBad, __name__, BadWgtOrder)
result_tests(CambriconSeBad, __name__)
watchdog_tests(CambriconSeBad, __name__, CambriconSeWatchdog)
