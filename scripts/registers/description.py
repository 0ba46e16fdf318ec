"""``rtl/<folder>/registers.toml`` read and checked.

Errors are one line that names the file, the key, what was found and what is allowed.
"""

from __future__ import annotations

import itertools
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models import registers
from models.names import unknown
from models.registers import Field, Limit, RegisterMap, Rule
from models.socket import NUM_CAP, NUM_CFG

FILE = "registers.toml"
#: Names that are build parameters and not fields: ``ActDepth``, ``F``.
_PARAMETER = r"[A-Z]|[A-Z][A-Za-z0-9]*[a-z][A-Za-z0-9]*"
_KEYS = {
    "file": ("base", "cfg", "cap", "kinds"),
    "word": ("word", "meaning", "unit", "limits", "rules", "flags", "fields"),
    "field": ("bits", "unit", "meaning", "limits"),
    "cap": ("word", "bits", "unit", "meaning", "value", "values"),
    "flag": ("bit", "meaning"),
    "kind": ("kind", "meaning"),
    "limit": ("when", "min", "max", "step"),
    "rule": ("need", "text"),
}


@dataclass(frozen=True)
class Flag:
    """A bit of MODE, or a numbered name with its meaning."""

    name: str
    number: int
    meaning: str


@dataclass(frozen=True)
class Word:
    """A CFG register: ``fields`` lowest bit first, or the ``flags`` of MODE."""

    name: str
    index: int
    meaning: str
    fields: tuple[Field, ...]
    flags: tuple[Flag, ...] = ()
    rules: tuple[Rule, ...] = ()

    @property
    def plain(self) -> bool:
        """Whether the register is one number."""
        return not self.flags and self.fields[0].name == self.name


@dataclass(frozen=True)
class Description:
    """The registers of one folder of ``rtl/``.

    base   the folder that they were taken over from, "" without
    kinds  of sections of a weight packet
    """

    name: str
    base: str
    words: tuple[Word, ...]
    cap: tuple[Field, ...]
    kinds: tuple[Flag, ...]

    @property
    def map(self) -> RegisterMap:
        """As the models use it."""
        first = self.words[0]
        return RegisterMap(
            f"lac_{self.name}",
            tuple(field for word in self.words for field in word.fields),
            tuple((flag.name, flag.number) for flag in first.flags),
            first.rules,
            self.cap,
        )


class Wrong(ValueError):
    """A description that cannot be."""


def load(rtl: Path, name: str) -> Description:
    """The description of a folder of ``rtl``; Wrong if it is not one."""
    path = rtl / name / FILE
    data = _read(path)
    base = data.pop("base", "")
    if base:
        if not (rtl / str(base) / FILE).is_file():
            raise Wrong(f"{path}: base: found {base!r}, need a folder of {rtl} with a {FILE}")
        data = _merged(_read(rtl / base / FILE), data)
    try:
        found = Description(
            name,
            base,
            tuple(sorted((_word(*item) for item in data["cfg"].items()), key=lambda w: w.index)),
            tuple(
                sorted((_cap(*item) for item in data["cap"].items()), key=lambda f: (f.word, f.low))
            ),
            tuple(_numbered(key, one, "kind") for key, one in data.get("kinds", {}).items()),
        )
        _check(found)
    except KeyError as key:
        raise Wrong(f"{path}: found no key {key}") from None
    except ValueError as why:
        raise Wrong(f"{path}: {why}") from None
    return found


def folders(rtl: Path) -> list[str]:
    """Folders with a description; those that others take over come first."""
    names = sorted(path.parent.name for path in rtl.glob(f"*/{FILE}"))
    return sorted(names, key=lambda name: bool(_read(rtl / name / FILE).get("base")))


def _read(path: Path) -> dict[str, Any]:
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as why:
        raise Wrong(f"{path}: {why}") from None
    _known("file", str(path), data)
    return data


