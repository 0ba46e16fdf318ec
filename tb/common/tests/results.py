"""What leaves an accelerator of the socket when a pass ends, well or not: the result stream.

A design hands its base test to :func:`result_tests`. The rule of AXI4-Stream itself, that an
offered word stays, is held by the monitor of the stream in every cycle of every test.
"""

from __future__ import annotations

from itertools import product
from typing import ClassVar

from cocotb.triggers import ClockCycles

from models.socket import Phase
from tb.common.tests.errors import BadTest
from tb.common.uvm.base_test import SocketTest, add_tests
from tb.common.uvm.env import no_identities
from tb.common.uvm.sequences import RunJob


class BadResultCut(BadTest):
    """Goal: a result packet that has begun is ended, whatever ends its pass. Stimulus: a soft reset
    while results are streamed, the receiver open, slow or blocked, after every number of cycles up
    to 8; where it is blocked, the next pass runs up to its own results before the receiver opens.
    Check: every offered word stays until it is accepted; the packet comes whole, or ends with one
    word marked as aborted; the next job is exact."""

    limit_us: ClassVar[float] = 20_000

    async def scenario(self) -> None:
        env, aborted = self.env, 0
        await self.run_good()
        for profile, wait in product(("none", "cycle", "block"), range(9)):
            job, before = self.maker.long("cut"), env.out.monitor.aborted
            env.set_pauses(out="block")
            feeds = await RunJob(env, job).begin(job.passes[0])
            while (await env.registers.state()).phase != Phase.OUTPUT:
                pass
            for feed in feeds:
                await env.joined(feed, "cut")
            await ClockCycles(self.cfg.dut.clk_i, wait)
            env.set_pauses(out=profile)
            await ClockCycles(self.cfg.dut.clk_i, wait)
            await env.registers.soft_reset()
            env.settle()
            if profile == "block":
                await self.behind(f"cut_{wait}")
            else:
                await env.close_results("cut")
                await self.run_good()
            aborted += env.out.monitor.aborted - before
        assert aborted >= 9, f"{aborted} packets were aborted"

    async def behind(self, label: str) -> None:
        """A pass whose results have to wait for the rest of the packet before."""
        env, job = self.env, self.maker.good(label)
        # A small build has nothing to offer yet in the first cycles of Output: then nothing is cut.
        begun = int(self.cfg.dut.m_axis_out_tvalid.value)
        sequence, identities = RunJob(env, job), self.cfg.identities
        self.cfg.stalls, self.cfg.identities = (
            False,
            no_identities,
        )  # the cycles in which the leftover is held are nobody's
        env.submit(job)
        feeds = await sequence.begin(job.passes[0])
        while (await env.registers.state()).phase != Phase.OUTPUT:
            pass
        before = env.out.monitor.aborted
        await ClockCycles(self.cfg.dut.clk_i, 12)
        assert env.out.monitor.aborted == before
        env.set_pauses(out="none")
        state = await sequence.finish(feeds, label)
        assert state.done
        await env.judged()
        assert env.out.monitor.aborted == before + begun
        self.cfg.stalls, self.cfg.identities = True, identities


def result_tests(base: type[SocketTest], module: str) -> None:
    """Register the tests of this file for a design, in its test module."""
    add_tests(base, module, BadResultCut)
