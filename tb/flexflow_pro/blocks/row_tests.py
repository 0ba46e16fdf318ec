"""lac_ffp_row: accumulators of a row against the contract in Python."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable

import numpy as np
from cocotb.triggers import RisingEdge, Timer

from tb.common.bfm.block import Pins, bring_up, config, for_profiles, leaf_test, reset, rng
from tb.common.bfm.block_parts import clear_after_start
from tb.flexflow_pro.blocks.reference import (
    BUS,
    EVENT,
    Ints,
    Shape,
    bus_cycles,
    draw_shape,
    draw_words,
    mask_of,
    positions,
    sums,
)

CONFIG = {"Cols": 16, "MaskWord": 16, "KCells": 9, "NCells": 12, "BusWords": 2} | config()
COLS, WORD, BUS_WORDS = CONFIG["Cols"], CONFIG["MaskWord"], CONFIG["BusWords"]
K_CELLS, N_CELLS = CONFIG["KCells"], CONFIG["NCells"]
FIFO = CONFIG.get("FifoDepth", 2)
MAPS, DEPTH = CONFIG.get("MaxMaps", 4), CONFIG.get("AccDepth", 1024)
ACC, BIAS = CONFIG.get("AccWidth", 48), CONFIG.get("BiasWidth", 32)
BUS_BITS, COUNT = sum(BUS.values()), COLS.bit_length()
INPUTS = (
    *("clr_i", "start_i", "start_cell_i", "walk_i", "maps_last_i", "res_last_i", "keep_i"),
    *("use_bias_i", "wr_col_i", "wr_addr_i", "wr_data_i", "wr_bias_i", "wr_bias_addr_i"),
    *("wr_bias_data_i", "bus_i", "window_i", "out_rd_en_i", "out_rd_addr_i"),
)
OUTPUTS = ("release_o", "done_o", "err_o", "fire_o", "sum_o", "counts_o")
#: Fire to the write of its accumulator, the end and an error.
WRITE = 3
#: Accounts that a bench counts over a pass; the rest depends on when sums leave.
COUNTED = ("useful", "padding", "empty", "cell_ends")
Gate = Callable[[], bool]


def field(value: int, width: int) -> int:
    """Two's complement."""
    return int(value) & (1 << width) - 1


