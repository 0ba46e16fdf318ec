// SPDX-License-Identifier: Apache-2.0
//
// lac_mux: one of several streams, by a select.
//
// Purpose: lets the streams of several sources share one receiver, in an order that is known.
// Example, 2 streams: sel 0 1 0 0, in_valid 11 all the time, out_ready 1 0 1 1
//   -> from 0, 1 (waits), 1, 0.
//
//   sel --> lac_hold --> which --> out
//
// sel_i may change at any time; it counts while no beat waits at the output (lac_hold). With a
// sel_i that no stream has nothing passes.
// Streams: in_*, stream k at bit k of in_valid_i and in_ready_o and at k*Width of in_data_i; out_*.
//   in_ready_o depends on out_ready_i and sel_i combinationally, out_valid_o and out_data_o on
//   in_valid_i, in_data_i and sel_i.
// clr_i: forgets at the next edge which beat waits.
// Latency 0 cycles. Throughput 1 beat per cycle.
// Parameters:
//   NumIn  1..256
//   Width  1..4096
// Model: Mux in tb/common_rtl/stream_models.py. Source: common practice.

`include "lac_assert.svh"

module lac_mux #(
  parameter int NumIn = 2,
  parameter int Width = 8,
  localparam int SelWidth = `LAC_INDEX_BITS(NumIn)
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,
  input  logic                   clr_i,
  input  logic [   SelWidth-1:0] sel_i,
  input  logic [      NumIn-1:0] in_valid_i,
  output logic [      NumIn-1:0] in_ready_o,
  input  logic [NumIn*Width-1:0] in_data_i,
  output logic                   out_valid_o,
  input  logic                   out_ready_i,
  output logic [      Width-1:0] out_data_o
);

  `LAC_PARAM(lac_mux, NumIn, 1, 256)
  `LAC_PARAM(lac_mux, Width, 1, 4096)

  logic [SelWidth-1:0] sel;
  logic [NumIn-1:0] chosen;

  lac_hold #(
    .Width(SelWidth)
  ) u_sel (
    .clk_i,
    .rst_ni,
    .clr_i,
    .valid_i (out_valid_o),
    .ready_i (out_ready_i),
    .choice_i(sel_i),
    .choice_o(sel)
  );

  for (genvar k = 0; k < NumIn; k++) begin : gen_in
    assign chosen[k] = sel == SelWidth'(k);
    `LAC_STREAM_CLR(in_valid_i[k], in_ready_o[k], in_data_i[k*Width+:Width], clr_i)
  end

  assign out_valid_o = |(in_valid_i & chosen);
  assign in_ready_o  = chosen & {NumIn{out_ready_i}};

  always_comb begin
    out_data_o = '0;
    for (int k = 0; k < NumIn; k++) begin
      if (chosen[k]) out_data_o = out_data_o | in_data_i[k*Width+:Width];
    end
  end

  `LAC_STREAM_CLR(out_valid_o, out_ready_i, out_data_o, clr_i)
  `LAC_ASSERT(one_chosen, $onehot0(chosen), "more than one stream is chosen")
  `LAC_COVER(cover_other_waits, (in_valid_i & ~chosen) != '0 && out_ready_i)

endmodule
