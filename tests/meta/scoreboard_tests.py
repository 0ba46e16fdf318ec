"""Cocotb tests that must fail: the environment is given something wrong to find.

Run by ``test_scoreboard.py``; each name there has the words its failure must contain.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from models.socket import ErrorCode
from tb.common.uvm.base_test import socket_test
from tb.common.uvm.env import SocketConfig
from tb.common.uvm.items import Expected
from tb.common.uvm.sequences import RunJob
from tb.eie.top.env import EieTest


class Good(EieTest):
    """One good layer; what is wrong is in ``customise``."""

    async def scenario(self) -> None:
        await self.run_good()


@socket_test()
class CorruptedPrediction(Good):
    """Goal: one wrong value is found. Stimulus: the prediction is changed in its last value.
    Check: fails, and the inputs are saved."""

    def customise(self, cfg: SocketConfig) -> None:
        super().customise(cfg)

        def corrupt(tensors: list[np.ndarray]) -> list[np.ndarray]:
            wrong = [tensor.copy() for tensor in tensors]
            wrong[-1].reshape(-1)[-1] ^= 1
            return wrong

        cfg.corrupt = corrupt


@socket_test()
class WrongCycles(Good):
    """Goal: a lost cycle is found. Stimulus: the model says one cycle more. Check: fails."""

    def customise(self, cfg: SocketConfig) -> None:
        super().customise(cfg)
        model = cfg.cycles
        cfg.cycles = lambda program, config: [
            replace(p, compute=p.compute + 1) for p in model(program, config)
        ]


@socket_test()
class WrongCounter(Good):
    """Goal: a wrong counter is found. Stimulus: the model says one broadcast more. Check: fails."""

    def customise(self, cfg: SocketConfig) -> None:
        super().customise(cfg)
        model = cfg.cycles
        cfg.cycles = lambda program, config: [
            replace(p, counters=p.counters | {"broadcasts": p.counters["broadcasts"] + 1})
            for p in model(program, config)
        ]


@socket_test()
class WrongOutput(Good):
    """Goal: an output phase of other cycles is found. Stimulus: the model says one cycle. Check:
    fails."""

    def customise(self, cfg: SocketConfig) -> None:
        super().customise(cfg)
        model = cfg.cycles
        cfg.cycles = lambda program, config: [replace(p, output=1) for p in model(program, config)]


@socket_test()
class WrongHeld(Good):
    """Goal: a wrong count of held results is found. Stimulus: the monitor counts one more. Check:
    fails."""

    async def scenario(self) -> None:
        seen = iter(range(1000))
        self.env.observer.held = lambda: next(seen)
        await self.run_good()


@socket_test()
class WrongIdentity(Good):
    """Goal: counters that contradict each other are found. Stimulus: an identity that does not
    hold. Check: fails."""

    def customise(self, cfg: SocketConfig) -> None:
        super().customise(cfg)
        cfg.identities = lambda job, index, counters: ["one is not two"]


@socket_test()
class WrongPart(EieTest):
    """Goal: counters of a lowered layer are held against the layers that ran. Stimulus: two groups,
    and totals that do not hold for one block-diagonal layer. Check: fails."""

    def customise(self, cfg: SocketConfig) -> None:
        super().customise(cfg)
        cfg.totals = lambda job, sums: ["a part is wrong"] * (job.layers[0].in_size == 2 * 2)

    async def scenario(self) -> None:
        layer = self.maker.shaped((4, 2, 1, 1), (1, 1), groups=2)
        await self.run_job(self.maker.job(layer, "wrong_part"))


@socket_test()
class NothingCompared(EieTest):
    """Goal: a test without a comparison is no test. Stimulus: none. Check: fails."""

    async def scenario(self) -> None:
        await self.env.registers.read("ID")


@socket_test()
class JobNeverRun(EieTest):
    """Goal: what was announced has to come. Stimulus: a job that is announced and not run, behind
    a good one. Check: fails."""

    async def scenario(self) -> None:
        await self.run_good()
        self.env.submit(self.maker.good("never_run"))


@socket_test()
class PassNobodyExpected(EieTest):
    """Goal: what was not announced may not come. Stimulus: a job that is run unannounced, behind
    a good one. Check: fails."""

    async def scenario(self) -> None:
        await self.run_good()
        job = self.maker.good("unannounced")
        sequence = RunJob(self.env, job)
        for item in job.passes:
            await sequence.run_pass(item, "unannounced")


@socket_test()
class ErrorThatDoesNotCome(EieTest):
    """Goal: an expected error has to come. Stimulus: a good layer. Check: fails."""

    async def scenario(self) -> None:
        await self.run_good()
        job = self.maker.good("no_error")
        job.expected = Expected(0, ErrorCode.WGT_SHORT)
        await self.run_job(job)


@socket_test()
class OtherErrorThanExpected(EieTest):
    """Goal: the error has to be the right one. Stimulus: a packet cut short, announced as long.
    Check: fails."""

    async def scenario(self) -> None:
        await self.run_good()
        job = self.maker.good("other_error")
        item = job.passes[0]
        job.passes = (replace(item, wgt=item.wgt[:-1]),)
        job.expected = Expected(0, ErrorCode.WGT_LONG)
        await self.run_job(job)


@socket_test()
class SourceNeverSends(EieTest):
    """Goal: a hang ends, and says where. Stimulus: the weight stream is blocked and the watchdog is
    off. Check: fails with the phase and the stream that waits."""

    async def scenario(self) -> None:
        await self.run_good()
        self.cfg.timeout = 500
        await self.env.registers.write("WATCHDOG", 0)
        self.env.set_pauses(wgt="block")
        await self.run_good()
