"""Valid/ready streams: driver, sink and monitor, with pause profiles.

The pins of a stream are touched here and nowhere else. One set of classes serves the streams
inside (``in_valid_i``, ``in_ready_o``, ``in_data_i``) and AXI4-Stream at the socket
(``s_axis_wgt_tvalid``, ...): the names are found from the direction, or given.

- :class:`StreamDriver` sends into the device,
- :class:`StreamSink` takes from the device (drives ready),
- :class:`StreamMonitor` watches either, and is what scoreboards and coverage listen to.

A transaction is one beat: an int if the stream has one payload field, else a namedtuple with one
int per field. Everything happens on the clock: values are read before the edge, driven after it.
"""

from __future__ import annotations

import random
from collections import namedtuple
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import cocotb
from cocotb.triggers import RisingEdge
from cocotb_bus.drivers import BusDriver
from cocotb_bus.monitors import BusMonitor

from tb.common.bfm.reading import in_reset, level, number, text
from tb.common.sim import recorder

Pause = Callable[[random.Random], Iterator[bool]]


def _never(rng: random.Random) -> Iterator[bool]:
    while True:
        yield False


def _cycle(rng: random.Random) -> Iterator[bool]:
    while True:
        yield False
        yield True


def _random(rng: random.Random) -> Iterator[bool]:
    while True:
        yield rng.random() < 0.5


def _burst(rng: random.Random) -> Iterator[bool]:
    while True:
        for paused in (False, True):
            for _ in range(rng.randint(1, 16)):
                yield paused


def _slow(rng: random.Random) -> Iterator[bool]:
    while True:
        yield rng.random() < 0.875


def _eighth(rng: random.Random) -> Iterator[bool]:
    while True:
        yield from (True,) * 7
        yield False


def _always(rng: random.Random) -> Iterator[bool]:
    while True:
        yield True


#: name -> generator of "pause in this cycle?"
PAUSES: dict[str, Pause] = {
    "none": _never,
    "cycle": _cycle,  # every other cycle
    "random": _random,  # half of the cycles
    "burst": _burst,  # runs of 1 to 16 cycles on, then off
    "slow": _slow,  # seven of eight cycles
    "eighth": _eighth,  # all but every eighth cycle
    "block": _always,  # until the profile is changed
}
#: The profiles that random tests are run with.
PROFILES = ("none", "cycle", "random", "burst", "slow")


def pause_pattern(profile: str, name: str) -> Iterator[bool]:
    """Pattern of a profile for the stream ``name``, from the seed of the running test."""
    if profile not in PAUSES:
        raise ValueError(f"pause profile {profile!r}; known: {', '.join(PAUSES)}")
    return PAUSES[profile](random.Random(f"{cocotb.RANDOM_SEED}/{name}"))


def _signals(fields: Sequence[str], into: bool, has_ready: bool, axis: bool) -> dict[str, str]:
    """Bus attribute -> signal suffix. ``into``: the device is the receiver."""
    if axis:
        return {n: f"t{n}" for n in ("valid", "ready", *fields)}
    forward, backward = ("i", "o") if into else ("o", "i")
    names = {n: f"{n}_{forward}" for n in ("valid", *fields)}
    return names | ({"ready": f"ready_{backward}"} if has_ready else {})


class _Stream:
    """Names of a stream's signals and the type of its beats; mixed into the bus classes."""

    _into: bool  # the device receives
    name: str  # of the bus, by cocotb-bus
    _thread: Any

    def _describe(
        self, dut: Any, name: str, fields: Sequence[str] | None, into: bool, has_ready: bool
    ) -> None:
        axis = name.startswith(("s_axis", "m_axis"))
        usual: tuple[str, ...] = ("data", "last") if axis else ("data",)
        if name.startswith("m_axis"):
            usual += ("user",)  # the packet was aborted
        self._fields = tuple(fields or usual)
        self._signals = _signals(self._fields, into, has_ready, axis)
        # rename: a field may be called what Python keeps for itself.
        self.Beat: Any = namedtuple("Beat", self._fields, rename=True)  # type: ignore[misc]

    def _unpack(self, beat: Any) -> tuple[int, ...]:
        values = (beat,) if len(self._fields) == 1 and not isinstance(beat, tuple) else tuple(beat)
        if len(values) != len(self._fields):
            raise ValueError(f"{self.name}: beat {beat} does not have the fields {self._fields}")
        return values


