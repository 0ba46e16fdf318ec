"""Passes of SPS, spoilt in one place: parts of packets, and the base of the tests that do so."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from models.packets import pack_lanes, pack_rows_of_lanes, packet_of
from models.program import Pass
from models.socket import ErrorCode
from models.sps import DESIGN
from models.sps.errors import ScanError
from models.sps.machine import Machine
from models.sps.packets import entries
from models.sps.registers import Kind
from tb.array.error_tests import ArrayBad
from tb.common.stimulus import Ints
from tb.common.uvm.items import Job
from tb.sps.top.env import SpsTest
from tb.sps.top.stimulus import depths


def error(name: str) -> ErrorCode:
    """An error of the design."""
    return ErrorCode(DESIGN.error_codes[name])


class SpsBad(ArrayBad, SpsTest):
    """Base: a good layer, spoilt in one place at a time."""

    def past_weights(self) -> list[dict[str, int]]:
        return [{"WGT_BASE": self.cfg.config.wgt_depth}, {"WGT_BASE": 1 << 24}]

    def depth(self, kind: Kind) -> int:
        """Entries of a memory."""
        return depths(self.cfg.config)[kind]

    def table(self, kind: Kind, item: Pass | None = None) -> Ints:
        """Entries of a table as the good pass loads them: DIR [n, 2], POS [n, 2], KRES [n], RRES
        [n, Rows]."""
        sections = self.maker.sections_of(item or self.item)
        (found,) = (one for one in sections if one.kind == kind)
        return entries(found, self.cfg.config)[: found.count].copy()

    def with_table(self, kind: Kind, table: Ints, item: Pass | None = None) -> Pass:
        """The pass with other entries in a table, as many as there are."""
        item = item or self.item
        parts = self.maker.sections_of(item)
        for index, part in enumerate(parts):
            if part.kind == kind:
                parts[index] = replace(part, payload=packed(kind, table))
        return replace(item, wgt=packet_of(parts))

    def other(self, label: str, item: Pass) -> Job:
        """The good job in another pass."""
        job = Job(self.base.layers, self.base.program, self.base.config, label)
        job.passes = (item,)
        return job

    def refused(self, item: Pass) -> tuple[int, int]:
        """Code and position that the model of the index unit finds in a pass."""
        try:
            Machine(self.cfg.config).run(item)
        except ScanError as found:
            return int(found.code), found.pos
        raise AssertionError("the pass is good")


def packed(kind: Kind, table: Ints) -> NDArray[np.uint64]:
    """Entries of a table as the payload of its section."""
    if kind == Kind.DIR:
        return pack_lanes(table[:, 0] << 8 | table[:, 1], 16)
    if kind == Kind.POS:
        return pack_lanes(table[:, 0] << 4 | table[:, 1], 8)
    if kind == Kind.KRES:
        even = np.pad(table, (0, table.size % 2))
        return pack_lanes(even[::2] | even[1::2] << 4, 8)
    return pack_rows_of_lanes(table[:, ::2] | table[:, 1::2] << 4, 8)
