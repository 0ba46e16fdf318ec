"""What must go wrong in good order on the dense array: every error code at its place.

What every design around the array has to bear is in ``tb/array/error_tests.py``; what the cases do
not name is as in ``tests.py``.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from models.array.packets import Kind
from models.packets import packet_of
from models.socket import ErrorCode
from tb.array.error_tests import ArrayBad, BadWgtValue, array_bad_tests
from tb.array.stimulus import words_needed
from tb.common.tests.errors import FIRST_HEADER, MAGIC_BEAT, Case
from tb.common.uvm.base_test import add_tests, socket_test
from tb.dense.top.env import DenseTest


class DenseBad(ArrayBad, DenseTest):
    """Base: a good layer, spoilt in one place at a time."""

    def past_weights(self) -> list[dict[str, int]]:
        config = self.cfg.config
        weights, _, _ = words_needed(self.item, config)
        past = {"WGT_BASE": config.wgt_depth - weights + 1}
        return [past, {"R": 255, "S": 255}, {"R": 128, "S": 128, "CT": 4096}]


@socket_test(20000)
class BadWgtHeader(DenseBad):
    """Goal: wrong headers in a weight packet. Stimulus: magic, kind, PE, base and count of every
    kind of section, one at a time. Check: WGT_HEADER at the beat of the header; then exact."""

    def cases(self) -> list[Case]:
        config = self.cfg.config
        magic = self.wgt.copy()
        magic[0] ^= np.uint64(1 << 40)
        cases = [Case("magic", replace(self.item, wgt=magic), ErrorCode.WGT_HEADER, MAGIC_BEAT)]
        depth = {Kind.WEIGHT: config.wgt_depth, Kind.BIAS: config.bias_depth}
        for kind in Kind:
            index = self.index_of(kind)
            good = self.sections[index]
            wrong = {f"kind{k}": replace(good, kind=k) for k in (0, 3, 15)}
            wrong |= {f"pe{pe}": replace(good, pe=pe) for pe in (1, 0x800)}
            wrong["end"] = replace(good, base=depth[kind] - good.count + 1)
            wrong["base"] = replace(good, base=1 << 23)
            wrong["count"] = replace(good, count=(1 << 24) - 1)
            for name, section in wrong.items():
                cases.append(
                    Case(
                        f"{kind.name.lower()}_{name}",
                        self.spoilt(index, section),
                        ErrorCode.WGT_HEADER,
                        self.beat_of(index),
                    )
                )
        # A section that promises more than the packet holds.
        last = len(self.sections) - 1
        item = self.spoilt(last, replace(self.sections[last], count=self.sections[last].count + 1))
        cases.append(Case("past_packet", item, ErrorCode.WGT_HEADER, self.beat_of(last)))
        return cases


@socket_test(8000)
class BadWgtOrder(DenseBad):
    """Goal: sections out of order. Stimulus: the two kinds swapped, each of them twice. Check:
    WGT_ORDER at the beat of the second header; then exact."""

    def cases(self) -> list[Case]:
        weights, biases = self.sections
        cases = []
        for name, sections in (
            ("swapped", [biases, weights]),
            ("weights", [weights, weights, biases]),
            ("biases", [biases, biases]),
        ):
            item = replace(self.item, wgt=packet_of(sections))
            beat = FIRST_HEADER + 1 + sections[0].payload.size
            cases.append(Case(f"order_{name}", item, ErrorCode.WGT_ORDER, beat))
        return cases


add_tests(DenseBad, __name__, BadWgtValue)
array_bad_tests(DenseBad, __name__, BadWgtOrder, BadWgtValue)
