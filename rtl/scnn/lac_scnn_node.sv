// SPDX-License-Identifier: Apache-2.0
//
// Node of SCNN: a PE with its post-processing unit and its activation memories.
//
//   rows of weights -> lac_scnn_pe <-> lac_scnn_ppu <-> halo links
//                        | reads         | writes
//                      source  (lac_scnn_store)  destination -> results
//
// Ports and their rules: those of the three modules. Throughput: F*I multiplies per cycle.
// Events: one cycle behind what they count. Errors: the first of the PE, then of the PPU, kept
// until clr_i.
// Parameters: those of lac_scnn_pe and lac_scnn_ppu.
// Small: F 2, I 2, RowVectors 4, WgtFifo 16, IaramRows 64, MaxC 64.
// Model: models/scnn. Source: SCNN (ISCA 2017), figure 6.

`include "lac_assert.svh"

module lac_scnn_node
  import lac_pkg::*, lac_scnn_node_pkg::*;
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
  parameter  int CarryDepth = 2048,
  parameter  int LaneDepth  = 3,
  parameter  int XbarGrants = 2,
  parameter  int LookAhead  = 1,
  parameter  int BankDepth  = 4,
  parameter  int BankMap    = 0,
  parameter  int Merge      = 1,
  localparam int KWidth     = $clog2(MaxKc),
  localparam int LinWidth   = $clog2(Banks / 4 * Entries),
  localparam int BankWidth  = $clog2(Banks),
  localparam int EntryWidth = $clog2(Entries),
  localparam int AddrWidth  = `LAC_INDEX_BITS(IaramRows),
  localparam int WinWidth   = `LAC_INDEX_BITS(MaxC / 8),
  localparam int CarryWidth = `LAC_INDEX_BITS(CarryDepth),
  localparam int ShiftWidth = $clog2(AccWidth),
  localparam int RowWidth   = WinWidth + RowVectors * (11 + F * (KWidth + LinWidth + 16)),
  localparam int RowBits    = I * 20,
  localparam int CntBits    = AddrWidth + 1 + 8 * CountWidth,
  localparam int EvWidth    = $clog2(F * I + 1),
  localparam int PsumWidth  = $clog2(Banks + 1)
) (
  input logic clk_i,
  input logic rst_ni,
  input lac_mem_cfg_t mem_cfg_i,
  input logic clr_i,
  input logic [7:0] pe_i,  // constant
  input logic [3:0] side_i,  // constant: has a neighbour W, E, N, S
  input lac_scnn_node_cfg_t cfg_i,
  input lac_scnn_node_cmd_t cmd_i,
  // weights
  input logic [RowWidth-1:0] row_i,
  output logic row_ready_o,
  // groups
  output logic end_o,
  output logic drained_o,
  // classes of the position of the command, bias of its channel
  input logic [3:0] x_i,
  input logic [3:0] y_i,
  input logic [AccWidth-1:0] bias_i,
  // halo
  output logic [AccWidth-1:0] halo_o,
  input logic [4*AccWidth-1:0] halo_i,
  // loader
  input logic ld_row_wr_en_i,
  input logic [AddrWidth-1:0] ld_row_addr_i,
  input logic [RowBits-1:0] ld_row_data_i,
  input logic ld_cnt_wr_en_i,
  input logic [WinWidth-1:0] ld_cnt_addr_i,
  input logic [CntBits-1:0] ld_cnt_data_i,
  input logic ld_carry_wr_en_i,
  input logic [CarryWidth-1:0] ld_carry_addr_i,
  input logic [AccWidth-1:0] ld_carry_data_i,
  // results
  input logic out_row_rd_en_i,
  input logic [AddrWidth-1:0] out_row_addr_i,
  output logic [RowBits-1:0] out_row_data_o,
  input logic out_cnt_rd_en_i,
  input logic [WinWidth-1:0] out_cnt_addr_i,
  output logic [CntBits-1:0] out_cnt_data_o,
  input logic out_carry_rd_en_i,
  input logic [CarryWidth-1:0] out_carry_addr_i,
  output logic [AccWidth-1:0] out_carry_data_o,
  output logic [16:0] carried_o,
  output lac_scnn_node_events_t ev_o,
  output lac_scnn_node_err_t err_o
);
  /* verilator no_inline_module */

  logic src_cnt_rd_en, src_row_rd_en, dst_row_wr_en, dst_cnt_wr_en;
  logic [WinWidth-1:0] src_cnt_addr, dst_cnt_addr;
  logic [CntBits-1:0] src_cnt_data, dst_cnt_data;
  logic [AddrWidth-1:0] src_row_addr, dst_row_addr;
  logic [RowBits-1:0] src_row_data, dst_row_data;
  logic drain_valid, add_valid, halo, pe_err, ppu_err;
  logic [1:0] carry;
  logic [EvWidth-1:0] useful, padding, empty, bank, sync, merged;
  logic [PsumWidth-1:0] psum;
  logic [AccWidth-1:0] drain_data, add_data;
  logic [7:0] pe_code, ppu_code;
  logic [31:0] pe_pos, ppu_pos;

  // The row of a window that begins behind a full memory is none: the computing side needs no more
  // bits. Of numbers in the structs a build uses some.
  logic unused_bits;
  assign unused_bits = ^{src_cnt_data[CntBits-1], cfg_i, cmd_i};

  lac_scnn_pe #(
    .F(F),
    .I(I),
    .AccWidth(AccWidth),
    .Banks(Banks),
    .Entries(Entries),
    .MaxKc(MaxKc),
    .RowVectors(RowVectors),
    .WgtFifo(WgtFifo),
    .IaramRows(IaramRows),
    .CountWidth(CountWidth),
    .MaxC(MaxC),
    .LaneDepth(LaneDepth),
    .XbarGrants(XbarGrants),
    .LookAhead(LookAhead),
    .BankDepth(BankDepth),
    .BankMap(BankMap),
    .Merge(Merge)
  ) u_pe (
    .clk_i,
    .rst_ni,
    .mem_cfg_i,
    .clr_i,
    .pe_i,
    .shape_i      (cfg_i.shape),
    .kc_log_i     (cfg_i.kc_log),
    .merge_i      (cfg_i.merge),
    .empty_step_i (cfg_i.empty_step),
    .limit_i      ((LinWidth + 1)'(cfg_i.limit)),
    .start_i      (cmd_i.start),
    .row_take_i   (cmd_i.row_take),
    .row_i,
    .row_ready_o,
    .cnt_rd_en_o  (src_cnt_rd_en),
    .cnt_addr_o   (src_cnt_addr),
    .cnt_data_i   (src_cnt_data[CntBits-2:0]),
    .act_rd_en_o  (src_row_rd_en),
    .act_addr_o   (src_row_addr),
    .act_data_i   (src_row_data),
    .go_i         (cmd_i.go),
    .last_i       (cmd_i.last),
    .end_o,
    .drained_o,
    .set_clr_i    (cmd_i.set_clr),
    .drain_valid_i(drain_valid),
    .drain_bank_i (BankWidth'(cmd_i.bank)),
    .drain_entry_i(EntryWidth'(cmd_i.entry)),
    .drain_data_o (drain_data),
    .add_valid_i  (add_valid),
    .add_bank_i   (BankWidth'(cmd_i.add_bank)),
    .add_entry_i  (EntryWidth'(cmd_i.add_entry)),
    .add_data_i   (add_data),
    .ev_useful_o  (useful),
    .ev_padding_o (padding),
    .ev_empty_o   (empty),
    .ev_bank_o    (bank),
    .ev_sync_o    (sync),
    .ev_merged_o  (merged),
    .ev_psum_o    (psum),
    .ev_fifo_rd_o (ev_o.fifo_rd),
    .ev_fifo_wr_o (ev_o.fifo_wr),
    .ev_skip_o    (ev_o.skip),
    .ev_act_rd_o  (ev_o.act_rd),
    .ev_step_o    (ev_o.step),
    .err_valid_o  (pe_err),
    .err_code_o   (pe_code),
    .err_pos_o    (pe_pos)
  );

  lac_scnn_ppu #(
    .I(I),
    .AccWidth(AccWidth),
    .MaxKc(MaxKc),
    .IaramRows(IaramRows),
    .CountWidth(CountWidth),
    .MaxC(MaxC),
    .CarryDepth(CarryDepth)
  ) u_ppu (
    .clk_i,
    .rst_ni,
    .mem_cfg_i,
    .clr_i,
    .pe_i,
    .side_i,
    .start_i        (cmd_i.start),
    .keep_i         (cfg_i.keep),
    .end_i          (cmd_i.close),
    .shift_i        (ShiftWidth'(cfg_i.shift)),
    .relu_i         (cfg_i.relu),
    .gap_i          (cfg_i.gap),
    .cout_base_i    (CarryWidth'(cfg_i.cout_base)),
    .op_i           (cmd_i.op),
    .k_i            (KWidth'(cmd_i.k)),
    .x_i,
    .y_i,
    .bias_i,
    .drain_valid_o  (drain_valid),
    .drain_data_i   (drain_data),
    .add_valid_o    (add_valid),
    .add_data_o     (add_data),
    .halo_o,
    .halo_i,
    .row_wr_en_o    (dst_row_wr_en),
    .row_addr_o     (dst_row_addr),
    .row_data_o     (dst_row_data),
    .cnt_wr_en_o    (dst_cnt_wr_en),
    .cnt_addr_o     (dst_cnt_addr),
    .cnt_data_o     (dst_cnt_data),
    .wr_carry_i     (ld_carry_wr_en_i),
    .wr_carry_addr_i(ld_carry_addr_i),
    .wr_carry_data_i(ld_carry_data_i),
    .out_rd_en_i    (out_carry_rd_en_i),
    .out_addr_i     (out_carry_addr_i),
    .out_data_o     (out_carry_data_o),
    .carried_o,
    .ev_halo_o      (halo),
    .ev_carry_o     (carry),
    .err_valid_o    (ppu_err),
    .err_code_o     (ppu_code),
    .err_pos_o      (ppu_pos)
  );

  lac_scnn_store #(
    .I(I),
    .IaramRows(IaramRows),
    .CountWidth(CountWidth),
    .MaxC(MaxC)
  ) u_store (
    .clk_i,
    .rst_ni,
    .mem_cfg_i,
    .swap_i(cmd_i.swap),
    .ld_row_wr_en_i,
    .ld_row_addr_i,
    .ld_row_data_i,
    .ld_cnt_wr_en_i,
    .ld_cnt_addr_i,
    .ld_cnt_data_i,
    .src_row_rd_en_i(src_row_rd_en),
    .src_row_addr_i(src_row_addr),
    .src_row_data_o(src_row_data),
    .src_cnt_rd_en_i(src_cnt_rd_en),
    .src_cnt_addr_i(src_cnt_addr),
    .src_cnt_data_o(src_cnt_data),
    .dst_row_wr_en_i(dst_row_wr_en),
    .dst_row_addr_i(dst_row_addr),
    .dst_row_data_i(dst_row_data),
    .dst_cnt_wr_en_i(dst_cnt_wr_en),
    .dst_cnt_addr_i(dst_cnt_addr),
    .dst_cnt_data_i(dst_cnt_data),
    .out_row_rd_en_i,
    .out_row_addr_i,
    .out_row_data_o,
    .out_cnt_rd_en_i,
    .out_cnt_addr_i,
    .out_cnt_data_o
  );

  logic act_wr_q, idx_wr_q, halo_q;
  logic [1:0] carry_q;
  always_ff @(posedge clk_i) begin
    act_wr_q <= dst_row_wr_en;
    idx_wr_q <= dst_cnt_wr_en;
    halo_q   <= halo;
    carry_q  <= carry;
  end

  assign ev_o.useful  = 9'(useful);
  assign ev_o.padding = 9'(padding);
  assign ev_o.empty   = 9'(empty);
  assign ev_o.bank    = 9'(bank);
  assign ev_o.sync    = 9'(sync);
  assign ev_o.merged  = 9'(merged);
  assign ev_o.psum    = 10'(psum);
  assign ev_o.act_wr  = act_wr_q;
  assign ev_o.idx_wr  = idx_wr_q;
  assign ev_o.halo    = halo_q;
  assign ev_o.carry   = carry_q;

  assign err_o.valid  = pe_err | ppu_err;
  assign err_o.code   = pe_err ? pe_code : ppu_code;
  assign err_o.pos    = pe_err ? pe_pos : ppu_pos;

  `LAC_ASSERT(banks_apart, !drain_valid || !add_valid || cmd_i.bank != cmd_i.add_bank,
              "a bank is read and added to at once")
  `LAC_ASSERT(clear_alone, !cmd_i.set_clr || (!drain_valid && !add_valid),
              "a set is cleared in use")
  `LAC_ASSERT(row_writer, !ld_row_wr_en_i || !dst_row_wr_en, "two rows are written at once")
  `LAC_ASSERT(cnt_writer, !ld_cnt_wr_en_i || !dst_cnt_wr_en, "two counts are written at once")
  `LAC_ASSERT(carry_user, !ld_carry_wr_en_i || carry == '0, "carry is loaded while it is used")
  `LAC_ASSERT(load_idle, !ld_row_wr_en_i || !src_row_rd_en, "rows are loaded while they are read")
  `LAC_ASSERT(out_idle, !out_row_rd_en_i || !dst_row_wr_en, "results leave while they are written")

endmodule
