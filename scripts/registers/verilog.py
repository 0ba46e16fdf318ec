"""A description as a SystemVerilog package: packed structs of the CFG and CAP words."""

from __future__ import annotations

from collections.abc import Sequence

from models.socket import NUM_CAP, NUM_CFG
from scripts.registers.description import Description, Flag, Word

#: Names of members that SystemVerilog keeps for itself get an underscore behind them.
_KEYWORDS = """
and assign automatic begin bit bind bins binsof buf byte case cell chandle class clocking
config const constraint context continue cover cross default design disable dist do edge else
end enum event expect export extends extern final first_match for force foreach forever fork
function generate global if iff import include initial inout input inside instance int integer
interface join large let liblist library local localparam logic longint macromodule matches
medium modport module nand new nor not null or output package packed parameter primitive
priority program property protected pull0 pull1 pure rand randc randcase real realtime ref reg
release repeat restrict return scalared sequence shortint signed small solve specify static
string strong struct super supply0 supply1 table tagged task this throughout time
timeprecision timeunit tri type typedef union unique unsigned use var vectored virtual void
wait wand weak while wildcard wire with within wor xnor xor
"""
KEYWORDS = frozenset(_KEYWORDS.split())


def member(name: str) -> str:
    """A field's name in a struct.

    >>> member("OUTPUT"), member("RELU")
    ('output_', 'relu')
    """
    name = name.lower()
    return f"{name}_" if name in KEYWORDS else name


def package(found: Description) -> str:
    """The text of ``lac_<name>_cfg_pkg.sv``."""
    name = found.name
    types = [_flags(name, found.words[0])]
    types += [_fields(name, word) for word in found.words[1:] if not word.plain]
    parts = [
        _head(found),
        f"package lac_{name}_cfg_pkg;",
        _constants("CFG registers", "CFG", [(w.name, w.index) for w in found.words]),
        _known(found.words[0]),
        _constants("Kinds of sections of a weight packet", "KIND", _pairs(found.kinds)),
        *(
            _constants(f"Values of CAP {field.name}", field.name, list(field.values))
            for field in found.cap
            if field.values
        ),
        *types,
        _cfg(found),
        _cap(found),
        "endpackage",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _head(found: Description) -> str:
    taken = f" Fields taken over from rtl/{found.base}." if found.base else ""
    return f"""\
// SPDX-License-Identifier: Apache-2.0
//
// lac_{found.name}_cfg_pkg: the fields of the CFG and CAP registers, as packed structs.
//
// Made by `python -m scripts.registers` from rtl/{found.name}/registers.toml: do not edit.{taken}
// Example: `input lac_{found.name}_cfg_t cfg_i`, then `cfg_i.mode.compute`; the package imported in
//   the module header (Icarus 11 takes structs no other way).
// What the fields mean and may be: that file. A member whose name is a keyword has an underscore
// behind it; rsvd bits are without meaning."""


def _pairs(flags: Sequence[Flag]) -> list[tuple[str, int]]:
    return [(flag.name, flag.number) for flag in flags]


def _constants(title: str, prefix: str, pairs: Sequence[tuple[str, int]]) -> str:
    if not pairs:
        return ""
    wide = max(len(name) for name, _ in pairs) + len(prefix) + 1
    lines = [f"  localparam int {f'{prefix}_{name}':{wide}} = {value};" for name, value in pairs]
    return "\n".join([f"  // {title}", *lines])


def _known(word: Word) -> str:
    mask = sum(1 << flag.number for flag in word.flags)
    lines = [f"  // Bits of {word.name} that have a flag"]
    lines.append(f"  localparam logic [31:0] {word.name}_KNOWN = 32'h{mask:04X};")
    return "\n".join(lines)


def _struct(title: str, name: str, members: list[tuple[str, str]]) -> str:
    """``members`` are (type, name), highest bit first."""
    wide = max(len(kind) for kind, _ in members)
    lines = [f"    {kind:{wide}} {name};" for kind, name in members]
    return "\n".join([f"  // {title}", "  typedef struct packed {", *lines, f"  }} {name};"])


def _logic(width: int) -> str:
    return "logic" if width == 1 else f"logic [{width - 1}:0]"


def _members(placed: list[tuple[int, int, str]], bits: int = 32) -> list[tuple[str, str]]:
    """Members highest bit first of (low, width, name), gaps filled up with rsvd."""
    gaps, at = [], 0
    for low, width, _ in [*sorted(placed), (bits, 0, "")]:
        if low > at:
            gaps.append((at, low - at))
        at = low + width
    for low, width in gaps:
        tail = f"_{low + width - 1}_{low}" if len(gaps) > 1 else ""
        placed = [*placed, (low, width, f"rsvd{tail}")]
    return [(_logic(width), name) for _, width, name in sorted(placed, reverse=True)]


def _flags(design: str, word: Word) -> str:
    placed = [(flag.number, 1, member(flag.name)) for flag in word.flags]
    kind = f"lac_{design}_{word.name.lower()}_t"
    return _struct(f"CFG {word.index}: {word.meaning}", kind, _members(placed))


def _fields(design: str, word: Word) -> str:
    placed = [(field.low, field.width, member(field.name)) for field in word.fields]
    kind = f"lac_{design}_{word.name.lower()}_t"
    return _struct(f"CFG {word.index}: {word.meaning}", kind, _members(placed))


def _cfg(found: Description) -> str:
    words = {word.index: word for word in found.words}
    members = []
    free = 0  # registers without meaning above the one at hand
    for index in reversed(range(NUM_CFG)):
        if index not in words:
            free += 1
            continue
        if free:
            members.append((_logic(32 * free), f"rsvd_{index + 1}"))
            free = 0
        word = words[index]
        kind = _logic(32) if word.plain else f"lac_{found.name}_{word.name.lower()}_t"
        members.append((kind, member(word.name)))
    return _struct(f"The {NUM_CFG} CFG registers", f"lac_{found.name}_cfg_t", members)


def _cap(found: Description) -> str:
    placed = [(32 * f.word + f.low, f.width, member(f.name)) for f in found.cap]
    members = _members(placed, 32 * NUM_CAP)
    return _struct(f"The {NUM_CAP} CAP registers", f"lac_{found.name}_cap_t", members)
