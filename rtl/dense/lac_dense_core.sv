// SPDX-License-Identifier: Apache-2.0
//
// Core of dense: weight loader, weight feed and the engine of the array, for lac_socket.
//
//   act_i -> engine -> result_o
//                           ^ shadow weights, a row per cycle   ^ biases
//   wgt_i -> weight loader -> weight feed
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
//   GroupN     1..2, 1, or 2 of a GroupM of 4
//   GroupM     1..4, 1, 2 or 4
// Source: weight-stationary systolic arrays (Kung 1982; TPU, ISCA 2017). Model: models/dense.

`include "lac_assert.svh"

module lac_dense_core
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
  parameter int GroupN    = 1,
  parameter int GroupM    = 1
) (
  input  logic                          clk_i,
  input  logic                          rst_ni,
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

  `LAC_PARAM_RULE(lac_dense_core, Rows, 4, 32, Rows == 4 || Rows == 8 || Rows == 16 || Rows == 32,
                  "4, 8, 16 or 32")
  `LAC_PARAM_RULE(lac_dense_core, Cols, 4, 32, Cols == 4 || Cols == 8 || Cols == 16 || Cols == 32,
                  "4, 8, 16 or 32")
  `LAC_PARAM(lac_dense_core, DataWidth, 64, 64)
  `LAC_PARAM_RULE(lac_dense_core, ActWidth, 8, 16, ActWidth == 8 || ActWidth == 16, "8 or 16")
  `LAC_PARAM_RULE(lac_dense_core, WgtWidth, 8, 16, WgtWidth == 8 || WgtWidth == 16, "8 or 16")
  `LAC_PARAM(lac_dense_core, AccWidth, ActWidth + 1, 48)
  `LAC_PARAM(lac_dense_core, ActDepth, 1, 16777216)
  `LAC_PARAM(lac_dense_core, WgtDepth, 1, 16777216)
  `LAC_PARAM(lac_dense_core, AccDepth, 1, 16777216)
  `LAC_PARAM(lac_dense_core, BiasDepth, 1, 16777216)
  `LAC_PARAM_RULE(lac_dense_core, BiasWidth, 2, 32, BiasWidth <= AccWidth, "at most AccWidth")
  `LAC_PARAM_RULE(lac_dense_core, GroupM, 1, 4, GroupM == 1 || GroupM == 2 || GroupM == 4,
                  "1, 2 or 4")
  `LAC_PARAM_RULE(lac_dense_core, GroupN, 1, 2, GroupN == 1 || GroupM == 4,
                  "1, or 2 of a GroupM of 4")

  localparam int SizeWidth = 25;  // of lac_array_geom
  localparam int KeptWidth = WgtWidth + $clog2(GroupM);  // weight and its position
  localparam logic [31:0] Cap6 = {4'(GroupM - 1), 4'(GroupN - 1), 24'd0};
  localparam int WgtAddrWidth = `LAC_INDEX_BITS(WgtDepth);
  localparam int BiasAddrWidth = `LAC_INDEX_BITS(BiasDepth);

  // Phases are the socket's.
  logic unused_pass;
  assign unused_pass = ^{pass_i, wgt_i.bad};

  assign wgt_ready_o = 1'b1;

  logic tile, ready, wgt_rd_en;
  logic                    wgt_err;
  logic [             7:0] wgt_code;
  logic [WgtAddrWidth-1:0] wgt_base;
  logic [   SizeWidth-1:0] tiles;
  logic wr_wgt, wr_bias;
  logic [              23:0] wr_addr;
  logic [Cols*KeptWidth-1:0] wr_wgt_data;
  logic [Cols*BiasWidth-1:0] wr_bias_data;
  logic [          Rows-1:0] wgt_we;
  logic [Cols*KeptWidth-1:0] wgt_row;

  // The bus is as wide as the deepest buffer may be; only compressed weights know units.
  logic                      unused_addr;
  assign unused_addr = ^wr_addr;

  lac_array_wgt_load #(
    .Cols(Cols),
    .DataWidth(DataWidth),
    .WgtBits(Cols * KeptWidth),
    .WgtDepth(WgtDepth),
    .BiasDepth(BiasDepth),
    .BiasWidth(BiasWidth)
  ) u_wgt_load (
    .clk_i         (clk_i),
    .rst_ni        (rst_ni),
    .clr_i         (pass_i.clr),
    .start_i       (pass_i.load_wgt),
    .pay_valid_i   (wgt_i.valid),
    .pay_data_i    (wgt_i.data),
    .pay_left_i    (wgt_i.left),
    .more_ok_i     (1'b0),
    .more_words_i  (32'd0),
    .more_addr_i   (24'd0),
    .more_parts_i  (5'd0),
    .kind_o        (),
    .err_o         (wgt_err),
    .err_code_o    (wgt_code),
    .wr_more_o     (),
    .wr_kind_o     (),
    .wr_more_data_o(),
    .wr_wgt_o      (wr_wgt),
    .wr_bias_o     (wr_bias),
    .wr_unit_o     (),
    .wr_addr_o     (wr_addr),
    .wr_mark_o     (),
    .wr_wgt_data_o (wr_wgt_data),
    .wr_bias_data_o(wr_bias_data)
  );

  lac_dense_wgt_feed #(
    .Rows(Rows),
    .Cols(Cols),
    .WgtWidth(KeptWidth),
    .WgtDepth(WgtDepth),
    .SizeWidth(SizeWidth)
  ) u_feed (
    .clk_i     (clk_i),
    .rst_ni    (rst_ni),
    .mem_cfg_i (mem_cfg_i),
    .clr_i     (pass_i.clr),
    .start_i   (pass_i.compute),
    .wgt_base_i(wgt_base),
    .tiles_i   (tiles),
    .wr_en_i   (wr_wgt),
    .wr_addr_i (WgtAddrWidth'(wr_addr)),
    .wr_data_i (wr_wgt_data),
    .tile_i    (tile),
    .ready_o   (ready),
    .we_o      (wgt_we),
    .wgt_o     (wgt_row),
    .rd_en_o   (wgt_rd_en)
  );

  lac_array_engine #(
    .Cap6(Cap6),
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
    .BiasWidth(BiasWidth),
    .GroupN(GroupN),
    .GroupM(GroupM)
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
    .wgt_row_i     (wgt_we),
    .wgt_col_i     ({Cols{1'b1}}),
    .wgt_i         (wgt_row),
    .feed_err_i    (1'b0),
    .feed_code_i   (8'd0),
    .feed_pos_i    (32'd0),
    .progress_i    (wgt_rd_en),
    .wgt_reads_i   (16'(wgt_rd_en)),
    .wgt_write_i   (wr_wgt)
  );

  `LAC_STREAM_CLR(result_o.valid, result_ready_i, {result_o.data, result_o.last}, pass_i.clr)
  `LAC_ASSERT(err_of_word, !wgt_err || wgt_i.valid, "an error of a weight word that is not there")
  `LAC_ASSERT(rows_apart, $onehot0(wgt_we), "two rows take shadow weights at once")
  `LAC_ASSERT(reads_in_compute, !wgt_rd_en || pass_i.clr || pass_i.phase == 4'(PHASE_COMPUTE),
              "weights are read outside of Compute")

endmodule
