"""lac_scnn_pe: the computing side of a PE, cycle by cycle against the rules of the contract."""

from __future__ import annotations

from collections import Counter
from typing import Any

from cocotb.triggers import RisingEdge

from models.socket import ErrorCode
from tb.common.bfm.block import Pins, bring_up, config, for_profiles, leaf_test, reset, rng
from tb.common.bfm.streams import pause_pattern
from tb.scnn.blocks import cases
from tb.scnn.blocks.cases import Maker, Work
from tb.scnn.blocks.reference import Pe

BUILD = cases.build_of(config())
EVENTS = (
    *("useful", "padding", "empty", "bank", "sync", "merged", "psum"),
    *("fifo_rd", "fifo_wr", "skip", "act_rd"),
)
PULSES = (
    "row_take_i",
    "go_i",
    "last_i",
    "start_i",
    "clr_i",
    "set_clr_i",
    "drain_valid_i",
    "add_valid_i",
)
VALUES = ("pe_i", "shape_i", "kc_log_i", "merge_i", "empty_step_i", "limit_i", "row_i",
          "cnt_data_i", "act_data_i", "drain_bank_i", "drain_entry_i", "add_bank_i", "add_entry_i",
          "add_data_i")  # fmt: skip
OUTPUTS = ("row_ready_o", "cnt_rd_en_o", "cnt_addr_o", "act_rd_en_o", "act_addr_o", "end_o",
           "drained_o", "drain_data_o", "err_valid_o", "err_code_o", "err_pos_o",
           "ev_step_o")  # fmt: skip
#: Own error of the design.
ACT_RANGE = 35
#: Shapes that the build has.
SHAPES = [s for s in range(3) if 1 << s <= BUILD.vectors]
KC_LOGS = range(2, min(BUILD.k_width, BUILD.Entries.bit_length() + 1) + 1)


