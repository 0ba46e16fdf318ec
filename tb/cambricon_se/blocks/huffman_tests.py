"""Codes in bit strings: lac_cse_wgt_load with lac_cse_huffman against ``models.cambricon_se``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from cocotb.triggers import ClockCycles

from models.cambricon_se.config import CambriconSeConfig
from models.cambricon_se.errors import CseError
from models.cambricon_se.huffman import LONGEST, Table, encode, lanes_of
from models.cambricon_se.packets import book_section, codes_section
from models.cambricon_se.reader import Reader
from models.cambricon_se.registers import Kind, Mode
from models.packets import Section, packet_of
from models.program import Pass
from models.socket import ErrorCode
from tb.common.bfm.block import bring_up, config, leaf_test
from tb.common.tests.loaders import LoaderBench, Packet, loader_tests

PARAMETERS = {"Pes": 4, "CodeRow": 64, "ListDepth": 256, "HufLanes": 16} | config()
CONFIG = CambriconSeConfig(
    cores=1,
    lanes=2,
    window=64,
    pes=PARAMETERS["Pes"],
    code_row=PARAMETERS["CodeRow"],
    list_depth=PARAMETERS["ListDepth"],
    huf_lanes=PARAMETERS["HufLanes"],
)
LANES, ROW, DEPTH = lanes_of(CONFIG), CONFIG.code_row, CONFIG.list_depth
#: Rows of the sections of a packet, few enough that buffers hold some of them.
_ROWS = (0, 1, 1, 2, 5)


def fibonacci() -> np.ndarray:
    """Counts of symbols, int64 [256], whose code has codes of every length up to 12 bits."""
    found = np.zeros(256, dtype=np.int64)
    found[[9, 200, 255, 3, 77, 128, 0, 1, 2, 64, 65, 66, 67, 68, 69]] = [
        *(1, 1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 233, 377, 610),
    ]
    return found


class HuffmanBench(LoaderBench):
    """A write is (PE, address, part, data) of a code word, the end of a row, or of a codebook."""

    stream, enables, inputs = "s_axis_wgt", ("wr_codes_o", "wr_book_o"), ("huffman_i",)
    outputs = ("wr_addr_o", "wr_part_o", "wr_ends_o", "wr_data_o", "wr_both_o", "wr_high_o")
    short_code, long_code = ErrorCode.WGT_SHORT, ErrorCode.WGT_LONG

    def __init__(self, dut, pause: str = "none"):
        super().__init__(dut, pause)
        self.table: Table | None = None
        self.reader = Reader(CONFIG)

    def _sample(self, seen) -> None:
        self.done += seen["done_o"]
        if seen["err_valid_o"]:
            self.errors.append((seen["err_code_o"], seen["err_pos_o"]))
        found = list(self.writes(seen))
        if found:
            self.write_times.append(len(self.write_times))
        for write in found if self.compare else ():
            self.check(write)

    def writes(self, seen) -> list:
        if not seen["wr_book_o"] and not seen["wr_codes_o"]:
            return []
        at, part = seen["wr_addr_o"], seen["wr_part_o"]
        if seen["wr_book_o"]:
            return [("book", at, part, seen["wr_data_o"])]
        pe = seen["wr_codes_o"].bit_length() - 1
        assert seen["wr_codes_o"] == 1 << pe, "two PEs are written"
        found = [(pe, at, part, seen["wr_data_o"])]
        if seen["wr_both_o"] and part + 1 < CONFIG.code_words:
            found.append((pe, at, part + 1, seen["wr_high_o"]))
        return [*found, (pe, at, "ends")] if seen["wr_ends_o"] else found

    def of_words(self, part: Section) -> list:
        """Writes of a plain section."""
        each = {Kind.CODES: CONFIG.code_words, Kind.BOOK: 4}.get(part.kind)
        if each is None:
            return []
        found: list = []
        for k, word in enumerate(part.payload.tolist()):
            at, n = part.base + k // each, k % each
            found.append(("book" if part.kind == Kind.BOOK else part.pe, at, n, word))
            if part.kind == Kind.CODES and n + 1 == each:
                found.append((part.pe, at, "ends"))
        return found

    def packet(self, sections: Sequence[Section], table: Table, coded: bool = True) -> Packet:
        """Sections in order, their codes for a table."""
        writes = [write for one in sections for write in self.of_words(one)]
        sent = encode(sections, table, CONFIG) if coded else list(sections)
        return Packet(packet_of(sent), writes, {"huffman_i": int(coded)})

    def codes(self, table: Table, rows: Sequence[int], even: bool = True) -> list[Section]:
        """Sections of random codes, of some PEs from 0 on; ``even``: all symbols alike, else as
        often as the lengths of their codes say.
        """
        symbols = table.symbols
        odds = 2.0 ** -table.lengths[symbols] * (not even) + 1.0 * even
        found = []
        for pe, count in enumerate(rows):
            values = self.rng.choice(symbols, (count, ROW), p=odds / odds.sum())
            base = int(self.rng.integers(0, DEPTH - count + 1))
            found.append(codes_section(pe, values, base))
        return found

    def books(self, count: int = 1) -> Section:
        """Codebooks."""
        return book_section(0, self.rng.integers(-99, 99, (count, 16)))

    def draw_table(self) -> Table:
        """Any code."""
        counts = np.zeros(256, dtype=np.int64)
        some = self.rng.choice(256, int(self.rng.choice([1, 2, 3, 20, 256])), replace=False)
        steep = self.rng.choice([0.0, 0.2, 0.6])
        counts[some] = np.exp(steep * np.minimum(np.arange(some.size), 30)).astype(int)
        return Table.of(counts)

    def loaded_packet(self, rows: Sequence[int], books: bool, fresh: bool) -> Packet:
        """A packet of a table of its own, or for the one that is loaded."""
        if fresh or self.table is None:
            self.table, head = self.draw_table(), 1
        else:
            head = 0
        sections = [self.table.section][:head] + self.codes(
            self.table, rows, bool(self.rng.integers(2))
        )
        return self.packet([*sections, *[self.books()][: int(books)]], self.table)

    def small(self) -> Packet:
        return self.loaded_packet([1, 1], False, True)

    def whole(self) -> Packet:
        return self.loaded_packet([1, 0, 2], True, True)

    def spoilt(self, by_reset: bool = False) -> None:
        self.table = None  # it may be half of one

    def draw(self) -> Packet:
        rows = self.rng.choice(_ROWS, int(self.rng.integers(0, CONFIG.pes + 1))).tolist()
        return self.loaded_packet(
            rows, bool(self.rng.integers(2)), self.table is None or bool(self.rng.integers(2))
        )

    def cycles(self, packet: Packet) -> int:
        words = np.asarray(packet.words, dtype=np.uint64)
        mode = int(Mode.HUFFMAN) if packet.inputs["huffman_i"] else 0
        list(self.reader.sections(Pass({0: mode}, words, None, 0)))
        return self.reader.cycles - 1  # from the header on

    async def refused(self, words, code: int, position: int, then: bool = True) -> None:
        """A packet of strings that ends with an error; ``then``: behind it a good one."""
        await self.begin(Packet(words, inputs={"huffman_i": 1}))
        await self.idle()
        assert (self.done, self.errors) == (0, [(code, position)]), f"{self.errors}"
        if then:
            self.table = None
            await self.good(self.small())


loader_tests(
    globals(),
    HuffmanBench,
    *("reset_mid", "bad_length", "directed_clear_after_start"),
    *("directed_discard",),
)


@leaf_test
async def directed_clear(dut):
    """Goal: a clear anywhere in a packet that ends with codes, also while its last word waits for
    the last codes. Stimulus: a clear after 1, 2, ... cycles. Check: no end, no error; the next
    packet is exact."""
    await bring_up(dut)
    bench = HuffmanBench(dut)
    table = Table.of(np.bincount([1, 2, 3, 4, 4], minlength=256))
    packet = bench.packet([table.section, *bench.codes(table, [2])], table)
    for wait in range(1, bench.cycles(packet)):
        await bench.begin(packet)
        await ClockCycles(dut.clk_i, wait)
        await bench.pins.pulse("clr_i")
        await bench.idle()
        assert (bench.done, bench.errors) == (0, []), f"cleared after {wait} cycles"
        await bench.good(packet)


@leaf_test
async def smoke(dut):
    """Goal: every part of a packet. Stimulus: a table, codes of three PEs, codebooks; the same PEs
    plain. Check: every code, and the writes in order."""
    await bring_up(dut)
    bench = HuffmanBench(dut)
    await bench.good(bench.whole())
    assert bench.table is not None
    sections = [*bench.codes(bench.table, [1, 2]), bench.books()]
    await bench.good(bench.packet(sections, bench.table, coded=False))


@leaf_test
async def throughput(dut):
    """Goal: the rate, exactly. Stimulus: packets without pause, ending with codes, with codebooks,
    with a section without rows; tables reused. Check: cycles from the header to the last word as
    the model says."""
    await bring_up(dut)
    bench = HuffmanBench(dut)
    for rows, books in (
        ([9], False),
        ([3, 2], True),
        ([4, 0], False),
        ([2, 0, 0], True),
        ([], True),
    ):
        for fresh in (True, False):
            packet = bench.loaded_packet(rows, books, fresh)
            want = bench.cycles(packet)
            await bench.good(packet)
            took = bench.word_times[-1] - bench.word_times[0] + 1
            assert took == want, f"{took} cycles, model {want}"


@leaf_test
async def extremes(dut):
    """Goal: codes of the longest length, and a single code. Stimulus: a table with codes of 1 to 12
    bits, every symbol alike often, then the longest alone; a table of one symbol; one of all 256;
    whole code buffers. Check: every code."""
    await bring_up(dut)
    bench = HuffmanBench(dut)
    steep = Table.of(fibonacci())
    assert steep.lengths.max() == LONGEST
    longest = np.flatnonzero(steep.lengths == LONGEST)
    single = Table.of(np.bincount([200], minlength=256))
    for table in (steep, single, Table.of(np.ones(256, dtype=np.int64))):
        for rows in ([6, 6], [1] * CONFIG.pes, [min(DEPTH, 24)]):
            await bench.good(bench.packet([table.section, *bench.codes(table, rows)], table))
    values = bench.rng.choice(longest, (6, ROW))
    await bench.good(bench.packet([steep.section, codes_section(0, values)], steep))


def numbers(words: np.ndarray, changes: dict[int, int]) -> np.ndarray:
    """A table's words with other numbers of codes, by length."""
    found = words.copy()
    lanes = found[:4].view("<u2")
    for length, number in changes.items():
        lanes[length - 1] = number
    return found


