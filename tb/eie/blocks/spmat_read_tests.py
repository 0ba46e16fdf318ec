"""lac_eie_spmat_read against the slots that follow from the entries."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence

import numpy as np
from cocotb.triggers import ClockCycles, RisingEdge

from tb.common.bfm.block import Checker, Pins, bring_up, config, for_profiles, leaf_test, reset, rng
from tb.common.bfm.block_parts import EdgeMonitor, cycle
from tb.common.bfm.streams import StreamDriver, StreamMonitor
from tb.eie.blocks.models import EMPTY, Ints, Slot, row_reads, slice_slots

ACT_WIDTH = config().get("ActWidth", 16)
CODE_WIDTH = config().get("CodeWidth", 4)
IDX_WIDTH = config().get("IdxWidth", 4)
STEP_WIDTH = config().get("StepWidth", 8)
DEPTH = config().get("SpmatDepth", 16384)
ENTRY_WIDTH = CODE_WIDTH + IDX_WIDTH
LANES = config().get("SpmatWidth", 64) // ENTRY_WIDTH
ENTRIES = LANES * DEPTH
FULL_RUN = (1 << IDX_WIDTH) - 1
LATENCY = 3
FIELDS = ("act", "start", "end")


class Slots:
    """Each slot goes to ``callback``, an empty slice as ``EMPTY``; row reads are counted."""

    SIGNALS = ("ent_valid_o", "ev_empty_o", "ev_read_o", *(f"ent_{f}_o" for f in Slot._fields))

    def __init__(self, dut, callback: Callable[[Slot], None]):
        self.reads = 0
        self.times: list[int] = []
        self.monitor = EdgeMonitor(dut, self.SIGNALS, self._sample, callback)

    def _sample(self, seen: EdgeMonitor) -> None:
        self.reads += seen["ev_read_o"]
        valid, empty = seen["ent_valid_o"], seen["ev_empty_o"]
        assert not (valid and empty), "an entry and an empty slot in one cycle"
        if valid or empty:
            self.times.append(cycle())
            seen.report(Slot(*(seen[f"ent_{f}_o"] for f in Slot._fields)) if valid else EMPTY)


class SpmatReadBench:
    """Memory contents, descriptors in, slots out."""

    def __init__(self, dut, pause: str = "none"):
        self.dut = dut
        self.codes = np.zeros(ENTRIES, dtype=np.int64)
        self.idx = np.zeros(ENTRIES, dtype=np.int64)
        self.rng = rng()
        self.fuse = False
        self.slices: list[tuple[int, int]] = []
        self.check = Checker("spmat_slots")
        self.pins = Pins(
            dut, dut.clk_i, "clr_i", "fuse_pad_i", "wr_en_i", "wr_addr_i", "wr_data_i", "idle_o"
        )
        self.driver = StreamDriver(dut, "in", dut.clk_i, pause=pause, fields=FIELDS)
        self.slots = Slots(dut, self.check)

    async def load(self, codes: Ints, idx: Ints, at: int = 0) -> None:
        """Write entries into the weight memory from entry ``at`` (start of a row) on."""
        assert at % LANES == 0
        end = at + len(codes)
        self.codes[at:end], self.idx[at:end] = codes, idx
        for row in range(at // LANES, -(-end // LANES)):
            word = 0
            for lane in range(LANES):
                entry = int(self.idx[row * LANES + lane]) << CODE_WIDTH
                word |= (entry | int(self.codes[row * LANES + lane])) << lane * ENTRY_WIDTH
            self.pins.drive(wr_en_i=1, wr_addr_i=row, wr_data_i=word)
            await RisingEdge(self.dut.clk_i)
        self.pins.drive(wr_en_i=0)
        # As at the start of a pass: a row that was read before may have changed.
        await self.pins.pulse("clr_i")

    async def mode(self, fuse: bool) -> None:
        """Switch FUSE_PAD while idle."""
        self.fuse = fuse
        self.pins.drive(fuse_pad_i=fuse)
        await RisingEdge(self.dut.clk_i)

    def send(self, slices: Sequence[tuple[int, int]], acts: Sequence[int] | None = None) -> int:
        """Queue descriptors and what must come of them; returns the number of slots."""
        before = self.check.pending
        for k, (start, end) in enumerate(slices):
            act = acts[k] if acts is not None else (37 * len(self.slices) + 5) % (1 << ACT_WIDTH)
            self.check.expect(*self.expected(start, end, act))
            self.driver.append((act, start, end))
            self.slices.append((start, end))
        return self.check.pending - before

    def expected(self, start: int, end: int, act: int) -> list[Slot]:
        return slice_slots(
            self.codes,
            self.idx,
            start,
            end,
            act,
            lanes=LANES,
            idx_width=IDX_WIDTH,
            step_width=STEP_WIDTH,
            fuse=self.fuse,
        )

    async def drain(self) -> None:
        """Wait until all expected slots came; the block must then be idle."""
        await self.driver.drain()
        for _ in range(self.check.pending + LATENCY + 2):
            await RisingEdge(self.dut.clk_i)
        self.check.done()
        assert self.pins.read("idle_o") == [1], "not idle after the last slot"

    async def back_to_back(self, slices: Sequence[tuple[int, int]]) -> None:
        """Send without pauses and check that every cycle has a slot, and the row reads."""
        reads, begin = self.slots.reads, len(self.slots.times)
        await self.pins.pulse("clr_i")
        count = self.send(slices)
        await self.drain()
        times = self.slots.times[begin:]
        span = times[-1] - times[0] + 1
        assert len(times) == count
        assert span == count, f"{count} slots took {span} cycles"
        got, want = self.slots.reads - reads, row_reads(slices, LANES)
        assert got == want, f"{got} rows were read, {want} are needed"


def entries(draw: np.random.Generator, count: int, padding: float) -> tuple[Ints, Ints]:
    """Random entries; ``padding``: share of padding. One in ten others is a zero weight."""
    codes = draw.integers(1, 1 << CODE_WIDTH, count)
    idx = draw.integers(0, 1 << IDX_WIDTH, count)
    zero = (draw.random(count) < 0.1) & (idx != FULL_RUN)
    codes[zero] = 0
    pad = draw.random(count) < padding
    codes[pad], idx[pad] = 0, FULL_RUN
    return codes, idx


def random_slices(draw: np.random.Generator, count: int, longest: int) -> list[tuple[int, int]]:
    """Slices anywhere in the memory, short ones and empty ones included."""
    length = draw.integers(0, longest + 1, count)
    length[draw.random(count) < 0.3] = 1
    length = np.minimum(length, ENTRIES)
    start = draw.integers(0, ENTRIES - length + 1)
    return list(zip(start.tolist(), (start + length).tolist(), strict=True))


@leaf_test
async def smoke(dut):
    """Goal: order, steps and latency. Stimulus: the slice of the README's worked example between
    two of its parts, without and with fusing. Check: the slots; the first comes LATENCY cycles
    after its descriptor."""
    await bring_up(dut)
    bench = SpmatReadBench(dut)
    sent: list[int] = []
    StreamMonitor(
        dut, "in", dut.clk_i, into=True, fields=FIELDS, callback=lambda _: sent.append(cycle())
    )
    codes = np.minimum([1, 2, 0, 3], (1 << CODE_WIDTH) - 1)
    idx = np.minimum([2, 0, FULL_RUN, 2], FULL_RUN)
    await bench.load(codes, idx)
    for fuse in (False, True):
        await bench.mode(fuse)
        begin, count = len(bench.slots.times), len(sent)
        bench.send([(3, 4), (0, 4), (1, 3)])
        await bench.drain()
        took = bench.slots.times[begin] - sent[count]
        assert took == LATENCY, f"latency is {took} cycles"
    assert bench.check.compared == (1 + 4 + 2) + (1 + 3 + (2 if LANES == 2 else 1))


@leaf_test
async def directed_borders(dut):
    """Goal: slices that begin and end at every entry of a row. Stimulus: every start in a row with
    lengths 1, 2 and up to two rows and one. Check: slots, one in every cycle, row reads."""
    await bring_up(dut)
    bench = SpmatReadBench(dut)
    await bench.load(*entries(bench.rng, min(ENTRIES, 4 * LANES), 0.2))
    longest = min(2 * LANES + 1, ENTRIES)
    slices = [
        (start, start + length)
        for start in range(LANES)
        for length in sorted({1, 2, *range(LANES - start - 1, longest + 1, max(1, LANES // 4))})
        if length > 0
        if start + length <= ENTRIES
    ]
    for fuse in (False, True):
        await bench.mode(fuse)
        await bench.back_to_back(slices)


@leaf_test
async def directed_padding(dut):
    """Goal: padding first, last, adjacent, alone, on both sides of a row border. Stimulus: every
    pattern of padding over a window of six entries, at every place relative to a row border.
    Check: slots, one in every cycle, row reads, without and with fusing."""
    await bring_up(dut)
    bench = SpmatReadBench(dut)
    window = min(5, ENTRIES)
    # From "just before the border" to "just behind it".
    offsets = [at for at in range(LANES - window, LANES + 1) if 0 <= at <= ENTRIES - window]
    for pattern in itertools.product((False, True), repeat=window):
        codes, idx = entries(bench.rng, min(ENTRIES, 2 * LANES + window), 0.0)
        # Entry e of the memory is padding if e mod window is in the pattern.
        pad = np.resize(pattern, codes.size)
        codes[pad], idx[pad] = 0, FULL_RUN
        await bench.load(codes, idx)
        for fuse in (False, True):
            await bench.mode(fuse)
            await bench.back_to_back([(at, at + window) for at in offsets])
    steps = [slot.step for slot in bench.check._expected]
    assert max(steps) >= min(3 << IDX_WIDTH, (1 << STEP_WIDTH) - 1), "no padding was fused"


@leaf_test
async def directed_empty(dut):
    """Goal: empty slices. Stimulus: empty slices first, last, two and more in succession, at the
    start of a row and behind the last entry. Check: each takes one slot and reads nothing."""
    await bring_up(dut)
    bench = SpmatReadBench(dut)
    await bench.load(*entries(bench.rng, min(ENTRIES, 2 * LANES), 0.1))
    end = min(ENTRIES, 2 * LANES)
    for fuse in (False, True):
        await bench.mode(fuse)
        await bench.back_to_back([(0, 0), (0, 1), (1, 1), (1, 1), (1, end), (end, end), (end, end)])
        await bench.back_to_back([(end, end)] * 5 + [(0, 2), (2, 2)])


@leaf_test
async def directed_held_row(dut):
    """Goal: a row at the SRAM output is not read again, unless weights were loaded since. Stimulus:
    slices of one row, new contents for this row, the same slices. Check: slots, one read each
    time."""
    await bring_up(dut)
    bench = SpmatReadBench(dut)
    for _ in range(3):
        await bench.load(*entries(bench.rng, LANES, 0.0))
        reads = bench.slots.reads
        bench.send([(0, 1), (1, 2), (0, LANES), (1, 1), (0, 1)])
        await bench.drain()
        assert bench.slots.reads - reads == 1


@leaf_test
async def directed_clear(dut):
    """Goal: clr_i drops everything. Stimulus: a clear 0 to 8 cycles after a long slice began.
    Check: nothing comes any more, idle, and the next slices are whole."""
    await bring_up(dut)
    bench = SpmatReadBench(dut)
    await bench.load(*entries(bench.rng, ENTRIES, 0.3))
    await bench.mode(True)
    for delay in range(9):
        bench.send([(1, ENTRIES), (0, 0), (0, 2)])
        await ClockCycles(dut.clk_i, delay)
        # The descriptor on the pins goes away together with what is inside.
        bench.driver.abort()
        await bench.pins.pulse("clr_i")
        await RisingEdge(dut.clk_i)  # the slot beside the clear may still be seen
        bench.check.forget()
        await ClockCycles(dut.clk_i, 2)
        assert bench.pins.read("idle_o") == [1]
        bench.send([(0, min(ENTRIES, LANES + 1)), (0, 0)])
        await bench.drain()


@for_profiles(globals())
async def random(dut, profile):
    """Goal: any contents, any slices, with pauses. Stimulus: random entries at four shares of
    padding, random slices, both modes. Check: every slot, and the row reads."""
    await bring_up(dut)
    bench = SpmatReadBench(dut, profile)
    count = 8 if profile == "slow" else 20
    for padding in (0.0, 0.2, 0.5, 0.9):
        await bench.load(*entries(bench.rng, ENTRIES, padding))
        for fuse in (False, True):
            await bench.mode(fuse)
            await bench.pins.pulse("clr_i")
            reads, slices = bench.slots.reads, random_slices(bench.rng, count, 2 * LANES)
            bench.send(slices, bench.rng.integers(0, 1 << ACT_WIDTH, count).tolist())
            await bench.drain()
            assert bench.slots.reads - reads == row_reads(slices, LANES)


@leaf_test
async def extremes(dut):
    """Goal: the ends of every range. Stimulus: the whole memory as one slice, its last entry, all
    fields at their largest, and nothing but padding so that steps saturate. Check: slots."""
    await bring_up(dut)
    bench = SpmatReadBench(dut)
    top = (1 << ACT_WIDTH) - 1
    for codes, idx in (
        entries(bench.rng, ENTRIES, 0.0),
        (np.full(ENTRIES, (1 << CODE_WIDTH) - 1), np.full(ENTRIES, FULL_RUN)),
        (np.zeros(ENTRIES, dtype=int), np.full(ENTRIES, FULL_RUN)),
        (np.arange(ENTRIES) % LANES == 0, np.full(ENTRIES, FULL_RUN)),
        (np.arange(ENTRIES) % LANES == LANES - 1, np.full(ENTRIES, FULL_RUN)),
    ):
        await bench.load(codes, idx)
        for fuse in (False, True):
            await bench.mode(fuse)
            bench.send([(0, ENTRIES), (ENTRIES - 1, ENTRIES), (0, 1)], [top, 0, top])
            await bench.drain()
    steps = [slot.step for slot in bench.check._expected]
    if LANES << IDX_WIDTH >= 1 << STEP_WIDTH:
        assert max(steps) == (1 << STEP_WIDTH) - 1, "no step saturated"


@leaf_test
async def throughput(dut):
    """Goal: one entry per cycle. Stimulus: 200 slices of one entry (in one row, in a new row each
    time, in turns), of two entries across a border, and random ones, without pauses. Check: a slot
    in every cycle from the first to the last, and no row is read twice in succession."""
    await bring_up(dut)
    bench = SpmatReadBench(dut)
    await bench.load(*entries(bench.rng, ENTRIES, 0.15))
    for fuse in (False, True):
        await bench.mode(fuse)
        await bench.back_to_back([(k % LANES, k % LANES + 1) for k in range(100)])
        jumps = [(k * LANES + k % LANES) % ENTRIES for k in range(100)]
        await bench.back_to_back([(at, at + 1) for at in jumps])
        if DEPTH > 1:
            seams = [(k % (DEPTH - 1) + 1) * LANES for k in range(100)]
            await bench.back_to_back([(at - 1, at + 1) for at in seams])
        await bench.back_to_back(
            [s for s in random_slices(bench.rng, 60, 2 * LANES) if s[0] != s[1]]
        )


@leaf_test
async def reset_mid(dut):
    """Goal: reset at work. Stimulus: a reset in a long slice, both modes. Check: nothing old comes,
    idle, and the next slices are whole."""
    await bring_up(dut)
    bench = SpmatReadBench(dut)
    await bench.load(*entries(bench.rng, ENTRIES, 0.3))
    for fuse in (False, True):
        await bench.mode(fuse)
        bench.send([(0, ENTRIES), (0, ENTRIES)])
        await ClockCycles(dut.clk_i, 5)
        bench.driver.abort()
        await reset(dut)
        bench.check.forget()
        assert bench.pins.read("idle_o") == [1]
        bench.send([(0, min(ENTRIES, LANES + 1)), (0, 0), (1, 2)])
        await bench.drain()
