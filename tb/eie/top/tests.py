"""Top-level tests of EIE. Plan: ``testplan.toml``; stimulus: ``stimulus.py``.

Every job's results are compared value by value with the golden model, every pass's counters with
the cycle model and with each other, by the scoreboard; "exact" below means all of that. The tests
of what goes wrong are in ``error_tests.py``.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np

from models.eie.packets import Cfg, Mode
from models.formats.csc import encode
from models.layer import Layer
from models.program import Pass
from tb.common.tests.layers import layer_tests
from tb.common.tests.limits import identified
from tb.common.tests.top import socket_tests
from tb.common.uvm.base_test import socket_test
from tb.eie.top.env import EieTest
from tb.eie.top.stimulus import (
    Mask,
    exact_mask,
    run_columns,
    slices_mask,
    with_cfg,
)

OPTIONS = [dict(zip(("skip_empty", "fuse_pad"), x, strict=True)) for x in product((0, 1), (0, 1))]


class Directed(EieTest):
    """Base of tests that need rows interleaved as written, so that patterns land where meant."""

    def build(self, **options: int):
        """The build without row balancing and with the options given."""
        flags = {name: bool(value) for name, value in options.items()}
        return replace(self.cfg.config, balance=False, **flags)

    def encoded(self, mask: Mask):
        """How a mask is encoded, to assert that a pattern is there."""
        return encode(mask.astype(np.uint8), self.cfg.config.num_pe, self.cfg.config.idx_width)

    def sums(self, name: str) -> int:
        """A counter summed over the passes judged so far in this test."""
        return self.env.scoreboard.sums[name]


@socket_test()
class Smoke(EieTest):
    """Goal: the way through the accelerator works. Stimulus: one layer with bias and ReLU.
    Check: ID, VERSION and CAP registers describe this build; the layer is exact."""

    async def scenario(self) -> None:
        await identified(self)
        rows, columns = min(self.maker.rows, 20), min(self.maker.columns, 24)
        density = self.maker.density(rows, columns, 0.3)
        await self.run_job(
            self.maker.job(
                self.maker.random(rows, columns, density, 0.5, bias=True, relu=True), "smoke"
            )
        )


@socket_test(8000)
class DirectedEmptyColumns(Directed):
    """Goal: columns without a weight. Stimulus: first, last, inner, two and more in succession, all
    but one, and all columns empty, with and without SKIP_EMPTY. Check: exact; empty slices take a
    slot exactly without SKIP_EMPTY."""

    async def scenario(self) -> None:
        pe, columns = self.cfg.config.num_pe, min(12, self.maker.columns)
        rows = min(self.maker.rows, 2 * pe)
        cases = {
            "first": [0],
            "last": [columns - 1],
            "inner": [columns // 2],
            "successive": [0, 1, 4, 5, 6, columns - 2, columns - 1],
            "but_one": [c for c in range(columns) if c != 3],
            "all": list(range(columns)),
            "none": [],
        }
        for (name, empty), options in product(cases.items(), OPTIONS[::2] + OPTIONS[1::2]):
            mask = np.ones((rows, columns), dtype=bool)
            mask[:, empty] = False
            loads = self.encoded(mask).loads().sum(axis=0)
            assert np.flatnonzero(loads == 0).tolist() == sorted(empty)
            layer = self.maker.layer(mask, np.ones((1, columns), dtype=bool))
            before = self.sums("slot_empty")
            await self.run_job(self.maker.job(layer, f"empty_{name}", self.build(**options)))
            spent = self.sums("slot_empty") - before
            assert spent == (0 if options["skip_empty"] else len(empty) * pe)


@socket_test(4000)
class DirectedZeroInputs(EieTest):
    """Goal: inputs that are zero are never broadcast. Stimulus: no, only the first, only the last
    input non-zero, whole rows of PEs zero. Check: exact; broadcasts equal the non-zero inputs."""

    async def scenario(self) -> None:
        pe = self.cfg.config.num_pe
        columns = min(self.maker.columns, 4 * pe + 1)
        rows = min(self.maker.rows, 2 * pe)
        density = self.maker.density(rows, columns, 0.5)
        patterns = [[], [0], [columns - 1], [0, columns - 1], list(range(0, columns, pe))]
        patterns.append([c for c in range(columns) if (c // pe) % 2 == 0])
        for live in patterns:
            acts = np.zeros((1, columns), dtype=bool)
            acts[0, live] = True
            mask = exact_mask(self.cfg.rng, (rows, columns), density)
            layer = self.maker.layer(mask, acts, bias=True)
            before = self.env.scoreboard.sums["broadcasts"]
            await self.run_job(self.maker.job(layer, f"zero_inputs_{len(live)}"))
            assert self.env.scoreboard.sums["broadcasts"] - before == len(live)


@socket_test(8000)
class DirectedRuns(Directed):
    """Goal: relative indices and padding. Stimulus: runs of 0, 1, M-1, M, M+1, 2M, 2M+1, 2M+2, 2M+3
    zeros (M the longest run an index holds) at the top of a slice and behind an entry, all PEs,
    FUSE_PAD on and off. Check: exact; padding is there exactly where a run needs it."""

    async def scenario(self) -> None:
        config = self.cfg.config
        lists = run_columns(config)
        rows = min(config.act_regs, self.maker.rows // config.num_pe) * config.num_pe
        mask = slices_mask(config, rows, lists)
        most = 1 << config.idx_width
        runs = [[b - a - 1 for a, b in zip([-1, *c[:-1]], c, strict=True)] for c in lists]
        padding = sum(run // most for column in runs for run in column)
        pads = int(self.encoded(mask).padding().sum())
        fits = rows // config.num_pe > max(c[-1] for c in lists)
        assert not fits or pads == padding * config.num_pe
        acts = np.ones((1, mask.shape[1]), dtype=bool)
        for options in OPTIONS:
            before = self.sums("slot_padding")
            job = self.maker.job(self.maker.layer(mask, acts), "runs", self.build(**options))
            await self.run_job(job)
            spent = self.sums("slot_padding") - before
            assert spent == pads if not options["fuse_pad"] else spent <= pads


@socket_test(20000)
class DirectedPadding(Directed):
    """Goal: padding at every place of an SRAM row. Stimulus: columns of single and double padding,
    first and inner, at start positions that walk over the row, FUSE_PAD on and off. Check: exact;
    fused padding costs less, never more, and all of it counts when off."""

    async def scenario(self) -> None:
        config, rng = self.cfg.config, self.cfg.rng
        most = 1 << config.idx_width
        if config.act_regs <= most:
            await self.run_good()  # no run of this build is long enough to need padding
            return
        shapes = [[most], [0, most + 1], [0, 1, most + 2]]
        if config.act_regs > 2 * most + 2:
            shapes += [[2 * most], [0, 2 * most + 1], [0, 1, 2, 2 * most + 2]]
        rows = min(config.act_regs * config.num_pe, self.maker.rows)
        shapes = [s for s in shapes if s[-1] < rows // config.num_pe]
        for turn, options in product(range(3), OPTIONS[2:]):
            lists: list[list[int]] = []
            while len(lists) + 2 < min(self.maker.columns, 40):
                lists.append(
                    sorted(
                        rng.choice(
                            min(8, rows // config.num_pe), int(rng.integers(0, 4)), replace=False
                        ).tolist()
                    )
                )
                lists.append(shapes[int(rng.integers(len(shapes)))])
            mask = slices_mask(config, rows, lists, pes=range(turn % config.num_pe + 1))
            pads = int(self.encoded(mask).padding().sum())
            assert pads > 0
            acts = np.ones((1, mask.shape[1]), dtype=bool)
            before = self.sums("slot_padding")
            job = self.maker.job(self.maker.layer(mask, acts), "padding", self.build(**options))
            await self.run_job(job)
            spent = self.sums("slot_padding") - before
            assert spent == pads if not options["fuse_pad"] else spent < pads


@socket_test(4000)
class DirectedOnePe(Directed):
    """Goal: all work on one PE. Stimulus: only the rows of the first, a middle and the last PE hold
    weights, all inputs non-zero. Check: exact; its queue fills and holds the broadcast, the others
    wait."""

    async def scenario(self) -> None:
        config = self.cfg.config
        columns = min(self.maker.columns, 4 * config.queue_depth + 24)
        local = min(12, self.maker.rows // config.num_pe)
        local = min(local, self.maker.entries(0.9) // columns)
        for pe in sorted({0, config.num_pe // 2, config.num_pe - 1}):
            mask = slices_mask(config, local * config.num_pe, [range(local)] * columns, [pe])
            loads = self.encoded(mask).loads().sum(axis=1)
            assert np.flatnonzero(loads).tolist() == [pe]
            layer = self.maker.layer(mask, np.ones((1, columns), dtype=bool))
            full, idle = self.sums("stall_queue_full"), self.sums("stall_input")
            await self.run_job(self.maker.job(layer, f"one_pe_{pe}", self.build()))
            if local > 1 and columns > config.queue_depth + 8:
                assert self.sums("stall_queue_full") > full
            assert config.num_pe == 1 or self.sums("stall_input") > idle


@socket_test(4000)
class DirectedQueue(Directed):
    """Goal: queues full and empty. Stimulus: dense columns (the queues fill), single inputs far
    apart (they run empty), and both in turn. Check: exact; the stall counters show both."""

    async def scenario(self) -> None:
        config = self.cfg.config
        columns = min(self.maker.columns, 3 * config.queue_depth + 16, 96)
        local = max(1, min(8, self.maker.rows // config.num_pe, self.maker.entries(0.9) // columns))
        heavy = np.ones((local * config.num_pe, columns), dtype=bool)
        light = np.zeros((1, columns), dtype=bool)
        light[0, :: max(2, columns // 4)] = True
        for acts in (np.ones((1, columns), dtype=bool), light):
            await self.run_job(self.maker.job(self.maker.layer(heavy, acts), "queue"))
        if local > 1 and columns > config.queue_depth + 8:
            assert self.sums("stall_queue_full") > 0
        assert self.sums("stall_input") > 0


@socket_test(4000)
class DirectedBypass(Directed):
    """Goal: an accumulator updated again before its write has landed. Stimulus: columns that hit
    one row in succession, at distances of one, two, three updates. Check: exact; bypass hits are
    counted where the distance is one or two, none at three."""

    async def scenario(self) -> None:
        config = self.cfg.config
        columns = min(24, self.maker.columns)
        local = min(6, self.maker.rows // config.num_pe)
        for distance in range(1, min(4, local) + 1):
            lists = [[c % distance] for c in range(columns)]
            mask = slices_mask(config, local * config.num_pe, lists, [0])
            layer = self.maker.layer(mask, np.ones((1, columns), dtype=bool))
            before = self.sums("bypass_hits")
            await self.run_job(self.maker.job(layer, f"bypass_{distance}", self.build()))
            hits = self.sums("bypass_hits") - before
            if distance == 1 or (distance == 2 and min(config.queue_depth, config.desc_depth) > 1):
                assert hits > 0, f"distance {distance}: no bypass"
            assert distance < 3 or hits == 0, f"distance {distance}: {hits} bypass hits"


@socket_test(8000)
class DirectedRowBorder(Directed):
    """Goal: slices that cross SRAM rows at each entry. Stimulus: slices of every length from none
    to two rows and one entry, starting at every entry of a row. Check: exact; every start position
    was driven crossing and not crossing where that is possible."""

    async def scenario(self) -> None:
        config = self.cfg.config
        row, local = config.entries_per_row, self.maker.rows // config.num_pe
        lengths = list(range(min(2 * row + 1, local) + 1))
        starts: set[tuple[int, bool]] = set()
        for _ in range(4):
            lists: list[Any] = []
            room = min(self.maker.columns, 48)
            while len(lists) < room:
                lists.append(range(int(self.cfg.rng.choice(lengths))))
            used = np.cumsum([len(x) for x in lists])
            lists = lists[: int(np.searchsorted(used, self.maker.entries()))]
            mask = slices_mask(config, local * config.num_pe, lists)
            pointers = self.encoded(mask).pointers[0]
            for begin, end in zip(pointers[:-1].tolist(), pointers[1:].tolist(), strict=True):
                if end > begin:
                    starts.add((begin % row, begin // row != (end - 1) // row))
            acts = np.ones((1, mask.shape[1]), dtype=bool)
            for options in (OPTIONS[3], OPTIONS[0]):
                layer = self.maker.layer(mask, acts)
                await self.run_job(self.maker.job(layer, "row_border", self.build(**options)))
        if local > row and row <= 8:
            assert {at for at, crosses in starts if crosses} == set(range(row))


@socket_test(40000)
class DirectedSegments(EieTest):
    """Goal: layers larger than the build. Stimulus: too many rows, too many columns, too many
    entries, all of them, with two samples so that weights stay resident where they fit. Check: the
    program has seams where asked (more than one row block, column block); exact."""

    async def scenario(self) -> None:
        config, maker = self.cfg.config, self.maker
        rows, columns = maker.rows, maker.columns
        shapes = {
            "out": (rows + config.num_pe + 1, min(columns, 10), 0.2, True),
            "out_unbiased": (config.act_regs * config.num_pe + 1, min(columns, 6), 0.1, False),
            "in": (config.num_pe + 1, 2 * columns + 3, 0.1, True),
            "both": (rows + 3, columns + 5, 0.05, True),
        }
        for name, (height, width, density, bias) in shapes.items():
            layer = maker.random(height, width, density, 0.5, batch=2, bias=bias)
            job = maker.job(layer, f"segments_{name}")
            blocks = {tag[2] for tag in (p.tag for p in job.passes)}
            parts = {tag[3] for tag in (p.tag for p in job.passes)}
            assert name.startswith("in") or len(blocks) > 1, f"{name}: no output seam"
            assert name.startswith("out") or len(parts) > 1, f"{name}: no input seam"
            await self.run_job(job)


@socket_test(8000)
class DirectedEntries(EieTest):
    """Goal: more entries than the weight memory holds. Stimulus: a full layer of that size. Check:
    it was cut by entries, not by rows or columns; exact."""

    async def scenario(self) -> None:
        config, maker = self.cfg.config, self.maker
        local = min(maker.rows // config.num_pe, 16)
        columns = maker.entries() // local + 2
        if columns > maker.columns or local * columns <= maker.entries():
            await self.run_good()  # the pointers run out first in this build
            return
        layer = maker.random(local * config.num_pe, columns, 1.0, 0.3)
        job = maker.job(layer, "entries")
        assert len({p.tag[3] for p in job.passes}) > 1
        await self.run_job(job)


@socket_test(8000)
class DirectedChain(EieTest):
    """Goal: layers chained by swapping the files. Stimulus: chains of two, three and four layers
    with different shifts and ReLU, two samples. Check: the later layers take their inputs from the
    file (no activation packet); every layer's results are exact."""

    async def scenario(self) -> None:
        config, maker = self.cfg.config, self.maker
        pe, books = config.num_pe, config.num_codebooks
        if books < 2:
            await self.run_good()  # each layer of a chain needs a codebook of its own
        for depth in range(2, min(4, books) + 1):
            sizes = [
                min(
                    int(self.cfg.rng.integers(2, 2 * pe + 6)),
                    maker.rows // 2,
                    24,
                    (maker.columns - 2 * depth) // depth,
                )
                for _ in range(depth + 1)
            ]
            layers = []
            for at in range(depth):
                mask = exact_mask(self.cfg.rng, (sizes[at + 1], sizes[at]), 0.3)
                acts = exact_mask(self.cfg.rng, (2, sizes[0]), 0.7) if at == 0 else None
                layers.append(
                    maker.layer(
                        mask,
                        acts,
                        relu=bool(at % 2),
                        bias=at < 2,
                        shift=None if at == 0 else 2,
                        name=f"layer{at}",
                    )
                )
            job = maker.network(layers, f"chain_{depth}")
            chained = [p for p in job.passes if p.cfg[int(Cfg.MODE)] & Mode.SRC_FILE]
            assert len(chained) == 2 * (depth - 1) and all(p.act is None for p in chained)
            await self.run_job(job)


