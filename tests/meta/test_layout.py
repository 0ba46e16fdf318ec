"""Wave layouts: every bench has one, it opens at the failure, states have names."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from models.places import ROOT
from tb.common.sim import simulators
from tb.common.sim.bench import discover
from tb.common.sim.builds import sources_of
from tb.common.sim.runner import run
from tb.common.sim.wave_layout import enums_of, layout_of, ports_of, write_all
from tests.meta import toy

BENCHES = {bench.top: bench for bench in discover().values()}


def source(top: str):
    return next(path for path in sources_of(BENCHES[top]).files if path.stem == top)


@pytest.mark.parametrize("top", BENCHES)
def test_every_port_of_every_bench_is_found(top):
    """Against another reading of the source: each name behind input or output at a line's end."""
    text = re.sub(r"//[^\n]*", "", source(top).read_text(encoding="utf-8"))
    header = text[text.index(f"module {top}") :].split(");", 1)[0]
    names = re.findall(r"^\s*(?:input|output)\b[^,\n]*?(\w+)\s*,?\s*$", header, re.MULTILINE)
    assert names and list(ports_of(text, top)) == names


def test_ports_are_grouped_by_stream_and_shown_as_numbers(tmp_path):
    ranges = dict.fromkeys(ports_of(source("lac_fifo").read_text(), "lac_fifo"), "")
    ranges["in_data_i"] = "[7:0]"
    layout = layout_of("lac_fifo", source("lac_fifo"), ranges, tmp_path / "none")
    groups = {title: [one.name for one in signals] for title, signals in layout.groups}
    assert groups["clock and reset"] == ["lac_fifo.clk_i", "lac_fifo.rst_ni"]
    assert groups["in"] == ["lac_fifo.in_valid_i", "lac_fifo.in_ready_o", "lac_fifo.in_data_i[7:0]"]
    assert "lac_fifo.clr_i" in groups["ports"]


def test_states_have_names_in_every_module_that_has_states():
    found = {
        path.stem: enums_of(text)
        for path in sorted((ROOT / "rtl").glob("*/*.sv"))
        if re.search(r"\bStIdle\b\s*[,=]", text := path.read_text(encoding="utf-8"))
    }
    assert "lac_packet_rx" in found and "lac_eie_ctrl" in found
    for module, states in found.items():
        assert any("Idle" in names.values() for names in states.values()), module
    assert found["lac_packet_rx"]["state_q"] == {0: "Idle", 1: "Magic", 2: "Payload", 3: "Drain"}


def test_layouts_open_at_the_failure(tmp_path):
    top = "lac_eie"
    ranges = {"clk_i": "", "rst_ni": "", "phase": "[3:0]", "s_axis_wgt_tvalid": ""}
    extra = ROOT / "tb" / "eie" / "lac_eie.gtkw"
    layout = layout_of(top, source(top), ranges, extra)
    gtkw, surfer = write_all(tmp_path, layout, tmp_path / "dump.fst", 1532.0, 6400.0)
    lines = gtkw.read_text().splitlines()
    assert "[timestart] 1232000" in lines
    assert any(re.match(r"\*-\d+\.\d+ 1532000 -1", line) for line in lines)
    at = lines.index("lac_eie.u_socket.phase[3:0]")
    assert lines[at - 2] == "@2022"
    names = lines[at - 1].removeprefix("^1 ")
    assert "3 COMPUTE" in Path(names).read_text()
    assert "-PE 0" in lines, "the groups of the hand-made list"
    commands = surfer.read_text().splitlines()
    assert "variable_add lac_eie.u_socket.phase" in commands
    assert commands[-1] == "goto_time 1532000" and "cursor_set 1532000" in commands
    assert commands.count("zoom_in") == 4


@pytest.mark.parametrize("simulator", ["icarus", "verilator"])
def test_signals_of_a_dump_are_noted_with_their_ranges(tmp_path, monkeypatch, simulator):
    if why := simulators.missing(simulator):
        pytest.skip(why)
    folder = toy.write(tmp_path / "toy")
    monkeypatch.setenv("LAC_BUILD", str(tmp_path / "build"))
    monkeypatch.syspath_prepend(str(folder))
    result = run(toy.bench(folder), "default", simulator, "counts", waves=True)
    signals = json.loads((result.out / "signals.json").read_text())
    assert signals["clk_i"] == "" and signals["count_o"] == "[3:0]"
    fst = simulator == "icarus" or not simulators.fst_missing()
    assert result.waves.name == ("dump.fst" if fst else "dump.vcd")


def test_without_the_headers_it_is_vcd(monkeypatch):
    kwargs = {"waves": True, "debug": False, "coverage": False, "fast": False}
    with monkeypatch.context() as patch:
        patch.setattr(simulators, "fst_missing", lambda: "no lz4.h or zlib.h")
        assert "--trace-fst" not in simulators.build_flags("verilator", **kwargs)
        patch.setattr(simulators, "fst_missing", lambda: None)
        assert "--trace-fst" in simulators.build_flags("verilator", **kwargs)
