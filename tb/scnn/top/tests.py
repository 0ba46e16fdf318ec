"""Top-level tests of SCNN. Plan: ``testplan.toml``; stimulus: ``stimulus.py``, ``traps.py``.

What every design has to pass is in ``tb/common/tests``; the tests of what goes wrong are in
``error_tests.py``.
"""

from __future__ import annotations

from tb.common.tests.layers import layer_tests
from tb.common.tests.limits import identified
from tb.common.tests.top import socket_tests
from tb.common.uvm.base_test import add_tests, socket_test
from tb.scnn.top.env import ScnnTest
from tb.scnn.top.traps import TRAPS


@socket_test()
class Smoke(ScnnTest):
    """Goal: the way through the accelerator works. Stimulus: one convolution with bias and ReLU.
    Check: ID, VERSION and CAP registers describe this build; the layer is exact."""

    async def scenario(self) -> None:
        await identified(self)
        layer = self.maker.layer((5, 3, 3, 3), self.maker.plane, relu=True, padding=1)
        await self.run_job(self.maker.job(layer, "smoke"))


add_tests(ScnnTest, __name__, *TRAPS)
layer_tests(ScnnTest, __name__)
socket_tests(ScnnTest, __name__)
