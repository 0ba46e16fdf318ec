"""The cycle model of Cambricon-SE against a clock that counts cycle by cycle."""

from __future__ import annotations

import numpy as np
import pytest

from tests.models.cambricon_se_cases import execute, random_config, random_program


@pytest.mark.parametrize("part", range(10))
def test_any_pass_takes_as_long_as_counted(part):
    for case in range(12):
        rng = np.random.default_rng([15, part, case])
        config = random_config(rng)
        execute(random_program(rng, config, int(rng.integers(1, 4))), config)
