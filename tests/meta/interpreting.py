"""A player for ``make run`` without RTL: the interpreters of the designs' contracts answer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from models import registry
from models.program import Program
from tb.common.player.player import PlayerResult
from tests.models.test_lower import interpreted


def interpreting(spoil: bool = False) -> Callable[..., PlayerResult]:
    """Results of the interpreters, counters of the cycle models; ``spoil``: the last packet of each
    program has a bit wrong.
    """

    def player(program: Program, config: Any, **options: Any) -> PlayerResult:
        design = registry.design(program.design)
        packets = interpreted(program, config)
        if spoil:
            packets[-1][0] ^= np.uint64(1)
        counters = [
            dict.fromkeys(design.counter_names, 0)
            | {name: int(value) for name, value in one.counters.items()}
            | {"cycles_compute": one.compute}
            for one in design.cycles(program, config)
        ]
        return PlayerResult(packets, counters, 1.0, 100, Path(options["out_dir"]))

    return player
