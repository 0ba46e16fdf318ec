"""The rules of the computing side of a PE of SCNN as plain Python, a class per block.

Written from the contract (``rtl/scnn/README.md``, section 1) and from nothing else: no numpy, no
code of ``models/scnn``. Every class has the registers of its block as attributes; a method gives
what a cycle shows, ``clock`` makes the next cycle. :class:`Pe` joins them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

ROW, NULL, END = 0, 1, 2


@dataclass(frozen=True)
class Lane:
    """A weight: output channel in its group, offset of its tap, value."""

    k: int
    off: int
    value: int


@dataclass(frozen=True)
class Vector:
    """A vector as it is broadcast; ``lanes`` are as many as it has weights."""

    lanes: tuple[Lane, ...]
    sub: int = 0
    last: bool = False
    end: bool = False
    valid: bool = True


@dataclass(frozen=True)
class Row:
    """A row of the broadcast."""

    window: int
    vectors: tuple[Vector, ...]


@dataclass(frozen=True)
class Desc:
    """A block: where the activations of its channel are, and how many."""

    kind: int
    base: int = 0
    count: int = 0


@dataclass(frozen=True)
class Item:
    """A row of activations: (position, value) of each."""

    kind: int
    last: bool = True
    acts: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class Product:
    """A product on its way: whose accumulator, and the number."""

    bank: int
    entry: int
    data: int


#: A step behind the multipliers: lane -> product.
Step = dict[int, Product]


@dataclass(frozen=True)
class Build:
    """Parameters of a build, as in the RTL."""

    F: int = 4
    I: int = 4  # noqa: E741
    AccWidth: int = 24
    Banks: int = 0
    Entries: int = 32
    MaxKc: int = 64
    RowVectors: int = 8
    WgtFifo: int = 64
    IaramRows: int = 1024
    CountWidth: int = 8
    MaxC: int = 1024
    LaneDepth: int = 3
    XbarGrants: int = 2
    LookAhead: int = 1
    BankDepth: int = 4
    BankMap: int = 0
    Merge: int = 1

    def __post_init__(self) -> None:
        if not self.Banks:
            object.__setattr__(self, "Banks", 2 * self.F * self.I)

    @property
    def vectors(self) -> int:
        """Vectors of a step, at most."""
        return min(4, self.I)

    @property
    def lanes(self) -> int:
        """Multipliers."""
        return self.F * self.I

    @property
    def quarter(self) -> int:
        """Banks of one k mod 4."""
        return self.Banks // 4

    @property
    def lin_width(self) -> int:
        """Bits of a position in the accumulator tile."""
        return (self.quarter * self.Entries).bit_length() - 1

    @property
    def k_width(self) -> int:
        """Bits of an output channel in its group."""
        return self.MaxKc.bit_length() - 1

    def place(self, k: int, lin: int, kc_log: int) -> tuple[int, int]:
        """Bank and entry of an accumulator."""
        m, low, high = k >> 2, lin % self.quarter, lin // self.quarter
        f = {
            0: (lin + 3 * m) % self.quarter,
            1: low,
            2: low ^ (high % self.quarter) ^ (3 * m % self.quarter),
        }[self.BankMap]
        per_channel = self.Entries * 4 >> kc_log
        return (k & 3) * self.quarter + f, m * per_channel + high

    def fit(self, value: int) -> int:
        """The nearest number of AccWidth bits."""
        high = 1 << self.AccWidth - 1
        return max(-high, min(high - 1, value))


@dataclass(frozen=True)
class Setting:
    """What CFG says."""

    shape: int = 0
    kc_log: int = 2
    merge: bool = False
    empty_step: bool = False
    limit: int = 1 << 30


def admit(
    build: Build, row: Row, base: int, counts: Sequence[int], empty_step: bool
) -> tuple[list[Vector], list[Desc], int]:
    """What goes on of a row: vectors, descriptors, number of blocks dropped or made NULL."""
    vectors, descs, skipped = [], [], 0
    for vector in row.vectors:
        if not vector.valid:
            continue
        count = counts[vector.sub]
        nonempty = count != 0 and len(vector.lanes) > 0 and not vector.end
        if nonempty:
            vectors.append(vector)
        if not vector.last:
            continue
        first = base + sum(-(-c // build.I) for c in counts[: vector.sub])
        if vector.end:
            descs.append(Desc(END))
        elif nonempty:
            descs.append(Desc(ROW, first, count))
        else:
            skipped += 1
            if empty_step:
                descs.append(Desc(NULL))
    return vectors, descs, skipped


def row_ready(build: Build, vec_level: int, desc_level: int, staged: bool) -> bool:
    """Whether the stage takes a row."""
    room = (2 if staged else 1) * build.RowVectors
    return max(vec_level, desc_level) + room <= build.WgtFifo


@dataclass
class WeightFifo:
    """Vectors with recirculation, and descriptors."""

    vectors: list[Vector] = field(default_factory=list)
    descs: list[Desc] = field(default_factory=list)
    walked: int = 0

    @property
    def level(self) -> int:
        """Places that are not free."""
        return len(self.vectors)

    def head(self, count: int) -> list[Vector]:
        """The vectors from the read pointer on, as many as there are."""
        return self.vectors[self.walked : self.walked + count]

    def clock(self, push: Iterable[Vector], adv: int, rewind: bool, free: bool) -> None:
        """One cycle."""
        self.walked += adv
        assert self.walked <= len(self.vectors)
        if free:
            del self.vectors[: self.walked]
        if rewind or free:
            self.walked = 0
        self.vectors.extend(push)


class ActReader:
    """Rows of activations; ``memory`` has rows of (run, value)."""

    DEPTH = 4

    def __init__(self, build: Build, setting: Setting, memory: Sequence[Sequence[tuple[int, int]]]):
        self.build, self.setting, self.memory = build, setting, memory
        self.rows: list[Item] = []
        self.inflight: Item | None = None
        self.done = 0
        self.pos = -1
        #: Position too large, in the cycle of the read.
        self.over: int | None = None

    def issue(self, desc: Desc | None) -> tuple[Item | None, bool, int | None]:
        """What is read: the row, whether the descriptor leaves, the address."""
        if desc is None or len(self.rows) + (self.inflight is not None) >= self.DEPTH:
            return None, False, None
        if desc.kind != ROW:
            return Item(desc.kind), True, None
        rows = -(-desc.count // self.build.I)
        last = self.done == rows - 1
        number = desc.count - self.done * self.build.I if last else self.build.I
        address = desc.base + self.done
        acts, pos = [], -1 if self.done == 0 else self.pos
        for run, value in self.memory[address][:number]:
            pos += run + 1
            acts.append((pos, value))
        return Item(ROW, last, tuple(acts)), last, address

    def clock(self, issued: Item | None, left: bool, pop: bool) -> None:
        """One cycle."""
        if pop:
            del self.rows[0]
        if self.inflight is not None:
            self.rows.append(self.inflight)
        self.inflight = issued
        self.over = None
        if issued is not None:
            self.done = 0 if left else self.done + 1
            if issued.kind == ROW:
                self.pos = issued.acts[-1][0]
                over = [pos for pos, _ in issued.acts if pos >= self.setting.limit]
                self.over = over[0] if over else None


@dataclass
class Turn:
    """What the step unit does in a cycle."""

    operands: dict[int, tuple[Lane, tuple[int, int]]] | None = None
    adv: int = 0
    rewind: bool = False
    free: bool = False
    pop: bool = False
    accounts: Counter = field(default_factory=Counter)


class StepUnit:
    """One step a cycle."""

    def __init__(self, build: Build, setting: Setting):
        self.build, self.setting = build, setting
        self.turn = 0
        self.at_end = False
        self.par = 0

    def offers(self, item: Item | None) -> bool:
        """Whether there is a step."""
        return not self.at_end and item is not None and item.kind == ROW

    def look(self, item: Item | None, head: Sequence[Vector], ready: bool) -> Turn:
        """What happens in this cycle; ``ready``: the pipe takes a step."""
        slots = self.build.lanes
        if self.at_end or (item is not None and item.kind == END):
            return Turn(pop=not self.at_end, accounts=Counter(sync=slots))
        if item is None:
            return Turn()
        if item.kind == NULL:
            return Turn(pop=True, accounts=Counter(empty=slots))
        if not ready:
            return Turn(accounts=Counter(bank=slots))
        width = self.build.I >> self.setting.shape
        acts = item.acts[self.turn * width : (self.turn + 1) * width]
        taken = []
        for vector in head[: 1 << self.setting.shape]:
            taken.append(vector)
            if vector.last:
                break
        operands, present = {}, 0
        for v, vector in enumerate(taken):
            for j, lane in enumerate(vector.lanes):
                for a, act in enumerate(acts):
                    present += 1
                    if lane.value and act[1]:
                        operands[(v * self.build.F + j) * width + a] = (lane, act)
        last_turn = (self.turn + 1) * width >= len(item.acts)
        ends = taken[-1].last
        return Turn(
            operands,
            len(taken),
            rewind=ends and not (last_turn and item.last),
            free=ends and last_turn and item.last,
            pop=ends and last_turn,
            accounts=Counter(
                useful=len(operands), padding=present - len(operands), empty=slots - present
            ),
        )

    def clock(self, turn: Turn, item: Item | None, go: bool, last: bool) -> None:
        """One cycle."""
        if turn.operands is not None and (turn.rewind or turn.free):
            self.turn = 0 if turn.pop else self.turn + 1
        if turn.pop and item is not None and item.kind == END:
            self.at_end = True
        elif go:
            self.at_end = last
        if go:
            self.par ^= 1


def multiply(build: Build, kc_log: int, operands: dict) -> Step:
    """Products of a step and their accumulators."""
    step = {}
    for lane, (weight, (pos, value)) in operands.items():
        lin = (pos + weight.off) % (1 << build.lin_width)
        bank, entry = build.place(weight.k, lin, kc_log)
        step[lane] = Product(bank, entry, weight.value * value)
    return step


def merge(step: Step, lanes: int) -> tuple[Step, int]:
    """Products of one accumulator in its lowest lane; and how many have gone.

    In a group (the own and the next four lanes, each four behind) of the lowest lane there may be
    only one, or nothing is added (only with offsets that do not differ).
    """
    merged, gone = dict(step), 0
    for lane in sorted(step):
        if lane not in merged:
            continue
        place = (step[lane].bank, step[lane].entry)
        same = [j for j in sorted(step) if (step[j].bank, step[j].entry) == place]
        if same[0] != lane or len(same) == 1:
            continue
        groups = Counter(max(j // 4 - lane // 4, 1) for j in same[1:])
        if max(groups.values()) > 1:
            continue
        for j in same[1:]:
            del merged[j]
        gone += len(same) - 1
        merged[lane] = Product(*place, sum(step[j].data for j in same))
    return merged, gone


class Crossbar:
    """Lane FIFOs and queues of the banks."""

    def __init__(self, build: Build):
        self.build = build
        self.lanes: list[list[Product]] = [[] for _ in range(build.lanes)]
        self.queues: list[list[Product]] = [[] for _ in range(build.Banks)]
        self.rot = 0

    @property
    def idle(self) -> bool:
        """Nothing is in it."""
        return not any(self.lanes) and not any(self.queues)

    def ready(self, lanes: Iterable[int]) -> bool:
        """Whether a step with products in these lanes is taken."""
        return all(len(self.lanes[lane]) < self.build.LaneDepth for lane in lanes)

    def heads(self) -> dict[int, Product]:
        """What the banks take in this cycle."""
        return {bank: queue[0] for bank, queue in enumerate(self.queues) if queue}

    def clock(self, step: Step | None, start: bool = False) -> None:
        """One cycle, with a step that is taken."""
        build = self.build
        room = [min(build.XbarGrants, build.BankDepth - len(q)) for q in self.queues]
        order = [(self.rot + i) % build.lanes for i in range(build.lanes)]
        granted: dict[int, int] = {}
        entering: list[list[Product]] = [[] for _ in self.queues]
        for r in range(build.LookAhead):
            # A set: grants of this round do not change who asks in it.
            asking = [m for m in order if m not in granted and len(self.lanes[m]) > r]
            for m in asking:
                product = self.lanes[m][r]
                if room[product.bank] > 0:
                    room[product.bank] -= 1
                    granted[m] = r
                    entering[product.bank].append(product)
        for queue, new in zip(self.queues, entering, strict=True):
            del queue[:1]
            queue.extend(new)
        for m, r in granted.items():
            del self.lanes[m][r]
        for m, product in (step or {}).items():
            self.lanes[m].append(product)
        self.rot = 1 if start else (self.rot + 1) % build.lanes


class BankSets:
    """Sums of both sets, by set, bank and entry; what was cut is in ``cut`` as (bank, entry)."""

    def __init__(self, build: Build):
        self.build = build
        self.sums: tuple[dict, dict] = ({}, {})
        self.cut: list[tuple[int, int]] = []

    def add(self, which: int, bank: int, entry: int, data: int) -> None:
        """One addition."""
        exact = self.sums[which].get((bank, entry), 0) + data
        kept = self.build.fit(exact)
        self.sums[which][bank, entry] = kept
        if kept != exact:
            self.cut.append((bank, entry))

    def drain(self, which: int, bank: int, entry: int) -> int:
        """Read and clear."""
        return self.sums[which].pop((bank, entry), 0)


class Pe:
    """The computing side of a PE; :meth:`cycle` is one clock cycle."""

    def __init__(
        self,
        build: Build,
        setting: Setting,
        memory: Sequence[Sequence[tuple[int, int]]],
        counts: Sequence[int],
    ):
        self.build, self.setting, self.counts = build, setting, [*counts, *[0] * 8]
        self.staged: Row | None = None
        self.fifo = WeightFifo()
        self.reader = ActReader(build, setting, memory)
        self.steps = StepUnit(build, setting)
        # Stages: parity of the group, and the step.
        self.p1: tuple[int, dict] | None = None
        self.p2: tuple[int, Step] | None = None
        self.p3: tuple[int, Step] | None = None
        self.old, self.set = False, 0
        self.xbar = Crossbar(build)
        self.banks = BankSets(build)

    @property
    def ready(self) -> bool:
        """Whether it takes a row in this cycle."""
        staged = self.staged is not None
        return row_ready(self.build, self.fifo.level, len(self.fifo.descs), staged)

    def base(self, window: int) -> int:
        """First row of a window's channel 0."""
        return sum(-(-c // self.build.I) for c in self.counts[: 8 * window])

    def cycle(
        self, row: Row | None = None, go: bool = False, last: bool = False, start: bool = False
    ) -> Counter:
        """One cycle, in which ``row`` is taken; its accounts."""
        build = self.build
        accounts: Counter = Counter()
        vectors: list[Vector] = []
        descs: list[Desc] = []
        if (at := self.staged) is not None:
            counts = self.counts[8 * at.window : 8 * at.window + 8]
            found = admit(build, at, self.base(at.window), counts, self.setting.empty_step)
            vectors, descs, accounts["skip"] = found
        issued, left, address = self.reader.issue(self.fifo.descs[0] if self.fifo.descs else None)
        # From the back: a stage takes when it is empty or hands on.
        leaving = self.leaving()
        p2_goes = self.p3 is None or leaving is not None if build.Merge else leaving is not None
        p2_goes = p2_goes and self.p2 is not None
        p1_goes = self.p1 is not None and (self.p2 is None or p2_goes)
        item = self.reader.rows[0] if self.reader.rows else None
        ready = self.p1 is None or p1_goes
        turn = self.steps.look(item, self.fifo.head(build.vectors), ready)
        par = self.steps.par
        stages = (self.p1, self.p2, self.p3)
        nothing_old = all(stage is None or stage[0] == par for stage in stages)
        drained = self.old and self.xbar.idle and nothing_old

        accounts.update(turn.accounts)
        accounts.update(fifo_rd=turn.adv, fifo_wr=len(vectors), act_rd=int(address is not None))
        for bank, product in self.xbar.heads().items():
            self.banks.add(self.set, bank, product.entry, product.data)
            accounts["psum"] += 1
        self.xbar.clock(leaving, start)
        accounts["merged"] = self.move(leaving is not None, p2_goes, p1_goes)
        if turn.operands is not None:
            self.p1 = (par, turn.operands)
        elif p1_goes:
            self.p1 = None
        self.steps.clock(turn, item, go, last)
        self.reader.clock(issued, left, turn.pop)
        if left:
            del self.fifo.descs[0]
        self.fifo.clock(vectors, turn.adv, turn.rewind, turn.free)
        self.fifo.descs.extend(descs)
        self.staged = row
        if drained:
            self.old = False
            self.set ^= 1
        if go:
            self.old = True
        return accounts

    def leaving(self) -> Step | None:
        """The step that goes into the lane FIFOs, in their width."""
        last = self.p3 if self.build.Merge else self.p2
        if last is None or (self.old and last[0] == self.steps.par):
            return None
        if not self.xbar.ready(last[1]):
            return None
        fit = self.build.fit
        return {m: Product(p.bank, p.entry, fit(p.data)) for m, p in last[1].items()}

    def move(self, leaves: bool, p2_goes: bool, p1_goes: bool) -> int:
        """The stages behind the operands; how many products are merged."""
        gone = 0
        if self.build.Merge:
            if p2_goes:
                assert self.p2 is not None
                par, step = self.p2
                if self.setting.merge:
                    step, gone = merge(step, self.build.lanes)
                self.p3 = (par, step)
            elif leaves:
                self.p3 = None
        if p1_goes:
            assert self.p1 is not None
            self.p2 = (self.p1[0], multiply(self.build, self.setting.kc_log, self.p1[1]))
        elif p2_goes:
            self.p2 = None
        return gone
