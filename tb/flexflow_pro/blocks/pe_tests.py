"""lac_ffp_pe: sums, order and cycles of a PE against the contract in Python."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence

import numpy as np
from cocotb.triggers import RisingEdge, Timer

from tb.common.bfm.block import Pins, bring_up, config, for_profiles, leaf_test, reset, rng
from tb.common.bfm.block_parts import clear_after_start
from tb.flexflow_pro.blocks.reference import (
    Ints,
    Shape,
    bus_cycles,
    draw_shape,
    draw_words,
    mask_of,
    positions,
    sums,
)

CONFIG = {"MaskWord": 16, "KCells": 9, "NCells": 12, "FifoDepth": 2, "BusWords": 2} | config()
WORD, K_CELLS, N_CELLS = CONFIG["MaskWord"], CONFIG["KCells"], CONFIG["NCells"]
FIFO, BUS = CONFIG["FifoDepth"], CONFIG["BusWords"]
SUM = 31 + (K_CELLS * WORD).bit_length()
INPUTS = (
    *("clr_i", "start_i", "start_cell_i", "walk_i", "wr_en_i", "wr_addr_i", "wr_data_i"),
    *("bus_i", "window_i", "out_ready_i"),
)
OUTPUTS = ("release_o", "out_valid_o", "out_sum_o", "event_o")
Gate = Callable[[], bool]


def signed(value: int) -> int:
    """A sum of the pins."""
    return value - (1 << SUM) if value >> SUM - 1 else value


class PeBench:
    """One pass at a time, all cycles of it compared."""

    def __init__(self, dut):
        self.dut, self.draw = dut, rng()
        self.pins = Pins(dut, dut.clk_i, *INPUTS, *OUTPUTS)
        self.synced = self.full = self.compared = 0

    async def load(self, weights: Ints) -> None:
        """Fill the kernel store from its first cell on."""
        for addr, four in enumerate(weights.reshape(-1, 4)):
            data = sum((int(word) & 0xFFFF) << 16 * k for k, word in enumerate(four))
            self.pins.drive(wr_en_i=1, wr_addr_i=addr, wr_data_i=data)
            await RisingEdge(self.dut.clk_i)
        self.pins.drive(wr_en_i=0)

    async def run(
        self,
        shape: Shape,
        neurons: Ints | None = None,
        weights: Ints | None = None,
        bus: Gate = lambda: True,
        taken: Gate = lambda: True,
        stop: int = -1,
    ) -> int:
        """A pass; its cycles from the first position to the last sum. ``stop``: so many only."""
        size = shape.lines * shape.line * shape.cells
        densities = self.draw.choice([0.2, 0.5, 1.0], 2)
        if neurons is None:
            neurons = draw_words(self.draw, (size, WORD), densities[0])
        if weights is None:
            weights = draw_words(self.draw, (K_CELLS, WORD), densities[1])
        group = int(self.draw.integers(1 << shape.groups_log))
        await self.load(weights)
        todo = deque(
            positions(shape, group, [mask_of(n) for n in neurons], [mask_of(w) for w in weights])
        )
        self.pins.drive(walk_i=shape.walk(), start_cell_i=group * shape.stride * shape.cells)
        await self.pins.pulse("start_i")
        return await self._cycles(shape, neurons, todo, sums(shape, group, neurons, weights),
                                  (bus, taken), stop)  # fmt: skip

    async def _cycles(
        self,
        shape: Shape,
        neurons: Ints,
        todo: deque,
        want: Sequence[int],
        gates: tuple[Gate, Gate],
        stop: int,
    ) -> int:
        feed = deque(bus_cycles(shape, neurons, BUS))
        there = held = out = released = windows = cycles = begun = 0
        late = 0  # slices given back in the cycle before: the feed knows of them in the next one
        due: deque[int] = deque()  # cycles in which a sum comes out of the pipeline
        queue: deque[int] = deque()
        while out < len(want) and cycles != stop:
            beat = feed[0] if feed else None
            if beat and beat.slice_begins >= 0 and beat.slice_begins + 1 - released > shape.ring:
                beat = None
            if beat and not gates[0]():
                beat = None
            ready = gates[1]()
            ends = beat is not None and beat.window_ends
            released, late = released + late, 0
            self.pins.drive(bus_i=beat.bits if beat else 0, window_i=ends, out_ready_i=ready)
            await Timer(1, "ns")
            # what the PE does in this cycle
            if due and due[0] == cycles:
                due.popleft()
                queue.append(want[out + len(queue)])
            self.full += held == FIFO
            active = there > 0
            goes = active and (held < FIFO or not todo[0].result_ends)
            sync = active and not goes
            release, valid, event = self.pins.read("release_o", "out_valid_o", "event_o")
            assert (event >> 1 & 1) == sync, f"cycle {cycles}: waits {event:05b}, expected {sync}"
            assert bool(event & 0b11100) == goes, f"cycle {cycles}: {event:05b}, expected {goes}"
            assert valid == bool(queue), f"cycle {cycles}: sum {valid}, expected {bool(queue)}"
            self.synced += sync
            gone = todo.popleft() if goes else None
            assert release == (gone is not None and gone.window_ends)
            if gone and gone.result_ends:
                held += 1
                due.append(cycles + 4)
            if gone and gone.window_ends:
                late = shape.freed(windows)
                there -= 1
                windows += 1
            if queue:
                total = signed(self.pins.read("out_sum_o")[0])
                assert total == queue[0], f"result {out}: {total}, expected {queue[0]}"
                if ready:
                    queue.popleft()
                    held -= 1
                    out += 1
                    self.compared += 1
            begun = begun or (cycles + 1 if goes else 0)
            if beat:
                feed.popleft()
                there += ends
            cycles += 1
            await RisingEdge(self.dut.clk_i)
        self.pins.drive(bus_i=0, window_i=0, out_ready_i=0)
        return cycles - begun + 1


def shape_of(**fields) -> Shape:
    """A pass of given fields, the rest as small as it can be."""
    made = Shape(WORD, **({"pieces": WORD} | fields))
    return Shape(**(vars(made) | {"ring": fields.get("ring", made.span)}))


@leaf_test
async def smoke(dut):
    """Goal: windows of two taps, relaxed and in lock step; every place of the stores. Stimulus: bus
    without pause, sums taken at once; the whole ring and kernel store of ones, then of zeros.
    Check: sums, and every cycle: positions, waits, sum 4 cycles behind its last one."""
    await bring_up(dut)
    bench = PeBench(dut)
    for relaxed in (True, False):
        await bench.run(shape_of(windows=3, taps=min(2, K_CELLS), relaxed=relaxed))
    assert bench.compared == 6
    every = shape_of(windows=N_CELLS, ring=N_CELLS)
    for word in (1, 0):
        neurons, weights = (np.full((cells, WORD), word) for cells in (every.line, K_CELLS))
        await bench.run(every, neurons, weights)
    assert bench.compared == 6 + 2 * N_CELLS


@for_profiles(globals(), ("none", "random", "slow"))
async def random(dut, profile):
    """Goal: any pass. Stimulus: 10 of them; bus and receiver at once, now and then, or seldom.
    Check: sums and every cycle; the FIFO was full."""
    await bring_up(dut)
    bench = PeBench(dut)
    rate = {"none": 1.0, "random": 0.5, "slow": 0.1}[profile]

    def taken() -> bool:
        return bool(bench.draw.random() < rate)

    def bus() -> bool:
        return bool(bench.draw.random() < rate**0.5)

    for _ in range(10):
        shape = draw_shape(bench.draw, WORD, K_CELLS, N_CELLS)
        await bench.run(shape, bus=bus, taken=taken)
    assert bench.compared >= 20 and (profile != "slow" or bench.full)


@leaf_test(cycles=100_000)
async def extremes(dut):
    """Goal: largest sums, no weight, no neuron. Stimulus: all words the most negative, of either
    sign, 0; the whole kernel store and the whole ring. Check: sums and every cycle."""
    await bring_up(dut)
    bench = PeBench(dut)
    low, high = -(1 << 15), (1 << 15) - 1
    for relaxed in (True, False):
        largest = min(K_CELLS, N_CELLS)
        for taps, maps in ((1, 1), (largest, 1), (1, min(K_CELLS, 8))):
            shape = shape_of(windows=2, taps=taps, maps=maps, relaxed=relaxed, ring=N_CELLS)
            for neuron, weight in ((low, low), (low, high), (high, high), (0, low), (high, 0)):
                neurons = np.full((shape.line, WORD), neuron)
                await bench.run(shape, neurons, np.full((K_CELLS, WORD), weight))
    assert bench.compared


@leaf_test
async def throughput(dut):
    """Goal: a pair per cycle. Stimulus: windows of a full cell, sums taken at once. Check: cycles
    are pairs, as far as the FIFO lets (a place is taken for 5 cycles), and 4 for the last sum."""
    await bring_up(dut)
    bench = PeBench(dut)
    shape = shape_of(windows=6, maps=min(2, K_CELLS), ring=N_CELLS)
    ones = np.ones((shape.line, WORD), np.int64)
    cycles = await bench.run(shape, ones, np.ones((K_CELLS, WORD), np.int64))
    lasts: list[int] = []
    for r in range(shape.results):
        begun = lasts[-1] if lasts else 0
        lasts.append(max(begun + WORD, lasts[r - FIFO] + 5 if r >= FIFO else 0))
    assert cycles == lasts[-1] + 4


@leaf_test
async def directed_full(dut):
    """Goal: the FIFO full, and a sum that leaves makes room for the next cycle. Stimulus: nothing
    taken for 60 cycles of empty results, then one sum every third cycle. Check: every cycle; it
    has waited."""
    await bring_up(dut)
    bench = PeBench(dut)
    shape = shape_of(windows=min(FIFO + 6, 60), ring=N_CELLS)
    age = [0]

    def taken() -> bool:
        age[0] += 1
        return age[0] > 60 + 4 * FIFO and age[0] % 3 == 0

    empty = np.zeros((shape.line, WORD), np.int64)
    await bench.run(shape, empty, taken=taken)
    assert bench.synced > 3 and bench.full


@leaf_test
async def reset_mid(dut):
    """Goal: a pass cut off. Stimulus: a reset after every fifth cycle. Check: no sum, no position
    behind it; the next pass is exact."""
    await bring_up(dut)
    bench = PeBench(dut)
    shape = shape_of(windows=3, taps=min(2, K_CELLS))
    for stop in range(2, 40, 5):
        await bench.run(shape, taken=lambda: False, stop=stop)
        await reset(dut)
        for _ in range(6):
            await Timer(1, "ns")
            assert bench.pins.read("event_o", "out_valid_o", "release_o") == [0, 0, 0]
            await RisingEdge(dut.clk_i)
        await bench.run(shape)


@leaf_test
async def directed_clear_after_start(dut):
    """Goal: a clear right after a start. Stimulus: one 0, 1, 2, ... cycles after it. Check: quiet;
    then a pass."""
    await bring_up(dut)
    bench = PeBench(dut)

    async def good() -> None:
        await bench.run(shape_of(windows=2, taps=min(2, K_CELLS)))

    quiet = {"event_o": 0, "out_valid_o": 0, "release_o": 0}
    await clear_after_start(dut, lambda: None, good, quiet, offsets=range(4), cycles=6)
