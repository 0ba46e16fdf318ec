"""lac_products against products of Python, which do not wrap."""

from __future__ import annotations

from collections.abc import Sequence

from cocotb.triggers import ClockCycles, RisingEdge, Timer

from tb.common.bfm.block import Pins, bring_up, config, leaf_test, reset, rng
from tb.common.bfm.block_parts import cycle

NUM = config().get("Num", 7)
WIDTH = config().get("SizeWidth", 25)
LARGEST = (1 << WIDTH) - 1
PER = 5  # cycles of a product

#: (factor, or None for the size before; times; whether a factor of 0 is 1)
Operands = tuple[int | None, int, bool]


class ProductsBench:
    """Operands by num_o as a user gives them, sizes as they come."""

    def __init__(self, dut):
        self.dut, self.rng = dut, rng()
        self.pins = Pins(dut, dut.clk_i, "start_i", "factor_i", "times_i", "one_i", "num_o",
                         "valid_o", "size_o", "busy_o", "done_o")  # fmt: skip

    async def run(self, todo: Sequence[Operands], stop: int = -1) -> None:
        """NUM products, from one cycle behind an edge to that of done_o; ``stop``: cycles."""
        self.pins.drive(start_i=1)
        begin, size, seen = cycle(), 0, 0
        while True:
            await RisingEdge(self.dut.clk_i)
            self.pins.drive(start_i=0)
            await Timer(1, "ns")
            at = cycle() - begin
            if at == stop:
                return
            num, valid, busy, done = self.pins.read("num_o", "valid_o", "busy_o", "done_o")
            assert done == (at == PER * NUM + 1), f"done_o is {done} in cycle {at}"
            assert busy == (at <= PER * NUM), f"busy_o is {busy} in cycle {at}"
            if done:
                assert seen == NUM
                return
            factor, times, one = todo[num]
            factor = size if factor is None else factor
            self.pins.drive(factor_i=factor, times_i=times, one_i=one)
            assert num == (at - 1) // PER, f"num_o is {num} in cycle {at}"
            assert valid == (at % PER == 0), f"valid_o is {valid} in cycle {at}"
            if valid:
                want = min(LARGEST, (1 if one and factor == 0 else factor) * times)
                (size,) = self.pins.read("size_o")
                assert size == want, f"{todo[num]} with {factor}: {size}, expected {want}"
                seen += 1

    async def each(self, operands: Sequence[Operands]) -> None:
        """Any number of products, NUM at a time."""
        for at in range(0, len(operands), NUM):
            some = list(operands[at : at + NUM])
            await self.run(some + some[-1:] * (NUM - len(some)))


@leaf_test
async def smoke(dut):
    """Goal: time, and sizes in a chain. Stimulus: products, each of the size before. Check: every
    size, num_o, busy_o, and the cycle of each and of the end."""
    await bring_up(dut)
    bench = ProductsBench(dut)
    await bench.run([(3, 4, False)] + [(None, 2, False)] * (NUM - 1))
    await ClockCycles(dut.clk_i, 7)
    assert bench.pins.read("busy_o", "valid_o", "done_o") == [0, 0, 0]
    await bench.run([(5, 1, False)] * NUM)


@leaf_test
async def extremes(dut):
    """Goal: ends of operands and sizes. Stimulus: 0, 1, a byte, a byte and one, all ones; products
    on both sides of the largest size; 0 as 1. Check: every size."""
    await bring_up(dut)
    bench = ProductsBench(dut)
    factors = sorted({0, 1, 255, 256, LARGEST // 2, LARGEST // 2 + 1, LARGEST} - {1 << WIDTH})
    factors = [factor for factor in factors if factor <= LARGEST]
    times = (0, 1, 2, 255, 256, 257, 0x8000, 0xFFFF)
    await bench.each([(f, t, one) for f in factors for t in times for one in (False, True)])
    edges = [(LARGEST // t + more, t, False) for t in times[1:] for more in (0, 1)]
    await bench.each([edge for edge in edges if edge[0] <= LARGEST])


@leaf_test
async def random_none(dut):
    """Goal: any products. Stimulus: 60 runs of operands of every length, sizes before, zeros as
    one; one run right behind the other. Check: every size."""
    await bring_up(dut)
    bench, draw = ProductsBench(dut), rng()
    for _ in range(60):
        todo: list[Operands] = []
        for _ in range(NUM):
            factor = int(draw.integers(1 << int(draw.integers(WIDTH + 1))))
            times = int(draw.integers(1 << int(draw.integers(17))))
            before = bool(todo) and draw.random() < 0.4
            todo.append((None if before else factor, times, bool(draw.random() < 0.5)))
        await bench.run(todo)


@leaf_test
async def reset_mid(dut):
    """Goal: a reset ends it. Stimulus: one in every cycle of two products. Check: neither busy nor
    done; the next run is exact."""
    await bring_up(dut)
    bench = ProductsBench(dut)
    for stop in range(1, 2 * PER + 2):
        await bench.run([(7, 300, False)] * NUM, stop=min(stop, PER * NUM))
        await reset(dut)
        await Timer(1, "ns")
        assert bench.pins.read("busy_o", "valid_o", "done_o") == [0, 0, 0]
        await RisingEdge(dut.clk_i)
        await bench.run([(9, 11, False)] * NUM)
