"""lac_scnn_xbar against queues of lists."""

from __future__ import annotations

from tb.common.bfm.block import bring_up, config, for_profiles, leaf_test, reset
from tb.scnn.blocks.cases import join
from tb.scnn.blocks.lockstep import Lockstep, fields
from tb.scnn.blocks.reference import Build, Crossbar, Product, Step

CONFIG = config()
M = CONFIG.get("Lanes", 16)
NAMES = ("LaneDepth", "XbarGrants", "LookAhead", "BankDepth")
BUILD = Build(
    F=M // 2, I=2, Banks=CONFIG.get("Banks", 32), **{n: CONFIG[n] for n in NAMES if n in CONFIG}
)
ENTRY, DATA = CONFIG.get("EntryWidth", 5), CONFIG.get("DataWidth", 24)
BANK = BUILD.Banks.bit_length() - 1
INPUTS = (
    "clr_i",
    "start_i",
    "in_valid_i",
    "in_lane_valid_i",
    "in_bank_i",
    "in_entry_i",
    "in_data_i",
)
OUTPUTS = ("in_ready_o", "bank_valid_o", "bank_entry_o", "bank_data_o", "idle_o")


class XbarBench(Lockstep):
    """Steps in, heads of the banks out."""

    def __init__(self, dut, profile: str = "none"):
        super().__init__(dut, INPUTS, OUTPUTS, profile)
        self.xbar = Crossbar(BUILD)
        self.seen = {"products": 0, "waits": 0, "lane_full": 0}
        self.started = False

    async def start(self) -> None:
        """Cycle 0."""
        await self.step(None, clr=True)
        self.started = True
        await self.step(None, start=True)

    def products(self, share: float, banks: int) -> Step:
        """Any step, for so many banks from a random one on."""
        first = self.number(BUILD.Banks)
        return {
            m: Product((first + self.number(banks)) % BUILD.Banks, self.number(1 << ENTRY),
                       self.number(1 << min(DATA, 60)))
            for m in range(M) if self.chance(share)
        }  # fmt: skip

    async def step(self, step: Step | None, start: bool = False, clr: bool = False) -> bool:
        """One cycle; whether the step was taken."""
        values: dict[str, int] = {"clr_i": clr, "start_i": start}
        if step is not None:
            lanes = [step.get(m, Product(0, 0, 0)) for m in range(M)]
            values |= {
                "in_valid_i": 1,
                "in_lane_valid_i": sum(1 << m for m in step),
                "in_bank_i": join([p.bank for p in lanes], BANK),
                "in_entry_i": join([p.entry for p in lanes], ENTRY),
                "in_data_i": join([p.data for p in lanes], DATA),
            }
        seen = await self.cycle(**values)
        xbar = self.xbar
        took = step is not None and xbar.ready(step)
        if step is not None:
            self.same("ready", seen["in_ready_o"], int(took))
        self.same("idle", seen["idle_o"], int(xbar.idle))
        heads = xbar.heads()
        self.same("banks", seen["bank_valid_o"], sum(1 << bank for bank in heads))
        entries = fields(seen["bank_entry_o"], ENTRY, BUILD.Banks)
        data = fields(seen["bank_data_o"], DATA, BUILD.Banks)
        for bank, product in heads.items():
            self.same(f"bank {bank}", [entries[bank], data[bank]], [product.entry, product.data])
        self.seen["products"] += len(heads)
        self.seen["waits"] += step is not None and not took
        self.seen["lane_full"] += any(len(lane) == BUILD.LaneDepth for lane in xbar.lanes)
        if clr:
            self.xbar = Crossbar(BUILD)
            return True
        xbar.clock(step if took else None, start)
        return took

    async def traffic(self, steps: int, banks: int) -> None:
        """Steps with pauses, until all is in the banks."""
        for _ in range(steps):
            while self.paused("in"):
                await self.step(None)
            step = self.products(float(self.draw.random()), banks)
            while not await self.step(step):
                pass
        while not self.xbar.idle:
            await self.step(None)
        await self.step(None)


