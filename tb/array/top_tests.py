"""Top-level tests that designs around the systolic array share: every layer, exact.

A design hands its base test to :func:`array_tests`. Every job's results are compared value by value
with the golden model, every pass's counters, cycles included, are equal to those of the cycle model
and consistent with each other: "exact" below means all of that, and the scoreboard does it.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from models.array.packets import BIAS_LANE, Kind, Mode
from models.layer import Layer
from models.packets import pack_rows_of_lanes
from models.program import Pass
from tb.array.env import ArrayTest
from tb.array.stimulus import field, split_phases
from tb.common.bfm.streams import PROFILES
from tb.common.uvm.base_test import add_tests
from tb.common.uvm.items import Job, packet_of


class DirectedGeometry(ArrayTest):
    """Goal: the address generator reads the right pixels. Stimulus: every stride 1 to 15, kernels
    of 1 to 11 rows and columns (also unequal ones), padding 0 to 15 and more, inputs smaller than
    the kernel. Check: exact, activation reads included; the registers say what was asked for."""

    limit_us = 20000

    async def scenario(self) -> None:
        seen: dict[str, set[int]] = {name: set() for name in ("STRIDE", "R", "S", "PAD_TOP")}

        async def run(taps, size, **options) -> None:
            layer = self.maker.layer((2, 3, *taps), size, **options)
            job = self.maker.job(layer, f"geometry_{taps}_{size}_{options}")
            await self.run_job(job)
            for item in job.passes:
                for name, values in seen.items():
                    values.add(field(item, name))

        for stride in range(1, 16):
            # The compiler leaves out input that no tap reads, so the kernel is as long as a step.
            await run((stride, 1), (2 * stride + 1, 3), stride=stride)
            await run((1, stride), (3, 2 * stride), stride=stride, padding=1)
        for taps in ((1, 1), (2, 2), (3, 3), (5, 5), (7, 7), (11, 11), (1, 11), (11, 2), (3, 1)):
            size, stride = (max(taps), max(taps) + 1), 1 + taps[0] % 2
            await run(taps, size, stride=stride, padding=taps[0] // 2)
        for stride in (1, 2, 5):
            await run((11, 1), (13, 2), stride=stride, padding=1)
        for padding in (*range(1, 16), 17):
            await run((3, 2), (1 + padding % 3, 2), padding=padding, stride=1 + padding // 4)
            await run((5, 1), (3, 2), padding=padding, stride=5)  # few pixels: not cut
        assert seen["STRIDE"] >= set(range(1, 16)), sorted(seen["STRIDE"])
        assert seen["PAD_TOP"] >= set(range(16)), sorted(seen["PAD_TOP"])


class DirectedTiles(ArrayTest):
    """Goal: weights switch at the right pixel. Stimulus: several tiles of 1 pixel and of numbers of
    pixels around the rows and columns of the array. Check: exact, so a tile takes the longer one of
    its pixels' time and the next weights'."""

    limit_us = 8000

    async def scenario(self) -> None:
        config = self.cfg.config
        counts = {1, 2, 3}
        for edge in (config.rows, config.cols + 1):
            counts |= {edge - 1, edge, edge + 1}
        for pixels in sorted(counts):
            for outputs, tiles in ((1, 1), (1, 3), (config.cols + 1, 2), (2 * config.cols + 1, 1)):
                kernel = (outputs, config.rows * tiles, 1, 1)
                layer = self.maker.layer(kernel, (1, 1), batch=pixels, density=1, act_density=1)
                await self.run_job(self.maker.job(layer, f"tiles_{pixels}_{outputs}_{tiles}"))


class DirectedDensity(ArrayTest):
    """Goal: operands of zero change nothing but the accounts. Stimulus: weights and inputs with no,
    one, some and only non-zero values. Check: exact; useful multiplies are those of the layer."""

    limit_us = 8000

    async def scenario(self) -> None:
        config = self.cfg.config
        kernel = (config.cols, config.rows, 2, 2)
        for density in (0.0, 0.001, 0.3, 1.0):
            for act_density in (0.0, 0.001, 0.3, 1.0):
                layer = self.maker.layer(
                    kernel, (3, 3), density=density, act_density=act_density, bias=True
                )
                await self.run_job(self.maker.job(layer, f"density_{density}_{act_density}"))


class DirectedCuts(ArrayTest):
    """Goal: layers larger than the build. Stimulus: more channels, more outputs, more pixels, a
    kernel larger than the buffers hold at once. Check: exact; passes keep sums and start others."""

    limit_us = 20000

    async def scenario(self) -> None:
        config, kept, started = self.cfg.config, 0, 0
        channels = self.maker.channels_too_many
        rows = config.acc_depth // 4 + 2
        shapes = (
            ((config.cols + 1, channels, 1, 1), (1, 1), 0),
            ((config.cols * (config.bias_depth + 1), 2, 1, 1), (1, 2), 0),
            ((2, 2, 3, 3), (rows, 4), 1),
            ((2, config.rows + 1, 11, 11), (11, 11), 1),
        )
        for kernel, size, padding in shapes:
            layer = self.maker.layer(kernel, size, padding=padding, bias=True)
            job = self.maker.job(layer, f"cuts_{kernel}")
            assert len(job.passes) > 1, kernel
            modes = [field(item, "MODE") for item in job.passes]
            kept += sum(bool(mode & Mode.ACC_KEEP) for mode in modes)
            started += sum(not mode & Mode.ACC_KEEP for mode in modes)
            await self.run_job(job)
        assert kept and started > len(shapes)


class DirectedPlaces(ArrayTest):
    """Goal: bases. Stimulus: the same layer at the beginning and at the end of all buffers. Check:
    exact."""

    limit_us = 4000

    async def scenario(self) -> None:
        for relu in (False, True):
            job = self.maker.good(f"places_{relu}")
            await self.run_job(job)
            (item,) = job.passes
            moved = Job(job.layers, job.program, job.config, f"{job.label}_high")
            moved.passes = (self.maker.relocated(item),)
            assert field(moved.passes[0], "WGT_BASE") and field(moved.passes[0], "ACT_BASE")
            await self.run_job(moved)


class DirectedPhases(ArrayTest):
    """Goal: phases apart. Stimulus: one START per phase; weights and biases in two packets; a
    packet without sections; sections of no words; registers that no enabled phase uses at any
    value; results streamed twice. Check: exact."""

    limit_us = 8000

    async def scenario(self) -> None:
        job = self.maker.good("phases")
        (item,) = job.passes
        load, *rest = split_phases(item)
        await self.run_split(job, "phases", (load, *rest))
        sections = self.maker.sections_of(item)
        weights, biases = ([s for s in sections if s.kind == kind] for kind in Kind)
        none = [replace(part, count=0, payload=part.payload[:0]) for part in weights]
        groups = (weights, [*none, *biases], [], sections)
        loads = [replace(load, wgt=packet_of(group)) for group in groups]
        # Nothing but MODE and the packet matters when only weights are loaded.
        wild = dict.fromkeys(range(1, 16), 0xFFFF_FFFF)
        loads[0] = replace(loads[0], cfg={0: int(Mode.LOAD_WGT), **wild})
        await self.run_split(job, "groups", (*loads, *rest))

    async def run_split(self, job: Job, label: str, passes: tuple[Pass, ...]) -> None:
        """The job in other passes."""
        split = Job(job.layers, job.program, job.config, label)
        split.passes = passes
        await self.run_job(split)


class DirectedRails(ArrayTest):
    """Goal: accumulator and results at both rails. Stimulus: biases that bring sums exactly to the
    lowest and highest accumulator; shifts that saturate, and that end exactly at the lowest and
    highest activation. Check: exact, no overflow is reported."""

    limit_us = 8000

    async def scenario(self) -> None:
        config, maker = self.cfg.config, self.maker
        if config.bias_width == config.acc_width and maker.every_output:
            await self.rail()
        act = maker.act_max + 1
        for shift in (0, 1, 4, config.acc_width - 1):
            targets = [-act - 1, -act, -act + 1, -1, 0, 1, act - 2, act - 1, act, act + 1]
            half = (1 << shift) >> 1
            sums = [t * (1 << shift) + d for t in targets for d in (-half, -1, 0, 1, half)]
            limit = min(maker.bias_max, maker.acc_limit - 2)
            part = np.array([s for s in sums if abs(s) <= limit - 1], dtype=np.int64)
            weights = np.tile([1, -1], (part.size, 1))
            for relu in (False, True):
                layer = Layer(weights, np.array([1, 1]), bias=part, shift=shift, relu=relu)
                await self.run_job(maker.job(maker.adapted(layer), f"rails_shift{shift}"))

    async def rail(self) -> None:
        """Sums at both ends of the range: the compiler refuses the lowest, the RTL does not."""
        config, maker = self.cfg.config, self.maker
        low, high = -maker.acc_limit, maker.acc_limit - 1
        weights = np.array([[1, 0], [-1, 0], [0, 1], [0, -1]], dtype=np.int64)
        bias = np.array([high - 1, low + 1, high - 1, low + 1], dtype=np.int64)
        lanes = np.zeros((1, config.cols), dtype=np.int64)
        lanes[0, :4] = bias
        for shift in (0, config.acc_width - config.act_width):
            true = Layer(weights, np.array([1, 1]), bias=bias, shift=shift, relu=False)
            near = Layer(weights, np.array([1, 1]), bias=bias // 2, shift=shift, relu=False)
            job = maker.job(near, f"rail_{shift}")
            parts = [
                replace(part, payload=pack_rows_of_lanes(lanes, BIAS_LANE))
                if part.kind == Kind.BIAS
                else part
                for part in maker.sections_of(job.passes[0])
            ]
            spoilt = Job((true,), job.program, job.config, job.label)
            spoilt.passes = (replace(job.passes[0], wgt=packet_of(parts)),)
            await self.run_job(spoilt)


class Extremes(ArrayTest):
    """Goal: the ends of every range. Stimulus: one and many outputs and channels around the size of
    the array, a single pixel, the largest pass of the build, operands at the ends of their ranges,
    the largest shift. Check: exact."""

    limit_us = 20000

    async def scenario(self) -> None:
        config, maker = self.cfg.config, self.maker
        for outputs in (1, config.cols - 1, config.cols, config.cols + 1):
            for channels in (1, config.rows - 1, config.rows, config.rows + 1):
                layer = maker.layer((outputs, channels, 1, 1), (1, 1), bias=True)
                await self.run_job(maker.job(layer, f"extremes_{outputs}x{channels}"))
        full = maker.layer((2, 1, 1, 1), (1, min(config.acc_depth, config.act_depth)))
        job = maker.job(full, "extremes_full")
        assert len(job.passes) == 1
        await self.run_job(job)
        acts = np.array([-maker.act_max - 1, maker.act_max, 1, -1])
        weights = np.array([-maker.wgt_max - 1, maker.wgt_max, 1, -1])
        for shift in (0, config.acc_width - 1, config.acc_width // 2):
            layer = Layer(weights[:, None], acts[:, None], shift=shift, relu=False)
            await self.run_job(maker.job(maker.adapted(layer), f"ends_{shift}"))


def random_test(profile: str) -> type[ArrayTest]:
    """A random test whose streams all have the pause profile."""

    class RandomTest(ArrayTest):
        limit_us = 40000
        pauses = dict.fromkeys(("s_axis_wgt", "s_axis_act", "m_axis_out"), profile)

        async def scenario(self) -> None:
            for turn in range(6):
                layer = self.maker.any_layer()
                await self.run_job(self.maker.job(layer, f"random_{profile}_{turn}"))

    RandomTest.__doc__ = f"""Goal: any layer under the pause profile {profile!r}. Stimulus: random
    shapes, densities and options; all streams pause. Check: exact."""
    RandomTest.__name__ = RandomTest.__qualname__ = f"Random{profile.capitalize()}"
    return RandomTest


class RandomMixed(ArrayTest):
    """Goal: pauses crossed. Stimulus: random layers; every job draws a profile for each stream,
    register accesses have random gaps. Check: exact; inputs and output paused together at least
    once."""

    limit_us = 40000

    reg_delays = True

    async def scenario(self) -> None:
        seen = set()
        for turn in range(8):
            names = [str(x) for x in self.cfg.rng.choice(PROFILES, 3)]
            if turn == 0:
                names = ["random", "burst", "random"]
            self.env.set_pauses(wgt=names[0], act=names[1], out=names[2])
            seen.add((names[1] != "none", names[2] != "none"))
            await self.run_job(self.maker.job(self.maker.any_layer(), f"mixed_{turn}"))
        assert (True, True) in seen


class Throughput(ArrayTest):
    """Goal: no cycle is lost. Stimulus: a 3x3 layer that fills the array, without pauses. Check:
    one word per cycle on all streams (plus a constant), compute cycles equal to the cycle model
    (scoreboard), at least 90 % of the slots filled (fewer where the array is larger than the
    pixels of the layer: then all but fill and drain)."""

    limit_us = 20000

    async def scenario(self) -> None:
        config = self.cfg.config
        job = self.maker.long("throughput")
        (item,) = job.passes
        before = self.env.scoreboard.sums.copy()
        await self.run_job(job)
        spent = {n: self.env.scoreboard.sums[n] - before[n] for n in self.env.scoreboard.sums}
        assert spent["cycles_wgt"] <= item.wgt.size + 4
        assert spent["cycles_act"] <= item.act.size + 4
        assert spent["cycles_output"] <= item.out_words + 3
        lost = (spent["stall_input"] + spent["stall_sync"]) / spent["mac_slots"]
        fill = (config.rows + config.cols + 3) / spent["cycles_compute"]
        assert lost <= max(0.1, fill), f"{lost:.1%} of the slots are empty"


class Stress(ArrayTest):
    """Goal: many different layers behind one another. Stimulus: random layers, also larger than the
    build, changing pauses, a soft reset between some. Check: exact."""

    limit_us = 100000

    async def scenario(self) -> None:
        rng, env = self.cfg.rng, self.env
        for turn in range(16):
            if turn % 4 == 0:
                wgt, act, out = (str(x) for x in rng.choice(("none", "none", "random", "burst"), 3))
                env.set_pauses(wgt=wgt, act=act, out=out)
            layer = self.maker.any_layer(fits=bool(rng.integers(3)))
            await self.run_job(self.maker.job(layer, f"stress_{turn}"))
            if turn % 7 == 3:
                await env.registers.soft_reset()


SHARED = (DirectedGeometry, DirectedTiles, DirectedDensity, DirectedCuts, DirectedPlaces)
SHARED += (DirectedPhases, DirectedRails, Extremes, RandomMixed, Throughput, Stress)


def array_tests(base: type[ArrayTest], module: str, geometry: bool = True) -> None:
    """Register the tests of this file for a design, in its test module.

    geometry    also of the address generator, which does not know how weights are kept
    """
    shared = [test for test in SHARED if geometry or test is not DirectedGeometry]
    add_tests(base, module, *shared, *(random_test(profile) for profile in PROFILES))
