"""Faults of the handshake, put on the output streams of any module.

The module under test is renamed and wrapped in one of its own name and ports, which spoils one of
its streams while the receiver stalls it. No data is wrong when it is accepted (but for a word that
comes twice), so what a bench compares at the handshakes does not tell: only a bench that watches
the stream in every cycle does.
"""

from __future__ import annotations

from scripts.edges import Header, Stream, header, streams

WITHDRAWN, CHANGED, LAST, DOUBLED = "withdrawn", "changed", "last", "doubled"
KINDS = (WITHDRAWN, CHANGED, LAST, DOUBLED)


def output_streams(head: Header) -> list[Stream]:
    """Streams that leave a module; of tops without the register port, which is that of
    lac_axil_regs, whose bench stalls it."""
    top = any(port.name == "irq_o" for port in head.ports) and head.name != "lac_axil_regs"
    return [
        stream
        for stream in streams(head)
        if stream.way == "output" and not (top and stream.name.startswith("s_axil_"))
    ]


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
    types = {p.name: f"{p.type.replace('wire', 'logic')} {p.shape}" for p in head.ports}
    # "" for one stream, a range for several side by side
    lanes = next(port.shape for port in head.ports if port.name == stream.valid)
    spoilt = (stream.valid, *stream.payload)
    wires = [f"  {types[name]} in_{name};" for name in spoilt]
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
            extra.append(f"  {types[name]} kept_{name};")
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
