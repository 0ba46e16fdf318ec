"""What must go wrong in good order: every error code, refused accesses, streams that stop.

Each case spoils a good layer in one place, and must end in its error code at its place, with the
interrupt, the packets under way drained and nothing hanging. After a soft reset the next good
layer must be exact. What the cases do not name is as in ``eie_tests.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cocotb
import numpy as np
from cocotb.triggers import ClockCycles
from cocotb.utils import get_sim_time

from models import eie
from models.eie.packets import Cfg, Kind, Mode, Section
from models.layer import Layer
from models.program import Pass
from models.socket import ErrorCode, Phase
from tb.common.base_test import socket_test
from tb.common.host import SLVERR
from tb.common.items import Expected, Job
from tb.common.leaf import PERIOD_NS
from tb.common.sequences import RunJob, send
from tb.eie.eie_env import EieTest
from tb.eie.eie_jobs import packet_of, sections_of, with_cfg

#: Where a broken field of a weight packet is reported: beats count from the magic word.
MAGIC_BEAT, FIRST_HEADER = 0, 1


@dataclass(frozen=True)
class Case:
    """One spoilt pass: what is driven and the error it must end in."""

    name: str
    item: Pass
    code: ErrorCode
    position: int | None = None


class BadTest(EieTest):
    """Base: a good layer, spoilt in one place at a time."""

    watchdog = 400
    timeout = 8_000

    async def scenario(self) -> None:
        for case in self.cases():
            await self.fails(case)
            await self.run_good()

    def cases(self) -> Sequence[Case]:
        """The spoilt passes."""
        raise NotImplementedError

    async def fails(self, case: Case, job: Job | None = None) -> None:
        """Run a spoilt pass to its error."""
        job = job or self.base
        spoilt = Job(job.layers, job.program, job.config, case.name)
        index = 0
        spoilt.passes = (case.item,)
        spoilt.expected = Expected(index, case.code, case.position)
        sequence = await self.run_job(spoilt)
        assert sequence.states[-1].error

    @property
    def base(self) -> Job:
        """A good job of one pass; the same for all cases of a test."""
        if not hasattr(self, "_base"):
            self._base = self.maker.good("base")
            assert len(self._base.passes) == 1
        return self._base

    @property
    def item(self) -> Pass:
        """The pass that cases spoil."""
        return self.base.passes[0]

    @property
    def sections(self) -> list[Section]:
        """Its weight sections."""
        return sections_of(self.item, self.cfg.config)

    def beat_of(self, index: int) -> int:
        """Beat of the header of a section."""
        return FIRST_HEADER + sum(1 + s.payload.size for s in self.sections[:index])

    def index_of(self, kind: Kind, pe: int = 0) -> int:
        """Index of a section."""
        return next(i for i, s in enumerate(self.sections) if (s.kind, s.pe) == (kind, pe))

    def spoilt(self, index: int, section: Section) -> Pass:
        """The pass with one section replaced."""
        sections = self.sections
        sections[index] = section
        return replace(self.item, wgt=packet_of(sections))

    def pointers(self, pe: int) -> tuple[int, Section, np.ndarray]:
        """(index, section, a writable copy of the pointers) of a PE."""
        index = self.index_of(Kind.POINTER, pe)
        section = self.sections[index]
        return index, section, section.payload.copy().view("<u4")

    def with_pointers(self, index: int, section: Section, lanes: np.ndarray) -> Pass:
        """The pass with other pointers in one section."""
        return self.spoilt(index, replace(section, payload=lanes.view("<u8").astype(np.uint64)))


@socket_test(8000)
class BadPointerOrder(BadTest):
    """Goal: pointers that fall. Stimulus: in the first and in the last PE one pointer is above the
    next, at the first and at a later column. Check: POINTER_ORDER at {PE, column}; the next good
    layer is exact."""

    def cases(self) -> list[Case]:
        cases = []
        live = np.flatnonzero(self.base.layers[0].activations.ravel())
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
class BadPointerRange(BadTest):
    """Goal: pointers past the weight memory. Stimulus: the end of the last live column lies behind
    the last entry, in the first and the last PE. Check: POINTER_RANGE at {PE, column}; then
    exact."""

    def cases(self) -> list[Case]:
        config, cases = self.cfg.config, []
        entries = config.spmat_depth * config.entries_per_row
        if entries >= 1 << config.ptr_width:
            return []  # a pointer of this build cannot say so
        column = int(np.flatnonzero(self.base.layers[0].activations.ravel())[-1])
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
class BadRowRange(BadTest):
    """Goal: an index past the slice. Stimulus: a layer whose last row has weights, told to have
    fewer outputs. Check: ROW_RANGE at {PE, row}; then exact."""

    def cases(self) -> list[Case]:
        config = self.cfg.config
        rows = 2 * config.num_pe
        weights = np.zeros((rows, 2), dtype=np.int64)
        weights[rows - 1, 0] = 1
        layer = Layer(weights, np.array([1, 1]))
        self._base = self.maker.job(layer, "row", replace(config, balance=False))
        item = with_cfg(self.item, OUT_LEN=rows - 1)
        return [Case("row", item, ErrorCode.ROW_RANGE, (config.num_pe - 1) << 24 | 1)]


@socket_test(8000)
class BadAccumulator(BadTest):
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
class BadCodebook(BadTest):
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
class BadWgtHeader(BadTest):
    """Goal: wrong headers in a weight packet. Stimulus: magic, kind, PE, base and count of every
    kind of section, one at a time. Check: WGT_HEADER at the beat of the header; then exact."""

    def cases(self) -> list[Case]:
        config = self.cfg.config
        magic = self.item.wgt.copy()
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
class BadWgtShort(BadTest):
    """Goal: tlast too early on the weight stream. Stimulus: the packet ends after the magic,
    after a header, within a payload, one word before its end. Check: WGT_SHORT at the last beat;
    then exact."""

    def cases(self) -> list[Case]:
        size = self.item.wgt.size
        ends = dict.fromkeys((1, 2, self.beat_of(1) + 2, size // 2, size - 1))
        return [
            Case(
                f"short_{n}", replace(self.item, wgt=self.item.wgt[:n]), ErrorCode.WGT_SHORT, n - 1
            )
            for n in ends
        ]


@socket_test(8000)
class BadWgtLong(BadTest):
    """Goal: no tlast where a weight packet should end. Stimulus: 1 and 50 words too many. Check:
    WGT_LONG at the beat where tlast was due; the rest is drained; then exact."""

    def cases(self) -> list[Case]:
        size = self.item.wgt.size
        return [
            Case(
                f"long_{more}",
                replace(self.item, wgt=np.append(self.item.wgt, np.zeros(more, dtype=np.uint64))),
                ErrorCode.WGT_LONG,
                size - 1,
            )
            for more in (1, 50)
        ]


@socket_test(8000)
class BadWgtOrder(BadTest):
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
class BadWgtValue(BadTest):
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


@socket_test(4000)
class BadActHeader(BadTest):
    """Goal: a wrong header of the activation packet. Stimulus: magic; a count one more, one less,
    and zero. Check: ACT_HEADER at beat 0; then exact."""

    def cases(self) -> list[Case]:
        cases = []
        count = int(self.item.act[0]) & 0xFFFF_FFFF
        for name, bits in (
            ("magic", 1 << 35),
            ("more", count ^ (count + 1)),
            ("less", count ^ (count - 1)),
            ("zero", count),
        ):
            act = self.item.act.copy()
            act[0] ^= np.uint64(bits)
            cases.append(Case(name, replace(self.item, act=act), ErrorCode.ACT_HEADER, 0))
        return cases


@socket_test(4000)
class BadActShort(BadTest):
    """Goal: tlast too early on the activation stream. Stimulus: only the header, half, one word
    less. Check: ACT_SHORT at the last beat; then exact."""

    def cases(self) -> list[Case]:
        size = self.item.act.size
        return [
            Case(
                f"short_{n}", replace(self.item, act=self.item.act[:n]), ErrorCode.ACT_SHORT, n - 1
            )
            for n in dict.fromkeys((1, (size + 1) // 2, size - 1))
        ]


@socket_test(4000)
class BadActLong(BadTest):
    """Goal: no tlast where an activation packet should end. Stimulus: 1 and 30 words too many.
    Check: ACT_LONG at the beat where tlast was due; then exact."""

    def cases(self) -> list[Case]:
        size = self.item.act.size
        return [
            Case(
                f"long_{more}",
                replace(self.item, act=np.append(self.item.act, np.zeros(more, dtype=np.uint64))),
                ErrorCode.ACT_LONG,
                size - 1,
            )
            for more in (1, 30)
        ]


@socket_test(20000)
class BadGeometry(BadTest):
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


class Busy(BadTest):
    """Base: does something to the registers while a layer runs."""

    watchdog = 2000

    async def disturb(self) -> None:
        """What must not disturb the run."""
        raise NotImplementedError

    async def scenario(self) -> None:
        env = self.env
        for phase, slowed in (
            (Phase.WGT, {"wgt": "block"}),
            (Phase.ACT, {"act": "block"}),
            (Phase.OUTPUT, {"out": "block"}),
        ):
            env.set_pauses(wgt="none", act="none", out="none")
            env.set_pauses(**slowed)
            job = self.maker.good(f"busy_{phase.name.lower()}")
            sequence = RunJob(env, job)
            env.submit(job)
            feeds = await sequence.begin(job.passes[0])
            while (await env.registers.state()).phase != phase:
                pass
            await self.disturb()
            state = await env.registers.state()
            assert state.dropped and state.busy and not state.error, str(state)
            env.set_pauses(wgt="none", act="none", out="none")
            state = await sequence.finish(feeds, job.label)
            assert state.done and state.dropped
            await env.judged()
            await self.run_good()
            assert not (await env.registers.state()).dropped


@socket_test(8000)
class BadStartBusy(Busy):
    """Goal: START while busy. Stimulus: START while loading weights, activations, and while
    streaming results. Check: SLVERR and STATUS.dropped, and the run ends exact as if nothing had
    been; the next START clears dropped."""

    async def disturb(self) -> None:
        await self.env.registers.write("CTRL", 1, expect=SLVERR)


@socket_test(8000)
class BadCfgBusy(Busy):
    """Goal: CFG and WATCHDOG writes while busy. Stimulus: each of them in three phases. Check:
    SLVERR, STATUS.dropped, the registers keep their values, the run ends exact."""

    async def disturb(self) -> None:
        registers = self.env.registers
        for name in [f"CFG{index}" for index in range(16)] + ["WATCHDOG"]:
            before = await registers.read(name)
            await registers.write(name, before ^ 0x5A5A, expect=SLVERR)
            assert await registers.read(name) == before, name


@socket_test(4000)
class BadStartError(BadTest):
    """Goal: START with an error pending. Stimulus: START and CFG writes behind a geometry error,
    before the soft reset. Check: START is refused, nothing runs; then exact."""

    async def scenario(self) -> None:
        registers = self.env.registers
        none = Job(self.base.layers, self.base.program, self.base.config, "start_error")
        none.passes = (Pass({}, None, None, 0),)
        none.expected = Expected(0, ErrorCode.GEOMETRY, int(Cfg.MODE))
        self.env.submit(none)
        await registers.configure({})
        await registers.start()
        assert await self.env.wait_irq(100)
        state = await registers.state()
        assert state.error and state.code == ErrorCode.GEOMETRY
        await registers.write("CTRL", 1, expect=SLVERR)
        await registers.configure(self.item.cfg)
        state = await registers.state()
        assert state.error and state.dropped and not state.busy, str(state)
        await registers.soft_reset()
        state = await registers.state()
        assert not (state.error or state.dropped or state.done), str(state)
        await self.run_good()


class Stops(BadTest):
    """Base: a stream stops in the middle of a packet and the watchdog ends it."""

    def expect_timeout(self, label: str, phase: Phase) -> Job:
        """A job that ends in the watchdog's error."""
        job = Job(self.base.layers, self.base.program, self.base.config, label)
        job.passes = (self.item,)
        job.expected = Expected(0, ErrorCode.TIMEOUT, int(phase))
        return job

    async def start(self, job: Job) -> RunJob:
        """Announce the job and start its pass, without sending anything."""
        sequence = RunJob(self.env, job)
        self.env.submit(job)
        await self.env.registers.configure(job.passes[0].cfg)
        await self.env.registers.start()
        return sequence

    async def times_out(self, sequence: RunJob, feeds: list, bound: int) -> None:
        """The error comes within ``bound`` cycles, and the device is idle after a soft reset."""
        begin = get_sim_time("ns")
        await sequence.finish(feeds, sequence.job.label)
        cycles = (get_sim_time("ns") - begin) / PERIOD_NS
        assert cycles < bound, f"{cycles} cycles until the watchdog bit"
        await self.env.judged()
        await self.run_good()


