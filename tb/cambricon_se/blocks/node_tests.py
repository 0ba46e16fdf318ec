"""lac_cse_node, a whole core, against the model: sums, counters, the cycle of its end.

Memories are written as the loaders do it; lac_cse_lanes and lac_cse_order are tested in here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from copy import deepcopy
from dataclasses import replace
from typing import Any

import numpy as np
from cocotb.triggers import RisingEdge

from models.cambricon_se import CambriconSeConfig
from models.cambricon_se.cycles import cycles
from models.cambricon_se.errors import CseError
from models.cambricon_se.geometry import Geometry
from models.cambricon_se.machine import Machine
from models.cambricon_se.packets import (
    activation_packet,
    bias_section,
    book_section,
    codes_section,
    list_section,
    mask_section,
)
from models.cambricon_se.registers import REGISTERS, Kind, Mode
from models.cambricon_se.timing import END
from models.packets import Section, pack_lanes, weight_packet
from models.program import Pass, Program
from models.socket import ErrorCode
from tb.array.blocks.schedule import packed, signed
from tb.cambricon_se.blocks.reference import EVENT, Shape
from tb.common.bfm.block import Pins, bring_up, config, leaf_test, reset, rng
from tb.common.bfm.structs import split_struct

NAMES = {"Pes": "pes", "Lanes": "lanes", "Window": "window", "CodeRow": "code_row"}
NAMES |= {"Selector": "selector", "ActDepth": "act_depth", "ListDepth": "list_depth"}
NAMES |= {"Regions": "regions", "AccDepth": "acc_depth", "AccWidth": "acc_width"}
NAMES |= {"BiasDepth": "bias_depth", "BiasWidth": "bias_width"}
_FIELDS: dict[str, Any] = {NAMES[name]: value for name, value in config().items()}
BUILD = CambriconSeConfig(cores=1, **_FIELDS)
WRITES = {Kind.LIST: "wr_list_i", Kind.BOOK: "wr_book_i", Kind.CODES: "wr_codes_i"}
WRITES |= {Kind.MASK: "wr_mask_i"}
LOADS = (*WRITES.values(), "wr_bias_low_i", "wr_act_part_i")
COUNTS = {"useful": "mac_useful", "padding": "slot_padding", "empty": "slot_empty"}
COUNTS |= {"vectors": "vectors", "enter": "windows", "none": "empty_windows"}
INPUTS = (
    *("clr_i", "start_i", "walk_i", "groups_i", "code4_i", "keep_i", "use_bias_i"),
    *(*WRITES.values(), "wr_bias_low_i", "wr_bias_high_i", "wr_addr_i", "wr_part_i", "wr_data_i"),
    *("wr_both_i", "wr_high_i"),
    *("wr_act_part_i", "wr_act_ends_i", "wr_act_addr_i", "wr_act_data_i", "wr_act_flags_i"),
    *("out_rd_en_i", "out_rd_addr_i"),
)
OUTPUTS = ("ended_o", "done_o", "err_o", "event_o")


class NodeBench:
    """Loads and runs passes on the RTL and on the model."""

    def __init__(self, dut):
        self.dut, self.draw = dut, rng()
        status = ("accs_o", "err_code_o", "err_pe_o", "err_detail_o")
        self.pins = Pins(dut, dut.clk_i, *INPUTS, *OUTPUTS, *status)
        self.machine = Machine(BUILD)
        self.seen: set[str] = set()

    # loads ---------------------------------------------------------------------------------------
    async def load(self, sections: Iterable[Section]) -> None:
        """Sections of a weight packet."""
        for part in sections:
            each = part.payload.size // max(1, part.count)
            for k, word in enumerate(part.payload.tolist()):
                if part.kind == Kind.BIAS:
                    both = 2 * k + 1 < part.count
                    high = 1 << part.pe if both else 0
                    drive = {"wr_bias_low_i": 1 << part.pe, "wr_bias_high_i": high}
                    drive |= {"wr_addr_i": part.base // 2 + k}
                else:
                    drive = {WRITES[part.kind]: 1 << part.pe, "wr_part_i": k % each}
                    drive |= {"wr_addr_i": part.base + k // each}
                self.pins.drive(**drive, wr_data_i=word)
                await RisingEdge(self.dut.clk_i)
                self.pins.drive(**dict.fromkeys((*WRITES.values(), "wr_bias_low_i",
                                                 "wr_bias_high_i"), 0))  # fmt: skip

    async def load_rows(self, rows: np.ndarray) -> None:
        """A block int64 [rows, Window]."""
        words = pack_lanes(rows.ravel(), 16).reshape(len(rows), -1).tolist()
        for at, row in enumerate(words):
            for part, word in enumerate(row):
                self.pins.drive(wr_act_part_i=1 << part, wr_act_ends_i=part + 1 == len(row),
                                wr_act_addr_i=at, wr_act_data_i=word,
                                wr_act_flags_i=packed(rows[at] != 0, 1))  # fmt: skip
                await RisingEdge(self.dut.clk_i)
        self.pins.drive(wr_act_part_i=0, wr_act_ends_i=0)

    # stimulus ------------------------------------------------------------------------------------
    def masks(self, count: int) -> np.ndarray:
        """Masks bool [count, Window] whose codes find room; some empty, some full."""
        draw, step = self.draw, BUILD.lanes if BUILD.selector == 1 else 1
        masks = draw.random((count, BUILD.window)) < draw.choice([0.0, 0.1, 0.5, 1.0], (count, 1))
        by_lane = masks.reshape(count, BUILD.window // step, step)
        by_lane &= np.cumsum(by_lane, axis=1) <= BUILD.code_row // step
        return by_lane.reshape(masks.shape)

    def weights(self, shape: Shape, sizes: list[int], bias: bool, large: bool) -> list[Section]:
        """Lists of these sizes, codes, codebooks, biases."""
        draw, entries = self.draw, sum(sizes)
        last = np.isin(np.arange(entries), np.cumsum(sizes) - 1)
        farthest = shape.rows - 1 - shape.origin(shape.p - 1, shape.q - 1)
        books = draw.integers(-32768 if large else -99, 99, (BUILD.regions, 16))
        books[:, 0] = draw.integers(0, 9, BUILD.regions)
        offsets = draw.integers(0, farthest + 1, entries)
        regions = draw.integers(0, BUILD.regions, entries)
        some = draw.random((entries, 1)) < 0.8  # the others are empty in all PEs
        masks = self.masks(entries) & some & (not BUILD.per_pe)
        found = [list_section(0, offsets, masks, regions, last), book_section(0, books)]
        for pe in range(BUILD.pes):
            codes = draw.integers(-128, 128, (entries, BUILD.code_row))
            found.append(codes_section(pe, codes * (draw.random(codes.shape) < 0.7)))
            if BUILD.per_pe:
                found.append(mask_section(pe, self.masks(entries) & some))
            if bias:
                found.append(bias_section(pe, draw.integers(-999, 999, len(sizes))))
        return found

    def shape(self) -> Shape:
        """A pass that the build takes."""
        while True:
            p, q, stride, cb = (int(self.draw.integers(1, most)) for most in (5, 5, 3, 4))
            more = self.draw.integers(1, 4, 2).tolist()
            shape = Shape((p - 1) * stride + more[0], (q - 1) * stride + more[1], p, q, stride, cb)
            if shape.rows <= BUILD.act_depth and p * q <= BUILD.acc_depth:
                return shape

    def most_groups(self, shape: Shape) -> int:
        """Groups that fit."""
        fit = BUILD.acc_depth // (shape.p * shape.q)
        return min(fit, BUILD.bias_depth, BUILD.list_depth)

    async def setup(
        self, mode: int, shape: Shape, sizes: list[int], density: float = 0.5, most: int = 999
    ) -> Pass:
        """Load weights and a block, of neurons up to ``most``; the pass."""
        bias, large = bool(mode & Mode.BIAS), most > 999
        parts = self.weights(shape, sizes, bias, large)
        rows = self.draw.integers(-most, most + 1, (shape.rows, BUILD.window))
        rows *= self.draw.random(rows.shape) < density
        await self.load(parts)
        await self.load_rows(rows)
        values = vars(shape) | {"mode": mode | Mode.COMPUTE | Mode.LOAD_WGT | Mode.LOAD_ACT}
        values |= {"groups": len(sizes), "shift": 0}
        cfg = REGISTERS.words(BUILD, {field: values[field.name.lower()] for field in REGISTERS.cfg})
        ordered = sorted(parts, key=lambda part: (part.kind, part.pe))
        return Pass(cfg, weight_packet(ordered), activation_packet(rows, BUILD), 0, (0, 0, 0, 0))

    # a pass --------------------------------------------------------------------------------------
    async def start(self, item: Pass) -> None:
        """Its first cycle."""
        geo = Geometry.of(item)
        shape = Shape(geo.h, geo.w, geo.p, geo.q, geo.stride, geo.cb)
        self.pins.drive(walk_i=shape.walk(geo.groups), groups_i=geo.groups,
                        code4_i=bool(geo.mode & Mode.CODE4), keep_i=bool(geo.mode & Mode.ACC_KEEP),
                        use_bias_i=bool(geo.mode & Mode.BIAS))  # fmt: skip
        await self.pins.pulse("start_i")

    async def run(self, item: Pass) -> None:
        """A pass, and all that is to be seen of it."""
        want = cycles(Program("cambricon_se", (item,)), BUILD)[0].counters
        self.machine.run(item)
        await self.start(item)
        found: Counter[str] = Counter()
        took, ended = 1, None
        while True:
            await RisingEdge(self.dut.clk_i)
            took += 1
            over, done, err, event = self.pins.read(*OUTPUTS)
            assert not err, "an error"
            found.update(split_struct(EVENT, event))
            ended = took if over and ended is None else ended
            if done:
                break
            assert took < 20_000, "no end"
        assert took == want["cycles_compute"], f"{took}, expected {want['cycles_compute']}"
        assert ended == took - END + 2, f"ended in {ended} of {took}"
        for _ in range(3):
            await RisingEdge(self.dut.clk_i)
            assert self.pins.read("done_o", "err_o") == [0, 0]
            found.update(split_struct(EVENT, self.pins.read("event_o")[0]))
        numbers = {name: want[counter] for name, counter in COUNTS.items()}
        numbers |= {"outputs": want["psum_writes"], "held": want["stall_sync"] // BUILD.lanes}
        assert numbers == {name: found[name] for name in numbers}, f"{found}, expected {numbers}"
        self.seen |= {name for name, number in numbers.items() if number}
        await self.results(item)

    async def results(self, item: Pass) -> None:
        """All accumulators of the pass."""
        geo = Geometry.of(item)
        for at in range(geo.groups * geo.pixels):
            self.pins.drive(out_rd_en_i=1, out_rd_addr_i=at)
            await RisingEdge(self.dut.clk_i)
            self.pins.drive(out_rd_en_i=0)
            await RisingEdge(self.dut.clk_i)
            (sums,) = self.pins.read("accs_o")
            width = BUILD.acc_width
            found = [signed(sums >> pe * width, width) for pe in range(BUILD.pes)]
            assert found == self.machine.acc[0, at].tolist(), f"output {at}"

    async def refuse(self, item: Pass, code: int, detail: int, pes: Iterable[int] = ()) -> None:
        """A pass that ends in an error, of one of these PEs; then all is cleared, as the socket
        does."""
        await self.start(item)
        for _ in range(2_000):
            await RisingEdge(self.dut.clk_i)
            if self.pins.read("err_o")[0]:
                break
        found = self.pins.read("err_o", "err_code_o", "err_detail_o")
        assert found == [1, code, detail], f"{found}, expected {[1, code, detail]}"
        assert not pes or self.pins.read("err_pe_o")[0] in pes
        await self.clear()

    async def clear(self) -> None:
        """Cut off: nothing goes on, and every memory may be loaded at once."""
        await self.pins.pulse("clr_i")
        # Address 0 of each: there is one, and the next pass loads it anyway.
        self.pins.drive(**dict.fromkeys(LOADS, 1), wr_addr_i=0, wr_part_i=0, wr_act_addr_i=0)
        for _ in range(12):
            await RisingEdge(self.dut.clk_i)
            self.pins.drive(**dict.fromkeys(LOADS, 0))
            assert self.pins.read("done_o", "err_o") == [0, 0]

    async def good(self) -> Pass:
        """A small pass with new sums."""
        item = await self.setup(0, SMALL, [2])
        await self.run(item)
        return item


SMALL = Shape(2, 3, 2, 2, 1, 1)


@leaf_test
async def smoke(dut):
    """Goal: a pass. Stimulus: a list of two entries at four pixels, twice. Check: sums, slots,
    vectors, windows, the cycle of the end."""
    await bring_up(dut)
    bench = NodeBench(dut)
    await bench.run(await bench.good())


@leaf_test(cycles=200_000)
async def random_none(dut):
    """Goal: any lists, blocks and options. Stimulus: 14 passes of up to 5 lists, with biases, kept
    sums, codes of 4 bits. Check: as in smoke; every counter moved."""
    await bring_up(dut)
    bench = NodeBench(dut)
    for at in range(14):
        if at % 2 == 0:
            shape = bench.shape()
            groups = int(bench.draw.integers(1, min(5, bench.most_groups(shape)) + 1))
            mode = Mode.BIAS if bench.draw.random() < 0.5 else 0
        else:
            mode = Mode.ACC_KEEP
        mode |= Mode.CODE4 if bench.draw.random() < 0.4 else 0
        most = min(6, BUILD.list_depth // groups)
        sizes = bench.draw.integers(1, most + 1, groups).tolist()
        density = float(bench.draw.choice([0.05, 0.5, 1.0]))
        await bench.run(await bench.setup(int(mode), shape, sizes, density))
    missing = {*COUNTS, "outputs", "held"} - bench.seen
    assert missing == (set() if BUILD.per_pe else {"held"}), missing


@leaf_test(cycles=200_000)
async def extremes(dut):
    """Goal: the ends of the build. Stimulus: a list of all entries; as many lists as there is room
    for, with their biases; all accumulators; blocks without a neuron and full ones. Check: as in
    smoke."""
    await bring_up(dut)
    bench = NodeBench(dut)
    one = Shape(1, 1, 1, 1, 1, min(BUILD.act_depth, 255))
    groups = bench.most_groups(one)
    wide = Shape(1, BUILD.acc_depth, 1, BUILD.acc_depth, 1, 1)
    wide = wide if wide.rows <= BUILD.act_depth else one
    two = Shape(1, 2, 1, 2, 1, 1)
    await bench.run(await bench.setup(int(Mode.BIAS), two, [1] * bench.most_groups(two)))
    for density in (0.0, 1.0):
        for shape, sizes in ((one, [BUILD.list_depth]), (one, [1] * groups), (wide, [1])):
            await bench.run(await bench.setup(0, shape, sizes, density))


@leaf_test(cycles=200_000)
async def bad_sums(dut):
    """Goal: an accumulator that overflows. Stimulus: passes that keep their sums, of large numbers,
    until the model overflows. Check: the error with the first PE and accumulator; then a pass."""
    await bring_up(dut)
    bench = NodeBench(dut)
    for _ in range(3):
        shape, mode, overflow = bench.shape(), int(Mode.CODE4), None
        for _ in range(20):
            item = await bench.setup(mode, shape, [min(BUILD.list_depth, 6)], 1.0, 32767)
            if overflow := overflow_of(bench.machine, item):
                break
            await bench.run(item)
            mode = int(Mode.CODE4 | Mode.ACC_KEEP)
        assert overflow or BUILD.acc_width > 32
        if overflow:
            pes, place = overflow
            await bench.refuse(item, ErrorCode.ACC_OVERFLOW, place, pes)
        await bench.good()


def overflow_of(machine: Machine, item: Pass) -> tuple[set[int], int] | None:
    """(PEs, accumulator) of the first sum of a pass that does not fit: the lowest PE, or any of
    them where each has its own pace."""
    machine = deepcopy(machine)
    try:
        machine.run(item)
    except OverflowError:
        half = 1 << BUILD.acc_width - 1
        wrong = (machine.acc[0] < -half) | (machine.acc[0] >= half)
        place = int(np.flatnonzero(wrong.any(axis=1))[0])
        pes = np.flatnonzero(wrong[place]).tolist()
        return set(pes if BUILD.per_pe else pes[:1]), place
    return None


@leaf_test(cycles=200_000)
async def bad_lists(dut):
    """Goal: a row past the block, a list past its memory. Stimulus: the first, a middle and the
    last entry; a group more than there are lists, of one and of many. Check: the error with the
    entry; then a pass."""
    await bring_up(dut)
    bench = NodeBench(dut)
    depth = BUILD.list_depth
    for at in {0, depth // 2, depth - 1}:
        item = await bench.setup(0, SMALL, [depth])
        masks = np.zeros((1, BUILD.window), dtype=bool)
        wrong = np.array([SMALL.rows]), masks, np.array([0]), np.array([at + 1 == depth])
        await bench.load([list_section(0, *wrong, base=at)])
        await bench.refuse(item, CseError.LIST_RANGE, at)
        await bench.good()
    for sizes, groups in (([depth], 2), ([1] * depth, depth + 1)):
        item = await bench.setup(0, Shape(1, 2, 1, 1, 1, 1), sizes)
        item = replace(item, cfg={**item.cfg, 4: groups})
        await bench.refuse(item, CseError.LIST_RANGE, depth - 1)
        await bench.good()
    await bench.good()


@leaf_test(cycles=200_000)
async def reset_mid(dut):
    """Goal: a pass cut off. Stimulus: a reset, or a clear with loads at once behind it, after
    each cycle of one. Check: no end, no error, no memory read; the next pass is exact."""
    await bring_up(dut)
    bench = NodeBench(dut)
    item = await bench.setup(0, SMALL, [2, 1])
    for stop in range(26):
        await bench.start(item)
        for _ in range(stop):
            await RisingEdge(dut.clk_i)
        if stop % 2:
            await bench.clear()
        else:
            await reset(dut)
        await bench.good()
        item = await bench.setup(0, SMALL, [2, 1])
