// SPDX-License-Identifier: Apache-2.0
//
// Engine of a weight-stationary systolic array: all but how its weights are kept.
//
//   act_i -> lac_array_back: loader -> lac_array_front: buffer <- address generator <- ready_i: weights
//                                                         | one pixel, Rows activations, per cycle
//            lac_array_back: array Rows x Cols <-------- skew
//                            -> sums -> out -> result_o
//            wgt_i, wgt_row_i, wgt_col_i: shadow weights; biases
//
// For lac_socket (docs/socket.md, "Inside"). The core around it loads the weight packet and puts
// the
// weights of each tile in place: it hears of the pass (pass_i, tiles_o) and of the start of each
// tile (tile_o), and says when the next one may start (ready_i).
// NumFeeds buses bring shadow weights: bus b serves rows b*Rows/NumFeeds and on; row i takes the
// columns wgt_col_i of its bus in a cycle with wgt_row_i[i].
//
// Function, registers, parameters and cycles: README.md beside this file; socket: docs/socket.md.
// Throughput: Rows * Cols multiplies per cycle. Counters: all of them exact.
// Cap6 is what CAP 6 reads; Compressed: tiles have no fixed size in the weight buffer, so the
// geometry looks at WGT_BASE alone; the rest as in the design.
// Parameters:
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
//   GroupN      1..2, 1, or 2 of a GroupM of 4
//   GroupM      1..4, 1, 2 or 4
// Source: weight-stationary systolic arrays (Kung 1982; TPU, ISCA 2017). Model: models/dense.

