"""A build or a run as a job: what keeps it from being made is its own failure, and no other's."""

from __future__ import annotations

from models.places import disk_problem
from tb.common.sim.bench import find
from tb.common.sim.builds import BuildError, build
from tb.common.sim.simulators import ToolMissing

#: What a build or a run raises where a tool, a file, or room on the disk is not there.
FAULTS = (BuildError, ToolMissing, OSError, ValueError)


def fault(error: BaseException) -> str:
    """What went wrong, never "".

    >>> fault(ToolMissing("no iverilog")), fault(ValueError())
    ('no iverilog', 'ValueError')
    """
    problem = disk_problem(error)
    if problem and isinstance(error, OSError) and error.filename:
        return f"{error.filename}: {problem}"
    return problem or str(error) or type(error).__name__


def build_fault(bench: str, config: str, simulator: str, coverage: bool = False) -> str:
    """Error text of a build, "" if it worked."""
    try:
        build(find(bench), config, simulator, coverage=coverage)
    except FAULTS as error:
        return fault(error)
    return ""
