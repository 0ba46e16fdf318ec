"""lac_eie_wgt_load against the packet format of ``rtl/eie/README.md``."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from models.eie.packets import Kind, Section, pack_lanes, weight_packet
from models.fixed import limits
from models.socket import ErrorCode
from tb.common.bfm.block import bring_up, config, leaf_test
from tb.common.tests.loaders import LoaderBench, Packet, loader_tests

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
BUS = {Kind.SPMAT: 64 * ROW_WORDS, Kind.BIAS: 32}  # bits of the write bus, where not 64
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


class WgtLoadBench(LoaderBench):
    """A write is a ``Write``; ``books``: the codebooks that count as loaded."""

    KINDS = {
        "wr_book_o": Kind.CODEBOOK,
        "wr_ptr_o": Kind.POINTER,
        "wr_spmat_o": Kind.SPMAT,
        "wr_bias_o": Kind.BIAS,
    }
    stream, inputs, enables = "s_axis_wgt", ("book_loaded_o",), tuple(KINDS)
    outputs = ("wr_pe_o", "wr_addr_o", "wr_sel_o", "wr_data_o")
    short_code, long_code = ErrorCode.WGT_SHORT, ErrorCode.WGT_LONG
    rounds = 6
    books = 0

    def writes(self, seen) -> list:
        kinds = [kind for enable, kind in self.KINDS.items() if seen[enable]]
        assert len(kinds) <= 1, f"several writes at once: {kinds}"
        return [
            Write(
                kind,
                seen["wr_sel_o" if kind == Kind.CODEBOOK else "wr_pe_o"],
                seen["wr_addr_o"],
                seen["wr_data_o"] & (1 << BUS.get(kind, 64)) - 1,
            )
            for kind in kinds
        ]

    def cycles(self, packet: Packet) -> int:
        biases = [write for write in packet.writes if write.kind == Kind.BIAS]
        return len(packet.words) + -(-len(biases) // 2)

    def loaded(self, packet: Packet) -> None:
        for write in packet.writes:
            if write.kind == Kind.CODEBOOK:
                self.books |= 1 << write.where
        assert self.pins.read("book_loaded_o") == [self.books]

    def spoilt(self, by_reset: bool = False) -> None:
        self.books = self.pins.read("book_loaded_o")[0]
        assert not (by_reset and self.books), "loaded behind a reset"

    def small(self) -> Packet:
        bias = self.section(Kind.BIAS, NUM_PE - 1, 0, min(2, BIAS_DEPTH))
        return packet_of([self.section(Kind.POINTER, NUM_PE - 1, 0, 2), bias])

    def whole(self) -> Packet:
        return packet_of(self.everything())

    def empty(self) -> Packet:
        return packet_of([])

    def draw(self) -> Packet:
        draw = self.rng
        sections = []
        if draw.random() < 0.6:
            sections.append(self.section(Kind.CODEBOOK, base=int(draw.integers(BOOKS))))
        for kind, depth in DEPTHS.items():
            for pe in range(NUM_PE):
                if draw.random() < 3 / (NUM_PE + 2):
                    count = int(draw.integers(min(depth, 6) + 1))
                    base = int(draw.integers(depth - count + 1))
                    base -= base % 2 if kind == Kind.POINTER else 0
                    sections.append(self.section(kind, pe, base, count))
        return packet_of(sections)

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

    async def load(self, sections: list[Section]) -> None:
        """A good packet of these sections."""
        await self.good(packet_of(sections))

    def everything(self) -> list[Section]:
        """One section of each kind."""
        return [self.section(kind, count=min(3, DEPTHS.get(kind, 3))) for kind in Kind]


def packet_of(sections: list[Section]) -> Packet:
    """A good packet."""
    return Packet(weight_packet(sections), [w for section in sections for w in writes_of(section)])


def with_word(words: np.ndarray, at: int, value: int) -> list[int]:
    """A packet with one word replaced."""
    changed = [int(word) for word in words]
    changed[at] = value & (1 << 64) - 1
    return changed


def header(kind: int, pe: int, base: int, count: int) -> int:
    """A section header, good or not."""
    return Section(kind, pe, base, count, np.zeros(0, dtype=np.uint64)).header


loader_tests(
    globals(),
    WgtLoadBench,
    *("reset_mid", "bad_length"),
    *("directed_clear_after_start", "directed_discard", "directed_clear"),
)


@leaf_test
async def smoke(dut):
    """Goal: every kind of section. Stimulus: one packet with one of each. Check: writes, done,
    codebook loaded; the first write comes one cycle after its word."""
    await bring_up(dut)
    bench = WgtLoadBench(dut)
    await bench.load(bench.everything())
    assert bench.write_times[0] - bench.word_times[2] == 1
    bench.check.done(minimum=4)


@leaf_test
async def directed_sections(dut):
    """Goal: every size and place. Stimulus: counts 0, 1, 2, 3, a full memory, its last place, the
    last PE, several PEs, a packet without sections. Check: writes, done."""
    await bring_up(dut)
    bench = WgtLoadBench(dut)
    await bench.load([])
    for kind, depth in DEPTHS.items():
        for count in sorted({0, 1, 2, 3, min(depth, 9)}):
            if count <= depth:
                top = depth - count if kind != Kind.POINTER else (depth - count) // 2 * 2
                await bench.load([bench.section(kind, NUM_PE - 1, top, count)])
                await bench.load([bench.section(kind, pe, 0, count) for pe in range(NUM_PE)][:3])
    for book in range(BOOKS):
        await bench.load([bench.section(Kind.CODEBOOK, base=book)])
    assert bench.books == (1 << BOOKS) - 1


@leaf_test
async def directed_ignored(dut):
    """Goal: what the format ignores is ignored. Stimulus: any upper lane behind an odd number of
    biases; any lanes behind the codes of a codebook. Check: writes, done."""
    await bring_up(dut)
    bench = WgtLoadBench(dut)
    for count in (1, 3) if BIAS_DEPTH >= 3 else (1,):
        bias = bench.section(Kind.BIAS, 0, 0, count)
        bias.payload[-1] |= np.uint64(0x7FFFFFFF << 32)
        await bench.load([bias])
    if CODES < 4:
        book = bench.section(Kind.CODEBOOK)
        book.payload[-1] |= np.uint64(0x8000_7FFF << 32)
        await bench.load([book])


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
        await bench.load(
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
        await bench.load([bench.section(kind, 0, 0, count)])
        span = bench.word_times[-1] - bench.word_times[0] + 1
        words = len(bench.word_times)
        assert span == words + (count // 2 if kind == Kind.BIAS else 0), f"{kind.name}: {span}"


@leaf_test
async def bad_header(dut):
    """Goal: every wrong field of a header is refused. Stimulus: a wrong magic; section headers with
    one wrong field each, first and behind a good section; sections longer than the packet. Check:
    WGT_HEADER at the header's beat, packet thrown away, then good."""
    await bring_up(dut)
    bench = WgtLoadBench(dut)
    good = weight_packet([bench.section(Kind.CODEBOOK), bench.section(Kind.BIAS, 0, 0, 2)])
    bias_at = 2 + (CODES + 3) // 4
    await bench.refuse(with_word(good, 0, int(good[0]) ^ 1 << 40), ErrorCode.WGT_HEADER, 0)
    wrong = [header(kind, 0, 0, 0) for kind in (0, 5, 15)]
    wrong += [header(Kind.CODEBOOK, 1, 0, CODES), header(Kind.CODEBOOK, 0, BOOKS, CODES)]
    wrong += [header(Kind.CODEBOOK, 0, 0, CODES - 1), header(Kind.CODEBOOK, 0, 0, CODES + 1)]
    wrong += [header(Kind.POINTER, 0, 1, 1)]
    for kind, depth in DEPTHS.items():
        wrong += [header(kind, NUM_PE, 0, 0), header(kind, 0xFFF, 0, 0)]
        wrong += [header(kind, 0, depth - depth % 2, 1 + depth % 2), header(kind, 0, 0, depth + 1)]
        wrong += [header(kind, 0, 0xFFFFFE, 2), header(kind, 0, 0, 0xFFFFFF)]
    for value in wrong:
        await bench.refuse(with_word(good, 1, value), ErrorCode.WGT_HEADER, 1)
        await bench.refuse(with_word(good, bias_at, value), ErrorCode.WGT_HEADER, bias_at)
    for kind, depth in DEPTHS.items():
        # One word less than the section says; the packet's own length is right.
        section = bench.section(kind, 0, 0, min(depth, 3))
        cut = weight_packet([section])[:-1]
        words = with_word(cut, 0, int(cut[0]) - 1)
        await bench.refuse(words, ErrorCode.WGT_HEADER, 1)


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
        await bench.refuse(
            with_word(words, 0, int(words[0]) & ~0xFFFFFFFF | words.size - 1),
            ErrorCode.WGT_ORDER,
            position,
        )


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
            await bench.refuse(with_word(packet, at, word), ErrorCode.WGT_VALUE, at)
    await bench.load(bench.everything())


