"""lac_scnn_wgt_fifo against lists."""

from __future__ import annotations

from typing import Any

from tb.common.bfm.block import bring_up, config, for_profiles, leaf_test, reset
from tb.scnn.blocks.cases import join
from tb.scnn.blocks.lockstep import Lockstep, fields
from tb.scnn.blocks.reference import WeightFifo

WIDTH, DESC = config().get("Width", 132), config().get("DescWidth", 20)
DEPTH, VECTORS = config().get("Depth", 64), config().get("MaxVec", 4)
BURST = config().get("RowVectors", 8)
INPUTS = ("clr_i", "vec_valid_i", "vec_i", "desc_valid_i", "desc_i", "adv_i", "rewind_i", "free_i",
          "desc_pop_i")  # fmt: skip
OUTPUTS = ("head_o", "level_o", "desc_valid_o", "desc_o", "desc_level_o")


class FifoBench(Lockstep):
    """Vectors are numbers here."""

    def __init__(self, dut, profile: str = "none"):
        super().__init__(dut, INPUTS, OUTPUTS, profile)
        self.fifo: Any = WeightFifo()
        self.seen = {"full": 0, "rewound": 0, "freed": 0, "popped": 0}

    async def step(self, push=(), descs=(), adv=0, rewind=False, free=False, pop=False, clr=False):
        """One cycle."""
        seen = await self.cycle(
            clr_i=clr,
            vec_valid_i=(1 << len(push)) - 1,
            vec_i=join(push, WIDTH),
            desc_valid_i=(1 << len(descs)) - 1,
            desc_i=join(descs, DESC),
            adv_i=adv,
            rewind_i=rewind,
            free_i=free,
            desc_pop_i=pop,
        )
        fifo = self.fifo
        self.same("level", seen["level_o"], fifo.level)
        self.same("descriptors", seen["desc_level_o"], len(fifo.descs))
        self.same("descriptor there", seen["desc_valid_o"], int(bool(fifo.descs)))
        if fifo.descs:
            self.same("descriptor", seen["desc_o"], fifo.descs[0])
        head = fifo.head(VECTORS)
        self.same("head", fields(seen["head_o"], WIDTH, VECTORS)[: len(head)], head)
        self.seen["full"] += fifo.level == DEPTH
        self.seen["rewound"] += rewind
        self.seen["freed"] += free
        self.seen["popped"] += pop
        if clr:
            self.fifo = WeightFifo()
            return
        fifo.clock(push, adv, rewind, free)
        if pop:
            del fifo.descs[0]
        fifo.descs.extend(descs)

    def words(self, room: int, width: int) -> list[int]:
        """Up to a row of random words."""
        count = min(self.number(BURST + 1), room)
        return [self.number(1 << min(width, 60)) for _ in range(count)]

    async def traffic(self, cycles: int, fill: float = 0.5) -> None:
        """Anything that is allowed."""
        for _ in range(cycles):
            fifo = self.fifo
            push = [] if self.paused("in") else self.words(DEPTH - fifo.level, WIDTH)
            descs = [] if self.paused("descs") else self.words(DEPTH - len(fifo.descs), DESC)
            there = len(fifo.vectors) - fifo.walked
            adv = 0 if self.paused("walk") else min(self.number(VECTORS + 1), there)
            # At the end of what is there it goes back or is freed, or nothing could come any more.
            turn = float(self.draw.random()) * (fill if adv == there else 1) if adv else 1.0
            free, rewind = turn < fill * 0.5, fill * 0.5 <= turn < fill
            pop = bool(fifo.descs) and not self.paused("pop") and self.chance(0.9)
            await self.step(push, descs, adv, rewind, free, pop)


@leaf_test
async def smoke(dut):
    """Goal: the example of the header. Stimulus: a block of three, walked twice. Check: heads,
    level."""
    await bring_up(dut)
    bench = FifoBench(dut)
    await bench.step(push=[1, 2], descs=[5])
    await bench.step(push=[3])
    for free in (False, True):
        await bench.step(adv=2)
        await bench.step(adv=1, rewind=not free, free=free)
    await bench.step(pop=True)
    await bench.step()
    assert bench.fifo.level == 0


@for_profiles(globals())
async def random(dut, profile):
    """Goal: any order of pushes, walks, rewinds, frees and pops. Stimulus: as much as there is room
    for, with the pauses of the profile on each side. Check: levels and heads in every cycle."""
    await bring_up(dut)
    bench = FifoBench(dut, profile)
    await bench.traffic(400)
    assert bench.seen["rewound"] and bench.seen["freed"] and bench.seen["popped"], bench.seen


@leaf_test
async def extremes(dut):
    """Goal: exactly full, round the end, freed at once. Stimulus: fill to the last place, walk all
    of it twice, free it, from each place on. Check: levels and heads in every cycle."""
    await bring_up(dut)
    bench = FifoBench(dut)
    for _ in range(5):
        while room := DEPTH - bench.fifo.level:
            words = [bench.number(1 << min(WIDTH, DESC)) for _ in range(min(room, BURST))]
            await bench.step(push=words, descs=words)
        for turn in range(2):
            while there := DEPTH - bench.fifo.walked:
                adv = min(there, VECTORS)
                ends = adv == there
                await bench.step(adv=adv, rewind=ends and turn == 0, free=ends and turn == 1)
                if ends:
                    break
        while bench.fifo.descs:
            await bench.step(pop=True)
        # The next round begins one place further.
        await bench.step(push=[7])
        await bench.step(adv=1, free=True)
    assert bench.seen["full"]


@leaf_test
async def directed_clear(dut):
    """Goal: empty behind a clear, in every state. Stimulus: a clear after random traffic. Check:
    levels, then traffic again."""
    await bring_up(dut)
    bench = FifoBench(dut)
    for _ in range(8):
        await bench.traffic(11)
        await bench.step(push=[1], descs=[1], clr=True)
        await bench.step()
    await bench.traffic(20)


@leaf_test
async def reset_mid(dut):
    """Goal: empty behind a reset. Stimulus: a reset after random traffic. Check: levels, then
    traffic again."""
    await bring_up(dut)
    bench = FifoBench(dut)
    await bench.traffic(25)
    bench.pins.drive(**dict.fromkeys(INPUTS, 0))
    await reset(dut)
    bench.fifo = WeightFifo()
    await bench.traffic(25)
