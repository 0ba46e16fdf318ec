"""What ``make regress`` writes down, and reads again.

runs.jsonl      a line for each run, written when it ends; the last two are made of it
before.jsonl    the failures that FAILED=1 is to run again: they are none less until they have run
regress.json    all runs with seed, result, seconds, tests and replay line; failures by cause
regress.xml     the same for tools that read JUnit
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, get_origin, get_type_hints
from xml.etree import ElementTree

from scripts import journal
from scripts.console import Table
from tb.common.sim.builds import write_whole
from tb.common.sim.runner import RunResult

JOURNAL, RECORD, JUNIT = "runs.jsonl", "regress.json", "regress.xml"
BEFORE = "before.jsonl"
# Control characters that XML cannot hold, whatever a log has in it.
_NO_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Record:
    """One run: what was asked for, and what came of it.

    Attributes:
        asked: the filter of tests, "" for all.
        tests: name, status, seconds, sim_ns and message of each test that ran.
        kept: it was not run again: it passed in an earlier call (``RESUME=1``), or failed in it
            and ``FAILED=1`` did not come to it.
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
    def run(self) -> tuple[str, str, str, int, str]:
        """What was run: the same for a run and the same one again."""
        return self.bench, self.config, self.simulator, self.seed, self.asked

    @property
    def left(self) -> bool:
        """It failed before, and was to run again, but has not."""
        return self.kept and not self.passed

    @property
    def causes(self) -> list[str]:
        """Why it failed, without what differs from seed to seed."""
        return list(dict.fromkeys(normalised(one) for one in self.failures))


#: Type of a field, lists without that of what is in them.
_TYPES = {name: get_origin(kind) or kind for name, kind in get_type_hints(Record).items()}
_TEST = {"name": str, "status": str, "seconds": float, "message": str}


def _holds(table: object, types: Mapping[str, type]) -> bool:
    """Whether a table has fields of these types, and maybe more."""
    return isinstance(table, dict) and all(
        type(table.get(name)) in ((int, float) if kind is float else (kind,))
        for name, kind in types.items()
    )


def record_of(data: object) -> Record:
    """A record as JSON has it; ValueError if it is none, or one of another version."""
    if not isinstance(data, dict) or not set(data) <= set(_TYPES):
        raise ValueError("not a record of a run")
    given = {name: kind for name, kind in _TYPES.items() if name in data}
    try:
        found = Record(**data)
    except TypeError as error:
        raise ValueError(f"not a record of a run ({error})") from None
    tests = all(_holds(one, _TEST) for one in found.tests) if _holds(data, given) else False
    if not tests or not all(isinstance(one, str) and one for one in found.failures):
        raise ValueError("not a record of a run")
    return found


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


def append(folder: Path, record: Record, name: str = JOURNAL) -> None:
    """Add a run to the journal."""
    journal.append(folder / name, asdict(record))


def read_journal(folder: Path, name: str = JOURNAL) -> list[Record]:
    """The runs of a journal; a line that was cut off, or is no record, is left out."""
    found = []
    for one in journal.read(folder / name):
        with contextlib.suppress(ValueError):
            found.append(record_of(one))
    return found


def all_of(folder: Path) -> list[Record]:
    """The runs of a call, and the failures before it (``BEFORE``) that have not run again."""
    done = read_journal(folder)
    have = {one.run for one in done}
    return done + [one for one in read_journal(folder, BEFORE) if one.run not in have]


def failed_before(path: Path) -> list[Record]:
    """The failures of the last record.

    Raises:
        ValueError: there is no record, or nothing failed.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        runs, planned = [record_of(one) for one in data["runs"]], int(data["planned"])
    except (OSError, ValueError, TypeError, KeyError):
        raise ValueError(f"failed: no record {path}: run make regress first") from None
    if not (found := [one for one in runs if not one.passed]):
        some = f", where {len(runs)} of {planned} runs are done" if len(runs) < planned else ""
        raise ValueError(f"failed: nothing failed in {path}{some}")
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
        "finished": len(records) >= planned and not any(one.left for one in records),
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
        caption="Seconds of simulation, summed over the runs; builds are not in it. Kept: as they "
        "were before, not run again.",
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
