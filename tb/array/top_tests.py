"""Top-level tests that designs around the systolic array share: every layer, exact.

A design hands its base test to :func:`array_tests`. Every job's results are compared value by value
with the golden model, every pass's counters, cycles included, are equal to those of the cycle model
and consistent with each other: "exact" below means all of that, and the scoreboard does it.
"""

from __future__ import annotations

import numpy as np

from models.array.packets import MAX_STEP, Mode
from models.array.timing import tile_interval
from models.layer import Layer
from tb.array.env import ArrayTest
from tb.array.stimulus import field
from tb.common.uvm.base_test import add_tests


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
        longest = self.maker.longest_step
        assert seen["STRIDE"] >= set(range(1, longest + 1)), sorted(seen["STRIDE"])
        if longest == MAX_STEP:  # where kernels are cut, their pieces have less padding
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
        # Many tiles whose pixels take just as long as the weights of the next one.
        pixels = tile_interval(1, config)
        layer = self.maker.layer((1, config.rows * 10, 1, 1), (1, 1), batch=pixels)
        await self.run_job(self.maker.job(layer, f"tiles_{pixels}_many"))


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


def array_tests(base: type[ArrayTest], module: str, geometry: bool = True) -> None:
    """Register the tests of this file for a design, in its test module.

    geometry    also of the address generator, which does not know how weights are kept
    """
    shared = (DirectedTiles, DirectedCuts, Extremes)
    add_tests(base, module, *shared, *((DirectedGeometry,) if geometry else ()))
