"""What ``make regress`` writes down, and reads again.

runs.jsonl      a line for each run, written when it ends; the other two are made of it
regress.json    all runs with seed, result, seconds, tests and replay line; failures by cause
regress.xml     the same for tools that read JUnit
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from scripts.console import Table
from tb.common.sim.builds import write_whole
from tb.common.sim.runner import RunResult

JOURNAL, RECORD, JUNIT = "runs.jsonl", "regress.json", "regress.xml"
# Control characters that XML cannot hold, whatever a log has in it.
_NO_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Record:
    """One run: what was asked for, and what came of it.

    Attributes:
        asked: the filter of tests, "" for all.
        tests: name, status, seconds, sim_ns and message of each test that ran.
        kept: it passed in an earlier call and was not run again (``RESUME=1``).
        tries: how often it ran, 2 if its worker was lost once; host: where it ended.
    """

    bench: str
    config: str
    simulator: str
    seed: int
    asked: str
    passed: bool
    seconds: float
    replay: str
    tests: list[dict[str, Any]] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    log: str = ""
    report: str = ""
    kept: bool = False
    tries: int = 1
    host: str = ""

    @property
    def name(self) -> str:
        """The run in a line."""
        return f"{self.bench} {self.config} {self.simulator} seed {self.seed}"

    @property
    def causes(self) -> list[str]:
        """Why it failed, without what differs from seed to seed."""
        return list(dict.fromkeys(normalised(one) for one in self.failures))


def of_result(result: RunResult, asked: str) -> Record:
    """The record of a run."""
    return Record(
        result.bench,
        result.config,
        result.simulator,
        result.seed,
        asked,
        result.passed,
        round(result.seconds, 3),
        result.replay,
        [asdict(test) for test in result.tests],
        list(result.failures),
        str(result.log),
        "" if result.passed else result.report(),
    )


def normalised(failure: str) -> str:
    """A failure without numbers, paths and the case of a parametrised test: the same for the same
    cause.

    >>> normalised("random/p=3: AssertionError: word 17 is 0x3f\\n    at /a/tb/x.py:9 in f")
    'random: AssertionError: word # is # at x.py in f'
    """
    lines = [line.strip() for line in failure.splitlines()]
    text = " ".join([lines[0], *(one for one in lines[1:2] if one.startswith("at "))])
    text = re.sub(r"^(\w+)/[^:]*:", r"\1:", text)
    text = re.sub(r"(?:/[^\s/:]+)+/([^\s/:]+)(:\d+)?", r"\1", text)
    text = re.sub(r"-?\b(?:0[xX][0-9a-fA-F_]+|\d[\d_,]*(?:\.\d+)?)", "#", text)
    return re.sub(r"#(?:[,;]? #)+", "#", text)[:300]


def append(folder: Path, record: Record) -> None:
    """Add a run to the journal."""
    with (folder / JOURNAL).open("a", encoding="utf-8") as journal:
        journal.write(json.dumps(asdict(record)) + "\n")


def read_journal(folder: Path) -> list[Record]:
    """The runs of a journal; a last line that was cut off is left out."""
    found = []
    if (folder / JOURNAL).is_file():
        for line in (folder / JOURNAL).read_text(encoding="utf-8").splitlines():
            try:
                found.append(Record(**json.loads(line)))
            except (ValueError, TypeError):
                continue
    return found


def failed_before(path: Path) -> list[Record]:
    """The failures of the last record.

    Raises:
        ValueError: there is no record, or nothing failed.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        runs = [Record(**one) for one in data["runs"]]
    except (OSError, ValueError, TypeError, KeyError):
        raise ValueError(f"failed: no record {path}: run make regress first") from None
    if not (found := [one for one in runs if not one.passed]):
        raise ValueError(f"failed: nothing failed in {path}")
    return found


def by_cause(records: Sequence[Record]) -> dict[str, list[Record]]:
    """Cause -> the runs that failed of it, the most frequent first."""
    found: dict[str, list[Record]] = {}
    for one in records:
        for cause in one.causes if not one.passed else ():
            found.setdefault(cause, []).append(one)
    return dict(sorted(found.items(), key=lambda item: -len(item[1])))


