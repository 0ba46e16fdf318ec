"""lac_result_tx against a reference of packets: what was offered stays, what was begun is ended."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import product

from cocotb.triggers import ClockCycles, RisingEdge

from tb.common.bfm.block import Pins, bring_up, config, for_profiles, leaf_test, reset, rng
from tb.common.bfm.block_results import ABORTED, ResultStream
from tb.common.bfm.streams import StreamSink, pause_pattern

WIDTH = config().get("DataWidth", 64)
INPUTS = ("clr_i", "in_valid_i", "in_data_i", "in_last_i")


@dataclass
class Reference:
    """offered: the words that are to be taken, the first one on the pins; begun: a packet is open
    behind the words that were taken; cut: its pass is over."""

    offered: list[tuple[int, int, int]] = field(default_factory=list)
    begun: bool = False
    cut: bool = False

    def ready(self, clr: int, out_ready: int) -> bool:
        """in_ready_o."""
        return not (clr or self.cut) and (not self.offered or bool(out_ready))

    def done(self, out_ready: int) -> bool:
        """done_o."""
        return bool(self.offered and out_ready and self.offered[0][1] and not self.cut)

    def step(self, clr: int, word: tuple[int, int] | None, out_ready: int) -> None:
        """On to the next cycle; ``word`` is what was taken."""
        if self.offered and out_ready:
            self.begun = not self.offered.pop()[1]
        if word is not None:
            self.offered.append((*word, 0))
        open_ = self.begun or bool(self.offered)
        self.cut = (self.cut or bool(clr)) and open_
        if self.cut and not self.offered:
            self.offered.append(ABORTED)


class ResultTxBench:
    """Plays cycles and compares all of them."""

    def __init__(self, dut, profile: str = "none"):
        self.dut, self.rng, self.ref = dut, rng(), Reference()
        self.pins = Pins(dut, dut.clk_i, *INPUTS, "in_ready_o", "done_o", "m_axis_out_tready")
        names = ("data", "last", "user")
        self.out = [f"m_axis_out_t{name}" for name in names]
        self.seen = Pins(dut, dut.clk_i, "m_axis_out_tvalid", *self.out)
        self.pause = pause_pattern(profile, "out")
        self.taken: list[tuple[int, int, int]] = []

    async def cycle(
        self, clr: int = 0, word: tuple[int, int] | None = None, ready: int = 1
    ) -> bool:
        """One cycle; whether the word was taken."""
        data, last = word or (0, 0)
        self.pins.drive(clr_i=clr, in_valid_i=word is not None, in_data_i=data, in_last_i=last)
        self.pins.drive(m_axis_out_tready=ready)
        await RisingEdge(self.dut.clk_i)
        ref = self.ref
        want = [int(ref.ready(clr, ready)), int(ref.done(ready)), int(bool(ref.offered))]
        got = self.pins.read("in_ready_o", "done_o") + self.seen.read("m_axis_out_tvalid")
        assert got == want, f"ready, done, valid {got}, expected {want}; {ref}"
        if ref.offered:
            beat = tuple(self.seen.read(*self.out))
            assert beat == ref.offered[0], f"{beat} offered, expected {ref.offered[0]}"
            if ready:
                self.taken.append(beat)
        accepted = word is not None and bool(want[0])
        ref.step(clr, word if accepted else None, ready)
        return accepted

    def data(self) -> int:
        """A random word."""
        return int.from_bytes(self.rng.bytes(WIDTH // 8 + 1), "little") % (1 << WIDTH)


@leaf_test
async def smoke(dut):
    """Goal: a packet. Stimulus: 5 words. Check: all of them a cycle later, done with the last."""
    await bring_up(dut)
    bench = ResultTxBench(dut)
    words = [(bench.data(), int(k == 4)) for k in range(5)]
    for word in words:
        assert await bench.cycle(word=word)
    await bench.cycle()
    assert bench.taken == [(*word, 0) for word in words]


@leaf_test
async def throughput(dut):
    """Goal: a word per cycle, also between packets. Stimulus: 40 packets of 1 to 4 words without a
    gap. Check: every cycle."""
    await bring_up(dut)
    bench = ResultTxBench(dut)
    for size in bench.rng.integers(1, 5, 40).tolist():
        for k in range(size):
            assert await bench.cycle(word=(bench.data(), int(k == size - 1)))


@leaf_test
async def directed_cut(dut):
    """Goal: a packet that has begun is ended, a word that is offered stays. Stimulus: a clear, of 1
    and of 4 cycles, behind every number of words of a packet of 3, with the receiver open or closed
    for some cycles around it; the next packet offered at once. Check: every cycle; what came is the
    packet, or its begin and the word of an abort; the next packet is whole behind it."""
    await bring_up(dut)
    bench = ResultTxBench(dut)
    words = [(k + 1, int(k == 2)) for k in range(3)]
    for sent, clears, held in product(range(4), (1, 4), range(7)):
        bench.taken.clear()
        for word in words[:sent]:
            assert await bench.cycle(word=word)
        wait = held
        for k in range(clears):
            await bench.cycle(clr=1, word=(9, 0), ready=int(k >= wait))
        wait -= min(wait, clears)
        following = [(7, 0), (8, 1)]
        for _ in range(30):
            took = await bench.cycle(word=following[0] if following else None, ready=int(wait <= 0))
            wait -= 1
            if took:
                following.pop(0)
        whole = [(*word, 0) for word in words]
        first = {0: [], 3: whole}.get(sent, [*whole[:sent], ABORTED])
        assert bench.taken == [*first, (7, 0, 0), (8, 1, 0)], f"{sent} {clears} {held}"


@for_profiles(globals())
async def random(dut, profile):
    """Goal: anything at any time. Stimulus: 3000 cycles of words of packets of 1 to 6, clears of
    one cycle and longer, the profile on the receiver; a new packet behind each clear. Check: every
    output in every cycle; packets were ended and aborted."""
    await bring_up(dut)
    bench, draw = ResultTxBench(dut, profile), rng()
    left, word, clr, clears = 0, None, 0, 0
    for _ in range(3000):
        clr = int(draw.random() < (0.5 if clr else 0.04))
        clears += clr
        if clr:
            word, left = None, 0
        if word is None and draw.random() < 0.7:
            left = left or int(draw.integers(1, 7))
            left -= 1
            word = (bench.data(), int(left == 0))
        if await bench.cycle(clr, word, int(not next(bench.pause))):
            word = None
    aborted = bench.taken.count(ABORTED)
    whole = sum(last for _, last, user in bench.taken if not user)
    assert aborted > 5 and whole > 20 and clears > 50, f"{aborted}, {whole}, {clears}"


@leaf_test
async def reset_mid(dut):
    """Goal: reset. Stimulus: one with a word held, and one with an abort held. Check: nothing is
    offered; then a packet."""
    await bring_up(dut)
    results, sink = ResultStream(dut), StreamSink(dut, "m_axis_out", dut.clk_i, pause="block")
    pins = Pins(dut, dut.clk_i, *INPUTS, "m_axis_out_tvalid")
    for cut in (False, True):
        sink.set_pause("none" if cut else "block")
        results.cut_off()
        pins.drive(in_data_i=3, in_last_i=0)
        await pins.pulse("in_valid_i")
        await ClockCycles(dut.clk_i, 2)
        sink.set_pause("block")
        await RisingEdge(dut.clk_i)
        if cut:
            await pins.pulse("clr_i")
        await ClockCycles(dut.clk_i, 2)
        assert pins.read("m_axis_out_tvalid") == [1]
        await reset(dut)
        assert pins.read("m_axis_out_tvalid") == [0]
        results._kept = None
        sink.set_pause("none")
        results.expect([5])
        pins.drive(in_data_i=5, in_last_i=1)
        await pins.pulse("in_valid_i")
        await ClockCycles(dut.clk_i, 3)
        results.check.done()
