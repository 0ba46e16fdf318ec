"""What must go wrong in good order on the dense array: every error code at its place.

What every design has to bear is in ``tb/common/shared_bad.py``; what the cases do not name is as in
``dense_tests.py``.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from models import dense
from models.dense.packets import Kind, Mode
from models.layer import Layer
from models.packets import Section
from models.program import Pass
from models.socket import ErrorCode
from tb.common.base_test import socket_test
from tb.common.items import Expected, Job, packet_of
from tb.common.shared_bad import FIRST_HEADER, MAGIC_BEAT, BadTest, Case, bad_tests
from tb.dense.dense_env import DenseTest
from tb.dense.dense_jobs import FIELDS, field, sections_of, with_cfg, words_needed


class DenseBad(BadTest, DenseTest):
    """Base: a good layer, spoilt in one place at a time."""

    def sections_of(self, item: Pass) -> list[Section]:
        return sections_of(item, self.cfg.config)


@socket_test(20000)
class BadAccumulator(DenseBad):
    """Goal: a sum that leaves the accumulator, on both sides. Stimulus: the largest product is
    added tile by tile until it cannot fit, at chosen pixels and columns. Check: ACC_OVERFLOW at
    {column, address} of the first one in time, of two at once that of the lower column; then
    exact."""

    async def scenario(self) -> None:
        # (pixel, column) where sums grow -> the one that is reported.
        for sign, grow, first in (
            (1, [(0, 0)], (0, 0)),
            (-1, [(3, 3)], (3, 3)),
            (1, [(0, 3), (1, 0)], (1, 0)),  # times 3 and 1
            (-1, [(0, 2), (2, 0), (1, 1)], (2, 0)),  # all at time 2
            (1, [(3, 0), (0, 2)], (0, 2)),
        ):
            await self.overflows(sign, grow, first)
            await self.run_good()

    async def overflows(self, sign: int, grow: list, first: tuple[int, int]) -> None:
        """Pixel n has its one input in lane n of every channel tile."""
        config, maker = self.cfg.config, self.maker
        tiles = min(config.wgt_depth // config.rows, config.act_depth // 4, 16)
        weights = np.ones((config.cols, tiles, config.rows), dtype=np.int64)
        for pixel, column in grow:
            weights[column, :, pixel] = sign * maker.wgt_max
        acts = np.zeros((4, tiles, config.rows), dtype=np.int64)
        for pixel in range(4):
            acts[pixel, :, pixel] = maker.act_max
        wide = replace(config, acc_width=48)
        layer = Layer(weights.reshape(config.cols, -1), acts.reshape(4, -1), shift=0)
        program = dense.compile(layer, wide)
        (item,) = program.passes
        # The lowest sum is one further off than the highest.
        fit = (maker.acc_limit - (sign > 0)) // (maker.wgt_max * maker.act_max)
        passes = fit // tiles + 1
        mode = field(item, "MODE") & ~int(Mode.OUTPUT)
        keep = mode & ~int(Mode.LOAD_WGT | Mode.LOAD_ACT) | int(Mode.ACC_KEEP)
        more = replace(with_cfg(item, MODE=keep), wgt=None, act=None, out_words=0)
        job = Job((layer,), program, wide, f"overflow{sign}_{grow}")
        job.passes = (replace(with_cfg(item, MODE=mode), out_words=0), *[more] * (passes - 1))
        pixel, column = first
        job.expected = Expected(passes - 1, ErrorCode.ACC_OVERFLOW, column << 24 | pixel)
        await self.run_job(job)


@socket_test(20000)
class BadWgtHeader(DenseBad):
    """Goal: wrong headers in a weight packet. Stimulus: magic, kind, PE, base and count of every
    kind of section, one at a time. Check: WGT_HEADER at the beat of the header; then exact."""

    def cases(self) -> list[Case]:
        config = self.cfg.config
        magic = self.item.wgt.copy()
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


@socket_test(8000)
class BadWgtValue(DenseBad):
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


@socket_test(20000)
class BadGeometry(DenseBad):
    """Goal: a geometry the build cannot hold. Stimulus: every CFG field just past its range and far
    past it, products that would wrap, modes that contradict themselves, two wrong fields at once,
    phases alone. Check: GEOMETRY at the lowest wrong CFG index, no stream touched; then exact."""

    def cases(self) -> list[Case]:
        config, item = self.cfg.config, self.item
        mode = field(item, "MODE")
        weights, pixels, biases = words_needed(item, config)
        outputs = field(item, "P") * field(item, "Q")
        big = (1 << 32) - 1
        wrong: list[tuple[str, dict[str, int]]] = [
            ("MODE", {"MODE": 0}),
            *(("MODE", {"MODE": mode | 1 << bit}) for bit in (4, 5, 9, 31)),
            ("MODE", {"MODE": mode | int(Mode.ACC_KEEP | Mode.BIAS)}),
            *((name, {name: 0}) for name in ("H", "W", "P", "Q", "R", "S", "STRIDE", "CT", "KT")),
            ("KT", {"KT": config.acc_depth // outputs + 1}),
            ("KT", {"P": 65535, "Q": 65535, "KT": 65535}),
            ("KT", {"P": 4096, "Q": 4096, "KT": 4096}),  # 2^36
            ("WGT_BASE", {"WGT_BASE": config.wgt_depth - weights + 1}),
            ("WGT_BASE", {"WGT_BASE": big}),
            ("WGT_BASE", {"R": 255, "S": 255}),
            ("WGT_BASE", {"R": 128, "S": 128, "CT": 4096}),
            ("ACT_BASE", {"ACT_BASE": config.act_depth - pixels + 1}),
            ("ACT_BASE", {"ACT_BASE": big}),
            ("ACT_BASE", {"H": 65535, "W": 65535}),
            ("ACT_BASE", {"H": 32768, "W": 32768}),
            ("BIAS_BASE", {"BIAS_BASE": config.bias_depth - biases + 1}),
            ("BIAS_BASE", {"BIAS_BASE": big}),
            ("SHIFT", {"SHIFT": config.acc_width}),
            ("SHIFT", {"SHIFT": big}),
            ("P", {"SHIFT": big, "P": 0, "KT": 0}),
            ("CT", {"MODE": int(Mode.LOAD_ACT), "CT": 0}),
            ("H", {"MODE": int(Mode.LOAD_ACT), "H": 0}),
            ("ACT_BASE", {"MODE": int(Mode.LOAD_ACT), "ACT_BASE": big}),
            ("Q", {"MODE": int(Mode.OUTPUT), "Q": 0}),
            ("KT", {"MODE": int(Mode.OUTPUT), "KT": 0}),
            ("SHIFT", {"MODE": int(Mode.OUTPUT), "SHIFT": big}),
        ]
        return [
            Case(
                f"geometry_{index}_{name.lower()}",
                # Nothing of the pass is looked at: its packets stay with the host.
                replace(with_cfg(item, **values), wgt=None, act=None),
                ErrorCode.GEOMETRY,
                int(FIELDS[name][0]),
            )
            for index, (name, values) in enumerate(wrong)
        ]


bad_tests(DenseBad, __name__)
