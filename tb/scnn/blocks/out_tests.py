"""lac_scnn_out: result packets, compressed and dense, against the channels that were encoded."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Any

from cocotb.triggers import ClockCycles, RisingEdge

from tb.common.bfm.block import Pins, bring_up, config, for_profiles, leaf_test, reset, rng
from tb.common.bfm.block_parts import clear_after_start, cycle
from tb.common.bfm.block_results import ResultStream
from tb.common.bfm.streams import StreamSink
from tb.scnn.blocks.top_reference import Encoder, count_words, row_word

CONFIG = {"NumPe": 64, "I": 4, "AccWidth": 24, "IaramRows": 1024, "CountWidth": 8}
CONFIG |= {"MaxC": 1024, "CarryDepth": 2048} | config()
PES, LANES, ACC, ROWS = (CONFIG[name] for name in ("NumPe", "I", "AccWidth", "IaramRows"))
COUNT, MAX_C, CARRY = (CONFIG[name] for name in ("CountWidth", "MaxC", "CarryDepth"))
ADDR = max(1, (ROWS - 1).bit_length())
ROW_WORDS = -(-20 * LANES // 64)
PAIRS = ACC <= 32
Plane = list[list[int]]  # [rows][columns]


@dataclass
class Case:
    """What the memories of all PEs hold: channels as planes, carry words."""

    planes: list[list[Plane]]
    carry: list[list[int]]
    gap: int
    cout_base: int
    chans: int

    def encoded(self, pe: int) -> Encoder:
        """As the PPU left it."""
        found = Encoder(LANES)
        for plane in self.planes[pe]:
            for y, row in enumerate(plane):
                if y and self.gap:
                    found.gap(self.gap)
                for value in row:
                    found.value(value)
            found.flush()
        return found

    def carry_words(self, pe: int) -> list[int]:
        """Carry words as the packet has them."""
        step, bits = (2, 32) if PAIRS else (1, 64)
        mask = (1 << bits) - 1
        found = []
        for at in range(0, len(self.carry[pe]), step):
            part = self.carry[pe][at : at + step]
            found.append(sum((value & mask) << bits * n for n, value in enumerate(part)))
        return found

    def compressed(self) -> list[int]:
        """The packet as the memories have it."""
        found = []
        for pe in range(PES):
            one = self.encoded(pe)
            counts = one.counts[: self.chans]
            rows = one.rows[: sum(-(-n // LANES) for n in counts)]
            found.append(len(self.carry[pe]) << 48 | len(rows) << 24 | pe)
            for at in range(0, len(counts), 4):
                found.append(sum(n << 16 * lane for lane, n in enumerate(counts[at : at + 4])))
            for row in rows:
                word = row_word(row)
                found += [word >> 64 * n & (1 << 64) - 1 for n in range(ROW_WORDS)]
            found += self.carry_words(pe)
        return found

    def dense(self) -> list[int]:
        """Four positions in a word."""
        found = []
        for pe in range(PES):
            for plane in self.planes[pe][: self.chans]:
                flat = [value & 0xFFFF for row in plane for value in row]
                for at in range(0, len(flat), 4):
                    found.append(sum(v << 16 * n for n, v in enumerate(flat[at : at + 4])))
            found += self.carry_words(pe)
        return found

    def cycles(self, dense: bool) -> int:
        """From start_i to the last word without waits, by the rule in the module's header."""
        total = 0
        for pe in range(PES):
            one, carried = self.encoded(pe), len(self.carry[pe])
            counts = one.counts[: self.chans]
            carry = len(self.carry_words(pe)) + (carried // 2 if PAIRS else 0)
            if dense:
                size = sum(len(row) for row in self.planes[pe][0])
                places = size + self.gap * (len(self.planes[pe][0]) - 1)
                total += 1 + (places + 2) * len(counts) + -(-len(counts) // 8)
                total += sum(max(0, -(-n // LANES) - 1) for n in counts)
                # The last dense word takes a cycle before carry words, and at the end.
                total += carry + (carry > 0 or pe == PES - 1)
            else:
                rows = sum(-(-n // LANES) for n in counts)
                total += 3 + 1 + -(-len(counts) // 4) + rows * ROW_WORDS + carry
        return total


class OutBench:
    """Loads the memories, starts, compares the packet."""

    def __init__(self, dut: Any, pause: str = "none"):
        self.dut, self.rng = dut, rng()
        ins: tuple[str, ...] = (
            "clr_i",
            "start_i",
            "dense_i",
            "chans_i",
            "box_w_i",
            "box_h_i",
            "gap_i",
            "cout_base_i",
        )
        ins += ("wr_pe_i", "wr_row_i", "wr_cnt_i", "wr_carry_i", "wr_addr_i", "wr_row_data_i")
        self.pins = Pins(dut, dut.clk_i, *ins, "wr_cnt_data_i", "wr_carry_data_i", "carried_i")
        self.results = ResultStream(dut)
        self.check, self.times = self.results.check, self.results.times
        self.sink = StreamSink(dut, "m_axis_out", dut.clk_i, pause=pause)

    def case(self, channels: int, width: int, height: int, density: float, carry: int = 0,
             gap: int = 0, chans: int = 0) -> Case:  # fmt: skip
        """Random planes that fit."""
        draw = self.rng

        def value() -> int:
            return int(draw.integers(-(1 << 15), 1 << 15)) if draw.random() < density else 0

        planes = [
            [[[value() for _ in range(width)] for _ in range(height)] for _ in range(channels)]
            for _ in range(PES)
        ]
        low, high = -(1 << ACC - 1), 1 << ACC - 1
        words = [[int(draw.integers(low, high)) for _ in range(carry)] for _ in range(PES)]
        if carry > 2:
            words[0] = words[0][:-1]
        base = int(draw.integers(0, CARRY - carry + 1))
        return Case(planes, words, gap, base, chans or channels)

    async def load(self, case: Case) -> None:
        """Write the memories."""
        carried = 0
        for pe in range(PES):
            one = case.encoded(pe)
            assert len(one.rows) <= ROWS and max(one.counts) < 1 << COUNT, "does not fit"
            self.pins.drive(wr_pe_i=pe)
            for at, row in enumerate(one.rows):
                self.pins.drive(wr_addr_i=at, wr_row_data_i=row_word(row))
                await self.pins.pulse("wr_row_i")
            for at, word in enumerate(count_words(one.counts, LANES, COUNT, ADDR)):
                self.pins.drive(wr_addr_i=at, wr_cnt_data_i=word)
                await self.pins.pulse("wr_cnt_i")
            for at, word in enumerate(case.carry[pe], case.cout_base):
                self.pins.drive(wr_addr_i=at, wr_carry_data_i=word & (1 << ACC) - 1)
                await self.pins.pulse("wr_carry_i")
            carried |= len(case.carry[pe]) << 17 * pe
        self.pins.drive(carried_i=carried)

    def arm(self, case: Case, dense: bool) -> None:
        """Set up without a start."""
        plane = case.planes[0][0]
        self.pins.drive(dense_i=dense, chans_i=case.chans, gap_i=case.gap)
        self.pins.drive(box_w_i=len(plane[0]), box_h_i=len(plane), cout_base_i=case.cout_base)
        self.results.expect(case.dense() if dense else case.compressed())
        self.times.clear()

    async def run(self, case: Case, dense: bool) -> None:
        """The whole packet."""
        self.arm(case, dense)
        begin = cycle() + 1
        await self.pins.pulse("start_i")
        for _ in range(400 + 12 * case.cycles(dense)):
            await RisingEdge(self.dut.clk_i)
            if self.check.pending == 0:
                break
        await ClockCycles(self.dut.clk_i, 4)
        self.check.done()
        if self.sink._task is None:
            took = self.times[-1] - begin
            want = case.cycles(dense) + 1  # a register behind
            assert took == want, f"{took} cycles, expected {want}: dense {dense}"

    async def both(self, case: Case) -> None:
        """Compressed and dense."""
        await self.load(case)
        for dense in (False, True):
            await self.run(case, dense)


@leaf_test
async def smoke(dut):
    """Goal: both forms. Stimulus: a few channels, with and without carry words. Check: every word,
    the cycle of the last one."""
    await bring_up(dut)
    bench = OutBench(dut)
    await bench.both(bench.case(3, 3, 2, 0.6))
    await bench.both(bench.case(3, 3, 2, 0.6, carry=3))


@leaf_test
async def extremes(dut):
    """Goal: the ends. Stimulus: one position, nothing but zeros, dense, 8 and 9 channels, fewer
    channels than there are, gaps of 1 to 16, 0 to 4 carry words, a full memory. Check: every
    word."""
    await bring_up(dut)
    bench = OutBench(dut)
    for density in (0.0, 1.0):
        await bench.both(bench.case(1, 1, 1, density))
        await bench.both(bench.case(8, 2, 1, density))
        await bench.both(bench.case(9, 1, 2, density, gap=16))
        await bench.both(bench.case(10, 2, 2, 0.5, chans=3 + 6 * int(density)))
    for carry in range(5):
        await bench.both(bench.case(2, 4, 3, 0.3, carry=carry, gap=carry * 4))
    for channels in (1, 4, 5, 7):
        await bench.both(bench.case(channels, 1, 1, 0.0, chans=channels))
    if ROWS <= 32:
        full = bench.case(ROWS, LANES, 1, 1.0)
        for plane in (plane for pe in full.planes for plane in pe):
            plane[0] = [value or 1 for value in plane[0]]
        full.planes = [[*planes, [[0] * LANES]] for planes in full.planes]
        full.chans = ROWS + 1
        if MAX_C > ROWS:
            await bench.both(full)


@leaf_test
async def directed_clear(dut):
    """Goal: clr_i cuts a packet off. Stimulus: a clear in each of the first cycles, the receiver
    open, slow and blocked. Check: what has begun ends with its last word or an abort; then a whole
    packet."""
    await bring_up(dut)
    bench = OutBench(dut)
    case = bench.case(2, 2, 2, 0.5, carry=2)
    await bench.load(case)
    aborted = 0
    for profile, wait, dense in product(("none", "cycle", "block"), range(0, 14, 2), (False, True)):
        bench.sink.set_pause(profile)
        bench.arm(case, dense)
        await bench.pins.pulse("start_i")
        await ClockCycles(dut.clk_i, wait)
        bench.results.cut_off()
        await bench.pins.pulse("clr_i")
        await ClockCycles(dut.clk_i, 3)
        bench.sink.set_pause("none")
        await ClockCycles(dut.clk_i, 6)
        aborted += bench.results.ended()
        await bench.run(case, dense)
    assert aborted > 5


@leaf_test
async def directed_clear_after_start(dut):
    """Goal: a clear before the first word. Stimulus: a clear 0 to 3 cycles after a start. Check: no
    word behind; then exact."""
    await bring_up(dut)
    bench = OutBench(dut)
    case = bench.case(2, 2, 1, 0.5)
    await bench.load(case)

    async def good() -> None:
        bench.check.forget()
        await bench.run(case, False)

    quiet = {"m_axis_out_tvalid": 0, "done_o": 0}
    await clear_after_start(dut, lambda: bench.arm(case, False), good, quiet, offsets=range(4))


@leaf_test
async def reset_mid(dut):
    """Goal: reset while words wait. Stimulus: one with a blocked sink. Check: nothing is offered
    any more; then exact."""
    await bring_up(dut)
    bench = OutBench(dut, pause="block")
    case = bench.case(2, 3, 1, 0.5, carry=1)
    await bench.load(case)
    for dense in (False, True):
        bench.sink.set_pause("block")
        bench.arm(case, dense)
        await bench.pins.pulse("start_i")
        await ClockCycles(dut.clk_i, 12)
        assert dut.m_axis_out_tvalid.value
        await reset(dut)
        bench.check.forget()
        assert not dut.m_axis_out_tvalid.value
        bench.sink.set_pause("none")
        await bench.run(case, dense)


@for_profiles(globals(), cycles=100_000)
async def random(dut, profile):
    """Goal: any contents under any pauses. Stimulus: 5 of random size, density, gap, carry words.
    Check: every word, compressed and dense."""
    await bring_up(dut)
    bench, draw = OutBench(dut, profile), rng()
    for _ in range(5):
        channels = int(draw.integers(1, min(11, ROWS // 3)))
        width, height = (int(draw.integers(1, 4)) for _ in range(2))
        case = bench.case(
            channels,
            width,
            height,
            float(draw.choice([0.0, 0.2, 0.7])),
            carry=int(draw.integers(0, 6)),
            gap=int(draw.choice([0, 1, 6, 16])),
            chans=int(draw.integers(1, channels + 1)),
        )
        if all(len(case.encoded(pe).rows) <= ROWS for pe in range(PES)):
            await bench.both(case)