@leaf_test
async def smoke(dut):
    """Goal: one product, and the latency. Stimulus: a product in the last lane. Check: it is at its
    bank two cycles later."""
    await bring_up(dut)
    bench = XbarBench(dut)
    await bench.start()
    await bench.step({M - 1: Product(3, 2, 1)})
    await bench.step(None)
    before = bench.seen["products"]
    await bench.step(None)
    assert bench.seen["products"] == before + 1 == 1


@for_profiles(globals())
async def random(dut, profile):
    """Goal: any steps. Stimulus: products for all, few and single banks, with the pauses of the
    profile. Check: ready, idle and every bank's head in every cycle."""
    await bring_up(dut)
    bench = XbarBench(dut, profile)
    await bench.start()
    for banks in (BUILD.Banks, BUILD.Banks // 2, 3, 1):
        await bench.traffic(12, banks)
    assert bench.seen["products"]


@leaf_test
async def directed_turns(dut):
    """Goal: the turn begins at lane t mod Lanes in cycle t. Stimulus: all lanes to one bank, at
    each place of the turn. Check: the order at the bank."""
    await bring_up(dut)
    bench = XbarBench(dut)
    await bench.start()
    for turn in range(M + 1):
        while bench.xbar.rot != turn % M or not bench.xbar.idle:
            await bench.step(None)
        await bench.step({m: Product(turn % BUILD.Banks, m % (1 << ENTRY), m) for m in range(M)})
    while not bench.xbar.idle:
        await bench.step(None)
    assert bench.seen["products"] == M * (M + 1)


@leaf_test
async def extremes(dut):
    """Goal: every queue full. Stimulus: full steps for one bank, for pairs, then a bank of its own
    for each lane. Check: every bank's head; steps waited for full lanes."""
    await bring_up(dut)
    bench = XbarBench(dut)
    await bench.start()
    for spread in (1, 2, 4):
        for _ in range(4):
            step = {m: Product((5 + m % spread) % BUILD.Banks, 1, m) for m in range(M)}
            while not await bench.step(step):
                pass
    while not bench.xbar.idle:
        await bench.step(None)
    assert bench.seen["lane_full"] and bench.seen["waits"]


@leaf_test
async def throughput(dut):
    """Goal: a step per cycle while no two lanes want one bank. Stimulus: 30 steps, lane m to bank
    m. Check: all are taken at once."""
    await bring_up(dut)
    bench = XbarBench(dut)
    await bench.start()
    share = max(1, M // BUILD.Banks)  # fewer banks than lanes: that many lanes only
    for _ in range(30):
        if BUILD.LaneDepth > 1:
            step = {m: Product(m % BUILD.Banks, 1, m) for m in range(0, M, share)}
            assert await bench.step(step)
    while not bench.xbar.idle:
        await bench.step(None)


@leaf_test
async def directed_clear(dut):
    """Goal: empty behind a clear, in every state. Stimulus: a clear 0 to 5 cycles behind full
    steps. Check: nothing comes; the next steps are exact."""
    await bring_up(dut)
    bench = XbarBench(dut)
    await bench.start()
    for cycles in range(6):
        step = bench.products(1.0, 2)
        for _ in range(cycles):
            if await bench.step(step):
                step = bench.products(1.0, 2)
        await bench.step(None, clr=True)
        await bench.step(None)
        await bench.step(None, start=True)
        await bench.traffic(3, BUILD.Banks)


@leaf_test
async def reset_mid(dut):
    """Goal: empty behind a reset. Stimulus: a reset behind full steps. Check: nothing comes."""
    await bring_up(dut)
    bench = XbarBench(dut)
    await bench.start()
    step = bench.products(1.0, 2)
    for _ in range(3):
        await bench.step(step)
    bench.pins.drive(**dict.fromkeys(INPUTS, 0))
    await reset(dut)
    bench.xbar = Crossbar(BUILD)
    await bench.start()
    await bench.traffic(3, BUILD.Banks)
