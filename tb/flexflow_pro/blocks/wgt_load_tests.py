"""lac_ffp_wgt_load against the sections of a packet."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from models.flexflow_pro.registers import Kind
from models.packets import Section, pack_lanes, packet_of
from models.socket import ErrorCode
from tb.common.bfm.block import bring_up, config, leaf_test
from tb.common.tests.loaders import LoaderBench, Packet, loader_tests, packet_with

CONFIG = config()
ROWS, COLS = CONFIG.get("Rows", 16), CONFIG.get("Cols", 16)
STORE = CONFIG.get("KCells", 9) * CONFIG.get("MaskWord", 16) // 4
MAPS, WIDTH = CONFIG.get("MaxMaps", 4), CONFIG.get("BiasWidth", 32)
#: kind -> (units, words or biases of one)
DEPTH = {Kind.WEIGHT: (ROWS * COLS, STORE), Kind.BIAS: (ROWS, MAPS)}
OUTPUTS = ("wr_col_o", "wr_addr_o", "wr_data_o", "wr_bias_addr_o", "wr_bias_data_o")


def number(one_hot: int) -> int:
    """The bit that is set."""
    assert one_hot and one_hot & one_hot - 1 == 0, f"{one_hot:b} is not one bit"
    return one_hot.bit_length() - 1


class WgtLoadBench(LoaderBench):
    """A write is (kind, unit, address, data)."""

    stream, enables, outputs = "s_axis_wgt", ("wr_row_o", "wr_bias_o"), OUTPUTS
    short_code, long_code = ErrorCode.WGT_SHORT, ErrorCode.WGT_LONG

    def writes(self, seen) -> list:
        found = []
        if seen["wr_row_o"]:
            unit = number(seen["wr_row_o"]) * COLS + number(seen["wr_col_o"])
            found.append((Kind.WEIGHT, unit, seen["wr_addr_o"], seen["wr_data_o"]))
        if seen["wr_bias_o"]:
            place = (number(seen["wr_bias_o"]), seen["wr_bias_addr_o"])
            found.append((Kind.BIAS, *place, seen["wr_bias_data_o"]))
        return found

    def section(self, kind: Kind, unit: int, count: int, base: int = 0) -> tuple[Section, list]:
        """(a section of random words, its writes)."""
        if kind == Kind.WEIGHT:
            words = self.rng.integers(0, 1 << 64, count, dtype=np.uint64)
            lines = [(kind, unit, base + k, int(word)) for k, word in enumerate(words)]
            return Section(kind, unit, base, count, words), lines
        half, mask = 1 << WIDTH - 1, (1 << WIDTH) - 1
        values = self.rng.integers(-half, half, count + count % 2)
        ends = self.rng.choice([-half, half - 1, 0, -1], values.size)
        values = np.where(self.rng.random(values.size) < 0.4, ends, values)
        if count % 2:
            values[-1] = 0
        biases = [
            (kind, unit, base // 2 + k, int(low) & mask | (int(high) & mask) << WIDTH)
            for k, (low, high) in enumerate(values.reshape(-1, 2))
        ]
        return Section(kind, unit, base, count, pack_lanes(values, 32)), biases

    def small(self) -> Packet:
        parts = [self.section(Kind.WEIGHT, ROWS * COLS - 1, 1), self.section(Kind.BIAS, 0, 2)]
        return packet_with(*parts)

    def whole(self) -> Packet:
        parts = [self.section(Kind.WEIGHT, 0, 1), self.section(Kind.BIAS, ROWS - 1, 1)]
        return packet_with(*parts)

    def empty(self) -> Packet:
        return packet_with()

    def draw(self) -> Packet:
        parts = []
        for kind, (units, depth) in DEPTH.items():
            step = 2 if kind == Kind.BIAS else 1
            chosen = self.rng.choice(units, min(units, int(self.rng.integers(0, 6))), replace=False)
            for unit in sorted(chosen.tolist()):
                count = int(self.rng.integers(0, min(9, depth) + 1))
                base = int(self.rng.integers(0, (depth - count) // step + 1)) * step
                parts.append(self.section(kind, unit, count, base))
        return packet_with(*parts)


loader_tests(
    globals(),
    WgtLoadBench,
    *("reset_mid", "bad_length", "directed_clear_after_start"),
    *("directed_discard", "directed_clear"),
)


@leaf_test
async def smoke(dut):
    """Goal: both kinds and latency. Stimulus: a section of each, at base 0 and at the last base
    that fits. Check: every write, one cycle after its stream word."""
    await bring_up(dut)
    bench = WgtLoadBench(dut)
    await bench.good(packet_with(bench.section(Kind.WEIGHT, 1, 1), bench.section(Kind.BIAS, 1, 2)))
    assert bench.write_times == [bench.word_times[2] + 1, bench.word_times[4] + 1]
    last = [(kind, units - 1, depth) for kind, (units, depth) in DEPTH.items()]
    parts = []
    for kind, unit, depth in last:
        step = 2 if kind == Kind.BIAS else 1
        parts.append(bench.section(kind, unit, step, depth - step))
    await bench.good(packet_with(*parts))


@leaf_test(cycles=200_000)
async def directed_units(dut):
    """Goal: the place of every PE and row. Stimulus: a packet with a section of one word for each;
    whole stores; no sections; sections without a word; each count of biases. Check: writes and
    one end."""
    await bring_up(dut)
    bench = WgtLoadBench(dut)
    await bench.good(packet_with())
    every = [bench.section(kind, k, 1) for kind, (units, _) in DEPTH.items() for k in range(units)]
    await bench.good(packet_with(*every))
    for kind, (units, depth) in DEPTH.items():
        await bench.good(packet_with(bench.section(kind, 0, 0), bench.section(kind, 1, 1)))
        await bench.good(packet_with(bench.section(kind, units - 1, depth)))
    for count in range(MAPS + 1):
        parts = [bench.section(Kind.BIAS, 0, count), bench.section(Kind.BIAS, 1, 1)]
        await bench.good(packet_with(*parts))


@leaf_test
async def throughput(dut):
    """Goal: one stream word per cycle. Stimulus: sections of both kinds without pause. Check:
    cycles equal words."""
    await bring_up(dut)
    bench = WgtLoadBench(dut)
    parts = [bench.section(Kind.WEIGHT, 0, min(STORE, 9)), bench.section(Kind.BIAS, 0, MAPS)]
    await bench.good(packet_with(*parts))
    words = packet_of([section for section, _ in parts]).size
    assert bench.word_times[-1] - bench.word_times[0] == words - 1


@leaf_test(cycles=200_000)
async def bad_header(dut):
    """Goal: wrong headers. Stimulus: every kind that is none, the PE or row behind the last and the
    largest, a base and a count past the end, an odd base of biases, a count past the packet. Check:
    WGT_HEADER at the beat."""
    await bring_up(dut)
    bench = WgtLoadBench(dut)
    for kind, (units, depth) in DEPTH.items():
        part, _ = bench.section(kind, 0, 1)
        wrong = [replace(part, kind=other) for other in range(16) if other not in list(Kind)]
        wrong += [replace(part, pe=unit) for unit in (units, 4095)]
        wrong += [replace(part, base=depth), replace(part, count=depth + 1)]
        wrong += [replace(part, base=depth - 2, count=3)] if depth > 2 else []
        wrong += [replace(part, base=1, count=n) for n in (0, 1)] if kind == Kind.BIAS else []
        wrong += [replace(part, count=3)] if depth > 2 else []
        for one in wrong:
            words = packet_of([part])
            words[1] = one.header
            await bench.refuse(words, ErrorCode.WGT_HEADER, 1)


@leaf_test
async def bad_order(dut):
    """Goal: (kind, PE) that does not rise. Stimulus: pairs that fall or stay, of one kind and of
    two. Check: WGT_ORDER at the second header."""
    await bring_up(dut)
    bench = WgtLoadBench(dut)
    keys = [(kind, unit) for kind, (units, _) in DEPTH.items() for unit in (0, 1, units - 1)]
    for first in keys:
        for second in keys:
            if second > first:
                continue
            pair = [bench.section(kind, unit, 1)[0] for kind, unit in (first, second)]
            await bench.refuse(packet_of(pair), ErrorCode.WGT_ORDER, 3)


@leaf_test
async def bad_value(dut):
    """Goal: a bias wider than BiasWidth. Stimulus: one step past either end, in each lane, in the
    first and the last word. Check: WGT_VALUE at the beat; none at full width."""
    await bring_up(dut)
    bench = WgtLoadBench(dut)
    for lane in range(2):
        for word in range(MAPS // 2):
            for value in (1 << WIDTH - 1, -(1 << WIDTH - 1) - 1):
                part, _ = bench.section(Kind.BIAS, ROWS - 1, MAPS)
                values = np.zeros(MAPS, np.int64)
                values[2 * word + lane] = value
                if WIDTH == 32:
                    continue
                words = packet_of([replace(part, payload=pack_lanes(values, 32))])
                await bench.refuse(words, ErrorCode.WGT_VALUE, 2 + word)
    await bench.good(packet_with(bench.section(Kind.BIAS, 0, MAPS)))
