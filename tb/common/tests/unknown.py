"""Unknown state: memories and registers without a reset start at X, and no pass may lock up.

For four-state simulators. Every mode of a design is started from a state in which each register
(but those with a reset) and each memory word is X, whether it was ever loaded or not; it has to end
(done or error) within its watchdog, and no control output may ever be X. The inputs are X too
where they mean nothing: payload without valid.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import cocotb
import numpy as np
from cocotb.handle import ArrayObject, HierarchyArrayObject, HierarchyObject, LogicObject
from cocotb.triggers import ClockCycles, RisingEdge, Timer
from cocotb.types import LogicArray
from cocotb_bus.monitors import BusMonitor

from models.packets import Section, weight_packet
from models.places import ROOT
from models.program import Pass
from tb.common.bfm.axil import AxiLiteMaster
from tb.common.bfm.block import Pins, config, leaf_test, rng, start_clock, zero_inputs
from tb.common.bfm.streams import StreamDriver
from tb.common.stimulus import Stimulus
from tb.common.uvm.base_test import snake
from tb.common.uvm.registers import Registers, State

WATCHDOG = 300
#: Cycles in which a pass has to end: its work, the watchdog's time, that of the drain.
BOUND = 6 * WATCHDOG
_PORTS = {
    "s_axil": ("awready", "wready", "bvalid", "arready", "rvalid"),
    "s_axis_wgt": ("tready",),
    "s_axis_act": ("tready",),
    "m_axis_out": ("tvalid",),
}


def _unknown(handle: Any) -> LogicArray | str:
    return "X" if isinstance(handle, LogicObject) else LogicArray("X" * len(handle))


class IdleUnknown(StreamDriver):
    """A stream driver whose payload is X while valid is low."""

    async def _driver_send(self, transaction: Any, sync: bool = True, **hints: Any) -> None:
        await super()._driver_send(transaction, sync=sync, **hints)
        self.forget()

    def forget(self) -> None:
        """Payload to X."""
        for handle in self._payload:
            handle.value = _unknown(handle)


class IdleUnknownMaster(AxiLiteMaster):
    """A register master whose addresses and data are X while their valid is low."""

    async def _offer(self, channel: str, **payload: int) -> None:
        await super()._offer(channel, **payload)
        for signal in payload:
            handle = getattr(self.bus, signal)
            handle.value = _unknown(handle)


class ControlMonitor(BusMonitor):
    """Raises when a control output is X, or a payload in a cycle with its valid."""

    _signals = ["irq_o"] + [f"{port}_{name}" for port, names in _PORTS.items() for name in names]
    _payload = {
        "s_axil_bvalid": ("s_axil_bresp",),
        "s_axil_rvalid": ("s_axil_rdata", "s_axil_rresp"),
        "m_axis_out_tvalid": ("m_axis_out_tdata", "m_axis_out_tlast"),
    }

    def __init__(self, dut: Any):
        self.cycles = 0
        self._dut = dut
        BusMonitor.__init__(self, dut, None, dut.clk_i, case_insensitive=False)

    async def _monitor_recv(self) -> None:
        control = [getattr(self.bus, name) for name in self._signals]
        payload = [
            (getattr(self.bus, valid), [getattr(self._dut, name) for name in names])
            for valid, names in self._payload.items()
        ]
        edge = RisingEdge(self.clock)
        while True:
            await edge
            self.cycles += 1
            looked_at = list(control)
            for valid, handles in payload:
                if valid.value.is_resolvable and valid.value:
                    looked_at += handles
            for handle in looked_at:
                if not handle.value.is_resolvable:
                    raise AssertionError(f"{handle._name} is {handle.value}")


def registers_of(path: str) -> set[str]:
    """Names that a module assigns at a clock edge and that can be X (no two-state ones)."""
    text = re.sub(r"//[^\n]*", "", (ROOT / path).read_text(encoding="utf-8"))
    found = set(re.findall(r"(?:^|[\s:)])([a-z]\w*)(?:\s*\[[^;<=]*\])?\s*<=\s", text, re.MULTILINE))
    two_state = set(re.findall(r"\bbit\s+(?:\[[^\]]*\]\s*)*(\w+)\s*[;,]", text))
    return {name for name in found if name.endswith(("_q", "_o"))} - two_state


@dataclass
class Poison:
    """Every register and memory word of a device, to be set to X."""

    handles: list[Any] = field(default_factory=list)

    @classmethod
    def find(cls, dut: Any) -> Poison:
        """The registers below ``dut``; a module's are those its source assigns at an edge."""
        names = {
            path.stem: registers_of(str(path.relative_to(ROOT)))
            for path in (ROOT / "rtl").glob("*/lac_*.sv")
        }
        return cls(list(_walk(dut, dut._def_name or dut._name, names)))

    def apply(self) -> None:
        """All of them to X; the reset is the caller's."""
        for handle in self.handles:
            if isinstance(handle, ArrayObject):
                for word in handle:
                    word.value = _unknown(word)
            else:
                handle.value = _unknown(handle)


def _walk(scope: Any, module: str, names: Mapping[str, set[str]]) -> Iterator[Any]:
    for child in scope:
        if isinstance(child, HierarchyArrayObject):
            for one in child:
                yield from _walk(one, _module(one, module, names), names)
        elif isinstance(child, HierarchyObject):
            yield from _walk(child, _module(child, module, names), names)
        elif child._name in names.get(module, ()):
            yield child


