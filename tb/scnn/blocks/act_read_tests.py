"""lac_scnn_act_read against the rule of positions."""

from __future__ import annotations

from tb.common.bfm.block import bring_up, config, for_profiles, leaf_test, reset
from tb.scnn.blocks import cases
from tb.scnn.blocks.lockstep import Lockstep, fields, signed
from tb.scnn.blocks.reference import END, NULL, ROW, ActReader, Build, Desc, Item, Setting

CONFIG = config()
BUILD = Build(
    **{n: CONFIG[n] for n in ("I", "IaramRows", "CountWidth") if n in CONFIG},
    Entries=(1 << CONFIG.get("LinWidth", 8)) // 8,
    Banks=32,
)
LIN, I = BUILD.lin_width, BUILD.I  # noqa: E741
LOG = I.bit_length() - 1
INPUTS = ("clr_i", "limit_i", "desc_valid_i", "desc_i", "act_data_i", "row_pop_i")
OUTPUTS = ("desc_pop_o", "act_rd_en_o", "act_addr_o", "row_valid_o", "row_o", "err_o", "err_pos_o")


class ReadBench(Lockstep):
    """Descriptors in, rows out."""

    def __init__(self, dut, profile: str = "none"):
        super().__init__(dut, INPUTS, OUTPUTS, profile)
        self.descs: list[Desc] = []
        self.seen = {"rows": 0, "full": 0, "errors": 0}
        self.fill(1 << LIN)

    def fill(self, limit: int, run: int = 16) -> None:
        """Random memory and a new reader."""
        self.memory = [
            [
                (self.number(run), signed(self.number(1 << 16) * self.chance(0.8), 16))
                for _ in range(I)
            ]
            for _ in range(BUILD.IaramRows)
        ]
        self.limit = limit
        self.reader = ActReader(BUILD, Setting(limit=limit), self.memory)
        self.data: int | None = None
        self.over: list[int | None] = [None] * 3  # by age

    def block(self, most: int) -> Desc:
        """Any descriptor."""
        kind = (ROW, ROW, ROW, NULL, END)[self.number(5)]
        if kind != ROW:
            return Desc(kind, self.number(BUILD.IaramRows), 0)
        count = 1 + self.number(most)
        rows = -(-count // I)
        return Desc(ROW, self.number(BUILD.IaramRows - rows + 1), count)

    async def step(self, give: bool = True, pop: bool = True, clr: bool = False) -> None:
        """One cycle; ``give``: offer the first descriptor."""
        reader, desc = self.reader, self.descs[0] if give and self.descs else None
        pop = pop and bool(reader.rows)
        values = {"clr_i": clr, "limit_i": min(self.limit, 1 << LIN), "row_pop_i": pop}
        if desc is not None:
            values |= {"desc_valid_i": 1, "desc_i": cases.desc_word(BUILD, desc)}
        values["act_data_i"] = self.data or 0
        seen = await self.cycle(**values)
        issued, left, address = reader.issue(desc)
        self.same("pop", seen["desc_pop_o"], int(left))
        self.same("read", seen["act_rd_en_o"], int(address is not None))
        if address is not None:
            self.same("address", seen["act_addr_o"], address)
            self.data = cases.entries_word(BUILD, self.memory[address])
        self.same("row there", seen["row_valid_o"], int(bool(reader.rows)))
        if reader.rows:
            self.row(seen["row_o"], reader.rows[0])
        self.same("error", seen["err_o"], int(self.over[-1] is not None))
        if self.over[-1] is not None:
            self.same("error position", seen["err_pos_o"], self.over[-1])
            self.seen["errors"] += 1
        self.seen["full"] += len(reader.rows) == ActReader.DEPTH
        self.seen["rows"] += pop
        if clr:
            self.reader = ActReader(BUILD, reader.setting, self.memory)
            self.over = [None] * 3
            return
        reader.clock(issued, left, pop)
        self.over = [reader.over, *self.over[:-1]]
        if left:
            del self.descs[0]

    def row(self, word: int, item: Item) -> None:
        """A row, without what is behind its last activation."""
        values, word = fields(word, 16, I), word >> 16 * I
        places, word = fields(word, LIN, I), word >> LIN * I
        nz, rest, last, kind = word & (1 << I) - 1, word >> I, word >> I + LOG, word >> I + LOG + 1
        self.same("kind", kind, item.kind)
        if kind != ROW:
            return
        number = len(item.acts)
        self.same("number, last", [rest & (1 << LOG) - 1, last & 1], [number - 1, int(item.last)])
        self.same("positions", places[:number], [p % (1 << LIN) for p, _ in item.acts])
        self.same("values", [signed(v, 16) for v in values[:number]], [v for _, v in item.acts])
        self.same("zeros", nz, sum(1 << e for e, (_, v) in enumerate(item.acts) if v))

    async def exactly(self, limit: int) -> None:
        """A block whose last position is the limit, and no other beyond."""
        runs = [15] * (limit // 16) + [limit % 16]
        for at in range(0, len(runs), I):
            row = runs[at : at + I]
            self.memory[at // I] = [(run, 1) for run in row] + [(0, 1)] * (I - len(row))
        before = self.seen["errors"]
        self.descs = [Desc(ROW, 0, len(runs))]
        while self.descs or self.reader.rows or self.reader.inflight is not None:
            await self.step()
        for _ in range(4):
            await self.step()
        self.same("errors", self.seen["errors"], before + 1)

    async def run(self, most: int, blocks: int) -> None:
        """Blocks of up to so many activations, with pauses on both sides."""
        self.descs = [self.block(most) for _ in range(blocks)]
        offered = False
        while self.descs or self.reader.rows or self.reader.inflight is not None:
            before = len(self.descs)
            offered = bool(self.descs) and (offered or not self.paused("desc"))
            await self.step(offered, not self.paused("row"))
            offered = offered and len(self.descs) == before
        for _ in range(4):
            await self.step()


def most_within(limit: int) -> int:
    """Activations that stay below a position whatever their runs."""
    return max(1, limit // 16)


@leaf_test
async def smoke(dut):
    """Goal: the example of the header, and its latency. Stimulus: one block of I + 2 activations.
    Check: rows and positions; the first row is there two cycles after the descriptor."""
    await bring_up(dut)
    bench = ReadBench(dut)
    runs = [0, 2, 0, 0, 15, 0, 1, 2] * 4
    for row in range(2):
        bench.memory[row] = [(runs[row * I + e], 5 + e) for e in range(I)]
    bench.descs = [Desc(ROW, 0, I + 2)]
    await bench.step()
    await bench.step()
    assert bench.reader.rows, "the first row is not there"
    await bench.step()
    for _ in range(5):
        await bench.step()
    assert bench.seen["rows"] == 2


@for_profiles(globals())
async def random(dut, profile):
    """Goal: any blocks. Stimulus: counts from one to what fits, NULL and END between, pauses of
    descriptors and of the taker. Check: every read, row and position."""
    await bring_up(dut)
    bench = ReadBench(dut, profile)
    most = min(most_within(1 << LIN), (1 << BUILD.CountWidth) - 1, BUILD.IaramRows * I)
    await bench.run(most, 60)
    assert bench.seen["rows"] and not bench.seen["errors"]


@leaf_test
async def extremes(dut):
    """Goal: dense tiles, full FIFO. Stimulus: runs of 0, the largest counts; nothing is taken for a
    while. Check: every row; the FIFO was full."""
    await bring_up(dut)
    bench = ReadBench(dut)
    bench.fill(1 << LIN, run=1)
    most = min(1 << LIN, (1 << BUILD.CountWidth) - 1, BUILD.IaramRows * I)
    bench.descs = [Desc(ROW, 0, most), Desc(END), Desc(ROW, 0, most), Desc(NULL), Desc(ROW, 0, 1)]
    for _ in range(12):
        await bench.step(pop=False)
    while bench.descs or bench.reader.rows:
        await bench.step()
    assert bench.seen["full"]


@leaf_test
async def throughput(dut):
    """Goal: a row per cycle. Stimulus: 30 descriptors of one row each. Check: a read in each of 30
    cycles."""
    await bring_up(dut)
    bench = ReadBench(dut)
    bench.descs = [Desc(ROW, k % BUILD.IaramRows, 1 + k % I) for k in range(30)]
    for _ in range(30):
        await bench.step()
    assert not bench.descs
    for _ in range(3):
        await bench.step()
    assert bench.seen["rows"] == 30


@leaf_test
async def bad_positions(dut):
    """Goal: positions past the tile. Stimulus: blocks that go on too far, with small limits, the
    limit itself among the positions. Check: error and first position of each such row."""
    await bring_up(dut)
    bench = ReadBench(dut)
    for limit in (1, 7, (1 << LIN) - 1, 1 << LIN):
        bench.fill(limit)
        await bench.exactly(limit)
        # At most a row past the limit: what is behind an error has no meaning.
        for _ in range(12):
            bench.descs = [bench.block(min(most_within(limit) + I, (1 << BUILD.CountWidth) - 1))]
            while bench.descs or bench.reader.rows or bench.reader.inflight is not None:
                await bench.step()
            for _ in range(4):
                await bench.step()
    assert bench.seen["errors"] > 4


@leaf_test
async def directed_clear(dut):
    """Goal: nothing is left behind a clear. Stimulus: a clear after 0 to 9 cycles of a long block,
    whose second row was to come. Check: nothing comes; the next block is whole."""
    await bring_up(dut)
    bench = ReadBench(dut)
    for cycles in range(10):
        bench.descs = [Desc(ROW, 0, min(most_within(1 << LIN), 3 * I))]
        for _ in range(cycles):
            await bench.step(pop=cycles % 2 == 0)
        await bench.step(clr=True)
        bench.descs.clear()
        for _ in range(3):
            await bench.step()
        await bench.run(2 * I, 2)


@leaf_test
async def reset_mid(dut):
    """Goal: reset at work. Stimulus: a reset in a long block. Check: nothing comes; the next is
    whole."""
    await bring_up(dut)
    bench = ReadBench(dut)
    bench.descs = [Desc(ROW, 0, 3 * I)]
    for _ in range(4):
        await bench.step(pop=False)
    bench.pins.drive(**dict.fromkeys(INPUTS, 0))
    await reset(dut)
    bench.reader, bench.over, bench.descs = (
        ActReader(BUILD, Setting(), bench.memory),
        [None] * 3,
        [],
    )
    await bench.run(2 * I, 3)
