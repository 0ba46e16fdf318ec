"""lac_scnn_sums: sums over the grid, two cycles later."""

from __future__ import annotations

from cocotb.triggers import RisingEdge

from tb.common.bfm.block import Pins, bring_up, config, for_profiles, leaf_test, rng

CONFIG = {"PeX": 8, "PeY": 8, "Width": 5} | config()
NUM, WIDTH = CONFIG["PeX"] * CONFIG["PeY"], CONFIG["Width"]
LATENCY = 2


async def sums(dut, values: list[list[int]]) -> None:
    """Numbers of all PEs, in successive cycles."""
    pins = Pins(dut, dut.clk_i, "in_i", "sum_o")
    found = []
    for row in [*values, *[[0] * NUM] * LATENCY]:
        pins.drive(in_i=sum(value << WIDTH * n for n, value in enumerate(row)))
        await RisingEdge(dut.clk_i)
        found.append(dut.sum_o.value)
    want = [sum(row) & 0xFFFF for row in values]
    assert [int(value.to_unsigned()) for value in found[LATENCY:]] == want


@leaf_test
async def smoke(dut):
    """Goal: latency. Stimulus: one PE after the other. Check: its number two cycles later."""
    await bring_up(dut)
    await sums(dut, [[(n == pe) * (pe % (1 << WIDTH)) for n in range(NUM)] for pe in range(NUM)])


@leaf_test
async def extremes(dut):
    """Goal: the largest sum. Stimulus: all PEs at their most, in turns with nothing. Check:
    sums."""
    await bring_up(dut)
    await sums(dut, [[(t % 2) * ((1 << WIDTH) - 1)] * NUM for t in range(6)])


@for_profiles(globals(), ("none",))
async def random(dut, profile):
    """Goal: any numbers in every cycle. Stimulus: 60 cycles. Check: sums."""
    await bring_up(dut)
    await sums(dut, rng().integers(0, 1 << WIDTH, (60, NUM)).tolist())
