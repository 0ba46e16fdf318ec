"""The test plans, ``tb/<folder>/testplan*.toml``, and what became of each of their points.

What every design behind the socket has to show is written once, in ``SHARED``.
"""

from __future__ import annotations

import fnmatch
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from models import registry
from models.places import ROOT
from tb.common.coverage.functional import Group
from tb.common.coverage.merge import Functional
from tb.common.sim.bench import Bench

STAGES = ("V1", "V2", "V3")
#: Points of every design, within ``tb``; ``{design}`` is its name, covergroups are patterns.
SHARED = "common/tests/testplan_socket.toml"


@dataclass(frozen=True)
class PlanPoint:
    """A point of a plan.

    Attributes:
        folder: whose plan; ``path`` and ``line`` are where it stands.
        tests: every test that claims it, ``bench.test``, patterns resolved.
    """

    folder: str
    name: str
    stage: str
    goal: str
    tests: tuple[str, ...]
    covergroups: tuple[str, ...] = ()
    path: str = ""
    line: int = 1

    @property
    def benches(self) -> tuple[str, ...]:
        """Benches of its tests, each once."""
        return tuple(dict.fromkeys(test.partition(".")[0] for test in self.tests))


@dataclass
class TestResult:
    """A test over all its runs: how many passed and failed."""

    __test__ = False  # not for pytest to collect

    name: str
    passed: int = 0
    failed: int = 0

    @property
    def status(self) -> str:
        """``failed`` if one run did, ``passed``, or ``not run``."""
        return "failed" if self.failed else "passed" if self.passed else "not run"


@dataclass
class PointResult:
    """A point with its tests, and its covergroups as (name, bins hit, bins)."""

    point: PlanPoint
    judged: bool
    tests: list[TestResult]
    groups: list[tuple[str, int, int]] = field(default_factory=list)

    @property
    def status(self) -> str:
        """``failed``: a test did; ``not run``: none did; ``part``: some did; ``open``: all passed,
        but a covergroup has holes; ``passed``."""
        found = {test.status for test in self.tests}
        if "failed" in found:
            return "failed"
        if found == {"not run"}:
            return "not run"
        if "not run" in found:
            return "part"
        return "passed" if all(hit == goal for _, hit, goal in self.groups) else "open"

    @property
    def touched(self) -> bool:
        """Some of its tests ran."""
        return any(test.status != "not run" for test in self.tests)

    def lacks(self) -> str:
        """What keeps it from being passed, in words."""
        bad = [test.name for test in self.tests if test.status == "failed"]
        left = [test.name for test in self.tests if test.status == "not run"]
        holes = [f"{name} {hit}/{goal}" for name, hit, goal in self.groups if hit < goal]
        parts = [("failed", bad), ("not run", left), ("holes in", holes)]
        return "; ".join(f"{what} {', '.join(names)}" for what, names in parts if names)


def read_plans(folder: Path) -> list[tuple[Path, int, dict[str, Any]]]:
    """(file, line, point) of all points of a folder's plans.

    A design has those of ``SHARED`` as well, but for the ones that its own plan says anew.
    """
    found = [item for path in sorted(folder.glob("testplan*.toml")) for item in _points(path)]
    shared = folder.parent / SHARED
    if folder.name in registry.DESIGNS and shared.is_file():
        own = {point.get("name") for _, _, point in found}
        found += [item for item in _points(shared, folder.name) if item[2].get("name") not in own]
    return found


def _points(path: Path, design: str = "") -> list[tuple[Path, int, dict[str, Any]]]:
    """(file, line, point) of one file, ``{design}`` filled in."""
    text = path.read_text(encoding="utf-8")
    at = [n for n, line in enumerate(text.splitlines(), 1) if line.strip() == "[[point]]"]
    if design:
        text = text.replace("{design}", design)
    points = tomllib.loads(text).get("point", [])
    return [(path, line, point) for line, point in zip(at, points, strict=True)]


def load_plans(
    benches: Mapping[str, Bench],
    groups: Mapping[str, Iterable[Group]],
    root: Path = ROOT,
) -> tuple[PlanPoint, ...]:
    """Points of all plans with what their patterns stand for; none without a test.

    Args:
        benches: by name.
        groups: folder -> its covergroups.
    """
    result = []
    for folder in sorted({path.parent for path in (root / "tb").glob("*/testplan*.toml")}):
        name = folder.name
        inside = [b for b in benches.values() if b.module.startswith(f"tb.{name}.")]
        known = [f"{bench.name}.{test}" for bench in inside for test in bench.tests]
        covered = [group.name for group in groups.get(name, ())]
        for path, line, point in read_plans(folder):
            tests = _matches(known, point.get("tests", ()))
            if not tests:
                continue
            result.append(
                PlanPoint(
                    name,
                    point["name"],
                    point["stage"],
                    point["goal"],
                    tests,
                    _matches(covered, point.get("covergroups", ())),
                    str(path.relative_to(root)),
                    line,
                )
            )
    return tuple(result)


def _matches(names: list[str], patterns: Iterable[str]) -> tuple[str, ...]:
    """The names that fit, each once."""
    return tuple(dict.fromkeys(n for p in patterns for n in fnmatch.filter(names, p)))


def judge(
    points: Iterable[PlanPoint],
    runs: Iterable[tuple[str, Mapping[str, str]]],
    functional: Functional,
    judges: Any,
) -> list[PointResult]:
    """What became of each point.

    Args:
        runs: bench and its tests with their status, for each run.
        judges: point -> whether the benches that ran answer for it.
    """
    tests: dict[str, TestResult] = {}
    for bench, records in runs:
        for name, status in records.items():
            test = tests.setdefault(f"{bench}.{name}", TestResult(f"{bench}.{name}"))
            test.passed += status == "passed"
            test.failed += status == "failed"
    return [
        PointResult(
            point,
            judges(point),
            [tests.get(name, TestResult(name)) for name in point.tests],
            [
                (name, functional.groups[name].hit, functional.groups[name].goal)
                for name in point.covergroups
                if name in functional.groups
            ],
        )
        for point in points
    ]
