"""lac_sram against a dict."""

from __future__ import annotations

from cocotb.triggers import RisingEdge

from tb.common.bfm.block import Pins, bring_up, config, for_profiles, leaf_test, rng
from tb.common.bfm.streams import pause_pattern

DEPTH = config().get("Depth", 1024)
WIDTH = config().get("Width", 64)
PORTS = config().get("Ports", 1)
LATENCY = config().get("Latency", 1)
ONES = (1 << WIDTH) - 1
_PORTS = ("rd_en_i", "rd_addr_i", "rd_data_o", "wr_en_i", "wr_addr_i", "wr_data_i")


class SramBench:
    """Both ports, and a memory that does what the header says."""

    def __init__(self, dut):
        self.dut = dut
        self.pins = Pins(dut, dut.clk_i, *_PORTS)
        self.words: dict[int, int] = {}
        self.expected: int | None = None  # rd_data_o, None while it is not known
        self.coming: list[int | None] = []  # words on their way, -1: no read
        self.compared = 0

    async def cycle(self, read: int | None = None, write: tuple[int, int] | None = None) -> None:
        """One clock cycle with a read, a write, both or neither; rd_data_o is checked first."""
        address, data = write or (0, 0)
        assert read is None or write is None or (PORTS == 2 and read != address)
        self.pins.drive(rd_en_i=read is not None, rd_addr_i=read or 0)
        self.pins.drive(wr_en_i=write is not None, wr_addr_i=address, wr_data_i=data)
        await RisingEdge(self.dut.clk_i)
        self.check()
        self.coming.append(-1 if read is None else self.words.get(read))
        if len(self.coming) == LATENCY and (came := self.coming.pop(0)) != -1:
            self.expected = came
        if write is not None:
            self.words[address] = data

    def check(self) -> None:
        """rd_data_o is the last word read, if that was ever written."""
        if self.expected is not None:
            (got,) = self.pins.read("rd_data_o")
            assert got == self.expected, f"read {got:#x}, expected {self.expected:#x}"
            self.compared += 1

    def word(self, draw) -> int:
        """A random word of the memory's width."""
        return int.from_bytes(draw.bytes((WIDTH + 7) // 8), "little") & ONES


@leaf_test
async def smoke(dut):
    """Goal: a word comes back. Stimulus: write 0, read; write ones, read a cycle later. Check:
    value, and that it comes neither before nor after the latency of the header."""
    await bring_up(dut)
    bench = SramBench(dut)
    for word in (0, ONES):
        await bench.cycle(write=(0, word))
        await bench.cycle(read=0)
        for _ in range(LATENCY):
            await bench.cycle()
    assert bench.compared == 3 + LATENCY and bench.expected == ONES


@for_profiles(globals())
async def random(dut, profile):
    """Goal: reads and writes in any order. Stimulus: random reads and writes to few addresses,
    paused by the profile; with one port never both in a cycle, with two never at one address.
    Check: every cycle, rd_data_o is the last word read; with two ports both happened in one
    cycle."""
    await bring_up(dut)
    bench, draw = SramBench(dut), rng()
    pauses = pause_pattern(profile, "rd"), pause_pattern(profile, "wr")
    few = sorted({0, DEPTH - 1, *draw.integers(0, DEPTH, 6).tolist()})
    both = 0
    for _ in range(1500):
        read, address = draw.choice(few, 2).tolist()
        reads, writes = (not next(pause) for pause in pauses)
        if reads and writes and (PORTS == 1 or read == address):
            reads = bool(draw.integers(2))
            writes = not reads
        both += reads and writes
        await bench.cycle(read if reads else None, (address, bench.word(draw)) if writes else None)
    assert bench.compared > 500
    if PORTS == 2 and DEPTH > 1 and profile != "slow":
        assert both > 20, "hardly a read beside a write"


@leaf_test
async def directed_hold(dut):
    """Goal: rd_data_o holds. Stimulus: a read, then writes to its address and others, the read
    address moving. Check: rd_data_o does not move."""
    await bring_up(dut)
    bench, draw = SramBench(dut), rng()
    await bench.cycle(write=(DEPTH - 1, ONES))
    await bench.cycle(read=DEPTH - 1)
    for _ in range(20):
        bench.pins.drive(rd_addr_i=int(draw.integers(DEPTH)))
        await bench.cycle(write=(DEPTH - 1, bench.word(draw)))
    assert bench.compared == 21 - LATENCY and bench.expected == ONES


@leaf_test
async def extremes(dut):
    """Goal: all words are there, each of its own. Stimulus: every address (at most 2048, ends
    included) written with its number, inverted, then read. Check: every word."""
    await bring_up(dut)
    bench = SramBench(dut)
    addresses = [*range(min(DEPTH, 1024)), *range(max(DEPTH - 1024, min(DEPTH, 1024)), DEPTH)]
    for address in addresses:
        await bench.cycle(write=(address, ~address & ONES))
    for address in addresses:
        await bench.cycle(read=address)
    for _ in range(LATENCY):
        await bench.cycle()
    assert bench.compared == len(addresses)


@leaf_test
async def throughput(dut):
    """Goal: the rate of the header. Stimulus: 300 cycles of a read each, with two ports a write
    beside it. Check: one word per cycle."""
    await bring_up(dut)
    bench, draw = SramBench(dut), rng()
    for address in range(min(DEPTH, 16)):
        await bench.cycle(write=(address, bench.word(draw)))
    for i in range(300):
        here, there = i % min(DEPTH, 16), (i + 1) % min(DEPTH, 16)
        beside = PORTS == 2 and DEPTH > 1
        await bench.cycle(here, (there, bench.word(draw)) if beside else None)
    for _ in range(LATENCY):
        await bench.cycle()
    assert bench.compared == 300
