"""Layers of any geometry in RTL, at full speed, on small builds of designs with and without strides
of their own: exact, and every counter that the cycle model predicts.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from models import lower, registry
from scripts.measure.engine import Engine
from tb.common.sim import simulators
from tests.models.test_lower import FAMILY

BUILDS: dict[str, dict[str, Any]] = {
    "dense": {"rows": 4, "cols": 4, "act_depth": 512, "wgt_depth": 256, "acc_depth": 256},
    "eie": {"num_pe": 4, "spmat_depth": 64, "ptr_depth": 66, "ptr_width": 10, "act_regs": 16},
}
LAYERS = ("everything", "depthwise_same", "groups")


@pytest.mark.parametrize("design", BUILDS)
def test_lowered_layers_are_exact_in_rtl(design: str, tmp_path: Path) -> None:
    if why := simulators.missing("icarus"):
        pytest.skip(why)
    config = registry.design(design).config(**BUILDS[design])
    engine = Engine(design, config, "icarus", out_dir=tmp_path)
    lowered = []
    for name in LAYERS:
        program = engine.compile([FAMILY[name]])
        (run,) = engine.run([FAMILY[name]], "family", name, program=program).runs
        assert run.compared and not run.different, run.first_difference
        assert not run.counter_errors
        lowered.append(bool(lower.how(program)))
    assert all(lowered)
