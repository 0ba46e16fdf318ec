// SPDX-License-Identifier: Apache-2.0
//
// Synapse selector of Cambricon-SE: the code of a survivor, before it is decoded.
//
//   two slots of codes -> a code by rank_i -> register
//
// Picked before it is decoded, a weight is 8 bits of a multiplexer, not 16.
// Example: slot 1, rank 2: the third code of slot 1, a cycle later.
// Streams: none. Latency: 1 cycle. Throughput: a code per cycle.
// Parameters:
//   Codes  1..256
// Model: models/cambricon_se machine. Source: Zhou et al., "Cambricon-S", MICRO 2018, figure 14.

`include "lac_assert.svh"

module lac_cse_synapse
  import lac_pkg::*;
#(
  parameter  int Codes    = 64,
  localparam int RankBits = `LAC_INDEX_BITS(Codes)
) (
  input  logic                clk_i,
  input  logic                slot_i,
  input  logic [RankBits-1:0] rank_i,
  input  logic [ Codes*8-1:0] codes0_i,  // of slot 0
  input  logic [ Codes*8-1:0] codes1_i,
  output logic [         7:0] code_o
);

  `LAC_PARAM(lac_cse_synapse, Codes, 1, 256)

  logic [7:0] code;

  assign code = slot_i ? codes1_i[32'(rank_i)*8+:8] : codes0_i[32'(rank_i)*8+:8];
  always_ff @(posedge clk_i) code_o <= code;

endmodule
