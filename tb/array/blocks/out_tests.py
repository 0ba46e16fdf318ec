"""lac_array_out: result words against requant in numpy."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
from cocotb.triggers import ClockCycles, RisingEdge

from models.fixed import limits, requant
from models.packets import pack_rows_of_lanes
from tb.array.blocks.schedule import packed
from tb.common.bfm.block import Pins, bring_up, config, for_profiles, leaf_test, reset, rng
from tb.common.bfm.block_parts import EdgeMonitor, clear_after_start, cycle
from tb.common.bfm.block_results import ResultStream
from tb.common.bfm.streams import StreamSink

CONFIG = config()
COLS, ACT, ACC = CONFIG.get("Cols", 16), CONFIG.get("ActWidth", 16), CONFIG.get("AccWidth", 48)
DEPTH = 1 << CONFIG.get("AddrWidth", 12)
WORDS = -(-COLS * ACT // 64)


class OutBench:
    """Plays the banks: the word read comes a cycle later and stays."""

    def __init__(self, dut, pause: str = "none"):
        self.dut, self.rng = dut, rng()
        self.sums = np.zeros((0, COLS), dtype=np.int64)
        inputs = ("clr_i", "start_i", "count_i", "shift_i", "relu_i", "acc_i")
        self.pins = Pins(dut, dut.clk_i, *inputs)
        self.results = ResultStream(dut)
        self.check, self.times = self.results.check, self.results.times
        self.reads: list[Any] = []
        self.done: list[int] = []
        self.sink = StreamSink(dut, "m_axis_out", dut.clk_i, pause=pause)
        self.monitor = EdgeMonitor(dut, ["rd_en_o", "rd_addr_o", "done_o"], self._sample)

    def _sample(self, seen: EdgeMonitor) -> None:
        if seen["rd_en_o"]:
            self.reads.append(seen["rd_addr_o"])
            self.pins.drive(acc_i=packed(self.sums[self.reads[-1]], ACC))
        if seen["done_o"]:
            self.done.append(cycle())

    def arm(self, sums: np.ndarray, shift: int, relu: bool) -> list[int]:
        """Set up without a start; returns the words that have to come."""
        self.sums = sums
        words = pack_rows_of_lanes(requant(sums, shift, ACT, relu), ACT).tolist()
        self.results.expect(words)
        self.reads.clear()
        self.times.clear()
        self.done.clear()
        self.pins.drive(count_i=len(sums), shift_i=shift, relu_i=relu)
        return words

    async def start(self, sums: np.ndarray, shift: int, relu: bool) -> list[int]:
        """The start pulse; returns the words that have to come."""
        words = self.arm(sums, shift, relu)
        await self.pins.pulse("start_i")
        return words

    async def run(self, sums: np.ndarray, shift: int, relu: bool) -> int:
        """All words of these sums; returns the cycle of start_i."""
        begin = cycle() + 1
        words = await self.start(sums, shift, relu)
        for _ in range(400 + 40 * len(words)):
            await RisingEdge(self.dut.clk_i)
            if self.check.pending == 0:
                break
        await ClockCycles(self.dut.clk_i, 4)
        self.check.done()
        assert self.reads == list(range(len(sums)))
        assert self.done == [self.times[-1]]
        return begin

    def any_sums(self, count: int) -> np.ndarray:
        """Random sums of all magnitudes; both rails are frequent."""
        low, high = limits(ACC)
        shape = (count, COLS)
        values = self.rng.integers(low, high + 1, shape) >> self.rng.integers(0, ACC, shape)
        return np.where(self.rng.random(shape) < 0.1, self.rng.choice([low, high], shape), values)


@leaf_test
async def smoke(dut):
    """Goal: order of words. Stimulus: 3 pixels without shift. Check: every word, tlast on the last,
    one read per pixel."""
    await bring_up(dut)
    bench = OutBench(dut)
    await bench.run(bench.any_sums(3), 0, False)


@leaf_test
async def extremes(dut):
    """Goal: the ends. Stimulus: one pixel, the largest shift, both rails, ReLU. Check: words."""
    await bring_up(dut)
    bench = OutBench(dut)
    low, high = limits(ACC)
    for shift in (0, 1, ACC - ACT, ACC - 1):
        for relu in (False, True):
            await bench.run(np.resize([low, high, -1, 0, 1], (1, COLS)), shift, relu)


@leaf_test
async def throughput(dut):
    """Goal: one word per cycle. Stimulus: 20 pixels, no pause. Check: successive cycles, the first
    4 after start."""
    await bring_up(dut)
    bench = OutBench(dut)
    begin = await bench.run(bench.any_sums(20), 3, True)
    assert bench.times == list(range(begin + 4, begin + 4 + 20 * WORDS))


@leaf_test
async def directed_clear(dut):
    """Goal: clr_i cuts a stream off. Stimulus: a clear in each of the first cycles, the receiver
    open, slow and blocked, the next start at once. Check: the word that is offered stays; what has
    begun ends with its last word or an abort, and nothing else comes; then a whole stream."""
    await bring_up(dut)
    bench, aborted = OutBench(dut), 0
    for profile, wait in product(("none", "cycle", "block"), range(9)):
        bench.sink.set_pause(profile)
        await bench.start(bench.any_sums(6), 2, False)
        await ClockCycles(dut.clk_i, wait)
        bench.results.cut_off()
        await bench.pins.pulse("clr_i")
        await ClockCycles(dut.clk_i, 3)
        bench.sink.set_pause("none")
        await ClockCycles(dut.clk_i, 6)
        aborted += bench.results.ended()
        await bench.run(bench.any_sums(4), 2, False)
    assert 5 < aborted < 27, f"{aborted} of 27 streams were aborted"


@leaf_test
async def reset_mid(dut):
    """Goal: reset while words wait. Stimulus: one with a blocked sink. Check: nothing is offered
    any more; then exact."""
    await bring_up(dut)
    bench = OutBench(dut, pause="block")
    await bench.start(bench.any_sums(4), 2, False)
    await ClockCycles(dut.clk_i, 6)
    assert dut.m_axis_out_tvalid.value
    await reset(dut)
    bench.check.forget()
    assert not dut.m_axis_out_tvalid.value
    bench.sink.set_pause("none")
    await bench.run(bench.any_sums(4), 2, False)


@leaf_test
async def directed_clear_after_start(dut):
    """Goal: a clear before the first word. Stimulus: a clear 0 to 3 cycles after a start. Check: no
    word, no read, no end in any cycle behind; then exact."""
    await bring_up(dut)
    bench = OutBench(dut)

    async def good() -> None:
        bench.check.forget()
        await bench.run(bench.any_sums(4), 2, False)

    def arm() -> None:
        bench.arm(bench.any_sums(8), 2, False)

    quiet = {"m_axis_out_tvalid": 0, "rd_en_o": 0, "done_o": 0}
    await clear_after_start(dut, arm, good, quiet, offsets=range(4))


@for_profiles(globals())
async def random(dut, profile):
    """Goal: any sums under any pauses. Stimulus: 8 runs of up to 12 pixels, random shift and ReLU.
    Check: words, reads, end."""
    await bring_up(dut)
    bench = OutBench(dut, profile)
    for _ in range(8):
        sums = bench.any_sums(int(bench.rng.integers(1, 13)))
        await bench.run(sums, int(bench.rng.integers(0, ACC)), bool(bench.rng.integers(2)))
