"""Coverage: ``make cov`` runs the benches with counting switched on, and judges what was covered.

    build/coverage/runs/      the database: what each run left
    build/report/coverage/    index.html and a page for each source file
    build/report/coverage.ucis.xml, .cdb    the same as UCIS databases, for other tools

Some benches alone are judged by their own part: their modules, covergroups and points of the test
plan (scripts/cov/scope.py says which). Databases of earlier runs, of this or another machine, are
put together with ``MERGE=folder,folder``; only runs of the same RTL go together.

The second half needs only what the first one left: ``--report-only`` does it again. Exit status
1: a goal is missed, a test failed, a bin declared unreachable was hit, or a waiver is stale;
2: there is nothing to judge.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from rich.markup import escape

from models.places import build_root
from scripts import interrupt, options
from scripts.console import Console, Table
from scripts.cov import page as cov_report
from scripts.cov import run as cov_run
from scripts.cov import verdict as cov_verdict
from scripts.cov.plan import STAGES
from scripts.cov.verdict import Hole, Verdict
from scripts.farm.settings import add_option, setting
from tb.common.coverage import ucis
from tb.common.coverage.code import KINDS
from tb.common.coverage.functional import CoverageError

_LISTED = 40  # holes on the terminal; the page has all


def show(console: Console, verdict: Verdict, page: Path) -> None:
    """The verdict on the terminal."""
    scope = verdict.scope
    table = Table(title=f"Coverage of {_scope_name(verdict)}", title_justify="left")
    for heading in ("", "covered", "of", "percent", "goal", ""):
        table.add_column(heading, justify="left" if not heading else "right")
    for score in verdict.scores:
        percent = f"{score.percent:.1f}" if score.total else "-"
        mark = "[green]met[/]" if score.met else "[red]missed[/]"
        row = (score.name, str(score.covered), str(score.total), percent, f"{score.goal:g}", mark)
        table.add_row(*row)
    console.print(table)
    _show_plan(console, verdict)
    _show_groups(console, verdict)
    files = Table(title="Source files, percent", title_justify="left")
    files.add_column("file")
    for kind in KINDS:
        files.add_column(kind, justify="right")
    for file in verdict.code.files.values():
        if file.points:
            files.add_row(file.path, *(_percent(*file.tally(kind)) for kind in KINDS))
    console.print(files)
    seen = [Path(file.path).stem for file in verdict.seen_files]
    seen += [group.name for group in verdict.seen_groups]
    if seen:
        console.print(f"seen, but for other benches to cover: {', '.join(seen)}", soft_wrap=True)
    for line in scope.notes():
        console.print(f"note: {escape(line)}", soft_wrap=True)
    holes = verdict.holes()
    for hole in holes[:_LISTED]:
        console.print(_line(hole, page), soft_wrap=True)
    if len(holes) > _LISTED:
        console.print(f"... and {len(holes) - _LISTED} more, all of them in the report")
    console.print(f"report: {page}", soft_wrap=True)
    console.print("[green]goals met[/]" if verdict.good else "[red]goals missed[/]")


def _scope_name(verdict: Verdict) -> str:
    names = sorted(verdict.scope.ran)
    if verdict.scope.whole:
        return "everything"
    return ", ".join(names) if len(names) <= 4 else f"{len(names)} benches"


def _line(hole: Hole, page: Path) -> str:
    """A hole; where terminals know links, its place opens the page of the report."""
    if not hole.path:
        return f"[red]-[/] {escape(hole.text)}"
    address = f"{page.as_uri()}{hole.link}"
    if not hole.link.startswith("#"):
        address = f"{page.parent.as_uri()}/{hole.link}"
    return f"[red]-[/] [link={address}]{escape(hole.where)}[/link]: {escape(hole.text)}"


def _show_plan(console: Console, verdict: Verdict) -> None:
    """Points passed of all, by folder and stage."""
    folders = dict.fromkeys(result.point.folder for result in verdict.plan)
    if not folders:
        return
    table = Table(title="Test plan, points passed", title_justify="left")
    for heading in ("plan", *STAGES, "only in part here"):
        table.add_column(heading, justify="left" if heading == "plan" else "right")
    for folder in folders:
        cells = []
        inside = [result for result in verdict.plan if result.point.folder == folder]
        for stage in STAGES:
            judged = [r for r in inside if r.judged and r.point.stage == stage]
            passed = sum(r.status == "passed" for r in judged)
            text = f"{passed} of {len(judged)}" if judged else "-"
            cells.append(text if passed == len(judged) else f"[red]{text}[/]")
        part = sum(not result.judged for result in inside)
        table.add_row(folder, *cells, str(part or "-"))
    console.print(table)


def _show_groups(console: Console, verdict: Verdict) -> None:
    """Covergroups with holes, or all if they are few."""
    groups = list(verdict.functional.groups.values())
    shown = groups if len(groups) <= 15 else [g for g in groups if g.hit < g.goal]
    if not shown:
        return
    table = Table(title="Covergroups", title_justify="left")
    for heading in ("group", "hit", "of", "percent"):
        table.add_column(heading, justify="left" if heading == "group" else "right")
    for group in shown:
        row = (group.name, str(group.hit), str(group.goal), _percent(group.hit, group.goal))
        table.add_row(*row)
    console.print(table)


def _percent(covered: int, total: int) -> str:
    if not total:
        return "-"
    text = f"{100 * covered // total}"
    return text if covered == total else f"[yellow]{text}[/]"


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    parser = options.Parser(prog="make cov", description=__doc__.splitlines()[0])
    parser.add_argument(
        "--design", help="only these benches (dense*,sod_*); they are judged by their own part"
    )
    parser.add_argument("--config", help="only this configuration")
    parser.add_argument("--seed", type=options.seed, help="first seed, 1 if not said")
    parser.add_argument("--n", type=options.count, help="seeds of each bench, 1 if not said")
    parser.add_argument("--jobs", type=options.jobs, default=2, help="simulations at a time")
    add_option(parser)
    parser.add_argument(
        "--merge",
        metavar="FOLDERS",
        help="databases of earlier runs (or build folders), commas between; without "
        "design, config, seed and n, nothing runs",
    )
    parser.add_argument("--resume", action="store_true", help="run only what has not passed")
    parser.add_argument("--report-only", action="store_true", help="judge what the last run left")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    args = parse(arguments)
    console = Console()
    folder = build_root() / "coverage" / "runs"
    try:
        where = setting(args.farm)
        with cov_run.claimed(folder):
            if not args.report_only:
                cov_run.execute(console, folder, args, where)
            verdict = cov_verdict.read(folder)
            report = build_root() / "report"
            page = cov_report.write(report / "coverage", verdict)
            ucis.write(report / "coverage.ucis.xml", verdict.all_groups(), verdict.all_code())
    except (CoverageError, ValueError) as error:
        return options.refused(error)
    show(console, verdict, page)
    return 0 if verdict.good else 1


if __name__ == "__main__":
    interrupt.entry(main)
