"""lac_fmt_count, lac_fmt_shift and lac_compact_move against int arithmetic, in one build."""

from __future__ import annotations

from tb.common.bfm.block import Pins, leaf_test, rng, zero_inputs
from tb.formats.parts import noise, split

#: As in the harness.
COUNTS = (1, 7, 8, 9, 23, 64, 100, 256)
SHIFTS = ((1, 1, 1), (8, 4, 2), (37, 37, 6), (128, 64, 7), (256, 5, 12), (100, 1, 7))
MOVES = {"few_o": (6, 3), "many_o": (21, 5)}


def moved(keep: int, data: int, num: int, level: int) -> dict[int, int]:
    """Bit of data by place of every kept element behind the moves 0 to ``level``."""
    places, holes = {}, 0
    for i in range(num):
        if keep >> i & 1:
            places[i - holes % (2 << level)] = data >> i & 1
        else:
            holes += 1
    return places


class LogicBench:
    """Inputs, outputs, comparison."""

    def __init__(self, dut):
        zero_inputs(dut)
        self.pins = Pins(dut, None, "bits_i", "amount_i", "data_i", "count_o", "shift_o", *MOVES)
        self.elements = 0

    async def check(self, bits: int, amount: int = 0, data: int = 0) -> None:
        """One set of inputs, all instances."""
        await self.pins.settle(bits_i=bits, amount_i=amount, data_i=data)
        counts, shifts = self.pins.read("count_o", "shift_o")
        want = [(bits & (1 << width) - 1).bit_count() for width in COUNTS]
        assert split(counts, 64, len(COUNTS)) == want, f"ones of {bits:#x}"
        want = [
            ((bits & (1 << wide) - 1) >> (amount & (1 << steps) - 1)) & (1 << out) - 1
            for wide, out, steps in SHIFTS
        ]
        assert split(shifts, 64, len(SHIFTS)) == want, f"{bits:#x} down by {amount}"
        for name, (num, levels) in MOVES.items():
            for level, got in enumerate(split(self.pins.read(name)[0], 64, levels)):
                self._compare(bits & (1 << num) - 1, data, num, level, got)

    def _compare(self, keep: int, data: int, num: int, level: int, got: int) -> None:
        places = moved(keep, data, num, level)
        there, kept, _ = split(got, num, 3)
        about = f"keep {keep:#x} of {num}, move {level}"
        assert kept == sum(1 << place for place in places), about
        assert {place: there >> place & 1 for place in places} == places, about
        self.elements += len(places)


@leaf_test
async def smoke(dut):
    """Goal: nothing and everything. Stimulus: no bit and all bits, with the least and the largest
    shift. Check: counts, pieces, places of elements."""
    bench = LogicBench(dut)
    for bits in (0, (1 << 256) - 1):
        for amount in (0, 4095):
            await bench.check(bits, amount, 0x15_5555)
    assert bench.elements == 2 * (6 * 3 + 21 * 5)


@leaf_test
async def extremes(dut):
    """Goal: each bit, each shift, each pattern of few elements. Stimulus: a single one at each
    place, all but it; every amount of seven bits, and those that leave the vector; every keep of 6
    elements. Check: as in smoke."""
    bench, draw = LogicBench(dut), rng()
    top = (1 << 256) - 1
    for place in range(256):
        await bench.check(1 << place, place, 1 << place % 21)
        await bench.check(top ^ 1 << place, place)
    for amount in (*range(129), 255, 256, 257, 4095):
        await bench.check(noise(draw, 256), amount)
    for keep in range(64):
        await bench.check(keep | keep << 7 | keep << 14, 0, ~keep & 0x3F)


@leaf_test
async def random_none(dut):
    """Goal: any bits. Stimulus: 400 random vectors, sparse and dense ones. Check: as in smoke."""
    bench, draw = LogicBench(dut), rng()
    for _ in range(400):
        bits = noise(draw, 256)
        for _ in range(int(draw.integers(3))):
            bits = bits & noise(draw, 256) if draw.random() < 0.5 else bits | noise(draw, 256)
        await bench.check(bits, int(draw.integers(4096)), noise(draw, 21))
    assert bench.elements > 400
