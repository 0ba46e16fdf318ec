"""AXI4-Lite: the master that reaches the registers of the socket, and a monitor.

The order in which a write's address and data come, and the cycles a response has to wait, are
free in the protocol; ``delays`` makes the master use that freedom.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cocotb
from cocotb.triggers import Lock, RisingEdge, gather
from cocotb_bus.drivers import BusDriver
from cocotb_bus.monitors import BusMonitor

from tb.common.bfm.reading import in_reset, level, number, text

OKAY, SLVERR = 0, 2
_PARTS = {
    "aw": ("awaddr", "awprot", "awvalid", "awready"),
    "w": ("wdata", "wstrb", "wvalid", "wready"),
    "b": ("bresp", "bvalid", "bready"),
    "ar": ("araddr", "arprot", "arvalid", "arready"),
    "r": ("rdata", "rresp", "rvalid", "rready"),
}
#: What a monitor reads of the channels.
_REQUESTS = {"aw": ("awaddr",), "w": ("wdata", "wstrb"), "ar": ("araddr",)}
_RESPONSES = {"b": ("bresp",), "r": ("rdata", "rresp")}
_SIGNALS = [signal for part in _PARTS.values() for signal in part]
_MAX_DELAY = 6  # cycles
_PATIENCE = 1000  # cycles


class AxiLiteMaster(BusDriver):
    """Reads and writes registers; one write and one read at a time, both may be in flight.

    Args:
        dut: the top; name: prefix, ``s_axil``; clock: handle of the clock.
        delays: random gaps before address, data and ready, from the seed of the test.

    Raises AssertionError when the device does not answer within 1000 cycles.
    """

    _signals = _SIGNALS

    def __init__(self, dut: Any, name: str, clock: Any, *, delays: bool = False):
        BusDriver.__init__(self, dut, name, clock, case_insensitive=False)
        self.delays = delays
        self._rng = random.Random(f"{cocotb.RANDOM_SEED}/{name}")
        self._write_lock, self._read_lock = Lock(), Lock()
        for signal in ("awvalid", "wvalid", "bready", "arvalid", "rready", "awprot", "arprot"):
            getattr(self.bus, signal).value = 0

    async def write(self, address: int, data: int, strobe: int = 0xF) -> int:
        """Write a register; returns the response."""
        async with self._write_lock:
            await RisingEdge(self.clock)
            await gather(
                self._offer("aw", awaddr=address),
                self._offer("w", wdata=data, wstrb=strobe),
            )
            (response,) = await self._take("b", "bresp")
            return response

    async def read(self, address: int) -> tuple[int, int]:
        """Read a register; returns (data, response)."""
        async with self._read_lock:
            await RisingEdge(self.clock)
            await self._offer("ar", araddr=address)
            data, response = await self._take("r", "rdata", "rresp")
            return data, response

    def _gap(self) -> int:
        return self._rng.randint(0, _MAX_DELAY) if self.delays else 0

    async def _offer(self, channel: str, **payload: int) -> None:
        """Put a payload on a channel and wait until it is taken."""
        edge = RisingEdge(self.clock)
        for _ in range(self._gap()):
            await edge
        valid = getattr(self.bus, f"{channel}valid")
        ready = level(getattr(self.bus, f"{channel}ready"))
        for signal, value in payload.items():
            getattr(self.bus, signal).value = value
        valid.value = 1
        for _ in range(_PATIENCE):
            await edge
            if ready():
                valid.value = 0
                for signal in payload:  # means nothing until the next offer
                    handle = getattr(self.bus, signal)
                    handle.value = self._rng.getrandbits(len(handle))
                return
        raise AssertionError(f"{self.name}: {channel} not taken in {_PATIENCE} cycles")

    async def _take(self, channel: str, *payload: str) -> list[int]:
        """Wait for a channel's answer and accept it."""
        edge = RisingEdge(self.clock)
        for _ in range(self._gap()):
            await edge
        valid = level(getattr(self.bus, f"{channel}valid"))
        ready = getattr(self.bus, f"{channel}ready")
        ready.value = 1
        for _ in range(_PATIENCE):
            await edge
            if valid():
                ready.value = 0
                return [number(getattr(self.bus, signal)) for signal in payload]
        raise AssertionError(f"{self.name}: no answer on {channel} in {_PATIENCE} cycles")

    def abort(self) -> None:
        """Release the pins (the device is being reset; no access may be in flight)."""
        for channel in ("aw", "w", "ar"):
            getattr(self.bus, f"{channel}valid").value = 0
        for channel in ("b", "r"):
            getattr(self.bus, f"{channel}ready").value = 0


@dataclass(frozen=True)
class AxiLiteAccess:
    """One access as it was seen on the pins; ``cycle`` is that of the response."""

    write: bool
    address: int
    data: int
    strobe: int
    response: int
    cycle: int


class AxiLiteMonitor(BusMonitor):
    """Reports every access when its response is accepted.

    Every cycle is held against the rule of the response channels: a response stays, unchanged,
    until it is accepted or the device is in reset.
    """

    _signals = _SIGNALS

    def __init__(
        self,
        dut: Any,
        name: str,
        clock: Any,
        *,
        reset_n: Any = None,
        callback: Callable[[AxiLiteAccess], None] | None = None,
    ):
        self.accesses: list[AxiLiteAccess] = []
        self.cycle = 0
        BusMonitor.__init__(
            self, dut, name, clock, reset_n=reset_n, callback=callback, case_insensitive=False
        )

    def _values(self, *signals: str) -> list[int]:
        return [number(getattr(self.bus, signal)) for signal in signals]

    def _report(self, access: AxiLiteAccess) -> None:
        self.accesses.append(access)
        self._recv(access)

    async def _monitor_recv(self) -> None:
        edge, resets = RisingEdge(self.clock), in_reset(self)
        valid = {channel: level(getattr(self.bus, f"{channel}valid")) for channel in _PARTS}
        ready = {channel: level(getattr(self.bus, f"{channel}ready")) for channel in _PARTS}
        held: dict[str, list[int]] = {}
        waiting: dict[str, list[str]] = {}  # what the cycle before has offered in vain
        while True:
            await edge
            self.cycle += 1
            if resets():
                held.clear()
                waiting.clear()
                continue
            offered = {channel for channel, high in valid.items() if high()}
            if not offered and not waiting:
                continue
            fired = {channel for channel in offered if ready[channel]()}
            self._watch(waiting, offered, fired)
            # Responses first: one that is accepted now belongs to what was held before.
            if "b" in fired:
                (address,), (data, strobe) = held.pop("aw"), held.pop("w")
                (response,) = self._values("bresp")
                self._report(AxiLiteAccess(True, address, data, strobe, response, self.cycle))
            if "r" in fired:
                (address,) = held.pop("ar")
                data, response = self._values("rdata", "rresp")
                self._report(AxiLiteAccess(False, address, data, 0, response, self.cycle))
            for channel, signals in _REQUESTS.items():
                if channel in fired:
                    held[channel] = self._values(*signals)

    def _watch(self, waiting: dict[str, list[str]], offered: set[str], fired: set[str]) -> None:
        """The rule of B and R."""
        for channel, signals in _RESPONSES.items():
            valid = channel in offered
            values = [text(getattr(self.bus, signal)) for signal in signals] if valid else []
            before = waiting.pop(channel, None)
            if before is not None and values != before:
                found = f"{before} -> {values}" if valid else "it fell"
                raise AssertionError(f"{self.name}: {channel} did not wait for ready: {found}")
            if valid and channel not in fired:
                waiting[channel] = values
