"""Wave layouts for GTKWave and Surfer, made from a module's source and from what the run found.

A layout opens at the first failure. It has clock and reset, then the module's ports, each stream
(AXI4-Lite channel, ``<name>_valid_i`` ... ``<name>_data_i``) as a group, then its state. Where a
hand-made list of signals inside a top level exists (``tb/<folder>/<top>.gtkw``), it comes first.
Values of one number are signed decimals; phases and states of an FSM have their names.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from models.socket import ErrorCode, Phase

_PORT = re.compile(
    r"^\s*(?:input|output)\s+(?:\w+\b(?=[\s\[]+[\w\[]))?"  # the type, where there is one
    r"\s*(signed)?\s*((?:\[[^\]]*\]\s*)*)(\w+)",
    re.MULTILINE,
)
_COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
#: A port of exactly this width is one number.
_NUMBER = re.compile(r"\[(?:Act|Wgt|Acc|Psum|Bias|Value|Out)Width-1:0\]")
_ENUM = re.compile(r"typedef\s+enum\s+logic\s*(\[[^\]]*\])?\s*\{([^}]*)\}\s*(\w+)\s*;", re.DOTALL)
_STATES = re.compile(r"\b(St[A-Z]\w*)\s*=\s*\d+'([bdh])([0-9a-fA-F_]+)")
_CHANNEL = re.compile(r"(s_axil_(?:aw|ar|w|r|b))\w+$")
# Formats of GTKWave: flags of a line that begins with @.
_GTKW = {"bit": 0x28, "hex": 0x22, "decimal": 0x24, "signed": 0x420, "names": 0x2022}
_COMMENT_LINE = 0x200
_SURFER = {"signed": "Signed", "decimal": "Unsigned", "hex": "Hexadecimal"}
_BACK_NS, _WINDOW_NS = 300, 400  # what is shown in front of the failure, and in all
_PIXELS, _FRAME = 1100, 200  # of the picture; GTKWave's zoom counts in frames
_WIDEST = 24  # bits of what is shown as a decimal


@dataclass
class Signal:
    """One line of a layout: full name with range, format, and value -> name for FSMs."""

    name: str
    format: str
    names: Mapping[int, str] | None = None


@dataclass
class Layout:
    """Groups of signals, title first."""

    groups: list[tuple[str, list[Signal]]] = field(default_factory=list)


def enums_of(text: str) -> dict[str, dict[int, str]]:
    """Signals of a source that hold a named state: signal -> value -> name.

    >>> enums_of("typedef enum logic [1:0] {StIdle, StRun = 2'd2} state_e; state_e a_q, a_d;")
    {'a_q': {0: 'Idle', 2: 'Run'}, 'a_d': {0: 'Idle', 2: 'Run'}}
    >>> enums_of("localparam logic [1:0] StIdle = 2'd0, StEnd = 2'd3; logic [1:0] state_q;")
    {'state_q': {0: 'Idle', 3: 'End'}}
    """
    code = _COMMENT.sub(" ", text)
    found: dict[str, dict[int, str]] = {}
    for _, body, kind in _ENUM.findall(code):
        values, following = {}, 0
        for part in filter(None, (one.strip() for one in body.split(","))):
            name, _, value = (one.strip() for one in part.partition("="))
            following = _literal(value) if value else following
            values[following] = name.removeprefix("St")
            following += 1
        for names in re.findall(rf"\b{kind}\s+([\w,\s]+?);", code):
            found |= {one.strip(): values for one in names.split(",")}
    if not found and (states := _STATES.findall(code)):
        values = {_number(base, digits): name.removeprefix("St") for name, base, digits in states}
        found |= {one: values for one in ("state_q", "state_d") if re.search(rf"\b{one}\b", code)}
    return found


def _number(base: str, digits: str) -> int:
    return int(digits.replace("_", ""), {"b": 2, "d": 10, "h": 16}[base])


def _literal(text: str) -> int:
    sized = re.fullmatch(r"\d+'([bdh])([0-9a-fA-F_]+)", text)
    return _number(sized[1], sized[2]) if sized else int(text)


def ports_of(text: str, top: str) -> dict[str, bool]:
    """Ports of a module in their order: name -> whether it is one signed number.

    >>> ports_of("module m (input logic clk_i, output logic signed [3:0] a_o\\n);", "m")
    {'clk_i': False, 'a_o': True}
    """
    code = _COMMENT.sub(" ", text)
    header = re.search(rf"\bmodule\s+{top}\b(.*?)\)\s*;", code, re.DOTALL)
    if header is None:
        return {}
    lines = re.sub(r"\b(input|output)\b", r"\n\1", header[1])
    return {
        name: bool(signed or _NUMBER.fullmatch("".join(ranges.split())))
        for signed, ranges, name in _PORT.findall(lines)
    }


def stream_of(port: str, ports: Iterable[str]) -> str:
    """Name of the stream that a port belongs to, "" if to none.

    >>> stream_of("in_data_i", ["in_valid_i", "in_data_i"]), stream_of("m_axis_out_tlast", [])
    ('in', 'm_axis_out')
    """
    if channel := _CHANNEL.match(port):
        return channel[1]
    if port.startswith(("s_axis_", "m_axis_")):
        return port.rpartition("_")[0]
    streams = [one.rsplit("_valid_", 1)[0] for one in ports if re.search(r"_valid_[io]$", one)]
    fitting = [one for one in streams if port.startswith(f"{one}_")]
    return max(fitting, key=len, default="")


def layout_of(top: str, source: Path, ranges: Mapping[str, str], extra: Path) -> Layout:
    """The layout of a top module.

    Args:
        ranges: every signal of the top -> its range as the dump has it, ``[7:0]`` or "".
        extra: a hand-made list of signals (``.gtkw``), there or not.
    """
    text = source.read_text(encoding="utf-8")
    ports, states = ports_of(text, top), enums_of(text)
    first = [one for one in ("clk_i", "rst_ni") if one in ranges]
    groups: dict[str, list[str]] = {"clock and reset": first} if first else {}
    for port in ports:
        if port in ranges and port not in first:
            groups.setdefault(stream_of(port, ports) or "ports", []).append(port)
    internal = [one for one in ranges if one in states or one in ("phase", "err_code")]
    if internal:
        groups["state"] = sorted(internal)
    made = Layout()
    if extra.is_file():
        made.groups += list(_hand_made(extra.read_text(encoding="utf-8"), top, ranges))
    shown = {one.name for _, signals in made.groups for one in signals}
    for title, names in groups.items():
        signals = [_signal(top, one, ranges[one], ports.get(one, False), states) for one in names]
        if signals := [one for one in signals if one.name not in shown]:
            made.groups.append((title, signals))
    return made


def _signal(
    top: str, name: str, bits: str, number: bool, states: Mapping[str, Mapping[int, str]]
) -> Signal:
    full = f"{top}.{name}{bits}"
    if named := states.get(name) or _named(name):
        return Signal(full, "names", named)
    if not bits:
        return Signal(full, "bit")
    if number:
        return Signal(full, "signed")
    return Signal(full, "decimal" if _width(bits) <= _WIDEST else "hex")


def _width(bits: str) -> int:
    left, right = map(int, bits.strip("[]").split(":"))
    return abs(left - right) + 1


def _named(name: str) -> dict[int, str] | None:
    """Names of the values that every accelerator has: its phase, its errors."""
    kinds = {"phase": Phase, "phase_o": Phase, "err_code": ErrorCode, "err_code_o": ErrorCode}
    kind = kinds.get(name.rpartition(".")[2])
    return None if kind is None else {int(one): one.name for one in kind}


def _hand_made(
    text: str, top: str, ranges: Mapping[str, str]
) -> Iterable[tuple[str, list[Signal]]]:
    """Groups of a list for GTKWave; ranges of the top's own signals as they are in this build."""
    format_of = {flags: name for name, flags in _GTKW.items()}
    title, shape = "", "hex"
    signals: list[Signal] = []
    for line in text.splitlines():
        if line.startswith("@"):
            shape = format_of.get(int(line[1:], 16), "hex")
        elif line.startswith("-"):
            if signals:
                yield title, signals
            title, signals = line[1:], []
        elif line.startswith(f"{top}."):
            base = line.split("[")[0] if line.endswith("]") and "." not in line[-8:] else line
            own = base.removeprefix(f"{top}.")
            bits = ranges.get(own, line[len(base) :])
            named = _named(own)
            signals.append(Signal(base + bits, "names" if named else shape, named))
    if signals:
        yield title, signals


