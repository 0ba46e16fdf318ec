"""What must go wrong in good order on every accelerator of the socket.

Each case spoils a good pass in one place, and must end in its error code at its place, with the
interrupt, the packets under way drained and nothing hanging. After a soft reset the next good
job must be exact. A design hands its base test to :func:`bad_tests`; its maker has ``good(label)``,
a small job of one pass that loads, computes and answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import cocotb
import numpy as np
from cocotb.triggers import ClockCycles
from cocotb.utils import get_sim_time
from numpy.typing import NDArray

from models.packets import Section, packet_of
from models.program import Pass
from models.socket import ErrorCode, Phase
from tb.common.bfm.block import PERIOD_NS
from tb.common.stimulus import CfgFields
from tb.common.uvm.base_test import SocketTest, add_tests
from tb.common.uvm.items import Expected, Job
from tb.common.uvm.register_sequence import send
from tb.common.uvm.registers import SLVERR
from tb.common.uvm.sequences import RunJob

#: Where a broken field of a weight packet is reported: beats count from the magic word.
MAGIC_BEAT, FIRST_HEADER = 0, 1


@dataclass(frozen=True)
class Case:
    """One spoilt pass: what is driven and the error it must end in."""

    name: str
    item: Pass
    code: ErrorCode
    position: int | None = None


def geometry_cases(
    registers: CfgFields, item: Pass, wrong: Iterable[tuple[str, Mapping[str, int]]]
) -> list[Case]:
    """The pass with fields that the check of a geometry refuses; ``wrong``: (field whose register
    is reported, values) each.
    """
    return [
        Case(
            f"geometry_{index}_{name.lower()}",
            # Nothing of the pass is looked at: its packets stay with the host.
            replace(registers.put(item, **values), wgt=None, act=None),
            ErrorCode.GEOMETRY,
            registers.fields[name].word,
        )
        for index, (name, values) in enumerate(wrong)
    ]


class BadTest(SocketTest):
    """Base: a good job, spoilt in one place at a time."""

    watchdog = 400
    timeout = 8_000
    limit_us: ClassVar[float] = 8000

    async def scenario(self) -> None:
        for case in self.cases():
            await self.fails(case)
            await self.run_good()

    def cases(self) -> Sequence[Case]:
        """The spoilt passes."""
        raise NotImplementedError

    def run_jobs(self) -> list[Job]:
        """Jobs whose last pass fails while it computes, for ``tb/common/tests/leftover.py``."""
        return []

    def sections_of(self, item: Pass) -> list[Section]:
        """Sections of a pass's weight packet."""
        return self.maker.sections_of(item)

    async def fails(self, case: Case, job: Job | None = None) -> None:
        """Run a spoilt pass to its error."""
        job = job or self.base
        spoilt = Job(job.layers, job.program, job.config, case.name)
        spoilt.passes = (case.item,)
        spoilt.expected = Expected(0, case.code, case.position)
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
    def wgt(self) -> NDArray[np.uint64]:
        """The words of its weight packet."""
        assert self.item.wgt is not None, "a good pass loads weights"
        return self.item.wgt

    @property
    def act(self) -> NDArray[np.uint64]:
        """The words of its activation packet."""
        assert self.item.act is not None, "a good pass loads activations"
        return self.item.act

    @property
    def sections(self) -> list[Section]:
        """Its weight sections."""
        return self.sections_of(self.item)

    def beat_of(self, index: int) -> int:
        """Beat of the header of a section."""
        return FIRST_HEADER + sum(1 + s.payload.size for s in self.sections[:index])

    def index_of(self, kind: Any, pe: int = 0) -> int:
        """Index of a section."""
        return next(i for i, s in enumerate(self.sections) if (s.kind, s.pe) == (kind, pe))

    def spoilt(self, index: int, section: Section) -> Pass:
        """The pass with one section replaced."""
        sections = self.sections
        sections[index] = section
        return replace(self.item, wgt=packet_of(sections))