class PeBench:
    """Runs work on the device and on the reference side by side; every cycle is compared."""

    def __init__(self, dut: Any, pause: str = "none"):
        self.dut, self.rng = dut, rng()
        self.maker = Maker(BUILD, self.rng)
        self.pause = pause_pattern(pause, "row")
        events = [f"ev_{name}_o" for name in EVENTS]
        self.pins = Pins(dut, dut.clk_i, *PULSES, *VALUES, *OUTPUTS, *events)
        self.events = events
        self.pins.drive(pe_i=5)
        self.total: Counter = Counter()
        self.compared = 0

    async def begin(self, work: Work) -> None:
        """A new pass."""
        setting = work.setting
        self.work = work
        limit = min(setting.limit, 1 << BUILD.lin_width)
        self.pins.drive(**dict.fromkeys(PULSES, 0))
        self.pins.drive(
            shape_i=setting.shape,
            kc_log_i=setting.kc_log,
            merge_i=setting.merge,
            empty_step_i=setting.empty_step,
            limit_i=limit,
            clr_i=1,
        )
        await RisingEdge(self.dut.clk_i)
        self.pins.drive(clr_i=0)
        self.pe = Pe(BUILD, setting, work.memory, work.counts)
        self.before: Counter = Counter()
        self.cycles = 0
        self.late: dict[int, int] = {}  # cycle -> word on drain_data_o
        self.feed: dict[str, int] = {}
        self.end_at: list[int] = []
        self.drained_at: list[int] = []

    async def cycle(
        self, row=None, go=False, last=False, start=False, drain=None, add=None, clear=False
    ) -> None:
        """One cycle; drain (bank, entry), add (bank, entry, data) work on the other set."""
        pe, inputs = self.pe, dict.fromkeys(PULSES, 0) | self.feed
        inputs |= {"go_i": go, "last_i": last, "start_i": start, "set_clr_i": clear}
        if row is not None:
            inputs |= {"row_take_i": 1, "row_i": cases.row_word(BUILD, row, self.rng)}
        if drain is not None:
            inputs |= {"drain_valid_i": 1, "drain_bank_i": drain[0], "drain_entry_i": drain[1]}
        if add is not None:
            data = cases.word(add[2], BUILD.AccWidth)
            names = ("add_bank_i", "add_entry_i", "add_data_i")
            inputs |= dict(zip(names, (*add[:2], data), strict=True)) | {"add_valid_i": 1}
        self.pins.drive(**inputs)
        await RisingEdge(self.dut.clk_i)
        at = f"cycle {self.cycles}"
        ready, end, drained, cnt_en, act_en, step = self.pins.read(
            *("row_ready_o", "end_o", "drained_o", "cnt_rd_en_o", "act_rd_en_o", "ev_step_o")
        )
        want = [pe.ready, pe.steps.at_end, not pe.old]
        assert [ready, end, drained] == want, f"{at}: {ready, end, drained}, expected {want}"
        found = Counter(dict(zip(EVENTS, self.pins.read(*self.events), strict=True)))
        assert +found == +self.before, f"{at}: accounts {+found}, expected {+self.before}"
        moved = int(self.before["fifo_rd"] > 0 or self.before["psum"] > 0)
        assert step == moved, f"{at}: ev_step_o {step}, expected {moved}"
        assert not self.pins.read("err_valid_o")[0], f"{at}: an error"
        self.memories(cnt_en, act_en)
        if (word := self.late.pop(self.cycles, None)) is not None:
            (seen,) = self.pins.read("drain_data_o")
            assert seen == word, f"{at}: drained {seen}, expected {word}"
            self.compared += 1
        other = 1 - pe.set
        if drain is not None:
            word = cases.word(pe.banks.drain(other, *drain), BUILD.AccWidth)
            self.late[self.cycles + 2] = word
        if add is not None:
            pe.banks.add(other, *add)
        if clear:
            pe.banks.sums[other].clear()
        self.before = pe.cycle(row, go, last, start)
        self.total.update(self.before)
        self.cycles += 1

    def memories(self, cnt_en: int, act_en: int) -> None:
        """What was read is there in the next cycle."""
        if cnt_en:
            (window,) = self.pins.read("cnt_addr_o")
            counts = self.pe.counts[8 * window : 8 * window + 8]
            counts = [*counts, *[0] * (8 - len(counts))]
            self.feed["cnt_data_i"] = cases.counts_word(BUILD, self.pe.base(window), counts)
        if act_en:
            (address,) = self.pins.read("act_addr_o")
            self.feed["act_data_i"] = cases.entries_word(BUILD, self.work.memory[address])

    async def run(self, work: Work, limit: int = 20_000) -> int:
        """All of a pass, the sums of each group drained while the next one is worked on; cycles
        until the last group is drained."""
        await self.begin(work)
        await self.cycle(start=True)
        rows = [row for group in work.groups for row in group]
        ended, cycles = 0, 0
        walk: list[tuple[int, int] | None] | None = None  # of the group before, None: no walker
        waits = False  # for old products of the group before
        while True:
            row = drain = add = None
            go = clear = False
            if rows and self.pe.ready and not next(self.pause):
                row = rows.pop(0)
            if waits and not self.pe.old:
                self.drained_at.append(self.cycles)
                waits, walk = False, self.words()
            if walk is not None:
                drain = walk.pop() if walk else None
                add = self.halo(drain) if len(walk) > 8 else None
                clear = len(walk) == 1
                walk = walk or None
            elif self.pe.steps.at_end and not waits and not next(self.pause):
                if ended == len(work.groups):
                    break
                ended += 1
                self.end_at.append(self.cycles)
                go = waits = True
            cycles = self.cycles if walk is None else cycles
            await self.cycle(row, go, go and ended == len(work.groups), False, drain, add, clear)
            assert self.cycles < limit, "the pass does not end"
        assert not self.late and not rows
        return cycles

    def words(self) -> list[tuple[int, int] | None]:
        """Every accumulator of the other set that has a sum, and some others; then a few cycles
        without, as what is on its way would be lost by the clear. The last comes first."""
        sums = self.pe.banks.sums[1 - self.pe.set]
        spare = {(int(self.rng.integers(BUILD.Banks)), int(self.rng.integers(BUILD.Entries)))
                 for _ in range(8)}  # fmt: skip
        words = sorted(set(sums) | spare)
        self.rng.shuffle(words)
        return [None] * 4 + [(int(bank), int(entry)) for bank, entry in words]

    def halo(self, drain: tuple[int, int] | None) -> tuple[int, int, int] | None:
        """Now and then an addition to another bank than that of the drain."""
        bank = int(self.rng.integers(BUILD.Banks))
        if drain is None or bank == drain[0] or self.rng.random() < 0.7:
            return None
        return bank, int(self.rng.integers(BUILD.Entries)), int(self.rng.integers(-1000, 1000))

    def setting(self, **given: int) -> dict[str, int]:
        """A setting of CFG, random but for what is given."""
        made = {
            "shape": int(self.rng.choice(SHAPES)),
            "kc_log": int(self.rng.choice(KC_LOGS)),
            "merge": int(self.rng.integers(2)) * BUILD.Merge,
            "empty_step": int(self.rng.integers(2)),
        }
        return made | given


