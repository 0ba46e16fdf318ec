"""lac_sps_front: every lane, switch and shadow weight in its cycle, against the cycle rule."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from cocotb.triggers import ClockCycles, RisingEdge

from models.sps.registers import REGISTERS
from tb.array.blocks.schedule import extreme, packed
from tb.common.bfm.block import Checker, Pins, bring_up, config, for_profiles, leaf_test, reset, rng
from tb.common.bfm.block_parts import EdgeMonitor, clear_after_start, cycle
from tb.sps.blocks.reference import Shape, Tables, Tile, draw_tables, scan, sizes_of, times

CONFIG = config()
ROWS, COLS = CONFIG.get("Rows", 16), CONFIG.get("Cols", 16)
ACT, WGT = CONFIG.get("ActWidth", 16), CONFIG.get("WgtWidth", 16)
ACT_DEPTH, WGT_DEPTH = CONFIG.get("ActDepth", 16384), CONFIG.get("WgtDepth", 8192)
OWN, SIZE = bool(CONFIG.get("RowOffsets", 1)), CONFIG.get("KernelSize", 7)
SUM = (1 << CONFIG.get("SumWidth", 12)) - 1
SIZES = sizes_of(CONFIG)
DEPTH, MAX_KT, MAX_CT = SIZES.depth, SIZES.max_kt, SIZES.max_ct
WGT_RANGE = 32


@dataclass(frozen=True)
class Geo:
    """Of a pass, beside its ``Shape``; the input's width is that of the shape."""

    h: int
    p: int
    q: int
    stride: int = 1
    top: int = 0
    left: int = 0
    act_base: int = 0
    wgt_base: int = 0
    keep: int = 0