def write(folder: Path, records: Sequence[Record], planned: int) -> list[Path]:
    """Write both files; ``planned``: how many runs there would have been."""
    failed = [one for one in records if not one.passed]
    data = {
        "planned": planned,
        "finished": len(records) >= planned,
        "passed": len(records) - len(failed),
        "failed": len(failed),
        "kept": sum(one.kept for one in records),
        "seconds": round(sum(one.seconds for one in records if not one.kept), 1),
        "causes": [
            {"cause": cause, "count": len(mine), "replay": mine[0].replay,
             "runs": [one.name for one in mine]}
            for cause, mine in by_cause(records).items()
        ],
        "failures": [{"what": one.report, "replay": one.replay} for one in failed],
        "runs": [asdict(one) for one in records],
    }  # fmt: skip
    write_whole(folder / RECORD, json.dumps(data, indent=1) + "\n")
    write_whole(folder / JUNIT, junit(records))
    return [folder / RECORD, folder / JUNIT]


def junit(records: Sequence[Record]) -> str:
    """All runs as one JUnit document: a suite for each run, a case for each test."""
    root = ElementTree.Element("testsuites", name="make regress")
    for one in records:
        name = f"{one.bench}.{one.config}.{one.simulator}.seed{one.seed}"
        suite = ElementTree.SubElement(root, "testsuite", name=name, time=f"{one.seconds:.3f}")
        for test in one.tests:
            case = ElementTree.SubElement(
                suite, "testcase", classname=name, name=test["name"], time=f"{test['seconds']:.3f}"
            )
            if test["status"] == "failed":
                _fail(case, test["message"], one)
            elif test["status"] == "skipped":
                ElementTree.SubElement(case, "skipped")
        if not one.passed and not any(test["status"] == "failed" for test in one.tests):
            case = ElementTree.SubElement(suite, "testcase", classname=name, name="run")
            _fail(case, "\n".join(one.failures), one)
        cases = suite.findall("testcase")
        suite.set("tests", str(len(cases)))
        suite.set("failures", str(len(suite.findall("testcase/failure"))))
        suite.set("skipped", str(len(suite.findall("testcase/skipped"))))
    for what in ("tests", "failures", "skipped"):
        root.set(what, str(sum(int(suite.get(what, 0)) for suite in root)))
    root.set("time", f"{sum(one.seconds for one in records):.3f}")
    ElementTree.indent(root, " ")
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _fail(case: ElementTree.Element, message: str, record: Record) -> None:
    text = _NO_XML.sub("?", message)
    failure = ElementTree.SubElement(case, "failure", message=text.split("\n")[0])
    failure.text = _NO_XML.sub("?", f"{text}\nlog: {record.log}\nreplay: {record.replay}")


def bench_table(records: Sequence[Record]) -> Table:
    """A line for each bench: runs, passes, failures, seconds."""
    table = Table(
        title="Regression by bench",
        caption="Seconds of simulation, summed over the runs; builds are not in it. Kept: passed "
        "before, not run again.",
        title_justify="left",
        caption_justify="left",
    )
    table.add_column("bench")
    for head in ("runs", "passed", "failed", "kept", "seconds"):
        table.add_column(head, justify="right")
    groups: dict[str, list[Record]] = {}
    for one in sorted(records, key=lambda one: one.bench):
        groups.setdefault(one.bench, []).append(one)
    for name, mine in [*groups.items(), ("all", list(records))]:
        failed = sum(not one.passed for one in mine)
        table.add_row(
            name,
            f"{len(mine):,}",
            f"{len(mine) - failed:,}",
            f"[bold red]{failed:,}[/]" if failed else "0",
            f"{sum(one.kept for one in mine):,}",
            f"{sum(one.seconds for one in mine if not one.kept):,.1f}",
            end_section=len(groups) > 0 and name == list(groups)[-1],
        )
    return table
