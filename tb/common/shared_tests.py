"""Top-level tests that every accelerator of the socket shares: registers, resets.

A design hands its base test to :func:`socket_tests`; its maker has ``good(label)``, a small job of
one pass, and ``long(label)``, a job of one pass that computes for some hundred cycles.
"""

from __future__ import annotations

from typing import ClassVar

from cocotb.triggers import ClockCycles

from models import socket
from models.socket import Phase
from tb.common.base_test import SocketTest, add_tests
from tb.common.host import SLVERR
from tb.common.sequences import RunJob


class DirectedRegisters(SocketTest):
    """Goal: the register map. Stimulus: reads and writes of every register, unmapped and unaligned
    addresses, a pass without the interrupt. Check: values hold, refused accesses answer SLVERR and
    change nothing, irq_o stays low when it is off; then a layer is exact."""

    reg_delays = True

    async def scenario(self) -> None:
        registers = self.env.registers
        for name, (_, access, _) in socket.REGISTERS.items():
            if access == "RO":
                before = await registers.read(name)
                await registers.write(name, 0xFFFF_FFFF, expect=SLVERR)
                assert await registers.read(name) == before, name
        for index in range(socket.NUM_CFG):
            value = int(self.cfg.rng.integers(1 << 32))
            await registers.write(f"CFG{index}", value)
            assert await registers.read(f"CFG{index}") == value
            await registers.write(f"CFG{index}", 0)
        for address in (0x0FC, 0x084, 0x180, 0xFFC, 0x041, 0x102):
            data, response = await registers._read(address)
            assert (data, response) == (0, SLVERR), f"{address:#x}"
            assert await registers._write(address, 1) == SLVERR, f"{address:#x}"
        assert await registers.read("CTRL") == 0
        await self.without_interrupt()
        await self.run_good()

    async def without_interrupt(self) -> None:
        """A pass that is polled."""
        registers, job = self.env.registers, self.maker.good("polled")
        await registers.write("IRQ_EN", 0)
        sequence = RunJob(self.env, job)
        self.env.submit(job)
        for item in job.passes:
            feeds = await sequence.begin(item)
            while not (state := await registers.state()).done:
                assert not self.cfg.dut.irq_o.value
            assert not state.busy and not self.cfg.dut.irq_o.value
            await registers.counters()
            for feed in feeds:
                await feed
            await self.env.consumed("polled")
            await registers.acknowledge()
        await registers.write("IRQ_EN", 1)


class ResetMid(SocketTest):
    """Goal: a reset at any time. Stimulus: hard reset while loading weights, loading activations,
    computing, streaming results; soft reset in each of these, where packets that have begun go on
    and those that have not are taken back. Check: idle afterwards, registers at their reset values
    after a hard one, and the next layer is exact."""

    limit_us: ClassVar[float] = 40000

    async def scenario(self) -> None:
        await self.run_good()
        phases = (Phase.WGT, Phase.ACT, Phase.COMPUTE, Phase.OUTPUT)
        cases = [(phase, "hard") for phase in phases]
        cases += [(phase, "soft") for phase in phases]
        for phase, kind in cases:
            await self.cut(phase, kind)
            await self.run_good()

    async def cut(self, phase: Phase, kind: str) -> None:
        """Start a layer, reset in the phase."""
        env = self.env
        slowed = {"wgt": "slow"} if phase == Phase.WGT else {}
        slowed |= {"act": "slow"} if phase == Phase.ACT else {}
        slowed |= {"out": "block"} if phase == Phase.OUTPUT else {}
        env.set_pauses(**slowed)
        job = self.maker.long("cut")
        feeds = await RunJob(env, job).begin(job.passes[0])
        for _ in range(2000):
            state = await env.registers.state()
            if state.phase == phase:
                break
        assert state.phase == phase, f"{state} instead of {phase.name}"
        await ClockCycles(self.cfg.dut.clk_i, int(self.cfg.rng.integers(1, 6)))
        if kind == "hard":
            await env.bring_up()
            state = await env.registers.state()
            assert not (state.busy or state.done or state.error), str(state)
            assert await env.registers.read("CFG0") == 0
        else:
            await env.registers.soft_reset()
            state = await env.registers.state()
            assert not (state.busy or state.done or state.error), str(state)
            assert await env.registers.read("CFG0") == job.passes[0].cfg[0]
            await env.take_back("reset_mid")
            env.out.monitor.flush()
        for feed in feeds:
            await env.joined(feed, "reset_mid")
        env.set_pauses(wgt="none", act="none", out="none")
        await ClockCycles(self.cfg.dut.clk_i, 3)
        env.scoreboard.drop_packets()


def socket_tests(base: type[SocketTest], module: str) -> None:
    """Register the tests of this file for a design, in its test module."""
    add_tests(base, module, DirectedRegisters, ResetMid)
