// SPDX-License-Identifier: Apache-2.0
//
// lac_scnn_match: which lanes of a step belong to the same accumulator, and which adds the others.
//
// Purpose: finds lanes with equal words; the lowest of them takes the others.
// Example, Lanes 16, words of lanes 0, 5 and 10 equal: take_o bits 0*16+5 and 0*16+10, gone_o bits
//   5 and 10.
//
// Two products of a step meet only if both weight and activation differ (with offsets that differ),
// so a lane has at most one partner in each group of lanes that belongs to one weight, or one at
// all if that is two activations. Groups of a lane: its own and the next four lanes together, each
// four behind. Where two would be in one group nothing is taken: the sums come out the same.
// Combinational. take_o bit i*Lanes+j: lane i adds the product of lane j. Without merge_i nothing
// is taken.
// Parameters:
//   Lanes  4..256, a power of two
//   Width  1..64
// Model: merge in tb/scnn/blocks/reference.py. Source: own.

`include "lac_assert.svh"

module lac_scnn_match #(
  parameter int Lanes = 16,
  parameter int Width = 14
) (
  input  logic                   merge_i,
  input  logic [      Lanes-1:0] valid_i,
  input  logic [Lanes*Width-1:0] word_i,
  output logic [Lanes*Lanes-1:0] take_o,
  output logic [      Lanes-1:0] gone_o
);

  `LAC_PARAM_RULE(lac_scnn_match, Lanes, 4, 256, (Lanes & (Lanes - 1)) == 0, "a power of two")
  `LAC_PARAM(lac_scnn_match, Width, 1, 64)

  localparam int Four = 4;

  logic [Width-1:0] word[Lanes];
  logic [Lanes-1:0] same[Lanes];  // of lane i: the lanes above it that are equal
  logic [Lanes-1:0] take[Lanes];
  logic [Lanes-1:0] below;  // an equal lane is below

  for (genvar i = 0; i < Lanes; i++) begin : gen_lane
    localparam int Own = i / Four;
    logic [Lanes-1:0] mine;
    logic seen, clash;

    assign word[i] = word_i[i*Width+:Width];
    for (genvar j = 0; j < Lanes; j++) begin : gen_other
      if (j > i) begin : gen_above
        assign mine[j] = valid_i[i] & valid_i[j] & (word[i] == word[j]);
      end else begin : gen_below
        assign mine[j] = 1'b0;
      end
    end

    // Whether one of the groups has two.
    always_comb begin
      clash = 1'b0;
      seen  = 1'b0;
      for (int j = i + 1; j < Lanes; j++) begin
        if (j % Four == 0 && j / Four > Own + 1) seen = 1'b0;
        clash = clash | (mine[j] & seen);
        seen  = seen | mine[j];
      end
    end

    assign same[i] = mine;
    assign take[i] = mine & {Lanes{merge_i & ~below[i] & ~clash}};
    assign take_o[i*Lanes+:Lanes] = take[i];
  end

  always_comb begin
    below = '0;
    for (int i = 0; i < Lanes; i++) below = below | same[i];
  end
  always_comb begin
    gone_o = '0;
    for (int i = 0; i < Lanes; i++) gone_o = gone_o | take[i];
  end

endmodule
