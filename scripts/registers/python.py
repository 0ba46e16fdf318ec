"""A description as the module ``models/<name>/registers.py``, in the format that ruff keeps."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence

from models.names import camel
from models.registers import Field, Limit
from scripts.registers.description import Description, Flag, Word, Wrong

WIDTH = 100
KINDS = "Section kinds, in the order they must come."


def module(found: Description, base: Description | None) -> str:
    """The text of the module; what ``base`` says already is imported from there."""
    parts = _whole(found) if base is None else _derived(found, base)
    return "\n\n\n".join(parts) + "\n"


def _head(found: Description, base: str, imports: Iterable[str], kinds: bool = False) -> str:
    enums = not base or kinds or any(field.values for field in found.cap)
    enum = "from enum import IntEnum\n\n" if enums else ""
    used = ", ".join(sorted(imports))
    lines = [f"from models.registers import {used}"] if used else []
    if base:
        lines.insert(0, f"from models.{base}.registers import REGISTERS as {base.upper()}")
    joined = "\n".join(lines)
    return f'''"""Fields of the CFG and CAP registers of ``rtl/{found.name}``.

Made by ``python -m scripts.registers`` from ``rtl/{found.name}/registers.toml``: do not edit.
"""

from __future__ import annotations

{enum}{joined}'''


def _whole(found: Description) -> list[str]:
    registers = [Flag(word.name, word.index, word.meaning) for word in found.words]
    parts = [_head(found, "", ("Field", "Limit", "RegisterMap", "Rule"))]
    parts.append(_enum("Kind", KINDS, found.kinds))
    parts.append(_enum("Cfg", "CFG registers.", registers))
    parts.append(_enum("Mode", "Bits of the MODE register.", found.words[0].flags, bits=True))
    names = [_name(word, one) for word in found.words for one in word.fields]
    constants = [
        f"{_name(word, one)} = {_field(one)}" for word in found.words for one in word.fields
    ]
    rules = [_call("Rule", [repr_(one.need), repr_(one.text)], 8) for one in found.words[0].rules]
    table = _call(
        "RegisterMap",
        [
            repr_(f"lac_{found.name}"),
            "cfg=" + _tuple(names, 4),
            "flags=tuple((str(one.name), one.bit_length() - 1) for one in Mode)",
            "rules=" + _tuple(rules, 4),
            "cap=" + _tuple([_field(one, 8) for one in found.cap], 4),
        ],
        0,
        split=True,
    )
    values = [_values(field) for field in found.cap if field.values]
    return [*parts, *values, "\n".join([*constants, f"REGISTERS = {table}"])]


def _derived(found: Description, base: Description) -> list[str]:
    """What a design changes of the one that it takes over."""
    kinds = found.kinds != base.kinds
    if found.words[0] != base.words[0] or found.kinds[: len(base.kinds)] != base.kinds:
        raise Wrong(f"{found.name}: found another MODE or kind, need those of {base.name}")
    old = {field for word in base.words for field in word.fields}
    cfg = [(word, one) for word in found.words for one in word.fields if one not in old]
    cap = [one for one in found.cap if one not in base.cap]
    imports = {"Field"} if cfg or cap else set()
    if any(one.limits for _, one in cfg):
        imports.add("Limit")
    parts = [_head(found, base.name, imports, kinds)]
    if kinds:
        parts.append(_enum("Kind", KINDS, found.kinds))
    parts += [_values(field) for field in cap if field.values]
    lines = [f"{_name(word, one)} = {_field(one)}" for word, one in cfg]
    arguments = [repr_(f"lac_{found.name}")]
    if cfg:
        arguments.append("cfg=" + _tuple([_name(word, one) for word, one in cfg], 4))
    if cap:
        arguments.append("cap=" + _tuple([_field(one, 8) for one in cap], 4))
    made = _call(f"{base.name.upper()}.over", arguments, 0, split=bool(cap))
    lines.append(f"REGISTERS = {made}")
    if len(parts) == 1:  # no class between: one empty line
        return [parts[0] + "\n\n" + "\n".join(lines)]
    return [*parts, "\n".join(lines)]


def _name(word: Word, field: Field) -> str:
    """A field's name in the module: that of its register before it, if it has several."""
    return word.name if field.name == word.name else f"{word.name}_{field.name}"


def _enum(name: str, doc: str, flags: Sequence[Flag], bits: bool = False) -> str:
    lines = [f"class {name}(IntEnum):", f'    """{doc}"""', ""]
    for flag in flags:
        lines.append(f"    {flag.name} = {'1 << ' if bits else ''}{flag.number}")
    return "\n".join(lines)


def _values(field: Field) -> str:
    doc = field.meaning[0].upper() + field.meaning[1:] + "."
    flags = [Flag(name, value, "") for name, value in field.values]
    return _enum(camel(field.name.lower()), doc, flags)


def _field(field: Field, indent: int = 0) -> str:
    arguments = [repr_(field.name), f"word={field.word}"]
    if (field.low, field.width) != (0, 32):
        arguments += [f"low={field.low}", f"width={field.width}"]
    if field.unit:
        arguments.append(f"unit={repr_(field.unit)}")
    arguments.append(f"meaning={repr_(field.meaning)}")
    if field.limits:
        limits = [_limit(one, indent + 8) for one in field.limits]
        arguments.append("limits=" + _tuple(limits, indent + 4))
    if field.value:
        arguments.append(f"value={repr_(field.value)}")
    if field.values:
        pairs = [f"({repr_(name)}, {value})" for name, value in field.values]
        arguments.append("values=" + _tuple(pairs, indent + 4))
    return _call("Field", arguments, indent, split=True)


def _limit(limit: Limit, indent: int) -> str:
    text = {"when": limit.when, "low": limit.low, "high": limit.high}
    arguments = [_argument(key, value, indent + 4) for key, value in text.items() if value]
    if limit.step != 1:
        arguments.append(f"step={limit.step}")
    return _call("Limit", arguments, indent)


def _argument(key: str, text: str, indent: int) -> str:
    """A string argument, in pieces if it is too long for a line."""
    line = f"{key}={repr_(text)}"
    if indent + len(line) < WIDTH:
        return line
    room = WIDTH - indent - 8  # what is inside is indented, quoted and may end in a space
    pieces = textwrap.wrap(text, room, break_long_words=False)
    pieces[:-1] = [piece + " " for piece in pieces[:-1]]
    inner = "".join(f"{' ' * (indent + 4)}{repr_(piece)}\n" for piece in pieces)
    return f"{key}=(\n{inner}{' ' * indent})"


def _call(name: str, arguments: Sequence[str], indent: int, split: bool = False) -> str:
    """A call, on one line if it fits and is not to be ``split``."""
    line = f"{name}({', '.join(arguments)})"
    if not split and "\n" not in line and indent + len(line) < WIDTH:
        return line
    inner = "".join(f"{' ' * (indent + 4)}{one},\n" for one in arguments)
    return f"{name}(\n{inner}{' ' * indent})"


def _tuple(items: Sequence[str], indent: int) -> str:
    """A tuple, one item a line; a single short one in one line."""
    if len(items) == 1 and "\n" not in items[0] and indent + len(items[0]) < WIDTH - 12:
        return f"({items[0]},)"
    return _call("", items, indent, split=True) if items else "()"


def repr_(text: str) -> str:
    """A string literal in double quotes."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