class RowBench:
    """Passes of one row; ``accs`` is what its accumulators have to hold."""

    def __init__(self, dut):
        self.dut, self.draw = dut, rng()
        self.pins = Pins(dut, dut.clk_i, *INPUTS, *OUTPUTS, "acc_o", "err_addr_o")
        self.accs: dict[int, int] = {}
        self.errors: list[int] = []
        self.totals = dict.fromkeys(EVENT, 0)
        self.results = self.in_a_row = 0

    async def load(self, weights: Ints, biases: Ints) -> None:
        """Kernel stores [Cols, KCells, MaskWord], biases [MaxMaps]."""
        for col in range(COLS):
            for addr, four in enumerate(weights[col].reshape(-1, 4)):
                data = sum(field(word, 16) << 16 * k for k, word in enumerate(four))
                self.pins.drive(wr_col_i=1 << col, wr_addr_i=addr, wr_data_i=data)
                await RisingEdge(self.dut.clk_i)
        self.pins.drive(wr_col_i=0)
        for pair, (low, high) in enumerate(biases.reshape(-1, 2)):
            data = field(low, BIAS) | field(high, BIAS) << BIAS
            self.pins.drive(wr_bias_i=1, wr_bias_addr_i=pair, wr_bias_data_i=data)
            await RisingEdge(self.dut.clk_i)
        self.pins.drive(wr_bias_i=0)

    async def run(
        self,
        shape: Shape,
        density: float = 0.5,
        keep: bool = False,
        bias: bool = True,
        gate: Gate = lambda: True,
        stop: int = -1,
        weights: Ints | None = None,
        neurons: Ints | None = None,
    ) -> None:
        """A pass, and all its accumulators; ``stop``: only so many cycles of it."""
        size = (COLS, shape.lines * shape.line * shape.cells, WORD)
        neurons = draw_words(self.draw, size, density) if neurons is None else neurons
        if weights is None:
            weights = draw_words(self.draw, (COLS, K_CELLS, WORD), density)
        half = 1 << BIAS - 1
        biases = self.draw.integers(-half, half, MAPS)
        group = int(self.draw.integers(1 << shape.groups_log))
        await self.load(weights, biases)
        self.pins.drive(walk_i=shape.walk(), start_cell_i=group * shape.stride * shape.cells,
                        maps_last_i=shape.maps - 1, res_last_i=shape.results - 1, keep_i=keep,
                        use_bias_i=bias)  # fmt: skip
        await self.pins.pulse("start_i")
        whole = await self._cycles(shape, neurons, gate, stop)
        parts = [sums(shape, group, neurons[j], weights[j]) for j in range(COLS)]
        self.expect(shape, np.array(parts, object).sum(axis=0), biases * int(bias), keep)
        if not whole:
            return
        for name, count in self.counts(shape, group, neurons, weights).items():
            assert self.totals[name] == count, f"{name}: {self.totals[name]}, expected {count}"
        await self.read()

    def counts(self, shape: Shape, group: int, neurons: Ints, weights: Ints) -> dict[str, int]:
        """Accounts of a whole pass."""
        found = dict.fromkeys(COUNTED, 0)
        for j in range(COLS):
            masks = [[mask_of(cell) for cell in of[j]] for of in (neurons, weights)]
            for one in positions(shape, group, *masks):
                found["cell_ends"] += one.cell_ends
                kind = "useful" if one.pair else "empty" if shape.relaxed else "padding"
                found[kind] += 1
        return found

    def expect(self, shape: Shape, totals, biases: Ints, keep: bool) -> None:
        """Accumulators behind a pass, and the errors on the way."""
        self.want_errors = []
        for r, total in enumerate(totals):
            value = int(total) + (self.accs[r] if keep else int(biases[r % shape.maps]))
            if -(1 << ACC - 1) <= value < 1 << ACC - 1:
                self.accs[r] = value
            else:
                self.want_errors.append(r)
                self.accs.pop(r, None)

    async def _cycles(self, shape: Shape, neurons: Ints, gate: Gate, stop: int) -> bool:
        """Until the end; whether it came."""
        feeds = [deque(bus_cycles(shape, neurons[j], BUS_WORDS)) for j in range(COLS)]
        released, windows = [0] * COLS, [0] * COLS
        late = [0] * COLS  # given back in the cycle before: the feed knows of it in the next one
        fires: list[int] = []
        ends: list[int] = []
        writes: list[int] = []
        self.errors, self.error_times = [], []
        self.totals = dict.fromkeys(EVENT, 0)
        cycle = 0
        while not ends or cycle < ends[0] + 3:
            if cycle == stop:
                return False
            bus = window = 0
            for j, feed in enumerate(feeds):
                if not feed or feed[0].slice_begins + 1 - released[j] > shape.ring or not gate():
                    continue
                beat = feed.popleft()
                bus |= beat.bits << BUS_BITS * j
                window |= int(beat.window_ends) << j
            self.pins.drive(bus_i=bus, window_i=window)
            released = [a + b for a, b in zip(released, late, strict=True)]
            late = [0] * COLS
            await Timer(1, "ns")
            release, done, err, fire, summed, counts = self.pins.read(*OUTPUTS)
            for j in range(COLS):
                if release >> j & 1:
                    late[j] = shape.freed(windows[j])
                    windows[j] += 1
            if cycle:
                for k, name in enumerate(reversed(EVENT)):
                    self.totals[name] += counts >> k * COUNT & (1 << COUNT) - 1
            fires += [cycle] * fire
            ends += [cycle] * done
            writes += [cycle] * summed
            if err:
                self.errors += self.pins.read("err_addr_o")
                self.error_times.append(cycle)
            cycle += 1
            await RisingEdge(self.dut.clk_i)
            assert cycle < 20_000, "no end"
        self.pins.drive(bus_i=0, window_i=0)
        assert len(fires) == shape.results, f"{len(fires)} fires, expected {shape.results}"
        assert ends == [fires[-1] + WRITE], f"end in {ends}, last fire {fires[-1]}"
        assert {at - WRITE for at in self.error_times} <= set(fires)
        self.in_a_row += sum(b == a + 1 for a, b in itertools.pairwise(fires))
        self.results += shape.results
        return True

    async def read(self) -> None:
        """All accumulators that a pass left, and its errors."""
        assert self.errors == self.want_errors, f"{self.errors}, expected {self.want_errors}"
        for r, want in self.accs.items():
            self.pins.drive(out_rd_en_i=1, out_rd_addr_i=r)
            await RisingEdge(self.dut.clk_i)
            self.pins.drive(out_rd_en_i=0)
            await Timer(1, "ns")
            found = self.pins.read("acc_o")[0]
            assert found == field(want, ACC), f"accumulator {r}: {found:x}, expected {want:x}"
            await RisingEdge(self.dut.clk_i)


def shape_of(**fields) -> Shape:
    """A pass of given fields, the rest as small as it can be."""
    made = Shape(WORD, **({"pieces": WORD} | fields))
    return Shape(**(vars(made) | {"ring": fields.get("ring", made.span)}))


def fits(draw) -> Shape:
    """A random pass that the row holds."""
    while True:
        shape = draw_shape(draw, WORD, K_CELLS, N_CELLS)
        if shape.maps <= MAPS and shape.results <= DEPTH:
            return shape


