"""Errors of SCNN while it computes: in every unit, at any time, and what is left behind them.

Layers that overflow are compiled for a build in which they do not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar

import cocotb
import numpy as np
from cocotb.triggers import ClockCycles
from numpy.typing import NDArray

from models.layer import Layer
from models.program import Pass, PassCycles, Program
from models.scnn.blocks import decode
from models.scnn.config import ScnnConfig
from models.scnn.geometry import Geometry
from models.scnn.packets import PeData, Rows
from models.scnn.registers import Mode
from models.scnn.runs import positions
from models.socket import ErrorCode, Phase
from tb.common.tests.errors import Case
from tb.common.uvm.items import Expected, Job
from tb.common.uvm.sequences import RunJob
from tb.scnn.top.spoilt import ScnnBad, acts_of_pass, error, with_acts
from tb.scnn.top.stimulus import CFG, field, with_cfg, with_mode

#: Cycles from a look at STATUS to the soft reset behind it.
TELL = 16
#: ERR_POS = {pe, detail}.
PE_SHIFT = 24
LOADS = int(Mode.LOAD_WGT | Mode.LOAD_ACT)


def bank_of(position: int, k: int, kc: int, config: ScnnConfig) -> int:
    """Bank and entry, as ERR_POS tells them, of an accumulator: position in the tile of a PE,
    output channel of the group."""
    quarter, group = config.banks // 4, k >> 2
    low, high = position % quarter, position // quarter
    place = (position + 3 * group) % quarter
    if config.bank_map == 1:
        place = low
    elif config.bank_map == 2:
        place = low ^ high % quarter ^ 3 * group % quarter
    bank = (k & 3) * quarter + place
    return bank * config.entries + group * (config.entries * 4 // kc) + high


def row_of_tap(rows: Rows, geo: Geometry, tap: int) -> int:
    """First row that has an entry at that position of the kernel or behind it."""
    blocks = decode(rows, geo)
    vector = np.repeat(np.arange(blocks.lanes.size), blocks.lanes)
    row = np.argwhere(rows.valid)[:, 0][vector]
    return int(row[blocks.tap >= tap].min())


def edited(rows: Rows, **changes: tuple[Any, int]) -> Rows:
    """Rows with some fields changed: name -> (place, value)."""
    fields = {name: values.copy() for name, values in vars(rows).items()}
    for name, (place, value) in changes.items():
        fields[name][place] = value
    return Rows(**fields)


class BadBlockRange(ScnnBad):
    """Goal: rows of weights that name what is not there. Stimulus: in the first, a middle and the
    last row, in its first and last vector: more lanes than a vector has, a channel past C; a window
    past all; a run that goes past the last position of the kernel; fewer positions than the blocks
    have; more groups than there are ends, up to the end of the buffer. Check: BLOCK_RANGE at the
    row; then exact."""

    limit_us = 40_000

    def cases(self) -> list[Case]:
        config, item, maker = self.cfg.config, self.item, self.maker
        rows, base, code = maker.rows_of(item), field(item, "WGT_BASE"), error("BLOCK_RANGE")
        geo = Geometry.of(item.cfg)
        used = rows.valid & (1 - rows.end)
        inner = np.flatnonzero(used.any(axis=1))
        wrong: list[tuple[str, int, dict[str, tuple[Any, int]]]] = []
        for row in dict.fromkeys(inner[[0, inner.size // 2, -1]].tolist()):
            slots = np.flatnonzero(used[row])
            for slot in dict.fromkeys((int(slots[0]), int(slots[-1]))):
                at = (row, slot)
                wrong.append((f"lanes{slot}", row, {"n": (at, config.f + 1)}))
                wrong.append((f"lanes_most{slot}", row, {"n": (at, 31)}))
                wrong.append((f"channel{slot}", row, {"sub": (at, geo.c % 8)}))
            wrong.append(("window_most", row, {"window": (row, 0xFFFF)}))
            wrong.append(("window", row, {"window": (row, -(-geo.c // 8))}))
        cases = [
            Case(f"{name}_{row}", maker.with_rows(item, edited(rows, **what)), code, base + row)
            for name, row, what in wrong
        ]
        for row, slot in np.argwhere(used & rows.last)[-2:].tolist():
            far = edited(rows, run=((row, slot, int(rows.n[row, slot]) - 1), 15))
            blocks = decode(far, geo)
            if (blocks.tap >= geo.taps).any():
                cases.append(Case(f"run_{row}", maker.with_rows(item, far), code, base + row))
        for taps in (1, geo.taps - 1):
            row = row_of_tap(rows, geo, taps)
            cases.append(Case(f"taps_{taps}", with_cfg(item, TAPS=taps), code, base + row))
        # Behind the last end nothing but unused rows, up to the last row there is.
        blank = Rows.empty(config.wgt_depth - base - len(rows), config)
        full = maker.with_rows(item, Rows.joined((rows, blank)))
        more = with_cfg(full, NUM_GROUPS=geo.num_groups + 1, LAST_K=1)
        cases.append(Case("ends", more, code, config.wgt_depth))
        return cases


class BadActRange(ScnnBad):
    """Goal: activations outside of their tile. Stimulus: a run of 15 at the first and the last
    entry of every channel, in every PE; in all PEs at once. Check: ACT_RANGE at {PE, position}, of
    several the lowest PE; then exact."""

    limit_us = 40_000

    def cases(self) -> list[Case]:
        config, item = self.cfg.config, self.item
        each = acts_of_pass(item, config)
        cases = []
        for pe, one in enumerate(each):
            for channel, count in enumerate(one.counts.tolist()):
                for entry in dict.fromkeys((0, count - 1)) if count else ():
                    changed, where = too_far(one, channel, entry, config.i)
                    if where is None or where < field(item, "TILE_H") * field(item, "PITCH"):
                        continue
                    parts = [*each[:pe], changed, *each[pe + 1 :]]
                    spoilt = with_acts(item, parts, config)
                    name = f"far_{pe}_{channel}_{entry}"
                    position = pe << PE_SHIFT | where
                    cases.append(Case(name, spoilt, error("ACT_RANGE"), position))
        assert cases, "no run is long enough"
        return cases

    async def scenario(self) -> None:
        await super().scenario()
        config = self.cfg.config
        for size in (1, 2):  # a tile of one position, and one of four
            layer = self.maker.layer((4, 1, 1, 1), (size * config.pe_y, size * config.pe_x))
            job = self.maker.job(layer, f"together{size}", replace(config, kc=4))
            each = acts_of_pass(job.passes[0], config)
            for first in dict.fromkeys((0, config.pes - 1)):
                parts = [
                    too_far(one, 0, 0, config.i)[0] if pe >= first else one
                    for pe, one in enumerate(each)
                ]
                spoilt = with_acts(job.passes[0], parts, config)
                position = first << PE_SHIFT | 15
                case = Case(f"from_{first}_of_{size}", spoilt, error("ACT_RANGE"), position)
                await self.fails(case, job)
                await self.run_good()


def too_far(one: PeData, channel: int, entry: int, lanes: int) -> tuple[PeData, int | None]:
    """A PE's data with a run of 15 at an entry of a channel, and the position of that entry."""
    row = int((-(-one.counts[:channel] // lanes)).sum())
    count = int(one.counts[channel])
    run = one.run.copy()
    if run[row + entry // lanes, entry % lanes] == 15:
        return one, None
    run[row + entry // lanes, entry % lanes] = 15
    flat = run[row : row + -(-count // lanes)].ravel()[:count]
    place = positions(np.zeros(count, dtype=np.int64), flat)
    return replace(one, run=run), int(place[entry])


class Overflow(ScnnBad):
    """Base: jobs that overflow."""

    limit_us: ClassVar[float] = 40_000

    async def ends(
        self,
        label: str,
        layers: Layer,
        passes: Sequence[Pass],
        code: ErrorCode,
        position: int,
    ) -> None:
        """Passes of which the last one must end in the error; then a good one."""
        cocotb.log.info("%s", label)
        program = Program("scnn", tuple(passes))
        job = Job((layers,), program, self.cfg.config, label)
        job.expected = Expected(len(passes) - 1, code, position)
        await self.run_job(job)
        await self.run_good()

    def item_of(self, layer: Layer, **options: Any) -> Pass:
        """The one pass of a layer, compiled for a build that holds all of it."""
        config = self.cfg.config
        large = {"acc_width": 40, "iaram_rows": 65536, "count_width": 12} | options
        program = self.maker.design.compile(layer, replace(config, **{"kc": 4} | large))
        (item,) = program.passes
        return item

    def only(self, pe: int, channels: int, size: tuple[int, int], value: int) -> NDArray[np.int64]:
        """Planes [1, C, H, W] of tiles of that size, with the value in the first pixel of a PE."""
        config = self.cfg.config
        acts = np.zeros((1, channels, size[0] * config.pe_y, size[1] * config.pe_x), np.int64)
        y, x = divmod(pe, config.pe_x)
        acts[:, :, y * size[0], x * size[1]] = value
        return acts

    @property
    def some_pes(self) -> list[int]:
        """The first, a middle and the last PE."""
        pes = self.cfg.config.pes
        return list(dict.fromkeys((0, pes // 2, pes - 1)))


class BadAccumulator(Overflow):
    """Goal: sums that leave the accumulator, on both sides. Stimulus: a product, merged products, a
    sum in a bank, one in the halo, a result by what was carried in, by its bias; in the first, a
    middle and the last PE, in all at once. Check: ACC_OVERFLOW at {PE, channel of the group} or
    {PE, bank and entry}, of several the lowest PE; then exact."""

    async def scenario(self) -> None:
        assert self.cfg.config.acc_width <= 30, "needs a build whose accumulators overflow"
        self.half = 1 << self.cfg.config.acc_width - 2
        for pe in self.some_pes:
            await self.product(pe)
            await self.bank(pe)
            await self.bias(pe)
            await self.carried(pe)
        await self.together()
        await self.merged()
        await self.halo()

    def factors(self, product: int) -> tuple[int, int]:
        """Two factors of a power of two that fit their widths."""
        bits = product.bit_length() - 1
        return 1 << bits // 2, 1 << bits - bits // 2

    async def product(self, pe: int) -> None:
        """One product that does not fit."""
        for k, sign in ((0, 1), (3, -1), (5, 1)):
            weights = np.zeros((6, 1), dtype=np.int64)
            weights[k] = sign * self.maker.wgt_max
            layer = Layer(weights[:, :, None, None], self.only(pe, 1, (2, 2), self.maker.act_max))
            item = self.item_of(layer)
            position = pe << PE_SHIFT | k % 4
            await self.ends(f"product_{pe}_{k}", layer, [item], ErrorCode.ACC_OVERFLOW, position)

    async def bank(self, pe: int) -> None:
        """Products that fit, one too many of them."""
        one, other = self.factors(self.half)
        for sign, channels in ((1, 2), (-1, 3)):
            weights = np.zeros((6, channels, 1, 1), dtype=np.int64)
            weights[5] = sign * one
            layer = Layer(weights, self.only(pe, channels, (2, 2), other))
            where = bank_of(0, 1, 4, self.cfg.config)
            position = pe << PE_SHIFT | where
            item = self.item_of(layer)
            await self.ends(f"bank_{pe}_{sign}", layer, [item], ErrorCode.ACC_OVERFLOW, position)

    async def bias(self, pe: int) -> None:
        """A sum and a bias."""
        one, other = self.factors(self.half)
        for sign in (1, -1):
            weights = np.zeros((6, 1, 1, 1), dtype=np.int64)
            weights[4] = sign * one
            bias = np.zeros(6, dtype=np.int64)
            bias[4] = sign * (self.half + (sign < 0))
            layer = Layer(weights, self.only(pe, 1, (2, 2), other), bias=bias)
            position = pe << PE_SHIFT
            item = self.item_of(layer)
            await self.ends(f"bias_{pe}_{sign}", layer, [item], ErrorCode.ACC_OVERFLOW, position)

    async def carried(self, pe: int) -> None:
        """A sum and what was carried in."""
        config = self.cfg.config
        for sign in (1, -1):
            weights = np.full((6, 1, 1, 1), sign)
            layer = Layer(weights, self.only(pe, 1, (2, 2), 1))
            item = with_cfg(self.item_of(layer), CARRY_IN_X=0xFFFF, COUT_BASE=24)
            each = []
            for number, one in enumerate(acts_of_pass(item, config)):
                carry = np.zeros(24, dtype=np.int64)
                if number == pe:  # the first pixel of the last channel
                    carry[20] = 2 * self.half - 1 if sign > 0 else -2 * self.half
                each.append(replace(one, carry=carry))
            item = with_acts(item, each, config)
            position = pe << PE_SHIFT | 1
            await self.ends(f"carried_{pe}", layer, [item], ErrorCode.ACC_OVERFLOW, position)

    async def together(self) -> None:
        """The same in all PEs."""
        config = self.cfg.config
        acts = sum(self.only(pe, 1, (2, 2), self.maker.act_max) for pe in range(config.pes))
        layer = Layer(np.full((4, 1, 1, 1), self.maker.wgt_max), acts)
        await self.ends("together", layer, [self.item_of(layer)], ErrorCode.ACC_OVERFLOW, 0)

    async def merged(self) -> None:
        """Two products of a step that fit, and their sum does not."""
        config = self.cfg.config
        if not config.merge:
            return
        one, other = self.factors(self.half)
        weights = np.zeros((4, 1, 1, 2), dtype=np.int64)
        weights[2] = one
        acts = self.only(config.pes - 1, 1, (1, 2), other)
        acts[0, 0, -1, -1] = other
        layer = Layer(weights, acts)
        item = self.item_of(layer, merging=True)
        position = config.pes - 1 << PE_SHIFT | 2
        await self.ends("merged", layer, [item], ErrorCode.ACC_OVERFLOW, position)

    async def halo(self) -> None:
        """A sum to which a neighbour's is added."""
        config = self.cfg.config
        one, other = self.factors(self.half)
        for across in (True, False):
            if (config.pe_x if across else config.pe_y) == 1:
                continue
            weights = np.zeros((4, 1, 1, 2) if across else (4, 1, 2, 1), dtype=np.int64)
            weights[3] = one
            acts = np.zeros((1, 1, 2 * config.pe_y, 2 * config.pe_x), dtype=np.int64)
            # The last pixel of a PE's tile and the first one of the next.
            if across:
                acts[0, 0, 0, 1:3] = other
            else:
                acts[0, 0, 1:3, 0] = other
            layer = Layer(weights, acts)
            item = self.item_of(layer)
            place = 2 * (1 if across else field(item, "PITCH"))
            position = bank_of(place, 3, 4, config)
            await self.ends(f"halo_{across}", layer, [item], ErrorCode.ACC_OVERFLOW, position)


class BadResults(Overflow):
    """Goal: results larger than their memory. Stimulus: more rows than it has, in the first, a
    middle and the last PE, behind results of other passes; a channel with more entries than can be
    counted; more channels than there are counts. Check: OARAM_OVERFLOW at {PE, channel}; then
    exact."""

    limit_us = 200_000

    async def scenario(self) -> None:
        config = self.cfg.config
        for pe in self.some_pes:
            await self.rows(pe)
            await self.count(pe)
        # Results that are zero fill no row.
        layer = Layer(np.ones((4, 1, 1, 1), dtype=np.int64), self.only(0, 1, (1, 1), 0))
        await self.appended("channels", layer, config.max_c, 0)

    def dense(self, pe: int, pixels: int, channels: int) -> NDArray[np.int64]:
        """A row of pixels in one PE, all filled, one after the other in the channels."""
        acts = self.only(pe, channels, (1, pixels), 0)
        y, x = divmod(pe, self.cfg.config.pe_x)
        for at in range(pixels):
            acts[0, at % channels, y, x * pixels + at] = 1
        return acts

    async def rows(self, pe: int) -> None:
        """One row too many."""
        config = self.cfg.config
        pixels = min(config.max_count, config.lin_size(4), 255)
        layer = Layer(np.ones((4, 1, 1, 1), dtype=np.int64), self.dense(pe, pixels, 1))
        channel = config.iaram_rows // -(-pixels // config.i)
        await self.appended(f"rows_{pe}", layer, channel, pe)

    async def appended(self, label: str, layer: Layer, channel: int, pe: int) -> None:
        """Groups of four channels behind each other; that channel must be the first too many."""
        first = with_mode(self.item_of(layer), off=int(Mode.OUTPUT))
        first = replace(first, out_words=0)
        more = replace(with_mode(first, on=int(Mode.OA_KEEP), off=LOADS), wgt=None, act=None)
        passes = [first, *[more] * (channel // 4)]
        position = pe << PE_SHIFT | channel
        await self.ends(label, layer, passes, error("OARAM_OVERFLOW"), position)

    async def count(self, pe: int) -> None:
        """One entry too many."""
        config = self.cfg.config
        pixels = config.max_count + 1
        if pixels > min(config.lin_size(4), 255) or -(-pixels // config.i) > config.iaram_rows:
            return  # a tile of this build holds no such channel
        layer = Layer(np.ones((4, 2, 1, 1), dtype=np.int64), self.dense(pe, pixels, 2))
        item = self.item_of(layer)
        position = pe << PE_SHIFT
        await self.ends(f"count_{pe}", layer, [item], error("OARAM_OVERFLOW"), position)


class BadCarry(Overflow):
    """Goal: carried sums past their memory. Stimulus: the first tile of a plane of several, its
    sums sent to the last word; more sums to come in than the memory has. Check: CARRY_OVERFLOW at
    {PE, channel of the group} of the first one in time, of several the lowest PE; then exact."""

    async def scenario(self) -> None:
        await self.out()
        await self.into()

    async def out(self) -> None:
        """Two words for the last place."""
        config = self.cfg.config
        room = config.lin_size(4)
        plane = (2, config.pe_x * (room // 2 + 2))
        layer = self.maker.layer((4, 1, 2, 2), plane, density=0.5, act_density=0.3)
        item = self.maker.job(layer, "out", replace(config, kc=4)).passes[0]
        geo = Geometry.of(item.cfg)
        found = geo.regions(config)
        box = found.carry_out.shape[1]
        seconds = []
        for pe, goes in enumerate(found.carry_out):
            times = [k * box + int(at) for k in range(4) for at in np.flatnonzero(goes)]
            if len(times) > 1:
                seconds.append((times[1], pe))
        when, pe = min(seconds)
        item = with_cfg(item, COUT_BASE=config.carry_depth - 1)
        position = pe << PE_SHIFT | when // box
        await self.ends("carry_out", layer, [item], error("CARRY_OVERFLOW"), position)

    async def into(self) -> None:
        """One word more than there are."""
        config = self.cfg.config
        pixels = min(config.lin_size(4), 255)
        channel = config.carry_depth // pixels
        filters = channel + 1
        if filters > config.bias_depth:
            await self.run_good()
            return  # a pass of this build has not so many sums
        layer = Layer(np.ones((filters, 1, 1, 1), dtype=np.int64), self.only(0, 1, (1, pixels), 0))
        item = with_cfg(self.item_of(layer), CARRY_IN_X=0xFFFF)
        none = np.zeros(config.carry_depth, dtype=np.int64)
        each = [replace(one, carry=none) for one in acts_of_pass(item, config)]
        item = with_acts(item, each, config)
        await self.ends("carry_in", layer, [item], error("CARRY_OVERFLOW"), channel % 4)


class BadLongBlock(Overflow):
    """Goal: a block longer than the weight FIFO. Stimulus: as many vectors as the FIFO has places
    and a row more, without an end. Check: TIMEOUT in COMPUTE, nothing hangs; then exact."""

    async def scenario(self) -> None:
        config, maker = self.cfg.config, self.maker
        size, number = config.row_vectors, config.wgt_fifo // config.row_vectors + 1
        kc = min(kc for kc in config.kc_choices if kc * 9 >= number * size)
        layer = maker.layer((kc, 1, 3, 3), maker.plane, density=0.3, padding=1)
        item = self.item_of(layer, kc=kc)
        rows = Rows.empty(number + 1, config)
        rows.valid[:number], rows.n[:number], rows.value[:number, :, 0] = 1, 1, 1
        rows.last[number - 1, -1] = 1
        rows.valid[number, 0] = rows.end[number, 0] = rows.last[number, 0] = 1
        item = maker.with_rows(item, rows)
        await self.ends("long", layer, [item], ErrorCode.TIMEOUT, int(Phase.COMPUTE))


class ResetCompute(ScnnBad):
    """Goal: a soft reset at any time of a compute phase, in all units at the edges of blocks and
    groups. Stimulus: a good pass, cut as the first one, then in random cycles of its compute phase;
    one with OA_KEEP.
    Check: the same pass on what was loaded is exact, without loading it again; behind a cut nothing
    is left to send or to go on with, and with OA_KEEP the next pass is exact, too."""

    limit_us: ClassVar[float] = 200_000

    def times(self, cycles: int) -> Sequence[int]:
        """Cycles of the compute phase in which it is cut."""
        return sorted(self.cfg.rng.integers(0, cycles - TELL, 12).tolist())

    async def scenario(self) -> None:
        sums = self.env.scoreboard.sums
        job = self.maker.good("cut")
        feeds = await RunJob(self.env, job).begin(job.passes[0])
        while (await self.env.registers.state()).phase != Phase.COMPUTE:
            pass
        await self.stop(job, feeds)
        await self.run_job(job)
        begin = sums["cycles_wgt"] + sums["cycles_act"] + 8
        cycles = sums["cycles_compute"]
        for at in self.times(cycles):
            await self.cut(job, job.passes[0], begin + at)
            await self.again(job)
        await self.kept(job, begin, cycles)
        await self.run_good()

    async def kept(self, job: Job, begin: int, cycles: int) -> None:
        """A pass that was to go on with results of others leaves none of them."""
        (item,) = job.passes
        keeps = with_mode(item, on=int(Mode.OA_KEEP))
        alone = with_mode(replace(item, wgt=None, act=None), off=LOADS | int(Mode.COMPUTE))
        word = CFG.fields["OUT_CHANNELS"].word
        for at in (cycles // 2, cycles - 30):
            await self.run_good()
            await self.cut(job, keeps, begin + at)
            await self.fails(Case("kept", alone, ErrorCode.GEOMETRY, word), job)
            await self.whole(job, keeps)
        # Behind a SWAP there is nothing to go on with, either.
        await self.whole(job, with_mode(item, on=int(Mode.SWAP)))
        await self.whole(job, keeps)

    async def whole(self, job: Job, item: Pass) -> None:
        """The job in another pass."""
        other = Job(job.layers, job.program, job.config, f"{job.label}_whole")
        other.passes = (item,)
        await self.run_job(other)

    async def cut(self, job: Job, item: Pass, cycles: int) -> None:
        """Start a pass of the job, reset so many cycles later."""
        feeds = await RunJob(self.env, job).begin(item)
        await ClockCycles(self.cfg.dut.clk_i, cycles)
        await self.stop(job, feeds)

    async def stop(self, job: Job, feeds: list[cocotb.task.Task]) -> None:
        """Reset a pass that computes, whose packets are on their way."""
        env = self.env
        state = await env.registers.state()
        assert state.phase in (Phase.COMPUTE, Phase.OUTPUT), str(state)
        await env.registers.soft_reset()
        for feed in feeds:
            await env.joined(feed, job.label)
        await env.take_back(job.label)
        await env.close_results(job.label)

    async def again(self, job: Job) -> None:
        """The job without its packets."""
        (item,) = job.passes
        design, cycles = self.cfg.design, self.cfg.cycles
        alone = replace(with_mode(item, off=LOADS), wgt=None, act=None)

        def loaded(program: Program, config: ScnnConfig) -> list[PassCycles]:
            passes = (item, *program.passes)
            return design.cycles(replace(program, passes=passes), config)[1:]

        self.cfg.cycles = loaded
        other = Job(job.layers, job.program, job.config, f"{job.label}_again")
        other.passes = (alone,)
        await self.run_job(other)
        self.cfg.cycles = cycles


class ResetComputeSweep(ResetCompute):
    """Goal: as reset_compute. Stimulus: cut in every cycle of the compute phase. Check: as
    there."""

    def times(self, cycles: int) -> Sequence[int]:
        return range(cycles - TELL)


TIMES: tuple[type[ScnnBad], ...] = (BadBlockRange, BadActRange, BadAccumulator, BadResults)
TIMES += (BadCarry, BadLongBlock, ResetCompute)
