"""What ``RESUME=1`` takes for the same: nothing whose sources have changed."""

from __future__ import annotations

import os
import shutil
from pathlib import PurePath

import pytest

from models.places import ROOT
from scripts import kept

#: Ends of files that no result depends on: texts, lists for other tools, the looks of pages.
HARMLESS = {"md", "j2", "core", "f", "gtkw", "rdl", "format", "rules"}
#: Files that say what must be tested or is known, and that no run reads.
PLANS = ("testplan", "coverage_waivers", "mutation_equivalents")


def files() -> list[PurePath]:
    """Files of the folders that decide, without what Python leaves there."""
    found = (path for folder in kept.SOURCES for path in (ROOT / folder).rglob("*"))
    left = ("__pycache__", ".mypy_cache", ".ruff_cache")
    return [
        path.relative_to(ROOT)
        for path in found
        if path.is_file() and not set(path.parts).intersection(left)
    ]


def test_every_file_decides_or_is_known_not_to():
    left = [
        str(path)
        for path in files()
        if not any(path.match(pattern) for pattern in kept.SOURCES[path.parts[0]])
        and path.suffix.lstrip(".") not in HARMLESS
        and not path.name.startswith(PLANS)
    ]
    assert not left


@pytest.mark.parametrize(
    "name",
    ["rtl/dense/lac_dense.sv", "scripts/measure/engine.py", "models/energy.toml", "sw/src/d.c"],
)
def test_a_change_is_seen_however_deep(tmp_path, name):
    path = tmp_path / name
    path.parent.mkdir(parents=True)
    path.write_text("before\n")
    before = kept.sources(tmp_path)
    shutil.copytree(tmp_path, tmp_path / "other" / "tree", ignore=lambda *_: ["other"])
    path.write_text("after\n")
    kept.sources.cache_clear()
    assert kept.sources(tmp_path) != before
    assert kept.sources(tmp_path / "other" / "tree") == before


def test_what_is_old_is_forgotten_of_every_kind(tmp_path, monkeypatch):
    monkeypatch.setenv("LAC_BUILD", str(tmp_path))
    for kind in ("regress", "bench-eie"):
        kept.save(kind, "old", {})
        kept.save(kind, "new", {})
        path = tmp_path / "kept" / kind / "old.json"
        then = path.stat().st_mtime - 86400 * (kept.MAX_DAYS + 1)
        os.utime(path, (then, then))
    kept.save("sweep", "new", {})
    assert kept.load("bench-eie", "old") == {}, "once for each call, not with every record"
    kept._forget_once.cache_clear()
    kept.save("sweep", "new", {})
    for kind in ("regress", "bench-eie"):
        assert kept.load(kind, "old") is None and kept.load(kind, "new") == {}