# ---------------------------------------------------------------- files


def write_gtkw(path: Path, layout: Layout, dump: Path, at_ns: float | None) -> None:
    """A layout for GTKWave, and beside it the files with the names of states.

    GTKWave ignores a start from which the picture would pass the end of the dump; the recorder
    lets a dump go on a little after a failure.
    """
    at = round((at_ns or 0) * 1000)
    start = max(0, at - _BACK_NS * 1000)
    zoom = -math.log2(_WINDOW_NS * 1000 / _PIXELS * _FRAME)
    lines = [
        f'[dumpfile] "{dump}"',
        f"[timestart] {start}",
        "[size] 1500 900",
        "[pos] -1 -1",
        f"*{zoom:.6f} {at if at_ns else -1}" + " -1" * 26,
        "[sst_width] 0",
        "[signals_width] 320",
        "[sst_expanded] 0",
    ]
    for title, signals in layout.groups:
        lines += [f"@{_COMMENT_LINE:x}", f"-{title}"]
        for one in signals:
            lines.append(f"@{_GTKW[one.format]:x}")
            if one.names:
                lines.append(f"^1 {_names_file(path, one)}")
            lines.append(one.name)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _names_file(path: Path, signal: Signal) -> Path:
    """GTKWave's file of names: hexadecimal value, name."""
    plain = re.sub(r"\W+", "_", signal.name).strip("_")
    names = path.parent / f"{plain}.names"
    bits = re.search(r"\[(\d+):(\d+)\]$", signal.name)
    width = _width(bits[0]) if bits else 1
    digits = -(-width // 4)
    text = "".join(f"{value:0{digits}X} {name}\n" for value, name in (signal.names or {}).items())
    names.write_text(text, encoding="utf-8")
    return names


def write_surfer(path: Path, layout: Layout, at_ns: float | None, end_ns: float) -> None:
    """A command file for Surfer (``surfer dump -c file``).

    Surfer names the states by itself where the dump has them (FST of Verilator).
    """
    lines = []
    total = sum(1 + len(signals) for _, signals in layout.groups)
    number = 0
    for title, signals in layout.groups:
        lines.append(f"divider_add {title}")
        number += 1
        for one in signals:
            plain = re.sub(r"\[\d+:\d+\]$", "", one.name)
            lines.append(f"variable_add {plain}")
            if wanted := _SURFER.get(one.format):
                lines += [f"item_focus {_alpha(number, total)}", f"item_set_format {wanted}"]
            number += 1
    lines += ["item_unfocus", "zoom_fit"]
    if at_ns is not None:
        at = round(at_ns * 1000)
        halvings = max(0, round(math.log2(max(end_ns, 1) / _WINDOW_NS)))
        lines += [f"cursor_set {at}", *["zoom_in"] * halvings, f"goto_time {at}"]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _alpha(index: int, total: int) -> str:
    """Surfer's name of a line: its number in base 16, digits a to p.

    >>> _alpha(0, 3), _alpha(17, 40)
    ('a', 'bb')
    """
    width = 1
    while 16**width <= total:
        width += 1
    return "".join("abcdefghijklmnop"[int(digit, 16)] for digit in f"{index:0{width}x}")


def write_all(
    folder: Path,
    layout: Layout,
    dump: Path,
    at_ns: float | None,
    end_ns: float,
) -> Sequence[Path]:
    """Both layouts; returns them, GTKWave's first."""
    gtkw, surfer = folder / "layout.gtkw", folder / "layout.sucl"
    write_gtkw(gtkw, layout, dump, at_ns)
    write_surfer(surfer, layout, at_ns, end_ns)
    return gtkw, surfer
