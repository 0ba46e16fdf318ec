"""lac_first against a running sum of the bits."""

from __future__ import annotations

import numpy as np

from tb.common.bfm.block import Pins, config, leaf_test, rng, zero_inputs

WIDTH = config().get("Width", 8)
EXHAUSTIVE = 10  # widths up to this are tried with every vector and number


def bits_of(vector: np.ndarray) -> int:
    """Bool [Width] as an integer, place 0 in bit 0."""
    return sum(1 << i for i, bit in enumerate(vector) if bit)


def expected(vector: np.ndarray, num: int) -> int:
    """Places with fewer than ``num`` set bits below them; ``vector`` is bool [Width]."""
    return bits_of(np.cumsum(vector) - vector < num)


class FirstBench:
    """Input, output, comparison."""

    def __init__(self, dut):
        zero_inputs(dut)
        self.pins = Pins(dut, None, "in_i", "num_i", "under_o")
        self.ends: set[int] = set()

    async def check(self, vector: np.ndarray, num: int) -> None:
        """One vector, bool [Width], and one number."""
        await self.pins.settle(in_i=bits_of(vector), num_i=num)
        (got,) = self.pins.read("under_o")
        want = expected(vector, num)
        assert got == want, f"in {bits_of(vector):#x}, num {num}: {got:#x}, expected {want:#x}"
        self.ends.add(want.bit_length())


@leaf_test
async def smoke(dut):
    """Goal: nothing and everything set. Stimulus: all 0 and all 1 with every number. Check: the
    places under it; every number of places was seen."""
    bench = FirstBench(dut)
    for num in range(WIDTH + 1):
        for fill in (False, True):
            await bench.check(np.full(WIDTH, fill), num)
    assert bench.ends == set(range(WIDTH + 1))


@leaf_test
async def extremes(dut):
    """Goal: every sum at every place. Stimulus: each bit alone, all but it, all from it on; every
    vector of up to 10 bits; each with numbers around its sum. Check: the places under it."""
    bench = FirstBench(dut)
    vectors = []
    for bit in range(WIDTH):
        alone = np.arange(WIDTH) == bit
        vectors += [alone, ~alone, np.arange(WIDTH) >= bit, np.arange(WIDTH) % (bit + 1) == 0]
    if WIDTH <= EXHAUSTIVE:
        vectors += [(v >> np.arange(WIDTH) & 1).astype(bool) for v in range(1 << WIDTH)]
    for vector in vectors:
        total = int(vector.sum())
        for num in {0, 1, total - 1, total, total + 1, WIDTH} & set(range(WIDTH + 1)):
            await bench.check(vector, num)


@leaf_test
async def random_none(dut):
    """Goal: sums of all sizes. Stimulus: 500 vectors of random density, random numbers. Check: the
    places under it."""
    bench, draw = FirstBench(dut), rng()
    for _ in range(500):
        vector = draw.random(WIDTH) < draw.random()
        await bench.check(vector, int(draw.integers(WIDTH + 1)))
