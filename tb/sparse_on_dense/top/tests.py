"""Top-level tests of Sparse-on-Dense. Plan: ``testplan.toml``; stimulus: ``stimulus.py``.

What designs around the array have to pass is in ``tb/array/top_tests.py``, what every design has
to pass in ``tb/common/tests/top.py``; "exact" is what it means there. The tests of what goes
wrong are in ``error_tests.py``.
"""

from __future__ import annotations

import numpy as np

from models.sparse_on_dense.parts import Layout
from tb.array.top_tests import array_tests
from tb.common.tests.layers import layer_tests
from tb.common.tests.limits import identified
from tb.common.tests.top import socket_tests
from tb.common.uvm.base_test import socket_test
from tb.sparse_on_dense.top.env import SodTest


@socket_test()
class Smoke(SodTest):
    """Goal: the way through the accelerator works. Stimulus: one convolution with bias and ReLU.
    Check: ID, VERSION and CAP registers describe this build; the layer is exact."""

    async def scenario(self) -> None:
        config = self.cfg.config
        await identified(self)
        kernel = (config.cols + 1, config.rows, 2, 2)
        layer = self.maker.layer(kernel, (3, 4), padding=1, bias=True, relu=True)
        await self.run_job(self.maker.job(layer, "smoke"))


@socket_test(20000)
class DirectedParts(SodTest):
    """Goal: every mixture of parts. Stimulus: parts that are empty, of one non-zero, half and
    completely full: all alike, in one unit only, empty ones first, last, in succession and in all
    units at once; few pixels and many. Check: exact."""

    async def scenario(self) -> None:
        units = self.cfg.config.num_units
        rows, cols = self.cfg.config.part
        one = 1 / (rows * cols)
        patterns = [np.full((3, units), density) for density in (0.0, one, 0.5, 1.0)]
        for unit in (0, units - 1):
            for base, other in ((0.0, 1.0), (1.0, 0.0), (0.3, 1.0), (one, 0.0)):
                filled = np.full((3, units), base)
                filled[:, unit] = other
                patterns.append(filled)
        for column in ((0, 1, 1, 1), (1, 1, 1, 0), (1, 0, 0, 1), (0, 0, 1, 0)):
            patterns.append(np.tile(np.array(column, dtype=float)[:, None] * 0.6, (1, units)))
        for number, filled in enumerate(patterns):
            for pixels in (1, 30):
                label = f"parts_{number}_{pixels}"
                await self.run_job(self.maker.parts_job(filled, pixels, label))


@socket_test(20000)
class DirectedPace(SodTest):
    """Goal: the array waits for its weights exactly as long as it must. Stimulus: the same weights
    on numbers of pixels around the time that decoding takes; a full tile among empty ones on the
    last number of pixels that waits, and on one more. Check: exact; from some number of pixels on
    only the first tile is waited for, and compute cycles then do not depend on the density."""

    async def scenario(self) -> None:
        config = self.cfg.config
        waits: dict[float, list[int]] = {}
        counts = (1, 2 * config.cols, 4 * config.cols, min(config.acc_depth, config.act_depth // 4))
        for density in (0.1, 0.4, 0.7):
            for pixels in counts:
                filled = np.full((4, config.num_units), density)
                before = self.env.scoreboard.sums["stall_sync"]
                job = self.maker.parts_job(filled, pixels, f"pace_{density}_{pixels}")
                await self.run_job(job)
                waited = self.env.scoreboard.sums["stall_sync"] - before
                waits.setdefault(density, []).append(
                    waited // config.multipliers // len(job.passes)
                )
        for found in waits.values():
            assert found[0] > found[-1], f"more pixels, no less waiting: {waits}"
        among = np.zeros((3, config.num_units))
        among[1] = 1.0
        edge = self.maker.last_waiting(among)
        for pixels in (edge, edge + 1):
            await self.run_job(self.maker.parts_job(among, pixels, f"edge_{pixels}"))


@socket_test(20000)
class DirectedReads(SodTest):
    """Goal: reads of the weight buffer fall with density. Stimulus: the same layer at densities of
    1, 0.5, 0.2 and 0.05. Check: exact; words read are those of so many non-zeros, and each word
    that was loaded is read once."""

    async def scenario(self) -> None:
        config, sums, reads = self.cfg.config, self.env.scoreboard.sums, []
        for density in (1.0, 0.5, 0.2, 0.05):
            before = sums["wgt_reads"], sums["wgt_writes"]
            filled = np.full((2, config.num_units), density)
            await self.run_job(self.maker.parts_job(filled, 3, f"reads_{density}"))
            read, written = sums["wgt_reads"] - before[0], sums["wgt_writes"] - before[1]
            assert read == written
            # N:M stores its slots whatever is in them, so that the count does not matter there.
            count = round(density * config.part[0] * config.cols)
            assert read == filled.size * Layout.of(config).words(np.array([count]))[0]
            reads.append(read)
        assert sorted(reads, reverse=True) == reads, reads


array_tests(SodTest, __name__, geometry=False)
layer_tests(SodTest, __name__)
socket_tests(SodTest, __name__)
