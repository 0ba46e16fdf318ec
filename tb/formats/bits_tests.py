"""lac_fmt_bits against the words of a tile as one number, cycle by cycle."""

from __future__ import annotations

from dataclasses import dataclass, field

from cocotb.triggers import ClockCycles, RisingEdge

from models.formats.base import Fault
from tb.common.bfm.block import Pins, bring_up, config, for_profiles, leaf_test, reset, rng
from tb.common.bfm.streams import StreamDriver, pause_pattern
from tb.formats.parts import noise

WORD = config().get("WordWidth", 64)
WORDS = config().get("WindowWords", 1)  # of the window
WINDOW = WORDS * WORD
DEPTH = 2 * WORDS + 1
POS = 32
NONE = 0  # verdict on a good end
PINS: tuple[str, ...]
PINS = (
    "in_valid_i",
    "in_ready_o",
    "in_data_i",
    "in_last_i",
    "head_valid_o",
    "head_count_o",
)
PINS += ("head_bad_o", "body_o", "bits_o", "level_o", "last_o", "tail_err_o")
PINS += ("step_i", "take_i", "stop_i")


@dataclass
class Truth:
    """What has come of a tile and what of it is used up.

    payload   bits behind the header, as a number; removed: how many of them are gone
    """

    accepted: int = 0  # words, the header among them
    header: int = 0
    payload: int = 0
    removed: int = 0
    head: bool = True  # the header is not used up
    last: bool = False
    discard: bool = False

    @property
    def stored(self) -> int:
        """Words not used up to their last bit."""
        return self.accepted if self.head else self.accepted - 1 - self.removed // WORD

    @property
    def ready(self) -> bool:
        """A word is taken."""
        return not self.last and (self.discard or self.stored < DEPTH)

    @property
    def head_valid(self) -> bool:
        """The header has come."""
        return self.head and self.accepted > 0

    @property
    def level(self) -> int:
        """Bits of the window that have come."""
        return min(WINDOW, (self.accepted - 1) * WORD - self.removed)

    def accept(self, data: int, last: bool) -> None:
        """A word comes in."""
        self.last = last and not self.discard
        if self.discard:
            self.discard = not last
            return
        if self.accepted == 0:
            self.header = data
        else:
            self.payload |= data << (self.accepted - 1) * WORD
        self.accepted += 1


@dataclass
class Plan:
    """A tile as words, and how it is used up.

    takes   bits that each step removes; end: verdict that has to come, None: stop without judging
    """

    words: list[int]
    takes: list[int] = field(default_factory=list)
    end: int | None = NONE


