"""The socket, and a description, as C headers: offsets, masks, shifts, named values."""

from __future__ import annotations

import re
from collections.abc import Sequence

from models import registry, socket
from models.registers import Field
from scripts.registers.description import Description, Word

Macro = tuple[str, str, str]  # name, value, remark


def common() -> str:
    """``lac_socket.h``: what all designs share."""
    named = {
        name: value
        for name, (value, _, _) in socket.REGISTERS.items()
        if not re.fullmatch(r"(CAP|CFG|PERF)\d+", name)
    }
    meanings = {name: meaning for name, (_, _, meaning) in socket.REGISTERS.items()}
    parts = [
        _group(
            "Registers: byte offsets on s_axil",
            [
                (f"{name}_OFFSET", f"0x{value:03X}u", meanings[name])
                for name, value in named.items()
            ],
        ),
        _group(
            "Registers that repeat",
            [
                row
                for name in ("CAP", "CFG", "PERF")
                for row in (
                    (f"NUM_{name}", f"{getattr(socket, f'NUM_{name}')}u", ""),
                    (
                        f"{name}_OFFSET(i)",
                        f"(0x{socket.REGISTERS[f'{name}0'][0]:03X}u + 4u * (i))",
                        meanings[f"{name}0"],
                    ),
                )
            ],
        ),
        _group(
            "Identification",
            [
                ("ID_PREFIX", f"0x{socket.ID_PREFIX:08X}u", "ID is this or the design's number"),
                ("ID_DESIGN_MASK", "0xFFu", ""),
                ("VERSION", f"0x{socket.SOCKET_VERSION:08X}u", "what VERSION reads"),
                *((f"DESIGN_{one.name.upper()}", f"{one.number}u", "") for one in registry.every()),
            ],
        ),
        _group("CTRL, STATUS: masks", _masks("CTRL") + _masks("STATUS") + _phase_field()),
        _group(
            "PACKETS: a half for each input stream",
            [
                ("PACKETS_WGT_SHIFT", "0u", ""),
                ("PACKETS_ACT_SHIFT", f"{socket.PACKETS_WIDTH}u", ""),
                (
                    "PACKETS_NUM",
                    f"0x{socket.PACKETS_NUM:04X}u",
                    "of a half: packets begun, taken whole",
                ),
                ("PACKETS_MIDDLE", f"0x{socket.PACKETS_MIDDLE:04X}u", "of a half: in one"),
            ],
        ),
        _group(
            "Word 0 of a packet, upper half",
            [
                ("WGT_MAGIC", f"0x{socket.WGT_MAGIC:08X}u", "lower half: words that follow"),
                ("ACT_MAGIC", f"0x{socket.ACT_MAGIC:08X}u", "lower half: activations"),
            ],
        ),
        _enum(
            "lac_phase", "STATUS[11:8]", [(f"PHASE_{p.name}", p.value, "") for p in socket.Phase]
        ),
        _enum("lac_error", "ERR_CODE", [(f"ERR_{e.name}", e.value, "") for e in socket.ErrorCode]),
        _group("Counters in use", [("NUM_COUNTERS", f"{len(socket.COUNTERS)}u", "")]),
        _enum(
            "lac_counter",
            "PERF registers",
            [
                (f"CNT_{name.upper()}", at, meaning)
                for at, (name, meaning) in enumerate(socket.COUNTERS)
            ],
        ),
    ]
    return _file(
        "LAC_SOCKET_H", "the registers that every accelerator has", "models/socket.py", parts
    )


def own(found: Description) -> str:
    """``lac_<name>.h``: the CFG and CAP fields of a design, the kinds of its sections."""
    design = found.name.upper()
    parts = []
    for word in found.words:
        rows: list[Macro] = [(f"{design}_CFG_{word.name}", f"{word.index}u", word.meaning)]
        rows.append((f"{design}_{word.name}_OFFSET", f"LAC_CFG_OFFSET({word.index}u)", ""))
        rows += [
            (f"{design}_{word.name}_{flag.name}", f"(1u << {flag.number})", flag.meaning)
            for flag in word.flags
        ]
        if not word.flags:
            rows += [row for field in word.fields for row in _field(design, word, field)]
        parts.append(_group(f"CFG {word.index}: {word.meaning}", rows))
    rows = []
    for field in found.cap:
        name = f"{design}_CAP_{field.name}"
        rows.append((f"{name}_OFFSET", f"LAC_CAP_OFFSET({field.word}u)", field.meaning))
        rows += _bits(name, field)
        rows += [(f"{design}_{field.name}_{one}", f"{value}u", "") for one, value in field.values]
    parts.append(_group("CAP: what the build is", rows))
    kinds = [(f"{design}_KIND_{one.name}", one.number, one.meaning) for one in found.kinds]
    parts.append(_enum(f"lac_{found.name}_kind", "Kinds of sections of a weight packet", kinds))
    source = f"rtl/{found.name}/registers.toml"
    what = f"the CFG and CAP fields of lac_{found.name}"
    return _file(f"LAC_{design}_H", what, source, parts, '#include "lacuna/lac_socket.h"\n')


def _field(design: str, word: Word, field: Field) -> list[Macro]:
    name = f"{design}_{word.name}" if word.plain else f"{design}_{word.name}_{field.name}"
    remark = field.meaning + (f" ({field.unit})" if field.unit else "")
    rows = [] if word.plain else _bits(name, field)
    if not word.plain:
        value = f"(((uint32_t)(x) << {name}_SHIFT) & {name}_MASK)".replace(name, f"LAC_{name}")
        rows.append((f"{name}(x)", value, remark))
    return rows


def _bits(name: str, field: Field) -> list[Macro]:
    return [
        (f"{name}_MASK", f"0x{field.most << field.low:08X}u", ""),
        (f"{name}_SHIFT", f"{field.low}u", ""),
    ]


def _masks(prefix: str) -> list[Macro]:
    return [
        (name, f"0x{value:X}u", "")
        for name, value in vars(socket).items()
        if name.startswith(f"{prefix}_")
    ]


def _phase_field() -> list[Macro]:
    return [("STATUS_PHASE_MASK", "0xF00u", ""), ("STATUS_PHASE_SHIFT", "8u", "")]


def _remark(text: str) -> str:
    return f"  /* {text} */" if text else ""


def _group(title: str, macros: Sequence[Macro]) -> str:
    wide = max(len(name) for name, _, _ in macros)
    lines = [f"#define LAC_{name:{wide}} {value}{_remark(text)}" for name, value, text in macros]
    return "\n".join([f"/* {title} */", *lines])


def _enum(name: str, title: str, values: Sequence[tuple[str, int, str]]) -> str:
    lines = [f"  LAC_{one} = {value},{_remark(text)}" for one, value, text in values]
    return "\n".join([f"/* {title} */", f"enum {name} {{", *lines, "};"])


def _file(guard: str, what: str, source: str, parts: Sequence[str], include: str = "") -> str:
    body = "\n\n".join(parts)
    return f"""\
/* SPDX-License-Identifier: Apache-2.0 */
/* {guard.lower().removesuffix("_h")}.h: {what}.
 * Made by `python -m scripts.registers` from {source}: do not edit. */
#ifndef {guard}
#define {guard}

#include <stdint.h>

{include}{chr(10) if include else ""}{body}

#endif
"""
