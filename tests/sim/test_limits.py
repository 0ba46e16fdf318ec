"""Every accelerator with all parameters at their limits at once.

Smallest: indices have no bits, queues hold one word, files one register. Widest: all words and
fields as wide as they may be (depths stay small). ``LAC_MUTANTS=all`` takes those that take long,
among them dense, whose engine Sparse-on-Dense has too.
"""

from __future__ import annotations

import pytest

from tb.common.sim import simulators
from tb.common.sim.runner import find, run
from tests.meta.test_mutants import ALL

TESTS = ("smoke", "random_random")
#: A tile a pass: random layers take a minute, with ``LAC_MUTANTS=all``.
SHORT = {("sps", "least"): ("smoke",)}
#: Its smoke test has a 3 x 3 kernel with halos, which a build of one tap does not take.
FEWER = {("scnn", "least"): ("random_random",)}

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
    "sps": ARRAY
    | {
        "RowOffsets": 0,
        "MaxPeriod": 1,
        "KernelSize": 1,
        "TableDepth": 1,
        "MaxKt": 1,
        "MaxCt": 1,
    },
    "scnn": {
        "PeX": 1,
        "PeY": 1,
        "F": 2,
        "I": 2,
        "AccWidth": 20,
        "Banks": 8,
        "Entries": 8,
        "MaxKc": 4,
        "RowVectors": 2,
        "WgtFifo": 4,
        "IaramRows": 8,
        "CountWidth": 4,
        "MaxC": 8,
        "WgtDepth": 16,
        "MaxTaps": 1,
        # A group has four channels at least.
        "BiasDepth": 4,
        "BiasWidth": 2,
        "CarryDepth": 1,
        "LaneDepth": 1,
        "XbarGrants": 1,
        "LookAhead": 1,
        "BankDepth": 1,
        "BankMap": 0,
        "Merge": 0,
    },
}


MOST = {
    "eie": {
        "ActWidth": 16,
        "WgtWidth": 16,
        "AccWidth": 48,
        "CodeWidth": 8,
        "IdxWidth": 8,
        "SpmatWidth": 128 * 16,
        "SpmatDepth": 4,
        "PtrWidth": 32,
        "BiasWidth": 32,
        "NumCodebooks": 16,
        "QueueDepth": 65,
        "DescDepth": 33,
    },
    "sparse_on_dense": {
        "Rows": 16,
        "Cols": 16,
        "ActWidth": 16,
        "WgtWidth": 16,
        "AccWidth": 48,
        "WgtDepth": 160,
        "BiasWidth": 32,
        "WgtFormat": 1,
        "NumUnits": 16,
        "NumLanes": 16,
    },
    "sps": {
        "Rows": 16,
        "Cols": 16,
        "ActWidth": 16,
        "WgtWidth": 16,
        "AccWidth": 48,
        "WgtDepth": 700,
        "BiasWidth": 32,
        "MaxPeriod": 16,
        "KernelSize": 15,
        "TableDepth": 256,
        "MaxKt": 1024,
        "MaxCt": 1024,
    },
    # One PE, of a size that Icarus elaborates.
    "scnn": {
        "PeX": 1,
        "PeY": 1,
        "F": 4,
        "I": 4,
        "AccWidth": 40,
        "Banks": 64,
        "Entries": 256,
        "MaxKc": 64,
        "RowVectors": 8,
        "WgtFifo": 256,
        "CountWidth": 12,
        "MaxC": 4096,
        "MaxTaps": 255,
        "BiasWidth": 32,
        "LaneDepth": 8,
        "XbarGrants": 2,
        "LookAhead": 4,
        "BankDepth": 8,
        "BankMap": 2,
        "Merge": 1,
    },
}
DAILY = {
    *{("eie", "least"), ("eie", "most")},
    ("sps", "least"),
}


@pytest.mark.parametrize(
    ("name", "which"),
    [
        (name, which)
        for which, builds in (("least", LEAST), ("most", MOST))
        for name in builds
        if ALL or (name, which) in DAILY
    ],
)
def test_build_at_its_limits_computes(name, which):
    if why := simulators.missing("icarus"):
        pytest.skip(why)
    bench = find(name)
    base = bench.parameters(next(iter(bench.configs)))
    limits = {"least": LEAST, "most": MOST}[which][name]
    tests = FEWER.get((name, which), TESTS)
    if not ALL:
        tests = SHORT.get((name, which), tests)
    result = run(bench, base | limits, "icarus", tests=list(tests))
    if not result.passed:
        pytest.fail(result.report(), pytrace=False)
