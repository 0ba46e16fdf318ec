"""lac_sps_index: the place of every row's weight, against its tables walked through."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from cocotb.triggers import ClockCycles, RisingEdge

from tb.common.bfm.block import Checker, Pins, bring_up, config, for_profiles, leaf_test, reset, rng
from tb.common.bfm.block_parts import EdgeMonitor, clear_after_start
from tb.common.bfm.streams import pause_pattern
from tb.sps.blocks.reference import (
    POSITION,
    RESIDUE,
    Shape,
    Tables,
    Tile,
    draw_tables,
    scan,
    sizes_of,
)

CONFIG = config()
ROWS, OWN = CONFIG.get("Rows", 16), bool(CONFIG.get("RowOffsets", 1))
SIZES = sizes_of(CONFIG)
MAX_PERIOD, DEPTH, MAX_KT, MAX_CT = SIZES
MASK = (1 << CONFIG.get("AddrWidth", 14)) - 1
BEHIND = 3  # cycles from the scan of a row to its offset


class IndexBench:
    """Scans row by row, as the weight feed does, and knows each row's offset."""

    INPUTS = (
        *("clr_i", "start_i", "scan_i", "scan_first_i", "scan_last_i"),
        *("period_i", "kernel_h_i", "kernel_w_i", "in_w_i", "ct_i", "kt_i"),
        *("kres_base_i", "rres_base_i", "wr_addr_i", "wr_data_i", "wr_rres_data_i"),
        *("wr_dir_i", "wr_pos_i", "wr_kres_i", "wr_rres_i"),
    )
    OUTPUTS = (
        *("next_o", "tile_init_o", "tile_fresh_o", "read_o", "off_has_o", "off_dy_o", "off_dx_o"),
        *("off_o", "err_o", "err_code_o", "err_pos_o"),
    )

    def __init__(self, dut):
        self.dut, self.rng = dut, rng()
        self.pins = Pins(dut, dut.clk_i, *self.INPUTS, "next_o")
        self.check = Checker("rows")
        self.errors: list[tuple[int, int, int]] = []
        self.reads = 0
        self._scans: list[tuple[int, int]] = [(0, 0)] * BEHIND
        self._rows = 0
        watched = [*self.OUTPUTS, "scan_i", "scan_first_i"]
        self.monitor = EdgeMonitor(dut, watched, self._sample, self.check)

    def _sample(self, seen: EdgeMonitor) -> None:
        scanned, first = self._scans.pop(0)
        self._scans.append((seen["scan_i"], seen["scan_first_i"]))
        self.reads += seen["read_o"]
        if seen["err_o"]:
            self.errors.append((self._rows, seen["err_code_o"], seen["err_pos_o"]))
        if not scanned:
            return
        self._rows += 1
        has = seen["off_has_o"]
        offset = [seen[name] for name in ("off_dy_o", "off_dx_o", "off_o")] if has else [0, 0, 0]
        flags = (seen["tile_init_o"], seen["tile_fresh_o"]) if first else (0, 0)
        if self.check.pending:  # rows behind a fault are nobody's business
            seen.report((has, *offset, *flags))

    def rows(self, shape: Shape, tiles: Sequence[Tile]) -> list[tuple[int, ...]]:
        """What must come."""
        found: list[tuple[int, ...]] = []
        for tile in tiles:
            for row, place in enumerate(tile.places):
                dy, dx = place or (0, 0)
                offset = (1, dy, dx, (dy * shape.width + dx) & MASK) if place else (0, 0, 0, 0)
                init = row == 0 and not (tile.ct or tile.step)
                found.append((*offset, int(init), int(row == 0 and not tile.step)))
        return found

    async def load(self, tables: Tables) -> None:
        """All words of all tables."""
        for name, words in tables.words().items():
            for at, word in enumerate(words):
                self.pins.drive(wr_addr_i=at)
                self.pins.drive(**{"wr_rres_data_i" if name == "rres" else "wr_data_i": word})
                await self.pins.pulse(f"wr_{name}_i")

    def arm(self, tables: Tables, shape: Shape) -> list[Tile]:
        """Geometry of a pass; its tiles."""
        self.errors.clear()
        self.reads = self._rows = 0
        self.pins.drive(
            period_i=tables.period,
            kernel_h_i=shape.kernel[0],
            kernel_w_i=shape.kernel[1],
            in_w_i=shape.width,
            ct_i=shape.ct,
            kt_i=shape.kt,
            kres_base_i=shape.kres_base,
            rres_base_i=shape.rres_base,
        )
        tiles = scan(tables, shape, OWN, DEPTH)
        self.check.expect(*self.rows(shape, tiles))
        return tiles

    async def walk(self, tiles: int, profile: str = "none") -> None:
        """Scan tiles, in the first cycle in which they may be, or with pauses before them."""
        await self.pins.pulse("start_i")
        await RisingEdge(self.dut.clk_i)
        pauses = pause_pattern(profile, "scan")
        for _ in range(tiles):
            while next(pauses):
                await RisingEdge(self.dut.clk_i)
                assert self.pins.read("next_o") == [1]
            for row in range(ROWS):
                self.pins.drive(scan_i=1, scan_first_i=row == 0, scan_last_i=row == ROWS - 1)
                await RisingEdge(self.dut.clk_i)
                assert self.pins.read("next_o") == [1], "no tile left"
            self.pins.drive(scan_i=0, scan_first_i=0, scan_last_i=0)

    async def run(self, tables: Tables, shape: Shape, profile: str = "none") -> int:
        """A pass without faults; how many tiles it had."""
        tiles = self.arm(tables, shape)
        assert tiles[-1].fault is None
        await self.walk(len(tiles), profile)
        await RisingEdge(self.dut.clk_i)
        assert self.pins.read("next_o") == [0], "a tile too many"
        await ClockCycles(self.dut.clk_i, BEHIND)
        self.check.done(len(tiles) * ROWS)
        assert not self.errors
        assert self.reads == len(tiles) * (ROWS if OWN else 1)
        return len(tiles)

    async def fail(self, tables: Tables, shape: Shape) -> int:
        """A pass with a fault: it is told with its row, and no other before it; its code."""
        await self.load(tables)
        tiles = self.arm(tables, shape)
        assert tiles[-1].fault
        row, code, position = tiles[-1].fault
        await self.walk(len(tiles))
        await ClockCycles(self.dut.clk_i, BEHIND + 1)
        self.check.done(0)
        assert self.errors[:1] == [((len(tiles) - 1) * ROWS + row, code, position)]
        await self.pins.pulse("clr_i")
        return code


