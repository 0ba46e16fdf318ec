"""lac_scnn_store: two memories of rows and of counts that take turns, against two dicts each."""

from __future__ import annotations

from typing import Any

from cocotb.triggers import RisingEdge

from tb.common.bfm.block import Pins, bring_up, config, for_profiles, leaf_test, reset, rng

CONFIG = {"I": 4, "IaramRows": 1024, "CountWidth": 8, "MaxC": 1024} | config()
ROWS, WINDOWS = CONFIG["IaramRows"], CONFIG["MaxC"] // 8
ROW_BITS = 20 * CONFIG["I"]
CNT_BITS = max(1, (ROWS - 1).bit_length()) + 1 + 8 * CONFIG["CountWidth"]
KINDS = {"row": (ROWS, ROW_BITS), "cnt": (WINDOWS, CNT_BITS)}


class StoreBench:
    """Writes and reads; ``held[kind][memory]`` is the truth."""

    def __init__(self, dut: Any):
        self.dut, self.rng = dut, rng()
        names = ["swap_i"]
        for kind in KINDS:
            for side in ("ld", "dst"):
                names += [f"{side}_{kind}_{what}_i" for what in ("wr_en", "addr", "data")]
            for side in ("src", "out"):
                names += [
                    f"{side}_{kind}_rd_en_i",
                    f"{side}_{kind}_addr_i",
                    f"{side}_{kind}_data_o",
                ]
        self.pins = Pins(dut, dut.clk_i, *names)
        self.held: dict[str, list[dict[int, int]]] = {kind: [{}, {}] for kind in KINDS}
        self.source = 0
        self.due: dict[str, int] = {}

    async def step(self, chance: float) -> None:
        """A cycle of random accesses, one at most to each memory."""
        draw, inputs = self.rng, dict[str, Any]()
        due: dict[str, int] = {}
        for kind, (size, bits) in KINDS.items():
            for writer, reader, memory in (
                ("ld", "src", self.source),
                ("dst", "out", 1 - self.source),
            ):
                held = self.held[kind][memory]
                writes = draw.random() < chance
                reads = not writes and bool(held) and draw.random() < chance
                address = int(draw.integers(0, size))
                data = int.from_bytes(draw.bytes(-(-bits // 8)), "little") & (1 << bits) - 1
                inputs |= {f"{writer}_{kind}_wr_en_i": writes, f"{writer}_{kind}_addr_i": address}
                inputs[f"{writer}_{kind}_data_i"] = data
                inputs[f"{reader}_{kind}_rd_en_i"] = reads
                if writes:
                    held[address] = data
                if reads:
                    address = int(draw.choice(sorted(held)))
                    due[f"{reader}_{kind}_data_o"] = held[address]
                inputs[f"{reader}_{kind}_addr_i"] = address
        self.pins.drive(**inputs)
        await RisingEdge(self.dut.clk_i)
        for name, want in self.due.items():
            assert self.pins.read(name) == [want], name
        self.due = due

    async def rest(self, swap: bool = False) -> None:
        """Nothing is written or read; the roles change, or not."""
        for name in self.pins._signals:
            if name.endswith("_en_i"):
                self.pins.drive(**{name: 0})
        self.pins.drive(swap_i=swap)
        await RisingEdge(self.dut.clk_i)
        for name, want in self.due.items():
            assert self.pins.read(name) == [want], name
        self.due = {}
        self.pins.drive(swap_i=0)
        self.source ^= swap


@leaf_test
async def smoke(dut):
    """Goal: what was the destination is the source. Stimulus: writes, a swap, reads, a swap back.
    Check: every word read."""
    await bring_up(dut)
    bench = StoreBench(dut)
    for _ in range(4):
        for _ in range(30):
            await bench.step(0.5)
        await bench.rest(swap=True)


@leaf_test
async def reset_mid(dut):
    """Goal: memory 0 is the source behind a reset. Stimulus: one behind a swap. Check: words read;
    those written before are there."""
    await bring_up(dut)
    bench = StoreBench(dut)
    for _ in range(30):
        await bench.step(0.8)
    await bench.rest(swap=True)
    await reset(dut)
    bench.source = 0
    for _ in range(30):
        await bench.step(0.4)
    await bench.rest()


@for_profiles(globals(), ("none",))
async def random(dut, profile):
    """Goal: any accesses. Stimulus: 20 stretches of any density, swaps between. Check: every
    word."""
    await bring_up(dut)
    bench = StoreBench(dut)
    for _ in range(20):
        chance = float(bench.rng.choice([0.1, 0.5, 1.0]))
        for _ in range(int(bench.rng.integers(1, 25))):
            await bench.step(chance)
        await bench.rest(swap=bool(bench.rng.integers(2)))
