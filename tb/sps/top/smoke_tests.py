"""lac_sps against models/sps: result words and every counter of whole programs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import cocotb
import numpy as np
from cocotb.triggers import RisingEdge

from models.golden import golden
from models.layer import Layer
from models.packets import pack_rows_of_lanes
from models.program import Pass
from models.registers import Field
from models.socket import ErrorCode
from models.sps import SpsConfig, compile, cycles, unpack
from models.sps.errors import SpsError
from models.sps.registers import REGISTERS
from tb.common.bfm.axil import AxiLiteMaster
from tb.common.bfm.block import bring_up, config, for_profiles, leaf_test, rng
from tb.common.bfm.streams import StreamDriver, StreamMonitor, StreamSink
from tb.common.uvm.base_test import snake
from tb.common.uvm.registers import Registers, State


def build() -> SpsConfig:
    """The configuration under test."""
    found: dict[str, Any] = {snake(name): value for name, value in config().items()}
    return SpsConfig(**found)


class TopBench:
    """Runs passes: registers, packets, result words, counters."""

    def __init__(self, dut: Any, pause: str = "none"):
        self.dut = dut
        bus = AxiLiteMaster(dut, "s_axil", dut.clk_i)
        self.regs = Registers(bus.write, bus.read)
        self.wgt = StreamDriver(dut, "s_axis_wgt", dut.clk_i, pause=pause)
        self.act = StreamDriver(dut, "s_axis_act", dut.clk_i, pause=pause)
        self.sink = StreamSink(dut, "m_axis_out", dut.clk_i, pause=pause)
        self.words = StreamMonitor(dut, "m_axis_out", dut.clk_i)

    async def start(self, item: Pass) -> State:
        """A pass until its end."""
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
        return await self.regs.state()

    async def run(self, item: Pass) -> tuple[list[int], dict[str, int]]:
        """A good pass; its result words and its counters."""
        state = await self.start(item)
        assert state.done and not (state.busy or state.error), str(state)
        found = await self.regs.counters()
        await self.regs.acknowledge()
        return [beat[0] for beat in self.words.beats], found

    async def fail(self, item: Pass, code: int, position: int) -> None:
        """A pass that ends with an error."""
        state = await self.start(item)
        assert state.error and (state.code, state.position) == (code, position), str(state)
        await self.regs.soft_reset()


def layer(draw: np.random.Generator, period: int, kernel: int, sizes: list[int]) -> Layer:
    """A convolution whose kernels have the positions of ``period`` patterns in turn."""
    channels, filters, size = (int(n) for n in draw.integers(1, 10, 3))
    shape = filters, channels, kernel, kernel
    table = np.zeros((period, kernel * kernel), dtype=bool)
    for at in range(period):
        count = min(sizes[at % len(sizes)], kernel * kernel)
        table[at, draw.choice(kernel * kernel, count, replace=False)] = True
    residues = (np.arange(filters)[:, None] + np.arange(channels)) % period
    weights = draw.integers(-60, 60, shape) * table[residues].reshape(shape)
    acts = draw.integers(-60, 60, (1, channels, size + kernel - 1, size + kernel - 1))
    acts *= draw.random(acts.shape) < 0.7
    bias = draw.integers(-1000, 1000, filters)
    padding, stride = int(draw.integers(0, kernel)), int(draw.choice([1, 1, 2]))
    relu = bool(draw.integers(2))
    return Layer(weights, acts, padding=padding, stride=stride, bias=bias, shift=3, relu=relu)


async def compare(bench: TopBench, one: Layer, built: SpsConfig) -> int:
    """All passes of a layer: words, outputs and every counter that the model has; passes."""
    program = compile(one, built)
    packets = []
    for item, want in zip(program.passes, cycles(program, built), strict=True):
        words, found = await bench.run(item)
        expected = []
        if want.results is not None:
            lanes = want.results.reshape(-1, built.cols)
            expected = pack_rows_of_lanes(lanes, built.act_width).ravel().tolist()
            packets.append(np.array(words, dtype=np.uint64))
        assert words == expected
        pairs = {name: (found[name], value) for name, value in want.counters.items()}
        wrong = {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
        assert not wrong, f"counter: (found, expected) {wrong}"
    (out,) = unpack(program, packets)
    assert (out == golden(one, built.act_width)).all()
    return len(program.passes)


@leaf_test(cycles=2_000_000)
async def smoke(dut):
    """Goal: layers through the whole accelerator. Stimulus: patterns of 4, of 2, of different sizes
    and of all positions, 3x3 and 1x1. Check: words and every counter as the model says."""
    await bring_up(dut)
    bench, built, draw = TopBench(dut), build(), rng()
    for period, kernel, sizes in ((4, 3, [4]), (3, 3, [2]), (4, 3, [9, 1]), (1, 1, [1])):
        await compare(bench, layer(draw, period, kernel, sizes), built)


@for_profiles(globals(), ("none", "random"), cycles=20_000_000)
async def random(dut, profile):
    """Goal: any layer, pauses on all streams. Stimulus: layers of any period, kernel, stride and
    padding, many cut into passes. Check: as smoke; at least one layer was cut."""
    await bring_up(dut)
    bench, built, draw = TopBench(dut, profile), build(), rng()
    most = 0
    least = 3 if cocotb.SIM_NAME.lower().startswith("icarus") else 10
    done = 0
    while done < least or most < 2:
        done += 1
        period, kernel = (int(n) for n in draw.integers(1, (7, 4)))
        sizes = [int(n) for n in draw.integers(0, kernel * kernel + 1, 2)]
        most = max(most, await compare(bench, layer(draw, period, kernel, sizes), built))


def changed(item: Pass, name: str, value: int) -> Pass:
    """A pass with another value in a CFG field."""
    field: Field = next(one for one in REGISTERS.cfg if one.name == name)
    mask = ((1 << field.width) - 1) << field.low
    cfg = dict(item.cfg)
    cfg[field.word] = cfg.get(field.word, 0) & ~mask | value << field.low
    return replace(item, cfg=cfg)


@leaf_test(cycles=2_000_000)
async def bad_pass(dut):
    """Goal: what only SPS refuses. Stimulus: a window, a period and bases of tables that the build
    does not hold, alone and beside a later register; weights that end too early. Check: error and
    position; the next pass is exact."""
    await bring_up(dut)
    bench, built, draw = TopBench(dut), build(), rng()
    one = layer(draw, 3, 3, [3])
    item = compile(one, built).passes[0]
    for name, value, register in (
        ("R", built.kernel_size + 1, 3),
        ("S", 255, 3),
        ("R", 0, 3),
        ("PERIOD", 0, 9),
        ("PERIOD", built.max_period + 1, 9),
        ("KRES_BASE", built.max_kt, 10),
        ("RRES_BASE", 65535, 10),
        ("WGT_BASE", built.wgt_depth, 5),
    ):
        await bench.fail(changed(item, name, value), ErrorCode.GEOMETRY, register)
    both = changed(changed(item, "PERIOD", 0), "WGT_BASE", built.wgt_depth)
    await bench.fail(both, ErrorCode.GEOMETRY, 5)
    last = changed(item, "WGT_BASE", built.wgt_depth - 1)
    await bench.fail(last, SpsError.WGT_RANGE, 0)
    await compare(bench, one, built)
