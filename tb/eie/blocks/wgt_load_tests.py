"""lac_eie_wgt_load against the packet format of ``rtl/eie/README.md``."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product
from typing import Any, NamedTuple

import cocotb
import numpy as np
from cocotb.triggers import ClockCycles, RisingEdge
from cocotb_bus.drivers import BusDriver

from models.eie.packets import Kind, Section, pack_lanes, weight_packet
from models.fixed import limits
from models.socket import ErrorCode
from tb.common.bfm.block import Checker, Pins, bring_up, config, for_profiles, leaf_test, reset, rng
from tb.common.bfm.block_parts import EdgeMonitor, clear_after_start, cycle
from tb.common.bfm.streams import StreamDriver, StreamMonitor

NUM_PE = config().get("NumPe", 64)
WGT_WIDTH = config().get("WgtWidth", 16)
CODES = 1 << config().get("CodeWidth", 4)
SPMAT_WIDTH = config().get("SpmatWidth", 64)
SPMAT_DEPTH = config().get("SpmatDepth", 16384)
PTR_DEPTH = config().get("PtrDepth", 16384)
PTR_WIDTH = config().get("PtrWidth", 18)
BIAS_DEPTH = config().get("BiasDepth", 256)
BIAS_WIDTH = config().get("BiasWidth", 32)
BOOKS = config().get("NumCodebooks", 4)
ROW_WORDS = -(-SPMAT_WIDTH // 64)
DEPTHS = {Kind.POINTER: PTR_DEPTH, Kind.SPMAT: SPMAT_DEPTH, Kind.BIAS: BIAS_DEPTH}


class Write(NamedTuple):
    """One write: memory, PE (codebook: its number), address, data."""

    kind: Kind
    where: int
    address: int
    data: int


def writes_of(section: Section) -> list[Write]:
    """What a good section writes, in order."""
    kind, payload = section.kind, [int(word) for word in section.payload]
    if kind == Kind.CODEBOOK:
        return [Write(kind, section.base, k, word) for k, word in enumerate(payload)]
    if kind == Kind.POINTER:
        first = section.base // 2
        return [Write(kind, section.pe, first + k, word) for k, word in enumerate(payload)]
    if kind == Kind.SPMAT:
        rows = [payload[k : k + ROW_WORDS] for k in range(0, len(payload), ROW_WORDS)]
        values = [sum(word << 64 * n for n, word in enumerate(row)) for row in rows]
        return [Write(kind, section.pe, section.base + k, row) for k, row in enumerate(values)]
    lanes = [word >> shift & 0xFFFFFFFF for word in payload for shift in (0, 32)]
    return [
        Write(kind, section.pe, section.base + k, lane)
        for k, lane in enumerate(lanes[: section.count])
    ]


class Discard(BusDriver):
    """discard_i as pass control drives it: from the cycle after an error, or when told to."""

    _signals = ["discard_i", "err_valid_o"]

    def __init__(self, dut):
        super().__init__(dut, None, dut.clk_i, case_insensitive=False)
        cocotb.start_soon(self._tie())

    def set(self, level: int) -> None:
        """Raise or end it."""
        self.bus.discard_i.value = level

    async def _tie(self) -> None:
        edge = RisingEdge(self.clock)
        while True:
            await edge
            if self.bus.err_valid_o.value:
                self.set(1)


class WgtLoadBench:
    """Packets in, writes out; errors and ends are counted."""

    SIGNALS = (
        *("wr_book_o", "wr_ptr_o", "wr_spmat_o", "wr_bias_o", "wr_pe_o", "wr_addr_o", "wr_sel_o"),
        *("wr_data_o", "done_o", "err_valid_o", "err_code_o", "err_pos_o"),
    )
    ENABLES = {
        Kind.CODEBOOK: "wr_book_o",
        Kind.POINTER: "wr_ptr_o",
        Kind.SPMAT: "wr_spmat_o",
        Kind.BIAS: "wr_bias_o",
    }

    def __init__(self, dut, pause: str = "none"):
        self.dut = dut
        self.rng = rng()
        self.check = Checker("wgt_writes")
        self.compare = True
        self.done = 0
        self.errors: list[Any] = []
        self.word_times: list[int] = []
        self.write_times: list[int] = []
        self.loaded = 0
        controls = ("clr_i", "start_i", "forget_i")
        self.pins = Pins(dut, dut.clk_i, *controls, "busy_o", "book_loaded_o")
        self.discard = Discard(dut)
        self.driver = StreamDriver(dut, "s_axis_wgt", dut.clk_i, pause=pause)
        self.stream = StreamMonitor(
            dut, "s_axis_wgt", dut.clk_i, callback=lambda _: self.word_times.append(cycle())
        )
        self.monitor = EdgeMonitor(dut, self.SIGNALS, self._sample, self._on_write)

    def _sample(self, seen: EdgeMonitor) -> None:
        self.done += seen["done_o"]
        if seen["err_valid_o"]:
            self.errors.append((ErrorCode(seen["err_code_o"]), seen["err_pos_o"]))
        kinds = [kind for kind, enable in self.ENABLES.items() if seen[enable]]
        assert len(kinds) <= 1, f"several writes at once: {kinds}"
        for kind in kinds:
            width = {Kind.SPMAT: 64 * ROW_WORDS, Kind.BIAS: 32}.get(kind, 64)
            where = seen["wr_sel_o" if kind == Kind.CODEBOOK else "wr_pe_o"]
            data = seen["wr_data_o"] & (1 << width) - 1
            seen.report(Write(kind, where, seen["wr_addr_o"], data))

    def _on_write(self, write: Write) -> None:
        self.write_times.append(cycle())
        if self.compare:
            self.check(write)

    # stimulus ---------------------------------------------------------------------------------
    def values(self, count: int, width: int, signed: bool) -> np.ndarray:
        """Random values of a width; the ends are frequent."""
        low, high = limits(width) if signed else (0, (1 << width) - 1)
        values = self.rng.integers(low, high + 1, count)
        ends = self.rng.random(count) < 0.3
        return np.where(ends, self.rng.choice([low, high], count), values)

    def section(self, kind: Kind, pe: int = 0, base: int = 0, count: int | None = None) -> Section:
        """A good section with random payload; codebook: ``base`` is its number."""
        if kind == Kind.CODEBOOK:
            weights = self.values(CODES, WGT_WIDTH, True)
            weights[0] = 0
            return Section(kind, pe, base, CODES, pack_lanes(weights, 16))
        assert count is not None
        if kind == Kind.SPMAT:
            high = (1 << min(SPMAT_WIDTH, 64)) - 1
            words = self.rng.integers(0, high, count * ROW_WORDS, dtype=np.uint64, endpoint=True)
            return Section(kind, pe, base, count, words)
        signed, width = kind == Kind.BIAS, BIAS_WIDTH if kind == Kind.BIAS else PTR_WIDTH
        return Section(kind, pe, base, count, pack_lanes(self.values(count, width, signed), 32))

    async def start(self) -> None:
        """Start pulse."""
        self.done = 0
        self.errors.clear()
        self.discard.set(0)
        await self.pins.pulse("start_i")

    def queue(self, words: Iterable[int], last: int | None = None) -> None:
        """Queue words; tlast on the one numbered ``last`` (the final one if None, none if -1)."""
        words = [int(word) for word in words]
        last = len(words) - 1 if last is None else last
        self.driver.extend([(word, int(k == last)) for k, word in enumerate(words)])

    async def idle(self) -> None:
        """Wait until all is taken and the loader is not busy."""
        await self.driver.drain()
        await ClockCycles(self.dut.clk_i, 3)
        assert self.pins.read("busy_o") == [0], "still busy"

    async def good(self, sections: list[Section]) -> None:
        """Run a good packet and check everything."""
        self.compare = True
        for section in sections:
            self.check.expect(*writes_of(section))
            if section.kind == Kind.CODEBOOK:
                self.loaded |= 1 << section.base
        await self.start()
        self.queue(weight_packet(sections))
        await self.idle()
        self.check.done(0)
        assert (self.done, self.errors) == (1, []), f"done {self.done}, errors {self.errors}"
        assert self.pins.read("book_loaded_o") == [self.loaded]

    async def bad(
        self, words: Iterable[int], code: ErrorCode, position: int, last: int | None = None
    ) -> None:
        """Run a bad packet: the error must be that one, and the packet gone; then a good one."""
        self.compare = False
        words = list(words)
        await self.start()
        self.queue(words, last)
        await self.idle()
        assert self.errors == [(code, position)], f"errors {self.errors}, not {code}, {position}"
        assert self.done == 0, "done in spite of an error"
        self.loaded = self.pins.read("book_loaded_o")[0]
        await self.good([self.section(Kind.POINTER, NUM_PE - 1, 0, 2)])

    def everything(self) -> list[Section]:
        """One section of each kind."""
        return [self.section(kind, count=min(3, DEPTHS.get(kind, 3))) for kind in Kind]


def with_word(words: np.ndarray, at: int, value: int) -> list[int]:
    """A packet with one word replaced."""
    changed = [int(word) for word in words]
    changed[at] = value & (1 << 64) - 1
    return changed


def header(kind: int, pe: int, base: int, count: int) -> int:
    """A section header, good or not."""
    return kind | pe << 4 | base << 16 | count << 40


@leaf_test
async def smoke(dut):
    """Goal: every kind of section. Stimulus: one packet with one of each. Check: writes, done,
    codebook loaded; the first write comes one cycle after its word."""
    await bring_up(dut)
    bench = WgtLoadBench(dut)
    await bench.good(bench.everything())
    assert bench.write_times[0] - bench.word_times[2] == 1
    bench.check.done(minimum=4)


@leaf_test
async def directed_sections(dut):
    """Goal: every size and place. Stimulus: counts 0, 1, 2, 3, a full memory, its last place, the
    last PE, several PEs, a packet without sections. Check: writes, done."""
    await bring_up(dut)
    bench = WgtLoadBench(dut)
    await bench.good([])
    for kind, depth in DEPTHS.items():
        for count in sorted({0, 1, 2, 3, min(depth, 9)}):
            if count <= depth:
                top = depth - count if kind != Kind.POINTER else (depth - count) // 2 * 2
                await bench.good([bench.section(kind, NUM_PE - 1, top, count)])
                await bench.good([bench.section(kind, pe, 0, count) for pe in range(NUM_PE)][:3])
    for book in range(BOOKS):
        await bench.good([bench.section(Kind.CODEBOOK, base=book)])
    assert bench.loaded == (1 << BOOKS) - 1


@leaf_test
async def directed_ignored(dut):
    """Goal: what the format ignores is ignored. Stimulus: any upper lane behind an odd number of
    biases; any lanes behind the codes of a codebook. Check: writes, done."""
    await bring_up(dut)
    bench = WgtLoadBench(dut)
    for count in (1, 3) if BIAS_DEPTH >= 3 else (1,):
        bias = bench.section(Kind.BIAS, 0, 0, count)
        bias.payload[-1] |= np.uint64(0x7FFFFFFF << 32)
        await bench.good([bias])
    if CODES < 4:
        book = bench.section(Kind.CODEBOOK)
        book.payload[-1] |= np.uint64(0x8000_7FFF << 32)
        await bench.good([book])


@leaf_test
async def directed_discard(dut):
    """Goal: discard_i throws away what comes. Stimulus: it rises while a packet is under way in
    each kind of section, before it began, and while one waits that no run expects. Check: gone to
    tlast; no done, no error, no write; then good."""
    await bring_up(dut)
    bench = WgtLoadBench(dut)
    words = weight_packet(bench.everything())
    for wait in range(1, len(words), 2):
        bench.compare = False
        await bench.start()
        bench.queue(words)
        await ClockCycles(dut.clk_i, wait)
        bench.discard.set(1)
        await ClockCycles(dut.clk_i, 3)
        before = len(bench.write_times)
        await bench.idle()
        assert (bench.done, bench.errors) == (0, [])
        assert len(bench.write_times) == before
        bench.loaded = bench.pins.read("book_loaded_o")[0]
        await bench.good([bench.section(Kind.SPMAT, 0, 0, 1)])
    await bench.start()
    await ClockCycles(dut.clk_i, 3)
    bench.discard.set(1)
    await bench.idle()
    bench.done = 0
    bench.queue(words)
    await bench.idle()
    assert bench.done == 0
    await bench.good(bench.everything())


@leaf_test
async def directed_clear(dut):
    """Goal: clr_i ends the reading of a packet at once, and the packet is taken to its tlast.
    Stimulus: a clear in every part of a packet, with the next start at once; the same when the host
    takes the rest back. Check: no done, no error; then a good packet."""
    await bring_up(dut)
    bench = WgtLoadBench(dut)
    words = weight_packet(bench.everything())
    for back, begun in product((False, True), range(1, len(words) - 1, 3)):
        bench.compare = False
        await bench.start()
        sent = len(bench.driver.sent)
        bench.queue(words)
        while len(bench.driver.sent) - sent < begun:
            await RisingEdge(dut.clk_i)
        if back:
            bench.driver.abort()
        bench.pins.drive(forget_i=int(back))
        await bench.pins.pulse("clr_i")
        bench.pins.drive(forget_i=0)
        await ClockCycles(dut.clk_i, 2)
        assert not back or bench.pins.read("busy_o") == [0]
        assert (bench.done, bench.errors) == (0, [])
        bench.loaded = bench.pins.read("book_loaded_o")[0]
        await bench.good(bench.everything())


@leaf_test
async def directed_clear_after_start(dut):
    """Goal: a clear right after a start. Stimulus: a clear 0 to 7 cycles after it, no packet there.
    Check: not busy, no end, no error, no write in any cycle behind; then a good packet."""
    await bring_up(dut)
    bench = WgtLoadBench(dut)
    quiet = dict.fromkeys(("busy_o", "done_o", "err_valid_o", *WgtLoadBench.ENABLES.values()), 0)
    await clear_after_start(dut, lambda: None, lambda: bench.good(bench.everything()), quiet)


@for_profiles(globals())
async def random(dut, profile):
    """Goal: any good packet with pauses. Stimulus: 6 packets with random sections of random sizes
    at random places. Check: writes, done, codebooks loaded."""
    await bring_up(dut)
    bench = WgtLoadBench(dut, profile)
    draw = bench.rng
    for _ in range(6):
        sections = []
        if draw.random() < 0.6:
            sections.append(bench.section(Kind.CODEBOOK, base=int(draw.integers(BOOKS))))
        for kind, depth in DEPTHS.items():
            for pe in range(NUM_PE):
                if draw.random() < 3 / (NUM_PE + 2):
                    count = int(draw.integers(min(depth, 6) + 1))
                    base = int(draw.integers(depth - count + 1))
                    base -= base % 2 if kind == Kind.POINTER else 0
                    sections.append(bench.section(kind, pe, base, count))
        await bench.good(sections)
    bench.check.done(minimum=3)


@leaf_test
async def extremes(dut):
    """Goal: the ends of every field. Stimulus: the largest and smallest weights, pointers, rows and
    biases at the last place of the last PE. Check: writes, done."""
    await bring_up(dut)
    bench = WgtLoadBench(dut)
    pe = NUM_PE - 1
    for signed, end in ((0, 0), (1, 1)):
        weights = np.full(CODES, limits(WGT_WIDTH)[end])
        weights[0] = 0
        biases = np.full(2, limits(BIAS_WIDTH)[end])
        count = min(2, BIAS_DEPTH)
        top = (1 << PTR_WIDTH) - 1 if signed else 0
        row = np.full(ROW_WORDS, (1 << min(64, SPMAT_WIDTH)) - 1 if end else 0, dtype=np.uint64)
        await bench.good(
            [
                Section(Kind.CODEBOOK, 0, BOOKS - 1, CODES, pack_lanes(weights, 16)),
                Section(Kind.POINTER, pe, PTR_DEPTH - 2, 2, pack_lanes(np.array([top] * 2), 32)),
                Section(Kind.SPMAT, pe, SPMAT_DEPTH - 1, 1, row),
                Section(Kind.BIAS, pe, BIAS_DEPTH - count, count, pack_lanes(biases[:count], 32)),
            ]
        )


@leaf_test
async def throughput(dut):
    """Goal: one word per cycle, two cycles for a word of biases. Stimulus: long sections without
    pauses. Check: cycles from the first to the last word."""
    await bring_up(dut)
    bench = WgtLoadBench(dut)
    for kind, depth in DEPTHS.items():
        count = min(depth, 60) // 2 * 2
        if count == 0:
            continue
        begin = len(bench.word_times)
        await bench.good([bench.section(kind, 0, 0, count)])
        span = bench.word_times[-1] - bench.word_times[begin] + 1
        words = len(bench.word_times) - begin
        assert span == words + (count // 2 if kind == Kind.BIAS else 0), f"{kind.name}: {span}"


@leaf_test
async def reset_mid(dut):
    """Goal: reset in a packet. Stimulus: a reset in each part. Check: not busy, nothing loaded, no
    write after it; then a good packet."""
    await bring_up(dut)
    bench = WgtLoadBench(dut)
    words = weight_packet(bench.everything())
    for wait in range(1, len(words), 4):
        bench.compare = False
        await bench.start()
        bench.queue(words)
        await ClockCycles(dut.clk_i, wait)
        bench.driver.abort()
        await reset(dut)
        assert bench.pins.read("busy_o", "book_loaded_o") == [0, 0]
        bench.loaded, before = 0, len(bench.write_times)
        await ClockCycles(dut.clk_i, 3)
        assert len(bench.write_times) == before
        await bench.good(bench.everything())


@leaf_test
async def bad_header(dut):
    """Goal: every wrong field of a header is refused. Stimulus: a wrong magic; section headers with
    one wrong field each, first and behind a good section; sections longer than the packet. Check:
    WGT_HEADER at the header's beat, packet thrown away, then good."""
    await bring_up(dut)
    bench = WgtLoadBench(dut)
    good = weight_packet([bench.section(Kind.CODEBOOK), bench.section(Kind.BIAS, 0, 0, 2)])
    bias_at = 2 + (CODES + 3) // 4
    await bench.bad(with_word(good, 0, int(good[0]) ^ 1 << 40), ErrorCode.WGT_HEADER, 0)
    wrong = [header(kind, 0, 0, 0) for kind in (0, 5, 15)]
    wrong += [header(Kind.CODEBOOK, 1, 0, CODES), header(Kind.CODEBOOK, 0, BOOKS, CODES)]
    wrong += [header(Kind.CODEBOOK, 0, 0, CODES - 1), header(Kind.CODEBOOK, 0, 0, CODES + 1)]
    wrong += [header(Kind.POINTER, 0, 1, 1)]
    for kind, depth in DEPTHS.items():
        wrong += [header(kind, NUM_PE, 0, 0), header(kind, 0xFFF, 0, 0)]
        wrong += [header(kind, 0, depth - depth % 2, 1 + depth % 2), header(kind, 0, 0, depth + 1)]
        wrong += [header(kind, 0, 0xFFFFFE, 2), header(kind, 0, 0, 0xFFFFFF)]
    for value in wrong:
        await bench.bad(with_word(good, 1, value), ErrorCode.WGT_HEADER, 1)
        await bench.bad(with_word(good, bias_at, value), ErrorCode.WGT_HEADER, bias_at)
    for kind, depth in DEPTHS.items():
        # One word less than the section says; the packet's own length is right.
        section = bench.section(kind, 0, 0, min(depth, 3))
        cut = weight_packet([section])[:-1]
        words = with_word(cut, 0, int(cut[0]) - 1)
        await bench.bad(words, ErrorCode.WGT_HEADER, 1)


