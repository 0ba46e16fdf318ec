// SPDX-License-Identifier: Apache-2.0
//
// lac_post: accumulators to activations: requantization, ReLU, maximum of a window.
//
// Purpose: what follows an accumulator in every layer, one sum per cycle.
// Example, shift 1, ReLU, pool 2: sums 5 -6 300 7, OutWidth 8 -> 3 0 127 4 -> results 3 127.
//
//   in --> | requant, ReLU | --> | maximum so far, count | --> out
//
// Pooling is a running maximum: pool_i results in succession are a window, whose maximum is one result;
// 1: no pooling. So the sums of a window must come one behind the other (the drain of the
// accumulators walks window by window; lac_agen with two more levels does), and windows do not
// overlap. in_last_i ends a window before it is full (the edge of a plane) and is handed on.
// Streams: in_*, out_*; valid and data from registers, in_ready_o through two gates from out_ready_i.
// shift_i (less than AccWidth), relu_i, pool_i (1 or more) stay while sums are on their way.
// clr_i: empties it at the next edge, a window half full too; what is on its way is lost.
// Latency 2 cycles from the last sum of a window. Throughput 1 sum per cycle.
// Parameters:
//   AccWidth   3..63
//   OutWidth   2..AccWidth - 1
//   PoolWidth  1..16
// Model: models/fixed.py, requant, and a maximum in the bench. Source: the project's number rules.

`include "lac_assert.svh"

module lac_post #(
  parameter  int AccWidth   = 40,
  parameter  int OutWidth   = 16,
  parameter  int PoolWidth  = 4,
  localparam int ShiftWidth = $clog2(AccWidth)
) (
  input  logic                  clk_i,
  input  logic                  rst_ni,
  input  logic                  clr_i,
  input  logic [ShiftWidth-1:0] shift_i,
  input  logic                  relu_i,
  input  logic [ PoolWidth-1:0] pool_i,
  input  logic                  in_valid_i,
  output logic                  in_ready_o,
  input  logic [  AccWidth-1:0] in_data_i,
  input  logic                  in_last_i,
  output logic                  out_valid_o,
  input  logic                  out_ready_i,
  output logic [  OutWidth-1:0] out_data_o,
  output logic                  out_last_o
);

  `LAC_PARAM(lac_post, AccWidth, 3, 63)
  `LAC_PARAM(lac_post, OutWidth, 2, AccWidth - 1)
  `LAC_PARAM(lac_post, PoolWidth, 1, 16)

  logic signed [OutWidth-1:0] rounded, result_q, most_q, most;
  logic result_valid_q, result_last_q, result_ready, take_in, take;
  logic [PoolWidth-1:0] count_q, count;
  logic full, ready;

  // Requantization
  lac_requant #(
    .AccWidth(AccWidth),
    .OutWidth(OutWidth)
  ) u_requant (
    .acc_i(in_data_i),
    .shift_i,
    .relu_i,
    .out_o(rounded),
    .sat_o()
  );

  assign in_ready_o = ~result_valid_q | result_ready;
  assign take_in = in_valid_i & in_ready_o;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) result_valid_q <= 1'b0;
    else if (clr_i) result_valid_q <= 1'b0;
    else if (in_ready_o) result_valid_q <= in_valid_i;
  end

  always_ff @(posedge clk_i) begin
    if (take_in) begin
      result_q      <= rounded;
      result_last_q <= in_last_i;
    end
  end

  // Window: results before this one are in most_q, if there are any (count_q). A result that does not
  // fill the window has its place while the output waits.
  assign count = count_q + PoolWidth'(1);
  assign full = (count == pool_i) | result_last_q;
  assign ready = ~out_valid_o | out_ready_i;
  assign result_ready = ready | ~full;
  assign take = result_valid_q & result_ready;
  assign most = count_q != '0 && most_q > result_q ? most_q : result_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      out_valid_o <= 1'b0;
      count_q     <= '0;
    end else if (clr_i) begin
      out_valid_o <= 1'b0;
      count_q     <= '0;
    end else begin
      if (ready) out_valid_o <= result_valid_q & full;
      if (take) count_q <= full ? '0 : count;
    end
  end

  always_ff @(posedge clk_i) begin
    if (take && !full) most_q <= most;
    if (take && full) begin
      out_data_o <= most;
      out_last_o <= result_last_q;
    end
  end

  `LAC_STREAM_CLR(in_valid_i, in_ready_o, {in_data_i, in_last_i}, clr_i)
  `LAC_STREAM_CLR(out_valid_o, out_ready_i, {out_data_o, out_last_o}, clr_i)
  `LAC_ASSERT(pool, !in_valid_i || pool_i != '0, "a window of 0")
  `LAC_ASSERT(shift, !in_valid_i || 32'(shift_i) < AccWidth, "shifted out")
  `LAC_ASSERT(count_range, !result_valid_q || count_q < pool_i, "more results than the window has")
  `LAC_COVER(cover_cut, take && result_last_q && count != pool_i)
  `LAC_COVER(cover_kept, take && full && count_q != '0 && most_q > result_q)
  `LAC_COVER(cover_beside_wait, take && !full && out_valid_o && !out_ready_i)

endmodule
