// SPDX-License-Identifier: Apache-2.0
//
// lac_fork: one stream to several receivers, each of which takes every beat once.
//
// Purpose: broadcast to receivers that are not ready at the same time: each takes the beat in a
//   cycle of its own, and it leaves the input when the last one has.
// Example, 3 receivers, one beat, out_ready 010, 001, 110 -> out_valid 111, 101, 100;
//   in_ready 0 0 1.
//
// Streams: in_*; out_*, receiver k at bit k of out_valid_o and out_ready_i; all see the same
//   out_data_o, which is in_data_i. in_ready_o depends on out_ready_i combinationally, out_valid_o
//   on in_valid_i; neither on the other.
// clr_i: forgets at the next edge who has taken the beat; one taken in that cycle is lost.
// Latency 0 cycles. Throughput 1 beat per cycle.
// Parameters:
//   NumOut  1..256
//   Width   1..4096
// Model: Fork in tb/common_rtl/stream_models.py. Source: common practice (eager fork).

`include "lac_assert.svh"

module lac_fork #(
  parameter int NumOut = 2,
  parameter int Width  = 8
) (
  input  logic              clk_i,
  input  logic              rst_ni,
  input  logic              clr_i,
  input  logic              in_valid_i,
  output logic              in_ready_o,
  input  logic [ Width-1:0] in_data_i,
  output logic [NumOut-1:0] out_valid_o,
  input  logic [NumOut-1:0] out_ready_i,
  output logic [ Width-1:0] out_data_o
);

  `LAC_PARAM(lac_fork, NumOut, 1, 256)
  `LAC_PARAM(lac_fork, Width, 1, 4096)

  logic [NumOut-1:0] done_q;  // have taken the beat that waits

  assign out_valid_o = {NumOut{in_valid_i}} & ~done_q;
  assign in_ready_o  = &(done_q | out_ready_i);
  assign out_data_o  = in_data_i;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) done_q <= '0;
    else if (clr_i) done_q <= '0;
    else if (in_valid_i) done_q <= in_ready_o ? '0 : done_q | out_ready_i;
  end

  `LAC_STREAM_CLR(in_valid_i, in_ready_o, in_data_i, clr_i)
  for (genvar k = 0; k < NumOut; k++) begin : gen_out
    `LAC_STREAM_CLR(out_valid_o[k], out_ready_i[k], out_data_o, clr_i)
  end
  `LAC_ASSERT(some_left, done_q != '1, "a beat stays although all have taken it")
  `LAC_ASSERT(done_of_beat, in_valid_i || clr_i || done_q == '0, "taken from no beat")
  `LAC_COVER(cover_in_turn, in_valid_i && in_ready_o && done_q != '0)
  `LAC_COVER(cover_together, in_valid_i && (&out_ready_i) && done_q == '0)

endmodule