@socket_test(8000)
class BadSourceStops(Stops):
    """Goal: a source that stops. Stimulus: no word at all, half a packet, all words but the last,
    on the weight and on the activation stream. Check: TIMEOUT with the phase, within the watchdog's
    time and its drain; nothing hangs; then exact."""

    async def scenario(self) -> None:
        env = self.env
        for stream, phase in (("wgt", Phase.WGT), ("act", Phase.ACT)):
            words = getattr(self.item, stream)
            for count in dict.fromkeys((0, words.size // 2, words.size - 1)):
                sequence = await self.start(self.expect_timeout(f"{stream}_{count}", phase))
                feeds = []
                if stream == "act":
                    feeds.append(cocotb.start_soon(send(env.wgt.sequencer, self.item.wgt)))
                if count:
                    agent = getattr(env, stream)
                    part = send(agent.sequencer, words[:count], last=False)
                    feeds.append(cocotb.start_soon(part))
                bound = 3 * self.watchdog + self.item.wgt.size + 200
                await self.times_out(sequence, feeds, bound)


@socket_test(8000)
class BadSinkStops(Stops):
    """Goal: a receiver that stops. Stimulus: the result stream is blocked. Check: TIMEOUT in the
    output phase within the watchdog's time; then exact."""

    async def scenario(self) -> None:
        env = self.env
        env.set_pauses(out="block")
        sequence = await self.start(self.expect_timeout("sink", Phase.OUTPUT))
        feeds = [
            cocotb.start_soon(send(env.wgt.sequencer, self.item.wgt)),
            cocotb.start_soon(send(env.act.sequencer, self.item.act)),
        ]
        await ClockCycles(self.cfg.dut.clk_i, self.item.wgt.size)
        state = await env.wait_done("sink")
        assert state.error
        env.set_pauses(out="none")
        await self.times_out(sequence, feeds, 500)


@socket_test(8000)
class BadWatchdogOff(Stops):
    """Goal: WATCHDOG 0 waits for ever. Stimulus: the weight stream pauses for many times the usual
    limit, then goes on. Check: no error, exact."""

    async def scenario(self) -> None:
        env = self.env
        await env.registers.write("WATCHDOG", 0)
        env.set_pauses(wgt="block")
        job = self.maker.good("patient")
        sequence = RunJob(env, job)
        env.submit(job)
        feeds = await sequence.begin(job.passes[0])
        await ClockCycles(self.cfg.dut.clk_i, 6 * self.watchdog)
        assert (await env.registers.state()).busy
        env.set_pauses(wgt="none")
        await sequence.finish(feeds, job.label)
        await env.judged()
        await env.registers.write("WATCHDOG", self.watchdog)
        await self.run_good()