def any_shape(draw) -> Shape:
    """A pass that the tables hold."""
    kt, ct = int(draw.integers(1, min(4, MAX_KT) + 1)), int(draw.integers(1, min(4, MAX_CT) + 1))
    return Shape(
        (int(draw.integers(1, 8)), int(draw.integers(1, 8))),
        kt,
        ct,
        int(draw.integers(0, MAX_KT - kt + 1)),
        int(draw.integers(0, MAX_CT - ct + 1)),
        int(draw.integers(1, 300)),
    )


def plain(rows: int = ROWS) -> tuple[Tables, Shape]:
    """Three patterns of 2, 1 and 3 weights; two kt, two ct."""
    dirs = [(0, 2), (2, 1), (3, 3)][:MAX_PERIOD]
    pos = [(0, 1), (2, 2), (1, 1), (0, 0), (1, 2), (2, 0)] + [(0, 0)] * (DEPTH - 6)
    period = len(dirs)
    dirs += [(0, 0)] * (MAX_PERIOD - period)
    rres = [[(row + ct) % period for row in range(rows)] for ct in range(MAX_CT)]
    kres = [(2 * kt + 1) % period for kt in range(MAX_KT)]
    return Tables(period, dirs, pos, kres, rres), Shape((3, 3), 2, 2)


@leaf_test
async def smoke(dut):
    """Goal: values, latency, the end. Stimulus: three patterns, 2 kt, 2 ct, no pause. Check: every
    offset three cycles behind its scan; init and fresh; next_o falls with the last row."""
    await bring_up(dut)
    bench = IndexBench(dut)
    tables, shape = plain()
    await bench.load(tables)
    assert await bench.run(tables, shape) >= shape.kt * shape.ct


@for_profiles(globals(), ("none", "random"))
async def random(dut, profile):
    """Goal: any tables. Stimulus: 12 passes with tables, bases and shapes of their own, with or
    without pauses before a tile. Check: every offset, every end."""
    await bring_up(dut)
    bench = IndexBench(dut)
    for _ in range(12):
        shape = any_shape(bench.rng)
        tables = draw_tables(bench.rng, shape, ROWS, SIZES)
        await bench.load(tables)
        await bench.run(tables, shape, profile)


@leaf_test
async def extremes(dut):
    """Goal: the ends. Stimulus: period 1; all patterns empty; one pattern longer than all others in
    the last row alone; the longest pattern the table holds; residues at their largest; all words
    of KRES and RRES. Check: every offset, every end."""
    await bring_up(dut)
    bench = IndexBench(dut)
    tables, shape = plain()
    one = replace(tables, period=1, kres=[0] * MAX_KT, rres=[[0] * ROWS] * MAX_CT)
    await bench.load(one)
    await bench.run(one, shape)
    none = replace(tables, dirs=[(5, 0)] * MAX_PERIOD)
    await bench.load(none)
    assert await bench.run(none, shape) == shape.kt * shape.ct
    longest = min(DEPTH, 225)
    full = replace(
        one,
        dirs=[(0, longest)] * MAX_PERIOD,
        pos=[divmod(n % 225, 15) for n in range(DEPTH)],
    )
    await bench.load(full)
    wide = Shape((15, 15), 1, 1, MAX_KT - 1, MAX_CT - 1, 65535)
    assert await bench.run(full, wide) == longest
    if MAX_PERIOD > 1:
        last = MAX_PERIOD - 1
        dirs = [(0, 1)] * last + [(0, 3)]
        late = replace(
            tables,
            period=MAX_PERIOD,
            dirs=dirs,
            kres=[last] * MAX_KT,
            rres=[[1] * (ROWS - 1) + [0]] * MAX_CT,
        )
        await bench.load(late)
        assert await bench.run(late, Shape((3, 3), 1, 1)) == (3 if OWN else 1)
        top = replace(late, rres=[[last] * ROWS] * MAX_CT)
        await bench.load(top)
        await bench.run(top, Shape((3, 3), min(MAX_KT, 20), min(MAX_CT, 3)))


