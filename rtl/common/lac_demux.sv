// SPDX-License-Identifier: Apache-2.0
//
// lac_demux: one stream to one of several receivers, by a select.
//
// Purpose: hands each beat of a stream to the receiver that it is for.
// Example, 2 receivers: sel 0 1 0, in_valid 1 all the time, out_ready 01 01 11
//   -> to 0, to 1 (waits), to 1.
//
//   sel --> lac_hold --> which --> out
//
// sel_i may come with the beat, or change at any time; it counts while no beat waits at an output
// (lac_hold). A sel_i that no receiver has holds the beat back.
// Streams: in_*; out_*, receiver k at bit k of out_valid_o and out_ready_i; all see the same
//   out_data_o, which is in_data_i. in_ready_o depends on out_ready_i and sel_i combinationally,
//   out_valid_o on in_valid_i and sel_i.
// clr_i: forgets at the next edge where a beat waits.
// Latency 0 cycles. Throughput 1 beat per cycle.
// Parameters:
//   NumOut  1..256
//   Width   1..4096
// Model: Demux in tb/common_rtl/stream_models.py. Source: common practice.

`include "lac_assert.svh"

module lac_demux #(
  parameter int NumOut = 2,
  parameter int Width = 8,
  localparam int SelWidth = `LAC_INDEX_BITS(NumOut)
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic                clr_i,
  input  logic [SelWidth-1:0] sel_i,
  input  logic                in_valid_i,
  output logic                in_ready_o,
  input  logic [   Width-1:0] in_data_i,
  output logic [  NumOut-1:0] out_valid_o,
  input  logic [  NumOut-1:0] out_ready_i,
  output logic [   Width-1:0] out_data_o
);

  `LAC_PARAM(lac_demux, NumOut, 1, 256)
  `LAC_PARAM(lac_demux, Width, 1, 4096)

  logic [SelWidth-1:0] sel;
  logic [  NumOut-1:0] chosen;

  lac_hold #(
    .Width(SelWidth)
  ) u_sel (
    .clk_i,
    .rst_ni,
    .clr_i,
    .valid_i (|out_valid_o),
    .ready_i (in_ready_o),
    .choice_i(sel_i),
    .choice_o(sel)
  );

  for (genvar k = 0; k < NumOut; k++) begin : gen_out
    assign chosen[k] = sel == SelWidth'(k);
    `LAC_STREAM_CLR(out_valid_o[k], out_ready_i[k], out_data_o, clr_i)
  end

  assign out_valid_o = {NumOut{in_valid_i}} & chosen;
  assign in_ready_o  = |(out_ready_i & chosen);
  assign out_data_o  = in_data_i;

  `LAC_STREAM_CLR(in_valid_i, in_ready_o, in_data_i, clr_i)
  `LAC_ASSERT(one_chosen, $onehot0(chosen), "more than one receiver is chosen")
  `LAC_COVER(cover_other_ready, in_valid_i && !in_ready_o && out_ready_i != '0)

endmodule
