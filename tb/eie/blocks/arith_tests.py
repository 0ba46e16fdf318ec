"""lac_eie_arith against exact integer sums."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import cocotb
import numpy as np
from cocotb.triggers import ClockCycles, RisingEdge, Timer
from cocotb_bus.drivers import BusDriver

from tb.common.bfm.block import Checker, Pins, bring_up, config, for_profiles, leaf_test, reset, rng
from tb.common.bfm.block_parts import EdgeMonitor, cycle
from tb.common.bfm.reading import known, number
from tb.common.bfm.streams import pause_pattern
from tb.eie.blocks.models import signed

ACT_WIDTH = config().get("ActWidth", 16)
WGT_WIDTH = config().get("WgtWidth", 16)
ACC_WIDTH = config().get("AccWidth", 32)
CODE_WIDTH = config().get("CodeWidth", 4)
STEP_WIDTH = config().get("StepWidth", 8)
REGS = config().get("ActRegs", 64)
BOOKS = config().get("NumCodebooks", 4)
CODES = 1 << CODE_WIDTH
TOP_ROW = (1 << STEP_WIDTH) - 1
ACC_MAX, ACC_MIN = (1 << ACC_WIDTH - 1) - 1, -(1 << ACC_WIDTH - 1)
#: From the entry on the pins to the cycle with the write enable; it lands one edge later.
TO_WRITE = 3


class Entry(NamedTuple):
    """One entry; ``row`` is the local row it addresses, from which the step is made."""

    act: int
    code: int
    row: int
    first: int


class Write(NamedTuple):
    """An accumulator write, as it must come."""

    cycle: int
    row: int
    value: int


class Accumulators(BusDriver):
    """The register file behind the unit: data one cycle after the read, held until the next; a
    register that is read while it is written is some word."""

    _signals = [
        "acc_rd_en_o",
        "acc_rd_addr_o",
        "acc_rd_data_i",
        "acc_wr_en_o",
        "acc_wr_addr_o",
        "acc_wr_data_o",
    ]

    def __init__(self, dut):
        super().__init__(dut, None, dut.clk_i, case_insensitive=False)
        self.values = [0] * REGS
        self.rng = rng()
        cocotb.start_soon(self._serve())

    async def _serve(self) -> None:
        edge, mask, written = RisingEdge(self.clock), (1 << ACC_WIDTH) - 1, -1
        while True:
            await edge
            if known(self.bus.acc_wr_en_o):
                data, written = number(self.bus.acc_wr_data_o), number(self.bus.acc_wr_addr_o)
                self.values[written] = signed(data, ACC_WIDTH)
            else:
                written = -1
            if known(self.bus.acc_rd_en_o):
                row = number(self.bus.acc_rd_addr_o)
                word = self.rng.integers(1 << ACC_WIDTH) if row == written else self.values[row]
                self.bus.acc_rd_data_i.value = int(word) & mask


class Results:
    """Writes with their cycle go to ``callback``; events are counted, errors collected."""

    SIGNALS = ("acc_wr_en_o", "acc_wr_addr_o", "acc_wr_data_o", "ev_mac_o", "ev_zero_o",
               "ev_bypass_o", "err_row_o", "err_ovf_o", "err_addr_o")  # fmt: skip

    def __init__(self, dut, callback: Callable[[Write], None]):
        self.macs, self.zeros, self.bypasses = 0, 0, 0
        self.errors: list[tuple[str, int]] = []
        self.monitor = EdgeMonitor(dut, self.SIGNALS, self._sample, callback)

    def _sample(self, seen: EdgeMonitor) -> None:
        self.macs += seen["ev_mac_o"]
        self.zeros += seen["ev_zero_o"]
        self.bypasses += seen["ev_bypass_o"]
        for kind in ("row", "ovf"):
            if seen[f"err_{kind}_o"]:
                self.errors.append((kind, seen["err_addr_o"]))
        if seen["acc_wr_en_o"]:
            value = signed(seen["acc_wr_data_o"], ACC_WIDTH)
            seen.report(Write(cycle(), seen["acc_wr_addr_o"], value))


class ArithBench:
    """Entries in, writes out, with the file of accumulators and the codebooks."""

    def __init__(self, dut):
        self.dut = dut
        self.rng = rng()
        self.file = Accumulators(dut)
        self.model = [0] * REGS
        self.book = 0
        self.books = np.zeros((BOOKS, CODES), dtype=np.int64)
        self.rows = REGS
        self.check = Checker("arith_writes")
        self.results = Results(dut, self.check)
        self.row_before = -1
        self.expected_macs, self.expected_zeros, self.expected_bypasses = 0, 0, 0
        self.touched: dict[int, int] = {}  # row -> cycle of its last update
        self.pins = Pins(
            dut,
            dut.clk_i,
            *("clr_i", "num_rows_i", "book_i", "idle_o"),
            *("wr_en_i", "wr_book_i", "wr_group_i", "wr_data_i"),
            *("ent_valid_i", "ent_act_i", "ent_code_i", "ent_step_i", "ent_first_i"),
        )
        self.pins.drive(num_rows_i=REGS)

    async def load(self, book: int, values: np.ndarray) -> None:
        """Write one codebook, int [CODES]."""
        self.books[book] = values
        for group in range(-(-CODES // 4)):
            four = [int(v) for v in values[4 * group : 4 * group + 4]]
            data = sum((v & (1 << WGT_WIDTH) - 1) << k * WGT_WIDTH for k, v in enumerate(four))
            self.pins.drive(wr_en_i=1, wr_book_i=book, wr_group_i=group, wr_data_i=data)
            await RisingEdge(self.dut.clk_i)
        self.pins.drive(wr_en_i=0)

    async def load_random(self) -> None:
        """All codebooks with random weights, code 0 zero."""
        low, high = -(1 << WGT_WIDTH - 1), 1 << WGT_WIDTH - 1
        for book in range(BOOKS):
            values = self.rng.integers(low, high, CODES)
            values[0] = 0
            await self.load(book, values)

    async def use(self, book: int, rows: int = REGS) -> None:
        """Choose codebook and number of rows."""
        self.book, self.rows = book, rows
        self.pins.drive(book_i=book, num_rows_i=rows)
        await RisingEdge(self.dut.clk_i)

    def preset(self, row: int, value: int) -> None:
        """Set an accumulator from outside (bias, or an earlier pass)."""
        self.model[row] = self.file.values[row] = value

    async def send(self, entry: Entry) -> None:
        """Drive one entry for one cycle and note what must come of it."""
        step = entry.row + 1 if entry.first else entry.row - self.row_before
        assert 1 <= step <= TOP_ROW
        self.row_before = entry.row
        self.pins.drive(
            ent_valid_i=1,
            ent_act_i=entry.act & (1 << ACT_WIDTH) - 1,
            ent_code_i=entry.code,
            ent_step_i=step,
            ent_first_i=entry.first,
        )
        await RisingEdge(self.dut.clk_i)
        self.pins.drive(ent_valid_i=0)
        self._expect(entry, cycle())

    def _expect(self, entry: Entry, now: int) -> None:
        if entry.code == 0:
            self.expected_zeros += 1
            return
        if entry.row >= self.rows:
            return
        self.expected_macs += 1
        self.expected_bypasses += now - self.touched.get(entry.row, -9) in (1, 2)
        self.touched[entry.row] = now
        total = self.model[entry.row] + entry.act * int(self.books[self.book, entry.code])
        if ACC_MIN <= total <= ACC_MAX:
            self.model[entry.row] = total
            self.check.expect(Write(now + TO_WRITE, entry.row, total))

    async def drain(self) -> None:
        """Everything written; file, counts and idle as they must be."""
        await ClockCycles(self.dut.clk_i, TO_WRITE + 2)
        self.check.done()
        assert self.pins.read("idle_o") == [1]
        assert self.file.values == self.model
        seen = self.results
        assert (seen.macs, seen.zeros) == (self.expected_macs, self.expected_zeros)
        assert seen.bypasses == self.expected_bypasses

    def act(self, row: int, code: int) -> int:
        """A random activation, often of the largest magnitude, with which the sum still fits."""
        act = signed(int(self.rng.integers(1 << ACT_WIDTH)), ACT_WIDTH)
        if self.rng.random() < 0.1:
            act = int(self.rng.choice([-(1 << ACT_WIDTH - 1), (1 << ACT_WIDTH - 1) - 1]))
        total = self.model[row % REGS] + act * int(self.books[self.book, code])
        return act if ACC_MIN <= total <= ACC_MAX else min(-act, (1 << ACT_WIDTH - 1) - 1)

    async def at_row(self, row: int, code: int = 1, act: int | None = None) -> None:
        """One update of a row as the first entry of a slice."""
        await self.send(Entry(self.act(row, code) if act is None else act, code, row, 1))


@leaf_test
async def smoke(dut):
    """Goal: address, product, latency. Stimulus: the header's example (steps first 3, 1, 2). Check:
    rows 2, 3, 5 get the products; the write enable comes TO_WRITE cycles after the entry, so the
    write lands after 4."""
    await bring_up(dut)
    bench = ArithBench(dut)
    await bench.load_random()
    for row, first in ((2, 1), (3, 0), (5, 0)):
        await bench.send(Entry(7, 1, min(row, REGS - 1) if first else bench.row_before + 1, first))
        await ClockCycles(dut.clk_i, 5)
    await bench.drain()


@leaf_test
async def directed_same_row(dut):
    """Goal: updates of one accumulator at every distance. Stimulus: 2 to 4 updates of one row at
    distances 1 to 5 in all combinations, the cycles between idle, on another row, on a zero weight
    and on a row past the slice. Check: every write in its cycle with the exact sum; bypasses are
    counted at distances 1 and 2 alone."""
    await bring_up(dut)
    bench = ArithBench(dut)
    await bench.load_random()
    other = 1 % REGS
    await bench.use(0, max(1, REGS - 1) if REGS > 2 else REGS)
    for filler in ("idle", "other", "zero", "past"):
        for gaps in ((1,), (2,), (3,), (4,), (1, 1), (1, 2), (2, 1), (2, 2), (1, 3), (3, 1),
                     (1, 1, 1), (2, 1, 1), (1, 2, 1), (1, 1, 2), (2, 2, 2), (5, 1, 1)):  # fmt: skip
            await bench.at_row(0)
            for gap in gaps:
                for _ in range(gap - 1):
                    if filler == "idle":
                        await RisingEdge(dut.clk_i)
                    elif filler == "other":
                        await bench.at_row(other)
                    elif filler == "zero":
                        await bench.at_row(0, code=0)
                    else:
                        await bench.at_row(bench.rows)
                await bench.at_row(0)
        await bench.drain()
    assert bench.expected_bypasses > 50
    wanted = 0 if bench.rows == TOP_ROW + 1 else len(bench.results.errors)
    assert {kind for kind, _ in bench.results.errors} <= {"row"} and wanted


@leaf_test
async def directed_books(dut):
    """Goal: every code of every codebook. Stimulus: all codes of all books once. Check: sums."""
    await bring_up(dut)
    bench = ArithBench(dut)
    await bench.load_random()
    for book in range(BOOKS):
        await bench.use(book)
        for code in range(CODES):
            await bench.at_row(code % REGS, code)
        await bench.drain()
    assert bench.expected_macs == BOOKS * (CODES - 1)


@leaf_test
async def directed_clear(dut):
    """Goal: clr_i drops what is inside. Stimulus: a clear 0 to 3 cycles after an entry, and after
    one that overflows. Check: no write and no error comes that had not begun, idle, then exact
    again."""
    await bring_up(dut)
    bench = ArithBench(dut)
    await bench.load_random()
    for delay in range(TO_WRITE):
        await bench.at_row(0)
        await ClockCycles(dut.clk_i, delay)
        await bench.pins.pulse("clr_i")
        await RisingEdge(dut.clk_i)
        bench.check.forget()
        await ClockCycles(dut.clk_i, TO_WRITE)
        assert bench.pins.read("idle_o") == [1]
        bench.model = list(bench.file.values)
        bench.expected_macs, bench.expected_bypasses = bench.results.macs, bench.results.bypasses
        await bench.at_row(0)
        await bench.drain()
    await bench.load(0, np.array([0] + [1] * (CODES - 1)))
    for delay in range(TO_WRITE + 1):
        bench.preset(0, ACC_MAX)
        await bench.at_row(0, act=1)
        await ClockCycles(dut.clk_i, delay)
        await bench.pins.pulse("clr_i")
        await Timer(1, "ns")  # what came with the clear is counted
        begun = len(bench.results.errors)
        bench.preset(0, 0)
        await ClockCycles(dut.clk_i, TO_WRITE)
        assert len(bench.results.errors) == begun, "an error behind the clear"
        assert bench.pins.read("idle_o") == [1]
        bench.expected_macs, bench.expected_bypasses = bench.results.macs, bench.results.bypasses
        await bench.at_row(0)
        await bench.drain()
    assert bench.results.errors, "none overflowed before its clear"


@for_profiles(globals())
async def random(dut, profile):
    """Goal: any slices with any pauses between entries. Stimulus: slices of few rows (so that rows
    repeat soon), zero weights, rows past the slice under a zero weight. Check: every write in its
    cycle, the file, the events."""
    await bring_up(dut)
    bench = ArithBench(dut)
    await bench.load_random()
    pauses = pause_pattern(profile, "entries")
    for _ in range(4):
        rows = int(bench.rng.integers(1, REGS + 1))
        await bench.use(int(bench.rng.integers(BOOKS)), rows)
        for _ in range(30):
            span = min(rows, int(bench.rng.choice([1, 1, 2, 2, 3, 16])))
            low = int(bench.rng.integers(min(rows - span + 1, int(bench.rng.choice([2, REGS])))))
            chosen = np.flatnonzero(bench.rng.random(span) < 0.7) + low
            for k, row in enumerate(chosen.tolist()):
                while next(pauses):
                    await RisingEdge(dut.clk_i)
                code = int(bench.rng.integers(CODES))
                await bench.send(Entry(bench.act(row, code), code, row, int(k == 0)))
        await bench.at_row(rows, code=0)  # a zero weight may lie anywhere
        await bench.drain()
    assert bench.results.errors == []
    assert bench.expected_zeros > 2
    assert bench.expected_bypasses or profile not in ("none", "burst")


@leaf_test
async def extremes(dut):
    """Goal: largest numbers. Stimulus: the four corners of activation times weight on accumulators
    at both rails, where they still fit. Check: exact, no error."""
    await bring_up(dut)
    bench = ArithBench(dut)
    low, high = -(1 << WGT_WIDTH - 1), (1 << WGT_WIDTH - 1) - 1
    for weight in (low, high):
        await bench.load(0, np.array([0] + [weight] * (CODES - 1)))
        for act in (-(1 << ACT_WIDTH - 1), (1 << ACT_WIDTH - 1) - 1):
            for start in (ACC_MIN, ACC_MAX, 0):
                total = start + act * weight
                if ACC_MIN <= total <= ACC_MAX:
                    bench.preset(REGS - 1, start)
                    await bench.at_row(REGS - 1, act=act)
                    await bench.drain()
    assert bench.check.compared >= 7
    assert bench.results.errors == []


@leaf_test
async def throughput(dut):
    """Goal: an entry per cycle whatever rows they hit. Stimulus: 100 entries on one row, on two in
    turns, on three in turns. Check: a write in every cycle, exact."""
    await bring_up(dut)
    bench = ArithBench(dut)
    await bench.load_random()
    for period in (1, 2, 3):
        start = cycle()
        for k in range(100):
            await bench.at_row(k % period % REGS)
        assert cycle() - start == 100
        await bench.drain()


@leaf_test
async def reset_mid(dut):
    """Goal: reset at work. Stimulus: a reset with three entries inside. Check: no write after it,
    idle, then exact again."""
    await bring_up(dut)
    bench = ArithBench(dut)
    await bench.load_random()
    for _ in range(3):
        await bench.at_row(0)
    await reset(dut)
    bench.check.forget()
    assert bench.pins.read("idle_o") == [1]
    bench.model = list(bench.file.values)
    bench.expected_macs, bench.expected_bypasses = bench.results.macs, bench.results.bypasses
    await bench.at_row(0)
    await bench.drain()


@leaf_test
async def bad_row(dut):
    """Goal: a row past the slice is an error and writes nothing. Stimulus: real entries at the
    first row past the slice, and so far past that the address saturates, also over two steps; zero
    weights there. Check: one pulse per real entry with its row, none for zero weights, no write."""
    await bring_up(dut)
    bench = ArithBench(dut)
    await bench.load_random()
    for rows in sorted({1, REGS}):
        await bench.use(0, rows)
        seen = len(bench.results.errors)
        await bench.at_row(0)
        await bench.at_row(rows)
        await bench.at_row(TOP_ROW - 1)
        await bench.at_row(TOP_ROW - 1, code=0)
        # Step 2^StepWidth-1 from there would be far past the top: it stays at the top.
        bench.pins.drive(ent_valid_i=1, ent_code_i=1, ent_step_i=TOP_ROW, ent_first_i=0)
        await RisingEdge(dut.clk_i)
        bench.pins.drive(ent_valid_i=0)
        await bench.at_row(0)
        await bench.drain()
        got = bench.results.errors[seen:]
        assert got == [("row", rows), ("row", TOP_ROW - 1), ("row", TOP_ROW)]


@leaf_test
async def bad_overflow(dut):
    """Goal: a sum that leaves AccWidth is an error and is not written. Stimulus: accumulators at
    both rails, one step past them, directly and after an update one and two cycles before. Check:
    one pulse with the row, no write; one step less is no error."""
    await bring_up(dut)
    bench = ArithBench(dut)
    row = REGS - 1
    await bench.load(0, np.array([0] + [1] * (CODES - 1)))
    for rail, sign in ((ACC_MAX, 1), (ACC_MIN, -1)):
        for gap in (0, 1, 2, 3):
            bench.preset(row, rail - sign)
            seen = len(bench.results.errors)
            await bench.at_row(row, act=sign)  # to the rail: still fits
            if gap:
                await ClockCycles(dut.clk_i, gap)
            await bench.at_row(row, act=sign)
            await bench.drain()
            assert bench.results.errors[seen:] == [("ovf", row)]
