"""lac_sps_wgt_load against the sections of a packet."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from models.array.packets import BIAS_LANE
from models.packets import Section, pack_rows_of_lanes, packet_of, row_words
from models.socket import ErrorCode
from models.sps.registers import Kind
from tb.array.blocks.schedule import extreme, lanes
from tb.common.bfm.block import bring_up, config, leaf_test
from tb.common.tests.loaders import LoaderBench, Packet, loader_tests, packet_with

CONFIG = config()
ROWS, COLS = CONFIG.get("Rows", 16), CONFIG.get("Cols", 16)
WIDTH, BIAS = CONFIG.get("WgtWidth", 16), CONFIG.get("BiasWidth", 32)
RRES_WORDS = -(-ROWS * 4 // 64)
DEPTH = {
    Kind.WEIGHT: CONFIG.get("WgtDepth", 8192),
    Kind.BIAS: CONFIG.get("BiasDepth", 64),
    Kind.DIR: CONFIG.get("MaxPeriod", 16),
    Kind.POS: CONFIG.get("TableDepth", 144),
    Kind.KRES: CONFIG.get("MaxKt", 64),
    Kind.RRES: CONFIG.get("MaxCt", 128),
}
#: Entries of a stream word of the small tables.
STEP = {Kind.DIR: 4, Kind.POS: 8, Kind.KRES: 16}
ENABLE = {kind: f"wr_{'wgt' if kind == Kind.WEIGHT else kind.name.lower()}_o" for kind in Kind}


class WgtLoadBench(LoaderBench):
    """A write is (kind, address, data); data are lanes of weights and biases, bits of tables."""

    stream, enables = "s_axis_wgt", tuple(ENABLE.values())
    short_code, long_code = ErrorCode.WGT_SHORT, ErrorCode.WGT_LONG

    def writes(self, seen) -> list:
        found = []
        for kind, name in ENABLE.items():
            if not seen[name]:
                continue
            port = {Kind.WEIGHT: "wgt", Kind.BIAS: "bias", Kind.RRES: "rres"}.get(kind, "table")
            data: Any = int(str(getattr(self.dut, f"wr_{port}_data_o").value), 2)
            if kind in (Kind.WEIGHT, Kind.BIAS):
                data = lanes(data, WIDTH if kind == Kind.WEIGHT else BIAS, COLS)
            found.append((kind, self.dut.wr_addr_o.value.to_unsigned(), data))
        return found

    def section(self, kind: Kind, count: int, base: int = 0) -> tuple[Section, list]:
        """(a section of random words, its writes)."""
        if kind in (Kind.WEIGHT, Kind.BIAS):
            rows = extreme(self.rng, (count, COLS), WIDTH if kind == Kind.WEIGHT else BIAS)
            words = pack_rows_of_lanes(rows, WIDTH if kind == Kind.WEIGHT else BIAS_LANE)
            lines = [(kind, base + k, row.tolist()) for k, row in enumerate(rows)]
            return Section(kind, 0, base, count, words), lines
        writes: list[Any]
        size = count * RRES_WORDS if kind == Kind.RRES else -(-count // STEP[kind])
        words = self.rng.integers(0, 1 << 64, size, dtype=np.uint64)
        if kind == Kind.RRES:
            mask = (1 << ROWS * 4) - 1
            values = [int(words[k * RRES_WORDS]) for k in range(count)]
            if RRES_WORDS > 1:
                values = [v | int(words[2 * k + 1]) << 64 for k, v in enumerate(values)]
            writes = [(kind, base + k, value & mask) for k, value in enumerate(values)]
        else:
            writes = [(kind, base // STEP[kind] + k, int(word)) for k, word in enumerate(words)]
        return Section(kind, 0, base, count, words), writes

    async def load(self, *parts: tuple[Section, list]) -> None:
        """A good packet of these sections."""
        await self.good(packet_with(*parts))

    def small(self) -> Packet:
        return packet_with(self.section(Kind.WEIGHT, 2), self.section(Kind.RRES, 1))

    def whole(self) -> Packet:
        return packet_with(*(self.section(kind, 1) for kind in Kind))

    def empty(self) -> Packet:
        return packet_with()

    def draw(self) -> Packet:
        parts = []
        for kind in Kind:
            count = int(self.rng.integers(0, min(9, DEPTH[kind]) + 1))
            step = STEP.get(kind, 1)
            base = int(self.rng.integers(0, (DEPTH[kind] - count) // step + 1)) * step
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
    """Goal: all kinds and latency. Stimulus: a section of each, at base 0 and at the last base that
    fits. Check: every write, one cycle after its last stream word."""
    await bring_up(dut)
    bench = WgtLoadBench(dut)
    await bench.load(*(bench.section(kind, 2) for kind in Kind))
    size = row_words(COLS, WIDTH)
    assert bench.write_times[:2] == [t + 1 for t in bench.word_times[1 + size :: size][:2]]
    assert bench.write_times[-1] == bench.word_times[-1] + 1
    parts = []
    for kind in Kind:
        step = STEP.get(kind, 1)
        base = (DEPTH[kind] - 1) // step * step
        parts.append(bench.section(kind, DEPTH[kind] - base, base))
    await bench.load(*parts)


@leaf_test
async def directed_sections(dut):
    """Goal: any set of sections. Stimulus: none; each kind alone; of no words; whole tables; counts
    that end within a stream word. Check: writes and one end."""
    await bring_up(dut)
    bench = WgtLoadBench(dut)
    await bench.load()
    for kind in Kind:
        await bench.load(bench.section(kind, 1))
        await bench.load(bench.section(kind, 0))
    for kind, step in STEP.items():
        for count in range(1, min(DEPTH[kind], 2 * step + 1) + 1):
            await bench.load(bench.section(kind, count))
        await bench.load(bench.section(kind, DEPTH[kind]))


@leaf_test
async def throughput(dut):
    """Goal: one stream word per cycle. Stimulus: sections of all kinds without pause. Check: cycles
    equal words."""
    await bring_up(dut)
    bench = WgtLoadBench(dut)
    parts = [bench.section(kind, min(DEPTH[kind], 5)) for kind in Kind]
    await bench.load(*parts)
    words = packet_of([section for section, _ in parts]).size
    assert bench.word_times[-1] - bench.word_times[0] == words - 1


@leaf_test
async def bad_header(dut):
    """Goal: wrong headers. Stimulus: magic, every kind that is none, ends of the PE field, bases
    between stream words, a base and a count past the end, a count past the packet. Check:
    WGT_HEADER at the beat."""
    await bring_up(dut)
    bench = WgtLoadBench(dut)
    for kind in Kind:
        part, _ = bench.section(kind, 1)
        depth, step = DEPTH[kind], STEP.get(kind, 1)
        wrong = [replace(part, kind=other) for other in range(16) if other not in list(Kind)]
        wrong += [replace(part, pe=1 << bit) for bit in (0, 11)]
        wrong += [replace(part, base=-(-depth // step) * step), replace(part, count=depth + 1)]
        wrong += [replace(part, base=base, count=0) for base in range(1, step)]
        for one in wrong:
            words = packet_of([part])
            words[1] = one.header
            await bench.refuse(words, ErrorCode.WGT_HEADER, 1)
        if depth > step:
            words = packet_of([part])
            words[1] = replace(part, count=step + 1).header
            await bench.refuse(words, ErrorCode.WGT_HEADER, 1)


@leaf_test
async def bad_order(dut):
    """Goal: kinds that do not rise. Stimulus: every pair that falls or stays. Check: WGT_ORDER at
    the second header."""
    await bring_up(dut)
    bench = WgtLoadBench(dut)
    for first in Kind:
        for second in Kind:
            if second > first:
                continue
            pair = [bench.section(kind, 1)[0] for kind in (first, second)]
            await bench.refuse(packet_of(pair), ErrorCode.WGT_ORDER, 2 + pair[0].payload.size)
