// SPDX-License-Identifier: Apache-2.0
//
// lac_scnn_mul: the multipliers of a PE, and where each product goes.
//
// Purpose: a step of operands becomes a step of products, each with its accumulator
//   (lac_scnn_lane), and it is found out which of them may be added to another of the step
//   (lac_scnn_match).
// Example: see lac_scnn_lane; latency and streams below.
//
//   step --> P1 operands --> multiply, place, match --> P2 products --> out
//
// Streams: step_*, out_* (a step of lanes together; ready goes through a gate per stage).
// out_lane_valid_o: lanes whose product is there and is not taken by another; out_gone_o: those
// that are taken;
// out_take_o: by which, as lac_scnn_match has it. With Merge 0, or without merge_i, none is.
// kc_log_i and merge_i are set two cycles before the first step, and stay.
// step_par_i, out_par_o: the parity of the step's group; old_o: a stage has a step of another
// parity than par_i. clr_i: empty from the next cycle on.
// Latency 2 cycles. Throughput 1 step per cycle.
// Parameters:
//   Lanes    4..256, a power of two
//   Banks    8..512, a power of two
//   Entries  8..256, a power of two
//   MaxKc    4..64, a power of two
//   BankMap  0..2
//   Merge    0..1
// Model: tb/scnn/blocks/reference.py. Source: SCNN (ISCA 2017), section IV.