@leaf_test
async def bad_codebook(dut):
    """Goal: entry 0 of a codebook must be 0. Stimulus: entry 0 = 1 and the lowest weight; a
    codebook cut short after it was loaded once. Check: CODEBOOK at the word's beat; this codebook
    does not count as loaded, others still do; a good one loads it again."""
    await bring_up(dut)
    bench = WgtLoadBench(dut)
    for book in sorted({0, BOOKS - 1}):
        await bench.load([bench.section(Kind.CODEBOOK, base=book)])
    both = bench.books
    for value in (1, limits(WGT_WIDTH)[0]):
        packet = weight_packet([bench.section(Kind.CODEBOOK, base=BOOKS - 1)])
        word = int(packet[2]) & ~0xFFFF | value & 0xFFFF
        await bench.refuse(with_word(packet, 2, word), ErrorCode.CODEBOOK, 2)
        assert bench.books == both & ~(1 << BOOKS - 1), f"loaded {bench.books:b}"
        await bench.load([bench.section(Kind.CODEBOOK, base=BOOKS - 1)])
    if CODES > 4:
        packet = weight_packet([bench.section(Kind.CODEBOOK, base=0)])
        await bench.refuse(packet[:-1], ErrorCode.WGT_SHORT, len(packet) - 2)
        assert bench.books == both & ~1
