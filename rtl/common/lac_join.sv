// SPDX-License-Identifier: Apache-2.0
//
// lac_join: several streams to one, a beat of each together.
//
// Purpose: lets beats that belong together, but come at different times, go on as one: the operands
//   of an adder tree from the queues in front of it.
// Example, 2 streams of 4 bits: in_valid 01, 01, 11, data -a -a ba -> out_valid 0 0 1, data ba.
//
// Streams: in_*, stream k at bit k of in_valid_i and in_ready_o and at k*Width of in_data_i; out_*,
//   whose data is that of all. in_ready_o depends on in_valid_i and out_ready_i combinationally: a
//   stream is ready only when the others are valid. No registers; the clock, the reset and clr_i (in
//   whose cycle beats may be withdrawn) are for the assertions.
// Latency 0 cycles. Throughput 1 beat per cycle.
// Parameters:
//   NumIn  1..256
//   Width  1..4096
// Model: Join in tb/common_rtl/stream_models.py. Source: common practice.

`include "lac_assert.svh"

module lac_join #(
  parameter int NumIn = 2,
  parameter int Width = 8
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,
  input  logic                   clr_i,
  input  logic [      NumIn-1:0] in_valid_i,
  output logic [      NumIn-1:0] in_ready_o,
  input  logic [NumIn*Width-1:0] in_data_i,
  output logic                   out_valid_o,
  input  logic                   out_ready_i,
  output logic [NumIn*Width-1:0] out_data_o
);

  `LAC_PARAM(lac_join, NumIn, 1, 256)
  `LAC_PARAM(lac_join, Width, 1, 4096)

  assign out_valid_o = &in_valid_i;
  assign in_ready_o  = {NumIn{out_valid_o & out_ready_i}};
  assign out_data_o  = in_data_i;

  for (genvar k = 0; k < NumIn; k++) begin : gen_in
    `LAC_STREAM_CLR(in_valid_i[k], in_ready_o[k], in_data_i[k*Width+:Width], clr_i)
  end
  `LAC_STREAM_CLR(out_valid_o, out_ready_i, out_data_o, clr_i)
  `LAC_COVER(cover_one_waits, in_valid_i != '0 && !out_valid_o && out_ready_i)
  `LAC_COVER(cover_all_wait, out_valid_o && !out_ready_i)

endmodule
