// SPDX-License-Identifier: Apache-2.0
//
// The systolic array: Rows x Cols PEs. Lane i enters row i from the left, sums leave at the bottom.
//
//   lane 0 --> PE(0,0) --> PE(0,1) --> ...      wgt_i, one column each, to all rows of a bus;
//                 |           |                 wgt_row_i[i] & wgt_col_i[j] writes PE(i, j)
//   lane 1 --> PE(1,0) --> PE(1,1) --> ...
//                 |           |
//              psum 0      psum 1
//
// Pixel n in lane 0 in cycle t, in lane i in cycle t + i: its sum of column j is at psum_o in cycle
// t + Rows + 1 + j. One pixel per cycle, never stalls. A switch bit comes a cycle ahead of its
// pixel.
// NumFeeds buses of shadow weights (Cols weights, Cols column enables each); bus b serves the rows
// b*Rows/NumFeeds and on.
// A lane is GroupM activations, of which each weight takes one: the one of the position above it
// (lac_array_pe). Rows, Cols >= 2. Model: models/golden.py accumulate, one weight tile. Source: see lac_array_pe.
// Parameters:
//   Rows      2..32
//   Cols      1..32
//   ActWidth  8..16, 8 or 16
//   WgtWidth  8..16, 8 or 16
//   NumFeeds  1..32, a divisor of Rows
//   GroupM    1..4, 1, 2 or 4

`include "lac_assert.svh"

module lac_array_mesh #(
  parameter  int Rows      = 16,
  parameter  int Cols      = 16,
  parameter  int ActWidth  = 16,
  parameter  int WgtWidth  = 16,
  parameter  int NumFeeds  = 1,
  parameter  int GroupM    = 1,
  localparam int PsumWidth = ActWidth + WgtWidth + $clog2(Rows),
  localparam int LaneWidth = GroupM * ActWidth,
  localparam int KeptWidth = WgtWidth + $clog2(GroupM)
) (
  input  logic                               clk_i,
  input  logic [                   Rows-1:0] wgt_row_i,
  input  logic [          NumFeeds*Cols-1:0] wgt_col_i,
  input  logic [NumFeeds*Cols*KeptWidth-1:0] wgt_i,
  input  logic [                   Rows-1:0] switch_i,
  input  logic [         Rows*LaneWidth-1:0] act_i,
  output logic [         Cols*PsumWidth-1:0] psum_o
);

  `LAC_PARAM(lac_array_mesh, Rows, 2, 32)
  `LAC_PARAM(lac_array_mesh, Cols, 1, 32)
  `LAC_PARAM_RULE(lac_array_mesh, ActWidth, 8, 16, ActWidth == 8 || ActWidth == 16, "8 or 16")
  `LAC_PARAM_RULE(lac_array_mesh, WgtWidth, 8, 16, WgtWidth == 8 || WgtWidth == 16, "8 or 16")
  `LAC_PARAM_RULE(lac_array_mesh, NumFeeds, 1, 32, Rows % NumFeeds == 0, "a divisor of Rows")
  `LAC_PARAM_RULE(lac_array_mesh, GroupM, 1, 4, GroupM == 1 || GroupM == 2 || GroupM == 4,
                  "1, 2 or 4")

  localparam int FeedRows = Rows / NumFeeds;

  for (genvar j = 0; j < Cols; j++) begin : gen_col
    logic [Rows-1:0] we, sw_in, sw_out;
    logic [Rows*LaneWidth-1:0] act_in, act_out;
    logic [NumFeeds*KeptWidth-1:0] wgt;

    for (genvar b = 0; b < NumFeeds; b++) begin : gen_bus
      assign wgt[b*KeptWidth+:KeptWidth] = wgt_i[(b*Cols+j)*KeptWidth+:KeptWidth];
      assign we[b*FeedRows +: FeedRows] =
          wgt_row_i[b*FeedRows +: FeedRows] & {FeedRows{wgt_col_i[b*Cols + j]}};
    end

    if (j == 0) begin : gen_left
      assign sw_in  = switch_i;
      assign act_in = act_i;
    end else begin : gen_inner
      assign sw_in  = gen_col[j-1].sw_out;
      assign act_in = gen_col[j-1].act_out;
    end

    lac_array_col #(
      .Rows(Rows),
      .ActWidth(ActWidth),
      .WgtWidth(WgtWidth),
      .NumFeeds(NumFeeds),
      .GroupM(GroupM)
    ) u_col (
      .clk_i   (clk_i),
      .wgt_we_i(we),
      .wgt_i   (wgt),
      .switch_i(sw_in),
      .act_i   (act_in),
      .switch_o(sw_out),
      .act_o   (act_out),
      .psum_o  (psum_o[j*PsumWidth+:PsumWidth])
    );
  end

  // What leaves at the right is not needed.
  logic unused_right;
  assign unused_right = ^{gen_col[Cols-1].sw_out, gen_col[Cols-1].act_out};

endmodule
