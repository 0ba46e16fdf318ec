"""Sparse-on-Dense from unknown state: see ``tb/common/tests/unknown.py``."""

from __future__ import annotations

from models.array.packets import Mode
from models.sparse_on_dense import SparseOnDenseConfig
from tb.common.bfm.block import config, leaf_test, rng
from tb.common.tests.unknown import every_mode
from tb.common.uvm.base_test import snake
from tb.sparse_on_dense.top.stimulus import SodMaker


@leaf_test(cycles=1_000_000)
async def directed_unknown(dut) -> None:
    """Goal: no mode locks up in X. Stimulus: every choice of phases with options at random, each
    from registers and memories at X, with weight packets from which sections are missing, payload
    X where valid is low. Check: each pass ends within its watchdog, control outputs and counters
    are known throughout; some passes end well and some in an error."""
    random = rng()
    build = SparseOnDenseConfig(**{snake(k): v for k, v in config().items()})
    maker = SodMaker(random, build)
    items = [maker.good(str(n)).passes[0] for n in range(3)]
    await every_mode(
        dut,
        random,
        [(item, maker.sections_of(item)) for item in items],
        phases=(Mode.LOAD_WGT, Mode.LOAD_ACT, Mode.COMPUTE, Mode.OUTPUT),
        options=(Mode.ACC_KEEP, Mode.BIAS, Mode.RELU),
        never=Mode.ACC_KEEP | Mode.BIAS,
    )
