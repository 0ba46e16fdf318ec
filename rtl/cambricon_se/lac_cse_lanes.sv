// SPDX-License-Identifier: Apache-2.0
//
// Lanes of Cambricon-SE: the neuron of each lane, out of the rows in the two slots.
//
//   rows_i (slot 0, slot 1) -> by slot and position -> neurons_o, for the multipliers
//
// A lane without a survivor has a neuron of no meaning: its weight is 0.
// Latency 2 cycles. Throughput: a vector per cycle.
// Parameters:
//   Window  8..256, a power of two
//   Lanes   2..16
// Model: an index.

`include "lac_assert.svh"

module lac_cse_lanes #(
  parameter  int Window  = 128,
  parameter  int Lanes   = 16,
  localparam int PosBits = $clog2(Window)
) (
  input  logic                     clk_i,
  input  logic [2*Window*16-1:0]   rows_i,
  input  logic [Lanes-1:0]         valid_i,
  input  logic [Lanes-1:0]         slot_i,
  input  logic [Lanes*PosBits-1:0] pos_i,
  output logic [Lanes*16-1:0]      neurons_o
);

  `LAC_PARAM_RULE(lac_cse_lanes, Window, 8, 256, (Window & (Window - 1)) == 0, "a power of two")
  `LAC_PARAM(lac_cse_lanes, Lanes, 2, 16)

  /* verilator no_inline_module */

  for (genvar l = 0; l < Lanes; l++) begin : gen_lane
    logic [PosBits:0] at;
    bit [15:0] neuron_q;  // two-state: times 0 it is 0
    logic [15:0] neuron_qq;

    assign at = {slot_i[l], pos_i[l*PosBits+:PosBits]};
    always_ff @(posedge clk_i) begin
      if (valid_i[l]) neuron_q <= rows_i[32'(at)*16+:16];
      neuron_qq <= neuron_q;
    end
    assign neurons_o[l*16+:16] = neuron_qq;
  end

  `LAC_ASSERT_CLK(slot_of_lane, (slot_i & ~valid_i) == '0, "a slot of a lane without a survivor")

endmodule