@leaf_test(cycles=200_000)
async def bad_table(dut):
    """Goal: a table that is none. Stimulus: a length past 12, at each; a number too large; numbers
    that are not all codes; codes too many and too few for their lengths; a single code of 2 bits; a
    symbol behind the last; counts 0 and 257, a base, a PE; codes without a table: after reset,
    behind a bad one. Check: HUF_TABLE, or WGT_HEADER, at the word; then a good packet."""
    await bring_up(dut)
    bench = HuffmanBench(dut)
    table = Table.of(np.bincount([1, 2, 3, 4, 4], minlength=256))  # lengths 2, 2, 2, 2 or so
    part, codes = table.section, bench.codes(table, [1])
    bare = encode([part, *codes], table, CONFIG)[1:]
    fault = int(CseError.HUF_TABLE)
    await bench.refused(packet_of(bare), fault, 1, then=False)
    wrong = [(4, {length: 1}) for length in range(13, 16 + 1)]
    wrong += [(1, {1: 512}), (1, {4: 0xFFFF}), (3, {12: 1 << 15})]
    have = np.bincount(table.lengths[table.symbols], minlength=17)
    deepest = int(table.lengths.max())
    wrong += [(4, {deepest: int(have[deepest]) - 1}), (4, {deepest: int(have[deepest]) + 1})]
    wrong += [(4, {deepest: 0, deepest + 1: int(have[deepest])})]  # too few for their lengths
    wrong += [(4, {deepest: 0, 1: int(have[1] + have[deepest])})]  # too many
    for word, changes in wrong:
        spoilt = replace(part, payload=numbers(part.payload, changes))
        await bench.refused(packet_of([spoilt, *bare]), fault, 1 + word, then=False)
        await bench.refused(packet_of(bare), fault, 1)
    single = Table.of(np.bincount([5], minlength=256)).section
    spoilt = replace(single, payload=numbers(single.payload, {1: 0, 2: 1}))
    await bench.refused(packet_of([spoilt]), fault, 5)
    for behind in range(part.count, 8):
        payload = part.payload.copy()
        payload[-1] |= np.uint64(1) << np.uint64(8 * behind + 7)
        await bench.refused(packet_of([replace(part, payload=payload)]), fault, 1 + payload.size)
    for one in (
        replace(part, count=0),
        replace(part, count=257),
        replace(part, base=1),
        replace(part, pe=1),
    ):
        words = [*packet_of([one, *bare]).tolist(), *[0] * 40]
        words[0] += 40
        await bench.refused(words, int(ErrorCode.WGT_HEADER), 1)


