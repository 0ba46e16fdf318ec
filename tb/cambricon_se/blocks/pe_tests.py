"""lac_cse_pe against sums of Python integers, cycle by cycle."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import numpy as np
from cocotb.triggers import RisingEdge

from tb.array.blocks.schedule import extreme, packed, signed
from tb.common.bfm.block import Pins, bring_up, config, for_profiles, leaf_test, reset, rng
from tb.common.bfm.streams import pause_pattern

CONFIG: dict[str, int] = {"Lanes": 16, "CodeRow": 64, "Natural": 0, "ListDepth": 256}
CONFIG |= {"AccDepth": 1024, "AccWidth": 48, "BiasDepth": 64, "BiasWidth": 32} | config()
LANES, CODE_ROW, DEPTH = CONFIG["Lanes"], CONFIG["CodeRow"], CONFIG["ListDepth"]
ACC_DEPTH, ACC_WIDTH = CONFIG["AccDepth"], CONFIG["AccWidth"]
BIASES, BIAS_WIDTH = CONFIG["BiasDepth"], CONFIG["BiasWidth"]
#: Codes that a lane looks at.
CODES = CODE_ROW // LANES if CONFIG["Natural"] else CODE_ROW
RANK_BITS = max(1, (CODES - 1).bit_length())
PARTS = -(-CODE_ROW // 8)
#: Cycles from a vector's place to its codebooks, neurons, slots counted, tree done, sum written.
BOOKS, NEURONS, COUNTED, TREE, WRITTEN = 1, 2, 3, 5, 7
INPUTS = (
    *("clr_i", "code4_i", "keep_i", "use_bias_i", "wr_codes_i", "wr_bias_low_i"),
    *("wr_bias_high_i", "wr_addr_i", "wr_part_i", "wr_data_i", "code_rd_i", "code_addr_i"),
    *("wr_both_i", "wr_high_i"),
    *("load_i", "load_slot_i", "pick_i", "valid_i", "slot_i", "rank_i", "neurons_i", "books_i"),
    *("fire_i", "first_i", "ctl_i", "ctl_last_i", "ctl_addr_i", "ctl_bias_i"),
    *("out_rd_en_i", "out_rd_addr_i"),
)


@dataclass
class Vector:
    """A vector on its way; first and last of its output, the output's number and its bias."""

    first: bool
    last: bool
    final: bool
    output: int
    bias: int
    valid: np.ndarray
    slot: np.ndarray
    codes: np.ndarray
    weights: Any = None


