"""lac_scnn_axis: classes of positions against the rule of the contract, PE by PE."""

from __future__ import annotations

from typing import Any

from cocotb.triggers import RisingEdge

from tb.common.bfm.block import Pins, bring_up, config, for_profiles, leaf_test, rng

NUM = config().get("Num", 8)
OWN, FIN, COUT, CIN = 8, 4, 2, 1


class AxisBench:
    """One axis of a pass: fixed limits, positions in succession."""

    def __init__(self, dut: Any):
        self.dut = dut
        names = ("tile_i", "halo_i", "fin0_i", "fin1_i", "cin1_i", "cout1_i", "pos_i", "class_o")
        self.pins = Pins(dut, dut.clk_i, *names)
        self.seen: set[int] = set()

    async def run(self, tile: int, low: int, size: int, limits: tuple[int, int, int, int]) -> None:
        """All positions 0 .. size - 1 of the accumulator tile."""
        fin0, fin1, cin1, cout1 = limits
        self.pins.drive(tile_i=tile, halo_i=low, fin0_i=fin0, fin1_i=fin1)
        self.pins.drive(cin1_i=cin1, cout1_i=cout1)
        for _ in range(NUM + 1):
            await RisingEdge(self.dut.clk_i)
        for pos in range(size + 1):
            self.pins.drive(pos_i=pos)
            await RisingEdge(self.dut.clk_i)
            if not pos:
                continue
            (word,) = self.pins.read("class_o")
            for pe in range(NUM):
                found, at = word >> 4 * pe & 15, pos - 1
                e = pe * tile + at
                own = (at >= low or pe == 0) and (at < low + tile or pe == NUM - 1)
                want = own * OWN + (fin0 <= e < fin1) * FIN + (fin0 <= e < cout1) * COUT
                want += (e < cin1) * CIN
                assert found == want, f"PE {pe}, position {at}: {found:04b}, expected {want:04b}"
                self.seen.add(found)


@leaf_test
async def smoke(dut):
    """Goal: a tile with halo. Stimulus: all positions, limits in the first and last PE. Check:
    class of each PE."""
    await bring_up(dut)
    await AxisBench(dut).run(4, 1, 7, (1, 4 * NUM, 2, 4 * NUM + 2))


@leaf_test
async def extremes(dut):
    """Goal: the ends. Stimulus: no halo, a halo wider than the tile, the largest tile, limits that
    are empty and that hold all. Check: class of each PE."""
    await bring_up(dut)
    bench = AxisBench(dut)
    for tile, low, size in ((1, 0, 1), (1, 15, 31), (255, 15, 285), (2, 2, 6)):
        for limits in ((0, 0, 0, 0), (0, 0xFFFF, 0xFFFF, 0xFFFF), (3, 5, 4, 8)):
            await bench.run(tile, low, size, limits)
    assert 15 in bench.seen and (0 in bench.seen or NUM == 1)


@for_profiles(globals(), ("none",))
async def random(dut, profile):
    """Goal: any limits. Stimulus: 20 passes. Check: class of each PE."""
    await bring_up(dut)
    bench, draw = AxisBench(dut), rng()
    for _ in range(20):
        tile, low = int(draw.integers(1, 10)), int(draw.integers(0, 5))
        fin0, fin1, cin1, cout1 = (int(n) for n in draw.integers(0, tile * NUM + 8, 4))
        limits = fin0, fin1, cin1, cout1
        await bench.run(tile, low, tile + low + int(draw.integers(0, 5)), limits)
    assert len(bench.seen) >= 8
