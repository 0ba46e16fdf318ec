// SPDX-License-Identifier: Apache-2.0
//
// lac_xbar: crossbar: every input to every output, a round-robin arbiter per output.
//
// Purpose: scatters beats by the number of the output that comes with each: products to banks of
//   accumulators, results of cores to a shared port.
// Example, 3 inputs, 2 outputs, all ready, dest 1 1 0 (input 2 first): output 0 takes input 0,
//   output 1 input 1; input 2 waits: conflict 1, losers 1. In the next cycle it is its turn.
//
//   in 0 --+--> | arbiter 0 | --> (spill) --> out 0
//   in 1 --+--> | arbiter 1 | --> (spill) --> out 1
//
// What an output offers stays until it is accepted. An input waits for at most NumIn - 1 others.
// Beats of one input keep their order, at one output as well as from one output to the next.
// losers_o: inputs whose beat waits in this cycle because their output takes that of another one;
//   conflict_o: there is one. An input that waits because its output does is no loser.
// More than one beat per output and cycle: a crossbar per group of inputs.
// Streams: in_*, input k at bit k of in_valid_i and in_ready_o, at k*Width of in_data_i and
//   k*DestWidth of in_dest_i, which must be less than NumOut; out_* likewise. in_ready_o depends on
//   in_valid_i and in_dest_i, and without OutSpill on out_ready_i, combinationally; out_valid_o and
//   out_data_o, without OutSpill, on in_*, but not on out_ready_i. Inside there is no loop.
// clr_i: empties it at the next edge; a beat offered or taken in that cycle is lost.
// Latency 0 cycles, with OutSpill 1. Throughput 1 beat per output and cycle.
// Parameters:
//   NumIn     1..64
//   NumOut    1..64
//   Width     1..1024
//   OutSpill  0..1
// Model: Crossbar in tb/common_rtl/stream_models.py. Source: common practice.

`include "lac_assert.svh"

module lac_xbar #(
  parameter int NumIn = 4,
  parameter int NumOut = 4,
  parameter int Width = 8,
  parameter int OutSpill = 0,
  localparam int DestWidth = `LAC_INDEX_BITS(NumOut),
  localparam int CountWidth = $clog2(NumIn + 1)
) (
  input  logic                       clk_i,
  input  logic                       rst_ni,
  input  logic                       clr_i,
  input  logic [          NumIn-1:0] in_valid_i,
  output logic [          NumIn-1:0] in_ready_o,
  input  logic [    NumIn*Width-1:0] in_data_i,
  input  logic [NumIn*DestWidth-1:0] in_dest_i,
  output logic [         NumOut-1:0] out_valid_o,
  input  logic [         NumOut-1:0] out_ready_i,
  output logic [   NumOut*Width-1:0] out_data_o,
  output logic                       conflict_o,
  output logic [     CountWidth-1:0] losers_o
);

  `LAC_PARAM(lac_xbar, NumIn, 1, 64)
  `LAC_PARAM(lac_xbar, NumOut, 1, 64)
  `LAC_PARAM(lac_xbar, Width, 1, 1024)
  `LAC_PARAM(lac_xbar, OutSpill, 0, 1)

  logic [NumOut*NumIn-1:0] taken_by;  // output by output: the input whose beat it takes
  logic [NumOut*NumIn-1:0] lost_at;  // output by output: the inputs that wait for another one
  logic [NumIn-1:0] lost;

  for (genvar o = 0; o < NumOut; o++) begin : gen_out
    logic [NumIn-1:0] req, grant;
    logic [Width-1:0] data;
    logic valid, ready;

    for (genvar i = 0; i < NumIn; i++) begin : gen_req
      assign req[i] = in_valid_i[i] & in_dest_i[i*DestWidth+:DestWidth] == DestWidth'(o);
    end

    lac_arb #(
      .NumReq(NumIn)
    ) u_arb (
      .clk_i,
      .rst_ni,
      .clr_i,
      .req_i      (req),
      .out_valid_o(valid),
      .out_ready_i(ready),
      .out_grant_o(grant),
      .out_index_o()
    );

    always_comb begin
      data = '0;
      for (int i = 0; i < NumIn; i++) begin
        if (grant[i]) data = data | in_data_i[i*Width+:Width];
      end
    end

    if (OutSpill != 0) begin : gen_spill
      lac_spill #(
        .Width(Width)
      ) u_spill (
        .clk_i,
        .rst_ni,
        .clr_i,
        .in_valid_i (valid),
        .in_ready_o (ready),
        .in_data_i  (data),
        .out_valid_o(out_valid_o[o]),
        .out_ready_i(out_ready_i[o]),
        .out_data_o (out_data_o[o*Width+:Width])
      );
    end else begin : gen_direct
      assign out_valid_o[o] = valid;
      assign out_data_o[o*Width+:Width] = data;
      assign ready = out_ready_i[o];
    end

    assign taken_by[o*NumIn+:NumIn] = grant & {NumIn{ready}};
    assign lost_at[o*NumIn+:NumIn]  = req & ~grant & {NumIn{ready}};
    `LAC_STREAM_CLR(out_valid_o[o], out_ready_i[o], out_data_o[o*Width+:Width], clr_i)
  end

  for (genvar i = 0; i < NumIn; i++) begin : gen_in
    logic [NumOut-1:0] taken_at, lose;
    for (genvar o = 0; o < NumOut; o++) begin : gen_out
      assign taken_at[o] = taken_by[o*NumIn+i];
      assign lose[o] = lost_at[o*NumIn+i];
    end
    assign in_ready_o[i] = |taken_at;
    assign lost[i] = |lose;
    `LAC_STREAM_CLR(in_valid_i[i], in_ready_o[i], {
                    in_dest_i[i*DestWidth+:DestWidth], in_data_i[i*Width+:Width]}, clr_i)
    `LAC_ASSERT(one_output, $onehot0(taken_at), "a beat goes to more than one output")
    `LAC_ASSERT(dest_exists, !in_valid_i[i] || int'(in_dest_i[i*DestWidth+:DestWidth]) < NumOut,
                "a beat for an output that is not there")
  end

  assign conflict_o = |lost;
  assign losers_o   = CountWidth'($countones(lost));

  `LAC_ASSERT(losers_wait, (lost & (in_ready_o | ~in_valid_i)) == '0, "a loser that does not wait")
  `LAC_COVER(cover_no_conflict, &(in_valid_i & in_ready_o))
  `LAC_COVER(cover_all_but_one_lose, losers_o == CountWidth'(NumIn - 1))
  `LAC_COVER(cover_outputs_wait, (&out_valid_o) && out_ready_i == '0)

endmodule
