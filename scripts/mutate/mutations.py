"""Single-point mutations of a module, found in its syntax tree (slang's parser).

What is changed is what computes: continuous assignments, processes, functions, connections of
instances. Left alone are declarations, parameters, ranges, generate and loop headers (a mutant of
those mostly does not build), what takes up unused bits, and whatever a macro wrote, assertions
among it.
"""

from __future__ import annotations

import difflib
import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pyslang
from pyslang import parsing, syntax

from models.places import ROOT

#: Kind of a mutation -> what it does, as `mutate.json` says it.
KINDS = {
    "operator": "another operator",
    "swap": "operands, or branches of a choice, exchanged",
    "term": "an operand dropped",
    "negation": "a negation dropped",
    "condition": "a condition always or never true, or negated",
    "constant": "a constant one more, one less, or inverted",
    "drop": "an assignment dropped: an enable, a hold",
    "reset": "an assignment in reset dropped",
}

_OTHER = {
    "&&": "||", "||": "&&", "&": "|", "|": "&", "^": "|", "+": "-", "-": "+", "*": "+",
    "==": "!=", "!=": "==", "<": "<=", "<=": "<", ">": ">=", ">=": ">", "<<": ">>", ">>": "<<",
    ">>>": ">>",
}  # fmt: skip
_TERMS = ("&&", "||", "&", "|", "^", "+")
_SWAPPED = ("-", "<", ">", "<=", ">=", "<<", ">>")
#: Where something is computed.
_INSIDE = (
    "ContinuousAssign", "AlwaysCombBlock", "AlwaysFFBlock", "AlwaysBlock", "FunctionDeclaration",
    "NamedPortConnection",
)  # fmt: skip
#: What is left alone inside of that.
_OUTSIDE = (
    "RangeSelect", "Dimension", "ForVariableDeclaration", "FunctionPrototype", "DataDeclaration",
    "EventControl", "SignalEventExpression",
)  # fmt: skip
#: What takes up bits that nobody reads, for lint.
_UNUSED = re.compile(r"assign\s+unused_")
_VECTOR = re.compile(r"(\d*)'([bdhBDH])([0-9a-fA-F_]+)")
Text = Callable[[Any], str]
_BASES = {"b": 2, "d": 10, "h": 16}


@dataclass(frozen=True)
class Mutation:
    """One change of one place of a file.

    file: relative to the repository; start, end: bytes that ``after`` takes the place of
    """

    file: str
    kind: str
    start: int
    end: int
    before: str
    after: str

    @property
    def module(self) -> str:
        """The module it is in."""
        return Path(self.file).stem

    @property
    def name(self) -> str:
        """Unique, the same as long as the file is."""
        facts = repr((source(self.file), self.start, self.end, self.after))
        return f"{self.module}-{hashlib.sha256(facts.encode()).hexdigest()[:8]}"

    def text(self) -> str:
        """The file with the change."""
        data = source(self.file).encode()
        changed = data[: self.start] + self.after.encode() + data[self.end :]
        return changed.decode()

    @property
    def lines(self) -> tuple[str, str]:
        """The lines of the place before and after, without what is around them."""
        changed = self.diff().splitlines()[2:]
        before, after = (
            [" ".join(line[1:].split()) for line in changed if line.startswith(sign)]
            for sign in "-+"
        )
        return " ".join(before), " ".join(after)

    @property
    def behind(self) -> str:
        """The line behind the place."""
        rest = source(self.file).encode()[self.end :].decode().split("\n", 2)
        return " ".join(rest[1].split()) if len(rest) > 1 else ""

    def diff(self) -> str:
        """What changes, as a unified diff without lines around it."""
        old, new = (text.splitlines() for text in (source(self.file), self.text()))
        name = self.file
        return "\n".join(difflib.unified_diff(old, new, name, name, lineterm="", n=0))


@cache
def source(file: str) -> str:
    """The text of a file of the repository."""
    return (ROOT / file).read_text(encoding="utf-8")


def mutations(file: str) -> list[Mutation]:
    """All mutations of a file, in order of place.

    Raises:
        ValueError: the parser does not read the file.
    """
    manager = pyslang.SourceManager()
    options = parsing.PreprocessorOptions()
    options.predefines = ["SYNTHESIS=1"]  # assertions are not the design
    options.additionalIncludePaths = [str(ROOT / "rtl" / "common")]
    tree = syntax.SyntaxTree.fromFile(str(ROOT / file), manager, pyslang.Bag([options]))
    if any(one.isError() for one in tree.diagnostics):
        raise ValueError(f"{file}: slang does not read it")
    data = source(file).encode()

    def text(node: Any) -> str:
        start, end = _span(node)  # of a node as text comments in front of it would be a part
        return data[start:end].decode()

    found = [
        Mutation(file, kind, *_span(place), text(place), after)
        for node, reset in _computing(tree.root, manager, text)
        for kind, place, after in _of(node, reset, text)
        if text(place) != after
    ]
    return sorted(dict.fromkeys(found), key=lambda one: (one.start, one.end, one.after))


