// SPDX-License-Identifier: Apache-2.0
//
// Core of SPS: weight loader, front and the back of the array, for lac_socket.
//
//   s_axil, s_axis_act -> lac_array_back -> m_axis_out
//                           ^ lanes, shadow weights   ^ biases
//   wgt_i -> lac_sps_wgt_load -> lac_sps_front
//
// Function, formats, registers, parameters and cycles: README.md beside this file; what a core does:
// docs/socket.md, "Inside". Throughput: Rows * Cols multiplies per cycle.
// Parameters:
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
//   RowOffsets  0..1
//   MaxPeriod   1..16
//   KernelSize  1..15
//   TableDepth  1..256
//   MaxKt       1..1024
//   MaxCt       1..1024
// Source: Heo, Fayyazi, Esmaili, Pedram, "SPS", ISLPED 2022. Model: models/sps.

`include "lac_assert.svh"

module lac_sps_core
  import lac_pkg::*, lac_socket_pkg::*, lac_sps_cfg_pkg::*;
#(
  parameter int Rows       = 16,
  parameter int Cols       = 16,
  parameter int DataWidth  = 64,
  parameter int ActWidth   = 16,
  parameter int WgtWidth   = 16,
  parameter int AccWidth   = 48,
  parameter int ActDepth   = 16384,
  parameter int WgtDepth   = 8192,
  parameter int AccDepth   = 4096,
  parameter int BiasDepth  = 64,
  parameter int BiasWidth  = 32,
  parameter int RowOffsets = 1,
  parameter int MaxPeriod  = 16,
  parameter int KernelSize = 7,
  parameter int TableDepth = 144,
  parameter int MaxKt      = 64,
  parameter int MaxCt      = 128
) (
  input  logic                          clk_i,
  input  logic                          rst_ni,
  input  lac_mem_cfg_t                  mem_cfg_i,
  output logic         [NUM_CAP*32-1:0] cap_o,
  input  lac_sps_cfg_t                  cfg_i,
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

  `LAC_PARAM_RULE(lac_sps_core, Rows, 4, 32, Rows == 4 || Rows == 8 || Rows == 16 || Rows == 32,
                  "4, 8, 16 or 32")
  `LAC_PARAM_RULE(lac_sps_core, Cols, 4, 32, Cols == 4 || Cols == 8 || Cols == 16 || Cols == 32,
                  "4, 8, 16 or 32")
  `LAC_PARAM(lac_sps_core, DataWidth, 64, 64)
  `LAC_PARAM_RULE(lac_sps_core, ActWidth, 8, 16, ActWidth == 8 || ActWidth == 16, "8 or 16")
  `LAC_PARAM_RULE(lac_sps_core, WgtWidth, 8, 16, WgtWidth == 8 || WgtWidth == 16, "8 or 16")
  `LAC_PARAM(lac_sps_core, AccWidth, ActWidth + 1, 48)
  `LAC_PARAM(lac_sps_core, ActDepth, 1, 16777216)
  `LAC_PARAM(lac_sps_core, WgtDepth, 1, 16777216)
  `LAC_PARAM(lac_sps_core, AccDepth, 1, 16777216)
  `LAC_PARAM(lac_sps_core, BiasDepth, 1, 16777216)
  `LAC_PARAM_RULE(lac_sps_core, BiasWidth, 2, 32, BiasWidth <= AccWidth, "at most AccWidth")
  `LAC_PARAM(lac_sps_core, RowOffsets, 0, 1)
  `LAC_PARAM(lac_sps_core, MaxPeriod, 1, 16)
  `LAC_PARAM(lac_sps_core, KernelSize, 1, 15)
  `LAC_PARAM(lac_sps_core, TableDepth, 1, 256)
  `LAC_PARAM(lac_sps_core, MaxKt, 1, 1024)
  `LAC_PARAM(lac_sps_core, MaxCt, 1, 1024)

  localparam int SizeWidth = 25;  // of lac_array_geom
  localparam int ActAddrWidth = `LAC_INDEX_BITS(ActDepth);
  localparam int AccAddrWidth = `LAC_INDEX_BITS(AccDepth);
  localparam int BiasAddrWidth = `LAC_INDEX_BITS(BiasDepth);
  localparam int TableWidth = 64;
  localparam int NumWidth = $clog2(Rows + 1);
  localparam logic [31:0] Cap6 = {
    8'(TableDepth - 1), 4'd0, 4'(KernelSize), 3'd0, 5'(MaxPeriod), 7'd0, 1'(RowOffsets)
  };
  localparam logic [31:0] Cap7 = {16'(MaxCt), 16'(MaxKt)};

  assign wgt_ready_o = 1'b1;

  // geometry -----------------------------------------------------------------------------------
  // What is special here, beside the back's own checks; the lowest register counts.
  lac_core_t core;
  logic [15:0] kernel_h, kernel_w, kt, ct, kres_base, rres_base;
  logic [31:0] period;
  logic compute, bad_kernel, bad_period, bad_tables, bad, worse;
  logic [3:0] bad_idx;

  // Phases are the socket's.
  logic unused_pass;
  assign unused_pass = ^{pass_i, wgt_i.bad, period};

  assign compute = cfg_i.mode.compute;
  assign kernel_h = {8'd0, cfg_i.kernel.r};
  assign kernel_w = {8'd0, cfg_i.kernel.s};
  assign kt = cfg_i.tiles.kt;
  assign ct = cfg_i.tiles.ct;
  assign period = cfg_i.period;
  assign kres_base = cfg_i.tables.kres_base;
  assign rres_base = cfg_i.tables.rres_base;
  assign bad_kernel = compute & ((kernel_h > 16'(KernelSize)) | (kernel_w > 16'(KernelSize)));
  assign bad_period = compute & ((period[4:0] == '0) | (period[4:0] > 5'(MaxPeriod)));
  assign bad_tables = compute & ((17'(kres_base) + 17'(kt) > 17'(MaxKt))
                                 | (17'(rres_base) + 17'(ct) > 17'(MaxCt)));

  always_ff @(posedge clk_i) begin
    bad     <= bad_kernel | bad_period | bad_tables;
    bad_idx <= bad_kernel ? 4'(CFG_KERNEL) : bad_period ? 4'(CFG_PERIOD) : 4'(CFG_TABLES);
  end

  assign worse = bad & (~core.check_bad | (bad_idx < core.check_idx));
  assign core_o.check_done = core.check_done;
  assign core_o.check_bad = core.check_bad | bad;
  assign core_o.check_idx = worse ? bad_idx : core.check_idx;
  assign core_o.act_count = core.act_count;
  assign core_o.wgt_err = core.wgt_err;
  assign core_o.wgt_code = core.wgt_code;
  assign core_o.act_err = core.act_err;
  assign core_o.act_code = core.act_code;
  assign core_o.done = core.done;
  assign core_o.err = core.err;
  assign core_o.err_code = core.err_code;
  assign core_o.err_pos = core.err_pos;
  assign core_o.progress = core.progress;

  // weights, tables ----------------------------------------------------------------------------
  logic wgt_err, wr_wgt, wr_bias, wr_dir, wr_pos, wr_kres, wr_rres;
  logic [               7:0] wgt_code;
  logic [              23:0] wr_addr;
  logic [ Cols*WgtWidth-1:0] wr_wgt_data;
  logic [Cols*BiasWidth-1:0] wr_bias_data;
  logic [    TableWidth-1:0] wr_table_data;
  logic [        Rows*4-1:0] wr_rres_data;

  lac_sps_wgt_load #(
    .Rows(Rows),
    .Cols(Cols),
    .DataWidth(DataWidth),
    .WgtWidth(WgtWidth),
    .WgtDepth(WgtDepth),
    .BiasDepth(BiasDepth),
    .BiasWidth(BiasWidth),
    .MaxPeriod(MaxPeriod),
    .TableDepth(TableDepth),
    .MaxKt(MaxKt),
    .MaxCt(MaxCt)
  ) u_wgt_load (
    .clk_i          (clk_i),
    .rst_ni         (rst_ni),
    .clr_i          (pass_i.clr),
    .start_i        (pass_i.load_wgt),
    .pay_valid_i    (wgt_i.valid),
    .pay_data_i     (wgt_i.data),
    .pay_left_i     (wgt_i.left),
    .err_o          (wgt_err),
    .err_code_o     (wgt_code),
    .wr_wgt_o       (wr_wgt),
    .wr_bias_o      (wr_bias),
    .wr_dir_o       (wr_dir),
    .wr_pos_o       (wr_pos),
    .wr_kres_o      (wr_kres),
    .wr_rres_o      (wr_rres),
    .wr_addr_o      (wr_addr),
    .wr_wgt_data_o  (wr_wgt_data),
    .wr_bias_data_o (wr_bias_data),
    .wr_table_data_o(wr_table_data),
    .wr_rres_data_o (wr_rres_data)
  );

  // front --------------------------------------------------------------------------------------
  // It reads tables as it starts; the last word of a weight packet is written in the first cycle of
  // the phase, where no activations are loaded between.
  logic start_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) start_q <= 1'b0;
    else start_q <= pass_i.compute & ~pass_i.clr;
  end

  logic wr_act, px_valid, px_first, px_init, px_last, progress, wgt_read, idx_read, feed_err;
  logic [ActAddrWidth-1:0] in_pixels, row_step, top, wr_act_addr;
  logic [AccAddrWidth-1:0] px_addr;
  logic [Rows-1:0] lane_valid, lane_waits, lane_switch, wgt_row;
  logic [Rows*ActWidth-1:0] wr_act_data, lanes;
  logic [Cols*WgtWidth-1:0] wgt;
  logic [     NumWidth-1:0] act_reads;
  logic [              7:0] feed_code;
  logic [             31:0] feed_pos;

  lac_sps_front #(
    .Rows(Rows),
    .Cols(Cols),
    .ActWidth(ActWidth),
    .WgtWidth(WgtWidth),
    .ActDepth(ActDepth),
    .WgtDepth(WgtDepth),
    .SumWidth(AccAddrWidth),
    .RowOffsets(RowOffsets),
    .MaxPeriod(MaxPeriod),
    .KernelSize(KernelSize),
    .TableDepth(TableDepth),
    .MaxKt(MaxKt),
    .MaxCt(MaxCt)
  ) u_front (
    .clk_i          (clk_i),
    .rst_ni         (rst_ni),
    .mem_cfg_i      (mem_cfg_i),
    .clr_i          (pass_i.clr),
    .start_i        (start_q),
    .cfg_i          (cfg_i),
    .in_pixels_i    (in_pixels),
    .row_step_i     (row_step),
    .top_i          (top),
    .wr_act_i       (wr_act),
    .wr_act_addr_i  (wr_act_addr),
    .wr_act_data_i  (wr_act_data),
    .wr_wgt_i       (wr_wgt),
    .wr_dir_i       (wr_dir),
    .wr_pos_i       (wr_pos),
    .wr_kres_i      (wr_kres),
    .wr_rres_i      (wr_rres),
    .wr_addr_i      (wr_addr),
    .wr_wgt_data_i  (wr_wgt_data),
    .wr_table_data_i(wr_table_data),
    .wr_rres_data_i (wr_rres_data),
    .wgt_row_o      (wgt_row),
    .wgt_o          (wgt),
    .lane_valid_o   (lane_valid),
    .lane_waits_o   (lane_waits),
    .lane_switch_o  (lane_switch),
    .lanes_o        (lanes),
    .px_valid_o     (px_valid),
    .px_first_o     (px_first),
    .px_init_o      (px_init),
    .px_last_o      (px_last),
    .px_addr_o      (px_addr),
    .progress_o     (progress),
    .wgt_read_o     (wgt_read),
    .idx_read_o     (idx_read),
    .act_reads_o    (act_reads),
    .err_o          (feed_err),
    .err_code_o     (feed_code),
    .err_pos_o      (feed_pos)
  );

  // back ---------------------------------------------------------------------------------------
  logic [SizeWidth-1:0] unused_tiles;

  lac_array_back #(
    .Cap6(Cap6),
    .Cap7(Cap7),
    .Compressed(1'b1),
    .Rows(Rows),
    .Cols(Cols),
    .DataWidth(DataWidth),
    .ActWidth(ActWidth),
    .WgtWidth(WgtWidth),
    .AccWidth(AccWidth),
    .ActDepth(ActDepth),
    .WgtDepth(WgtDepth),
    .AccDepth(AccDepth),
    .BiasDepth(BiasDepth),
    .BiasWidth(BiasWidth)
  ) u_back (
    .clk_i         (clk_i),
    .rst_ni        (rst_ni),
    .mem_cfg_i     (mem_cfg_i),
    .cap_o         (cap_o),
    .cfg_i         (cfg_i),
    .pass_i        (pass_i),
    .core_o        (core),
    .act_i         (act_i),
    .act_ready_o   (act_ready_o),
    .result_o      (result_o),
    .result_ready_i(result_ready_i),
    .events_o      (events_o),
    .wgt_err_i     (wgt_err),
    .wgt_code_i    (wgt_code),
    .bias_wr_en_i  (wr_bias),
    .bias_wr_addr_i(BiasAddrWidth'(wr_addr)),
    .bias_wr_data_i(wr_bias_data),
    .tiles_o       (unused_tiles),
    .in_pixels_o   (in_pixels),
    .row_step_o    (row_step),
    .top_o         (top),
    .wr_act_o      (wr_act),
    .wr_act_addr_o (wr_act_addr),
    .wr_act_data_o (wr_act_data),
    .act_reads_i   (16'(act_reads)),
    .act_writes_i  (wr_act ? 16'(Rows) : 16'd0),
    .lane_valid_i  (lane_valid),
    .lane_waits_i  (lane_waits),
    .lane_switch_i (lane_switch),
    .lanes_i       (lanes),
    .px_valid_i    (px_valid),
    .px_first_i    (px_first),
    .px_init_i     (px_init),
    .px_last_i     (px_last),
    .px_addr_i     (px_addr),
    .wgt_row_i     (wgt_row),
    .wgt_col_i     ({Cols{1'b1}}),
    .wgt_i         (wgt),
    .feed_err_i    (feed_err),
    .feed_code_i   (feed_code),
    .feed_pos_i    (feed_pos),
    .progress_i    (progress),
    .wgt_reads_i   (16'(wgt_read)),
    .wgt_write_i   (wr_wgt),
    .idx_reads_i   (16'(idx_read)),
    .idx_write_i   (wr_dir | wr_pos | wr_kres | wr_rres)
  );

  `LAC_STREAM_CLR(result_o.valid, result_ready_i, {result_o.data, result_o.last}, pass_i.clr)
  `LAC_ASSERT(rows_apart, $onehot0(wgt_row), "two rows take shadow weights at once")
  `LAC_ASSERT(one_write, $onehot0({wr_wgt, wr_bias, wr_dir, wr_pos, wr_kres, wr_rres}),
              "two memories take a word at once")
  `LAC_ASSERT(reads_in_compute,
              !(wgt_read || idx_read) || pass_i.clr || pass_i.phase == 4'(PHASE_COMPUTE),
              "weights or tables are read outside of Compute")
  `LAC_ASSERT(err_of_word, !wgt_err || wgt_i.valid, "an error of a weight word that is not there")

endmodule
