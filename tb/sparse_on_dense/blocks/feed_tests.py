"""lac_sod_feed (banks, readers, decoders, rows inside): every weight in its place and in time.

Parts are encoded by ``models/formats``; what a part takes is ``steps()`` where nothing is held,
else what ``models/sparse_on_dense/pace.py`` says.
"""

from __future__ import annotations

import numpy as np
from cocotb.triggers import ClockCycles, RisingEdge

from models.formats.base import Fault
from models.sparse_on_dense import SparseOnDenseConfig
from models.sparse_on_dense.pace import durations
from models.sparse_on_dense.parts import live_slots
from tb.common.bfm.block import Pins, bring_up, config, leaf_test, reset, rng
from tb.common.bfm.block_parts import EdgeMonitor, clear_after_start, cycle
from tb.sparse_on_dense.top.stimulus import SodMaker

CONFIG = config()
BUILD = {
    "rows": CONFIG["Rows"],
    "cols": CONFIG["Cols"],
    "wgt_width": CONFIG.get("WgtWidth", 16),
    "wgt_depth": CONFIG["WgtDepth"],
    "wgt_format": CONFIG["WgtFormat"],
    "num_units": CONFIG["NumUnits"],
    "num_lanes": CONFIG.get("NumLanes", 1),
}
MODEL = SparseOnDenseConfig(**BUILD)
CLEAR_0, START = 2, 3
DECODE = 4 if MODEL.wgt_format else 3


