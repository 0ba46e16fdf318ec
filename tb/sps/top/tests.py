"""Top-level tests of SPS. Plan: ``testplan.toml``; stimulus: ``stimulus.py``, ``traps.py``.

What designs around the array have to pass is in ``tb/array/top_tests.py``, what every design has
to pass in ``tb/common/tests/top.py``; "exact" is what it means there. The tests of what goes wrong
are in ``error_tests.py``.
"""

from __future__ import annotations

from tb.array.top_tests import array_tests
from tb.common.tests.layers import layer_tests
from tb.common.tests.limits import identified
from tb.common.tests.top import socket_tests
from tb.common.uvm.base_test import add_tests, socket_test
from tb.sps.top.env import SpsTest
from tb.sps.top.traps import TRAPS


@socket_test()
class Smoke(SpsTest):
    """Goal: the way through the accelerator works. Stimulus: one convolution of two patterns, with
    bias and ReLU. Check: ID, VERSION and CAP registers describe this build; the layer is exact."""

    async def scenario(self) -> None:
        config, maker = self.cfg.config, self.maker
        await identified(self)
        kernel = (config.cols + 1, config.rows, 2, 2)
        table = maker.patterns(2, 4, [2, 1])
        layer = maker.periodic(kernel, (3, 4), table, padding=1, bias=True, relu=True)
        await self.run_job(maker.job(layer, "smoke"))


add_tests(SpsTest, __name__, *TRAPS)
array_tests(SpsTest, __name__)
layer_tests(SpsTest, __name__)
socket_tests(SpsTest, __name__)
