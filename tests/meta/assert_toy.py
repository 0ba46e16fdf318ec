"""cocotb tests on ``assert_toy.sv``: ``good`` keeps every rule, each other one breaks one."""

from __future__ import annotations

from cocotb.clock import Clock
from cocotb.triggers import ClockCycles

from tb.common.bfm.block import PERIOD_NS, Pins, leaf_test, zero_inputs


async def begin(dut) -> Pins:
    """Rules broken in reset, which must not count; all kept when it is released."""
    zero_inputs(dut)
    pins = Pins(dut, dut.clk_i, "rst_ni", "ok_i", "valid_i", "ready_i", "data_i", "clr_i")
    Clock(dut.clk_i, PERIOD_NS, unit="ns").start()
    for valid in (1, 0, 1, 0):
        pins.drive(valid_i=valid, data_i=valid)
        await ClockCycles(dut.clk_i, 1)
    pins.drive(ok_i=1, rst_ni=1)
    await ClockCycles(dut.clk_i, 2)
    return pins


async def step(pins: Pins, **values: int) -> None:
    """Move signals, then let a cycle pass with them."""
    pins.drive(**values)
    await ClockCycles(pins.clock, 1)


@leaf_test
async def good(dut):
    """Goal: no false alarm. Stimulus: a held beat that is accepted, new data, a clear that drops a
    beat, a reset that does. Check: no assertion."""
    pins = await begin(dut)
    await step(pins, valid_i=1, data_i=3)
    await step(pins)
    await step(pins, ready_i=1)
    await step(pins, data_i=4)
    await step(pins, valid_i=0, ready_i=0)
    await step(pins, valid_i=1, data_i=5)
    await step(pins, clr_i=1)
    await step(pins, clr_i=0, valid_i=0, data_i=6)
    await step(pins, valid_i=1)
    await step(pins, rst_ni=0)
    await step(pins, valid_i=0, ok_i=0)
    await step(pins, rst_ni=1, ok_i=1)
    await ClockCycles(dut.clk_i, 2)


@leaf_test
async def not_ok(dut):
    """Goal: LAC_ASSERT. Stimulus: ok_i falls. Check: by the caller, as in all that follow."""
    pins = await begin(dut)
    await step(pins, ok_i=0)
    await ClockCycles(dut.clk_i, 2)


@leaf_test
async def valid_falls(dut):
    """Goal: LAC_STREAM. Stimulus: valid falls without ready. Check: by the caller."""
    pins = await begin(dut)
    await step(pins, valid_i=1)
    await step(pins, valid_i=0)
    await ClockCycles(dut.clk_i, 2)


@leaf_test
async def data_changes(dut):
    """Goal: LAC_STREAM. Stimulus: data changes while it waits. Check: by the caller."""
    pins = await begin(dut)
    await step(pins, valid_i=1, data_i=1)
    await step(pins, data_i=2)
    await ClockCycles(dut.clk_i, 2)
