"""Top-level tests of the dense array. Plan: ``testplan.toml``; stimulus: ``tb/array/stimulus.py``.

What every design around the array has to pass is in ``tb/array/top_tests.py``, what every design
has to pass in ``tb/common/tests/top.py``; the tests of what goes wrong are in ``error_tests.py``.
"""

from __future__ import annotations

from models import socket
from tb.array.top_tests import array_tests
from tb.common.tests.top import socket_tests
from tb.common.uvm.base_test import socket_test
from tb.dense.top.env import DenseTest


@socket_test()
class Smoke(DenseTest):
    """Goal: the way through the accelerator works. Stimulus: one convolution with bias and ReLU.
    Check: ID, VERSION and CAP registers describe this build; the layer is exact."""

    async def scenario(self) -> None:
        registers, config = self.env.registers, self.cfg.config
        design = socket.ID_PREFIX | self.cfg.design.number
        assert await registers.read("ID") == design
        assert await registers.read("VERSION") == socket.SOCKET_VERSION
        expected = [
            config.rows | config.cols << 16,
            config.act_depth,
            config.wgt_depth,
            config.acc_depth,
            config.bias_depth,
            config.acc_width << 16 | config.wgt_width << 8 | config.act_width,
            0,
            0,
        ]
        found = [await registers.read(f"CAP{index}") for index in range(len(expected))]
        assert found == expected
        kernel = (config.cols + 1, config.rows, 2, 2)
        layer = self.maker.layer(kernel, (3, 4), padding=1, bias=True, relu=True)
        await self.run_job(self.maker.job(layer, "smoke"))


array_tests(DenseTest, __name__)
socket_tests(DenseTest, __name__)
