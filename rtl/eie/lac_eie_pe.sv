// SPDX-License-Identifier: Apache-2.0
//
// One processing element: every row i of the layer with i mod NumPe = pe_idx_i.
//
//   broadcast -> queue -> pointer read -> sparse-matrix read -> arithmetic -> activation read/write
//
// Streams: bcast (push when every queue is ready). Throughput: one entry per cycle.
// Latency: broadcast to accumulator 10 cycles when idle (queue 1, pointers 2, weights 3, sum 4).
// Errors stay raised until clr_i. Source: EIE (ISCA 2016), figure 4(b).
// Parameters:
//   NumPe         1..256, a power of two
//   ActWidth      8..16, 8 or 16
//   WgtWidth      2..16
//   AccWidth      ActWidth + WgtWidth - 1..48
//   CodeWidth     1..8
//   IdxWidth      1..8
//   QueueDepth    1..65535
//   DescDepth     1..65535
//   SpmatWidth    2 * (CodeWidth + IdxWidth)..128 * (CodeWidth + IdxWidth), a power of two of entries
//   SpmatDepth    1..16777215
//   PtrDepth      2..16777216, even
//   PtrWidth      1..32
//   ActRegs       1..4096
//   ActDepth      1..16777216
//   BiasDepth     1..65535
//   BiasWidth     2..32, at most AccWidth
//   NumCodebooks  1..16
//   LenWidth      1..31
//   SrcAddrWidth  1..24, enough for ActDepth and ActRegs
//   FileMem       0..1
//   BusWidth      64..2048, a multiple of 64, at least SpmatWidth

