"""No tool names a design: what is special about one is a field of its ``Design``.

Names and titles stand in no source of ``scripts`` and ``tb/common``, but as a default that a
command line can change, and where a word of the same spelling means another thing.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator
from pathlib import Path

import pytest

from models import registry
from models.places import ROOT

#: Names and titles of the designs, in any spelling.
WORDS = {word.lower() for one in registry.every() for word in (one.name, one.title)}
#: Where a name is another word: the dense format, and a network before pruning.
OTHER = {
    "scripts/formats": {"dense"},
    "scripts/train": {"dense"},
    "scripts/coarse": {"dense"},
}
#: A design's own evaluation names those that its paper, or ours, compares it with; claims of a
#: paper name those that they are about.
EVALUATIONS, CLAIMS = "scripts/bench/networks/", "scripts/claims/papers/"
OWN = (*(f"{EVALUATIONS}{name}/" for name in registry.DESIGNS), CLAIMS)
SOURCES = sorted(
    path.relative_to(ROOT).as_posix()
    for folder in ("scripts", "tb/common")
    for path in (ROOT / folder).rglob("*.py")
    if not path.relative_to(ROOT).as_posix().startswith(OWN)
)


def named(text: str, words: Collection[str]) -> Iterator[str]:
    """Constants that are one of the words, as lines; documentation and defaults are left out."""
    tree = ast.parse(text)
    allowed = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and all(
            isinstance(one, ast.Name) and one.id.startswith("DEFAULT_") for one in node.targets
        ):
            allowed |= set(ast.walk(node.value))
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
            continue
        if node.value.lower() in words and node not in allowed:
            yield f"line {node.lineno}: {node.value!r}"


@pytest.mark.parametrize("source", SOURCES)
def test_no_tool_names_a_design(source: str) -> None:
    other = next((names for folder, names in OTHER.items() if source.startswith(folder)), set())
    text = (ROOT / source).read_text(encoding="utf-8")
    assert list(named(text, WORDS - other)) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('SUITES = {"eie": 1}', ["line 1: 'eie'"]),
        ('if design == "Sparse-on-Dense":\n    pass', ["line 1: 'Sparse-on-Dense'"]),
        ('x = [one for one in y if one != "dense"]', ["line 1: 'dense'"]),
        ('DEFAULT_DESIGN = "eie"', []),
        ('"""Such as eie/alex-7."""', []),
    ],
)
def test_a_name_is_found(text: str, found: list[str]) -> None:
    assert list(named(text, WORDS)) == found


def test_the_folders_are_there() -> None:
    """So that what a folder may say does not outlive it."""
    assert all((Path(ROOT) / folder).is_dir() for folder in (*OTHER, EVALUATIONS, CLAIMS))


#: Words with one meaning: one class is called so, whatever it is imported as.
ONE_CLASS = {
    "Bench": "tb.common.sim.bench",
    "Design": "models.design",
    "Job": "tb.common.uvm.items",
    "Pass": "models.program",
    "Program": "models.program",
    "Suite": "models.design",
}


def test_a_word_names_one_class() -> None:
    found: dict[str, list[str]] = {}
    for folder in ("models", "tb", "scripts"):
        for path in (ROOT / folder).rglob("*.py"):
            module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            for node in ast.parse(path.read_text(encoding="utf-8")).body:
                if isinstance(node, ast.ClassDef) and node.name in ONE_CLASS:
                    found.setdefault(node.name, []).append(module)
    assert found == {name: [module] for name, module in ONE_CLASS.items()}
