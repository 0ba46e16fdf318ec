"""Pages of the coverage report: ``index.html`` and one page for each source file, by jinja2."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path

from scripts.cov.tables import bugs, overviews
from scripts.cov.verdict import Verdict, page_name
from scripts.pages.frame import environment
from tb.common.coverage.code import KINDS, CodePoint, FileResult, short_names

#: Pages of the other reports, beside this folder -> what a link to them says.
NEIGHBOURS = {"../index.html": "Run", "../bench.html": "Benchmark"}


@dataclass
class SourceLine:
    """A line of a source page.

    state   "hit", "part" (hit, but a branch or toggle of it is missing), "miss", "waived" or ""
    count   how often its statements ran, "" when it has none
    notes   what is missing or waived, in words
    """

    number: int
    text: str
    state: str = ""
    count: str = ""
    notes: list[str] = field(default_factory=list)


def annotate(file: FileResult) -> list[SourceLine]:
    """Lines of a file with what was covered."""
    lines = [SourceLine(number, text) for number, text in enumerate(file.source, 1)]
    at: dict[int, list[CodePoint]] = {}
    for point in file.points:
        at.setdefault(point.line, []).append(point)
    for number, points in at.items():
        if number > len(lines):
            continue
        line = lines[number - 1]
        runs = [p for p in points if p.kind == "line"]
        if runs:
            line.count = str(runs[0].count)
        asked = [p for p in points if p.counts]
        missing = [p for p in asked if not p.covered]
        if any(p.kind == "line" for p in missing):
            line.state = "miss"
        elif missing:
            line.state = "part"
        elif asked:
            line.state = "hit"
        elif points:
            line.state = "waived"
        for kind in KINDS[1:]:
            names = short_names(p for p in missing if p.kind == kind)
            if names:
                line.notes.append(f"{kind}: {', '.join(names)}")
        reasons = dict.fromkeys(p.reason for p in points if p.reason)
        line.notes += [f"waived: {reason}" for reason in reasons]
    return lines


def _subtitle(verdict: Verdict) -> str:
    ran = sorted(verdict.scope.ran)
    what = f"all {len(ran)} benches" if verdict.scope.whole else f"benches {', '.join(ran)}"
    return f"{what}: {sum(map(len, verdict.scope.configs.values()))} builds"


def write(folder: Path, verdict: Verdict) -> Path:
    """Write all pages into ``folder`` (emptied first); returns the index."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    templates = environment(kinds=KINDS, page_name=page_name)
    files = [file for file in verdict.code.files.values() if file.points]
    scope = verdict.scope
    tables = [] if not files else [bugs(None if scope.whole else {file.path for file in files})]
    folders = {group.folder for group in verdict.functional.groups.values()}
    index = folder / "index.html"
    index.write_text(
        templates.get_template("coverage.html.j2").render(
            title="Coverage",
            links=[
                *((a, text, False) for a, text in NEIGHBOURS.items() if (folder / a).is_file()),
                ("index.html", "Coverage", True),
            ],
            subtitle=_subtitle(verdict),
            verdict=verdict,
            scope=scope,
            files=files,
            holes=verdict.holes(),
            tables=[*overviews(verdict.functional, folders=folders), *tables],
        ),
        encoding="utf-8",
    )
    template = templates.get_template("coverage_source.html.j2")
    for file in (*files, *verdict.seen_files):
        page = template.render(
            title=file.path,
            subtitle="line and branch counts over all runs",
            links=[("index.html", "Coverage", False)],
            file=file,
            lines=annotate(file),
        )
        (folder / page_name(file.path)).write_text(page, encoding="utf-8")
    return index
