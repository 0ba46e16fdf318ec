"""Top-level tests that every accelerator of the socket shares: registers, resets.

A design hands its base test to :func:`socket_tests`; its maker has ``good(label)``, a small job of
one pass, and ``long(label)``, a job of one pass that computes for some hundred cycles.
"""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

import cocotb
from cocotb.triggers import ClockCycles, RisingEdge

from models import socket
from models.program import Pass
from models.socket import Phase
from tb.common.stimulus import COMPUTE, LOAD_ACT, LOAD_WGT, OUTPUT, one_phase
from tb.common.uvm.base_test import SocketTest, add_tests
from tb.common.uvm.registers import SLVERR
from tb.common.uvm.sequences import RunJob


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
        for feed in feeds:
            await env.joined(feed, "reset_mid")
        env.set_pauses(wgt="none", act="none", out="none")
        await env.close_results("reset_mid")


class DirectedFinalCounters(SocketTest):
    """Goal: done means counted. Stimulus: a good pass, each of its phases alone, and passes that
    end in errors of both loaders; of each one run per register that counts, read in the very cycle
    in which irq_o rises. Check: STATUS, the error registers and every counter have the value
    that they have 40 cycles later."""

    limit_us: ClassVar[float] = 40000

    async def scenario(self) -> None:
        await self.run_good()
        self.final = self.maker.good("final")
        (item,) = self.final.passes
        alone = {bit: one_phase(item, bit) for bit in (LOAD_WGT, LOAD_ACT, COMPUTE, OUTPUT)}
        assert item.wgt is not None
        assert item.act is not None
        short = {
            "wgt": replace(item, wgt=item.wgt[:-1], act=None),
            "act": replace(item, act=item.act[:-1]),
        }
        named = {"whole": item, **{str(bit): one for bit, one in alone.items()}, **short}
        for name, one in named.items():
            await self.watch(name, one)

    async def watch(self, label: str, item: Pass) -> None:
        """One run to see how long the pass takes and what it counts, then one per register."""
        rises, before = await self.once(item, None, 0)
        names = [name for name in before if before[name] or name in ("ERR_CODE", "ERR_POS")]
        assert "PERF0" in names
        for name in names:
            again, after = await self.once(item, name, rises)
            assert again == rises, f"{label}: irq_o rose in cycle {again}, then {rises}"
            assert after[name] == before[name], f"{label}: {name} {after[name]}, {before[name]}"

    async def once(self, item: Pass, early: str | None, rises: int) -> tuple[int, dict[str, int]]:
        """Run a pass; returns the cycle in which irq_o rises and all registers; the one named
        ``early`` is read in that cycle, and must read the same again."""
        env, dut, registers = self.env, self.cfg.dut, self.env.registers
        feeds = await RunJob(env, self.final).begin(item)
        cycles, first, asked = 0, None, None
        while not dut.irq_o.value:
            await RisingEdge(dut.clk_i)
            cycles += 1
            assert cycles < self.cfg.timeout, "no interrupt"
            # The address is taken two edges behind the call.
            if early is not None and cycles == rises - 2:
                asked = cocotb.start_soon(registers.read(early))
            if asked is not None and cycles == rises:
                taken = dut.s_axil_arvalid.value and dut.s_axil_arready.value
                assert taken and dut.irq_o.value, "the read came at another time"
        if asked is not None:
            first = await asked
        await ClockCycles(dut.clk_i, 40)
        names = ["STATUS", "ERR_CODE", "ERR_POS"]
        names += [f"PERF{index}" for index in range(len(registers.counter_names))]
        values = {name: await registers.read(name) for name in names}
        if early is not None:
            assert first == values[early], (
                f"{early} was {first} when irq_o rose, {values[early]} behind it"
            )
        env.observer.clear()  # these runs are nobody's job
        await env.recover(feeds, "final")
        return cycles, values


def socket_tests(base: type[SocketTest], module: str) -> None:
    """Register the tests of this file for a design, in its test module."""
    add_tests(base, module, DirectedRegisters, DirectedFinalCounters, ResetMid)
