// SPDX-License-Identifier: Apache-2.0
//
// Processing element of the systolic array: one multiply-accumulate per cycle.
//
//        wgt_i (shadow)   psum_i
//             |             |
//   act_i --> x --> reg --> + --> psum_o (below)
//   act_i, switch_i -> register -> act_o, switch_o (right)
//
// GroupM above 1: act_i are that many activations, and a weight says in the bits above it which of
// them it takes.
//
// The switch bit comes a cycle ahead of the first activation that the shadow weight is for, which
// becomes the weight in that cycle; a new shadow weight may be written in the same cycle.
// Example: weight 3, shadow 5; activations 2, 7 (switch), 4, 1 give products 6, 21, 20, 5.
//
// Latency: 1 cycle to the right and down, the product 1 behind its activation. No reset: psum_o
// means something where the pixel that entered does (the banks know which).
// PsumWidth: ActWidth + WgtWidth + log2 of the rows of the array holds every sum.
// Parameters:
//   ActWidth   8..16, 8 or 16
//   WgtWidth   8..16, 8 or 16
//   PsumWidth  ActWidth + WgtWidth..48
//   GroupM     1..4, 1, 2 or 4
// Model: models/golden.py accumulate. Source: weight-stationary systolic arrays (Kung 1982, TPU).

`include "lac_assert.svh"

module lac_array_pe #(
  parameter  int ActWidth  = 16,
  parameter  int WgtWidth  = 16,
  parameter  int PsumWidth = 36,
  parameter  int GroupM    = 1,
  localparam int PosWidth  = $clog2(GroupM)
) (
  input  logic                                  clk_i,
  input  logic                                  wgt_we_i,  // write the shadow weight
  input  logic        [WgtWidth + PosWidth-1:0] wgt_i,
  input  logic                                  switch_i,
  input  logic        [    GroupM*ActWidth-1:0] act_i,
  input  logic signed [          PsumWidth-1:0] psum_i,
  output logic                                  switch_o,
  output logic        [    GroupM*ActWidth-1:0] act_o,
  output logic signed [          PsumWidth-1:0] psum_o
);

  `LAC_PARAM_RULE(lac_array_pe, ActWidth, 8, 16, ActWidth == 8 || ActWidth == 16, "8 or 16")
  `LAC_PARAM_RULE(lac_array_pe, WgtWidth, 8, 16, WgtWidth == 8 || WgtWidth == 16, "8 or 16")
  `LAC_PARAM(lac_array_pe, PsumWidth, ActWidth + WgtWidth, 48)
  `LAC_PARAM_RULE(lac_array_pe, GroupM, 1, 4, GroupM == 1 || GroupM == 2 || GroupM == 4,
                  "1, 2 or 4")

  localparam int ProdWidth = ActWidth + WgtWidth;

  logic [WgtWidth+PosWidth-1:0] shadow_q, wgt_q;
  logic signed [ WgtWidth-1:0] wgt;
  logic signed [ ActWidth-1:0] act;
  logic signed [ProdWidth-1:0] prod_q;

  assign wgt = wgt_q[WgtWidth-1:0];
  if (GroupM == 1) begin : gen_only
    assign act = act_i;
  end else begin : gen_select
    logic [PosWidth-1:0] pos;
    assign pos = wgt_q[WgtWidth+:PosWidth];
    assign act = act_i[pos*ActWidth+:ActWidth];
  end

  always_ff @(posedge clk_i) begin
    if (wgt_we_i) shadow_q <= wgt_i;
    if (switch_i) wgt_q <= shadow_q;
    act_o    <= act_i;
    switch_o <= switch_i;
    prod_q   <= act * wgt;
    psum_o   <= psum_i + PsumWidth'(prod_q);
  end

endmodule