class StreamDriver(_Stream, BusDriver):
    """Sends beats into the device; valid, once up, stays up until ready.

    Args:
        dut: the top; name: prefix of the signals; clock: handle of the clock.
        pause: name of a profile: cycles in which no beat is offered although one waits.
        fields: payload signals, in the order of a beat's values.

    ``append(beat)`` queues, ``await send(beat)`` returns when it was accepted, ``await drain()``
    when all was. ``sent`` has every beat accepted so far.
    """

    def __init__(
        self,
        dut: Any,
        name: str,
        clock: Any,
        *,
        pause: str = "none",
        fields: Sequence[str] | None = None,
    ):
        self._describe(dut, name, fields, into=True, has_ready=True)
        self.sent: list[Any] = []
        self.set_pause(pause, name)
        BusDriver.__init__(self, dut, name, clock, case_insensitive=False)
        self._in_flight = False
        self._payload = [getattr(self.bus, field) for field in self._fields]
        self._taken = level(self.bus.ready)
        self.bus.valid.value = 0

    def set_pause(self, profile: str, name: str | None = None) -> None:
        """Change the pause profile."""
        self._pattern = pause_pattern(profile, name or self.name)

    async def _driver_send(self, transaction: Any, sync: bool = True, **_: Any) -> None:
        self._in_flight = True
        edge = RisingEdge(self.clock)
        if sync:
            await edge
        while next(self._pattern):
            await edge
        for handle, value in zip(self._payload, self._unpack(transaction), strict=True):
            handle.value = int(value)
        self.bus.valid.value = 1
        while True:
            await edge
            if self._taken():
                break
        self.bus.valid.value = 0  # the next beat, if it waits, sets it again in the same step
        self.sent.append(transaction)
        self._in_flight = False

    def extend(self, beats: Iterable[Any]) -> None:
        """Queue beats."""
        for beat in beats:
            self.append(beat)

    async def drain(self, cycles: int = 100_000) -> None:
        """Wait until all that was queued is accepted."""
        for _ in range(cycles):
            if not self._sendQ and not self._in_flight:
                return
            await RisingEdge(self.clock)
        raise AssertionError(
            f"{self.name}: {len(self._sendQ) + self._in_flight} beats not taken in {cycles} cycles"
        )

    def abort(self) -> None:
        """Forget what is queued and on the pins (the device is being reset)."""
        self._sendQ.clear()
        self._thread.cancel()
        self._in_flight = False
        self.bus.valid.value = 0
        self._thread = cocotb.start_soon(self._send_thread())


class StreamSink(_Stream, BusDriver):
    """Drives the ready of a stream that comes out of the device."""

    def __init__(self, dut: Any, name: str, clock: Any, *, pause: str = "none"):
        axis = name.startswith(("s_axis", "m_axis"))
        self._signals = {"ready": "tready" if axis else "ready_i"}
        BusDriver.__init__(self, dut, name, clock, case_insensitive=False)
        self._task: Any = None
        self.set_pause(pause)

    def set_pause(self, profile: str) -> None:
        """Change the pause profile from the next edge on."""
        pattern = pause_pattern(profile, self.name)
        if self._task is not None:
            self._task.cancel()
        self._task = None
        if profile in ("none", "block"):  # constant: no work per cycle
            self.bus.ready.value = int(profile == "none")
        else:
            self._task = cocotb.start_soon(self._toggle(pattern))

    async def _toggle(self, pattern: Iterator[bool]) -> None:
        edge = RisingEdge(self.clock)
        for paused in pattern:
            self.bus.ready.value = int(not paused)
            await edge


