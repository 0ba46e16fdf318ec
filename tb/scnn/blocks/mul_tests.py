"""lac_scnn_mul: products, accumulators and who adds whom, against the contract."""

from __future__ import annotations

from collections import deque

from tb.common.bfm.block import bring_up, config, for_profiles, leaf_test, reset
from tb.scnn.blocks.cases import join
from tb.scnn.blocks.lockstep import Lockstep, fields, signed
from tb.scnn.blocks.reference import Build, Lane, Step, merge, multiply

CONFIG = config()
M = CONFIG.get("Lanes", 16)
BUILD = Build(
    F=M // 2,
    I=2,
    **{"Banks": 32}
    | {n: CONFIG[n] for n in ("Banks", "Entries", "MaxKc", "BankMap") if n in CONFIG},
    Merge=CONFIG.get("Merge", 1),
)
LIN, K = BUILD.lin_width, BUILD.k_width
BANK, ENTRY = BUILD.Banks.bit_length() - 1, BUILD.Entries.bit_length() - 1
INPUTS = ("clr_i", "par_i", "kc_log_i", "merge_i", "step_valid_i", "step_par_i", "lane_valid_i",
          "lane_k_i", "lane_off_i", "lane_wgt_i", "lane_pos_i", "lane_act_i",
          "out_ready_i")  # fmt: skip
OUTPUTS = ("step_ready_o", "out_valid_o", "out_lane_valid_o", "out_gone_o", "out_take_o",
           "out_bank_o", "out_entry_o", "out_product_o", "out_par_o", "old_o")  # fmt: skip
KC_LOGS = range(2, min(K, ENTRY + 2) + 1)


def taken(step: Step) -> dict[int, int]:
    """Lane -> the lane that adds it, by what is left of the merged step."""
    left, _ = merge(step, M)
    places = {(p.bank, p.entry): m for m, p in sorted(step.items(), reverse=True)}
    return {m: places[p.bank, p.entry] for m, p in step.items() if m not in left}


class MulBench(Lockstep):
    """Steps in, products out; the two stages are a queue with the cycle each step can leave in."""

    def __init__(self, dut, profile: str = "none"):
        super().__init__(dut, INPUTS, OUTPUTS, profile)
        self.seen = {"steps": 0, "gone": 0, "waits": 0}
        self.merges = 0
        self.par = 0
        self.kc_log = 2
        self.stages: deque[tuple[int, Step] | None] = deque([None, None])  # P2, P1

    async def set(self, kc_log: int, merges: int) -> None:
        """CFG, two cycles ahead."""
        self.kc_log, self.merges = kc_log, merges
        for _ in range(2):
            await self.step(None)

    def operands(self, share: float, crowd: bool) -> dict:
        """Any operands; ``crowd``: places among few, so that many meet."""
        span = BUILD.quarter * (BUILD.Entries * 4 >> self.kc_log)
        made = {}
        for m in range(M):
            if not self.chance(share):
                continue
            lin = self.number(min(span, 3) if crowd else span)
            pos = self.number(lin + 1)
            k = self.number(2 if crowd else 1 << self.kc_log)
            values = [self.number(1 << 16), -32768, 32767, 1, -1]
            wgt, act = (signed(values[self.number(5)] % (1 << 16), 16) for _ in range(2))
            made[m] = (Lane(k, lin - pos, wgt or 3), (pos, act or 5))
        return made

    async def step(
        self, operands: dict | None, ready: bool = True, par: int = 0, clr=False
    ) -> bool:
        """One cycle; whether the step was taken."""
        values = {"clr_i": clr, "par_i": self.par, "kc_log_i": self.kc_log, "merge_i": self.merges}
        values["out_ready_i"] = ready
        if operands is not None:
            lanes = {m: operands.get(m, (Lane(0, 0, 9), (0, 9))) for m in range(M)}
            values |= {"step_valid_i": 1, "step_par_i": par}
            values |= {
                "lane_valid_i": sum(1 << m for m in operands),
                "lane_k_i": join([w.k for w, _ in lanes.values()], K),
                "lane_off_i": join([w.off for w, _ in lanes.values()], LIN),
                "lane_wgt_i": join([w.value for w, _ in lanes.values()], 16),
                "lane_pos_i": join([pos for _, (pos, _) in lanes.values()], LIN),
                "lane_act_i": join([act for _, (_, act) in lanes.values()], 16),
            }
        seen = await self.cycle(**values)
        p2, p1 = self.stages
        p2_goes = p2 is None or ready
        p1_goes = p1 is None or p2_goes
        self.same("ready", seen["step_ready_o"], int(p1_goes))
        self.same("valid", seen["out_valid_o"], int(p2 is not None))
        old = any(stage is not None and stage[0] != self.par for stage in (p1, p2))
        self.same("old", seen["old_o"], int(old))
        if p2 is not None:
            self.products(seen, *p2)
            self.seen["waits"] += not ready
            self.seen["steps"] += ready
        if clr:
            self.stages = deque([None, None])
            return True
        if p2_goes:
            p2 = p1
        if p1_goes:
            p1 = None
            if operands is not None:
                p1 = (par, multiply(BUILD, self.kc_log, operands))
        self.stages = deque([p2, p1])
        return p1_goes and operands is not None

    def products(self, seen: dict[str, int], par: int, step: Step) -> None:
        """What is at the output."""
        gone = taken(step) if self.merges and BUILD.Merge else {}
        self.same("parity", seen["out_par_o"], par)
        self.same("lanes", seen["out_lane_valid_o"], sum(1 << m for m in step if m not in gone))
        self.same("gone", seen["out_gone_o"], sum(1 << m for m in gone))
        take = sum(1 << i * M + m for m, i in gone.items())
        self.same("take", seen["out_take_o"], take)
        words = (seen["out_bank_o"], seen["out_entry_o"], seen["out_product_o"])
        banks, entries, data = (
            fields(w, s, M) for w, s in zip(words, (BANK, ENTRY, 32), strict=True)
        )
        for m, p in step.items():
            found = [banks[m], entries[m], signed(data[m], 32)]
            self.same(f"product {m}", found, [p.bank, p.entry, p.data])
        self.seen["gone"] += len(gone)

    async def traffic(self, steps: int, crowd: bool = False) -> None:
        """Steps with pauses on both sides."""
        for _ in range(steps):
            operands = self.operands(float(self.draw.random()), crowd)
            while self.paused("step"):
                await self.step(None, not self.paused("out"))
            if self.chance(0.1):
                self.par ^= 1
            par = self.par ^ self.number(2)
            while not await self.step(operands, not self.paused("out"), par):
                pass
        while any(self.stages):
            await self.step(None, not self.paused("out"))


