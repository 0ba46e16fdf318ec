"""lac_cse_neurons against arrays: rows of neurons and of flags, read apart."""

from __future__ import annotations

from typing import Any

from cocotb.triggers import RisingEdge

from tb.array.blocks.schedule import extreme, packed
from tb.common.bfm.block import Pins, bring_up, config, for_profiles, leaf_test, reset, rng
from tb.common.bfm.streams import pause_pattern

WINDOW, DEPTH = config().get("Window", 128), config().get("ActDepth", 1024)
PARTS = WINDOW // 4


class NeuronsBench:
    """Writes rows as the loader does; reads, and compares what holds since the last read."""

    def __init__(self, dut, profile: str = "none"):
        self.dut, self.draw = dut, rng()
        self.rows: dict[int, Any] = {}
        self.seen: dict[str, int | None] = {"flags_o": None, "row_o": None}
        self.pauses = {port: pause_pattern(profile, port) for port in ("flag", "row", "write")}
        self.pins = Pins(dut, dut.clk_i, "wr_part_i", "wr_ends_i", "wr_addr_i", "wr_data_i",
                         "wr_flags_i", "flag_rd_i", "flag_addr_i", "flags_o", "row_rd_i",
                         "row_addr_i", "row_o")  # fmt: skip

    async def tick(self) -> None:
        """A cycle; what was read before it is compared."""
        await RisingEdge(self.dut.clk_i)
        for port, want in self.seen.items():
            if want is not None:
                assert self.pins.read(port) == [want], f"{port} is not what was read"

    async def load(self, places) -> None:
        """Rows at these places, with pauses between their words."""
        for at in places:
            row = extreme(self.draw, WINDOW, 16, zeros=0.5)
            flags = packed(row != 0, 1)
            for part in range(PARTS):
                while next(self.pauses["write"]):
                    await self.tick()
                ends = part + 1 == PARTS
                self.pins.drive(wr_part_i=1 << part, wr_ends_i=ends, wr_addr_i=at,
                                wr_data_i=packed(row[4 * part : 4 * part + 4], 16),
                                wr_flags_i=flags if ends else ~flags & 255)  # fmt: skip
                await self.tick()
                self.pins.drive(wr_part_i=0, wr_ends_i=0)
            self.rows[at] = {"flags_o": flags, "row_o": packed(row, 16)}

    async def read(self, count: int) -> None:
        """Some reads of either, each at a place of its own or both at one."""
        known = list(self.rows)
        for _ in range(count):
            found: dict[str, int] = {}
            both = int(self.draw.choice(known))
            for port, name in (("flag", "flags_o"), ("row", "row_o")):
                at = both if self.draw.random() < 0.3 else int(self.draw.choice(known))
                reads = not next(self.pauses[port])
                self.pins.drive(**{f"{port}_rd_i": reads, f"{port}_addr_i": at})
                if reads:
                    found[name] = self.rows[at][name]
            await self.tick()
            self.seen |= found
        self.pins.drive(flag_rd_i=0, row_rd_i=0)


@leaf_test
async def smoke(dut):
    """Goal: a row. Stimulus: the last one of the memory, and the first. Check: its neurons and its
    flags, a cycle behind the read, while nothing else is read."""
    await bring_up(dut)
    bench = NeuronsBench(dut)
    await bench.load((DEPTH - 1, 0))
    await bench.read(8)
    for _ in range(4):
        await bench.tick()


@for_profiles(globals(), ("none", "random", "slow"))
async def random(dut, profile):
    """Goal: rows and flags apart. Stimulus: loads of up to 20 rows, also of those that are there;
    reads of rows and of flags, at once, now and then, or seldom. Check: all of both in each cycle,
    and what was read is there while others are loaded."""
    await bring_up(dut)
    bench = NeuronsBench(dut, profile)
    for _ in range(4):
        await bench.load(bench.draw.choice(DEPTH, min(DEPTH, 10), replace=False).tolist())
        await bench.read(60)


@leaf_test(cycles=100_000)
async def extremes(dut):
    """Goal: every place. Stimulus: the whole memory (at most 64 rows, and the last one). Check:
    reads."""
    await bring_up(dut)
    bench = NeuronsBench(dut)
    await bench.load([*range(min(DEPTH - 1, 64)), DEPTH - 1])
    await bench.read(200)


@leaf_test
async def reset_mid(dut):
    """Goal: rows outlive a reset. Stimulus: one between words of a row. Check: rows that were
    there; the row when it has come whole."""
    await bring_up(dut)
    bench = NeuronsBench(dut)
    await bench.load(range(min(DEPTH, 3)))
    bench.pins.drive(wr_part_i=1, wr_addr_i=1)
    await bench.tick()
    bench.pins.drive(wr_part_i=0)
    await reset(dut)
    bench.rows.pop(1)
    await bench.read(20)
    await bench.load([1])
    await bench.read(20)
