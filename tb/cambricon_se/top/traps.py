"""The traps of Cambricon-SE: what selectors, lists, codes and cores that share the inputs may get
wrong.

Each test asserts that it drove what it says, by counters that were read back. "Exact" as in
``tb/common/tests/layers.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import product
from typing import ClassVar

import numpy as np

from models.cambricon_se.config import KINDS, Selector
from models.cambricon_se.huffman import LONGEST, Table
from models.cambricon_se.packets import BOOK
from models.cambricon_se.registers import Kind, Mode
from models.pruning import mask as pruned
from models.socket import ErrorCode
from tb.cambricon_se.top.env import CambriconSeTest
from tb.cambricon_se.top.stimulus import Shape, field, with_cfg
from tb.common.stimulus import Ints
from tb.common.uvm.items import Expected, Job

BOTH = (False, True)


class Trap(CambriconSeTest):
    """What the traps share."""

    limit_us: ClassVar[float] = 20_000

    async def counted(self, job: Job) -> Mapping[str, int]:
        """Run a job; its counters, added up over its passes."""
        sums = self.env.scoreboard.sums
        before = sums.copy()
        await self.run_job(job)
        return {name: sums[name] - before[name] for name in sums}

    def first(self, counts: list[int]) -> np.ndarray:
        """Masks with so many bits, from position 0 on: bool [n, Window]."""
        return np.arange(self.cfg.config.window) < np.array(counts)[:, None]

    def ones(self, shape: Shape) -> Ints:
        """Neurons of which none is 0."""
        return self.maker.neurons(shape, 1.0, 99)


class DirectedPrunedWindow(Trap):
    """Goal: a window all of whose weights are pruned. Stimulus: entries without a mask bit, first,
    in the middle, last, two and three in a row, alone in the list of a group, of all groups. Check:
    exact; as many windows without a survivor as there are such entries and pixels."""

    async def scenario(self) -> None:
        maker = self.maker
        shape = Shape(p=1, q=2, across=2, cb=3, groups=2)
        for empty in ((0,), (2,), (5,), (0, 1), (4, 5), (2, 3), (1, 2, 3), (0, 5), range(6)):
            lists = []
            for _ in range(shape.groups):
                counts = np.where(np.isin(np.arange(6), list(empty)), 0, 3).tolist()
                lists.append(maker.entries(range(6), self.first(counts), 9))
            job = maker.raw(f"pruned_{len(empty)}_{empty[0]}", shape, lists, self.ones(shape))
            counted = await self.counted(job)
            assert counted["empty_windows"] == len(empty) * shape.groups * 2
        none = [maker.entries([0], self.first([0]), 9) for _ in range(shape.groups)]
        counted = await self.counted(maker.raw("none", shape, none, self.ones(shape)))
        outputs = shape.groups * 2
        selectors = self.cfg.config.pes if self.cfg.config.per_pe else 1
        assert counted["windows"] == counted["empty_windows"] == outputs
        assert counted["vectors"] == outputs * selectors and counted["mac_useful"] == 0


class DirectedZeroWindow(Trap):
    """Goal: a window all of whose neurons are 0. Stimulus: rows of zeros, each alone, those of one
    pixel, all of the block; plain and packed. Check: exact; such windows have no survivor, but with
    a selector per PE they have: there zeros are multiplied."""

    async def scenario(self) -> None:
        maker, config = self.maker, self.cfg.config
        shape = Shape(q=3, cb=2, groups=2)
        for number, zero in enumerate(([0], [3], [5], [2, 3], [0, 2, 4], list(range(6)))):
            lists = [maker.entries(range(2), self.first([3, 2]), 9) for _ in range(2)]
            acts = self.ones(shape)
            acts.reshape(6, -1)[zero] = 0
            job = maker.raw(f"zero_{number}", shape, lists, acts, packed_in=bool(number % 2))
            counted = await self.counted(job)
            if config.per_pe:
                lost = 2 * config.pes * sum(3 if row % 2 == 0 else 2 for row in zero)
                assert counted["empty_windows"] == 0 and counted["slot_padding"] == lost
            else:
                assert counted["empty_windows"] == 2 * len(zero)
                assert counted["slot_padding"] == 0


class DirectedSurvivors(Trap):
    """Goal: a window with exactly as many survivors as lanes (16), one more (17), all of it (128).
    Stimulus: windows with none, one, one less than lanes, lanes, one more, twice as many, one less
    than the window, all, alone and each behind each, by masks and by neurons. Check: exact; the
    vectors are those that the rule gives."""

    limit_us: ClassVar[float] = 60_000

    async def scenario(self) -> None:
        config, lanes = self.cfg.config, self.cfg.config.lanes
        some = (0, 1, lanes - 1, lanes, lanes + 1, 2 * lanes, config.window - 1, config.window)
        counts = tuple(dict.fromkeys(n for n in some if n <= config.code_row))
        for n in counts:
            await self.window([n], by_neurons=False)
            await self.window([n], by_neurons=True)
        for number, pair in enumerate(product(counts, repeat=2)):
            await self.window(list(pair), by_neurons=number % 2 == 1)

    async def window(self, counts: list[int], by_neurons: bool) -> None:
        """An output whose windows have these survivors."""
        maker, config = self.maker, self.cfg.config
        shape = Shape(cb=len(counts))
        masks = self.first(counts)
        acts = self.ones(shape)
        if by_neurons and not config.per_pe:
            acts[0, 0][~masks] = 0
            masks = self.first([config.code_row] * len(counts))
        lists = [maker.entries(range(len(counts)), masks, 9)]
        name = f"survivors_{'_'.join(map(str, counts))}_{by_neurons}"
        counted = await self.counted(maker.raw(name, shape, lists, acts))
        assert counted["mac_useful"] == sum(counts) * config.pes
        # Behind the first windows the others come in time.
        selectors = config.pes if config.per_pe else 1
        if len(counts) == 1:
            assert counted["vectors"] == max(1, -(-counts[0] // config.lanes)) * selectors
        assert counted["empty_windows"] == counts.count(0)


class DirectedTogether(Trap):
    """Goal: survivors of two windows in a vector. Stimulus: a window that keeps the lanes busy for
    two vectors, so that those behind it come up to it, and five of half as many survivors as lanes,
    all at the same lanes, or in turn at the two halves. Check: exact; packed two of them share a
    vector, by natural lanes only where their lanes differ."""

    async def scenario(self) -> None:
        maker, config = self.maker, self.cfg.config
        lanes, number = config.lanes, 6
        assert 2 * lanes <= config.code_row
        shape, half = Shape(cb=number), lanes // 2
        for apart in BOTH:
            masks = self.first([2 * lanes] + [0] * (number - 1))
            for at in range(1, number):
                first = half * (at % 2) if apart else 0
                masks[at, first : first + half] = True
            job = maker.raw(f"together_{apart}", shape, [maker.entries(range(number), masks, 9)],
                            self.ones(shape))  # fmt: skip
            counted = await self.counted(job)
            vectors = counted["vectors"] // (config.pes if config.per_pe else 1)
            shared = apart or config.selector != Selector.NATURAL
            assert vectors == 2 + number - 1 - shared, vectors


class DirectedEnds(Trap):
    """Goal: ends of outputs. Stimulus: lists of one to three entries, each without a survivor, with
    one, with as many as lanes, with more, on two pixels, so that each list also follows itself and
    others. Check: exact."""

    limit_us: ClassVar[float] = 60_000

    async def scenario(self) -> None:
        maker, config = self.maker, self.cfg.config
        some = tuple(dict.fromkeys((0, 1, config.lanes, min(config.lanes + 1, config.code_row))))
        chosen = [list(c) for n in (1, 2, 3) for c in product(some, repeat=n)]
        order = self.cfg.rng.permutation(len(chosen)).tolist()
        shape = Shape(q=2, cb=3, groups=2 * config.cores)
        each = 2 * config.cores
        for at in range(0, len(order), each):
            part = [chosen[n] for n in (order[at:] + order)[:each]]
            lists = [maker.entries(range(len(c)), self.first(c), 9) for c in part]
            counted = await self.counted(maker.raw(f"ends_{at}", shape, lists, self.ones(shape)))
            assert counted["windows"] == 2 * sum(map(len, part))
            assert counted["empty_windows"] == 2 * sum(c.count(0) for c in part)


class DirectedPartialWindow(Trap):
    """Goal: a last window that is partial. Stimulus: compiled layers with one channel more and less
    than a window, than two, with one channel, on every kind of windows. Check: exact; pixels of one
    and of several rows."""

    async def scenario(self) -> None:
        maker, config, rows = self.maker, self.cfg.config, set()
        for channels, kind in product(
            (1, config.window - 1, config.window + 1, 2 * config.window - 1), KINDS
        ):
            layer = maker.layer((config.pes + 1, channels, 2, 2), (2, 3), act_density=0.7)
            job = maker.job(layer, f"partial_{channels}_{kind}", replace(config, kind=kind))
            rows |= {field(item, "CB") for item in job.passes}
            await self.run_job(job)
        assert len(rows) > 1


class DirectedLargeBlock(Trap):
    """Goal: pruning blocks larger than the channel count. Stimulus: layers of 1 to 5 channels and
    fewer outputs than a block, pruned by blocks of 16 x 16, half of them and all but one; compiled.
    Check: exact."""

    async def scenario(self) -> None:
        maker, config = self.maker, self.cfg.config
        for channels, filters in product((1, 3, 5), (1, config.all_pes + 1)):
            kernel = filters, channels, 2, 2
            values = self.cfg.rng.random(kernel)
            for density in (0.25, 0.5):
                kept = pruned(values, density, "block", block=(16, 16))
                acts = np.ones((1, channels, 4, 3), dtype=bool)
                layer = maker.masked(kept, acts, padding=1)
                assert 0 < kept.mean() < 1
                await self.run_job(maker.job(layer, f"block_{channels}_{filters}_{density}"))


class DirectedCodeZero(Trap):
    """Goal: a code of value 0 in a block that is kept. Stimulus: weights of 0 behind mask bits, in
    one PE, in all but one, at the first, the last code of a row, in all; codes of 8 bits, and of 4
    bits whose codebook has 0 in it, last and first. Check: exact; slot_padding counts them."""

    async def scenario(self) -> None:
        maker, config = self.maker, self.cfg.config
        shape = Shape(cb=2, groups=config.cores)
        count = config.code_row
        for code4, zeros in product(BOTH, ("pe", "others", "first", "last", "all")):
            values = np.array([5, -7, 300, -400]) if code4 else None
            lists, lost = [], 0
            for _ in range(shape.groups):
                one = maker.entries(range(2), self.first([count, count]), 9, values)
                at = np.zeros(one.weights.shape, dtype=bool)
                if zeros == "pe":
                    at[:, 0] = True
                elif zeros == "others":
                    at[:, 1:] = True
                elif zeros == "first":
                    at[:, :, 0] = True
                elif zeros == "last":
                    at[:, :, count - 1] = True
                else:
                    at[:] = True
                at &= one.weights != 0
                lost += int(at.sum())
                lists.append(replace(one, weights=np.where(at, 0, one.weights)))
            job = maker.raw(f"zero_{zeros}_{code4}", shape, lists, self.ones(shape), code4=code4)
            counted = await self.counted(job)
            assert counted["slot_padding"] == lost > 0


class DirectedCodes(Trap):
    """Goal: every code. Stimulus: codes of 8 bits from -128 to 127 with each shift that the build
    has codebooks for, codes of 4 bits of full codebooks in every region, the most negative and the
    most positive values among them. Check: exact; all regions are named."""

    async def scenario(self) -> None:
        maker, config, rng = self.maker, self.cfg.config, self.cfg.rng
        count, window = config.code_row, config.window
        for low in range(-128, 128, 2 * count):
            shape = Shape(cb=2)
            one = maker.entries(range(2), self.first([count, count]), 9)
            codes = np.clip(low + np.arange(2 * count), -128, 127).reshape(2, 1, count)
            weights = np.zeros((2, config.pes, window), dtype=np.int64)
            shift = maker.some_shifts(2)
            weights[:, :, :count] = codes << shift[:, None, None]
            lists = [replace(one, weights=weights, shift=shift)]
            await self.run_job(maker.raw(f"codes8_{low}", shape, lists))
        number = min(config.regions, config.list_depth // 2)
        shape = Shape(cb=2)
        place = np.arange(number) % 2
        masks = np.zeros((number, window), dtype=bool)
        each = min(count, max(1, window // -(-number // 2)))
        for at in range(number):
            first = at // 2 * each
            masks[at, first : first + each] = first + each <= window
        one = maker.entries(place, masks, 9)
        weights = np.zeros((number, config.pes, window), dtype=np.int64)
        for at, mask in enumerate(masks):
            book = rng.choice(np.arange(1, 500), BOOK - 1, replace=False) * (1 + at)
            book[0], book[1] = (-32768, 32767) if at % 2 else (1, -1)
            weights[at][:, mask] = rng.choice(book, (config.pes, int(mask.sum())))
        job = maker.raw("codes4", shape, [replace(one, weights=weights)], code4=True)
        books = sum(one.count for one in maker.sections_of(job.passes[0]) if one.kind == Kind.BOOK)
        assert books >= 1
        await self.run_job(job)


class DirectedHuffman(Trap):
    """Goal: codes in bit strings. Stimulus: a table with codes of each length up to the longest,
    its codes all alike often; rows of a single code; passes that keep the table of the one before;
    codes of 4 bits; a compiled layer, plain and coded. Check: exact, words and cycles; coded
    shorter where codes repeat; in a build without a decoder GEOMETRY, and the next pass exact."""

    async def scenario(self) -> None:
        maker, config = self.maker, self.cfg.config
        shape = Shape(p=1, q=2, cb=3, groups=config.cores + 1)
        if not config.huf_lanes:
            job = maker.raw("none", shape)
            (item,) = job.passes
            mode = field(item, "MODE") | int(Mode.HUFFMAN)
            job.passes = (replace(with_cfg(item, MODE=mode), wgt=None, act=None),)
            job.expected = Expected(0, ErrorCode.GEOMETRY, 0)
            await self.run_job(job)
            await self.run_job(maker.raw("plain", shape))
            return
        values = np.array([1, -1, 2, -2, 3, -3, 4, -4, 5, -5, 6, -6, 127, -128])
        counts = np.zeros(256, dtype=np.int64)
        counts[np.append(values, 0) & 0xFF] = np.cumsum(1 << np.arange(15))
        steep = Table.of(counts)
        assert steep.lengths.max() == LONGEST
        lists = maker.lists(shape, 0.7, values)
        await self.run_job(maker.raw("longest", shape, lists, huffman=True, table=steep))
        whole = [maker.entries([0], self.first([config.code_row]), values=np.array([5]))] * 2
        counted = await self.counted(maker.raw("single", Shape(groups=2), whole, huffman=True))
        assert counted["words_wgt"] > 0
        some = [maker.entries([0], self.first([1]), values=np.array([5]))] * 2
        await self.run_job(maker.raw("pair", Shape(groups=2), some, huffman=True))
        long = Shape(cb=3, groups=config.cores, passes=3)
        lists = [maker.whole(long, 2)[0]] * long.groups
        job = maker.raw("kept", long, lists, huffman=True, table=steep)
        await self.run_job(job)
        await self.run_job(maker.raw("code4", shape, code4=True, huffman=True))
        kernel = (config.all_pes, config.window, 2, 1)
        layer = maker.masked(
            np.ones(kernel, dtype=bool), np.ones((1, config.window, 2, 2), dtype=bool)
        )
        layer = replace(layer, weights=np.sign(layer.weights))
        words = {}
        for huffman in BOTH:
            job = maker.job(layer, f"layer_{huffman}", replace(config, huffman=huffman))
            words[huffman] = (await self.counted(job))["words_wgt"]
        assert words[True] < words[False], words


class DirectedOneGroup(Trap):
    """Goal: several cores and one group of outputs. Stimulus: one group, on one pixel and on many;
    compiled layers with fewer outputs than a core has PEs. Check: exact; the other cores wait for
    all of it."""

    async def scenario(self) -> None:
        maker, config = self.maker, self.cfg.config
        for q in (1, 4):
            shape = Shape(q=q, across=2)
            await self.waits(maker.raw(f"one_group_{q}", shape, density=0.9), config.cores - 1)
        for filters in (1, config.pes):
            layer = maker.layer((filters, 5, 2, 2), (3, 3), padding=1)
            await self.waits(maker.job(layer, f"filters_{filters}"), config.cores - 1)

    async def waits(self, job: Job, idle: int) -> None:
        """Run a job in which so many cores have nothing to do."""
        config = self.cfg.config
        counted = await self.counted(job)
        slots = config.pes * config.lanes
        # All but the last E - 1 cycles of each pass.
        most = sum(bool(field(item, "MODE") & Mode.COMPUTE) for item in job.passes) * 9
        cycles = counted["cycles_compute"] - most
        assert counted["stall_sync"] >= idle * slots * cycles >= 0


class DirectedIdleCore(Trap):
    """Goal: cores without a group, and with fewer than others. Stimulus: every number of groups up
    to two rounds, with a bias, kept sums, packed results. Check: exact; results come group by
    group, the cores that have none wait."""

    async def scenario(self) -> None:
        maker, config = self.maker, self.cfg.config
        for groups, packed in product(range(1, 2 * config.cores + 1), BOTH):
            shape = Shape(q=2, across=2, groups=groups, passes=1 + groups % 2)
            job = maker.raw(f"groups_{groups}_{packed}", shape, density=0.8, packed_out=packed)
            counted = await self.counted(job)
            if groups % config.cores:
                assert counted["stall_sync"] > 0


class DirectedBarrier(Trap):
    """Goal: the barriers: cores at the end of a pass, PEs with a selector of their own at the end
    of an output. Stimulus: the whole window in one core, and in one PE, in turn, one position in
    the others. Check: exact; all that have less to do wait."""

    async def scenario(self) -> None:
        maker, config = self.maker, self.cfg.config
        shape = Shape(q=3, groups=config.cores)
        for slow in range(config.cores):
            lists = [
                maker.entries([0], self.first([config.code_row if g == slow else 1]), 9)
                for g in range(config.cores)
            ]
            job = maker.raw(f"core_{slow}", shape, lists, self.ones(shape))
            counted = await self.counted(job)
            assert (counted["stall_sync"] > 0) == (config.cores > 1)
        for slow, two in product(range(config.pes), BOTH):
            lists = []
            for _ in range(config.cores):
                masks = np.repeat(self.first([1] * (1 + two))[:, None], maker.sets, axis=1)
                masks[:, slow % maker.sets] = self.first([config.code_row] * (1 + two))
                lists.append(maker.entries([0] * 1 + [1] * two, masks, 9))
            wide = replace(shape, cb=1 + two)
            job = maker.raw(f"pe_{slow}_{two}", wide, lists, self.ones(wide))
            counted = await self.counted(job)
            assert (counted["stall_sync"] > 0) == config.per_pe


class DirectedBadCompression(Trap):
    """Goal: what compresses badly: the bitmap makes it longer. Stimulus: blocks and results of
    which no value is 0, packed; the same plain. Check: exact; packed there are more words."""

    async def scenario(self) -> None:
        maker, config = self.maker, self.cfg.config
        shape = Shape(p=2, q=2, cb=2, groups=2 * config.cores)
        lists = maker.lists(shape, 1.0, largest=9)
        acts = self.ones(shape)
        biases = np.full(shape.groups * config.pes, maker.bias_max // 2)
        words = {}
        for packed in BOTH:
            job = maker.raw(f"bad_{packed}", shape, lists, acts, biases=biases, shift=6,
                            packed_in=packed, packed_out=packed)  # fmt: skip
            words[packed] = await self.counted(job)
        assert words[True]["words_in"] > words[False]["words_in"]
        if config.pes >= 4:  # results of fewer fill no word
            assert words[True]["words_out"] > words[False]["words_out"]


class DirectedZeroOutput(Trap):
    """Goal: an output all of which is 0. Stimulus: sums below 0 with ReLU, weights all 0, one
    result that is not 0 at either end, packed and plain. Check: exact; packed a unit for each group
    and pixel."""

    async def scenario(self) -> None:
        maker, config = self.maker, self.cfg.config
        shape = Shape(p=2, q=2, groups=config.cores + 1)
        lists = maker.lists(shape, 0.5, largest=9)
        for packed, one in product(BOTH, (None, 0, -1)):
            biases = np.full(shape.groups * config.pes, -(1 << 18))
            if one is not None:
                biases[one] = 1 << 18
            job = maker.raw(f"none_{one}_{packed}", shape, lists, self.ones(shape), biases=biases,
                            shift=8, relu=True, packed_out=packed)  # fmt: skip
            counted = await self.counted(job)
            if packed:
                more = 0 if one is None else 4
                assert counted["words_out"] == -(-shape.groups * 4 // 4) + more // 4
        none = [maker.entries([0], self.first([0]), 9) for _ in range(shape.groups)]
        for packed in BOTH:
            job = maker.raw(f"weights_{packed}", shape, none, bias=False, packed_out=packed)
            await self.run_job(job)


class DirectedPacked(Trap):
    """Goal: compression on both ways. Stimulus: the same passes plain, packed in, packed out, both;
    neurons and results of every density, blocks of zeros. Check: exact; sparse packets are shorter,
    everything else takes the same cycles."""

    async def scenario(self) -> None:
        maker = self.maker
        shape = Shape(p=2, q=2, down=2, cb=2, groups=self.cfg.config.cores + 1)
        for density in (0.0, 0.05, 0.3, 1.0):
            lists = maker.lists(shape, 0.5, largest=9)
            acts = maker.neurons(shape, density, 99)
            found = {}
            for both in product(BOTH, BOTH):
                name = f"packed_{density}_{both}"
                job = maker.raw(name, shape, lists, acts, relu=True, packed_in=both[0],
                                packed_out=both[1], shift=4, bias=density == 1.0)  # fmt: skip
                found[both] = await self.counted(job)
            assert len({one["cycles_compute"] for one in found.values()}) == 1
            if density < 0.3:
                for at in BOTH:
                    assert found[True, at]["words_in"] < found[False, at]["words_in"]
                    assert found[at, True]["words_out"] <= found[at, False]["words_out"]


class DirectedKinds(Trap):
    """Goal: what a place of a window is. Stimulus: the same layers on channels, rows and taps, with
    narrow, few and wide weights, as the compiler lays them out; groups balanced and not. Check:
    exact; codes of 4 bits where few values are wide, two codes of 8 bits where many are."""

    limit_us: ClassVar[float] = 60_000

    async def scenario(self) -> None:
        maker, config = self.maker, self.cfg.config
        code4 = set()
        for values, kind in product(("narrow", "few", "wide"), KINDS):
            layer = maker.layer(
                (config.all_pes + 1, 5, 3, 3), (4, 4), density=0.5, act_density=0.6, values=values
            )
            options = replace(config, kind=kind, balance=kind != "rows")
            job = maker.job(layer, f"kind_{kind}_{values}", options)
            code4.add((values, bool(field(job.passes[0], "MODE") & Mode.CODE4)))
            await self.run_job(job)
        assert {("narrow", False), ("few", True), ("wide", False)} <= code4


class DirectedCuts(Trap):
    """Goal: pass boundaries in the middle of a reduction. Stimulus: lists in 2, 3 and 4 parts, with
    and without bias, parts without an entry; layers whose channels and lists are larger than the
    memories, compiled. Check: exact; the passes keep the accumulators."""

    async def scenario(self) -> None:
        maker, config = self.maker, self.cfg.config
        for parts, bias in product((2, 3, 4), BOTH):
            shape = Shape(q=2, across=2, cb=1 + bias, groups=config.cores, passes=parts)
            job = maker.raw(f"parts_{parts}_{bias}", shape, bias=bias)
            kept = [bool(field(item, "MODE") & Mode.ACC_KEEP) for item in job.passes]
            assert kept == [False] + [True] * (parts - 1)
            await self.run_job(job)
        most = config.act_depth * config.window
        layer = maker.layer((2, most + 3, 1, 1), (1, 1), density=0.1, act_density=0.5)
        job = maker.job(layer, "channels")
        assert any(field(item, "MODE") & Mode.ACC_KEEP for item in job.passes)
        await self.run_job(job)


class DirectedPasses(Trap):
    """Goal: any pass of the contract. Stimulus: random geometries, lists in any order with several
    entries of a row, densities, codes and options, one to three passes each, streams without
    pauses. Check: exact."""

    limit_us: ClassVar[float] = 60_000

    async def scenario(self) -> None:
        for turn in range(24):
            await self.run_job(self.maker.any_raw(f"pass_{turn}"))


class Extremes(Trap):
    """Goal: the largest of everything. Stimulus: the whole neuron buffers, lists, biases and
    accumulators; the most negative and the most positive operands, as many as the accumulators
    take; one of everything. Check: exact."""

    limit_us: ClassVar[float] = 60_000

    async def scenario(self) -> None:
        config, maker = self.cfg.config, self.maker
        await self.run_job(maker.raw("least", Shape()))
        for number, shape in enumerate(
            (
                Shape(q=config.act_depth, stride=1) if config.acc_depth >= config.act_depth else
                Shape(down=1, across=config.act_depth),
                Shape(down=config.act_depth),
                Shape(cb=min(255, config.act_depth)),
                Shape(q=min(config.acc_depth, config.act_depth)),
                Shape(stride=15, q=2, p=1 + (config.act_depth >= 256)),
            )
        ):  # fmt: skip
            places = np.unique(np.linspace(0, shape.places - 1, 2).astype(int))
            masks = self.first([min(3, config.code_row)] * len(places))
            lists = [maker.entries(places, masks, 9) for _ in range(shape.groups)]
            assert shape.fits(config)
            await self.run_job(maker.raw(f"extreme_{number}", shape, lists, act_density=0.8))
        await self.run_job(maker.full_memories("full"))
        await self.rails()

    async def rails(self) -> None:
        """Operands at their ends, as many as the accumulators take."""
        config, maker = self.cfg.config, self.maker
        low, high = -(1 << 15), (1 << 15) - 1
        shape = Shape(groups=config.cores)
        room = maker.acc_limit * 3 // 4
        largest = 1 << 15 if room >= 1 << 30 else 128
        live = min(config.code_row, room // (largest << 15))
        for weight, act in product((-largest, largest - 1), (low, high)):
            acts = np.full((1, 1, 1, config.window), act)
            values = np.array([weight])
            lists = [maker.entries([0], self.first([live]), 9, values) for _ in range(config.cores)]
            job = maker.raw(f"rails_{weight}_{act}", shape, lists, acts, bias=False, code4=True)
            await self.run_job(job)


TRAPS: tuple[type[Trap], ...] = (DirectedPrunedWindow, DirectedZeroWindow, DirectedSurvivors)
TRAPS += (DirectedTogether, DirectedEnds, DirectedPartialWindow, DirectedLargeBlock)
TRAPS += (DirectedCodeZero, DirectedCodes, DirectedOneGroup, DirectedIdleCore, DirectedBarrier)
TRAPS += (DirectedHuffman,)
TRAPS += (DirectedBadCompression, DirectedZeroOutput, DirectedPacked, DirectedKinds)
TRAPS += (DirectedCuts, DirectedPasses, Extremes)
