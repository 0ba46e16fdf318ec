"""lac_scnn_wgt_load against the sections of a packet."""

from __future__ import annotations

import numpy as np

from models.packets import Section, pack_lanes, packet_of
from models.scnn.registers import Kind
from models.socket import ErrorCode
from tb.common.bfm.block import bring_up, config, leaf_test
from tb.common.bfm.reading import number
from tb.common.tests.loaders import LoaderBench, Packet, loader_tests, packet_with

CONFIG = {"RowWords": 6, "LinWidth": 8, "AccWidth": 24, "BiasWidth": 24, "MaxTaps": 128}
CONFIG |= {"WgtDepth": 8192, "BiasDepth": 1024} | config()
WORDS, LIN = CONFIG["RowWords"], CONFIG["LinWidth"]
FITS = min(CONFIG["BiasWidth"], CONFIG["AccWidth"], 32)
DEPTH = {Kind.OFFSET: CONFIG["MaxTaps"], Kind.BIAS: CONFIG["BiasDepth"]}
DEPTH |= {Kind.WEIGHT: CONFIG["WgtDepth"]}


class WgtLoadBench(LoaderBench):
    """A write is (kind, address, value)."""

    stream, enables = "s_axis_wgt", ("wr_off_o", "wr_bias_o", "wr_row_o")
    short_code, long_code = ErrorCode.WGT_SHORT, ErrorCode.WGT_LONG

    def writes(self, seen) -> list:
        if not any(seen[name] for name in self.enables):
            return []
        address, data = number(self.dut.wr_addr_o), number(self.dut.wr_data_o)
        if seen["wr_bias_o"]:
            return [(Kind.BIAS, address, data & (1 << FITS) - 1)]
        if seen["wr_row_o"]:
            return [(Kind.WEIGHT, address, data)]
        lanes = [lane for lane in range(4) if seen["wr_off_o"] >> lane & 1]
        return [(Kind.OFFSET, address + lane, data >> 16 * lane & (1 << LIN) - 1) for lane in lanes]

    def section(self, kind: Kind, count: int, base: int = 0) -> tuple[Section, list]:
        """(a section of random words, its writes)."""
        if kind == Kind.WEIGHT:
            words = self.rng.integers(0, 1 << 64, count * WORDS, dtype=np.uint64)
            values = [
                sum(int(word) << 64 * n for n, word in enumerate(words[at : at + WORDS]))
                for at in range(0, count * WORDS, WORDS)
            ]
            return Section(kind, 0, base, count, words), self.at(kind, base, values)
        if kind == Kind.OFFSET:
            found = self.rng.integers(0, 1 << LIN, count)
            payload = pack_lanes(found, 16)
            return Section(kind, 0, base, count, payload), self.at(kind, base, found.tolist())
        found = self.rng.integers(-(1 << FITS - 1), 1 << FITS - 1, count)
        found[self.rng.random(count) < 0.2] = -(1 << FITS - 1)
        values = [int(value) & (1 << FITS) - 1 for value in found]
        return Section(kind, 0, base, count, pack_lanes(found, 32)), self.at(kind, base, values)

    @staticmethod
    def at(kind: Kind, base: int, values: list[int]) -> list:
        """Writes from a base on."""
        return [(kind, base + n, int(value)) for n, value in enumerate(values)]

    async def load(self, *parts: tuple[Section, list]) -> None:
        """A good packet of these sections."""
        await self.good(packet_with(*parts))

    def small(self) -> Packet:
        return packet_with(self.section(Kind.OFFSET, 3), self.section(Kind.WEIGHT, 1))

    def whole(self) -> Packet:
        return packet_with(
            self.section(Kind.OFFSET, 2), self.section(Kind.BIAS, 3), self.section(Kind.WEIGHT, 1)
        )

    def empty(self) -> Packet:
        return packet_with()

    def cycles(self, packet: Packet) -> int:
        return len(packet.words) + 2  # two words of two biases

    def draw(self) -> Packet:
        parts = []
        for kind in Kind:
            count = int(self.rng.integers(0, min(9, DEPTH[kind]) + 1))
            base = int(self.rng.integers(0, DEPTH[kind] - count + 1))
            if kind == Kind.OFFSET:
                base &= ~3
            if self.rng.integers(4):
                parts.append(self.section(kind, count, base))
        return packet_with(*parts)


loader_tests(
    globals(),
    WgtLoadBench,
    *("reset_mid", "bad_length", "directed_clear_after_start"),
    *("directed_discard", "directed_clear"),
)


