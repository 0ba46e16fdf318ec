"""Fields of the CFG and CAP registers of a design: where they lie, what they may be.

A design's fields are said once, in ``rtl/<design>/registers.toml``; ``python -m scripts.registers``
writes them down again as ``models/<design>/registers.py`` with the classes of this module.

Limits are expressions over build parameters (``ActDepth``), other fields (``IN_LEN``) and flags
(``COMPUTE``)::

    Limit("COMPUTE and BIAS", high="BiasDepth - ceil(OUT_LEN / NumPe)")

They have numbers, names, ``+ - * / // % <<``, comparisons, ``and``, ``or``, ``not``, ``a if b else
c``, ``min``, ``max``, ``ceil`` and nothing else; ``/`` is exact.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache
from types import CodeType
from typing import Any

#: What an expression may call; ``ratio`` stands for ``/``.
_CALLS: dict[str, Any] = {"min": min, "max": max, "ceil": math.ceil, "ratio": Fraction}
_GLOBALS: dict[str, Any] = {"__builtins__": {}, **_CALLS}
_NODES = (
    ast.Expression, ast.Constant, ast.Name, ast.Load, ast.BinOp, ast.UnaryOp, ast.BoolOp,
    ast.Compare, ast.IfExp, ast.Call, ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod,
    ast.LShift, ast.USub, ast.Not, ast.And, ast.Or, ast.Eq, ast.NotEq, ast.Lt, ast.LtE,
    ast.Gt, ast.GtE,
)  # fmt: skip


class _Exact(ast.NodeTransformer):
    """``a / b`` as a fraction."""

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        if not isinstance(node.op, ast.Div):
            return node
        name = ast.Name("ratio", ast.Load())
        return ast.copy_location(ast.Call(name, [node.left, node.right], []), node)


def _tree(text: str) -> ast.Expression:
    try:
        tree = ast.parse(text, mode="eval")
    except SyntaxError:
        raise ValueError(f"expression: found '{text}', need one such as 'ActDepth - 1'") from None
    for node in ast.walk(tree):
        call = not isinstance(node, ast.Call) or (
            isinstance(node.func, ast.Name) and node.func.id in _CALLS and not node.keywords
        )
        number = not isinstance(node, ast.Constant) or type(node.value) is int
        if not (isinstance(node, _NODES) and call and number):
            raise ValueError(f"expression: found '{ast.unparse(node)}' in '{text}', not known here")
    return tree


@cache
def names(text: str) -> frozenset[str]:
    """Names in an expression; ValueError if it has anything that is not allowed.

    >>> sorted(names("ActDepth - ceil(IN_LEN / NumPe)"))
    ['ActDepth', 'IN_LEN', 'NumPe']
    """
    found = {node.id for node in ast.walk(_tree(text)) if isinstance(node, ast.Name)}
    return frozenset(found - _CALLS.keys())


@cache
def _code(text: str) -> CodeType:
    return compile(ast.fix_missing_locations(_Exact().visit(_tree(text))), text, "eval")


def value_of(text: str, known: Mapping[str, int]) -> Any:
    """The value of an expression.

    >>> value_of("ActDepth - ceil(IN_LEN / NumPe)", {"ActDepth": 8, "IN_LEN": 5, "NumPe": 4})
    6
    """
    return eval(_code(text), _GLOBALS, known)


@dataclass(frozen=True)
class Limit:
    """What a field must keep in passes whose flags make ``when`` true ("": in all).

    low, high  expressions of the lowest and the highest value, "": that of the field's bits
    step       the value is a multiple of it
    """

    when: str = ""
    low: str = ""
    high: str = ""
    step: int = 1


@dataclass(frozen=True)
class Rule:
    """An expression over flags that every pass must make true, and what it asks for in words."""

    need: str
    text: str


@dataclass(frozen=True)
class Field:
    """``width`` bits from bit ``low`` of CFG or CAP register ``word``.

    name    as documents spell it; unique in the CFG registers of a design, and in its CAP registers
    unit    of the value, "" for a number
    limits  all of them hold; what they do not say is free
    value   CAP: expression of the value over build parameters
    values  names of values, where they have some
    """

    name: str
    word: int
    low: int = 0
    width: int = 32
    meaning: str = ""
    unit: str = ""
    limits: tuple[Limit, ...] = ()
    value: str = ""
    values: tuple[tuple[str, int], ...] = ()

    @property
    def most(self) -> int:
        """The highest value that the bits hold."""
        return (1 << self.width) - 1

    def bounds(self) -> set[str]:
        """Names in the limits' lowest and highest values.

        >>> sorted(Field("KT", 4, limits=(Limit(low="1", high="MaxKt - BASE"),)).bounds())
        ['BASE', 'MaxKt']
        """
        ends = (end for limit in self.limits for end in (limit.low, limit.high) if end)
        return {name for end in ends for name in names(end)}

    def of(self, words: Mapping[int, int]) -> int:
        """The field's value in registers, index -> word; registers not named are 0.

        >>> Field("KT", 4, 16, 16).of({4: 0x30002})
        3
        """
        return words.get(self.word, 0) >> self.low & self.most

    def put(self, words: Mapping[int, int], value: int) -> dict[int, int]:
        """The registers with another value of the field; ValueError if its bits do not hold it.

        >>> Field("KT", 4, 16, 16).put({4: 0x30002}, 5)
        {4: 327682}
        """
        if not 0 <= value <= self.most:
            raise ValueError(f"{self.name}: found {value}, allowed 0..{self.most}")
        word = words.get(self.word, 0) & ~(self.most << self.low) | int(value) << self.low
        return {**words, self.word: word}


def packed(values: Mapping[Field, int]) -> dict[int, int]:
    """Registers of field values, index -> word, unchecked.

    >>> packed({Field("KT", 4, 16, 16): 3, Field("CT", 4, 0, 16): 2})
    {4: 196610}
    """
    words: dict[int, int] = {}
    for field, value in values.items():
        words[field.word] = words.get(field.word, 0) | value << field.low
    return words


@dataclass(frozen=True)
class Fault:
    """A field at fault: its register, its name, what was found and what is allowed."""

    word: int
    name: str
    found: int
    allowed: str

    def __str__(self) -> str:
        return f"{self.name}: found {self.found}, allowed {self.allowed}"


@dataclass(frozen=True)
class RegisterMap:
    """The CFG and CAP registers of a design; ``flags`` are the bits of the first field, MODE.

    ``config`` is in all that follows a build of the design, an object with ``parameters()``.
    """

    design: str
    cfg: tuple[Field, ...]
    flags: tuple[tuple[str, int], ...]
    rules: tuple[Rule, ...]
    cap: tuple[Field, ...]

    def over(
        self, design: str, cfg: Iterable[Field] = (), cap: Iterable[Field] = ()
    ) -> RegisterMap:
        """The registers of another design: some fields replaced (by their bits), some added."""

        def joined(old: Iterable[Field], new: Iterable[Field]) -> tuple[Field, ...]:
            found = {(one.word, one.low): one for one in (*old, *new)}
            return tuple(found[key] for key in sorted(found))

        return replace(self, design=design, cfg=joined(self.cfg, cfg), cap=joined(self.cap, cap))

    def words(self, config: Any, values: Mapping[Field, int]) -> dict[int, int]:
        """CFG registers of a pass, index -> word, of field values (others: 0), checked.

        Raises ValueError naming the field, the value and what is allowed.
        """
        words = dict.fromkeys((field.word for field in self.cfg), 0)
        try:
            for field, value in values.items():
                words = field.put(words, value)
        except ValueError as why:
            raise ValueError(self._said(str(why))) from None
        self.check(config, words)
        return words

    def lowest(self, config: Any, mode: int) -> dict[Field, int]:
        """The lowest good value of every field in a pass with this MODE."""
        values = {self.cfg[0]: mode}
        for _ in range(2):  # a limit may depend on a field that comes later
            for field in self.cfg[1:]:
                values[field] = self.range(field, self.known(config, packed(values)))[0]
        return values

    def check(self, config: Any, words: Mapping[int, int]) -> None:
        """ValueError about the first field at fault in CFG registers, index -> word."""
        for fault in self.faults(config, words):
            raise ValueError(self._said(str(fault)))

    def faults(self, config: Any, words: Mapping[int, int]) -> Iterator[Fault]:
        """Fields at fault, by register: the first one is what the RTL reports as GEOMETRY.

        A limit that depends on an earlier field is looked at only when all earlier registers are
        good.
        """
        known = self.known(config, words)
        mode = self.cfg[0]
        mask = sum(1 << bit for _, bit in self.flags)
        found = mode.of(words)
        needs = [rule.text for rule in self.rules if not value_of(rule.need, known)]
        if found & ~mask:
            needs.insert(0, f"bits of {mask:#x}")
        if needs:
            yield Fault(mode.word, mode.name, found, ", ".join(needs))
            return
        bad = mode.word
        for field in self.cfg[1:]:
            if field.word > bad > mode.word:
                return
            low, high, step = self.range(field, known)
            if not low <= field.of(words) <= high or field.of(words) % step:
                bad = field.word
                yield Fault(field.word, field.name, field.of(words), allowed(low, high, step))

    def known(self, config: Any, words: Mapping[int, int]) -> dict[str, int]:
        """What the names in a limit stand for: parameters, fields and flags of these registers."""
        mode = self.cfg[0].of(words)
        known = dict(config.parameters())
        known |= {name: mode >> bit & 1 for name, bit in self.flags}
        return known | {field.name: field.of(words) for field in self.cfg[1:]}

    def range(self, field: Field, known: Mapping[str, int]) -> tuple[int, int, int]:
        """(lowest, highest, step) of a field in a pass; highest < lowest: nothing."""
        low, high, step = 0, field.most, 1
        for limit in field.limits:
            if limit.when and not value_of(limit.when, known):
                continue
            if limit.low:
                low = max(low, math.ceil(value_of(limit.low, known)))
            if limit.high:
                high = min(high, math.floor(value_of(limit.high, known)))
            step = math.lcm(step, limit.step)
        return low, high // step * step, step

    def cap_words(self, config: Any) -> dict[int, int]:
        """The CAP registers of a build, index -> word."""
        words: dict[int, int] = {}
        for field in self.cap:
            value = int(value_of(field.value, config.parameters()))
            words[field.word] = words.get(field.word, 0) | value << field.low
        return words

    def _said(self, text: str) -> str:
        return f"{self.design}: CFG {text}"


def allowed(low: int, high: int, step: int = 1) -> str:
    """A range in words.

    >>> allowed(1, 8), allowed(0, 6, 2), allowed(1, 0)
    ('1..8', '0..6, a multiple of 2', 'nothing in this pass')
    """
    if high < low:
        return "nothing in this pass"
    return f"{low}..{high}" + (f", a multiple of {step}" if step > 1 else "")


def by_word(fields: Iterable[Field]) -> dict[int, list[Field]]:
    """Fields by their register, lowest bit first."""
    found: dict[int, list[Field]] = {}
    for field in sorted(fields, key=lambda one: (one.word, one.low)):
        found.setdefault(field.word, []).append(field)
    return found