@leaf_test
async def smoke(dut):
    """Goal: one product, and the latency of the header. Stimulus: a channel with one activation, a
    block with one weight. Check: every cycle; the product is in its bank's queue 8 + Merge cycles
    after the row was taken."""
    await bring_up(dut)
    bench = PeBench(dut)
    work = bench.maker.work(bench.setting(shape=0), 1, 1, tight=True, empty=0.0)
    lane = cases.Lane(1, 2, 3)
    work.memory, work.counts = [[(1, 5)] + [(0, 0)] * (BUILD.I - 1)], [1]
    work.groups = [bench.maker.rows([(0, [lane])], 1, True)]
    await bench.run(work)
    assert bench.total["useful"] == bench.total["psum"] == 1
    assert bench.compared
    # The row was taken in cycle 1; the queue is empty one cycle behind the product.
    assert bench.drained_at == [1 + 8 + BUILD.Merge + 2]


@for_profiles(globals(), ("none", "random", "burst"))
async def random(dut, profile):
    """Goal: any work with any pauses of the broadcast. Stimulus: all shapes, several densities, Kc,
    merging and empty steps at random. Check: ready, end, drained, accounts and reads of every
    cycle, all sums of each group."""
    await bring_up(dut)
    bench = PeBench(dut, profile)
    for shape in SHAPES:
        for acts, wgts in ((0.15, 0.2), (0.5, 0.5)):
            setting = bench.setting(shape=shape)
            work = bench.maker.work(setting, int(bench.rng.integers(1, 6)), 3, acts=acts, wgts=wgts)
            await bench.run(work)
    assert bench.compared and bench.total["useful"] and bench.total["skip"]


def vectors_of(count: int) -> list[cases.Lane]:
    """Weights of a block of so many full vectors, all of one channel and tap."""
    return [cases.Lane(0, 0, 1 + n % 5) for n in range(count * BUILD.F)]


