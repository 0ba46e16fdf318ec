"""lac_sod_wgt_load against the sections of a packet: banks, marks, biases."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from models.array.packets import BIAS_LANE, Kind
from models.packets import Section, pack_rows_of_lanes, packet_of
from models.socket import ErrorCode
from models.sparse_on_dense.parts import Packed, payload, section_words
from tb.array.blocks.schedule import extreme, lanes
from tb.common.bfm.block import bring_up, config, leaf_test
from tb.common.tests.loaders import LoaderBench, Packet, loader_tests, packet_with

CONFIG = config()
COLS, UNITS = CONFIG.get("Cols", 16), CONFIG.get("NumUnits", 4)
BIAS = CONFIG.get("BiasWidth", 32)
WGT_DEPTH, BIAS_DEPTH = CONFIG.get("WgtDepth", 8192), CONFIG.get("BiasDepth", 64)


class WgtLoadBench(LoaderBench):
    """A write is (kind, unit, address, mark and word, or biases)."""

    stream, outputs, enables = "s_axis_wgt", ("wr_addr_o",), ("wr_wgt_o", "wr_bias_o")
    short_code, long_code = ErrorCode.WGT_SHORT, ErrorCode.WGT_LONG

    def writes(self, seen) -> list:
        found: list[Any] = []
        enables = seen["wr_wgt_o"]
        if enables:
            assert enables & (enables - 1) == 0, "several banks at once"
            word = int(str(self.dut.wr_wgt_data_o.value), 2)
            found.append((Kind.WEIGHT, enables.bit_length() - 1, seen["wr_addr_o"], word))
        if seen["wr_bias_o"]:
            data = lanes(int(str(self.dut.wr_bias_data_o.value), 2), BIAS, COLS)
            found.append((Kind.BIAS, 0, seen["wr_addr_o"], data))
        return found

    def weights(self, unit: int, count: int, base: int = 0) -> tuple[Section, list]:
        """(a section of random words with random marks, its writes)."""
        words = self.rng.integers(0, 1 << 64, count, dtype=np.uint64)
        marks = self.rng.random(count) < 0.3
        body = payload(Packed(words, np.flatnonzero(marks) + 1))
        assert len(body) == section_words(count)
        writes = [
            (Kind.WEIGHT, unit, base + k, int(words[k]) | int(marks[k]) << 64) for k in range(count)
        ]
        return Section(Kind.WEIGHT, unit, base, count, body), writes

    def biases(self, count: int, base: int = 0) -> tuple[Section, list]:
        """The same of biases."""
        rows = extreme(self.rng, (count, COLS), BIAS)
        writes = [(Kind.BIAS, 0, base + k, row.tolist()) for k, row in enumerate(rows)]
        return Section(Kind.BIAS, 0, base, count, pack_rows_of_lanes(rows, BIAS_LANE)), writes

    async def load(self, *parts: tuple[Section, list]) -> None:
        """A good packet of these sections."""
        await self.good(packet_with(*parts))

    def small(self) -> Packet:
        return packet_with(self.weights(UNITS - 1, 2), self.biases(1))

    def whole(self) -> Packet:
        return packet_with(self.weights(UNITS - 1, 5))

    def empty(self) -> Packet:
        return packet_with()

    def draw(self) -> Packet:
        parts = []
        for unit in range(UNITS):
            count = int(self.rng.integers(0, min(70, WGT_DEPTH) + 1))
            if self.rng.integers(4):
                base = int(self.rng.integers(0, WGT_DEPTH - count + 1))
                parts.append(self.weights(unit, count, base))
        return packet_with(*parts, self.biases(int(self.rng.integers(0, 3))))


loader_tests(
    globals(),
    WgtLoadBench,
    *("reset_mid", "directed_clear_after_start"),
    *("directed_discard", "directed_clear"),
)


@leaf_test
async def smoke(dut):
    """Goal: all banks, biases and latency. Stimulus: a section per unit, biases, at base 0 and at
    the last that fits. Check: every write, one cycle after its stream word."""
    await bring_up(dut)
    bench = WgtLoadBench(dut)
    for base in (0, WGT_DEPTH - 3):
        parts = [bench.weights(unit, 3, base) for unit in range(UNITS)]
        await bench.load(*parts, bench.biases(2, BIAS_DEPTH - 2 if base else 0))
        assert bench.write_times[:3] == [t + 1 for t in bench.word_times[3:6]]


@leaf_test
async def directed_marks(dut):
    """Goal: words of marks where they belong. Stimulus: sections of 0, 1, 63, 64, 65, 128 and 129
    words, as far as the banks hold them. Check: every word with its mark."""
    await bring_up(dut)
    bench = WgtLoadBench(dut)
    for count in (0, 1, 63, 64, 65, 128, 129):
        if count <= WGT_DEPTH:
            await bench.load(bench.weights(0, count), bench.biases(count % 2))


@leaf_test
async def throughput(dut):
    """Goal: one stream word per cycle. Stimulus: 70 words without pause. Check: cycles equal
    words."""
    await bring_up(dut)
    bench = WgtLoadBench(dut)
    part = bench.weights(0, 70)
    await bench.load(part)
    assert bench.word_times[-1] - bench.word_times[0] == packet_of([part[0]]).size - 1


@leaf_test
async def bad_header(dut):
    """Goal: wrong headers. Stimulus: other kinds, every bit of the unit field past the units (of
    biases: any), a base past the end. Check: WGT_HEADER at the beat."""
    await bring_up(dut)
    bench = WgtLoadBench(dut)
    (weights, _), (biases, _) = bench.weights(0, 2), bench.biases(1)
    good = packet_of([weights, biases])
    second = 2 + weights.payload.size
    places = (1, weights, WGT_DEPTH, UNITS), (second, biases, BIAS_DEPTH, 1)
    for beat, section, depth, units in places:
        wrong = [replace(section, kind=kind) for kind in range(16) if kind not in list(Kind)]
        wrong += [replace(section, pe=unit) for unit in (units, 0x100, 0xFFF)]
        wrong.append(replace(section, base=depth))
        for one in wrong:
            words = good.copy()
            words[beat] = one.header
            await bench.refuse(words, ErrorCode.WGT_HEADER, beat)


@leaf_test
async def bad_order(dut):
    """Goal: (kind, unit) that does not rise. Stimulus: each twice, swapped. Check: WGT_ORDER at the
    second header."""
    await bring_up(dut)
    bench = WgtLoadBench(dut)
    first, last = bench.weights(0, 2)[0], bench.weights(UNITS - 1, 1)[0]
    biases = bench.biases(1)[0]
    for pair in ((last, first), (first, first), (biases, last), (biases, biases)):
        await bench.refuse(packet_of(pair), ErrorCode.WGT_ORDER, 2 + pair[0].payload.size)


@leaf_test
async def bad_value(dut):
    """Goal: marks behind the last word. Stimulus: each such bit in sections of 1, 63 and 65 words.
    Check: WGT_VALUE at the word of marks."""
    await bring_up(dut)
    bench = WgtLoadBench(dut)
    for count in (1, 63, 65):
        part, _ = bench.weights(0, count)
        at = 2 + count // 64 * 65
        for bit in dict.fromkeys((count % 64, 40, 63)):
            if bit >= count % 64:
                words = packet_of([part])
                words[at] |= np.uint64(1 << bit)
                await bench.refuse(words, ErrorCode.WGT_VALUE, at)
