"""What the benches of blocks share beside ``tb.common.bfm.block``: cycles, edge monitors,
a clear right after a start."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any

from cocotb.triggers import RisingEdge
from cocotb.utils import get_sim_time
from cocotb_bus.monitors import BusMonitor

from tb.common.bfm.block import PERIOD_NS, Pins
from tb.common.bfm.reading import in_reset, number


def cycle() -> int:
    """Number of the present clock cycle; the same for every task that wakes at an edge."""
    return round(get_sim_time("ns")) // PERIOD_NS


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
        edge, resets = RisingEdge(self.clock), in_reset(self)
        while True:
            await edge
            if not resets():
                self._sample(self)


async def clear_after_start(
    dut: Any,
    arm: Callable[[], object],
    good: Callable[[], Awaitable[None]],
    quiet: Mapping[str, int],
    *,
    start: str = "start_i",
    offsets: Iterable[int] = range(8),
    cycles: int = 24,
) -> None:
    """A clear 0, 1, 2, ... cycles after a start: idle from the next cycle on, then a good run.

    Args:
        arm: sets up a run, without the start.
        good: forgets what ``arm`` expected, does a whole run and checks it.
        quiet: outputs, and the values that they must have in each cycle behind the clear.
        start: the input that starts, for one cycle; with offset 0 the clear comes with it.
        cycles: how long the outputs are watched.
    """
    pins = Pins(dut, dut.clk_i, "clr_i", start, *quiet)
    for offset in offsets:
        arm()
        for now in range(offset + 1):
            pins.drive(**{start: int(now == 0), "clr_i": int(now == offset)})
            await RisingEdge(dut.clk_i)
        pins.drive(**{start: 0, "clr_i": 0})
        for behind in range(cycles):
            await RisingEdge(dut.clk_i)
            found = dict(zip(quiet, pins.read(*quiet), strict=True))
            at = f"cleared {offset} cycles after {start}, {behind + 1} cycles later"
            assert found == dict(quiet), f"{at}: {found}, expected {dict(quiet)}"
        await good()
