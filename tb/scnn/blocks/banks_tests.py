"""lac_scnn_banks against sums in two sets."""

from __future__ import annotations

from tb.common.bfm.block import bring_up, config, for_profiles, leaf_test, reset
from tb.scnn.blocks.cases import join, word
from tb.scnn.blocks.lockstep import Lockstep
from tb.scnn.blocks.reference import BankSets, Build

CONFIG = config()
BUILD = Build(
    **{"Banks": 32} | {n: CONFIG[n] for n in ("Banks", "Entries", "AccWidth") if n in CONFIG}
)
ACC, BANKS, ENTRIES = BUILD.AccWidth, BUILD.Banks, BUILD.Entries
ENTRY = ENTRIES.bit_length() - 1
INPUTS = ("clr_i", "set_clr_i", "fill_i", "bank_valid_i", "bank_entry_i", "bank_data_i",
          "drain_valid_i", "drain_bank_i", "drain_entry_i", "add_valid_i", "add_bank_i",
          "add_entry_i", "add_data_i")  # fmt: skip
OUTPUTS = ("drain_data_o", "ev_psum_o", "err_o", "err_bank_o", "err_entry_o")


class BanksBench(Lockstep):
    """Additions to one set, drains and additions of the other."""

    def __init__(self, dut, profile: str = "none"):
        super().__init__(dut, INPUTS, OUTPUTS, profile)
        self.fill = 0
        self.seen = {"drains": 0, "sums": 0, "errors": 0, "both": 0}
        self.forget()

    def forget(self) -> None:
        """Everything is empty."""
        self.sets = BankSets(BUILD)
        self.out: list[int] = [0, 0]  # words in one and in two cycles
        self.cut: list[list[tuple[int, int]]] = [[], []]

    def value(self, large: bool) -> int:
        """A number of AccWidth bits."""
        size = 1 << ACC - (1 if large else 8)
        return self.number(2 * size) - size

    async def step(self, pops=None, drain=None, add=None, clear=False, clr=False) -> None:
        """One cycle: pops {bank: (entry, data)}, drain (bank, entry), add (bank, entry, data)."""
        pops = pops or {}
        heads = [pops.get(bank, (0, 0)) for bank in range(BANKS)]
        values = {
            "clr_i": clr,
            "set_clr_i": clear,
            "fill_i": self.fill,
            "bank_valid_i": sum(1 << bank for bank in pops),
            "bank_entry_i": join([entry for entry, _ in heads], ENTRY),
            "bank_data_i": join([data for _, data in heads], ACC),
        }
        if drain is not None:
            values |= {"drain_valid_i": 1, "drain_bank_i": drain[0], "drain_entry_i": drain[1]}
        if add is not None:
            values |= {"add_valid_i": 1, "add_bank_i": add[0], "add_entry_i": add[1]}
            values["add_data_i"] = word(add[2], ACC)
        seen = await self.cycle(**values)
        self.same("drained", seen["drain_data_o"], self.out.pop(0))
        self.same("additions", seen["ev_psum_o"], len(pops))
        cut = self.cut.pop(0)
        self.same("error", seen["err_o"], int(bool(cut)))
        if cut:
            # Of two in one bank that of the filled set, which stands first.
            bank = min(bank for bank, _ in cut)
            entries = [entry for one, entry in cut if one == bank]
            self.same("error bank", seen["err_bank_o"], bank)
            self.same("error entry", seen["err_entry_o"], entries[0])
            self.seen["both"] += len(entries) > 1 and entries[0] != entries[1]
            self.seen["errors"] += 1
        other, sets = 1 - self.fill, self.sets
        sets.cut = []
        for bank, (entry, data) in pops.items():
            sets.add(self.fill, bank, entry, data)
        if add is not None:
            sets.add(other, *add)
        self.cut.append(sets.cut)
        self.out.append(0 if drain is None else word(sets.drain(other, *drain), ACC))
        self.seen["drains"] += drain is not None
        self.seen["sums"] += bool(self.out[-1])
        if clear:
            sets.sums[other].clear()
        if clr:
            self.forget()

    def pops(self, share: float, large: bool, entries: int) -> dict[int, tuple[int, int]]:
        """Heads of some banks, among so many entries."""
        return {
            bank: (self.number(entries), self.value(large))
            for bank in range(BANKS)
            if self.chance(share)
        }

    async def turn(self, cycles: int, large: bool = False, entries: int = ENTRIES) -> None:
        """Additions to one set while the other is drained and added to; then the sets change."""
        for _ in range(cycles):
            pops = {} if self.paused("bank") else self.pops(0.4, large, entries)
            drain: tuple[int, int] | None = (self.number(BANKS), self.number(entries))
            add: tuple[int, int, int] | None
            add = (self.number(BANKS), self.number(entries), self.value(large))
            if self.paused("drain"):
                drain = None
            if self.paused("add") or (drain is not None and drain[0] == add[0]):
                add = None
            await self.step(pops, drain, add)
        for _ in range(3):
            await self.step()
        self.fill ^= 1

    async def empty(self) -> None:
        """Drain every accumulator of the other set, then of this."""
        for _ in range(2):
            for bank in range(BANKS):
                for entry in range(ENTRIES):
                    await self.step(drain=(bank, entry))
            for _ in range(3):
                await self.step()
            self.fill ^= 1