class FrontBench:
    """Loads all memories, starts, and compares each cycle."""

    INPUTS = (
        *("clr_i", "start_i", "cfg_i", "in_pixels_i", "row_step_i", "top_i"),
        *("wr_act_i", "wr_act_addr_i", "wr_act_data_i", "wr_wgt_i", "wr_addr_i", "wr_wgt_data_i"),
        *("wr_dir_i", "wr_pos_i", "wr_kres_i", "wr_rres_i", "wr_table_data_i", "wr_rres_data_i"),
    )
    OUTPUTS = (
        *("lane_valid_o", "lane_waits_o", "lane_switch_o", "px_valid_o", "wgt_row_o"),
        *("act_reads_o", "wgt_read_o", "idx_read_o", "err_o", "err_code_o", "err_pos_o"),
    )
    PIXEL = ("px_first_o", "px_init_o", "px_last_o", "px_addr_o")

    def __init__(self, dut):
        self.dut, self.rng = dut, rng()
        self.pins = Pins(dut, dut.clk_i, *self.INPUTS)
        self.check = Checker("front")
        self.zero, self.active = 0, False
        self.reads: dict[str, int] = defaultdict(int)
        self.errors: list[tuple[int, int, int]] = []
        watched = [*self.OUTPUTS, *self.PIXEL]
        self.monitor = EdgeMonitor(dut, watched, self._sample, self.check)

    def _sample(self, seen: EdgeMonitor) -> None:
        if not self.active:
            return
        now = cycle() - self.zero
        for name in ("act_reads_o", "wgt_read_o", "idx_read_o"):
            self.reads[name] += seen[name]
        if seen["err_o"]:
            self.errors.append((now, seen["err_code_o"], seen["err_pos_o"]))
        valid, row = seen["lane_valid_o"], seen["wgt_row_o"]
        acts = weights = 0
        pixel: tuple[int, ...] = ()
        if valid:
            ones = sum((1 << ACT) - 1 << i * ACT for i in range(ROWS) if valid >> i & 1)
            acts = int(str(self.dut.lanes_o.value).lower().replace("x", "0"), 2) & ones
        if row:
            weights = int(str(self.dut.wgt_o.value), 2)
        assert seen["px_valid_o"] == valid & 1
        if valid & 1:
            pixel = tuple(seen[name] for name in self.PIXEL)
        item = (valid, seen["lane_waits_o"], seen["lane_switch_o"], acts, pixel, row, weights)
        if any(item) and self.check.pending:
            seen.report((now, *item))

    async def load(self) -> None:
        """Activations and weights."""
        self.acts = extreme(self.rng, (ACT_DEPTH, ROWS), ACT)
        self.weights = extreme(self.rng, (WGT_DEPTH, COLS), WGT)
        for address, word in enumerate(self.acts):
            self.pins.drive(wr_act_addr_i=address, wr_act_data_i=packed(word, ACT))
            await self.pins.pulse("wr_act_i")
        for address, word in enumerate(self.weights):
            self.pins.drive(wr_addr_i=address, wr_wgt_data_i=packed(word, WGT))
            await self.pins.pulse("wr_wgt_i")

    async def load_tables(self, tables: Tables) -> None:
        """All words of all tables."""
        for name, words in tables.words().items():
            for at, word in enumerate(words):
                data = "wr_rres_data_i" if name == "rres" else "wr_table_data_i"
                self.pins.drive(**{"wr_addr_i": at, data: word})
                await self.pins.pulse(f"wr_{name}_i")

    def arm(self, tables: Tables, shape: Shape, geo: Geo) -> None:
        """Registers and sizes of a pass."""
        values = {
            "H": geo.h,
            "W": shape.width,
            "P": geo.p,
            "Q": geo.q,
            "R": shape.kernel[0],
            "S": shape.kernel[1],
            "STRIDE": geo.stride,
            "PAD_TOP": geo.top,
            "PAD_LEFT": geo.left,
            "CT": shape.ct,
            "KT": shape.kt,
            "WGT_BASE": geo.wgt_base,
            "ACT_BASE": geo.act_base,
            "PERIOD": tables.period,
            "KRES_BASE": shape.kres_base,
            "RRES_BASE": shape.rres_base,
        }
        word = 0
        for field in REGISTERS.cfg:
            if field.name in values:
                word |= values[field.name] << (32 * field.word + field.low)
        word |= geo.keep << dict(REGISTERS.flags)["ACC_KEEP"]
        mask = (1 << max(1, (ACT_DEPTH - 1).bit_length())) - 1
        self.reads.clear()
        self.errors.clear()
        self.pins.drive(
            cfg_i=word,
            in_pixels_i=geo.h * shape.width & mask,
            row_step_i=geo.stride * shape.width & mask,
            top_i=geo.top * shape.width & mask,
        )

    def operands(self, shape: Shape, geo: Geo, tile: Tile, n: int) -> list[int | None]:
        """What each row reads for a pixel; None: nothing."""
        found: list[int | None] = []
        for row, place in enumerate(tile.places):
            value = None
            if place:
                y = n // geo.q * geo.stride - geo.top + place[0]
                x = n % geo.q * geo.stride - geo.left + place[1]
                if 0 <= y < geo.h and 0 <= x < shape.width:
                    at = geo.act_base + (tile.ct * geo.h + y) * shape.width + x
                    value = int(self.acts[at, row])
            found.append(value)
        return found

    def cycles(self, shape: Shape, geo: Geo, tiles: list[Tile]) -> tuple[list[tuple], int]:
        """(items by cycle, banks read)."""
        pixels = geo.p * geo.q
        rule = times(len(tiles), pixels, ROWS, COLS)
        valid: dict[int, int] = defaultdict(int)
        waits: dict[int, int] = defaultdict(int)
        switch: dict[int, int] = defaultdict(int)
        acts: dict[int, int] = defaultdict(int)
        rows, weights, reads = {}, {}, 0
        pixel: dict[int, tuple[int, ...]] = {}
        issued = set()
        for k, tile in enumerate(tiles):
            for i in range(ROWS):
                word = self.weights[geo.wgt_base + k * ROWS + i]
                rows[rule.scans[k] + i + 4] = 1 << i
                weights[rule.scans[k] + i + 4] = packed(word, WGT)
                switch[rule.begins[k] + 3 + i] |= 1 << i
            init = not (tile.ct or tile.step or geo.keep)
            for n, when in enumerate(rule.reads[k]):
                issued.add(when)
                last = k == len(tiles) - 1 and n == pixels - 1
                address = tile.kt * pixels + n & SUM
                pixel[when + 3] = (int(n == 0), int(init), int(last), address)
                for i, value in enumerate(self.operands(shape, geo, tile, n)):
                    valid[when + 3 + i] |= 1 << i
                    acts[when + 3 + i] |= packed([value or 0], ACT) << i * ACT
                    reads += value is not None
        for when in set(range(1, rule.end + 1)) - issued:
            for i in range(ROWS):
                waits[when + 3 + i] |= 1 << i
        used = sorted(valid.keys() | waits.keys() | switch.keys() | rows.keys())
        items = []
        for when in used:
            lanes = valid.get(when, 0), waits.get(when, 0), switch.get(when, 0)
            shadow = rows.get(when, 0), weights.get(when, 0)
            items.append((when, *lanes, acts.get(when, 0), pixel.get(when, ()), *shadow))
        return items, reads

    async def run(self, tables: Tables, shape: Shape, geo: Geo) -> int:
        """A pass without faults; its tiles."""
        self.arm(tables, shape, geo)
        tiles = scan(tables, shape, OWN, DEPTH)
        assert tiles[-1].fault is None
        items, reads = self.cycles(shape, geo, tiles)
        self.check.expect(*items)
        self.active, self.zero = True, cycle() + 1
        await self.pins.pulse("start_i")
        await ClockCycles(self.dut.clk_i, items[-1][0] + 4)
        self.active = False
        self.check.done(len(tiles))
        assert not self.errors
        scans = len(tiles) * (ROWS if OWN else 1)
        want = {"act_reads_o": reads, "wgt_read_o": len(tiles) * ROWS, "idx_read_o": scans}
        assert dict(self.reads) == want
        return len(tiles)


