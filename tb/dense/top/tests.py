"""Top-level tests of the dense array. Plan: ``testplan.toml``; stimulus: ``tb/array/stimulus.py``.

What every design around the array has to pass is in ``tb/array/top_tests.py``, what every design
has to pass in ``tb/common/tests/top.py``; the tests of what goes wrong are in ``error_tests.py``.
"""

from __future__ import annotations

from tb.array.stimulus import field
from tb.array.top_tests import array_tests
from tb.common.tests.layers import layer_tests
from tb.common.tests.limits import identified
from tb.common.tests.top import socket_tests
from tb.common.uvm.base_test import socket_test
from tb.dense.top.env import DenseTest


@socket_test()
class Smoke(DenseTest):
    """Goal: the way through the accelerator works. Stimulus: one convolution with bias and ReLU.
    Check: ID, VERSION and CAP registers describe this build; the layer is exact."""

    async def scenario(self) -> None:
        config = self.cfg.config
        await identified(self)
        kernel = (config.cols + 1, config.rows, 2, 2)
        layer = self.maker.layer(kernel, (3, 4), padding=1, bias=True, relu=True)
        await self.run_job(self.maker.job(layer, "smoke"))


@socket_test()
class DirectedChoice(DenseTest):
    """Goal: weights choose among the inputs of their group. Stimulus: as many in each group as its
    rows hold, fewer, and as many as there are inputs; without groups all. Check: exact; what the
    rows hold takes a tile for each Inputs channels, what they do not hold more."""

    async def scenario(self) -> None:
        config = self.cfg.config
        rows, group = config.choice
        kernel = (config.cols + 1, 2 * config.inputs - 1, 2, 1)
        for most in dict.fromkeys((rows, 1, group)):
            mask = self.maker.choosing(kernel, most)
            job = self.maker.job(self.maker.layer(kernel, (3, 2), mask=mask), f"choice_{most}")
            tiles = sum(field(one, "CT") for one in job.passes) / len(job.passes)
            assert tiles == 2 if most <= rows else len(job.passes) * tiles > 2
            await self.run_job(job)


array_tests(DenseTest, __name__)
layer_tests(DenseTest, __name__)
socket_tests(DenseTest, __name__)
