// SPDX-License-Identifier: Apache-2.0
//
// lac_scnn_pe: the computing side of a PE of SCNN: weights and activations in, sums in the banks.
//
// Purpose: multiplies every activation of a channel with every weight of the channel's block, and
//   adds each product to its accumulator, until the end of the group; the PPU then empties the
//   banks while the next group is worked on.
//
//   row (broadcast) -> lac_scnn_admit -> lac_scnn_wgt_fifo ---------+
//                        | counts            | descriptors          v
//                        '--(memory outside)  '--> lac_scnn_act_read -> lac_scnn_steps -> lac_scnn_mul
//                                                   '--(memory outside)                       |
//   drain, add (PPU) --> lac_scnn_banks <-- lac_scnn_xbar <-- lac_scnn_merge <----------------'
//
// The memories of counts and activations are outside; what is read comes in the next cycle, and
// holds. start_i: cycle 0 of a pass.
// Groups: end_o, all of a group has been issued; then go_i (with last_i: it was the last one)
// starts the next one in the cycle behind it, while products of the old one are on their way. Steps
// of the new one wait before the crossbar until those are in the banks; drained_o from then on, the
// set of banks that is filled has changed, and drain, add and set_clr work on that of the old
// group. No go_i while drained_o is low.
// Streams: row_take_i with row_ready_o, which comes from registers.
// Events come from registers (padding and empty by a subtraction): those of a cycle are at the ports
// in the next. ev_psum_o: additions of products; ev_fifo_*: vectors; ev_step_o: something moved.
// Errors: the first is kept until clr_i. ACT_RANGE: {pe, position}; ACC_OVERFLOW: {pe, k} of a
// product, {pe, bank * Entries + entry} of a sum.
// Latency: row taken to the first product in a bank's queue 8 + Merge cycles. Throughput 1 step per
// cycle.
// Parameters:
//   F           2..16, a power of two
//   I           2..16, a power of two, F*I at most 256
//   AccWidth    20..40
//   Banks       8..512, a power of two
//   Entries     8..256, a power of two
//   MaxKc       4..64, a power of two
//   RowVectors  MaxVec..8, a power of two
//   WgtFifo     2 * RowVectors..256, a multiple of RowVectors
//   IaramRows   8..65536
//   CountWidth  4..12
//   MaxC        8..4096, a multiple of 8
//   LaneDepth   1..8
//   XbarGrants  1..2
//   LookAhead   1..4, at most LaneDepth
//   BankDepth   1..8, at least XbarGrants
//   BankMap     0..2
//   Merge       0..1
// Small: F 2, I 2, RowVectors 4, WgtFifo 16.
// Model: models/scnn/cycles.py. Source: SCNN (ISCA 2017), section IV, figure 6.

