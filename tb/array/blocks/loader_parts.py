"""What the benches of both loaders share: a packet in, writes and status out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from cocotb.triggers import ClockCycles, RisingEdge

from models.socket import ErrorCode
from tb.common.bfm.block import Checker, Pins, reset, rng
from tb.common.bfm.block_parts import EdgeMonitor, clear_after_start, cycle
from tb.common.bfm.streams import StreamDriver, StreamMonitor

#: How a packet is cut off; see ``LoaderBench.cut``.
WAYS = ("reset", "clear", "forget", "discard")
STATUS = ("busy_o", "done_o", "err_valid_o", "err_code_o", "err_pos_o")


class LoaderBench:
    """Drives one loader; a subclass says what a write is (``writes(seen)``).

    stream   name of its AXI stream; inputs: pins beside the common ones; outputs: of the write bus
    """

    def __init__(self, dut, stream: str, inputs: Sequence[str], outputs: Sequence[str], pause: str):
        self.dut, self.rng = dut, rng()
        self.check = Checker("writes")
        self.compare = True
        self.done = 0
        self.errors: list[Any] = []
        self.word_times: list[int] = []
        self.write_times: list[int] = []
        common = ("clr_i", "start_i", "discard_i", "forget_i", "busy_o", "packets_o")
        self.pins = Pins(dut, dut.clk_i, *common, *inputs)
        self.driver = StreamDriver(dut, stream, dut.clk_i, pause=pause)
        self.stream = StreamMonitor(
            dut, stream, dut.clk_i, callback=lambda _: self.word_times.append(cycle())
        )
        self.monitor = EdgeMonitor(dut, [*STATUS, *outputs], self._sample)

    def writes(self, seen: EdgeMonitor) -> list[Any]:
        """What is written in this cycle."""
        raise NotImplementedError

    def _sample(self, seen: EdgeMonitor) -> None:
        self.done += seen["done_o"]
        if seen["err_valid_o"]:
            self.errors.append((ErrorCode(seen["err_code_o"]), seen["err_pos_o"]))
        for write in self.writes(seen):
            self.write_times.append(cycle())
            if self.compare:
                self.check(write)

    async def start(self, **inputs: int) -> None:
        """Start pulse."""
        self.done = 0
        self.errors.clear()
        self.word_times.clear()
        self.write_times.clear()
        self.pins.drive(**inputs)
        await self.pins.pulse("start_i")

    def queue(self, words, last: bool = True) -> None:
        """Queue a packet; ``last`` False: without tlast."""
        *body, end = [int(word) for word in words]
        self.driver.extend([*((word, 0) for word in body), (end, int(last))])

    async def idle(self) -> None:
        """Wait until all is taken and the loader is not busy."""
        await self.driver.drain()
        await ClockCycles(self.dut.clk_i, 3)
        assert self.pins.read("busy_o") == [0], "still busy"

    async def cut(self, way: str) -> None:
        """End a packet whose words were taken, but for its last, in one of ``WAYS``.

        Behind a clear, or while it is discarded, its last word still comes.
        """
        if way == "reset":
            await reset(self.dut)
        elif way == "forget":
            self.pins.drive(clr_i=1)
            await self.pins.pulse("forget_i")
            self.pins.drive(clr_i=0)
        else:
            self.pins.drive(discard_i=int(way == "discard"), clr_i=int(way == "clear"))
            await RisingEdge(self.dut.clk_i)
            self.pins.drive(clr_i=0)
            self.queue([0])
            await self.driver.drain()
            self.pins.drive(discard_i=0)
        await ClockCycles(self.dut.clk_i, 2)
        assert self.pins.read("busy_o") == [0], "still busy"

    async def clear_after_start(self, words, good: Callable[[], Awaitable[None]], **inputs: int):
        """Clears right after a start, without a packet and with this one waiting.

        Behind the clear what has begun is taken to its end, and the rest is discarded.
        """
        quiet = {"done_o": 0, "err_valid_o": 0}

        def arm() -> None:
            self.compare = False
            self.pins.drive(**inputs)
            self.queue(words)

        async def rest() -> None:
            self.pins.drive(discard_i=1)
            await self.driver.drain()
            await RisingEdge(self.dut.clk_i)
            self.pins.drive(discard_i=0)
            await good()

        self.pins.drive(**inputs)
        await clear_after_start(self.dut, lambda: None, good, {**quiet, "busy_o": 0})
        await clear_after_start(self.dut, arm, rest, quiet, offsets=range(len(words)))

    async def run(self, words, **inputs: int) -> None:
        """A packet from start to idle."""
        await self.start(**inputs)
        self.queue(words)
        await self.idle()

    async def good(self, words, writes: Sequence[Any], **inputs: int) -> None:
        """A good packet, its writes in order."""
        self.compare = True
        self.check.expect(*writes)
        await self.run(words, **inputs)
        self.check.done(0)
        assert (self.done, self.errors) == (1, [])

    async def bad(self, words, code: ErrorCode, position: int, **inputs: int) -> None:
        """A bad packet: that error, and the packet gone."""
        self.compare = False
        await self.run(words, **inputs)
        assert (self.done, self.errors) == (0, [(code, position)]), f"{self.errors}"
