"""Tests of what is special to SCNN: blocks, tiles, runs, groups, banks, halos, tiles in time.

Every test asserts that the trap it is named after was there in what it drove, with the model's
reader of programs (``models/scnn/machine.py``).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.layer import Layer
from models.program import Pass
from models.scnn.geometry import Geometry
from models.scnn.machine import Machine, Work
from models.scnn.registers import Mode
from models.scnn.work import GroupWork, touch
from tb.common.stimulus import exact_mask
from tb.common.uvm.items import Job
from tb.scnn.top.env import ScnnTest
from tb.scnn.top.stimulus import field, with_cfg

#: Zeros before an entry around what a run holds.
RUNS = (0, 1, 14, 15, 16, 17, 30, 31, 32, 33)


def works(job: Job) -> Iterator[tuple[Pass, Geometry, Work]]:
    """What the passes of a job compute on."""
    machine = Machine(job.config)
    for item in job.passes:
        work, _, _ = machine.run(item)
        if work is not None:
            yield item, Geometry.of(item.cfg), work


def bank_loads(job: Job) -> list[int]:
    """For every step of a job the products of its fullest bank, group by group."""
    config = job.config
    loads: list[int] = []
    for _, geo, work in works(job):
        found = touch(work.blocks, work.acts, geo)
        maker = GroupWork(work.blocks, work.acts, found, work.offsets, geo, config)
        for group in range(geo.num_groups):
            keys = maker.slots(group).keys
            real = keys < config.pes * config.banks
            for step, there in zip(keys, real, strict=True):
                if there.any():
                    loads.append(int(np.unique(step[there], return_counts=True)[1].max()))
    return loads


class Trap(ScnnTest):
    """What these tests share."""

    limit_us = 20_000

    async def run_layer(self, layer: Layer, label: str, **options: Any) -> Job:
        """A layer under options of the compiler."""
        config = replace(self.cfg.config, **options)
        job = self.maker.job(layer, label, config)
        await self.run_job(job)
        return job

    def sums(self, name: str) -> int:
        """A counter over all passes so far."""
        return self.env.scoreboard.sums[name]


class DirectedEmptyBlocks(Trap):
    """Goal: blocks in which there is nothing to do. Stimulus: channels without weights, without
    activations and without both: the first, the last, inner ones, successive ones, all; free and as
    published. Check: exact; free they cost no slot, as published one each."""

    async def scenario(self) -> None:
        channels = 9
        last = channels - 1
        patterns = ([0], [last], [4], [0, 1, 2], [3, 5, last], range(channels))
        for which, empty in product(("weights", "acts", "both"), patterns):
            kernel, plane = (5, channels, 2, 2), (1, channels, *self.maker.plane)
            mask, acts = np.ones(kernel, dtype=bool), np.ones(plane, dtype=bool)
            if which != "acts":
                mask[:, list(empty)] = False
            if which != "weights":
                acts[:, list(empty)] = False
            layer = self.maker.masked(mask, acts)
            for free in (True, False):
                nulls = self.sums("slot_empty")
                skips = self.sums("skips")
                label = f"empty_{which}_{len(empty)}_{free}"
                job = await self.run_layer(layer, label, empty_free=free, kc=4)
                for _, geo, work in works(job):
                    found = touch(work.blocks, work.acts, geo)
                    assert found.null.any() != free
                if not free:
                    assert self.sums("slot_empty") > nulls
                elif which == "acts":
                    assert self.sums("skips") > skips


class DirectedEmptyTiles(Trap):
    """Goal: PEs without a single activation. Stimulus: the tile of one PE, of all but one, of all
    empty. Check: exact."""

    async def scenario(self) -> None:
        config = self.cfg.config
        rows, cols = self.maker.plane
        for pe in range(config.pes):
            y, x = divmod(pe, config.pe_x)
            for only in (True, False):
                acts = np.full((1, 3, rows, cols), not only)
                acts[:, :, 2 * y : 2 * y + 2, 2 * x : 2 * x + 2] = only
                layer = self.maker.masked(np.ones((5, 3, 3, 3), dtype=bool), acts, padding=1)
                job = await self.run_layer(layer, f"tile_{pe}_{only}", kc=4)
                for _, _, work in works(job):
                    filled = np.flatnonzero(work.acts.count.sum(axis=1))
                    want = [pe] if only else [n for n in range(config.pes) if n != pe]
                    assert filled.tolist() == want, f"{filled} instead of {want}"


class DirectedRuns(Trap):
    """Goal: runs of zeros as long as an entry says, one more, twice that. Stimulus: runs of 0 to
    33 zeros before the first entry and between two, of activations, weights and results. Check:
    exact; the programs have runs of 15, and placeholders where the run is longer."""

    async def scenario(self) -> None:
        await self.activations()
        await self.weights()

    async def activations(self) -> None:
        """Rows of pixels; weights that hand them on, so that results have the same runs."""
        config = self.cfg.config
        wide = max(RUNS) + 2
        acts = np.zeros((1, 2 * len(RUNS), 1, config.pe_x * wide), dtype=np.int64)
        for at, (run, start) in enumerate(product(RUNS, (0, 1))):
            for pe in range(config.pe_x):
                acts[0, at, 0, pe * wide] = start * 3
                acts[0, at, 0, pe * wide + run + start] = 5
        layer = Layer(np.eye(2 * len(RUNS), dtype=np.int64), acts[0].reshape(len(acts[0]), -1).T)
        layer = replace(layer, weights=layer.weights, activations=acts)
        job = await self.run_layer(layer, "runs", kc=4)
        gaps = {int(p) for _, _, work in works(job) for p in work.acts.position}
        assert {15, 16, 31, 32} <= gaps, gaps
        for dense in (False, True):
            await self.run_layer(layer, f"runs_dense{dense}", kc=4, dense_out=dense)

    async def weights(self) -> None:
        """Places of a block are k of the group, then positions of the kernel."""
        config = self.cfg.config
        kc = min(8, config.max_kc)
        mask = np.zeros((kc, 2 * len(RUNS), 3, 3), dtype=bool)
        for at, (run, start) in enumerate(product(RUNS, (0, 1))):
            for place in {0 if start else run, run + start}:
                mask[place % kc, at].flat[place // kc] = True
        acts = exact_mask(self.cfg.rng, (1, 2 * len(RUNS), *self.maker.plane), 0.5)
        job = await self.run_layer(self.maker.masked(mask, acts, padding=1), "runs_wgt", kc=kc)
        for _, _, work in works(job):
            assert (work.blocks.value == 0).any(), "no placeholder"


class DirectedTiles(Trap):
    """Goal: tiles of any size. Stimulus: planes from one pixel to two more than a pixel for each
    PE, in both directions, so that tiles have one pixel and PEs lie outside the plane; kernels of 1
    and 3. Check: exact; there were tiles of one pixel and PEs without one."""

    async def scenario(self) -> None:
        config = self.cfg.config
        seen = set()
        sizes = [
            [n for n in dict.fromkeys((1, pes, pes + 1, 2 * pes - 1)) if n > 0]
            for pes in (config.pe_y, config.pe_x)
        ]
        for rows, cols in product(*sizes):
            for taps in (1, 3):
                layer = self.maker.layer((5, 2, taps, taps), (rows, cols), padding=taps // 2)
                job = await self.run_layer(layer, f"tiles_{rows}x{cols}_{taps}", kc=4)
                for _, geo, _ in works(job):
                    if (geo.tile_h, geo.tile_w) == (1, 1):
                        seen.add("pixel")
                    ends = rows - (config.pe_y - 1) * geo.tile_h
                    if ends <= 0 or cols - (config.pe_x - 1) * geo.tile_w <= 0:
                        seen.add("outside")
        assert config.pes == 1 or seen == {"pixel", "outside"}, seen


class DirectedGroups(Trap):
    """Goal: output groups. Stimulus: one channel, one less than Kc, Kc, one more, twice Kc and one,
    for every Kc. Check: exact; there were groups of one channel, alone and behind another."""

    async def scenario(self) -> None:
        config, seen = self.cfg.config, set()
        for kc in config.kc_choices:
            for filters in (1, kc - 1, kc, kc + 1, 2 * kc + 1):
                layer = self.maker.layer((filters, 2, 1, 2), self.maker.plane, density=0.7)
                job = await self.run_layer(layer, f"groups_{kc}_{filters}", kc=kc)
                for _, geo, _ in works(job):
                    seen.add((geo.last_k == 1, geo.num_groups > 1))
                    assert geo.kc == kc
        assert {(True, False), (True, True)} <= seen


class DirectedOneBank(Trap):
    """Goal: bank conflicts of every degree. Stimulus: steps whose products go to one bank, as many
    as the map of banks lets meet, and to one less each, down to one. Check: exact; the fullest bank
    had them; stalls by banks were counted."""

    async def scenario(self) -> None:
        config = self.cfg.config
        quarter = config.banks // 4
        most = 0
        for lanes_f, lanes_i in product(range(1, config.f + 1), range(1, config.i + 1)):
            weights, kc = self.conflict(lanes_f)
            wide = config.i * quarter + 1
            acts = np.zeros((1, 24, 1, config.pe_x * wide), dtype=bool)
            for pe, lane in product(range(config.pe_x), range(lanes_i)):
                # Map 2 looks at the row of banks, too.
                skew = lane % quarter if config.bank_map == 2 else 0
                acts[:, :, :, pe * wide + lane * quarter + skew] = True
            mask = np.repeat(weights[:, None], 24, axis=1)
            # In one chip tile, so as a chain of one layer: smaller tiles have fewer conflicts.
            layer, options = self.maker.masked(mask, acts), {"kc": kc, "shapes": False}
            label = f"bank_{lanes_f}_{lanes_i}"
            job = self.maker.network([layer], label, replace(config, **options))
            await self.run_job(job)
            found = int(max(bank_loads(job)))
            most = max(most, found)
            if config.bank_map < 2:
                assert found >= lanes_i, f"{found} products in a bank, want {lanes_i}"
        if config.bank_map == 1 or (config.bank_map == 0 and quarter == 2):
            assert most == config.lanes, f"at most {most} products in a bank"
        assert self.sums("stall_bank") > 0

    def conflict(self, number: int) -> tuple[NDArray[np.bool_], int]:
        """Weights [k, 1, taps] of so many entries without a placeholder between them, with the
        same bank where the map allows it; Kc."""
        config = self.cfg.config
        quarter = config.banks // 4
        kc = 16 if config.bank_map == 1 and config.max_kc >= 16 else 4
        mask = np.zeros((kc, 1, 1 if kc == 16 else 5), dtype=bool)
        for at in range(number):
            if kc == 16:
                mask[4 * at, 0, 0] = True
            else:
                mask[0, 0, min(4, quarter * at)] = True
        return mask, kc


class DirectedSameEntry(Trap):
    """Goal: an accumulator is added to again before the last sum has landed. Stimulus: products for
    one output in succession, at distances of 1 to 4 steps; in one step, with and without MERGE; by
    all PEs. Check: exact; merging is counted where it is on."""

    async def scenario(self) -> None:
        config = self.cfg.config
        for distance in range(1, 5):
            channels = 8
            mask = np.zeros((4, channels, 1, 1), dtype=bool)
            acts = np.zeros((1, channels, config.pe_y, config.pe_x), dtype=bool)
            mask[0] = True
            acts[:, ::distance] = True
            await self.run_layer(self.maker.masked(mask, acts), f"entry_{distance}", kc=4)
        # A pixel and its neighbour meet in the outputs of a kernel of two.
        mask = np.zeros((4, 6, 1, 2), dtype=bool)
        mask[0] = True
        layer = self.maker.masked(mask, np.ones((1, 6, config.pe_y, 2 * config.pe_x), dtype=bool))
        for merging in (False, True):
            if merging and not config.merge:
                continue
            before = self.sums("merged")
            await self.run_layer(layer, f"entry_step_{merging}", kc=4, merging=merging)
            assert (self.sums("merged") > before) == merging


class DirectedFifo(Trap):
    """Goal: weight FIFOs exactly full and empty. Stimulus: blocks of as many vectors as a FIFO may
    hold, one less, a row, a row and one, a single one, over many activations in one PE and none in
    the others. Check: exact; rows had to wait."""

    async def scenario(self) -> None:
        config = self.cfg.config
        row = config.row_vectors
        longest = config.wgt_fifo - row + 1
        most = min(16, 12 * config.pe_x, config.max_taps)
        for vectors in dict.fromkeys((1, row, row + 1, longest - 1, longest)):
            entries = vectors * config.f
            kc = min(kc for kc in config.kc_choices if -(-entries // kc) <= most)
            taps = -(-entries // kc)
            mask = np.zeros((kc, 12, 1, taps), dtype=bool)
            for place in range(entries):
                mask[place % kc, :, 0, place // kc] = True
            # The first channel is long in one PE, so that the others fill up behind it.
            acts = np.ones((1, 12, 1, 12 * config.pe_x), dtype=bool)
            acts[:, 1:, :, 12:] = False
            full = self.sums("stall_queue_full")
            job = await self.run_layer(self.maker.masked(mask, acts), f"fifo_{vectors}", kc=kc)
            found = max(int(work.blocks.vectors.max()) for _, _, work in works(job))
            assert found == vectors, f"blocks of {found} vectors, want {vectors}"
            assert vectors <= row or self.sums("stall_queue_full") > full


class DirectedHalo(Trap):
    """Goal: sums that belong to a neighbour. Stimulus: only the pixels at the corners of tiles,
    only one of them, all; kernels of 1 to 5 with any padding, so halos on none, one, two and all
    sides, as wide as a tile and wider. Check: exact; without a halo no word is sent."""

    async def scenario(self) -> None:
        config = self.cfg.config
        rows, cols = self.maker.plane
        for taps, padding in ((1, 0), (2, 0), (2, 1), (3, 0), (3, 1), (3, 2), (5, 2)):
            for which in ("all", "corner", "one"):
                acts = np.ones((1, 2, rows, cols), dtype=bool)
                if which != "all":
                    acts[:] = False
                    inner = (rows // 2 - 1, rows // 2), (cols // 2 - 1, cols // 2)
                    places = list(product(*inner))[:: 1 if which == "corner" else 4]
                    for y, x in places:
                        acts[:, :, y, x] = True
                if taps > min(rows, cols) + 2 * padding:
                    continue
                before = self.sums("halo_words")
                layer = self.maker.masked(
                    np.ones((5, 2, taps, taps), dtype=bool), acts, padding=padding
                )
                await self.run_layer(layer, f"halo_{taps}_{padding}_{which}", kc=4)
                sent = self.sums("halo_words") - before
                assert (sent > 0) == (taps > 1 and config.pes > 1)
        for taps_r, taps_s, padding in product(range(1, 5), range(1, 5), (0, 1)):
            layer = self.maker.layer((4, 1, taps_r, taps_s), (4, 4), density=0.6, padding=padding)
            await self.run_layer(layer, f"halo_{taps_r}x{taps_s}_{padding}", kc=4)
        # Tiles of one pixel: sums travel over several PEs.
        layer = self.maker.layer((4, 2, 3, 3), (config.pe_y, config.pe_x), padding=1)
        await self.run_layer(layer, "halo_wide", kc=4)


class DirectedCarry(Trap):
    """Goal: planes of several chip tiles. Stimulus: planes of two tiles across and down, kernels of
    2 and 3, and of three across, so that sums come to the inner one and go on from it; results
    compressed and dense. Check: exact; sums were carried over the border of tiles."""

    async def scenario(self) -> None:
        config = self.cfg.config
        room = config.lin_size(4)
        seen, inner = set(), set()
        cases = []
        for taps, padding in ((2, 0), (3, 1)):
            wide = config.pe_x * (room // taps + 2)
            cases.append((taps, padding, (taps, wide)))
            cases.append((taps, padding, (wide * config.pe_y // config.pe_x, taps)))
        cases.append((2, 0, (2, 2 * config.pe_x * (room // 2 + 2))))
        for taps, padding, plane in cases:
            layer = self.maker.layer(
                (3, 2, taps, taps), plane, density=0.5, act_density=0.4, padding=padding
            )
            for dense in (False, True):
                before = self.sums("carry_words")
                job = await self.run_layer(layer, f"carry_{plane}_{dense}", kc=4, dense_out=dense)
                assert self.sums("carry_words") > before
                for _, geo, _ in works(job):
                    found = geo.regions(config)
                    seen.add((geo.carry_in_x > 0, geo.carry_in_y > 0))
                    inner |= {dense} if found.carry_in.any() and found.carry_out.any() else set()
        assert inner == {False, True}, inner
        assert {(True, False), (False, True)} <= seen, seen


class DirectedSegments(Trap):
    """Goal: layers larger than the memories. Stimulus: more channels than counts, than activation
    rows, more weights than the buffer, more biases, blocks longer than a FIFO. Check: the program
    was cut into groups or parts of the reduction; exact."""

    async def scenario(self) -> None:
        config, maker = self.cfg.config, self.maker
        pixels = (config.pe_y, config.pe_x)
        parts, groups = set(), set()
        cases = {
            "channels": maker.layer((3, config.max_c + 3, 1, 1), pixels, density=0.3),
            "biases": maker.layer((config.bias_depth + 5, 2, 1, 1), pixels, density=0.5),
            "taps": maker.layer((config.max_kc, 2, 3, 3), pixels, padding=1),
        }
        for name, layer in cases.items():
            kc = config.max_kc if name == "taps" else 4
            job = await self.run_layer(layer, f"segments_{name}", kc=kc)
            parts |= {tag[4] for tag in (item.tag for item in job.passes)}
            groups |= {tag[3] for tag in (item.tag for item in job.passes)}
        assert len(parts) > 1, "no part of a reduction"
        assert len(groups) > 1, "no range of groups"


class DirectedStride(Trap):
    """Goal: strides, by space-to-depth. Stimulus: strides 2 to 4, kernels below, at and above them,
    paddings. Check: exact."""

    async def scenario(self) -> None:
        for stride, taps, padding in ((2, 1, 0), (2, 2, 1), (2, 3, 1), (3, 2, 0), (4, 5, 2)):
            rows, cols = (2 * stride + taps for _ in range(2))
            layer = self.maker.layer(
                (4, 2, taps, taps), (rows, cols), stride=stride, padding=padding, act_density=0.7
            )
            await self.run_layer(layer, f"stride_{stride}_{taps}", kc=4)


class DirectedShapes(Trap):
    """Goal: the multipliers of a PE in every shape. Stimulus: one program under every SHAPE, with
    blocks of 1 to 9 vectors and channels of 1 to 9 activations. Check: exact each time; the same
    products."""

    async def scenario(self) -> None:
        config, maker = self.cfg.config, self.maker
        shapes = range(replace(config, shapes=True).shape_range.stop)
        layer = maker.layer((5, 9, 3, 3), maker.plane, density=0.4, act_density=0.5, padding=1)
        for merging in (False, True) if config.merge else (False,):
            useful = set()
            job = maker.job(layer, "shapes", replace(config, kc=4, merging=merging))
            for shape in shapes:
                other = Job(job.layers, job.program, job.config, f"shape_{shape}_{merging}")
                other.passes = tuple(with_cfg(item, SHAPE=shape) for item in job.passes)
                before = self.sums("mac_useful")
                await self.run_job(other)
                useful.add(self.sums("mac_useful") - before)
            assert len(useful) == 1


class DirectedOptions(Trap):
    """Goal: every run-time option with every other. Stimulus: one layer, chained tiles among them,
    under EMPTY_STEP, MERGE, DENSE, RELU, each on and off. Check: exact."""

    async def scenario(self) -> None:
        config, maker = self.cfg.config, self.maker
        for relu in (False, True):
            layer = maker.layer(
                (5, 6, 2, 2), maker.plane, density=0.3, act_density=0.4, relu=relu, padding=1
            )
            for free, merging, dense in product((False, True), repeat=3):
                if merging and not config.merge:
                    continue
                options = {"empty_free": free, "merging": merging, "dense_out": dense}
                label = f"options_{free}_{merging}_{dense}_{relu}"
                await self.run_layer(layer, label, **options)


class DirectedChain(Trap):
    """Goal: layers chained in the memories. Stimulus: chains of two to four layers with different
    kernels, two samples, results of the last one compressed and dense; more outputs than biases, so
    that later passes append to the results of earlier ones. Check: the later layers load no
    activations; passes append; exact."""

    async def scenario(self) -> None:
        config, maker = self.cfg.config, self.maker
        modes = 0
        many = config.bias_depth + 3
        for depth, dense in ((2, False), (3, True), (4, False)):
            sizes = [int(n) for n in self.cfg.rng.integers(2, 7, depth + 1)]
            if depth == 2:
                sizes[1] = many
            job = maker.chain(sizes, f"chain_{depth}", dense_out=dense)
            loads = [item for item in job.passes if item.act is not None]
            assert len(loads) == 2, "one load for each sample"
            for item in job.passes:
                modes |= field(item, "MODE")
            await self.run_job(job)
        assert modes & Mode.SWAP and modes & Mode.OA_KEEP and modes & Mode.DENSE


class Extremes(Trap):
    """Goal: the ends of every range. Stimulus: weights and activations at the ends of theirs as far
    as a product fits the accumulator, shifts from 0 to the largest; the largest C, TAPS, TILE_W; a
    PITCH wider than its tile, positions up to the last accumulator. Check: exact."""

    async def scenario(self) -> None:
        await self.values()
        await self.sizes()

    async def values(self) -> None:
        """Products of the ends."""
        maker, config = self.maker, self.cfg.config
        ends = [-maker.act_max - 1, maker.act_max, 1, -1]
        pairs = [(w, a) for w in ends for a in ends if abs(w * a) < maker.acc_limit]
        for shift in (0, config.acc_width // 2, config.acc_width - 1):
            for weight, act in pairs:
                layer = Layer(np.array([[weight], [0]]), np.array([act]), shift=shift, relu=False)
                await self.run_layer(layer, f"ends_{weight}_{act}_{shift}")

    async def sizes(self) -> None:
        """Fields at their ends."""
        config, maker = self.cfg.config, self.maker
        pixels = (config.pe_y, config.pe_x)
        await self.run_layer(
            maker.layer((1, config.max_c, 1, 1), pixels, density=0.1), "channels", kc=4
        )
        side = max(n for n in range(1, 17) if n * n <= config.max_taps)
        if side * side <= config.lin_size(4):
            layer = maker.layer((2, 1, side, side), (side, side), density=0.3)
            await self.run_layer(layer, "taps", kc=4)
        wide = min(255, config.lin_size(4))
        layer = maker.layer((2, 1, 1, 1), (1, config.pe_x * wide), act_density=0.2, bias=False)
        job = await self.run_layer(layer, "wide", kc=4)
        assert field(job.passes[0], "TILE_W") == wide


TRAPS: tuple[type[Trap], ...] = (
    *(DirectedEmptyBlocks, DirectedEmptyTiles, DirectedRuns, DirectedTiles, DirectedGroups),
    *(DirectedOneBank, DirectedSameEntry, DirectedFifo, DirectedHalo, DirectedCarry),
    *(DirectedSegments, DirectedStride, DirectedShapes, DirectedOptions, DirectedChain, Extremes),
)
