"""lac_eie_lnzd_node against the first set flag."""

from __future__ import annotations

import numpy as np

from tb.common.bfm.block import Pins, config, for_profiles, leaf_test, rng, zero_inputs
from tb.common.bfm.streams import pause_pattern

WIDTH = config().get("Width", 16)


class LnzdNodeBench:
    """Sets the children, compares what goes up."""

    def __init__(self, dut):
        zero_inputs(dut)
        self.rng = rng()
        self.pins = Pins(dut, None, "child_valid_i", "child_data_i", "valid_o", "data_o")

    async def try_one(self, valid: int, data: list[int]) -> None:
        """One pattern; children without a flag have data too."""
        packed = sum(d << k * WIDTH for k, d in enumerate(data))
        await self.pins.settle(child_valid_i=valid, child_data_i=packed)
        first = np.flatnonzero([valid >> k & 1 for k in range(4)])
        got = self.pins.read("valid_o", "data_o")
        assert got[0] == bool(valid)
        if valid:
            assert got[1] == data[first[0]], f"valid {valid:04b}, data {data}: {got[1]} goes up"

    def data(self) -> list[int]:
        """Four random payloads, all different where the width allows."""
        start = int(self.rng.integers(1 << WIDTH))
        return [(start + k) % (1 << WIDTH) for k in range(4)]


@leaf_test
async def smoke(dut):
    """Goal: the header's example. Stimulus: children 2 and 3. Check: child 2 goes up."""
    bench = LnzdNodeBench(dut)
    await bench.try_one(0b1100, bench.data())


@leaf_test
async def extremes(dut):
    """Goal: every pattern of flags. Stimulus: all 16, with payloads all ones, zero and random.
    Check: the first child with a flag goes up; no flag, no valid."""
    bench = LnzdNodeBench(dut)
    top = (1 << WIDTH) - 1
    for valid in range(16):
        for _ in range(8):
            await bench.try_one(valid, bench.data())
        for child in range(4):
            await bench.try_one(valid, [top * (k == child) for k in range(4)])


@for_profiles(globals())
async def random(dut, profile):
    """Goal: any sequence. Stimulus: 200 random patterns; the profile clears all flags in between.
    Check: the first child with a flag goes up."""
    bench = LnzdNodeBench(dut)
    pauses = pause_pattern(profile, "children")
    for _ in range(200):
        valid = 0 if next(pauses) else int(bench.rng.integers(16))
        await bench.try_one(valid, bench.rng.integers(1 << WIDTH, size=4).tolist())