@socket_test(4000)
class DirectedFirstPass(EieTest):
    """Goal: after reset both files read as zeros. Stimulus: layers that fill both files, a hard
    reset, then a pass with ACC_KEEP into the one file or, behind a SWAP, into the other. Check:
    exact, as if the sums had been cleared."""

    async def scenario(self) -> None:
        maker = self.maker
        rows, columns = min(maker.rows, 20), min(maker.columns, 24)
        shape = (rows, columns)
        mask = exact_mask(self.cfg.rng, shape, maker.density(*shape, 0.5))
        layer = maker.layer(mask, exact_mask(self.cfg.rng, (1, columns), 1.0))
        swap = Pass({int(Cfg.MODE): int(Mode.SWAP)}, None, None, 0)
        for before in ((), (swap,)):
            for _ in range(2):
                job = maker.job(layer, "filled")
                job.passes = (*job.passes, swap)
                await self.run_job(job)
            await self.env.bring_up()
            job = maker.job(layer, f"first{len(before)}")
            (item,) = job.passes
            keep = item.cfg[int(Cfg.MODE)] | int(Mode.ACC_KEEP)
            job.passes = (*before, with_cfg(item, MODE=keep))
            await self.run_job(job)


@socket_test(4000)
class DirectedDrain(Directed):
    """Goal: the end of a layer. Stimulus: the last column is empty, in all PEs or all but one, the
    last PE has the last work, the last input is zero. Check: exact, so no queue has a rest."""

    async def scenario(self) -> None:
        config, pe = self.cfg.config, self.cfg.config.num_pe
        columns = min(self.maker.columns, 10)
        local = min(6, self.maker.rows // pe)
        for case, options in product(("all", "but_last_pe", "zero_input"), OPTIONS):
            mask = np.ones((local * pe, columns), dtype=bool)
            mask[:, -1] = False
            if case == "but_last_pe":
                mask[pe - 1 :: pe, -1] = True
            acts = np.ones((1, columns), dtype=bool)
            acts[0, -1] = case != "zero_input"
            loads = self.encoded(mask).loads()[:, -1]
            assert np.count_nonzero(loads) == (1 if case == "but_last_pe" else 0)
            job = self.maker.job(
                self.maker.layer(mask, acts), f"drain_{case}", self.build(**options)
            )
            await self.run_job(job)
        assert config.num_pe == pe


@socket_test(8000)
class DirectedOptions(EieTest):
    """Goal: every run-time option. Stimulus: one layer under all combinations of SKIP_EMPTY,
    FUSE_PAD, row balancing, with and without bias and ReLU. Check: exact each time; with the
    options on, compute cycles are never more than without."""

    async def scenario(self) -> None:
        maker = self.maker
        rows, columns = min(maker.rows, 40), min(maker.columns, 24)
        mask = exact_mask(self.cfg.rng, (rows, columns), maker.density(rows, columns, 0.15))
        acts = exact_mask(self.cfg.rng, (1, columns), 0.6)
        for bias, relu in product((False, True), repeat=2):
            layer = maker.layer(mask, acts, bias=bias, relu=relu)
            spent = {}
            for flags in product((False, True), repeat=3):
                options = dict(zip(("skip_empty", "fuse_pad", "balance"), flags, strict=True))
                before = self.env.scoreboard.sums["cycles_compute"]
                job = maker.job(layer, f"options_{flags}", replace(self.cfg.config, **options))
                await self.run_job(job)
                spent[flags] = self.env.scoreboard.sums["cycles_compute"] - before
            assert spent[True, True, False] <= spent[False, False, False]


@socket_test(20000)
class Extremes(EieTest):
    """Goal: the ends of every range. Stimulus: one row, one column, both, the largest IN_LEN and
    OUT_LEN, lengths around a multiple of the PEs, inputs and weights at the ends of their ranges,
    the largest shift. Check: exact."""

    async def scenario(self) -> None:
        maker, pe = self.maker, self.cfg.config.num_pe
        tall = min(self.cfg.config.act_regs * pe, 4096)
        wide = maker.columns
        lengths = [1, max(1, pe - 1), pe, pe + 1, 2 * pe]
        shapes = [(r, c) for r in lengths for c in lengths if r <= tall and c <= wide]
        shapes += [(tall, 1), (1, wide), (tall, 3), (3, wide)]
        for rows, columns in shapes:
            density = maker.density(rows, columns, 0.4)
            layer = maker.random(rows, columns, density, 0.8, bias=rows <= maker.rows)
            await self.run_job(maker.job(layer, f"extremes_{rows}x{columns}"))
        await self.ends_of_ranges()

    async def ends_of_ranges(self) -> None:
        """All products of the ends; as many terms as the accumulator holds."""
        maker = self.maker
        acts = [-maker.act_max - 1, maker.act_max, 1, -1]
        weights = [-maker.wgt_max - 1, maker.wgt_max, 1, -1][
            : (1 << self.cfg.config.code_width) - 1
        ]
        terms = [(w, a) for w in weights for a in acts if abs(w * a) < maker.acc_limit]
        for shift in (0, self.cfg.config.acc_width - 1, self.cfg.config.acc_width // 2):
            for weight, act in terms:
                layer = Layer(np.array([[weight], [0]]), np.array([act]), shift=shift, relu=False)
                await self.run_job(maker.job(layer, f"ends_{weight}_{act}"))


layer_tests(EieTest, __name__)
socket_tests(EieTest, __name__)