class BitsBench:
    """Words in, steps; ``step_times`` has the cycle of each step of the last tile, where cycle 0
    is that in which its header came."""

    def __init__(self, dut, words: str = "none", steps: str = "none"):
        self.dut, self.draw = dut, rng()
        self.driver = StreamDriver(dut, "in", dut.clk_i, pause=words, fields=("data", "last"))
        self.pins = Pins(dut, dut.clk_i, *PINS)
        self.pause = pause_pattern(steps, "steps")
        self.truth = Truth()
        self.now = self.tiles = 0
        self.step_times: list[int] = []

    async def cycle(self, take: int | None = None, stop: bool = False) -> None:
        """One cycle, with a step unless ``take`` is None; every output is compared."""
        step = take is not None
        self.pins.drive(step_i=step, take_i=take or 0, stop_i=stop)
        await RisingEdge(self.dut.clk_i)
        truth, now = self.truth, self.now
        self._compare()
        valid, ready, data, last = self.pins.read("in_valid_i", "in_ready_o", *PINS[2:4])
        came = bool(valid and ready)
        if step:
            self.step_times.append(now)
        if stop:
            self.truth = Truth(discard=not (truth.last or (came and last)))
            self.now += 1
            return
        if step and truth.head:
            truth.head = False
        elif step:
            truth.removed += take or 0
        if came and truth.accepted == 0 and not truth.discard:
            self.now = now = 0
            self.step_times.clear()
        if came:
            truth.accept(data, bool(last))
        self.now = now + 1

    def _compare(self) -> None:
        truth = self.truth
        want: dict[str, int] = {"in_ready_o": truth.ready, "head_valid_o": truth.head_valid}
        want["body_o"] = not truth.head
        if truth.head_valid:
            want["head_count_o"] = truth.header & (1 << POS) - 1
            want["head_bad_o"] = truth.header >> POS != 0
        elif not truth.head:
            want["bits_o"] = truth.payload >> truth.removed & (1 << WINDOW) - 1
            want["level_o"], want["last_o"] = truth.level, truth.last
        want = {name: int(value) for name, value in want.items()}
        got = dict(zip(want, self.pins.read(*want), strict=True))
        assert got == want, f"tile {self.tiles}, cycle {self.now}: {got}, expected {want}"

    async def until(self, ready) -> None:
        """Cycles without a step until ``ready()``, and as long as the decoder pauses."""
        for _ in range(3000):
            if ready() and not next(self.pause):
                return
            await self.cycle()
        raise AssertionError(f"tile {self.tiles}: nothing comes")

    def queue(self, words: list[int]) -> None:
        """Queue the words of a tile."""
        self.driver.extend([(word, int(k == len(words) - 1)) for k, word in enumerate(words)])

    async def use(self, plan: Plan, stop_head: bool = False) -> None:
        """Use up a tile that is queued."""
        await self.until(lambda: self.truth.head_valid)
        await self.cycle(noise(self.draw, WINDOW.bit_length()), stop_head)  # take means nothing
        if stop_head:
            self.tiles += 1
            return
        for take in plan.takes:
            await self.until(lambda take=take: self.truth.level >= take)
            await self.cycle(take)
        await self.until(lambda: True)
        await self.cycle(0, True)
        if plan.end is not None:
            (verdict,) = self.pins.read("tail_err_o")
            assert verdict == plan.end, f"tile {self.tiles}: verdict {verdict}, not {plan.end}"
        self.tiles += 1

    async def tile(self, plan: Plan) -> None:
        """Send a tile and use it up."""
        self.queue(plan.words)
        await self.use(plan)

    def words(self, bits: int) -> list[int]:
        """Header and payload of so many bits, the last of them 1."""
        payload = noise(self.draw, bits) | (1 << bits) >> 1
        count = -(-bits // WORD)
        words = [payload >> k * WORD & (1 << WORD) - 1 for k in range(count)]
        return [noise(self.draw, POS), *words]

    def takes(self, bits: int, most: int = WINDOW, least: int = 0) -> list[int]:
        """Random steps that remove so many bits."""
        found: list[int] = []
        while (left := bits - sum(found)) > 0:
            found.append(min(left, int(self.draw.integers(least, most + 1))))
        return found

    def good(self, bits: int, most: int = WINDOW) -> Plan:
        """A tile with so many bits of payload."""
        return Plan(self.words(bits), self.takes(bits, most))


@leaf_test
async def smoke(dut):
    """Goal: the example of the header. Stimulus: header and two words, each used up as soon as it
    has come. Check: every output; the cycle of each step."""
    await bring_up(dut)
    bench = BitsBench(dut)
    await bench.tile(Plan(bench.words(2 * WORD), [WORD, WORD]))
    assert bench.step_times == [1, 2, 3, 4]
    assert bench.driver.sent[-1][1] == 1


@leaf_test
async def extremes(dut):
    """Goal: payloads and steps of every size. Stimulus: payloads of 0, 1, and around 1 to 3 words;
    steps of 1 bit, of the whole window, of nothing at all; all bits 0 and 1; bits above the count
    set. Check: every output, the verdict."""
    await bring_up(dut)
    bench, full = BitsBench(dut), (1 << WORD) - 1
    for bits in (0, 1, WORD - 1, WORD, WORD + 1, 2 * WORD, 3 * WORD - 1, 3 * WORD):
        await bench.tile(bench.good(bits))
        await bench.tile(Plan(bench.words(bits), bench.takes(bits, WINDOW, WINDOW)))
    await bench.tile(Plan(bench.words(WORD + 9), [1] * (WORD + 9)))
    await bench.tile(Plan(bench.words(WORD), [0, WORD, 0]))
    # Words that have piled up, then as much as a step can take.
    late = [1] * 20 + bench.takes(9 * WORD - 20, WINDOW, WINDOW)
    await bench.tile(Plan(bench.words(9 * WORD), late))
    for word in (0, full):
        await bench.tile(Plan([word] * 4, bench.takes(3 * WORD)))
    for bit in range(WORD):
        await bench.tile(Plan([1 << bit]))


@leaf_test
async def throughput(dut):
    """Goal: a word per cycle, and steps that never wait for a full store. Stimulus: 40 words in
    steps of a word; long tiles in random steps of up to a word, slow ones first. Check: each step
    in the first cycle in which a store without end would have its bits."""
    await bring_up(dut)
    bench = BitsBench(dut)
    size = 40 * WORD
    for takes in (
        [WORD] * 40,
        [1] * 60 + [WORD] * 38 + bench.takes(2 * WORD - 60, WORD, 1),
        bench.takes(size, WORD, 1),
        bench.takes(size, WORD, WORD - 3),
    ):
        await bench.tile(Plan(bench.words(size), takes))
        due, removed = [1], 0
        for take in takes:
            removed += take
            due.append(max(due[-1] + 1, 1 - (-removed // WORD)))
        assert bench.step_times == [*due, due[-1] + 1]


@leaf_test
async def directed_ends(dut):
    """Goal: the verdict at every end. Stimulus: payloads that end at every bit of a word; one bit
    set behind them, first, last and between; one and three words too many, with and without bits
    behind the payload. Check: none, ErrPadding, ErrLong; then the next tile."""
    await bring_up(dut)
    bench = BitsBench(dut)
    for bits in (*range(WORD + 1, 2 * WORD, 3), 2 * WORD):
        plan = bench.good(bits)
        await bench.tile(plan)
        free = range(bits - WORD, WORD)
        for place in {*free[:1], *free[-1:], *free[len(free) // 2 :][:1]}:
            padded = [*plan.words[:2], plan.words[2] | 1 << place]
            await bench.tile(Plan(padded, plan.takes, Fault.PADDING))
            await bench.tile(Plan([*padded, 0], plan.takes, Fault.LONG))
        for more in (1, 3):
            longer = [*plan.words, *[noise(bench.draw, WORD)] * more]
            await bench.tile(Plan(longer, plan.takes, Fault.LONG))
    await bench.tile(Plan(bench.words(2 * WORD), [], Fault.LONG))


@leaf_test
async def directed_discard(dut):
    """Goal: what follows a fault is thrown away. Stimulus: a stop at the header and after every
    step, while the last word has come, comes, or is far away, the next tile waiting or not. Check:
    every output; a word is thrown away in every cycle; the next tile is exact."""
    await bring_up(dut)
    bench = BitsBench(dut)
    for length in (0, 1, 2, 3, 4, 7):
        words = bench.words(length * WORD)
        for steps in range(min(length, 4) + 1):
            for wait in (0, 1, length + 2):
                bench.queue(words)
                after = bench.good(WORD + 7)
                bench.queue(after.words)
                await bench.until(lambda: bench.truth.head_valid)
                for _ in range(wait):
                    await bench.cycle()
                await bench.use(Plan(words, [WORD] * (steps - 1), None), stop_head=not steps)
                await bench.use(after)


@leaf_test
async def reset_mid(dut):
    """Goal: reset in a tile and in what is thrown away. Stimulus: after each of 6 cycles, with a
    step of half a word in each, or after a stop. Check: nothing is left; the next tile is exact."""
    await bring_up(dut)
    bench = BitsBench(dut)
    for stop in (False, True):
        for wait in range(6):
            bench.queue(bench.words(9 * WORD))
            await bench.until(lambda: bench.truth.head_valid)
            await bench.cycle(0, stop)
            for _ in range(wait):
                await bench.cycle(None if stop else min(bench.truth.level, WORD // 2))
            bench.driver.abort()
            bench.pins.drive(step_i=0, stop_i=0)
            await reset(dut)
            bench.truth = Truth()
            await ClockCycles(dut.clk_i, 1)
            await bench.tile(bench.good(2 * WORD + 3))


@for_profiles(globals())
async def random(dut, profile):
    """Goal: words and steps that come when they like. Stimulus: 16 tiles of up to 9 words in steps
    of up to a window, some too long or with bits behind the payload, some stopped early; all words
    queued at once. Check: every output in every cycle, verdicts."""
    await bring_up(dut)
    bench = BitsBench(dut, profile, profile)
    plans = []
    for _ in range(16):
        plan = bench.good(int(bench.draw.integers(0, 9 * WORD + 1)))
        kind = bench.draw.random()
        if kind < 0.2:
            plan.words.append(noise(bench.draw, WORD))
            plan.end = int(Fault.LONG)
        elif kind < 0.4 and (free := -sum(plan.takes) % WORD):
            plan.words[-1] |= 1 << WORD - 1 - int(bench.draw.integers(free))
            plan.end = int(Fault.PADDING)
        elif kind < 0.6:
            plan.takes, plan.end = plan.takes[: len(plan.takes) // 2], None
        bench.queue(plan.words)
        plans.append(plan)
    for plan in plans:
        await bench.use(plan)
    assert bench.tiles == 16
