// SPDX-License-Identifier: Apache-2.0
//
// Core of Sparse-on-Dense: weight loader, decompression units and the engine of the array, for
// lac_socket.
//
//   s_axil, s_axis_act -> engine of rtl/dense -> m_axis_out
//                           ^ shadow weights, one bus per unit   ^ biases
//   wgt_i -> weight loader -> feed: banks -> units (reader, decoder, rows)
//
// Function, formats, registers, parameters and cycles: README.md beside this file; what a core does:
// docs/socket.md, "Inside". Throughput: Rows * Cols multiplies per cycle.
// Parameters:
//   Rows       4..32, 4, 8, 16 or 32
//   Cols       4..32, 4, 8, 16 or 32
//   DataWidth  64
//   ActWidth   8..16, 8 or 16
//   WgtWidth   8..16, 8 or 16
//   AccWidth   ActWidth + 1..48
//   ActDepth   1..16777216
//   WgtDepth   1..16777216
//   AccDepth   1..16777216
//   BiasDepth  1..16777216
//   BiasWidth  2..32, at most AccWidth
//   WgtFormat  0..2
//   NumUnits   1..16, a power of two, at most Rows
//   NumLanes   1..16, 1, 4 or 16, with WgtFormat 0 only 1
//   GroupN     1..16, with WgtFormat 2 at most GroupM
//   GroupM     1..16, with WgtFormat 2 a divisor of Cols
// Source: Yoon, Ryu, Kim, "Sparse-on-Dense", arXiv 2604.26587. Model: models/sparse_on_dense.

