"""lac_pipe, lac_fmt_stages, lac_fmt_late and lac_fmt_ones in one build, cycle by cycle."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from cocotb.triggers import RisingEdge

from tb.common.bfm.block import Pins, bring_up, config, for_profiles, leaf_test, reset, rng
from tb.common.bfm.streams import pause_pattern
from tb.formats.parts import joined, noise, split

SLOTS = config().get("NumSlots", 64)
LANES = config().get("NumLanes", 4)
SLOT = (SLOTS - 1).bit_length()
#: Stages of each instance of the harness; the first three are pipes without ends.
STAGES = (0, 1, 3, 1, 2, 1, 2, 2)
PIPES, LATE, ONES = range(3), (5, 6), 7
#: Receivers: none is ready, all are.
FULL: tuple[Callable[[int], bool], ...] = (lambda _: False, lambda _: True)
_IN: tuple[str, ...] = (
    "clr_i",
    "beat_valid_i",
    "end_valid_i",
    "end_err_i",
    "end_pos_i",
    "ready_i",
    "beat_i",
)
_IN += ("fault_i", "keep_i", "mask_i", "used_i", "base_i")
_OUT: tuple[str, ...] = (
    "ready_o",
    "beat_valid_o",
    "end_valid_o",
    "end_err_o",
    "end_pos_o",
    "en_o",
    "entry_o",
)
_OUT += ("first_o", "leave_o", "keep_o", "slot_o", "base_o")


@dataclass(frozen=True)
class Item:
    """A beat, or the end of a tile; ``fault`` and ``beat``: what is found out of a late entry."""

    end: bool = False
    err: int = 0
    pos: int = 0
    beat: bool = True
    fault: int = 0
    mask: int = 1
    keep: int = 1
    used: int = 0
    base: int = 0

    def slots(self) -> list[int]:
        """Places of the ones of the lanes in use."""
        ones = [i for i in range(SLOTS) if self.mask >> i & 1]
        return ones[self.used : self.used + self.keep.bit_count()]


@dataclass
class Model:
    """What an instance holds, and what a late one knows of its tile."""

    number: int
    held: list[Item | None] = field(default_factory=list)
    drop: bool = False
    first: bool = True
    out: list[Item] = field(default_factory=list)
    dropped: int = 0

    def __post_init__(self) -> None:
        self.held = [None] * STAGES[self.number]

    def last(self, offer: Item | None) -> Item | None:
        """What is at the output."""
        return self.held[-1] if self.held else offer

    def readies(self, ready: bool) -> list[bool]:
        """Whether each stage takes, and the output."""
        found = [ready]
        for item in reversed(self.held):
            found.insert(0, item is None or found[0])
        return found

    def want(self, offer: Item | None, ready: bool) -> dict[str, int]:
        """Outputs in a cycle in which this is offered and the receiver is ready."""
        takes, item = self.readies(ready), self.last(offer)
        offered = [offer, *self.held[:-1]] if self.held else [offer]
        en = joined([int(x is not None and t) for x, t in zip(offered, takes, strict=False)], 1)
        found = {"ready_o": int(takes[0]), "en_o": 0 if self.number == ONES else en}
        entry, end = item is not None and not item.end, item is not None and item.end
        if self.number in LATE:
            found |= {"entry_o": int(entry), "leave_o": int(item is not None and ready)}
            found["first_o"] = int(self.first)
            bad = entry and not self.drop and bool(item and item.fault)
            beat = entry and not self.drop and not bad and bool(item and item.beat)
            end = bad or (end and not self.drop)
            if item is not None and bad:
                item = Item(end=True, err=item.fault, pos=item.pos)
        else:
            beat = entry
        found |= {"beat_valid_o": int(beat), "end_valid_o": int(end)}
        if item is not None and end:
            found |= {"end_err_o": item.err, "end_pos_o": item.pos}
        if item is not None and beat and self.number == ONES:
            found |= {"keep_o": item.keep, "slot_o": joined(item.slots(), SLOT)}
            found["base_o"] = item.base
        return found

    def step(self, offer: Item | None, ready: bool) -> bool:
        """The edge; whether what was offered has been taken."""
        takes, item = self.readies(ready), self.last(offer)
        if item is not None and ready:
            self.out.append(item)
            self.dropped += self.drop and not item.end
            self.drop = not item.end and (self.drop or bool(item.fault))
            self.first = item.end
        for k in reversed(range(len(self.held))):
            if takes[k]:
                self.held[k] = self.held[k - 1] if k else offer
        return offer is not None and takes[0]


class FlowBench:
    """All instances, each with its own items, pauses and waits."""

    def __init__(self, dut, draw):
        self.dut, self.draw = dut, draw
        self.pins = Pins(dut, dut.clk_i, *_IN, *_OUT)
        self.models = [Model(k) for k in range(len(STAGES))]
        self.offers: list[Item | None] = [None] * len(STAGES)
        self.cycles = 0

    def item(self, number: int) -> Item:
        """A random step for an instance."""
        draw = self.draw
        if number not in PIPES and draw.random() < 0.2:
            err = int(draw.integers(1, 16)) if draw.random() < 0.5 else 0
            return Item(end=True, err=err, pos=noise(draw, 32))
        mask = noise(draw, SLOTS) & (noise(draw, SLOTS) if draw.random() < 0.5 else -1) or 1
        used = int(draw.integers(mask.bit_count()))
        lanes = int(draw.integers(1, min(LANES, mask.bit_count() - used) + 1))
        fault = int(draw.integers(1, 16)) if draw.random() < 0.1 else 0
        return Item(
            beat=bool(draw.random() < 0.7),
            fault=fault,
            pos=noise(draw, 32),
            mask=mask,
            keep=(1 << lanes) - 1,
            used=used,
            base=noise(draw, 8),
        )

    async def cycle(
        self,
        offers: Callable[[int], bool],
        readies: Callable[[int], bool],
        *,
        clr: bool = False,
        make: Callable[[int], Item] | None = None,
    ) -> None:
        """A cycle: what is offered stays until it is taken, as on every stream."""
        for k, offer in enumerate(self.offers):
            if offer is None and offers(k):
                self.offers[k] = (make or self.item)(k)
        ready = [readies(k) for k in range(len(STAGES))]
        self._drive(ready, clr)
        await RisingEdge(self.dut.clk_i)
        self._check(ready)
        for k, model in enumerate(self.models):
            taken = model.step(self.offers[k], ready[k])
            if clr and k in PIPES:
                self.models[k] = Model(k, out=model.out)
            if taken or (clr and k in PIPES):
                self.offers[k] = None
        self.cycles += 1

    def _drive(self, ready: list[bool], clr: bool) -> None:
        none = Item(err=9, pos=0x55AA)
        items = [offer or none for offer in self.offers]
        late = [self.models[k].last(self.offers[k]) or none for k in LATE]
        self.pins.drive(
            clr_i=clr,
            beat_valid_i=joined([int(x is not None and not x.end) for x in self.offers], 1),
            end_valid_i=joined([int(x is not None and x.end) for x in self.offers], 1),
            end_err_i=joined([x.err for x in items], 4),
            end_pos_i=joined([x.pos for x in items], 32),
            ready_i=joined(ready, 1),
            beat_i=joined([x.beat for x in late], 1),
            fault_i=joined([x.fault for x in late], 4),
            keep_i=items[ONES].keep,
            mask_i=items[ONES].mask,
            used_i=items[ONES].used,
            base_i=items[ONES].base,
        )

    def _check(self, ready: list[bool]) -> None:
        widths = {"end_err_o": 4, "end_pos_o": 32, "en_o": 4}
        seen = dict(zip(_OUT, self.pins.read(*_OUT), strict=True))
        for k, model in enumerate(self.models):
            want = model.want(self.offers[k], ready[k])
            got = {}
            for name in want:
                if name in ("keep_o", "slot_o", "base_o"):
                    got[name] = seen[name]
                elif name in ("entry_o", "first_o", "leave_o"):
                    got[name] = seen[name] >> k - LATE[0] & 1
                else:
                    got[name] = split(seen[name], widths.get(name, 1), len(STAGES))[k]
            if "slot_o" in got:
                got["slot_o"] &= (1 << SLOT * want["keep_o"].bit_count()) - 1
            assert got == want, f"cycle {self.cycles}, instance {k}: {got}, expected {want}"


def of(item: Item) -> Callable[[int], Item]:
    """The same item for every instance; pipes know no ends."""
    return lambda k: Item() if k in PIPES else item


@leaf_test
async def smoke(dut):
    """Goal: a step comes through. Stimulus: a beat and an end for each instance, receivers ready.
    Check: every output in every cycle: there after as many cycles as there are stages."""
    await bring_up(dut)
    bench = FlowBench(dut, rng())
    for end in (False, True):
        await bench.cycle(
            lambda _: True,
            lambda _: True,
            make=of(Item(end=end, err=3, pos=7)),
        )
    for _ in range(4):
        await bench.cycle(lambda _: False, lambda _: True)
    assert [len(model.out) for model in bench.models] == [2] * len(STAGES)


@for_profiles(globals())
async def random(dut, profile):
    """Goal: any steps under any waits. Stimulus: 700 cycles of random steps, offers and receivers
    paused by the profile, each instance by itself. Check: every output in every cycle: what is
    taken, loaded, held and handed on, the ones of every lane, late faults and what is dropped."""
    await bring_up(dut)
    bench = FlowBench(dut, rng())
    offers = [pause_pattern(profile, f"offer{k}") for k in range(len(STAGES))]
    waits = [pause_pattern(profile, f"wait{k}") for k in range(len(STAGES))]
    for _ in range(700):
        await bench.cycle(lambda k: not next(offers[k]), lambda k: not next(waits[k]))
    assert all(len(model.out) > 20 for model in bench.models)
    assert profile == "slow" or all(bench.models[k].dropped > 5 for k in LATE)


@leaf_test
async def extremes(dut):
    """Goal: the ones of full and of nearly empty masks, every error. Stimulus: for each lane count
    and place a mask of all, of the last ones; the last bit alone; late faults of every code, back
    to back. Check: as in random."""
    await bring_up(dut)
    bench = FlowBench(dut, rng())
    top = (1 << SLOTS) - 1
    for used in range(SLOTS):
        keep = (1 << min(LANES, SLOTS - used)) - 1
        for mask, skip in ((top, used), (top & -1 << used, 0), (1 << used, 0)):
            lanes = keep if mask != 1 << used else 1
            item = Item(mask=mask, used=skip, keep=lanes, fault=used % 16, pos=used)
            await bench.cycle(lambda _: True, lambda _: True, make=of(item))
    for end in (Item(end=True, err=4, pos=1), Item(end=True)):
        await bench.cycle(lambda k: k > 2, lambda _: True, make=of(end))
    assert bench.models[ONES].out[:1] and bench.models[LATE[0]].dropped > 0


@leaf_test
async def throughput(dut):
    """Goal: a step per cycle. Stimulus: 100 steps back to back, receivers ready; then receivers
    that wait until all is full. Check: one comes out per cycle; as many fit as there are stages."""
    await bring_up(dut)
    bench = FlowBench(dut, rng())
    for _ in range(100):
        await bench.cycle(lambda _: True, lambda _: True)
    assert [len(model.out) for model in bench.models] == [100 - stages for stages in STAGES]
    for _ in range(4):
        await bench.cycle(lambda _: True, lambda _: False)
    assert [sum(x is not None for x in m.held) for m in bench.models] == list(STAGES)


@leaf_test
async def directed_clear(dut):
    """Goal: clr_i empties a pipe. Stimulus: pipes filled to each depth, then a clear while a step
    is offered. Check: nothing comes out, and the next step takes as long as ever."""
    await bring_up(dut)
    bench = FlowBench(dut, rng())
    for depth in range(4):
        for _ in range(depth):
            await bench.cycle(lambda k: k in PIPES, lambda _: False)
        await bench.cycle(lambda k: k in PIPES, FULL[depth & 1], clr=True)
        for _ in range(4):
            await bench.cycle(lambda _: False, lambda _: True)


@leaf_test
async def reset_mid(dut):
    """Goal: a reset empties all. Stimulus: a reset in traffic, in the middle of a tile at fault.
    Check: nothing of before comes out; what comes then is right."""
    await bring_up(dut)
    draw = rng()
    bench = FlowBench(dut, draw)
    bad = Item(fault=5, pos=1)
    for _ in range(6):
        await bench.cycle(lambda _: True, lambda k: k in LATE, make=of(bad))
    assert all(bench.models[k].drop for k in LATE)
    bench.pins.drive(beat_valid_i=0, end_valid_i=0, ready_i=0)
    await reset(dut)
    bench = FlowBench(dut, draw)
    for _ in range(60):
        await bench.cycle(lambda _: True, lambda _: draw.random() < 0.5)
