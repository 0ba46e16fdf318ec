"""Functional coverage: declared as data, counted by pyvsc, one file for each simulation.

A folder declares ``COVERAGE: tuple[Group, ...]`` in ``tb/<folder>/coverage.py``; a ``Collector``
makes one pyvsc covergroup of each group, its monitor samples packets and passes, and what was hit
goes to ``<LAC_OUT>/coverage/*.json``. ``coverage.merge`` adds the files of many runs.

Why data and not pyvsc classes: a bin that cannot be hit must carry its reason, and the report, the
merge and the test plan need names, meanings and reasons without running a simulation. Why JSON for
one run: pyucis merges databases, but forgets which run hit a bin and hits on ignored cross bins;
the merged result is written once as UCIS (``coverage_ucis``).

    >>> group = Group("demo", "two dice", (
    ...     Point("a", "first", {"low": (1, 3), "high": (4, 6)}),
    ...     Point("b", "second", {"low": (1, 3), "high": (4, 6), "0": 0}, {"0": "no such face"}),
    ... ), (Cross("ab", "both", ("a", "b")),))
    >>> collector = Collector((group,))
    >>> collector.sample("demo", a=[1, 2, 5], b=[6, 6, 1])
    >>> collector.hits()["demo"]["ab"]
    {'low,high': 1, 'high,low': 1}
"""

from __future__ import annotations

import fnmatch
import hashlib
import importlib
import itertools
import json
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import vsc
from numpy.typing import ArrayLike

from models.places import ROOT

FILE_VERSION = 1

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_BIN = re.compile(r"[a-z0-9_+-]+")
_ABSENT = -(1 << 31)  # in no bin: "does not apply to this sample"

Values = int | tuple[int, int]


class CoverageError(ValueError):
    """A declaration that contradicts itself, a value without a bin, or a file of another model."""


def labels(*names: str) -> dict[str, Values]:
    """Bins of a point whose values are names: ``labels("off", "on")``; sample with the name."""
    return {name: value for value, name in enumerate(names)}


@dataclass(frozen=True)
class Point:
    """One observed quantity and its bins.

    Attributes:
        bins: bin name -> value, or (low, high), both included; bins must not overlap. Every value
            that is sampled must be in one.
        ignore: bin name -> why it cannot be hit. It is counted all the same, and a hit is an error
            of the declaration (the reason is false).
    """

    name: str
    doc: str
    bins: Mapping[str, Values]
    ignore: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _check_name("point", self.name)
        if not self.bins:
            raise CoverageError(f"point {self.name!r} has no bins")
        for name in self.bins:
            if not _BIN.fullmatch(name):
                raise CoverageError(f"point {self.name!r}: bin name {name!r}; use a-z 0-9 _ + -")
        for name, reason in self.ignore.items():
            if name not in self.bins:
                raise CoverageError(f"point {self.name!r}: ignored bin {name!r} does not exist")
            _check_reason(f"point {self.name!r}, bin {name!r}", reason)
        if not set(self.bins) - set(self.ignore):
            raise CoverageError(f"point {self.name!r}: every bin is ignored")
        spans = sorted(self.span(name) + (name,) for name in self.bins)
        for (_, high, one), (low, _, two) in itertools.pairwise(spans):
            if low <= high:
                raise CoverageError(f"point {self.name!r}: bins {one!r} and {two!r} overlap")

    def span(self, name: str) -> tuple[int, int]:
        """(low, high) of a bin."""
        value = self.bins[name]
        low, high = value if isinstance(value, tuple) else (value, value)
        if low > high or low <= _ABSENT or high >= 1 << 31:
            raise CoverageError(f"point {self.name!r}: bin {name!r} has range {low}..{high}")
        return low, high

    @cached_property
    def spans(self) -> tuple[tuple[int, int], ...]:
        """(low, high) of every bin, in order."""
        return tuple(self.span(name) for name in self.bins)

    def binned(self, sampled: ArrayLike | None) -> np.ndarray:
        """Each sampled value replaced by the lowest of its bin: int64 [n].

        So only bins remain to be told apart. Names of bins stand for their values, None for
        absence. Raises CoverageError for a value in no bin: the declaration has forgotten it.
        """
        if sampled is None or isinstance(sampled, (int, str)):
            return np.array([self._lowest(sampled)])
        array = np.asarray(sampled).ravel()
        if array.dtype.kind in "OUS":
            return np.array([self._lowest(item) for item in array.tolist()], dtype=np.int64)
        if array.dtype.kind not in "biu":
            raise CoverageError(f"point {self.name!r}: sampled {array.dtype}, need integers")
        result = np.full(array.shape, _ABSENT, dtype=np.int64)
        for low, high in self.spans:
            result[(array >= low) & (array <= high)] = low
        if (result == _ABSENT).any():
            raise self._stray(array[result == _ABSENT][0])
        return result

    def _lowest(self, item: Any) -> int:
        if item is None:
            return _ABSENT
        if isinstance(item, str):
            if item not in self.bins:
                known = ", ".join(self.bins)
                raise CoverageError(f"point {self.name!r} has no bin {item!r}; it has: {known}")
            return self.span(item)[0]
        for low, high in self.spans:
            if low <= item <= high:
                return low
        raise self._stray(item)

    def _stray(self, value: object) -> CoverageError:
        return CoverageError(f"point {self.name!r}: value {value} is in no bin")


