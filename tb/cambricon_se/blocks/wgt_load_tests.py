"""lac_cse_wgt_load against the sections of a packet, by the contract."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from models.cambricon_se.packets import (
    bias_section,
    book_section,
    codes_section,
    list_section,
    mask_section,
)
from models.cambricon_se.registers import Kind
from models.packets import Section, packet_of
from models.socket import ErrorCode
from tb.common.bfm.block import bring_up, config, leaf_test
from tb.common.tests.loaders import LoaderBench, Packet, loader_tests, packet_with

CONFIG: dict[str, int] = {"Cores": 2, "Pes": 16, "Lanes": 16, "Window": 128, "CodeRow": 64}
CONFIG |= {"Selector": 0, "ListDepth": 256, "Regions": 16, "BiasDepth": 64, "BiasWidth": 32}
CONFIG |= config()
CORES, PES, LANES = CONFIG["Cores"], CONFIG["Pes"], CONFIG["Lanes"]
WINDOW, CODE_ROW, WIDTH = CONFIG["Window"], CONFIG["CodeRow"], CONFIG["BiasWidth"]
NATURAL, PER_PE = CONFIG["Selector"] == 1, CONFIG["Selector"] == 2
BIASES = CONFIG["BiasDepth"]
#: Of a loader without a decoder of bit strings; with one: huffman_tests.py.
KINDS = [kind for kind in Kind if kind != Kind.TABLE and (PER_PE or kind != Kind.MASK)]
#: Units of a core, not of a PE.
OF_CORE = (Kind.LIST, Kind.BOOK)
DEPTH = dict.fromkeys(Kind, CONFIG["ListDepth"])
DEPTH |= {Kind.BOOK: CONFIG["Regions"], Kind.BIAS: BIASES}
UNITS = {kind: list(range(0, CORES * PES, PES if kind in OF_CORE else 1)) for kind in Kind}
PORTS = {Kind.LIST: "wr_list_o", Kind.BOOK: "wr_book_o", Kind.CODES: "wr_codes_o"}
PORTS |= {Kind.MASK: "wr_mask_o", Kind.BIAS: "wr_bias_low_o"}


def limited(masks: np.ndarray) -> np.ndarray:
    """Masks bool [n, Window] without the bits that an entry has no codes for."""
    step = LANES if NATURAL else 1
    by_lane = masks.reshape(len(masks), WINDOW // step, step)
    return (by_lane & (np.cumsum(by_lane, axis=1) <= CODE_ROW // step)).reshape(masks.shape)


class WgtLoadBench(LoaderBench):
    """A write is (kind, unit, address, part, whether it ends, data); of a bias: (kind, unit,
    address of the pair, lanes that are written, data of these)."""

    stream, enables = "s_axis_wgt", (*PORTS.values(), "wr_bias_high_o")
    outputs = ("wr_addr_o", "wr_part_o", "wr_ends_o", "wr_data_o")
    short_code, long_code = ErrorCode.WGT_SHORT, ErrorCode.WGT_LONG

    def writes(self, seen) -> list:
        found = []
        for kind, port in PORTS.items():
            if not seen[port]:
                continue
            unit = seen[port].bit_length() - 1
            assert seen[port] == 1 << unit, f"{seen[port]:b} is not one bit"
            unit *= PES if kind in OF_CORE else 1
            if kind == Kind.BIAS:
                high = seen["wr_bias_high_o"]
                assert high in (0, 1 << unit), "an upper bias of another PE"
                data = seen["wr_data_o"] & ((1 << 64) - 1 if high else (1 << 32) - 1)
                found.append((kind, unit, seen["wr_addr_o"], 2 if high else 1, data))
            else:
                found.append((kind, unit, *(seen[name] for name in self.outputs)))
        assert found or not seen["wr_bias_high_o"], "an upper bias alone"
        return found

    def section(self, kind: Kind, unit: int, count: int, base: int = 0) -> tuple[Section, list]:
        """(a section of random entries, its writes)."""
        rng = self.rng
        masks = limited(rng.random((count, WINDOW)) < rng.choice([0.1, 0.5, 1.0]))
        if kind in (Kind.LIST, Kind.MASK):
            return self.of_masks(kind, masks, unit, base)
        if kind == Kind.CODES:
            part = codes_section(unit, rng.integers(-128, 128, (count, CODE_ROW)), base)
        elif kind == Kind.BOOK:
            part = book_section(unit, rng.integers(-32768, 32768, (count, 16)), base)
        else:
            return self.biases(unit, count, base)
        return part, self.of_words(part)

    def of_masks(
        self, kind: Kind, masks: np.ndarray, unit: int = 0, base: int = 0
    ) -> tuple[Section, list]:
        """(entries, or masks of a PE, bool [n, Window]; their writes)."""
        if kind == Kind.MASK:
            part = mask_section(unit, masks, base)
        else:
            offsets, last = self.rng.integers(0, 1 << 16, len(masks)), self.rng.random(len(masks))
            regions = self.rng.integers(0, CONFIG["Regions"], len(masks))
            if PER_PE:  # not looked at: any, also of more codes than there is room for
                masks = self.rng.random(masks.shape) < self.rng.choice([0.0, 0.5, 1.0])
            part = list_section(unit, offsets, masks, regions, last < 0.5, base)
        return part, self.of_words(part)

    def of_words(self, part: Section) -> list:
        """Writes of a section that is not of biases."""
        words, count = part.payload.tolist(), part.count
        each = len(words) // max(1, count)
        return [
            (part.kind, part.pe, part.base + k // each, k % each, int(k % each + 1 == each), word)
            for k, word in enumerate(words)
        ]

    def biases(self, unit: int, count: int, base: int) -> tuple[Section, list]:
        """(a section of biases, its writes)."""
        half = 1 << WIDTH - 1
        values = self.rng.integers(-half, half, count)
        ends = self.rng.choice([-half, half - 1, 0, -1], count)
        part = bias_section(unit, np.where(self.rng.random(count) < 0.4, ends, values), base)
        writes = []
        for k, word in enumerate(part.payload.tolist()):
            lanes = min(2, count - 2 * k)
            data = word & (1 << 32 * lanes) - 1
            writes.append((Kind.BIAS, unit, base // 2 + k, lanes, data))
        return part, writes

    def small(self) -> Packet:
        return packet_with(*(self.section(kind, UNITS[kind][-1], 1) for kind in KINDS))

    def whole(self) -> Packet:
        return packet_with(*(self.section(kind, UNITS[kind][0], 1) for kind in KINDS))

    def empty(self) -> Packet:
        return packet_with()

    def draw(self) -> Packet:
        parts = []
        for kind in KINDS:
            step = 2 if kind == Kind.BIAS else 1
            units = UNITS[kind]
            chosen = self.rng.choice(
                units, int(self.rng.integers(0, min(4, len(units) + 1))), False
            )
            for unit in sorted(chosen.tolist()):
                count = int(self.rng.integers(0, min(5, DEPTH[kind]) + 1))
                base = int(self.rng.integers(0, (DEPTH[kind] - count) // step + 1)) * step
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
    """Goal: every kind, and latency. Stimulus: a section of each, at base 0 and at the last base
    that fits. Check: every write, one cycle after its stream word."""
    await bring_up(dut)
    bench = WgtLoadBench(dut)
    packet = bench.whole()
    await bench.good(packet)
    assert bench.write_times[-1] == bench.word_times[-1] + 1
    parts = []
    for kind in KINDS:
        count = 2 if kind == Kind.BIAS and DEPTH[kind] % 2 == 0 else 1
        parts.append(bench.section(kind, UNITS[kind][-1], count, DEPTH[kind] - count))
    await bench.good(packet_with(*parts))


@leaf_test(cycles=300_000)
async def directed_units(dut):
    """Goal: the place of every core and PE. Stimulus: a packet with a section of one entry for
    each; whole memories (at most 40 entries); no sections; sections without an entry; each count of
    biases. Check: writes and one end."""
    await bring_up(dut)
    bench = WgtLoadBench(dut)
    await bench.good(packet_with())
    await bench.good(packet_with(*(bench.section(k, u, 1) for k in KINDS for u in UNITS[k])))
    await bench.good(packet_with(*(bench.section(k, u, 0) for k in KINDS for u in UNITS[k])))
    for kind in KINDS:
        count = min(40, DEPTH[kind])
        base = (DEPTH[kind] - count) // 2 * 2
        await bench.good(packet_with(bench.section(kind, UNITS[kind][-1], count, base)))
    for count in range(min(BIASES, 7) + 1):
        parts = [bench.section(Kind.BIAS, 0, count), bench.section(Kind.BIAS, 1, 1)]
        await bench.good(packet_with(*parts))


@leaf_test
async def throughput(dut):
    """Goal: one stream word per cycle. Stimulus: sections of all kinds without pause. Check: cycles
    equal words."""
    await bring_up(dut)
    bench = WgtLoadBench(dut)
    parts = [bench.section(kind, UNITS[kind][0], min(3, DEPTH[kind])) for kind in KINDS]
    await bench.good(packet_with(*parts))
    words = packet_of([section for section, _ in parts]).size
    assert bench.word_times[-1] - bench.word_times[0] == words - 1


@leaf_test(cycles=300_000)
async def bad_header(dut):
    """Goal: wrong headers. Stimulus: every kind that is none (MASK where PEs have no masks), the PE
    behind the last and the largest, a PE that is not the first of its core, a base and a count past
    the end, an odd base of biases, a count past the packet. Check: WGT_HEADER at the beat."""
    await bring_up(dut)
    bench = WgtLoadBench(dut)
    for kind in KINDS:
        part, _ = bench.section(kind, 0, 1)
        depth = DEPTH[kind]
        wrong = [replace(part, kind=other) for other in range(16) if other not in KINDS]
        wrong += [replace(part, pe=unit) for unit in (CORES * PES, 4095)]
        wrong += [replace(part, pe=1), replace(part, pe=PES - 1)] if kind in OF_CORE else []
        wrong += [replace(part, base=depth), replace(part, count=depth + 1)]
        wrong += [replace(part, base=depth - 1, count=2), replace(part, base=(1 << 24) - 1)]
        wrong += [replace(part, count=(1 << 24) - 1), replace(part, base=1 << 17)]
        wrong += [replace(part, base=1, count=n) for n in (0, 1)] if kind == Kind.BIAS else []
        wrong += [replace(part, count=3)] if depth > 2 else []
        for one in wrong:
            words = packet_of([part])
            words[1] = one.header
            await bench.refuse(words, ErrorCode.WGT_HEADER, 1)


@leaf_test(cycles=200_000)
async def bad_order(dut):
    """Goal: (kind, PE) that does not rise. Stimulus: pairs that fall or stay, of one kind and of
    two. Check: WGT_ORDER at the second header."""
    await bring_up(dut)
    bench = WgtLoadBench(dut)
    keys = [(kind, unit) for kind in KINDS for unit in sorted({*UNITS[kind][:2], UNITS[kind][-1]})]
    for first in keys:
        for second in keys:
            if second <= first:
                pair = [bench.section(kind, unit, 1)[0] for kind, unit in (first, second)]
                await bench.refuse(packet_of(pair), ErrorCode.WGT_ORDER, 2 + pair[0].payload.size)


@leaf_test(cycles=200_000)
async def bad_bias(dut):
    """Goal: a bias wider than BiasWidth. Stimulus: one step past either end, in each lane of the
    first and of the last word. Check: WGT_VALUE at the beat; none at full width."""
    await bring_up(dut)
    bench = WgtLoadBench(dut)
    number = BIASES // 2 * 2
    for at in (0, 1, number - 2, number - 1) if WIDTH < 32 and number else ():
        for value in (1 << WIDTH - 1, -(1 << WIDTH - 1) - 1):
            values = np.zeros(number, np.int64)
            values[at] = value
            words = packet_of([bias_section(UNITS[Kind.BIAS][-1], values)])
            await bench.refuse(words, ErrorCode.WGT_VALUE, 2 + at // 2)
    await bench.good(packet_with(bench.section(Kind.BIAS, 0, BIASES)))


@leaf_test(cycles=400_000)
async def bad_value(dut):
    """Goal: an entry that says what is not. Stimulus: each bit of the first word between mark and
    mask, each bit behind the mask, the region behind the last one and the largest; in the second of
    three entries. Check: WGT_VALUE at that word."""
    await bring_up(dut)
    bench = WgtLoadBench(dut)
    kinds = [(Kind.LIST, 32 + WINDOW, [(0, 1 << bit) for bit in range(21, 32)])]
    kinds += [(Kind.MASK, WINDOW, [])] if PER_PE else []
    for kind, used, wrong in kinds:
        part, _ = bench.section(kind, 0, min(3, DEPTH[kind]))
        each = part.payload.size // part.count
        wrong += [(bit // 64, 1 << bit % 64) for bit in range(used, each * 64)]
        if kind == Kind.LIST and CONFIG["Regions"] < 16:
            wrong += [(0, region << 16) for region in (CONFIG["Regions"], 15)]
        for word, bits in wrong:
            words = part.payload.copy()
            if bits >> 16 < 16 and bits < 1 << 20:
                words[each + word] &= np.uint64(~(15 << 16) & (1 << 64) - 1)
            words[each + word] |= np.uint64(bits)
            sent = packet_of([replace(part, payload=words)])
            await bench.refuse(sent, ErrorCode.WGT_VALUE, 2 + each + word)


@leaf_test(cycles=400_000)
async def bad_mask(dut):
    """Goal: an entry of more codes than there is room for. Stimulus: as many as there is room for,
    and one more, at either end and anywhere; natural: of each lane; behind a full entry. Check:
    WGT_VALUE at the last word of the entry; none where all positions have room."""
    await bring_up(dut)
    bench = WgtLoadBench(dut)
    kind = Kind.MASK if PER_PE else Kind.LIST
    full = limited(np.ones((1, WINDOW), dtype=bool))
    for lane in range(LANES) if NATURAL else (0,):
        step = LANES if NATURAL else 1
        for at in range(3 * (CODE_ROW < WINDOW)):
            masks = np.repeat(full, 2, axis=0)
            places = np.arange(lane, WINDOW, step)
            chosen = bench.rng.permutation(places) if at == 2 else places[:: 1 - 2 * at]
            masks[1, places] = False
            masks[1, chosen[: CODE_ROW // step]] = True
            await bench.good(packet_with(bench.of_masks(kind, masks)))
            masks[1, chosen[CODE_ROW // step]] = True
            part, _ = bench.of_masks(kind, masks)
            beats = 1 + part.payload.size
            await bench.refuse(packet_of([part]), ErrorCode.WGT_VALUE, beats)
    await bench.good(packet_with(bench.of_masks(kind, np.repeat(full, 2, axis=0))))
