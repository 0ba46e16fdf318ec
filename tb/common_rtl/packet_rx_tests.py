"""lac_packet_rx against a prediction of what a packet must give."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

from cocotb.triggers import ClockCycles, RisingEdge

from tb.common.bfm.block import (
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
from tb.common.bfm.block_parts import clear_after_start
from tb.common.bfm.streams import PROFILES, StreamDriver, StreamMonitor, StreamSink, pause_pattern

CONFIG = config()
MAGIC = CONFIG.get("Magic", 0)
PER_WORD = CONFIG.get("PerWord", 1)
WORDS_PER = CONFIG.get("WordsPer", 1)
COUNTED = bool(CONFIG.get("CheckCount", 0))
ANY = (1 << 32) - 1  # as count_i: any number of words
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
    free = COUNTED and count_i == ANY
    if magic != MAGIC or (COUNTED and (count == 0 if free else count != count_i)):
        return Prediction([], (HEADER, 0))
    announced = count if free else words_of(count)
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


class PacketRxBench:
    """Packet in, payload out, end and error watched."""

    def __init__(self, dut, pause_in: str = "none", pause_out: str = "none"):
        clk, rst = dut.clk_i, dut.rst_ni
        self.dut = dut
        self.payload = Checker("payload")
        self.errors = Checker("errors")
        self.driver = StreamDriver(dut, "s_axis", clk, pause=pause_in, fields=("data", "last"))
        self.sink = StreamSink(dut, "pay", clk, pause=pause_out)
        controls = ("clr_i", "pass_i", "start_i", "discard_i", "forget_i", "count_i")
        self.pins = Pins(dut, clk, *controls, "busy_o", "packets_o")
        self.compare = True
        self.out = StreamMonitor(
            dut,
            "pay",
            clk,
            fields=("data", "left", "beat"),
            reset_n=rst,
            callback=self._on_payload,
            clear=(dut.clr_i, dut.discard_i, dut.forget_i),
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

    def _on_payload(self, beat) -> None:
        if self.compare:
            self.payload(beat)

    _on_payload.__qualname__ = "on_payload"

    async def new_pass(self) -> None:
        """Pulse pass_i."""
        await self.pins.pulse("pass_i")

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
    bench = PacketRxBench(dut)
    count = 5 * PER_WORD
    want = await bench.receive(packet(rng(), count), count)
    assert len(want.payload) == 5 * WORDS_PER and bench.good == 1


@for_profiles(globals())
async def random(dut, profile):
    """Goal: good and bad packets in any order. Stimulus: 40 packets, half of them with a wrong
    length, magic or count, the profile on the input and each on the output. Check: payload, error
    and beat, done; every kind occurred."""
    await bring_up(dut)
    bench, draw = PacketRxBench(dut, profile), rng()
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
    bench, draw = PacketRxBench(dut), rng()
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
    bench = PacketRxBench(dut)
    await bench.receive(packet(rng(), 100 * PER_WORD), 100 * PER_WORD)
    assert bench.out.times[-1] - bench.out.times[0] == 100 * WORDS_PER - 1


@leaf_test
async def directed_discard(dut):
    """Goal: while discard_i is high everything that comes is thrown away. Stimulus: the level rises
    at every offset around a packet, that is expected or not, with a free and a stalled payload, and
    stays for three packets. Check: all is taken; no end, no error, no payload from then on; each is
    counted; the next packet is exact."""
    await bring_up(dut)
    bench, draw = PacketRxBench(dut), rng()
    for expected, stalled, wait in product((True, False), (False, True), range(-4, 6)):
        await bench.new_pass()
        bench.sink.set_pause("block" if stalled else "none")
        words = packet(draw, 6 * PER_WORD)
        bench.payload.expect(*predict(words, 6 * PER_WORD).payload)
        if expected:
            await bench.start(6 * PER_WORD)
        if wait >= 0:
            bench.queue(words)
            await ClockCycles(dut.clk_i, wait)
        bench.pins.drive(discard_i=1)
        await RisingEdge(dut.clk_i)
        came = len(bench.out.beats)
        if wait < 0:
            await ClockCycles(dut.clk_i, -wait)
            bench.queue(words)
        for count in (0, 2):
            bench.queue(packet(draw, count))
        await bench.driver.drain(100)
        await RisingEdge(dut.clk_i)
        assert len(bench.out.beats) == came, "payload of a packet that is discarded"
        bench.payload.forget()
        assert bench.pins.read("packets_o", "busy_o") == [3, 0]
        bench.pins.drive(discard_i=0)
        bench.sink.set_pause("none")
        assert bench.done.count == bench.good
        await bench.receive(packet(draw, 3), 3)


@leaf_test
async def directed_straddle(dut):
    """Goal: a packet that has begun is taken to its tlast, across a clear, and the next start waits
    for that. Stimulus: a clear after every word of a packet but the last two, then a start after
    every wait, with the packets of both queued without a gap. Check: the first leaves no payload,
    end or error behind the clear, and does not count for the pass that finds it under way; the
    second is exact."""
    await bring_up(dut)
    bench, draw = PacketRxBench(dut, pause_in="cycle"), rng()
    for begun, wait in product(range(1, 6), range(5)):
        words, good = packet(draw, 6 * PER_WORD), packet(draw, 5)
        bench.payload.expect(*predict(words, 6 * PER_WORD).payload)
        sent = len(bench.driver.sent)
        await bench.new_pass()
        bench.queue(words)
        await bench.start(6 * PER_WORD)
        while len(bench.driver.sent) - sent < begun:
            await RisingEdge(dut.clk_i)
        await bench.pins.pulse("clr_i")
        await RisingEdge(dut.clk_i)  # the word taken with the clear has been seen
        bench.payload.forget()
        assert bench.done.count == bench.good
        left = len(words) - (len(bench.driver.sent) - sent)
        await ClockCycles(dut.clk_i, wait)
        await bench.new_pass()
        await bench.receive(good, 5)
        num = bench.pins.read("packets_o")[0]
        # Every second cycle a word; the pass begins wait + 1 cycles behind this.
        assert num == 1 or (num == 2 and left * 2 <= wait + 3), f"{num} packets, {left} left"
    assert bench.done.count == 25


@leaf_test
async def directed_clear_after_start(dut):
    """Goal: a clear right after a start. Stimulus: a clear 0 to 7 cycles after it, no packet there.
    Check: not busy, no end, error or payload in any cycle behind, and the receiver does not take
    what comes; then a good packet."""
    await bring_up(dut)
    bench, draw = PacketRxBench(dut), rng()
    names = ("busy_o", "s_axis_tready", "packets_o", "done_o", "err_valid_o", "pay_valid_o")

    async def good() -> None:
        await bench.new_pass()
        await bench.receive(packet(draw, 3), 3)
        await bench.new_pass()
        await RisingEdge(dut.clk_i)

    await bench.new_pass()
    await clear_after_start(dut, lambda: None, good, dict.fromkeys(names, 0))


@leaf_test
async def directed_forget(dut):
    """Goal: a packet that will not come to its end can be forgotten. Stimulus: the source stops
    after every word; forget_i alone, with a clear, and with a start that waits. Check: not in the
    middle of a packet any more; the next one is exact and the only one that counts."""
    await bring_up(dut)
    bench, draw = PacketRxBench(dut), rng()
    for begun, way in product(range(1, 6), ("alone", "clear", "start")):
        words = packet(draw, 6 * PER_WORD)[:begun]
        await bench.new_pass()
        bench.compare = False
        bench.driver.extend((word, 0) for word in words)
        await bench.start(6 * PER_WORD)
        await bench.driver.drain()
        if way != "clear":
            await bench.pins.pulse("clr_i")
        await ClockCycles(dut.clk_i, 2)
        assert bench.pins.read("packets_o") == [1 << 15]
        if way == "start":
            await bench.new_pass()
            await bench.start(3)
        bench.pins.drive(clr_i=int(way == "clear"))
        await bench.pins.pulse("forget_i")
        bench.pins.drive(clr_i=0)
        await RisingEdge(dut.clk_i)
        assert bench.pins.read("packets_o", "busy_o") == [0, 0]
        bench.compare = True
        await bench.receive(packet(draw, 3), 3)
        assert bench.pins.read("packets_o") == [1]


@leaf_test
async def directed_count(dut):
    """Goal: the count of packets saturates. Stimulus: 2^15 + 2 packets of one word, discarded, a
    word per cycle. Check: the count at chosen places; it starts again with the next pass."""
    await bring_up(dut)
    bench = PacketRxBench(dut)
    names = ("s_axis_tvalid", "s_axis_tlast", "s_axis_tdata")
    pins = Pins(dut, dut.clk_i, *names)
    await bench.new_pass()
    bench.pins.drive(discard_i=1)
    pins.drive(s_axis_tvalid=1, s_axis_tlast=1)
    before = 0
    for count in (1, 2, 1000, (1 << 15) - 2, (1 << 15) - 1, 1 << 15, (1 << 15) + 2):
        await ClockCycles(dut.clk_i, count - before)
        before = count
        # What is read here is one word behind.
        assert bench.pins.read("packets_o") == [min(count - 1, (1 << 15) - 1)]
    pins.drive(s_axis_tvalid=0, s_axis_tlast=0)
    bench.pins.drive(discard_i=0)
    await bench.new_pass()
    await RisingEdge(dut.clk_i)
    assert bench.pins.read("packets_o") == [0]


@dataclass
class Reference:
    """The receiver, cycle by cycle, told from the side of the packets.

    inside   a word of a packet was taken and its last was not
    mine     ... and its payload is handed on
    wanted   a packet is asked for that has not begun
    old      the packet under way has begun before the pass
    """

    inside: bool = False
    mine: bool = False
    wanted: bool = False
    old: bool = False
    num: int = 0
    beat: int = 0
    left: int = 0

    def outputs(self, pins: dict[str, int]) -> dict[str, int]:
        """All outputs that count in a cycle with these inputs."""
        valid, last, discard = pins["s_axis_tvalid"], pins["s_axis_tlast"], pins["discard_i"]
        if discard or (self.inside and not self.mine):
            ready = True
        else:
            ready = bool(pins["pay_ready_i"]) if self.inside else self.wanted
        out: dict[str, int] = {"s_axis_tready": ready, "busy_o": self.inside or self.wanted}
        out["packets_o"] = self.inside << 15 | self.num
        out["pay_valid_o"] = self.inside and self.mine and valid and not discard
        judged = valid and ready and not discard and (self.mine if self.inside else self.wanted)
        error = self.error(pins) if judged else None
        out["err_valid_o"] = error is not None
        if error is not None:
            out["err_code_o"], out["err_pos_o"] = error, self.beat
        out["done_o"] = judged and error is None and last
        return {name: int(value) for name, value in out.items()}

    def error(self, pins: dict[str, int]) -> int | None:
        """What is wrong with the word that is taken."""
        word, last = pins["s_axis_tdata"], pins["s_axis_tlast"]
        left = self.left - 1
        if not self.inside:
            left = words_of(word & 0xFFFF_FFFF)
            counted = COUNTED and word & 0xFFFF_FFFF != pins["count_i"]
            if word >> 32 != MAGIC or counted:
                return HEADER
        if last:
            return SHORT if left else None
        return None if left else LONG

    def step(self, pins: dict[str, int], out: dict[str, int]) -> None:
        """On to the next cycle."""
        taken = pins["s_axis_tvalid"] and out["s_axis_tready"]
        if taken:
            first = not self.inside
            self.left = words_of(pins["s_axis_tdata"] & 0xFFFF_FFFF) if first else self.left - 1
            good = not out["err_valid_o"] and not pins["discard_i"]
            self.mine = good and (self.wanted if first else self.mine)
            if first:
                self.wanted = False
            self.inside = not pins["s_axis_tlast"]
            self.beat = self.beat + 1 if self.inside else 0
            if not self.inside:
                self.num = min(self.num + (not self.old), (1 << 15) - 1)
        if pins["start_i"]:
            self.wanted = True
        if pins["clr_i"] or pins["discard_i"] or pins["forget_i"]:
            self.wanted = self.mine = False
        if pins["forget_i"]:
            self.inside, self.beat = False, 0
        if pins["pass_i"]:
            self.num, self.old = 0, True
        self.old = self.old and self.inside
        self.mine = self.mine and self.inside


CONTROLS = {"clr_i": 0.02, "pass_i": 0.03, "start_i": 0.3, "forget_i": 0.01}


@for_profiles(globals(), ("none", "cycle", "random"), name="random_control")
async def random_control(dut, profile):
    """Goal: anything at any time. Stimulus: 4000 cycles of good and bad packets of up to 12 words,
    random pauses, clears, starts, passes, forgets and stretches of discard; a start only when no
    packet is expected, as pass control does. Check: every output in every cycle against a
    reference; every kind of cycle occurred."""
    await bring_up(dut)
    draw, ref, seen = rng(), Reference(), set()
    inputs: tuple[str, ...]
    inputs = ("s_axis_tvalid", "s_axis_tlast", "s_axis_tdata", "pay_ready_i", "discard_i")
    inputs += ("count_i", *CONTROLS)
    outputs = ("s_axis_tready", "busy_o", "packets_o", "pay_valid_o", "err_valid_o", "err_code_o")
    pins_of = Pins(dut, dut.clk_i, *inputs, *outputs, "err_pos_o", "done_o")
    pause, hold = pause_pattern(profile, "in"), pause_pattern(profile, "out")
    words: list[tuple[int, int]] = []
    offered, pins = False, dict.fromkeys(inputs, 0)
    for _ in range(4000):
        if not words:
            count = int(draw.integers(0, 3 * PER_WORD))
            length = max(0, words_of(count) + int(draw.choice([0, 0, 0, -1, 1, 3])))
            magic = MAGIC ^ (draw.random() < 0.1)
            beats = packet(draw, count, min(length, 12), magic)
            words = [(word, int(k == len(beats) - 1)) for k, word in enumerate(beats)]
            pins["count_i"] = count + (draw.random() < 0.1) if not ref.inside else pins["count_i"]
        offered = offered or not next(pause)
        pins |= {"s_axis_tvalid": int(offered), "pay_ready_i": int(not next(hold))}
        pins["s_axis_tdata"], pins["s_axis_tlast"] = words[0]
        flip = draw.random() < (0.05 if pins["discard_i"] else 0.02)
        pins["discard_i"] ^= int(flip)
        for name, share in CONTROLS.items():
            pins[name] = int(draw.random() < share)
        if ref.wanted or ref.mine or pins["discard_i"]:
            pins["start_i"] = 0
        pins_of.drive(**pins)
        await RisingEdge(dut.clk_i)
        want = ref.outputs(pins)
        got = dict(zip(want, pins_of.read(*want), strict=True))
        assert got == want, f"{got}, expected {want}; {ref}, {pins}"
        seen.add((ref.inside, ref.mine, ref.wanted, ref.old, pins["discard_i"], pins["clr_i"]))
        if want["s_axis_tready"] and offered:
            words.pop(0)
            offered = False
        ref.step(pins, want)
    kinds = {(i, m, w) for i, m, w, *_ in seen}
    assert kinds >= {(1, 1, 0), (1, 0, 0), (1, 0, 1), (0, 0, 1), (0, 0, 0)}, kinds
    assert any(i and old for i, _, _, old, *_ in seen)


@leaf_test
async def reset_mid(dut):
    """Goal: reset in a packet. Stimulus: one in the middle of a packet. Check: idle, nothing taken
    any more, and the next packet is exact."""
    await bring_up(dut)
    bench, draw = PacketRxBench(dut, pause_out="block"), rng()
    bench.queue(packet(draw, 4 * PER_WORD))
    await bench.start(4 * PER_WORD)
    await ClockCycles(dut.clk_i, 6)
    bench.driver.abort()
    await reset(dut)
    await bench.idle(3)
    assert bench.pins.read("packets_o") == [0]
    bench.sink.set_pause("none")
    await bench.receive(packet(draw, 4), 4)


@leaf_test
async def bad_header(dut):
    """Goal: a wrong first word. Stimulus: every bit of the magic wrong, a wrong count, each alone
    and followed by words. Check: header error at beat 0, no payload, input empty."""
    await bring_up(dut)
    bench, draw = PacketRxBench(dut), rng()
    for bit in range(32):
        want = await bench.receive(packet(draw, 3, magic=MAGIC ^ 1 << bit), 3)
        assert want.error == (HEADER, 0)
    for length, expected in product((0, 3), (0, 2, 4, 0xFFFF_FFFE)):
        want = await bench.receive(packet(draw, 3, length), expected)
        assert not COUNTED or want.error == (HEADER, 0)
    await bench.receive(packet(draw, 3), 3)


@leaf_test
async def bad_short(dut):
    """Goal: tlast too early. Stimulus: at each beat of a packet of 6 words. Check: short error at
    that beat, and the next packet is exact."""
    await bring_up(dut)
    bench, draw = PacketRxBench(dut), rng()
    for length in range(6):
        want = await bench.receive(packet(draw, 6 * PER_WORD, length), 6 * PER_WORD)
        assert want.error == (SHORT, length)
        await bench.receive(packet(draw, 2), 2)


@leaf_test
async def bad_long(dut):
    """Goal: no tlast at the end. Stimulus: 1 to 40 words too many, for counts 0, 1 and more. Check:
    long error at the announced end, the rest is taken and dropped."""
    await bring_up(dut)
    bench, draw = PacketRxBench(dut), rng()
    for count in (0, 1, 5):
        for extra in (1, 2, 40):
            announced = words_of(count)
            want = await bench.receive(packet(draw, count, announced + extra), count)
            assert want.error == (LONG, announced)
            await bench.receive(packet(draw, 2), 2)


@leaf_test
async def directed_any(dut):
    """Goal: packets whose length nobody knows before. Stimulus: count_i all ones, packets of 0 to 9
    words, as long as they say, a word shorter and a word longer. Check: words are counted as the
    header says, an empty packet is refused (with CheckCount; else as any count)."""
    await bring_up(dut)
    bench, draw = PacketRxBench(dut), rng()
    for words in range(10):
        for more in (0, -1, 1):
            length = words + more
            if length >= 0:
                count = words if COUNTED else words * PER_WORD // WORDS_PER
                length = length if COUNTED else words_of(count) + more
                await bench.receive(packet(draw, count, max(0, length)), ANY)