`include "lac_assert.svh"

module lac_scnn_mul #(
  parameter  int Lanes      = 16,
  parameter  int Banks      = 32,
  parameter  int Entries    = 32,
  parameter  int MaxKc      = 64,
  parameter  int BankMap    = 0,
  parameter  int Merge      = 1,
  localparam int KWidth     = $clog2(MaxKc),
  localparam int LinWidth   = $clog2(Banks / 4 * Entries),
  localparam int BankWidth  = $clog2(Banks),
  localparam int EntryWidth = $clog2(Entries)
) (
  input  logic                        clk_i,
  input  logic                        rst_ni,
  input  logic                        clr_i,
  input  logic                        par_i,
  input  logic [                 2:0] kc_log_i,
  input  logic                        merge_i,
  // operands
  input  logic                        step_valid_i,
  output logic                        step_ready_o,
  input  logic                        step_par_i,
  input  logic [           Lanes-1:0] lane_valid_i,
  input  logic [    Lanes*KWidth-1:0] lane_k_i,
  input  logic [  Lanes*LinWidth-1:0] lane_off_i,
  input  logic [        Lanes*16-1:0] lane_wgt_i,
  input  logic [  Lanes*LinWidth-1:0] lane_pos_i,
  input  logic [        Lanes*16-1:0] lane_act_i,
  // products
  output logic                        out_valid_o,
  input  logic                        out_ready_i,
  output logic [           Lanes-1:0] out_lane_valid_o,
  output logic [           Lanes-1:0] out_gone_o,
  output logic [     Lanes*Lanes-1:0] out_take_o,
  output logic [ Lanes*BankWidth-1:0] out_bank_o,
  output logic [Lanes*EntryWidth-1:0] out_entry_o,
  output logic [        Lanes*32-1:0] out_product_o,
  output logic                        out_par_o,
  output logic                        old_o
);

  `LAC_PARAM_RULE(lac_scnn_mul, Lanes, 4, 256, (Lanes & (Lanes - 1)) == 0, "a power of two")
  `LAC_PARAM_RULE(lac_scnn_mul, Banks, 8, 512, (Banks & (Banks - 1)) == 0, "a power of two")
  `LAC_PARAM_RULE(lac_scnn_mul, Entries, 8, 256, (Entries & (Entries - 1)) == 0, "a power of two")
  `LAC_PARAM_RULE(lac_scnn_mul, MaxKc, 4, 64, (MaxKc & (MaxKc - 1)) == 0, "a power of two")
  `LAC_PARAM(lac_scnn_mul, BankMap, 0, 2)
  `LAC_PARAM(lac_scnn_mul, Merge, 0, 1)

  localparam int WordWidth = KWidth + LinWidth;
  localparam int MaxLog = KWidth < EntryWidth + 2 ? KWidth : EntryWidth + 2;  // largest kc_log_i

  logic [1:0] en;
  logic p1_valid_q, p1_par_q;
  logic [3:0] shift_q;
  logic [Lanes-1:0] p1_lane_q;
  logic [Lanes*WordWidth-1:0] words;

  lac_pipe #(
    .Stages(2)
  ) u_pipe (
    .clk_i,
    .rst_ni,
    .clr_i,
    .in_valid_i(step_valid_i),
    .in_ready_o(step_ready_o),
    .out_valid_o,
    .out_ready_i,
    .en_o      (en)
  );

  // The first stage has an item from its load until the second takes it.
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) p1_valid_q <= 1'b0;
    else if (clr_i) p1_valid_q <= 1'b0;
    else if (en != '0) p1_valid_q <= en[0];
  end

  assign old_o = (p1_valid_q & (p1_par_q != par_i)) | (out_valid_o & (out_par_o != par_i));

  always_ff @(posedge clk_i) begin
    shift_q <= 4'(EntryWidth + 2) - 4'(kc_log_i);
    if (en[0]) begin
      p1_lane_q <= lane_valid_i;
      p1_par_q  <= step_par_i;
    end
    if (en[1]) out_par_o <= p1_par_q;
  end

  for (genvar l = 0; l < Lanes; l++) begin : gen_lane
    lac_scnn_lane #(
      .Banks  (Banks),
      .Entries(Entries),
      .MaxKc  (MaxKc),
      .BankMap(BankMap)
    ) u_lane (
      .clk_i,
      .en_i     (en),
      .shift_i  (shift_q),
      .k_i      (lane_k_i[l*KWidth+:KWidth]),
      .off_i    (lane_off_i[l*LinWidth+:LinWidth]),
      .wgt_i    (lane_wgt_i[l*16+:16]),
      .pos_i    (lane_pos_i[l*LinWidth+:LinWidth]),
      .act_i    (lane_act_i[l*16+:16]),
      .k_o      (words[l*WordWidth+LinWidth+:KWidth]),
      .lin_o    (words[l*WordWidth+:LinWidth]),
      .bank_o   (out_bank_o[l*BankWidth+:BankWidth]),
      .entry_o  (out_entry_o[l*EntryWidth+:EntryWidth]),
      .product_o(out_product_o[l*32+:32])
    );
  end

  if (Merge == 0) begin : gen_plain
    logic unused_words;
    assign unused_words = merge_i ^ (^words);
    assign out_gone_o   = '0;
    assign out_take_o   = '0;
    always_ff @(posedge clk_i) if (en[1]) out_lane_valid_o <= p1_lane_q;
  end else begin : gen_merge
    logic [Lanes*Lanes-1:0] take;
    logic [Lanes-1:0] gone;
    logic merge_q;

    lac_scnn_match #(
      .Lanes(Lanes),
      .Width(WordWidth)
    ) u_match (
      .merge_i(merge_q),
      .valid_i(p1_lane_q),
      .word_i (words),
      .take_o (take),
      .gone_o (gone)
    );
    always_ff @(posedge clk_i) begin
      merge_q <= merge_i;
      if (en[1]) begin
        out_lane_valid_o <= p1_lane_q & ~gone;
        out_gone_o       <= gone;
        out_take_o       <= take;
      end
    end
  end

  `LAC_STREAM_CLR(step_valid_i, step_ready_o, {step_par_i, lane_valid_i}, clr_i)
  `LAC_STREAM_CLR(out_valid_o, out_ready_i, {out_lane_valid_o, out_gone_o, out_take_o, out_par_o,
                                             out_bank_o, out_entry_o, out_product_o}, clr_i)
  `LAC_ASSERT(kc, !step_valid_i || (kc_log_i >= 3'd2 && 32'(kc_log_i) <= 32'(MaxLog)),
              "a group that the banks cannot hold")
  `LAC_ASSERT(first_was_there, !en[1] || p1_valid_q, "the second stage takes nothing")
  `LAC_ASSERT(gone_or_there, !out_valid_o || (out_gone_o & out_lane_valid_o) == '0,
              "a product that is there and gone")
  `LAC_COVER(cover_waits, out_valid_o && !out_ready_i && p1_valid_q)
  `LAC_COVER(cover_no_lane, out_valid_o && out_lane_valid_o == '0)

endmodule
