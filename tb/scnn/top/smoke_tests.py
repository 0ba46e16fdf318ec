"""lac_scnn against models/scnn: words, cycles and counters of whole programs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import cocotb
import numpy as np
from cocotb.triggers import RisingEdge

from models.layer import Layer
from models.program import Pass
from models.scnn import ScnnConfig, compile
from models.scnn.cycles import OWN_COUNTERS, cycles
from models.scnn.machine import Machine
from tb.common.bfm.axil import AxiLiteMaster
from tb.common.bfm.block import bring_up, config, leaf_test, rng
from tb.common.bfm.streams import StreamDriver, StreamMonitor, StreamSink
from tb.common.uvm.base_test import snake
from tb.common.uvm.registers import COUNTERS, Registers


def build() -> ScnnConfig:
    """The configuration under test."""
    found: dict[str, Any] = {snake(name): value for name, value in config().items()}
    return ScnnConfig(**found)


class TopBench:
    """Runs passes: registers, packets, result words, counters."""

    def __init__(self, dut: Any, pause: str = "none"):
        self.dut = dut
        bus = AxiLiteMaster(dut, "s_axil", dut.clk_i)
        self.regs = Registers(bus.write, bus.read, (*COUNTERS, *(name for name, _ in OWN_COUNTERS)))
        self.wgt = StreamDriver(dut, "s_axis_wgt", dut.clk_i, pause=pause)
        self.act = StreamDriver(dut, "s_axis_act", dut.clk_i, pause=pause)
        self.sink = StreamSink(dut, "m_axis_out", dut.clk_i, pause=pause)
        self.words = StreamMonitor(dut, "m_axis_out", dut.clk_i)

    async def run(self, item: Pass) -> tuple[list[int], dict[str, int]]:
        """A pass; its result words and its counters."""
        await self.regs.configure(item.cfg)
        await self.regs.setup(watchdog=20_000)
        self.words.beats.clear()
        await self.regs.start()
        for driver, words in ((self.wgt, item.wgt), (self.act, item.act)):
            if words is not None:
                *body, last = (int(word) for word in words)
                driver.extend([*((word, 0) for word in body), (last, 1)])
        while not self.dut.irq_o.value:
            await RisingEdge(self.dut.clk_i)
        state = await self.regs.state()
        assert state.done and not (state.busy or state.error), str(state)
        found = await self.regs.counters()
        await self.regs.acknowledge()
        return [beat[0] for beat in self.words.beats], found


def layer(draw: np.random.Generator, kernel: int, channels: int, filters: int, size: int) -> Layer:
    """A convolution of any densities."""
    weights = draw.integers(-40, 40, (filters, channels, kernel, kernel))
    weights *= draw.random(weights.shape) < draw.choice([0.2, 0.6, 1.0])
    acts = draw.integers(-40, 40, (1, channels, size, size))
    acts *= draw.random(acts.shape) < draw.choice([0.2, 0.6, 1.0])
    bias = draw.integers(-1000, 1000, filters)
    relu = bool(draw.integers(2))
    return Layer(weights, acts, padding=kernel // 2, bias=bias, shift=3, relu=relu)


async def compare(bench: TopBench, one: Layer, built: ScnnConfig) -> int:
    """All passes of a layer: words, every counter that the model has, equal; number of passes."""
    program = compile(one, built)
    machine = Machine(built)
    for item, want in zip(program.passes, cycles(program, built), strict=True):
        _, expected, _ = machine.run(item)
        words, found = await bench.run(item)
        assert words == ([] if expected is None else [int(word) for word in expected])
        wrong = {name: (found[name], value) for name, value in want.counters.items()
                 if found[name] != value}  # fmt: skip
        assert not wrong, f"counter: (found, expected) {wrong}"
        sent, held, least = found["cycles_output"], found["stall_output"], want.output
        assert least is not None
        assert least <= sent <= least + held, f"cycles_output: {sent}, {held} held, model {least}"
    return len(program.passes)


@leaf_test(cycles=2_000_000)
async def smoke(dut):
    """Goal: layers through the whole accelerator. Stimulus: kernels of 1 and 3, several densities.
    Check: every result word and every counter against the model."""
    await bring_up(dut)
    bench, built, draw = TopBench(dut), build(), rng()
    for kernel, channels, filters, size in ((1, 3, 4, 3), (1, 9, 7, 5), (3, 4, 5, 6), (3, 5, 9, 7)):
        await compare(bench, layer(draw, kernel, channels, filters, size), built)


@leaf_test(cycles=2_000_000)
async def random_random(dut):
    """Goal: pauses on all streams. Stimulus: three small layers. Check: as smoke."""
    await bring_up(dut)
    bench, built, draw = TopBench(dut, "random"), build(), rng()
    passes = 0
    for kernel in (1, 2, 3):
        channels, filters, size = (int(n) for n in draw.integers(1, 5, 3))
        one = layer(draw, kernel, channels, filters, size + kernel)
        passes += await compare(bench, one, built)
    assert passes >= 3


@leaf_test(cycles=20_000_000)
async def random_none(dut):
    """Goal: every option of a program. Stimulus: layers of any kernel, stride and padding, compiled
    with and without merging, free empty channels, dense results, shapes, a fixed group. Check: as
    smoke; options of each kind occurred."""
    await bring_up(dut)
    bench, built, draw = TopBench(dut), build(), rng()
    seen: set[tuple[str, int]] = set()
    for _ in range(2 if cocotb.SIM_NAME.lower().startswith("icarus") else 12):
        options: dict[str, Any] = {
            name: bool(draw.integers(2)) for name in ("empty_free", "dense_out", "shapes")
        }
        options["merging"] = bool(built.merge and draw.integers(2))
        kernel = int(draw.choice([1, 2, 3, 3, 5]))
        options["kc"] = int(draw.choice([0, 4, built.max_kc if kernel < 3 else 0]))
        channels, filters = (int(n) for n in draw.integers(1, 12, 2))
        one = layer(draw, kernel, channels, filters, kernel + int(draw.integers(0, 6)))
        one = replace(one, stride=int(draw.choice([1, 1, 2])), padding=int(draw.integers(0, 3)))
        seen |= {(name, int(value)) for name, value in options.items()}
        await compare(bench, one, replace(built, **options))
    assert len(seen) > 5
