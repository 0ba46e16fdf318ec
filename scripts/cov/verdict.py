"""What a database of coverage says: scores against goals, and every hole with its place.

Only what the benches that ran answer for is judged (scripts.cov.scope says what that is); what
they saw besides is kept apart.
"""

from __future__ import annotations

import functools
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from models.places import ROOT
from scripts.cov import data as cov_data
from scripts.cov import plan as cov_plan
from scripts.cov.plan import PointResult
from scripts.cov.scope import Scope, World
from tb.common.coverage import code as coverage_code
from tb.common.coverage import merge
from tb.common.coverage.code import KINDS, Code, CodePoint, FileResult, short_names
from tb.common.coverage.functional import CoverageError
from tb.common.coverage.merge import Functional, GroupResult

#: Percent that must be covered; of code after the waivers.
GOALS = {
    "test plan": 100.0,
    "functional": 100.0,
    "line": 100.0,
    "branch": 100.0,
    "toggle": 95.0,
    "cover": 100.0,
}

WAIVERS = Path("rtl") / "coverage_waivers.toml"
_NAMED = 8  # bins that a hole names; of more it counts the rest
_TOLD = 5  # runs that did not end; of more it counts the rest


@dataclass(frozen=True)
class Score:
    """Covered of all, and what the goal asks."""

    name: str
    covered: int
    total: int
    goal: float

    @property
    def percent(self) -> float:
        return 100.0 * self.covered / self.total if self.total else 0.0

    @property
    def met(self) -> bool:
        # In whole numbers, so that 99.96 % is not 100 %. Nothing to cover is nothing proved,
        # but a design may have no cover property.
        if not self.total:
            return self.name == "cover"
        return self.covered * 100 >= self.goal * self.total


@dataclass(frozen=True)
class Hole:
    """Something that keeps a goal from being met.

    Attributes:
        path, line: where it is asked for, from the root of the repository; "" if it has no place.
        link: its place in the report, from the index.
    """

    text: str
    path: str = ""
    line: int = 0
    link: str = ""

    @property
    def where(self) -> str:
        """``file:line``, as editors take it, or ""."""
        return f"{self.path}:{self.line}" if self.path else ""

    def __str__(self) -> str:
        return f"{self.where}: {self.text}" if self.path else self.text


@dataclass
class Verdict:
    """Scores, holes, and everything the pages show.

    Attributes:
        functional, code: what is judged; runs of ``functional`` are those of the database.
        seen_groups, seen_files: what was hit by the way, and belongs to benches that did not run.
        plan: points of the test plans that the runs have to do with.
        problems: what is wrong whatever was covered.
    """

    functional: Functional
    code: Code
    scope: Scope
    scores: list[Score]
    plan: list[PointResult]
    seen_groups: list[GroupResult] = field(default_factory=list)
    seen_files: list[FileResult] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    root: Path = ROOT

    @property
    def good(self) -> bool:
        return bool(self.scores) and not self.problems and all(s.met for s in self.scores)

    def all_groups(self) -> Functional:
        """Covergroups that are judged, and those that were hit besides."""
        more = {group.name: group for group in self.seen_groups}
        return Functional(self.functional.groups | more, self.functional.runs)

    def all_code(self) -> Code:
        """Files that are judged, and those that were simulated besides."""
        return Code(self.code.files | {file.path: file for file in self.seen_files})

    def holes(self) -> list[Hole]:
        """One for each thing that keeps a goal from being met."""
        found = [Hole(text) for text in self.problems]
        for score in self.scores:
            if score.met:
                continue
            if score.name == "test plan":
                found += self._plan_holes()
            elif score.name == "functional":
                found += self._bin_holes()
            else:
                found += self._code_holes(score.name)
        return found

    def _plan_holes(self) -> list[Hole]:
        return [
            Hole(
                f"test plan, point {r.point.name}: {r.lacks()}",
                r.point.path,
                r.point.line,
                f"#plan-{r.point.folder}-{r.point.name}",
            )
            for r in self.plan
            if r.judged and r.status != "passed"
        ]

    def _bin_holes(self) -> list[Hole]:
        found = []
        for group in self.functional.groups.values():
            for item in group.items.values():
                left = [b.name for b in item.bins.values() if b.counts and not b.covered]
                if not left:
                    continue
                more = f" and {len(left) - _NAMED} more" if len(left) > _NAMED else ""
                text = f"bins not hit: {group.name}.{item.name}: {' '.join(left[:_NAMED])}{more}"
                path, line = declared_at(group.folder, group.name, item.name, self.root)
                found.append(Hole(text, path, line, f"#{group.name}.{item.name}"))
        return found

    def _code_holes(self, kind: str) -> list[Hole]:
        places: dict[tuple[str, int], list[CodePoint]] = {}
        for path, point in self.code.missing(kind):
            places.setdefault((path, point.line), []).append(point)
        return [
            Hole(
                f"{kind} not covered: {', '.join(short_names(points))}"
                if kind != "line"
                else "line not covered",
                path,
                line,
                f"{page_name(path)}#l{line}",
            )
            for (path, line), points in places.items()
        ]


