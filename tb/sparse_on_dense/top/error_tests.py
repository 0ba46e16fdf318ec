"""What must go wrong in good order on Sparse-on-Dense: every error code at its place.

What designs around the array have to bear is in ``tb/array/error_tests.py``; what the cases do not
name is as in ``tests.py``.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.array.packets import Kind
from models.formats.base import Fault
from models.packets import packet_of
from models.program import Pass
from models.socket import ErrorCode
from models.sparse_on_dense.config import WgtFormat
from tb.array.error_tests import ArrayBad, array_bad_tests
from tb.array.stimulus import with_cfg
from tb.common.tests.errors import FIRST_HEADER, MAGIC_BEAT, Case
from tb.common.uvm.base_test import socket_test
from tb.common.uvm.items import Job
from tb.sparse_on_dense.top.env import SodTest
from tb.sparse_on_dense.top.stimulus import FAULTS


class SodBad(ArrayBad, SodTest):
    """Base: a good layer, spoilt in one place at a time."""

    def past_weights(self) -> list[dict[str, int]]:
        return [{"WGT_BASE": self.cfg.config.wgt_depth}, {"WGT_BASE": 1 << 24}]

    @property
    def last_unit(self) -> int:
        """Number of the last unit."""
        return self.cfg.config.num_units - 1

    def position(self, fault: Fault, unit: int, tile: int) -> int:
        """ERR_POS of a fault of a part."""
        return int(fault) << 28 | unit << 24 | tile

    def parts_of(self, unit: int) -> list[NDArray[np.uint64]]:
        """The parts of a unit in the good pass, as words."""
        packed = self.maker.packed_of(self.sections[self.index_of(Kind.WEIGHT, unit)])
        return np.split(packed.words, packed.ends[:-1])

    def every_part(self) -> list[tuple[int, int, NDArray[np.uint64]]]:
        """(unit, number, words) of all parts of the good pass."""
        return [
            (unit, number, words)
            for unit in range(self.cfg.config.num_units)
            for number, words in enumerate(self.parts_of(unit))
        ]

    def with_part(self, unit: int, number: int, words: NDArray[np.uint64], item: Pass) -> Pass:
        """A pass with one part of a unit replaced."""
        parts = self.parts_of(unit)
        parts[number] = words
        ends = np.cumsum([len(part) for part in parts])
        return self.maker.with_parts(item, unit, np.concatenate(parts), ends)


@socket_test(20000)
class BadWgtHeader(SodBad):
    """Goal: wrong headers in a weight packet. Stimulus: magic, kind, unit, base and count of the
    sections of the first and last unit and of the biases, one at a time. Check: WGT_HEADER at the
    beat of the header; then exact."""

    def cases(self) -> list[Case]:
        config = self.cfg.config
        magic = self.wgt.copy()
        magic[0] ^= np.uint64(1 << 40)
        cases = [Case("magic", replace(self.item, wgt=magic), ErrorCode.WGT_HEADER, MAGIC_BEAT)]
        places = [(Kind.WEIGHT, 0), (Kind.WEIGHT, self.last_unit), (Kind.BIAS, 0)]
        for kind, unit in dict.fromkeys(places):
            index, weight = self.index_of(kind, unit), kind == Kind.WEIGHT
            good = self.sections[index]
            past = config.num_units if weight else 1
            wrong = {f"kind{k}": replace(good, kind=k) for k in (0, 3, 15)}
            wrong |= {f"unit{pe}": replace(good, pe=pe) for pe in (past, 0x800, 0xFFF)}
            depth = config.wgt_depth if weight else config.bias_depth
            wrong["end"] = replace(good, base=depth - good.count + 1)
            wrong["base"] = replace(good, base=1 << 23)
            wrong["count"] = replace(good, count=(1 << 24) - 1)
            beat = self.beat_of(index)
            for name, section in wrong.items():
                label = f"{kind.name.lower()}{unit}_{name}"
                cases.append(Case(label, self.spoilt(index, section), ErrorCode.WGT_HEADER, beat))
        # A section that promises more than the packet holds.
        last = len(self.sections) - 1
        item = self.spoilt(last, replace(self.sections[last], count=self.sections[last].count + 1))
        cases.append(Case("past_packet", item, ErrorCode.WGT_HEADER, self.beat_of(last)))
        return cases


@socket_test(8000)
class BadWgtOrder(SodBad):
    """Goal: sections out of order. Stimulus: a unit twice, units swapped, biases before weights,
    biases twice. Check: WGT_ORDER at the beat of the second header; then exact."""

    def cases(self) -> list[Case]:
        sections = self.sections
        first, biases = sections[0], sections[-1]
        pairs = {"unit": [first, first], "biases": [biases, biases], "swapped": [biases, first]}
        if self.last_unit:
            pairs["units"] = [sections[self.last_unit], first]
        cases = []
        for name, wrong in pairs.items():
            beat = FIRST_HEADER + 1 + wrong[0].payload.size
            item = replace(self.item, wgt=packet_of(wrong))
            cases.append(Case(f"order_{name}", item, ErrorCode.WGT_ORDER, beat))
        return cases


@socket_test(8000)
class BadWgtValue(SodBad):
    """Goal: values outside of their field. Stimulus: marks behind the last word of a section, the
    first such bit and the last; bits of a bias above BiasWidth, in either lane, where the build has
    such a limit. Check: WGT_VALUE at the beat; then exact."""

    def cases(self) -> list[Case]:
        cases = []
        for unit in dict.fromkeys((0, self.last_unit)):
            index = self.index_of(Kind.WEIGHT, unit)
            section = self.sections[index]
            group, left = divmod(section.count, 64)
            for bit in dict.fromkeys((left, 63)) if left else ():
                payload = section.payload.copy()
                payload[group * 65] |= np.uint64(1 << bit)
                item = self.spoilt(index, replace(section, payload=payload))
                beat = self.beat_of(index) + 1 + group * 65
                cases.append(Case(f"mark_{unit}_{bit}", item, ErrorCode.WGT_VALUE, beat))
        assert cases, "no section ends within a word of marks"
        width, index = self.cfg.config.bias_width, self.index_of(Kind.BIAS)
        for lane, bit in ((0, width), (1, 31)) if width < 32 else ():
            payload = self.sections[index].payload.copy()
            payload[1] ^= np.uint64(1 << (32 * lane + bit))
            item = self.spoilt(index, replace(self.sections[index], payload=payload))
            beat = self.beat_of(index) + 2
            cases.append(Case(f"bias_{lane}_{bit}", item, ErrorCode.WGT_VALUE, beat))
        return cases


@socket_test(30000)
class BadWgtFormat(SodBad):
    """Goal: parts that are no tiles of their format. Stimulus: each fault that the format can have,
    twice, in parts of the first, a middle or the last tile, of the first, an inner or the last
    unit. Check: WGT_FORMAT with fault, unit and tile, nothing on the result stream; then exact."""

    def cases(self) -> list[Case]:
        cases, units = [], set()
        seen: list[Any] = []

        def add(fault: Fault, words: NDArray[np.uint64], unit: int, number: int) -> None:
            seen.append(fault.name)
            units.add(unit)
            item = self.with_part(unit, number, words, self.item)
            name = f"{fault.name.lower()}_{unit}_{number}"
            position = self.position(fault, unit, number)
            cases.append(Case(name, item, ErrorCode.WGT_FORMAT, position))

        for unit in dict.fromkeys((0, self.last_unit // 2, self.last_unit)):
            parts = self.parts_of(unit)
            for number in dict.fromkeys((unit % len(parts), len(parts) // 2, len(parts) - 1)):
                for fault, words in self.maker.faulty(parts[number]).items():
                    if seen.count(fault.name) < 2 or unit not in units:
                        add(fault, words, unit, number)
        config = self.cfg.config
        possible = set(FAULTS[WgtFormat(config.wgt_format)])
        if config.part[0] * config.cols % 64 == 0:
            possible.discard("INDEX")  # no mask goes past the part
        if config.group_n == 1 and config.wgt_format == WgtFormat.NM:
            possible.discard("ORDER")
        # What one change in hundreds makes: any part will do.
        for name in sorted(possible - set(seen)):
            unit, number, words = self.maker.rare(Fault[name], self.every_part())
            add(Fault[name], words, unit, number)
        return cases


@socket_test(8000)
class BadUnits(SodBad):
    """Goal: faults of several units at once. Stimulus: the same fault in the header of a part of
    all units, in tiles that differ. Check: WGT_FORMAT of the lowest unit where they
    come in the same cycle, of the first one in time where not; then exact."""

    def cases(self) -> list[Case]:
        config = self.cfg.config
        header = np.array([1 << 40], dtype=np.uint64)
        cases = []

        def case(name: str, faults: dict[int, int], first: int) -> None:
            item = self.item
            for unit, number in faults.items():
                parts = self.parts_of(unit)
                parts[number] = header
                ends = np.cumsum([len(part) for part in parts])
                item = self.maker.with_parts(item, unit, np.concatenate(parts), ends)
            pos = self.position(Fault.HEADER, first, faults[first])
            cases.append(Case(name, item, ErrorCode.WGT_FORMAT, pos))

        units = range(config.num_units)
        case("all_first", dict.fromkeys(units, 0), 0)
        # Behind the first tile the first unit begins earlier than the others.
        case("all_second", dict.fromkeys(units, 1), 0)
        if self.last_unit:
            case("last_first", {self.last_unit: 0, 0: 1}, self.last_unit)
        return cases


@socket_test(8000)
class BadBankEnd(SodBad):
    """Goal: banks that end before their parts do. Stimulus: full parts at the end of the banks; the
    first, the last unit without the last mark, its part whole by then; all without the last word;
    without the last part. Check: WGT_FORMAT with ErrShort, of all units the one that comes first in
    time; then exact."""

    @property
    def base(self) -> Job:
        if not hasattr(self, "_base"):
            filled = np.ones((3, self.cfg.config.num_units))
            self._base = self.maker.parts_job(filled, 5, "base")
            assert len(self._base.passes) == 1
        return self._base

    def cases(self) -> list[Case]:
        units = range(self.cfg.config.num_units)
        parts = self.parts_of(0)
        whole, ends = np.concatenate(parts).size, np.cumsum([len(part) for part in parts])
        cuts: dict[str, tuple[int, Any]]
        cuts = {
            "word": (whole - 1, units),
            "part": (int(ends[-2]), units),
        }
        cuts |= {f"mark_{unit}": (whole, [unit]) for unit in dict.fromkeys((0, self.last_unit))}
        cases = []
        for name, (size, cut) in cuts.items():
            item = self.item
            for unit in cut:
                words = np.concatenate(self.parts_of(unit))[:size]
                item = self.maker.with_parts(item, unit, words, ends[:-1])
            base = self.cfg.config.wgt_depth - size
            moved = [
                replace(part, base=base) if part.kind == Kind.WEIGHT else part
                for part in self.maker.sections_of(item)
            ]
            item = with_cfg(replace(item, wgt=packet_of(moved)), WGT_BASE=base)
            pos = self.position(Fault.SHORT, cut[0], len(parts) - 1)
            cases.append(Case(name, item, ErrorCode.WGT_FORMAT, pos))
        return cases


array_bad_tests(SodBad, __name__, BadWgtOrder, BadWgtValue, BadWgtFormat)