@leaf_test
async def bad_residue(dut):
    """Goal: a residue that is none. Stimulus: PERIOD and 15 in KRES, in the first, a middle and the
    last row of RRES, of the first and of a later tile. Check: RESIDUE with word, table and row;
    without RowOffsets rows behind the first do not matter."""
    await bring_up(dut)
    bench = IndexBench(dut)
    tables, shape = plain()
    for value in {tables.period, 15}:
        for word in (0, 1):
            kres = tables.kres.copy()
            kres[word] = value
            assert await bench.fail(replace(tables, kres=kres), shape) == RESIDUE
            for row in (0, ROWS // 2, ROWS - 1) if OWN else (0,):
                rres = [word.copy() for word in tables.rres]
                rres[word][row] = value
                assert await bench.fail(replace(tables, rres=rres), shape) == RESIDUE
    if not OWN:
        rres = [[word[0]] + [15] * (ROWS - 1) for word in tables.rres]
        await bench.load(replace(tables, rres=rres))
        await bench.run(replace(tables, rres=rres), shape)


@leaf_test
async def bad_position(dut):
    """Goal: a place that is none. Stimulus: dy or dx at the window's end; an index past the table;
    beside a residue of the row behind, and behind one. Check: POSITION with the index; of two
    faults that of the first row."""
    await bring_up(dut)
    bench = IndexBench(dut)
    tables, shape = plain()
    for index in (0, 2) if MAX_PERIOD > 1 else (0,):
        for place in ((3, 0), (0, 3), (15, 15)):
            pos = tables.pos.copy()
            pos[index] = place
            assert await bench.fail(replace(tables, pos=pos), shape) == POSITION
    if DEPTH < 256:
        past = replace(tables, dirs=[(DEPTH - 1, 2)] * MAX_PERIOD)
        assert await bench.fail(past, shape) == POSITION
        assert await bench.fail(replace(past, dirs=[(255, 2)] * MAX_PERIOD), shape) == POSITION
    if OWN and MAX_PERIOD > 1:
        pos = [(3, 3)] * DEPTH
        for bad, code in ((1, POSITION), (2, POSITION), (0, RESIDUE)):
            rres = [word.copy() for word in tables.rres]
            rres[0][bad] = 15
            assert await bench.fail(replace(tables, pos=pos, rres=rres), shape) == code


@leaf_test
async def throughput(dut):
    """Goal: a row per cycle over all borders. Stimulus: a long pass without pauses. Check: Rows
    cycles a tile."""
    await bring_up(dut)
    bench = IndexBench(dut)
    tables, shape = plain()
    await bench.load(tables)
    tiles = bench.arm(tables, shape)
    done = bench.dut.clk_i
    await bench.walk(len(tiles))
    await ClockCycles(done, BEHIND + 1)
    bench.check.done(len(tiles) * ROWS)


@leaf_test
async def directed_clear_after_start(dut):
    """Goal: a clear right after a start. Stimulus: a clear 0 to 7 cycles after it. Check: no tile
    is left; the next pass is exact."""
    await bring_up(dut)
    bench = IndexBench(dut)
    tables, shape = plain()
    await bench.load(tables)

    async def good() -> None:
        bench.check.forget()
        await bench.run(tables, shape)

    quiet = {"next_o": 0, "err_o": 0}
    await clear_after_start(dut, lambda: bench.arm(tables, shape), good, quiet, cycles=6)


@leaf_test
async def reset_mid(dut):
    """Goal: reset and clear in a scan, and with an error under way. Stimulus: each after some rows.
    Check: nothing is left; the next pass is exact."""
    await bring_up(dut)
    bench = IndexBench(dut)
    tables, shape = plain()
    wrong = replace(tables, kres=[15] * MAX_KT)
    for way in ("reset", "clear"):
        for bad in (False, True):
            await bench.load(wrong if bad else tables)
            bench.arm(tables, shape)
            await bench.pins.pulse("start_i")
            await RisingEdge(dut.clk_i)
            for row in range(2):
                bench.pins.drive(scan_i=1, scan_first_i=row == 0)
                await RisingEdge(dut.clk_i)
            bench.pins.drive(scan_i=0, scan_first_i=0)
            await (reset(dut) if way == "reset" else bench.pins.pulse("clr_i"))
            bench.check.forget()
            bench.errors.clear()
            await ClockCycles(dut.clk_i, BEHIND + 1)
            assert bench.pins.read("next_o") == [0] and not bench.errors
            bench.check.forget()
            await bench.load(tables)
            await bench.run(tables, shape)
