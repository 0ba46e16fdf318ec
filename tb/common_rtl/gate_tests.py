"""lac_clk_gate and lac_rst against counters that see what one clock would show."""

from __future__ import annotations

from cocotb.triggers import RisingEdge, Timer

from tb.common.bfm.block import PERIOD_NS, Pins, bring_up, leaf_test, rng

_INPUTS = ("en_i", "test_en_i", "scan_mode_i", "clr_i")
_OUTPUTS = ("free_o", "taken_o", "back_o", "rises_o", "rst_no")


class GateBench:
    """The registers of the harness, cycle by cycle."""

    def __init__(self, dut):
        self.dut = dut
        self.pins = Pins(dut, dut.clk_i, *_INPUTS, *_OUTPUTS)
        self.state = dict.fromkeys(_OUTPUTS, 0) | {"free_o": 1, "rst_no": 1}
        self.clr = self.scan = 0  # of the cycle before
        self.cycles = 0

    async def cycle(self, en: int = 0, test_en: int = 0, scan: int = 0, clr: int = 0) -> None:
        """One cycle with these inputs; at its end every register is what one clock makes it."""
        self.pins.drive(en_i=en, test_en_i=test_en, scan_mode_i=scan, clr_i=clr)
        await RisingEdge(self.dut.clk_i)
        now, self.cycles = self.state, self.cycles + 1
        if self.clr and not (self.scan and scan):
            now["rises_o"] = 0
        now["rst_no"] = int(scan or not self.clr)
        found = dict(zip(_OUTPUTS, self.pins.read(*_OUTPUTS), strict=True))
        assert found == now, f"cycle {self.cycles}: {found}, expected {now}"
        edge = en or test_en
        self.state = {
            "free_o": (now["free_o"] + 1) % 256,
            "taken_o": now["free_o"] if edge else now["taken_o"],
            "back_o": now["taken_o"],
            "rises_o": (now["rises_o"] + 1) % 256 if edge and now["rst_no"] else now["rises_o"],
            "rst_no": 1,
        }
        self.clr, self.scan = clr, scan


@leaf_test
async def smoke(dut):
    """Goal: an edge per enabled cycle. Stimulus: enables in cycles 2 and 5. Check: two edges,
    the values of those cycles taken."""
    await bring_up(dut)
    bench = GateBench(dut)
    for cycle in range(8):
        await bench.cycle(en=cycle in (2, 5))
    assert bench.state["rises_o"] == 2


@leaf_test
async def random_none(dut):
    """Goal: data passes between both clocks as with one. Stimulus: 600 cycles of random
    enables, test enables, clears, scan mode. Check: every register in every cycle."""
    await bring_up(dut)
    bench, draw = GateBench(dut), rng()
    for en, test_en, scan, clr in (draw.random((600, 4)) < (0.5, 0.1, 0.1, 0.1)).tolist():
        await bench.cycle(int(en), int(test_en), int(scan), int(clr))
    assert bench.cycles == 600


@leaf_test
async def directed_glitch(dut):
    """Goal: no edge but those of the clock. Stimulus: the enable up and down again within the
    high half of a cycle. Check: the gated clock does not rise."""
    await bring_up(dut)
    bench = GateBench(dut)
    await bench.cycle()
    for _ in range(4):
        bench.pins.drive(en_i=1)
        await Timer(PERIOD_NS // 4, "ns")
        await bench.cycle()
    assert bench.state["rises_o"] == 0


@leaf_test
async def directed_scan(dut):
    """Goal: the override. Stimulus: clears in and out of scan mode. Check: an internal reset a
    cycle after each clear, none in scan mode, where the pin's reset comes through."""
    await bring_up(dut)
    bench = GateBench(dut)
    for _ in range(3):
        await bench.cycle(en=1, clr=1)
        await bench.cycle(en=1)
        assert bench.state["rises_o"] == 0
        await bench.cycle(en=1, scan=1, clr=1)
        await bench.cycle(en=1, scan=1)
        assert bench.state["rises_o"] > 0
