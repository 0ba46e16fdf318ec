"""What every cocotb test starts with: inputs at zero, clock, reset, seed, timeout, configuration.

Also :class:`Pins`, for the modules and side signals that are no streams, and :class:`Checker`,
the scoreboard of a block bench.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

import cocotb
import numpy as np
from cocotb.clock import Clock
from cocotb.handle import ArrayObject, Immediate
from cocotb.triggers import ClockCycles, RisingEdge, Timer
from cocotb_bus.drivers import BusDriver
from cocotb_bus.monitors import BusMonitor

from tb.common.bfm.reading import in_reset, level, number
from tb.common.bfm.streams import PROFILES
from tb.common.sim import recorder

PERIOD_NS = 10
CHIP_PINS = ("mem_cfg_i", "scan_mode_i")
_AXI_INPUT = re.compile(r"a[wr](addr|prot|valid)|w(data|strb|valid)|[br]ready|t(data|valid|last)")


def is_input(name: str) -> bool:
    """Whether a port of this name is an input, by the naming rules of the house."""
    if name.startswith(("s_axil_", "s_axis_")):
        return bool(_AXI_INPUT.fullmatch(name.rsplit("_", 1)[1]))
    if name.startswith("m_axis_"):
        return name.endswith("_tready")
    return name.endswith(("_i", "_ni"))


def zero_inputs(dut: Any) -> None:
    """Set every input to 0 at once; must come before the first ``await`` of a test.

    Verilator starts inputs at random values (a randomised start state), and an assertion could
    fire on them at time 0, before an ordinary write gets through; so there the first write is
    immediate. In Icarus an immediate write at time 0 does not reach the logic behind the port,
    which then stays X for ever.
    """
    immediate = cocotb.SIM_NAME.lower().startswith("verilator")
    for handle in dut:
        if is_input(handle._name):
            zero = [0] * len(handle) if isinstance(handle, ArrayObject) else 0
            if immediate:
                handle.set(Immediate(zero))
            handle.value = zero


async def power_on(dut: Any) -> None:
    """A falling edge of the reset before the first clock edge.

    Registers that start at random values (Verilator) are in order before any assertion samples
    them; a reset that is low from the start gives them no edge to react to. The pins of the chip
    (test of memories, scan) are exercised once in the reset: behind it they leave nothing.
    """
    dut.rst_ni.set(Immediate(1))
    await Timer(1, "ns")
    dut.rst_ni.set(Immediate(0))
    await Timer(1, "ns")
    pins = [getattr(dut, name) for name in CHIP_PINS if hasattr(dut, name)]
    for high in (True, False) if pins else ():
        for pin in pins:
            pin.value = (1 << len(pin)) - 1 if high else 0
        await Timer(1, "ns")


def start_clock(handle: Any, period_ns: int = PERIOD_NS) -> None:
    """A clock that the simulator toggles itself: Python would be called twice a cycle."""
    Clock(handle, period_ns, unit="ns", impl="gpi").start()


async def bring_up(
    dut: Any,
    cycles: int = 3,
    period_ns: int = PERIOD_NS,
    clock: Callable[[Any, int], None] = start_clock,
) -> None:
    """Inputs to 0, clock, reset; returns right after a clock edge with the reset released.

    ``clock(handle, period in ns)`` starts the clock.
    """
    zero_inputs(dut)
    if hasattr(dut, "rst_ni"):
        await power_on(dut)
    clock(dut.clk_i, period_ns)
    if hasattr(dut, "rst_ni"):
        await ClockCycles(dut.clk_i, cycles)
        dut.rst_ni.value = 1
    await RisingEdge(dut.clk_i)


async def reset(dut: Any, cycles: int = 1) -> None:
    """Pulse the reset in the middle of a test; the inputs are the caller's business.

    As short as a reset may be by default: what is behind another register is not rinsed by clocks.
    """
    dut.rst_ni.value = 0
    await ClockCycles(dut.clk_i, cycles)
    dut.rst_ni.value = 1
    await RisingEdge(dut.clk_i)


def config() -> dict[str, int]:
    """RTL parameters of the running configuration; those not named have the RTL's default."""
    return json.loads(os.environ.get("LAC_CONFIG", "{}"))


def rng() -> np.random.Generator:
    """Random numbers of the running test, from its seed."""
    return np.random.default_rng(cocotb.RANDOM_SEED)


TestBody = Callable[..., Coroutine[Any, None, None]]


def leaf_test(body: TestBody | None = None, *, cycles: int = 50_000) -> Any:
    """``cocotb.test`` with the timeout that every test must have, in clock cycles."""
    decorate = cocotb.test(timeout_time=cycles * PERIOD_NS, timeout_unit="ns")
    return decorate if body is None else decorate(body)


