"""What the benches of all loaders share: a packet in, writes and status out.

A loader stands behind its packet receiver (``tb/common_rtl/lac_tb_load_rx.sv``), so packets are
cut off, discarded and refused alike in every design. A design's bench says what a write is and
which packets there are, and has its headers, values and places to test itself:

    class ActLoadBench(LoaderBench):
        stream, inputs, outputs, enables = "s_axis_act", ("count_i",), ("wr_addr_o",), ("wr_en_o",)
        short_code, long_code = ErrorCode.ACT_SHORT, ErrorCode.ACT_LONG
        ...

    loader_tests(globals(), ActLoadBench, "bad_length", "reset_mid")
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from cocotb.triggers import ClockCycles, RisingEdge

from models.packets import Section, packet_of
from models.socket import ErrorCode
from tb.common.bfm.block import Checker, Pins, bring_up, for_profiles, leaf_test, reset, rng
from tb.common.bfm.block_parts import EdgeMonitor, clear_after_start, cycle
from tb.common.bfm.streams import StreamDriver, StreamMonitor

#: How a packet is cut off; see ``LoaderBench.cut``.
WAYS = ("reset", "clear", "forget", "discard")
STATUS = ("busy_o", "done_o", "err_valid_o", "err_code_o", "err_pos_o")


@dataclass(frozen=True)
class Packet:
    """A good packet.

    words    uint64 [n], or integers
    writes   what it has to write, in order
    inputs   pins at the start -> value
    """

    words: Any
    writes: Sequence[Any] = ()
    inputs: Mapping[str, int] = field(default_factory=dict)


def packet_with(*parts: tuple[Section, Sequence[Any]]) -> Packet:
    """A weight packet of sections, each with its writes."""
    writes = [write for _, found in parts for write in found]
    return Packet(packet_of([section for section, _ in parts]), writes)


class LoaderBench:
    """Drives one loader. A subclass says:

    stream             name of its AXI stream
    inputs, outputs    pins beside the common ones, and ports that are read of the write bus
    enables            those of ``outputs`` that are high when something is written
    short_code, long_code   errors of its packets
    rounds             packets of a random test
    """

    stream: ClassVar[str]
    inputs: ClassVar[tuple[str, ...]] = ()
    outputs: ClassVar[tuple[str, ...]] = ()
    enables: ClassVar[tuple[str, ...]]
    short_code: ClassVar[ErrorCode]
    long_code: ClassVar[ErrorCode]
    rounds: ClassVar[int] = 10

    def __init__(self, dut, pause: str = "none"):
        self.dut, self.rng = dut, rng()
        self.check = Checker("writes")
        self.compare = True
        self.done = 0
        self.errors: list[tuple[ErrorCode, int]] = []
        self.word_times: list[int] = []
        self.write_times: list[int] = []
        common = ("clr_i", "start_i", "discard_i", "forget_i", "busy_o", "packets_o")
        self.pins = Pins(dut, dut.clk_i, *common, *self.inputs)
        self.driver = StreamDriver(dut, self.stream, dut.clk_i, pause=pause)
        self.monitored = StreamMonitor(
            dut, self.stream, dut.clk_i, callback=lambda _: self.word_times.append(cycle())
        )
        self.monitor = EdgeMonitor(dut, [*STATUS, *self.enables, *self.outputs], self._sample)

    # what a design brings -----------------------------------------------------------------------
    def writes(self, seen: EdgeMonitor) -> Iterable[Any]:
        """What is written in this cycle."""
        raise NotImplementedError

    def small(self) -> Packet:
        """A short packet, which has to be exact behind anything."""
        raise NotImplementedError

    def whole(self) -> Packet:
        """A packet with something of everything, of a few words."""
        raise NotImplementedError

    def empty(self) -> Packet | None:
        """A packet of its header alone, if such a one is good."""
        return None

    def draw(self) -> Packet:
        """Any good packet."""
        raise NotImplementedError

    def cycles(self, packet: Packet) -> int:
        """How long it takes without pauses."""
        return len(packet.words)

    def loaded(self, packet: Packet) -> None:
        """After a good packet: checks what else must have changed."""

    def spoilt(self, by_reset: bool = False) -> None:
        """After a packet that was refused or cut off: the same."""

    # stimulus -----------------------------------------------------------------------------------
    def _sample(self, seen: EdgeMonitor) -> None:
        self.done += seen["done_o"]
        if seen["err_valid_o"]:
            self.errors.append((ErrorCode(seen["err_code_o"]), seen["err_pos_o"]))
        found = list(self.writes(seen))
        if found:
            self.write_times.append(cycle())
        for write in found if self.compare else ():
            self.check(write)

    async def start(self, **inputs: int) -> None:
        """Start pulse."""
        self.done = 0
        self.errors.clear()
        self.word_times.clear()
        self.write_times.clear()
        self.pins.drive(discard_i=0, **inputs)
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

    async def begin(self, packet: Packet, words: Sequence[Any] | None = None) -> None:
        """Start a packet, or other words in its place, whose writes are nobody's business."""
        self.compare = False
        await self.start(**packet.inputs)
        self.queue(packet.words if words is None else words)

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
        self.spoilt(way == "reset")

    async def good(self, packet: Packet) -> None:
        """A good packet, its writes in order."""
        self.compare = True
        self.check.expect(*packet.writes)
        await self.start(**packet.inputs)
        self.queue(packet.words)
        await self.idle()
        self.check.done(0)
        assert (self.done, self.errors) == (1, [])
        self.loaded(packet)

    async def refuse(self, words, code: ErrorCode, position: int, **inputs: int) -> None:
        """A bad packet: that error, and the packet gone; then a good one."""
        await self.begin(Packet(words, inputs=inputs))
        await self.idle()
        assert (self.done, self.errors) == (0, [(code, position)]), f"{self.errors}"
        self.spoilt()
        await self.good(self.small())

    async def silent(self, cycles: int = 3) -> None:
        """Nothing is written for some cycles."""
        before = len(self.write_times)
        await ClockCycles(self.dut.clk_i, cycles)
        assert len(self.write_times) == before, "written behind the end"

    async def gone(self) -> None:
        """A packet that is no more ended with nothing; the next one is exact."""
        assert (self.done, self.errors) == (0, [])
        self.spoilt()
        await self.good(self.small())


