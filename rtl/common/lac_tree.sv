// SPDX-License-Identifier: Apache-2.0
//
// lac_tree: masked adder tree, pipelined.
//
// Purpose: the sum of those of NumIn signed numbers whose mask bit is set.
// Example, NumIn 4, InWidth 8: mask 1011, data -128 5 -128 7 (number 3 first) -> -249, in 10 bits.
//
//   data & mask --> level 0: pairs --> level 1 --> ... --> level clog2(NumIn) - 1 --> out
//
// Each level adds pairs and is one bit wider, so the sum is exact: InWidth + clog2(NumIn) bits. A
// NumIn that is no power of two is filled up with zeros. The Stages registers stand behind levels,
// as evenly as it goes, one of them behind the last.
// Streams: in_*, out_*; out_valid_o comes from a register, in_ready_o through one gate per stage from
// out_ready_i (lac_pipe). With Stages 0 all is combinational.
// clr_i: empties it at the next edge; an item offered or taken in that cycle is lost.
// Latency Stages cycles. Throughput 1 sum per cycle. Data is not reset.
// Parameters:
//   NumIn    1..64
//   InWidth  1..64
//   Stages   0..$clog2(NumIn)
// Model: a sum in int64 in the bench. Source: common practice.

`include "lac_assert.svh"

module lac_tree #(
  parameter  int NumIn    = 16,
  parameter  int InWidth  = 32,
  parameter  int Stages   = 2,
  localparam int Levels   = $clog2(NumIn),
  localparam int SumWidth = InWidth + Levels
) (
  input  logic                     clk_i,
  input  logic                     rst_ni,
  input  logic                     clr_i,
  input  logic                     in_valid_i,
  output logic                     in_ready_o,
  input  logic [        NumIn-1:0] in_mask_i,
  input  logic [NumIn*InWidth-1:0] in_data_i,
  output logic                     out_valid_o,
  input  logic                     out_ready_i,
  output logic [     SumWidth-1:0] out_data_o
);

  `LAC_PARAM(lac_tree, NumIn, 1, 64)
  `LAC_PARAM(lac_tree, InWidth, 1, 64)
  `LAC_PARAM(lac_tree, Stages, 0, $clog2(NumIn))

  localparam int EnWidth = Stages > 0 ? Stages : 1;

  logic [EnWidth-1:0] en;

  lac_pipe #(
    .Stages(Stages)
  ) u_pipe (
    .clk_i,
    .rst_ni,
    .clr_i,
    .in_valid_i,
    .in_ready_o,
    .out_valid_o,
    .out_ready_i,
    .en_o(en)
  );
  if (Stages == 0) begin : gen_no_register
    logic unused_en;
    assign unused_en = ^en;
  end

  // Inputs, masked, then each level; level l has 2^(Levels - l) numbers of InWidth + l bits.
  for (genvar l = 0; l <= Levels; l++) begin : gen_level
    localparam int Num = 1 << (Levels - l);
    localparam int Width = InWidth + l;
    logic [Num*Width-1:0] sums;

    if (l == 0) begin : gen_masked
      for (genvar i = 0; i < Num; i++) begin : gen_in
        if (i < NumIn) begin : gen_number
          assign sums[i*Width+:Width] = in_mask_i[i] ? in_data_i[i*Width+:Width] : '0;
        end else begin : gen_zero
          assign sums[i*Width+:Width] = '0;
        end
      end
    end else begin : gen_add
      logic [Num*Width-1:0] added;

      for (genvar i = 0; i < Num; i++) begin : gen_pair
        logic signed [Width-2:0] one, other;
        assign one = gen_level[l-1].sums[2*i*(Width-1)+:Width-1];
        assign other = gen_level[l-1].sums[(2*i+1)*(Width-1)+:Width-1];
        assign added[i*Width+:Width] = Width'(one) + Width'(other);
      end
      // Registers behind level l: l * Stages / Levels of them stand up to here.
      if (l * Stages / Levels != (l - 1) * Stages / Levels) begin : gen_register
        always_ff @(posedge clk_i) if (en[l*Stages/Levels-1]) sums <= added;
      end else begin : gen_through
        assign sums = added;
      end
    end
  end
  assign out_data_o = gen_level[Levels].sums;

  `LAC_STREAM_CLR(in_valid_i, in_ready_o, {in_mask_i, in_data_i}, clr_i)
  `LAC_STREAM_CLR(out_valid_o, out_ready_i, out_data_o, clr_i)
  `LAC_COVER(cover_none, in_valid_i && in_ready_o && in_mask_i == '0)
  `LAC_COVER(cover_all, in_valid_i && in_ready_o && in_mask_i == '1)

endmodule
