// SPDX-License-Identifier: Apache-2.0
//
// Engine of a weight-stationary systolic array: all but how its weights are kept.
//
//   s_axil -----> registers, counters <--> geometry, pass control
//   s_axis_act -> activation loader -> buffer <- address generator <- ready_i: weights in place
//                                        | one pixel, Rows activations, per cycle
//                                       skew -> array Rows x Cols -> sums -> out -> m_axis_out
//                 wgt_i, wgt_row_i, wgt_col_i: shadow weights -^      ^ biases
//
// The design around it loads the weight packet (wgt_*, the control ports of lac_packet_rx) and puts
// the weights of each tile in place: it hears of the pass (clr_o, run_start_o, tiles_o) and of the
// start of each tile (tile_o), and says when the next one may start (ready_i).
// NumFeeds buses bring shadow weights: bus b serves rows b*Rows/NumFeeds and on; row i takes the
// columns wgt_col_i of its bus in a cycle with wgt_row_i[i].
//
// Function, registers, parameters and cycles: README.md beside this file; socket: docs/socket.md.
// Throughput: Rows * Cols multiplies per cycle. Counters: all of them exact.
// Cap6 is what CAP 6 reads; Compressed: tiles have no fixed size in the weight buffer, so the
// geometry looks at WGT_BASE alone; the rest as in the design.
// Parameters:
//   DesignId    0..255
//   Cap6        any
//   Compressed  any
//   NumFeeds    1..32, a divisor of Rows
//   Rows        4..32, 4, 8, 16 or 32
//   Cols        4..32, 4, 8, 16 or 32
//   DataWidth   64
//   ActWidth    8..16, 8 or 16
//   WgtWidth    8..16, 8 or 16
//   AccWidth    ActWidth + 1..48
//   ActDepth    1..16777216
//   WgtDepth    1..16777216
//   AccDepth    1..16777216
//   BiasDepth   1..16777216
//   BiasWidth   2..32, at most AccWidth
// Source: weight-stationary systolic arrays (Kung 1982; TPU, ISCA 2017). Model: models/dense.

