"""lac_cse_unpack against ``models.cambricon_se.packets.packed``, the other way round."""

from __future__ import annotations

import numpy as np
from cocotb.triggers import ClockCycles, RisingEdge

from models.cambricon_se.packets import packed
from models.packets import pack_lanes
from tb.common.bfm.block import Checker, Pins, bring_up, config, for_profiles, leaf_test, reset, rng
from tb.common.bfm.block_parts import EdgeMonitor
from tb.common.bfm.streams import StreamDriver, StreamMonitor

EACH = config().get("Each", 16)
SHORT, LONG, VALUE = 7, 8, 32


class UnpackBench:
    """Sends packets of units, compares neurons, and errors with the word they come with."""

    def __init__(self, dut, profile: str = "none"):
        self.dut, self.rng = dut, rng()
        self.out, self.errors = Checker("neurons"), Checker("errors")
        clk = dut.clk_i
        self.pins = Pins(dut, clk, "clr_i", "start_i", "masks_i")
        self.driver = StreamDriver(dut, "in", clk, fields=("data", "last"), pause=profile)
        self.taken = StreamMonitor(dut, "in", clk, into=True, fields=("data", "last"))
        self.seen = StreamMonitor(dut, "out", clk, has_ready=False, callback=self._neurons)
        self.faults = EdgeMonitor(dut, ("err_o", "err_code_o"), self._fault, self.errors)
        self.compare = True

    def _neurons(self, beat) -> None:
        if self.compare:
            self.out(int(beat))

    def _fault(self, seen: EdgeMonitor) -> None:
        if seen["err_o"]:
            seen.report(seen["err_code_o"])

    _neurons.__qualname__ = "neurons"

    def draw(self, masks: int, density: float) -> np.ndarray:
        """Neurons [masks, Each] of a density."""
        values = self.rng.integers(-(1 << 15), 1 << 15, (masks, EACH))
        return values * (self.rng.random(values.shape) < density)

    async def start(self, masks: int) -> None:
        """A packet is to come."""
        self.pins.drive(masks_i=masks)
        await self.pins.pulse("start_i")

    def queue(self, words: list[int]) -> None:
        """Words of the packet."""
        self.driver.extend((word, int(at + 1 == len(words))) for at, word in enumerate(words))

    async def good(self, values: np.ndarray) -> None:
        """A packet, and its neurons no later than its last word is taken."""
        await self.start(len(values))
        self.out.expect(*pack_lanes(values.ravel(), 16).tolist())
        self.queue(packed(values, EACH).tolist())
        await self.driver.drain()
        assert not self.out.pending, "the packet ends before its neurons are out"
        self.errors.done(0)

    async def bad(self, words: list[int], masks: int, code: int, beat: int) -> None:
        """A packet at fault at a word; then all is cleared, as the socket does."""
        before, self.compare = len(self.taken.beats), False
        self.errors.expect(code)
        await self.start(masks)
        self.queue(words)
        for _ in range(2_000):
            await RisingEdge(self.dut.clk_i)
            if not self.errors.pending:
                break
        self.errors.done(0)
        found = len(self.taken.beats) - before
        assert beat + 1 <= found <= beat + 2, f"error at word {found - 1}, expected {beat}"
        self.driver.abort()
        await self.pins.pulse("clr_i")
        await ClockCycles(self.dut.clk_i, 2)
        self.out.forget()
        self.compare = True


@leaf_test
async def smoke(dut):
    """Goal: a packet. Stimulus: three masks, one of them 0. Check: every neuron."""
    await bring_up(dut)
    bench = UnpackBench(dut)
    values = bench.draw(3, 1.0)
    values[1] = 0
    await bench.good(values)
    bench.out.done()


@for_profiles(globals())
async def random(dut, profile):
    """Goal: any packet, in any rhythm. Stimulus: packets of 1 to 20 masks of every density. Check:
    every neuron, all out as the last word is taken, no error."""
    await bring_up(dut)
    bench = UnpackBench(dut, profile)
    for density in (0.0, 0.1, 0.5, 0.9, 1.0):
        for _ in range(3):
            await bench.good(bench.draw(int(bench.rng.integers(1, 21)), density))
    bench.out.done()


@leaf_test
async def throughput(dut):
    """Goal: the rate. Stimulus: 40 masks, dense, and with none. Check: 4 neurons a cycle and a
    cycle for each mask, and no more than 4 beside."""
    await bring_up(dut)
    bench = UnpackBench(dut)
    for density in (0.0, 1.0):
        before = bench.seen.cycle
        await bench.good(bench.draw(40, density))
        took = bench.seen.cycle - before
        assert took <= 40 * (EACH // 4 + 1) + 4, f"{took} cycles"
    bench.out.done()


@leaf_test
async def bad_value(dut):
    """Goal: a value of 0 behind a mask bit. Stimulus: at each place of a packet; units behind
    the last value that are not 0; mask bits past Each. Check: the error with its word, the
    next packet."""
    await bring_up(dut)
    bench = UnpackBench(dut)
    values = bench.draw(2, 1.0)
    values[values == 0] = 1
    units = np.concatenate([np.concatenate(([(1 << EACH) - 1], row)) for row in values])
    for at in range(units.size):
        if at % (EACH + 1):
            spoilt = units.copy()
            spoilt[at] = 0
            await bench.bad(pack_lanes(spoilt, 16).tolist(), 2, VALUE, at // 4)
    behind = np.concatenate((units, [0, 5]))
    assert behind.size % 4 == 0
    await bench.bad(pack_lanes(behind, 16).tolist(), 2, VALUE, behind.size // 4 - 1)
    if EACH < 16:
        await bench.bad([1 << EACH], 1, VALUE, 0)
    await bench.good(values)
    bench.out.done()


@leaf_test
async def bad_length(dut):
    """Goal: packets that end elsewhere. Stimulus: a packet cut behind each word, and with a
    word more. Check: short and long errors with their word, the next packet."""
    await bring_up(dut)
    bench = UnpackBench(dut)
    values = bench.draw(3, 0.8)
    words = packed(values, EACH).tolist()
    for length in range(1, len(words)):
        await bench.bad(words[:length], 3, SHORT, length - 1)
    await bench.bad([*words, 0], 3, LONG, len(words))
    await bench.good(values)
    bench.out.done()


@leaf_test
async def reset_mid(dut):
    """Goal: nothing is left behind a reset, or a clear. Stimulus: either within a packet, then a
    packet. Check: the neurons of the second one alone."""
    await bring_up(dut)
    bench = UnpackBench(dut)
    for clears in (False, True, False):
        bench.compare = False
        await bench.start(9)
        bench.queue(packed(bench.draw(9, 0.6), EACH).tolist())
        await ClockCycles(dut.clk_i, int(bench.rng.integers(2, 12)))
        bench.driver.abort()
        if clears:
            await bench.pins.pulse("clr_i")
        else:
            await reset(dut)
        await ClockCycles(dut.clk_i, 2)
        bench.compare = True
        await bench.good(bench.draw(5, 0.5))
    bench.out.done()
