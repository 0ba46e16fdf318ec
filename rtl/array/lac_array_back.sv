// SPDX-License-Identifier: Apache-2.0
//
// Back of a systolic array: all but how its activations and weights are kept and brought.
//
//   act_i -> activation loader -> wr_act_*: write bus of the front's memory
//   front: lanes_i --------> array Rows x Cols -> sums -> out -> result_o
//          px_*_i ---------------------------------^      ^ biases
//   wgt_i, wgt_row_i, wgt_col_i: shadow weights -^
//
// For lac_socket (docs/socket.md, "Inside"): geometry, capabilities, counters and errors of the
// core are here.
// A front (lac_array_front, lac_sps_front) hears of the pass and of the sizes of the geometry, and
// drives the
// lanes: pixel n in lane i in cycle t + i, a switch bit a cycle ahead of the first pixel of a tile
// at the latest,
// what the sums need beside lane 0.
// NumFeeds buses bring shadow weights: bus b serves rows b*Rows/NumFeeds and on; row i takes the
// columns wgt_col_i of its bus in a cycle with wgt_row_i[i].
//
// Function, registers, parameters and cycles: README.md of ../dense; socket: docs/socket.md.
// Throughput: Rows * Cols multiplies per cycle. Counters: all of them exact.
// Cap6, Cap7 are what CAP 6 and 7 read; Compressed: tiles have no fixed size in the weight buffer,
// so the
// geometry looks at WGT_BASE alone; the rest as in the design.
// Parameters:
//   Cap6        any
//   Cap7        any
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

module lac_array_back
  import lac_pkg::*, lac_socket_pkg::*, lac_array_cfg_pkg::*;
