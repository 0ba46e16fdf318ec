"""Who may import whom: ``models`` <- ``tb`` <- ``scripts``; no circles of modules or of folders.

Every import counts: late ones inside functions, and those for types only.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import pytest

from models.places import ROOT

#: From the ground up: each imports of itself and of those before it.
FLOORS = ("models", "tb", "scripts")
#: What starts before anything is installed: standard library and these only.
Graph = Mapping[str, set[str]]


def module_of(path: Path, root: Path) -> str:
    """``scripts/run/cli.py`` as ``scripts.run.cli``; a package by its folder."""
    parts = path.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported(text: str, known: Iterable[str]) -> set[str]:
    """The modules among ``known`` that a source imports.

    >>> sorted(imported("from a import b, c\\nimport d.e", {"a", "a.b", "d.e"}))
    ['a', 'a.b', 'd.e']
    """
    known = set(known)
    found: set[str] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found |= {one.name for one in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            inside = {f"{node.module}.{one.name}" for one in node.names}
            modules = inside & known
            # A package is meant only where a name of its own is taken.
            found |= modules | ({node.module} if inside - known or not modules else set())
    return found & known


@functools.cache
def graph_of(root: Path = ROOT) -> dict[str, set[str]]:
    """Module -> modules it imports."""
    paths = [path for floor in FLOORS for path in sorted((root / floor).rglob("*.py"))]
    texts = {module_of(path, root): path.read_text(encoding="utf-8") for path in paths}
    return {name: imported(text, texts) - {name} for name, text in texts.items()}


def folders_of(graph: Graph) -> dict[str, set[str]]:
    """Folder -> folders it imports; a folder of a floor and what is right in it are two."""

    def folder(name: str) -> str:
        parts = name.split(".")
        return ".".join(parts[:2]) if f"{'.'.join(parts[:2])}" in packages else f"{parts[0]}.*"

    packages = {".".join(parts[:2]) for name in graph if len(parts := name.split(".")) > 2}
    made: dict[str, set[str]] = {}
    for name, others in graph.items():
        mine = made.setdefault(folder(name), set())
        mine |= {folder(one) for one in others} - {folder(name)}
    return made


def circles(graph: Graph) -> list[list[str]]:
    """Nodes that reach each other, as groups (Tarjan)."""
    number: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(name: str) -> None:
        number[name] = low[name] = len(number)
        stack.append(name)
        for other in sorted(graph.get(name, ())):
            if other not in number:
                visit(other)
            if other in stack:
                low[name] = min(low[name], low[other])
        if low[name] == number[name]:
            group = stack[stack.index(name) :]
            del stack[stack.index(name) :]
            if len(group) > 1:
                found.append(sorted(group))

    for name in sorted(graph):
        if name not in number:
            visit(name)
    return found


def upward(graph: Graph) -> Iterator[str]:
    """Imports that go from a floor to one above it."""
    for name, others in sorted(graph.items()):
        for other in sorted(others):
            if FLOORS.index(other.split(".")[0]) > FLOORS.index(name.split(".")[0]):
                yield f"{name} imports {other}"


def test_no_arrow_goes_up():
    assert list(upward(graph_of())) == []


def test_no_circles_of_modules():
    assert circles(graph_of()) == []


@pytest.mark.parametrize(
    ("file", "line", "found"),
    [
        ("models/fixed.py", "from scripts import options", "models.fixed imports scripts.options"),
        ("models/fixed.py", "import tb.common.sim.bench", "models.fixed imports tb.common.sim"),
        ("tb/eie/coverage.py", "def f():\n    from scripts.cov import tables", "tb.eie.coverage i"),
    ],
)
def test_an_arrow_up_is_found(file, line, found):
    name = module_of(ROOT / file, ROOT)
    text = (ROOT / file).read_text(encoding="utf-8") + "\n" + line
    graph = {**graph_of(), name: imported(text, graph_of())}
    assert [one[: len(found)] for one in upward(graph)] == [found]


def test_a_circle_is_found():
    """Types alone are enough: a machine that is to be read in one direction must be written so."""
    name = "models.array.store"
    line = "if TYPE_CHECKING:\n    from models.array.lowering import Plan"
    graph = {**graph_of(), name: graph_of()[name] | imported(line, graph_of())}
    assert circles(graph) == [["models.array.lowering", name]]
