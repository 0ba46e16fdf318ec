"""lac_eie_lnzd_tree against numpy.flatnonzero."""

from __future__ import annotations

import numpy as np

from tb.common.bfm.block import Pins, config, for_profiles, leaf_test, rng, zero_inputs
from tb.common.bfm.streams import pause_pattern

NUM_PE = config().get("NumPe", 64)
WIDTH = config().get("DataWidth", 16)


class LnzdBench:
    """Sets the leaves, compares what the root gives."""

    def __init__(self, dut):
        zero_inputs(dut)
        self.rng = rng()
        self.tried = 0
        self.pins = Pins(dut, None, "leaf_valid_i", "leaf_data_i", "valid_o", "data_o", "idx_o")

    async def try_one(self, valid: np.ndarray, data: np.ndarray | None = None) -> None:
        """One pattern, valid bool [NUM_PE]; leaves without a flag have data too."""
        if data is None:
            data = self.rng.integers(1 << WIDTH, size=NUM_PE)
        flags = sum(1 << int(p) for p in np.flatnonzero(valid))
        packed = sum(int(d) << p * WIDTH for p, d in enumerate(data))
        await self.pins.settle(leaf_valid_i=flags, leaf_data_i=packed)
        got = self.pins.read("valid_o", "data_o", "idx_o")
        first = np.flatnonzero(valid)[:1].tolist()
        want = [1, int(data[first[0]]), first[0]] if first else [0, *got[1:]]
        assert got == want, f"flags {flags:#x}: (valid, data, index) {got}, expected {want}"
        self.tried += 1


@leaf_test
async def smoke(dut):
    """Goal: the header's example. Stimulus: flags of two PEs in the upper half. Check: the first
    one's index and activation."""
    bench = LnzdBench(dut)
    valid = np.zeros(NUM_PE, dtype=bool)
    valid[[NUM_PE * 5 // 8, NUM_PE * 6 // 8]] = True
    await bench.try_one(valid)


@leaf_test
async def directed_pairs(dut):
    """Goal: every choice between two PEs that meet in a node, so every input of every node.
    Stimulus: each PE alone, then with one that shares its first node, its second, its third.
    Check: index and activation of the first."""
    bench = LnzdBench(dut)
    for p in range(NUM_PE):
        partners = {p, p ^ 1, p ^ 2, p ^ 3} if NUM_PE <= 16 else {p, p ^ 1 + p // 4 % 3}
        for distance in (4, 16, 32):
            partners |= {p ^ distance} if p % 4 == distance % 3 else set()
        for other in sorted(partners):
            if other < NUM_PE:
                valid = np.zeros(NUM_PE, dtype=bool)
                valid[[p, other]] = True
                await bench.try_one(valid)
    assert bench.tried >= NUM_PE


@for_profiles(globals())
async def random(dut, profile):
    """Goal: any flags. Stimulus: 60 random patterns from sparse to full; the profile clears all
    flags in between. Check: index and activation of the first, none without a flag."""
    bench = LnzdBench(dut)
    pauses = pause_pattern(profile, "leaves")
    for k in range(60):
        density = (0.0, 0.02, 0.1, 0.5, 1.0)[k % 5]
        if next(pauses):
            density = 0.0
        await bench.try_one(bench.rng.random(NUM_PE) < density)


@leaf_test
async def extremes(dut):
    """Goal: ends of every range. Stimulus: no flag, all flags, all but the last, the last alone;
    activations zero and all ones. Check: index and activation of the first."""
    bench = LnzdBench(dut)
    ones = np.ones(NUM_PE, dtype=bool)
    last = np.arange(NUM_PE) == NUM_PE - 1
    for valid in (~ones, ones, ones & ~last, last):
        for data in (np.zeros(NUM_PE, dtype=int), np.full(NUM_PE, (1 << WIDTH) - 1), None):
            await bench.try_one(valid, data)
