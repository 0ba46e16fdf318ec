"""Edges of modules: every valid/ready pair is asserted, and no assertion is one that misfires.

A pair of ports ``<x>_valid`` and ``<x>_ready`` (``_i``, ``_o``; ``t``; the five channels of
AXI4-Lite) is held by a ``LAC_STREAM`` or ``LAC_STREAM_CLR`` on it, whose data names every port of
the stream, in the module itself or in the instance that gets both ports as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

_COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
_HEADER = re.compile(r"^module\s+(?P<name>\w+)(?P<rest>.*?^\);)", re.DOTALL | re.MULTILINE)
_PORT = re.compile(
    r"^(?P<way>input|output)\s+(?P<type>\w+(?:::\w+)?)\s*(?P<shape>(?:signed\b\s*)?(?:\[.*\])?)\s*"
    r"(?P<name>\w+)$"
)
_PARAMETER = re.compile(r"\bparameter\s+(?:[a-z]\w*\s+)*(?:\[[^\]]*\]\s*)?(\w+)\s*=")
_VALID = re.compile(r"(?P<prefix>\w+_(?:(?:aw|w|b|ar|r|t)(?=valid$))?)valid(?P<way>_[io])?")
_MACRO = re.compile(r"`(LAC_(?:STREAM|STREAM_CLR|ASSERT|ASSERT_CLK))\s*\(")
_INSTANCE = re.compile(r"^\s*(?:\w+\s*:\s*)?(lac_\w+)\s*(#?)\s*", re.MULTILINE)
_PIN = re.compile(r"\.(\w+)\s*(?:\(\s*([^()]*?)\s*\))?\s*(?=[,)\s]|$)")
_LOOKS_BACK = re.compile(r"(?:`LAC_STREAM\w*|\$(?:past|stable|rose|fell|changed))\s*\(")
_DECLARED = re.compile(r"\s*(?:logic|bit|wire)\b(?:\s+signed)?([^=;]*)[=;]")


@dataclass(frozen=True)
class Port:
    """A port: ``input`` or ``output``, type, what stands between type and name, name."""

    way: str
    type: str
    shape: str
    name: str


@dataclass(frozen=True)
class Header:
    """Head of a module: its text, parameters, ports."""

    name: str
    text: str
    parameters: tuple[str, ...]
    ports: tuple[Port, ...]


@dataclass(frozen=True)
class Stream:
    """A stream of a module: its ports by name; ``last`` is "" where there is none."""

    name: str
    way: str
    valid: str
    ready: str
    payload: tuple[str, ...]
    last: str = ""


def blank(match: re.Match[str]) -> str:
    """Spaces for a piece of text: the lines stay."""
    return re.sub(r"[^\n]", " ", match[0])


def header(source: str) -> Header:
    """Head of the module in a source text; ValueError if it is not in the house's style."""
    found = _HEADER.search(source)
    if found is None:
        raise ValueError("no module header that ends with ');' at the start of a line")
    code = _COMMENT.sub("", found[0])
    first = re.search(r"\b(input|output)\b", code)
    if first is None:
        raise ValueError(f"{found['name']}: a module without ports")
    opening = code.rindex("(", 0, first.start())
    ports = []
    for piece in code[opening + 1 : code.rindex(")")].split(","):
        text = " ".join(piece.split())
        match = _PORT.match(text)
        if match is None:
            raise ValueError(f"{found['name']}: port {text!r} is not understood")
        ports.append(Port(match["way"], match["type"], match["shape"].strip(), match["name"]))
    return Header(found["name"], found[0], tuple(_PARAMETER.findall(code[:opening])), tuple(ports))


def streams(head: Header) -> list[Stream]:
    """Streams of a module, in either direction: valid with ready, by the names of house or AXI."""
    ways = {port.name: port.way for port in head.ports}
    found = []
    for valid, way in ways.items():
        match = _VALID.fullmatch(valid)
        if match is None:
            continue
        back = {"": "", "_i": "_o", "_o": "_i"}[match["way"] or ""]
        prefix, ready = match["prefix"], f"{match['prefix']}ready{back}"
        if ways.get(ready, way) == way:
            continue
        payload = tuple(
            n for n, w in ways.items() if w == way and n != valid and n.startswith(prefix)
        )
        last = next((n for n in payload if re.fullmatch(rf"{prefix}last(_[io])?", n)), "")
        found.append(Stream(prefix.removesuffix("t").rstrip("_"), way, valid, ready, payload, last))
    return found


