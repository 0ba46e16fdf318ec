// SPDX-License-Identifier: Apache-2.0
//
// lac_pipe: control of a pipeline: valid bits, and when each stage takes what comes.
//
// Purpose: the valid/ready side of a pipeline of Stages data registers, which the user keeps: stage
//   k loads them when en_o[k] is high.
// Example, Stages 2: `always_ff @(posedge clk_i) begin if (en[0]) a_q <= f(in_data); if (en[1])
//   b_q <= g(a_q); end` is a pipeline from in_data to b_q.
//
//   in --> | stage 0 | --> ... --> | stage Stages - 1 | --> out
//
// A stage takes when it is empty or hands on, so holes close up while the output waits: Stages items
// fit. en_o is high with an item only: registers rest while nothing moves.
// Streams: in_*, out_* (valid and ready; the data is the user's). out_valid_o comes from a register,
// in_ready_o goes through one gate per stage from out_ready_i. Stages 0 is a wire.
// clr_i: empties it at the next edge; an item offered or taken in that cycle is lost.
// Latency Stages cycles. Throughput 1 item per cycle.
// Parameters:
//   Stages  0..64
// Model: a queue in the bench. Source: common practice.

`include "lac_assert.svh"

module lac_pipe #(
  parameter  int Stages  = 1,
  localparam int EnWidth = Stages > 0 ? Stages : 1
) (
  input  logic               clk_i,
  input  logic               rst_ni,
  input  logic               clr_i,
  input  logic               in_valid_i,
  output logic               in_ready_o,
  output logic               out_valid_o,
  input  logic               out_ready_i,
  output logic [EnWidth-1:0] en_o
);

  `LAC_PARAM(lac_pipe, Stages, 0, 64)

  if (Stages == 0) begin : gen_wire
    logic unused_control;
    assign unused_control = clk_i & rst_ni & clr_i;
    assign in_ready_o     = out_ready_i;
    assign out_valid_o    = in_valid_i;
    assign en_o           = in_valid_i & out_ready_i;
  end else begin : gen_stages
    logic [Stages-1:0] valid_q, offered;
    logic [Stages:0] ready;

    assign ready[Stages] = out_ready_i;
    for (genvar k = 0; k < Stages; k++) begin : gen_stage
      if (k == 0) begin : gen_first
        assign offered[k] = in_valid_i;
      end else begin : gen_next
        assign offered[k] = valid_q[k-1];
      end
      assign ready[k] = ~valid_q[k] | ready[k+1];
      assign en_o[k]  = offered[k] & ready[k];

      always_ff @(posedge clk_i or negedge rst_ni) begin
        if (!rst_ni) valid_q[k] <= 1'b0;
        else if (clr_i) valid_q[k] <= 1'b0;
        else if (ready[k]) valid_q[k] <= offered[k];
      end
    end
    assign in_ready_o  = ready[0];
    assign out_valid_o = valid_q[Stages-1];
    `LAC_COVER(cover_full, valid_q == '1 && !out_ready_i)
    `LAC_COVER(cover_closes_up, in_valid_i && in_ready_o && out_valid_o && !out_ready_i)
  end

  `LAC_ASSERT(enable_with_item, en_o[0] == (in_valid_i && in_ready_o), "an item without its enable")
  // What is held is known only to the user, so the data has no part in these.
  `LAC_STREAM_CLR(in_valid_i, in_ready_o, 1'b0, clr_i)
  `LAC_STREAM_CLR(out_valid_o, out_ready_i, 1'b0, clr_i)

endmodule