def _module(scope: Any, above: str, names: Mapping[str, set[str]]) -> str:
    """Module of a scope; a generate block belongs to the module around it."""
    return scope._def_name if scope._def_name in names else above


class UnknownDevice:
    """A device that is brought up from unknown state, as often as wanted."""

    def __init__(self, dut: Any):
        self.dut = dut
        self.poison = Poison.find(dut)
        self.pins = Pins(dut, dut.clk_i, "rst_ni", "irq_o", "m_axis_out_tready")
        self.monitor: ControlMonitor | None = None

    async def bring_up(self) -> None:
        """X into everything, then the reset; the registers are set up afterwards."""
        dut = self.dut
        for driver in ("wgt", "act"):
            if hasattr(self, driver):
                getattr(self, driver).abort()
        self.pins.drive(rst_ni=1)
        await Timer(1, "ns")
        self.poison.apply()
        await Timer(1, "ns")
        self.pins.drive(rst_ni=0, m_axis_out_tready=1)
        await ClockCycles(dut.clk_i, 2)
        self.pins.drive(rst_ni=1)
        await RisingEdge(dut.clk_i)
        if self.monitor is None:
            self.master = IdleUnknownMaster(dut, "s_axil", dut.clk_i)
            self.wgt = IdleUnknown(dut, "s_axis_wgt", dut.clk_i)
            self.act = IdleUnknown(dut, "s_axis_act", dut.clk_i)
            self.monitor = ControlMonitor(dut)
        self.registers = Registers(self.master.write, self.master.read)
        self.wgt.forget()
        self.act.forget()
        await self.registers.setup(watchdog=WATCHDOG)

    async def run(self, item: Pass, label: str) -> State:
        """One pass to its end; AssertionError if it does not come, or a register reads X."""
        await self.registers.configure(item.cfg)
        await self.registers.start()
        for driver, words in ((self.wgt, item.wgt), (self.act, item.act)):
            if words is not None:
                driver.extend((int(w), int(i == words.size - 1)) for i, w in enumerate(words))
        for _ in range(BOUND):
            if self.dut.irq_o.value:
                break
            await RisingEdge(self.dut.clk_i)
        else:
            raise AssertionError(f"{label}: no end within {BOUND} cycles")
        state = await self.registers.state()
        assert state.done != state.error, f"{label}: {state}"
        await self.registers.counters()
        return state


def part_of(rng: np.random.Generator, sections: Sequence[Section]) -> np.ndarray:
    """A weight packet with some of the sections, down to none."""
    share = rng.choice((0.0, 0.3, 0.7, 1.0))
    return weight_packet([s for s in sections if rng.random() < share])


def unknown_tests(module: str, maker: type[Stimulus], never: int) -> None:
    """Register ``directed_unknown`` in a design's test module.

    never: MODE bits that must not be set together; 0: there are none.
    """

    async def directed_unknown(dut: Any) -> None:
        """Goal: no mode locks up in X. Stimulus: every choice of phases with options at random,
        each from registers and memories at X, with weight packets from which sections are missing,
        payload X where valid is low. Check: each pass ends within its watchdog, control outputs and
        counters are known throughout; some passes end well and some in an error."""
        parameters = {snake(name): value for name, value in config().items()}
        await every_mode(dut, maker(rng(), maker.design.config(**parameters)), never)

    directed_unknown.__qualname__, directed_unknown.__module__ = "directed_unknown", module
    home: Any = sys.modules[module]
    home.directed_unknown = leaf_test(directed_unknown, cycles=1_000_000)


async def every_mode(dut: Any, maker: Stimulus, never: int) -> None:
    """Every choice of phases, from unknown state, each with no option, all, and some at random.

    Some of the passes must end well, some in an error.
    """
    random, phases = maker.rng, [int(bit) for bit in maker.phases]
    options = [1 << bit for _, bit in maker.design.registers.flags if 1 << bit not in phases]
    items = [maker.good(str(n)).passes[0] for n in range(3)]
    zero_inputs(dut)
    start_clock(dut.clk_i)
    device = UnknownDevice(dut)
    assert len(device.poison.handles) > 50, "the registers of the device were not found"
    ends = {"done": 0, "error": 0}
    for chosen in range(1, 1 << len(phases)):
        mode = sum(bit for i, bit in enumerate(phases) if chosen >> i & 1)
        some = [sum(bit for bit in options if random.integers(2)) for _ in range(2)]
        for extra in dict.fromkeys((0, sum(options), *some)):
            if never and extra & never == never:
                extra &= ~int(random.choice([bit for bit in options if bit & never]))
            item = items[int(random.integers(len(items)))]
            cfg = {**item.cfg, 0: mode | extra}
            # Now and then a packet does not come: the watchdog must end that too.
            wgt = act = None
            if mode & phases[0] and random.random() < 0.9:
                wgt = part_of(random, maker.sections_of(item))
            if mode & phases[1] and random.random() < 0.9:
                act = item.act
            await device.bring_up()
            label = f"mode {mode | extra:#x}"
            cocotb.log.info("%s", label)
            state = await device.run(Pass(cfg, wgt, act, item.out_words), label)
            ends["done" if state.done else "error"] += 1
    cocotb.log.info("%s", ends)
    assert device.monitor is not None
    assert min(ends.values()) > 0 and device.monitor.cycles > 1000, ends
