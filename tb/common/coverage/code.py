"""Code coverage: Verilator's ``coverage.dat`` of many runs, per line, branch, toggle and property.

The file has one line per point, ``C '<pairs>' count``, each pair ``\\x01 key \\x02 value``:

    f file    l line    n column    t type    o what ("if", "else", "cond_then", "q[3]:0->1")
    page v_<type>/<module>    S lines of the block ("5-7", "8,11")    h hierarchy

What is counted:

- *line*: a source line with statements; covered when every block on it ran (of ``if (a) b <= c;``
  both the test and the assignment). Verilator lists the lines of each block in S.
- *branch*: each arm of an ``if`` or ``?:``;
- *toggle*: each direction of each bit of each signal (of at most 256 bits, Verilator's limit);
- *cover*: each ``cover property``.

A point is the same point in every parameterisation, instance and iteration of a generate loop of
its module: it is covered when it happened in any.
"""

from __future__ import annotations

import fnmatch
import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from models.places import plain
from tb.common.coverage.functional import CoverageError

KINDS = ("line", "branch", "toggle", "cover")

_POINT = re.compile(r"C '(?P<pairs>.*)' (?P<count>\d+)\s*")
_LOOP_INDEX = re.compile(r"\[\d+\](?=\.)")
_BLOCK_ARMS = ("if", "else")
_TYPES = {"line": "line", "branch": "branch", "toggle": "toggle", "user": "cover"}

#: file, line, column, kind, name, lines of the block
Key = tuple[str, int, int, str, str, str]


@dataclass
class CodePoint:
    """Something that can be covered in a file; ``reason`` is that of its waiver."""

    line: int
    kind: str
    name: str
    count: int
    reason: str | None = None

    @property
    def counts(self) -> bool:
        """Part of the goal."""
        return self.reason is None

    @property
    def covered(self) -> bool:
        return self.count > 0


@dataclass
class FileResult:
    """A source file: its points, and its text by line."""

    path: str
    source: list[str]
    points: list[CodePoint] = field(default_factory=list)

    def of(self, kind: str) -> list[CodePoint]:
        """Points of a kind that are not waived."""
        return [p for p in self.points if p.kind == kind and p.counts]

    def tally(self, kind: str) -> tuple[int, int]:
        """(covered, all) of a kind, without the waived."""
        points = self.of(kind)
        return sum(p.covered for p in points), len(points)


@dataclass(frozen=True)
class Waiver:
    """Points that are not asked for, and why.

    Attributes:
        file: pattern of the file, relative to the repository.
        kind: one of ``KINDS``.
        match: pattern: of the signal for a toggle (``data_o[*]``), of the source line without
            indentation for the others. ``*`` is any text; brackets stand for themselves.
        arm: of a branch: ``if``, ``else``, ``cond_then`` or ``cond_else``; "" is any.
        reason: why.
    """

    file: str
    kind: str
    match: str
    reason: str
    arm: str = ""

    def takes(self, path: str, source: list[str], point: CodePoint) -> bool:
        """True when it waives the point."""
        if point.kind != self.kind or not fnmatch.fnmatchcase(path, self.file):
            return False
        if self.kind == "toggle":
            return _matches(point.name.split(":")[0], self.match)
        if self.arm and point.name != self.arm:
            return False
        text = source[point.line - 1].strip() if point.line <= len(source) else ""
        return _matches(text, self.match)


@dataclass
class Code:
    """Results per file; ``problems`` are waivers that waive nothing, or what is covered."""

    files: dict[str, FileResult]
    problems: list[str] = field(default_factory=list)

    def tally(self, kind: str) -> tuple[int, int]:
        """(covered, all) of a kind over all files."""
        tallies = [file.tally(kind) for file in self.files.values()]
        return sum(t[0] for t in tallies), sum(t[1] for t in tallies)

    def missing(self, kind: str) -> Iterator[tuple[str, CodePoint]]:
        """(file, point) of everything of a kind that is asked for and not covered."""
        for file in self.files.values():
            for point in file.of(kind):
                if not point.covered:
                    yield file.path, point


def short_names(points: Iterable[CodePoint]) -> list[str]:
    """Names of points of one line and kind, bits of a signal together: ``cnt_q[7:4] 0->1``."""
    bits: dict[tuple[str, str, str], list[int]] = {}
    for point in points:
        signal, _, way = (
            point.name.partition(":") if point.kind == "toggle" else (point.name, "", "")
        )
        found = re.fullmatch(r"(.*)\[(\d+)\]", signal)
        name, bit = (found[1], int(found[2])) if found else (signal, -1)
        bits.setdefault((name, "[]" if found else "", way), []).append(bit)
    # A bit that lacks both ways is said once.
    ways: dict[tuple[str, str], list[str]] = {}
    for (name, index, way), numbers in bits.items():
        ways.setdefault((name, f"[{_ranges(numbers)}]" if index else ""), []).append(way)
    return [
        f"{name}{index}" + (f" {way[0]}" if len(way) == 1 and way[0] else "")
        for (name, index), way in ways.items()
    ]


def _ranges(numbers: list[int]) -> str:
    """[0, 1, 2, 5] -> "5,2:0", as bits are written."""
    parts: list[list[int]] = []
    for number in sorted(set(numbers), reverse=True):
        if parts and parts[-1][1] == number + 1:
            parts[-1][1] = number
        else:
            parts.append([number, number])
    return ",".join(f"{high}:{low}" if high > low else f"{high}" for high, low in parts)


