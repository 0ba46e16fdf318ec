"""lac_sram against a dict."""

from __future__ import annotations

from cocotb.triggers import RisingEdge

from tb.common.bfm.block import Pins, bring_up, config, for_profiles, leaf_test, rng
from tb.common.bfm.streams import pause_pattern

DEPTH = config().get("Depth", 1024)
WIDTH = config().get("Width", 64)
ONES = (1 << WIDTH) - 1
_PORTS = ("rd_en_i", "rd_addr_i", "rd_data_o", "wr_en_i", "wr_addr_i", "wr_data_i")


class SramBench:
    """Both ports, and a memory that does what the header says."""

    def __init__(self, dut):
        self.dut = dut
        self.pins = Pins(dut, dut.clk_i, *_PORTS)
        self.words: dict[int, int] = {}
        self.expected: int | None = None  # rd_data_o, None while it is not known
        self.compared = 0

    async def cycle(self, read: int | None = None, write: tuple[int, int] | None = None) -> None:
        """One clock cycle with a read, a write, both or neither; rd_data_o is checked first."""
        address, data = write or (0, 0)
        self.pins.drive(rd_en_i=read is not None, rd_addr_i=read or 0)
        self.pins.drive(wr_en_i=write is not None, wr_addr_i=address, wr_data_i=data)
        await RisingEdge(self.dut.clk_i)
        self.check()
        if read is not None:
            self.expected = self.words.get(read)
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
    """Goal: a word comes back. Stimulus: write, read a cycle later. Check: value, one cycle of
    latency."""
    await bring_up(dut)
    bench = SramBench(dut)
    await bench.cycle(write=(0, ONES))
    await bench.cycle(read=0)
    await bench.cycle()
    assert bench.compared == 1


@for_profiles(globals())
async def random(dut, profile):
    """Goal: two independent ports. Stimulus: random reads and writes to few addresses, both ports
    paused by the profile. Check: every cycle, rd_data_o is the last word read; reads that met a
    write of the same address happened."""
    await bring_up(dut)
    bench, draw = SramBench(dut), rng()
    pauses = pause_pattern(profile, "rd"), pause_pattern(profile, "wr")
    few = sorted({0, DEPTH - 1, *draw.integers(0, DEPTH, 6).tolist()})
    met = 0
    for _ in range(1500):
        read, address = draw.choice(few, 2).tolist()
        reads, writes = (not next(pause) for pause in pauses)
        met += reads and writes and read == address
        await bench.cycle(read if reads else None, (address, bench.word(draw)) if writes else None)
    assert bench.compared > 500
    assert met > 0 or profile == "slow", "no read met a write of its address"


@leaf_test
async def directed_old_data(dut):
    """Goal: a read during a write of the same address. Stimulus: write a, then write b while
    reading. Check: a comes, and b with the next read."""
    await bring_up(dut)
    bench = SramBench(dut)
    for address in sorted({0, DEPTH // 2, DEPTH - 1}):
        await bench.cycle(write=(address, ONES))
        await bench.cycle(read=address, write=(address, 0))
        await bench.cycle(read=address)
        assert bench.expected == 0
        await bench.cycle()
    assert bench.compared >= 2


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
    assert bench.compared == 20 and bench.expected == ONES


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
    await bench.cycle()
    assert bench.compared == len(addresses)


@leaf_test
async def throughput(dut):
    """Goal: a read and a write in every cycle. Stimulus: 300 cycles of both, the read following the
    write. Check: one word per cycle."""
    await bring_up(dut)
    bench, draw = SramBench(dut), rng()
    await bench.cycle(write=(0, bench.word(draw)))
    for i in range(300):
        await bench.cycle(i % DEPTH, ((i + 1) % DEPTH, bench.word(draw)))
    await bench.cycle()
    assert bench.compared == 300
