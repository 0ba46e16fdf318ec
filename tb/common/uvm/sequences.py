"""The virtual sequence that runs a job pass by pass."""

from __future__ import annotations

import cocotb
from pyuvm import uvm_sequence

from models.program import Pass
from tb.common.uvm.env import SocketEnv
from tb.common.uvm.items import Job
from tb.common.uvm.register_sequence import send
from tb.common.uvm.registers import State


class RunJob(uvm_sequence):
    """Virtual sequence: runs a job's passes in order and leaves the device ready for the next.

    A pass is: write the CFG registers that changed, START, both input packets at once, wait for the
    interrupt, read STATUS and all counters, acknowledge. A pass that must fail ends in a soft
    reset instead, after all inputs were thrown away. PACKETS must say so in either case.
    """

    def __init__(self, env: SocketEnv, job: Job):
        super().__init__("run_job")
        self.env, self.job = env, job
        self.states: list[State] = []

    async def body(self) -> None:
        env, job = self.env, self.job
        env.submit(job)
        for index, item in enumerate(job.passes):
            state = await self.run_pass(item, f"{job.label} pass {index} {item.tag}")
            self.states.append(state)
            if state.error:
                return

    async def run_pass(self, item: Pass, where: str) -> State:
        """One START to done or error; see :meth:`begin` and :meth:`finish`."""
        feeds = await self.begin(item)
        return await self.finish(feeds, where)

    async def begin(self, item: Pass) -> list[cocotb.task.Task]:
        """Configure, start, and begin to send; returns the running sends."""
        env = self.env
        await env.registers.configure(item.cfg)
        await env.registers.start()
        sent = sum(words.size for words in (item.wgt, item.act) if words is not None)
        env.words = sent + item.out_words
        feeds = []
        if item.wgt is not None:
            feeds.append(cocotb.start_soon(send(env.wgt.sequencer, item.wgt)))
        if item.act is not None:
            feeds.append(cocotb.start_soon(send(env.act.sequencer, item.act)))
        return feeds

    async def finish(self, feeds: list[cocotb.task.Task], where: str) -> State:
        """Wait for the interrupt, read back, leave the device idle."""
        env = self.env
        state = await env.wait_done(where)
        await env.registers.counters()
        if state.error:
            await env.recover(feeds, where)
            return state
        for feed in feeds:
            await env.joined(feed, where)
        await env.consumed(where)
        await env.registers.acknowledge()
        return state