class BadWgtShort(BadTest):
    """Goal: tlast too early on the weight stream. Stimulus: the packet ends after the magic,
    after a header, within a payload, one word before its end. Check: WGT_SHORT at the last beat;
    then exact."""

    def cases(self) -> list[Case]:
        size = self.wgt.size
        ends = dict.fromkeys((1, 2, self.beat_of(1) + 2, size // 2, size - 1))
        return [
            Case(f"short_{n}", replace(self.item, wgt=self.wgt[:n]), ErrorCode.WGT_SHORT, n - 1)
            for n in ends
        ]


class BadWgtLong(BadTest):
    """Goal: no tlast where a weight packet should end. Stimulus: 1 and 50 words too many. Check:
    WGT_LONG at the beat where tlast was due; the rest is drained; then exact."""

    def cases(self) -> list[Case]:
        size = self.wgt.size
        return [
            Case(
                f"long_{more}",
                replace(self.item, wgt=np.append(self.wgt, np.zeros(more, dtype=np.uint64))),
                ErrorCode.WGT_LONG,
                size - 1,
            )
            for more in (1, 50)
        ]


class BadActHeader(BadTest):
    """Goal: a wrong header of the activation packet. Stimulus: magic; a count one more, one less,
    and zero. Check: ACT_HEADER at beat 0; then exact."""

    limit_us = 4000

    def cases(self) -> list[Case]:
        cases = []
        count = int(self.act[0]) & 0xFFFF_FFFF
        for name, bits in (
            ("magic", 1 << 35),
            ("more", count ^ (count + 1)),
            ("less", count ^ (count - 1)),
            ("zero", count),
        ):
            act = self.act.copy()
            act[0] ^= np.uint64(bits)
            cases.append(Case(name, replace(self.item, act=act), ErrorCode.ACT_HEADER, 0))
        return cases


class BadActShort(BadTest):
    """Goal: tlast too early on the activation stream. Stimulus: only the header, half, one word
    less. Check: ACT_SHORT at the last beat; then exact."""

    limit_us = 4000

    def cases(self) -> list[Case]:
        size = self.act.size
        return [
            Case(f"short_{n}", replace(self.item, act=self.act[:n]), ErrorCode.ACT_SHORT, n - 1)
            for n in dict.fromkeys((1, (size + 1) // 2, size - 1))
        ]


class BadActLong(BadTest):
    """Goal: no tlast where an activation packet should end. Stimulus: 1 and 30 words too many.
    Check: ACT_LONG at the beat where tlast was due; then exact."""

    limit_us = 4000

    def cases(self) -> list[Case]:
        size = self.act.size
        return [
            Case(
                f"long_{more}",
                replace(self.item, act=np.append(self.act, np.zeros(more, dtype=np.uint64))),
                ErrorCode.ACT_LONG,
                size - 1,
            )
            for more in (1, 30)
        ]


class Busy(BadTest):
    """Base: does something to the registers while a job runs."""

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


class BadStartBusy(Busy):
    """Goal: START while busy. Stimulus: START while loading weights, activations, and while
    streaming results. Check: SLVERR and STATUS.dropped, and the run ends exact as if nothing had
    been; the next START clears dropped."""

    async def disturb(self) -> None:
        await self.env.registers.write("CTRL", 1, expect=SLVERR)


class BadCfgBusy(Busy):
    """Goal: CFG and WATCHDOG writes while busy. Stimulus: each of them in three phases. Check:
    SLVERR, STATUS.dropped, the registers keep their values, the run ends exact."""

    async def disturb(self) -> None:
        registers = self.env.registers
        for name in [f"CFG{index}" for index in range(16)] + ["WATCHDOG"]:
            before = await registers.read(name)
            await registers.write(name, before ^ 0x5A5A, expect=SLVERR)
            assert await registers.read(name) == before, name


class BadStartError(BadTest):
    """Goal: START with an error pending. Stimulus: START and CFG writes behind a geometry error,
    before the soft reset. Check: START is refused, nothing runs; then exact."""

    limit_us = 4000

    async def scenario(self) -> None:
        registers = self.env.registers
        none = Job(self.base.layers, self.base.program, self.base.config, "start_error")
        none.passes = (Pass({}, None, None, 0),)
        none.expected = Expected(0, ErrorCode.GEOMETRY, 0)
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
                    feeds.append(cocotb.start_soon(send(env.wgt.sequencer, self.wgt)))
                if count:
                    agent = getattr(env, stream)
                    part = send(agent.sequencer, words[:count], last=False)
                    feeds.append(cocotb.start_soon(part))
                bound = 3 * self.watchdog + self.wgt.size + 200
                await self.times_out(sequence, feeds, bound)


class BadSinkStops(Stops):
    """Goal: a receiver that stops. Stimulus: the result stream is blocked. Check: TIMEOUT in the
    output phase within the watchdog's time; then exact."""

    async def scenario(self) -> None:
        env = self.env
        env.set_pauses(out="block")
        sequence = await self.start(self.expect_timeout("sink", Phase.OUTPUT))
        feeds = [
            cocotb.start_soon(send(env.wgt.sequencer, self.wgt)),
            cocotb.start_soon(send(env.act.sequencer, self.act)),
        ]
        await ClockCycles(self.cfg.dut.clk_i, self.wgt.size)
        state = await env.wait_done("sink")
        assert state.error
        env.set_pauses(out="none")
        await self.times_out(sequence, feeds, 500)


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


def bad_tests(base: type[SocketTest], module: str) -> None:
    """Register the tests of this file for a design, in its test module."""
    shared: tuple[type[BadTest], ...]
    shared = (BadWgtShort, BadWgtLong, BadActHeader, BadActShort, BadActLong, BadStartBusy)
    shared += (BadCfgBusy, BadStartError, BadSourceStops, BadSinkStops, BadWatchdogOff)
    add_tests(base, module, *shared)
