"""The database of coverage: what each run left, kept so that runs can be put together.

    <database>/runs.json               version, and every run that was asked for
    <database>/<label>/run.json        the run: tests with results, hash of each RTL file
    <database>/<label>/coverage.dat    Verilator's points, files named from the repository's root
    <database>/<label>/*-<n>.json      hits of covergroups, one file per test

A database is good at any time: a run is in it when its ``run.json`` is, which is written last. One
that was asked for and is not there was stopped, and is told as missing. Nothing in it names the
folder where it was made, so that databases of several machines can be merged; only those whose
runs saw the same RTL can.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from models.places import ROOT
from tb.common.coverage.functional import CoverageError
from tb.common.sim.bench import Bench
from tb.common.sim.builds import sources_of

VERSION = 2
_MARK = "runs.json"
_RUN = "run.json"
_POINTS = "coverage.dat"
_FILE = re.compile(r"(\x01f\x02)[^\x01]*?/(rtl/[^\x01]+)")
#: Where a build folder has its database, so that the build folder can be named as well.
INSIDE = Path("coverage") / "runs"

#: bench, configuration, seed
Key = tuple[str, str, int]


def label(key: Key) -> str:
    """Folder of a run.

    >>> label(("fifo", "default,Depth=3", 1))
    'fifo-default-Depth-3-1'
    """
    return re.sub(r"[^A-Za-z0-9_-]+", "-", "-".join(map(str, key)))


def said(key: Key) -> str:
    """A run as make takes it."""
    bench, config, seed = key
    return f"DESIGN={bench} CONFIG={config} SEED={seed}"


@dataclass(frozen=True)
class Run:
    """One simulation.

    Attributes:
        tests: test -> passed, failed or skipped; a parametrised test is failed if one case is.
        sources: RTL file, from the root of the repository -> hash of its text.
        failure: what went wrong, "" if nothing; a build that failed is a run without tests.
        folder: where its data lies; None while it is being made.
    """

    bench: str
    config: str
    seed: int
    tests: Mapping[str, str] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)
    failure: str = ""
    folder: Path | None = None

    @property
    def key(self) -> Key:
        return self.bench, self.config, self.seed

    @property
    def kept(self) -> Path:
        """``folder`` of a run that is in a database."""
        if self.folder is None:
            raise CoverageError(f"the run of {label(self.key)} is being made")
        return self.folder


@dataclass
class Database:
    """Runs by key, and the keys of all that were asked for."""

    folder: Path
    asked: list[Key]
    runs: dict[Key, Run]

    def missing(self) -> list[Key]:
        """Runs that were asked for and did not end."""
        return [key for key in self.asked if key not in self.runs]


def hash_of(path: Path) -> str:
    """Twelve digits that change with a file's text."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def rtl_of(bench: Bench, root: Path = ROOT) -> dict[str, str]:
    """RTL files and headers that a bench compiles -> their hashes."""
    sources = sources_of(bench)
    inside = [p for p in (*sources.files, *sources.headers) if p.is_relative_to(root / "rtl")]
    return {str(path.relative_to(root)): hash_of(path) for path in inside}


def begin(folder: Path, asked: Iterable[Key], keep: bool = False) -> None:
    """Make a database for runs to come, empty unless ``keep``; what runs again is dropped."""
    asked = list(asked)
    kept = load(folder) if keep else None
    if kept is None:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    for key in asked:
        shutil.rmtree(folder / label(key), ignore_errors=True)
    keys = dict.fromkeys([*(kept.asked if kept else ()), *asked])
    record = {"version": VERSION, "asked": list(keys)}
    _write(folder / _MARK, record)


@dataclass(frozen=True)
class Left:
    """What a run left, on its way to the database.

    points: its ``coverage.dat`` as the database has it, compressed, None if there is none; hits:
    files of covergroup hits by name.
    """

    run: Run
    points: bytes | None = None
    hits: Mapping[str, bytes] = field(default_factory=dict)


def collect(run: Run, points: Path | None = None, hits: Iterable[Path] = ()) -> Left:
    """Read what a run left.

    Args:
        points: its ``coverage.dat``, if there is one; of the files in it, those of ``run.sources``
            are named from the root of the repository from then on.
        hits: files of covergroup hits.
    """
    packed = None
    if points is not None:
        text = points.read_text(encoding="utf-8", errors="surrogateescape")
        named = _FILE.sub(lambda m: m[1] + (m[2] if m[2] in run.sources else m[0][3:]), text)
        packed = zlib.compress(named.encode("utf-8", "surrogateescape"), 1)
    return Left(run, packed, {path.name: path.read_bytes() for path in hits})


