"""What must go wrong in good order on SPS: every error code at its place.

What designs around the array have to bear is in ``tb/array/error_tests.py``; what the cases do not
name is as in ``tests.py``.
"""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np

from models.packets import packet_of
from models.program import Pass
from models.socket import ErrorCode
from models.sps.errors import SpsError
from models.sps.registers import Kind
from tb.array.error_tests import ArrayBad, array_bad_tests
from tb.common.tests.errors import FIRST_HEADER, MAGIC_BEAT, Case
from tb.common.uvm.base_test import socket_test
from tb.sps.top.env import SpsTest
from tb.sps.top.stimulus import with_cfg


class SpsBad(ArrayBad, SpsTest):
    """Base: a good layer, spoilt in one place at a time."""

    def past_weights(self) -> list[dict[str, int]]:
        return [{"WGT_BASE": self.cfg.config.wgt_depth}, {"WGT_BASE": 1 << 24}]

    def with_word(self, kind: Kind, word: int) -> Pass:
        """The good pass with another first word in a table."""
        index = self.index_of(kind)
        payload = self.sections[index].payload.copy()
        payload[0] = word
        return self.spoilt(index, replace(self.sections[index], payload=payload))


@socket_test(20000)
class BadWgtHeader(SpsBad):
    """Goal: wrong headers in a weight packet. Stimulus: magic, kind, PE, base and count of every
    kind of section, one at a time. Check: WGT_HEADER at the beat of the header; then exact."""

    def cases(self) -> list[Case]:
        config = self.cfg.config
        magic = self.wgt.copy()
        magic[0] ^= np.uint64(1 << 40)
        cases = [Case("magic", replace(self.item, wgt=magic), ErrorCode.WGT_HEADER, MAGIC_BEAT)]
        # Entries of a table, and those of which a stream word has.
        room = {
            Kind.WEIGHT: (config.wgt_depth, 1),
            Kind.BIAS: (config.bias_depth, 1),
            Kind.DIR: (config.max_period, 4),
            Kind.POS: (config.table_depth, 8),
            Kind.KRES: (config.max_kt, 16),
            Kind.RRES: (config.max_ct, 1),
        }
        for kind, (depth, step) in room.items():
            index = self.index_of(kind)
            good = self.sections[index]
            wrong = {f"kind{k}": replace(good, kind=k) for k in (0, 7, 15)}
            wrong |= {f"pe{pe}": replace(good, pe=pe) for pe in (1, 0x800)}
            wrong["end"] = replace(good, base=(depth - good.count) // step * step + step)
            wrong["base"] = replace(good, base=1 << 23)
            wrong["count"] = replace(good, count=(1 << 24) - 1)
            if step > 1:
                wrong["odd"] = replace(good, base=1)
            for name, section in wrong.items():
                item, beat = self.spoilt(index, section), self.beat_of(index)
                label = f"{kind.name.lower()}_{name}"
                cases.append(Case(label, item, ErrorCode.WGT_HEADER, beat))
        # A section that promises more than the packet holds.
        last = len(self.sections) - 1
        more = replace(self.sections[last], count=self.sections[last].count + 1)
        item = self.spoilt(last, more)
        cases.append(Case("past_packet", item, ErrorCode.WGT_HEADER, self.beat_of(last)))
        return cases


@socket_test(8000)
class BadWgtOrder(SpsBad):
    """Goal: sections out of order. Stimulus: every kind twice, every neighbours swapped. Check:
    WGT_ORDER at the beat of the second header; then exact."""

    def cases(self) -> list[Case]:
        found, cases = self.sections, []
        pairs = [(f"{one.kind}_twice", one, one) for one in found]
        pairs += [(f"{two.kind}_{one.kind}", two, one) for one, two in itertools.pairwise(found)]
        for name, first, second in pairs:
            item = replace(self.item, wgt=packet_of([first, second]))
            beat = FIRST_HEADER + 1 + first.payload.size
            cases.append(Case(f"order_{name}", item, ErrorCode.WGT_ORDER, beat))
        return cases


@socket_test(8000)
class BadWgtValue(SpsBad):
    """Goal: a bias wider than its field. Stimulus: the bits above BiasWidth, in either lane, where
    the build has such a limit. Check: WGT_VALUE at the beat; then exact."""

    async def scenario(self) -> None:
        await self.run_good()  # all there is to do where a bias fills its lane
        await super().scenario()

    def cases(self) -> list[Case]:
        cases, width = [], self.cfg.config.bias_width
        index = self.index_of(Kind.BIAS)
        section = self.sections[index]
        for lane, bit in ((0, width), (1, width), (0, 31), (1, 31)):
            if width < 32:
                payload = section.payload.copy()
                payload[1] ^= np.uint64(1 << (32 * lane + bit))
                item = self.spoilt(index, replace(section, payload=payload))
                beat = self.beat_of(index) + 2
                cases.append(Case(f"bias_{lane}_{bit}", item, ErrorCode.WGT_VALUE, beat))
        return cases


@socket_test(8000)
class BadScan(SpsBad):
    """Goal: what the scan of the tiles finds wrong. Stimulus: residues past the period, in either
    table; a position outside the window and one past the table; weights that end with the buffer.
    Check: RESIDUE, POSITION, WGT_RANGE with their places; then exact."""

    def cases(self) -> list[Case]:
        residue, position, weights = (
            ErrorCode(int(one)) for one in (SpsError.RESIDUE, SpsError.POSITION, SpsError.WGT_RANGE)
        )
        row = self.cfg.config.row_offsets  # the others are not looked at without
        last = with_cfg(self.item, WGT_BASE=self.cfg.config.wgt_depth - 1)
        rres = self.with_word(Kind.RRES, 0xF << 4 * row)
        return [
            Case("kres", self.with_word(Kind.KRES, 0xF), residue, int(Kind.KRES) << 8),
            Case("rres", rres, residue, int(Kind.RRES) << 8 | row),
            Case("outside", self.with_word(Kind.POS, 0xF0), position, 0),
            Case("past", self.with_word(Kind.DIR, 0xFF01), position, 0xFF),
            Case("weights", last, weights, 0),
        ]


array_bad_tests(SpsBad, __name__, BadWgtOrder, BadWgtValue, BadScan)
