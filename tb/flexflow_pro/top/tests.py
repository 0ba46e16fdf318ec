"""Top-level tests of FlexFlow-Pro. Plan: ``testplan.toml``; stimulus: ``stimulus.py``,
``traps.py``.

What every design has to pass is in ``tb/common/tests``; the tests of what goes wrong are in
``error_tests.py``.
"""

from __future__ import annotations

from tb.common.tests.layers import layer_tests
from tb.common.tests.limits import identified
from tb.common.tests.top import socket_tests
from tb.common.uvm.base_test import add_tests, socket_test
from tb.flexflow_pro.top.env import FlexflowProTest
from tb.flexflow_pro.top.traps import TRAPS


@socket_test()
class Smoke(FlexflowProTest):
    """Goal: the way through the accelerator works. Stimulus: a convolution with bias and ReLU, as
    the compiler lays it out. Check: ID, VERSION and CAP registers describe this build; the layer is
    exact."""

    async def scenario(self) -> None:
        await identified(self)
        rows, cols = self.cfg.config.rows, self.cfg.config.cols
        layer = self.maker.layer(
            (rows + 1, cols, 2, 2), (3, 4), density=0.5, act_density=0.6, relu=True, padding=1
        )
        await self.run_job(self.maker.job(layer, "smoke"))


add_tests(FlexflowProTest, __name__, *TRAPS)
layer_tests(FlexflowProTest, __name__)
socket_tests(FlexflowProTest, __name__)