@leaf_test
async def smoke(dut):
    """Goal: all kinds and latency. Stimulus: one of each, at base 0 and at the last base that fits.
    Check: every write, rows one cycle after their last stream word."""
    await bring_up(dut)
    bench = WgtLoadBench(dut)
    await bench.load(bench.section(Kind.WEIGHT, 2))
    assert bench.write_times == [t + 1 for t in bench.word_times[1 + WORDS :: WORDS]]
    await bench.load(*(bench.section(kind, 3) for kind in Kind))
    await bench.load(
        bench.section(Kind.OFFSET, min(4, DEPTH[Kind.OFFSET]), DEPTH[Kind.OFFSET] - 1 & ~3)
        if DEPTH[Kind.OFFSET] % 4 == 0
        else bench.section(Kind.OFFSET, DEPTH[Kind.OFFSET] % 4, DEPTH[Kind.OFFSET] & ~3),
        bench.section(Kind.BIAS, 2, DEPTH[Kind.BIAS] - 2),
        bench.section(Kind.WEIGHT, 1, DEPTH[Kind.WEIGHT] - 1),
    )


@leaf_test
async def directed_sections(dut):
    """Goal: any set of sections. Stimulus: none, one kind, sections of no words, one bias, offsets
    of each remainder. Check: writes and one end."""
    await bring_up(dut)
    bench = WgtLoadBench(dut)
    await bench.load()
    for kind in Kind:
        await bench.load(bench.section(kind, 0))
        for count in (1, 2, 3, 4, 5):
            if count <= DEPTH[kind]:
                await bench.load(bench.section(kind, count))
    await bench.load(bench.section(Kind.OFFSET, 0), bench.section(Kind.WEIGHT, 1))


@leaf_test
async def throughput(dut):
    """Goal: one stream word per cycle, two for a word of two biases. Stimulus: no pause. Check:
    cycles."""
    await bring_up(dut)
    bench = WgtLoadBench(dut)
    parts = bench.section(Kind.OFFSET, 4), bench.section(Kind.WEIGHT, 9)
    await bench.load(*parts)
    words = packet_of([section for section, _ in parts]).size
    assert bench.word_times[-1] - bench.word_times[0] == words - 1
    await bench.load(bench.section(Kind.BIAS, 4))
    assert bench.word_times[-1] - bench.word_times[0] == 1 + 2 * 2


@leaf_test
async def bad_header(dut):
    """Goal: wrong headers. Stimulus: magic, every other kind, every bit of the PE field, a base
    past the end and one that is no multiple, a count past the end and past the packet. Check:
    WGT_HEADER at the beat."""
    await bring_up(dut)
    bench = WgtLoadBench(dut)
    for kind in Kind:
        section, _ = bench.section(kind, 2)
        good = packet_of([section])
        wrong = [(15, k) for k in range(16) if k not in list(Kind)]
        wrong += [(1 << bit, 1 << bit) for bit in range(4, 16)]
        wrong.append((0xFFFFFF << 16, (DEPTH[kind] - 1) << 16))
        wrong.append((0xFFFFFF << 40, (DEPTH[kind] + 1) << 40))
        wrong.append((0xFFFFFF << 40, 5 << 40))
        if kind == Kind.OFFSET:
            wrong += [(0xFFFFFF << 16, 1 << 16), (0xFFFFFF << 16, 2 << 16)]
        for mask, value in wrong:
            words = good.copy()
            words[1] = np.uint64(int(words[1]) & ~mask | value)
            await bench.refuse(words, ErrorCode.WGT_HEADER, 1)
    words = good.copy()
    words[0] ^= np.uint64(1 << 63)
    await bench.refuse(words, ErrorCode.WGT_HEADER, 0)


@leaf_test
async def bad_order(dut):
    """Goal: kinds that do not rise. Stimulus: each kind behind itself and those above. Check:
    WGT_ORDER at the second header."""
    await bring_up(dut)
    bench = WgtLoadBench(dut)
    for first in Kind:
        for second in Kind:
            if second <= first:
                pair = [bench.section(kind, 1)[0] for kind in (first, second)]
                await bench.refuse(packet_of(pair), ErrorCode.WGT_ORDER, 2 + pair[0].payload.size)


@leaf_test
async def bad_value(dut):
    """Goal: offsets and biases wider than their fields. Stimulus: each bit above, in each lane that
    counts; in lanes that do not. Check: WGT_VALUE at the beat; or none."""
    await bring_up(dut)
    bench = WgtLoadBench(dut)
    part, _ = bench.section(Kind.OFFSET, 4)
    for lane in range(4):
        for bit in range(LIN, 16):
            words = packet_of([part])
            words[2] |= np.uint64(1 << 16 * lane + bit)
            await bench.refuse(words, ErrorCode.WGT_VALUE, 2)
    part, _ = bench.section(Kind.BIAS, 2)
    for lane in (0, 32):
        for bit in range(FITS, 32):
            words = packet_of([part])
            words[2] ^= np.uint64(1 << lane + bit)
            await bench.refuse(words, ErrorCode.WGT_VALUE, 2)
    for kind, count in ((Kind.OFFSET, 3), (Kind.BIAS, 1)):
        part, writes = bench.section(kind, count)
        part.payload[0] |= np.uint64(0x5555 << 48)
        await bench.load((part, writes))
