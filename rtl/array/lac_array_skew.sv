// SPDX-License-Identifier: Apache-2.0
//
// Skew: lane i of a pixel leaves i cycles after lane 0, so that the lanes meet the partial sums
// that move down the array.
//
//   lane 0 ----------------->      pixel n in cycle t -> lane i of it in cycle t + i,
//   lane 1 --[1]------------>      with its valid, switch and waits bits
//   lane 2 --[2]--[1]------->
//
// Example, Rows 3, pixels a b c: lane 0 "a b c - -", lane 1 "- a b c -", lane 2 "- - a b c".
// Latency of lane i: i cycles (lane 0 combinational). One pixel per cycle.
// clr_i forgets what is on its way; data is not reset. Model: none, a delay.
// Parameters:
//   Rows      2..32
//   ActWidth  8..64, 8, 16, 32 or 64

`include "lac_assert.svh"

module lac_array_skew #(
  parameter int Rows     = 16,
  parameter int ActWidth = 16
) (
  input  logic                     clk_i,
  input  logic                     rst_ni,
  input  logic                     clr_i,
  input  logic                     valid_i,
  input  logic                     waits_i,   // no pixel, for want of weights
  input  logic                     switch_i,
  input  logic [Rows*ActWidth-1:0] act_i,
  output logic [         Rows-1:0] valid_o,
  output logic [         Rows-1:0] waits_o,
  output logic [         Rows-1:0] switch_o,
  output logic [Rows*ActWidth-1:0] act_o
);

  `LAC_PARAM(lac_array_skew, Rows, 2, 32)
  `LAC_PARAM_RULE(lac_array_skew, ActWidth, 8, 64,
                  ActWidth == 8 || ActWidth == 16 || ActWidth == 32 || ActWidth == 64,
                  "8, 16, 32 or 64")

  logic [Rows-2:0] valid_q, waits_q, switch_q;

  assign valid_o  = {valid_q, valid_i};
  assign waits_o  = {waits_q, waits_i};
  assign switch_o = {switch_q, switch_i};

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      valid_q  <= '0;
      waits_q  <= '0;
      switch_q <= '0;
    end else if (clr_i) begin
      valid_q  <= '0;
      waits_q  <= '0;
      switch_q <= '0;
    end else begin
      valid_q  <= valid_o[Rows-2:0];
      waits_q  <= waits_o[Rows-2:0];
      switch_q <= switch_o[Rows-2:0];
    end
  end

  assign act_o[0+:ActWidth] = act_i[0+:ActWidth];

  for (genvar i = 1; i < Rows; i++) begin : gen_lane
    logic [i*ActWidth-1:0] line_q;  // the newest value lowest

    assign act_o[i*ActWidth+:ActWidth] = line_q[(i-1)*ActWidth+:ActWidth];

    if (i == 1) begin : gen_one
      always_ff @(posedge clk_i) line_q <= act_i[i*ActWidth+:ActWidth];
    end else begin : gen_more
      always_ff @(posedge clk_i) line_q <= {line_q[0+:(i-1)*ActWidth], act_i[i*ActWidth+:ActWidth]};
    end
  end

  `LAC_ASSERT(clear_empties, !$past(clr_i) || ({valid_q, waits_q, switch_q} == '0),
              "a slot is left behind a clear")

endmodule
