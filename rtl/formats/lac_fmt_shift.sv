// SPDX-License-Identifier: Apache-2.0
//
// lac_fmt_shift: a piece of a vector, from any bit up.
//
// Purpose: a right shift of which few bits are wanted. The large steps come first, so that each
//   step makes no more bits than those behind it still need.
// Example, OutWidth 4, amount 5: out_o = in_i[8:5].
//
// Combinational. Bits past the end of in_i are 0.
// Parameters:
//   InWidth      1..2048
//   OutWidth     1..InWidth
//   AmountWidth  1..12
// Model: shift and mask. Source: common practice.

`include "lac_assert.svh"

module lac_fmt_shift #(
  parameter int InWidth = 128,
  parameter int OutWidth = 64,
  parameter int AmountWidth = 7
) (
  input  logic [    InWidth-1:0] in_i,
  input  logic [AmountWidth-1:0] amount_i,
  output logic [   OutWidth-1:0] out_o
);

  `LAC_PARAM(lac_fmt_shift, InWidth, 1, 2048)
  `LAC_PARAM(lac_fmt_shift, OutWidth, 1, InWidth)
  `LAC_PARAM(lac_fmt_shift, AmountWidth, 1, 12)

  logic unused;  // bits that no amount reaches
  assign unused = ^in_i;

  // Step s is by 2^(AmountWidth - s), or not.
  for (genvar s = 0; s <= AmountWidth; s++) begin : gen_step
    localparam int By = 1 << (AmountWidth - s);
    localparam int Reach = OutWidth + By - 1;  // what the steps behind it can still want
    localparam int Width = Reach < InWidth ? Reach : InWidth;
    logic [Width-1:0] kept;
    if (s == 0) begin : gen_all
      assign kept = in_i[Width-1:0];
    end else begin : gen_by
      assign kept = Width'(amount_i[AmountWidth-s] ? gen_step[s-1].kept >> By : gen_step[s-1].kept);
    end
  end
  assign out_o = gen_step[AmountWidth].kept;

endmodule
