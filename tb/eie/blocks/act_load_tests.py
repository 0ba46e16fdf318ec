"""lac_eie_act_load against the position of every activation."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
from cocotb.triggers import ClockCycles, RisingEdge

from models.eie.packets import activation_packet
from models.fixed import limits
from models.socket import ErrorCode
from tb.common.bfm.block import Checker, Pins, bring_up, config, for_profiles, leaf_test, reset, rng
from tb.common.bfm.block_parts import EdgeMonitor, clear_after_start, cycle
from tb.common.bfm.streams import StreamDriver, StreamMonitor
from tb.eie.blocks.models import signed

NUM_PE = config().get("NumPe", 64)
ACT_WIDTH = config().get("ActWidth", 16)
DEPTH = 1 << config().get("AddrWidth", 10)
LANES = 64 // ACT_WIDTH
ACTIVE = min(NUM_PE, LANES)
STEPS = LANES // ACTIVE  # cycles per word
MASK = (1 << ACT_WIDTH) - 1


class ActLoadBench:
    """Packets in; a write is (position, activation), taken from PE, address and lane."""

    SIGNALS = (
        *("wr_en_o", "wr_addr_o", "wr_data_o", "busy_o"),
        *("done_o", "err_valid_o", "err_code_o", "err_pos_o"),
    )

    def __init__(self, dut, pause: str = "none"):
        self.dut = dut
        self.rng = rng()
        self.base = 0
        self.compare = True
        self.check = Checker("act_writes")
        self.done = 0
        self.errors: list[Any] = []
        self.word_times: list[int] = []
        self.write_times: list[int] = []
        self.pins = Pins(
            dut,
            dut.clk_i,
            *("clr_i", "start_i", "discard_i", "forget_i", "in_len_i", "act_base_i", "busy_o"),
        )
        self.driver = StreamDriver(dut, "s_axis_act", dut.clk_i, pause=pause)
        self.stream = StreamMonitor(
            dut, "s_axis_act", dut.clk_i, callback=lambda _: self.word_times.append(cycle())
        )
        self.monitor = EdgeMonitor(dut, self.SIGNALS, self._sample, self._on_write)

    def _sample(self, seen: EdgeMonitor) -> None:
        self.done += seen["done_o"]
        if seen["err_valid_o"]:
            self.errors.append((ErrorCode(seen["err_code_o"]), seen["err_pos_o"]))
        enables = seen["wr_en_o"]
        if not enables:
            return
        self.write_times.append(cycle())
        row, data = seen["wr_addr_o"] - self.base, seen["wr_data_o"]
        for pe in range(NUM_PE):
            if enables >> pe & 1:
                lane = data >> pe % ACTIVE * ACT_WIDTH & MASK
                seen.report((row * NUM_PE + pe, signed(lane, ACT_WIDTH)))

    def _on_write(self, write: tuple[int, int]) -> None:
        if self.compare:
            self.check(write)

    def values(self, count: int) -> np.ndarray:
        """Random activations; both ends are frequent."""
        low, high = limits(ACT_WIDTH)
        values = self.rng.integers(low, high + 1, count)
        return np.where(self.rng.random(count) < 0.2, self.rng.choice([low, high], count), values)

    async def start(self, length: int, base: int = 0) -> None:
        """Start pulse."""
        self.base, self.done = base, 0
        self.errors.clear()
        self.pins.drive(in_len_i=length, act_base_i=base, discard_i=0)
        await self.pins.pulse("start_i")

    def queue(self, words, last: int | None = None) -> None:
        """Queue words; tlast on the one numbered ``last`` (the final one if None)."""
        words = [int(word) for word in words]
        last = len(words) - 1 if last is None else last
        self.driver.extend([(word, int(k == last)) for k, word in enumerate(words)])

    async def idle(self) -> None:
        """Wait until all is taken and the loader is not busy."""
        await self.driver.drain()
        await ClockCycles(self.dut.clk_i, 3)
        assert self.pins.read("busy_o") == [0], "still busy"

    async def good(self, values: np.ndarray, base: int = 0) -> None:
        """Run a good packet and check everything."""
        self.compare = True
        self.check.expect(*((q, int(v)) for q, v in enumerate(values)))
        await self.start(len(values), base)
        self.queue(activation_packet(values, ACT_WIDTH))
        await self.idle()
        self.check.done(0)
        assert (self.done, self.errors) == (1, [])

    async def bad(self, words, length: int, code: ErrorCode, position: int) -> None:
        """Run a bad packet: the error must be that one, and the packet gone; then a good one."""
        self.compare = False
        await self.start(length)
        self.queue(words)
        await self.idle()
        assert (self.done, self.errors) == (0, [(code, position)]), f"{self.errors}"
        await self.good(self.values(LANES + 1))


@leaf_test
async def smoke(dut):
    """Goal: positions and latency. Stimulus: two rows of activations and one more, at base 0 and at
    the last base that fits. Check: each activation in its PE and word; the first write comes one
    cycle after its word was offered."""
    await bring_up(dut)
    bench = ActLoadBench(dut)
    count = 2 * NUM_PE + 1
    await bench.good(bench.values(count))
    first_word = bench.word_times[1] - (STEPS - 1)  # offered then, taken with its last step
    assert bench.write_times[0] - first_word == 1
    await bench.good(bench.values(count), base=DEPTH - 3)
    bench.check.done(minimum=2 * count)


@leaf_test
async def directed_lengths(dut):
    """Goal: the last word and the last row may be partial. Stimulus: every length up to two words
    and one, and around one and two rows. Check: no lane past the end is written."""
    await bring_up(dut)
    bench = ActLoadBench(dut)
    lengths = {*range(1, 2 * LANES + 2)}
    lengths |= {rows * NUM_PE + d for rows in (1, 2) for d in (-1, 0, 1)} - {0}
    for length in sorted(lengths):
        await bench.good(bench.values(length), base=1)


@leaf_test
async def directed_ignored(dut):
    """Goal: the lanes behind the last activation are ignored. Stimulus: packets whose last word is
    filled up with ones. Check: nothing is written from there."""
    await bring_up(dut)
    bench = ActLoadBench(dut)
    for length in range(1, LANES):
        values = bench.values(length)
        words = activation_packet(values, ACT_WIDTH)
        words[-1] |= np.uint64((1 << 64) - (1 << length * ACT_WIDTH))
        bench.check.expect(*((q, int(v)) for q, v in enumerate(values)))
        await bench.start(length)
        bench.queue(words)
        await bench.idle()
        bench.check.done(0)


@leaf_test
async def directed_discard(dut):
    """Goal: discard_i throws away what comes. Stimulus: it rises in every cycle of a packet, and
    while one waits that no run expects. Check: gone to tlast; no done, no error; then good."""
    await bring_up(dut)
    bench = ActLoadBench(dut)
    words = activation_packet(bench.values(4 * LANES), ACT_WIDTH)
    for wait in range(1, 4 * STEPS + 1):
        bench.compare = False
        await bench.start(4 * LANES)
        bench.queue(words)
        await ClockCycles(dut.clk_i, wait)
        bench.pins.drive(discard_i=1)
        await bench.idle()
        assert (bench.done, bench.errors) == (0, [])
        await bench.good(bench.values(LANES + 1))
    bench.done, before = 0, len(bench.write_times)
    bench.pins.drive(discard_i=1)
    bench.queue(words)
    await bench.idle()
    assert bench.done == 0 and len(bench.write_times) == before
    await bench.good(bench.values(3))


@leaf_test
async def directed_clear(dut):
    """Goal: clr_i ends the reading of a packet at once, and the packet is taken to its tlast.
    Stimulus: a clear behind every word of a packet, with the next start at once; the same when the
    host takes the rest back. Check: no done, no error; then a good packet."""
    await bring_up(dut)
    bench = ActLoadBench(dut)
    words = activation_packet(bench.values(4 * LANES), ACT_WIDTH)
    for back, begun in product((False, True), range(1, 3)):
        bench.compare = False
        await bench.start(4 * LANES)
        sent = len(bench.driver.sent)
        bench.queue(words)
        while len(bench.driver.sent) - sent < begun:
            await RisingEdge(dut.clk_i)
        if back:
            bench.driver.abort()
        bench.pins.drive(forget_i=int(back))
        await bench.pins.pulse("clr_i")
        bench.pins.drive(forget_i=0)
        await ClockCycles(dut.clk_i, 2)
        assert (bench.done, bench.errors) == (0, [])
        assert not back or bench.pins.read("busy_o") == [0]
        await bench.good(bench.values(LANES + 1))


@leaf_test
async def directed_clear_after_start(dut):
    """Goal: a clear right after a start. Stimulus: a clear 0 to 7 cycles after it, no packet there.
    Check: not busy, no end, no error, no write in any cycle behind; then a good packet."""
    await bring_up(dut)
    bench = ActLoadBench(dut)
    bench.pins.drive(in_len_i=LANES + 1)
    quiet = {"busy_o": 0, "done_o": 0, "err_valid_o": 0, "wr_en_o": 0}

    async def good() -> None:
        await bench.good(bench.values(LANES + 1))

    await clear_after_start(dut, lambda: None, good, quiet)


@for_profiles(globals())
async def random(dut, profile):
    """Goal: any length at any base with pauses. Stimulus: 6 packets. Check: every activation in its
    PE and word, done."""
    await bring_up(dut)
    bench = ActLoadBench(dut, profile)
    for _ in range(6):
        length = int(bench.rng.integers(1, min(DEPTH * NUM_PE, 20 * LANES) + 1))
        base = int(bench.rng.integers(DEPTH - -(-length // NUM_PE) + 1))
        await bench.good(bench.values(length), base)
    bench.check.done(minimum=6)


@leaf_test
async def extremes(dut):
    """Goal: the ends of every range. Stimulus: one activation in the last word; as many as fit (at
    most 64 words); all of them the lowest, then the highest. Check: writes, done."""
    await bring_up(dut)
    bench = ActLoadBench(dut)
    await bench.good(bench.values(1), base=DEPTH - 1)
    count = min(DEPTH * NUM_PE, 64 * LANES)
    for value in limits(ACT_WIDTH):
        await bench.good(np.full(count, value), base=DEPTH - -(-count // NUM_PE))


@leaf_test
async def throughput(dut):
    """Goal: one word, or NumPe activations, per cycle. Stimulus: 40 words without pauses. Check:
    cycles between the first and the last word."""
    await bring_up(dut)
    bench = ActLoadBench(dut)
    words = min(40, DEPTH * NUM_PE // LANES)
    await bench.good(bench.values(words * LANES))
    span = bench.word_times[-1] - bench.word_times[1]
    assert span == (words - 1) * STEPS, f"{words} words took {span + 1} cycles"


@leaf_test
async def reset_mid(dut):
    """Goal: reset in a packet. Stimulus: a reset in every cycle of a short one. Check: not busy, no
    write after it; then a good packet."""
    await bring_up(dut)
    bench = ActLoadBench(dut)
    for wait in range(1, 2 * STEPS + 2):
        bench.compare = False
        await bench.start(2 * LANES)
        bench.queue(activation_packet(bench.values(2 * LANES), ACT_WIDTH))
        await ClockCycles(dut.clk_i, wait)
        bench.driver.abort()
        await reset(dut)
        assert bench.pins.read("busy_o") == [0]
        before = len(bench.write_times)
        await ClockCycles(dut.clk_i, 3)
        assert len(bench.write_times) == before
        await bench.good(bench.values(LANES + 1))


@leaf_test
async def bad_header(dut):
    """Goal: magic and count must be right. Stimulus: one bit of the magic wrong, a count one more
    and one less than IN_LEN, and 0. Check: ACT_HEADER at beat 0, packet gone, then good."""
    await bring_up(dut)
    bench = ActLoadBench(dut)
    length = 2 * LANES
    for wrong in (1 << 32, 1 << 63):
        words = activation_packet(bench.values(length), ACT_WIDTH)
        words[0] ^= np.uint64(wrong)
        await bench.bad(words, length, ErrorCode.ACT_HEADER, 0)
    for count in (length + 1, length - 1, 1):
        words = activation_packet(bench.values(count), ACT_WIDTH)
        await bench.bad(words, length, ErrorCode.ACT_HEADER, 0)
    await bench.bad(activation_packet(np.zeros(0, int), ACT_WIDTH), 1, ErrorCode.ACT_HEADER, 0)


@leaf_test
async def bad_length(dut):
    """Goal: tlast must be where the count says. Stimulus: tlast on every word before the end; words
    behind the end. Check: ACT_SHORT or ACT_LONG at that beat, packet gone, then good."""
    await bring_up(dut)
    bench = ActLoadBench(dut)
    length = 3 * LANES + 1
    words = activation_packet(bench.values(length), ACT_WIDTH)
    for short in range(len(words) - 1):
        await bench.bad(words[: short + 1], length, ErrorCode.ACT_SHORT, short)
    for extra in (1, 4):
        longer = np.concatenate([words, np.zeros(extra, dtype=np.uint64)])
        await bench.bad(longer, length, ErrorCode.ACT_LONG, len(words) - 1)
