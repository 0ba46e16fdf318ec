"""lac_compact against boolean indexing."""

from __future__ import annotations

import numpy as np

from tb.common.bfm.block import Pins, config, leaf_test, rng, zero_inputs

NUM_IN = config().get("NumIn", 8)
NUM_OUT = config().get("NumOut", 4)
WIDTH = config().get("Width", 8)
INDEX = max((NUM_IN - 1).bit_length(), 1)
EXHAUSTIVE = 10  # vectors of up to this many slots are all tried


def joined(items: list[int], width: int) -> int:
    """Items of ``width`` bits side by side, item 0 lowest."""
    return sum(item << i * width for i, item in enumerate(items))


class CompactBench:
    """Inputs, outputs, comparison."""

    def __init__(self, dut):
        zero_inputs(dut)
        self.pins = Pins(dut, None, "keep_i", "data_i", "keep_o", "data_o", "index_o")
        self.draw = rng()
        self.ways: set[int] = set()
        self.cut = False

    async def check(self, keep: np.ndarray) -> None:
        """One vector of slots to keep, bool [NumIn], with random data in all of them."""
        data = [int.from_bytes(self.draw.bytes(-(-WIDTH // 8)), "little") for _ in keep]
        data = [word & (1 << WIDTH) - 1 for word in data]
        kept = np.flatnonzero(keep)
        used = [int(i) for i in kept[:NUM_OUT]]
        await self.pins.settle(keep_i=joined([int(k) for k in keep], 1), data_i=joined(data, WIDTH))
        want = (
            (1 << len(used)) - 1,
            joined([data[i] for i in used], WIDTH),
            joined(used, INDEX),
        )
        got = tuple(self.pins.read("keep_o", "data_o", "index_o"))
        assert got == want, f"slots {kept.tolist()}: keep, data, index {got}, expected {want}"
        self.ways |= {i - lane for lane, i in enumerate(used)}
        self.cut |= len(kept) > NUM_OUT


@leaf_test
async def smoke(dut):
    """Goal: none, all, the first and the last slots. Stimulus: those. Check: lanes in use, data and
    number of the slot of each lane; lanes not in use are 0."""
    bench, slots = CompactBench(dut), np.arange(NUM_IN)
    for keep in (slots < 0, slots >= 0, slots < NUM_OUT, slots >= NUM_IN - NUM_OUT):
        await bench.check(keep)


@leaf_test
async def extremes(dut):
    """Goal: every way an element can go. Stimulus: each slot alone, all but it, all from it on,
    every n-th; every vector of up to 10 slots. Check: as in smoke; every distance was gone, and
    elements were cut off where that can be."""
    bench, slots = CompactBench(dut), np.arange(NUM_IN)
    for slot in range(NUM_IN):
        for keep in (slots == slot, slots != slot, slots >= slot, slots % (slot + 1) == slot):
            await bench.check(keep)
    if NUM_IN <= EXHAUSTIVE:
        for vector in range(1 << NUM_IN):
            await bench.check((vector >> slots & 1).astype(bool))
    assert bench.ways == set(range(NUM_IN))
    assert bench.cut == (NUM_OUT < NUM_IN)


@leaf_test
async def random_none(dut):
    """Goal: holes everywhere. Stimulus: 500 vectors of random density. Check: as in smoke."""
    bench = CompactBench(dut)
    for _ in range(500):
        await bench.check(bench.draw.random(NUM_IN) < bench.draw.random())
