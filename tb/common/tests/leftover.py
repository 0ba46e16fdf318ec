"""Packets that come when nobody wants them any more, on every accelerator of the socket.

A pass ends in an error of each kind while packets arrive at every offset around it: before the
error, in its very cycle, while the accelerator drains, behind the interrupt, across the soft reset.
None of them may reach the next pass, which is compared exactly. A design hands its base test to
:func:`leftover_tests`; it may add kinds of errors (``more``, ``BadTest.run_jobs``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import cocotb
import numpy as np
from cocotb.triggers import ClockCycles
from cocotb.utils import get_sim_time

from models.program import Pass
from models.socket import ErrorCode, Phase
from tb.common.bfm.block import PERIOD_NS
from tb.common.tests.errors import (
    BadActHeader,
    BadActLong,
    BadActShort,
    BadTest,
    BadWgtLong,
    BadWgtShort,
    Case,
)
from tb.common.uvm.base_test import SocketTest, add_tests
from tb.common.uvm.items import Expected, Job
from tb.common.uvm.register_sequence import send
from tb.common.uvm.sequences import RunJob

STREAMS = ("wgt", "act")
#: Cycles around the interrupt in which packets are launched; the error is 3 to 5 before it.
BEFORE, BEHIND = 12, 6
_ACT_ERRORS = (ErrorCode.ACT_HEADER, ErrorCode.ACT_SHORT, ErrorCode.ACT_LONG)
_WGT_ERRORS = (
    *(ErrorCode.WGT_HEADER, ErrorCode.WGT_SHORT, ErrorCode.WGT_LONG, ErrorCode.WGT_ORDER),
    ErrorCode.WGT_VALUE,
)


@dataclass(frozen=True)
class Kind:
    """A job that ends in an error.

    stops   stream whose packet of the last pass is only sent in part; "" none
    rest    the other part comes after all, with the packets around the error
    """

    job: Job
    stops: str = ""
    rest: bool = False

    @property
    def last(self) -> Pass:
        """The pass that fails."""
        return self.job.passes[-1]


@dataclass(frozen=True)
class Arrival:
    """When packets are launched, in cycles from the start; straddle: the soft reset comes as soon
    as the last of them has begun, else when all were taken."""

    wgt: int
    act: int
    straddle: bool


class Leftover(BadTest):
    """Base: errors, and packets around them."""

    limit_us: ClassVar[float] = 400_000
    more: ClassVar[tuple[type[BadTest], ...]] = ()

    def kinds(self) -> list[Kind]:
        """Every kind of error."""
        item = self.item
        mode = item.cfg[0]
        cases = [
            Case(f"mode_{value:#x}", replace(item, cfg={**item.cfg, 0: value}),
                 ErrorCode.GEOMETRY, 0)
            for value in (0, mode | 1 << 31)
        ]  # fmt: skip
        magic = self.wgt.copy()
        magic[0] ^= np.uint64(1 << 40)
        cases.append(Case("magic", replace(item, wgt=magic), ErrorCode.WGT_HEADER, 0))
        shared: tuple[Any, ...] = (BadWgtShort, BadWgtLong, BadActHeader, BadActShort, BadActLong)
        for source in (*shared, *self.more):
            found = source.cases(self)
            cases += found[:1] + found[1:][-1:]
        kinds = [Kind(self.job_of(case)) for case in cases]
        kinds += [Kind(job) for job in self.run_jobs()]
        for stream, phase in (("wgt", Phase.WGT), ("act", Phase.ACT)):
            for rest in (False, True):
                case = Case(f"{stream}_stops", item, ErrorCode.TIMEOUT, int(phase))
                kinds.append(Kind(self.job_of(case), stream, rest))
        return kinds

    def job_of(self, case: Case) -> Job:
        """A job of one pass that fails."""
        job = Job(self.base.layers, self.base.program, self.base.config, case.name)
        job.passes = (case.item,)
        job.expected = Expected(0, case.code, case.position)
        return job

    async def scenario(self) -> None:
        for kind in self.kinds():
            for straddle in (False, True):
                # Nothing can go on behind a source that stopped for good.
                if straddle and kind.stops and not kind.rest:
                    continue
                end = await self.fail(kind, None, straddle)
                for wgt, act in self.offsets(max(0, end - BEFORE), end + BEHIND):
                    await self.fail(kind, Arrival(wgt, act, straddle), straddle)

    def offsets(self, low: int, high: int) -> Sequence[tuple[int, int]]:
        """Launches of the weight and the activation packet."""
        return [tuple(self.cfg.rng.integers(low, high + 1, 2).tolist())]

    async def fail(self, kind: Kind, arrival: Arrival | None, straddle: bool) -> int:
        """The job to its error with packets around it, then a good one; returns the cycles from the
        start to the interrupt."""
        env, job = self.env, kind.job
        where = f"{job.label} {arrival}"
        pause = "cycle" if straddle else "none"
        env.set_pauses(wgt="none", act="none")
        sequence = RunJob(env, job)
        env.submit(job)
        for item in job.passes[:-1]:
            await sequence.run_pass(item, where)
        env.set_pauses(wgt=pause, act=pause)
        first, later = self.packets(kind, arrival is not None)
        await env.registers.configure(kind.last.cfg)
        begin = get_sim_time("ns")
        feeds = []
        for stream, packets in later.items():
            at = 0 if arrival is None else getattr(arrival, stream)
            feeds += [cocotb.start_soon(self.launch(stream, at, packets))] if packets else []
        await env.registers.start()
        for stream, (words, last) in first.items():
            feeds.append(cocotb.start_soon(self.launch(stream, 0, [(words, last, False)])))
        state = await env.wait_done(where)
        assert state.error, f"{where}: {state}"
        took = round((get_sim_time("ns") - begin) / PERIOD_NS)
        await self.leave(feeds, first, later, straddle, where)
        await env.judged()
        await self.run_good()
        for feed in feeds:
            await env.joined(feed, where)
        return took

    def packets(self, kind: Kind, around: bool) -> tuple[dict, dict]:
        """What is sent at the start, stream -> (words, with tlast), and what is launched around the
        error, stream -> [(words, with tlast, continues the packet before)]."""
        assert kind.job.expected is not None
        item, code = kind.last, kind.job.expected.code
        first = {}
        later: dict[str, list] = {stream: [] for stream in STREAMS}
        # Packets the pass is never asked for are those around the error.
        sent: tuple[str, ...] = () if code == ErrorCode.GEOMETRY else STREAMS
        if code in _WGT_ERRORS or kind.stops == "wgt":
            sent = ("wgt",)
        for stream in sent:
            words = getattr(item, stream)
            if words is not None:
                cut = words.size // 2 if stream == kind.stops else words.size
                first[stream] = (words[:cut], stream != kind.stops)
        if around:
            for stream in STREAMS:
                good = getattr(self.item, stream)
                if stream != kind.stops:
                    later[stream].append((good, True, False))
                elif kind.rest:
                    later[stream].append((good[good.size // 2 :], True, True))
        elif kind.rest:
            later[kind.stops] = []
        return first, later

    async def launch(self, stream: str, at: int, packets: list) -> None:
        """Send packets, the first one ``at`` cycles from now."""
        if at:
            await ClockCycles(self.cfg.dut.clk_i, at)
        for words, last, continues in packets:
            await send(getattr(self.env, stream).sequencer, words, last, continues)

    async def leave(
        self, feeds: list, first: dict, later: dict, straddle: bool, where: str
    ) -> None:
        """Soft reset, when all was taken, or when the last packet has begun."""
        env = self.env
        if not straddle:
            await env.recover(feeds, where)
            return
        want = [
            (stream in first) + sum(not again for _, _, again in later[stream])
            for stream in STREAMS
        ]
        for _ in range(self.cfg.timeout):
            found = await env.registers.packets()
            # Of a packet whose rest comes behind the error: that it has begun is enough.
            if all(t.packets + t.middle >= n for t, n in zip(found, want, strict=True)):
                break
        else:
            raise AssertionError(f"{where}: {found} of {want} packets begun; {env.streams()}")
        stopped = any(agent.driver.stopped for agent in (env.wgt, env.act))
        rest = any(again for packets in later.values() for _, _, again in packets)
        env.settle()
        await env.reset_run(where, forget=stopped and not rest)


class BadLeftover(Leftover):
    """Goal: no packet outlives the pass it was launched for. Stimulus: errors of every kind; around
    each of them a weight and an activation packet, the rest of a packet whose source stopped, at
    random offsets from before the error to behind the interrupt; the soft reset when all was taken,
    and when the last packet has just begun. Check: the error is told as without them, PACKETS
    counts what was launched, the next job is exact."""


class BadLeftoverSweep(Leftover):
    """Goal: no packet outlives the pass it was launched for. Stimulus: as bad_leftover, at every
    offset of the one packet, with a random one of the other. Check: as there."""

    def offsets(self, low: int, high: int) -> Sequence[tuple[int, int]]:
        other = self.cfg.rng.integers(low, high + 1, 2 * (high + 1 - low)).tolist()
        pairs = [(at, other.pop()) for at in range(low, high + 1)]
        return pairs + [(other.pop(), at) for at in range(low, high + 1)]


def leftover_tests(
    base: type[SocketTest], module: str, *more: type[BadTest], sweep: bool = False
) -> None:
    """Register a test of this file for a design, in its test module.

    more    tests of the design whose cases are further kinds of errors
    sweep   every offset instead of some
    """
    kind = BadLeftoverSweep if sweep else BadLeftover
    content = {"__doc__": kind.__doc__, "__module__": module, "more": more}
    add_tests(base, module, type(kind.__name__, (kind,), content))