def _merged(base: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """Tables joined, anything else replaced."""
    joined = dict(base)
    for key, value in own.items():
        both = isinstance(value, Mapping) and isinstance(base.get(key), Mapping)
        joined[key] = _merged(base[key], value) if both else value
    return joined


def _known(what: str, where: str, table: Mapping[str, Any]) -> None:
    for key in table:
        if key not in _KEYS[what]:
            raise Wrong(f"{where}: {unknown('key', key, _KEYS[what])}")


def _bits(text: str) -> tuple[int, int]:
    """(lowest bit, width) of ``31:16`` or ``3``."""
    match = re.fullmatch(r"(\d+)(?::(\d+))?", str(text))
    high, low = (int(match[1]), int(match[2] or match[1])) if match else (0, 1)
    if not 0 <= low <= high < 32:
        raise ValueError(f"bits: found {text!r}, need HIGH:LOW within 31:0")
    return low, high - low + 1


def _limit(table: Mapping[str, Any]) -> Limit:
    _known("limit", "limits", table)
    text = {key: str(table.get(key, "")) for key in ("when", "min", "max")}
    return Limit(text["when"], text["min"], text["max"], table.get("step", 1))


def _field(name: str, word: int, table: Mapping[str, Any], what: str = "field") -> Field:
    _known(what, name, table)
    low, width = _bits(table.get("bits", "31:0"))
    limits = tuple(_limit(one) for one in table.get("limits", ()))
    values = tuple(dict(table.get("values", {})).items())
    value = str(table["value"]) if what == "cap" else ""
    unit, meaning = table.get("unit", ""), table["meaning"]
    return Field(name, word, low, width, meaning, unit, limits, value, values)


def _cap(name: str, table: Mapping[str, Any]) -> Field:
    return _field(name, table["word"], table, "cap")


def _numbered(name: str, table: Mapping[str, Any], what: str) -> Flag:
    _known("flag" if what == "bit" else what, name, table)
    return Flag(name, table[what], table["meaning"])


def _word(name: str, table: Mapping[str, Any]) -> Word:
    _known("word", name, table)
    index, meaning = table["word"], table["meaning"]
    if "fields" in table:
        fields = [_field(key, index, one) for key, one in table["fields"].items()]
    else:
        keys = ("unit", "meaning", "limits")
        fields = [_field(name, index, {key: table[key] for key in keys if key in table})]
    flags = tuple(_numbered(key, one, "bit") for key, one in table.get("flags", {}).items())
    for rule in table.get("rules", ()):
        _known("rule", name, rule)
    rules = tuple(Rule(rule["need"], rule["text"]) for rule in table.get("rules", ()))
    return Word(name, index, meaning, tuple(sorted(fields, key=lambda one: one.low)), flags, rules)


# ---------------------------------------------------------------- what belongs together


def _check(found: Description) -> None:
    """ValueError unless words, bits and names go together."""
    indices = [word.index for word in found.words]
    if len(set(indices)) != len(indices) or not all(0 <= i < NUM_CFG for i in indices):
        raise ValueError(f"word: found {indices}, need each of 0..{NUM_CFG - 1} at most once")
    if not found.words or found.words[0].name != "MODE" or not found.words[0].flags:
        raise ValueError("cfg: found no MODE with flags, need it, in word 0")
    if any(word.flags or word.rules for word in found.words[1:]):
        raise ValueError("cfg: found flags or rules outside MODE, need them there")
    for field in found.cap:
        if not 0 <= field.word < NUM_CAP:
            raise ValueError(f"cap {field.name}: found word {field.word}, need 0..{NUM_CAP - 1}")
    flags = found.words[0].flags
    fields = [field for word in found.words for field in word.fields]
    _once("cfg", [*(flag.name for flag in flags), *(field.name for field in fields)])
    _once("cap", [field.name for field in found.cap])
    _once("MODE bits", [flag.number for flag in flags])
    _once("kinds", [kind.number for kind in found.kinds])
    for group in (fields, found.cap):
        for word, members in registers.by_word(group).items():
            for below, above in itertools.pairwise(members):
                if below.low + below.width > above.low:
                    raise ValueError(
                        f"word {word}: found {below.name} and {above.name} on the same bits"
                    )
    own = {flag.name for flag in flags} | {field.name for field in fields}
    for text in _expressions(found, fields):
        for name in registers.names(text):
            if name not in own and not re.fullmatch(_PARAMETER, name):
                raise ValueError(f"expression: {unknown('name', name, sorted(own))}")


def _expressions(found: Description, fields: Iterable[Field]) -> list[str]:
    limits = [limit for field in fields for limit in field.limits]
    texts = [text for one in limits for text in (one.when, one.low, one.high)]
    texts += [rule.need for rule in found.words[0].rules]
    return [text for text in [*texts, *(field.value for field in found.cap)] if text]


def _once(what: str, values: list[Any]) -> None:
    twice = sorted({value for value in values if values.count(value) > 1})
    if twice:
        raise ValueError(f"{what}: found {twice} twice, need each once")
