"""lac_scnn_act_load against the PEs of a packet."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from models.packets import activation_packet_of
from models.socket import ErrorCode
from tb.common.bfm.block import bring_up, config, leaf_test
from tb.common.bfm.reading import number
from tb.common.tests.loaders import STATUS, LoaderBench, Packet, loader_tests
from tb.scnn.blocks.top_reference import count_words, row_word

CONFIG = {"NumPe": 64, "I": 4, "AccWidth": 24, "IaramRows": 1024, "CountWidth": 8}
CONFIG |= {"MaxC": 1024, "CarryDepth": 2048} | config()
PES, LANES, ACC, ROWS = (CONFIG[name] for name in ("NumPe", "I", "AccWidth", "IaramRows"))
COUNT, MAX_C, CARRY = (CONFIG[name] for name in ("CountWidth", "MaxC", "CarryDepth"))
ADDR = max(1, (ROWS - 1).bit_length())
ROW_WORDS = -(-20 * LANES // 64)
PAIRS = ACC <= 32
IARAM, CARRY_OVERFLOW = 32, 36


@dataclass
class Pe:
    """What a PE gets."""

    counts: list[int]
    rows: list[list[tuple[int, int]]]
    carry: list[int] = field(default_factory=list)

    def words(self, number: int) -> list[int]:
        """As the packet has it."""
        found = [len(self.carry) << 48 | len(self.rows) << 24 | number]
        for at in range(0, len(self.counts), 4):
            found.append(sum(n << 16 * lane for lane, n in enumerate(self.counts[at : at + 4])))
        for row in self.rows:
            word = row_word(row)
            found += [word >> 64 * n & (1 << 64) - 1 for n in range(ROW_WORDS)]
        step = 2 if PAIRS else 1
        for at in range(0, len(self.carry), step):
            part = self.carry[at : at + step]
            bits = 32 if PAIRS else 64
            found.append(sum((v & (1 << bits) - 1) << bits * n for n, v in enumerate(part)))
        return found

    def writes(self, number: int) -> list:
        """What it writes, in order."""
        counts = count_words(self.counts, LANES, COUNT, ADDR)
        found = [("count", number, at, word) for at, word in enumerate(counts)]
        found += [("row", number, at, row_word(row)) for at, row in enumerate(self.rows)]
        mask = (1 << ACC) - 1
        return found + [("carry", number, at, v & mask) for at, v in enumerate(self.carry)]


class ActLoadBench(LoaderBench):
    """A write is (what, PE, address, word)."""

    stream, inputs = "s_axis_act", ("count_i", "channels_i")
    enables = ("row_wr_en_o", "cnt_wr_en_o", "carry_wr_en_o")
    short_code, long_code, rounds = ErrorCode.ACT_SHORT, ErrorCode.ACT_LONG, 8

    def _sample(self, seen) -> None:
        # Codes of the design's own are no ErrorCode.
        self.done += seen["done_o"]
        if seen["err_valid_o"]:
            self.errors.append((seen["err_code_o"], seen["err_pos_o"]))
        found = self.writes(seen)
        if found:
            self.write_times.append(1)
        for write in found if self.compare else ():
            self.check(write)

    def writes(self, seen) -> list:
        found = []
        for what, enable, address, data in (
            ("row", "row_wr_en_o", self.dut.row_addr_o, self.dut.row_data_o),
            ("count", "cnt_wr_en_o", self.dut.cnt_addr_o, self.dut.cnt_data_o),
            ("carry", "carry_wr_en_o", self.dut.carry_addr_o, self.dut.carry_data_o),
        ):
            if seen[enable]:
                pe = seen[enable].bit_length() - 1
                assert seen[enable] == 1 << pe, "two PEs are written at once"
                found.append((what, pe, number(address), number(data)))
        return found

    def pe(self, channels: int, most: int, carry: int) -> Pe:
        """A PE of channels of up to ``most`` entries."""
        draw = self.rng
        counts: list[int] = []
        rows: list[list[tuple[int, int]]] = []
        for _ in range(channels):
            size = int(draw.integers(0, most + 1))
            if len(rows) + -(-size // LANES) > ROWS:
                size = 0
            entries = [(int(draw.integers(16)), int(draw.integers(-(1 << 15), 1 << 15)))
                       for _ in range(size)]  # fmt: skip
            for at in range(0, size, LANES):
                part = entries[at : at + LANES]
                rows.append(part + [(0, 0)] * (LANES - len(part)))
            counts.append(size)
        low, high = -(1 << ACC - 1), (1 << ACC - 1) - 1
        words = [int(draw.choice([low, high, int(draw.integers(low, high))])) for _ in range(carry)]
        return Pe(counts, rows, words)

    @staticmethod
    def packet_of(pes: list[Pe]) -> Packet:
        """A packet for all PEs."""
        words = [word for number, pe in enumerate(pes) for word in pe.words(number)]
        writes = [write for number, pe in enumerate(pes) for write in pe.writes(number)]
        packet = activation_packet_of(len(words), np.array(words, dtype=np.uint64))
        inputs = {"count_i": len(words), "channels_i": len(pes[0].counts)}
        return Packet(packet, writes, inputs)

    def all(self, channels: int, most: int, carry: int) -> Packet:
        """All PEs alike."""
        return self.packet_of([self.pe(channels, most, carry) for _ in range(PES)])

    def small(self) -> Packet:
        return self.all(1, 1, 0)

    def whole(self) -> Packet:
        return self.packet_of([self.pe(2, 3, 3), *[self.pe(2, 2, n % 2) for n in range(PES - 1)]])

    def cycles(self, packet: Packet) -> int:
        return len(packet.words)

    def draw(self) -> Packet:
        channels = int(self.rng.integers(1, min(20, MAX_C) + 1))
        most = int(self.rng.choice([0, 1, LANES, min(3 * LANES + 1, (1 << COUNT) - 1)]))
        return self.packet_of(
            [self.pe(channels, most, int(self.rng.integers(0, 6))) for _ in range(PES)]
        )


loader_tests(
    globals(),
    ActLoadBench,
    *("reset_mid", "bad_length", "directed_clear_after_start"),
    *("directed_discard", "directed_clear"),
)
assert STATUS[2] == "err_valid_o"


@leaf_test
async def smoke(dut):
    """Goal: everything of every PE. Stimulus: a few channels, carry words. Check: every write."""
    await bring_up(dut)
    bench = ActLoadBench(dut)
    await bench.good(bench.all(5, LANES + 1, 3))


@leaf_test
async def extremes(dut):
    """Goal: the ends. Stimulus: one channel of none and of one entry, all channels, a full memory
    of rows, of carry words, the largest count. Check: every write."""
    await bring_up(dut)
    bench = ActLoadBench(dut)
    await bench.good(bench.all(1, 0, 0))
    await bench.good(bench.all(1, 1, 1))
    await bench.good(bench.all(min(MAX_C, 24), 1, 0))
    most = min((1 << COUNT) - 1, ROWS * LANES)
    big = [(15, -1)] * LANES
    one = Pe(
        [most],
        [big] * (most // LANES)
        + ([big[: most % LANES] + [(0, 0)] * (LANES - most % LANES)] if most % LANES else []),
    )
    await bench.good(bench.packet_of([one] * PES))
    if ROWS <= MAX_C:
        full = Pe([LANES] * ROWS, [big] * ROWS)
        await bench.good(bench.packet_of([full] * PES))
    if CARRY <= 300:
        carry = [bench.pe(1, 1, CARRY) for _ in range(PES)]
        await bench.good(bench.packet_of(carry))


@leaf_test
async def throughput(dut):
    """Goal: one word per cycle, a carry word per cycle. Stimulus: no pause. Check: cycles."""
    await bring_up(dut)
    bench = ActLoadBench(dut)
    packet = bench.all(9, LANES, 0)
    await bench.good(packet)
    assert bench.word_times[-1] - bench.word_times[0] == len(packet.words) - 1
    packet = bench.all(1, 0, 4)
    await bench.good(packet)
    more = 2 * PES if PAIRS else 0
    assert bench.word_times[-1] - bench.word_times[0] == len(packet.words) - 1 + more


@leaf_test
async def bad_head(dut):
    """Goal: heads that lie. Stimulus: each bit of PE and spare, rows and carry words one more and
    one less, past the memories, in the first and the last PE. Check: the code at the beat."""
    await bring_up(dut)
    bench = ActLoadBench(dut)
    header = ErrorCode.ACT_HEADER
    pes = [bench.pe(3, LANES, 2) for _ in range(PES)]
    pes[0].counts[0] = pes[-1].counts[0] = 1
    pes = [
        Pe(p.counts, [[(0, 1)] * LANES] * sum(-(-n // LANES) for n in p.counts), p.carry)
        for p in pes
    ]
    good = bench.packet_of(pes)
    heads = [1, 1 + sum(len(pe.words(0)) for pe in pes[:-1])]
    for beat in dict.fromkeys(heads):
        rows = int(good.words[beat]) >> 24 & 0xFFFFFF
        for bit in range(24):
            await altered(bench, good, beat, int(good.words[beat]) ^ 1 << bit, header, beat)
        for other in (rows + 1, rows - 1):
            word = int(good.words[beat]) & ~(0xFFFFFF << 24) | other << 24
            await altered(bench, good, beat, word, header, beat + 1)
        for room in (ROWS + 1, 0xFFFFFF):
            word = int(good.words[beat]) & ~(0xFFFFFF << 24) | room << 24
            await altered(bench, good, beat, word, IARAM, beat)
        word = int(good.words[beat]) & (1 << 48) - 1 | CARRY + 1 << 48
        await altered(bench, good, beat, word, CARRY_OVERFLOW, beat)


async def altered(bench, good: Packet, beat: int, word: int, code: int, position: int) -> None:
    """A packet with one word changed."""
    words = good.words.copy()
    words[beat] = np.uint64(word)
    await bench.refuse(words, code, position, **good.inputs)


@leaf_test
async def bad_values(dut):
    """Goal: counts and carry words that are too wide. Stimulus: each bit above in each lane. Check:
    IARAM_OVERFLOW, ACT_HEADER at the beat."""
    await bring_up(dut)
    bench = ActLoadBench(dut)
    good = bench.packet_of([Pe([1] * 4, [[(0, 1)] * LANES] * 4, [1, 1])] * PES)
    for lane in range(4):
        for bit in range(COUNT, 16):
            await altered(bench, good, 2, int(good.words[2]) | 1 << 16 * lane + bit, IARAM, 2)
    carry = 3 + 4 * ROW_WORDS
    for lane in range(2 if PAIRS else 1):
        for bit in range(ACC - 1, 32 if PAIRS else 64):
            word = int(good.words[carry]) ^ 1 << 32 * lane + bit
            await altered(bench, good, carry, word, ErrorCode.ACT_HEADER, carry)


@leaf_test
async def bad_end(dut):
    """Goal: the end of the packet is that of the last PE. Stimulus: a PE too few, words too many,
    announced as such. Check: ACT_HEADER at the last word that was expected, or was there."""
    await bring_up(dut)
    bench = ActLoadBench(dut)
    pes = [bench.pe(2, LANES, 1) for _ in range(PES)]
    for more in (1, 5):
        good = bench.packet_of(pes)
        words = np.concatenate((good.words, np.zeros(more, dtype=np.uint64)))
        words[0] += np.uint64(more)
        inputs = {**good.inputs, "count_i": len(words) - 1}
        await bench.refuse(words, ErrorCode.ACT_HEADER, len(good.words) - 1, **inputs)
    if PES > 1:
        few = bench.packet_of(pes[:-1])
        await bench.refuse(few.words, ErrorCode.ACT_HEADER, len(few.words) - 1, **few.inputs)
