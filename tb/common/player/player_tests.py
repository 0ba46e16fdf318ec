"""Runs a program whose streams are played by ``lac_tb_top.sv``; started by ``player.run_program``.

Environment: LAC_PROGRAM the plan (``player.Plan.save``), LAC_OUT the folder for the results.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

import cocotb
import numpy as np
from cocotb.triggers import ClockCycles, RisingEdge, SimTimeoutError, ValueChange, with_timeout

from models import registry
from tb.common.bfm.axil import AxiLiteMaster
from tb.common.bfm.block import PERIOD_NS, bring_up
from tb.common.player.player import PassPlan, Plan
from tb.common.uvm.registers import Registers, Taken


async def wait_irq(dut, cycles: int) -> bool:
    """Wait for ``irq_o`` at most ``cycles``; False on timeout.

    The value change costs nothing while nothing happens (a Python wait per cycle would cost more
    than the cycle of a 64-PE accelerator); the edge of the clock after it puts us back in step.
    """
    if not dut.irq_o.value:
        try:
            await with_timeout(ValueChange(dut.irq_o), cycles * PERIOD_NS, "ns")
        except SimTimeoutError:
            return False
        await RisingEdge(dut.clk_i)
    return bool(dut.irq_o.value)


class Player:
    """One program on the device."""

    def __init__(self, dut, plan: Plan, out_dir: Path):
        self.dut, self.plan, self.out_dir = dut, plan, out_dir
        bus = AxiLiteMaster(dut, "s_axil", dut.clk_i)
        names = registry.design(plan.design).counter_names
        self.regs = Registers(bus.write, bus.read, names)
        self.counters = np.zeros((len(plan.passes), len(names)), dtype=np.int64)

    def streams(self) -> str:
        """State of the streams, for messages."""
        dut = self.dut
        parts = []
        for name in ("wgt", "act", "out"):
            packets = getattr(dut, f"{name}_packets_o").value.to_unsigned()
            held = bool(getattr(dut, f"{name}_held_o").value)
            parts.append(f"{name}: {packets} packets{', a word is held' if held else ''}")
        return "; ".join(parts)

    def fail(self, index: int, reason: str) -> None:
        """Raise with everything a reader needs, and leave it in error.txt."""
        text = f"pass {index} {self.plan.passes[index].tag}: {reason}; {self.streams()}"
        (self.out_dir / "error.txt").write_text(text)
        raise AssertionError(text)

    async def one(self, index: int, item: PassPlan) -> None:
        """Registers, start, wait, check, counters."""
        await self.regs.configure(item.cfg)
        await self.regs.start()
        if not await wait_irq(self.dut, self.plan.pass_timeout):
            state = await self.regs.state()
            self.fail(index, f"no interrupt in {self.plan.pass_timeout} cycles, {state}")
        state = await self.regs.state()
        if state.error or not state.done:
            self.fail(index, str(state))
        want = tuple(Taken(int(words > 0), False) for words in (item.wgt_words, item.act_words))
        if (found := await self.regs.packets()) != want:
            self.fail(index, f"PACKETS {found}, expected {want}")
        values = await self.regs.counters()
        self.counters[index] = list(values.values())
        await self.regs.acknowledge()


@cocotb.test()
async def play(dut) -> None:
    """Goal: a full-size program. Stimulus: files. Check: no error; results are the caller's."""
    plan = Plan.load(Path(os.environ["LAC_PROGRAM"]))
    out_dir = Path(os.environ["LAC_OUT"])
    await bring_up(dut)
    player = Player(dut, plan, out_dir)
    await player.regs.setup(watchdog=plan.watchdog)
    begin, first = time.perf_counter(), dut.cycles_o.value.to_unsigned()
    with (out_dir / "progress.txt").open("wb", buffering=0) as progress:
        for index, item in enumerate(plan.passes):
            await player.one(index, item)
            progress.write(b".")
    # The sink writes a word in the cycle in which it takes it; two more let the last one land.
    await ClockCycles(dut.clk_i, 2)
    seconds = time.perf_counter() - begin
    cycles = dut.cycles_o.value.to_unsigned() - first
    left = [n for n in ("wgt", "act") if not getattr(dut, f"{n}_eof_o").value]
    if left:
        player.fail(len(plan.passes) - 1, f"packets left over on {left}")
    np.savez(
        out_dir / "result.npz",
        counters=player.counters,
        seconds=np.float64(seconds),
        cycles=np.int64(cycles),
    )