`include "lac_assert.svh"

module lac_eie_pe
  import lac_pkg::*;
#(
  parameter  int NumPe         = 64,
  parameter  int ActWidth      = 16,
  parameter  int WgtWidth      = 16,
  parameter  int AccWidth      = 32,
  parameter  int CodeWidth     = 4,
  parameter  int IdxWidth      = 4,
  parameter  int QueueDepth    = 8,
  parameter  int DescDepth     = 2,
  parameter  int SpmatWidth    = 64,
  parameter  int SpmatDepth    = 16384,
  parameter  int PtrDepth      = 16384,
  parameter  int PtrWidth      = 18,
  parameter  int ActRegs       = 64,
  parameter  int ActDepth      = 1024,
  parameter  int BiasDepth     = 256,
  parameter  int BiasWidth     = 32,
  parameter  int NumCodebooks  = 4,
  parameter  int LenWidth      = 17,
  parameter  int SrcAddrWidth  = 10,
  parameter  int FileMem       = 0,
  parameter  int BusWidth      = 64,
  localparam int PtrAddrWidth  = $clog2(PtrDepth),
  localparam int BookWidth     = `LAC_INDEX_BITS(NumCodebooks),
  localparam int ShiftWidth    = $clog2(AccWidth),
  localparam int RegWidth      = `LAC_INDEX_BITS(ActRegs),
  localparam int ActAddrWidth  = `LAC_INDEX_BITS(ActDepth),
  localparam int BiasAddrWidth = `LAC_INDEX_BITS(BiasDepth)
) (
  input logic clk_i,
  input logic rst_ni,
  input lac_mem_cfg_t mem_cfg_i,
  input logic clr_i,
  input logic [7:0] pe_idx_i,  // constant; a port, so that all PEs are one module
  // pass
  input logic [31:0] out_len_i,
  input logic [PtrAddrWidth-1:0] ptr_base_i,
  input logic [BookWidth-1:0] book_i,
  input logic [ShiftWidth-1:0] shift_i,
  input logic relu_i,
  input logic skip_empty_i,
  input logic fuse_pad_i,
  input logic clear_i,
  input logic swap_i,
  input logic bias_rd_en_i,
  input logic [BiasAddrWidth-1:0] bias_rd_addr_i,
  input logic [RegWidth-1:0] bias_reg_i,
  // write bus
  input logic wr_book_i,
  input logic wr_ptr_i,
  input logic wr_spmat_i,
  input logic wr_bias_i,
  input logic [11:0] wr_pe_i,
  input logic [23:0] wr_addr_i,
  input logic [3:0] wr_sel_i,
  input logic [BusWidth-1:0] wr_data_i,
  input logic act_wr_en_i,
  input logic [ActAddrWidth-1:0] act_wr_addr_i,
  input logic [ActWidth-1:0] act_wr_data_i,
  // scan and result rows
  input logic src_rd_en_i,
  input logic src_file_i,
  input logic src_dst_i,
  input logic [SrcAddrWidth-1:0] src_rd_addr_i,
  input logic word_load_i,
  output logic word_nz_o,
  input logic scan_load_i,
  output logic [ActWidth-1:0] scan_o,
  // broadcast
  input logic bcast_push_i,
  output logic queue_ready_o,
  input logic [ActWidth-1:0] bcast_act_i,
  input logic [LenWidth-1:0] bcast_col_i,
  // state, events, errors
  output logic idle_o,
  output logic ev_mac_o,
  output logic ev_zero_o,
  output logic ev_empty_o,
  output logic ev_bypass_o,
  output logic ev_ptr_o,
  output logic ev_spmat_o,
  output logic ev_acc_wr_o,
  output logic err_valid_o,
  output logic [7:0] err_code_o,
  output logic [31:0] err_pos_o
);

  `LAC_PARAM_RULE(lac_eie_pe, NumPe, 1, 256, (NumPe & (NumPe - 1)) == 0, "a power of two")
  `LAC_PARAM_RULE(lac_eie_pe, ActWidth, 8, 16, ActWidth == 8 || ActWidth == 16, "8 or 16")
  `LAC_PARAM(lac_eie_pe, WgtWidth, 2, 16)
  `LAC_PARAM(lac_eie_pe, AccWidth, ActWidth + WgtWidth - 1, 48)
  `LAC_PARAM(lac_eie_pe, CodeWidth, 1, 8)
  `LAC_PARAM(lac_eie_pe, IdxWidth, 1, 8)
  `LAC_PARAM(lac_eie_pe, QueueDepth, 1, 65535)
  `LAC_PARAM(lac_eie_pe, DescDepth, 1, 65535)
  `LAC_PARAM_RULE(lac_eie_pe, SpmatWidth, 2 * (CodeWidth + IdxWidth), 128 * (CodeWidth + IdxWidth),
                  SpmatWidth == (CodeWidth + IdxWidth) << $clog2
                  (SpmatWidth / (CodeWidth + IdxWidth)), "a power of two of entries")
  `LAC_PARAM(lac_eie_pe, SpmatDepth, 1, 16777215)
  `LAC_PARAM_RULE(lac_eie_pe, PtrDepth, 2, 16777216, PtrDepth % 2 == 0, "even")
  `LAC_PARAM(lac_eie_pe, PtrWidth, 1, 32)
  `LAC_PARAM(lac_eie_pe, ActRegs, 1, 4096)
  `LAC_PARAM(lac_eie_pe, ActDepth, 1, 16777216)
  `LAC_PARAM(lac_eie_pe, BiasDepth, 1, 65535)
  `LAC_PARAM_RULE(lac_eie_pe, BiasWidth, 2, 32, BiasWidth <= AccWidth, "at most AccWidth")
  `LAC_PARAM(lac_eie_pe, NumCodebooks, 1, 16)
  `LAC_PARAM(lac_eie_pe, LenWidth, 1, 31)
  `LAC_PARAM_RULE(lac_eie_pe, SrcAddrWidth, 1, 24,
                  (1 << SrcAddrWidth) >= ActDepth && (1 << SrcAddrWidth) >= ActRegs,
                  "enough for ActDepth and ActRegs")
  `LAC_PARAM(lac_eie_pe, FileMem, 0, 1)
  `LAC_PARAM_RULE(lac_eie_pe, BusWidth, 64, 2048, BusWidth >= SpmatWidth && BusWidth % 64 == 0,
                  "a multiple of 64, at least SpmatWidth")

  // Inlined, 64 PEs are one function that a C++ compiler chews on for minutes.
  /* verilator no_inline_module */

  localparam int StepWidth = $clog2(ActRegs) + 2;  // holds ActRegs with room to saturate
  localparam int QueueWidth = $clog2(QueueDepth + 1);

  logic mine;
  logic q_valid, q_ready, d_valid, d_ready, e_valid, e_first;
  logic [ActWidth-1:0] q_act, d_act, e_act, word;
  logic [LenWidth-1:0] q_col, err_col;
  logic [PtrWidth-1:0] d_start, d_end;
  logic [CodeWidth-1:0] e_code;
  logic [StepWidth-1:0] e_step, num_rows_q, err_addr;
  logic ptr_idle, spmat_idle, arith_idle, ev_empty;
  logic err_order, err_range, err_row, err_ovf;
  logic [QueueWidth-1:0] queue_level;
  logic [RegWidth-1:0] acc_rd_addr, acc_wr_addr;
  logic [AccWidth-1:0] acc_rd_data, acc_wr_data;
  logic acc_rd_en, acc_wr_en;

  // The bus is as wide as the deepest memory needs; the queue level is there for waves and traces.
  logic unused_bits;
  assign unused_bits = ^{wr_addr_i, wr_sel_i, wr_data_i, queue_level};

  assign mine = wr_pe_i == 12'(pe_idx_i);
  // Rows of this slice: positions pe_idx_i, pe_idx_i + NumPe, ... below OUT_LEN.
  always_ff @(posedge clk_i)
    num_rows_q <= StepWidth'((out_len_i + 32'(NumPe - 1) - 32'(pe_idx_i)) / 32'(NumPe));

  lac_fifo #(
    .Width(ActWidth + LenWidth),
    .Depth(QueueDepth)
  ) u_queue (
    .clk_i      (clk_i),
    .rst_ni     (rst_ni),
    .clr_i      (clr_i),
    .in_valid_i (bcast_push_i),
    .in_ready_o (queue_ready_o),
    .in_data_i  ({bcast_col_i, bcast_act_i}),
    .out_valid_o(q_valid),
    .out_ready_i(q_ready),
    .out_data_o ({q_col, q_act}),
    .level_o    (queue_level)
  );

  lac_eie_ptr_read #(
    .ActWidth  (ActWidth),
    .ColWidth  (LenWidth),
    .PtrWidth  (PtrWidth),
    .PtrDepth  (PtrDepth),
    .NumEntries(SpmatDepth * (SpmatWidth / (CodeWidth + IdxWidth))),
    .DescDepth (DescDepth)
  ) u_ptr (
    .clk_i       (clk_i),
    .rst_ni      (rst_ni),
    .mem_cfg_i   (mem_cfg_i),
    .clr_i       (clr_i),
    .ptr_base_i  (ptr_base_i),
    .skip_empty_i(skip_empty_i),
    .wr_en_i     (wr_ptr_i & mine),
    .wr_addr_i   (wr_addr_i[(PtrDepth>2?$clog2(PtrDepth)-1 : 1)-1:0]),
    .wr_data_i   ({wr_data_i[32+:PtrWidth], wr_data_i[0+:PtrWidth]}),
    .in_valid_i  (q_valid),
    .in_ready_o  (q_ready),
    .in_act_i    (q_act),
    .in_col_i    (q_col),
    .out_valid_o (d_valid),
    .out_ready_i (d_ready),
    .out_act_o   (d_act),
    .out_start_o (d_start),
    .out_end_o   (d_end),
    .idle_o      (ptr_idle),
    .err_order_o (err_order),
    .err_range_o (err_range),
    .err_col_o   (err_col)
  );

  lac_eie_spmat_read #(
    .ActWidth  (ActWidth),
    .CodeWidth (CodeWidth),
    .IdxWidth  (IdxWidth),
    .PtrWidth  (PtrWidth),
    .SpmatWidth(SpmatWidth),
    .SpmatDepth(SpmatDepth),
    .StepWidth (StepWidth)
  ) u_spmat (
    .clk_i      (clk_i),
    .rst_ni     (rst_ni),
    .mem_cfg_i  (mem_cfg_i),
    .clr_i      (clr_i),
    .fuse_pad_i (fuse_pad_i),
    .wr_en_i    (wr_spmat_i & mine),
    .wr_addr_i  (wr_addr_i[`LAC_INDEX_BITS(SpmatDepth)-1:0]),
    .wr_data_i  (wr_data_i[SpmatWidth-1:0]),
    .in_valid_i (d_valid),
    .in_ready_o (d_ready),
    .in_act_i   (d_act),
    .in_start_i (d_start),
    .in_end_i   (d_end),
    .ent_valid_o(e_valid),
    .ent_act_o  (e_act),
    .ent_code_o (e_code),
    .ent_step_o (e_step),
    .ent_first_o(e_first),
    .idle_o     (spmat_idle),
    .ev_read_o  (ev_spmat_o),
    .ev_empty_o (ev_empty)
  );

  lac_eie_arith #(
    .ActWidth(ActWidth),
    .WgtWidth(WgtWidth),
    .AccWidth(AccWidth),
    .CodeWidth(CodeWidth),
    .StepWidth(StepWidth),
    .ActRegs(ActRegs),
    .NumCodebooks(NumCodebooks)
  ) u_arith (
    .clk_i(clk_i),
    .rst_ni(rst_ni),
    .clr_i(clr_i),
    .num_rows_i(num_rows_q),
    .book_i(book_i),
    .wr_en_i(wr_book_i),
    .wr_book_i(BookWidth'(wr_sel_i)),
    .wr_group_i(CodeWidth'(wr_addr_i)),
    .wr_data_i({
      wr_data_i[48+:WgtWidth],
      wr_data_i[32+:WgtWidth],
      wr_data_i[16+:WgtWidth],
      wr_data_i[0+:WgtWidth]
    }),
    .ent_valid_i(e_valid),
    .ent_act_i(e_act),
    .ent_code_i(e_code),
    .ent_step_i(e_step),
    .ent_first_i(e_first),
    .acc_rd_en_o(acc_rd_en),
    .acc_rd_addr_o(acc_rd_addr),
    .acc_rd_data_i(acc_rd_data),
    .acc_wr_en_o(acc_wr_en),
    .acc_wr_addr_o(acc_wr_addr),
    .acc_wr_data_o(acc_wr_data),
    .idle_o(arith_idle),
    .ev_mac_o(ev_mac_o),
    .ev_zero_o(ev_zero_o),
    .ev_bypass_o(ev_bypass_o),
    .err_row_o(err_row),
    .err_ovf_o(err_ovf),
    .err_addr_o(err_addr)
  );

  lac_eie_act_rw #(
    .ActWidth(ActWidth),
    .AccWidth(AccWidth),
    .ActRegs(ActRegs),
    .ActDepth(ActDepth),
    .BiasDepth(BiasDepth),
    .BiasWidth(BiasWidth),
    .SrcAddrWidth(SrcAddrWidth),
    .FileMem(FileMem)
  ) u_act_rw (
    .clk_i         (clk_i),
    .rst_ni        (rst_ni),
    .mem_cfg_i     (mem_cfg_i),
    .clear_i       (clear_i),
    .swap_i        (swap_i),
    .shift_i       (shift_i),
    .relu_i        (relu_i),
    .bias_rd_en_i  (bias_rd_en_i),
    .bias_rd_addr_i(bias_rd_addr_i),
    .bias_reg_i    (bias_reg_i),
    .bias_wr_en_i  (wr_bias_i & mine),
    .bias_wr_addr_i(wr_addr_i[BiasAddrWidth-1:0]),
    .bias_wr_data_i(wr_data_i[BiasWidth-1:0]),
    .acc_rd_en_i   (acc_rd_en),
    .acc_rd_addr_i (acc_rd_addr),
    .acc_rd_data_o (acc_rd_data),
    .acc_wr_en_i   (acc_wr_en),
    .acc_wr_addr_i (acc_wr_addr),
    .acc_wr_data_i (acc_wr_data),
    .act_wr_en_i   (act_wr_en_i),
    .act_wr_addr_i (act_wr_addr_i),
    .act_wr_data_i (act_wr_data_i),
    .src_rd_en_i   (src_rd_en_i),
    .src_file_i    (src_file_i),
    .src_dst_i     (src_dst_i),
    .src_rd_addr_i (src_rd_addr_i),
    .word_load_i   (word_load_i),
    .word_o        (word),
    .scan_load_i   (scan_load_i),
    .scan_o        (scan_o)
  );

  assign word_nz_o   = |word;
  assign idle_o      = ~q_valid & ptr_idle & spmat_idle & arith_idle & ~ev_empty_o;
  assign ev_ptr_o    = q_valid & q_ready;
  assign ev_acc_wr_o = acc_wr_en;

  // Empty slots are counted with the entries that left the entry register beside them.
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) ev_empty_o <= 1'b0;
    else ev_empty_o <= ev_empty;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) err_valid_o <= 1'b0;
    else if (clr_i) err_valid_o <= 1'b0;
    else err_valid_o <= err_valid_o | err_ovf | err_row | err_order | err_range;
  end

  always_ff @(posedge clk_i) begin
    if (!err_valid_o) begin
      if (err_ovf) begin
        err_code_o <= 8'(ERR_ACC_OVERFLOW);
        err_pos_o  <= {pe_idx_i, 24'(err_addr)};
      end else if (err_row) begin
        err_code_o <= 8'(ERR_ROW_RANGE);
        err_pos_o  <= {pe_idx_i, 24'(err_addr)};
      end else begin
        err_code_o <= err_order ? 8'(ERR_POINTER_ORDER) : 8'(ERR_POINTER_RANGE);
        err_pos_o  <= {pe_idx_i, 24'(err_col)};
      end
    end
  end

  `LAC_STREAM_CLR(bcast_push_i, queue_ready_o, {bcast_col_i, bcast_act_i}, clr_i)
  `LAC_ASSERT(act_one_port, !(act_wr_en_i && src_rd_en_i && !src_file_i),
              "activations are loaded while they are read")
  `LAC_ASSERT(idle_quiet, !idle_o || !(e_valid || acc_wr_en || err_order || err_range),
              "idle with work in the pipeline")
  `LAC_ASSERT(one_slot, 32'(ev_mac_o) + 32'(ev_zero_o) + 32'(ev_empty_o) <= 32'd1,
              "a slot with two accounts")
  `LAC_ASSERT(err_stays, !$past(err_valid_o) || $past(clr_i) || (err_valid_o && $stable(err_code_o)
              && $stable(err_pos_o)), "the first error is overwritten")

endmodule
