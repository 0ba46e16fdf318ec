"""Coverage: ``make cov`` runs the benches with counting switched on, and judges what was covered.

    build/coverage/runs/      what each run left: hits of its covergroups, Verilator's points
    build/report/coverage/    index.html and a page for each source file
    build/report/coverage.ucis.xml    the same as a UCIS database, for other tools

The second half needs only what the first one left: ``--report-only`` does it again. Exit status
1: a goal is missed, a test failed, a bin declared unreachable was hit, or a waiver is stale;
2: there is nothing to judge.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from scripts import cov_report, cov_run, interrupt
from tb.common import coverage_code, coverage_merge, coverage_ucis
from tb.common.builds import build_root
from tb.common.coverage import ROOT, CoverageError, discover
from tb.common.coverage_code import KINDS, Code, CodePoint, short_names
from tb.common.coverage_merge import Functional

#: Percent that must be covered; of code after the waivers.
GOALS = {"functional": 100.0, "line": 100.0, "branch": 100.0, "toggle": 95.0, "cover": 100.0}

WAIVERS = Path("rtl") / "coverage_waivers.toml"
_LISTED = 40  # lines of what falls short on the terminal; the page has all


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


@dataclass
class Verdict:
    """Scores, what falls short, and everything the pages show."""

    functional: Functional
    code: Code
    scores: list[Score]
    problems: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        return not self.problems and all(score.met for score in self.scores)

    def short(self) -> list[str]:
        """One line for each thing that keeps a goal from being met."""
        lines = list(self.problems)
        for score in self.scores:
            if score.met:
                continue
            if score.name == "functional":
                lines += [f"bin not hit: {path}" for path in self.functional.missing()]
            else:
                places: dict[tuple[str, int], list[CodePoint]] = {}
                for path, point in self.code.missing(score.name):
                    places.setdefault((path, point.line), []).append(point)
                lines += [
                    f"{score.name} not covered: {path}:{line} {', '.join(short_names(points))}"
                    for (path, line), points in places.items()
                ]
        return lines


def read(folder: Path, root: Path = ROOT, whole: bool = True) -> Verdict:
    """Judge what runs left in ``folder``.

    Args:
        root: the repository; sources and waivers are read there.
        whole: all benches ran. Otherwise only files and rooms that were touched are asked for,
            and waivers of others are no problem.

    Raises:
        CoverageError: nothing there, or it belongs to other sources or declarations.
    """
    hits = sorted(folder.glob("*/*.json"))
    data = sorted(folder.glob("*/coverage.dat"))
    if not data:
        raise CoverageError(f"no coverage.dat under {folder}: run make cov first")
    points: coverage_code.Counter = coverage_code.Counter()
    for path in data:
        points.update(coverage_code.parse(path, root))
    declared = discover(root)
    functional = coverage_merge.merge(hits, declared)
    code = coverage_code.results(points, root, coverage_code.load_waivers(root / WAIVERS))
    if not whole:
        touched = {group.room for group in functional.groups.values() if group.hit}
        functional.groups = {n: g for n, g in functional.groups.items() if g.room in touched}
        seen = {key[0] for key in points}
        code.files = {name: file for name, file in code.files.items() if name in seen}
        code.problems = []
    scores = [Score("functional", functional.hit, functional.goal, GOALS["functional"])]
    if not whole and not functional.groups:
        scores = []
    scores += [Score(kind, *code.tally(kind), GOALS[kind]) for kind in KINDS]
    problems = [
        f"declared unreachable, but hit by {b.example}: {path} ({b.reason})"
        for path, b in functional.false_ignores()
    ]
    return Verdict(functional, code, scores, problems + code.problems)


def show(console: Console, verdict: Verdict, page: Path) -> None:
    """The verdict on the terminal."""
    table = Table(title="Coverage", title_justify="left")
    for heading in ("", "covered", "of", "percent", "goal", ""):
        table.add_column(heading, justify="left" if not heading else "right")
    for score in verdict.scores:
        percent = f"{score.percent:.1f}" if score.total else "-"
        mark = "[green]met[/]" if score.met else "[red]missed[/]"
        row = (score.name, str(score.covered), str(score.total), percent, f"{score.goal:g}", mark)
        table.add_row(*row)
    console.print(table)
    files = Table(title="Source files, percent", title_justify="left")
    files.add_column("file")
    for kind in KINDS:
        files.add_column(kind, justify="right")
    for file in verdict.code.files.values():
        if file.points:
            files.add_row(file.path, *(_percent(*file.tally(kind)) for kind in KINDS))
    console.print(files)
    short = verdict.short()
    for line in short[:_LISTED]:
        console.print(f"[red]-[/] {escape(line)}", soft_wrap=True)
    if len(short) > _LISTED:
        console.print(f"... and {len(short) - _LISTED} more, all of them in the report")
    console.print(f"report: {page}", soft_wrap=True)
    console.print("[green]goals met[/]" if verdict.good else "[red]goals missed[/]")


def _percent(covered: int, total: int) -> str:
    if not total:
        return "-"
    text = f"{100 * covered // total}"
    return text if covered == total else f"[yellow]{text}[/]"


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make cov", description=__doc__.splitlines()[0])
    parser.add_argument(
        "--design", help="only these benches (dense*,sod_*); goals apply to what they touch"
    )
    parser.add_argument("--config", help="only this configuration")
    parser.add_argument("--seed", type=int, default=1, help="first seed")
    parser.add_argument("--n", type=int, default=1, help="seeds of each bench")
    parser.add_argument("--jobs", type=int, default=2, help="simulations at a time")
    parser.add_argument("--report-only", action="store_true", help="judge what the last run left")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    args = parse(arguments)
    console = Console(highlight=False)
    folder = build_root() / "coverage" / "runs"
    try:
        if not args.report_only:
            cov_run.execute(console, folder, args)
        whole, failures = cov_run.state_of(folder)
        verdict = read(folder, whole=whole)
        verdict.problems += failures
    except (CoverageError, ValueError) as error:
        console.print(f"[red]error:[/] {escape(str(error))}", soft_wrap=True)
        return 2
    report = build_root() / "report"
    page = cov_report.write(report / "coverage", verdict)
    coverage_ucis.write(report / "coverage.ucis.xml", verdict.functional, verdict.code)
    show(console, verdict, page)
    return 0 if verdict.good else 1


if __name__ == "__main__":
    interrupt.entry(main)