Body = Callable[[LoaderBench], Awaitable[None]]
TESTS: dict[str, Body] = {}


def _test(body: Body) -> Body:
    TESTS[body.__name__] = body
    return body


@_test
async def reset_mid(bench: LoaderBench) -> None:
    """Goal: a packet cut off anywhere. Stimulus: each way after every word of one but the last; a
    reset in every cycle of one. Check: not busy, no write behind; the next packet is exact."""
    size = len(bench.whole().words)
    for way in WAYS:
        for sent in range(1, size):
            packet = bench.whole()
            bench.compare = False
            await bench.start(**packet.inputs)
            bench.queue(packet.words[:sent], last=False)
            await bench.driver.drain()
            await bench.cut(way)
            await bench.silent()
            await bench.good(bench.small())
    for wait in range(1, bench.cycles(bench.whole()) + 1):
        await bench.begin(bench.whole())
        await ClockCycles(bench.dut.clk_i, wait)
        bench.driver.abort()
        await reset(bench.dut)
        assert bench.pins.read("busy_o") == [0], "still busy"
        bench.spoilt(by_reset=True)
        await bench.silent()
        await bench.good(bench.small())


@_test
async def bad_length(bench: LoaderBench) -> None:
    """Goal: tlast at the wrong place. Stimulus: at each beat before the end; 1 and 9 words too
    many, also behind a header alone. Check: the error of a short or a long packet at the beat;
    then exact."""
    for packet in filter(None, (bench.whole(), bench.empty())):
        words = [int(word) for word in packet.words]
        for size in range(1, len(words)):
            await bench.refuse(words[:size], bench.short_code, size - 1, **packet.inputs)
        for more in (1, 9):
            longer = [*words, *[0] * more]
            await bench.refuse(longer, bench.long_code, len(words) - 1, **packet.inputs)


