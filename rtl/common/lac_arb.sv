// SPDX-License-Identifier: Apache-2.0
//
// lac_arb: round-robin arbiter: one of several requests at a time, each in its turn.
//
// Purpose: lets NumReq beats share one stream, fairly: while one requests, at most NumReq - 1
//   others are taken before it.
// Example, NumReq 4, requests 1101 all the time, always ready: grants 0001 0100 1000 0001.
//
//   req --> lowest request from the start of the round on, else lowest of all --> grant, index
//
// The round starts behind the request that was taken last (grant and ready). While a granted one
// waits for ready, it starts there: the grant is locked, whatever else requests.
// Streams: out_*, whose payload is the grant (one-hot) and its index; request k is accepted in the
//   cycle in which out_grant_o[k] and out_ready_i are high, and stays until then. out_valid_o,
//   out_grant_o and out_index_o depend on req_i combinationally, and not on out_ready_i.
// clr_i: the round starts at request 0 again at the next edge; a request may then be withdrawn.
// Latency 0 cycles. Throughput 1 grant per cycle. Without a request grant and index are 0.
// Parameters:
//   NumReq  1..256
// Model: Arbiter in tb/common_rtl/stream_models.py. Source: common practice.

`include "lac_assert.svh"

module lac_arb #(
  parameter int NumReq = 4,
  localparam int IndexWidth = `LAC_INDEX_BITS(NumReq)
) (
  input  logic                  clk_i,
  input  logic                  rst_ni,
  input  logic                  clr_i,
  input  logic [    NumReq-1:0] req_i,
  output logic                  out_valid_o,
  input  logic                  out_ready_i,
  output logic [    NumReq-1:0] out_grant_o,
  output logic [IndexWidth-1:0] out_index_o
);

  `LAC_PARAM(lac_arb, NumReq, 1, 256)

  logic [NumReq-1:0] later_q;  // from the start of the round on
  logic [NumReq-1:0] later_from, req_from, from_grant;

  // Of both vectors at once, so that the choice between them comes last.
  `LAC_FROM_FIRST(later_from, req_i & later_q, NumReq)
  `LAC_FROM_FIRST(req_from, req_i, NumReq)

  assign from_grant  = later_from[NumReq-1] ? later_from : req_from;
  assign out_grant_o = from_grant & ~(from_grant << 1);
  assign out_valid_o = |req_i;

  for (genvar k = 0; k < IndexWidth; k++) begin : gen_index
    logic [NumReq-1:0] picked;
    for (genvar i = 0; i < NumReq; i++) begin : gen_pick
      assign picked[i] = out_grant_o[i] & (((i >> k) & 1) == 1);
    end
    assign out_index_o[k] = |picked;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) later_q <= '1;
    else if (clr_i) later_q <= '1;
    else if (out_valid_o) later_q <= out_ready_i ? from_grant & ~out_grant_o : from_grant;
  end

  for (genvar i = 0; i < NumReq; i++) begin : gen_req
    `LAC_STREAM_CLR(req_i[i], out_grant_o[i] && out_ready_i, 1'b0, clr_i)
  end
  `LAC_STREAM_CLR(out_valid_o, out_ready_i, {out_grant_o, out_index_o}, clr_i)
  `LAC_ASSERT(one_grant, $onehot0(out_grant_o) && out_valid_o == |out_grant_o,
              "not one grant for the beat")
  `LAC_ASSERT(granted_requests, (out_grant_o & ~req_i) == '0, "a grant without a request")
  `LAC_ASSERT(round, ((later_q << 1) & ~later_q) == '0, "a round with holes")
  `LAC_COVER(cover_all, &req_i)
  `LAC_COVER(cover_next_round, out_valid_o && out_ready_i && !later_from[NumReq-1])
  `LAC_COVER(cover_locked, out_valid_o && !out_ready_i)

`ifndef LAC_NO_ASSERTIONS
  // How many others were taken since a request came.
  for (genvar i = 0; i < NumReq; i++) begin : gen_fair
    logic [IndexWidth:0] others_q;
    int turns;  // of others, at most, before its own in this round
    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) others_q <= '0;
      else if (clr_i || !req_i[i]) others_q <= '0;
      else if (out_ready_i) others_q <= out_grant_o[i] ? '0 : others_q + 1'b1;
    end
    assign turns = later_q[i] ? $countones(
        later_q & ((NumReq'(1) << i) - NumReq'(1))
    ) : $countones(
        later_q
    ) + i;
    `LAC_ASSERT(fair, int'(others_q) + turns < NumReq, "a request waits for a second round")
  end
`endif

endmodule