`include "lac_assert.svh"

module lac_scnn_pe
  import lac_pkg::*;
#(
  parameter  int F          = 4,
  parameter  int I          = 4,
  parameter  int AccWidth   = 24,
  parameter  int Banks      = 2 * F * I,
  parameter  int Entries    = 32,
  parameter  int MaxKc      = 64,
  parameter  int RowVectors = 8,
  parameter  int WgtFifo    = 64,
  parameter  int IaramRows  = 1024,
  parameter  int CountWidth = 8,
  parameter  int MaxC       = 1024,
  parameter  int LaneDepth  = 3,
  parameter  int XbarGrants = 2,
  parameter  int LookAhead  = 1,
  parameter  int BankDepth  = 4,
  parameter  int BankMap    = 0,
  parameter  int Merge      = 1,
  localparam int Lanes      = F * I,
  localparam int MaxVec     = I > 2 ? 4 : 2,
  localparam int KWidth     = $clog2(MaxKc),
  localparam int LinWidth   = $clog2(Banks / 4 * Entries),
  localparam int BankWidth  = $clog2(Banks),
  localparam int EntryWidth = $clog2(Entries),
  localparam int AddrWidth  = `LAC_INDEX_BITS(IaramRows),
  localparam int WinWidth   = `LAC_INDEX_BITS(MaxC / 8),
  localparam int RowWidth   = WinWidth + RowVectors * (11 + F * (KWidth + LinWidth + 16)),
  localparam int EvWidth    = $clog2(F * I + 1),
  localparam int PsumWidth  = $clog2(Banks + 1)
) (
  input  logic                                      clk_i,
  input  logic                                      rst_ni,
  input  lac_mem_cfg_t                              mem_cfg_i,
  input  logic                                      clr_i,
  input  logic         [                       7:0] pe_i,
  // pass
  input  logic         [                       1:0] shape_i,
  input  logic         [                       2:0] kc_log_i,
  input  logic                                      merge_i,
  input  logic                                      empty_step_i,
  input  logic         [                LinWidth:0] limit_i,
  input  logic                                      start_i,
  // weights
  input  logic                                      row_take_i,
  input  logic         [              RowWidth-1:0] row_i,
  output logic                                      row_ready_o,
  // counts and activations
  output logic                                      cnt_rd_en_o,
  output logic         [              WinWidth-1:0] cnt_addr_o,
  input  logic         [AddrWidth+8*CountWidth-1:0] cnt_data_i,
  output logic                                      act_rd_en_o,
  output logic         [             AddrWidth-1:0] act_addr_o,
  input  logic         [                  I*20-1:0] act_data_i,
  // groups
  input  logic                                      go_i,
  input  logic                                      last_i,
  output logic                                      end_o,
  output logic                                      drained_o,
  // PPU
  input  logic                                      set_clr_i,
  input  logic                                      drain_valid_i,
  input  logic         [             BankWidth-1:0] drain_bank_i,
  input  logic         [            EntryWidth-1:0] drain_entry_i,
  output logic         [              AccWidth-1:0] drain_data_o,
  input  logic                                      add_valid_i,
  input  logic         [             BankWidth-1:0] add_bank_i,
  input  logic         [            EntryWidth-1:0] add_entry_i,
  input  logic         [              AccWidth-1:0] add_data_i,
  // events
  output logic         [               EvWidth-1:0] ev_useful_o,
  output logic         [               EvWidth-1:0] ev_padding_o,
  output logic         [               EvWidth-1:0] ev_empty_o,
  output logic         [               EvWidth-1:0] ev_bank_o,
  output logic         [               EvWidth-1:0] ev_sync_o,
  output logic         [               EvWidth-1:0] ev_merged_o,
  output logic         [             PsumWidth-1:0] ev_psum_o,
  output logic         [                       2:0] ev_fifo_rd_o,
  output logic         [                       3:0] ev_fifo_wr_o,
  output logic         [                       3:0] ev_skip_o,
  output logic                                      ev_act_rd_o,
  output logic                                      ev_step_o,
  // errors
  output logic                                      err_valid_o,
  output logic         [                       7:0] err_code_o,
  output logic         [                      31:0] err_pos_o
);

  `LAC_PARAM_RULE(lac_scnn_pe, F, 2, 16, (F & (F - 1)) == 0, "a power of two")
  `LAC_PARAM_RULE(lac_scnn_pe, I, 2, 16, (I & (I - 1)) == 0 && F * I <= 256,
                  "a power of two, F*I at most 256")
  `LAC_PARAM(lac_scnn_pe, AccWidth, 20, 40)
  `LAC_PARAM_RULE(lac_scnn_pe, Banks, 8, 512, (Banks & (Banks - 1)) == 0, "a power of two")
  `LAC_PARAM_RULE(lac_scnn_pe, Entries, 8, 256, (Entries & (Entries - 1)) == 0, "a power of two")
  `LAC_PARAM_RULE(lac_scnn_pe, MaxKc, 4, 64, (MaxKc & (MaxKc - 1)) == 0, "a power of two")
  `LAC_PARAM_RULE(lac_scnn_pe, RowVectors, MaxVec, 8, (RowVectors & (RowVectors - 1)) == 0,
                  "a power of two")
  `LAC_PARAM_RULE(lac_scnn_pe, WgtFifo, 2 * RowVectors, 256, WgtFifo % RowVectors == 0,
                  "a multiple of RowVectors")
  `LAC_PARAM(lac_scnn_pe, IaramRows, 8, 65536)
  `LAC_PARAM(lac_scnn_pe, CountWidth, 4, 12)
  `LAC_PARAM_RULE(lac_scnn_pe, MaxC, 8, 4096, MaxC % 8 == 0, "a multiple of 8")
  `LAC_PARAM(lac_scnn_pe, LaneDepth, 1, 8)
  `LAC_PARAM(lac_scnn_pe, XbarGrants, 1, 2)
  `LAC_PARAM_RULE(lac_scnn_pe, LookAhead, 1, 4, LookAhead <= LaneDepth, "at most LaneDepth")
  `LAC_PARAM_RULE(lac_scnn_pe, BankDepth, 1, 8, BankDepth >= XbarGrants, "at least XbarGrants")
  `LAC_PARAM(lac_scnn_pe, BankMap, 0, 2)
  `LAC_PARAM(lac_scnn_pe, Merge, 0, 1)

  // Inlined, 64 PEs are one function that a C++ compiler chews on for minutes.
  /* verilator no_inline_module */

  // Errors of the design's own; models/scnn.
  localparam logic [7:0] ErrActRange = 8'd35;

  localparam int LogI = $clog2(I);
  localparam int VecWidth = 1 + $clog2(F + 1) + F + F * (KWidth + LinWidth + 16);
  localparam int DescWidth = 2 + AddrWidth + CountWidth;
  localparam int LevelWidth = $clog2(WgtFifo + 1);
  localparam int ItemWidth = 3 + LogI + I * (1 + LinWidth + 16);
  localparam int RunsWidth = LogI + 4;
  localparam int MostWidth = LinWidth > RunsWidth ? LinWidth : RunsWidth;
  localparam int PosWidth = MostWidth + 2;

  // weights ---------------------------------------------------------------------------------------
  logic [RowVectors-1:0] vec_valid, desc_valid;
  logic [RowVectors*VecWidth-1:0] vec;
  logic [MaxVec*VecWidth-1:0] head;
  logic [RowVectors*DescWidth-1:0] descs;
  logic [LevelWidth-1:0] vec_level, desc_level;
  logic [3:0] skip;
  logic [2:0] adv;
  logic rewind, free;
  logic desc_there, desc_pop;
  logic [DescWidth-1:0] desc;

  lac_scnn_admit #(
    .F(F),
    .I(I),
    .KWidth(KWidth),
    .LinWidth(LinWidth),
    .RowVectors(RowVectors),
    .WgtFifo(WgtFifo),
    .IaramRows(IaramRows),
    .CountWidth(CountWidth),
    .MaxC(MaxC)
  ) u_admit (
    .clk_i,
    .rst_ni,
    .clr_i,
    .empty_step_i,
    .row_take_i,
    .row_i,
    .row_ready_o,
    .cnt_rd_en_o,
    .cnt_addr_o,
    .cnt_data_i,
    .vec_level_i (vec_level),
    .desc_level_i(desc_level),
    .vec_valid_o (vec_valid),
    .vec_o       (vec),
    .desc_valid_o(desc_valid),
    .desc_o      (descs),
    .ev_skip_o   (skip)
  );

  lac_scnn_wgt_fifo #(
    .Width(VecWidth),
    .DescWidth(DescWidth),
    .RowVectors(RowVectors),
    .Depth(WgtFifo),
    .MaxVec(MaxVec)
  ) u_fifo (
    .clk_i,
    .rst_ni,
    .clr_i,
    .vec_valid_i (vec_valid),
    .vec_i       (vec),
    .desc_valid_i(desc_valid),
    .desc_i      (descs),
    .head_o      (head),
    .adv_i       (adv),
    .rewind_i    (rewind),
    .free_i      (free),
    .level_o     (vec_level),
    .desc_valid_o(desc_there),
    .desc_o      (desc),
    .desc_pop_i  (desc_pop),
    .desc_level_o(desc_level)
  );

  // activations -----------------------------------------------------------------------------------
  logic item_valid, item_pop, over;
  logic [ItemWidth-1:0] item;
  logic [ PosWidth-1:0] over_pos;

  lac_scnn_act_read #(
    .I(I),
    .LinWidth(LinWidth),
    .IaramRows(IaramRows),
    .CountWidth(CountWidth)
  ) u_act (
    .clk_i,
    .rst_ni,
    .clr_i,
    .limit_i,
    .desc_valid_i(desc_there),
    .desc_i      (desc),
    .desc_pop_o  (desc_pop),
    .act_rd_en_o,
    .act_addr_o,
    .act_data_i,
    .row_valid_o (item_valid),
    .row_o       (item),
    .row_pop_i   (item_pop),
    .err_o       (over),
    .err_pos_o   (over_pos)
  );

  // steps, products -------------------------------------------------------------------------------
  logic par, mul_par, out_par, mul_old, merge_old, xbar_ready, hold, drained, old_q, set_q;
  logic step_valid, step_ready, mul_valid, mul_ready, out_valid, out_ready;
  logic product_ovf;
  logic [Lanes-1:0] step_lane, mul_lane, mul_gone, out_lane;
  logic [ Lanes*Lanes-1:0] mul_take;
  logic [Lanes*KWidth-1:0] step_k;
  logic [Lanes*LinWidth-1:0] step_off, step_pos;
  logic [Lanes*16-1:0] step_wgt, step_act;
  logic [Lanes*BankWidth-1:0] mul_bank, out_bank;
  logic [Lanes*EntryWidth-1:0] mul_entry, out_entry;
  logic [Lanes*32-1:0] product;
  logic [Lanes*AccWidth-1:0] out_data;
  logic [EvWidth-1:0] useful, present, present_q, bank_stall, sync, merged;
  logic taken, taken_q;
  logic [ BankWidth-1:0] ovf_bank;
  logic [EntryWidth-1:0] ovf_entry;

  lac_scnn_steps #(
    .F(F),
    .I(I),
    .KWidth(KWidth),
    .LinWidth(LinWidth)
  ) u_steps (
    .clk_i,
    .rst_ni,
    .clr_i,
    .shape_i,
    .go_i,
    .last_i,
    .end_o,
    .par_o       (par),
    .row_valid_i (item_valid),
    .row_i       (item),
    .row_pop_o   (item_pop),
    .head_i      (head),
    .adv_o       (adv),
    .rewind_o    (rewind),
    .free_o      (free),
    .step_valid_o(step_valid),
    .step_ready_i(step_ready),
    .lane_valid_o(step_lane),
    .lane_k_o    (step_k),
    .lane_off_o  (step_off),
    .lane_wgt_o  (step_wgt),
    .lane_pos_o  (step_pos),
    .lane_act_o  (step_act),
    .ev_useful_o (useful),
    .ev_present_o(present),
    .ev_taken_o  (taken),
    .ev_bank_o   (bank_stall),
    .ev_sync_o   (sync)
  );

  lac_scnn_mul #(
    .Lanes  (Lanes),
    .Banks  (Banks),
    .Entries(Entries),
    .MaxKc  (MaxKc),
    .BankMap(BankMap),
    .Merge  (Merge)
  ) u_mul (
    .clk_i,
    .rst_ni,
    .clr_i,
    .kc_log_i,
    .merge_i,
    .par_i           (par),
    .step_par_i      (par),
    .step_valid_i    (step_valid),
    .step_ready_o    (step_ready),
    .lane_valid_i    (step_lane),
    .lane_k_i        (step_k),
    .lane_off_i      (step_off),
    .lane_wgt_i      (step_wgt),
    .lane_pos_i      (step_pos),
    .lane_act_i      (step_act),
    .out_valid_o     (mul_valid),
    .out_ready_i     (mul_ready),
    .out_lane_valid_o(mul_lane),
    .out_gone_o      (mul_gone),
    .out_take_o      (mul_take),
    .out_bank_o      (mul_bank),
    .out_entry_o     (mul_entry),
    .out_product_o   (product),
    .out_par_o       (mul_par),
    .old_o           (mul_old)
  );

  lac_scnn_merge #(
    .Lanes(Lanes),
    .BankWidth(BankWidth),
    .EntryWidth(EntryWidth),
    .AccWidth(AccWidth),
    .Merge(Merge)
  ) u_merge (
    .clk_i,
    .rst_ni,
    .clr_i,
    .par_i           (par),
    .in_par_i        (mul_par),
    .in_valid_i      (mul_valid),
    .in_ready_o      (mul_ready),
    .in_lane_valid_i (mul_lane),
    .in_gone_i       (mul_gone),
    .in_take_i       (mul_take),
    .in_bank_i       (mul_bank),
    .in_entry_i      (mul_entry),
    .in_product_i    (product),
    .out_valid_o     (out_valid),
    .out_ready_i     (out_ready),
    .out_lane_valid_o(out_lane),
    .out_bank_o      (out_bank),
    .out_entry_o     (out_entry),
    .out_data_o      (out_data),
    .out_par_o       (out_par),
    .old_o           (merge_old),
    .ev_merged_o     (merged),
    .err_o           (product_ovf),
    .err_bank_o      (ovf_bank),
    .err_entry_o     (ovf_entry)
  );

  // accumulators ----------------------------------------------------------------------------------
  logic xbar_idle, sum_ovf;
  logic [Banks-1:0] bank_valid;
  logic [Banks*EntryWidth-1:0] bank_entry;
  logic [Banks*AccWidth-1:0] bank_data;
  logic [PsumWidth-1:0] psum;
  logic [BankWidth-1:0] sum_bank;
  logic [EntryWidth-1:0] sum_entry;

  lac_scnn_xbar #(
    .Lanes(Lanes),
    .Banks(Banks),
    .EntryWidth(EntryWidth),
    .DataWidth(AccWidth),
    .LaneDepth(LaneDepth),
    .XbarGrants(XbarGrants),
    .LookAhead(LookAhead),
    .BankDepth(BankDepth)
  ) u_xbar (
    .clk_i,
    .rst_ni,
    .clr_i,
    .start_i,
    .in_valid_i     (out_valid & ~hold),
    .in_ready_o     (xbar_ready),
    .in_lane_valid_i(out_lane),
    .in_bank_i      (out_bank),
    .in_entry_i     (out_entry),
    .in_data_i      (out_data),
    .bank_valid_o   (bank_valid),
    .bank_entry_o   (bank_entry),
    .bank_data_o    (bank_data),
    .idle_o         (xbar_idle)
  );

  lac_scnn_banks #(
    .Banks(Banks),
    .Entries(Entries),
    .AccWidth(AccWidth)
  ) u_banks (
    .clk_i,
    .rst_ni,
    .mem_cfg_i,
    .clr_i,
    .set_clr_i,
    .fill_i      (set_q),
    .bank_valid_i(bank_valid),
    .bank_entry_i(bank_entry),
    .bank_data_i (bank_data),
    .drain_valid_i,
    .drain_bank_i,
    .drain_entry_i,
    .drain_data_o,
    .add_valid_i,
    .add_bank_i,
    .add_entry_i,
    .add_data_i,
    .ev_psum_o   (psum),
    .err_o       (sum_ovf),
    .err_bank_o  (sum_bank),
    .err_entry_o (sum_entry)
  );

  // groups ----------------------------------------------------------------------------------------
  // Of the old group are the steps of the other parity, and what the crossbar has while old_q.
  assign hold = old_q & (out_par == par);
  assign out_ready = xbar_ready & ~hold;
  assign drained = old_q & ~mul_old & ~merge_old & xbar_idle;
  assign drained_o = ~old_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      old_q <= 1'b0;
      set_q <= 1'b0;
    end else if (clr_i) begin
      old_q <= 1'b0;
      set_q <= 1'b0;
    end else begin
      old_q <= go_i | (old_q & ~drained);
      set_q <= set_q ^ drained;
    end
  end

  // events ----------------------------------------------------------------------------------------
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      {ev_useful_o, present_q, taken_q, ev_bank_o, ev_sync_o, ev_merged_o} <= '0;
      {ev_psum_o, ev_fifo_rd_o, ev_fifo_wr_o, ev_skip_o, ev_act_rd_o, ev_step_o} <= '0;
    end else if (clr_i) begin
      {ev_useful_o, present_q, taken_q, ev_bank_o, ev_sync_o, ev_merged_o} <= '0;
      {ev_psum_o, ev_fifo_rd_o, ev_fifo_wr_o, ev_skip_o, ev_act_rd_o, ev_step_o} <= '0;
    end else begin
      ev_useful_o  <= useful;
      present_q    <= present;
      taken_q      <= taken;
      ev_bank_o    <= bank_stall;
      ev_sync_o    <= sync;
      ev_merged_o  <= merged;
      ev_psum_o    <= psum;
      ev_fifo_rd_o <= adv;
      ev_fifo_wr_o <= 4'($countones(vec_valid));
      ev_skip_o    <= skip;
      ev_act_rd_o  <= act_rd_en_o;
      ev_step_o    <= adv != '0 || bank_valid != '0;
    end
  end

  // Of the slots of a step, behind the registers: counting its lanes takes a cycle.
  assign ev_padding_o = present_q - ev_useful_o;
  assign ev_empty_o   = taken_q ? EvWidth'(Lanes) - present_q : '0;

  // errors ----------------------------------------------------------------------------------------
  logic [4:0] entry_bits;  // of an entry, that say where in the tile
  logic [KWidth-1:0] ovf_k;

  assign entry_bits = 5'(EntryWidth + 2) - 5'(kc_log_i);
  assign ovf_k = KWidth'({(32 - 2)'(32'(ovf_entry) >> entry_bits), ovf_bank[BankWidth-1-:2]});

  logic [23:0] acc_pos;
  assign acc_pos = product_ovf ? 24'(ovf_k) : 24'({sum_bank, sum_entry});

  logic unused_bank;
  assign unused_bank = ^ovf_bank;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) err_valid_o <= 1'b0;
    else if (clr_i) err_valid_o <= 1'b0;
    else err_valid_o <= err_valid_o | over | product_ovf | sum_ovf;
  end

  always_ff @(posedge clk_i) begin
    if (!err_valid_o) begin
      err_code_o <= over ? ErrActRange : 8'(ERR_ACC_OVERFLOW);
      err_pos_o[31:24] <= pe_i;
      err_pos_o[23:0] <= over ? 24'(over_pos) : acc_pos;
    end
  end

  `LAC_ASSERT(room, !row_take_i || row_ready_o, "a row without room")
  // verilog_format: off
  `LAC_ASSERT(all_slots, 32'(ev_useful_o) + 32'(ev_padding_o) + 32'(ev_empty_o) + 32'(ev_bank_o)
                         + 32'(ev_sync_o) <= 32'(Lanes), "more accounts than slots")
  // verilog_format: on
  `LAC_ASSERT(drained_first, !go_i || !old_q, "a group ends before the one before is drained")
  `LAC_ASSERT(nothing_old, !drained || bank_valid == '0, "drained with products on their way")
  `LAC_ASSERT(of_this_pe, !err_valid_o || err_pos_o[31:24] == pe_i, "an error of another PE")
  `LAC_ASSERT(waits_for_old, !hold || !(bank_valid == '0 && drained_o), "held for nothing")
  `LAC_ASSERT(go_at_end, !go_i || end_o, "a new group before the end of the one before")
  `LAC_COVER(cover_hold, out_valid && hold)
  `LAC_COVER(cover_drained_at_once, drained && !out_valid)
  `LAC_COVER(cover_last, go_i && last_i)

endmodule