class FeedBench:
    """Keeps the shadow weights that the buses write; loads, runs, compares. In each cycle there is
    progress if a bank is read or a weight written, and only then."""

    def __init__(self, dut):
        self.dut, self.rng = dut, rng()
        self.maker = SodMaker(self.rng, MODEL)
        names = ("clr_i", "start_i", "wgt_base_i", "tiles_i", "tile_i")
        load = ("wr_en_i", "wr_addr_i", "wr_data_i")
        self.pins = Pins(dut, dut.clk_i, *names, *load, "ready_o")
        self.shadow = np.zeros((MODEL.rows, MODEL.cols), dtype=np.int64)
        self.clears: dict[int, list[int]] = {unit: [] for unit in range(MODEL.num_units)}
        self.zero, self.reads, self.faults = 0, 0, []
        watched = ["row_o", "col_o", "reads_o", "err_o", "progress_o"]
        self.monitor = EdgeMonitor(dut, watched, self._sample)

    def _sample(self, seen: EdgeMonitor) -> None:
        self.reads += seen["reads_o"]
        moves = seen["reads_o"] != 0 or seen["row_o"] != 0
        assert seen["progress_o"] == moves, f"progress_o is {seen['progress_o']}, not {moves}"
        if seen["err_o"]:
            self.faults.append(self.dut.err_pos_o.value.to_unsigned())
        if not (rows := seen["row_o"]):
            return
        group, cols = MODEL.part
        bits = str(self.dut.wgt_o.value)[::-1]  # lowest first; lanes without a strobe may be X
        for unit in range(MODEL.num_units):
            own = rows >> (unit * group) & ((1 << group) - 1)
            columns = seen["col_o"] >> (unit * cols) & ((1 << cols) - 1)
            values = {
                j: self._lane(bits, unit * cols + j)
                for j in range(cols)
                if own and columns >> j & 1
            }
            if own == (1 << group) - 1 and len(values) == cols and not any(values.values()):
                self.clears[unit].append(cycle() - self.zero)
            for i in (i for i in range(group) if own >> i & 1):
                for j, value in values.items():
                    self.shadow[unit * group + i, j] = value

    @staticmethod
    def _lane(bits: str, lane: int) -> int:
        """A signed weight of the bus, bits lowest first; ValueError when it is unknown."""
        width = MODEL.wgt_width
        value = int(bits[lane * width : (lane + 1) * width][::-1], 2)
        return value - (value >> (width - 1) << width)

    def tile(self, density: float) -> np.ndarray:
        """A random weight tile [Rows, Cols] that the build takes."""
        mask = self.rng.random((MODEL.cols, MODEL.rows, 1, 1)) < density
        weights = self.maker.nonzero(self.maker.fitting(mask), self.maker.wgt_max)
        return weights[:, :, 0, 0].T

    def words(self, tile: np.ndarray, unit: int) -> np.ndarray:
        """The words of a part."""
        fmt = MODEL.format
        part = tile.reshape(MODEL.num_units, *MODEL.part)[unit]
        return fmt.words(fmt.encode(part)).view("<u8").reshape(-1).astype(np.uint64)

    async def put(self, unit: int, base: int, parts: list[np.ndarray], marked: bool = True) -> int:
        """Load parts from a base on; returns the number of words."""
        at = base
        for part in parts:
            for index, word in enumerate(part):
                mark = int(index == len(part) - 1 and (marked or part is not parts[-1]))
                data = int(word) | mark << 64
                self.pins.drive(wr_en_i=1 << unit, wr_addr_i=at, wr_data_i=data)
                await RisingEdge(self.dut.clk_i)
                at += 1
        self.pins.drive(wr_en_i=0)
        return at - base

    def duration(self, tile: np.ndarray, unit: int) -> int:
        """Cycles from the clear to the last write, without DECODE."""
        part = tile.reshape(MODEL.num_units, *MODEL.part)[unit]
        words = self.words(tile, unit)
        live = live_slots(words, 1, MODEL) if MODEL.wgt_format == 2 else None
        taken = int(durations(part[None], MODEL, live)[0])
        if MODEL.num_lanes == 1:
            raw = words.astype("<u8").view(np.uint8).reshape(-1, 8)
            assert taken == MODEL.format.steps(raw, MODEL.part)
        return taken

    async def run(self, tiles: list[np.ndarray], base: int, waits: list[int]) -> None:
        """Load and decode tiles; each is taken ``waits`` cycles after it is ready."""
        total = 0
        for unit in range(MODEL.num_units):
            parts = [self.words(tile, unit) for tile in tiles]
            total += await self.put(unit, base, parts)
        self.pins.drive(wgt_base_i=base, tiles_i=len(tiles))
        self.reads = 0
        self.zero = cycle() + 1
        self.clears = {unit: [] for unit in range(MODEL.num_units)}
        await self.pins.pulse("start_i")
        group, taken = MODEL.part[0], None
        for tile, wait in zip(tiles, waits, strict=True):
            units = range(MODEL.num_units)
            # tile_i comes two cycles before its pixel 0 is in lane 0.
            begin = [
                CLEAR_0 if taken is None else taken + 2 + MODEL.cols + (u + 1) * group - 2
                for u in units
            ]
            last = max(begin[u] + self.duration(tile, u) + DECODE for u in units)
            while not self.pins.read("ready_o")[0]:
                await RisingEdge(self.dut.clk_i)
                assert cycle() - self.zero < last + 50, "never ready"
            assert cycle() - self.zero == last + START - 2, f"{tile}"
            assert [self.clears[u][-1] for u in units] == begin
            assert (self.shadow == tile).all()
            await ClockCycles(self.dut.clk_i, wait) if wait else None
            taken = cycle() - self.zero + 1
            self.pins.drive(tile_i=1)
            await RisingEdge(self.dut.clk_i)
            self.pins.drive(tile_i=0)
            await RisingEdge(self.dut.clk_i)
        await ClockCycles(self.dut.clk_i, MODEL.rows + MODEL.cols + 8)
        assert not self.pins.read("ready_o")[0]
        assert self.reads == total and not self.faults

    async def fails(self, faults: dict[int, np.ndarray], position: int, base: int = 0) -> None:
        """Tile 0 with other words in some units: that error; then a good run."""
        tile = self.tile(0.5)
        for unit in range(MODEL.num_units):
            await self.put(unit, base, [faults.get(unit, self.words(tile, unit))])
        self.pins.drive(wgt_base_i=base, tiles_i=1)
        self.faults = []
        await self.pins.pulse("start_i")
        for _ in range(400):
            await RisingEdge(self.dut.clk_i)
            assert not self.pins.read("ready_o")[0]
            if self.faults:
                break
        assert self.faults == [position], f"{[hex(x) for x in self.faults]}, not {position:#x}"
        await self.pins.pulse("clr_i")
        await ClockCycles(self.dut.clk_i, 3)
        self.faults = []
        await self.run([self.tile(0.5)], 0, [0])


@leaf_test
async def smoke(dut):
    """Goal: tiles of any density. Stimulus: three tiles, taken at once. Check: every weight, the
    cycles of the clears and of ready, each word read once."""
    await bring_up(dut)
    bench = FeedBench(dut)
    await bench.run([bench.tile(density) for density in (0.5, 0.1, 0.9)], 0, [0, 0, 0])


