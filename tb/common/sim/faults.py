"""A bench on RTL with a fault: one file takes the place of another."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from tb.common.sim.bench import Bench
from tb.common.sim.runner import RunResult


def on_changed(bench: Bench, name: str, file: str, changed: Path) -> Bench:
    """The bench, called ``mutant-<name>``, with ``changed`` in place of ``file`` of the repository.

    A file that a bench names takes the place of that of the same name in a folder; one that the
    bench names itself makes way.
    """
    others = (source for source in bench.sources if source != file)
    return dataclasses.replace(bench, name=f"mutant-{name}", sources=(*others, str(changed)))


def problem(result: RunResult) -> str:
    """Why a run does not count as a fault noticed; "" if it does.

    Only a failed test or an assertion of the RTL counts: what does not compile, or hangs the
    simulator, was not noticed by a check.
    """
    if result.build is None:
        return "it does not compile"
    if result.passed:
        return "it was not noticed"
    noticed = any(record.status == "failed" for record in result.tests)
    asserted = any(failure.startswith("RTL:") for failure in result.failures)
    return "" if noticed or asserted else "the run failed, but no test and no assertion did"