`include "lac_assert.svh"

module lac_array_engine import lac_pkg::*; #(
  parameter int          DesignId   = 2,
  parameter logic [31:0] Cap6       = 32'd0,
  parameter bit          Compressed = 0,
  parameter int          NumFeeds   = 1,
  parameter int          Rows       = 16,
  parameter int          Cols       = 16,
  parameter int          DataWidth  = 64,
  parameter int          ActWidth   = 16,
  parameter int          WgtWidth   = 16,
  parameter int          AccWidth   = 48,
  parameter int          ActDepth   = 16384,
  parameter int          WgtDepth   = 8192,
  parameter int          AccDepth   = 4096,
  parameter int          BiasDepth  = 64,
  parameter int          BiasWidth  = 32,
  localparam int SizeWidth     = 25,  // of lac_array_geom
  localparam int WgtAddrWidth  = WgtDepth > 1 ? $clog2(WgtDepth) : 1,
  localparam int BiasAddrWidth = BiasDepth > 1 ? $clog2(BiasDepth) : 1,
  localparam int IncWidth      = $clog2(Rows * Cols + 1)
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
  input  logic [DataWidth-1:0] s_axis_act_tdata,
  input  logic                 s_axis_act_tvalid,
  output logic                 s_axis_act_tready,
  input  logic                 s_axis_act_tlast,
  output logic [DataWidth-1:0] m_axis_out_tdata,
  output logic                 m_axis_out_tvalid,
  input  logic                 m_axis_out_tready,
  output logic                 m_axis_out_tlast,
  output logic                 m_axis_out_tuser,
  // loading weights and biases
  output logic                      soft_rst_o,
  output logic                      pass_o,
  output logic                      wgt_start_o,
  output logic                      discard_o,
  output logic                      forget_o,
  input  logic                      wgt_busy_i,
  input  logic [15:0]               wgt_packets_i,
  input  logic                      wgt_done_i,
  input  logic                      wgt_err_i,
  input  logic [7:0]                wgt_code_i,
  input  logic [31:0]               wgt_pos_i,
  input  logic                      bias_wr_en_i,
  input  logic [BiasAddrWidth-1:0]  bias_wr_addr_i,
  input  logic [Cols*BiasWidth-1:0] bias_wr_data_i,
  // weights of the tiles
  output logic                      clr_o,
  output logic                      run_start_o,
  output logic [WgtAddrWidth-1:0]   wgt_base_o,
  output logic [SizeWidth-1:0]      tiles_o,
  output logic                      tile_o,
  input  logic                      ready_i,
  input  logic [Rows-1:0]           wgt_row_i,
  input  logic [NumFeeds*Cols-1:0]  wgt_col_i,
  input  logic [NumFeeds*Cols*WgtWidth-1:0] wgt_i,
  input  logic                      feed_err_i,
  input  logic [7:0]                feed_code_i,
  input  logic [31:0]               feed_pos_i,
  // events: something moved; words of the weight buffer read and written
  input  logic                      progress_i,
  input  logic [IncWidth-1:0]       wgt_reads_i,
  input  logic                      wgt_write_i
);

  `LAC_PARAM(lac_array_engine, DesignId, 0, 255)
  `LAC_PARAM_RULE(lac_array_engine, NumFeeds, 1, 32, Rows % NumFeeds == 0, "a divisor of Rows")
  `LAC_PARAM_RULE(lac_array_engine, Rows, 4, 32,
    Rows == 4 || Rows == 8 || Rows == 16 || Rows == 32,
    "4, 8, 16 or 32")
  `LAC_PARAM_RULE(lac_array_engine, Cols, 4, 32,
    Cols == 4 || Cols == 8 || Cols == 16 || Cols == 32,
    "4, 8, 16 or 32")
  `LAC_PARAM(lac_array_engine, DataWidth, 64, 64)
  `LAC_PARAM_RULE(lac_array_engine, ActWidth, 8, 16, ActWidth == 8 || ActWidth == 16, "8 or 16")
  `LAC_PARAM_RULE(lac_array_engine, WgtWidth, 8, 16, WgtWidth == 8 || WgtWidth == 16, "8 or 16")
  `LAC_PARAM(lac_array_engine, AccWidth, ActWidth + 1, 48)
  `LAC_PARAM(lac_array_engine, ActDepth, 1, 16777216)
  `LAC_PARAM(lac_array_engine, WgtDepth, 1, 16777216)
  `LAC_PARAM(lac_array_engine, AccDepth, 1, 16777216)
  `LAC_PARAM(lac_array_engine, BiasDepth, 1, 16777216)
  `LAC_PARAM_RULE(lac_array_engine, BiasWidth, 2, 32, BiasWidth <= AccWidth, "at most AccWidth")

  localparam int PsumWidth     = ActWidth + WgtWidth + $clog2(Rows);
  localparam int ActAddrWidth  = ActDepth > 1 ? $clog2(ActDepth) : 1;
  localparam int AccAddrWidth  = AccDepth > 1 ? $clog2(AccDepth) : 1;
  localparam int ShiftWidth    = $clog2(AccWidth);
  localparam int NumSlots      = Rows * Cols;
  localparam int NumCounters   = CNT_BYPASS_HITS + 1;

  // registers --------------------------------------------------------------------------------
  logic                   start, soft_rst, forget, busy, done, err_valid;
  logic [7:0]             err_code;
  logic [31:0]            err_pos, watchdog;
  logic [3:0]             phase;
  logic [15:0]            act_packets;
  logic [NUM_CAP*32-1:0]  cap;
  logic [NUM_CFG*32-1:0]  cfg;
  logic [NUM_PERF*32-1:0] perf;
  logic                   m_keep, m_bias, m_relu;

  assign cap = {
    32'd0, Cap6, {8'd0, 8'(AccWidth), 8'(WgtWidth), 8'(ActWidth)}, 32'(BiasDepth), 32'(AccDepth),
    32'(WgtDepth), 32'(ActDepth), {16'(Cols), 16'(Rows)}
  };
  assign m_keep = cfg[6];
  assign m_bias = cfg[7];
  assign m_relu = cfg[8];

  lac_axil_regs #(.DesignId(DesignId)) u_regs (
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
    .packets_i      ({act_packets, wgt_packets_i}),
    .cap_i          (cap),
    .cfg_o          (cfg),
    .perf_i         (perf),
    .watchdog_o     (watchdog),
    .irq_o          (irq_o)
  );

  // pass control -----------------------------------------------------------------------------
  logic                 clr, discard, progress;
  logic                 geom_start, geom_done, geom_bad;
  logic [3:0]           geom_idx;
  logic [SizeWidth-1:0] in_pixels, in_words, sums, tiles, row_step, top;
  logic                 act_start, act_busy, act_done, act_err;
  logic [7:0]           act_code, run_code;
  logic [31:0]          act_pos, sum_pos, run_pos;
  logic                 run_start, run_done, sum_err, run_err, out_start, out_done;

  // Of both in one cycle the sums count.
  assign run_err  = sum_err | feed_err_i;
  assign run_code = sum_err ? 8'(ERR_ACC_OVERFLOW) : feed_code_i;
  assign run_pos  = sum_err ? sum_pos : feed_pos_i;

  lac_array_geom #(
    .Rows(Rows), .AccWidth(AccWidth), .ActDepth(ActDepth), .WgtDepth(WgtDepth),
    .AccDepth(AccDepth), .BiasDepth(BiasDepth), .Compressed(Compressed)
  ) u_geom (
    .clk_i       (clk_i),
    .rst_ni      (rst_ni),
    .start_i     (geom_start),
    .cfg_i       (cfg),
    .done_o      (geom_done),
    .bad_o       (geom_bad),
    .bad_idx_o   (geom_idx),
    .in_pixels_o (in_pixels),
    .in_words_o  (in_words),
    .sums_o      (sums),
    .tiles_o     (tiles),
    .row_step_o  (row_step),
    .top_o       (top)
  );

  lac_array_ctrl u_ctrl (
    .clk_i         (clk_i),
    .rst_ni        (rst_ni),
    .start_i       (start),
    .soft_rst_i    (soft_rst),
    .mode_i        (cfg[3:0]),
    .watchdog_i    (watchdog),
    .busy_o        (busy),
    .done_o        (done),
    .err_valid_o   (err_valid),
    .err_code_o    (err_code),
    .err_pos_o     (err_pos),
    .phase_o       (phase),
    .progress_i    (progress),
    .clr_o         (clr),
    .geom_start_o  (geom_start),
    .geom_done_i   (geom_done),
    .geom_bad_i    (geom_bad),
    .geom_idx_i    (geom_idx),
    .wgt_start_o   (wgt_start_o),
    .wgt_busy_i    (wgt_busy_i),
    .wgt_done_i    (wgt_done_i),
    .wgt_err_i     (wgt_err_i),
    .wgt_code_i    (wgt_code_i),
    .wgt_pos_i     (wgt_pos_i),
    .act_start_o   (act_start),
    .act_busy_i    (act_busy),
    .act_done_i    (act_done),
    .act_err_i     (act_err),
    .act_code_i    (act_code),
    .act_pos_i     (act_pos),
    .discard_o     (discard),
    .run_start_o   (run_start),
    .run_done_i    (run_done),
    .run_err_i     (run_err),
    .run_code_i    (run_code),
    .run_pos_i     (run_pos),
    .out_start_o   (out_start),
    .out_done_i    (out_done)
  );

  assign soft_rst_o  = soft_rst;
  assign pass_o      = start;
  assign discard_o   = discard;
  assign forget_o    = forget;
  assign clr_o       = clr;
  assign run_start_o = run_start;
  assign wgt_base_o  = cfg[5*32 +: WgtAddrWidth];
  assign tiles_o     = tiles;

  // activations ------------------------------------------------------------------------------
  logic                     wr_act;
  logic [ActAddrWidth-1:0]  wr_act_addr;
  logic [Rows*ActWidth-1:0] wr_act_data;

  lac_array_act_load #(
    .Rows(Rows), .DataWidth(DataWidth), .ActWidth(ActWidth), .AddrWidth(ActAddrWidth)
  ) u_act_load (
    .clk_i             (clk_i),
    .rst_ni            (rst_ni),
    .clr_i             (soft_rst),
    .pass_i            (start),
    .start_i           (act_start),
    .discard_i         (discard),
    .forget_i          (forget),
    .count_i           (32'(in_words)),
    .act_base_i        (cfg[6*32 +: ActAddrWidth]),
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
    .wr_en_o           (wr_act),
    .wr_addr_o         (wr_act_addr),
    .wr_data_o         (wr_act_data)
  );

  // Addresses of activations wrap.
  logic unused_addr;
  assign unused_addr = ^{in_pixels, row_step, top};

  // pixels -----------------------------------------------------------------------------------
  logic                     act_rd_en;
  logic [ActAddrWidth-1:0]  act_rd_addr;
  logic [Rows*ActWidth-1:0] act_rd_data, pixel, lanes;
  logic                     px_valid, px_waits, px_inside, px_switch, px_init, px_last;
  logic [AccAddrWidth-1:0]  px_addr;
  logic [Rows-1:0]          lane_valid, lane_waits, lane_switch;

  lac_array_agen #(.AddrWidth(ActAddrWidth), .SumWidth(AccAddrWidth)) u_agen (
    .clk_i       (clk_i),
    .rst_ni      (rst_ni),
    .clr_i       (clr),
    .start_i     (run_start),
    .in_h_i      (cfg[1*32 +: 16]),
    .in_w_i      (cfg[1*32 + 16 +: 16]),
    .out_h_i     (cfg[2*32 +: 16]),
    .out_w_i     (cfg[2*32 + 16 +: 16]),
    .kernel_h_i  (cfg[3*32 +: 8]),
    .kernel_w_i  (cfg[3*32 + 8 +: 8]),
    .stride_i    (cfg[3*32 + 16 +: 4]),
    .pad_top_i   (cfg[3*32 + 20 +: 4]),
    .pad_left_i  (cfg[3*32 + 24 +: 4]),
    .ct_i        (cfg[4*32 +: 16]),
    .kt_i        (cfg[4*32 + 16 +: 16]),
    .act_base_i  (cfg[6*32 +: ActAddrWidth]),
    .in_pixels_i (ActAddrWidth'(in_pixels)),
    .row_step_i  (ActAddrWidth'(row_step)),
    .top_i       (ActAddrWidth'(top)),
    .keep_i      (m_keep),
    .ready_i     (ready_i),
    .tile_o      (tile_o),
    .rd_en_o     (act_rd_en),
    .rd_addr_o   (act_rd_addr),
    .valid_o     (px_valid),
    .waits_o     (px_waits),
    .inside_o    (px_inside),
    .switch_o    (px_switch),
    .init_o      (px_init),
    .last_o      (px_last),
    .sum_addr_o  (px_addr)
  );

  lac_sram #(.Width(Rows*ActWidth), .Depth(ActDepth)) u_act (
    .clk_i     (clk_i),
    .rd_en_i   (act_rd_en),
    .rd_addr_i (act_rd_addr),
    .rd_data_o (act_rd_data),
    .wr_en_i   (wr_act),
    .wr_addr_i (wr_act_addr),
    .wr_data_i (wr_act_data)
  );

  assign pixel = px_inside ? act_rd_data : '0;

  lac_array_skew #(.Rows(Rows), .ActWidth(ActWidth)) u_skew (
    .clk_i    (clk_i),
    .rst_ni   (rst_ni),
    .clr_i    (clr),
    .valid_i  (px_valid),
    .waits_i  (px_waits),
    .switch_i (px_switch),
    .act_i    (pixel),
    .valid_o  (lane_valid),
    .waits_o  (lane_waits),
    .switch_o (lane_switch),
    .act_o    (lanes)
  );

  // array, sums, results ---------------------------------------------------------------------
  logic [Cols*PsumWidth-1:0] psums;
  logic [Cols*AccWidth-1:0]  accs;
  logic                      out_rd_en, ev_sum, ev_read;
  logic [AccAddrWidth-1:0]   out_rd_addr;
  logic [IncWidth-1:0]       num_filled, num_useful, num_waiting;

  lac_array_mesh #(
    .Rows(Rows), .Cols(Cols), .ActWidth(ActWidth), .WgtWidth(WgtWidth), .NumFeeds(NumFeeds)
  ) u_array (
    .clk_i     (clk_i),
    .wgt_row_i (wgt_row_i),
    .wgt_col_i (wgt_col_i),
    .wgt_i     (wgt_i),
    .switch_i  (lane_switch),
    .act_i     (lanes),
    .psum_o    (psums)
  );

  lac_array_sums #(
    .Rows(Rows), .Cols(Cols), .PsumWidth(PsumWidth), .AccWidth(AccWidth), .AccDepth(AccDepth),
    .BiasDepth(BiasDepth), .BiasWidth(BiasWidth)
  ) u_sums (
    .clk_i          (clk_i),
    .rst_ni         (rst_ni),
    .clr_i          (clr),
    .start_i        (run_start),
    .use_bias_i     (m_bias),
    .bias_base_i    (cfg[7*32 +: BiasAddrWidth]),
    .bias_wr_en_i   (bias_wr_en_i),
    .bias_wr_addr_i (bias_wr_addr_i),
    .bias_wr_data_i (bias_wr_data_i),
    .valid_i        (px_valid),
    .first_i        (px_switch),
    .init_i         (px_init),
    .last_i         (px_last),
    .addr_i         (px_addr),
    .psum_i         (psums),
    .out_rd_en_i    (out_rd_en),
    .out_rd_addr_i  (out_rd_addr),
    .acc_o          (accs),
    .done_o         (run_done),
    .ev_sum_o       (ev_sum),
    .ev_read_o      (ev_read),
    .err_o          (sum_err),
    .err_pos_o      (sum_pos)
  );

  lac_array_out #(
    .Cols(Cols), .DataWidth(DataWidth), .ActWidth(ActWidth), .AccWidth(AccWidth),
    .AddrWidth(AccAddrWidth), .SizeWidth(SizeWidth)
  ) u_out (
    .clk_i             (clk_i),
    .rst_ni            (rst_ni),
    .clr_i             (clr),
    .start_i           (out_start),
    .count_i           (sums),
    .shift_i           (cfg[8*32 +: ShiftWidth]),
    .relu_i            (m_relu),
    .done_o            (out_done),
    .rd_en_o           (out_rd_en),
    .rd_addr_o         (out_rd_addr),
    .acc_i             (accs),
    .m_axis_out_tdata  (m_axis_out_tdata),
    .m_axis_out_tvalid (m_axis_out_tvalid),
    .m_axis_out_tready (m_axis_out_tready),
    .m_axis_out_tlast  (m_axis_out_tlast),
    .m_axis_out_tuser  (m_axis_out_tuser)
  );

  lac_array_slots #(
    .Rows(Rows), .Cols(Cols), .ActWidth(ActWidth), .WgtWidth(WgtWidth), .NumFeeds(NumFeeds)
  ) u_slots (
    .clk_i     (clk_i),
    .wgt_row_i (wgt_row_i),
    .wgt_col_i (wgt_col_i),
    .wgt_i     (wgt_i),
    .valid_i   (lane_valid),
    .waits_i   (lane_waits),
    .switch_i  (lane_switch),
    .act_i     (lanes),
    .filled_o  (num_filled),
    .useful_o  (num_useful),
    .waiting_o (num_waiting)
  );

  // counters ---------------------------------------------------------------------------------
  logic [NumCounters*IncWidth-1:0] inc;
  logic                            computes, outputs, held_out;

  assign computes = phase == 4'(PHASE_COMPUTE);
  assign outputs  = phase == 4'(PHASE_OUTPUT);
  assign held_out = m_axis_out_tvalid & ~m_axis_out_tready;
  assign progress = progress_i | (s_axis_act_tvalid & s_axis_act_tready)
                  | (m_axis_out_tvalid & m_axis_out_tready) | px_valid | ev_sum | out_rd_en;

  assign inc[CNT_CYCLES*IncWidth +: IncWidth] = IncWidth'(busy);
  assign inc[CNT_CYCLES_WGT*IncWidth +: IncWidth] = IncWidth'(phase == 4'(PHASE_WGT));
  assign inc[CNT_CYCLES_ACT*IncWidth +: IncWidth] = IncWidth'(phase == 4'(PHASE_ACT));
  assign inc[CNT_CYCLES_COMPUTE*IncWidth +: IncWidth] = IncWidth'(computes);
  assign inc[CNT_CYCLES_OUTPUT*IncWidth +: IncWidth] = IncWidth'(outputs);
  assign inc[CNT_MAC_USEFUL*IncWidth +: IncWidth] = computes ? num_useful : '0;
  assign inc[CNT_MAC_SLOTS*IncWidth +: IncWidth] = computes ? IncWidth'(NumSlots) : '0;
  assign inc[CNT_STALL_INPUT*IncWidth +: IncWidth] =
      computes ? IncWidth'(NumSlots) - num_filled - num_waiting : '0;
  assign inc[CNT_STALL_OUTPUT*IncWidth +: IncWidth] = IncWidth'(held_out);
  assign inc[CNT_STALL_QUEUE_FULL*IncWidth +: IncWidth] = '0;
  assign inc[CNT_STALL_SYNC*IncWidth +: IncWidth] = computes ? num_waiting : '0;
  assign inc[CNT_STALL_BANK*IncWidth +: IncWidth] = '0;
  assign inc[CNT_SLOT_PADDING*IncWidth +: IncWidth] = computes ? num_filled - num_useful : '0;
  assign inc[CNT_SLOT_EMPTY*IncWidth +: IncWidth] = '0;
  assign inc[CNT_WGT_READS*IncWidth +: IncWidth] = wgt_reads_i;
  assign inc[CNT_WGT_WRITES*IncWidth +: IncWidth] = IncWidth'(wgt_write_i);
  assign inc[CNT_IDX_READS*IncWidth +: IncWidth] = '0;
  assign inc[CNT_IDX_WRITES*IncWidth +: IncWidth] = '0;
  assign inc[CNT_ACT_READS*IncWidth +: IncWidth] = IncWidth'(act_rd_en);
  assign inc[CNT_ACT_WRITES*IncWidth +: IncWidth] = IncWidth'(wr_act);
  assign inc[CNT_PSUM_READS*IncWidth +: IncWidth] = out_rd_en | ev_read ? IncWidth'(Cols) : '0;
  assign inc[CNT_PSUM_WRITES*IncWidth +: IncWidth] = ev_sum ? IncWidth'(Cols) : '0;
  assign inc[CNT_BROADCASTS*IncWidth +: IncWidth] = '0;
  assign inc[CNT_BYPASS_HITS*IncWidth +: IncWidth] = '0;

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
