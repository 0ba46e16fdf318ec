// SPDX-License-Identifier: Apache-2.0
//
// Lanes of Cambricon-SE: the neuron of each lane, out of the rows in the two slots.
//
//   rows_i (slot 0, slot 1) -> by slot and position -> neurons_o, for the multipliers
//
// Natural: the position is a row of the lane's own positions, of which there are Window / Lanes.
// A lane without a survivor has a neuron of 0, as its weight is.
// Latency 2 cycles. Throughput: a vector per cycle.
// Parameters:
//   Window   8..256, a power of two
//   Lanes    2..16, 2, 4, 8 or 16
//   Natural  any
// Model: an index.

`include "lac_assert.svh"

module lac_cse_lanes #(
  parameter  int Window  = 128,
  parameter  int Lanes   = 16,
  parameter  bit Natural = 0,
  localparam int Places  = Natural ? Window / Lanes : Window,  // that a lane looks at
  localparam int PosBits = `LAC_INDEX_BITS(Places)
) (
  input  logic                     clk_i,
  input  logic [  2*Window*16-1:0] rows_i,
  input  logic [        Lanes-1:0] valid_i,
  input  logic [        Lanes-1:0] slot_i,
  input  logic [Lanes*PosBits-1:0] pos_i,
  output logic [     Lanes*16-1:0] neurons_o
);

  `LAC_PARAM_RULE(lac_cse_lanes, Window, 8, 256, (Window & (Window - 1)) == 0, "a power of two")
  `LAC_PARAM_RULE(lac_cse_lanes, Lanes, 2, 16,
                  Lanes == 2 || Lanes == 4 || Lanes == 8 || Lanes == 16, "2, 4, 8 or 16")

  /* verilator no_inline_module */

  for (genvar l = 0; l < Lanes; l++) begin : gen_lane
    logic [PosBits-1:0] at;
    logic [Places*16-1:0] row_0, row_1;
    logic [15:0] neuron_q, neuron_qq;
    logic valid_q;

    assign at = pos_i[l*PosBits+:PosBits];
    if (Natural) begin : gen_own
      for (genvar r = 0; r < Places; r++) begin : gen_place
        assign row_0[r*16+:16] = rows_i[(r*Lanes+l)*16+:16];
        assign row_1[r*16+:16] = rows_i[(Window+r*Lanes+l)*16+:16];
      end
    end else begin : gen_all
      assign row_0 = rows_i[0+:Window*16];
      assign row_1 = rows_i[Window*16+:Window*16];
    end
    always_ff @(posedge clk_i) begin
      if (valid_i[l]) neuron_q <= slot_i[l] ? row_1[32'(at)*16+:16] : row_0[32'(at)*16+:16];
      valid_q   <= valid_i[l];
      neuron_qq <= valid_q ? neuron_q : '0;
    end
    assign neurons_o[l*16+:16] = neuron_qq;
  end

endmodule