@leaf_test
async def directed_density(dut):
    """Goal: empty and full parts. Stimulus: tiles that are empty, full, of one non-zero, in every
    order of two. Check: as in smoke."""
    await bring_up(dut)
    bench = FeedBench(dut)
    one = bench.tile(0)
    one[-1, -1] = 1
    for first in (bench.tile(0), bench.tile(1), one):
        for second in (bench.tile(0), bench.tile(1), one):
            await bench.run([first, second], 1, [0, 3])


@leaf_test
async def reset_mid(dut):
    """Goal: reset and clear while parts are decoded. Stimulus: each after 1 to 9 cycles. Check: not
    ready; the next run is exact."""
    await bring_up(dut)
    bench = FeedBench(dut)
    for way in ("reset", "clear"):
        for wait in range(1, 10):
            bench.pins.drive(wgt_base_i=0, tiles_i=2)
            await bench.pins.pulse("start_i")
            await ClockCycles(dut.clk_i, wait)
            await (reset(dut) if way == "reset" else bench.pins.pulse("clr_i"))
            await ClockCycles(dut.clk_i, 3)
            bench.faults = []
            await bench.run([bench.tile(0.6)], 0, [0])


@leaf_test
async def directed_clear_after_start(dut):
    """Goal: a clear right after a start. Stimulus: a clear 0 to 7 cycles after it. Check: not
    ready, no read, no fault in any cycle behind; the next run is exact."""
    await bring_up(dut)
    bench = FeedBench(dut)
    await bench.run([bench.tile(0.6), bench.tile(0.6)], 0, [0, 0])

    async def good() -> None:
        await bench.run([bench.tile(0.6), bench.tile(0.6)], 0, [0, 0])

    def arm() -> None:
        bench.pins.drive(wgt_base_i=0, tiles_i=2)

    await clear_after_start(dut, arm, good, {"ready_o": 0, "reads_o": 0, "err_o": 0}, cycles=40)


@leaf_test(cycles=100_000)
async def bad_parts(dut):
    """Goal: parts that are no tiles. Stimulus: all faults that random spoiling gives, in the last
    unit. Check: fault, unit and tile; the next run is exact."""
    await bring_up(dut)
    bench = FeedBench(dut)
    unit = MODEL.num_units - 1
    for density in (0.0, 0.5, 1.0):
        found = bench.maker.faulty(bench.words(bench.tile(density), unit))
        assert Fault.HEADER in found and Fault.SHORT in found
        for fault, words in found.items():
            await bench.fails({unit: words}, int(fault) << 28 | unit << 24)


@leaf_test
async def bad_units(dut):
    """Goal: faults of all units in the same cycle. Stimulus: a wrong header in each. Check: the
    lowest unit is reported."""
    await bring_up(dut)
    bench = FeedBench(dut)
    wrong = np.array([1 << 40], dtype=np.uint64)
    units = range(MODEL.num_units)
    await bench.fails(dict.fromkeys(units, wrong), int(Fault.HEADER) << 28)


@leaf_test
async def bad_bank_end(dut):
    """Goal: a bank that ends within a part. Stimulus: a part at the end of all banks without its
    last word, and whole but without its mark. Check: ErrShort."""
    await bring_up(dut)
    bench = FeedBench(dut)
    for missing in (1, 0):
        tile = bench.tile(1.0)
        words = bench.words(tile, 0)
        base = MODEL.wgt_depth - (len(words) - missing)
        for unit in range(MODEL.num_units):
            part = bench.words(tile, unit)
            await bench.put(unit, base, [part[: len(part) - missing]], marked=False)
        bench.pins.drive(wgt_base_i=base, tiles_i=1)
        bench.faults = []
        await bench.pins.pulse("start_i")
        await ClockCycles(dut.clk_i, 200)
        assert bench.faults == [int(Fault.SHORT) << 28]
        await bench.pins.pulse("clr_i")
        await ClockCycles(dut.clk_i, 3)
        bench.faults = []
        await bench.run([bench.tile(0.5)], 0, [0])


@leaf_test(cycles=100_000)
async def random_none(dut):
    """Goal: any tiles, any waits. Stimulus: 8 runs of up to 3 tiles. Check: as in smoke."""
    await bring_up(dut)
    bench = FeedBench(dut)
    for _ in range(8):
        count = int(bench.rng.integers(1, 4))
        tiles = [bench.tile(float(bench.rng.random())) for _ in range(count)]
        waits = bench.rng.integers(0, 20, count).tolist()
        await bench.run(tiles, int(bench.rng.integers(0, 4)), waits)
