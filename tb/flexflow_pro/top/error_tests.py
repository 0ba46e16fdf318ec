"""What must go wrong in good order on FlexFlow-Pro: every error code at its place.

Each case spoils a good pass in one place; what every design has to bear is in ``tb/common/tests``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import product

import numpy as np

from models.flexflow_pro.registers import Kind, Mode
from models.packets import packet_of
from models.socket import ErrorCode
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
from tb.common.tests.watchdog import DirectedWatchdog, watchdog_tests
from tb.common.uvm.base_test import socket_test
from tb.common.uvm.items import Expected, Job
from tb.flexflow_pro.top.env import FlexflowProTest
from tb.flexflow_pro.top.stimulus import CFG, Shape, field


class FlexflowProBad(BadTest, FlexflowProTest):
    """Base: a good pass, spoilt in one place at a time."""

    def depth(self, kind: Kind) -> tuple[int, int]:
        """Units of a kind, words or biases of one."""
        config = self.cfg.config
        if kind == Kind.WEIGHT:
            return config.multipliers, config.k_cells * config.mask_word // 4
        return config.rows, config.max_maps

    def overflow(self, sign: int, output: int, line: int, window: int) -> Job:
        """A job of one pass that leaves the accumulator at one output of one window alone."""
        config, maker = self.cfg.config, self.maker
        shape = Shape(lines=2, windows=3, taps=2, stride=2, maps=2, pieces=config.mask_word)
        channels = config.cols * shape.pieces
        weights = np.zeros((2 * config.rows, channels, 2), dtype=np.int64)
        weights[output] = sign * maker.wgt_max
        acts = np.zeros((2, channels, shape.geometry(config).line), dtype=np.int64)
        acts[line, :, 2 * window : 2 * window + 2] = maker.act_max
        job = maker.raw(f"overflow_{output}_{line}_{window}", shape, weights=weights, acts=acts,
                        bias=False)  # fmt: skip
        result = (line * 3 + window) * 2 + output // config.rows
        position = output % config.rows << 24 | result
        job.expected = Expected(0, ErrorCode.ACC_OVERFLOW, position)
        return job

    def run_jobs(self) -> list[Job]:
        return [self.overflow(1, 0, 0, 1)]


@socket_test(20000)
class BadWgtHeader(FlexflowProBad):
    """Goal: wrong headers in a weight packet. Stimulus: magic, kind, the PE or row behind the last,
    base and count past the end, biases from an odd one on, a section longer than the packet. Check:
    WGT_HEADER at the beat of the header; then exact."""

    def cases(self) -> list[Case]:
        magic = self.wgt.copy()
        magic[0] ^= np.uint64(1 << 40)
        cases = [Case("magic", replace(self.item, wgt=magic), ErrorCode.WGT_HEADER, MAGIC_BEAT)]
        for kind in Kind:
            units, depth = self.depth(kind)
            index = self.index_of(kind, units - 1)
            good = self.sections[index]
            wrong = {f"kind{k}": replace(good, kind=k) for k in (0, 3, 15)}
            wrong |= {f"pe{pe}": replace(good, pe=pe) for pe in (units, 0xFFF)}
            wrong["end"] = replace(good, base=-(-(depth - good.count + 1) // 2) * 2)
            wrong["base"] = replace(good, base=1 << 23)
            wrong["count"] = replace(good, count=(1 << 24) - 1)
            if kind == Kind.BIAS:
                wrong["odd"] = replace(good, base=1, count=1)
            for name, section in wrong.items():
                item, beat = self.spoilt(index, section), self.beat_of(index)
                cases.append(Case(f"{kind.name}_{name}", item, ErrorCode.WGT_HEADER, beat))
        last = len(self.sections) - 1
        empty = replace(self.sections[last], payload=self.sections[last].payload[:-1])
        item = self.spoilt(last, empty)
        cases.append(Case("past_packet", item, ErrorCode.WGT_HEADER, self.beat_of(last)))
        return cases


@socket_test(8000)
class BadWgtOrder(FlexflowProBad):
    """Goal: sections out of order. Stimulus: each kind twice, a PE and a row behind the one that
    should follow it, weights behind biases. Check: WGT_ORDER at the second header; then exact."""

    def cases(self) -> list[Case]:
        parts = {(one.kind, one.pe): one for one in self.sections}
        last = self.cfg.config.multipliers - 1
        weights = parts[Kind.WEIGHT, 0], parts[Kind.WEIGHT, last]
        biases = parts[Kind.BIAS, 0], parts[Kind.BIAS, 1]
        pairs = {
            "weights_twice": (weights[0], weights[0]),
            "biases_twice": (biases[1], biases[1]),
            "pe_falls": (weights[1], weights[0]),
            "row_falls": (biases[1], biases[0]),
            "kind_falls": (biases[0], weights[1]),
        }
        return [
            Case(
                name,
                replace(self.item, wgt=packet_of(list(pair))),
                ErrorCode.WGT_ORDER,
                FIRST_HEADER + 1 + pair[0].payload.size,
            )
            for name, pair in pairs.items()
        ]


@socket_test(8000)
class BadWgtValue(FlexflowProBad):
    """Goal: a bias wider than BiasWidth. Stimulus: the lowest bit above it and the highest, in
    either lane, of the first and the last row; none where a bias has all 32 bits. Check: WGT_VALUE
    at the beat; then exact."""

    async def scenario(self) -> None:
        await self.run_good()
        await super().scenario()

    def cases(self) -> list[Case]:
        config, cases = self.cfg.config, []
        bits = (config.bias_width, 31) if config.bias_width < 32 else ()
        for row, lane, bit in product((0, config.rows - 1), (0, 1), bits):
            index = self.index_of(Kind.BIAS, row)
            payload = self.sections[index].payload.copy()
            payload[-1] ^= np.uint64(1 << 32 * lane + bit)
            item = self.spoilt(index, replace(self.sections[index], payload=payload))
            beat = self.beat_of(index) + payload.size
            cases.append(Case(f"bias_{row}_{lane}_{bit}", item, ErrorCode.WGT_VALUE, beat))
        return cases


@socket_test(20000)
class BadGeometry(FlexflowProBad):
    """Goal: a geometry the build cannot hold. Stimulus: fields past their range beside good ones,
    two wrong fields at once, in passes of single phases, too. Check: GEOMETRY at the lowest wrong
    CFG index, no stream touched; then exact."""

    def cases(self) -> list[Case]:
        config, item = self.cfg.config, self.item
        mode = field(item, "MODE")
        span = self.maker.GOOD.geometry(config).span
        wrong: list[tuple[str, dict[str, int]]] = [
            ("MODE", {"MODE": 0}),
            ("MODE", {"MODE": mode | 1 << 10}),
            ("MODE", {"MODE": mode | 1 << 31}),
            ("MODE", {"MODE": mode | Mode.ACC_KEEP | Mode.BIAS}),
            ("LINES", {"LINES": 0}),
            ("LINES", {"LINES": 65535}),
            ("LINES", {"WINDOWS": 0}),
            ("LINES", {"WINDOWS": 65535}),
            ("TAPS", {"TAPS": 0}),
            ("TAPS", {"TAPS": config.k_cells + 1, "LINES": 1, "WINDOWS": 1}),
            ("TAPS", {"STRIDE": 0}),
            ("TAPS", {"STRIDE": field(item, "TAPS") + 1, "LINES": 1, "WINDOWS": 1}),
            ("TAPS", {"GROUPS_LOG": config.most_groups_log + 1, "LINES": 1, "WINDOWS": 1}),
            ("TAPS", {"MAPS": 0}),
            ("TAPS", {"MAPS": config.max_maps + 1, "LINES": 1, "WINDOWS": 1}),
            ("PIECES", {"PIECES": 0}),
            ("PIECES", {"PIECES": config.mask_word + 1}),
            ("PIECES", {"CELLS": 0}),
            ("PIECES", {"RING": span - 1}),
            ("PIECES", {"RING": config.n_cells + 1}),
            ("SHIFT", {"SHIFT": config.acc_width}),
            ("LINES", {"SHIFT": config.acc_width, "LINES": 0}),
            ("TAPS", {"RING": 0, "STRIDE": 0}),
            ("LINES", {"MODE": int(Mode.OUTPUT), "LINES": 0, "TAPS": 0}),
            ("TAPS", {"MODE": int(Mode.OUTPUT), "MAPS": 0, "RING": 0}),
            ("PIECES", {"MODE": int(Mode.LOAD_ACT), "RING": 0}),
            ("TAPS", {"MODE": int(Mode.COMPUTE), "STRIDE": 0}),
        ]
        return geometry_cases(CFG, item, wrong)


@socket_test(40000)
class BadAccumulator(FlexflowProBad):
    """Goal: a sum that leaves the accumulator. Stimulus: one output of one window, of either sign,
    in the first, an inner and the last row, of both maps, in both lines; all rows in the same
    window; in a pass that keeps. Check: ACC_OVERFLOW with row and accumulator, of several the
    lowest row of the first result; then exact."""

    async def scenario(self) -> None:
        rows = self.cfg.config.rows
        for number, output in enumerate(
            dict.fromkeys((0, rows // 2, rows - 1, rows, 2 * rows - 1))
        ):
            for line, window in ((0, number % 3), (1, (number + 1) % 3)):
                await self.run_job(self.overflow(1 - 2 * line, output, line, window))
                await self.run_good()
        await self.run_job(self.several())
        await self.run_good()
        await self.run_job(self.kept())
        await self.run_good()

    def several(self) -> Job:
        """Every output of the second window overflows, but for row 0."""
        job = self.overflow(1, 1, 0, 1)
        wrong = [self.overflow(1, row, 0, 1) for row in range(1, self.cfg.config.rows)]
        weights = np.sum([one.layers[0].weights[:, :, 0] for one in wrong], axis=0)
        acts = job.layers[0].activations
        assert acts is not None
        shape = Shape(
            lines=2, windows=3, taps=2, stride=2, maps=2, pieces=self.cfg.config.mask_word
        )
        acts = acts[:, :, 0]
        other = self.maker.raw("several", shape, weights=weights, acts=acts, bias=False)
        # PEs of all rows have the same work, so the rows fire together.
        other.expected = Expected(0, ErrorCode.ACC_OVERFLOW, 1 << 24 | 2)
        return other

    def kept(self) -> Job:
        """Two passes; the sum leaves in the second, which goes on with the first one's."""
        config, maker = self.cfg.config, self.maker
        shape = Shape(windows=2, maps=2, pieces=1, passes=2)
        weights = np.full((2 * config.rows, 2 * config.cols, 1), maker.wgt_max)
        acts = np.full((1, 2 * config.cols, 2), maker.act_max)
        each = maker.wgt_max * maker.act_max
        fits = (maker.acc_limit - 1) // each
        assert fits >= 1
        weights[:, : config.cols] = 0
        weights[:, : min(config.cols, fits)] = maker.wgt_max
        bias = maker.acc_limit - 1 - min(config.cols, fits) * each
        job = maker.raw("kept", shape, weights=weights, acts=acts)
        values = np.full(2 * config.rows, min(bias, maker.bias_max))
        enough = min(config.cols, fits) + config.cols > fits
        if not enough:  # the accumulators are too wide for this
            return self.overflow(1, 0, 0, 0)
        job.passes = (maker.with_biases(job, values), job.passes[1])
        job.expected = Expected(1, ErrorCode.ACC_OVERFLOW, 0)
        return job


