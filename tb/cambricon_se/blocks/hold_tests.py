"""lac_cse_packed held: the selector of a PE that waits for the end of an output in the others."""

from __future__ import annotations

from tb.cambricon_se.blocks.select_tests import SelectBench
from tb.common.bfm.block import bring_up, leaf_test
from tb.common.bfm.streams import pause_pattern


@leaf_test
async def directed_hold(dut):
    """Goal: a selector waits for the others. Stimulus: hold_i at random. Check: nothing is taken
    and nothing goes meanwhile, two windows at most come in."""
    await bring_up(dut)
    bench = SelectBench(dut)
    bench.hold = pause_pattern("burst", "hold")
    bench.outputs(30, 4)
    await bench.finish()
