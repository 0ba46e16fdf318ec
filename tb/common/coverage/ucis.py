"""The merged coverage as a UCIS database, written by pyucis in two forms.

``.xml`` is the interchange form of the standard, ``.cdb`` pyucis' own, in which its command line
merges (it cannot write XML it has merged):

    python -m ucis merge -if ncdb -of ncdb -o all.cdb one.cdb two.cdb

Functional coverage: one instance scope per folder with its covergroups; ignored bins are of UCIS'
ignore type (left out where pyucis would turn them into ordinary ones: of crosses, and in ``.cdb``).
Code coverage: one instance scope per source file with block, branch and toggle scopes and cover
properties; waived points are left out.
"""

from __future__ import annotations

import time
from pathlib import Path

from ucis import (
    UCIS_BLOCK,
    UCIS_BRANCH,
    UCIS_BRANCHBIN,
    UCIS_COVER,
    UCIS_COVERBIN,
    UCIS_CVGBIN,
    UCIS_DU_MODULE,
    UCIS_ENABLED_BRANCH,
    UCIS_ENABLED_STMT,
    UCIS_ENABLED_TOGGLE,
    UCIS_HISTORYNODE_TEST,
    UCIS_IGNOREBIN,
    UCIS_INST_ONCE,
    UCIS_INSTANCE,
    UCIS_OTHER,
    UCIS_SCOPE_UNDER_DU,
    UCIS_STMTBIN,
    UCIS_TESTSTATUS_OK,
    UCIS_TOGGLE,
    UCIS_TOGGLEBIN,
    UCIS_VLOG,
)
from ucis.cover_data import CoverData
from ucis.mem.mem_factory import MemFactory
from ucis.ncdb.ncdb_writer import NcdbWriter
from ucis.scope import Scope
from ucis.source_info import SourceInfo
from ucis.test_data import TestData
from ucis.ucis import UCIS
from ucis.xml.xml_factory import XmlFactory

from tb.common.coverage.code import Code, CodePoint, FileResult
from tb.common.coverage.merge import Functional, GroupResult

_FLAGS = (
    UCIS_ENABLED_STMT
    | UCIS_ENABLED_BRANCH
    | UCIS_ENABLED_TOGGLE
    | UCIS_INST_ONCE
    | UCIS_SCOPE_UNDER_DU
)
_SCOPES = {
    "line": (UCIS_BLOCK, UCIS_STMTBIN),
    "branch": (UCIS_BRANCH, UCIS_BRANCHBIN),
    "toggle": (UCIS_TOGGLE, UCIS_TOGGLEBIN),
    "cover": (UCIS_COVER, UCIS_COVERBIN),
}


def write(path: Path, functional: Functional, code: Code | None = None) -> Path:
    """Write ``path`` and the same with the ending .cdb; the folder is made if it is missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    XmlFactory.write(_database(functional, code, ignored=True), str(path))
    NcdbWriter().write(_database(functional, code, ignored=False), str(path.with_suffix(".cdb")))
    return path


def _database(functional: Functional, code: Code | None, ignored: bool) -> UCIS:
    """The database in memory; ``ignored``: with the bins that are not asked for."""
    db = MemFactory.create()
    _history(db, functional.runs)
    folders: dict[str, list[GroupResult]] = {}
    for group in functional.groups.values():
        folders.setdefault(group.folder, []).append(group)
    for folder, groups in folders.items():
        scope = _instance(db, folder, None)
        for group in groups:
            _covergroup(scope, group, ignored)
    for file in code.files.values() if code else ():
        _file(db, file)
    return db


def _history(db: UCIS, runs: list[str]) -> None:
    """One history node for each run; UCIS asks for at least one."""
    date = time.strftime("%Y%m%d%H%M%S")
    for number, label in enumerate(dict.fromkeys(runs or ["no runs"])):
        node = db.createHistoryNode(None, label, f"run{number}", UCIS_HISTORYNODE_TEST)
        data = TestData(UCIS_TESTSTATUS_OK, "lacuna", date)
        node.setTestData(data)


def _instance(db: UCIS, name: str, source: SourceInfo | None) -> Scope:
    unit = db.createScope(name, source, 1, UCIS_VLOG, UCIS_DU_MODULE, _FLAGS)
    return db.createInstance(name, source, 1, UCIS_VLOG, UCIS_INSTANCE, unit, UCIS_INST_ONCE)


def _covergroup(scope: Scope, group: GroupResult, ignored: bool) -> None:
    made = scope.createCovergroup(group.name, None, 1, UCIS_OTHER)
    points: dict[str, Scope] = {}
    for item in group.items.values():
        if item.points:
            parts = [points[name] for name in item.points]
            target = made.createCross(item.name, None, 1, UCIS_OTHER, parts)
        else:
            target = made.createCoverpoint(item.name, None, 1, UCIS_OTHER)
            points[item.name] = target
        for result in item.bins.values():
            if not result.counts and (item.points or not ignored):
                continue
            kind = UCIS_CVGBIN if result.counts else UCIS_IGNOREBIN
            text = result.reason or result.example
            target.createBin(result.name, None, 1, result.hits, text, kind)


def _file(db: UCIS, file: FileResult) -> None:
    if not any(point.counts for point in file.points):
        return
    handle = db.createFileHandle(file.path, ".")
    scope = _instance(db, file.path.replace("/", "."), SourceInfo(handle, 1, 1))
    for kind, (scope_type, bin_type) in _SCOPES.items():
        # Bins that belong together are one scope: a bit, a branch, a block.
        together: dict[tuple[int, str], list[CodePoint]] = {}
        for point in file.of(kind):
            name = point.name.rsplit(":", 1)[0] if kind == "toggle" else kind
            if kind == "cover":
                name = point.name
            together.setdefault((point.line, name), []).append(point)
        for (line, name), points in together.items():
            source = SourceInfo(handle, line, 1)
            part = scope.createScope(f"{name}:{line}", source, 1, UCIS_VLOG, scope_type, 0)
            for point in points:
                data = CoverData(bin_type, 0)
                data.data, data.goal = point.count, 1
                label = point.name.rsplit(":", 1)[-1]
                part.createNextCover(label, data, source)
