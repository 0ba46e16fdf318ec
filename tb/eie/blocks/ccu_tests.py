"""lac_eie_ccu against numpy.flatnonzero of the input vector."""

from __future__ import annotations

import cocotb
import numpy as np
from cocotb.triggers import ClockCycles, RisingEdge
from cocotb_bus.drivers import BusDriver

from tb.common.bfm.block import Checker, Pins, bring_up, config, for_profiles, leaf_test, reset, rng
from tb.common.bfm.block_parts import clear_after_start, cycle
from tb.common.bfm.reading import known, number
from tb.common.bfm.streams import StreamMonitor, StreamSink

NUM_PE = config().get("NumPe", 64)
ACT_WIDTH = config().get("ActWidth", 16)
LEN_WIDTH = config().get("LenWidth", 17)
ROW_WIDTH = config().get("RowAddrWidth", 10)
MAX_ROWS = min(1 << ROW_WIDTH, ((1 << LEN_WIDTH) - 1) // NUM_PE)
#: From the start pulse to the first broadcast.
LATENCY = 5


class Rows(BusDriver):
    """The activation memories, word and scan registers of all PEs, behind the row port."""

    _signals = [
        "row_rd_en_o",
        "row_rd_addr_o",
        "row_word_o",
        "row_nz_i",
        "row_load_o",
        "scan_data_i",
    ]

    def __init__(self, dut):
        super().__init__(dut, None, dut.clk_i, case_insensitive=False)
        self.memory = np.zeros((1 << ROW_WIDTH, NUM_PE), dtype=np.int64)
        self.reads: list[int] = []
        self._row = np.zeros(NUM_PE, dtype=np.int64)
        self._word = self._row
        cocotb.start_soon(self._serve())

    async def _serve(self) -> None:
        edge = RisingEdge(self.clock)
        while True:
            await edge
            if known(self.bus.row_load_o):
                values = enumerate(self._word.tolist())
                self.bus.scan_data_i.value = sum(v << p * ACT_WIDTH for p, v in values)
            if known(self.bus.row_word_o):
                self._word = self._row
                nonzero = np.flatnonzero(self._word).tolist()
                self.bus.row_nz_i.value = sum(1 << p for p in nonzero)
            if known(self.bus.row_rd_en_o):
                row = number(self.bus.row_rd_addr_o)
                self.reads.append(row)
                self._row = self.memory[row].copy()


class CcuBench:
    """A vector in the memories, broadcasts out."""

    def __init__(self, dut, pause: str = "none"):
        self.dut = dut
        self.rng = rng()
        self.rows = Rows(dut)
        self.check = Checker("ccu_broadcasts")
        self.times: list[int] = []
        self.started = 0
        self.pins = Pins(
            dut, dut.clk_i, "clr_i", "start_i", "in_len_i", "row_base_i", "idle_o", "bcast_valid_o"
        )
        self.sink = StreamSink(dut, "bcast", dut.clk_i, pause=pause)
        self.out = StreamMonitor(
            dut,
            "bcast",
            dut.clk_i,
            fields=("act", "col"),
            reset_n=dut.rst_ni,
            callback=self._on_broadcast,
        )

    def _on_broadcast(self, beat) -> None:
        self.times.append(cycle())
        self.check(tuple(beat))

    def vector(self, length: int, density: float) -> np.ndarray:
        """Random activations as bit patterns, int [length]."""
        values = self.rng.integers(1, 1 << ACT_WIDTH, length)
        values[self.rng.random(length) >= density] = 0
        return values

    def arm(self, values: np.ndarray, base: int = 0) -> None:
        """Put the vector at row ``base`` (what lies behind it is not zero)."""
        rows = -(-len(values) // NUM_PE)
        padded = self.rng.integers(1, 1 << ACT_WIDTH, rows * NUM_PE)
        padded[: len(values)] = values
        self.rows.memory[base : base + rows] = padded.reshape(rows, NUM_PE)
        self.check.expect(*((int(values[c]), int(c)) for c in np.flatnonzero(values)))
        self.rows.reads.clear()
        self.pins.drive(in_len_i=len(values), row_base_i=base)

    async def start(self, values: np.ndarray, base: int = 0) -> None:
        """Set up and start."""
        self.arm(values, base)
        await self.pins.pulse("start_i")
        self.started = cycle()

    async def finish(self, values: np.ndarray, base: int = 0) -> int:
        """Wait for idle and check all; returns the cycles from start to idle."""
        await RisingEdge(self.dut.clk_i)  # idle falls in the cycle after the start
        while not self.pins.read("idle_o")[0]:
            await RisingEdge(self.dut.clk_i)
        took = cycle() - self.started
        await ClockCycles(self.dut.clk_i, 3)
        self.check.done(0)
        rows = -(-len(values) // NUM_PE)
        assert self.rows.reads == list(range(base, base + rows)), "each row is read once, in order"
        return took

    async def run(self, values: np.ndarray, base: int = 0) -> int:
        await self.start(values, base)
        return await self.finish(values, base)


@leaf_test
async def smoke(dut):
    """Goal: order and latency. Stimulus: a vector of two rows with its first and last position not
    zero, and one all zero. Check: broadcasts; the first comes LATENCY cycles after the start."""
    await bring_up(dut)
    bench = CcuBench(dut)
    values = np.zeros(2 * NUM_PE, dtype=np.int64)
    values[[0, -1]] = 3, 5
    await bench.run(values)
    assert bench.times[0] - bench.started == LATENCY
    bench.check.done(minimum=2)
    await bench.run(np.zeros(2 * NUM_PE, dtype=np.int64))
    bench.check.done(minimum=2)


@leaf_test
async def directed_lengths(dut):
    """Goal: the last row may be partial. Stimulus: lengths around one, two and three rows, dense,
    leftovers behind the vector. Check: positions past IN_LEN are never broadcast."""
    await bring_up(dut)
    bench = CcuBench(dut)
    for rows in (1, 2, 3):
        for length in sorted({rows * NUM_PE + d for d in (-NUM_PE + 1, -1, 0, 1)}):
            if 1 <= length <= MAX_ROWS * NUM_PE:
                await bench.run(bench.vector(length, 1.0))


@leaf_test
async def directed_zero_rows(dut):
    """Goal: zero rows are dropped anywhere. Stimulus: every pattern of zero and non-zero rows over
    five rows, one non-zero each, at a base that is not 0. Check: broadcasts and row reads."""
    await bring_up(dut)
    bench = CcuBench(dut)
    rows = min(5, MAX_ROWS - 1)
    for pattern in range(1 << rows):
        values = np.zeros(rows * NUM_PE, dtype=np.int64)
        for row in range(rows):
            values[row * NUM_PE + (pattern + row) % NUM_PE] = (pattern >> row & 1) * (row + 1)
        await bench.run(values, base=1)


@leaf_test
async def directed_clear(dut):
    """Goal: clr_i stops everything. Stimulus: a clear 0 to 8 cycles after a start. Check: idle, no
    broadcast any more, then a whole vector."""
    await bring_up(dut)
    bench = CcuBench(dut)
    for wait in range(9):
        await bench.start(bench.vector(3 * NUM_PE, 0.8))
        await ClockCycles(dut.clk_i, wait)
        await bench.pins.pulse("clr_i")
        await RisingEdge(dut.clk_i)
        bench.check.forget()
        assert bench.pins.read("idle_o", "bcast_valid_o") == [1, 0]
        await bench.run(bench.vector(2 * NUM_PE, 0.5))


@leaf_test
async def directed_clear_after_start(dut):
    """Goal: a clear right after a start. Stimulus: a clear 0 to 7 cycles after it. Check: idle, no
    broadcast and no read in any cycle behind; then a whole vector."""
    await bring_up(dut)
    bench = CcuBench(dut)

    async def good() -> None:
        bench.check.forget()
        await bench.run(bench.vector(2 * NUM_PE, 0.5))

    quiet = {"idle_o": 1, "bcast_valid_o": 0, "row_rd_en_o": 0}
    await clear_after_start(dut, lambda: bench.arm(bench.vector(3 * NUM_PE, 0.8)), good, quiet)


@for_profiles(globals(), cycles=200_000)
async def random(dut, profile):
    """Goal: any vector under stalls. Stimulus: six densities, random lengths and bases, the profile
    on the broadcast. Check: broadcasts and row reads."""
    await bring_up(dut)
    bench = CcuBench(dut, profile)
    for density in (0.0, 0.01, 0.1, 0.3, 0.7, 1.0):
        top = min(MAX_ROWS - 1, max(3, 200 // NUM_PE)) * NUM_PE
        length = int(bench.rng.integers(1, top + 1))
        base = int(bench.rng.integers(MAX_ROWS - -(-length // NUM_PE) + 1))
        await bench.run(bench.vector(length, density), base)
    bench.check.done(minimum=1)


@leaf_test
async def extremes(dut):
    """Goal: ends of every range. Stimulus: one position, with and without a value; the longest
    vector of this bench, whose base is the last that fits, with all ones; each PE alone. Check:
    broadcasts and row reads."""
    await bring_up(dut)
    bench = CcuBench(dut)
    top = (1 << ACT_WIDTH) - 1
    await bench.run(np.array([0]))
    await bench.run(np.array([top]), base=MAX_ROWS - 1)
    rows = min(MAX_ROWS, 3)
    await bench.run(np.full(rows * NUM_PE, top), base=MAX_ROWS - rows)
    values = np.zeros(MAX_ROWS * NUM_PE, dtype=np.int64)
    values[-1] = 1
    await bench.run(values)
    for p in range(NUM_PE):
        await bench.run(np.where(np.arange(NUM_PE) == p, top, 0))


@leaf_test
async def throughput(dut):
    """Goal: one broadcast per cycle, one zero row per cycle. Stimulus: dense rows; one non-zero in
    each row; 20 zero rows; all without stalls. Check: broadcasts in successive cycles; cycles from
    start to idle of the zero rows."""
    await bring_up(dut)
    bench = CcuBench(dut)
    rows = min(20, MAX_ROWS)
    for per_row in sorted({1, min(2, NUM_PE), NUM_PE}):
        values = np.tile(np.arange(NUM_PE) < per_row, min(rows, max(4, 100 // per_row))) * 7
        begin = len(bench.times)
        await bench.run(values)
        span = bench.times[-1] - bench.times[begin] + 1
        assert span == len(bench.times) - begin, f"{per_row} per row: {span} cycles"
    short = await bench.run(np.zeros(NUM_PE, dtype=np.int64))
    long = await bench.run(np.zeros(rows * NUM_PE, dtype=np.int64))
    assert long - short == rows - 1, f"{rows - 1} zero rows took {long - short} cycles"
    # Zero rows in the shadow of a row that is being worked off cost nothing.
    if NUM_PE >= 4:
        dense, zero = np.full(NUM_PE, 7), np.zeros((NUM_PE - 2) * NUM_PE, dtype=np.int64)
        if (len(zero) + 2 * NUM_PE) // NUM_PE <= MAX_ROWS:
            begin = len(bench.times)
            await bench.run(np.concatenate([dense, zero, dense]))
            assert bench.times[-1] - bench.times[begin] + 1 == 2 * NUM_PE


@leaf_test
async def reset_mid(dut):
    """Goal: reset at work. Stimulus: a reset with a broadcast held. Check: idle, no valid, then a
    whole vector."""
    await bring_up(dut)
    bench = CcuBench(dut, pause="block")
    await bench.start(bench.vector(2 * NUM_PE, 1.0))
    await ClockCycles(dut.clk_i, 6)
    assert bench.pins.read("bcast_valid_o") == [1]
    await reset(dut)
    bench.check.forget()
    assert bench.pins.read("idle_o", "bcast_valid_o") == [1, 0]
    bench.sink.set_pause("none")
    await bench.run(bench.vector(2 * NUM_PE, 0.5))
