"""Edges: the reader of assertions finds what is missing, and there are enough of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.places import ROOT
from scripts import edges, lint

RTL = ROOT / "rtl"

BLOCK = """\
module lac_block #(
  parameter int Width = 4
) (
  input  logic             clk_i,
  input  logic             rst_ni,
  input  logic             in_valid_i,
  output logic             in_ready_o,
  input  logic [Width-1:0] in_data_i,
  input  logic             in_last_i,
  output logic             m_axis_tvalid,
  input  logic             m_axis_tready,
  output logic [Width-1:0] m_axis_tdata,
  input  logic             s_axil_awvalid,
  output logic             s_axil_awready,
  input  logic [3:0]       s_axil_awaddr,
  output logic             busy_valid_o
);

  // `LAC_STREAM(in_valid_i, in_ready_o, in_data_i) is not here
  `LAC_STREAM(in_valid_i, in_ready_o, {in_data_i, in_last_i})
  `LAC_STREAM_CLR(m_axis_tvalid, m_axis_tready,
                  m_axis_tdata, !busy_valid_o)
  `LAC_STREAM(s_axil_awvalid, s_axil_awready, s_axil_awaddr)

endmodule
"""

WRAPPER = """\
module lac_wrapper (
  input  logic       clk_i,
  input  logic       rst_ni,
  input  logic       s_valid_i,
  output logic       s_ready_o,
  input  logic [3:0] s_data_i,
  output logic       m_axis_tvalid,
  input  logic       m_axis_tready,
  output logic [3:0] m_axis_tdata
);

  lac_block #(
    .Width(2 + 2)
  ) u_block (
    .clk_i,
    .rst_ni,
    .in_valid_i(s_valid_i),
    .in_ready_o(s_ready_o),
    .in_data_i (s_data_i),
    .in_last_i (1'b0),
    .m_axis_tvalid,
    .m_axis_tready,
    .m_axis_tdata,
    .s_axil_awvalid(1'b0),
    .s_axil_awready(),
    .s_axil_awaddr ('0),
    .busy_valid_o  ()
  );

endmodule
"""

LOOP = """\
module lac_loop (
  input  logic       clk_i,
  input  logic       rst_ni,
  input  logic [3:0] in_i
);

  if (1) begin : gen_one
    `LAC_ASSERT(outside, $stable(in_i), "fine")
  end
  for (genvar i = 0; i < 4; i++) begin : gen_bit
    logic bit_i;
    logic [3:0] word, bit_q;
    assign bit_i = in_i[i];
    always_ff @(posedge clk_i) begin
    end
    `LAC_ASSERT(now, bit_i, "fine")
    `LAC_ASSERT(before, !bit_i || $past(bit_i), "not fine")
    `LAC_STREAM(in_i[i], in_i[3 - i],
                bit_q)
    `LAC_STREAM(in_i[i], in_i[3 - i], in_i)
  end
  `LAC_ASSERT(behind, $stable(in_i), "fine")

endmodule
"""


def tree(folder: Path, **texts: str) -> Path:
    """A tree of RTL with these modules."""
    (folder / "common").mkdir()
    for name, text in texts.items():
        (folder / "common" / f"lac_{name}.sv").write_text(text)
    return folder


def test_streams_of_a_header():
    found = {stream.name: stream for stream in edges.streams(edges.header(BLOCK))}
    assert set(found) == {"in", "m_axis", "s_axil_aw"}
    assert found["in"].payload == ("in_data_i", "in_last_i") and found["in"].last == "in_last_i"
    assert found["m_axis"].way == "output" and found["s_axil_aw"].ready == "s_axil_awready"


def test_held_streams_are_silent(tmp_path):
    fine = LOOP.replace("$past(bit_i)", "$past(in_i[i])").replace("  bit_q)", "  in_i)")
    rtl = tree(tmp_path, block=BLOCK, wrapper=WRAPPER, loop=fine)
    assert not list(edges.unheld(rtl)) and not list(edges.looks_back(rtl))
    assert not lint.lint_edges(rtl)


@pytest.mark.parametrize(
    ("removed", "with_this", "message"),
    [
        ("`LAC_STREAM(s_axil", "// (s_axil", "s_axil_awvalid: no LAC_STREAM"),
        ("{in_data_i, in_last_i}", "in_data_i", "in_valid_i: LAC_STREAM without in_last_i"),
        ("m_axis_tready,\n   ", "busy_valid_o,", "m_axis_tvalid: no LAC_STREAM"),
    ],
)
def test_lost_assertion_is_found(tmp_path, removed, with_this, message):
    """In the module itself, and in a module that hands the stream on to it."""
    assert removed in BLOCK
    rtl = tree(tmp_path, block=BLOCK.replace(removed, with_this), wrapper=WRAPPER)
    found = {path.stem: text for path, _, text in edges.unheld(rtl)}
    assert found["lac_block"] == message
    through = {"in_valid_i": "s_valid_i", "m_axis_tvalid": "m_axis_tvalid"}
    port = through.get(message.split(":")[0])
    assert found.get("lac_wrapper", "").split(":")[0] == (port or "")


def test_streams_side_by_side_are_held_one_by_one(tmp_path):
    many = BLOCK.replace(
        "`LAC_STREAM(in_valid_i, in_ready_o, {in_data_i, in_last_i})",
        "for (genvar k = 0; k < 2; k++) begin : gen_stream\n"
        "    `LAC_STREAM(in_valid_i[k], in_ready_o[k], {in_data_i[k*4+:4], in_last_i[k]})\n  end",
    )
    assert many != BLOCK
    assert not lint.lint_edges(tree(tmp_path, block=many))


def test_stream_of_a_wrapper_must_go_on_whole(tmp_path):
    wrapper = WRAPPER.replace("in_ready_o(s_ready_o)", "in_ready_o(ready)")
    rtl = tree(tmp_path, block=BLOCK, wrapper=wrapper)
    assert [text for *_, text in edges.unheld(rtl)] == ["s_valid_i: no LAC_STREAM"]


def test_past_in_a_generate_loop_is_found(tmp_path):
    found = list(edges.looks_back(tree(tmp_path, loop=LOOP)))
    place = LOOP.splitlines().index(next(x for x in LOOP.splitlines() if "before" in x)) + 1
    assert [(line, text) for _, line, text in found] == [
        (place, "past of bit_i, of a generate loop"),
        (place + 1, "past of bit_q, of a generate loop"),
    ]


def test_every_stream_of_the_tree_is_held():
    wrong = [*edges.unheld(RTL), *edges.looks_back(RTL)]
    assert not wrong, "\n".join(f"{path.name}:{line}: {text}" for path, line, text in wrong)


#: Assertions of behaviour per 100 lines of code that a folder has at least.
DENSITY = 2.0
FOLDERS = sorted(path.name for path in RTL.iterdir() if len(list(path.glob("*.sv"))) > 1)


@pytest.mark.parametrize("folder", FOLDERS)
def test_assertions_are_dense(folder):
    asserted, lines = edges.density(RTL, folder)
    assert 100 * asserted >= DENSITY * lines, f"{folder}: {asserted} assertions in {lines} lines"


def test_density_does_not_count_limits_and_comments(tmp_path):
    text = BLOCK.replace("endmodule", "  `LAC_PARAM(lac_block, Width, 1, 8)\n\nendmodule")
    asserted, lines = edges.density(tree(tmp_path, block=text), "common")
    blank = sum(not line.strip() or line.strip().startswith("//") for line in text.splitlines())
    assert (asserted, lines) == (3, len(text.splitlines()) - blank)