@dataclass
class Module:
    """A module's text without comments, and what it asserts and instantiates."""

    path: Path
    text: str
    head: Header = field(init=False)

    def __post_init__(self) -> None:
        self.head = header(self.text)
        self.text = _COMMENT.sub(blank, self.text)

    @cached_property
    def asserted(self) -> dict[tuple[str, str], str]:
        """Data that is held by stream, given as (valid, ready)."""
        held: dict[tuple[str, str], str] = {}
        for match in _MACRO.finditer(self.text):
            arguments = split(inside(self.text, match.end() - 1))
            if match[1].startswith("LAC_STREAM"):
                # Of several streams side by side each is held: out_valid_o[k], out_ready_i[k].
                valid, ready = (re.sub(r"\[\w+\]$", "", name) for name in arguments[:2])
                key = (valid, ready)
                held[key] = f"{held.get(key, '')} {arguments[2]}"
        return held

    @cached_property
    def instances(self) -> list[tuple[str, dict[str, str]]]:
        """Module and pins (port: what it is wired to) of every instance."""
        found = []
        for match in _INSTANCE.finditer(self.text):
            place = match.end()
            if match[2]:
                place += len(inside(self.text, place)) + 2
            name = re.compile(r"\s*\w+\s*(?=\()").match(self.text, place)
            if name is not None:
                pins = _PIN.findall(inside(self.text, name.end()))
                found.append((match[1], {port: wire or port for port, wire in pins}))
        return found

    def line(self, word: str) -> int:
        """Line of the first place where a word stands, from 1."""
        match = re.search(rf"\b{word}\b", self.text)
        return self.text.count("\n", 0, match.start()) + 1 if match else 1


def inside(text: str, opening: int) -> str:
    """What stands in the parentheses that open at a place."""
    depth = 0
    for place in range(opening, len(text)):
        depth += (text[place] == "(") - (text[place] == ")")
        if depth == 0:
            return text[opening + 1 : place]
    raise ValueError("a parenthesis is not closed")


def split(text: str) -> list[str]:
    """Arguments of a macro."""
    depth, parts = 0, [""]
    for letter in text:
        depth += (letter in "([{") - (letter in ")]}")
        if letter == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += letter
    return [part.strip() for part in parts]


def modules(rtl: Path) -> dict[str, Module]:
    """All modules of a tree (packages left out), by name."""
    found = {}
    for path in sorted(rtl.glob("*/*.sv")):
        text = path.read_text(encoding="utf-8")
        if _HEADER.search(text):
            module = Module(path, text)
            found[module.head.name] = module
    return found


def missing(module: Module, stream: Stream, all_of_them: Mapping[str, Module]) -> str:
    """What is not held of a stream; "" if all is."""
    held = module.asserted.get((stream.valid, stream.ready))
    if held is not None:
        lost = [name for name in stream.payload if not re.search(rf"\b{name}\b", held)]
        return f"LAC_STREAM without {', '.join(lost)}" if lost else ""
    for name, pins in module.instances:
        inner = all_of_them.get(name)
        if inner is None:
            continue
        for one in streams(inner.head):
            if pins.get(one.valid) == stream.valid and pins.get(one.ready) == stream.ready:
                return missing(inner, one, all_of_them)
    return "no LAC_STREAM"


def unheld(rtl: Path) -> Iterator[tuple[Path, int, str]]:
    """File, line and message of every stream that is not asserted."""
    all_of_them = modules(rtl)
    for module in all_of_them.values():
        for stream in streams(module.head):
            if why := missing(module, stream, all_of_them):
                yield module.path, module.line(stream.valid), f"{stream.valid}: {why}"


def looks_back(rtl: Path) -> Iterator[tuple[Path, int, str]]:
    """Assertions on past values of what a generate loop declares: Verilator 5.48 mixes them up."""
    for module in modules(rtl).values():
        loops: list[int] = []  # depths at which generate loops opened
        local: set[str] = set()  # names declared in them
        place = 0
        depth, opens = 0, False
        for number, line in enumerate(module.text.splitlines(), 1):
            opens = opens or re.search(r"\bfor\s*\(\s*genvar\b", line) is not None
            for word in re.findall(r"\b(?:begin|end)\b", line):
                if word == "begin":
                    if opens:
                        loops.append(depth)
                        opens = False
                    depth += 1
                else:
                    depth -= 1
                    if loops and loops[-1] == depth:
                        loops.pop()
            if loops and (found := _DECLARED.match(line)):
                local |= set(re.findall(r"\w+", re.sub(r"\[[^\]]*\]", "", found[1])))
            for match in _LOOKS_BACK.finditer(line) if loops else ():
                seen = inside(module.text, place + match.end() - 1)
                if mixed := sorted(local & set(re.findall(r"\w+", seen))):
                    yield module.path, number, f"past of {', '.join(mixed)}, of a generate loop"
            if not loops:
                local.clear()
            place += len(line) + 1


def density(rtl: Path, folder: str) -> tuple[int, int]:
    """Assertions of behaviour and lines of code of a folder (no limits of parameters, no comments,
    no blank lines)."""
    asserted = lines = 0
    for path in sorted((rtl / folder).glob("*.sv")):
        text = _COMMENT.sub(blank, path.read_text(encoding="utf-8"))
        asserted += len(_MACRO.findall(text))
        lines += sum(bool(line.strip()) for line in text.splitlines())
    return asserted, lines
