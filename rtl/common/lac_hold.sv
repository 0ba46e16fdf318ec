// SPDX-License-Identifier: Apache-2.0
//
// lac_hold: keeps a choice while the beat that it was made for waits.
//
// Purpose: a select that may change at any time becomes one that keeps the rule of streams: what is
//   offered stays until it is accepted. lac_mux and lac_demux select by it.
// Example: choice_i 0 1 2 2 3, valid 1 1 1 1 1, ready 1 0 0 1 1 -> choice_o 0 1 1 1 3.
//
// valid_i, ready_i: the stream that is chosen for. choice_o depends on choice_i combinationally and
//   on nothing else but registers, so valid_i and ready_i may depend on choice_o.
// clr_i: forgets what waits at the next edge.
// Latency 0 cycles: a choice counts in the cycle in which it comes, if nothing waits.
// Parameters:
//   Width  1..1024
// Model: Hold in tb/common_rtl/stream_models.py. Source: common practice.

`include "lac_assert.svh"

module lac_hold #(
  parameter int Width = 2
) (
  input  logic             clk_i,
  input  logic             rst_ni,
  input  logic             clr_i,
  input  logic             valid_i,
  input  logic             ready_i,
  input  logic [Width-1:0] choice_i,
  output logic [Width-1:0] choice_o
);

  `LAC_PARAM(lac_hold, Width, 1, 1024)

  logic waits_q;
  logic [Width-1:0] choice_q;

  assign choice_o = waits_q ? choice_q : choice_i;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) waits_q <= 1'b0;
    else waits_q <= valid_i & ~ready_i & ~clr_i;
  end

  always_ff @(posedge clk_i) begin
    if (valid_i & ~ready_i & ~waits_q) choice_q <= choice_i;
  end

  `LAC_STREAM_CLR(valid_i, ready_i, choice_o, clr_i)
  `LAC_COVER(cover_held, waits_q && choice_i != choice_q)

endmodule
