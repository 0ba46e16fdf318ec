// SPDX-License-Identifier: Apache-2.0
//
// Core of EIE: its loaders, control, processing elements and results, for lac_socket.
//
//   wgt_i -> weight loader ------\
//   act_i -> activation loader ---> NumPe x PE --> rows of results -> result_o
//             central control (LNZD tree, broadcast) <-/   pass_i, core_o <--> control
//
// Formats, registers and parameters: README.md beside this file; what a core does: docs/socket.md,
// "Inside". Throughput: one entry per PE and cycle. Latency: check in the cycle of its start.
// Parameters:
//   NumPe         1..256, a power of two
//   DataWidth     64
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
//   ActDepth      1..16777216, at most 1073741824 / NumPe
//   BiasDepth     1..65535
//   BiasWidth     2..32, at most AccWidth
//   NumCodebooks  1..16
//   FileMem       0..1
// Small: NumPe 4.
// Source: EIE (Han et al., ISCA 2016). Model: models/eie.

`include "lac_assert.svh"

module lac_eie_core
  import lac_pkg::*, lac_socket_pkg::*, lac_eie_cfg_pkg::*;
#(
  parameter int NumPe        = 64,
  parameter int DataWidth    = 64,
  parameter int ActWidth     = 16,
  parameter int WgtWidth     = 16,
  parameter int AccWidth     = 32,
  parameter int CodeWidth    = 4,
  parameter int IdxWidth     = 4,
  parameter int QueueDepth   = 8,
  parameter int DescDepth    = 2,
  parameter int SpmatWidth   = 64,
  parameter int SpmatDepth   = 16384,
  parameter int PtrDepth     = 16384,
  parameter int PtrWidth     = 18,
  parameter int ActRegs      = 64,
  parameter int ActDepth     = 1024,
  parameter int BiasDepth    = 256,
  parameter int BiasWidth    = 32,
  parameter int NumCodebooks = 4,
  parameter int FileMem      = 0
) (
  input  logic                          clk_i,
  input  logic                          rst_ni,
  input  lac_mem_cfg_t                  mem_cfg_i,
  output logic         [NUM_CAP*32-1:0] cap_o,
  input  lac_eie_cfg_t                  cfg_i,
  input  lac_pass_t                     pass_i,
  output lac_core_t                     core_o,
  input  lac_word_t                     wgt_i,
  output logic                          wgt_ready_o,
  input  lac_word_t                     act_i,
  output logic                          act_ready_o,
  output lac_result_t                   result_o,
  input  logic                          result_ready_i,
  output lac_events_t                   events_o
);

  `LAC_PARAM_RULE(lac_eie_core, NumPe, 1, 256, (NumPe & (NumPe - 1)) == 0, "a power of two")
  `LAC_PARAM(lac_eie_core, DataWidth, 64, 64)
  `LAC_PARAM_RULE(lac_eie_core, ActWidth, 8, 16, ActWidth == 8 || ActWidth == 16, "8 or 16")
  `LAC_PARAM(lac_eie_core, WgtWidth, 2, 16)
  `LAC_PARAM(lac_eie_core, AccWidth, ActWidth + WgtWidth - 1, 48)
  `LAC_PARAM(lac_eie_core, CodeWidth, 1, 8)
  `LAC_PARAM(lac_eie_core, IdxWidth, 1, 8)
  `LAC_PARAM(lac_eie_core, QueueDepth, 1, 65535)
  `LAC_PARAM(lac_eie_core, DescDepth, 1, 65535)
  `LAC_PARAM_RULE(lac_eie_core, SpmatWidth, 2 * (CodeWidth + IdxWidth),
                  128 * (CodeWidth + IdxWidth), SpmatWidth == (CodeWidth + IdxWidth) << $clog2
                  (SpmatWidth / (CodeWidth + IdxWidth)), "a power of two of entries")
  `LAC_PARAM(lac_eie_core, SpmatDepth, 1, 16777215)
  `LAC_PARAM_RULE(lac_eie_core, PtrDepth, 2, 16777216, PtrDepth % 2 == 0, "even")
  `LAC_PARAM(lac_eie_core, PtrWidth, 1, 32)
  `LAC_PARAM(lac_eie_core, ActRegs, 1, 4096)
  `LAC_PARAM_RULE(lac_eie_core, ActDepth, 1, 16777216, ActDepth <= 1073741824 / NumPe,
                  "at most 1073741824 / NumPe")
  `LAC_PARAM(lac_eie_core, BiasDepth, 1, 65535)
  `LAC_PARAM_RULE(lac_eie_core, BiasWidth, 2, 32, BiasWidth <= AccWidth, "at most AccWidth")
  `LAC_PARAM(lac_eie_core, NumCodebooks, 1, 16)
  `LAC_PARAM(lac_eie_core, FileMem, 0, 1)

  localparam int MaxRows = ActDepth > ActRegs ? ActDepth : ActRegs;
  localparam int SrcAddrWidth = `LAC_INDEX_BITS(MaxRows);
  localparam int LenWidth = $clog2(MaxRows * NumPe + 1);
  localparam int NumLanes = DataWidth / ActWidth;
  localparam int NumActive = NumPe < NumLanes ? NumPe : NumLanes;
  localparam int NumWords = (SpmatWidth + DataWidth - 1) / DataWidth;
  localparam int BusWidth = NumWords * DataWidth;
  localparam int PtrAddrWidth = $clog2(PtrDepth);
  localparam int BookWidth = `LAC_INDEX_BITS(NumCodebooks);
  localparam int ShiftWidth = $clog2(AccWidth);
  localparam int RegWidth = `LAC_INDEX_BITS(ActRegs);
  localparam int ActAddrWidth = `LAC_INDEX_BITS(ActDepth);
  localparam int BiasAddrWidth = `LAC_INDEX_BITS(BiasDepth);

  // fields -----------------------------------------------------------------------------------
  lac_eie_mode_t mode;
  lac_eie_cap_t  cap;
  logic [31:0] in_len, out_len;
  logic [31:0] ptr_base, act_base, book, shift;  // checked: their low bits say it all

  assign cap.acc_width       = 8'(AccWidth);
  assign cap.ptr_width       = 8'(PtrWidth);
  assign cap.idx_width       = 4'(IdxWidth);
  assign cap.code_width      = 4'(CodeWidth);
  assign cap.act_width       = 8'(ActWidth);
  assign cap.num_codebooks   = 16'(NumCodebooks);
  assign cap.bias_depth      = 16'(BiasDepth);
  assign cap.entries_per_row = 8'(SpmatWidth / (CodeWidth + IdxWidth));
  assign cap.spmat_depth     = 24'(SpmatDepth);
  assign cap.ptr_depth       = 32'(PtrDepth);
  assign cap.act_depth       = 32'(ActDepth);
  assign cap.act_regs        = 32'(ActRegs);
  assign cap.desc_depth      = 16'(DescDepth);
  assign cap.queue_depth     = 16'(QueueDepth);
  assign cap.num_pe          = 32'(NumPe);
  assign cap_o               = cap;

  // Phases are control's; words of activations are counted here.
  logic unused_mode;
  assign unused_mode = ^{
    mode, ptr_base, act_base, book, shift, act_i.left, act_i.bad, pass_i.check
  };

  assign mode = cfg_i.mode;
  assign in_len = cfg_i.in_len;
  assign out_len = cfg_i.out_len;
  assign ptr_base = cfg_i.ptr_base;
  assign act_base = cfg_i.act_base;
  assign book = cfg_i.codebook;
  assign shift = cfg_i.shift;

  // control ----------------------------------------------------------------------------------
  logic clear, bias_rd_en, ccu_start, ccu_idle, compute_idle;
  logic [BiasAddrWidth-1:0] bias_rd_addr;
  logic [     RegWidth-1:0] bias_reg;
  logic [ NumCodebooks-1:0] book_loaded;
  logic                     pe_err;
  logic [              7:0] pe_err_code;
  logic [             31:0] pe_err_pos;

  lac_eie_ctrl #(
    .NumPe(NumPe),
    .AccWidth(AccWidth),
    .ActRegs(ActRegs),
    .ActDepth(ActDepth),
    .PtrDepth(PtrDepth),
    .BiasDepth(BiasDepth),
    .NumCodebooks(NumCodebooks)
  ) u_ctrl (
    .clk_i         (clk_i),
    .rst_ni        (rst_ni),
    .clr_i         (pass_i.clr),
    .cfg_i         (cfg_i),
    .bad_o         (core_o.check_bad),
    .bad_idx_o     (core_o.check_idx),
    .compute_i     (pass_i.compute),
    .book_loaded_i (book_loaded),
    .clear_o       (clear),
    .bias_rd_en_o  (bias_rd_en),
    .bias_rd_addr_o(bias_rd_addr),
    .bias_reg_o    (bias_reg),
    .ccu_start_o   (ccu_start),
    .compute_idle_i(compute_idle),
    .done_o        (core_o.done),
    .pe_err_i      (pe_err),
    .pe_code_i     (pe_err_code),
    .pe_pos_i      (pe_err_pos),
    .err_o         (core_o.err),
    .err_code_o    (core_o.err_code),
    .err_pos_o     (core_o.err_pos)
  );

  assign core_o.check_done = 1'b1;  // looked at since the start
  assign core_o.act_count  = in_len;
  assign core_o.act_err    = 1'b0;
  assign core_o.act_code   = 8'd0;

  // loaders ----------------------------------------------------------------------------------
  logic wr_book, wr_ptr, wr_spmat, wr_bias;
  logic [                  11:0] wr_pe;
  logic [                  23:0] wr_addr;
  logic [                   3:0] wr_sel;
  logic [          BusWidth-1:0] wr_data;
  logic [             NumPe-1:0] act_wr_en;
  logic [      ActAddrWidth-1:0] act_wr_addr;
  logic [NumActive*ActWidth-1:0] act_wr_data;

  lac_eie_wgt_load #(
    .NumPe(NumPe),
    .DataWidth(DataWidth),
    .WgtWidth(WgtWidth),
    .CodeWidth(CodeWidth),
    .SpmatWidth(SpmatWidth),
    .SpmatDepth(SpmatDepth),
    .PtrDepth(PtrDepth),
    .PtrWidth(PtrWidth),
    .BiasDepth(BiasDepth),
    .BiasWidth(BiasWidth),
    .NumCodebooks(NumCodebooks)
  ) u_wgt_load (
    .clk_i        (clk_i),
    .rst_ni       (rst_ni),
    .clr_i        (pass_i.clr),
    .start_i      (pass_i.load_wgt),
    .pay_valid_i  (wgt_i.valid),
    .pay_ready_o  (wgt_ready_o),
    .pay_data_i   (wgt_i.data),
    .pay_left_i   (wgt_i.left),
    .word_bad_i   (wgt_i.bad),
    .err_o        (core_o.wgt_err),
    .err_code_o   (core_o.wgt_code),
    .book_loaded_o(book_loaded),
    .wr_book_o    (wr_book),
    .wr_ptr_o     (wr_ptr),
    .wr_spmat_o   (wr_spmat),
    .wr_bias_o    (wr_bias),
    .wr_pe_o      (wr_pe),
    .wr_addr_o    (wr_addr),
    .wr_sel_o     (wr_sel),
    .wr_data_o    (wr_data)
  );

  lac_eie_act_load #(
    .NumPe(NumPe),
    .DataWidth(DataWidth),
    .ActWidth(ActWidth),
    .AddrWidth(ActAddrWidth)
  ) u_act_load (
    .clk_i      (clk_i),
    .rst_ni     (rst_ni),
    .clr_i      (pass_i.clr),
    .start_i    (pass_i.load_act),
    .in_len_i   (in_len),
    .act_base_i (act_base[ActAddrWidth-1:0]),
    .pay_valid_i(act_i.valid),
    .pay_ready_o(act_ready_o),
    .pay_data_i (act_i.data),
    .wr_en_o    (act_wr_en),
    .wr_addr_o  (act_wr_addr),
    .wr_data_o  (act_wr_data)
  );

  // central control and results share the row port of the PEs ---------------------------------
  logic scan_rd_en, scan_word, scan_load, out_rd_en, out_word, out_load;
  logic outputs;
  logic [SrcAddrWidth-1:0] scan_rd_addr, out_rd_addr;
  logic [         NumPe-1:0] word_nz;
  logic [NumPe*ActWidth-1:0] scan_data;
  logic bcast_valid, bcast_ready;
  logic [ActWidth-1:0] bcast_act;
  logic [LenWidth-1:0] bcast_col;

  assign outputs = pass_i.phase == 4'(PHASE_OUTPUT);

  lac_eie_ccu #(
    .NumPe(NumPe),
    .ActWidth(ActWidth),
    .LenWidth(LenWidth),
    .RowAddrWidth(SrcAddrWidth)
  ) u_ccu (
    .clk_i        (clk_i),
    .rst_ni       (rst_ni),
    .clr_i        (pass_i.clr),
    .start_i      (ccu_start),
    .in_len_i     (LenWidth'(in_len)),
    .row_base_i   (mode.src_file ? '0 : SrcAddrWidth'(act_base)),
    .idle_o       (ccu_idle),
    .row_rd_en_o  (scan_rd_en),
    .row_rd_addr_o(scan_rd_addr),
    .row_word_o   (scan_word),
    .row_nz_i     (word_nz),
    .row_load_o   (scan_load),
    .scan_data_i  (scan_data),
    .bcast_valid_o(bcast_valid),
    .bcast_ready_i(bcast_ready),
    .bcast_act_o  (bcast_act),
    .bcast_col_o  (bcast_col)
  );

  lac_eie_out #(
    .NumPe(NumPe),
    .DataWidth(DataWidth),
    .ActWidth(ActWidth),
    .RowWidth(SrcAddrWidth)
  ) u_out (
    .clk_i         (clk_i),
    .rst_ni        (rst_ni),
    .clr_i         (pass_i.clr),
    .start_i       (pass_i.emit),
    .out_len_i     (out_len),
    .row_rd_en_o   (out_rd_en),
    .row_rd_addr_o (out_rd_addr),
    .row_word_o    (out_word),
    .row_load_o    (out_load),
    .scan_data_i   (scan_data),
    .result_valid_o(result_o.valid),
    .result_ready_i(result_ready_i),
    .result_data_o (result_o.data),
    .result_last_o (result_o.last)
  );

  // processing elements ----------------------------------------------------------------------
  logic [NumPe-1:0] queue_ready, pe_idle, ev_mac, ev_zero, ev_empty, ev_bypass, ev_ptr;
  logic [NumPe-1:0] ev_spmat, ev_acc_wr, err_valids;
  logic [ NumPe*8-1:0] err_codes;
  logic [NumPe*32-1:0] err_poss;

  logic bcast_push, held_bcast;

  assign bcast_ready = &queue_ready;
  assign bcast_push  = bcast_valid & bcast_ready;
  assign held_bcast  = bcast_valid & ~bcast_ready;

  for (genvar p = 0; p < NumPe; p++) begin : gen_pe
    lac_eie_pe #(
      .NumPe(NumPe),
      .ActWidth(ActWidth),
      .WgtWidth(WgtWidth),
      .AccWidth(AccWidth),
      .CodeWidth(CodeWidth),
      .IdxWidth(IdxWidth),
      .QueueDepth(QueueDepth),
      .DescDepth(DescDepth),
      .SpmatWidth(SpmatWidth),
      .SpmatDepth(SpmatDepth),
      .PtrDepth(PtrDepth),
      .PtrWidth(PtrWidth),
      .ActRegs(ActRegs),
      .ActDepth(ActDepth),
      .BiasDepth(BiasDepth),
      .BiasWidth(BiasWidth),
      .NumCodebooks(NumCodebooks),
      .LenWidth(LenWidth),
      .SrcAddrWidth(SrcAddrWidth),
      .FileMem(FileMem),
      .BusWidth(BusWidth)
    ) u_pe (
      .clk_i         (clk_i),
      .rst_ni        (rst_ni),
      .mem_cfg_i     (mem_cfg_i),
      .clr_i         (pass_i.clr),
      .pe_idx_i      (8'(p)),
      .out_len_i     (out_len),
      .ptr_base_i    (ptr_base[PtrAddrWidth-1:0]),
      .book_i        (book[BookWidth-1:0]),
      .shift_i       (shift[ShiftWidth-1:0]),
      .relu_i        (mode.relu),
      .skip_empty_i  (mode.skip_empty),
      .fuse_pad_i    (mode.fuse_pad),
      .clear_i       (clear),
      .swap_i        (pass_i.swap),
      .bias_rd_en_i  (bias_rd_en),
      .bias_rd_addr_i(bias_rd_addr),
      .bias_reg_i    (bias_reg),
      .wr_book_i     (wr_book),
      .wr_ptr_i      (wr_ptr),
      .wr_spmat_i    (wr_spmat),
      .wr_bias_i     (wr_bias),
      .wr_pe_i       (wr_pe),
      .wr_addr_i     (wr_addr),
      .wr_sel_i      (wr_sel),
      .wr_data_i     (wr_data),
      .act_wr_en_i   (act_wr_en[p]),
      .act_wr_addr_i (act_wr_addr),
      .act_wr_data_i (act_wr_data[(p%NumActive)*ActWidth+:ActWidth]),
      .src_rd_en_i   (outputs ? out_rd_en : scan_rd_en),               // as its address
      .src_file_i    (mode.src_file | outputs),
      .src_dst_i     (outputs),
      .src_rd_addr_i (outputs ? out_rd_addr : scan_rd_addr),
      .word_load_i   (scan_word | out_word),
      .word_nz_o     (word_nz[p]),
      .scan_load_i   (scan_load | out_load),
      .scan_o        (scan_data[p*ActWidth+:ActWidth]),
      .bcast_push_i  (bcast_push),
      .queue_ready_o (queue_ready[p]),
      .bcast_act_i   (bcast_act),
      .bcast_col_i   (bcast_col),
      .idle_o        (pe_idle[p]),
      .ev_mac_o      (ev_mac[p]),
      .ev_zero_o     (ev_zero[p]),
      .ev_empty_o    (ev_empty[p]),
      .ev_bypass_o   (ev_bypass[p]),
      .ev_ptr_o      (ev_ptr[p]),
      .ev_spmat_o    (ev_spmat[p]),
      .ev_acc_wr_o   (ev_acc_wr[p]),
      .err_valid_o   (err_valids[p]),
      .err_code_o    (err_codes[p*8+:8]),
      .err_pos_o     (err_poss[p*32+:32])
    );
  end

  // The lowest PE reports, a cycle later; nothing ends meanwhile.
  localparam int PeIdxWidth = `LAC_INDEX_BITS(NumPe);
  logic [PeIdxWidth-1:0] err_pe;
  logic                  err_any;

  assign compute_idle = ccu_idle & (&pe_idle) & ~err_any;

  lac_ffs #(
    .Width(NumPe)
  ) u_err (
    .in_i    (err_valids),
    .valid_o (err_any),
    .index_o (err_pe),
    .onehot_o()
  );

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) pe_err <= 1'b0;
    else pe_err <= err_any & ~pass_i.clr;
  end

  always_ff @(posedge clk_i) begin
    pe_err_code <= err_codes[32'(err_pe)*8+:8];
    pe_err_pos  <= err_poss[32'(err_pe)*32+:32];
  end

  // events -----------------------------------------------------------------------------------
  // Those of the PEs a cycle later, as their way to the sums is long: none of them is of the last
  // cycle of the phase.
  logic [NumPe-1:0] mac_q, zero_q, empty_q, bypass_q, ptr_q, spmat_q, acc_wr_q;
  logic [15:0] num_mac;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) {mac_q, zero_q, empty_q, bypass_q, ptr_q, spmat_q, acc_wr_q} <= '0;
    else begin
      {mac_q, zero_q, empty_q, bypass_q} <= {ev_mac, ev_zero, ev_empty, ev_bypass};
      {ptr_q, spmat_q, acc_wr_q}         <= {ev_ptr, ev_spmat, ev_acc_wr};
    end
  end

  // What moves that the streams do not show: steps of control; an empty slice follows its pointer.
  assign core_o.progress = scan_rd_en | bias_rd_en | (|ev_mac) | (|ev_zero) | (|ptr_q);

  assign num_mac = 16'($countones(mac_q));
  assign events_o.mac_useful = num_mac;
  assign events_o.slot_padding = 16'($countones(zero_q));
  assign events_o.slot_empty = 16'($countones(empty_q));
  assign events_o.stall_sync = '0;  // PEs never wait for each other
  assign events_o.stall_bank = '0;
  assign events_o.stall_queue_full = 16'(held_bcast);
  assign events_o.wgt_reads = 16'($countones(spmat_q));
  assign events_o.wgt_writes = 16'(wr_spmat);
  assign events_o.idx_reads = 16'($countones(ptr_q)) << 1;
  assign events_o.idx_writes = 16'({wr_ptr, 1'b0});
  assign events_o.act_reads = scan_rd_en ? 16'(NumPe) : '0;
  assign events_o.act_writes = 16'($countones(act_wr_en));
  assign events_o.psum_reads = out_rd_en ? 16'(NumPe) : num_mac;
  assign events_o.psum_writes = bias_rd_en ? 16'(NumPe) : 16'($countones(acc_wr_q));
  assign events_o.broadcasts = 16'(bcast_push);
  assign events_o.bypass_hits = 16'($countones(bypass_q));
  assign events_o.own = '0;

  `LAC_STREAM_CLR(bcast_valid, bcast_ready, {bcast_act, bcast_col}, pass_i.clr)
  `LAC_STREAM_CLR(result_o.valid, result_ready_i, {result_o.data, result_o.last}, pass_i.clr)
  `LAC_ASSERT(row_port_of_one, !(scan_rd_en && out_rd_en), "two blocks read a row at once")
  `LAC_ASSERT(scan_in_compute, !scan_rd_en || pass_i.clr || pass_i.phase == 4'(PHASE_COMPUTE),
              "inputs are read outside Compute")

endmodule