def any_pass(draw, pixels: int = 6) -> tuple[Tables, Shape, Geo]:
    """A pass that fits the memories of the build."""
    number = lambda low, high: int(draw.integers(low, high + 1))  # noqa: E731
    while True:
        kernel = number(1, min(4, SIZE)), number(1, min(4, SIZE))
        shape = Shape(kernel, number(1, 2), number(1, 3), width=number(1, 6))
        shape.kres_base = number(0, MAX_KT - shape.kt)
        shape.rres_base = number(0, MAX_CT - shape.ct)
        tables = draw_tables(draw, shape, ROWS, SIZES, 3)
        tiles = len(scan(tables, shape, OWN, DEPTH))
        h = number(1, 6)
        if tiles * ROWS > WGT_DEPTH or shape.ct * h * shape.width > ACT_DEPTH:
            continue
        geo = Geo(
            h,
            number(1, pixels),
            number(1, pixels),
            int(draw.choice((1, 1, 2, 3))),
            number(0, 3),
            number(0, 3),
            number(0, ACT_DEPTH - shape.ct * h * shape.width),
            number(0, WGT_DEPTH - tiles * ROWS),
            number(0, 1),
        )
        return tables, shape, geo


@leaf_test
async def smoke(dut):
    """Goal: a pass in its cycles. Stimulus: 3x3 windows on 4x4 pixels. Check: lanes, switches,
    pixels, shadow weights and events of every cycle."""
    await bring_up(dut)
    bench = FrontBench(dut)
    await bench.load()
    shape = Shape((min(3, SIZE),) * 2, 1, 1, width=4)
    tables = draw_tables(bench.rng, shape, ROWS, SIZES, 3)
    await bench.load_tables(tables)
    await bench.run(tables, shape, Geo(4, 4, 4, top=1, left=1))


@for_profiles(globals(), ("none",), cycles=400_000)
async def random(dut, profile):
    """Goal: any pass. Stimulus: 12 passes of 1 to 36 pixels, shorter and longer than the scan of a
    tile, with tables and bases of their own. Check: as smoke."""
    await bring_up(dut)
    bench = FrontBench(dut)
    await bench.load()
    for turn in range(12):
        tables, shape, geo = any_pass(bench.rng, (6, 2, 1)[turn % 3])
        await bench.load_tables(tables)
        await bench.run(tables, shape, geo)


