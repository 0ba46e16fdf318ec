"""lac_packet_rx against a prediction of what a packet must give."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

from cocotb.triggers import ClockCycles, RisingEdge

from tb.common.leaf import (
    Checker,
    Pins,
    PulseMonitor,
    bring_up,
    config,
    for_profiles,
    leaf_test,
    reset,
    rng,
)
from tb.common.streams import PROFILES, StreamDriver, StreamMonitor, StreamSink

CONFIG = config()
MAGIC = CONFIG.get("Magic", 0)
PER_WORD = CONFIG.get("PerWord", 1)
WORDS_PER = CONFIG.get("WordsPer", 1)
COUNTED = bool(CONFIG.get("CheckCount", 0))
HEADER, SHORT, LONG = (
    CONFIG.get(name, code) for name, code in (("ErrHeader", 2), ("ErrShort", 3), ("ErrLong", 4))
)


def words_of(count: int) -> int:
    """Payload words of ``count`` units; the RTL's counter has 32 bits."""
    return -(-count // PER_WORD) * WORDS_PER % (1 << 32)


@dataclass(frozen=True)
class Prediction:
    """Payload beats ``(data, left, beat)``, and the error ``(code, beat)`` or None for done."""

    payload: list[tuple[int, int, int]]
    error: tuple[int, int] | None


def predict(words: list[int], count_i: int) -> Prediction:
    """What the receiver has to make of a packet whose last word has tlast."""
    magic, count = words[0] >> 32, words[0] & 0xFFFF_FFFF
    if magic != MAGIC or (COUNTED and count != count_i):
        return Prediction([], (HEADER, 0))
    announced = words_of(count)
    payload = []
    for beat, word in enumerate(words):
        left = announced - beat
        if beat:
            payload.append((word, left, beat))
        last = beat == len(words) - 1
        if last and left:
            return Prediction(payload, (SHORT, beat))
        if not last and not left:
            return Prediction(payload, (LONG, beat))
    return Prediction(payload, None)


def packet(draw, count: int, length: int | None = None, magic: int = MAGIC) -> list[int]:
    """A packet that announces ``count`` and has ``length`` payload words (None: as announced)."""
    length = words_of(count) if length is None else length
    return [magic << 32 | count, *draw.integers(0, 1 << 64, length, dtype="uint64").tolist()]


class Bench:
    """Packet in, payload out, end and error watched."""

    def __init__(self, dut, pause_in: str = "none", pause_out: str = "none"):
        clk, rst = dut.clk_i, dut.rst_ni
        self.dut = dut
        self.payload = Checker("payload")
        self.errors = Checker("errors")
        self.driver = StreamDriver(dut, "s_axis", clk, pause=pause_in, fields=("data", "last"))
        self.sink = StreamSink(dut, "pay", clk, pause=pause_out)
        self.pins = Pins(dut, clk, "clr_i", "start_i", "abort_i", "pending_i", "count_i", "busy_o")
        self.out = StreamMonitor(
            dut, "pay", clk, fields=("data", "left", "beat"), reset_n=rst, callback=self.payload
        )
        self.error = StreamMonitor(
            dut,
            "err",
            clk,
            fields=("code", "pos"),
            has_ready=False,
            reset_n=rst,
            callback=self.errors,
        )
        self.done = PulseMonitor(dut, clk, "done_o", reset_n=rst)
        self.good = 0

    def queue(self, words: list[int]) -> None:
        """Put a packet on the input."""
        self.driver.extend((word, int(i == len(words) - 1)) for i, word in enumerate(words))

    async def start(self, count: int) -> None:
        """Pulse start_i with the count that is expected."""
        self.pins.drive(count_i=count)
        await self.pins.pulse("start_i")

    async def idle(self, cycles: int = 20_000) -> None:
        """Wait until the receiver is idle."""
        for _ in range(cycles):
            await RisingEdge(self.dut.clk_i)
            if not self.pins.read("busy_o")[0]:
                return
        raise AssertionError(f"still busy after {cycles} cycles")

    async def receive(self, words: list[int], count: int) -> Prediction:
        """One packet, from start to idle, checked."""
        want = predict(words, count)
        self.payload.expect(*want.payload)
        self.errors.expect(*([want.error] if want.error else []))
        self.good += want.error is None
        self.queue(words)
        await self.start(count)
        await self.idle()
        await self.driver.drain()
        await RisingEdge(self.dut.clk_i)
        self.payload.done(0)
        self.errors.done(0)
        assert self.done.count == self.good, f"{self.done.count} ends, expected {self.good}"
        return want


@leaf_test
async def smoke(dut):
    """Goal: a good packet. Stimulus: 5 payload words. Check: payload, left, beat, one done."""
    await bring_up(dut)
    bench = Bench(dut)
    count = 5 * PER_WORD
    want = await bench.receive(packet(rng(), count), count)
    assert len(want.payload) == 5 * WORDS_PER and bench.good == 1


@for_profiles(globals())
async def random(dut, profile):
    """Goal: good and bad packets in any order. Stimulus: 40 packets, half of them with a wrong
    length, magic or count, the profile on the input and each on the output. Check: payload, error
    and beat, done; every kind occurred."""
    await bring_up(dut)
    bench, draw = Bench(dut, profile), rng()
    codes = set()
    for turn in range(40):
        bench.sink.set_pause(PROFILES[turn % len(PROFILES)])
        count = int(draw.integers(0, 12))
        length, magic, expected = None, MAGIC, count
        # One of every kind first, then by chance.
        kind = turn if turn < 5 else int(draw.integers(8))
        if kind == 0:
            length = words_of(count) + int(draw.integers(1, 4))
        elif kind == 1:
            count = expected = count + 2 * PER_WORD
            length = int(draw.integers(0, words_of(count)))
        elif kind == 2:
            magic = MAGIC ^ 1 << int(draw.integers(32))
        elif kind == 3:
            expected = count + 1 if count == 0 or draw.integers(2) else count - 1
        want = await bench.receive(packet(draw, count, length, magic), expected)
        codes.add(want.error[0] if want.error else 0)
    assert codes == {0, HEADER, SHORT, LONG}


@leaf_test
async def extremes(dut):
    """Goal: the shortest packets and the largest counts. Stimulus: counts 0, 1, one more than a
    full word, 2^32-1 cut off. Check: payload, error, done."""
    await bring_up(dut)
    bench, draw = Bench(dut), rng()
    for count in (0, 1, PER_WORD, PER_WORD + 1, 0, 3 * PER_WORD - 1):
        await bench.receive(packet(draw, count), count)
    assert bench.good == 6
    want = await bench.receive(packet(draw, 0xFFFF_FFFF, 3), 0xFFFF_FFFF)
    assert want.error == (SHORT, 3)


@leaf_test
async def throughput(dut):
    """Goal: one word per cycle, combinational. Stimulus: 100 words or units, no pauses. Check: as
    many cycles as words."""
    await bring_up(dut)
    bench = Bench(dut)
    await bench.receive(packet(rng(), 100 * PER_WORD), 100 * PER_WORD)
    assert bench.out.times[-1] - bench.out.times[0] == 100 * WORDS_PER - 1


@leaf_test
async def directed_abort(dut):
    """Goal: an abort discards the packet in progress. Stimulus: an abort at every word of a packet,
    with and without a stalled payload. Check: no done, no error, the input is empty, payload is a
    prefix, and the next packet is exact."""
    await bring_up(dut)
    bench, draw = Bench(dut), rng()
    # The last of the 7 words would leave in the cycle of the abort for a wait of 6.
    for stalled, wait in product((False, True), range(6)):
        words = packet(draw, 6 * PER_WORD)
        before = len(bench.out.beats)
        bench.payload.expect(*predict(words, 6 * PER_WORD).payload)
        bench.sink.set_pause("block" if stalled else "none")
        bench.queue(words)
        await bench.start(6 * PER_WORD)
        for _ in range(wait):
            await RisingEdge(dut.clk_i)
        await bench.pins.pulse("abort_i")
        await bench.idle()
        await bench.driver.drain()
        came = len(bench.out.beats) - before
        assert came == 0 if stalled else came < 6 * WORDS_PER
        bench.payload.forget()
        bench.sink.set_pause("none")
        assert bench.done.count == bench.good
        await bench.receive(packet(draw, 3), 3)


@leaf_test
async def directed_abort_waiting(dut):
    """Goal: an abort while idle. Stimulus: a waiting packet, an abort without and with pending_i;
    an abort before the packet has come. Check: it stays, it is discarded; nothing hangs."""
    await bring_up(dut)
    bench, draw = Bench(dut), rng()
    words = packet(draw, 2)
    bench.queue(words)
    await ClockCycles(dut.clk_i, 4)
    await bench.pins.pulse("abort_i")
    await ClockCycles(dut.clk_i, 8)
    assert not bench.driver.sent, "a packet that no run expects was taken"
    bench.pins.drive(pending_i=1)
    await bench.pins.pulse("abort_i")
    bench.pins.drive(pending_i=0)
    await bench.idle()
    await bench.driver.drain(20)
    await bench.start(2)
    await bench.pins.pulse("abort_i")
    await bench.idle(5)
    await bench.receive(packet(draw, 5), 5)
    assert bench.done.count == 1


@leaf_test
async def reset_mid(dut):
    """Goal: reset and clear in a packet. Stimulus: each in the middle of one. Check: idle, nothing
    taken any more, and the next packet is exact."""
    await bring_up(dut)
    bench, draw = Bench(dut, pause_out="block"), rng()
    for way in ("reset", "clear"):
        bench.sink.set_pause("block")
        bench.queue(packet(draw, 4 * PER_WORD))
        await bench.start(4 * PER_WORD)
        await ClockCycles(dut.clk_i, 6)
        bench.driver.abort()
        await (reset(dut) if way == "reset" else bench.pins.pulse("clr_i"))
        await bench.idle(3)
        bench.sink.set_pause("none")
        await bench.receive(packet(draw, 4), 4)


@leaf_test
async def bad_header(dut):
    """Goal: a wrong first word. Stimulus: every bit of the magic wrong, a wrong count, each alone
    and followed by words. Check: header error at beat 0, no payload, input empty."""
    await bring_up(dut)
    bench, draw = Bench(dut), rng()
    for bit in range(32):
        want = await bench.receive(packet(draw, 3, magic=MAGIC ^ 1 << bit), 3)
        assert want.error == (HEADER, 0)
    for length, expected in product((0, 3), (0, 2, 4, 0xFFFF_FFFF)):
        want = await bench.receive(packet(draw, 3, length), expected)
        assert not COUNTED or want.error == (HEADER, 0)
    await bench.receive(packet(draw, 3), 3)


@leaf_test
async def bad_short(dut):
    """Goal: tlast too early. Stimulus: at each beat of a packet of 6 words. Check: short error at
    that beat, and the next packet is exact."""
    await bring_up(dut)
    bench, draw = Bench(dut), rng()
    for length in range(6):
        want = await bench.receive(packet(draw, 6 * PER_WORD, length), 6 * PER_WORD)
        assert want.error == (SHORT, length)
        await bench.receive(packet(draw, 2), 2)


@leaf_test
async def bad_long(dut):
    """Goal: no tlast at the end. Stimulus: 1 to 40 words too many, for counts 0, 1 and more. Check:
    long error at the announced end, the rest is taken and dropped."""
    await bring_up(dut)
    bench, draw = Bench(dut), rng()
    for count in (0, 1, 5):
        for extra in (1, 2, 40):
            announced = words_of(count)
            want = await bench.receive(packet(draw, count, announced + extra), count)
            assert want.error == (LONG, announced)
            await bench.receive(packet(draw, 2), 2)