`include "lac_assert.svh"

module lac_array_engine
  import lac_pkg::*, lac_socket_pkg::*, lac_array_cfg_pkg::*;
#(
  parameter  logic [31:0] Cap6          = 32'd0,
  parameter  bit          Compressed    = 0,
  parameter  int          NumFeeds      = 1,
  parameter  int          Rows          = 16,
  parameter  int          Cols          = 16,
  parameter  int          DataWidth     = 64,
  parameter  int          ActWidth      = 16,
  parameter  int          WgtWidth      = 16,
  parameter  int          AccWidth      = 48,
  parameter  int          ActDepth      = 16384,
  parameter  int          WgtDepth      = 8192,
  parameter  int          AccDepth      = 4096,
  parameter  int          BiasDepth     = 64,
  parameter  int          BiasWidth     = 32,
  parameter  int          GroupN        = 1,
  parameter  int          GroupM        = 1,
  localparam int          KeptWidth     = WgtWidth + $clog2(GroupM),  // weight and its position
  localparam int          SizeWidth     = 25,                         // of lac_array_geom
  localparam int          WgtAddrWidth  = `LAC_INDEX_BITS(WgtDepth),
  localparam int          BiasAddrWidth = `LAC_INDEX_BITS(BiasDepth)
) (
  input  logic                                         clk_i,
  input  logic                                         rst_ni,
  input  lac_mem_cfg_t                                 mem_cfg_i,
  output logic           [             NUM_CAP*32-1:0] cap_o,
  input  lac_array_cfg_t                               cfg_i,
  input  lac_pass_t                                    pass_i,
  output lac_core_t                                    core_o,
  input  lac_word_t                                    act_i,
  output logic                                         act_ready_o,
  output lac_result_t                                  result_o,
  input  logic                                         result_ready_i,
  output lac_events_t                                  events_o,
  // loading weights and biases
  input  logic                                         wgt_err_i,
  input  logic           [                        7:0] wgt_code_i,
  input  logic                                         bias_wr_en_i,
  input  logic           [          BiasAddrWidth-1:0] bias_wr_addr_i,
  input  logic           [         Cols*BiasWidth-1:0] bias_wr_data_i,
  // weights of the tiles
  output logic           [           WgtAddrWidth-1:0] wgt_base_o,
  output logic           [              SizeWidth-1:0] tiles_o,
  output logic                                         tile_o,
  input  logic                                         ready_i,
  input  logic           [                   Rows-1:0] wgt_row_i,
  input  logic           [          NumFeeds*Cols-1:0] wgt_col_i,
  input  logic           [NumFeeds*Cols*KeptWidth-1:0] wgt_i,
  input  logic                                         feed_err_i,
  input  logic           [                        7:0] feed_code_i,
  input  logic           [                       31:0] feed_pos_i,
  // events: something moved; words of the weight buffer read and written
  input  logic                                         progress_i,
  input  logic           [                       15:0] wgt_reads_i,
  input  logic                                         wgt_write_i
);

  `LAC_PARAM_RULE(lac_array_engine, NumFeeds, 1, 32, Rows % NumFeeds == 0, "a divisor of Rows")
  `LAC_PARAM_RULE(lac_array_engine, Rows, 4, 32,
                  Rows == 4 || Rows == 8 || Rows == 16 || Rows == 32, "4, 8, 16 or 32")
  `LAC_PARAM_RULE(lac_array_engine, Cols, 4, 32,
                  Cols == 4 || Cols == 8 || Cols == 16 || Cols == 32, "4, 8, 16 or 32")
  `LAC_PARAM(lac_array_engine, DataWidth, 64, 64)
  `LAC_PARAM_RULE(lac_array_engine, ActWidth, 8, 16, ActWidth == 8 || ActWidth == 16, "8 or 16")
  `LAC_PARAM_RULE(lac_array_engine, WgtWidth, 8, 16, WgtWidth == 8 || WgtWidth == 16, "8 or 16")
  `LAC_PARAM(lac_array_engine, AccWidth, ActWidth + 1, 48)
  `LAC_PARAM(lac_array_engine, ActDepth, 1, 16777216)
  `LAC_PARAM(lac_array_engine, WgtDepth, 1, 16777216)
  `LAC_PARAM(lac_array_engine, AccDepth, 1, 16777216)
  `LAC_PARAM(lac_array_engine, BiasDepth, 1, 16777216)
  `LAC_PARAM_RULE(lac_array_engine, BiasWidth, 2, 32, BiasWidth <= AccWidth, "at most AccWidth")
  `LAC_PARAM_RULE(lac_array_engine, GroupM, 1, 4, GroupM == 1 || GroupM == 2 || GroupM == 4,
                  "1, 2 or 4")
  `LAC_PARAM_RULE(lac_array_engine, GroupN, 1, 2, GroupN == 1 || GroupM == 4,
                  "1, or 2 of a GroupM of 4")

  localparam int Inputs = GroupN == 2 ? Rows * GroupM / 2 : Rows * GroupM;  // of a buffer word
  localparam int ActAddrWidth = `LAC_INDEX_BITS(ActDepth);
  localparam int AccAddrWidth = `LAC_INDEX_BITS(AccDepth);

  logic [31:0] wgt_base;  // checked: its low bits say it all
  logic        unused_base;
  assign wgt_base    = cfg_i.wgt_base;
  assign unused_base = ^wgt_base;
  assign wgt_base_o  = wgt_base[WgtAddrWidth-1:0];

  logic wr_act, act_rd_en, px_valid, px_first, px_init, px_last;
  logic [ActAddrWidth-1:0] in_pixels, row_step, top, wr_act_addr;
  logic [AccAddrWidth-1:0] px_addr;
  logic [Rows-1:0] lane_valid, lane_waits, lane_switch;
  logic [Inputs*ActWidth-1:0] wr_act_data;
  logic [Rows*GroupM*ActWidth-1:0] lanes;

  lac_array_front #(
    .Rows(Rows),
    .ActWidth(ActWidth),
    .ActDepth(ActDepth),
    .AccDepth(AccDepth),
    .GroupN(GroupN),
    .GroupM(GroupM)
  ) u_front (
    .clk_i        (clk_i),
    .rst_ni       (rst_ni),
    .mem_cfg_i    (mem_cfg_i),
    .clr_i        (pass_i.clr),
    .start_i      (pass_i.compute),
    .cfg_i        (cfg_i),
    .in_pixels_i  (in_pixels),
    .row_step_i   (row_step),
    .top_i        (top),
    .wr_en_i      (wr_act),
    .wr_addr_i    (wr_act_addr),
    .wr_data_i    (wr_act_data),
    .ready_i      (ready_i),
    .tile_o       (tile_o),
    .lane_valid_o (lane_valid),
    .lane_waits_o (lane_waits),
    .lane_switch_o(lane_switch),
    .lanes_o      (lanes),
    .px_valid_o   (px_valid),
    .px_first_o   (px_first),
    .px_init_o    (px_init),
    .px_last_o    (px_last),
    .px_addr_o    (px_addr),
    .rd_en_o      (act_rd_en)
  );

  lac_array_back #(
    .Cap6(Cap6),
    .Compressed(Compressed),
    .NumFeeds(NumFeeds),
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
  ) u_back (
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
    .wgt_err_i     (wgt_err_i),
    .wgt_code_i    (wgt_code_i),
    .bias_wr_en_i  (bias_wr_en_i),
    .bias_wr_addr_i(bias_wr_addr_i),
    .bias_wr_data_i(bias_wr_data_i),
    .tiles_o       (tiles_o),
    .in_pixels_o   (in_pixels),
    .row_step_o    (row_step),
    .top_o         (top),
    .wr_act_o      (wr_act),
    .wr_act_addr_o (wr_act_addr),
    .wr_act_data_o (wr_act_data),
    .act_reads_i   (16'(act_rd_en)),
    .act_writes_i  (16'(wr_act)),
    .lane_valid_i  (lane_valid),
    .lane_waits_i  (lane_waits),
    .lane_switch_i (lane_switch),
    .lanes_i       (lanes),
    .px_valid_i    (px_valid),
    .px_first_i    (px_first),
    .px_init_i     (px_init),
    .px_last_i     (px_last),
    .px_addr_i     (px_addr),
    .wgt_row_i     (wgt_row_i),
    .wgt_col_i     (wgt_col_i),
    .wgt_i         (wgt_i),
    .feed_err_i    (feed_err_i),
    .feed_code_i   (feed_code_i),
    .feed_pos_i    (feed_pos_i),
    .progress_i    (progress_i),
    .wgt_reads_i   (wgt_reads_i),
    .wgt_write_i   (wgt_write_i),
    .idx_reads_i   (16'd0),
    .idx_write_i   (1'b0)
  );

  `LAC_STREAM_CLR(result_o.valid, result_ready_i, {result_o.data, result_o.last}, pass_i.clr)
  `LAC_ASSERT(tile_ready, !tile_o || ready_i, "a tile starts without its weights")
  `LAC_ASSERT(tile_in_compute, !tile_o || pass_i.phase == 4'(PHASE_COMPUTE) || pass_i.clr,
              "a tile starts outside Compute")

endmodule
