"""Every build of a top, the slow ones too, takes the jobs that its tests begin and end with.

A build that does not is otherwise noticed where it is simulated, which for slow ones is seldom.
"""

from __future__ import annotations

from importlib import import_module

import numpy as np
import pytest

from models import registry
from tb.common.sim.bench import find
from tb.common.stimulus import Stimulus
from tb.common.uvm.base_test import snake
from tb.scnn.top.stimulus import ScnnMaker

BUILDS = [(name, build) for name in registry.DESIGNS for build in find(name).configs]
SEEDS = range(1, 4)


def maker_of(name: str, build: str, seed: int) -> Stimulus:
    """What makes the jobs of a design's tests, for one of its builds."""
    module = import_module(f"tb.{name}.top.env")
    (maker,) = (one.maker_class for one in vars(module).values() if "maker_class" in dir(one))
    parameters = {snake(key): value for key, value in find(name).configs[build].items()}
    return maker(np.random.default_rng(seed), maker.design.config(**parameters))


@pytest.mark.parametrize(("name", "build"), BUILDS)
def test_jobs_of_one_pass_have_one(name: str, build: str) -> None:
    for seed in SEEDS:
        maker = maker_of(name, build, seed)
        assert [len(job.passes) for job in (maker.good(), maker.long())] == [1, 1], f"seed {seed}"


@pytest.mark.parametrize("build", find("scnn").configs)
def test_a_chain_of_more_outputs_than_biases_fits(build: str) -> None:
    for seed in SEEDS:
        maker = maker_of("scnn", build, seed)
        assert isinstance(maker, ScnnMaker)
        job = maker.chain((4, maker.config.bias_depth + 3, 5), "chain", dense_out=False)
        assert sum(item.act is not None for item in job.passes) == 2, f"seed {seed}: two samples"
