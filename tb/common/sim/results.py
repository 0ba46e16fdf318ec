"""Reading what a simulation left behind: its results file and its log."""

from __future__ import annotations

import contextlib
import fnmatch
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from models.names import unknown

# What the simulators print for $error and $fatal. Icarus goes on after $error and says nothing
# at the end, so the log is the only witness.
_RTL_ERROR = {
    "icarus": re.compile(r"^(ERROR|FATAL):.*", re.MULTILINE),
    "verilator": re.compile(r"^.*%(Error|Fatal).*", re.MULTILINE),
}
_MAX_RTL_ERRORS = 5


@dataclass(frozen=True)
class TestRecord:
    """One cocotb test: ``status`` is passed, failed or skipped; times in seconds and ns.

    fail_ns, fail_cycle: when it failed, in the time of the run and in clock cycles since the reset
    was released (None: there is no reset); case: its inputs (``models.case``).
    """

    __test__ = False  # not for pytest to collect

    name: str
    status: str
    seconds: float
    sim_ns: float
    message: str = ""
    fail_ns: float | None = None
    fail_cycle: int | None = None
    case: Path | None = None

    @property
    def when(self) -> str:
        """When it failed, as text; "" where that is not known."""
        if self.fail_ns is None:
            return ""
        cycle = "" if self.fail_cycle is None else f", cycle {self.fail_cycle} after reset"
        return f"{self.fail_ns:,.10g} ns{cycle}"

    @property
    def base(self) -> str:
        """Name without the parameters of ``cocotb.parametrize``."""
        return self.name.split("/")[0]


def parse(xml: Path) -> tuple[TestRecord, ...]:
    """Tests in a results file; empty if there is no file or it was cut short."""
    try:
        root = ElementTree.parse(xml).getroot()
    except (OSError, ElementTree.ParseError):
        return ()
    return tuple(_record(case) for case in root.iter("testcase"))


def with_cases(records: Sequence[TestRecord], out: Path) -> tuple[TestRecord, ...]:
    """The records with time and case of the tests that failed, from what the recorder left."""
    notes = {one["test"]: one for one in read_notes(out / "cases.json")}
    found = []
    for record in records:
        if record.status == "failed" and (note := notes.get(record.name)):
            case = Path(note["case"]) if "case" in note else None
            record = replace(record, fail_ns=note["ns"], fail_cycle=note["cycle"], case=case)
        found.append(record)
    return tuple(found)


def read_notes(path: Path) -> list[dict[str, Any]]:
    """What the recorder wrote, one JSON object a line; a line that was cut short is left out."""
    if not path.is_file():
        return []
    notes = []
    for line in path.read_text(encoding="utf-8").splitlines():
        with contextlib.suppress(json.JSONDecodeError):
            notes.append(json.loads(line))
    return notes


def _record(case: ElementTree.Element) -> TestRecord:
    properties = {p.get("name"): p.get("value", "0") for p in case.iter("property")}
    status, message = "passed", ""
    for tag, meaning in (("failure", "failed"), ("error", "failed"), ("skipped", "skipped")):
        if (element := case.find(tag)) is not None:
            status = meaning
            kind = element.get("type", "")
            message = ": ".join(filter(None, [kind, element.get("message", "")]))
            if where := _where(element.text or ""):
                message += f"\n    at {where}"
    return TestRecord(
        name=case.get("name", ""),
        status=status,
        seconds=float(case.get("time", 0)),
        sim_ns=float(properties.get("sim_time_duration", 0)),
        message=message,
    )


def _where(traceback: str) -> str:
    """The last place of a traceback that lies in the benches or models, else the last one."""
    places = re.findall(r'File "([^"]+)", line (\d+), in (\S+)', traceback)
    ours = [p for p in places if "/site-packages/" not in p[0]] or places
    return "{}:{} in {}".format(*ours[-1]) if ours else ""


def rtl_errors(simulator: str, log: str) -> list[str]:
    """Lines of ``$error`` and ``$fatal`` in a log, the first few."""
    found = [match.group(0).strip() for match in _RTL_ERROR[simulator].finditer(log)]
    more = len(found) - _MAX_RTL_ERRORS
    return found[:_MAX_RTL_ERRORS] + ([f"... and {more} more"] if more > 0 else [])


def select(names: Sequence[str], wanted: Sequence[str]) -> list[str]:
    """Names of tests that ``wanted`` (names, or patterns with ``*``) stands for, in order.

    A name of one parametrised case (``random/profile=bursty``) stands for itself.

    Raises:
        ValueError: one of ``wanted`` stands for none.
    """
    chosen: dict[str, None] = {}
    for pattern in wanted:
        if pattern.split("/")[0] in names:
            chosen[pattern] = None
            continue
        matches = fnmatch.filter(names, pattern)
        if not matches:
            raise ValueError(unknown("test", pattern, names))
        chosen.update(dict.fromkeys(matches))
    return list(chosen)


def filter_regex(chosen: Sequence[str]) -> str:
    """cocotb's filter for the chosen tests, with all cases of a parametrised one."""
    return r"\.(" + "|".join(re.escape(name) for name in chosen) + r")(/.*)?$"


def differences(records: Sequence[TestRecord], expected: Sequence[str], whole: bool) -> list[str]:
    """What the tests that ran lack against those that were expected.

    Args:
        whole: nothing was filtered, so a test that nobody expected is an error as well.
    """
    failures = []
    if not any(record.status != "skipped" for record in records):
        failures.append("no test ran")
    present = {record.base for record in records} | {record.name for record in records}
    if lost := [name for name in expected if name not in present]:
        failures.append(f"expected tests did not run: {', '.join(lost)}")
    if whole:
        extra = {r.base for r in records} - {name.split("/")[0] for name in expected}
        if extra:
            failures.append(f"tests that the bench does not list: {', '.join(sorted(extra))}")
    return failures
