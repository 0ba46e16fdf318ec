// SPDX-License-Identifier: Apache-2.0
//
// Processing element of the systolic array: one multiply-accumulate per cycle.
//
//        wgt_i (shadow)   psum_i
//             |             |
//   act_i --> x ----------> + --> psum_o (below)
//   act_i, switch_i -> register -> act_o, switch_o (right)
//
// The activation that carries the switch bit is the first one multiplied by the shadow weight,
// which becomes the weight in that cycle; a new shadow weight may be written in the same cycle.
// Example: weight 3, shadow 5; activations 2, 4 (switch), 1 give products 6, 20, 5.
//
// Latency: 1 cycle to the right and down. No reset: psum_o means something where the pixel that
// entered does (the banks know which).
// PsumWidth: ActWidth + WgtWidth + log2 of the rows of the array holds every sum.
// Parameters:
//   ActWidth   8..16, 8 or 16
//   WgtWidth   8..16, 8 or 16
//   PsumWidth  ActWidth + WgtWidth..48
// Model: models/golden.py accumulate. Source: weight-stationary systolic arrays (Kung 1982, TPU).

`include "lac_assert.svh"

module lac_array_pe #(
  parameter int ActWidth  = 16,
  parameter int WgtWidth  = 16,
  parameter int PsumWidth = 36
) (
  input  logic                        clk_i,
  input  logic                        wgt_we_i,  // write the shadow weight
  input  logic signed [WgtWidth-1:0]  wgt_i,
  input  logic                        switch_i,
  input  logic signed [ActWidth-1:0]  act_i,
  input  logic signed [PsumWidth-1:0] psum_i,
  output logic                        switch_o,
  output logic signed [ActWidth-1:0]  act_o,
  output logic signed [PsumWidth-1:0] psum_o
);

  `LAC_PARAM_RULE(lac_array_pe, ActWidth, 8, 16, ActWidth == 8 || ActWidth == 16, "8 or 16")
  `LAC_PARAM_RULE(lac_array_pe, WgtWidth, 8, 16, WgtWidth == 8 || WgtWidth == 16, "8 or 16")
  `LAC_PARAM(lac_array_pe, PsumWidth, ActWidth + WgtWidth, 48)

  localparam int ProdWidth = ActWidth + WgtWidth;

  logic signed [WgtWidth-1:0]  shadow_q, wgt_q, wgt;
  logic signed [ProdWidth-1:0] prod;

  assign wgt  = switch_i ? shadow_q : wgt_q;
  assign prod = act_i * wgt;

  always_ff @(posedge clk_i) begin
    if (wgt_we_i) shadow_q <= wgt_i;
    wgt_q    <= wgt;
    act_o    <= act_i;
    switch_o <= switch_i;
    psum_o   <= psum_i + PsumWidth'(prod);
  end

endmodule
