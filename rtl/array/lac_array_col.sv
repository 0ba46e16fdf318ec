// SPDX-License-Identifier: Apache-2.0
//
// One column of the systolic array: Rows PEs, all for the same output.
//
//   act_i[0] --> PE 0 --> act_o[0]      wgt_i to all PEs, wgt_we_i[i] writes that of PE i;
//                 |                     of NumFeeds weights, b goes to PEs b*Rows/NumFeeds and on
//   act_i[1] --> PE 1 --> act_o[1]
//                 |
//               psum_o
//
// A lane of act_i is GroupM activations, of which each weight takes one (lac_array_pe).
// Lane i of act_i and switch_i belongs to PE i, i cycles behind lane 0; a switch bit comes a cycle
// ahead of its activation.
// Latency: lanes 1 cycle to the right; lane 0 in cycle t gives psum_o in cycle t + Rows + 1.
// Model: models/golden.py accumulate, one output. Source: see lac_array_pe.
// Parameters:
//   Rows      2..32
//   ActWidth  8..16, 8 or 16
//   WgtWidth  8..16, 8 or 16
//   NumFeeds  1..32, a divisor of Rows
//   GroupM    1..4, 1, 2 or 4

`include "lac_assert.svh"

module lac_array_col #(
  parameter  int Rows      = 16,
  parameter  int ActWidth  = 16,
  parameter  int WgtWidth  = 16,
  parameter  int NumFeeds  = 1,
  parameter  int GroupM    = 1,
  localparam int PsumWidth = ActWidth + WgtWidth + $clog2(Rows),
  localparam int LaneWidth = GroupM * ActWidth,
  localparam int KeptWidth = WgtWidth + $clog2(GroupM)
) (
  input  logic                          clk_i,
  input  logic [              Rows-1:0] wgt_we_i,
  input  logic [NumFeeds*KeptWidth-1:0] wgt_i,
  input  logic [              Rows-1:0] switch_i,
  input  logic [    Rows*LaneWidth-1:0] act_i,
  output logic [              Rows-1:0] switch_o,
  output logic [    Rows*LaneWidth-1:0] act_o,
  output logic [         PsumWidth-1:0] psum_o
);

  `LAC_PARAM(lac_array_col, Rows, 2, 32)
  `LAC_PARAM_RULE(lac_array_col, ActWidth, 8, 16, ActWidth == 8 || ActWidth == 16, "8 or 16")
  `LAC_PARAM_RULE(lac_array_col, WgtWidth, 8, 16, WgtWidth == 8 || WgtWidth == 16, "8 or 16")
  `LAC_PARAM_RULE(lac_array_col, NumFeeds, 1, 32, Rows % NumFeeds == 0, "a divisor of Rows")
  `LAC_PARAM_RULE(lac_array_col, GroupM, 1, 4, GroupM == 1 || GroupM == 2 || GroupM == 4,
                  "1, 2 or 4")

  // The column is the piece that simulates fast: all of them are one function, and its ports are
  // few and wide. Inlined, an array is one function that a C++ compiler chews on for minutes; with
  // the PE as the piece, copying ports takes longer than multiplying.
  /* verilator no_inline_module */

  localparam int FeedRows = Rows / NumFeeds;

  for (genvar i = 0; i < Rows; i++) begin : gen_row
    logic [PsumWidth-1:0] psum_in, psum_out;

    if (i == 0) begin : gen_top
      assign psum_in = '0;
    end else begin : gen_below
      assign psum_in = gen_row[i-1].psum_out;
    end

    lac_array_pe #(
      .ActWidth (ActWidth),
      .WgtWidth (WgtWidth),
      .PsumWidth(PsumWidth),
      .GroupM   (GroupM)
    ) u_pe (
      .clk_i   (clk_i),
      .wgt_we_i(wgt_we_i[i]),
      .wgt_i   (wgt_i[i/FeedRows*KeptWidth+:KeptWidth]),
      .switch_i(switch_i[i]),
      .act_i   (act_i[i*LaneWidth+:LaneWidth]),
      .psum_i  (psum_in),
      .switch_o(switch_o[i]),
      .act_o   (act_o[i*LaneWidth+:LaneWidth]),
      .psum_o  (psum_out)
    );
  end

  assign psum_o = gen_row[Rows-1].psum_out;

endmodule