@leaf_test(cycles=200_000)
async def bad_code(dut):
    """Goal: bits that are no code, bits behind the last. Stimulus: a table of one symbol, a 1 in
    each lane, at the first two steps and behind the last; with codebooks behind and at the end
    of the packet. Check: HUF_CODE at the word that is at the decoder; then a good packet."""
    await bring_up(dut)
    bench = HuffmanBench(dut)
    fault = int(CseError.HUF_CODE)
    single = Table.of(np.bincount([200], minlength=256))
    for books in (True, False):
        sections = [single.section, *bench.codes(single, [2]), *[bench.books()][: int(books)]]
        words = encode(sections, single, CONFIG)[1].payload
        start = 1 + 1 + 5 + 1  # word of the first lane
        for lane in range(LANES):
            for bit in (0, 1, 63):
                spoilt = words.copy()
                spoilt[lane] |= np.uint64(1 << bit)
                sent = [replace(sections[1], payload=spoilt), *sections[2:]]
                at = start + words.size - (not books)  # all is in the lanes by then
                await bench.refused(packet_of([single.section, *sent]), fault, at)


@leaf_test(cycles=400_000)
async def bad_end(dut):
    """Goal: a packet that ends within codes. Stimulus: packets cut behind each word of their codes,
    and behind the section's header. Check: HUF_SHORT at the last word; then a good packet."""
    await bring_up(dut)
    bench = HuffmanBench(dut)
    table = Table.of(fibonacci())
    sections = [table.section, *bench.codes(table, [3, 1], even=False)]
    sent = encode(sections, table, CONFIG)
    words = packet_of(sent[:2])
    start = 1 + 1 + table.section.payload.size
    for size in range(start + 1, words.size):
        cut = words[:size].copy()
        cut[0] -= np.uint64(words.size - size)
        await bench.refused(cut, int(CseError.HUF_SHORT), size - 1)
    await ClockCycles(dut.clk_i, 1)
