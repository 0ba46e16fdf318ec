"""lac_eie_out against the packed result vector."""

from __future__ import annotations

from itertools import product

import cocotb
import numpy as np
from cocotb.triggers import ClockCycles, RisingEdge
from cocotb_bus.drivers import BusDriver

from models.eie.packets import pack_lanes
from models.fixed import limits
from tb.common.bfm.block import Pins, bring_up, config, for_profiles, leaf_test, reset, rng
from tb.common.bfm.block_parts import EdgeMonitor, clear_after_start, cycle
from tb.common.bfm.block_results import ResultStream
from tb.common.bfm.reading import known, number
from tb.common.bfm.streams import StreamSink

NUM_PE = config().get("NumPe", 64)
ACT_WIDTH = config().get("ActWidth", 16)
ROWS = 1 << config().get("RowWidth", 10)
LANES = 64 // ACT_WIDTH
#: From the start pulse to the first word, if a row fills a word.
LATENCY = 5
#: Rows that make a word.
ROWS_PER_WORD = max(1, LANES // NUM_PE)


class Rows(BusDriver):
    """The destination files, word and scan registers of all PEs, behind the row port."""

    _signals = ["row_rd_en_o", "row_rd_addr_o", "row_word_o", "row_load_o", "scan_data_i"]

    def __init__(self, dut):
        super().__init__(dut, None, dut.clk_i, case_insensitive=False)
        self.memory = np.zeros((ROWS, NUM_PE), dtype=np.int64)
        self.reads: list[int] = []
        self._row = np.zeros(NUM_PE, dtype=np.int64)
        self._word = self._row
        cocotb.start_soon(self._serve())

    async def _serve(self) -> None:
        edge, mask = RisingEdge(self.clock), (1 << ACT_WIDTH) - 1
        while True:
            await edge
            if known(self.bus.row_load_o):
                values = enumerate(self._word.tolist())
                self.bus.scan_data_i.value = sum((v & mask) << p * ACT_WIDTH for p, v in values)
            if known(self.bus.row_word_o):
                self._word = self._row
            if known(self.bus.row_rd_en_o):
                self.reads.append(number(self.bus.row_rd_addr_o))
                self._row = self.memory[self.reads[-1]].copy()


class OutBench:
    """Results in the files, words out."""

    def __init__(self, dut, pause: str = "none"):
        self.dut = dut
        self.rng = rng()
        self.rows = Rows(dut)
        self.results = ResultStream(dut)
        self.check, self.times, self.out = (
            self.results.check,
            self.results.times,
            self.results.stream,
        )
        self.started = self.done = 0
        self.done_times: list[int] = []
        self.pins = Pins(dut, dut.clk_i, "clr_i", "start_i", "out_len_i", "m_axis_out_tvalid")
        self.sink = StreamSink(dut, "m_axis_out", dut.clk_i, pause=pause)
        self.monitor = EdgeMonitor(dut, ["done_o"], self._sample)

    def _sample(self, seen: EdgeMonitor) -> None:
        if seen["done_o"]:
            self.done_times.append(cycle())

    def values(self, count: int) -> np.ndarray:
        """Random results."""
        low, high = limits(ACT_WIDTH)
        return self.rng.integers(low, high + 1, count)

    def arm(self, values: np.ndarray) -> None:
        """Put results into the files (what lies behind them is not zero)."""
        rows = -(-len(values) // NUM_PE)
        padded = np.full(rows * NUM_PE, -1)
        padded[: len(values)] = values
        self.rows.memory[:rows] = padded.reshape(rows, NUM_PE)
        words = [int(word) for word in pack_lanes(values, ACT_WIDTH)]
        self.results.expect(words)
        self.rows.reads.clear()
        self.done_times.clear()
        self.pins.drive(out_len_i=len(values))

    async def start(self, values: np.ndarray) -> None:
        """Set up and start."""
        self.arm(values)
        await self.pins.pulse("start_i")
        self.started = cycle()

    async def run(self, values: np.ndarray) -> None:
        """Stream results and check everything."""
        await self.start(values)
        await self.out.wait_for(len(self.out.beats) + self.check.pending)
        await ClockCycles(self.dut.clk_i, 4)
        self.check.done()
        assert self.done_times == [self.times[-1]], "done comes with the last word, once"
        assert self.rows.reads == list(range(-(-len(values) // NUM_PE)))
        assert self.pins.read("m_axis_out_tvalid") == [0]


@leaf_test
async def smoke(dut):
    """Goal: order and latency. Stimulus: two rows of results, as words. Check: words, tlast, done;
    the first word comes LATENCY cycles after the start (later if several rows make a word)."""
    await bring_up(dut)
    bench = OutBench(dut)
    await bench.run(bench.values(2 * NUM_PE * ROWS_PER_WORD))
    took = bench.times[0] - bench.started
    assert took == LATENCY + ROWS_PER_WORD - 1, f"latency is {took} cycles"


@leaf_test
async def directed_lengths(dut):
    """Goal: the last word and the last row may be partial. Stimulus: every length up to two words
    and one, and around one, two and three rows. Check: words, zeros behind the last result."""
    await bring_up(dut)
    bench = OutBench(dut)
    lengths = {*range(1, 2 * LANES + 2)}
    lengths |= {rows * NUM_PE + d for rows in (1, 2, 3) for d in (-1, 0, 1)} - {0}
    for length in sorted(lengths):
        await bench.run(bench.values(length))


@leaf_test
async def directed_held(dut):
    """Goal: words wait for the receiver. Stimulus: a blocked receiver for 20 cycles, then word by
    word. Check: at most three rows are read ahead of the word that waits; words, done."""
    await bring_up(dut)
    bench = OutBench(dut, pause="block")
    rows = min(ROWS, 6 * ROWS_PER_WORD)
    await bench.start(bench.values(rows * NUM_PE))
    await ClockCycles(dut.clk_i, 20)
    assert bench.pins.read("m_axis_out_tvalid") == [1]
    ahead = len(bench.rows.reads) - ROWS_PER_WORD
    assert ahead <= 3, f"{ahead} rows were read ahead"
    bench.sink.set_pause("cycle")
    await bench.out.wait_for(bench.check.compared + bench.check.pending)
    await ClockCycles(dut.clk_i, 3)
    bench.check.done()
    assert len(bench.done_times) == 1


@leaf_test
async def directed_clear(dut):
    """Goal: clr_i cuts a stream off. Stimulus: a clear in each of the first cycles, the receiver
    open, slow and blocked, the next start at once. Check: the word that is offered stays; what has
    begun ends with its last word or an abort, and nothing else comes; then a whole stream."""
    await bring_up(dut)
    bench, aborted = OutBench(dut), 0
    for profile, wait in product(
        ("none", "cycle", "block"), range(ROWS_PER_WORD, ROWS_PER_WORD + 9)
    ):
        bench.sink.set_pause(profile)
        await bench.start(bench.values(min(ROWS, 6 * ROWS_PER_WORD) * NUM_PE))
        await ClockCycles(dut.clk_i, wait)
        bench.results.cut_off()
        await bench.pins.pulse("clr_i")
        await ClockCycles(dut.clk_i, 3)
        bench.sink.set_pause("none")
        await ClockCycles(dut.clk_i, 6)
        aborted += bench.results.ended()
        await bench.run(bench.values(NUM_PE + 1))
    assert 5 < aborted < 27, f"{aborted} of 27 streams were aborted"


@leaf_test
async def directed_clear_after_start(dut):
    """Goal: a clear before the first word. Stimulus: a clear 0 to LATENCY - 1 cycles after a start.
    Check: no word, no read, no end in any cycle behind; then a whole stream."""
    await bring_up(dut)
    bench = OutBench(dut)

    async def good() -> None:
        bench.check.forget()
        await bench.run(bench.values(NUM_PE + 1))

    quiet = {"m_axis_out_tvalid": 0, "row_rd_en_o": 0, "done_o": 0}
    values = bench.values(min(ROWS, 4) * NUM_PE)
    await clear_after_start(dut, lambda: bench.arm(values), good, quiet, offsets=range(LATENCY))


@for_profiles(globals())
async def random(dut, profile):
    """Goal: any length under stalls. Stimulus: 6 vectors, the profile on the receiver. Check:
    words, tlast, done, each row read once."""
    await bring_up(dut)
    bench = OutBench(dut, profile)
    for _ in range(6):
        await bench.run(bench.values(int(bench.rng.integers(1, min(ROWS * NUM_PE, 160) + 1))))
    bench.check.done(minimum=6)


@leaf_test
async def extremes(dut):
    """Goal: the ends of every range. Stimulus: as many results as the files hold (at most 512), all
    the lowest, all the highest; one result. Check: words, tlast, done."""
    await bring_up(dut)
    bench = OutBench(dut)
    for value in limits(ACT_WIDTH):
        await bench.run(np.full(min(ROWS * NUM_PE, 512), value))
        await bench.run(np.full(1, value))


@leaf_test
async def throughput(dut):
    """Goal: one word per cycle, or one row per cycle where several rows make a word. Stimulus: many
    rows, the receiver open. Check: cycles from the first to the last word."""
    await bring_up(dut)
    bench = OutBench(dut)
    rows = min(ROWS, 256 // NUM_PE + 4) // ROWS_PER_WORD * ROWS_PER_WORD
    await bench.run(bench.values(rows * NUM_PE))
    span, words = bench.times[-1] - bench.times[0], rows * NUM_PE // LANES
    assert span == (words - 1) * ROWS_PER_WORD, f"{words} words took {span + 1} cycles"


@leaf_test
async def reset_mid(dut):
    """Goal: reset in a stream. Stimulus: a reset with a word held. Check: valid falls; then a whole
    stream."""
    await bring_up(dut)
    bench = OutBench(dut, pause="block")
    await bench.start(bench.values(min(ROWS, 4 * ROWS_PER_WORD) * NUM_PE))
    await ClockCycles(dut.clk_i, LATENCY + ROWS_PER_WORD + 3)
    assert bench.pins.read("m_axis_out_tvalid") == [1]
    await reset(dut)
    bench.check.forget()
    assert bench.pins.read("m_axis_out_tvalid") == [0]
    bench.sink.set_pause("none")
    await bench.run(bench.values(NUM_PE + 1))
