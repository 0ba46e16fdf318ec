"""The whole register map of a design as SystemRDL 2.0: the socket's, and its own fields."""

from __future__ import annotations

from collections.abc import Iterable

from models import registry, socket
from models.registers import Field, by_word
from scripts.registers.description import Description, Word
from scripts.registers.page import limits

#: What software and hardware do with a field: properties of the field.
_RO = "sw = r; hw = w;"
_RW = "sw = rw; hw = r;"
_WO = "sw = w; hw = r; singlepulse;"
_RESETS = {"WATCHDOG": 1 << 20}


def text(found: Description) -> str:
    """The text of ``lac_<name>.rdl``."""
    own = [_cfg(word) for word in found.words]
    cap = [_cap(index, fields) for index, fields in by_word(found.cap).items()]
    counters = [
        _register(name, socket.REGISTERS[f"PERF{at}"][0], meaning, [_one("COUNT", 31, 0, _RO)])
        for at, (name, meaning) in enumerate(socket.COUNTERS)
    ]
    body = "\n\n".join([*_common(registry.design(found.name).number), *cap, *own, *counters])
    phases = [(phase.name, phase.value, "") for phase in socket.Phase]
    errors = [(code.name, code.value, "") for code in socket.ErrorCode]
    enums = [_enum("lac_phase_e", phases), _enum("lac_error_e", errors)]
    enums += [
        _enum(_enum_name(field), [(name, value, "") for name, value in field.values])
        for field in found.cap
        if field.values
    ]
    return f"""\
// SPDX-License-Identifier: Apache-2.0
// lac_{found.name}.rdl: the register map of lac_{found.name}, SystemRDL 2.0.
// Made by `python -m scripts.registers` from models/socket.py and
// rtl/{found.name}/registers.toml: do not edit.

addrmap lac_{found.name} {{
  name = "lac_{found.name}";
  desc = "Limits: rtl/{found.name}/README.md; behaviour of the socket: docs/socket.md.";
  addressing = compact;
  default regwidth = 32;
  default accesswidth = 32;

{chr(10).join(enums)}

{body}
}};
"""


def _common(number: int) -> list[str]:
    """The registers of the socket up to CAP, and PACKETS."""
    fields = {
        "ID": [
            _one("DESIGN", 7, 0, "sw = r; hw = na;", reset=number),
            _one("PREFIX", 31, 8, "sw = r; hw = na;", reset=socket.ID_PREFIX >> 8),
        ],
        "VERSION": [_one("VERSION", 31, 0, "sw = r; hw = na;", reset=socket.SOCKET_VERSION)],
        "CTRL": _flags("CTRL", _WO, 0),
        "STATUS": [*_flags("STATUS", _RO), _one("PHASE", 11, 8, f"{_RO} encode = lac_phase_e;")],
        "ERR_CODE": [_one("CODE", 7, 0, f"{_RO} encode = lac_error_e;")],
        "IRQ_EN": [_one("EN", 0, 0, _RW, reset=0)],
        "PACKETS": [
            _one("WGT_NUM", 14, 0, _RO),
            _one("WGT_MIDDLE", 15, 15, _RO),
            _one("ACT_NUM", 30, 16, _RO),
            _one("ACT_MIDDLE", 31, 31, _RO),
        ],
    }
    found = []
    for name, (offset, access, meaning) in socket.REGISTERS.items():
        if name[-1].isdigit():
            continue
        plain = [_one("VALUE", 31, 0, _RW if access == "RW" else _RO, reset=_RESETS.get(name))]
        found.append(_register(name, offset, meaning, fields.get(name, plain)))
    return found


def _cfg(word: Word) -> str:
    if word.flags:
        fields = [
            _one(flag.name, flag.number, flag.number, _RW, flag.meaning, 0) for flag in word.flags
        ]
    else:
        fields = [_described(field, _RW, f"Allowed: {limits(field)}", 0) for field in word.fields]
    offset = socket.REGISTERS[f"CFG{word.index}"][0]
    return _register(f"CFG_{word.name}", offset, word.meaning, fields)


def _cap(index: int, fields: Iterable[Field]) -> str:
    made = []
    for field in fields:
        encode = f" encode = {_enum_name(field)};" if field.values else ""
        made.append(_described(field, f"sw = r; hw = na;{encode}", f"Value: {field.value}", None))
    return _register(f"CAP{index}", socket.REGISTERS[f"CAP{index}"][0], "build parameters", made)


def _described(field: Field, access: str, more: str, reset: int | None) -> str:
    meaning = f"{field.meaning}{f' ({field.unit})' if field.unit else ''}. {more}"
    return _one(field.name, field.low + field.width - 1, field.low, access, meaning, reset)


def _flags(prefix: str, access: str, reset: int | None = None) -> list[str]:
    """The one-bit masks of ``models/socket.py`` that begin so, by bit."""
    masks = {
        name.removeprefix(f"{prefix}_"): value.bit_length() - 1
        for name, value in vars(socket).items()
        if name.startswith(f"{prefix}_")
    }
    made = sorted(masks.items(), key=lambda item: item[1])
    return [_one(name, bit, bit, access, reset=reset) for name, bit in made]


def _one(
    name: str, high: int, low: int, access: str, meaning: str = "", reset: int | None = None
) -> str:
    desc = f" desc = {_quoted(meaning)};" if meaning else ""
    value = "" if reset is None else f" = 0x{reset:X}"
    return f"    field {{ {access}{desc} }} {name}[{high}:{low}]{value};"


def _register(name: str, offset: int, meaning: str, fields: Iterable[str]) -> str:
    lines = [f"  reg {{ desc = {_quoted(meaning)};", *fields, f"  }} {name} @ 0x{offset:03X};"]
    return "\n".join(lines)


def _enum(name: str, values: Iterable[tuple[str, int, str]]) -> str:
    inner = " ".join(f"{one} = {value};" for one, value, _ in values)
    return f"  enum {name} {{ {inner} }};"


def _enum_name(field: Field) -> str:
    return f"{field.name.lower()}_e"


def _quoted(meaning: str) -> str:
    return '"' + meaning.replace("`", "").replace('"', "'") + '"'