@leaf_test
async def smoke(dut):
    """Goal: two maps of three windows. Stimulus: relaxed and in lock step, with biases and
    without. Check: accumulators, accounts, one end 3 cycles behind the last fire."""
    await bring_up(dut)
    bench = RowBench(dut)
    for relaxed in (True, False):
        await bench.run(
            shape_of(windows=3, maps=min(2, K_CELLS), relaxed=relaxed), 0.2, bias=relaxed
        )


@for_profiles(globals(), ("none", "random", "slow"), cycles=100_000)
async def random(dut, profile):
    """Goal: any passes. Stimulus: 5 of them, columns at once, now and then, or seldom; then one
    that keeps. Check: accumulators and accounts of each."""
    await bring_up(dut)
    bench = RowBench(dut)
    rate = {"none": 1.0, "random": 0.5, "slow": 0.15}[profile]
    for _ in range(5):
        shape = fits(bench.draw)
        for keep in (False, True):
            # Short sums, so that most passes stay within the accumulators.
            await bench.run(shape, 0.3, keep and len(bench.accs) >= shape.results,
                            bool(bench.draw.integers(2)),
                            lambda: bool(bench.draw.random() < rate))  # fmt: skip
    assert bench.results > 20


@leaf_test(cycles=100_000)
async def extremes(dut):
    """Goal: the largest sums, and overflow. Stimulus: all words the most negative, or of either
    sign; kept over and over, until AccWidth is left where it can be. Check: accumulators; the error
    names each that overflows, which is not written."""
    await bring_up(dut)
    bench = RowBench(dut)
    low, high = -(1 << 15), (1 << 15) - 1
    overflowed = 0
    shape = shape_of(windows=2, taps=min(2, K_CELLS))
    for neuron, weight in ((low, low), (high, low), (0, low)):
        neurons = np.full((COLS, shape.line, WORD), neuron)
        weights = np.full((COLS, K_CELLS, WORD), weight)
        keep = False
        for _ in range(3):
            await bench.run(shape, keep=keep, neurons=neurons, weights=weights, bias=False)
            keep = len(bench.accs) >= shape.results
            overflowed += len(bench.errors)
    assert overflowed or ACC > 37


@leaf_test
async def throughput(dut):
    """Goal: a fire per cycle. Stimulus: 12 windows without a pair. Check: fires in succession, as
    many as the FIFOs let: a place of theirs is taken for 5 cycles."""
    await bring_up(dut)
    bench = RowBench(dut)
    shape = shape_of(windows=12, ring=N_CELLS)
    await bench.run(shape, neurons=np.zeros((COLS, shape.line, WORD), np.int64))
    assert bench.in_a_row == 12 - (1 if FIFO >= 5 else -(-12 // FIFO))


@leaf_test(cycles=100_000)
async def directed_starved(dut):
    """Goal: FIFOs full while another column starves. Stimulus: one column after the other has all
    pairs, the rest none. Check: accumulators and accounts; the others have waited."""
    await bring_up(dut)
    bench = RowBench(dut)
    shape = shape_of(windows=min(8, DEPTH), ring=N_CELLS)
    for col in range(min(COLS, 4)):
        neurons = np.zeros((COLS, shape.line, WORD), np.int64)
        neurons[col] = 1
        await bench.run(shape, neurons=neurons, weights=np.ones((COLS, K_CELLS, WORD), np.int64))
        assert bench.totals["sync"] >= COLS - 1


@leaf_test(cycles=100_000)
async def reset_mid(dut):
    """Goal: a pass cut off. Stimulus: a reset after every seventh cycle. Check: no fire, no end
    behind it; the next pass is exact."""
    await bring_up(dut)
    bench = RowBench(dut)
    shape = shape_of(windows=3)
    for stop in range(2, 40, 7):
        await bench.run(shape, stop=stop)
        bench.pins.drive(bus_i=0, window_i=0)
        await reset(dut)
        for _ in range(6):
            await Timer(1, "ns")
            assert bench.pins.read("fire_o", "done_o", "err_o", "sum_o") == [0, 0, 0, 0]
            await RisingEdge(dut.clk_i)
        bench.accs.clear()
        await bench.run(shape)


@leaf_test
async def directed_clear_after_start(dut):
    """Goal: a clear right after a start. Stimulus: one 0, 1, 2, ... cycles after it. Check: quiet;
    then a pass."""
    await bring_up(dut)
    bench = RowBench(dut)

    async def good() -> None:
        await bench.run(shape_of(windows=2), 0.2)

    quiet = {"fire_o": 0, "done_o": 0, "err_o": 0, "sum_o": 0}
    await clear_after_start(dut, lambda: None, good, quiet, offsets=range(4), cycles=6)
