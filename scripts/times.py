"""Where the time of ``make test`` goes: ``python -m scripts.times build/test.xml``.

    make test PYTEST_ARGS=--junitxml=build/test.xml
    .venv/bin/python -m scripts.times build/test.xml

Seconds on the wall, summed over the workers, of one call of pytest (lint runs before it and says
its own). Builds and simulation are those below ``build/sim`` and ``build/run`` that ended while it
ran; what is left of ``tests/sim`` is the start of Python and of the simulators. Empty ``build/sim``
first, or builds that were found count for nothing.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from xml.etree import ElementTree

from models.places import build_root
from scripts import options
from scripts.console import Console, Table

LONGEST = 15


def cases(report: Path) -> tuple[float, float, list[tuple[str, str, float]]]:
    """Begin, seconds, and (folder, test, seconds) of each test of a JUnit file of pytest.

    Raises:
        ValueError: it is none.
    """
    try:
        suite = ElementTree.parse(report).getroot().find("testsuite")
        if suite is None:
            raise ValueError("no testsuite")
        begin = datetime.fromisoformat(suite.attrib["timestamp"]).timestamp()
        found = []
        for one in suite.iter("testcase"):
            parts = one.attrib["classname"].split(".")
            folder = ".".join(parts[:2] if parts[0] == "tests" else parts[:1])
            found.append((folder, f"{parts[-1]}.{one.attrib['name']}", float(one.attrib["time"])))
        return begin, float(suite.attrib["time"]), found
    except (ElementTree.ParseError, KeyError, ValueError) as error:
        why = options.one_line(error)
        raise ValueError(f"report: found {report} ({why}), need one of pytest --junitxml") from None


def during(files: Iterator[Path], begin: float, seconds: float) -> Iterator[Path]:
    """Those that were written while the tests ran."""
    for path in files:
        if begin <= path.stat().st_mtime <= begin + seconds + 1:
            yield path


def build_seconds(root: Path, begin: float, seconds: float) -> float:
    """What builds took."""
    files = during(root.glob("sim/*/built.json"), begin, seconds)
    return sum(float(json.loads(path.read_text())["seconds"]) for path in files)


def simulated_seconds(root: Path, begin: float, seconds: float) -> float:
    """What cocotb's tests took, without the start of the simulator."""
    total = 0.0
    for path in during(root.glob("run/*/*/results.xml"), begin, seconds):
        cases = ElementTree.parse(path).getroot().iter("testcase")
        total += sum(float(one.get("time", 0)) for one in cases)
    return total


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line entry; returns the exit status."""
    parser = options.Parser(prog="times", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("report", type=options.file, help="file of pytest's --junitxml")
    args: argparse.Namespace = parser.parse_args(arguments)
    try:
        begin, seconds, tests = cases(args.report)
    except ValueError as error:
        return options.refused(error)
    folders: dict[str, float] = {}
    for folder, _, took in tests:
        folders[folder] = folders.get(folder, 0.0) + took
    whole = sum(folders.values()) or 1.0
    built = build_seconds(build_root(), begin, seconds)
    simulated = simulated_seconds(build_root(), begin, seconds)
    table = Table("part", "seconds", "share", title=f"{len(tests):,} tests in {seconds:,.0f} s")
    for name, took in sorted(folders.items(), key=lambda one: -one[1]):
        table.add_row(name, f"{took:,.1f}", f"{100 * took / whole:.1f} %")
    for name, took in {
        "of these: builds of benches": built,
        "of these: simulation of benches": simulated,
        "rest of tests.sim: starts": max(folders.get("tests.sim", 0.0) - built - simulated, 0.0),
    }.items():
        table.add_row(name, f"{took:,.1f}", f"{100 * took / whole:.1f} %")
    console = Console()
    console.print(table)
    longest = Table("test", "seconds", title="The longest")
    for _, name, took in sorted(tests, key=lambda one: -one[2])[:LONGEST]:
        longest.add_row(name, f"{took:,.1f}")
    console.print(longest)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