@leaf_test
async def directed_lengths(dut):
    """Goal: the end of a tile and the scan of its rows in any order. Stimulus: passes of several
    tiles with 1 to Rows + Cols + 2 pixels. Check: as smoke."""
    await bring_up(dut)
    bench = FrontBench(dut)
    await bench.load()
    shape = Shape((1, min(3, SIZE)), 1, 2, width=4)
    tables = draw_tables(bench.rng, shape, ROWS, SIZES, 2)
    tables.dirs = [(base, max(size, 1)) for base, size in tables.dirs]
    await bench.load_tables(tables)
    for pixels in range(1, ROWS + COLS + 3):
        await bench.run(tables, shape, Geo(2, 1, pixels, left=1))


@leaf_test
async def bad_range(dut):
    """Goal: weights that end too early. Stimulus: passes whose last tile, and whose first, end
    past the buffer. Check: WGT_RANGE with the tile's number, as its first row past the end
    is read; the next pass is exact."""
    await bring_up(dut)
    bench = FrontBench(dut)
    await bench.load()
    shape = Shape((1, min(3, SIZE)), 1, 2, width=4)
    tables = draw_tables(bench.rng, shape, ROWS, SIZES, 2)
    await bench.load_tables(tables)
    geo = Geo(2, 2, 3)
    tiles = scan(tables, shape, OWN, DEPTH)
    rule = times(len(tiles), 6, ROWS, COLS)
    for missing in (1, ROWS - 1, ROWS, len(tiles) * ROWS - 1):
        base = WGT_DEPTH - len(tiles) * ROWS + missing
        bench.arm(tables, shape, Geo(2, 2, 3, wgt_base=base))
        bench.active, bench.zero = True, cycle() + 1
        await bench.pins.pulse("start_i")
        await ClockCycles(dut.clk_i, rule.end + 4)
        tile, row = divmod(WGT_DEPTH - base, ROWS)
        assert bench.errors[0] == (rule.scans[tile] + row + 3, WGT_RANGE, tile)
        bench.active = False
        await bench.pins.pulse("clr_i")
        await ClockCycles(dut.clk_i, ROWS)
        await bench.run(tables, shape, geo)


@leaf_test
async def directed_clear_after_start(dut):
    """Goal: a clear right after a start. Stimulus: a clear 0 to 7 cycles after it. Check: no
    lane, no weights, no error in any cycle behind; the next pass is exact."""
    await bring_up(dut)
    bench = FrontBench(dut)
    await bench.load()
    shape = Shape((1, 1), 1, 2, width=3)
    tables = draw_tables(bench.rng, shape, ROWS, SIZES, 1)
    await bench.load_tables(tables)
    geo = Geo(2, 2, 3)

    async def good() -> None:
        await bench.run(tables, shape, geo)

    names = ("lane_valid_o", "lane_waits_o", "lane_switch_o", "wgt_row_o", "wgt_read_o", "err_o")
    quiet = dict.fromkeys(names, 0)
    await clear_after_start(
        dut, lambda: bench.arm(tables, shape, geo), good, quiet, cycles=ROWS + COLS
    )


@leaf_test
async def reset_mid(dut):
    """Goal: reset and clear in a pass. Stimulus: each at several times. Check: nothing comes any
    more; the next pass is exact."""
    await bring_up(dut)
    bench = FrontBench(dut)
    await bench.load()
    shape = Shape((1, min(2, SIZE)), 1, 2, width=3)
    tables = draw_tables(bench.rng, shape, ROWS, SIZES, 2)
    await bench.load_tables(tables)
    geo = Geo(2, 2, 3)
    watched = Pins(dut, dut.clk_i, "lane_valid_o", "lane_switch_o", "wgt_row_o")
    for way in ("reset", "clear"):
        for wait in (3, 9, ROWS + 8):
            bench.arm(tables, shape, geo)
            await bench.pins.pulse("start_i")
            await ClockCycles(dut.clk_i, wait)
            await (reset(dut) if way == "reset" else bench.pins.pulse("clr_i"))
            for _ in range(ROWS + COLS):
                await RisingEdge(dut.clk_i)
                assert watched.read("lane_valid_o", "lane_switch_o", "wgt_row_o") == [0, 0, 0]
            await bench.run(tables, shape, geo)