class PeBench:
    """Loads codes and biases, sends vectors, holds every sum and count against Python."""

    def __init__(self, dut, profile: str = "none"):
        self.dut, self.draw = dut, rng()
        self.pause = pause_pattern(profile, "vectors")
        names = ("acc_o", "done_o", "err_o", "err_addr_o", "useful_o", "padding_o")
        self.pins = Pins(dut, dut.clk_i, *INPUTS, *names)
        self.rows = np.zeros((DEPTH, CODE_ROW), np.int64)
        self.bias = [0] * BIASES
        self.acc: dict[int, int] = {}
        self.overflows = 0

    async def load(self, rows: np.ndarray, base: int = 0) -> None:
        """Rows of codes, a word or two at a time."""
        self.rows[base : base + len(rows)] = rows
        for at, row in enumerate(rows, base):
            words = [packed(row[8 * part : 8 * part + 8], 8) for part in range(PARTS)]
            both = bool(self.draw.integers(2))
            for part in range(0, PARTS, 1 + both):
                high = words[part + 1] if both and part + 1 < PARTS else 0
                self.pins.drive(wr_codes_i=1, wr_addr_i=at, wr_part_i=part, wr_both_i=both,
                                wr_data_i=words[part], wr_high_i=high)  # fmt: skip
                await RisingEdge(self.dut.clk_i)
        self.pins.drive(wr_codes_i=0, wr_both_i=0)

    async def load_bias(self) -> None:
        """All of them, in pairs; an odd one alone."""
        self.bias = extreme(self.draw, BIASES, BIAS_WIDTH).tolist()
        for at in range(0, BIASES, 2):
            pair = self.bias[at : at + 2]
            self.pins.drive(wr_bias_low_i=1, wr_bias_high_i=len(pair) > 1, wr_addr_i=at // 2,
                            wr_data_i=packed(pair, 32))  # fmt: skip
            await RisingEdge(self.dut.clk_i)
        self.pins.drive(wr_bias_low_i=0, wr_bias_high_i=0)

    async def setup(self) -> None:
        """Codes everywhere, biases."""
        await self.load(extreme(self.draw, (min(DEPTH, 20), CODE_ROW), 8))
        await self.load_bias()

    def weights(self, one: Vector, books: np.ndarray, code4: bool) -> np.ndarray:
        """Of the lanes: by the codebooks [2, 16] of the slots."""
        mine = books[one.slot.astype(int)]
        if code4:
            return mine[np.arange(LANES), one.codes & 15]
        shifted = one.codes << (mine[:, 0] & 15)
        return shifted.astype(np.int16).astype(np.int64)

    async def run(
        self, outputs: int, keep: bool = False, bias: bool = False, code4: bool = False,
        most: int = 4, neurons: int | None = None, shift: int | None = None, stop: int = -1,
    ) -> None:  # fmt: skip
        """A pass: outputs of 1 to ``most`` vectors. neurons, shift: of all; stop: cycles."""
        draw = self.draw
        self.pins.drive(code4_i=code4, keep_i=keep, use_bias_i=bias)
        sizes = draw.integers(1, most + 1, outputs).tolist()
        todo = [(n, k, sizes[n]) for n in range(outputs) for k in range(sizes[n])]
        way: dict[int, Vector] = {}
        slots: dict[int, np.ndarray] = {}
        ends: dict[int, tuple] = {}
        sums: dict[int, int] = defaultdict(int)
        pending: tuple | None = None  # a row that was read, and its slot
        cycle, last = 0, None
        while last is None or cycle <= last + WRITTEN:
            if cycle == stop:
                return
            # rows into slots, a cycle behind their read
            loads, pending = pending, None
            if draw.random() < 0.5 or len(slots) < 2:
                slot = int(draw.integers(2)) if len(slots) == 2 else cycle % 2
                pending = (int(draw.integers(min(DEPTH, 20))), slot)
            drive: dict[str, int] = {"code_rd_i": pending is not None, "load_i": loads is not None}
            drive |= {"code_addr_i": pending[0]} if pending else {}
            drive |= {"load_slot_i": loads[1]} if loads else {}
            # a vector
            one = None
            if todo and len(slots) == 2 and not next(self.pause):
                n, k, size = todo.pop(0)
                valid = draw.random(LANES) < draw.choice([0.0, 0.5, 1.0])
                slot = (draw.random(LANES) < 0.5) & valid
                rank = draw.integers(0, CODES, LANES)
                place = rank + (np.arange(LANES) * CODES if CONFIG["Natural"] else 0)
                codes = np.where(slot, slots[1][place], slots[0][place])
                ending = k + 1 == size
                one = Vector(k == 0, ending, ending and n + 1 == outputs, n,
                             n % BIASES, valid, slot, codes)  # fmt: skip
                way[cycle] = one
                drive |= {"rank_i": packed(rank, RANK_BITS), "slot_i": packed(slot, 1)}
                last = cycle if one.final else last
            drive |= {"pick_i": one is not None, "valid_i": packed(one.valid, 1) if one else 0}
            drive |= {} if one else {"slot_i": 0}
            # its codebooks, neurons, control
            books = extreme(draw, (2, 16), 16)
            if shift is not None:
                books[:] = shift
            drive["books_i"] = packed(books.ravel(), 16)
            if back := way.get(cycle - BOOKS):
                back.weights = self.weights(back, books, code4)
            values = extreme(draw, LANES, 16)
            if neurons is not None:
                values[:] = neurons
            drive["neurons_i"] = packed(values, 16)
            if back := way.get(cycle - NEURONS):
                products = np.where(back.valid, back.weights * values, 0)
                live = int((back.valid & (back.weights != 0) & (values != 0)).sum())
                ends[cycle - NEURONS] = (live, int(back.valid.sum()) - live)
                sums[back.output] += int(products.sum())
            back = way.get(cycle - TREE)
            ctl = back is not None and back.last
            drive |= {"fire_i": back is not None, "ctl_i": ctl}
            if back:
                drive |= {"first_i": back.first, "ctl_last_i": back.final,
                          "ctl_addr_i": back.output, "ctl_bias_i": back.bias}  # fmt: skip
            self.pins.drive(**drive)
            await RisingEdge(self.dut.clk_i)
            useful, padding, done, err = self.pins.read("useful_o", "padding_o", "done_o", "err_o")
            want = ends.get(cycle - COUNTED, (0, 0))
            assert (useful, padding) == want, f"{useful} useful, {padding} padding, expected {want}"
            back = way.get(cycle - WRITTEN)
            assert done == int(back is not None and back.final), f"done_o {done}"
            wrong = back is not None and back.last and self.write(back, sums, keep, bias)
            assert err == int(wrong), f"err_o {err}, sum {sums[back.output] if back else None}"
            if back is not None and wrong:
                assert self.pins.read("err_addr_o") == [back.output]
                self.overflows += 1
            if loads:
                slots[loads[1]] = self.rows[loads[0]]
            cycle += 1
        self.pins.drive(pick_i=0, valid_i=0, fire_i=0, ctl_i=0, code_rd_i=0, load_i=0)

    def write(self, one: Vector, sums: dict[int, int], keep: bool, bias: bool) -> bool:
        """The accumulator of an output; whether it overflows, and then is not written."""
        total = sums[one.output] + (self.acc.get(one.output, 0) if keep else 0)
        total += self.bias[one.bias] if bias else 0
        if not -(1 << ACC_WIDTH - 1) <= total < 1 << ACC_WIDTH - 1:
            return True
        self.acc[one.output] = total
        return False

    async def results(self) -> None:
        """Every accumulator that was written."""
        for at, want in self.acc.items():
            self.pins.drive(out_rd_en_i=1, out_rd_addr_i=at)
            await RisingEdge(self.dut.clk_i)
            self.pins.drive(out_rd_en_i=0)
            for _ in range(2):  # it holds
                await RisingEdge(self.dut.clk_i)
                found = signed(self.pins.read("acc_o")[0], ACC_WIDTH)
                assert found == want, f"accumulator {at}: {found}, expected {want}"


