"""Functional coverage of many runs as one: files of hits in, results per bin out.

results = merge(sorted(folder.rglob("coverage/*.json")), discover())
results.missing()          # bins that nobody hit
results.false_ignores()    # bins declared unreachable that somebody did hit
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tb.common.coverage.functional import FILE_VERSION, CoverageError, Group


@dataclass
class BinResult:
    """A bin: hits over all runs, in how many files, the first of them, and why it is ignored."""

    name: str
    reason: str | None
    hits: int = 0
    runs: int = 0
    example: str = ""

    @property
    def counts(self) -> bool:
        """Part of the goal."""
        return self.reason is None

    @property
    def covered(self) -> bool:
        return self.hits > 0


@dataclass
class ItemResult:
    """A point or a cross (``points``: what it combines)."""

    name: str
    doc: str
    points: tuple[str, ...]
    bins: dict[str, BinResult]

    @property
    def goal(self) -> int:
        """Bins that must be hit."""
        return sum(b.counts for b in self.bins.values())

    @property
    def hit(self) -> int:
        return sum(b.counts and b.covered for b in self.bins.values())


@dataclass
class GroupResult:
    """A covergroup and its items."""

    folder: str
    name: str
    doc: str
    items: dict[str, ItemResult]

    @property
    def goal(self) -> int:
        return sum(item.goal for item in self.items.values())

    @property
    def hit(self) -> int:
        return sum(item.hit for item in self.items.values())


@dataclass
class Functional:
    """All covergroups; ``runs`` are the labels of the files that were merged."""

    groups: dict[str, GroupResult]
    runs: list[str] = field(default_factory=list)

    @property
    def goal(self) -> int:
        return sum(group.goal for group in self.groups.values())

    @property
    def hit(self) -> int:
        return sum(group.hit for group in self.groups.values())

    def bins(self) -> Iterator[tuple[str, BinResult]]:
        """Every bin with its path ``group.item.bin``."""
        for group in self.groups.values():
            for item in group.items.values():
                for result in item.bins.values():
                    yield f"{group.name}.{item.name}.{result.name}", result

    def missing(self) -> list[str]:
        """Paths of the bins that count and were not hit."""
        return [path for path, result in self.bins() if result.counts and not result.covered]

    def false_ignores(self) -> list[tuple[str, BinResult]]:
        """Bins that are declared unreachable and were hit: the reason is wrong."""
        return [(path, b) for path, b in self.bins() if not b.counts and b.covered]


def blank(declared: Mapping[str, Iterable[Group]]) -> Functional:
    """Results without a hit."""
    groups = {}
    for folder, members in declared.items():
        for group in members:
            docs: dict[str, tuple[str, tuple[str, ...]]]
            docs = {p.name: (p.doc, ()) for p in group.points}
            docs |= {c.name: (c.doc, c.points) for c in group.crosses}
            items = {
                name: ItemResult(
                    name, *docs[name], {b: BinResult(b, reason) for b, reason in bins.items()}
                )
                for name, bins in group.items().items()
            }
            groups[group.name] = GroupResult(folder, group.name, group.doc, items)
    return Functional(groups)


def run_label(run: Mapping[str, Any]) -> str:
    """One line that names a run as ``make sim`` takes it, with the parameters in short."""
    words = [f"DESIGN={run['bench']}"] if run.get("bench") else []
    words += [f"TEST={run['test']}"] if run.get("test") else []
    words += [f"SEED={run['seed']}"] if run.get("seed") else []
    words += [f"SIM={run['simulator']}"] if run.get("simulator") else []
    config = run.get("config") or {}
    words += [f"({', '.join(f'{k}={v}' for k, v in sorted(config.items()))})"] if config else []
    return " ".join(words) or "run"


def merge(files: Iterable[Path], declared: Mapping[str, Iterable[Group]]) -> Functional:
    """Add up files of ``Collector.save``.

    Raises:
        CoverageError: a file is broken, or was written with other bins than are declared now.
    """
    members = {group.name: group for groups in declared.values() for group in groups}
    signatures = {name: group.signature() for name, group in members.items()}
    total = blank(declared)
    for path in files:
        record = _read(path)
        label = run_label(record["run"])
        total.runs.append(label)
        for name, signature in record["signatures"].items():
            if signatures.get(name) != signature:
                raise CoverageError(
                    f"{path}: group {name!r} was sampled with other bins than it has now; run again"
                )
        for name, items in record["hits"].items():
            for item, bins in items.items():
                for bin_name, hits in bins.items():
                    result = total.groups[name].items[item].bins[bin_name]
                    result.hits += hits
                    result.runs += 1
                    result.example = result.example or label
    return total


def _read(path: Path) -> dict:
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CoverageError(f"{path}: not a file of coverage hits ({error})") from None
    version = record.get("version") if isinstance(record, dict) else None
    if version != FILE_VERSION:
        raise CoverageError(f"{path}: version {version!r}, need {FILE_VERSION}; run again")
    return record
