"""What must go wrong in good order on every design around the systolic array.

What every design has to bear is in ``tb/common/tests/errors.py``; what the cases do not name is
as in ``tb/array/top_tests.py``.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from models.array.packets import Kind, Mode
from models.layer import Layer
from models.socket import ErrorCode
from tb.array.stimulus import CFG, field, with_cfg, words_needed
from tb.array.watchdog_stimulus import ArrayWatchdog
from tb.common.tests.errors import BadTest, Case, bad_tests, geometry_cases
from tb.common.tests.leftover import leftover_tests
from tb.common.tests.limits import limits_tests
from tb.common.tests.results import result_tests
from tb.common.tests.watchdog import watchdog_tests
from tb.common.uvm.base_test import SocketTest, add_tests
from tb.common.uvm.items import Expected, Job


class ArrayBad(BadTest):
    """Base: a good layer, spoilt in one place at a time."""

    def past_weights(self) -> list[dict[str, int]]:
        """CFG fields by which the weights of the pass end behind the weight buffer."""
        raise NotImplementedError

    def run_jobs(self) -> list[Job]:
        """Jobs whose last pass fails while it computes."""
        return [self.overflow(1, [(0, 0)], (0, 0))]

    def overflow(self, sign: int, grow: list, first: tuple[int, int]) -> Job:
        """A job that leaves the accumulator in its last pass.

        sign, grow   sums that grow, (pixel, column), and where to; first: the one that is reported
        """
        # Pixel n has its one input in lane n of every channel tile.
        config, maker = self.cfg.config, self.maker
        tiles = min(config.wgt_depth // config.rows, config.act_depth // 4, 16)
        weights = np.zeros((config.cols, tiles, config.rows), dtype=np.int64)
        weights += self.maker.every_output
        for pixel, column in grow:
            weights[column, :, pixel] = sign * maker.wgt_max
        acts = np.zeros((4, tiles, config.rows), dtype=np.int64)
        for pixel in range(4):
            acts[pixel, :, pixel] = maker.act_max
        wide = replace(config, acc_width=48)
        layer = Layer(weights.reshape(config.cols, -1), acts.reshape(4, -1), shift=0)
        program = self.maker.design.compile(layer, wide)
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
        return job


class BadAccumulator(ArrayBad):
    """Goal: a sum that leaves the accumulator, on both sides. Stimulus: the largest product is
    added tile by tile until it cannot fit, at chosen pixels and columns. Check: ACC_OVERFLOW at
    {column, address} of the first one in time, of two at once that of the lower column; then
    exact."""

    limit_us = 20000

    async def scenario(self) -> None:
        # (pixel, column) where sums grow -> the one that is reported.
        for sign, grow, first in (
            (1, [(0, 0)], (0, 0)),
            (-1, [(3, 3)], (3, 3)),
            (1, [(0, 3), (1, 0)], (1, 0)),  # times 3 and 1
            (-1, [(0, 2), (2, 0), (1, 1)], (2, 0)),  # all at time 2
            (1, [(3, 0), (0, 2)], (0, 2)),
        ):
            await self.run_job(self.overflow(sign, grow, first))
            await self.run_good()


class BadGeometry(ArrayBad):
    """Goal: a geometry the build cannot hold. Stimulus: every CFG field just past its range and far
    past it, products that would wrap, modes that contradict themselves, two wrong fields at once,
    phases alone. Check: GEOMETRY at the lowest wrong CFG index, no stream touched; then exact."""

    limit_us = 20000

    def cases(self) -> list[Case]:
        config, item = self.cfg.config, self.item
        mode = field(item, "MODE")
        _, pixels, biases = words_needed(item, config)
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
            *(("WGT_BASE", values) for values in self.past_weights()),
            ("WGT_BASE", {"WGT_BASE": big}),
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
        return geometry_cases(CFG, item, wrong)


class BadWgtValue(ArrayBad):
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


SHARED = (BadAccumulator, BadGeometry)


def array_bad_tests(base: type[SocketTest], module: str, *more: type[BadTest]) -> None:
    """Register the tests of this file, and those of all designs, in a design's test module.

    more    of the design's own tests, whose cases are kinds of errors
    """
    add_tests(base, module, *SHARED)
    bad_tests(base, module)
    limits_tests(base, module)
    leftover_tests(base, module, *more)
    result_tests(base, module)
    watchdog_tests(base, module, ArrayWatchdog)
