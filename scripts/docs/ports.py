"""``python -m scripts.docs.ports``: the picture of the port contract, from a real run.

A small pass of EIE runs on Icarus (``tb/eie/top/port_trace.py``); what its ports did is drawn to
``docs/pictures/ports.png``: cycles in which nothing moves are cut out.
"""

from __future__ import annotations

import dataclasses
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
from matplotlib.patches import Rectangle

from models import socket
from models.eie.registers import Cfg
from models.places import ROOT
from scripts import options
from tb.common.sim.bench import discover
from tb.common.sim.runner import run

PICTURE = ROOT / "docs" / "pictures" / "ports.png"
Row = dict[str, int | None]

#: The design whose ports are drawn: its tracer is ``tb/eie/top/port_trace.py``.
DEFAULT_DESIGN = "eie"
#: Streams from top to bottom: prefix, colour.
STREAMS = (("s_axis_wgt", "#2a7f62"), ("s_axis_act", "#b9770e"), ("m_axis_out", "#7b6fb0"))
#: Cycles kept around one in which something moves.
AROUND = 1
ROWS_OF_PICTURE = 3
_NAMES = {offset: name for name, (offset, _, _) in socket.REGISTERS.items()}
_CFG = {int(index): index.name for index in Cfg}


def register(address: int) -> str:
    """A register as the picture names it."""
    name = _NAMES.get(address, f"{address:#x}")
    if name.startswith("CFG"):
        return _CFG.get(int(name[3:]), name)
    return name