@leaf_test
async def bad_order(dut):
    """Goal: sections must ascend. Stimulus: the same section twice, PE descending, kind descending.
    Check: WGT_ORDER at the second header, then good."""
    await bring_up(dut)
    bench = WgtLoadBench(dut)
    pairs = [((kind, 0), (kind, 0)) for kind in Kind]
    pairs += [((Kind.BIAS, 0), (Kind.SPMAT, NUM_PE - 1)), ((Kind.POINTER, 0), (Kind.CODEBOOK, 0))]
    if NUM_PE > 1:
        pairs += [((kind, NUM_PE - 1), (kind, 0)) for kind in DEPTHS]
    for first, second in pairs:
        parts = [bench.section(*first, 0, 1), bench.section(*second, 0, 1)]
        # weight_packet refuses the order, so each is packed alone.
        words = np.concatenate([weight_packet([parts[0]]), weight_packet([parts[1]])[1:]])
        position = 2 + parts[0].payload.size
        await bench.bad(
            with_word(words, 0, int(words[0]) & ~0xFFFFFFFF | words.size - 1),
            ErrorCode.WGT_ORDER,
            position,
        )


@leaf_test
async def bad_length(dut):
    """Goal: tlast must be where the packet says. Stimulus: tlast on words before the end; words
    behind the end. Check: WGT_SHORT at the early tlast, WGT_LONG at the announced end, then
    good."""
    await bring_up(dut)
    bench = WgtLoadBench(dut)
    words = weight_packet(bench.everything())
    step = max(1, len(words) // 12)
    for short in sorted({*range(0, len(words) - 1, step), len(words) - 2}):
        await bench.bad(words[: short + 1], ErrorCode.WGT_SHORT, short)
    for extra in (1, 5):
        longer = [*words, *[0] * extra]
        await bench.bad(longer, ErrorCode.WGT_LONG, len(words) - 1)
    await bench.bad([*weight_packet([]), 1, 2], ErrorCode.WGT_LONG, 0)


@leaf_test
async def bad_value(dut):
    """Goal: a value wider than its field is refused in every lane. Stimulus: weights, pointers and
    biases just past both ends of their width and far past, lane by lane, first and last item of odd
    and even counts. Check: WGT_VALUE at the word's beat, then good; the ends themselves pass."""
    await bring_up(dut)
    bench = WgtLoadBench(dut)
    cases: list[tuple[Section, int, int, list[int]]] = []  # section, lane, lane width, values
    if WGT_WIDTH < 16:
        low, high = limits(WGT_WIDTH)
        for lane in range(1, CODES):
            values = [high + 1, low - 1] if lane < 5 or lane == CODES - 1 else []
            cases.append((bench.section(Kind.CODEBOOK), lane, 16, values))
    if PTR_WIDTH < 32:
        values = [1 << PTR_WIDTH, 1 << 31]
        cases += [(bench.section(Kind.POINTER, 0, 0, 2), lane, 32, values) for lane in (0, 1)]
    if BIAS_WIDTH < 32:
        low, high = limits(BIAS_WIDTH)
        values = [high + 1, low - 1, (1 << 31) - 1, -(1 << 31)]
        for count in range(1, min(4, BIAS_DEPTH) + 1):
            cases += [
                (bench.section(Kind.BIAS, 0, 0, count), lane, 32, values)
                for lane in sorted({0, 1, count - 1})
                if lane < count
            ]
    for section, lane, width, values in cases:
        for value in values:
            packet = weight_packet([section])
            at, shift = 2 + lane * width // 64, lane * width % 64
            mask = (1 << width) - 1
            word = int(packet[at]) & ~(mask << shift) | (value & mask) << shift
            await bench.bad(with_word(packet, at, word), ErrorCode.WGT_VALUE, at)
    await bench.good(bench.everything())


@leaf_test
async def bad_codebook(dut):
    """Goal: entry 0 of a codebook must be 0. Stimulus: entry 0 = 1 and the lowest weight; a
    codebook cut short after it was loaded once. Check: CODEBOOK at the word's beat; this codebook
    does not count as loaded, others still do; a good one loads it again."""
    await bring_up(dut)
    bench = WgtLoadBench(dut)
    for book in sorted({0, BOOKS - 1}):
        await bench.good([bench.section(Kind.CODEBOOK, base=book)])
    both = bench.loaded
    for value in (1, limits(WGT_WIDTH)[0]):
        packet = weight_packet([bench.section(Kind.CODEBOOK, base=BOOKS - 1)])
        word = int(packet[2]) & ~0xFFFF | value & 0xFFFF
        await bench.bad(with_word(packet, 2, word), ErrorCode.CODEBOOK, 2)
        assert bench.loaded == both & ~(1 << BOOKS - 1), f"loaded {bench.loaded:b}"
        await bench.good([bench.section(Kind.CODEBOOK, base=BOOKS - 1)])
    if CODES > 4:
        packet = weight_packet([bench.section(Kind.CODEBOOK, base=0)])
        await bench.bad(packet[:-1], ErrorCode.WGT_SHORT, len(packet) - 2)
        assert bench.loaded == both & ~1
