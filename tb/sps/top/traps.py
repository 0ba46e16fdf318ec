"""Tests of what is special to SPS: periods, patterns, residues, borders, tables, chains.

Every test asserts that the trap it is named after was there in what it drove, by what the model of
the index unit makes of the program.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import product

import numpy as np
from numpy.typing import NDArray
from pyuvm import uvm_tlm_analysis_fifo

from models.array.packets import Mode
from models.golden import golden
from models.layer import Layer
from models.packets import activation_packet_of, packet_of
from models.program import Pass
from models.sps.arrange import Options
from models.sps.registers import Kind
from tb.common.stimulus import Mask, one_phase
from tb.common.uvm.env import no_totals
from tb.common.uvm.items import Job
from tb.sps.top.env import SpsTest
from tb.sps.top.stimulus import field, with_cfg

Words = NDArray[np.uint64]


class Trap(SpsTest):
    """What these tests share."""

    limit_us = 20_000

    async def run_layer(self, layer: Layer, label: str, options: Options | None = None) -> Job:
        """A layer as the compiler arranges it."""
        job = self.maker.job(layer, label, options=options)
        await self.run_job(job)
        return job

    async def run_passes(self, job: Job, label: str, passes: Iterable[Pass]) -> None:
        """The job in other passes."""
        other = Job(job.layers, job.program, job.config, label)
        other.passes = tuple(passes)
        await self.run_job(other)

    def periods(self, job: Job) -> set[int]:
        """PERIOD of the passes of a job."""
        return {field(item, "PERIOD") for item in job.passes}

    def all_of(self, sizes: Iterable[int], period: int = 2) -> Mask:
        """Patterns in a window of 3 x 3."""
        return self.maker.patterns(period, 9, list(sizes))


class DirectedPeriodOne(Trap):
    """Goal: a single pattern, P = 1. Stimulus: kernels of one pattern of 1, 4 and 9 positions, and
    of one whose rows and columns are not all in use. Check: exact; PERIOD is 1, each pair of tiles
    takes as many steps as the pattern has positions."""

    async def scenario(self) -> None:
        config, maker = self.cfg.config, self.maker
        line = np.zeros((1, 9), dtype=bool)
        line[0, 1::3] = True
        tables = [maker.patterns(1, 9, [size]) for size in (1, 4, 9)]
        for number, table in enumerate((*tables, line)):
            kernel = (config.cols + 1, config.rows + 1, 3, 3)
            layer = maker.periodic(kernel, (3, 4), table, padding=1)
            job = await self.run_layer(layer, f"one_{number}")
            assert self.periods(job) == {1}
            tiles = sum(scan.tiles for _, _, scan, _ in maker.scans(job))
            assert tiles == 4 * table.sum() * len({item.tag[1] for item in job.passes})


class DirectedPeriodLong(Trap):
    """Goal: P larger than C. Stimulus: one to three channels, with any residues below the longest
    periods of the build; at any rows, the others without a channel. Check: exact; P is above C, and
    residues differ between the rows where they may."""

    async def scenario(self) -> None:
        config, maker = self.cfg.config, self.maker
        for period in {config.max_period, max(2, config.max_period - 1)}:
            for channels in range(1, min(4, period)):
                for kernel in ((3, channels, 3, 3), (config.cols + 1, channels, 1, 1)):
                    layer = maker.layer(kernel, (3, 3), density=0.5, padding=1)
                    job = maker.arranged(layer, f"long_{period}_{kernel}", period)
                    assert self.periods(job) == {period} and period > channels
                    await self.run_job(job)


class DirectedFewOutputs(Trap):
    """Goal: fewer outputs than P. Stimulus: one output and up to P - 1, kernel (k, c) of pattern
    (k + c) mod P, P 2 to 5; as the compiler has them, and at any places. Check: exact; P is above
    the number of outputs."""

    async def scenario(self) -> None:
        config, maker = self.cfg.config, self.maker
        for period in range(2, min(5, config.max_period) + 1):
            for outputs in {1, period - 1}:
                table = maker.patterns(period, 9, [2, 1])
                kernel = (outputs, config.rows + 1, 3, 3)
                layer = maker.periodic(kernel, (3, 3), table, padding=1, bias=True)
                await self.run_layer(layer, f"few_{period}_{outputs}")
                job = maker.arranged(layer, f"few_{period}_{outputs}_any", period)
                assert self.periods(job) == {period} and period > outputs
                await self.run_job(job)


class DirectedChannels(Trap):
    """Goal: channels that do not fill the rows. Stimulus: one, one less than the rows, one more,
    twice the rows less one, P 3. Check: exact; rows were left without a channel."""

    async def scenario(self) -> None:
        config, maker = self.cfg.config, self.maker
        for channels in (1, config.rows - 1, config.rows + 1, 2 * config.rows - 1):
            assert channels % config.rows
            table = maker.patterns(3, 9, [3, 2])
            kernel = (config.cols + 2, channels, 3, 3)
            for act_density in (0.5, 1.0):
                layer = maker.periodic(kernel, (3, 3), table, padding=1, act_density=act_density)
                await self.run_layer(layer, f"channels_{channels}_{act_density}")


class DirectedFullAndEmpty(Trap):
    """Goal: kernels of all weights and of none. Stimulus: patterns of 9 and of 0 positions in turn,
    with others between; layers without any weight. Check: exact; patterns of 0 and of 9 were in one
    pass, and a pair without weights took one tile."""

    async def scenario(self) -> None:
        config, maker, seen = self.cfg.config, self.maker, set()
        mixtures = [9, 0], [0, 9, 1], [0, 5, 9, 0], [0]
        for sizes in (one for one in mixtures if len(one) <= config.max_period):
            table = maker.patterns(len(sizes), 9, sizes)
            kernel = (config.cols + 1, config.rows + 2, 3, 3)
            layer = maker.periodic(kernel, (3, 3), table, padding=1, bias=True)
            rows = np.arange(2 * config.rows).reshape(2, config.rows) % len(sizes)
            rows[1] = rows[1, 0]
            residues = [0, len(sizes) - 1], rows.tolist()
            for job in (
                maker.job(layer, f"full_{sizes}"),
                maker.patterned(table, (3, 3), *residues, (3, 3), f"full_{sizes}_own", padding=1),
            ):
                await self.run_job(job)
                for _, geo, scan, machine in maker.scans(job):
                    found = set(machine.tables.held[Kind.DIR][: geo.period, 1].tolist())
                    seen |= {"both"} if {0, 9} <= found else set()
                    pair = np.ravel_multi_index((scan.kt, scan.ct), (geo.kt, geo.ct))
                    for at in np.unique(pair):
                        if not scan.has[pair == at].any():
                            assert (pair == at).sum() == 1
                            seen.add("none")
        assert seen == {"both", "none"}, seen


class DirectedBorder(Trap):
    """Goal: patterns at the border of the image. Stimulus: each position of a window alone, inputs
    of one pixel up to more than the window, paddings 0 to 3; all of them as patterns of one layer.
    Check: exact, activation reads included; each position left the input on each side, and lay
    wholly outside."""

    async def scenario(self) -> None:
        config, maker = self.cfg.config, self.maker
        seen: set[tuple[int, int]] = set()
        reads = set()
        for place in range(9):
            table = np.zeros((1, 9), dtype=bool)
            table[0, place] = True
            for size, padding in (((1, 1), 1), ((1, 2), 3), ((4, 3), 2), ((3, 4), 0)):
                layer = maker.periodic((2, 3, 3, 3), size, table, padding=padding, act_density=1)
                before = self.env.scoreboard.sums["act_reads"]
                job = await self.run_layer(layer, f"border_{place}_{size}_{padding}")
                reads.add(self.env.scoreboard.sums["act_reads"] - before)
                for _, _, scan, _ in maker.scans(job):
                    has = scan.has.nonzero()
                    seen |= set(zip(scan.dy[has].tolist(), scan.dx[has].tolist(), strict=True))
        assert len(seen) > 1 and len(reads) > 2
        period = min(9, config.max_period)
        for at, (size, padding) in enumerate((((2, 3), 1), ((3, 2), 2), ((5, 5), 0))):
            table = np.zeros((period, 9), dtype=bool)
            table[np.arange(period), maker.rng.permutation(9)[:period]] = True
            kernel = (config.cols, 2 * config.rows, 3, 3)
            layer = maker.periodic(kernel, size, table, padding=padding)
            for more in (0, 0.3):
                await self.run_job(maker.arranged(layer, f"borders_{at}_{more}", period, more=more))


class DirectedPeriods(Trap):
    """Goal: every period, above all those that are no power of two. Stimulus: P from 1 to the most
    of the build, outputs and channels at any places with any residues, patterns of any size. Check:
    exact; every P was there, sums of residues passed P where P is above 1."""

    async def scenario(self) -> None:
        config, maker = self.cfg.config, self.maker
        seen, wrapped = set(), set()
        for period in range(1, config.max_period + 1):
            kres = [period - 1, *self.cfg.rng.integers(0, period, 2).tolist()]
            rres = self.cfg.rng.integers(0, period, (2, config.rows))
            rres[0, 0] = period - 1
            kernel = (2 * config.cols, config.rows + 1, 2, 2)
            layer = maker.layer(kernel, (3, 3), density=0.3, bias=True)
            job = maker.arranged(layer, f"period_{period}", period, kres, rres.tolist())
            await self.run_job(job)
            for _, geo, scan, machine in maker.scans(job):
                seen.add(geo.period)
                held = machine.tables.held
                sums = held[Kind.KRES][scan.kt[0]] + held[Kind.RRES][scan.ct[0], 0]
                wrapped |= {geo.period} if sums >= geo.period else set()
        assert seen == set(range(1, config.max_period + 1)), seen
        assert wrapped == seen - {1}, wrapped


class DirectedStride(Trap):
    """Goal: steps between pixels. Stimulus: strides 2 and 3, patterns of two periods, paddings, odd
    and even inputs. Check: exact, activation reads included; several pixels in both directions."""

    async def scenario(self) -> None:
        config, maker = self.cfg.config, self.maker
        for stride, padding, size in product((2, 3), (0, 1, 2), ((6, 7), (7, 6))):
            period = int(self.cfg.rng.integers(2, min(5, config.max_period) + 1))
            layer = maker.periodic(
                (config.cols + 1, config.rows, 3, 3),
                size,
                maker.patterns(period, 9, [4, 2]),
                stride=stride,
                padding=padding,
            )
            job = await self.run_layer(layer, f"stride_{stride}_{padding}_{size}")
            assert all(field(item, "STRIDE") == stride for item in job.passes)
            assert min(job.layers[0].out_shape[2:]) > 1


class DirectedSteps(Trap):
    """Goal: further steps come in time. Stimulus: one pixel, and numbers of pixels around the time
    in which a tile is scanned, its weights are shifted in and its first sums come out; pairs of 1,
    2 and many steps, in one pass and mixed. Check: exact, cycles included."""

    async def scenario(self) -> None:
        config, maker = self.cfg.config, self.maker
        rows, cols = config.rows, config.cols
        counts = {1, 2, rows - 4, rows - 3, rows - 2, rows - 1, rows, cols, cols + 1, cols + 2}
        for pixels in sorted(count for count in counts if 0 < count <= config.acc_depth // 2):
            for sizes in ([1], [2], [7], [3, 1], [0, 2]):
                table = maker.patterns(len(sizes), 9, sizes)
                layer = maker.periodic((cols + 1, rows + 1, 3, 3), (1, pixels), table, padding=1)
                job = maker.job(layer, f"steps_{pixels}_{sizes}", options=maker.unsorted)
                await self.run_job(job)


class DirectedResidues(Trap):
    """Goal: any tables, not those of a compiler. Stimulus: layers whose outputs and channels are at
    any places, with gaps, tiles without any among them; residues and patterns at random, with more
    positions than there are weights. Check: exact; tiles had rows of several residues where the
    build has RowOffsets."""

    async def scenario(self) -> None:
        config, maker, rng = self.cfg.config, self.maker, self.cfg.rng
        mixed = 0
        for turn in range(2 * maker.turns[0]):
            period = int(rng.integers(1, config.max_period + 1))
            job = maker.arranged(maker.any_layer(), f"residues_{turn}", period)
            await self.run_job(job)
            for _, geo, _, machine in maker.scans(job):
                words = machine.tables.held[Kind.RRES][geo.rres_base :][: geo.ct]
                mixed += bool((words != words[:, :1]).any())
        assert bool(mixed) == bool(config.row_offsets)


class DirectedOrders(Trap):
    """Goal: what the compiler makes of its choices. Stimulus: one full kernel a period, as in the
    published code, channels as they come, by residue and, where they are few, several times. Check:
    exact; by residue takes fewer tiles than as they come; copies give each row a part of the
    positions."""

    async def scenario(self) -> None:
        config, maker = self.cfg.config, self.maker
        tiles = {}
        table = self.all_of([9, 1])
        layer = maker.periodic((4 * config.cols, 2 * config.rows, 3, 3), (3, 3), table, padding=1)
        for order in ("natural", "residue") if config.row_offsets else ("residue",):
            job = await self.run_layer(layer, f"order_{order}", Options(orders=(order,)))
            tiles[order] = sum(scan.tiles for _, _, scan, _ in maker.scans(job))
        if config.row_offsets:
            assert tiles["residue"] < tiles["natural"], tiles
            for channels in (1, config.rows // 2):
                few = maker.layer((config.cols, channels, 3, 3), (3, 3), padding=1, density=1)
                options = Options(orders=("copies",))
                job = await self.run_layer(few, f"copies_{channels}", options)
                copies = min(config.rows // channels, config.max_period, 9)
                assert self.periods(job) == {copies}, self.periods(job)


class DirectedTables(Trap):
    """Goal: tables stay as they were loaded. Stimulus: tables in packets of their own, in any
    order, each as the last one before computing; all wrong first, then written over; a pass
    computed twice from what is there; a longer PERIOD where no sum of residues reaches the shorter
    one; more tiles and positions than tables hold, so that passes bring their own. Check: exact."""

    async def scenario(self) -> None:
        maker = self.maker
        job = maker.good("tables")
        (item,) = job.passes
        sections = maker.sections_of(item)
        load, *rest = (one_phase(item, bit) for bit in (1, 2, 4, 8))
        alone = [replace(load, wgt=packet_of([one])) for one in sections]
        await self.run_passes(job, "apart", (*alone, *rest))
        turned = self.cfg.rng.permutation(len(alone))
        await self.run_passes(job, "any_order", (*(alone[at] for at in turned), *rest))
        for at, one in enumerate(sections):
            # The last word of the packet comes right before the phase that reads it.
            before = [other for other in sections if other is not one]
            wgt, mode = packet_of([one]), field(item, "MODE") & ~int(Mode.LOAD_ACT)
            last = replace(with_cfg(item, MODE=mode), wgt=wgt, act=None)
            first = replace(load, wgt=packet_of(before))
            await self.run_passes(job, f"last_{at}", (first, rest[0], last))
        spoilt = [
            replace(one, payload=~one.payload) if one.kind > Kind.BIAS else one for one in sections
        ]
        over = [one for one in sections if one.kind > Kind.BIAS]
        wrong, right = (replace(load, wgt=packet_of(some)) for some in (spoilt, over))
        await self.run_passes(job, "over", (wrong, right, *rest))
        totals, self.cfg.totals = self.cfg.totals, no_totals  # it multiplies twice
        await self.run_passes(job, "again", (load, *rest[:2], *rest[1:]))
        self.cfg.totals = totals
        await self.longer()
        await self.cut()

    async def longer(self) -> None:
        """The same tables under every PERIOD that says the same."""
        config, maker = self.cfg.config, self.maker
        layer = maker.layer((config.cols + 1, config.rows + 1, 2, 2), (3, 3), density=0.4)
        residues = np.arange(config.rows) % 2 if config.row_offsets else np.ones(config.rows, int)
        period = 3
        job = maker.arranged(layer, "longer", period, [0, 1], np.stack((residues, 0 * residues)))
        (item,) = job.passes
        for more in range(period, config.max_period + 1):
            await self.run_passes(job, f"longer_{more}", (with_cfg(item, PERIOD=more),))

    async def cut(self) -> None:
        """More tiles than KRES and RRES hold, more positions than POS holds."""
        config, maker = self.cfg.config, self.maker
        for kernel in (
            (config.cols * config.max_kt + 1, 1, 1, 1),
            (1, config.rows * config.max_ct + 1, 1, 1),
        ):
            layer = maker.layer(kernel, (1, 2), density=0.5, bias=True)
            job = await self.run_layer(layer, f"cut_{kernel}")
            assert len(job.passes) > 1
        side = config.kernel_size + 1
        layer = maker.layer((2, 2, side, side), (side, side), padding=1, density=0.6)
        job = await self.run_layer(layer, "cut_kernel")
        modes = [field(one, "MODE") for one in job.passes]
        assert any(mode & Mode.ACC_KEEP for mode in modes) and len(job.passes) > 1


class DirectedChain(Trap):
    """Goal: layers that hand their order on. Stimulus: three layers of three patterns, each with
    its channels as the one before leaves them, the words of the result stream sent back as
    activations; the last one restores its order. Check: every layer exact; orders were turned."""

    def build_phase(self) -> None:
        super().build_phase()
        self.kept = uvm_tlm_analysis_fifo("kept", self)

    def connect_phase(self) -> None:
        self.env.out.monitor.ap.connect(self.kept.analysis_export)

    async def scenario(self) -> None:
        config, maker, turned = self.cfg.config, self.maker, 0
        for turn in range(2):
            options, sent, acts = None, None, None
            for depth, filters in enumerate((config.cols + 3, config.cols + 1, config.cols + 2)):
                channels = config.rows + 2 if acts is None else acts.shape[1]
                layer = maker.periodic(
                    (filters, channels, 3, 3),
                    (3, 3),
                    maker.patterns(3, 9, [3, 2]),
                    padding=1,
                    shift=4,
                    relu=depth % 2 == 0,
                )
                # Small, so that no sum of the layers behind leaves the accumulator.
                layer = replace(layer, weights=np.clip(layer.weights, -7, 7))
                if acts is not None:
                    layer = replace(layer, activations=acts)
                job = maker.job(layer, f"chain_{turn}_{depth}", options=options)
                sent = await self.forward(job, sent)
                acts = golden(layer, config.act_width)
                order = job.program.outputs.out_order
                turned += (np.diff(order[order >= 0]) < 0).any()
                options = Options(in_order=order) if config.row_offsets else None
        assert turned or not config.row_offsets, "no layer had an order to restore"

    async def forward(self, job: Job, sent: list[Words] | None) -> list[Words]:
        """Run a layer; its result packets. ``sent``: those of the layer before, of which its
        activations are made where its lanes are the same."""
        config = self.cfg.config
        if sent is not None and config.rows == config.cols and config.row_offsets:
            (item,) = job.passes
            assert item.act is not None
            words = np.concatenate(sent)
            assert words.size == item.act.size - 1
            made = activation_packet_of(int(item.act[0]) & 0xFFFF_FFFF, words)
            job.passes = (replace(item, act=made),)
        await self.run_job(job)
        return [self.kept.try_get()[1].words for _ in range(self.kept.used())]


TRAPS: tuple[type[Trap], ...] = (
    *(DirectedPeriodOne, DirectedPeriodLong, DirectedFewOutputs, DirectedChannels),
    *(DirectedFullAndEmpty, DirectedBorder, DirectedPeriods, DirectedStride, DirectedSteps),
    *(DirectedResidues, DirectedOrders, DirectedTables, DirectedChain),
)
