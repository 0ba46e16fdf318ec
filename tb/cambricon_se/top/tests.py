"""Top-level tests of Cambricon-SE. Plan: ``testplan_top.toml``; stimulus: ``stimulus.py``,
``traps.py``.

What every design has to pass is in ``tb/common/tests``; the tests of what goes wrong are in
``error_tests.py``.
"""

from __future__ import annotations

from tb.cambricon_se.top.env import CambriconSeTest
from tb.cambricon_se.top.traps import TRAPS
from tb.common.tests.layers import layer_tests
from tb.common.tests.limits import identified
from tb.common.tests.top import DirectedFinalCounters, socket_tests
from tb.common.uvm.base_test import add_tests, socket_test


@socket_test()
class Smoke(CambriconSeTest):
    """Goal: the way through the accelerator works. Stimulus: a convolution with bias and ReLU, as
    the compiler lays it out. Check: ID, VERSION and CAP registers describe this build; the layer is
    exact."""

    async def scenario(self) -> None:
        await identified(self)
        config = self.cfg.config
        layer = self.maker.layer(
            (config.pes + 1, config.window // 2, 2, 2), (3, 3), density=0.5, act_density=0.6,
            relu=True, padding=1,
        )  # fmt: skip
        await self.run_job(self.maker.job(layer, "smoke"))


class DirectedFinalPacked(DirectedFinalCounters):
    """Goal: done means counted, of packed packets too. Stimulus: a good pass whose activations and
    results are packed; of it one run per register that counts, read in the very cycle in which
    irq_o rises. Check: every register has the value that it has 40 cycles later."""

    async def scenario(self) -> None:
        await self.run_good()
        self.final = self.maker.good("final", packed=True)
        (item,) = self.final.passes
        await self.watch("packed", item)


add_tests(CambriconSeTest, __name__, *TRAPS, DirectedFinalPacked)
layer_tests(CambriconSeTest, __name__)
socket_tests(CambriconSeTest, __name__)
