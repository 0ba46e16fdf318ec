"""Every bench in every configuration on every simulator, with one fixed seed."""

from __future__ import annotations

import os

import pytest

from tb.common.sim import simulators
from tb.common.sim.builds import sources_of
from tb.common.sim.runner import Bench, discover, run

SEED = 1
BENCHES = discover()

# On a machine where everything must run (CI), a missing simulator is a failure, not a skip.
REQUIRE_ICARUS = os.environ.get("LAC_REQUIRE_ICARUS", "0") not in ("", "0")


def effort(bench: Bench, config: str) -> int:
    """Rough measure of how long a run and its build take: bytes of RTL, times PEs."""
    size = sum(path.stat().st_size for path in sources_of(bench).files)
    return size * bench.parameters(config).get("NumPe", 1)


def cases() -> list:
    """One parameter set per run, the longest first, so that none is left for the end."""
    chosen = [
        (bench, config, simulator)
        for bench in BENCHES.values()
        for config in bench.configs
        for simulator in bench.simulators
        if bench.runs_in_test(config, simulator, with_icarus=not simulators.missing("icarus"))
    ]
    chosen.sort(key=lambda case: effort(case[0], case[1]), reverse=True)
    return [pytest.param(b.name, c, s, id=f"{b.name}-{c}-{s}") for b, c, s in chosen]


def test_there_are_benches():
    assert BENCHES, "no tb/<folder>/benches.py was found"
    assert cases()


@pytest.mark.parametrize(("name", "config", "simulator"), cases())
def test_bench(name, config, simulator):
    why = simulators.missing(simulator)
    if why and simulator == "icarus" and not REQUIRE_ICARUS:
        pytest.skip(why)
    bench = BENCHES[name]
    result = run(bench, config, simulator, tests=bench.tests_in_test(simulator), seed=SEED)
    if not result.passed:
        pytest.fail(result.report(), pytrace=False)
