"""Runs a program that ``lac_tb_top.sv`` plays; started by ``player.run_program``.

Environment: LAC_PROGRAM the plan (``Plan.save``) beside its steps, LAC_OUT the folder for the
results.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import cocotb
import numpy as np
from cocotb.triggers import RisingEdge, ValueChange

from models import registry
from tb.common.bfm.axil import AxiLiteMaster
from tb.common.bfm.block import bring_up, start_clock
from tb.common.player import steps
from tb.common.player.plan import Plan
from tb.common.uvm.registers import Registers, taken

PS = 1000  # time steps of a nanosecond


class Player:
    """One program on the device."""

    def __init__(self, dut, plan: Plan, script: np.ndarray, out_dir: Path):
        self.dut, self.plan, self.script, self.out_dir = dut, plan, script, out_dir
        bus = AxiLiteMaster(dut, "s_axil", dut.clk_i)
        names = registry.design(plan.design).counter_names
        self.regs = Registers(bus.write, bus.read, names)

    def host(self, name: str) -> int:
        """What the host says."""
        return getattr(self.dut, f"host_{name}_o").value.to_unsigned()

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

    async def play(self) -> None:
        """All passes. Nobody is called before the host has ended: a Python wait per cycle would
        cost more than the cycle of a 64-PE accelerator. The edge puts us back in step.
        """
        self.dut.host_go_i.value = 1
        await ValueChange(self.dut.host_done_o)
        await RisingEdge(self.dut.clk_i)
        stop = steps.Stop(self.host("stop"))
        if stop is not steps.Stop.NONE:
            self.fail(self.host("passes"), await self.reason(stop))

    async def reason(self, stop: steps.Stop) -> str:
        """Why the host has stopped: the bus is ours again, the device can be asked."""
        step, seen = steps.step(self.script[self.host("steps")]), self.dut.host_seen_o.value
        if stop is steps.Stop.SILENT:
            return f"{step}: no answer"
        if stop is steps.Stop.RESPONSE:
            return f"{step}: response {seen.to_unsigned()}, expected 0"
        state = await self.regs.state()
        if stop is steps.Stop.NO_INTERRUPT:
            return f"no interrupt in {step.data} cycles, {state}"
        if state.error or not state.done:
            return str(state)
        if not seen.is_resolvable:
            return f"{step}: {seen}, unknown"
        return f"PACKETS {taken(seen.to_unsigned())}, expected {taken(step.data)}"


def own_clock(clock, period_ns: int) -> None:
    """``start_clock`` where the bench's main.cpp makes the clock: without a callback for each edge;
    Icarus has cocotb's.
    """
    if cocotb.SIM_NAME.lower().startswith("icarus"):
        start_clock(clock, period_ns)
    else:
        top: Any = cocotb.top
        top.half_period_i.value = period_ns * PS // 2


@cocotb.test()
async def play(dut) -> None:
    """Goal: a full-size program. Stimulus: files. Check: no error; results are the caller's."""
    path, out_dir = Path(os.environ["LAC_PROGRAM"]), Path(os.environ["LAC_OUT"])
    plan, script = Plan.load(path), steps.read(path.with_name("steps.bin"))
    await bring_up(dut, clock=own_clock)
    player = Player(dut, plan, script, out_dir)
    await player.regs.setup(watchdog=plan.watchdog)
    begin, first = time.perf_counter(), dut.cycles_o.value.to_unsigned()
    await player.play()
    seconds = time.perf_counter() - begin
    # The sink writes a word in the cycle in which it takes it; the last one has landed.
    cycles = dut.cycles_o.value.to_unsigned() - first
    left = [n for n in ("wgt", "act") if not getattr(dut, f"{n}_eof_o").value]
    if left:
        player.fail(len(plan.passes) - 1, f"packets left over on {left}")
    np.savez(
        out_dir / "result.npz",
        counters=steps.counters(out_dir / "reads.hex", script, len(plan.passes)),
        seconds=np.float64(seconds),
        cycles=np.int64(cycles),
    )
