"""lac_scnn_admit against the rule of admission."""

from __future__ import annotations

from tb.common.bfm.block import bring_up, config, for_profiles, leaf_test, reset
from tb.scnn.blocks import cases
from tb.scnn.blocks.lockstep import Lockstep, fields
from tb.scnn.blocks.reference import Build, Lane, Row, Vector, admit, row_ready

CONFIG = config()
BUILD = Build(
    **{
        n: CONFIG[n]
        for n in ("F", "I", "RowVectors", "WgtFifo", "IaramRows", "CountWidth", "MaxC")
        if n in CONFIG
    },
    MaxKc=1 << CONFIG.get("KWidth", 6),
    Entries=(1 << CONFIG.get("LinWidth", 8)) // 8,
    Banks=32,
)
LANES = BUILD.F * (BUILD.k_width + BUILD.lin_width + 16)
VEC = 1 + BUILD.F.bit_length() + BUILD.F + LANES
DESC = 2 + cases.address_width(BUILD) + BUILD.CountWidth
INPUTS = (
    "clr_i",
    "empty_step_i",
    "row_take_i",
    "row_i",
    "cnt_data_i",
    "vec_level_i",
    "desc_level_i",
)
OUTPUTS = ("row_ready_o", "cnt_rd_en_o", "cnt_addr_o", "vec_valid_o", "vec_o", "desc_valid_o",
           "desc_o", "ev_skip_o")  # fmt: skip