@_test
async def directed_clear_after_start(bench: LoaderBench) -> None:
    """Goal: a clear right after a start. Stimulus: a clear 0, 1, 2, ... cycles after it, without a
    packet and with one waiting. Check: without one idle, no end, no error, no write in any cycle;
    with one, which is taken and thrown away, no end, no error; then a good packet."""
    packet, quiet = bench.whole(), {"done_o": 0, "err_valid_o": 0}

    def arm() -> None:
        bench.compare = False
        bench.pins.drive(**packet.inputs)
        bench.queue(packet.words)

    async def rest() -> None:
        bench.pins.drive(discard_i=1)
        await bench.driver.drain()
        await RisingEdge(bench.dut.clk_i)
        bench.pins.drive(discard_i=0)
        bench.spoilt()
        await bench.good(bench.small())

    async def good() -> None:
        await bench.good(bench.small())

    bench.pins.drive(**packet.inputs)
    still = quiet | dict.fromkeys(("busy_o", *bench.enables), 0)
    await clear_after_start(bench.dut, lambda: None, good, still)
    await clear_after_start(bench.dut, arm, rest, quiet, offsets=range(len(packet.words)))


@_test
async def directed_discard(bench: LoaderBench) -> None:
    """Goal: discard_i throws away what comes. Stimulus: it rises in every cycle of a packet, before
    it began, and while one waits that no run expects. Check: gone to tlast; no done, no error, no
    write; then good."""
    packet = bench.whole()  # one for all: its length may be drawn
    for wait in range(1, bench.cycles(packet)):
        await bench.begin(packet)
        await ClockCycles(bench.dut.clk_i, wait)
        bench.pins.drive(discard_i=1)
        await ClockCycles(bench.dut.clk_i, 3)
        before = len(bench.write_times)
        await bench.idle()
        assert len(bench.write_times) == before, "written while discarding"
        await bench.gone()
    await bench.start(**bench.whole().inputs)
    await ClockCycles(bench.dut.clk_i, 3)
    bench.pins.drive(discard_i=1)
    await bench.idle()
    before, bench.done = len(bench.write_times), 0
    bench.queue(bench.whole().words)
    await bench.idle()
    assert len(bench.write_times) == before, "written while discarding"
    await bench.gone()


@_test
async def directed_clear(bench: LoaderBench) -> None:
    """Goal: clr_i ends the reading of a packet at once, and the packet is taken to its tlast.
    Stimulus: a clear in every cycle but the last two, with the next start at once; the same
    when the host takes the rest back. Check: no done, no error; then a good packet."""
    packet = bench.whole()
    for back in (False, True):
        for wait in range(1, bench.cycles(packet) - 1):
            await bench.begin(packet)
            await ClockCycles(bench.dut.clk_i, wait)
            bench.pins.drive(forget_i=int(back))
            await bench.pins.pulse("clr_i")
            bench.pins.drive(forget_i=0)
            if back:  # not before: until then an offered word waits
                bench.driver.abort()
            await ClockCycles(bench.dut.clk_i, 2)
            assert not back or bench.pins.read("busy_o") == [0], "still busy"
            await bench.gone()


def loader_tests(namespace: dict[str, Any], make: type[LoaderBench], *names: str) -> None:
    """Add the tests of these names to a module, and ``random_<profile>`` of all pause profiles.

    Args:
        namespace: ``globals()`` of the module; ``make``: its bench.
        names: keys of ``TESTS``.
    """

    async def random(dut, profile) -> None:
        """Goal: any good packets under any pauses. Stimulus: ``rounds`` of them. Check: every
        write, done."""
        await bring_up(dut)
        bench = make(dut, profile)
        for _ in range(bench.rounds):
            await bench.good(bench.draw())
        bench.check.done(minimum=bench.rounds // 2)

    random.__module__ = namespace["__name__"]
    for_profiles(namespace)(random)
    for name in names:

        async def test(dut, body: Body = TESTS[name]) -> None:
            await bring_up(dut)
            await body(make(dut))

        test.__name__ = test.__qualname__ = name
        test.__doc__, test.__module__ = TESTS[name].__doc__, namespace["__name__"]
        namespace[name] = leaf_test(test)