class FlexflowProWatchdog(DirectedWatchdog, FlexflowProBad):
    """FlexFlow-Pro's jobs."""

    def jobs(self) -> Mapping[str, tuple[Job, Mapping[str, int]]]:
        config, maker = self.cfg.config, self.maker
        word = config.mask_word
        wide = Shape(lines=2, windows=10, taps=2, maps=2, pieces=word)
        line = wide.geometry(config).line
        shape = (2, config.cols * word, line)
        alone = np.zeros((2 * config.rows, config.cols * word, 2), dtype=np.int64)
        alone[0, :word] = 1
        jobs = {
            "dense": maker.long("dense"),
            # Cells without a pair; all pairs in one PE, so that the rest waits.
            "empty": maker.raw("empty", wide, density=0.0),
            "alone": maker.raw("alone", wide, weights=alone, acts=np.ones(shape, np.int64)),
            "lock_step": maker.raw("lock_step", wide, density=0.0, relaxed=False),
        }
        # In lock step a cell without a pair shows nothing until its last position.
        rest = {"wgt": 2, "act": 2, "compute": max(12, word + 2), "output": 12}
        return {name: (one, rest) for name, one in jobs.items()}


bad_tests(FlexflowProBad, __name__)
limits_tests(FlexflowProBad, __name__)
leftover_tests(FlexflowProBad, __name__, BadWgtOrder)
result_tests(FlexflowProBad, __name__)
watchdog_tests(FlexflowProBad, __name__, FlexflowProWatchdog)