@leaf_test
async def extremes(dut):
    """Goal: dense work, nothing at all, the fullest FIFO. Stimulus: everything dense with the
    largest numbers that no sum can be cut for; groups of an END alone; a block of as many vectors
    as the FIFO has, behind another. Check: every cycle and sum."""
    await bring_up(dut)
    bench = PeBench(dut)
    for shape in SHAPES:
        setting = bench.setting(shape=shape, kc_log=2)
        await bench.run(bench.maker.work(setting, 3, 2, acts=1.0, wgts=1.0, tight=True, empty=0.0))
        work = bench.maker.work(setting, 2, 2, acts=1.0, wgts=0.5, empty=0.0)
        nothing = bench.maker.rows([], 1, True)
        work.groups = [nothing, work.groups[0], nothing, work.groups[1], nothing]
        await bench.run(work)
        work = bench.maker.work(setting, 1, 1, acts=0.5, empty=0.0)
        full = bench.maker.rows([(0, vectors_of(BUILD.WgtFifo))], BUILD.WgtFifo, True)
        work.groups = [bench.maker.rows([(0, vectors_of(1))], 1, True), full]
        await bench.run(work)
    assert bench.total["bank"], "the pipe never waited"


@leaf_test
async def directed_one_bank(dut):
    """Goal: all products of a step to one bank, and to one accumulator. Stimulus: activations at
    places that are a quarter's banks apart, weights of one channel; merging off and on. Check:
    every cycle and sum."""
    await bring_up(dut)
    bench = PeBench(dut)
    for merge in range(BUILD.Merge + 1):
        setting = bench.setting(shape=0, kc_log=2, merge=merge)
        work = bench.maker.work(setting, 1, 1, acts=0.5, empty=0.0)
        places = range(0, min(3, BUILD.Entries) * BUILD.quarter, BUILD.quarter)
        entries = bench.maker.activations(list(places), 0.0, True)
        entries += [(0, 0)] * (-len(entries) % BUILD.I)
        work.counts = [len(entries)]
        work.memory = [entries[k : k + BUILD.I] for k in range(0, len(entries), BUILD.I)]
        lanes = [cases.Lane(0, off, 3) for off in (BUILD.quarter, 0)] * BUILD.F
        work.groups = [bench.maker.rows([(0, lanes)], BUILD.WgtFifo, True)]
        await bench.run(work)
    assert bench.total["psum"]


async def refused(bench: PeBench, work: Work, code: int, details: set[int]) -> None:
    """The work must end with this error, which stays until the clear."""
    await bench.begin(work)
    rows = [row for group in work.groups for row in group]
    feed: dict[str, int] = {}
    for cycle in range(400):
        ready, valid, cnt_en, act_en = bench.pins.read(
            "row_ready_o", "err_valid_o", "cnt_rd_en_o", "act_rd_en_o"
        )
        bench.memories(cnt_en, act_en)
        feed = dict.fromkeys(PULSES, 0) | bench.feed
        # Taken in turn, so that what was read of ready still holds.
        if rows and ready and cycle % 3 == 2:
            feed |= {"row_take_i": 1, "row_i": cases.row_word(BUILD, rows.pop(0))}
        bench.pins.drive(**feed)
        await RisingEdge(bench.dut.clk_i)
        if valid and cycle > 0:
            break
    found = bench.pins.read("err_valid_o", "err_code_o", "err_pos_o")
    assert found[:2] == [1, code] and found[2] >> 24 == 5, f"error {found}"
    assert found[2] & 0xFFFFFF in details, f"detail {found[2] & 0xFFFFFF}, expected {details}"
    bench.pins.drive(**dict.fromkeys(PULSES, 0))
    for _ in range(20):
        await RisingEdge(bench.dut.clk_i)
    assert bench.pins.read("err_valid_o", "err_code_o", "err_pos_o") == found
    bench.pins.drive(clr_i=1)
    await RisingEdge(bench.dut.clk_i)
    bench.pins.drive(clr_i=0)
    await RisingEdge(bench.dut.clk_i)
    await RisingEdge(bench.dut.clk_i)
    assert bench.pins.read("err_valid_o", "drained_o") == [0, 1]


