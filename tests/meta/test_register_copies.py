"""Where a CFG or CAP field lies is said once: nothing else writes its bit positions down.

``rtl/<design>/registers.toml`` says it; ``models/<design>/registers.py``, the packages of the RTL
and the C header are made from it. What shifts or masks a field by a number of its own would go on
with the old place when the field moves. Looked for in Python (``tb``, ``models``, ``scripts``)
and in the SystemVerilog of the benches. The interpreters of ``tests/models`` are left out: they are
the contract once more, on purpose, and share nothing with the models.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from models import registry
from models.places import ROOT

#: Names of CFG fields and flags, and of the words; CAP fields are called like parameters.
NAMES = {
    name.lower()
    for design in registry.every()
    for name in (
        *(field.name for field in design.registers.cfg),
        *(name for name, _ in design.registers.flags),
    )
} | {"cfg", "cap"}
#: The core of the socket's own bench, whose registers no description has: it is where they are.
OWN = {"tb/common_rtl/lac_tb_socket.sv"}
PYTHON = sorted(
    path.relative_to(ROOT).as_posix()
    for folder in ("tb", "models", "scripts")
    for path in (ROOT / folder).rglob("*.py")
)
VERILOG = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "tb").rglob("*.sv"))
#: cfg[4*32 + 16 +: 16], cap_i[31:16]
_SLICE = re.compile(r"\bc(?:fg|ap)\w*\[[^\]]*(?::|\d\s*\*\s*32)[^\]]*\]")


def _words(node: ast.AST) -> set[str]:
    """What a shifted or masked operand is called, in lower case."""
    if isinstance(node, ast.Subscript):
        inside = {node.slice.value} if isinstance(node.slice, ast.Constant) else set()
        return {str(word).lower() for word in inside} | _words(node.value)
    if isinstance(node, ast.Attribute):
        return {node.attr.lower()}
    if isinstance(node, ast.Name):
        return {node.id.lower()}
    if isinstance(node, ast.Call):  # int(mode), cfg.get(0)
        found = [word for one in (node.func, *node.args) for word in _words(one)]
        base = node.func.value if isinstance(node.func, ast.Attribute) else None
        return set(found) | (_words(base) if base is not None else set())
    return set()


def _number(node: ast.AST) -> bool:
    """A number written out, also ~15 and -1."""
    if isinstance(node, ast.UnaryOp):
        return _number(node.operand)
    return isinstance(node, ast.Constant) and type(node.value) is int


def copies(text: str) -> Iterator[str]:
    """Shifts and masks of a register, field or flag by a number, as lines of a Python source."""
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.BinOp):
            continue
        shifts = isinstance(node.op, ast.LShift | ast.RShift)
        masks = isinstance(node.op, ast.BitAnd | ast.BitOr)
        pairs = [(node.left, node.right)] if shifts else []
        pairs = [(node.left, node.right), (node.right, node.left)] if masks else pairs
        for operand, number in pairs:
            if _number(number) and _words(operand) & NAMES:
                yield f"line {node.lineno}: {ast.unparse(node)}"


def slices(text: str) -> Iterator[str]:
    """The same in SystemVerilog: a part of CFG or CAP by numbers."""
    for number, line in enumerate(text.splitlines(), 1):
        for found in _SLICE.finditer(line.partition("//")[0]):
            yield f"line {number}: {found[0]}"


def test_there_is_something_to_look_at():
    assert len(PYTHON) > 150 and len(VERILOG) > 10 and len(NAMES) > 30


@pytest.mark.parametrize("source", PYTHON)
def test_python_takes_fields_from_the_description(source: str) -> None:
    assert list(copies((ROOT / source).read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize("source", [one for one in VERILOG if one not in OWN])
def test_benches_take_fields_from_the_packages(source: str) -> None:
    assert list(slices((ROOT / source).read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('word = g["h"] | g["w"] << 16', ["line 1: g['w'] << 16"]),
        ("keep = mode >> 6 & 1", ["line 1: mode >> 6"]),
        ("bad = cfg[0] & ~15", ["line 1: cfg[0] & ~15"]),
        ("kt = item.cfg.get(4, 0) >> 16", ["line 1: item.cfg.get(4, 0) >> 16"]),
        ("x = 0x8F | mode", ["line 1: 143 | mode"]),
        ("x = mode & Mode.BIAS | KT.put(words, 3)[4]", []),
        ("x = 1 << pause", []),
    ],
)
def test_a_copy_in_python_is_found(text: str, found: list[str]) -> None:
    assert list(copies(text)) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("  assign kt = cfg[4*32 + 16 +: 16];", ["line 1: cfg[4*32 + 16 +: 16]"]),
        ("  assign w = cap_i[31:16];  // ", ["line 1: cap_i[31:16]"]),
        ("  assign kt = cfg_i.tiles.kt;  // cfg[31:16]", []),
    ],
)
def test_a_copy_in_verilog_is_found(text: str, found: list[str]) -> None:
    assert list(slices(text)) == found


def test_the_exception_is_one():
    """A file of ``OWN`` that has no such place any more has to go from the list."""
    for name in OWN:
        assert list(slices(Path(ROOT / name).read_text(encoding="utf-8"))), name
