"""Every bench in every configuration on every simulator, with one fixed seed."""

from __future__ import annotations

import os

import pytest

from tb.common import simulators
from tb.common.runner import discover, run

SEED = 1
BENCHES = discover()

# On a machine where everything must run (CI), a missing simulator is a failure, not a skip.
REQUIRE_ICARUS = os.environ.get("LAC_REQUIRE_ICARUS", "0") not in ("", "0")


def cases() -> list:
    """One parameter set per run; large configurations first, so that none is left for the end."""
    return [
        pytest.param(bench.name, config, simulator, id=f"{bench.name}-{config}-{simulator}")
        for bench in BENCHES.values()
        for config in bench.configs
        for simulator in bench.simulators
        if config not in bench.slow
        if simulator != "icarus" or bench.runs_on_icarus(config)
    ]


def test_there_are_benches():
    assert BENCHES, "no tb/<room>/benches.py was found"
    assert cases()


@pytest.mark.parametrize(("name", "config", "simulator"), cases())
def test_bench(name, config, simulator):
    why = simulators.missing(simulator)
    if why and simulator == "icarus" and not REQUIRE_ICARUS:
        pytest.skip(why)
    result = run(BENCHES[name], config, simulator, seed=SEED)
    if not result.passed:
        pytest.fail(result.report(), pytrace=False)
