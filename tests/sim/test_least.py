"""Every accelerator with every parameter at its smallest: where indices have no bits, queues hold
one word and files one register. ``make test`` leaves out dense, whose engine Sparse-on-Dense has
too and which takes a pass for every pixel; ``LAC_MUTANTS=all`` takes it as well."""

from __future__ import annotations

import pytest

from tb.common import simulators
from tb.common.runner import find, run
from tests.meta.test_mutants import ALL

TESTS = ("smoke", "random_random")

ARRAY = {
    "Rows": 4,
    "Cols": 4,
    "ActWidth": 8,
    "WgtWidth": 8,
    "AccWidth": 9,
    # A tile of weights must fit, or there is nothing that can be computed.
    "ActDepth": 1,
    "WgtDepth": 4,
    "AccDepth": 1,
    "BiasDepth": 1,
    "BiasWidth": 2,
}
LEAST = {
    "eie": {
        "NumPe": 1,
        "QueueDepth": 1,
        "DescDepth": 1,
        "CodeWidth": 1,
        "IdxWidth": 1,
        "SpmatWidth": 4,
        "SpmatDepth": 1,
        "PtrDepth": 2,
        "PtrWidth": 1,
        "ActRegs": 1,
        "ActDepth": 1,
        "ActWidth": 8,
        "WgtWidth": 2,
        "AccWidth": 9,
        "BiasDepth": 1,
        "BiasWidth": 2,
        "NumCodebooks": 1,
    },
    "dense": ARRAY,
    "sparse_on_dense": ARRAY | {"WgtFormat": 0, "NumUnits": 1, "NumLanes": 1},
}


@pytest.mark.parametrize("name", [name for name in LEAST if ALL or name != "dense"])
def test_least_build_computes(name):
    if why := simulators.missing("icarus"):
        pytest.skip(why)
    bench = find(name)
    base = bench.parameters(next(iter(bench.configs)))
    result = run(bench, base | LEAST[name], "icarus", tests=list(TESTS))
    if not result.passed:
        pytest.fail(result.report(), pytrace=False)
