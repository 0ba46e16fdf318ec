"""lac_requant against ``models.fixed.requant``."""

from __future__ import annotations

import numpy as np

from models.fixed import requant, saturate
from tb.common.bfm.block import Pins, config, leaf_test, rng, zero_inputs
from tb.common.sim.recorder import keep, keep_model

ACC = config().get("AccWidth", 40)
OUT = config().get("OutWidth", 16)
LOW, HIGH = -(1 << (ACC - 1)), (1 << (ACC - 1)) - 1
RAIL = (1 << (OUT - 1)) - 1
_MASK = (1 << OUT) - 1


class RequantBench:
    """Inputs, outputs, comparison."""

    def __init__(self, dut):
        zero_inputs(dut)
        keep_model("tb.common_rtl.case_models:requantized")
        self.pins = Pins(dut, None, "acc_i", "shift_i", "relu_i", "out_o", "sat_o")
        self.compared = 0
        self.saturated = 0

    async def check(self, accs: np.ndarray, shift: int, relu: bool) -> None:
        """Every sum of ``accs`` with one shift."""
        rounded = requant(accs, shift, width=62)
        wants = requant(accs, shift, width=OUT, relu=relu)
        clipped = rounded != saturate(rounded, OUT)
        self.pins.drive(shift_i=shift, relu_i=relu)
        for acc, want, clip in zip(accs.tolist(), wants.tolist(), clipped.tolist(), strict=True):
            await self.pins.settle(acc_i=acc & ((1 << ACC) - 1))
            got, sat = self.pins.read("out_o", "sat_o")
            if (got, sat) != (want & _MASK, clip):
                keep(**{"inputs/acc": [acc], "inputs/shift": [shift], "inputs/relu": [int(relu)]})
                keep(**{"expected/out": [want], "expected/sat": [int(clip)]})
                keep(**{"found/out": [got], "found/sat": [sat]})
                raise AssertionError(
                    f"acc {acc} shift {shift} relu {relu}: out {got:#x} sat {sat}, "
                    f"expected {want & _MASK:#x} {int(clip)}"
                )
            self.compared += 1
            self.saturated += clip


def corners(shift: int) -> np.ndarray:
    """Sums around zero, the ties, the rails of the output and those of the accumulator."""
    half, near = (1 << shift) >> 1, [-1, 0, 1]
    rail = RAIL << shift
    centers = [0, half, 1 << shift, 3 * half, rail, rail + half, HIGH, LOW]
    centers += [rail + (1 << shift), rail + (1 << shift) + half]  # the lower rail has one more
    sums = {sign * (c + d) for c in centers for d in near for sign in (1, -1)}
    return np.array(sorted(s for s in sums if LOW <= s <= HIGH), dtype=np.int64)


@leaf_test
async def smoke(dut):
    """Goal: the example of the header, scaled. Stimulus: 5, -5, -6 with shift 1, and the highest
    sum. Check: 3, -3, -3, saturated."""
    bench = RequantBench(dut)
    await bench.check(np.array([5, -5, -6, HIGH]), 1, False)
    assert bench.saturated == 1


@leaf_test
async def extremes(dut):
    """Goal: ties, rails, ReLU. Stimulus: every shift, ReLU off and on, sums one below, on and above
    every corner. Check: value and saturation flag."""
    bench = RequantBench(dut)
    for shift in range(ACC):
        for relu in (False, True):
            await bench.check(corners(shift), shift, relu)
    assert bench.saturated > ACC


@leaf_test
async def random_none(dut):
    """Goal: all sums. Stimulus: every sum with every shift if there are at most 2^10, else random
    magnitudes of every length. Check: value and saturation flag."""
    bench, draw = RequantBench(dut), rng()
    for shift in range(ACC):
        if ACC <= 10:
            accs = np.arange(LOW, HIGH + 1)
        else:
            raw = draw.integers(LOW, HIGH, 100, endpoint=True)
            accs = raw >> draw.integers(0, ACC - 1, 100)
        await bench.check(accs, shift, shift % 2 == 1 and ACC > 10)
        if ACC <= 10:
            await bench.check(accs[::7], shift, True)
    assert 0 < bench.saturated < bench.compared
