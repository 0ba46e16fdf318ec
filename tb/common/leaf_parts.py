"""What the benches of blocks share beside ``tb.common.leaf``: cycles, values, edge monitors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from cocotb.triggers import RisingEdge
from cocotb.utils import get_sim_time
from cocotb_bus.monitors import BusMonitor

from tb.common.leaf import PERIOD_NS


def cycle() -> int:
    """Number of the present clock cycle; the same for every task that wakes at an edge."""
    return round(get_sim_time("ns")) // PERIOD_NS


def number(handle: Any) -> int:
    """Unsigned value of a signal of any width; a bit that is not known is an error."""
    value = handle.value
    assert value.is_resolvable, f"{handle._name} is {value}"
    return value.to_unsigned() if hasattr(value, "to_unsigned") else int(value)


def known(handle: Any, other: int = 0) -> int:
    """Unsigned value of a signal, ``other`` where a bit is not known."""
    return number(handle) if handle.value.is_resolvable else other


class EdgeMonitor(BusMonitor):
    """Calls ``sample(self)`` at every clock edge out of reset; reads signals as ``self[name]``.

    Args:
        signals: names of the ports that are read.
        sample: looks at the cycle that ends; may call ``report`` with what it found.
        callback: gets what is reported.
    """

    def __init__(
        self,
        dut: Any,
        signals: Sequence[str],
        sample: Callable[[EdgeMonitor], None],
        callback: Callable[[Any], None] | None = None,
    ):
        self._signals = list(signals)
        self._sample = sample
        super().__init__(
            dut,
            None,
            dut.clk_i,
            reset_n=getattr(dut, "rst_ni", None),
            callback=callback,
            case_insensitive=False,
        )

    def __getitem__(self, name: str) -> int:
        return number(getattr(self.bus, name))

    def report(self, item: Any) -> None:
        """Hand something to the callback."""
        self._recv(item)

    async def _monitor_recv(self) -> None:
        edge = RisingEdge(self.clock)
        while True:
            await edge
            if not self.in_reset:
                self._sample(self)