def _kind(node: Any) -> str:
    return str(node.kind).rpartition(".")[2]


def _computing(node: Any, manager: Any, text: Text) -> Iterator[tuple[Any, bool]]:
    """Nodes that compute, and whether they are in the branch of a reset."""

    def inside(node: Any, reset: bool) -> Iterator[tuple[Any, bool]]:
        kind = _kind(node)
        where = node.sourceRange
        if any(word in kind for word in _OUTSIDE):
            return
        if not (manager.isFileLoc(where.start) and manager.isFileLoc(where.end)):
            return  # written by a macro
        if kind == "ContinuousAssign" and _UNUSED.match(text(node)):
            return
        yield node, reset
        alone = {_span(one) for one in _left_alone(node)}
        for child in node:
            if isinstance(child, parsing.Token) or _span(child) in alone:
                continue
            here = reset or (
                kind == "ConditionalStatement"
                and _is_reset(node, text)
                and _span(child) == _span(node.statement)
            )
            yield from inside(child, here)

    def outside(node: Any) -> Iterator[tuple[Any, bool]]:
        for child in node:
            if isinstance(child, parsing.Token):
                continue
            if _kind(child) in _INSIDE:
                yield from inside(child, False)
            else:
                yield from outside(child)

    yield from outside(node)


def _left_alone(node: Any) -> list[Any]:
    """Children that are sizes, or headers of loops."""
    kind = _kind(node)
    if kind == "CastExpression":
        return [node.left]
    if kind == "MultipleConcatenationExpression":
        return [node.expression]
    if kind == "ForLoopStatement":
        return [one for one in node if not isinstance(one, parsing.Token) and
                _span(one) != _span(node.statement)]  # fmt: skip
    if kind.startswith("Unary") and kind.endswith("PostincrementExpression"):
        return list(node)
    return []


def _span(node: Any) -> tuple[int, int]:
    return node.sourceRange.start.offset, node.sourceRange.end.offset


def _is_reset(node: Any, text: Text) -> bool:
    return re.fullmatch(r"!\s*rst_ni", text(node.predicate)) is not None


def _of(node: Any, reset: bool, text: Text) -> Iterator[tuple[str, Any, str]]:
    """(kind, node that makes way, what takes its place) of what can be changed at a node itself."""
    kind = _kind(node)
    if kind == "ConditionalStatement":
        predicate = text(node.predicate)
        if _is_reset(node, text):
            yield "reset", node.predicate, "1'b0"
        else:
            for after in ("1'b0", "1'b1", f"!({predicate})"):
                yield "condition", node.predicate, after
    elif kind == "ConditionalExpression":
        head, left, right = text(node.predicate), text(node.left), text(node.right)
        yield "swap", node, f"({head} ? {right} : {left})"
        yield "condition", node, f"({left})"
        yield "condition", node, f"({right})"
    elif kind == "ExpressionStatement" and "AssignmentExpression" in _kind(node.expr):
        yield "reset" if reset else "drop", node, ";"
    elif kind in ("UnaryLogicalNotExpression", "UnaryBitwiseNotExpression"):
        if text(node.operand) != "rst_ni":
            yield "negation", node, text(node.operand)
    elif kind == "IntegerVectorExpression" or kind.endswith("LiteralExpression"):
        for after in _constants(text(node)):
            yield "constant", node, after
    elif hasattr(node, "operatorToken") and hasattr(node, "right"):
        yield from _binary(node, text)


def _binary(node: Any, text: Text) -> Iterator[tuple[str, Any, str]]:
    sign = node.operatorToken.rawText
    if sign not in _OTHER or "Assignment" in _kind(node):
        return
    left, right = text(node.left), text(node.right)
    yield "operator", node, f"({left} {_OTHER[sign]} {right})"
    if sign in _SWAPPED:
        yield "swap", node, f"({right} {sign} {left})"
    if sign in _TERMS:
        yield "term", node, f"({left})"
        yield "term", node, f"({right})"


def _constants(text: str) -> list[str]:
    """Constants beside one.

    >>> _constants("2'd3"), _constants("'0"), _constants("0"), _constants("1'b1")
    (["2'd2"], ["'1"], ['1'], ["1'b0"])
    """
    if text in ("'0", "'1"):
        return ["'1" if text == "'0" else "'0"]
    if text.isdecimal():
        return [str(value) for value in (int(text) + 1, int(text) - 1) if value >= 0]
    if not (found := _VECTOR.fullmatch(text.replace(" ", ""))):
        return []
    size, base, digits = int(found[1] or 32), found[2].lower(), found[3].replace("_", "")
    value = int(digits, _BASES[base])
    near = [one for one in (value + 1, value - 1) if 0 <= one < 1 << size]
    shown = {"b": "b", "d": "d", "h": "x"}[base]
    return [f"{found[1]}'{base}{one:{shown}}" for one in near]