class StreamMonitor(_Stream, BusMonitor):
    """Watches a stream and reports each beat that is transferred.

    Args:
        into: the stream goes into the device (``valid_i``); the default fits outputs. For AXI
            streams it does not matter.
        fields: payload signals; has_ready False: the receiver always takes.
        reset_n: while it is low nothing is a transfer; by default the top's ``rst_ni``.
        callback: called with every beat, at once; the beats are kept as well.
        clear: signals that empty the stream, which carries nothing while one is high; by default
            the top's ``clr_i``, if it has one and the stream is no AXI output.

    ``beats`` and ``times`` (cycle numbers, counted from the monitor's start) grow together.
    ``stalled`` counts the cycles with valid and without ready.
    Every cycle is held against the rule of streams, on simulators without assertions too: what was
    offered stays, unchanged, until it is accepted, cleared, or the device is in reset. Left out are
    AXI inputs: the bench drives those, and a host may take a word back.
    """

    def __init__(
        self,
        dut: Any,
        name: str,
        clock: Any,
        *,
        into: bool = False,
        fields: Sequence[str] | None = None,
        has_ready: bool = True,
        reset_n: Any = None,
        callback: Callable[[Any], None] | None = None,
        clear: Sequence[Any] | None = None,
    ):
        self._describe(dut, name, fields, into, has_ready)
        self._strict = not name.startswith("s_axis")
        if clear is None:
            own = None if name.startswith("m_axis") else getattr(dut, "clr_i", None)
            clear = [] if own is None else [own]
        self._clear = tuple(clear)
        self._has_ready = has_ready or "ready" in self._signals
        self.beats: list[Any] = []
        self.times: list[int] = []
        self.stalled = 0
        self.cycle = 0
        reset_n = reset_n if reset_n is not None else getattr(dut, "rst_ni", None)
        BusMonitor.__init__(
            self, dut, name, clock, reset_n=reset_n, callback=callback, case_insensitive=False
        )
        recorder.watch(self, StreamMonitor._arrays)

    def _arrays(self) -> dict[str, Sequence[Any]]:
        """For the case of a test that fails."""
        rows = [self._unpack(beat) for beat in self.beats]
        fields: dict[str, Sequence[Any]]
        fields = {f"seen/{self.name}/{n}": [r[i] for r in rows] for i, n in enumerate(self._fields)}
        return fields | {f"seen/{self.name}/cycle": self.times}

    async def _monitor_recv(self) -> None:
        edge = RisingEdge(self.clock)
        payload = [getattr(self.bus, field) for field in self._fields]
        single = len(payload) == 1
        valid, ready = level(self.bus.valid), level(self.bus.ready) if self._has_ready else None
        clear, resets = [level(handle) for handle in self._clear], in_reset(self)
        held: list[str] | None = None  # what the cycle before has offered in vain
        while True:
            await edge
            self.cycle += 1
            if resets():
                held = None
                continue
            offered = valid()  # an X raises: a valid must always be known
            clears = any(high() for high in clear)
            if held is not None and not clears:
                self._same(held, offered, payload)
            held = None
            if not offered:
                continue
            if ready is not None and not ready():
                self.stalled += 1
                if self._strict and not clears:
                    held = [text(handle) for handle in payload]
                continue
            values = [self._known(handle) for handle in payload]
            beat = values[0] if single else self.Beat(*values)
            self.beats.append(beat)
            self.times.append(self.cycle)
            self._recv(beat)

    def _same(self, held: list[str], offered: bool, payload: list[Any]) -> None:
        """What was held is still offered, bit for bit."""
        if not offered:
            raise AssertionError(f"{self.name}: valid fell before the word was accepted")
        for handle, before in zip(payload, held, strict=True):
            if (now := text(handle)) != before:
                raise AssertionError(
                    f"{self.name}: {handle._name} went from {before} to {now} before it was "
                    "accepted"
                )

    def _known(self, handle: Any) -> int:
        """Value of a signal of the payload; one that is not known (X, Z) is an error."""
        try:
            return number(handle)
        except AssertionError as error:
            raise AssertionError(f"{self.name}: {error} in a valid beat") from None

    async def wait_for(self, count: int, cycles: int = 100_000) -> None:
        """Wait until ``count`` beats have come; AssertionError after ``cycles`` cycles."""
        for _ in range(cycles):
            if len(self.beats) >= count:
                return
            await RisingEdge(self.clock)
        raise AssertionError(f"{self.name}: {len(self.beats)} of {count} beats in {cycles} cycles")
