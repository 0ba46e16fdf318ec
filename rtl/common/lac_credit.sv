// SPDX-License-Identifier: Apache-2.0
//
// lac_credit: credits of a sender for a receiver with a buffer of Depth entries.
//
// Purpose: a stream over a link without `ready`: a word is issued only while the receiver is sure to
//   have room for it, however long the way there and back. The word itself goes beside it.
// Example, Depth 2, three words wait, the receiver frees an entry in cycle 3:
//   cycle     0 1 2 3 4
//   issue     1 1 0 0 1
//   return    0 0 0 1 0
//   credits   2 1 0 0 1
//
//   in --> | credits, Depth after reset | --> issue, to the receiver
//                 ^------------------------- return, from the receiver
//
// Streams: in_*, without data; in_ready_o comes from the credits alone: a credit that is returned
//   can be used in the next cycle. issue_o is in_valid_i with in_ready_o. return_i: an entry is free
//   again; at most as many as were issued.
// clr_i: all credits are there at the next edge; the receiver must be emptied in the same cycle.
// Latency 0 cycles from in_valid_i to issue_o. Throughput 1 word per cycle if Depth covers the
//   cycles from an issue to the first in which its credit is back (1 cycle after return_i).
// Parameters:
//   Depth  1..65536
// Model: Credit in tb/common_rtl/stream_models.py. Source: H. T. Kung, R. Morris, "Credit-based
//   flow control for ATM networks", 1995.

`include "lac_assert.svh"

module lac_credit #(
  parameter int Depth = 4,
  localparam int LevelWidth = $clog2(Depth + 1)
) (
  input  logic                  clk_i,
  input  logic                  rst_ni,
  input  logic                  clr_i,
  input  logic                  in_valid_i,
  output logic                  in_ready_o,
  output logic                  issue_o,
  input  logic                  return_i,
  output logic [LevelWidth-1:0] credits_o
);

  `LAC_PARAM(lac_credit, Depth, 1, 65536)

  localparam logic [LevelWidth-1:0] All = LevelWidth'(Depth);

  logic [LevelWidth-1:0] credits_q;

  assign in_ready_o = credits_q != '0;
  assign issue_o = in_valid_i & in_ready_o;
  assign credits_o = credits_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) credits_q <= All;
    else if (clr_i) credits_q <= All;
    else if (issue_o && !return_i) credits_q <= credits_q - 1'b1;
    else if (return_i && !issue_o) credits_q <= credits_q + 1'b1;
  end

  `LAC_STREAM_CLR(in_valid_i, in_ready_o, 1'b0, clr_i)
  `LAC_ASSERT(within_depth, credits_q <= All, "more credits than the receiver has entries")
  `LAC_ASSERT(no_issue_without, !issue_o || credits_q != '0, "issued without a credit")
  `LAC_ASSERT(no_return_beyond, !return_i || issue_o || clr_i || credits_q != All,
              "a credit is returned that was never used")
  `LAC_COVER(cover_starved, in_valid_i && !in_ready_o && return_i)
  `LAC_COVER(cover_both, issue_o && return_i)
  `LAC_COVER(cover_all_back, credits_q == All - 1'b1 && return_i && !issue_o)

endmodule