@leaf_test
async def smoke(dut):
    """Goal: one product, and the latency. Stimulus: a step with one lane. Check: the product comes
    two cycles later, with its accumulator."""
    await bring_up(dut)
    bench = MulBench(dut)
    await bench.set(2, 0)
    await bench.step({M - 1: (Lane(3, 2, -7), (5, 11))})
    await bench.step(None)
    await bench.step(None)
    assert bench.seen["steps"] == 1


@for_profiles(globals())
async def random(dut, profile):
    """Goal: any steps. Stimulus: all Kc, merging off and on, sparse and full steps, crowded and
    spread places, pauses on both sides. Check: every output in every cycle."""
    await bring_up(dut)
    bench = MulBench(dut, profile)
    for kc_log in KC_LOGS:
        await bench.set(kc_log, BUILD.Merge and kc_log % 2)
        await bench.traffic(8, crowd=True)
        await bench.traffic(8)
    assert bench.seen["steps"]
    assert bool(bench.seen["gone"]) == bool(BUILD.Merge and any(k % 2 for k in KC_LOGS))


@leaf_test
async def extremes(dut):
    """Goal: the largest products, the same accumulator in all lanes or in two. Stimulus: -32768
    squared in all lanes, every pair of lanes alike. Check: every output."""
    await bring_up(dut)
    bench = MulBench(dut)
    await bench.set(2, BUILD.Merge)
    lane = (Lane(1, 0, -32768), (1, -32768))
    await bench.step(dict.fromkeys(range(M), lane))
    for i in range(M):
        for j in range(i + 1, M):
            apart = {m: (Lane(m % 4, 0, 2), (2 + m // 4, m + 1)) for m in range(M)}
            if max(pos for _, (pos, _) in apart.values()) >= BUILD.quarter * BUILD.Entries:
                apart = {}
            await bench.step(apart | {i: lane, j: lane})
    for _ in range(3):
        await bench.step(None)
    assert bool(bench.seen["gone"]) == bool(BUILD.Merge)


@leaf_test
async def throughput(dut):
    """Goal: a step per cycle. Stimulus: 30 without a gap. Check: all are taken at once."""
    await bring_up(dut)
    bench = MulBench(dut)
    await bench.set(2, 0)
    for _ in range(30):
        assert await bench.step(bench.operands(0.7, False))
    for _ in range(3):
        await bench.step(None)
    assert bench.seen["steps"] == 30


@leaf_test
async def directed_clear(dut):
    """Goal: empty behind a clear. Stimulus: a clear with none, one and two stages full. Check:
    nothing comes out."""
    await bring_up(dut)
    bench = MulBench(dut)
    await bench.set(2, 0)
    for full in range(3):
        for _ in range(full):
            await bench.step(bench.operands(0.5, False), ready=False)
        await bench.step(None, ready=False, clr=True)
        for _ in range(3):
            await bench.step(None)
        await bench.traffic(3)


@leaf_test
async def reset_mid(dut):
    """Goal: empty behind a reset. Stimulus: a reset with both stages full. Check: nothing comes
    out."""
    await bring_up(dut)
    bench = MulBench(dut)
    await bench.set(2, 0)
    for _ in range(2):
        await bench.step(bench.operands(0.5, False), ready=False)
    bench.pins.drive(**dict.fromkeys(INPUTS, 0))
    await reset(dut)
    bench.stages = deque([None, None])
    await bench.set(2, 0)
    await bench.traffic(4)
