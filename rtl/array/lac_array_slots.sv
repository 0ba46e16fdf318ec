// SPDX-License-Identifier: Apache-2.0
//
// Accounts of the multiplier slots, without looking into the PEs.
//
// An activation that enters row i will be multiplied by every weight of the row: Cols slots, of
// which useful are those with a non-zero weight, if it is not zero itself. So each row keeps the
// number of its non-zero weights, beside the weights and switched with them, a cycle ahead of the
// pixel, and a pixel is counted as it enters.
//
//   wgt_i --> which are not zero --> count of them --> shadow count --> count (switch_i) --> sum over
//             (register)                                                                    the rows
//
// GroupM above 1: a row sees that many activations, and keeps a number for each, of the weights that
// take it (lac_array_pe).
// Each of NumFeeds buses brings weights to its own rows, as in lac_array_mesh. A write of all columns
// sets the shadow count, a write of some adds to it: those hold zeros before.
// Slots of rows that wait for weights (waits_i, with the skew of the pixels) are counted alike.
// Example, Cols 4: row weights 3 0 5 0, activations 7 0: 2 useful slots, then 0, of 4 each.
// Latency: from the lanes three cycles; a pass's totals are exact. Model: models/dense, cycles.
// Parameters:
//   Rows      2..32
//   Cols      1..32
//   ActWidth  8..16, 8 or 16
//   WgtWidth  8..16, 8 or 16
//   NumFeeds  1..32, a divisor of Rows
//   GroupM    1..4, 1, 2 or 4

`include "lac_assert.svh"

module lac_array_slots #(
  parameter  int Rows      = 16,
  parameter  int Cols      = 16,
  parameter  int ActWidth  = 16,
  parameter  int WgtWidth  = 16,
  parameter  int NumFeeds  = 1,
  parameter  int GroupM    = 1,
  localparam int NumWidth  = $clog2(Rows * Cols + 1),
  localparam int KeptWidth = WgtWidth + $clog2(GroupM)
) (
  input logic clk_i,
  input logic [Rows-1:0] wgt_row_i,
  input logic [NumFeeds*Cols-1:0] wgt_col_i,
  input logic [NumFeeds*Cols*KeptWidth-1:0] wgt_i,
  input logic [Rows-1:0] valid_i,
  input logic [Rows-1:0] waits_i,
  input logic [Rows-1:0] switch_i,
  input logic [Rows*GroupM*ActWidth-1:0] act_i,
  output logic [NumWidth-1:0] filled_o,  // slots whose activation entered three cycles before
  output logic [NumWidth-1:0] useful_o,  // of these, with two operands that are not zero
  output logic [NumWidth-1:0] waiting_o  // slots without a pixel, for want of weights
);

  `LAC_PARAM(lac_array_slots, Rows, 2, 32)
  `LAC_PARAM(lac_array_slots, Cols, 1, 32)
  `LAC_PARAM_RULE(lac_array_slots, ActWidth, 8, 16, ActWidth == 8 || ActWidth == 16, "8 or 16")
  `LAC_PARAM_RULE(lac_array_slots, WgtWidth, 8, 16, WgtWidth == 8 || WgtWidth == 16, "8 or 16")
  `LAC_PARAM_RULE(lac_array_slots, NumFeeds, 1, 32, Rows % NumFeeds == 0, "a divisor of Rows")
  `LAC_PARAM_RULE(lac_array_slots, GroupM, 1, 4, GroupM == 1 || GroupM == 2 || GroupM == 4,
                  "1, 2 or 4")

  localparam int RowWidth = $clog2(Cols + 1);
  localparam int FeedRows = Rows / NumFeeds;
  localparam int Lanes = Rows * GroupM;  // activations; lane i*GroupM + m is seen by row i

  logic [Lanes*RowWidth-1:0] useful_q;

  function automatic logic [NumWidth-1:0] total(input logic [Lanes*RowWidth-1:0] counts);
    total = '0;
    for (int i = 0; i < Lanes; i++) total = total + NumWidth'(counts[i*RowWidth+:RowWidth]);
  endfunction

  // All that comes in goes through a register, so that weights are counted no sooner than they are
  // there: they may come from a memory.
  logic [Rows-1:0] row_q, valid_q, waits_q, switch_q;
  logic [Rows-1:0] fills_q, waited_q;  // beside useful_q
  logic [Lanes-1:0] act_nz_q;

  always_ff @(posedge clk_i)
    {row_q, valid_q, waits_q, switch_q} <= {
      wgt_row_i, valid_i, waits_i, switch_i
    };

  // A bus, and a position of those that its weights may take.
  for (genvar b = 0; b < NumFeeds * GroupM; b++) begin : gen_bus
    localparam int First = b / GroupM * Cols;  // column of the bus
    logic [    Cols-1:0] nonzero_q;
    logic [RowWidth-1:0] num;
    logic                all_q;

    for (genvar j = 0; j < Cols; j++) begin : gen_nonzero
      logic [KeptWidth-1:0] wgt;
      logic taken;

      assign wgt = wgt_i[(First+j)*KeptWidth+:KeptWidth];
      if (GroupM == 1) begin : gen_only
        assign taken = 1'b1;
      end else begin : gen_select
        assign taken = wgt[KeptWidth-1:WgtWidth] == (KeptWidth - WgtWidth)'(b % GroupM);
      end
      always_ff @(posedge clk_i) nonzero_q[j] <= wgt_col_i[First+j] & taken & (|wgt[WgtWidth-1:0]);
    end
    assign num = RowWidth'($countones(nonzero_q));
    always_ff @(posedge clk_i) all_q <= &wgt_col_i[First+:Cols];
  end

  for (genvar l = 0; l < Lanes; l++) begin : gen_lane
    localparam int Row = l / GroupM;
    localparam int Bus = Row / FeedRows * GroupM + l % GroupM;
    logic [RowWidth-1:0] shadow_q, count_q, num;
    logic all;

    assign num = gen_bus[Bus].num;
    assign all = gen_bus[Bus].all_q;

    always_ff @(posedge clk_i) begin
      act_nz_q[l] <= |act_i[l*ActWidth+:ActWidth];
      if (row_q[Row]) shadow_q <= (all ? '0 : shadow_q) + num;
      if (switch_q[Row]) count_q <= shadow_q;
      useful_q[l*RowWidth+:RowWidth] <= valid_q[Row] & act_nz_q[l] ? count_q : '0;
    end
  end

  always_ff @(posedge clk_i) begin
    fills_q   <= valid_q;
    waited_q  <= waits_q;
    filled_o  <= NumWidth'($countones(fills_q)) * NumWidth'(Cols);
    useful_o  <= total(useful_q);
    waiting_o <= NumWidth'($countones(waited_q)) * NumWidth'(Cols);
  end

endmodule