OUTPUTS = min(ACC_DEPTH, 12)


@leaf_test
async def smoke(dut):
    """Goal: sums, in time. Stimulus: outputs of up to 4 vectors, codes that are shifted. Check:
    counts 3 cycles behind each vector, the end and every accumulator."""
    await bring_up(dut)
    bench = PeBench(dut)
    await bench.setup()
    await bench.run(OUTPUTS)
    await bench.results()


@for_profiles(globals(), ("none", "random", "burst"))
async def random(dut, profile):
    """Goal: any pass. Stimulus: vectors in a row, or with pauses; slots that change under way; new
    sums, kept ones, with biases; codes that are shifted, or name a value. Check: as in smoke."""
    await bring_up(dut)
    bench = PeBench(dut, profile)
    await bench.setup()
    for keep, bias in ((False, True), (True, False), (False, False), (True, False)):
        for code4 in (False, True):
            await bench.run(OUTPUTS, keep, bias, code4)
            await bench.results()


@leaf_test
async def extremes(dut):
    """Goal: ends of numbers. Stimulus: the most negative neurons and weights in all lanes, as many
    as a sum can have; outputs of one vector, one behind the other. Check: as in smoke."""
    await bring_up(dut)
    bench = PeBench(dut)
    await bench.load(np.full((min(DEPTH, 20), CODE_ROW), -128))
    await bench.load_bias()
    most = DEPTH * CODE_ROW // LANES
    for code4 in (False, True):
        await bench.run(OUTPUTS, neurons=-32768, most=1, code4=code4)
        await bench.run(min(OUTPUTS, 3), neurons=-32768, most=min(most, 40), code4=code4)
        bench.acc.clear()
        await bench.run(OUTPUTS, neurons=32767, most=1, code4=code4)
        await bench.results()


@leaf_test
async def directed_overflow(dut):
    """Goal: a sum past either end of the accumulator. Stimulus: passes that keep their sums, of
    large numbers of one sign, until they leave it (none do where it has room for all). Check: the
    error with its place, in the cycle of the write; the accumulator stays; sums after it."""
    await bring_up(dut)
    bench = PeBench(dut)
    await bench.load(np.full((min(DEPTH, 20), CODE_ROW), 127))
    for neurons in (32767, -32768):
        await bench.run(OUTPUTS, neurons=neurons, shift=8)
        for _ in range(12):
            await bench.run(OUTPUTS, keep=True, neurons=neurons, shift=8)
        await bench.results()
    assert bench.overflows or ACC_WIDTH > 38
    await bench.run(OUTPUTS)
    await bench.results()


@leaf_test
async def reset_mid(dut):
    """Goal: a pass cut off. Stimulus: a reset, or a clear, after each cycle of one. Check: no end
    and no error behind; the next pass is exact."""
    await bring_up(dut)
    bench = PeBench(dut)
    await bench.setup()
    for stop in range(1, 22):
        for clears in (False, True):
            await bench.run(OUTPUTS, stop=stop)
            idle = {"pick_i": 0, "valid_i": 0, "slot_i": 0, "fire_i": 0, "ctl_i": 0, "code_rd_i": 0}
            bench.pins.drive(**idle, load_i=0)
            if clears:
                await bench.pins.pulse("clr_i")
            else:
                await reset(dut)
            bench.acc.clear()
            for _ in range(10):
                await RisingEdge(dut.clk_i)
                assert bench.pins.read("done_o", "err_o") == [0, 0]
            await bench.run(2)
            await bench.results()
