// SPDX-License-Identifier: Apache-2.0
//
// lac_prove_xbar: each beat leaves once, unchanged, where it wants to; nobody waits a second round.
//
// What arbiters and spill registers state of themselves is proved with it.

`include "lac_prove.svh"

module lac_prove_xbar #(
  parameter int NumIn = 3,
  parameter int NumOut = 3,
  parameter int Width = 2,
  parameter int OutSpill = 0,
  localparam int DestWidth = `LAC_INDEX_BITS(NumOut),
  localparam int CountWidth = $clog2(NumIn + 1)
) (
  input logic                       clk_i,
  input logic                       rst_ni,
  input logic                       clr_i,
  input logic                       pick_i,
  input logic [          NumIn-1:0] in_valid_i,
  input logic [    NumIn*Width-1:0] in_data_i,
  input logic [NumIn*DestWidth-1:0] in_dest_i,
  input logic [         NumOut-1:0] out_ready_i
);

  logic [NumIn-1:0] in_ready;
  logic [NumOut-1:0] out_valid;
  logic [NumOut*Width-1:0] out_data;
  logic conflict;
  logic [CountWidth-1:0] losers;

  lac_xbar #(
    .NumIn   (NumIn),
    .NumOut  (NumOut),
    .Width   (Width),
    .OutSpill(OutSpill)
  ) u_dut (
    .clk_i,
    .rst_ni,
    .clr_i,
    .in_valid_i,
    .in_ready_o (in_ready),
    .in_data_i,
    .in_dest_i,
    .out_valid_o(out_valid),
    .out_ready_i,
    .out_data_o (out_data),
    .conflict_o (conflict),
    .losers_o   (losers)
  );

  `LAC_PROVE_RESET
  for (genvar i = 0; i < NumIn; i++) begin : gen_in
    `LAC_ASSUME(int'(in_dest_i[i*DestWidth+:DestWidth]) < NumOut)
    `LAC_ASSUME_STREAM_CLR(in_valid_i[i], in_ready[i], {
                           in_dest_i[i*DestWidth+:DestWidth], in_data_i[i*Width+:Width]}, clr_i)
  end

  for (genvar o = 0; o < NumOut; o++) begin : gen_out
    logic [NumIn-1:0] enters;  // the inputs whose beats enter for this output in this cycle
    logic [Width-1:0] data, followed_data;
    logic followed;
    logic [1:0] fill, ahead;

    always_comb begin
      enters = '0;
      data   = '0;
      for (int i = 0; i < NumIn; i++) begin
        enters[i] = in_valid_i[i] && in_ready[i] && int'(in_dest_i[i*DestWidth+:DestWidth]) == o;
        if (enters[i]) data = in_data_i[i*Width+:Width];
      end
    end

    lac_prove_queue #(
      .Width  (Width),
      .MaxFill(2),
      .Through(OutSpill == 0 ? 1 : 0)
    ) u_queue (
      .clk_i,
      .rst_ni,
      .clr_i,
      .pick_i,
      .push_i     (enters != '0),
      .push_data_i(data),
      .pop_i      (out_valid[o] && out_ready_i[o]),
      .pop_data_i (out_data[o*Width+:Width]),
      .fill_o     (fill),
      .followed_o (followed),
      .ahead_o    (ahead),
      .data_o     (followed_data)
    );

    `LAC_ASSERT(one_enters, $onehot0(enters), "two beats enter one output at once")
    if (OutSpill == 0) begin : gen_direct
      `LAC_ASSERT(passes, (enters != '0) == (out_valid[o] && out_ready_i[o]), "lost, or doubled")
      `LAC_ASSERT(empty, fill == '0 && !followed, "something stays inside")
    end else begin : gen_spill
      `LAC_ASSERT(offers_what_it_has, out_valid[o] == (fill != '0), "a beat is not offered")
      `LAC_ASSERT(full_only_if_full,
                  u_dut.gen_out[o].gen_spill.u_spill.spill_valid_q == (fill == 2'd2), "full early")
      `LAC_ASSERT(in_its_place,
                  !followed || followed_data == (ahead == '0
                  ? u_dut.gen_out[o].gen_spill.u_spill.out_data_q
                  : u_dut.gen_out[o].gen_spill.u_spill.spill_data_q),
                  "not in its place")
    end
    `LAC_COVER(cover_enters, enters[NumIn-1] && in_valid_i == '1)
  end
  `LAC_COVER(cover_conflict, conflict && int'(losers) == NumIn - 1)

endmodule