@leaf_test
async def bad_data(dut):
    """Goal: every error of a PE. Stimulus: a position at the limit, a product past AccWidth, sums
    past it. Check: code, PE and detail, held until the clear; then good work."""
    await bring_up(dut)
    bench = PeBench(dut)

    def single(kc_log: int, acts: list, lanes: list[cases.Lane], limit: int) -> Work:
        row = acts + [(15, 9)] * (BUILD.I - len(acts))
        groups = [bench.maker.rows([(0, lanes)], BUILD.WgtFifo, True)]
        return Work(cases.Setting(0, kc_log, limit=limit), [row], [len(acts)], groups)

    lane = cases.Lane(1, 0, 3)
    await refused(bench, single(2, [(4, 1), (2, 1)], [lane], 7), ACT_RANGE, {7})
    if BUILD.AccWidth < 32:
        k = (1 << max(KC_LOGS)) - 1
        large = cases.Lane(k, 0, -32768)
        work = single(max(KC_LOGS), [(0, -32768)], [large], 8)
        await refused(bench, work, ErrorCode.ACC_OVERFLOW, {k})
    bank, entry = BUILD.place(1, 2, 2)
    lanes = [cases.Lane(1, 0, 32767)] * (2 * BUILD.F)
    # As much as fits in a product, some of them in a sum.
    value = min(32767, (1 << BUILD.AccWidth - 2) // 32767)
    if value * 32767 * 2 * BUILD.F >= 1 << BUILD.AccWidth - 1:
        work = single(2, [(2, value)], lanes, 8)
        detail = bank * BUILD.Entries + entry
        await refused(bench, work, ErrorCode.ACC_OVERFLOW, {detail})
    await bench.run(bench.maker.work(bench.setting(), 2, 2))


@leaf_test
async def directed_clear(dut):
    """Goal: nothing is left of a pass behind a clear. Stimulus: a clear (begin) after 5 to 60
    cycles of dense work. Check: the next work, cycle by cycle."""
    await bring_up(dut)
    bench = PeBench(dut)
    for cycles in range(5, 61, 11):
        await bench.begin(bench.maker.work(bench.setting(), 3, 2, acts=0.8, wgts=0.8, empty=0.0))
        await bench.cycle(start=True)
        rows = [row for group in bench.work.groups for row in group]
        for _ in range(cycles):
            await bench.cycle(rows.pop(0) if rows and bench.pe.ready else None)
        await bench.run(bench.maker.work(bench.setting(), 2, 1))


@leaf_test
async def reset_mid(dut):
    """Goal: nothing is left behind a reset. Stimulus: a reset in dense work. Check: the next
    work."""
    await bring_up(dut)
    bench = PeBench(dut)
    await bench.begin(bench.maker.work(bench.setting(), 3, 2, acts=0.8, wgts=0.8, empty=0.0))
    await bench.cycle(start=True)
    rows = [row for group in bench.work.groups for row in group]
    for _ in range(30):
        await bench.cycle(rows.pop(0) if rows and bench.pe.ready else None)
    bench.pins.drive(**dict.fromkeys(PULSES, 0))
    await reset(dut)
    await bench.run(bench.maker.work(bench.setting(), 2, 2))


@leaf_test
async def throughput(dut):
    """Goal: a step in every cycle while there is work and no bank waits. Stimulus: one row of
    activations, its products in banks of their own, ten blocks. Check: as many cycles with a step
    as steps."""
    await bring_up(dut)
    bench = PeBench(dut)
    acts = [(0, 1 + e) for e in range(min(BUILD.I, BUILD.quarter))]
    acts += [(0, 0)] * (BUILD.I - len(acts))
    work = Work(cases.Setting(0, 2, limit=1 << 6), [acts], [BUILD.I] + [0] * 7, [])
    lanes = [cases.Lane(k % 4, 0, 2) for k in range(min(BUILD.F, 4))]
    work.groups = [bench.maker.rows([(0, lanes)] * 10, 4, True)]
    await bench.run(work)
    assert bench.total["fifo_rd"] == 10
    assert bench.total["bank"] == 0 or BUILD.LaneDepth == 1 or BUILD.BankDepth == 1
