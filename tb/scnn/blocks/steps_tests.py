"""lac_scnn_steps against the rule of steps, with a weight FIFO of lists beside it."""

from __future__ import annotations

import numpy as np

from tb.common.bfm.block import bring_up, config, for_profiles, leaf_test, reset
from tb.scnn.blocks import cases
from tb.scnn.blocks.lockstep import Lockstep, fields, signed
from tb.scnn.blocks.reference import (
    END,
    NULL,
    ROW,
    Build,
    Item,
    Lane,
    Setting,
    StepUnit,
    Vector,
    WeightFifo,
)

CONFIG = config()
BUILD = Build(
    **{n: CONFIG[n] for n in ("F", "I") if n in CONFIG},
    MaxKc=1 << CONFIG.get("KWidth", 6),
    Entries=(1 << CONFIG.get("LinWidth", 8)) // 8,
    Banks=32,
)
M, LIN, K = BUILD.lanes, BUILD.lin_width, BUILD.k_width
VEC = 1 + BUILD.F.bit_length() + BUILD.F + BUILD.F * (K + LIN + 16)
SHAPES = [s for s in range(3) if 1 << s <= BUILD.vectors]
INPUTS = ("clr_i", "shape_i", "go_i", "last_i", "row_valid_i", "row_i", "head_i", "step_ready_i")
ACCOUNTS = ("useful", "padding", "empty", "bank", "sync")
OUTPUTS = ("end_o", "par_o", "row_pop_o", "adv_o", "rewind_o", "free_o", "step_valid_o",
           "lane_valid_o", "lane_k_o", "lane_off_o", "lane_wgt_o", "lane_pos_o", "lane_act_o",
           "ev_useful_o", "ev_present_o", "ev_taken_o", "ev_bank_o", "ev_sync_o")  # fmt: skip


class StepBench(Lockstep):
    """Rows and vectors in, steps out."""

    def __init__(self, dut, profile: str = "none"):
        super().__init__(dut, INPUTS, OUTPUTS, profile)
        self.seen = dict.fromkeys((*ACCOUNTS, "rewinds", "frees", "steps", "full"), 0)
        self.extreme = False
        self.begin(0)

    def begin(self, shape: int) -> None:
        """A new pass."""
        self.shape = shape
        self.unit = StepUnit(BUILD, Setting(shape=shape))
        self.fifo = WeightFifo()
        self.items: list[Item] = []

    def value(self) -> int:
        """A 16-bit number, zero now and then."""
        if self.extreme:
            return [-32768, 32767, 1, -1][self.number(4)]
        return signed(self.number(1 << 16), 16) if self.chance(0.85) else 0

    def block(self, rows: int, vectors: int, dense: bool = False) -> None:
        """A block: rows of activations, and vectors."""
        for row in range(rows):
            last = row == rows - 1
            number = 1 + self.number(BUILD.I) if last and not dense else BUILD.I
            acts = tuple((self.number(1 << LIN), self.value()) for _ in range(number))
            self.items.append(Item(ROW, last, acts))
        for v in range(vectors):
            number = BUILD.F if dense else 1 + self.number(BUILD.F)
            lanes = tuple(
                Lane(self.number(1 << K), self.number(1 << LIN), self.value())
                for _ in range(number)
            )
            self.fifo.vectors.append(Vector(lanes, last=v == vectors - 1))

    async def step(
        self, give: bool = True, ready: bool = True, go: bool = False, last=False, clr=False
    ) -> bool:
        """One cycle; whether the row has gone."""
        item = self.items[0] if give and self.items else None
        head = self.fifo.head(BUILD.vectors)
        junk = [self.number(1 << 60) for _ in range(BUILD.vectors - len(head))]
        words = [cases.vector_word(BUILD, vector, self.draw) for vector in head] + junk
        values = {"clr_i": clr, "shape_i": self.shape, "go_i": go, "last_i": last}
        values |= {"step_ready_i": ready, "head_i": cases.join(words, VEC)}
        if item is not None:
            values |= {
                "row_valid_i": 1,
                "row_i": cases.item_word(BUILD, item, np.random.default_rng(7)),
            }
        seen = await self.cycle(**values)
        turn = self.unit.look(item, head, ready)
        self.same("end", [seen["end_o"], seen["par_o"]], [int(self.unit.at_end), self.unit.par])
        self.same("valid", seen["step_valid_o"], int(self.unit.offers(item)))
        flags = [seen["adv_o"], seen["rewind_o"], seen["free_o"], seen["row_pop_o"]]
        self.same("adv, rewind, free, pop", flags, [turn.adv, turn.rewind, turn.free, turn.pop])
        found = {name: seen[f"ev_{name}_o"] for name in ("useful", "bank", "sync")}
        found["padding"] = seen["ev_present_o"] - seen["ev_useful_o"]
        found["empty"] = seen["ev_taken_o"] * BUILD.lanes - seen["ev_present_o"]
        for name in ACCOUNTS:
            self.same(name, found[name], turn.accounts[name])
            self.seen[name] += turn.accounts[name]
        if self.unit.offers(item):
            offered = self.unit.look(item, head, True).operands or {}
            self.lanes(seen, offered)
        self.seen["rewinds"] += turn.rewind
        self.seen["frees"] += turn.free
        self.seen["steps"] += turn.operands is not None
        self.seen["full"] += turn.accounts["useful"] == M
        if clr:
            self.begin(self.shape)
            return True
        self.unit.clock(turn, item, go, last)
        self.fifo.clock((), turn.adv, turn.rewind, turn.free)
        if turn.pop:
            del self.items[0]
        return turn.pop

    def lanes(self, seen: dict[str, int], operands: dict) -> None:
        """Operands of every lane that is used."""
        self.same("lanes", seen["lane_valid_o"], sum(1 << m for m in operands))
        widths = {"k": K, "off": LIN, "wgt": 16, "pos": LIN, "act": 16}
        words = {name: fields(seen[f"lane_{name}_o"], width, M) for name, width in widths.items()}
        for m, (lane, (pos, value)) in operands.items():
            found = [words[name][m] for name in widths]
            want = [lane.k, lane.off, lane.value % (1 << 16), pos, value % (1 << 16)]
            self.same(f"lane {m}", found, want)

    async def run(self) -> None:
        """All rows, with pauses of rows and of the pipe."""
        offered = False
        while self.items:
            offered = offered or not self.paused("row")
            if await self.step(offered, not self.paused("step")):
                offered = False


