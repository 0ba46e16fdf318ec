"""What has passed, so that ``RESUME=1`` does not do it again.

A result is kept, as soon as it is there, under a key of everything that decides it: RTL, benches,
models and the scripts that run them, locked packages, Python, simulator, and what was run
(configuration, seed, tests). Nothing else is ever taken for the same; a changed comment is enough
to run again.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import sys
import time
from pathlib import Path
from typing import Any

from models.places import ROOT, build_root
from tb.common.sim import simulators
from tb.common.sim.builds import write_whole

#: Folder -> what may decide a result in it, at any depth.
SOURCES = {
    "rtl": ("*.sv", "*.svh", "*.vlt", "registers*.toml"),
    "tb": ("*.py", "*.sv", "*.svh", "*.c", "*.cpp", "*.mk"),
    "sw": ("*.c", "*.h"),
    "models": ("*.py", "*.npz", "*.json", "*.toml"),
    "scripts": ("*.py", "*.toml"),
    "requirements": ("*.lock",),
}
MAX_DAYS = 30


@functools.cache
def sources(root: Path = ROOT) -> str:
    """Hash of all files that may decide a result."""
    digest = hashlib.sha256(sys.version.encode())
    for folder, patterns in SOURCES.items():
        for path in sorted(one for name in patterns for one in (root / folder).rglob(name)):
            if path.is_file():
                name = str(path.relative_to(root)).encode()
                digest.update(name + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def key_of(simulator: str, *facts: object) -> str:
    """The key of a run; ``facts``: all that was asked for, with a ``repr`` that says it all."""
    tool = simulators.version(simulator)
    return hashlib.sha256(repr((sources(), tool, facts)).encode()).hexdigest()[:24]


def key_of_models(*facts: object) -> str:
    """The key of what models, or more tools than one, decide; ``facts`` as in ``key_of``."""
    return hashlib.sha256(repr((sources(), facts)).encode()).hexdigest()[:24]


def _path(kind: str, key: str) -> Path:
    return build_root() / "kept" / kind / f"{key}.json"


def save(kind: str, key: str, record: Any) -> None:
    """Keep the record of something that passed; the first time, forget what is old."""
    _forget_once(build_root())
    path = _path(kind, key)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, json.dumps(record) + "\n")


def load(kind: str, key: str) -> Any:
    """The record that was kept, None if there is none."""
    try:
        return json.loads(_path(kind, key).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def forget_old(days: float = MAX_DAYS) -> None:
    """Remove what was kept, of any kind, more than ``days`` ago."""
    limit = time.time() - days * 86400
    for path in (build_root() / "kept").glob("*/*.json"):
        with contextlib.suppress(FileNotFoundError):  # another call removed it
            if path.stat().st_mtime < limit:
                path.unlink()


@functools.cache
def _forget_once(_: Path) -> None:
    forget_old()
