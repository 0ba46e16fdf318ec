"""lac_cse_pack against ``models.cambricon_se.packets.packed``."""

from __future__ import annotations

import numpy as np
from cocotb.triggers import ClockCycles

from models.cambricon_se.packets import packed
from models.packets import pack_rows_of_lanes
from tb.common.bfm.block import Checker, Pins, bring_up, config, for_profiles, leaf_test, reset, rng
from tb.common.bfm.streams import StreamDriver, StreamMonitor, StreamSink

PES = config().get("Pes", 16)
WORDS = -(-PES // 4)  # of a result
FIELDS = ("data", "last")


class PackBench:
    """Sends packets of results, compares the words that leave."""

    def __init__(self, dut, profile: str = "none", out: str = "none"):
        self.dut, self.rng, self.check = dut, rng(), Checker("pack")
        self.pins = Pins(dut, dut.clk_i, "clr_i")
        self.driver = StreamDriver(dut, "in", dut.clk_i, fields=FIELDS, pause=profile)
        self.sink = StreamSink(dut, "out", dut.clk_i, pause=out)
        self.monitor = StreamMonitor(dut, "out", dut.clk_i, fields=FIELDS, callback=self._word)

    def _word(self, beat) -> None:
        self.check((int(beat[0]), int(beat[1])))

    def words(self, values: np.ndarray) -> tuple[list[int], list[int]]:
        """Of results [n, Pes]: plain, packed."""
        plain = pack_rows_of_lanes(values, 16).tolist()
        return plain, packed(values, PES).tolist()

    def queue(self, values: np.ndarray) -> None:
        """A packet on its way in."""
        plain, _ = self.words(values)
        self.driver.extend((word, int(at + 1 == len(plain))) for at, word in enumerate(plain))

    def send(self, values: np.ndarray) -> None:
        """A packet, which has to come out."""
        _, want = self.words(values)
        self.check.expect(*((word, int(at + 1 == len(want))) for at, word in enumerate(want)))
        self.queue(values)

    def draw(self, results: int, density: float) -> np.ndarray:
        """Results of a density."""
        values = self.rng.integers(-(1 << 15), 1 << 15, (results, PES))
        return values * (self.rng.random(values.shape) < density)

    async def finish(self) -> None:
        """Until all words have left."""
        await self.driver.drain()
        while self.check.pending:
            await ClockCycles(self.dut.clk_i, 1)
        await ClockCycles(self.dut.clk_i, 20)
        self.check.done()


@leaf_test
async def smoke(dut):
    """Goal: a packet. Stimulus: three results, one of them 0. Check: masks and values."""
    await bring_up(dut)
    bench = PackBench(dut)
    values = bench.draw(3, 1.0)
    values[1] = 0
    bench.send(values)
    await bench.finish()


@for_profiles(globals())
async def random(dut, profile):
    """Goal: any packet under stalls. Stimulus: packets of 1 to 9 results, of every density, the
    profile on both sides. Check: every word, and which is the last."""
    await bring_up(dut)
    bench = PackBench(dut, profile, profile)
    for density in (0.0, 0.2, 0.5, 0.9, 1.0):
        for _ in range(3):
            bench.send(bench.draw(int(bench.rng.integers(1, 10)), density))
    await bench.finish()


@leaf_test
async def extremes(dut):
    """Goal: every end of a string. Stimulus: a result with each number of values, so that the last
    word is of 1 to 4 units. Check: as in random."""
    await bring_up(dut)
    bench = PackBench(dut)
    for ahead in range(4):
        for number in range(PES + 1):
            values = np.zeros((1 + ahead, PES), dtype=np.int64)
            values[-1, PES - number :] = -1
            values[:ahead, 0] = 1
            bench.send(values)
    await bench.finish()


async def cut_off(bench: PackBench) -> None:
    """A packet that nobody takes, as far as it gets in some cycles."""
    bench.sink.set_pause("block")
    bench.driver.extend((1, 0) for _ in range(20))
    await ClockCycles(bench.dut.clk_i, int(bench.rng.integers(1, 20)))
    bench.driver.abort()


@leaf_test
async def reset_mid(dut):
    """Goal: nothing is left behind a reset. Stimulus: a reset within a packet, then a packet.
    Check: the second packet alone."""
    await bring_up(dut)
    bench = PackBench(dut)
    for _ in range(4):
        await cut_off(bench)
        await reset(dut)
        bench.sink.set_pause("none")
        bench.send(bench.draw(4, 0.5))
        await bench.finish()


@leaf_test
async def directed_clear(dut):
    """Goal: nothing is left behind a clear. Stimulus: clr_i within a packet, within each word of a
    result, and while the last of a packet's units wait for room; then a packet. Check: the second
    packet alone."""
    await bring_up(dut)
    bench = PackBench(dut)

    async def clear() -> None:
        await bench.pins.pulse("clr_i")
        bench.sink.set_pause("none")
        bench.send(bench.draw(5, 0.5))
        await bench.finish()

    for _ in range(4):
        await cut_off(bench)
        await clear()
    for number in range(1, WORDS + 1):
        bench.driver.extend((1, 0) for _ in range(number))
        await bench.driver.drain()
        await clear()
    values = np.zeros((1 if PES > 2 else 2, PES), dtype=np.int64)
    values[:, -4:] = 1  # one unit more than a word has, with its mask
    bench.sink.set_pause("block")
    bench.queue(values)
    await bench.driver.drain()
    await ClockCycles(dut.clk_i, WORDS + 4)
    await clear()
