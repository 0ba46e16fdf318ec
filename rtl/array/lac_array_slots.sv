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

`include "lac_assert.svh"

module lac_array_slots #(
  parameter  int Rows     = 16,
  parameter  int Cols     = 16,
  parameter  int ActWidth = 16,
  parameter  int WgtWidth = 16,
  parameter  int NumFeeds = 1,
  localparam int NumWidth = $clog2(Rows * Cols + 1)
) (
  input logic clk_i,
  input logic [Rows-1:0] wgt_row_i,
  input logic [NumFeeds*Cols-1:0] wgt_col_i,
  input logic [NumFeeds*Cols*WgtWidth-1:0] wgt_i,
  input logic [Rows-1:0] valid_i,
  input logic [Rows-1:0] waits_i,
  input logic [Rows-1:0] switch_i,
  input logic [Rows*ActWidth-1:0] act_i,
  output logic [NumWidth-1:0] filled_o,  // slots whose activation entered three cycles before
  output logic [NumWidth-1:0] useful_o,  // of these, with two operands that are not zero
  output logic [NumWidth-1:0] waiting_o  // slots without a pixel, for want of weights
);

  `LAC_PARAM(lac_array_slots, Rows, 2, 32)
  `LAC_PARAM(lac_array_slots, Cols, 1, 32)
  `LAC_PARAM_RULE(lac_array_slots, ActWidth, 8, 16, ActWidth == 8 || ActWidth == 16, "8 or 16")
  `LAC_PARAM_RULE(lac_array_slots, WgtWidth, 8, 16, WgtWidth == 8 || WgtWidth == 16, "8 or 16")
  `LAC_PARAM_RULE(lac_array_slots, NumFeeds, 1, 32, Rows % NumFeeds == 0, "a divisor of Rows")

  localparam int RowWidth = $clog2(Cols + 1);
  localparam int FeedRows = Rows / NumFeeds;

  logic [Rows*RowWidth-1:0] useful_q;

  function automatic logic [NumWidth-1:0] total(input logic [Rows*RowWidth-1:0] counts);
    total = '0;
    for (int i = 0; i < Rows; i++) total = total + NumWidth'(counts[i*RowWidth+:RowWidth]);
  endfunction

  // All that comes in goes through a register, so that weights are counted no sooner than they are
  // there: they may come from a memory.
  logic [Rows-1:0] row_q, valid_q, waits_q, switch_q, act_nz_q;
  logic [Rows-1:0] fills_q, waited_q;  // beside useful_q

  always_ff @(posedge clk_i)
    {row_q, valid_q, waits_q, switch_q} <= {
      wgt_row_i, valid_i, waits_i, switch_i
    };

  for (genvar b = 0; b < NumFeeds; b++) begin : gen_bus
    logic [    Cols-1:0] nonzero_q;
    logic [RowWidth-1:0] num;
    logic                all_q;

    for (genvar j = 0; j < Cols; j++) begin : gen_nonzero
      always_ff @(posedge clk_i) begin
        nonzero_q[j] <= wgt_col_i[b*Cols+j] & (|wgt_i[(b*Cols+j)*WgtWidth+:WgtWidth]);
      end
    end
    assign num = RowWidth'($countones(nonzero_q));
    always_ff @(posedge clk_i) all_q <= &wgt_col_i[b*Cols+:Cols];
  end

  for (genvar i = 0; i < Rows; i++) begin : gen_row
    logic [RowWidth-1:0] shadow_q, count_q, num;
    logic all;

    assign num = gen_bus[i/FeedRows].num;
    assign all = gen_bus[i/FeedRows].all_q;

    always_ff @(posedge clk_i) begin
      act_nz_q[i] <= |act_i[i*ActWidth+:ActWidth];
      if (row_q[i]) shadow_q <= (all ? '0 : shadow_q) + num;
      if (switch_q[i]) count_q <= shadow_q;
      useful_q[i*RowWidth+:RowWidth] <= valid_q[i] & act_nz_q[i] ? count_q : '0;
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
