"""The traps of FlexFlow-Pro: what PEs that go on alone, and what waits for them, may get wrong.

Each test asserts that it drove what it says, by what the model says of each PE or by counters that
were read back. "Exact" as in ``tb/common/tests/layers.py``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import product
from typing import ClassVar

import numpy as np

from models.flexflow_pro import cycles
from models.flexflow_pro.geometry import Geometry
from models.flexflow_pro.registers import Mode
from tb.common.stimulus import Ints
from tb.common.uvm.items import Job
from tb.flexflow_pro.top.env import FlexflowProTest
from tb.flexflow_pro.top.stimulus import Shape, field

BOTH = (True, False)


class Trap(FlexflowProTest):
    """What the traps share."""

    limit_us: ClassVar[float] = 20_000

    def slots(self, job: Job) -> dict[str, Ints]:
        """Slots of each PE by account, of all passes of a job: int64 [Rows, Cols]."""
        found = [one.slots_per_pe for one in cycles(job.program, job.config)]
        shape = self.cfg.config.rows, self.cfg.config.cols
        return {
            name: np.sum([one[name] for one in found], axis=0).reshape(shape) for name in found[0]
        }

    async def counted(self, job: Job) -> Mapping[str, int]:
        """Run a job; its counters, added up over its passes."""
        sums = self.env.scoreboard.sums
        before = sums.copy()
        await self.run_job(job)
        return {name: sums[name] - before[name] for name in sums}

    def stores(self, shape: Shape) -> tuple[Ints, Ints]:
        """Full weights and activations of a pass, for ``raw``: every operand is not zero."""
        config, geo = self.cfg.config, shape.geometry(self.cfg.config)
        filters = geo.maps * (config.rows >> geo.groups_log)
        channels = shape.passes * config.cols * shape.pieces
        wgt_max, act_max, _ = self.maker.magnitudes(channels * geo.taps)
        weights = self.maker.nonzero(np.ones((filters, channels, geo.taps), bool), wgt_max)
        return weights, self.maker.nonzero(np.ones((geo.lines, channels, geo.line), bool), act_max)

    def column(self, shape: Shape, col: int) -> slice:
        """The channels of a column in a layer of ``raw``, of one pass."""
        return slice(col * shape.pieces, (col + 1) * shape.pieces)


class DirectedNoWeight(Trap):
    """Goal: a PE without any weight. Stimulus: one PE after the other without weights, each row,
    each column, all of them; relaxed and in lock step. Check: exact; that PE has no pair, the
    others have."""

    async def scenario(self) -> None:
        config = self.cfg.config
        shape = Shape(lines=2, windows=3, taps=2, pieces=config.mask_word)
        spots = list(product(range(config.rows), range(config.cols)))[:6]
        places: list[tuple[str, list[tuple[int, int]]]] = [
            (f"pe_{i}_{j}", [(i, j)]) for i, j in spots
        ]
        every = list(product(range(config.rows), range(config.cols)))
        places += [(f"row_{i}", [p for p in every if p[0] == i]) for i in (0, config.rows - 1)]
        places += [(f"col_{j}", [p for p in every if p[1] == j]) for j in (0, config.cols - 1)]
        places.append(("all", every))
        for number, (name, spared) in enumerate(places):
            weights, acts = self.stores(shape)
            for row, col in spared:
                weights[row, self.column(shape, col)] = 0
            relaxed = number % 2 == 0
            job = self.maker.raw(name, shape, weights=weights, acts=acts, relaxed=relaxed)
            useful = self.slots(job)["useful"]
            assert [p for p in every if not useful[p]] == sorted(spared)
            await self.run_job(job)


class DirectedNoNeuron(Trap):
    """Goal: a window without any neuron that is not zero. Stimulus: windows that share no slice,
    the first, an inner one, the last of a line, each of two lines, in all columns; a column without
    neurons; none at all; relaxed and in lock step. Check: exact; such windows have no pair."""

    async def scenario(self) -> None:
        config = self.cfg.config
        shape = Shape(lines=2, windows=3, taps=2, stride=2, pieces=config.mask_word)
        geo = shape.geometry(config)
        for relaxed, line, window in product(BOTH, range(2), range(3)):
            weights, acts = self.stores(shape)
            acts[line, :, window * geo.step : window * geo.step + geo.span] = 0
            name = f"window_{line}_{window}_{relaxed}"
            job = self.maker.raw(name, shape, weights=weights, acts=acts, relaxed=relaxed)
            # Of six windows five have all pairs.
            assert (self.slots(job)["useful"] == 5 * geo.taps * geo.pieces).all()
            await self.run_job(job)
        for relaxed, cols in product(BOTH, ([0], [config.cols - 1], list(range(config.cols)))):
            weights, acts = self.stores(shape)
            for col in cols:
                acts[:, self.column(shape, col)] = 0
            name = f"cols_{len(cols)}_{cols[0]}_{relaxed}"
            job = self.maker.raw(name, shape, weights=weights, acts=acts, relaxed=relaxed)
            assert sorted(set(np.nonzero(~self.slots(job)["useful"].any(axis=0))[0])) == cols
            counted = await self.counted(job)
            live = (config.cols - len(cols)) * geo.lines * geo.line * geo.pieces
            assert counted["broadcasts"] == live


class DirectedOnePe(Trap):
    """Goal: all pairs in one PE. Stimulus: weights of one PE alone, the first, an inner one, the
    last. Check: exact; the others of its row wait for it."""

    async def scenario(self) -> None:
        config = self.cfg.config
        shape = Shape(lines=2, windows=4, taps=2, pieces=config.mask_word)
        for relaxed, (row, col) in product(BOTH, self.corners()):
            weights, acts = self.stores(shape)
            alone = np.zeros_like(weights)
            alone[row, self.column(shape, col)] = weights[row, self.column(shape, col)]
            name = f"one_pe_{row}_{col}_{relaxed}"
            job = self.maker.raw(name, shape, weights=alone, acts=acts, relaxed=relaxed)
            slots = self.slots(job)
            assert np.argwhere(slots["useful"]).tolist() == [[row, col]]
            if relaxed:
                waits = np.delete(slots["sync"][row], col)
                assert (waits > 0).all() and slots["sync"][row, col] == 0
            await self.run_job(job)

    def corners(self) -> list[tuple[int, int]]:
        """First PE, one in the middle, last."""
        rows, cols = self.cfg.config.rows, self.cfg.config.cols
        return [(0, 0), (rows // 2, cols // 2), (rows - 1, cols - 1)]


class DirectedFifo(Trap):
    """Goal: FIFOs full in one row while another row starves. Stimulus: a row with all its pairs in
    one column, the other rows with none, each row in turn, in a ring that the slow row keeps full.
    Check: exact; the slow row's other PEs wait for room in their FIFOs, the fast rows for windows,
    the buses for room in the rings."""

    async def scenario(self) -> None:
        config = self.cfg.config
        shape = Shape(windows=12, maps=2, pieces=config.mask_word, ring=config.fifo_depth + 2)
        for row, col in product(range(config.rows), (0, config.cols - 1)):
            weights, acts = self.stores(shape)
            slow = np.zeros_like(weights)
            slow[row :: config.rows, self.column(shape, col)] = weights[
                row :: config.rows, self.column(shape, col)
            ]
            job = self.maker.raw(f"fifo_{row}_{col}", shape, weights=slow, acts=acts)
            slots = self.slots(job)
            others = np.delete(slots["sync"][row], col)
            assert (others > 2 * config.mask_word).all(), slots["sync"]
            fast = np.delete(np.arange(config.rows), row)
            assert (slots["input"][fast] > 2 * config.mask_word).all(), slots["input"]
            counted = await self.counted(job)
            assert counted["bus_full"] > 0 and counted["stall_sync"] > 0


class DirectedThreshold(Trap):
    """Goal: the ends of THRESHOLD. Stimulus: 0, 1, 2, 32766 to 32769 and 65535 on activations at
    these values of either sign, the most negative one among them; relaxed and in lock step. Check:
    exact, and as many words on the buses as |x| > THRESHOLD."""

    async def scenario(self) -> None:
        config = self.cfg.config
        shape = Shape(lines=2, windows=3, taps=2, pieces=config.mask_word)
        weights, acts = self.stores(shape)
        weights = np.sign(weights)  # short sums, whatever the activations
        ends = np.array([-32768, 32767, -32767, 32766, -32766, 2, -2, 1, -1, 0])
        for relaxed, limit in product(BOTH, (0, 1, 2, 32766, 32767, 32768, 32769, 65535)):
            acts = self.cfg.rng.choice(ends, acts.shape)
            acts[0, 0, 0], acts[-1, -1, -1] = -32768, limit if limit < 32768 else 32767
            name = f"threshold_{limit}_{relaxed}"
            job = self.maker.raw(
                name, shape, weights=weights, acts=acts, relaxed=relaxed, threshold=limit
            )
            counted = await self.counted(job)
            assert counted["broadcasts"] == np.count_nonzero(np.abs(acts) > limit)
            assert (counted["broadcasts"] > 0) == (limit < 32768)


class DirectedCuts(Trap):
    """Goal: pass boundaries in the middle of a reduction. Stimulus: passes of 2, 3 and 4 parts,
    with and without bias, with no operands in one part; layers with one channel more than a pass
    takes, compiled. Check: exact; the passes keep the accumulators."""

    async def scenario(self) -> None:
        config, maker = self.cfg.config, self.maker
        for parts, bias in product((2, 3, 4), BOTH):
            shape = Shape(lines=2, windows=2, taps=2, maps=2, pieces=3, passes=parts)
            weights, acts = self.stores(shape)
            weights[:, (parts - 1) * config.cols * 3 :] *= int(bias)
            job = maker.raw(f"parts_{parts}_{bias}", shape, weights=weights, acts=acts, bias=bias)
            kept = [bool(field(item, "MODE") & Mode.ACC_KEEP) for item in job.passes]
            assert kept == [False] + [True] * (parts - 1)
            await self.run_job(job)
        most = config.cols * config.mask_word * min(config.k_cells, config.n_cells)
        for channels in (most, most + 1, 2 * most + 3):
            layer = maker.layer((config.rows + 1, channels, 1, 1), (2, 2), density=0.3)
            job = maker.job(layer, f"channels_{channels}")
            cut = any(field(item, "MODE") & Mode.ACC_KEEP for item in job.passes)
            assert cut or channels == most
            await self.run_job(job)


class DirectedLastPixel(Trap):
    """Goal: the last pixel of a line. Stimulus: compiled layers of 1 to 9 pixels in a line on every
    grouping, so that the last window has pixels for some groups only; lines of one window, and of
    many, in the shortest ring; relaxed and in lock step. Check: exact; some lines end within the
    groups."""

    limit_us: ClassVar[float] = 60_000

    async def scenario(self) -> None:
        config, maker = self.cfg.config, self.maker
        partly = 0
        for log in range(config.most_groups_log + 1):
            for pixels in (1, 2, 3, 5, 9):
                options = replace(config, groups_log=log, relaxed=bool(pixels % 3))
                layer = maker.layer((3, 4, 1, 2), (2, pixels + 1), density=0.6, act_density=0.6)
                if not maker.takes(layer, options):
                    continue
                partly += pixels % (1 << log) > 0
                await self.run_job(maker.job(layer, f"pixels_{pixels}_{log}", options))
        assert partly >= config.most_groups_log
        for relaxed, windows, lines, stride in product(BOTH, (1, 2, 5), (1, 3), (1, 2)):
            shape = Shape(lines=lines, windows=windows, taps=2, stride=stride, pieces=3)
            name = f"line_{windows}_{lines}_{stride}_{relaxed}"
            await self.run_job(maker.raw(name, shape, relaxed=relaxed))


class DirectedMaps(Trap):
    """Goal: output maps that do not fill the rows. Stimulus: compiled layers of one map fewer and
    more than the rows, than the rows of all maps of a pass, than twice as many. Check: exact."""

    async def scenario(self) -> None:
        config, maker = self.cfg.config, self.maker
        full = config.rows * config.max_maps
        odd = 0
        for base, more, balance in product(
            (config.rows, full, 2 * full), (-1, 1), ("off", "group")
        ):
            filters = base + more
            odd += filters % config.rows > 0
            layer = maker.layer((filters, 3, 2, 2), (3, 3), density=0.5, act_density=0.7)
            options = replace(config, balance=balance)
            await self.run_job(maker.job(layer, f"maps_{filters}_{balance}", options))
        assert odd == 12


class DirectedOneMap(Trap):
    """Goal: a layer with one output map. Stimulus: one map on planes of 1 to 20 pixels, on the
    grouping that the compiler chooses and on every other one. Check: exact; the compiler spreads
    pixels over rows."""

    async def scenario(self) -> None:
        config, maker = self.cfg.config, self.maker
        chosen = set()
        for width in (1, 4, 20):
            layer = maker.layer((1, 4, 1, 1), (2, width), density=0.8, act_density=0.8)
            for log in range(-1, config.most_groups_log + 1):
                options = replace(config, groups_log=log)
                job = maker.job(layer, f"one_map_{width}_{log}", options)
                if log < 0:
                    chosen.add(Geometry.of(job.passes[0]).groups_log)
                await self.run_job(job)
        assert max(chosen) > 0


class DirectedShort(Trap):
    """Goal: a reduction shorter than the columns. Stimulus: compiled layers of one channel to one
    fewer than the columns, a kernel of 1 x 1; relaxed and in lock step. Check: exact; columns are
    left without a piece."""

    async def scenario(self) -> None:
        config, maker = self.cfg.config, self.maker
        for relaxed, channels in product(BOTH, range(1, config.cols)):
            layer = maker.layer((config.rows, channels, 1, 1), (2, 3), act_density=0.7)
            job = maker.job(layer, f"short_{channels}_{relaxed}", replace(config, relaxed=relaxed))
            idle = ~self.slots(job)["useful"].any(axis=0)
            assert idle.sum() >= config.cols - channels
            await self.run_job(job)


class DirectedRing(Trap):
    """Goal: room in the rings. Stimulus: on every grouping, rings of just a window and one slice
    longer up to the whole store, windows that share slices and that do not, one line and three.
    Check: exact; slices wait for room in the short rings."""

    limit_us: ClassVar[float] = 60_000

    async def scenario(self) -> None:
        config, full = self.cfg.config, 0
        for shape in self.shapes():
            if shape.fits(config):
                counted = await self.counted(self.maker.raw(f"ring_{shape}", shape))
                full += counted["bus_full"]
        assert full > 0

    def shapes(self) -> Iterator[Shape]:
        """Passes; some do not fit."""
        config = self.cfg.config
        for log, taps, lines in product(range(config.most_groups_log + 1), (1, 2, 3), (1, 3)):
            for stride in {1, taps}:
                shape = Shape(
                    lines=lines, windows=3, taps=taps, stride=stride, groups_log=log, pieces=3
                )
                span = shape.geometry(config).span
                for ring in dict.fromkeys((span, span + 1, config.n_cells)):
                    if ring <= config.n_cells:
                        yield replace(shape, ring=ring)


class DirectedLockStep(Trap):
    """Goal: both kinds of passes in turn. Stimulus: the same sparse layers relaxed and in lock
    step, on every grouping. Check: exact; in lock step every position takes a slot, relaxed only
    pairs and empty cells do, and it takes fewer cycles."""

    async def scenario(self) -> None:
        config, maker = self.cfg.config, self.maker
        for log in range(config.most_groups_log + 1):
            shape = Shape(
                lines=2, windows=2, taps=1, groups_log=log, maps=2, pieces=config.mask_word
            )
            found = {}
            weights, acts = self.stores(shape)
            weights[:, ::2], acts[:, ::3] = 0, 0
            for relaxed in BOTH:
                name = f"lock_step_{log}_{relaxed}"
                job = maker.raw(name, shape, weights=weights, acts=acts, relaxed=relaxed)
                found[relaxed] = await self.counted(job)
            assert found[True]["mac_useful"] == found[False]["mac_useful"] > 0
            assert found[False]["slot_padding"] > 0 == found[True]["slot_padding"]
            assert found[True]["cycles_compute"] < found[False]["cycles_compute"]


class DirectedPasses(Trap):
    """Goal: any pass of the contract. Stimulus: random geometries, rings, densities, thresholds and
    options, one to three passes each, streams without pauses. Check: exact."""

    limit_us: ClassVar[float] = 60_000

    async def scenario(self) -> None:
        for turn in range(24):
            await self.run_job(self.maker.any_raw(f"pass_{turn}"))


class Extremes(Trap):
    """Goal: the largest of everything. Stimulus: the whole column buffers, all accumulators, the
    whole kernel stores and rings, all operands the most negative and the most positive that the
    accumulators take; one of everything. Check: exact; each memory was full."""

    limit_us: ClassVar[float] = 60_000

    async def scenario(self) -> None:
        config, maker = self.cfg.config, self.maker
        word, cells = config.mask_word, min(config.k_cells, config.n_cells)
        full: set[str] = set()
        for relaxed in BOTH:
            for shape in (
                Shape(),
                Shape(windows=config.act_depth),
                Shape(windows=config.act_depth // 2, taps=2, stride=2),
                Shape(lines=config.act_depth),
                Shape(lines=config.acc_depth // 2, windows=2),
                Shape(windows=config.acc_depth // config.max_maps, maps=config.max_maps),
                Shape(taps=cells, pieces=word, ring=config.n_cells),
                Shape(windows=2, pieces=word * cells),
            ):
                if not shape.fits(config):
                    continue
                geo = shape.geometry(config)
                full |= {"act"} if geo.lines * geo.line * geo.cells == config.act_depth else set()
                full |= {"acc"} if geo.results == config.acc_depth else set()
                full |= {"kernel"} if geo.taps * geo.cells * geo.maps == config.k_cells else set()
                full |= {"ring"} if geo.ring * geo.cells == config.n_cells else set()
                job = maker.raw(f"extreme_{shape}", shape, relaxed=relaxed, act_density=0.8)
                await self.run_job(job)
        assert full >= {"act", "acc", "ring"}, full
        await self.rails()

    async def rails(self) -> None:
        """Operands at their ends, as many as the accumulators take."""
        config = self.cfg.config
        low, high = -(1 << 15), (1 << 15) - 1
        shape = Shape(windows=2, pieces=1)
        weights, acts = self.stores(shape)
        fits = (self.maker.acc_limit - self.maker.acc_limit // 4) // (1 << 30)
        live = min(config.cols, fits)
        for weight, act in product((low, high), repeat=2):
            weights[:], acts[:] = 0, act
            weights[:, :live] = weight
            name = f"rails_{weight}_{act}"
            await self.run_job(self.maker.raw(name, shape, weights=weights, acts=acts, bias=False))


TRAPS: tuple[type[Trap], ...] = (DirectedNoWeight, DirectedNoNeuron, DirectedOnePe, DirectedFifo)
TRAPS += (DirectedThreshold, DirectedCuts, DirectedLastPixel, DirectedMaps, DirectedOneMap)
TRAPS += (DirectedShort, DirectedRing, DirectedLockStep, DirectedPasses, Extremes)
