"""What must go wrong in good order: every error code, refused accesses, streams that stop.

Each case spoils a good layer in one place, and must end in its error code at its place, with the
interrupt, the packets under way drained and nothing hanging. After a soft reset the next good
layer must be exact. What the cases do not name is as in ``tests.py``; what every design has
to bear is in ``tb/common/tests/errors.py``.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from models import eie
from models.eie.packets import Cfg, Kind, Mode, Section
from models.layer import Layer
from models.packets import packet_of
from models.program import Pass
from models.socket import ErrorCode
from tb.common.tests.errors import FIRST_HEADER, MAGIC_BEAT, BadTest, Case, bad_tests
from tb.common.tests.leftover import leftover_tests
from tb.common.tests.limits import limits_tests
from tb.common.tests.results import result_tests
from tb.common.tests.watchdog import watchdog_tests
from tb.common.uvm.base_test import socket_test
from tb.common.uvm.items import Expected, Job
from tb.eie.top.env import EieTest
from tb.eie.top.stimulus import with_cfg
from tb.eie.top.watchdog_stimulus import EieWatchdog


class EieBad(BadTest, EieTest):
    """Base: a good layer, spoilt in one place at a time."""

    def pointers(self, pe: int) -> tuple[int, Section, np.ndarray]:
        """(index, section, a writable copy of the pointers) of a PE."""
        index = self.index_of(Kind.POINTER, pe)
        section = self.sections[index]
        return index, section, section.payload.copy().view("<u4")

    def with_pointers(self, index: int, section: Section, lanes: np.ndarray) -> Pass:
        """The pass with other pointers in one section."""
        return self.spoilt(index, replace(section, payload=lanes.view("<u8").astype(np.uint64)))


@socket_test(8000)
class BadPointerOrder(EieBad):
    """Goal: pointers that fall. Stimulus: in the first and in the last PE one pointer is above the
    next, at the first and at a later column. Check: POINTER_ORDER at {PE, column}; the next good
    layer is exact."""

    def cases(self) -> list[Case]:
        cases = []
        live = np.flatnonzero(self.base.layers[0].inputs.ravel())
        for pe in sorted({0, self.cfg.config.num_pe - 1}):
            for column in (int(live[0]), int(live[-1])):
                index, section, lanes = self.pointers(pe)
                if column == live[0]:  # raising it spoils no live column before it
                    lanes[column] = lanes[column + 1] + 1
                elif lanes[column] > 0:
                    lanes[column + 1] = lanes[column] - 1
                else:
                    continue
                item = self.with_pointers(index, section, lanes)
                cases.append(
                    Case(f"order_{pe}_{column}", item, ErrorCode.POINTER_ORDER, pe << 24 | column)
                )
        assert cases
        return cases


@socket_test(8000)
class BadPointerRange(EieBad):
    """Goal: pointers past the weight memory. Stimulus: the end of the last live column lies behind
    the last entry, in the first and the last PE. Check: POINTER_RANGE at {PE, column}; then
    exact."""

    def cases(self) -> list[Case]:
        config, cases = self.cfg.config, []
        entries = config.spmat_depth * config.entries_per_row
        if entries >= 1 << config.ptr_width:
            return []  # a pointer of this build cannot say so
        column = int(np.flatnonzero(self.base.layers[0].inputs.ravel())[-1])
        for pe in sorted({0, config.num_pe - 1}):
            index, section, lanes = self.pointers(pe)
            lanes[column + 1 :] = entries + 1
            cases.append(
                Case(
                    f"range_{pe}",
                    self.with_pointers(index, section, lanes),
                    ErrorCode.POINTER_RANGE,
                    pe << 24 | column,
                )
            )
        return cases


@socket_test(4000)
class BadRowRange(EieBad):
    """Goal: an index past the slice, also in the last slot of a pass, which may not end before the
    error is told. Stimulus: a layer whose last row has a weight in the first or in the last column,
    told to have fewer outputs. Check: ROW_RANGE at {PE, row}; then exact."""

    def cases(self) -> list[Case]:
        config = self.cfg.config
        rows = 2 * config.num_pe
        cases = []
        for column in (0, 1):
            weights = np.zeros((rows, 2), dtype=np.int64)
            weights[rows - 1, column] = 1
            layer = Layer(weights, np.array([1, 1]))
            self._base = self.maker.job(layer, "row", replace(config, balance=False))
            item = with_cfg(self.item, OUT_LEN=rows - 1)
            position = (config.num_pe - 1) << 24 | 1
            cases.append(Case(f"row_{column}", item, ErrorCode.ROW_RANGE, position))
        return cases


@socket_test(8000)
class BadAccumulator(EieBad):
    """Goal: a sum that leaves the accumulator, on both sides. Stimulus: the largest products, added
    until they cannot fit, over as many passes as it takes. Check: ACC_OVERFLOW at {PE, row}; then
    exact."""

    async def scenario(self) -> None:
        config, maker = self.cfg.config, self.maker
        wide = replace(config, acc_width=48, balance=False)
        columns = min(maker.columns, 40, maker.entries())
        for sign in (1, -1):
            layer = Layer(
                np.full((1, columns), maker.wgt_max * sign), np.full(columns, maker.act_max)
            )
            program = eie.compile(layer, wide)
            (first,) = program.passes
            # As many passes as fit, then the one that does not; the lowest sum is one further off.
            peak = columns * maker.wgt_max * maker.act_max
            fit = (maker.acc_limit - (sign > 0)) // peak
            mode = first.cfg[int(Cfg.MODE)] & ~int(Mode.OUTPUT)
            keep = mode & ~int(Mode.LOAD_WGT | Mode.LOAD_ACT) | int(Mode.ACC_KEEP)
            more = replace(with_cfg(first, MODE=keep), wgt=None, act=None, out_words=0)
            job = Job((layer,), program, wide, f"overflow{sign}")
            job.passes = (replace(with_cfg(first, MODE=mode), out_words=0), *[more] * fit)
            job.expected = Expected(fit, ErrorCode.ACC_OVERFLOW, 0)
            await self.run_job(job)
            await self.run_good()


@socket_test(4000)
class BadCodebook(EieBad):
    """Goal: a codebook that is not there, or whose entry 0 is not zero. Stimulus: another number
    than the one loaded, after a reset; a value in entry 0. Check: CODEBOOK at CFG 6, or at the
    beat; then exact."""

    async def scenario(self) -> None:
        await self.env.bring_up()
        book = self.sections[0]
        if self.cfg.config.num_codebooks > 1:
            item = with_cfg(self.item, CODEBOOK=1)
            await self.fails(Case("missing", item, ErrorCode.CODEBOOK, int(Cfg.CODEBOOK)))
            await self.run_good()
        await self.env.bring_up()
        none = replace(self.item, wgt=packet_of(self.sections[1:]))
        await self.fails(Case("none", none, ErrorCode.CODEBOOK, int(Cfg.CODEBOOK)))
        await self.run_good()
        payload = book.payload.copy()
        payload[0] |= np.uint64(1)
        item = self.spoilt(0, replace(book, payload=payload))
        await self.fails(Case("entry0", item, ErrorCode.CODEBOOK, FIRST_HEADER + 1))
        # A codebook that was refused may not be used.
        again = replace(self.item, wgt=packet_of(self.sections[1:]))
        await self.fails(Case("refused", again, ErrorCode.CODEBOOK, int(Cfg.CODEBOOK)))
        await self.run_good()


@socket_test(20000)
class BadWgtHeader(EieBad):
    """Goal: wrong headers in a weight packet. Stimulus: magic, kind, PE, base and count of every
    kind of section, one at a time. Check: WGT_HEADER at the beat of the header; then exact."""

    def cases(self) -> list[Case]:
        config = self.cfg.config
        magic = self.wgt.copy()
        magic[0] ^= np.uint64(1 << 40)
        cases = [Case("magic", replace(self.item, wgt=magic), ErrorCode.WGT_HEADER, MAGIC_BEAT)]
        depth = {
            Kind.POINTER: config.ptr_depth,
            Kind.SPMAT: config.spmat_depth,
            Kind.BIAS: config.bias_depth,
        }
        for kind in Kind:
            index = self.index_of(kind)
            good = self.sections[index]
            wrong = {"kind": replace(good, kind=0), "kind15": replace(good, kind=15)}
            wrong["pe"] = replace(good, pe=config.num_pe)
            if kind == Kind.CODEBOOK:
                wrong["base"] = replace(good, base=config.num_codebooks)
                wrong["count"] = replace(good, count=good.count - 1)
            else:
                wrong["end"] = replace(good, base=(depth[kind] - good.count + 2) & ~1)
                wrong["base"] = replace(good, base=1 << 23)
                wrong["count"] = replace(good, count=(1 << 24) - 1)
            if kind == Kind.POINTER:
                wrong["odd"] = replace(good, base=1)
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
        last = self.sections[-1]
        long = replace(last, count=last.count + 4)
        cases.append(
            Case(
                "past_packet",
                self.spoilt(len(self.sections) - 1, long),
                ErrorCode.WGT_HEADER,
                self.beat_of(len(self.sections) - 1),
            )
        )
        return cases


@socket_test(8000)
class BadWgtOrder(EieBad):
    """Goal: sections out of order. Stimulus: two kinds swapped, two PEs swapped, one section twice.
    Check: WGT_ORDER at the beat of the second header; then exact."""

    def cases(self) -> list[Case]:
        cases = []
        first = self.index_of(Kind.POINTER)
        swaps = {"kinds": (0, first), "twice": None}
        if self.cfg.config.num_pe > 1:
            swaps["pes"] = (first, first + 1)
        for name, swap in swaps.items():
            sections = self.sections
            if swap is None:
                sections.insert(first + 1, sections[first])
                at = first + 1
            else:
                low, at = swap
                sections[low], sections[at] = sections[at], sections[low]
            beat = FIRST_HEADER + sum(1 + s.payload.size for s in sections[:at])
            item = replace(self.item, wgt=packet_of(sections))
            cases.append(Case(f"order_{name}", item, ErrorCode.WGT_ORDER, beat))
        return cases


@socket_test(8000)
class BadWgtValue(EieBad):
    """Goal: values wider than their field. Stimulus: a pointer above PtrWidth in either lane, a
    weight above WgtWidth, a bias above BiasWidth, where the build has such limits. Check: WGT_VALUE
    at the beat; then exact."""

    def cases(self) -> list[Case]:
        config, cases = self.cfg.config, []

        def spoil(name: str, kind: Kind, bits: int) -> None:
            index = self.index_of(kind)
            section = self.sections[index]
            payload = section.payload.copy()
            payload[0] ^= np.uint64(bits)
            item = self.spoilt(index, replace(section, payload=payload))
            cases.append(Case(name, item, ErrorCode.WGT_VALUE, self.beat_of(index) + 1))

        if config.ptr_width < 32:
            spoil("pointer_low", Kind.POINTER, 1 << config.ptr_width)
            spoil("pointer_high", Kind.POINTER, 1 << 63)
        if config.wgt_width < 16:
            spoil("weight", Kind.CODEBOOK, 1 << 31)
        if config.bias_width < 32:
            spoil("bias", Kind.BIAS, 1 << 31)
        return cases


@socket_test(20000)
class BadGeometry(EieBad):
    """Goal: a geometry the build cannot hold. Stimulus: every CFG field just past its range and far
    past it, modes that contradict themselves, two wrong fields at once. Check: GEOMETRY at the
    lowest wrong CFG index, no stream touched; then exact."""

    def cases(self) -> list[Case]:
        config, cfg = self.cfg.config, self.item.cfg
        pe, length, outputs = config.num_pe, cfg[int(Cfg.IN_LEN)], cfg[int(Cfg.OUT_LEN)]
        mode = cfg[int(Cfg.MODE)]
        in_rows, out_rows = -(-length // pe), -(-outputs // pe)
        big = (1 << 32) - 1
        wrong: list[tuple[Cfg, dict[str, int]]] = [
            (Cfg.MODE, {"MODE": 0}),
            (Cfg.MODE, {"MODE": mode | 1 << 11}),
            (Cfg.MODE, {"MODE": mode | 1 << 31}),
            (Cfg.MODE, {"MODE": mode | int(Mode.ACC_KEEP | Mode.BIAS)}),
            (Cfg.IN_LEN, {"IN_LEN": 0}),
            (Cfg.IN_LEN, {"IN_LEN": config.act_depth * pe + 1}),
            (Cfg.IN_LEN, {"IN_LEN": big}),
            (
                Cfg.IN_LEN,
                {
                    "MODE": mode & ~int(Mode.LOAD_ACT) | int(Mode.SRC_FILE),
                    "IN_LEN": config.act_regs * pe + 1,
                },
            ),
            (Cfg.OUT_LEN, {"OUT_LEN": 0}),
            (Cfg.OUT_LEN, {"OUT_LEN": config.act_regs * pe + 1}),
            (Cfg.OUT_LEN, {"OUT_LEN": big}),
            (Cfg.PTR_BASE, {"PTR_BASE": 1}),
            (Cfg.PTR_BASE, {"PTR_BASE": (config.ptr_depth - length + 1) & ~1}),
            (Cfg.PTR_BASE, {"PTR_BASE": big - 1}),
            (Cfg.ACT_BASE, {"ACT_BASE": config.act_depth - in_rows + 1}),
            (Cfg.ACT_BASE, {"ACT_BASE": big}),
            (Cfg.BIAS_BASE, {"BIAS_BASE": config.bias_depth - out_rows + 1}),
            (Cfg.BIAS_BASE, {"BIAS_BASE": big}),
            (Cfg.CODEBOOK, {"CODEBOOK": config.num_codebooks}),
            (Cfg.CODEBOOK, {"CODEBOOK": big}),
            (Cfg.SHIFT, {"SHIFT": config.acc_width}),
            (Cfg.SHIFT, {"SHIFT": big}),
            (Cfg.OUT_LEN, {"SHIFT": big, "OUT_LEN": 0, "CODEBOOK": big}),
        ]
        return [
            Case(
                f"geometry_{index}_{field.name.lower()}",
                # Nothing of the pass is looked at: its packets stay with the host.
                replace(with_cfg(self.item, **values), wgt=None, act=None),
                ErrorCode.GEOMETRY,
                int(field),
            )
            for index, (field, values) in enumerate(wrong)
        ]


bad_tests(EieBad, __name__)
limits_tests(EieBad, __name__)
leftover_tests(EieBad, __name__, BadWgtOrder, BadWgtValue, BadPointerOrder)
result_tests(EieBad, __name__)
watchdog_tests(EieBad, __name__, EieWatchdog)
