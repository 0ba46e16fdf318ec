"""What the benches of the decoders' parts share: fields side by side, and the driver of steps."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Any

import cocotb
from cocotb.triggers import RisingEdge
from cocotb_bus.drivers import BusDriver

from tb.common.bfm.block_parts import cycle
from tb.common.bfm.streams import pause_pattern

Step = Mapping[str, int]
VALIDS = ("beat_valid", "end_valid")


def joined(items: Sequence[int], width: int) -> int:
    """Items of ``width`` bits side by side, the first lowest.

    >>> hex(joined([1, 2, 3], 4))
    '0x321'
    """
    return sum(int(item) << i * width for i, item in enumerate(items))


def split(value: int, width: int, count: int) -> list[int]:
    """The inverse of ``joined``.

    >>> split(0x321, 4, 3)
    [1, 2, 3]
    """
    return [value >> i * width & (1 << width) - 1 for i in range(count)]


def noise(draw: Any, width: int) -> int:
    """A random number of ``width`` bits, also wide ones; ``draw`` is a numpy generator."""
    return int.from_bytes(draw.bytes(-(-width // 8)), "little") & (1 << width) - 1


class StepDriver(BusDriver):
    """Hands steps over to a part with ``ready_o``, of which each is a beat, an end, or nothing.

    A step maps pins without their ``_i`` to values, ``beat_valid`` or ``end_valid`` among them; an
    empty one is a cycle in which nothing is offered. ``taken`` has the cycle of every beat and end.

    Args:
        fields: payload pins, without ``_i``.
        pause: profile of the cycles in which nothing is offered although a step waits.
    """

    _thread: Any  # of cocotb-bus

    def __init__(self, dut: Any, fields: Sequence[str], pause: str = "none"):
        self._signals = ["ready_o", *(f"{name}_i" for name in (*VALIDS, *fields))]
        self._pattern = pause_pattern(pause, "steps")
        self.taken: list[int] = []
        BusDriver.__init__(self, dut, None, dut.clk_i, case_insensitive=False)
        self._busy = False
        self._fields = [getattr(self.bus, f"{name}_i") for name in fields]
        self._quiet()

    def _quiet(self) -> None:
        """Nothing is offered; the payload is anything."""
        for name in VALIDS:
            getattr(self.bus, f"{name}_i").value = 0
        for handle in self._fields:
            handle.value = random.getrandbits(len(handle))

    async def _driver_send(self, transaction: Step, sync: bool = True, **_: Any) -> None:
        self._busy = True
        edge = RisingEdge(self.clock)
        if sync:
            await edge
        while next(self._pattern):
            await edge
        for name, value in transaction.items():
            getattr(self.bus, f"{name}_i").value = int(value)
        while True:
            await edge
            if not transaction or self.bus.ready_o.value:
                break
        if transaction:
            self.taken.append(cycle())
        self._quiet()  # the next step, if it waits, sets it again in the same time step
        self._busy = False

    async def drain(self, cycles: int = 20_000) -> None:
        """Wait until all that was queued has been taken."""
        for _ in range(cycles):
            if not self._sendQ and not self._busy:
                return
            await RisingEdge(self.clock)
        raise AssertionError(f"{len(self._sendQ) + self._busy} steps not taken in {cycles} cycles")

    def abort(self) -> None:
        """Forget what is queued and on the pins (the device is being reset)."""
        self._sendQ.clear()
        self._thread.cancel()
        self._busy = False
        self._quiet()
        self._thread = cocotb.start_soon(self._send_thread())