def traced() -> list[Row]:
    """The ports in every cycle of the pass."""
    bench = discover()[DEFAULT_DESIGN]
    bench = dataclasses.replace(
        bench, name="eie_ports", module="tb.eie.top.port_trace", tests=("trace",)
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ports.json"
        result = run(bench, "pe4", "icarus", extra_env={"LAC_PORT_TRACE": str(path)}, cases=False)
        if not result.passed:
            raise ValueError(result.report())
        return json.loads(path.read_text(encoding="utf-8"))


def moves(before: Row, row: Row) -> bool:
    """Whether anything happens in a cycle."""
    channels = [f"s_axil_{name}" for name in ("aw", "w", "b", "ar", "r")]
    channels += [f"{stream}_t" for stream, _ in STREAMS]
    shaken = any(row[f"{name}valid"] and row[f"{name}ready"] for name in channels)
    edges = [f"{stream}_tvalid" for stream, _ in STREAMS]
    return shaken or any(before[pin] != row[pin] for pin in [*edges, "irq_o"])


def kept(rows: list[Row]) -> list[int]:
    """Cycles that are drawn: of the reads of counters only the first two."""
    chosen: set[int] = set()
    counters = 0
    for at, row in enumerate(rows[1:], 1):
        if row["s_axil_arvalid"] and row["s_axil_arready"]:
            counters += int(row["s_axil_araddr"] or 0) >= socket.REGISTERS["PERF0"][0]
        reading = counters > 2 and row["m_axis_out_tvalid"] == 0 and not writes(rows, at)
        if moves(rows[at - 1], row) and not reading:
            chosen |= set(range(at - AROUND, at + AROUND + 1))
    return sorted(at for at in chosen if 0 <= at < len(rows))


def writes(rows: list[Row], at: int) -> bool:
    """A write or its response is under way."""
    return any(rows[at][f"s_axil_{name}valid"] for name in ("aw", "w", "b"))


class Picture:
    """One strip of the picture: some cycles, all ports."""

    def __init__(self, axes: Any, rows: list[Row], cycles: list[int]) -> None:
        self.axes, self.rows, self.cycles = axes, rows, cycles
        self.labels: list[tuple[float, str]] = []
        self.y = 0.0

    def value(self, at: int, pin: str) -> int:
        return int(self.rows[self.cycles[at]][pin] or 0)

    def lane(self, label: str) -> float:
        """The next lane; its baseline."""
        self.y -= 1.45
        self.labels.append((self.y + 0.4, label))
        return self.y

    def bit(self, pin: str, label: str, colour: str, valid: str = "") -> None:
        """A line that is high or low; shown low where ``valid`` is."""
        base, xs, ys = self.lane(label), [], []
        for at in range(len(self.cycles)):
            level = base + 0.8 * (self.value(at, pin) and (not valid or self.value(at, valid)))
            xs += [at, at + 1]
            ys += [level, level]
        self.axes.plot(xs, ys, color=colour, lw=1.1, solid_joinstyle="miter")

    def boxes(self, label: str, colour: str, texts: list[str], taken: list[bool]) -> None:
        """A value while it is offered; full colour in the cycle in which it is taken."""
        base, at = self.lane(label), 0
        while at < len(texts):
            end = at + 1
            while end < len(texts) and texts[end] == texts[at] and not taken[end - 1]:
                end += 1
            if texts[at]:
                done = taken[end - 1]
                self.axes.add_patch(
                    Rectangle(
                        (at + 0.04, base), end - at - 0.08, 0.85, facecolor=colour,
                        alpha=0.85 if done else 0.35, lw=0,
                    )
                )  # fmt: skip
                size = 5.4 if len(texts[at]) <= 4 + 4 * (end - at) else 4.2
                self.axes.text(
                    (at + end) / 2, base + 0.4, texts[at], ha="center", va="center", fontsize=size,
                    color="white" if done else "#1f2933",
                )  # fmt: skip
            at = end

    def channel(self, label: str, colour: str, valid: str, ready: str, text: Any) -> None:
        """Values of a channel, empty while it is not valid."""
        texts = [text(at) if self.value(at, valid) else "" for at in range(len(self.cycles))]
        taken = [
            bool(self.value(at, valid) and self.value(at, ready)) for at in range(len(self.cycles))
        ]
        self.boxes(label, colour, texts, taken)

    def draw(self) -> None:
        """All lanes, the cuts, the numbers of cycles."""
        ink = "#1f2933"
        self.channel(
            "s_axil aw", "#34568b", "s_axil_awvalid", "s_axil_awready",
            lambda at: register(self.value(at, "s_axil_awaddr")),
        )  # fmt: skip
        self.channel(
            "s_axil w", "#34568b", "s_axil_wvalid", "s_axil_wready",
            lambda at: f"{self.value(at, 's_axil_wdata'):#x}",
        )  # fmt: skip
        self.channel(
            "s_axil b", "#5b8fb9", "s_axil_bvalid", "s_axil_bready",
            lambda at: "SLVERR" if self.value(at, "s_axil_bresp") else "ok",
        )  # fmt: skip
        self.channel(
            "s_axil ar", "#34568b", "s_axil_arvalid", "s_axil_arready",
            lambda at: register(self.value(at, "s_axil_araddr")),
        )  # fmt: skip
        self.channel(
            "s_axil r", "#5b8fb9", "s_axil_rvalid", "s_axil_rready",
            lambda at: f"{self.value(at, 's_axil_rdata'):#x}",
        )  # fmt: skip
        for stream, colour in STREAMS:
            for pin in ("valid", "ready"):
                self.bit(f"{stream}_t{pin}", f"{stream} t{pin}", colour)
            self.channel(
                f"{stream} tdata", colour, f"{stream}_tvalid", f"{stream}_tready",
                lambda at, stream=stream: f"..{self.value(at, f'{stream}_tdata') & 0xFFF:03x}",
            )  # fmt: skip
            self.bit(f"{stream}_tlast", f"{stream} tlast", colour, f"{stream}_tvalid")
        self.bit("irq_o", "irq_o", "#c0392b")
        for at, cycle in enumerate(self.cycles):
            if at and self.cycles[at - 1] != cycle - 1:
                self.axes.axvline(at, color="white", lw=4, zorder=3)
                self.axes.axvline(at, color="#9aa5b1", lw=0.8, ls=(0, (1, 1.5)), zorder=4)
        first = [
            at
            for at, cycle in enumerate(self.cycles)
            if not at or self.cycles[at - 1] != cycle - 1 or cycle % 10 == 0
        ]
        spaced = [first[0]]
        for at in first[1:]:
            if at - spaced[-1] >= 2:
                spaced.append(at)
        self.axes.set_xticks(spaced, [str(self.cycles[at]) for at in spaced], fontsize=6)
        self.axes.set_yticks([y for y, _ in self.labels], [t for _, t in self.labels], fontsize=6.5)
        self.axes.set_ylim(self.y - 0.4, 0)
        for side in ("top", "right", "left"):
            self.axes.spines[side].set_visible(False)
        self.axes.tick_params(length=0, colors=ink)


def draw(rows: list[Row], path: Path) -> None:
    """The picture of a trace."""
    cycles = kept(rows)
    each = -(-len(cycles) // ROWS_OF_PICTURE)
    figure, axes = plt.subplots(
        ROWS_OF_PICTURE, 1, figsize=(15, 4.6 * ROWS_OF_PICTURE), layout="tight"
    )
    for at, one in enumerate(axes):
        some = cycles[at * each : (at + 1) * each]
        one.set_xlim(0, each)
        Picture(one, rows, some).draw()
    axes[-1].set_xlabel("clock cycles; where the line is dotted, cycles are left out", fontsize=8)
    figure.savefig(path, dpi=110)
    plt.close(figure)


def main(argv: list[str] | None = None) -> int:
    """Command line."""
    parser = options.Parser(prog="python -m scripts.docs.ports", description=__doc__)
    parser.parse_args(argv)
    draw(traced(), PICTURE)
    print(f"{PICTURE.relative_to(ROOT)}: drawn")
    return 0


if __name__ == "__main__":
    sys.exit(main())