@leaf_test
async def smoke(dut):
    """Goal: every activation meets every weight once. Stimulus: a block of two vectors and two
    rows, in shape 0. Check: steps, rewinds, free."""
    await bring_up(dut)
    bench = StepBench(dut)
    bench.block(2, 2)
    await bench.run()
    assert (bench.seen["steps"], bench.seen["rewinds"], bench.seen["frees"]) == (4, 1, 1)


@for_profiles(globals())
async def random(dut, profile):
    """Goal: any blocks in all shapes. Stimulus: one to three rows, one to six vectors, rows NULL
    between, pauses of rows and of the pipe. Check: every output in every cycle."""
    await bring_up(dut)
    bench = StepBench(dut, profile)
    for shape in SHAPES:
        await bench.step(clr=True)
        bench.begin(shape)
        for _ in range(8):
            bench.block(1 + bench.number(3), 1 + bench.number(6))
            if bench.chance(0.3):
                bench.items.append(Item(NULL))
        await bench.run()
    assert bench.seen["useful"] and bench.seen["padding"] and bench.seen["rewinds"]


@leaf_test
async def directed_groups(dut):
    """Goal: nothing happens between END and go. Stimulus: blocks, END, waits of 0 to 3 cycles with
    the next block there, go, and at last a go with last. Check: every output in every cycle."""
    await bring_up(dut)
    bench = StepBench(dut)
    for wait in range(4):
        bench.block(1, 2)
        bench.items.append(Item(END))
        await bench.run()
        bench.block(1, 1)
        bench.items.append(Item(END))
        for _ in range(wait):
            await bench.step()
        await bench.step(go=True)
        await bench.run()
        await bench.step(give=False, go=True)
    bench.items.append(Item(END))
    await bench.run()
    await bench.step(go=True, last=True)
    bench.block(1, 1)
    for _ in range(3):
        await bench.step()
    assert bench.unit.at_end


@leaf_test
async def extremes(dut):
    """Goal: all multipliers in every step. Stimulus: dense blocks in all shapes, the longest walks
    a multiple of the vectors of a step and one more. Check: accounts and lanes."""
    await bring_up(dut)
    bench = StepBench(dut)
    bench.extreme = True
    for shape in SHAPES:
        await bench.step(clr=True)
        bench.begin(shape)
        for vectors in (1 << shape, (1 << shape) + 1, 3 << shape):
            bench.block(2, vectors, dense=True)
        await bench.run()
    assert bench.seen["full"]


@leaf_test
async def throughput(dut):
    """Goal: a step per cycle, over rows and blocks. Stimulus: ten blocks of one vector and one row,
    and three of three and two. Check: as many cycles as steps."""
    await bring_up(dut)
    bench = StepBench(dut)
    for _ in range(10):
        bench.block(1, 1)
    for _ in range(3):
        bench.block(2, 3)
    before = bench.cycles
    await bench.run()
    assert bench.cycles - before == bench.seen["steps"] == 28


@leaf_test
async def directed_clear(dut):
    """Goal: at the begin of a group behind a clear. Stimulus: clears in the middle of a walk, of
    the turns and at an END. Check: the next block is whole."""
    await bring_up(dut)
    bench = StepBench(dut)
    for cycles in range(8):
        bench.begin(SHAPES[-1])
        bench.block(2, 3)
        bench.items.append(Item(END))
        for _ in range(cycles):
            await bench.step()
        await bench.step(clr=True)
        bench.block(1, 2)
        await bench.run()


@leaf_test
async def reset_mid(dut):
    """Goal: at the begin behind a reset. Stimulus: a reset within the turns. Check: the next is
    whole."""
    await bring_up(dut)
    bench = StepBench(dut)
    bench.begin(SHAPES[-1])
    bench.block(2, 1, dense=True)
    await bench.step()
    bench.pins.drive(**dict.fromkeys(INPUTS, 0))
    await reset(dut)
    bench.begin(SHAPES[-1])
    bench.block(2, 2, dense=True)
    await bench.run()