def for_profiles(
    namespace: dict[str, Any],
    profiles: Sequence[str] = PROFILES,
    *,
    name: str = "random",
    **options: Any,
):
    """Make ``<name>_<profile>`` tests of one body ``async def body(dut, profile)``.

    ``namespace`` is the ``globals()`` of the test module: the tests are named there.
    """

    def decorate(body: TestBody) -> TestBody:
        for profile in profiles:

            async def test(dut: Any, profile: str = profile) -> None:
                await body(dut, profile)

            test.__name__ = test.__qualname__ = f"{name}_{profile}"
            test.__doc__, test.__module__ = body.__doc__, body.__module__
            namespace[test.__name__] = leaf_test(test, **options)
        return body

    return decorate


class Pins(BusDriver):
    """Drives single signals and reads others, by name; for all that is not a stream.

    Args:
        signals: names of the ports, inputs and outputs alike.
        clock: None for a module without a clock.
    """

    def __init__(self, dut: Any, clock: Any, *signals: str):
        self._signals = list(signals)
        BusDriver.__init__(self, dut, None, clock, case_insensitive=False)

    def drive(self, **values: int) -> None:
        """Set inputs; they change after the present time step's edge."""
        for name, value in values.items():
            getattr(self.bus, name).value = int(value)

    def read(self, *names: str) -> list[int]:
        """Values of signals as unsigned integers; an unknown bit is an error."""
        return [number(getattr(self.bus, name)) for name in names]

    async def pulse(self, name: str) -> None:
        """High for one cycle."""
        self.drive(**{name: 1})
        await RisingEdge(self.clock)
        self.drive(**{name: 0})

    async def settle(self, **values: int) -> None:
        """Set inputs of combinational logic and wait until its outputs are stable."""
        self.drive(**values)
        await Timer(1, "ns")


class PulseMonitor(BusMonitor):
    """Counts the cycles in which an output is high; ``times`` has them, from the monitor's
    start."""

    def __init__(self, dut: Any, clock: Any, signal: str, *, reset_n: Any = None):
        self._signals = {"level": signal}
        self.times: list[int] = []
        BusMonitor.__init__(self, dut, None, clock, reset_n=reset_n, case_insensitive=False)

    @property
    def count(self) -> int:
        """Cycles so far."""
        return len(self.times)

    async def _monitor_recv(self) -> None:
        cycle, edge = 0, RisingEdge(self.clock)
        resets, high = in_reset(self), level(self.bus.level)
        while True:
            await edge
            cycle += 1
            if not resets() and high():
                self.times.append(cycle)
                self._recv(cycle)


class Checker:
    """Compares what comes with what was expected, at once and in order.

    ``expect`` first, then call the object with what came (it fits as a monitor's callback); a
    difference raises there. ``done`` at the end: something was compared, nothing is missing.
    """

    def __init__(self, name: str):
        # cocotb-bus logs the __qualname__ of a callback.
        self.name = self.__qualname__ = name
        self.compared = 0
        self._expected: list[Any] = []
        self._found: list[Any] = []
        recorder.watch(self, Checker._arrays)

    def expect(self, *items: Any) -> None:
        """Add what has to come next."""
        self._expected.extend(items)

    def forget(self) -> None:
        """Drop what has not come yet (the device was reset or cleared)."""
        del self._expected[self.compared :]

    def coming(self, count: int) -> list[Any]:
        """The next ``count`` items that have to come."""
        return self._expected[self.compared : self.compared + count]

    @property
    def pending(self) -> int:
        """How many are still to come."""
        return len(self._expected) - self.compared

    def __call__(self, item: Any) -> None:
        self._found.append(item)
        if self.pending == 0:
            self._fail(f"item {self.compared} is {item!r}, nothing was expected")
        want = self._expected[self.compared]
        if item != want:
            self._fail(f"item {self.compared} is {item!r}, expected {want!r}")
        self.compared += 1

    def done(self, minimum: int = 1) -> None:
        """All that was expected has come, and that was at least ``minimum`` items."""
        if self.pending:
            self._fail(f"{self.pending} items are missing, next {self._expected[self.compared]!r}")
        if self.compared < minimum:
            self._fail(f"{self.compared} items were compared, at least {minimum} had to be")

    def _fail(self, text: str) -> None:
        raise AssertionError(f"{self.name}: {text}")

    def _arrays(self) -> dict[str, Sequence[Any]]:
        """For the case of a test that fails."""
        return {f"expected/{self.name}": self._expected, f"found/{self.name}": self._found}
