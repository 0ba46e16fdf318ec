"""lac_scnn_merge: sums of the products that meet, and their end width."""

from __future__ import annotations

from tb.common.bfm.block import bring_up, config, for_profiles, leaf_test, reset
from tb.scnn.blocks.cases import join
from tb.scnn.blocks.lockstep import Lockstep, fields, signed
from tb.scnn.blocks.mul_tests import taken
from tb.scnn.blocks.reference import Build, Product, Step

CONFIG = config()
M = CONFIG.get("Lanes", 16)
ACC, MERGE = CONFIG.get("AccWidth", 24), CONFIG.get("Merge", 1)
BANK, ENTRY = CONFIG.get("BankWidth", 5), CONFIG.get("EntryWidth", 5)
FIT = Build(AccWidth=ACC).fit
INPUTS = ("clr_i", "par_i", "in_valid_i", "in_lane_valid_i", "in_gone_i", "in_take_i", "in_par_i",
          "in_bank_i", "in_entry_i", "in_product_i", "out_ready_i")  # fmt: skip
OUTPUTS = ("in_ready_o", "out_valid_o", "out_lane_valid_o", "out_bank_o", "out_entry_o",
           "out_data_o", "out_par_o", "old_o", "ev_merged_o", "err_o", "err_bank_o",
           "err_entry_o")  # fmt: skip
Held = tuple[int, Step]


class MergeBench(Lockstep):
    """Steps in, steps out; the stage is what it holds."""

    def __init__(self, dut, profile: str = "none"):
        super().__init__(dut, INPUTS, OUTPUTS, profile)
        self.seen = {"steps": 0, "merged": 0, "errors": 0, "three": 0}
        self.held: Held | None = None
        self.par = 0

    def products(self, share: float, large: bool, crowd: bool) -> Step:
        """Any step: each lane's place is one of few, or its own."""
        step = {}
        for m in range(M):
            if self.chance(share):
                spot = self.number(3) if crowd else m
                size = 1 << 30 if large else 1 << 18
                step[m] = Product(spot % (1 << BANK), spot >> BANK, self.number(2 * size) - size)
        return step

    async def step(self, step: Step | None, ready: bool = True, par: int = 0, clr=False) -> bool:
        """One cycle; whether the step was taken."""
        values = {"clr_i": clr, "par_i": self.par, "out_ready_i": ready}
        gone = taken(step) if step is not None and MERGE else {}
        sums = {m: p.data for m, p in (step or {}).items() if m not in gone}
        for m, i in gone.items():
            assert step is not None
            sums[i] += step[m].data
        if step is not None:
            lanes = [step.get(m, Product(0, 0, 77)) for m in range(M)]
            values |= {
                "in_valid_i": 1,
                "in_par_i": par,
                "in_lane_valid_i": sum(1 << m for m in sums),
                "in_gone_i": sum(1 << m for m in gone),
                "in_take_i": sum(1 << i * M + m for m, i in gone.items()),
                "in_bank_i": join([p.bank for p in lanes], BANK),
                "in_entry_i": join([p.entry for p in lanes], ENTRY),
                "in_product_i": join([p.data for p in lanes], 32),
            }
        seen = await self.cycle(**values)
        new = (
            None
            if step is None
            else (par, {m: Product(step[m].bank, step[m].entry, s) for m, s in sums.items()})
        )
        shown = self.held if MERGE else new
        took = ready or (MERGE == 1 and self.held is None)
        self.same("ready", seen["in_ready_o"], int(took))
        old = MERGE and self.held is not None and self.held[0] != self.par
        self.same("old", seen["old_o"], int(old))
        self.output(seen, shown, ready)
        merged = len(gone) if took else 0
        self.same("merged", seen["ev_merged_o"], merged)
        self.seen["merged"] += merged
        self.seen["three"] += merged >= 3
        if clr:
            self.held = None
        elif MERGE and took:
            self.held = new
        return took and step is not None

    def output(self, seen: dict[str, int], shown: Held | None, ready: bool) -> None:
        """What is at the output."""
        self.same("valid", seen["out_valid_o"], int(shown is not None))
        cut = []
        if shown is not None:
            par, step = shown
            self.same("parity", seen["out_par_o"], par)
            self.same("lanes", seen["out_lane_valid_o"], sum(1 << m for m in step))
            banks = fields(seen["out_bank_o"], BANK, M)
            entries = fields(seen["out_entry_o"], ENTRY, M)
            data = fields(seen["out_data_o"], ACC, M)
            for m, p in step.items():
                found = [banks[m], entries[m], signed(data[m], ACC)]
                self.same(f"lane {m}", found, [p.bank, p.entry, FIT(p.data)])
            cut = [m for m, p in sorted(step.items()) if FIT(p.data) != p.data] if ready else []
            self.seen["steps"] += ready
        self.same("error", seen["err_o"], int(bool(cut)))
        if cut:
            assert shown is not None
            first = shown[1][cut[0]]
            self.same(
                "error place", [seen["err_bank_o"], seen["err_entry_o"]], [first.bank, first.entry]
            )
            self.seen["errors"] += 1

    async def traffic(self, steps: int, large: bool) -> None:
        """Steps with pauses on both sides."""
        for _ in range(steps):
            step = self.products(float(self.draw.random()), large, self.chance(0.7))
            while self.paused("in"):
                await self.step(None, not self.paused("out"))
            par = self.number(2)
            self.par = self.number(2)
            while not await self.step(step, not self.paused("out"), par):
                pass
        while self.held is not None:
            await self.step(None, not self.paused("out"))


