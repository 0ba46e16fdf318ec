"""lac_array_wgt_load against the sections of a packet."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from models.array.packets import BIAS_LANE, Kind
from models.packets import Section, pack_rows_of_lanes, packet_of, row_words
from models.socket import ErrorCode
from tb.array.blocks.schedule import extreme, lanes
from tb.common.bfm.block import bring_up, config, leaf_test
from tb.common.tests.loaders import LoaderBench, Packet, loader_tests, packet_with

CONFIG = config()
COLS = CONFIG.get("Cols", 16)
WIDTH = CONFIG.get("WgtBits", 256) // COLS
BIAS = CONFIG.get("BiasWidth", 32)
DEPTH = {Kind.WEIGHT: CONFIG.get("WgtDepth", 8192), Kind.BIAS: CONFIG.get("BiasDepth", 64)}
BITS = {Kind.WEIGHT: WIDTH, Kind.BIAS: BIAS}
LANE = {Kind.WEIGHT: WIDTH, Kind.BIAS: BIAS_LANE}


class WgtLoadBench(LoaderBench):
    """A write is (kind, address, lanes)."""

    stream, enables = "s_axis_wgt", ("wr_wgt_o", "wr_bias_o")
    short_code, long_code = ErrorCode.WGT_SHORT, ErrorCode.WGT_LONG

    def writes(self, seen) -> list:
        found = []
        for kind, enable, data in (
            (Kind.WEIGHT, "wr_wgt_o", self.dut.wr_wgt_data_o),
            (Kind.BIAS, "wr_bias_o", self.dut.wr_bias_data_o),
        ):
            if seen[enable]:
                address = self.dut.wr_addr_o.value.to_unsigned()
                found.append((kind, address, lanes(int(str(data.value), 2), BITS[kind], COLS)))
        return found

    def section(self, kind: Kind, count: int, base: int = 0) -> tuple[Section, list]:
        """(a section of random words, its writes)."""
        rows = extreme(self.rng, (count, COLS), BITS[kind])
        words = pack_rows_of_lanes(rows, LANE[kind])
        writes = [(kind, base + k, row.tolist()) for k, row in enumerate(rows)]
        return Section(kind, 0, base, count, words), writes

    async def load(self, *parts: tuple[Section, list]) -> None:
        """A good packet of these sections."""
        await self.good(packet_with(*parts))

    def small(self) -> Packet:
        return packet_with(self.section(Kind.WEIGHT, 2), self.section(Kind.BIAS, 1))

    def whole(self) -> Packet:
        return packet_with(self.section(Kind.WEIGHT, 1), self.section(Kind.BIAS, 2))

    def empty(self) -> Packet:
        return packet_with()

    def draw(self) -> Packet:
        parts = []
        for kind in Kind:
            count = int(self.rng.integers(0, min(6, DEPTH[kind]) + 1))
            base = int(self.rng.integers(0, DEPTH[kind] - count + 1))
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
    """Goal: both kinds and latency. Stimulus: weights and biases, at base 0 and at the last base
    that fits. Check: every write, one cycle after its last stream word."""
    await bring_up(dut)
    bench = WgtLoadBench(dut)
    await bench.load(bench.section(Kind.WEIGHT, 3), bench.section(Kind.BIAS, 2))
    size = row_words(COLS, WIDTH)
    assert bench.write_times[:3] == [t + 1 for t in bench.word_times[1 + size :: size][:3]]
    await bench.load(
        bench.section(Kind.WEIGHT, 3, DEPTH[Kind.WEIGHT] - 3),
        bench.section(Kind.BIAS, 2, DEPTH[Kind.BIAS] - 2),
    )


@leaf_test
async def directed_sections(dut):
    """Goal: any set of sections. Stimulus: none, one kind, sections of no words. Check: writes and
    one end."""
    await bring_up(dut)
    bench = WgtLoadBench(dut)
    await bench.load()
    await bench.load(bench.section(Kind.WEIGHT, 1))
    await bench.load(bench.section(Kind.BIAS, 1))
    await bench.load(bench.section(Kind.WEIGHT, 0), bench.section(Kind.BIAS, 2))
    await bench.load(bench.section(Kind.WEIGHT, 2), bench.section(Kind.BIAS, 0))


@leaf_test
async def throughput(dut):
    """Goal: one stream word per cycle. Stimulus: weights and biases without pause. Check: cycles
    equal words."""
    await bring_up(dut)
    bench = WgtLoadBench(dut)
    parts = bench.section(Kind.WEIGHT, 20), bench.section(Kind.BIAS, 3)
    await bench.load(*parts)
    words = packet_of([section for section, _ in parts]).size
    assert bench.word_times[-1] - bench.word_times[0] == words - 1


@leaf_test
async def bad_header(dut):
    """Goal: wrong headers. Stimulus: magic, every other kind, every bit of the PE field, a base
    past the end, a count past the end and past the packet. Check: WGT_HEADER at the beat."""
    await bring_up(dut)
    bench = WgtLoadBench(dut)
    (weights, _), (biases, _) = bench.section(Kind.WEIGHT, 2), bench.section(Kind.BIAS, 2)
    good = packet_of([weights, biases])
    second = 2 + weights.payload.size
    for beat, section in ((1, weights), (second, biases)):
        depth = DEPTH[Kind(section.kind)]
        wrong = [replace(section, kind=kind) for kind in range(16) if kind not in list(Kind)]
        wrong += [replace(section, pe=1 << bit) for bit in range(12)]
        wrong += [replace(section, base=depth - 1), replace(section, count=depth + 1)]
        for one in wrong:
            words = good.copy()
            words[beat] = one.header
            await bench.refuse(words, ErrorCode.WGT_HEADER, beat)
        words = packet_of([section])
        words[1] = replace(section, count=3).header
        await bench.refuse(words, ErrorCode.WGT_HEADER, 1)
    words = good.copy()
    words[0] ^= np.uint64(1 << 63)
    await bench.refuse(words, ErrorCode.WGT_HEADER, 0)


@leaf_test
async def bad_order(dut):
    """Goal: kinds that do not rise. Stimulus: swapped, each twice. Check: WGT_ORDER at the second
    header."""
    await bring_up(dut)
    bench = WgtLoadBench(dut)
    (weights, _), (biases, _) = bench.section(Kind.WEIGHT, 1), bench.section(Kind.BIAS, 1)
    for pair in ((biases, weights), (weights, weights), (biases, biases)):
        await bench.refuse(packet_of(pair), ErrorCode.WGT_ORDER, 2 + pair[0].payload.size)


@leaf_test
async def bad_value(dut):
    """Goal: a bias wider than its field. Stimulus: each bit above it in either lane, where there is
    one. Check: WGT_VALUE at the beat."""
    await bring_up(dut)
    bench = WgtLoadBench(dut)
    part, _ = bench.section(Kind.BIAS, 1)
    for lane in (0, 32):
        for bit in range(BIAS, 32):
            words = packet_of([part])
            words[2] ^= np.uint64(1 << (lane + bit))
            await bench.refuse(words, ErrorCode.WGT_VALUE, 2)
    await bench.load((part, [(Kind.BIAS, 0, lanes_of(part))]))


def lanes_of(part: Section) -> list[int]:
    """The biases of a section of one word."""
    return [value for word in part.payload for value in lanes(int(word), BIAS_LANE, 2)]
