// SPDX-License-Identifier: Apache-2.0
//
// Accounts of the multiplier slots, without looking into the PEs.
//
// An activation that enters row i will be multiplied by every weight of the row: Cols slots, of
// which useful are those with a non-zero weight, if it is not zero itself. So each row keeps the
// number of its non-zero weights, beside the weights and switched with them, a cycle ahead of the
// pixel, and a pixel is counted as it enters.
//
//   wgt_i --> count of non-zeros --> shadow count --> count (switch_i) --> sum over the rows
//
// Each of NumFeeds buses brings weights to its own rows, as in lac_array_mesh. A write of all columns
// sets the shadow count, a write of some adds to it: those hold zeros before.
// Slots of rows that wait for weights (waits_i, with the skew of the pixels) are counted alike.
// Example, Cols 4: row weights 3 0 5 0, activations 7 0: 2 useful slots, then 0, of 4 each.
// Latency: from the lanes one cycle; a pass's totals are exact. Model: models/dense, cycles.
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
  output logic [NumWidth-1:0] filled_o,  // slots whose activation entered in the cycle before
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

  logic [Rows*RowWidth-1:0] useful;

  function automatic logic [NumWidth-1:0] total(input logic [Rows*RowWidth-1:0] counts);
    total = '0;
    for (int i = 0; i < Rows; i++) total = total + NumWidth'(counts[i*RowWidth+:RowWidth]);
  endfunction

  for (genvar b = 0; b < NumFeeds; b++) begin : gen_bus
    logic [    Cols-1:0] nonzero;
    logic [RowWidth-1:0] num;
    logic                all;

    for (genvar j = 0; j < Cols; j++) begin : gen_nonzero
      assign nonzero[j] = wgt_col_i[b*Cols+j] & (|wgt_i[(b*Cols+j)*WgtWidth+:WgtWidth]);
    end
    assign num = RowWidth'($countones(nonzero));
    assign all = &wgt_col_i[b*Cols+:Cols];
  end

  for (genvar i = 0; i < Rows; i++) begin : gen_row
    logic [RowWidth-1:0] shadow_q, count_q, num;
    logic all;

    assign num = gen_bus[i/FeedRows].num;
    assign all = gen_bus[i/FeedRows].all;
    assign useful[i*RowWidth +: RowWidth] =
        valid_i[i] & (|act_i[i*ActWidth +: ActWidth]) ? count_q : '0;

    always_ff @(posedge clk_i) begin
      if (wgt_row_i[i]) shadow_q <= (all ? '0 : shadow_q) + num;
      if (switch_i[i]) count_q <= shadow_q;
    end
  end

  always_ff @(posedge clk_i) begin
    filled_o  <= NumWidth'($countones(valid_i)) * NumWidth'(Cols);
    useful_o  <= total(useful);
    waiting_o <= NumWidth'($countones(waits_i)) * NumWidth'(Cols);
  end

endmodule