def save(folder: Path, left: Left) -> None:
    """Put what a run left into the database ``folder``."""
    run = left.run
    target = folder / label(run.key)
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    if left.points is not None:
        (target / _POINTS).write_bytes(zlib.decompress(left.points))
    for name, data in left.hits.items():
        (target / name).write_bytes(data)
    record = {
        "bench": run.bench,
        "config": run.config,
        "seed": run.seed,
        "tests": dict(run.tests),
        "sources": dict(run.sources),
        "failure": run.failure,
    }
    _write(target / _RUN, record)


def _write(path: Path, record: object) -> None:
    """Whole or not at all: the program may be killed at any time."""
    part = path.with_suffix(".part")
    part.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    part.replace(path)


def load(folder: Path) -> Database:
    """Read a database, or the one of a build folder.

    Raises:
        CoverageError: there is none, or it is of another version.
    """
    inside = folder / INSIDE
    if not (folder / _MARK).is_file() and (inside / _MARK).is_file():
        folder = inside
    if not (folder / _MARK).is_file():
        raise CoverageError(f"no coverage database in {folder}: run make cov first")
    record = _read(folder / _MARK)
    if record.get("version") != VERSION:
        found = record.get("version", "none")
        raise CoverageError(f"{folder}: database of version {found}, need {VERSION}; run again")
    try:
        asked = [(str(b), str(c), int(s)) for b, c, s in record["asked"]]
        runs = [Run(**_read(path), folder=path.parent) for path in sorted(folder.glob(f"*/{_RUN}"))]
    except (KeyError, TypeError, ValueError) as error:
        raise CoverageError(f"{folder}: not a coverage database ({error})") from None
    return Database(folder, asked, {run.key: run for run in runs})


def _read(path: Path) -> dict[str, Any]:
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CoverageError(f"{path}: cannot be read ({error})") from None
    if not isinstance(record, dict):
        raise CoverageError(f"{path}: not a record of a run")
    return record


def check_sources(runs: Iterable[Run], root: Path = ROOT) -> None:
    """Refuse runs that saw other RTL than each other, or than there is now.

    Raises:
        CoverageError: one line that names the file and the runs.
    """
    seen: dict[str, tuple[str, Run]] = {}
    for run in runs:
        for path, found in run.sources.items():
            known, first = seen.setdefault(path, (found, run))
            if known != found:
                raise CoverageError(
                    f"cannot merge: {path} is not the same in {first.folder} ({known}) and "
                    f"{run.folder} ({found}); run the older one again"
                )
    for path, (found, run) in sorted(seen.items()):
        now = hash_of(root / path) if (root / path).is_file() else "gone"
        if now != found:
            raise CoverageError(
                f"{path} has changed since {run.folder} ran (then {found}, now {now}): "
                f"make cov {said(run.key)} again"
            )


def combine(
    target: Path, folders: Iterable[Path], without: Iterable[Key] = (), root: Path = ROOT
) -> list[str]:
    """Make one database of several; ``target`` may be one of them.

    A run that is in two of them (same bench, configuration and seed on the same RTL) is one run,
    and counts once: the later folder's is taken.

    Args:
        without: runs that are left out, since they are to be run again.

    Returns:
        What is worth telling, a line each.

    Raises:
        CoverageError: a folder is no database, or runs saw different RTL.
    """
    databases = [load(folder) for folder in folders]
    for one in databases:
        one.runs = {key: run for key, run in one.runs.items() if key not in set(without)}
    check_sources((run for one in databases for run in one.runs.values()), root)
    runs: dict[Key, Run] = {}
    twice = []
    for one in databases:
        twice += [key for key in one.runs if key in runs]
        runs |= one.runs
    new = target.with_name(f"{target.name}.new")
    begin(new, dict.fromkeys(key for one in databases for key in one.asked))
    for key, run in runs.items():
        shutil.copytree(run.kept, new / label(key))
    shutil.rmtree(target, ignore_errors=True)
    new.rename(target)
    return [f"{said(key)} is in two of them and counts once" for key in dict.fromkeys(twice)]
