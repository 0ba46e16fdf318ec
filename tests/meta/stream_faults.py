"""Faults of the handshake, put on the output streams of any module.

The module under test is renamed and wrapped in one of its own name and ports, which spoils one of
its streams while the receiver stalls it. No data is wrong when it is accepted (but for a word that
comes twice), so what a bench compares at the handshakes does not tell: only a bench that watches
the stream in every cycle does.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
_HEADER = re.compile(r"^module\s+(?P<name>\w+)(?P<rest>.*?^\);)", re.DOTALL | re.MULTILINE)
_PORT = re.compile(
    r"^\s*(?P<way>input|output)\s+(?:logic|wire)\s*(?P<shape>[^;,]*?)\s*(?P<name>\w+)$"
)
_PARAMETER = re.compile(r"\bparameter\s+(?:[a-z]\w*\s+)*(?:\[[^\]]*\]\s*)?(\w+)\s*=")

WITHDRAWN, CHANGED, LAST, DOUBLED = "withdrawn", "changed", "last", "doubled"
KINDS = (WITHDRAWN, CHANGED, LAST, DOUBLED)


@dataclass(frozen=True)
class Port:
    """A port: ``input`` or ``output``, what stands before its name, its name."""

    way: str
    shape: str
    name: str


@dataclass(frozen=True)
class Stream:
    """An output stream: its ports by name; ``last`` is "" where there is none."""

    name: str
    valid: str
    ready: str
    payload: tuple[str, ...]
    last: str = ""


@dataclass(frozen=True)
class Header:
    """Head of a module: its text, parameters, ports."""

    name: str
    text: str
    parameters: tuple[str, ...]
    ports: tuple[Port, ...]


def header(source: str) -> Header:
    """Head of the module in a source text; ValueError if it is not in the house's style."""
    found = _HEADER.search(source)
    if found is None:
        raise ValueError("no module header that ends with ');' at the start of a line")
    code = _COMMENT.sub("", found[0])
    opening = code.rindex("(", 0, _first_port(code))
    ports = []
    for piece in code[opening + 1 : code.rindex(")")].split(","):
        text = " ".join(piece.split())
        match = _PORT.match(re.sub(r"\b(signed)\b", r"\1 ", text))
        if match is None:
            raise ValueError(f"{found['name']}: port {text!r} is not understood")
        ports.append(Port(match["way"], match["shape"].strip(), match["name"]))
    return Header(found["name"], found[0], tuple(_PARAMETER.findall(code[:opening])), tuple(ports))


def _first_port(code: str) -> int:
    found = re.search(r"\b(input|output)\b", code)
    if found is None:
        raise ValueError("a module without ports")
    return found.start()


def output_streams(head: Header) -> list[Stream]:
    """Streams that leave a module: valid with ready, by the names of the house or of AXI."""
    outputs = [p.name for p in head.ports if p.way == "output"]
    inputs = {p.name for p in head.ports if p.way == "input"}
    streams = []
    for valid in outputs:
        found = re.fullmatch(r"(\w+?_)(t?)valid(_o)?", valid)
        if found is None:
            continue
        prefix, ready = (
            found[1] + found[2],
            f"{found[1]}{found[2]}ready" + ("_i" if found[3] else ""),
        )
        if ready not in inputs:
            continue
        payload = tuple(n for n in outputs if n.startswith(prefix) and n != valid)
        last = next((n for n in payload if re.fullmatch(rf"{prefix}last(_o)?", n)), "")
        streams.append(Stream(found[1].rstrip("_"), valid, ready, payload, last))
    return streams


def kinds(stream: Stream) -> tuple[str, ...]:
    """Faults that a stream can have."""
    able = {LAST: bool(stream.last), CHANGED: bool(stream.payload)}
    return tuple(kind for kind in KINDS if able.get(kind, True))


def spoil(source: str, stream: Stream, kind: str) -> str:
    """The source with the fault ``kind`` on ``stream``.

    withdrawn: valid falls for a cycle after one of waiting; changed, last: the payload, or last
    alone, is inverted in cycles in which it is not accepted; doubled: a word that had to wait comes
    once more. Of several streams side by side each is withdrawn or doubled on its own; the payload
    changes while none is ready, and none goes on while one is doubled.
    """
    head = header(source)
    inner = f"{head.name}_inner"
    shapes = {port.name: port.shape for port in head.ports}
    lanes = shapes[stream.valid]  # "" for one stream, a range for several side by side
    spoilt = (stream.valid, *stream.payload)
    wires = [f"  logic {shapes[name]} in_{name};" for name in spoilt]
    inside = {stream.ready: "in_ready", **{name: f"in_{name}" for name in spoilt}}
    pins = [f".{port.name}({inside.get(port.name, port.name)})" for port in head.ports]
    parameters = ", ".join(f".{name}({name})" for name in head.parameters)
    waits = f"{stream.valid} & ~{stream.ready}"
    assigns = {name: f"in_{name}" for name in spoilt}
    ready = f"{stream.ready} & {stream.valid}" if kind == WITHDRAWN else stream.ready
    extra: list[str] = []
    if kind == WITHDRAWN:
        assigns[stream.valid] = f"in_{stream.valid} & ~waited_q"
    elif kind == CHANGED:
        for name in stream.payload:
            assigns[name] = f"{stream.ready} ? in_{name} : ~in_{name}"
    elif kind == LAST:
        assigns[stream.last] = f"{stream.ready} ? in_{stream.last} : ~in_{stream.last}"
    elif kind == DOUBLED:
        ready = f"|again_q ? '0 : {stream.ready}"
        assigns[stream.valid] = f"|again_q ? again_q : in_{stream.valid}"
        for name in stream.payload:
            assigns[name] = f"|again_q ? kept_{name} : in_{name}"
            extra.append(f"  logic {shapes[name]} kept_{name};")
        taken = f"{stream.valid} & {stream.ready}"
        kept = " ".join(f"if (~|again_q) kept_{name} <= in_{name};" for name in stream.payload)
        extra.append(f"  logic {lanes} again_q;")
        extra.append(
            "  always_ff @(posedge clk_i or negedge rst_ni)\n"
            f"    if (!rst_ni) again_q <= '0;\n"
            f"    else if (|again_q) again_q <= again_q & ~{stream.ready};\n"
            f"    else again_q <= {taken} & waited_q;\n"
            f"  always_ff @(posedge clk_i) begin {kept} end"
        )
    else:
        raise ValueError(f"fault {kind!r}; known: {', '.join(KINDS)}")
    body = [
        *wires,
        *extra,
        f"  logic {lanes} waited_q, in_ready;",
        f"  assign in_ready = {ready};",
        *(f"  assign {name} = {value};" for name, value in assigns.items()),
        "  always_ff @(posedge clk_i or negedge rst_ni)",
        f"    if (!rst_ni) waited_q <= '0; else waited_q <= {waits};",
        f"  {inner} {f'#({parameters}) ' if parameters else ''}u_inner ({', '.join(pins)});",
        "endmodule",
    ]
    wrapper = head.text + "\n" + "\n".join(body) + "\n"
    renamed = source.replace(f"module {head.name}", f"module {inner}", 1)
    return renamed + "\n" + wrapper
