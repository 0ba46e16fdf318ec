"""lac_socket from unknown state: see ``tb/common/tests/unknown.py``."""

from __future__ import annotations

import numpy as np

from models.program import Pass
from tb.common.bfm.block import leaf_test, rng, start_clock, zero_inputs
from tb.common.tests.unknown import UnknownDevice
from tb.common_rtl.socket_tests import Toy


@leaf_test(cycles=200_000)
async def directed_unknown(dut) -> None:
    """Goal: no mode locks up in X. Stimulus: every choice of phases, each from registers at X, with
    packets that do not come now and then, payload X where valid is low. Check: each pass ends
    within its watchdog, control outputs and counters are known; some end well, some do not."""
    zero_inputs(dut)
    start_clock(dut.clk_i)
    device, draw = UnknownDevice(dut), rng()
    assert len(device.poison.handles) > 50, "the registers of the device were not found"
    ends = {"done": 0, "error": 0}
    for mode in range(1, 32):
        toy = Toy(mode, check=1 + mode % 3)
        packets = [np.array(words, dtype=np.uint64) if mode & bit and draw.random() < 0.8 else None
                   for bit, words in ((1, toy.wgt_packet()), (2, toy.act_packet()))]  # fmt: skip
        await device.bring_up()
        state = await device.run(Pass(toy.cfg(), packets[0], packets[1], toy.words), f"mode {mode}")
        ends["done" if state.done else "error"] += 1
    assert min(ends.values()) > 0, ends
