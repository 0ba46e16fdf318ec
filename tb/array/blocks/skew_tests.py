"""lac_array_skew against the inputs of the cycles before."""

from __future__ import annotations

from collections import deque
from typing import Any

from cocotb.triggers import RisingEdge

from tb.array.blocks.schedule import extreme, lanes, packed
from tb.common.bfm.block import Pins, bring_up, config, for_profiles, leaf_test, reset, rng
from tb.common.bfm.streams import pause_pattern

ROWS, WIDTH = config().get("Rows", 16), config().get("ActWidth", 16)
MARKS = ("valid", "waits", "switch")


class SkewBench:
    """A pixel or none per cycle, every lane compared in every cycle; ``lanes_met`` counts pixels
    that have reached the last lane."""

    def __init__(self, dut):
        self.dut, self.draw = dut, rng()
        inputs = ("clr_i", "act_i", *(f"{name}_i" for name in MARKS))
        self.pins = Pins(dut, dut.clk_i, *inputs, "act_o", *(f"{name}_o" for name in MARKS))
        self.lanes_met = 0
        self.forget()

    def forget(self) -> None:
        """Nothing is on its way."""
        nothing = dict.fromkeys(MARKS, 0)
        self.before = deque([nothing] * (ROWS - 1), maxlen=ROWS - 1)  # newest first

    async def cycle(self, clr: bool = False, **marks: int) -> None:
        """One cycle with a random pixel and these marks."""
        pixel = extreme(self.draw, ROWS, WIDTH).tolist()
        new = dict.fromkeys(MARKS, 0) | marks
        inputs = {f"{name}_i": value for name, value in new.items()}
        self.pins.drive(clr_i=clr, act_i=packed(pixel, WIDTH), **inputs)
        await RisingEdge(self.dut.clk_i)
        seen = [new | {"pixel": pixel}, *self.before]
        for name in MARKS:
            want = sum(at[name] << lane for lane, at in enumerate(seen))
            (got,) = self.pins.read(f"{name}_o")
            assert got == want, f"{name} {got:0{ROWS}b}, expected {want:0{ROWS}b}"
        # Lanes without a pixel may be unknown.
        bits = str(self.dut.act_o.value)
        for lane, at in enumerate(seen):
            if at["valid"]:
                field = bits[len(bits) - (lane + 1) * WIDTH : len(bits) - lane * WIDTH]
                (got,) = lanes(int(field, 2), WIDTH, 1)
                assert got == at["pixel"][lane], f"lane {lane}: {got}, expected {at['pixel'][lane]}"
        self.lanes_met += seen[-1]["valid"]
        if clr:
            self.forget()
        else:
            self.before.appendleft(seen[0])

    async def drain(self) -> None:
        """Let everything leave."""
        for _ in range(ROWS):
            await self.cycle()


@leaf_test
async def smoke(dut):
    """Goal: lane i comes i cycles later. Stimulus: three pixels, the first with switch; a wait.
    Check: every lane in every cycle."""
    await bring_up(dut)
    bench = SkewBench(dut)
    await bench.cycle(valid=1, switch=1)
    await bench.cycle(valid=1)
    await bench.cycle(waits=1)
    await bench.cycle(valid=1)
    await bench.drain()
    assert bench.lanes_met == 3


@leaf_test
async def extremes(dut):
    """Goal: each mark goes its own way. Stimulus: every combination of marks, alone and behind
    every other. Check: every lane in every cycle."""
    await bring_up(dut)
    bench = SkewBench(dut)
    choices: list[dict[str, Any]]
    choices = [{name: mask >> bit & 1 for bit, name in enumerate(MARKS)} for mask in range(8)]
    for first in choices:
        await bench.cycle(**first)
        await bench.drain()
        for second in choices:
            await bench.cycle(**first)
            await bench.cycle(**second)
    await bench.drain()


@leaf_test
async def throughput(dut):
    """Goal: a pixel per cycle. Stimulus: 50 without a gap. Check: all of them at the last lane, the
    first after Rows - 1 cycles."""
    await bring_up(dut)
    bench = SkewBench(dut)
    for sent in range(50):
        await bench.cycle(valid=1)
        assert bench.lanes_met == max(0, sent + 2 - ROWS)
    await bench.drain()
    assert bench.lanes_met == 50


@leaf_test
async def directed_clear(dut):
    """Goal: what is on its way is forgotten, and only that. Stimulus: pixels with all marks, a
    clear after each number of cycles, pixels again at once. Check: every lane in every cycle."""
    await bring_up(dut)
    bench = SkewBench(dut)
    for count in range(1, 2 * ROWS):
        for _ in range(count):
            await bench.cycle(valid=1, switch=1, waits=1)
        await bench.cycle(clr=True, valid=count % 2, switch=1, waits=1)
        await bench.cycle(valid=1)
        await bench.drain()


@leaf_test
async def reset_mid(dut):
    """Goal: reset while pixels are on their way. Stimulus: one after each number of cycles. Check:
    nothing old comes out; the next pixels are exact."""
    await bring_up(dut)
    bench = SkewBench(dut)
    for count in range(1, ROWS + 1):
        for _ in range(count):
            await bench.cycle(valid=1, switch=1, waits=1)
        bench.pins.drive(valid_i=0, switch_i=0, waits_i=0)
        await reset(dut)
        bench.forget()
        await bench.cycle(valid=1)
        await bench.drain()


@for_profiles(globals())
async def random(dut, profile):
    """Goal: any gaps. Stimulus: 150 cycles, pixels with the gaps of the profile, random marks, now
    and then a clear. Check: every lane in every cycle."""
    await bring_up(dut)
    bench, pause = SkewBench(dut), pause_pattern(profile, "pixels")
    for _ in range(150):
        gap = int(next(pause))
        switch, waits = (int(bench.draw.integers(2)) for _ in range(2))
        clr = bench.draw.random() < 0.03
        await bench.cycle(clr=clr, valid=1 - gap, switch=switch & 1 - gap, waits=waits & gap)
    await bench.drain()
    assert bench.lanes_met