def _matches(text: str, pattern: str) -> bool:
    """fnmatch with ``*`` only: brackets are too common in Verilog."""
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), text) is not None


def parse(path: Path, root: Path) -> Counter[Key]:
    """Points of a ``coverage.dat`` with their counts; only files under ``root``/rtl, or rtl/.

    Raises:
        CoverageError: it is no such file, or a line of it is broken.
    """
    text = path.read_text(encoding="utf-8", errors="surrogateescape")
    lines = text.splitlines()
    if not lines or not lines[0].startswith("# SystemC::Coverage-3"):
        raise CoverageError(f"{path}: not a coverage file of Verilator")
    points: Counter[Key] = Counter()
    for number, line in enumerate(lines[1:], 2):
        found = _POINT.fullmatch(line)
        if found is None:
            raise CoverageError(f"{path}:{number}: not a coverage point: {line[:80]!r}")
        pairs = dict(
            pair.split("\x02", 1) for pair in found["pairs"].split("\x01") if "\x02" in pair
        )
        kind = _TYPES.get(pairs.get("t", ""))
        file = pairs.get("f", "")
        file = file.removeprefix(f"{root}/").removeprefix(f"{plain(root)}/")
        if kind is None or not file.startswith("rtl/"):
            continue
        name = pairs.get("o", "")
        if kind == "toggle":
            name = _LOOP_INDEX.sub("[*]", name)
        key = (
            file,
            int(pairs["l"]),
            int(pairs.get("n", 0)),
            kind,
            name,
            pairs.get("S", ""),
        )
        points[key] += int(found["count"])
    return points


def block_lines(text: str) -> list[int]:
    """Lines of a block: ``"5-7,9"`` -> [5, 6, 7, 9]."""
    lines: list[int] = []
    for part in filter(None, text.split(",")):
        low, _, high = part.partition("-")
        lines += range(int(low), int(high or low) + 1)
    return lines


def results(points: Counter[Key], root: Path, waivers: Iterable[Waiver] = ()) -> Code:
    """Points as results per file, waivers applied.

    Every file of ``root``/rtl with a module in it must appear: one that was never simulated gets a
    point of its own that is not covered.
    """
    files: dict[str, FileResult] = {}
    for path in sorted((root / "rtl").rglob("*.sv")):
        source = path.read_text(encoding="utf-8").splitlines()
        name = str(path.relative_to(root))
        files[name] = FileResult(name, source)
    lines: dict[tuple[str, int], int] = {}
    for (file, line, _column, kind, name, block), count in sorted(points.items()):
        if file not in files:
            raise CoverageError(f"{file} was simulated but does not exist any more; run again")
        if kind != "line":
            point = CodePoint(line, kind, name, count)
            files[file].points.append(point)
        if kind == "line" or (kind == "branch" and name in _BLOCK_ARMS):
            for number in block_lines(block):
                known = lines.get((file, number), count)
                lines[file, number] = min(known, count)
    for (file, number), count in sorted(lines.items()):
        files[file].points.append(CodePoint(number, "line", str(number), count))
    for one in files.values():
        declares = next(
            (n for n, text in enumerate(one.source, 1) if re.match(r"module\s", text)), None
        )
        if not one.points and declares is not None:
            one.points.append(CodePoint(declares, "line", "never simulated", 0))
        one.points.sort(key=lambda p: (p.line, KINDS.index(p.kind), p.name))
    return Code(files, _waive(files, list(waivers)))


def _waive(files: dict[str, FileResult], waivers: list[Waiver]) -> list[str]:
    """Put reasons on waived points; returns what is wrong with the waivers."""
    problems = []
    for waiver in waivers:
        taken = [
            point
            for file in files.values()
            if fnmatch.fnmatchcase(file.path, waiver.file)
            for point in file.points
            if waiver.takes(file.path, file.source, point)
        ]
        where = f"waiver {waiver.file} {waiver.kind} {waiver.match!r}"
        if not taken:
            problems.append(f"{where}: matches nothing any more, remove it")
        elif all(point.covered for point in taken):
            problems.append(f"{where}: all of it is covered, remove it")
        for point in taken:
            if not point.covered:
                point.reason = waiver.reason
    return problems


def load_waivers(path: Path) -> list[Waiver]:
    """Waivers of a TOML file (``[[waiver]]`` tables with the fields of ``Waiver``).

    Raises:
        CoverageError: a field is missing, unknown or empty, naming the waiver.
    """
    if not path.is_file():
        return []
    waivers = []
    for number, table in enumerate(tomllib.loads(path.read_text()).get("waiver", []), 1):
        where = f"{path.name}, waiver {number}"
        unknown = set(table) - {"file", "kind", "match", "arm", "reason"}
        lacking = {"file", "kind", "match", "reason"} - {k for k, v in table.items() if v}
        if unknown or lacking:
            raise CoverageError(f"{where}: unknown {sorted(unknown)}, missing {sorted(lacking)}")
        if table["kind"] not in KINDS:
            raise CoverageError(f"{where}: kind {table['kind']!r}, one of {KINDS}")
        if len(table["reason"].split()) < 3:
            raise CoverageError(f"{where}: {table['reason']!r} is no reason")
        waivers.append(Waiver(**table))
    return waivers