@leaf_test
async def smoke(dut):
    """Goal: the example of the header. Stimulus: two or three products for one accumulator. Check:
    sum, lanes, event."""
    await bring_up(dut)
    bench = MergeBench(dut)
    step = {0: Product(3, 7, 4), M // 2: Product(3, 7, -1)}
    await bench.step(step)
    await bench.step(None)
    assert bench.seen["steps"] == 1 and bench.seen["merged"] == MERGE


@for_profiles(globals())
async def random(dut, profile):
    """Goal: any steps. Stimulus: places of their own and crowded, small and large products, pauses
    on both sides. Check: every output in every cycle."""
    await bring_up(dut)
    bench = MergeBench(dut, profile)
    await bench.traffic(30, large=False)
    await bench.traffic(30, large=True)
    assert bench.seen["steps"] == 60
    assert bool(bench.seen["merged"]) == bool(MERGE)


@leaf_test
async def extremes(dut):
    """Goal: each partner counts, both rails. Stimulus: every pair of lanes alike, the others apart;
    the largest and smallest products together and alone. Check: sums, errors."""
    await bring_up(dut)
    bench = MergeBench(dut)
    for i in range(M):
        for j in range(i + 1, M):
            step = {m: Product(m % (1 << BANK), 1 + (m >> BANK), 1000 + m) for m in range(M)}
            await bench.step(step | {i: Product(0, 0, -5), j: Product(0, 0, 12)})
    for data in (1 << 30, -(1 << 30), (1 << 23) - 1, 1 << 23, -(1 << 23), -(1 << 23) - 1):
        for m in (0, M - 1):
            await bench.step({m: Product(1, 2, data)})
        await bench.step({0: Product(1, 2, data), M // 2: Product(1, 2, data)})
    for _ in range(2):
        await bench.step(None)
    assert bool(bench.seen["errors"]) == (ACC < 32)


@leaf_test
async def throughput(dut):
    """Goal: a step per cycle. Stimulus: 30 without a gap. Check: all are taken at once."""
    await bring_up(dut)
    bench = MergeBench(dut)
    for _ in range(30):
        assert await bench.step(bench.products(0.8, False, True))
    await bench.step(None)
    assert bench.seen["steps"] == 30


@leaf_test
async def directed_clear(dut):
    """Goal: empty behind a clear. Stimulus: a clear with the stage empty and full. Check: nothing
    comes."""
    await bring_up(dut)
    bench = MergeBench(dut)
    for full in (0, 1, 1):
        if full:
            await bench.step(bench.products(0.5, False, False), ready=False)
        await bench.step(None, ready=False, clr=True)
        await bench.step(None)
        await bench.traffic(2, False)


@leaf_test
async def reset_mid(dut):
    """Goal: empty behind a reset. Stimulus: a reset with the stage full. Check: nothing comes."""
    await bring_up(dut)
    bench = MergeBench(dut)
    await bench.step(bench.products(0.5, False, False), ready=False)
    bench.pins.drive(**dict.fromkeys(INPUTS, 0))
    await reset(dut)
    bench.held = None
    await bench.traffic(4, False)
