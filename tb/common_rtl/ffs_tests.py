"""lac_ffs against ``x & -x``."""

from __future__ import annotations

from tb.common.bfm.block import Pins, config, leaf_test, rng, zero_inputs

WIDTH = config().get("Width", 8)
ONES = (1 << WIDTH) - 1


class FfsBench:
    """Input, outputs, comparison."""

    def __init__(self, dut):
        zero_inputs(dut)
        self.pins = Pins(dut, None, "in_i", "valid_o", "index_o", "onehot_o")
        self.seen: set[int] = set()

    async def check(self, value: int) -> None:
        """One vector."""
        await self.pins.settle(in_i=value)
        got = tuple(self.pins.read("valid_o", "index_o", "onehot_o"))
        lowest = value & -value
        want = (int(value != 0), max(lowest.bit_length() - 1, 0), lowest)
        assert got == want, f"in {value:#x}: valid, index, onehot {got}, expected {want}"
        self.seen.add(want[1])


@leaf_test
async def smoke(dut):
    """Goal: nothing and everything set. Stimulus: 0, 1, all ones. Check: valid, index, one-hot."""
    bench = FfsBench(dut)
    for value in (0, 1, ONES):
        await bench.check(value)


@leaf_test
async def extremes(dut):
    """Goal: every position. Stimulus: each bit alone, with all above it, with noise above it; every
    vector of up to 10 bits. Check: valid, index, one-hot; every index was seen."""
    bench, draw = FfsBench(dut), rng()
    for bit in range(WIDTH):
        noise = int.from_bytes(draw.bytes((WIDTH + 7) // 8), "little")
        for value in (1 << bit, ONES << bit & ONES, (noise << bit | 1 << bit) & ONES):
            await bench.check(value)
    for value in range(1 << WIDTH if WIDTH <= 10 else 0):
        await bench.check(value)
    assert bench.seen == set(range(WIDTH))


@leaf_test
async def random_none(dut):
    """Goal: sparse vectors. Stimulus: 500 vectors of random density. Check: valid, index,
    one-hot."""
    bench, draw = FfsBench(dut), rng()
    for _ in range(500):
        bits = draw.random(WIDTH) < draw.random()
        await bench.check(sum(1 << i for i, bit in enumerate(bits) if bit))
