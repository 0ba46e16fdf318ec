"""lac_scnn_pe: the computing side of a PE, cycle by cycle against the rules of the contract."""

from __future__ import annotations

from collections import Counter
from typing import Any

from cocotb.triggers import RisingEdge

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
PULSES = ("row_take_i", "go_i", "last_i", "start_i", "clr_i", "set_clr_i", "drain_valid_i", "add_valid_i")
VALUES = ("pe_i", "shape_i", "kc_log_i", "merge_i", "empty_step_i", "limit_i", "row_i", "cnt_data_i",
          "act_data_i", "drain_bank_i", "drain_entry_i", "add_bank_i", "add_entry_i",
          "add_data_i")  # fmt: skip
OUTPUTS = ("row_ready_o", "cnt_rd_en_o", "cnt_addr_o", "act_rd_en_o", "act_addr_o", "end_o", "drained_o",
           "drain_data_o", "err_valid_o", "err_code_o", "err_pos_o")  # fmt: skip
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
        ready, end, drained, cnt_en, act_en = self.pins.read(
            "row_ready_o", "end_o", "drained_o", "cnt_rd_en_o", "act_rd_en_o"
        )
        want = [pe.ready, pe.steps.at_end, not pe.old]
        assert [ready, end, drained] == want, f"{at}: {ready, end, drained}, expected {want}"
        found = Counter(dict(zip(EVENTS, self.pins.read(*self.events), strict=True)))
        assert +found == +self.before, f"{at}: accounts {+found}, expected {+self.before}"
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
        """All of a pass, the sums of each group drained while the next one is worked on; cycles until
        the last group is drained."""
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
    merging and empty steps at random. Check: ready, end, drained, accounts and reads of every cycle, all sums of
    each group."""
    await bring_up(dut)
    bench = PeBench(dut, profile)
    for shape in SHAPES:
        for acts, wgts in ((0.15, 0.2), (0.5, 0.5)):
            setting = bench.setting(shape=shape)
            work = bench.maker.work(setting, int(bench.rng.integers(1, 6)), 3, acts=acts, wgts=wgts)
            await bench.run(work)
    assert bench.compared and bench.total["useful"] and bench.total["skip"]