`include "lac_assert.svh"

module lac_sod_core
  import lac_pkg::*, lac_socket_pkg::*;
#(
  parameter int Rows      = 16,
  parameter int Cols      = 16,
  parameter int DataWidth = 64,
  parameter int ActWidth  = 16,
  parameter int WgtWidth  = 16,
  parameter int AccWidth  = 48,
  parameter int ActDepth  = 16384,
  parameter int WgtDepth  = 8192,
  parameter int AccDepth  = 4096,
  parameter int BiasDepth = 64,
  parameter int BiasWidth = 32,
  parameter int WgtFormat = 0,
  parameter int NumUnits  = 4,
  parameter int NumLanes  = 1,
  parameter int GroupN    = 2,
  parameter int GroupM    = 4
) (
  input  logic                          clk_i,
  input  logic                          rst_ni,
  input  logic                          scan_mode_i,
  input  lac_mem_cfg_t                  mem_cfg_i,
  output logic         [NUM_CAP*32-1:0] cap_o,
  input  logic         [NUM_CFG*32-1:0] cfg_i,
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

  `LAC_PARAM_RULE(lac_sod_core, Rows, 4, 32, Rows == 4 || Rows == 8 || Rows == 16 || Rows == 32,
                  "4, 8, 16 or 32")
  `LAC_PARAM_RULE(lac_sod_core, Cols, 4, 32, Cols == 4 || Cols == 8 || Cols == 16 || Cols == 32,
                  "4, 8, 16 or 32")
  `LAC_PARAM(lac_sod_core, DataWidth, 64, 64)
  `LAC_PARAM_RULE(lac_sod_core, ActWidth, 8, 16, ActWidth == 8 || ActWidth == 16, "8 or 16")
  `LAC_PARAM_RULE(lac_sod_core, WgtWidth, 8, 16, WgtWidth == 8 || WgtWidth == 16, "8 or 16")
  `LAC_PARAM(lac_sod_core, AccWidth, ActWidth + 1, 48)
  `LAC_PARAM(lac_sod_core, ActDepth, 1, 16777216)
  `LAC_PARAM(lac_sod_core, WgtDepth, 1, 16777216)
  `LAC_PARAM(lac_sod_core, AccDepth, 1, 16777216)
  `LAC_PARAM(lac_sod_core, BiasDepth, 1, 16777216)
  `LAC_PARAM_RULE(lac_sod_core, BiasWidth, 2, 32, BiasWidth <= AccWidth, "at most AccWidth")
  `LAC_PARAM(lac_sod_core, WgtFormat, 0, 2)
  `LAC_PARAM_RULE(lac_sod_core, NumUnits, 1, 16,
                  (NumUnits & (NumUnits - 1)) == 0 && NumUnits <= Rows,
                  "a power of two, at most Rows")
  `LAC_PARAM_RULE(lac_sod_core, NumLanes, 1, 16,
                  NumLanes == 1 || (WgtFormat != 0 && (NumLanes == 4 || NumLanes == 16)),
                  "1, 4 or 16, with WgtFormat 0 only 1")
  `LAC_PARAM_RULE(lac_sod_core, GroupN, 1, 16, WgtFormat != 2 || GroupN <= GroupM,
                  "with WgtFormat 2 at most GroupM")
  `LAC_PARAM_RULE(lac_sod_core, GroupM, 1, 16, WgtFormat != 2 || Cols % GroupM == 0,
                  "with WgtFormat 2 a divisor of Cols")

  localparam int SizeWidth = 25;  // of lac_array_geom
  localparam int WordWidth = 64;  // of a bank
  localparam int FmtNm = 2;
  localparam int WgtAddrWidth = `LAC_INDEX_BITS(WgtDepth);
  localparam int BiasAddrWidth = `LAC_INDEX_BITS(BiasDepth);
  localparam int NumWidth = $clog2(NumUnits + 1);
  localparam int CapN = WgtFormat == FmtNm ? GroupN - 1 : 0;
  localparam int CapM = WgtFormat == FmtNm ? GroupM - 1 : 0;
  localparam logic [31:0] Cap6 = {4'(CapM), 4'(CapN), 8'(NumLanes), 8'(WgtFormat), 8'(NumUnits)};

  // Phases are the socket's.
  logic unused_pass;
  assign unused_pass = ^{pass_i, wgt_i.bad};

  assign wgt_ready_o = 1'b1;

  logic tile, ready;
  logic                    wgt_err;
  logic [             7:0] wgt_code;
  logic [            31:0] feed_pos;
  logic [WgtAddrWidth-1:0] wgt_base;
  logic [   SizeWidth-1:0] tiles;
  logic [    NumUnits-1:0] wr_wgt;
  logic wr_bias, feed_progress, feed_err;
  logic [                      23:0] wr_addr;
  logic [               WordWidth:0] wr_wgt_data;
  logic [        Cols*BiasWidth-1:0] wr_bias_data;
  logic [                  Rows-1:0] wgt_row;
  logic [         NumUnits*Cols-1:0] wgt_col;
  logic [NumUnits*Cols*WgtWidth-1:0] wgt;
  logic [              NumWidth-1:0] reads;

  // The bus is as wide as the deepest buffer may be.
  logic                              unused_addr;
  assign unused_addr = ^wr_addr;

  lac_sod_wgt_load #(
    .Cols(Cols),
    .DataWidth(DataWidth),
    .WgtDepth(WgtDepth),
    .BiasDepth(BiasDepth),
    .BiasWidth(BiasWidth),
    .NumUnits(NumUnits)
  ) u_wgt_load (
    .clk_i         (clk_i),
    .rst_ni        (rst_ni),
    .clr_i         (pass_i.clr),
    .start_i       (pass_i.load_wgt),
    .pay_valid_i   (wgt_i.valid),
    .pay_data_i    (wgt_i.data),
    .pay_left_i    (wgt_i.left),
    .err_o         (wgt_err),
    .err_code_o    (wgt_code),
    .wr_wgt_o      (wr_wgt),
    .wr_bias_o     (wr_bias),
    .wr_addr_o     (wr_addr),
    .wr_wgt_data_o (wr_wgt_data),
    .wr_bias_data_o(wr_bias_data)
  );

  lac_sod_feed #(
    .Rows(Rows),
    .Cols(Cols),
    .WgtWidth(WgtWidth),
    .WgtDepth(WgtDepth),
    .WgtFormat(WgtFormat),
    .NumUnits(NumUnits),
    .NumLanes(NumLanes),
    .GroupN(GroupN),
    .GroupM(GroupM),
    .SizeWidth(SizeWidth)
  ) u_feed (
    .clk_i      (clk_i),
    .rst_ni     (rst_ni),
    .scan_mode_i(scan_mode_i),
    .mem_cfg_i  (mem_cfg_i),
    .clr_i      (pass_i.clr),
    .start_i    (pass_i.compute),
    .wgt_base_i (wgt_base),
    .tiles_i    (tiles),
    .wr_en_i    (wr_wgt),
    .wr_addr_i  (WgtAddrWidth'(wr_addr)),
    .wr_data_i  (wr_wgt_data),
    .tile_i     (tile),
    .ready_o    (ready),
    .row_o      (wgt_row),
    .col_o      (wgt_col),
    .wgt_o      (wgt),
    .reads_o    (reads),
    .progress_o (feed_progress),
    .err_o      (feed_err),
    .err_pos_o  (feed_pos)
  );

  lac_array_engine #(
    .Cap6(Cap6),
    .Compressed(1'b1),
    .NumFeeds(NumUnits),
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
  ) u_engine (
    .clk_i         (clk_i),
    .rst_ni        (rst_ni),
    .mem_cfg_i     (mem_cfg_i),
    .cap_o         (cap_o),
    .cfg_i         (cfg_i),
    .pass_i        (pass_i),
    .core_o        (core_o),
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
    .wgt_base_o    (wgt_base),
    .tiles_o       (tiles),
    .tile_o        (tile),
    .ready_i       (ready),
    .wgt_row_i     (wgt_row),
    .wgt_col_i     (wgt_col),
    .wgt_i         (wgt),
    .feed_err_i    (feed_err),
    .feed_code_i   (8'(ERR_WGT_FORMAT)),
    .feed_pos_i    (feed_pos),
    .progress_i    (feed_progress),
    .wgt_reads_i   (16'(reads)),
    .wgt_write_i   (|wr_wgt)
  );

  `LAC_STREAM_CLR(result_o.valid, result_ready_i, {result_o.data, result_o.last}, pass_i.clr)
  `LAC_ASSERT(err_of_word, !wgt_err || wgt_i.valid, "an error of a weight word that is not there")

endmodule
