// SPDX-License-Identifier: Apache-2.0
//
// EIE: fully connected layers on compressed sparse columns, NumPe processing elements.
//
//   s_axil ---> registers, counters <--> pass control
//   s_axis_wgt -> weight loader ------\
//   s_axis_act -> activation loader ---> NumPe x PE --> result stream -> m_axis_out
//                  central control (LNZD tree, broadcast) <-/
//
// Formats, registers and parameters: README.md beside this file; socket: docs/socket.md.
// Throughput: one entry per PE and cycle. Counters: models/socket.py, all of them exact.
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
// Source: EIE (Han et al., ISCA 2016). Model: models/eie.

`include "lac_assert.svh"

module lac_eie import lac_pkg::*; #(
  parameter int NumPe        = 64,
  parameter int DataWidth    = 64,
  parameter int ActWidth     = 16,
  parameter int WgtWidth     = 16,
  parameter int AccWidth     = 40,
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
  parameter int NumCodebooks = 4
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,
  output logic                 irq_o,
  input  logic [11:0]          s_axil_awaddr,
  input  logic [2:0]           s_axil_awprot,
  input  logic                 s_axil_awvalid,
  output logic                 s_axil_awready,
  input  logic [31:0]          s_axil_wdata,
  input  logic [3:0]           s_axil_wstrb,
  input  logic                 s_axil_wvalid,
  output logic                 s_axil_wready,
  output logic [1:0]           s_axil_bresp,
  output logic                 s_axil_bvalid,
  input  logic                 s_axil_bready,
  input  logic [11:0]          s_axil_araddr,
  input  logic [2:0]           s_axil_arprot,
  input  logic                 s_axil_arvalid,
  output logic                 s_axil_arready,
  output logic [31:0]          s_axil_rdata,
  output logic [1:0]           s_axil_rresp,
  output logic                 s_axil_rvalid,
  input  logic                 s_axil_rready,
  input  logic [DataWidth-1:0] s_axis_wgt_tdata,
  input  logic                 s_axis_wgt_tvalid,
  output logic                 s_axis_wgt_tready,
  input  logic                 s_axis_wgt_tlast,
  input  logic [DataWidth-1:0] s_axis_act_tdata,
  input  logic                 s_axis_act_tvalid,
  output logic                 s_axis_act_tready,
  input  logic                 s_axis_act_tlast,
  output logic [DataWidth-1:0] m_axis_out_tdata,
  output logic                 m_axis_out_tvalid,
  input  logic                 m_axis_out_tready,
  output logic                 m_axis_out_tlast,
  output logic                 m_axis_out_tuser
);

  `LAC_PARAM_RULE(lac_eie, NumPe, 1, 256, (NumPe & (NumPe - 1)) == 0, "a power of two")
  `LAC_PARAM(lac_eie, DataWidth, 64, 64)
  `LAC_PARAM_RULE(lac_eie, ActWidth, 8, 16, ActWidth == 8 || ActWidth == 16, "8 or 16")
  `LAC_PARAM(lac_eie, WgtWidth, 2, 16)
  `LAC_PARAM(lac_eie, AccWidth, ActWidth + WgtWidth - 1, 48)
  `LAC_PARAM(lac_eie, CodeWidth, 1, 8)
  `LAC_PARAM(lac_eie, IdxWidth, 1, 8)
  `LAC_PARAM(lac_eie, QueueDepth, 1, 65535)
  `LAC_PARAM(lac_eie, DescDepth, 1, 65535)
  `LAC_PARAM_RULE(lac_eie, SpmatWidth, 2 * (CodeWidth + IdxWidth), 128 * (CodeWidth + IdxWidth),
    SpmatWidth == (CodeWidth + IdxWidth) << $clog2(SpmatWidth / (CodeWidth + IdxWidth)),
    "a power of two of entries")
  `LAC_PARAM(lac_eie, SpmatDepth, 1, 16777215)
  `LAC_PARAM_RULE(lac_eie, PtrDepth, 2, 16777216, PtrDepth % 2 == 0, "even")
  `LAC_PARAM(lac_eie, PtrWidth, 1, 32)
  `LAC_PARAM(lac_eie, ActRegs, 1, 4096)
  `LAC_PARAM_RULE(lac_eie, ActDepth, 1, 16777216,
    ActDepth <= 1073741824 / NumPe,
    "at most 1073741824 / NumPe")
  `LAC_PARAM(lac_eie, BiasDepth, 1, 65535)
  `LAC_PARAM_RULE(lac_eie, BiasWidth, 2, 32, BiasWidth <= AccWidth, "at most AccWidth")
  `LAC_PARAM(lac_eie, NumCodebooks, 1, 16)

  localparam int MaxRows       = ActDepth > ActRegs ? ActDepth : ActRegs;
  localparam int SrcAddrWidth  = MaxRows > 1 ? $clog2(MaxRows) : 1;
  localparam int LenWidth      = $clog2(MaxRows * NumPe + 1);
  localparam int NumLanes      = DataWidth / ActWidth;
  localparam int NumActive     = NumPe < NumLanes ? NumPe : NumLanes;
  localparam int NumWords      = (SpmatWidth + DataWidth - 1) / DataWidth;
  localparam int BusWidth      = NumWords * DataWidth;
  localparam int PtrAddrWidth  = $clog2(PtrDepth);
  localparam int BookWidth     = NumCodebooks > 1 ? $clog2(NumCodebooks) : 1;
  localparam int ShiftWidth    = $clog2(AccWidth);
  localparam int RegWidth      = ActRegs > 1 ? $clog2(ActRegs) : 1;
  localparam int ActAddrWidth  = ActDepth > 1 ? $clog2(ActDepth) : 1;
  localparam int BiasAddrWidth = BiasDepth > 1 ? $clog2(BiasDepth) : 1;
  localparam int IncWidth      = $clog2(2 * NumPe + 5);  // most events of one class in a cycle
  localparam int NumCounters   = CNT_BYPASS_HITS + 1;

  // registers --------------------------------------------------------------------------------
  logic                   start, soft_rst, forget, busy, done, err_valid;
  logic [7:0]             err_code;
  logic [31:0]            err_pos, watchdog;
  logic [3:0]             phase;
  logic [15:0]            wgt_packets, act_packets;
  logic [NUM_CAP*32-1:0]  cap;
  logic [NUM_CFG*32-1:0]  cfg;
  logic [NUM_PERF*32-1:0] perf;
  logic [31:0]            mode, in_len, out_len;
  logic                   m_file, m_relu, m_skip, m_fuse;
  logic [ShiftWidth-1:0]  shift;

  assign cap = {
    {8'(AccWidth), 8'(PtrWidth), 4'(IdxWidth), 4'(CodeWidth), 8'(ActWidth)},
    {16'(NumCodebooks), 16'(BiasDepth)},
    {8'(SpmatWidth / (CodeWidth + IdxWidth)), 24'(SpmatDepth)},
    32'(PtrDepth), 32'(ActDepth), 32'(ActRegs), {16'(DescDepth), 16'(QueueDepth)}, 32'(NumPe)
  };
  // The phase bits and the wider fields are pass control's.
  logic unused_mode;
  assign unused_mode = ^{mode[31:11], mode[7:6], mode[4:0]};

  assign mode    = cfg[0 +: 32];
  assign in_len  = cfg[32 +: 32];
  assign out_len = cfg[64 +: 32];
  assign m_file  = mode[5];
  assign m_relu  = mode[8];
  assign m_skip  = mode[9];
  assign m_fuse  = mode[10];
  assign shift   = cfg[7*32 +: ShiftWidth];

  lac_axil_regs #(.DesignId(1)) u_regs (
    .clk_i          (clk_i),
    .rst_ni         (rst_ni),
    .s_axil_awaddr  (s_axil_awaddr),
    .s_axil_awprot  (s_axil_awprot),
    .s_axil_awvalid (s_axil_awvalid),
    .s_axil_awready (s_axil_awready),
    .s_axil_wdata   (s_axil_wdata),
    .s_axil_wstrb   (s_axil_wstrb),
    .s_axil_wvalid  (s_axil_wvalid),
    .s_axil_wready  (s_axil_wready),
    .s_axil_bresp   (s_axil_bresp),
    .s_axil_bvalid  (s_axil_bvalid),
    .s_axil_bready  (s_axil_bready),
    .s_axil_araddr  (s_axil_araddr),
    .s_axil_arprot  (s_axil_arprot),
    .s_axil_arvalid (s_axil_arvalid),
    .s_axil_arready (s_axil_arready),
    .s_axil_rdata   (s_axil_rdata),
    .s_axil_rresp   (s_axil_rresp),
    .s_axil_rvalid  (s_axil_rvalid),
    .s_axil_rready  (s_axil_rready),
    .start_o        (start),
    .soft_rst_o     (soft_rst),
    .forget_o       (forget),
    .busy_i         (busy),
    .done_i         (done),
    .err_valid_i    (err_valid),
    .err_code_i     (err_code),
    .err_pos_i      (err_pos),
    .phase_i        (phase),
    .packets_i      ({act_packets, wgt_packets}),
    .cap_i          (cap),
    .cfg_o          (cfg),
    .perf_i         (perf),
    .watchdog_o     (watchdog),
    .irq_o          (irq_o)
  );

  // pass control -----------------------------------------------------------------------------
  logic                     clr, discard, progress, compute_idle, clear, swap;
  logic                     wgt_start, wgt_busy, wgt_done, wgt_err;
  logic [7:0]               wgt_code, act_code;
  logic [31:0]              wgt_pos, act_pos;
  logic                     act_start, act_busy, act_done, act_err;
  logic                     bias_rd_en, ccu_start, ccu_idle, out_start, out_done;
  logic [BiasAddrWidth-1:0] bias_rd_addr;
  logic [RegWidth-1:0]      bias_reg;
  logic [NumCodebooks-1:0]  book_loaded;
  logic                     pe_err;
  logic [7:0]               pe_err_code;
  logic [31:0]              pe_err_pos;

  lac_eie_ctrl #(
    .NumPe(NumPe), .AccWidth(AccWidth), .ActRegs(ActRegs), .ActDepth(ActDepth),
    .PtrDepth(PtrDepth), .BiasDepth(BiasDepth), .NumCodebooks(NumCodebooks)
  ) u_ctrl (
    .clk_i          (clk_i),
    .rst_ni         (rst_ni),
    .start_i        (start),
    .soft_rst_i     (soft_rst),
    .cfg_i          (cfg),
    .watchdog_i     (watchdog),
    .busy_o         (busy),
    .done_o         (done),
    .err_valid_o    (err_valid),
    .err_code_o     (err_code),
    .err_pos_o      (err_pos),
    .phase_o        (phase),
    .book_loaded_i  (book_loaded),
    .progress_i     (progress),
    .clr_o          (clr),
    .wgt_start_o    (wgt_start),
    .wgt_busy_i     (wgt_busy),
    .wgt_done_i     (wgt_done),
    .wgt_err_i      (wgt_err),
    .wgt_code_i     (wgt_code),
    .wgt_pos_i      (wgt_pos),
    .act_start_o    (act_start),
    .act_busy_i     (act_busy),
    .act_done_i     (act_done),
    .act_err_i      (act_err),
    .act_code_i     (act_code),
    .act_pos_i      (act_pos),
    .discard_o      (discard),
    .clear_o        (clear),
    .bias_rd_en_o   (bias_rd_en),
    .bias_rd_addr_o (bias_rd_addr),
    .bias_reg_o     (bias_reg),
    .ccu_start_o    (ccu_start),
    .compute_idle_i (compute_idle),
    .pe_err_i       (pe_err),
    .pe_code_i      (pe_err_code),
    .pe_pos_i       (pe_err_pos),
    .out_start_o    (out_start),
    .out_done_i     (out_done),
    .swap_o         (swap)
  );

  // loaders ----------------------------------------------------------------------------------
  logic                          wr_book, wr_ptr, wr_spmat, wr_bias;
  logic [11:0]                   wr_pe;
  logic [23:0]                   wr_addr;
  logic [3:0]                    wr_sel;
  logic [BusWidth-1:0]           wr_data;
  logic [NumPe-1:0]              act_wr_en;
  logic [ActAddrWidth-1:0]       act_wr_addr;
  logic [NumActive*ActWidth-1:0] act_wr_data;

  lac_eie_wgt_load #(
    .NumPe(NumPe), .DataWidth(DataWidth), .WgtWidth(WgtWidth), .CodeWidth(CodeWidth),
    .SpmatWidth(SpmatWidth), .SpmatDepth(SpmatDepth), .PtrDepth(PtrDepth), .PtrWidth(PtrWidth),
    .BiasDepth(BiasDepth), .BiasWidth(BiasWidth), .NumCodebooks(NumCodebooks)
  ) u_wgt_load (
    .clk_i             (clk_i),
    .rst_ni            (rst_ni),
    .clr_i             (soft_rst),
    .pass_i            (start),
    .start_i           (wgt_start),
    .discard_i         (discard),
    .forget_i          (forget),
    .busy_o            (wgt_busy),
    .packets_o         (wgt_packets),
    .done_o            (wgt_done),
    .err_valid_o       (wgt_err),
    .err_code_o        (wgt_code),
    .err_pos_o         (wgt_pos),
    .book_loaded_o     (book_loaded),
    .s_axis_wgt_tdata  (s_axis_wgt_tdata),
    .s_axis_wgt_tvalid (s_axis_wgt_tvalid),
    .s_axis_wgt_tready (s_axis_wgt_tready),
    .s_axis_wgt_tlast  (s_axis_wgt_tlast),
    .wr_book_o         (wr_book),
    .wr_ptr_o          (wr_ptr),
    .wr_spmat_o        (wr_spmat),
    .wr_bias_o         (wr_bias),
    .wr_pe_o           (wr_pe),
    .wr_addr_o         (wr_addr),
    .wr_sel_o          (wr_sel),
    .wr_data_o         (wr_data)
  );

  lac_eie_act_load #(
    .NumPe(NumPe), .DataWidth(DataWidth), .ActWidth(ActWidth), .AddrWidth(ActAddrWidth)
  ) u_act_load (
    .clk_i             (clk_i),
    .rst_ni            (rst_ni),
    .clr_i             (soft_rst),
    .pass_i            (start),
    .start_i           (act_start),
    .discard_i         (discard),
    .forget_i          (forget),
    .in_len_i          (in_len),
    .act_base_i        (cfg[4*32 +: ActAddrWidth]),
    .busy_o            (act_busy),
    .packets_o         (act_packets),
    .done_o            (act_done),
    .err_valid_o       (act_err),
    .err_code_o        (act_code),
    .err_pos_o         (act_pos),
    .s_axis_act_tdata  (s_axis_act_tdata),
    .s_axis_act_tvalid (s_axis_act_tvalid),
    .s_axis_act_tready (s_axis_act_tready),
    .s_axis_act_tlast  (s_axis_act_tlast),
    .wr_en_o           (act_wr_en),
    .wr_addr_o         (act_wr_addr),
    .wr_data_o         (act_wr_data)
  );

  // central control and results share the row port of the PEs ---------------------------------
  logic                      scan_rd_en, scan_load, out_rd_en, out_load, outputs;
  logic [SrcAddrWidth-1:0]   scan_rd_addr, out_rd_addr;
  logic [NumPe-1:0]          word_nz;
  logic [NumPe*ActWidth-1:0] scan_data;
  logic                      bcast_valid, bcast_ready;
  logic [ActWidth-1:0]       bcast_act;
  logic [LenWidth-1:0]       bcast_col;

  assign outputs = phase == 4'(PHASE_OUTPUT);

  lac_eie_ccu #(
    .NumPe(NumPe), .ActWidth(ActWidth), .LenWidth(LenWidth), .RowAddrWidth(SrcAddrWidth)
  ) u_ccu (
    .clk_i         (clk_i),
    .rst_ni        (rst_ni),
    .clr_i         (clr),
    .start_i       (ccu_start),
    .in_len_i      (LenWidth'(in_len)),
    .row_base_i    (m_file ? '0 : SrcAddrWidth'(cfg[4*32 +: 32])),
    .idle_o        (ccu_idle),
    .row_rd_en_o   (scan_rd_en),
    .row_rd_addr_o (scan_rd_addr),
    .row_nz_i      (word_nz),
    .row_load_o    (scan_load),
    .scan_data_i   (scan_data),
    .bcast_valid_o (bcast_valid),
    .bcast_ready_i (bcast_ready),
    .bcast_act_o   (bcast_act),
    .bcast_col_o   (bcast_col)
  );

  lac_eie_out #(
    .NumPe(NumPe), .DataWidth(DataWidth), .ActWidth(ActWidth), .RowWidth(SrcAddrWidth)
  ) u_out (
    .clk_i             (clk_i),
    .rst_ni            (rst_ni),
    .clr_i             (clr),
    .start_i           (out_start),
    .out_len_i         (out_len),
    .done_o            (out_done),
    .row_rd_en_o       (out_rd_en),
    .row_rd_addr_o     (out_rd_addr),
    .row_load_o        (out_load),
    .scan_data_i       (scan_data),
    .m_axis_out_tdata  (m_axis_out_tdata),
    .m_axis_out_tvalid (m_axis_out_tvalid),
    .m_axis_out_tready (m_axis_out_tready),
    .m_axis_out_tlast  (m_axis_out_tlast),
    .m_axis_out_tuser  (m_axis_out_tuser)
  );

  // processing elements ----------------------------------------------------------------------
  logic [NumPe-1:0]    queue_ready, pe_idle, ev_mac, ev_zero, ev_empty, ev_bypass, ev_ptr;
  logic [NumPe-1:0]    ev_spmat, ev_acc_wr, err_valids;
  logic [NumPe*8-1:0]  err_codes;
  logic [NumPe*32-1:0] err_poss;

  logic bcast_push, held_bcast, held_out;

  assign bcast_ready = &queue_ready;
  assign bcast_push  = bcast_valid & bcast_ready;
  assign held_bcast  = bcast_valid & ~bcast_ready;
  assign held_out    = m_axis_out_tvalid & ~m_axis_out_tready;

  for (genvar p = 0; p < NumPe; p++) begin : gen_pe
    lac_eie_pe #(
      .NumPe(NumPe), .ActWidth(ActWidth), .WgtWidth(WgtWidth), .AccWidth(AccWidth),
      .CodeWidth(CodeWidth), .IdxWidth(IdxWidth), .QueueDepth(QueueDepth), .DescDepth(DescDepth),
      .SpmatWidth(SpmatWidth), .SpmatDepth(SpmatDepth), .PtrDepth(PtrDepth), .PtrWidth(PtrWidth),
      .ActRegs(ActRegs), .ActDepth(ActDepth), .BiasDepth(BiasDepth), .BiasWidth(BiasWidth),
      .NumCodebooks(NumCodebooks), .LenWidth(LenWidth), .SrcAddrWidth(SrcAddrWidth),
      .BusWidth(BusWidth)
    ) u_pe (
      .clk_i          (clk_i),
      .rst_ni         (rst_ni),
      .clr_i          (clr),
      .pe_idx_i       (8'(p)),
      .out_len_i      (out_len),
      .ptr_base_i     (cfg[3*32 +: PtrAddrWidth]),
      .book_i         (cfg[6*32 +: BookWidth]),
      .shift_i        (shift),
      .relu_i         (m_relu),
      .skip_empty_i   (m_skip),
      .fuse_pad_i     (m_fuse),
      .clear_i        (clear),
      .swap_i         (swap),
      .bias_rd_en_i   (bias_rd_en),
      .bias_rd_addr_i (bias_rd_addr),
      .bias_reg_i     (bias_reg),
      .wr_book_i      (wr_book),
      .wr_ptr_i       (wr_ptr),
      .wr_spmat_i     (wr_spmat),
      .wr_bias_i      (wr_bias),
      .wr_pe_i        (wr_pe),
      .wr_addr_i      (wr_addr),
      .wr_sel_i       (wr_sel),
      .wr_data_i      (wr_data),
      .act_wr_en_i    (act_wr_en[p]),
      .act_wr_addr_i  (act_wr_addr),
      .act_wr_data_i  (act_wr_data[(p % NumActive)*ActWidth +: ActWidth]),
      .src_rd_en_i    (outputs ? out_rd_en : scan_rd_en),  // as its address
      .src_file_i     (m_file | outputs),
      .src_dst_i      (outputs),
      .src_rd_addr_i  (outputs ? out_rd_addr : scan_rd_addr),
      .word_nz_o      (word_nz[p]),
      .scan_load_i    (scan_load | out_load),
      .scan_o         (scan_data[p*ActWidth +: ActWidth]),
      .bcast_push_i   (bcast_push),
      .queue_ready_o  (queue_ready[p]),
      .bcast_act_i    (bcast_act),
      .bcast_col_i    (bcast_col),
      .idle_o         (pe_idle[p]),
      .ev_mac_o       (ev_mac[p]),
      .ev_zero_o      (ev_zero[p]),
      .ev_empty_o     (ev_empty[p]),
      .ev_bypass_o    (ev_bypass[p]),
      .ev_ptr_o       (ev_ptr[p]),
      .ev_spmat_o     (ev_spmat[p]),
      .ev_acc_wr_o    (ev_acc_wr[p]),
      .err_valid_o    (err_valids[p]),
      .err_code_o     (err_codes[p*8 +: 8]),
      .err_pos_o      (err_poss[p*32 +: 32])
    );
  end

  assign compute_idle = ccu_idle & (&pe_idle);

  // The lowest PE reports.
  localparam int PeIdxWidth = NumPe > 1 ? $clog2(NumPe) : 1;
  logic [PeIdxWidth-1:0] err_pe;

  lac_ffs #(.Width(NumPe)) u_err (
    .in_i     (err_valids),
    .valid_o  (pe_err),
    .index_o  (err_pe),
    .onehot_o ()
  );
  assign pe_err_code = err_codes[32'(err_pe)*8 +: 8];
  assign pe_err_pos  = err_poss[32'(err_pe)*32 +: 32];

  // counters ---------------------------------------------------------------------------------
  logic [NumCounters*IncWidth-1:0] inc;
  logic [IncWidth-1:0]             num_mac, num_zero, num_empty;
  logic                            computes;

  assign computes  = phase == 4'(PHASE_COMPUTE);
  assign num_mac   = IncWidth'($countones(ev_mac));
  assign num_zero  = IncWidth'($countones(ev_zero));
  assign num_empty = IncWidth'($countones(ev_empty));
  assign progress  = (s_axis_wgt_tvalid & s_axis_wgt_tready)
                   | (s_axis_act_tvalid & s_axis_act_tready)
                   | (m_axis_out_tvalid & m_axis_out_tready) | scan_rd_en | bias_rd_en
                   | (|ev_mac) | (|ev_zero) | (|ev_ptr);  // an empty slice follows its pointer

  assign inc[CNT_CYCLES*IncWidth +: IncWidth] = IncWidth'(busy);
  assign inc[CNT_CYCLES_WGT*IncWidth +: IncWidth] = IncWidth'(phase == 4'(PHASE_WGT));
  assign inc[CNT_CYCLES_ACT*IncWidth +: IncWidth] = IncWidth'(phase == 4'(PHASE_ACT));
  assign inc[CNT_CYCLES_COMPUTE*IncWidth +: IncWidth] = IncWidth'(computes);
  assign inc[CNT_CYCLES_OUTPUT*IncWidth +: IncWidth] = IncWidth'(outputs);
  assign inc[CNT_MAC_USEFUL*IncWidth +: IncWidth] = num_mac;
  assign inc[CNT_MAC_SLOTS*IncWidth +: IncWidth] = computes ? IncWidth'(NumPe) : '0;
  assign inc[CNT_STALL_INPUT*IncWidth +: IncWidth] =
      computes ? IncWidth'(NumPe) - num_mac - num_zero - num_empty : '0;
  assign inc[CNT_STALL_OUTPUT*IncWidth +: IncWidth] = IncWidth'(held_out);
  assign inc[CNT_STALL_QUEUE_FULL*IncWidth +: IncWidth] = IncWidth'(held_bcast);
  assign inc[CNT_STALL_SYNC*IncWidth +: IncWidth] = '0;  // PEs never wait for each other
  assign inc[CNT_STALL_BANK*IncWidth +: IncWidth] = '0;
  assign inc[CNT_SLOT_PADDING*IncWidth +: IncWidth] = num_zero;
  assign inc[CNT_SLOT_EMPTY*IncWidth +: IncWidth] = num_empty;
  assign inc[CNT_WGT_READS*IncWidth +: IncWidth] = IncWidth'($countones(ev_spmat));
  assign inc[CNT_WGT_WRITES*IncWidth +: IncWidth] = IncWidth'(wr_spmat);
  assign inc[CNT_IDX_READS*IncWidth +: IncWidth] = IncWidth'($countones(ev_ptr)) << 1;
  assign inc[CNT_IDX_WRITES*IncWidth +: IncWidth] = IncWidth'({wr_ptr, 1'b0});
  assign inc[CNT_ACT_READS*IncWidth +: IncWidth] = scan_rd_en ? IncWidth'(NumPe) : '0;
  assign inc[CNT_ACT_WRITES*IncWidth +: IncWidth] = IncWidth'($countones(act_wr_en));
  assign inc[CNT_PSUM_READS*IncWidth +: IncWidth] = out_rd_en ? IncWidth'(NumPe) : num_mac;
  assign inc[CNT_PSUM_WRITES*IncWidth +: IncWidth] =
      bias_rd_en ? IncWidth'(NumPe) : IncWidth'($countones(ev_acc_wr));
  assign inc[CNT_BROADCASTS*IncWidth +: IncWidth] = IncWidth'(bcast_push);
  assign inc[CNT_BYPASS_HITS*IncWidth +: IncWidth] = IncWidth'($countones(ev_bypass));

  lac_perf #(.NumCounters(NumCounters), .IncWidth(IncWidth)) u_perf (
    .clk_i   (clk_i),
    .rst_ni  (rst_ni),
    .clr_i   (start),
    .inc_i   (inc),
    .count_o (perf[NumCounters*32-1:0])
  );

  assign perf[NUM_PERF*32-1:NumCounters*32] = '0;

  `LAC_STREAM(m_axis_out_tvalid, m_axis_out_tready,
              {m_axis_out_tdata, m_axis_out_tlast, m_axis_out_tuser})

endmodule
