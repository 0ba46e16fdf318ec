"""The watchdog while a good pass computes, on every accelerator of the socket.

Every event that counts as progress is for some stretch of a pass the only one. Each job here has
such a stretch, in phases started one by one, and the shortest WATCHDOG that lets a phase end is
looked for: it may not be longer than what the design's pipelines take between two events.
A design hands its base test to :func:`watchdog_tests`; it says which jobs, and how long.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from models.program import Pass
from models.socket import ErrorCode
from tb.common.stimulus import COMPUTE, LOAD_ACT, LOAD_WGT, OUTPUT, one_phase
from tb.common.uvm.base_test import SocketTest, add_tests
from tb.common.uvm.items import Job
from tb.common.uvm.sequences import RunJob

#: Bits of MODE by the names that jobs use.
PHASES = {"wgt": LOAD_WGT, "act": LOAD_ACT, "compute": COMPUTE, "output": OUTPUT}
#: Cycles from one result taken to the next under the pause profile ``eighth``.
SLOW = 8
_LONGEST = 64


class DirectedWatchdog(SocketTest):
    """Goal: a pass that goes on is never ended by the watchdog. Stimulus: jobs of which one event
    after the other is the only sign of progress for longer than WATCHDOG; each phase started alone,
    with WATCHDOG 1, 2 and on until it ends, OUTPUT once more with a receiver that takes a word
    in eight cycles. Check: TIMEOUT below, in computing and in output at least once; the phase ends
    with no longer a WATCHDOG than the design's pipelines (and the receiver) need, far below its
    length."""

    limit_us: ClassVar[float] = 100_000

    def jobs(self) -> Mapping[str, tuple[Job, Mapping[str, int]]]:
        """Jobs of one pass by name, with the WATCHDOG that has to do for each of ``PHASES``."""
        raise NotImplementedError

    async def scenario(self) -> None:
        await self.run_good()
        wrong = []
        ended: set[str] = set()  # phases in which a WATCHDOG was too short
        for name, (job, want) in self.jobs().items():
            item = job.passes[0]
            found = {}
            for phase, bit in PHASES.items():
                if item.cfg[0] & bit:
                    found[phase] = await self.shortest(job, one_phase(item, bit), phase)
                    ended |= {phase} if found[phase] > 1 else set()
            if "output" in found:
                # The words that left the core: only their being taken is progress.
                self.env.set_pauses(out="eighth")
                slow = await self.shortest(job, one_phase(item, OUTPUT), "output")
                self.env.set_pauses(out="none")
                ended |= {"taken"} if slow >= SLOW - 1 else set()
                if slow > SLOW - 1 + want["output"]:
                    wrong.append(f"{name}: output to a slow receiver {slow}")
            if found.keys() != want.keys() or any(found[p] > want[p] for p in found):
                wrong.append(f"{name}: {found}, allowed {dict(want)}")
        await self.env.registers.write("WATCHDOG", self.watchdog)
        assert not wrong, "; ".join(wrong)
        silent = {"compute", "output", "taken"} - ended
        assert not silent, f"the watchdog ended nothing in {silent}: is there always progress?"
        await self.run_good()

    async def shortest(self, job: Job, item: Pass, phase: str) -> int:
        """The least WATCHDOG with which the pass ends well."""
        env = self.env
        for watchdog in range(1, _LONGEST):
            await env.registers.write("WATCHDOG", watchdog)
            feeds = await RunJob(env, job).begin(item)
            state = await env.wait_done(phase)
            env.observer.clear()  # these runs are nobody's job
            await env.recover(feeds, phase)
            if state.done:
                return watchdog
            assert state.code == ErrorCode.TIMEOUT, f"{job.label} {phase}: {state}"
        raise AssertionError(f"{job.label} {phase}: WATCHDOG {_LONGEST} is too short")


def watchdog_tests(base: type[SocketTest], module: str, test: type[DirectedWatchdog]) -> None:
    """Register a design's test of this kind, in its test module."""
    content = {"__doc__": DirectedWatchdog.__doc__, "__module__": module}
    named = type("DirectedWatchdog", (test,), content)
    add_tests(base, module, named)