@dataclass(frozen=True)
class Cross:
    """Combinations of points of the same group.

    Attributes:
        ignore: (bin pattern of each point) -> why the combination cannot be hit; ``"*"`` is any.
    """

    name: str
    doc: str
    points: tuple[str, ...]
    ignore: Mapping[tuple[str, ...], str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _check_name("cross", self.name)
        if len(self.points) < 2:
            raise CoverageError(f"cross {self.name!r}: it takes at least two points")
        for pattern, reason in self.ignore.items():
            if len(pattern) != len(self.points):
                raise CoverageError(f"cross {self.name!r}: pattern {pattern} is not one per point")
            _check_reason(f"cross {self.name!r}, {pattern}", reason)

    def reason(self, bins: Sequence[str]) -> str | None:
        """Why a combination cannot be hit, None if it can."""
        for pattern, why in self.ignore.items():
            if all(fnmatch.fnmatchcase(b, p) for b, p in zip(bins, pattern, strict=True)):
                return why
        return None


@dataclass(frozen=True)
class Group:
    """A covergroup: points sampled together, and their crosses."""

    name: str
    doc: str
    points: tuple[Point, ...]
    crosses: tuple[Cross, ...] = ()

    def __post_init__(self) -> None:
        _check_name("group", self.name)
        names = [one.name for one in self.points] + [one.name for one in self.crosses]
        if len(set(names)) != len(names):
            raise CoverageError(f"group {self.name!r}: two items have one name in {names}")
        for cross in self.crosses:
            if missing := set(cross.points) - {p.name for p in self.points}:
                raise CoverageError(f"cross {cross.name!r}: no point {sorted(missing)}")
            combos = [bins for bins, _ in self.combinations(cross)]
            for pattern in cross.ignore:
                alone = Cross(cross.name, "", cross.points, {pattern: "any text of some length"})
                if not any(alone.reason(bins) for bins in combos):
                    raise CoverageError(f"cross {cross.name!r}: pattern {pattern} matches nothing")

    def point(self, name: str) -> Point:
        """The point of that name."""
        for point in self.points:
            if point.name == name:
                return point
        raise CoverageError(f"group {self.name!r} has no point {name!r}")

    def combinations(self, cross: Cross) -> list[tuple[tuple[str, ...], str | None]]:
        """Bins of a cross, with the reason of those ignored; ignored bins of points drop out."""
        parts = []
        for name in cross.points:
            point = self.point(name)
            parts.append([b for b in point.bins if b not in point.ignore])
        return [(bins, cross.reason(bins)) for bins in itertools.product(*parts)]

    def items(self) -> dict[str, dict[str, str | None]]:
        """Item (point or cross) -> bin -> None, or the reason it is ignored."""
        result: dict[str, dict[str, str | None]] = {
            point.name: {name: point.ignore.get(name) for name in point.bins}
            for point in self.points
        }
        for cross in self.crosses:
            combos = self.combinations(cross)
            result[cross.name] = {",".join(bins): reason for bins, reason in combos}
        return result

    def signature(self) -> str:
        """Changes when a bin changes; a file of hits with another one is stale."""
        bins = {point.name: sorted(map(point.span, point.bins)) for point in self.points}
        return hashlib.sha256(repr((bins, self.items())).encode()).hexdigest()[:12]


def _check_name(what: str, name: str) -> None:
    if not _NAME.fullmatch(name):
        raise CoverageError(f"{what} name {name!r}: use a-z, 0-9 and _, a letter first")


def _check_reason(where: str, reason: str) -> None:
    if len(reason.split()) < 3:
        raise CoverageError(f"{where}: {reason!r} is no reason, say why it cannot be hit")


def _covergroup(group: Group) -> Any:
    """The group as a pyvsc covergroup, one instance.

    Ignored bins of a cross are ordinary bins here, so that a hit on one is seen; pyvsc would drop
    it. Those of a point are pyvsc's ignore bins, which it counts.
    """

    class Declared:
        def __init__(self: Any) -> None:
            self.with_sample({f"v_{p.name}": vsc.int_t(32) for p in group.points})
            self.options.name = group.name
            made = {}
            for point in group.points:
                bins = {b: _bin(point, b) for b in point.bins if b not in point.ignore}
                ignored = {b: _bin(point, b) for b in point.ignore}
                made[point.name] = vsc.coverpoint(
                    getattr(self, f"v_{point.name}"),
                    bins=bins,
                    ignore_bins=ignored or None,
                    name=point.name,
                )
            for cross in group.crosses:
                parts = [made[name] for name in cross.points]
                made[cross.name] = vsc.cross(parts, name=cross.name)
            # pyvsc finds items as attributes; the prefix keeps them off its own ("options").
            for name, item in made.items():
                setattr(self, f"item_{name}", item)

    Declared.__name__ = Declared.__qualname__ = group.name
    made = vsc.covergroup(Declared)()
    # One instance of each: counting for the type as well would only take twice the time.
    made.get_model().type_cg = None
    return made


def _bin(point: Point, name: str) -> vsc.bin:
    low, high = point.span(name)
    return vsc.bin(low) if low == high else vsc.bin((low, high))


#: Item of a group -> bin -> how often it was hit.
Hits = dict[str, dict[str, int]]

#: Identity of a group -> it, and covergroups of it that nobody counts in: a simulation runs dozens
#: of tests, and pyvsc takes as long to make one as a short test takes.
_IDLE: dict[int, tuple[Group, list[Any]]] = {}


class Collector:
    """Covergroups of one simulation, and what they counted.

    Args:
        groups: what to count.
    """

    def __init__(self, groups: Iterable[Group]) -> None:
        self.groups = {group.name: group for group in groups}
        self._mine: dict[str, tuple[Any, Hits]] = {}  # with what others had counted in it

    def sample(self, group: str, /, **values: Any) -> None:
        """Count one observation, or many at once.

        Args:
            group: name of the group.
            values: point -> value, bin name or None (does not apply), or a vector [n] of them;
                scalars go with every element. Points that are left out do not apply. The same
                combination of bins within one call counts once, so a layer of a million entries
                costs as much as its different cases.

        Raises:
            CoverageError: unknown point, or a value that is in no bin.
        """
        declared = self.groups[group]
        if unknown := set(values) - {point.name for point in declared.points}:
            raise CoverageError(f"group {group!r} has no points {sorted(unknown)}")
        columns = [point.binned(values.get(point.name)) for point in declared.points]
        sizes = {column.size for column in columns if column.size != 1}
        if 0 in sizes:
            return
        table = np.stack(np.broadcast_arrays(*columns), axis=1)
        covergroup = self._covergroup(declared)
        for row in _distinct(table):
            covergroup.sample(*row)

    def hits(self) -> dict[str, Hits]:
        """Group -> item -> bin -> hits; only bins that were hit."""
        result: dict[str, Hits] = {name: {} for name in self.groups}
        for name, (covergroup, before) in self._mine.items():
            for item, bins in _hits(covergroup).items():
                others = before.get(item, {})
                counts = {b: found - others.get(b, 0) for b, found in bins.items()}
                if counts := {b: count for b, count in counts.items() if count}:
                    result[name][item] = counts
        return result

    def _covergroup(self, group: Group) -> Any:
        """What counts a group, of this collector alone until it is closed."""
        if group.name not in self._mine:
            idle = _IDLE.setdefault(id(group), (group, []))[1]
            used = idle.pop() if idle else None
            self._mine[group.name] = (
                (_covergroup(group), {}) if used is None else (used, _hits(used))
            )
        return self._mine[group.name][0]

    def save(self, folder: Path | None = None, test: str = "") -> Path:
        """Write the hits to a file of its own in ``folder`` (default ``<LAC_OUT>/coverage``).

        The run is described by the runner's variables (bench, simulator, seed, configuration).
        """
        env = os.environ
        if folder is None:
            if "LAC_OUT" not in env:
                raise CoverageError("no folder given, and LAC_OUT is not set")
            folder = Path(env["LAC_OUT"]) / "coverage"
        folder.mkdir(parents=True, exist_ok=True)
        record = {
            "version": FILE_VERSION,
            "run": {
                "bench": env.get("LAC_BENCH", ""),
                "simulator": env.get("LAC_SIM", ""),
                "seed": env.get("LAC_SEED", ""),
                "config": json.loads(env.get("LAC_CONFIG", "{}")),
                "test": test,
            },
            "signatures": {name: group.signature() for name, group in self.groups.items()},
            "hits": self.hits(),
        }
        stem = re.sub(r"[^a-z0-9_-]+", "-", (test or "run").lower())
        # A folder belongs to one simulation; only its tests come one after the other.
        free = (folder / f"{stem}-{number}.json" for number in itertools.count())
        path = next(path for path in free if not path.exists())
        path.write_text(json.dumps(record) + "\n", encoding="utf-8")
        return path

    def close(self) -> None:
        """Forget what was counted; the covergroups serve the next collector."""
        for name, (covergroup, _) in self._mine.items():
            _IDLE[id(self.groups[name])][1].append(covergroup)
        self._mine.clear()


def _distinct(table: np.ndarray) -> list[list[int]]:
    """Different rows of int64 [n, points]; by one mixed-radix key, as np.unique on rows is slow."""
    if table.shape[0] == 1:
        return table.tolist()
    key = np.zeros(table.shape[0], dtype=np.int64)
    for column in table.T:
        values, codes = np.unique(column, return_inverse=True)
        key = key * values.size + codes
        # Back to 0..n-1 after each column: the key cannot overflow.
        key = np.unique(key, return_inverse=True)[1]
    first = np.unique(key, return_index=True)[1]
    return table[first].tolist()


def _hits(covergroup: Any) -> Hits:
    model = covergroup.get_model()
    found = {cp.name: _point_hits(cp) for cp in model.coverpoint_l}
    found |= {cr.name: _cross_hits(cr) for cr in model.cross_l}
    return {item: bins for item, bins in found.items() if bins}


def _point_hits(model: Any) -> dict[str, int]:
    counts = [(model.get_bin_name(i), model.get_bin_hits(i)) for i in range(model.get_n_bins())]
    counts += [
        (model.get_ignore_bin_name(i), model.get_ignore_bin_hits(i))
        for i in range(model.get_n_ignore_bins())
    ]
    return {name: hits for name, hits in counts if hits}


def _cross_hits(model: Any) -> dict[str, int]:
    counts = ((model.get_bin_name(i), model.get_bin_hits(i)) for i in range(model.get_n_bins()))
    return {name.strip("<>"): hits for name, hits in counts if hits}


def discover(root: Path = ROOT) -> dict[str, tuple[Group, ...]]:
    """Folder -> its covergroups, from ``COVERAGE`` in each ``tb/<folder>/coverage.py``."""
    found: dict[str, tuple[Group, ...]] = {}
    seen: dict[str, str] = {}
    for path in sorted((root / "tb").glob("*/coverage.py")):
        folder = path.parent.name
        groups = getattr(importlib.import_module(f"tb.{folder}.coverage"), "COVERAGE", None)
        if groups is None:
            continue
        for group in groups:
            if group.name in seen:
                raise CoverageError(f"group {group.name!r} is in {seen[group.name]} and {folder}")
            seen[group.name] = folder
        found[folder] = tuple(groups)
    return found