def page_name(path: str) -> str:
    """Page of a source file: ``rtl/eie/lac_eie.sv`` -> ``rtl-eie-lac_eie.html``."""
    return path.removesuffix(".sv").replace("/", "-") + ".html"


@functools.cache
def declared_at(folder: str, group: str, item: str, root: Path = ROOT) -> tuple[str, int]:
    """File and line where a point or cross is declared, or its group, as near as text tells.

    Groups of one folder may be made in another, with a prefix: ``f"{prefix}_stalls"``.
    """
    own = sorted((root / "tb" / folder).glob("coverage*.py"))
    shared = [*(root / "tb").glob("*/coverage*.py"), *(root / "tb").glob("*/coverage/*.py")]
    others = [path for path in sorted(shared) if path not in own]
    wanted = re.compile(rf'(Point|Cross)\(\s*"{item}"')
    mine = f"{folder}_"  # a folder's name may have an underscore itself
    suffix = group.removeprefix(mine) if group.startswith(mine) else group.partition("_")[2]
    for start, paths, anywhere in (
        (rf'Group\(\s*"{group}"', own, False),
        (rf'Group\(\s*f"\{{\w+\}}_{suffix}"', [*own, *others], False),
        (r"Group\(\s*[^\"\s]", own, True),  # made in a loop, points by a function above
    ):
        for path in paths:
            text = path.read_text(encoding="utf-8")
            if (first := re.search(start, text)) is None:
                continue
            found = wanted.search(text, first.start()) or wanted.search(text)
            end = re.compile(r"\n\S|\Z").search(text, first.end())  # of the declaration
            if found and (anywhere or (end and first.start() < found.start() < end.start())):
                first = found
            return str(path.relative_to(root)), text.count("\n", 0, first.start()) + 1
    return (str(own[0].relative_to(root)), 1) if own else ("", 0)


def read(folder: Path, root: Path = ROOT, world: World | None = None) -> Verdict:
    """Judge the database in ``folder``.

    Args:
        root: the repository; sources and waivers are read there.
        world: what there is to cover; None: everything of the repository.

    Raises:
        CoverageError: nothing there, or it belongs to other sources or declarations.
    """
    world = world or World.of(root)
    data = cov_data.load(folder)
    runs = list(data.runs.values())
    cov_data.check_sources(runs, root)
    scope = Scope.of(world, ((run.bench, run.config) for run in runs))
    points: Counter[coverage_code.Key] = Counter()
    for run in runs:
        for path in sorted(run.kept.glob("*.dat")):
            points.update(coverage_code.parse(path, root))
    if not points:
        why = "; ".join(run.failure for run in runs if run.failure) or "nothing ran to its end"
        raise CoverageError(f"no points of code in {folder}: {why}")
    functional = merge.merge(
        (path for run in runs for path in sorted(run.kept.glob("*-[0-9]*.json"))), world.groups
    )
    code = coverage_code.results(points, root, coverage_code.load_waivers(root / WAIVERS))
    problems = [run.failure for run in runs if run.failure] + _missing(data.missing())
    problems += [
        f"declared unreachable, but hit by {b.example}: {path} ({b.reason})"
        for path, b in functional.false_ignores()
    ]
    problems += code.problems if scope.whole else []
    simulated = {key[0] for key in points}
    groups = functional.groups
    functional.groups = {n: g for n, g in groups.items() if scope.judges_group(n)}
    files = code.files
    code.files = {n: f for n, f in files.items() if scope.judges_file(n)}
    plan = cov_plan.judge(
        world.points,
        ((run.bench, run.tests) for run in runs),
        merge.Functional(groups),
        scope.judges_point,
    )
    return Verdict(
        functional,
        code,
        scope,
        _scores(functional, code, plan, scope.whole),
        [result for result in plan if result.touched or result.judged],
        [g for n, g in groups.items() if g.hit and n not in functional.groups],
        [f for n, f in files.items() if n in simulated and n not in code.files and f.points],
        problems,
        root,
    )


def _scores(
    functional: Functional, code: Code, plan: Iterable[PointResult], whole: bool
) -> list[Score]:
    judged = [result for result in plan if result.judged]
    passed = sum(result.status == "passed" for result in judged)
    scores = [
        Score("test plan", passed, len(judged), GOALS["test plan"]),
        Score("functional", functional.hit, functional.goal, GOALS["functional"]),
        *(Score(kind, *code.tally(kind), GOALS[kind]) for kind in KINDS),
    ]
    # A bench of one block may have no covergroup and no branch: nothing is asked of it there.
    return [score for score in scores if whole or score.total]


def _missing(keys: list[cov_data.Key]) -> list[str]:
    lines = [f"did not run to its end: {cov_data.said(key)}" for key in keys[:_TOLD]]
    more = len(keys) - _TOLD
    return lines + ([f"... and {more} more runs; make cov RESUME=1 runs them"] if more > 0 else [])