class AdmitBench(Lockstep):
    """Rows in, what must come out one cycle later."""

    def __init__(self, dut, profile: str = "none"):
        super().__init__(dut, INPUTS, OUTPUTS, profile)
        self.staged: tuple[Row, int, list[int]] | None = None
        self.empty_step = 0
        self.seen = {"kept": 0, "descs": 0, "skips": 0, "full": 0}

    def row(self) -> Row:
        """Any row."""
        vectors = []
        for _ in range(BUILD.RowVectors):
            lanes = tuple(
                Lane(self.number(1 << BUILD.k_width), self.number(1 << BUILD.lin_width),
                     self.number(1 << 16) if self.chance(0.8) else 0)
                for _ in range(self.number(BUILD.F + 1))
            )  # fmt: skip
            end = self.chance(0.1)
            vectors.append(
                Vector(() if end else lanes, self.number(8), end or self.chance(0.5), end,
                       self.chance(0.8))
            )  # fmt: skip
        return Row(self.number(BUILD.MaxC // 8), tuple(vectors))

    def counts(self) -> tuple[int, list[int]]:
        """First row and counts of a window, many of them 0."""
        most = 1 << BUILD.CountWidth
        counts = [self.number(most) if self.chance(0.6) else self.number(2) for _ in range(8)]
        return self.number(BUILD.IaramRows), counts

    async def step(self, row: Row | None, levels: tuple[int, int], clr: bool = False) -> None:
        """One cycle with a row, or without."""
        values = {"clr_i": int(clr), "empty_step_i": self.empty_step}
        values |= dict(zip(("vec_level_i", "desc_level_i"), levels, strict=True))
        if row is not None:
            values |= {"row_take_i": 1, "row_i": cases.row_word(BUILD, row, self.draw)}
        if self.staged is not None:
            values["cnt_data_i"] = cases.counts_word(BUILD, *self.staged[1:])
        seen = await self.cycle(**values)
        self.same("ready", seen["row_ready_o"], row_ready(BUILD, *levels, self.staged is not None))
        self.same("count read", seen["cnt_rd_en_o"], int(row is not None))
        if row is not None:
            self.same("window", seen["cnt_addr_o"], row.window)
        vectors: list[Vector] = []
        descs: list[cases.Desc] = []
        skips = 0
        if self.staged is not None:
            vectors, descs, skips = admit(BUILD, *self.staged, bool(self.empty_step))
        self.same("vectors", seen["vec_valid_o"], (1 << len(vectors)) - 1)
        for found, vector in zip(
            fields(seen["vec_o"], VEC, BUILD.RowVectors), vectors, strict=False
        ):
            used = len(vector.lanes) * (LANES // BUILD.F)
            want = cases.vector_word(BUILD, vector)
            self.same("vector", found >> LANES, want >> LANES)
            self.same("lanes", found & (1 << used) - 1, want & (1 << used) - 1)
        self.same("descriptors", seen["desc_valid_o"], (1 << len(descs)) - 1)
        for found, desc in zip(fields(seen["desc_o"], DESC, BUILD.RowVectors), descs, strict=False):
            self.same("kind", found >> DESC - 2, desc.kind)
            if desc.kind == 0:
                base = desc.base % (1 << cases.address_width(BUILD))
                self.same(
                    "descriptor", found, cases.desc_word(BUILD, cases.Desc(0, base, desc.count))
                )
        self.same("skips", seen["ev_skip_o"], skips)
        self.seen["kept"] += len(vectors)
        self.seen["descs"] += len(descs)
        self.seen["skips"] += skips
        self.staged = None if row is None or clr else (row, *self.counts())

    async def traffic(self, cycles: int) -> None:
        """Rows whenever there is room, at any levels."""
        for _ in range(cycles):
            levels = (self.number(BUILD.WgtFifo + 1), self.number(BUILD.WgtFifo + 1))
            if self.chance(0.7):
                levels = (levels[0] // 3, levels[1] // 3)
            ready = row_ready(BUILD, *levels, self.staged is not None)
            self.seen["full"] += not ready
            go = ready and not self.paused("row")
            await self.step(self.row() if go else None, levels)


@leaf_test
async def smoke(dut):
    """Goal: one block, and the latency of the header. Stimulus: a row with one vector of a channel
    that has activations. Check: vector and descriptor in the next cycle."""
    await bring_up(dut)
    bench = AdmitBench(dut)
    empty = Vector((), valid=False)
    vector = Vector((Lane(1, 2, 3),), 2, last=True)
    await bench.step(Row(1, (vector, *[empty] * (BUILD.RowVectors - 1))), (0, 0))
    assert bench.staged is not None
    bench.staged = (bench.staged[0], 4, [1, 0, 3, 0, 0, 0, 0, 0])
    await bench.step(None, (0, 0))
    assert bench.seen["kept"] == bench.seen["descs"] == 1


@for_profiles(globals())
async def random(dut, profile):
    """Goal: any rows, counts and levels. Stimulus: holes, ends, blocks without weights and channels
    without activations, with the pauses of the profile, EMPTY_STEP off and on. Check: every output
    in every cycle."""
    await bring_up(dut)
    bench = AdmitBench(dut, profile)
    for bench.empty_step in (0, 1):
        await bench.traffic(150)
    assert all(bench.seen.values()), bench.seen


@leaf_test
async def directed_levels(dut):
    """Goal: rows are taken as long as both queues have room. Stimulus: every pair of levels near
    the border, with and without a row in the stage. Check: ready."""
    await bring_up(dut)
    bench = AdmitBench(dut)
    near = range(max(0, BUILD.WgtFifo - 3 * BUILD.RowVectors), BUILD.WgtFifo + 1)
    for one in near:
        for other in (0, one, BUILD.WgtFifo):
            for levels in ((one, other), (other, one)):
                await bench.step(bench.row() if row_ready(BUILD, *levels, False) else None, levels)
                if bench.staged is not None:
                    await bench.step(None, levels)


@leaf_test
async def throughput(dut):
    """Goal: a row per cycle. Stimulus: 40 rows without a gap. Check: every output in every
    cycle."""
    await bring_up(dut)
    bench = AdmitBench(dut)
    for _ in range(40):
        await bench.step(bench.row(), (0, 0))
    await bench.step(None, (0, 0))


@leaf_test
async def directed_clear(dut):
    """Goal: a clear drops the row in the stage. Stimulus: rows with a clear in the cycle, into an
    empty stage and behind another row. Check: nothing comes out behind it; the next row does."""
    await bring_up(dut)
    bench = AdmitBench(dut)
    for turn in range(6):
        if turn % 2:
            await bench.step(bench.row(), (0, 0))
        await bench.step(bench.row() if turn % 3 else None, (0, 0), clr=True)
        await bench.step(None, (0, 0))
        await bench.step(bench.row(), (0, 0))
        await bench.step(None, (0, 0))


@leaf_test
async def reset_mid(dut):
    """Goal: reset with a row in the stage. Stimulus: a row, then a reset. Check: nothing comes
    out."""
    await bring_up(dut)
    bench = AdmitBench(dut)
    await bench.step(bench.row(), (0, 0))
    bench.pins.drive(row_take_i=0)
    await reset(dut)
    bench.staged = None
    await bench.step(None, (0, 0))
    await bench.step(bench.row(), (0, 0))
    await bench.step(None, (0, 0))