@leaf_test
async def smoke(dut):
    """Goal: the sums of one entry, and the latency. Stimulus: two additions, sets change, drain
    twice. Check: the sum two cycles later, then 0."""
    await bring_up(dut)
    bench = BanksBench(dut)
    await bench.step({3: (1, 5)})
    await bench.step({3: (1, 7)})
    await bench.step()
    bench.fill = 1
    await bench.step(drain=(3, 1))
    await bench.step(drain=(3, 1))
    assert bench.out == [12, 0]
    for _ in range(3):
        await bench.step()


@for_profiles(globals())
async def random(dut, profile):
    """Goal: both sets at work. Stimulus: additions to some banks and drains and additions of the
    other set in the same cycles, few and all entries, sets that change. Check: every word that is
    drained."""
    await bring_up(dut)
    bench = BanksBench(dut, profile)
    for entries in (2, ENTRIES, 3):
        await bench.turn(30, entries=entries)
    await bench.empty()
    assert bench.seen["sums"] and bench.seen["drains"]


@leaf_test
async def extremes(dut):
    """Goal: the same entry in every cycle, all banks at once. Stimulus: 20 cycles of additions to
    one entry of every bank. Check: every sum."""
    await bring_up(dut)
    bench = BanksBench(dut)
    for _ in range(20):
        await bench.step(bench.pops(1.0, False, 1))
    for _ in range(3):
        await bench.step()
    bench.fill = 1
    for bank in range(BANKS):
        await bench.step(drain=(bank, 0))
    for _ in range(3):
        await bench.step()


@leaf_test
async def bad_overflow(dut):
    """Goal: sums past both rails, of products and of additions of the other set. Stimulus: large
    numbers on few entries. Check: the nearest sum, error with the lowest bank, and the entry of
    the filled set where both sets of it were cut."""
    await bring_up(dut)
    bench = BanksBench(dut)
    for _ in range(4):
        await bench.turn(25, large=True, entries=2)
    # Both sets of a bank are cut, at different entries.
    top = (1 << ACC - 1) - 1
    for entry in (0, 1, 0):
        await bench.step({0: (entry, top)}, add=(0, 1 - entry, top))
    for _ in range(3):
        await bench.step()
    assert bench.seen["errors"] and bench.seen["both"]


@leaf_test
async def directed_clear(dut):
    """Goal: set_clr_i empties the set that is drained, clr_i both. Stimulus: sums in both sets,
    each clear. Check: every accumulator."""
    await bring_up(dut)
    bench = BanksBench(dut)
    for clr in (False, True):
        await bench.turn(6)
        await bench.turn(6)
        await bench.step(clear=not clr, clr=clr)
        await bench.empty()


@leaf_test
async def reset_mid(dut):
    """Goal: everything is empty behind a reset. Stimulus: a reset behind additions. Check: every
    accumulator."""
    await bring_up(dut)
    bench = BanksBench(dut)
    await bench.turn(6)
    bench.pins.drive(**dict.fromkeys(INPUTS, 0))
    await reset(dut)
    bench.forget()
    await bench.empty()