#(
  parameter logic [31:0] Cap6 = 32'd0,
  parameter logic [31:0] Cap7 = 32'd0,
  parameter bit Compressed = 0,
  parameter int NumFeeds = 1,
  parameter int Rows = 16,
  parameter int Cols = 16,
  parameter int DataWidth = 64,
  parameter int ActWidth = 16,
  parameter int WgtWidth = 16,
  parameter int AccWidth = 48,
  parameter int ActDepth = 16384,
  parameter int WgtDepth = 8192,
  parameter int AccDepth = 4096,
  parameter int BiasDepth = 64,
  parameter int BiasWidth = 32,
  parameter int GroupN = 1,
  parameter int GroupM = 1,
  localparam int LaneWidth = GroupM * ActWidth,  // activations of a row
  localparam int Inputs = GroupN == 2 ? Rows * GroupM / 2 : Rows * GroupM,  // of a buffer word
  localparam int KeptWidth = WgtWidth + $clog2(GroupM),  // weight and its position
  localparam int SizeWidth = 25,  // of lac_array_geom
  localparam int BiasAddrWidth = `LAC_INDEX_BITS(BiasDepth),
  localparam int ActAddrWidth = `LAC_INDEX_BITS(ActDepth),
  localparam int AccAddrWidth = `LAC_INDEX_BITS(AccDepth)
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
  // geometry, for the front
  output logic           [              SizeWidth-1:0] tiles_o,
  output logic           [           ActAddrWidth-1:0] in_pixels_o,
  output logic           [           ActAddrWidth-1:0] row_step_o,
  output logic           [           ActAddrWidth-1:0] top_o,
  // activations: write bus, words read (event)
  output logic                                         wr_act_o,
  output logic           [           ActAddrWidth-1:0] wr_act_addr_o,
  output logic           [        Inputs*ActWidth-1:0] wr_act_data_o,
  input  logic           [                       15:0] act_reads_i,
  input  logic           [                       15:0] act_writes_i,
  // lanes of the array
  input  logic           [                   Rows-1:0] lane_valid_i,
  input  logic           [                   Rows-1:0] lane_waits_i,
  input  logic           [                   Rows-1:0] lane_switch_i,
  input  logic           [         Rows*LaneWidth-1:0] lanes_i,
  // the pixel that is in lane 0
  input  logic                                         px_valid_i,
  input  logic                                         px_first_i,
  input  logic                                         px_init_i,
  input  logic                                         px_last_i,
  input  logic           [           AccAddrWidth-1:0] px_addr_i,
  // weights of the tiles
  input  logic           [                   Rows-1:0] wgt_row_i,
  input  logic           [          NumFeeds*Cols-1:0] wgt_col_i,
  input  logic           [NumFeeds*Cols*KeptWidth-1:0] wgt_i,
  input  logic                                         feed_err_i,
  input  logic           [                        7:0] feed_code_i,
  input  logic           [                       31:0] feed_pos_i,
  // events: something moved; words of the weight buffer and of tables
  input  logic                                         progress_i,
  input  logic           [                       15:0] wgt_reads_i,
  input  logic                                         wgt_write_i,
  input  logic           [                       15:0] idx_reads_i,
  input  logic                                         idx_write_i
);

  `LAC_PARAM_RULE(lac_array_back, NumFeeds, 1, 32, Rows % NumFeeds == 0, "a divisor of Rows")
  `LAC_PARAM_RULE(lac_array_back, Rows, 4, 32, Rows == 4 || Rows == 8 || Rows == 16 || Rows == 32,
                  "4, 8, 16 or 32")
  `LAC_PARAM_RULE(lac_array_back, Cols, 4, 32, Cols == 4 || Cols == 8 || Cols == 16 || Cols == 32,
                  "4, 8, 16 or 32")
  `LAC_PARAM(lac_array_back, DataWidth, 64, 64)
  `LAC_PARAM_RULE(lac_array_back, ActWidth, 8, 16, ActWidth == 8 || ActWidth == 16, "8 or 16")
  `LAC_PARAM_RULE(lac_array_back, WgtWidth, 8, 16, WgtWidth == 8 || WgtWidth == 16, "8 or 16")
  `LAC_PARAM(lac_array_back, AccWidth, ActWidth + 1, 48)
  `LAC_PARAM(lac_array_back, ActDepth, 1, 16777216)
  `LAC_PARAM(lac_array_back, WgtDepth, 1, 16777216)
  `LAC_PARAM(lac_array_back, AccDepth, 1, 16777216)
  `LAC_PARAM(lac_array_back, BiasDepth, 1, 16777216)
  `LAC_PARAM_RULE(lac_array_back, BiasWidth, 2, 32, BiasWidth <= AccWidth, "at most AccWidth")
  `LAC_PARAM_RULE(lac_array_back, GroupM, 1, 4, GroupM == 1 || GroupM == 2 || GroupM == 4,
                  "1, 2 or 4")
  `LAC_PARAM_RULE(lac_array_back, GroupN, 1, 2, GroupN == 1 || GroupM == 4,
                  "1, or 2 of a GroupM of 4")

  localparam int PsumWidth = ActWidth + WgtWidth + $clog2(Rows);
  localparam int ShiftWidth = $clog2(AccWidth);
  localparam int CountWidth = $clog2(Rows * Cols + 1);

  // fields -----------------------------------------------------------------------------------
  lac_array_cap_t cap;
  logic [31:0] act_base, bias_base, shift;  // checked: their low bits say it all

  assign cap.rsvd       = {Cap7, Cap6, 8'd0};
  assign cap.acc_width  = 8'(AccWidth);
  assign cap.wgt_width  = 8'(WgtWidth);
  assign cap.act_width  = 8'(ActWidth);
  assign cap.bias_depth = 32'(BiasDepth);
  assign cap.acc_depth  = 32'(AccDepth);
  assign cap.wgt_depth  = 32'(WgtDepth);
  assign cap.act_depth  = 32'(ActDepth);
  assign cap.cols       = 16'(Cols);
  assign cap.rows       = 16'(Rows);
  assign cap_o          = cap;

  assign act_base       = cfg_i.act_base;
  assign bias_base      = cfg_i.bias_base;
  assign shift          = cfg_i.shift;

  // Activations are counted here; phases are the socket's.
  logic unused_pass;
  assign unused_pass = ^{act_i.left, act_i.bad, pass_i, act_base, bias_base, shift};

  // control ----------------------------------------------------------------------------------
  logic [SizeWidth-1:0] in_pixels, in_words, sums, row_step, top;
  logic        sum_err;
  logic [31:0] sum_pos;

  // Of both in one cycle the sums count.
  assign core_o.err      = sum_err | feed_err_i;
  assign core_o.err_code = sum_err ? 8'(ERR_ACC_OVERFLOW) : feed_code_i;
  assign core_o.err_pos  = sum_err ? sum_pos : feed_pos_i;

  lac_array_geom #(
    .Rows(Rows),
    .AccWidth(AccWidth),
    .ActDepth(ActDepth),
    .WgtDepth(WgtDepth),
    .AccDepth(AccDepth),
    .BiasDepth(BiasDepth),
    .Compressed(Compressed)
  ) u_geom (
    .clk_i      (clk_i),
    .rst_ni     (rst_ni),
    .start_i    (pass_i.check),
    .cfg_i      (cfg_i),
    .done_o     (core_o.check_done),
    .bad_o      (core_o.check_bad),
    .bad_idx_o  (core_o.check_idx),
    .in_pixels_o(in_pixels),
    .in_words_o (in_words),
    .sums_o     (sums),
    .tiles_o    (tiles_o),
    .row_step_o (row_step),
    .top_o      (top)
  );

  assign core_o.act_count = 32'(in_words);
  assign core_o.act_err   = 1'b0;
  assign core_o.act_code  = 8'd0;
  assign core_o.wgt_err   = wgt_err_i;
  assign core_o.wgt_code  = wgt_code_i;

  // activations ------------------------------------------------------------------------------
  lac_array_act_load #(
    .Rows(Inputs),
    .DataWidth(DataWidth),
    .ActWidth(ActWidth),
    .AddrWidth(ActAddrWidth)
  ) u_act_load (
    .clk_i      (clk_i),
    .rst_ni     (rst_ni),
    .start_i    (pass_i.load_act),
    .act_base_i (act_base[ActAddrWidth-1:0]),
    .pay_valid_i(act_i.valid),
    .pay_data_i (act_i.data),
    .wr_en_o    (wr_act_o),
    .wr_addr_o  (wr_act_addr_o),
    .wr_data_o  (wr_act_data_o)
  );

  assign act_ready_o = 1'b1;

  // Addresses of activations wrap.
  logic unused_addr;
  assign unused_addr = ^{in_pixels, row_step, top};
  assign in_pixels_o = ActAddrWidth'(in_pixels);
  assign row_step_o  = ActAddrWidth'(row_step);
  assign top_o       = ActAddrWidth'(top);

  // array, sums, results ---------------------------------------------------------------------
  logic [Cols*PsumWidth-1:0] psums;
  logic [ Cols*AccWidth-1:0] accs;
  logic out_rd_en, ev_sum, ev_read;
  logic [AccAddrWidth-1:0] out_rd_addr;
  logic [CountWidth-1:0] num_filled, num_useful, num_waiting;

  lac_array_mesh #(
    .Rows(Rows),
    .Cols(Cols),
    .ActWidth(ActWidth),
    .WgtWidth(WgtWidth),
    .NumFeeds(NumFeeds),
    .GroupM(GroupM)
  ) u_array (
    .clk_i    (clk_i),
    .wgt_row_i(wgt_row_i),
    .wgt_col_i(wgt_col_i),
    .wgt_i    (wgt_i),
    .switch_i (lane_switch_i),
    .act_i    (lanes_i),
    .psum_o   (psums)
  );

  lac_array_sums #(
    .Rows(Rows),
    .Cols(Cols),
    .PsumWidth(PsumWidth),
    .AccWidth(AccWidth),
    .AccDepth(AccDepth),
    .BiasDepth(BiasDepth),
    .BiasWidth(BiasWidth)
  ) u_sums (
    .clk_i         (clk_i),
    .rst_ni        (rst_ni),
    .mem_cfg_i     (mem_cfg_i),
    .clr_i         (pass_i.clr),
    .start_i       (pass_i.compute),
    .use_bias_i    (cfg_i.mode.bias),
    .bias_base_i   (bias_base[BiasAddrWidth-1:0]),
    .bias_wr_en_i  (bias_wr_en_i),
    .bias_wr_addr_i(bias_wr_addr_i),
    .bias_wr_data_i(bias_wr_data_i),
    .valid_i       (px_valid_i),
    .first_i       (px_first_i),
    .init_i        (px_init_i),
    .last_i        (px_last_i),
    .addr_i        (px_addr_i),
    .psum_i        (psums),
    .out_rd_en_i   (out_rd_en),
    .out_rd_addr_i (out_rd_addr),
    .acc_o         (accs),
    .done_o        (core_o.done),
    .ev_sum_o      (ev_sum),
    .ev_read_o     (ev_read),
    .err_o         (sum_err),
    .err_pos_o     (sum_pos)
  );

  lac_array_out #(
    .Cols(Cols),
    .DataWidth(DataWidth),
    .ActWidth(ActWidth),
    .AccWidth(AccWidth),
    .AddrWidth(AccAddrWidth),
    .SizeWidth(SizeWidth)
  ) u_out (
    .clk_i         (clk_i),
    .rst_ni        (rst_ni),
    .clr_i         (pass_i.clr),
    .start_i       (pass_i.emit),
    .count_i       (sums),
    .shift_i       (shift[ShiftWidth-1:0]),
    .relu_i        (cfg_i.mode.relu),
    .rd_en_o       (out_rd_en),
    .rd_addr_o     (out_rd_addr),
    .acc_i         (accs),
    .result_valid_o(result_o.valid),
    .result_ready_i(result_ready_i),
    .result_data_o (result_o.data),
    .result_last_o (result_o.last)
  );

  lac_array_slots #(
    .Rows(Rows),
    .Cols(Cols),
    .ActWidth(ActWidth),
    .WgtWidth(WgtWidth),
    .NumFeeds(NumFeeds),
    .GroupM(GroupM)
  ) u_slots (
    .clk_i    (clk_i),
    .wgt_row_i(wgt_row_i),
    .wgt_col_i(wgt_col_i),
    .wgt_i    (wgt_i),
    .valid_i  (lane_valid_i),
    .waits_i  (lane_waits_i),
    .switch_i (lane_switch_i),
    .act_i    (lanes_i),
    .filled_o (num_filled),
    .useful_o (num_useful),
    .waiting_o(num_waiting)
  );

  // events -----------------------------------------------------------------------------------
  // What moves that the streams do not show.
  assign core_o.progress           = progress_i | px_valid_i | ev_sum | out_rd_en;

  assign events_o.mac_useful       = 16'(num_useful);
  assign events_o.slot_padding     = 16'(num_filled - num_useful);
  assign events_o.slot_empty       = '0;
  assign events_o.stall_sync       = 16'(num_waiting);
  assign events_o.stall_bank       = '0;
  assign events_o.stall_queue_full = '0;
  assign events_o.wgt_reads        = wgt_reads_i;
  assign events_o.wgt_writes       = 16'(wgt_write_i);
  assign events_o.idx_reads        = idx_reads_i;
  assign events_o.idx_writes       = 16'(idx_write_i);
  assign events_o.act_reads        = act_reads_i;
  assign events_o.act_writes       = act_writes_i;
  assign events_o.psum_reads       = out_rd_en | ev_read ? 16'(Cols) : '0;
  assign events_o.psum_writes      = ev_sum ? 16'(Cols) : '0;
  assign events_o.broadcasts       = '0;
  assign events_o.bypass_hits      = '0;
  assign events_o.own              = '0;

  `LAC_STREAM_CLR(result_o.valid, result_ready_i, {result_o.data, result_o.last}, pass_i.clr)
  `LAC_ASSERT(lane_0_is_pixel, lane_valid_i[0] == px_valid_i, "lane 0 without its pixel")
  `LAC_ASSERT(pixels_in_compute, !px_valid_i || pass_i.phase == 4'(PHASE_COMPUTE) || pass_i.clr,
              "pixels outside Compute")
  `LAC_ASSERT(results_in_output, !out_rd_en || pass_i.clr || pass_i.phase == 4'(PHASE_OUTPUT),
              "sums are read out before they are done")

endmodule
